/*
 * The secrets that carry a line over restarts: doc/protocol.md, "Continuity";
 * src/keeper/continuity.c, and of src/core/boot.c and line.c who judges whose
 * hints, which message uses which secret, and when a proof is told.
 *
 * A secret is a number; it stands for the keys of the session that its handshake
 * made too.  Wire and keeper of a side may die at any step, alone or together.
 * Anything may be lost; what was sent under a session's key may arrive at any
 * time later, and so may boot frames, while whoever takes them shows the id that
 * they echo (boot.pml is about ids).
 *
 * Left out: ids themselves, how messages are cut, time (a side may enter boot, or
 * give an attempt up, at any moment), a disk that keeps half of a transaction.
 *
 * verify continuity: B's current is always one of A's two, so that a boot is
 *	possible; no alarm is ever raised
 * verify clone_a -DCLONE_A -DSECRETS=4: a copy of A's disk, taken at any
 *	moment (a backup, a clone, a thief's, who alarms nobody and lies), takes
 *	turns with A: once B holds a secret made with one, it makes none with the
 *	other
 * verify clone_b -DCLONE_B -DSECRETS=4: the same of B's disk, from what it
 *	has proved on
 *
 * mutant BUG_USED continuity: A's previous is its last current, not the one used
 * mutant BUG_FRAME_FIRST continuity: A sends under the new key before it syncs
 * mutant BUG_CONFIRM_LATE continuity: B sends under the new key before it syncs
 * mutant BUG_ONE continuity: A keeps one secret
 * mutant BUG_ANY continuity: B alarms where A's current is not its own
 * mutant BUG_UNPROVED continuity: A wants its current of B before it is proved
 * mutant BUG_STILL_PROVED continuity: a new secret is born proved
 * mutant BUG_OLD_PROOF continuity: a late frame of the session before proves the
 *	boot whose attempt has the same number
 * mutant BUG_HINTS_LATER continuity: wire learns its new hints after its keys
 * mutant BUG_JUDGE continuity: B judges late hints while its keeper syncs
 * mutant BUG_NO_ALARM_A clone_b: A does not ask for what B has proved
 * mutant BUG_B_PREV clone_a: B computes under its previous secret too
 */
#ifndef SECRETS
#define SECRETS 5
#endif

mtype = { IDLE, MAKING, OFFERING, FINISHING, ANSWERING, ANSWERED, CONFIRMING };

byte secrets = 1;	/* made so far; the first is the ceremony's */

/* A: on disk. */
byte a_cur = 1, a_prev = 1, a_done;
bool a_proved;
/* A's wire: what it knows of that, its session, its exchange. */
byte a_hint_cur = 1, a_hint_prev = 1;
bool a_hint_proved;
bool a_boot = true, a_unproved, a_attached = true;
byte a_session, a_session_attempt;
mtype a_phase = IDLE;
byte a_attempt, a_use;
/* A's keeper, and what is under way between the two. */
byte a_asked, a_asked_use;
byte a_taken;		/* the secret that message 2 in hand makes */
bool a_finish_told;
byte a_proved_told, a_keys_back;

/* B: on disk. */
byte b_cur = 1, b_prev = 1;
byte b_pending, b_pending_used;
/* B's wire. */
byte b_hint_cur = 1, b_hint_prev = 1;
bool b_boot = true, b_attached = true;
byte b_session, b_next;
mtype b_phase = IDLE;
byte b_attempt, b_use;

/* Boot frames that echo the present id of whoever takes them. */
bool m1_old, b_old;	/* message 1, and B's answer, are for an id that A left */
bool m0, m1, m2;	/* hints of B for A; message 1; message 2 */
byte m0_cur, m0_prev;
byte m1_use, m1_attempt, m1_cur, m1_prev;
byte m2_new, m2_attempt, m2_cur, m2_prev;
/* Frames of sessions. */
bool from_a[SECRETS + 1], from_b[SECRETS + 1];

/* Rekeys count from here, boots from 1: neither is taken for the other. */
#define REKEY 3
#define ATTEMPTS 2

