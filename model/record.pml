/*
 * One class of records from a journal to the other side's: doc/protocol.md,
 * "Acknowledged, held, received"; src/core/stream_out.c and stream_in.c,
 * src/keeper/send.c, outbox.c and inbox.c.
 *
 * Two records, of two chunks and of one.  Frames are lost, repeated and reordered.  Each
 * of the four processes (sender's keeper and wire, receiver's wire and keeper)
 * may die at any step, and so may several at once; a wire that dies ends the
 * session, and what was under way in it opens nowhere any more.
 *
 * Left out: cutting chunks anew, other classes (scheduler.pml), credit, how the
 * receipt travels (it is a record, and comes as records come), refused records.
 *
 * verify record: each record is stored once, in order; HAVE and receipts speak of
 *	what is on disk; what the sender's people were told is accepted stays so;
 *	what the sender frees, the receiver holds
 * verify delivered -DLIVE: when troubles have ended, all that was accepted is
 *	stored, freed, and its receipts are here
 *
 * mutant BUG_ANSWER_FIRST record: "accepted" is said before the sync
 * mutant BUG_HAVE_MEMORY record: HAVE counts what is not synced
 * mutant BUG_HAVE_ARRIVED record: HAVE is said of what arrived at wire
 * mutant BUG_RECEIPT_FIRST record: the receipt is stored before its message
 * mutant BUG_NO_TRIM record: what is handed in again is stored again
 * mutant BUG_NO_ORDER record: a chunk is handed over as it comes
 * mutant BUG_KEEP_FRESH record: a lost wire's bytes are forgotten, but not how
 *	far they went
 * mutant BUG_ACK_FREES delivered: ACK frees what is not synced
 * mutant BUG_ACK_STAYS delivered: a new session takes ACKs of the one before
 * mutant BUG_FREE_HANDED delivered: wire frees what it handed over, not synced
 * mutant BUG_NO_RESEND delivered: what was sent once counts as sent
 * mutant BUG_ACK_UNHELD delivered: a chunk that found no room is acknowledged
 * mutant BUG_NO_ATTACH delivered: a new keeper is handed only what is new
 */
#define CHUNKS 3
#define RECORDS(c) ((c) / 2 + (c) / 3)	/* that end at or before chunk c */
/* Sets of chunks, or of HAVEs, are bits. */
#define BIT(c) (1 << (c))
#define HAS(set, c) (((set) >> (c)) & 1)
#define UP_TO(c) ((2 << (c)) - 1)
#define TROUBLES 2
#define ROOM 2	/* chunks that may be beyond HAVE */

byte troubles;
bool session;

/* The sender.  Chunks up to `journal` are on disk. */
byte journal, accepted, appended;
byte delivered;		/* records whose receipt is on disk here */
bool out_keeper = true, out_open;
byte out_base, out_held;
byte flying, acked;

/* The receiver: wire, keeper's memory, disk. */
byte kept;
byte handed;
bool in_keeper = true;
byte have_said;		/* as the keeper last told wire */
byte fresh, stored;
byte receipts;		/* on disk */

/* Under way in this session. */
byte net_chunk, net_ack, net_have;

inline end_session() {
	session = false;
	out_open = false;
	net_chunk = 0;
	net_ack = 0;
	net_have = 0;
}

/* Any of a set that is not empty. */
inline any(c, set) {
	if
	:: HAS(set, 0) -> c = 0
	:: HAS(set, 1) -> c = 1
	:: HAS(set, 2) -> c = 2
	:: HAS(set, 3) -> c = 3
	fi
}

/* ---- the sender */

active proctype out_keeper_runs()
{
	do
	/* People send; the record is synced; only then are they answered. */
	:: atomic { out_keeper && appended == journal && journal < CHUNKS ->
		appended = (journal == 0 -> 2 : 3);
#ifdef BUG_ANSWER_FIRST
		accepted = appended;
#endif
		printf("Sender: a record up to chunk %d\n", appended) }
	:: atomic { out_keeper && appended > journal ->
		journal = appended;
		accepted = journal;
		printf("Sender: synced and accepted\n") }
	:: atomic { out_keeper && out_open && out_held < journal &&
	    out_held < out_base + ROOM ->
		out_held++;
		printf("Sender: wire gets chunk %d\n", out_held) }
	/* Records of the other journal; see above. */
	:: atomic { out_keeper && session && delivered < receipts ->
		delivered++;
		printf("Sender: record %d is delivered\n", delivered) }
	od
}

