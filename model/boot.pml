/*
 * Meeting the peer: boot frames, their ids, and who stands beside a session:
 * doc/protocol.md, "Boot frames"; src/core/boot.c, and of line.c who enters boot.
 *
 * Whoever listens may lose any frame and replay any boot frame that was ever
 * sent, to its receiver, any number of times; a late frame is a replay too.  Both
 * posts may restart.  An id is a number; a fresh one is one that no recording
 * shows and the peer does not have in mind.  A session is known by the id that A
 * had when it was made: under one id A has one exchange.
 *
 * After `stopped` nothing is replayed or lost, nobody restarts, and standing
 * beside a session lasts until the peer has had time to answer.
 *
 * Left out: hints and secrets (continuity.pml), parts of messages, a higher
 * attempt under the same ids (it only repeats), where frames go.
 *
 * verify boot -DRECORDED=2 -DRESTARTS=2: a session that both sides
 *	hold is not lost to a replay; B computes for no handshake that is over
 * verify calm -DCALM: without replays, a boot for each restart and no more
 * verify met -DLIVE -DFAIR -DRECORDED=2 -DRESTARTS=2: when replays have
 *	stopped, both hold one session, and need not wait for silence to end the
 *	old one
 *
 * mutant BUG_NO_ECHO boot: a frame without bit 1 ends a session, echo or not
 * mutant BUG_BIT boot: frames with bit 1 count like those without
 * mutant BUG_SAME_ID boot -DRECORDED=3 -DRESTARTS=1: the id of the
 *	boot before is shown beside the session
 * mutant BUG_CARELESS boot: B answers message 1 whatever id it echoes
 * mutant BUG_HOLD met: the first id that is heard is echoed for good
 * mutant BUG_KEEP met: a rival leaves the handshake in hand where it is
 * mutant BUG_DEAF met: who has a session ignores boot frames
 */
#define IDS 7
#ifndef RECORDED
#define RECORDED 3	/* ids drawn while the listener still replays */
#endif
#ifndef RESTARTS
#define RESTARTS 1
#endif
#define A 0
#define B 1
#define PEER (1 - me)

mtype = { WHOLE, BESIDE, REST };
mtype = { IDLE, TALKING, SYNCING };

/* Of each side. */
mtype stance[2] = WHOLE;
byte id[2] = 1;
byte yours[2];		/* the id we echo */
bool has_echo[2];
byte heard[2], echoed[2];	/* drawn since our last frame */
mtype phase[2] = IDLE;
byte with[2];		/* whom the exchange is with */
byte session[2];	/* 0: none */
byte session_id[2];	/* the peer's id of that boot */
bool sent[IDS + 1];	/* A has sent under the session of this id */

/* Recordings: bit y of [AT(side, i)]: id i echoed id y. */
#ifndef CALM
byte plain[2 * RECORDED + 2], beside[2 * RECORDED + 2];
byte message[2 * RECORDED + 2];
#endif
bool stopped;
byte restarts, boots;
byte f_id, f_yours;	/* a frame between two hands */
bool f_beside, f_message;
byte f;

#ifdef CALM
#define CALMLY true
#else
#define CALMLY false
#endif
#define AT(side, i) ((side) * (RECORDED + 1) + (i))
#ifdef CALM
#define IS_SHOWN(side, i) (!stopped && i > RECORDED)
#else
#define IS_SHOWN(side, i) (!stopped && (i > RECORDED || plain[AT(side, i)] != 0 || \
    beside[AT(side, i)] != 0 || message[AT(side, i)] != 0))
#endif
#define IS_KNOWN(me, i) (i == id[me] || i == yours[PEER] || \
    i == heard[PEER] || i == echoed[PEER] || \
    i == with[PEER] || i == session_id[PEER] || \
    i == session[A] || i == session[B])
#define IS_FREE(me, i) (!IS_KNOWN(me, i) && !IS_SHOWN(me, i))
#define HAS_FREE(me) (IS_FREE(me, 1) || IS_FREE(me, 2) || IS_FREE(me, 3) || \
    IS_FREE(me, 4) || IS_FREE(me, 5) || IS_FREE(me, 6) || IS_FREE(me, 7))
#define IN_SESSION(me) (session[me] != 0 && stance[me] != WHOLE)
#define IS_LIVE (session[A] == session[B] && IN_SESSION(A) && IN_SESSION(B))

inline fresh_id(me) {
	assert(!stopped || HAS_FREE(me));
	f = 1;
	do
	:: f < IDS && !IS_FREE(me, f) -> f++
	:: else -> break
	od;
	id[me] = f;
	f = 0;
	if
	:: me == A -> sent[id[A]] = false
	:: else
	fi;
	has_echo[me] = false;
	yours[me] = 0;
	heard[me] = 0; echoed[me] = 0;
	with[me] = 0; phase[me] = IDLE
}