#if defined(CLONE_A) || defined(CLONE_B)
#define COPIES
bool copied, which;
byte turns;
bool m1_disk, b_disk;	/* whose message 1 is on its way; B answers */
byte copy_cur, copy_prev, copy_done, copy_pending, copy_pending_used;
bool copy_proved;
bool maker[SECRETS + 1], is_copys[SECRETS + 1];
#define ALARM printf("Alarm\n")
#ifdef CLONE_A
#define MAKER b_disk
#else
#define MAKER which
#endif
#define NOTE_MAKER(secret, disk) if \
	:: copied -> maker[secret] = disk; is_copys[secret] = true \
	:: else fi
/* Made with the other disk. */
#define IS_OTHERS(secret, disk) (is_copys[secret] && maker[secret] != (disk))
#else
#define ALARM printf("Alarm\n"); assert(false)
#define NOTE_MAKER(secret, disk) skip
#endif

/* A fresh id: nothing on its way echoes it. */
inline a_fresh_id() {
	m1_old = m1; b_old = (b_phase != IDLE);
	m0 = false; m2 = false; m0_cur = 0; m0_prev = 0;
	m2_new = 0; m2_attempt = 0; m2_cur = 0; m2_prev = 0;
	a_phase = IDLE; a_attempt = 0; a_use = 0; a_taken = 0
}

inline b_fresh_id() {
	m1 = false; m1_old = false; b_old = false;
	m1_use = 0; m1_attempt = 0; m1_cur = 0; m1_prev = 0;
	b_phase = IDLE; b_attempt = 0; b_use = 0
}

inline a_learn_hints() {
	a_hint_cur = a_cur; a_hint_prev = a_prev; a_hint_proved = a_proved
}

inline b_learn_hints() {
	b_hint_cur = b_cur; b_hint_prev = b_prev
}

/* Nothing of an exchange is left with the keeper or on its way to it. */
inline a_keeper_dies() {
	a_attached = false; a_asked = 0; a_asked_use = 0;
	a_finish_told = false; a_proved_told = 0; a_keys_back = 0;
	printf("A's keeper dies\n")
}

inline a_wire_dies() {
	a_session = 0; a_session_attempt = 0; a_unproved = false;
	a_boot = true; a_finish_told = false; a_proved_told = 0;
	a_keys_back = 0; a_fresh_id(); a_learn_hints();
	printf("A's wire dies\n")
}

inline b_keeper_dies() {
	b_attached = false;
	printf("B's keeper dies\n")
}

inline b_wire_dies() {
	b_session = 0; b_next = 0; b_boot = true;
	b_fresh_id(); b_learn_hints();
	printf("B's wire dies\n")
}

#define A_LACKS(cur, prev) ( \
    (a_hint_proved && a_hint_cur != (cur) && a_hint_cur != (prev)) || \
    (a_hint_cur != (cur) && a_hint_prev != (cur)))
#define B_LACKS(cur, prev) (b_hint_cur != (cur) && b_hint_cur != (prev))
#ifdef BUG_UNPROVED
#undef A_LACKS
#define A_LACKS(cur, prev) ((a_hint_cur != (cur) && a_hint_cur != (prev)) || \
    (a_hint_cur != (cur) && a_hint_prev != (cur)))
#endif
#ifdef BUG_NO_ALARM_A
#undef A_LACKS
#define A_LACKS(cur, prev) (a_hint_cur != (cur) && a_hint_prev != (cur))
#endif
#ifdef BUG_ANY
#undef B_LACKS
#define B_LACKS(cur, prev) (b_hint_cur != (cur))
#endif

