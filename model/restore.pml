/*
 * Numbers of records, and stores that are older than what the peer holds:
 * doc/protocol.md, "Acknowledged, held, received"; have_fits, begin_numbering and
 * outbox_on_have of src/keeper/outbox.c, journal_append and journal_number of
 * src/keeper/journal.c, and have_said of the peer's inbox.c.
 *
 * A backup of our store is taken at any moment and put back at any later one, our
 * post dies and comes back at any step.  The peer syncs when it likes what has
 * arrived; what of a record had arrived when a session ended may stay in its
 * memory, and be synced in the next.
 *
 * Left out: classes (each has its own `last`, and numbers grow over all of them),
 * several chunks (a record is half or whole at the peer), a virtual machine that
 * goes back with its session alive (the wire's memory goes back with the disk, and
 * a record may take a number before the first HAVE after it).
 *
 * verify numbers: no number stands for one record here and another at the peer,
 *	where both could be seen; what the peer is said to hold, it holds; a
 *	store is called old only if it is
 * verify numbered -DLIVE -DFAIR: without a restored store, what was accepted is
 *	numbered in the end, and held by the peer
 *
 * mutant BUG_AT_ONCE numbers: records are numbered before the peer's HAVE
 * mutant BUG_NO_FIT numbers: any HAVE lets records be numbered
 * mutant BUG_HALF_FITS numbers: half a record beyond the journal's end fits
 * mutant BUG_STILL numbers: leave to number outlives the closing of the store
 * mutant BUG_NUMBER_MEMORY numbers: a record leaves before its number is synced
 * mutant BUG_OLD_HAVE numbers: a session before's HAVE counts
 * mutant BUG_LEFT_OVER numbers: the peer syncs a record of the session before
 *	after it said HAVE in the next
 * mutant BUG_NEVER numbered: a record accepted without a number keeps none
 */
#define NUMBERS 3
#ifdef LIVE
#define RECORDS 2	/* ids; 0 is none */
#define DEATHS 2
#else
#define RECORDS 4
#define DEATHS 3
#endif

byte deaths;
byte ids;		/* given out */

/* Our disk: the record of each number, and those without one. */
byte ours[NUMBERS + 1], end;
byte waiting;		/* how many of the last ids have no number */
byte waiting_first;
/* Our memory. */
bool may_number, is_behind;
byte unsynced;		/* a number taken that is not on disk yet */

/* The backup. */
bool copied, restored;
byte copy_ours[NUMBERS + 1], copy_end, copy_waiting, copy_first;

/* The peer: on disk, and what has arrived. */
byte theirs[NUMBERS + 1], held;
bool half;		/* of record held + 1, on disk */
byte half_id;
byte arrived, arrived_id;	/* in memory */
bool arrived_whole;

bool session, have_told;
bool net_have;		/* HAVE on its way */
byte net_held;
bool net_half;

inline forget_memory() {
	may_number = false; is_behind = false; unsynced = 0;
	session = false; have_told = false
#ifndef BUG_OLD_HAVE
	; net_have = false; net_held = 0; net_half = false
#endif
}

#ifdef BUG_NO_FIT
#define FITS true
#elif defined(BUG_HALF_FITS)
#define FITS (net_held <= end)
#else
#define FITS (net_held < end || (net_held == end && !net_half))
#endif

active proctype people()
{
	do
	/* People send: accepted durably, with a number or without. */
	:: atomic { ids < RECORDS && end < NUMBERS && unsynced == 0 &&
	    waiting < 2 ->
		ids++;
		if
		:: may_number ->
			end++;
			ours[end] = ids;
#ifdef BUG_NUMBER_MEMORY
			unsynced = end;
#endif
			printf("Record %d gets number %d\n", ids, end)
		:: else ->
			waiting_first = (waiting == 0 -> ids : waiting_first);
			waiting++;
#ifdef BUG_AT_ONCE
			end++;
			ours[end] = ids;
			waiting--;
#endif
			printf("Record %d waits\n", ids)
		fi }
	od
}

