/* Owns points: what was raised, where each side stands on it, what was said in
 * public meanwhile.  All of it follows from the records of the two journals. */
#ifndef KEEPER_POINT_H
#define KEEPER_POINT_H

#include "base/err.h"
#include "keeper/arrival.h"
#include "keeper/post.h"

/*
 * Within a transaction: what follows for points from a record of either side,
 * which stands in that row of the store; from others than those of points, public
 * entries and readings, standings, and messages nothing does.  Each side's records
 * change nothing but that side's, and those of one side come in the order of their
 * numbers: so both posts come to the same, however the two journals interleave.
 * ERR_NOT_FOUND: it is about a point or an entry that is not here, and nothing
 * follows from it.
 */
MUST_CHECK int point_apply(struct keeper *keeper, const struct post_line *line,
    enum side side, const struct record *record, int64_t row);

/* Takes one of theirs of those kinds, but messages. */
MUST_CHECK int point_take(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival);

/* A point, or an entry of what was said in public. */
struct point {
	int64_t row; /* of its record */
	enum side side;
	uint64_t number; /* among those of its side, from 1 */
	uint8_t id[RECORD_ID_BYTES];
	int64_t about; /* an entry's point; 0: none */
	char ref[REQUEST_REF_BYTES];
};

/* Where one side stands. */
struct point_side {
	enum standing standing;
	int64_t row; /* of the record that says so; 0: none does */
	int64_t deadline_ms;
};

/* The point that a reference names: us/p3, them/p1, or an id's first 16 digits.
 * ERR_FORMAT, ERR_NOT_FOUND. */
MUST_CHECK int point_find(struct keeper *keeper, const struct post_line *line,
    struct text ref, struct point *point);
/* The same for a request; false: there is none, or the store failed, and the
 * request is answered. */
bool point_ask(struct keeper *keeper, const struct request *request,
    const struct post_line *line, struct text text, struct point *point);
/* The entry that one names: us/e3, them/e1. */
MUST_CHECK int point_find_public(struct keeper *keeper,
    const struct post_line *line, struct text ref, struct point *entry);
MUST_CHECK int point_get(struct keeper *keeper, int64_t row,
    struct point *point);
MUST_CHECK int point_get_public(struct keeper *keeper, int64_t row,
    struct point *entry);
MUST_CHECK int point_get_side(struct keeper *keeper, int64_t row,
    enum side side, struct point_side *at);
/* The row of a side's reading of an entry; 0: it has none. */
MUST_CHECK int point_get_reading(struct keeper *keeper, int64_t row,
    enum side side, int64_t *reading);

/* Says what a record of points means, for people. */
MUST_CHECK int point_note(struct keeper *keeper, const struct post_line *line,
    enum side side, const struct record *record, int64_t row);

/* Deadlines: each is told once when it is near, and once when it has passed. */
uint64_t point_next_ns(const struct keeper *keeper);
void point_on_time(struct keeper *keeper);

#endif