active proctype a_wire()
{
	do
	/* A frame of B shows its hints and echoes our id. */
	:: atomic { a_boot && m0 && a_attached && a_phase != FINISHING &&
	    a_attempt < ATTEMPTS && secrets < SECRETS ->
		if
		:: A_LACKS(m0_cur, m0_prev) -> ALARM
		:: else ->
			a_attempt++;
			a_use = (m0_cur == a_hint_cur -> a_hint_cur :
			    a_hint_prev);
			a_phase = MAKING;
			printf("A begins boot %d upon secret %d\n", a_attempt,
			    a_use)
		fi }
#ifdef CLONE_A
	/* A thief alarms nobody, shows whatever hints B does, and tries what he has. */
	:: atomic { which && a_boot && m0 && a_attached && a_phase == IDLE &&
	    a_attempt < ATTEMPTS && secrets < SECRETS ->
		a_attempt++;
		a_use = a_hint_cur;
		a_phase = MAKING;
		printf("The thief begins boot %d upon secret %d\n", a_attempt,
		    a_use) }
#endif
	:: atomic { a_boot && m2 && a_phase == OFFERING ->
		if
		:: A_LACKS(m2_cur, m2_prev) -> ALARM
		:: else ->
			if
			:: m2_attempt == a_attempt ->
				a_phase = FINISHING;
				a_taken = m2_new;
				a_finish_told = a_attached;
				printf("A takes message 2: secret %d\n",
				    m2_new)
			:: else
			fi
		fi }
	/* A rekey, when it was proved that B has the key before. */
	:: atomic { !a_boot && !a_unproved && a_phase == IDLE && a_attached &&
	    a_session == b_session && !b_boot && b_attached &&
	    a_session_attempt < REKEY && b_phase == IDLE &&
	    a_proved_told == 0 && secrets < SECRETS ->
		/* Its two messages, in one step: between them is nothing that
		 * is not between those of a boot. */
		a_attempt = REKEY;
		a_asked = REKEY;
		a_asked_use = a_cur;
		secrets++;
		NOTE_MAKER(secrets, which);
		b_pending = secrets; b_pending_used = b_cur;
		b_next = secrets; b_phase = ANSWERED;
		a_taken = secrets; a_phase = FINISHING; a_finish_told = true;
		printf("A and B rekey: secret %d\n", secrets) }
	:: atomic { a_keys_back != 0 ->
		a_session = a_keys_back;
		a_session_attempt = a_attempt;
		a_unproved = true;
		a_boot = false;
		a_phase = IDLE;
		a_keys_back = 0;
#ifndef BUG_HINTS_LATER
		a_learn_hints();
#endif
		printf("A has keys of secret %d\n", a_session) }
#ifdef BUG_HINTS_LATER
	:: atomic { a_attached && a_hint_cur != a_cur && !a_boot ->
		a_learn_hints() }
#endif
#ifdef BUG_FRAME_FIRST
	:: atomic { a_phase == FINISHING && !from_a[a_taken] ->
		from_a[a_taken] = true;
		printf("A sends under secret %d, not synced\n", a_taken) }
#endif
	:: atomic { a_session != 0 && !a_boot && !from_a[a_session] ->
		from_a[a_session] = true;
		printf("A sends under secret %d\n", a_session) }
	/* The session before is read while the next is made; proves nothing. */
	:: atomic { a_session != 0 && a_unproved && from_b[a_session] ->
		a_unproved = false;
#ifdef BUG_OLD_PROOF
		if
		:: a_attached -> a_proved_told = a_session_attempt
		:: else
		fi;
#else
		if
		:: a_attached && !a_boot -> a_proved_told = a_session_attempt
		:: else
		fi;
#endif
		printf("A hears B under secret %d\n", a_session) }
	/* The peer restarted; or nothing is heard, which ends the session; and
	 * rivals, within boot. */
	:: atomic { a_phase != FINISHING && secrets < SECRETS &&
	    (!a_boot || a_attempt > 0) && (m0 || m1 || m2 || !a_boot) ->
		a_boot = true;
		if
		:: a_session == b_session || a_session == b_next ->
			a_session = 0; a_session_attempt = 0;
			a_unproved = false
		:: else
		fi;
		a_fresh_id();
		printf("A draws a fresh id\n") }
	:: atomic { true -> a_wire_dies() }
	od
}