inline enter_boot(me) {
	session[me] = 0; session_id[me] = 0;
	stance[me] = WHOLE;
	fresh_id(me)
}

inline stand_beside(me) {
#ifdef BUG_SAME_ID
	heard[me] = 0; echoed[me] = 0; with[me] = 0; phase[me] = IDLE;
#else
	fresh_id(me);
#endif
	stance[me] = BESIDE
}

/* Uniformly among all since our last frame. */
inline draw_heard(me) {
	if
	:: heard[me] == 0 -> heard[me] = f_id
	:: heard[me] != 0 -> heard[me] = f_id
	:: heard[me] != 0
	fi
}

inline draw_echoed(me) {
	if
	:: echoed[me] == 0 -> echoed[me] = f_id
	:: echoed[me] != 0 -> echoed[me] = f_id
	:: echoed[me] != 0
	fi
}

#ifdef BUG_BIT
#define IS_IDLE_TALK(me) (stance[me] != WHOLE && f_id == session_id[me])
#else
#define IS_IDLE_TALK(me) (stance[me] != WHOLE && \
    (f_beside || f_id == session_id[me]))
#endif
#ifdef BUG_NO_ECHO
#define PROVES(me) true
#else
#define PROVES(me) (f_yours == id[me])
#endif

/* A frame arrives. */
inline take(me) {
	if
	:: IS_IDLE_TALK(me) -> skip
#ifdef BUG_DEAF
	:: stance[me] != WHOLE -> skip
#endif
	:: else ->
		if
		:: stance[me] == REST -> stand_beside(me)
		:: else
		fi;
		draw_heard(me);
		if
		:: PROVES(me) ->
			draw_echoed(me);
			if
			:: stance[me] == BESIDE ->
				printf("%d: the peer has restarted\n", me);
				assert(!IS_LIVE);
				stance[me] = WHOLE
			:: else
			fi;
			answer(me)
#ifdef BUG_CARELESS
		:: !PROVES(me) && me == B && f_message -> answer(me)
#endif
		:: else
		fi
	fi;
	f_id = 0; f_yours = 0; f_beside = false; f_message = false
}

/* It echoes our id. */
inline answer(me) {
	if
	:: phase[me] != IDLE && with[me] != f_id ->
		if
#ifndef BUG_KEEP
		:: phase[me] == TALKING ->
			fresh_id(me);
			heard[me] = f_id;
			printf("%d: a rival; now id %d\n", me, id[me])
#endif
		:: else
		fi
	:: else ->
		if
		:: me == A && phase[A] == IDLE ->
			phase[A] = TALKING;
			with[A] = f_id;
			printf("A: offers message 1 to id %d\n", f_id)
		:: me == A && phase[A] == TALKING && f_message ->
			phase[A] = SYNCING
		:: me == B && phase[B] == IDLE && f_message ->
			/* Not for a handshake that is over. */
			assert(!sent[f_id]);
			phase[B] = TALKING;
			with[B] = f_id;
			printf("B: answers id %d\n", f_id)
		:: else
		fi
	fi
}

/* What this side says now; and, without a frame, that it says it. */
inline say(me) {
	if
	:: echoed[me] != 0 -> yours[me] = echoed[me]; has_echo[me] = true
#ifdef BUG_HOLD
	:: echoed[me] == 0 && yours[me] == 0 && heard[me] != 0 ->
#else
	:: echoed[me] == 0 && !has_echo[me] && heard[me] != 0 ->
#endif
		yours[me] = heard[me]
	:: else
	fi;
	heard[me] = 0; echoed[me] = 0;
	f_id = id[me];
	f_yours = yours[me];
	f_beside = (stance[me] == BESIDE);
	f_message = (stance[me] == WHOLE && phase[me] != IDLE &&
	    !(me == A && phase[me] == SYNCING) && yours[me] == with[me]);
	printf("%d: id %d to %d, beside %d, message %d\n", me, f_id, f_yours,
	    f_beside, f_message);
#ifndef CALM
	if
	:: stopped
	:: !stopped && f_message ->
		message[AT(me, f_id)] = message[AT(me, f_id)] | (1 << f_yours)
	:: !stopped && !f_message && f_beside ->
		beside[AT(me, f_id)] = beside[AT(me, f_id)] | (1 << f_yours)
	:: else ->
		plain[AT(me, f_id)] = plain[AT(me, f_id)] | (1 << f_yours)
	fi
#endif
}