/* Chunks that wire holds, and that are nowhere now. */
#define HELD (UP_TO(out_held) & ~UP_TO(out_base))
#define QUEUED (HELD & ~flying & ~acked)
#define LOST (HELD & flying & ~net_chunk & ~net_ack)

active proctype out_wire_sends()
{
	byte c;

	do
	:: atomic { session && out_open && QUEUED != 0 ->
		any(c, QUEUED);
			flying = flying | BIT(c);
			net_chunk = net_chunk | BIT(c);
			printf("Sender: chunk %d leaves\n", c);
		c = 0 }
	od
}

#ifndef BUG_NO_RESEND
active proctype out_wire_gives_up()
{
	byte c;

	do
	:: atomic { session && LOST != 0 ->
		any(c, LOST);
			flying = flying & ~BIT(c);
			printf("Sender: chunk %d counts as lost\n", c);
		c = 0 }
	od
}
#endif

active proctype out_wire_takes_ack()
{
	byte c;

	do
	:: atomic { session && net_ack != 0 ->
		any(c, net_ack);
		net_ack = net_ack & ~BIT(c);
		if
		:: HAS(flying, c) ->
			flying = flying & ~BIT(c);
			acked = acked | BIT(c);
#ifdef BUG_ACK_FREES
			if
			:: c == out_base + 1 -> out_base = c
			:: else
			fi;
#endif
			printf("Sender: chunk %d is acknowledged\n", c)
		:: else
		fi;
		c = 0 }
	od
}

active proctype out_wire_takes_have()
{
	byte h;

	do
	:: atomic { session && net_have != 0 ->
		any(h, net_have);
		if
		:: !out_open ->
			net_have = net_have & ~BIT(h);
			out_open = true;
			if
			:: h < out_base || h > out_held -> out_held = h
			:: else
			fi;
			out_base = h;
			printf("Sender: begins at HAVE %d\n", h)
		:: else ->
			net_have = net_have & ~BIT(h);
			if
			:: h > out_base ->
				out_base = h;
				out_held = (h > out_held -> h : out_held);
				printf("Sender: HAVE %d\n", h)
			:: else
			fi
		fi;
		flying = flying & ~UP_TO(out_base);
		acked = acked & ~UP_TO(out_base);
		h = 0 }
	od
}

/* ---- the receiver */

active proctype in_wire_takes()
{
	byte c;

	do
	:: atomic { session && net_chunk != 0 ->
		any(c, net_chunk);
		if
		:: true ->
			if
			:: c > handed -> kept = kept | BIT(c)
			:: else
			fi;
			net_ack = net_ack | BIT(c);
			net_chunk = net_chunk & ~BIT(c);
			printf("Receiver: chunk %d arrives\n", c)
		/* Repeated on its way: it comes once more. */
		:: troubles < TROUBLES ->
			troubles++;
			if
			:: c > handed -> kept = kept | BIT(c)
			:: else
			fi;
			net_ack = net_ack | BIT(c);
			printf("Receiver: chunk %d arrives, again to come\n",
			    c)
		:: c > handed && troubles < TROUBLES ->
			troubles++;
			net_chunk = net_chunk & ~BIT(c);
#ifdef BUG_ACK_UNHELD
			net_ack = net_ack | BIT(c);
#endif
			printf("Receiver: no room for chunk %d\n", c)
		fi;
		c = 0 }
	od
}

#ifdef BUG_NO_ORDER
#define NEXT (HAS(kept, handed + 1) -> handed + 1 : handed + 2)
#define HAS_NEXT (handed < CHUNKS && (HAS(kept, handed + 1) || \
    (handed + 2 <= CHUNKS && HAS(kept, handed + 2))))
#else
#define NEXT (handed + 1)
#define HAS_NEXT (handed < CHUNKS && HAS(kept, handed + 1))
#endif

inline keeper_takes(c) {
	if
#ifndef BUG_NO_TRIM
	:: c <= fresh -> printf("Receiver: chunk %d is known\n", c)
#endif
	:: else ->
		/* The keeper takes what comes next, and no other. */
		assert(c == fresh + 1);
		fresh = c;
#ifdef BUG_RECEIPT_FIRST
		receipts = RECORDS(c);
#endif
		printf("Receiver: keeper gets chunk %d\n", c)
	fi
}

