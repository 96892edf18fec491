/* Owns handing our journal to wire, as wire has room for it. */
#ifndef KEEPER_OUTBOX_H
#define KEEPER_OUTBOX_H

#include "keeper/post.h"

/* Wire says where it stands and what it takes; replaces what it said before. */
void outbox_on_want(struct keeper *keeper, struct post_line *line,
    const struct want *want);
/* The peer says what it durably holds.  The first one that fits our journal
 * lets what waits be numbered. */
void outbox_on_have(struct keeper *keeper, struct post_line *line,
    const struct have *have);
/* Hands over what there is, as far as wire has room. */
void outbox_push(struct keeper *keeper, struct post_line *line);

/* Bytes of a record of ours that the peer durably holds; `after` is the record
 * before it in its class, n 0 one without a number. */
uint64_t outbox_bytes_held(const struct post_line *line,
    enum record_class class, uint64_t n, uint64_t after, uint64_t bytes);

/* What is not delivered yet.  Counted once, then kept in step: a message is told
 * of when it is appended; whatever makes messages fewer lets it be counted anew,
 * as does a transaction that failed. */
const struct waiting *outbox_waiting(struct keeper *keeper,
    struct post_line *line);
void outbox_on_append(struct post_line *line, enum record_class class,
    uint64_t bytes);
void outbox_count_anew(struct post_line *line);

/* A record of the store, open for reading its stream. */
struct outbox_source {
	int64_t row;
	uint64_t n;
	const uint8_t *head; /* lent */
	size_t head_len;
	struct record record; /* views of head */
	struct record_layout layout;
};

/* Reads at most len bytes of the stream from offset: *got is less only at its
 * end. */
MUST_CHECK int outbox_read(struct keeper *keeper,
    const struct outbox_source *source, uint64_t offset, uint8_t *bytes,
    size_t len, size_t *got);

#endif