active proctype a_keeper()
{
	do
	:: atomic { a_attached && a_finish_told ->
		a_finish_told = false;
		if
		:: a_asked != 0 && a_asked == a_attempt ->
#ifdef CLONE_B
			assert(!(a_proved &&
			    IS_OTHERS(a_cur, maker[a_taken])));
#endif
#ifdef BUG_USED
			a_prev = a_cur;
#elif defined(BUG_ONE)
			a_prev = a_taken;
#else
			a_prev = a_asked_use;
#endif
			a_cur = a_taken;
#ifndef BUG_STILL_PROVED
			a_proved = false;
#endif
			a_done = a_attempt;
			a_asked = 0;
			a_asked_use = 0;
			a_keys_back = a_taken;
			printf("A syncs secret %d, upon %d\n", a_cur, a_prev)
		:: else ->
			a_phase = IDLE;
			printf("A's keeper has forgotten: failed\n")
		fi }
	:: atomic { a_attached && a_proved_told != 0 && !a_finish_told ->
		if
		:: a_proved_told == a_done ->
			a_proved = true;
			a_hint_proved = true
		:: else
		fi;
		a_proved_told = 0;
		printf("A notes that B has secret %d\n", a_cur) }
	:: atomic { a_attached && a_proved_told == 0 && a_phase == MAKING ->
		a_asked = a_attempt;
		a_asked_use = a_use;
		m1 = b_boot; m1_use = (b_boot -> a_use : 0);
		m1_old = false;
		m1_attempt = (b_boot -> a_attempt : 0);
#ifdef CLONE_A
		m1_disk = which;
#endif
		m1_cur = (b_boot -> a_hint_cur : 0);
		m1_prev = (b_boot -> a_hint_prev : 0);
#ifdef CLONE_A
		m1_cur = (b_boot && which -> b_hint_cur : m1_cur);
		m1_prev = (b_boot && which -> b_hint_prev : m1_prev);
#endif
		a_phase = OFFERING;
		printf("A offers message 1 upon secret %d\n", a_use) }
#ifndef COPIES
	:: atomic { a_attached -> a_keeper_dies() }
#endif
	:: atomic { !a_attached ->
		a_attached = true;
		a_learn_hints();
		a_finish_told = (a_phase == FINISHING);
		printf("A's keeper is back\n") }
#ifdef CLONE_A
	:: atomic { !copied ->
		copied = true;
		copy_cur = a_cur; copy_prev = a_prev; copy_done = a_done;
		copy_proved = a_proved;
		printf("A's disk is copied\n") }
	:: atomic { copied && turns < 2 ->
		turns++;
		which = !which;
		a_cur = copy_cur ^ a_cur; copy_cur = copy_cur ^ a_cur;
		a_cur = copy_cur ^ a_cur;
		a_prev = copy_prev ^ a_prev; copy_prev = copy_prev ^ a_prev;
		a_prev = copy_prev ^ a_prev;
		a_done = copy_done ^ a_done; copy_done = copy_done ^ a_done;
		a_done = copy_done ^ a_done;
		if
		:: a_proved != copy_proved ->
			a_proved = !a_proved; copy_proved = !copy_proved
		:: else
		fi;
		a_asked = 0; a_asked_use = 0;
		a_wire_dies();
		printf("A's disk gives way to its copy\n") }
#endif
	od
}

active proctype b_wire()
{
	do
	/* Ids have been exchanged: B's hints go to A. */
	:: atomic { b_boot && a_boot &&
	    !(m0 && m0_cur == b_hint_cur && m0_prev == b_hint_prev) ->
		m0 = true; m0_cur = b_hint_cur; m0_prev = b_hint_prev;
		printf("B shows %d, %d\n", b_hint_cur, b_hint_prev) }
	:: atomic { b_boot && m1 && b_phase != CONFIRMING ->
		if
		:: B_LACKS(m1_cur, m1_prev) -> ALARM
		:: else ->
			if
			:: m1_attempt > b_attempt &&
#ifdef BUG_B_PREV
			    (m1_use == b_hint_cur || m1_use == b_hint_prev) ->
#else
			    m1_use == b_hint_cur ->
#endif
				b_attempt = m1_attempt;
				b_use = m1_use;
				b_old = m1_old;
#ifdef CLONE_A
				b_disk = m1_disk;
#endif
				b_phase = ANSWERING
			:: else
			fi
		fi }
#ifdef BUG_JUDGE
	:: atomic { b_boot && m1 && b_phase == CONFIRMING && b_attached &&
	    B_LACKS(m1_cur, m1_prev) ->
		ALARM }
#endif
	:: atomic { b_next != 0 && b_phase == ANSWERED && from_a[b_next] ->
		b_phase = CONFIRMING;
#ifdef BUG_CONFIRM_LATE
		from_b[b_next] = true;
#endif
		printf("B opens a frame under secret %d\n", b_next) }
	:: atomic { b_session != 0 && !b_boot && !from_b[b_session] ->
		from_b[b_session] = true;
		printf("B sends under secret %d\n", b_session) }
#ifdef BUG_HINTS_LATER
	:: atomic { b_attached && b_hint_cur != b_cur && !b_boot ->
		b_learn_hints() }
#endif
	:: atomic { b_phase != CONFIRMING && secrets < SECRETS &&
	    (!b_boot || b_attempt > 0) ->
		b_boot = true;
		b_next = 0;
		b_fresh_id();
		printf("B draws a fresh id\n") }
	:: atomic { true -> b_wire_dies() }
	od
}

