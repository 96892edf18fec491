/*
 * The cadence of a line, and how both sides agree to another: doc/protocol.md,
 * "Terms by consent"; src/keeper/terms.c, and of src/core/boot.c and line.c who
 * tells the keeper of which boot frames.
 *
 * People propose, agree and take back at any moment, until there is enough of it.
 * Journals arrive in order and as late as they like, also after the session that
 * carried them.  Keeper and wire of either side may die at any step, a keeper
 * also between its disk and telling wire.  What wire has told waits for its
 * keeper for any time, whatever became of the line meanwhile.  Each cadence has
 * its own size of frames.
 *
 * Left out: ids (boot.pml), secrets (continuity.pml), records in pieces
 * (record.pml), numbers modulo 16, stores that are put back, tickets of relays.
 *
 * verify terms: nobody changes over but to what its own people said last; terms
 *	of one number are of one cadence, and never more than one apart; no fault
 *	is told.  Wherever people and deaths end, the two meet under the same
 *	terms, hold the same proposals, and take frames of one size
 *
 * mutant BUG_ANY_PROPOSAL terms: an agreement to an earlier proposal counts
 * mutant BUG_KEEP_OWN terms: who agrees goes on proposing his own
 * mutant BUG_STILL_THEIRS terms: who agreed is taken to propose his own still
 * mutant BUG_NO_VOID terms: who has agreed passes over what comes after
 * mutant BUG_AT_ONCE terms: who agrees changes over at once
 * mutant BUG_NEITHER terms: nobody agrees by itself where equal proposals cross
 * mutant BUG_NO_NEW_SIZE terms: who has agreed takes no frames of the new size
 * mutant BUG_NO_OLD_SIZE terms: who has changed over takes none of the old size
 * mutant BUG_LATE_PROOF terms: the session before, told late, ends the old size
 * mutant BUG_TWO_SYNCS terms: the record is on disk before what follows from it
 * mutant BUG_REPLAY terms: boot frames that echo nothing count
 * mutant BUG_SAME_NUMBER terms: the peer's boot, told late, is a fault
 */
#define ASKS 4
#ifndef TROUBLES
#define TROUBLES 1
#endif
#define JOURNAL 5
#define AT(side, n) ((side) * JOURNAL + (n) - 1)
#define NONE 9
#define A 0
#define B 1
#define PEER (1 - me)

mtype = { PROPOSAL, AGREEMENT, WITHDRAWAL };

byte asks, troubles;
bool over;		/* nobody asks for more, and nobody dies */
byte wish[2] = NONE;	/* what people said last, while it stands */

/* The journals: records count from 1, and a proposal's id is its place. */
mtype kind[2 * JOURNAL];
byte what[2 * JOURNAL];	/* of a proposal: the cadence; of an agreement: re */
byte under[2 * JOURNAL];	/* the number they would have */
byte written[2];
byte taken[2];		/* of the peer's journal, on disk */
byte sent[2];		/* of our own: the peer's keeper may have it any time */

/* Terms, on disk. */
byte number[2], cadence[2];
byte also[2] = NONE;	/* the other size that is taken */
bool agreed[2];
byte ours[2], theirs[2];	/* the open proposals; 0: none */

/* The keeper, and what wire has told it. */
bool keeper[2] = true;
bool made[2] = true;	/* keys of a boot, since it changed over */
byte boot_told[2] = NONE;
bool told_twice[2];
bool session_told[2];

/* Wire. */
bool wire[2] = true;
byte w_number[2], w_cadence[2];
byte w_also[2] = NONE;
bool session[2] = true;
byte w_told[2] = NONE;	/* the peer's number, under our present id */

#define TAKES(to, from) (w_cadence[from] == w_cadence[to] || \
    w_cadence[from] == w_also[to])
/* Frames go both ways: what echoes is fresh. */
#define ECHOES (wire[0] && wire[1] && TAKES(0, 1) && TAKES(1, 0))

inline restart_line() {
	w_number[me] = number[me];
	w_cadence[me] = cadence[me];
	session[me] = false;
	w_told[me] = NONE
}

inline tell_wire() {
	if
	:: wire[me] ->
		if
		:: w_number[me] != number[me] -> restart_line()
		:: else
		fi;
		w_also[me] = also[me]
	:: else
	fi
}

inline keeper_dies() {
	keeper[me] = false;
	made[me] = true;	/* nothing of the past is told to a new one */
	boot_told[me] = NONE; told_twice[me] = false;
	session_told[me] = false;
	sent[PEER] = taken[me];
	printf("%c: keeper dies\n", 65 + me)
}