active proctype keeper()
{
	do
#ifdef BUG_NUMBER_MEMORY
	:: atomic { unsynced != 0 -> unsynced = 0 }
#endif
	/* The peer's HAVE. */
	:: atomic { session && net_have ->
		net_have = false;
		if
		:: FITS ->
			have_told = true;
			if
			:: !may_number ->
#ifndef BUG_NEVER
				do
				:: waiting > 0 && end < NUMBERS ->
					end++;
					ours[end] = waiting_first;
					waiting_first++;
					waiting--
				:: else -> break
				od;
#endif
				may_number = true;
				is_behind = false
			:: else
			fi;
			printf("HAVE %d fits\n", net_held)
		:: else ->
			/* Said only of a store that was put back. */
			assert(restored);
			is_behind = true;
			may_number = false;
			printf("HAVE %d is beyond our end: behind\n",
			    net_held)
		fi;
		/* What the peer holds is what we think it is. */
		assert(!(!is_behind && net_held > 0 &&
		    net_held <= end && ours[net_held] != theirs[net_held]));
		net_held = 0; net_half = false }
	od
}

/* Our wire, the network, and the peer's wire. */
active proctype chunks()
{
	do
	/* Half of the next record that the peer lacks, or all of it. */
	:: atomic { session && have_told && held < end && arrived == 0 ->
		arrived = held + 1;
		arrived_id = ours[held + 1];
		if
#ifndef LIVE
		:: arrived_whole = false
#endif
		:: arrived_whole = true
		fi;
		printf("Record %d arrives as number %d (%c)\n", arrived_id,
		    arrived, (arrived_whole -> 'w' : 'h')) }
	od
}

active proctype peer()
{
	do
	:: atomic { arrived != 0 ->
		/* A number that the peer saw for two records. */
		assert(!(half && half_id != arrived_id));
		assert(arrived == held + 1);
		if
		:: arrived_whole ->
			held = arrived;
			theirs[held] = arrived_id;
			half = false;
			half_id = 0
		:: else ->
			half = true;
			half_id = arrived_id
		fi;
		printf("The peer syncs number %d: record %d\n", arrived,
		    arrived_id);
		arrived = 0; arrived_id = 0; arrived_whole = false }
	od
}

active proctype peer_says()
{
	do
	/* Said in each session, and again and again. */
	:: atomic { session && !net_have &&
	    (!have_told || is_behind || !may_number || held > 0) &&
#ifndef BUG_LEFT_OVER
	    (have_told || is_behind || arrived == 0) &&
#endif
	    !(is_behind) ->
		net_have = true;
		net_held = held;
		net_half = half;
		printf("The peer says HAVE %d\n", held) }
	od
}

active proctype boots()
{
	do
	:: atomic { !session ->
		session = true;
		printf("A session begins\n") }
	od
}

active proctype trouble()
{
	byte k;

	do
	:: atomic { deaths < DEATHS ->
		deaths++;
		if
		:: unsynced != 0 -> ours[unsynced] = 0; end = unsynced - 1
		:: else
		fi;
#ifdef BUG_STILL
		session = false; have_told = false; net_have = false
#else
		forget_memory()
#endif
		;
		printf("Our post dies\n") }
#ifndef LIVE
	:: atomic { !copied && unsynced == 0 ->
		copied = true;
		k = 1;
		do
		:: k <= NUMBERS -> copy_ours[k] = ours[k]; k++
		:: else -> break
		od;
		k = 0;
		copy_end = end; copy_waiting = waiting;
		copy_first = waiting_first;
		printf("Our store is copied\n") }
	:: atomic { copied && !restored ->
		restored = true;
		k = 1;
		do
		:: k <= NUMBERS -> ours[k] = copy_ours[k]; k++
		:: else -> break
		od;
		k = 0;
		end = copy_end; waiting = copy_waiting;
		waiting_first = copy_first;
#ifdef BUG_STILL
		session = false; have_told = false; net_have = false
#else
		forget_memory()
#endif
		;
		printf("Our store is put back\n") }
#endif
	:: else -> break
	od
}

#ifdef LIVE
ltl numbered { <> [] (end == RECORDS && held == RECORDS) }
#endif
