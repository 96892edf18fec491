/* Owns one round of willingness: as the store has it, its steps, and its words. */
#ifndef KEEPER_ROUND_H
#define KEEPER_ROUND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/willing.h"
#include "keeper/post.h"
#include "proc/say_willing.h"

enum round_sizes {
	ROUND_DAY_MS = DAY_SECONDS * 1000,
	ROUND_DATE_BYTES = 16,
};

/* Holds secrets: wiped by whoever loaded it. */
struct round {
	uint32_t line;
	uint64_t n;
	uint8_t id[RECORD_ID_BYTES];
	enum side asker;
	uint32_t day;
	char question[WILLING_QUESTION_BYTES_MAX + 1];
	size_t question_len;
	enum willing_state state;
	unsigned steps;
	int64_t asked_ms;
	int64_t ended_ms;
	/* While it runs. */
	struct willing_talk talk;
	bool answered; /* by this side */
	struct willing_secret secret;
};

/* -- time -------------------------------------------------------------------- */

/* The day by the wall clock, counted from 1970, UTC. */
uint32_t round_today(const struct keeper *keeper);
/* It runs to the end of the day after the one on which it began. */
int64_t round_ends_ms(const struct round *round);
bool round_is_over(const struct keeper *keeper, const struct round *round);
/* "2026-11-23" */
void round_format_date(char text[ROUND_DATE_BYTES], int64_t wall_ms);

/* -- the store --------------------------------------------------------------- */

/* The one that runs on a line; one by its number; the one row of a statement that
 * selects rounds.  ERR_NOT_FOUND: there is none. */
MUST_CHECK int round_load_live(struct keeper *keeper,
    const struct post_line *line, struct round *round);
MUST_CHECK int round_load(struct keeper *keeper, const struct post_line *line,
    uint64_t n, struct round *round);
MUST_CHECK int round_load_one(struct query *q, struct round *round);
/* The row that such a statement stands on. */
MUST_CHECK int round_take(struct query *q, struct round *round);
/* The latest day on which one of the line began; -1: none did. */
MUST_CHECK int round_last_day(struct keeper *keeper,
    const struct post_line *line, int64_t *day);

/* Within a transaction: a new one, which gets the line's next number; and what has
 * become of one. */
MUST_CHECK int round_add(struct keeper *keeper, const struct post_line *line,
    struct round *round);
MUST_CHECK int round_put(struct keeper *keeper, struct round *round);

/* Ends it in memory: nothing that it was made of is kept beyond it. */
void round_stop(struct keeper *keeper, struct round *round,
    enum willing_state state);
/* The same within a transaction, with an event. */
MUST_CHECK int round_end(struct keeper *keeper, const struct post_line *line,
    struct round *round, enum willing_state state);

/* -- its steps --------------------------------------------------------------- */

/* Odd ones are the asker's. */
enum side round_side_of_step(const struct round *round, unsigned step);
/* What every proof of it is bound to. */
void round_bind(struct willing_round *bound, const struct post_line *line,
    const struct round *round);
/* What this side says, with a new seed. */
void round_answer(struct keeper *keeper, struct round *round, uint8_t answer);
/* Within a transaction: makes this side's next step, and appends it to the
 * journal. */
MUST_CHECK int round_append_step(struct keeper *keeper, struct post_line *line,
    struct round *round);

/* -- its words --------------------------------------------------------------- */

/* Whose step is missing. */
enum willing_side round_waits_for(const struct round *round);
/* Where it stands; name is that of its line. */
void round_say(char say[WILLING_SAY_BYTES], const struct round *round,
    const char *name);
/* As it is shown; views of round and say. */
void round_show(const struct round *round, const char *name,
    struct willing_view *view, char say[WILLING_SAY_BYTES]);
/* Within a transaction: an event, and where the round stands. */
MUST_CHECK int round_note(struct keeper *keeper, const struct post_line *line,
    const struct round *round, const char *what, const char *before);

#endif
