/* Owns our journal: what is appended to it, and when it gets its number. */
#ifndef KEEPER_JOURNAL_H
#define KEEPER_JOURNAL_H

#include "base/err.h"
#include "keeper/post.h"

/* What is to be appended.  All borrowed. */
struct journal_entry {
	/* Serial and `after` are filled in with the number. */
	struct record record;
	const char *text;
	/* The title of who wrote it; NULL: of whoever asks now. */
	const char *author;
	/* One for each attachment of the record, done. */
	struct upload *const *uploads;
};

/* Where it was put. */
struct journal_place {
	int64_t row;
	uint64_t serial; /* of a message; 0: no number yet */
	uint64_t bytes;	 /* of the whole record */
};

/* Reads the journal's end from the store. */
MUST_CHECK int journal_load(struct keeper *keeper, struct post_line *line);

/*
 * Within a transaction of record.db: appends, with the next number where the
 * peer has told what it holds, else without.
 */
MUST_CHECK int journal_append(struct keeper *keeper, struct post_line *line,
    const struct journal_entry *entry, struct journal_place *place);

/*
 * Within a transaction: appends a record that has no attachments, with its text
 * (which may be empty; at most record_text_most of its kind).  Of the record that
 * is asked for which its kind alone has; time, the text's length and an id where it has
 * none are written into it here, so that what follows from a record can be done with it,
 * as it is with one of the peer.
 */
MUST_CHECK int journal_append_said(struct keeper *keeper,
    struct post_line *line, struct record *record, struct record_text text,
    struct journal_place *place);

/* Within a transaction: the same of a record of no text, about `re` (or NULL),
 * whose id goes to `id`. */
MUST_CHECK int journal_append_note(struct keeper *keeper,
    struct post_line *line, const struct record *note, const uint8_t *re,
    uint8_t id[RECORD_ID_BYTES]);

/* Within a transaction: numbers all that waits, in order of acceptance. */
MUST_CHECK int journal_number(struct keeper *keeper, struct post_line *line);

#endif