/* A step is on disk; wire is told, unless the keeper dies. */
inline step_ends() {
	if
	:: tell_wire()
	:: troubles < TROUBLES && !over -> troubles++; keeper_dies()
	fi
}

inline write(k, w) {
	written[me]++;
	kind[AT(me, written[me])] = k;
	what[AT(me, written[me])] = w;
	under[AT(me, written[me])] = number[me] + 1
}

inline change_over(next) {
	assert(wish[me] == next);
	also[me] = cadence[me];
#ifdef BUG_NO_OLD_SIZE
	also[me] = NONE;
#endif
	cadence[me] = next;
	number[me]++;
	agreed[me] = false; ours[me] = 0; theirs[me] = 0;
#ifndef BUG_LATE_PROOF
	made[me] = false;
#endif
	wish[me] = NONE;
	assert(number[me] <= number[PEER] + 1);
	assert(number[me] != number[PEER] || cadence[me] == cadence[PEER]);
	printf("%c: changes over to %d\n", 65 + me, cadence[me])
}

inline agree() {
	write(AGREEMENT, theirs[me]);
	agreed[me] = true;
#ifndef BUG_KEEP_OWN
	ours[me] = 0;
#endif
	printf("%c: agrees to record %d, cadence %d\n", 65 + me, theirs[me],
	    what[AT(PEER, theirs[me])]);
#ifdef BUG_AT_ONCE
	change_over(what[AT(PEER, theirs[me])]);
#elif !defined(BUG_NO_NEW_SIZE)
	also[me] = what[AT(PEER, theirs[me])];
#endif
}

inline disagree() {
	agreed[me] = false; theirs[me] = 0; also[me] = NONE;
	wish[me] = NONE;
	printf("%c: its agreement is void\n", 65 + me)
}

inline take_proposal() {
	if
	:: ours[me] != 0 && what[AT(me, ours[me])] == what[AT(PEER, r)] ->
		theirs[me] = 0;
#ifdef BUG_NEITHER
		printf("%c: proposes that too\n", 65 + me)
#else
		if
		:: me == B ->
			theirs[me] = r;
			agree()
		:: else -> printf("A: proposes that too\n")
		fi
#endif
	:: else ->
		theirs[me] = r;
		printf("%c: hears of a proposal\n", 65 + me)
	fi
}

inline take_agreement() {
	if
#ifdef BUG_ANY_PROPOSAL
	:: ours[me] != 0 ->
		ours[me] = what[AT(PEER, r)];
#else
	:: ours[me] != 0 && ours[me] == what[AT(PEER, r)] ->
#endif
		change_over(what[AT(me, ours[me])])
	:: else ->
#ifndef BUG_STILL_THEIRS
		theirs[me] = 0;
#endif
		printf("%c: they agreed too late\n", 65 + me)
	fi
}

/* The next record of the peer, in one transaction with what follows from it. */
inline take_record() {
	taken[me]++;
	r = taken[me];
	was_agreed = agreed[me];
#ifdef BUG_TWO_SYNCS
	if
	:: troubles < TROUBLES && !over ->
		troubles++;
		keeper_dies();
		goto next
	:: true
	fi;
#endif
	if
	:: under[AT(PEER, r)] != number[me] + 1
#ifdef BUG_NO_VOID
	:: under[AT(PEER, r)] == number[me] + 1 && was_agreed
#endif
	:: else ->
		if
		:: was_agreed -> disagree()
		:: else
		fi;
		if
		:: kind[AT(PEER, r)] == PROPOSAL -> take_proposal()
		:: kind[AT(PEER, r)] == AGREEMENT && !was_agreed ->
			take_agreement()
		:: kind[AT(PEER, r)] == WITHDRAWAL && !was_agreed ->
			theirs[me] = 0;
			printf("%c: they took it back\n", 65 + me)
		:: else
		fi
	fi
}

inline ask() {
	asks++;
	if
	:: ours[me] != 0 ->
		write(WITHDRAWAL, 0);
		ours[me] = 0;
		wish[me] = NONE;
		printf("%c: takes it back\n", 65 + me)
	:: theirs[me] != 0 ->
		wish[me] = what[AT(PEER, theirs[me])];
		agree()
	:: true ->
		select(r : 0 .. 2);
		if
		:: r != cadence[me] &&
		    (ours[me] == 0 || what[AT(me, ours[me])] != r) &&
		    (theirs[me] == 0 || what[AT(PEER, theirs[me])] != r) ->
			write(PROPOSAL, r);
			ours[me] = written[me];
			wish[me] = r;
			printf("%c: proposes cadence %d\n", 65 + me, r)
		:: else -> asks--
		fi
	fi
}

