/*
 * Rekeying a living session, make before break: doc/protocol.md, "Rekey", R1 to
 * R7; src/core/rekey.c, exchange.c and session.c, and what keeper/continuity.c
 * does with the exporter that the next rekey is built upon.
 *
 * A key is known by a number: 2 a, made of attempt a; 2 a + 1 would be another
 * made of the same attempt.  Each message and each frame that was ever sent may
 * arrive any number of times, in any order, or never.  A's keeper may die at any
 * step and come back.
 *
 * Left out: R8 (it ends what is modelled here), how messages are cut into parts,
 * time (an attempt may be given up, and a key dropped, whenever a rule lets it),
 * B's keeper (it answers a question that is put again as it did before).
 *
 * verify rekey: each side reads what the other sends; epochs at most one apart;
 *	one key for an attempt; a rekey begins upon an exporter that both hold
 *
 * mutant BUG_LATE rekey: A keeps an attempt it gave up, and takes its message 2 (R2)
 * mutant BUG_OLD_1 rekey: B answers an attempt below the pending one (R3)
 * mutant BUG_AGAIN rekey: B computes an attempt again that it has answered (R3)
 * mutant BUG_PREV rekey: A forgets the key before when it takes message 2 (R4)
 * mutant BUG_EAGER rekey: B sends under the new key from message 2 on (R5)
 * mutant BUG_ORDER rekey: B sets previous after current, to the same key (R5)
 * mutant BUG_EARLY_DROP rekey: A drops previous before B's first frame (R6)
 * mutant BUG_NO_WAIT rekey: A begins again before B's first frame (R7)
 * mutant BUG_EXPORTER rekey: A's exporter moves when message 2 is taken
 * mutant BUG_TOLD_ONCE rekey: the proof is not told to a keeper that came back
 */
#define ATTEMPTS 4
#define KEYS (2 * ATTEMPTS + 2)

mtype = { IDLE, MAKING, OFFERING, FINISHING, ANSWERING, ANSWERED, CONFIRMING };

/* A's wire.  Key 1 is the session's that the boot made; 0 is none. */
byte a_cur = 1, a_prev, a_attempt;
mtype a_phase = IDLE;
bool a_unproved;
byte a_epoch;

/* A's keeper: on disk, in memory, and what is under way between it and wire. */
byte a_exporter = 1, a_exporter_next, a_done;
byte a_asked;
bool keeper_up = true;
bool proved_due;	/* to be told, once a keeper is there */
byte proved_told;	/* PROVED on its way, of this key */
bool finish_told;	/* FINISH_2 on its way */
byte keys_back;		/* KEYS on its way back */
byte a_taken;		/* the message 2 in hand */

/* B's wire, and its exporter on disk. */
byte b_cur = 1, b_prev, b_next, b_attempt;
mtype b_phase = IDLE;
byte b_epoch;
byte b_exporter = 1;
byte b_pending;		/* the key whose frames B waits for */
bool b_twice;

/* Everything ever sent. */
bool message_1[ATTEMPTS + 1];
byte exporter_of[ATTEMPTS + 1];
bool message_2[KEYS];
bool from_a[KEYS], from_b[KEYS];

#define ATTEMPT_OF(key) ((key) / 2)

inline a_start() {
	a_attempt++;
	a_phase = MAKING;
	printf("A begins attempt %d\n", a_attempt)
}

#ifdef BUG_NO_WAIT
#define A_MAY_BEGIN true
#else
#define A_MAY_BEGIN (!a_unproved)
#endif

#ifdef BUG_LATE
#define A_WANTS(key) (ATTEMPT_OF(key) <= a_attempt && (key) > a_cur + 1)
#define KEEPER_KNOWS(key) (a_asked != 0)
#else
#define A_WANTS(key) (ATTEMPT_OF(key) == a_attempt)
#define KEEPER_KNOWS(key) (a_asked == ATTEMPT_OF(key))
#endif

active proctype a_wire()
{
	byte k;

	do
	:: atomic { from_a[a_cur] == false ->
		from_a[a_cur] = true;
		printf("A sends under key %d\n", a_cur) }
	/* R1, R7: begin, or give up what was not answered. */
	:: atomic { (a_phase == IDLE || a_phase == OFFERING) && A_MAY_BEGIN &&
	    a_attempt < ATTEMPTS ->
		a_start() }
	/* R2 */
	:: atomic { a_phase == OFFERING ->
		select(k : 2 .. KEYS - 1);
		if
		:: message_2[k] && A_WANTS(k) ->
			a_taken = k;
			a_phase = FINISHING;
			finish_told = keeper_up;
			printf("A takes message 2 that makes key %d\n", k)
		:: else
		fi;
		k = 0 }
	/* R4 */
	:: atomic { keys_back != 0 ->
		if
		:: a_phase == FINISHING ->
#ifdef BUG_PREV
			a_prev = 0;
#else
			a_prev = a_cur;
#endif
			a_cur = keys_back;
			a_phase = IDLE;
			a_unproved = true;
			a_epoch++;
			printf("A goes over to key %d\n", a_cur)
		:: else
		fi;
		keys_back = 0 }
	/* R6 */
	:: atomic { from_b[a_cur] && a_unproved ->
		a_unproved = false;
		a_prev = 0;
		proved_due = true;
		printf("A hears B under key %d\n", a_cur) }
#ifdef BUG_EARLY_DROP
	:: atomic { a_prev != 0 -> a_prev = 0; printf("A drops previous\n") }
#endif
	od
}

