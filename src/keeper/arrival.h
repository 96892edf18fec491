/* Owns what follows from a record of the peer: checks, receipts, events. */
#ifndef KEEPER_ARRIVAL_H
#define KEEPER_ARRIVAL_H

#include "base/err.h"
#include "keeper/post.h"

/* A record of the peer that is whole: borrowed, while its kind's take function
 * runs, which is a row of the table in arrival.c. */
struct arrival {
	const struct record *record;
	struct record_text text; /* empty for a message */
	int64_t row;
	uint64_t n;
};

/*
 * All within a transaction of record.db, on the record that is arriving in a
 * class, whose unit is whole in inbox->part.  ERR_PEER: it breaks the rules.
 */

/* The head: makes its row, its attachments' files, and the layout. */
MUST_CHECK int arrival_take_head(struct keeper *keeper, struct post_line *line,
    enum record_class class);
MUST_CHECK int arrival_take_text(struct keeper *keeper, struct post_line *line,
    enum record_class class);
/* Compares the attachments' hashes with what was stored. */
MUST_CHECK int arrival_take_trailer(struct keeper *keeper,
    struct post_line *line, enum record_class class);
/* The record is whole: it can be read, and is answered. */
MUST_CHECK int arrival_complete(struct keeper *keeper, struct post_line *line,
    enum record_class class);

/* A record that breaks no rule is about something that is not here: it is kept,
 * nothing follows from it, and people are told that `say`. */
MUST_CHECK int arrival_is_about_nothing(struct keeper *keeper,
    const struct post_line *line, const char *say);

#endif
