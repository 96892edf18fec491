/* Owns one record of the store, read back. */
#ifndef KEEPER_STORED_H
#define KEEPER_STORED_H

#include "base/err.h"
#include "keeper/post.h"

struct stored {
	int64_t row;
	uint32_t line;
	enum side side;
	uint64_t n; /* 0: no number yet */
	struct record record;
	struct record_text text;
	int64_t stored_ms;
	int64_t seq; /* its place in the order of reading; 0: it is arriving */
	uint8_t head[RECORD_HEAD_BYTES_MAX]; /* the record is views of it */
};

/* Reads a row with its text, but for a message's where with_text is false; the
 * caller wipes it, whatever the result.  ERR_NOT_FOUND. */
MUST_CHECK int stored_load(struct keeper *keeper, int64_t row, bool with_text,
    struct stored *stored);
void stored_wipe(struct stored *stored);
/* A text of a record as it is told. */
struct text stored_view(struct record_text text);

/* Who wrote it, as far as this post knows: of ours its delegate, of theirs what
 * they disclose; "" where it is not known. */
MUST_CHECK int stored_author(struct keeper *keeper, const struct stored *stored,
    char author[LABEL_BYTES_MAX + 1]);
/* The same of a record that was read by itself. */
MUST_CHECK int stored_author_of(struct keeper *keeper, int64_t row,
    enum side side, const struct record *record,
    char author[LABEL_BYTES_MAX + 1]);

#endif