/* What wire tells comes in order: a proof before the next question. */
#define PROOF_FIRST (proved_due || proved_told != 0)

active proctype a_keeper()
{
	do
	:: atomic { keeper_up && proved_due ->
		proved_due = false;
		proved_told = a_cur }
	:: atomic { keeper_up && proved_told != 0 ->
		if
		:: a_done == proved_told -> a_exporter = a_exporter_next
		:: else
		fi;
		proved_told = 0;
		printf("A's keeper notes the proof\n") }
	:: atomic { keeper_up && !PROOF_FIRST && a_phase == MAKING ->
		assert(a_exporter == b_exporter || a_unproved);
		a_asked = a_attempt;
		exporter_of[a_attempt] = a_exporter;
		message_1[a_attempt] = true;
		a_phase = OFFERING;
		printf("A's keeper makes message 1 of attempt %d\n", a_attempt) }
	:: atomic { keeper_up && !PROOF_FIRST && finish_told ->
		finish_told = false;
		if
		:: KEEPER_KNOWS(a_taken) ->
			a_asked = 0;
			a_exporter_next = a_taken;
#ifdef BUG_EXPORTER
			a_exporter = a_taken;
#endif
			a_done = a_taken;
			keys_back = a_taken;
			printf("A's keeper syncs key %d\n", a_taken)
		:: else ->
			a_phase = IDLE;
			printf("A's keeper has forgotten: failed\n")
		fi }
	/* It dies with what was told it; what it said may have arrived. */
	:: atomic { keeper_up ->
		keeper_up = false;
		a_asked = 0;
		proved_told = 0;
		finish_told = false;
		keys_back = 0;
		printf("A's keeper dies\n") }
	:: atomic { !keeper_up ->
		keeper_up = true;
#ifndef BUG_TOLD_ONCE
		if
		:: !a_unproved && a_phase != FINISHING -> proved_due = true
		:: else
		fi;
#endif
		finish_told = (a_phase == FINISHING);
		printf("A's keeper is back\n") }
	od
}

#ifdef BUG_OLD_1
#define B_WANTS(k) ((k) != b_attempt)
#else
#define B_WANTS(k) ((k) > b_attempt)
#endif
#define B_OPENS_NEXT (b_phase == ANSWERED || b_phase == CONFIRMING)

active proctype b()
{
	byte k;

	do
	:: atomic { from_b[b_cur] == false ->
		from_b[b_cur] = true;
		printf("B sends under key %d\n", b_cur) }
	/* R3 */
	:: atomic { b_phase != CONFIRMING ->
		select(k : 1 .. ATTEMPTS);
		if
		:: message_1[k] && B_WANTS(k) ->
			b_attempt = k;
			b_phase = ANSWERING;
			printf("B takes message 1 of attempt %d\n", k)
#ifdef BUG_AGAIN
		:: message_1[k] && k == b_attempt && b_phase == ANSWERED &&
		    !b_twice ->
			b_twice = true;
			b_next = 2 * k + 1;
			message_2[b_next] = true;
			printf("B answers attempt %d again, with another key\n", k)
#endif
		:: else
		fi;
		k = 0 }
	:: atomic { b_phase == ANSWERING ->
		if
		:: exporter_of[b_attempt] == b_exporter ->
			b_next = 2 * b_attempt;
			message_2[b_next] = true;
			b_phase = ANSWERED;
#ifdef BUG_EAGER
			b_prev = b_cur;
			b_cur = b_next;
#endif
			printf("B answers with message 2, key %d\n", b_next)
		:: else ->
			b_phase = IDLE;
			printf("B cannot read message 1\n")
		fi }
	/* R5: a frame opens under the new key. */
	:: atomic { b_next != 0 && from_a[b_next] && B_OPENS_NEXT &&
	    b_phase != CONFIRMING ->
		b_phase = CONFIRMING;
		b_pending = b_next;
		printf("B opens a frame under key %d\n", b_next) }
	:: atomic { b_phase == CONFIRMING && b_exporter != b_pending ->
		b_exporter = b_pending;
		printf("B's keeper syncs key %d\n", b_pending) }
	:: atomic { b_phase == CONFIRMING && b_exporter == b_pending ->
#ifdef BUG_ORDER
		b_cur = b_next;
		b_prev = b_cur;
#else
		b_prev = b_cur;
		b_cur = b_next;
#endif
		b_next = 0;
		b_phase = IDLE;
		b_epoch++;
		printf("B goes over to key %d\n", b_cur) }
	/* R6: after a while, in which all that A sent under it has arrived. */
	:: atomic { b_prev != 0 && a_cur == b_cur -> b_prev = 0;
		from_a[b_prev] = false;
		printf("B drops previous\n") }
	od
}

#define A_IS_READ (a_cur == b_cur || a_cur == b_prev || \
    (a_cur == b_next && B_OPENS_NEXT))
#define B_IS_READ (b_cur == a_cur || b_cur == a_prev)
/* What is still under way of A's opens, if B has not been over for long. */
#define IN_FLIGHT_IS_READ (!(b_epoch > 0 && b_prev == b_cur && b_prev != 0))

active proctype watch()
{
end:
	atomic {
		!A_IS_READ || !B_IS_READ || !IN_FLIGHT_IS_READ ||
		    b_epoch > a_epoch || a_epoch > b_epoch + 1 ->
		printf("A sends under %d, B reads %d %d %d; ", a_cur, b_cur,
		    b_next, b_prev);
		printf("B sends under %d, A reads %d %d\n", b_cur, a_cur,
		    a_prev);
		assert(false)
	}
}