/* The peer boots under a number that ours was not. */
inline take_boot() {
	r = boot_told[me];
	if
	:: told_twice[me] -> told_twice[me] = false
	:: else -> boot_told[me] = NONE
	fi;
	if
	:: r == number[me] + 1 && agreed[me] ->
		change_over(what[AT(PEER, theirs[me])])
	:: r + 1 == number[me]
#ifndef BUG_SAME_NUMBER
	:: r == number[me]
#endif
	:: else ->
		printf("%c: told of number %d at %d\n", 65 + me, r,
		    number[me]);
		assert(false)
	fi
}

active [2] proctype post()
{
	byte r;
	bool was_agreed;
	byte me = _pid;

next:
	do
	/* ---- people and the keeper */
	:: atomic {
		if
		:: !over && asks < ASKS && keeper[me] && !agreed[me] -> ask()
		:: keeper[me] && taken[me] < sent[PEER] -> take_record()
		:: keeper[me] && boot_told[me] != NONE -> take_boot()
		:: keeper[me] && session_told[me] ->
			session_told[me] = false;
			if
			:: !agreed[me] && made[me] ->
				also[me] = NONE;
				printf("%c: takes one size\n", 65 + me)
			:: else
			fi
		fi;
		step_ends();
		r = 0; was_agreed = false }
	:: atomic { !keeper[me] ->
		keeper[me] = true;
		tell_wire();
		w_told[me] = NONE;
		session_told[me] = wire[me] && session[me];
		printf("%c: keeper is back\n", 65 + me) }

	/* ---- wire */
	:: atomic { session[0] && session[1] && keeper[me] &&
	    sent[me] < written[me] ->
		sent[me]++;
		printf("%c: record %d is on its way\n", 65 + me, sent[me]) }
	/* The peer boots: so do we. */
	:: atomic { session[me] && !session[PEER] && ECHOES ->
		session[me] = false;
		printf("%c: wire boots too\n", 65 + me) }
	:: atomic { !session[0] && !session[1] && ECHOES &&
	    w_number[0] != w_number[1] && w_told[me] != w_number[PEER] &&
	    boot_told[me] == NONE && keeper[me] ->
		boot_told[me] = w_number[PEER];
		w_told[me] = boot_told[me];
		printf("%c: wire hears number %d\n", 65 + me, w_told[me]) }
	/* Keepers make its keys, and hear of what came before first. */
	:: atomic { me == A && !session[0] && !session[1] && ECHOES &&
	    w_number[0] == w_number[1] && keeper[0] && keeper[1] &&
	    boot_told[0] == NONE && boot_told[1] == NONE ->
		session[0] = true; session[1] = true;
		session_told[0] = true; session_told[1] = true;
		made[0] = true; made[1] = true;
		printf("A session under number %d\n", w_number[0]) }
	:: atomic { !wire[me] && keeper[me] ->
		wire[me] = true;
		restart_line();
		w_also[me] = also[me];
		printf("%c: wire is back\n", 65 + me) }

	/* ---- troubles */
	:: atomic { !over && troubles < TROUBLES && keeper[me] ->
		troubles++;
		keeper_dies() }
	:: atomic { !over && troubles < TROUBLES && wire[me] ->
		troubles++;
		wire[me] = false;
		session[me] = false;
		sent[PEER] = taken[me];
		printf("%c: wire dies\n", 65 + me) }
	/* A rival: what is heard then is told again. */
	:: atomic { !over && troubles < TROUBLES && keeper[me] && wire[me] &&
	    boot_told[me] != NONE && boot_told[me] == w_told[me] ->
		troubles++;
		told_twice[me] = true;
		printf("%c: wire draws a fresh id, hears it again\n",
		    65 + me) }
#ifdef BUG_REPLAY
	/* A boot frame of sixteen changes ago. */
	:: atomic { !over && wire[me] && keeper[me] && agreed[me] &&
	    boot_told[me] == NONE ->
		boot_told[me] = w_number[me] + 1;
		printf("%c: wire hears a replay\n", 65 + me) }
#endif
	od
}

active proctype watch()
{
	atomic { over = true; printf("Enough\n") }
end:
	atomic {
		timeout ->
		assert(number[0] == number[1] && cadence[0] == cadence[1]);
		assert(ours[0] == theirs[1] && ours[1] == theirs[0]);
		assert(!agreed[0] && !agreed[1]);
		assert(session[0] && session[1]);
		assert(w_number[0] == number[0] && w_number[1] == number[1]);
		assert(taken[0] == written[1] && taken[1] == written[0]);
		assert(also[0] == NONE && also[1] == NONE)
	}
}
