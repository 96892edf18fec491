/*
 * What goes into a frame: doc/protocol.md, "Session frames"; fill_session,
 * put_ack, put_part and put_ctrls of src/core/line.c, ack_is_due of ack.c,
 * stream_out_fill of stream_out.c.
 *
 * Sizes are those of the smallest frame, in units of 8 bytes, rounded against us:
 * 26 of records; ACK 6, a part of a rekey 19, HAVE from 3 to 15, STATUS 3; a
 * chunk takes any rest of 11 or more.  A frame arrives or not between two that
 * leave; HAVE, STATUS, the next part and chunks fall due whenever they like.
 *
 * Left out: time, credit, resending (in order within its class), GOODBYE.
 *
 * verify fill: an ACK that is due is in the next frame; a part of a rekey waits
 *	one frame at most, control two; no chunk passes one of a higher class
 * verify lower -DLIVE -DCALM: a lower class goes on when the higher ones are idle
 *
 * mutant BUG_ACK_LAST fill: ACK comes after the rest
 * mutant BUG_PART_FIRST fill: rekey is always before control
 * mutant BUG_CTRL_FIRST fill: control is always before rekey
 * mutant BUG_LESS fill: whichever has waited less is first
 * mutant BUG_DATA_FIRST fill: chunks are before rekey and control
 * mutant BUG_CLASS_ORDER fill: classes from the lowest
 * mutant BUG_ACK_THIRD fill: ACK is due at every third frame
 * mutant BUG_ROUND_ROBIN fill: a class that has sent waits for the others
 * mutant BUG_STARVE lower: a higher class keeps its turn while it is idle
 */
#define FRAME 26
#define ACK 6
#define PART 19
#define STATUS 3
#define CHUNK_MIN 11
#define CLASSES 3

byte unsaid;		/* frames that arrived since the last ACK */
byte have_size;		/* HAVE is due, and so long; 0: not due */
bool status_due, part_due;
byte part_waits, ctrl_waits;	/* as the code counts */
byte part_age, ctrl_age;	/* frames filled while it was due */
bool queued[CLASSES];	/* a class has a chunk to send */
byte room;
byte last_class;
bool lower_left;	/* the lowest class sent one in the last frame */

#ifdef BUG_ACK_THIRD
#define ACK_IS_DUE (unsaid >= 3)
#else
#define ACK_IS_DUE (unsaid >= 2)
#endif

inline put_ack() {
	if
	:: ACK_IS_DUE && room >= ACK ->
		room = room - ACK;
		unsaid = 0;
		printf("  ACK\n")
	:: else
	fi
}

inline put_part() {
	if
	:: part_due && room >= PART ->
		room = room - PART;
		part_due = false;
		part_waits = 0;
		part_age = 0;
		printf("  a part of a rekey\n")
	:: part_due && room < PART -> part_waits++
	:: else
	fi
}

inline put_ctrls() {
	all = true;
	if
	:: have_size != 0 && room >= have_size ->
		room = room - have_size;
		have_size = 0;
		printf("  HAVE\n")
	:: have_size != 0 && room < have_size -> all = false
	:: else
	fi;
	if
	:: status_due && room >= STATUS ->
		room = room - STATUS;
		status_due = false;
		printf("  STATUS\n")
	:: status_due && room < STATUS -> all = false
	:: else
	fi;
	ctrl_waits = (all -> 0 : ctrl_waits + 1);
	ctrl_age = (all -> 0 : ctrl_age)
}

/* A chunk of class k, cut to the room. */
inline put_chunk(k) {
	if
	:: queued[k] && room >= CHUNK_MIN ->
		assert(!no_room && (k == 0 || !queued[0]) &&
		    (k != 2 || !queued[1]));
		if
		:: room = 0
		:: room = room - CHUNK_MIN; queued[k] = false
		fi;
		lower_left = (k == 2);
		printf("  a chunk of class %d\n", k)
	:: queued[k] && room < CHUNK_MIN -> no_room = true
	:: else
	fi
}

inline put_chunks() {
	no_room = false;
#ifdef BUG_CLASS_ORDER
	put_chunk(2);
	put_chunk(1);
	put_chunk(0)
#elif defined(BUG_ROUND_ROBIN)
	if
	:: last_class == 0 -> put_chunk(1); put_chunk(2); put_chunk(0);
		last_class = 1
	:: else -> put_chunk(0); put_chunk(1); put_chunk(2); last_class = 0
	fi
#elif defined(BUG_STARVE)
	put_chunk(0);
	if
	:: last_class == 0 && !queued[0] -> no_room = true
	:: else -> put_chunk(1); put_chunk(2); last_class = 0
	fi
#else
	put_chunk(0);
	put_chunk(1);
	put_chunk(2)
#endif
}

/* What happens between two slots. */
inline meanwhile() {
	if
	:: unsaid < 3 -> unsaid++; printf("A frame arrives\n")
	:: true
	fi;
#ifndef CALM
	if
	:: have_size == 0 -> have_size = 15
	:: have_size == 0 -> have_size = 3
	:: true
	fi;
	if
	:: status_due = true
	:: true
	fi;
	if
	:: part_due = true
	:: true
	fi;
	if
	:: queued[0] = true
	:: true
	fi;
	if
	:: queued[1] = true
	:: true
	fi;
#endif
	queued[2] = true
}

active proctype line()
{
	bool all, no_room, was_due;

	do
	:: atomic {
		meanwhile();
		printf("A frame leaves:\n");
		room = FRAME;
		was_due = (unsaid >= 2);
		lower_left = false;
		part_age = (part_due -> part_age + 1 : 0);
		ctrl_age = (have_size != 0 || status_due -> ctrl_age + 1 : 0);
#ifndef BUG_ACK_LAST
		put_ack();
#endif
#ifdef BUG_DATA_FIRST
		put_chunks();
#endif
#if defined(BUG_PART_FIRST)
		if
		:: true -> put_part(); put_ctrls()
		fi;
#elif defined(BUG_CTRL_FIRST)
		if
		:: true -> put_ctrls(); put_part()
		fi;
#elif defined(BUG_LESS)
		if
		:: part_waits < ctrl_waits -> put_part(); put_ctrls()
		:: else -> put_ctrls(); put_part()
		fi;
#else
		if
		:: part_waits >= ctrl_waits -> put_part(); put_ctrls()
		:: else -> put_ctrls(); put_part()
		fi;
#endif
#ifndef BUG_DATA_FIRST
		put_chunks();
#endif
#ifdef BUG_ACK_LAST
		put_ack();
#endif
		assert(!(was_due && unsaid >= 2));
		assert(part_age <= 1);
		assert(ctrl_age <= 2);
		room = 0; all = false; no_room = false; was_due = false }
	od
}

#ifdef LIVE
ltl lower { [] <> lower_left }
#endif