active proctype b_keeper()
{
	do
	:: atomic { b_attached && b_phase == ANSWERING ->
		if
		:: secrets < SECRETS && (b_use == b_cur
#ifdef BUG_B_PREV
		    || b_use == b_prev
#endif
		    ) ->
#ifdef CLONE_A
			assert(!IS_OTHERS(b_cur, b_disk));
#endif
			secrets++;
			NOTE_MAKER(secrets, MAKER);
			b_pending = secrets; b_pending_used = b_use;
			b_next = secrets;
			b_phase = ANSWERED;
			m2 = a_boot && !b_old; m2_new = (m2 -> b_next : 0);
			m2_attempt = (m2 -> b_attempt : 0);
			m2_cur = (m2 -> b_hint_cur : 0);
			m2_prev = (m2 -> b_hint_prev : 0);
			printf("B answers: secret %d upon %d\n", secrets,
			    b_use)
		:: else -> b_phase = IDLE
		fi }
	/* On disk first; then wire may send under it. */
	:: atomic { b_attached && b_phase == CONFIRMING && b_cur != b_next ->
		assert(b_pending == b_next);
		b_prev = b_pending_used;
		b_cur = b_pending;
		b_pending = 0; b_pending_used = 0;
		printf("B syncs secret %d, upon %d\n", b_cur, b_prev) }
	:: atomic { b_attached && b_phase == CONFIRMING && b_cur == b_next ->
		b_session = b_next;
		b_next = 0;
		b_boot = false;
		b_fresh_id();
#ifndef BUG_HINTS_LATER
		b_learn_hints();
#endif
		printf("B confirms secret %d\n", b_session) }
#ifndef COPIES
	:: atomic { b_attached -> b_keeper_dies() }
#endif
	:: atomic { !b_attached ->
		b_attached = true;
		b_learn_hints();
		printf("B's keeper is back\n") }
#ifdef CLONE_B
	:: atomic { !copied ->
		copied = true;
		copy_cur = b_cur; copy_prev = b_prev;
		copy_pending = b_pending; copy_pending_used = b_pending_used;
		printf("B's disk is copied\n") }
	:: atomic { copied && turns < 2 ->
		turns++;
		which = !which;
		b_cur = copy_cur ^ b_cur; copy_cur = copy_cur ^ b_cur;
		b_cur = copy_cur ^ b_cur;
		b_prev = copy_prev ^ b_prev; copy_prev = copy_prev ^ b_prev;
		b_prev = copy_prev ^ b_prev;
		b_pending = 0; b_pending_used = 0;
		copy_pending = 0; copy_pending_used = 0;
		b_wire_dies();
		printf("B's disk gives way to its copy\n") }
#endif
	od
}

/* A boot is possible.  With a copy about, an alarm is right. */
#ifndef COPIES
active proctype watch()
{
end:
	atomic {
		b_cur != a_cur && b_cur != a_prev ->
		printf("A has %d, %d; B has %d, %d\n", a_cur, a_prev, b_cur,
		    b_prev);
		assert(false)
	}
}
#endif