/* Only what changes nothing could not be drawn: the id must be there. */
#define MAY_TAKE(me) (stopped || HAS_FREE(me) || \
    (stance[me] == WHOLE && phase[me] == IDLE))
/* Once replays have stopped, a slot does not come before what needs no slot. */
#define HAS_TIME(me) (!stopped || (phase[me] != SYNCING && \
    !(me == A && IN_SESSION(A) && !sent[session[A]]) && \
    !(me == B && phase[B] == TALKING && sent[with[B]])))

proctype side(byte me)
{
	do
	/* A boot frame, in this slot, delivered or lost. */
	:: atomic { stance[me] != REST && MAY_TAKE(PEER) &&
	    HAS_TIME(me) ->
		say(me);
		if
		:: take(PEER)
		:: !stopped -> f_id = 0; f_yours = 0; f_beside = false;
			f_message = false
		fi }
	:: atomic { me == A && phase[A] == SYNCING ->
		session[A] = id[A];
		session_id[A] = with[A];
		boots++;
		assert(boots <= 1 + restarts || !CALMLY);
		boots = (CALMLY -> boots : 0);
		stance[A] = REST;
		phase[A] = IDLE;
		with[A] = 0;
		printf("A: has session %d\n", session[A]) }
	:: atomic { me == A && IN_SESSION(A) && !sent[session[A]] ->
		sent[session[A]] = true;
		printf("A: sends in session %d\n", session[A]) }
	:: atomic { me == B && phase[B] == TALKING && sent[with[B]] &&
	    stance[B] == WHOLE ->
		phase[B] = SYNCING;
		printf("B: opens a frame of session %d\n", with[B]) }
	:: atomic { me == B && phase[B] == SYNCING ->
		session[B] = with[B];
		session_id[B] = with[B];
		stance[B] = REST;
		phase[B] = IDLE;
		with[B] = 0;
		printf("B: has session %d\n", session[B]) }
	/* Nothing came of it. */
	:: atomic { stance[me] == BESIDE && (!stopped || IS_LIVE) ->
		stance[me] = REST;
		printf("%d: rests\n", me) }
	od
}

/* Nothing is heard in this session: beside it, and at last boot. */
proctype silence(byte me)
{
	do
	:: atomic { IN_SESSION(me) && session[PEER] != session[me] &&
	    (!CALMLY || stance[me] == REST) &&
	    (stopped || HAS_FREE(me)) && phase[PEER] != SYNCING &&
	    !(me == A && phase[B] == TALKING && with[B] == session[A]) ->
		if
		:: stance[me] == REST -> stand_beside(me)
#ifndef CALM
		:: !stopped -> enter_boot(me); printf("%d: boots after silence\n", me)
#endif
		fi }
	od
}

#ifndef CALM
active proctype listener()
{
	byte me, i, y;

	do
	:: atomic { !stopped && (MAY_TAKE(A) || MAY_TAKE(B)) ->
		if
		:: MAY_TAKE(A) -> me = A
		:: MAY_TAKE(B) -> me = B
		fi;
		select(i : 1 .. RECORDED);
		select(y : 0 .. RECORDED);
		if
		:: (plain[AT(PEER, i)] >> y) & 1
		:: (beside[AT(PEER, i)] >> y) & 1 -> f_beside = true
		:: (message[AT(PEER, i)] >> y) & 1 -> f_message = true
		:: else
		fi;
		if
		:: f_beside || f_message || (plain[AT(PEER, i)] >> y) & 1 ->
			f_id = i;
			f_yours = y;
			printf("to %d: replayed: id %d to %d, beside %d\n",
			    me, i, y, f_beside);
			take(me)
		:: else
		fi;
		me = 0; i = 0; y = 0 }
	:: atomic { !stopped ->
		stopped = true;
		i = 0;
		do
		:: i < 2 * RECORDED + 2 -> plain[i] = 0; beside[i] = 0;
			message[i] = 0; i++
		:: else -> break
		od;
		i = 0;
		printf("Replays stop\n") }
	:: stopped -> break
	od
}
#endif

active proctype restart()
{
	byte me;

	do
	:: atomic { !stopped && restarts < RESTARTS && HAS_FREE(A) &&
	    HAS_FREE(B) ->
		restarts++;
		select(me : A .. B);
		enter_boot(me);
		printf("%d: restarts\n", me);
		me = 0 }
	:: break
	od
}

init {
	atomic {
		run side(A); run side(B); run silence(A); run silence(B)
	}
}

#ifdef LIVE
ltl met { <> [] (stopped -> IS_LIVE) }
#endif