active proctype in_wire_hands_over()
{
	byte c;

	do
	:: atomic { in_keeper && HAS_NEXT ->
		c = NEXT;
		handed = c;
#ifdef BUG_FREE_HANDED
		kept = kept & ~BIT(c);
#endif
		keeper_takes(c);
		c = 0 }
	od
}

active proctype in_keeper_syncs()
{
	do
	/* One transaction: the record, its receipt. */
	:: atomic { in_keeper && fresh > stored ->
		stored = fresh;
		receipts = RECORDS(stored);
		printf("Receiver: synced up to chunk %d\n", stored) }
	:: atomic { in_keeper &&
#ifdef BUG_HAVE_MEMORY
	    have_said != fresh ->
		have_said = fresh;
#else
	    have_said != stored ->
		have_said = stored;
#endif
		kept = kept & ~UP_TO(have_said);
		net_have = (session -> net_have | BIT(have_said) :
		    net_have);
		printf("Receiver: HAVE %d is said\n", have_said) }
	od
}

active proctype in_wire_says_have()
{
	do
	:: atomic { session && !HAS(net_have, have_said) &&
	    (!out_open || out_base < have_said) ->
#ifdef BUG_HAVE_ARRIVED
		net_have = net_have | (HAS(kept, have_said + 1) ->
		    BIT(have_said + 1) : BIT(have_said));
#else
		net_have = net_have | BIT(have_said);
#endif
		printf("Receiver: HAVE %d is said again\n", have_said) }
	od
}

/* ---- a boot, and troubles */

active proctype boots()
{
	do
	:: atomic { !session && out_keeper && in_keeper ->
		session = true;
		flying = 0;
#ifndef BUG_ACK_STAYS
		acked = 0;
#endif
		/* What was not handed over comes again, perhaps cut anew. */
		kept = kept & UP_TO(handed);
		printf("A session begins\n") }
	od
}

active proctype keepers_come_back()
{
	do
	:: atomic { !out_keeper -> out_keeper = true;
		printf("Sender: keeper is back\n") }
	:: atomic { !in_keeper ->
		in_keeper = true;
#ifndef BUG_NO_ATTACH
		handed = stored;
#endif
		have_said = stored;
		printf("Receiver: keeper is back, at chunk %d\n", stored) }
	od
}

active proctype trouble()
{
	byte c;

	do
	:: troubles < TROUBLES ->
		atomic {
			troubles++;
			if
			:: session ->
				select(c : 1 .. CHUNKS);
				net_chunk = net_chunk & ~BIT(c);
				c = 0;
				printf("A chunk is lost\n")
			:: session ->
				net_ack = 0;
				printf("Acknowledgements are lost\n")
			:: out_keeper ->
				out_keeper = false;
				appended = journal;
				printf("Sender: keeper dies\n")
			:: true ->
				out_base = 0; out_held = 0;
				flying = 0;
				acked = 0;
				end_session();
				printf("Sender: wire dies\n")
			:: in_keeper ->
				in_keeper = false;
				fresh = stored;
				printf("Receiver: keeper dies\n")
			:: in_keeper && handed > stored ->
				/* Wire hands in again at once what it kept. */
				handed = stored;
				do
				:: HAS_NEXT ->
					handed = NEXT;
					keeper_takes(handed)
				:: else -> break
				od;
				printf("Receiver: keeper attaches again\n")
			:: true ->
				kept = 0;
				end_session();
#ifdef BUG_KEEP_FRESH
				handed = fresh;
#else
				handed = stored;
#endif
				fresh = stored;
				have_said = stored;
				printf("Receiver: wire dies\n")
			fi
		}
	:: troubles < TROUBLES -> troubles = TROUBLES
	:: else -> break
	od
}

active proctype watch()
{
end:
	atomic {
		accepted > journal ||		/* said, and not on disk */
		    out_base > stored ||	/* freed, and not held */
		    delivered > RECORDS(stored) ->	/* a receipt for nothing */
		printf("accepted %d of %d, freed %d and delivered %d of %d\n",
		    accepted, journal, out_base, delivered, stored);
		assert(false)
	}
}

#ifdef LIVE
ltl delivered_all { <> [] (stored == CHUNKS && out_base == CHUNKS &&
    delivered == RECORDS(CHUNKS)) }
#endif
