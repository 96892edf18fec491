#include "core/stream_in.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/wipe.h"

void
stream_in_init(struct stream_in *in, void *memory, struct cadence cadence)
{
	memset(in, 0, sizeof(*in));
	chunk_pool_init(&in->pool, memory, cadence);
}

void
stream_in_wipe(struct stream_in *in)
{
	wipe(in->pool.memory, in->pool.count * in->pool.stride);
	wipe(in, sizeof(*in));
}

/* The chunk lies wholly before a position: it ends at or before it. */
static bool
is_before(const struct chunk *chunk, struct position at, uint64_t at_n)
{
	if (chunk->n <= at.n)
		return true;
	return at_n != 0 && chunk->n == at_n &&
	    chunk->offset + chunk->len <= at.offset;
}

/* Frees from the front of a class what lies before a position. */
static void
release(struct stream_in *in, enum record_class class, struct position at,
    uint64_t at_n)
{
	struct chunk_list *list = &in->pool.list[class];

	while (list->first != CHUNK_NONE &&
	    is_before(chunk_at(&in->pool, list->first), at, at_n))
		chunk_remove_after(&in->pool, class, CHUNK_NONE);
}

void
stream_in_on_session(struct stream_in *in)
{
	uint16_t at, before;
	enum record_class i;

	for (i = 0; i < CLASS_COUNT; i++) {
		before = CHUNK_NONE;
		at = in->pool.list[i].first;
		while (at != CHUNK_NONE &&
		    is_before(chunk_at(&in->pool, at), in->class[i].handed,
			in->class[i].handed_n)) {
			before = at;
			at = chunk_at(&in->pool, at)->next;
		}
		while (
		    (before == CHUNK_NONE
			    ? in->pool.list[i].first
			    : chunk_at(&in->pool, before)->next) != CHUNK_NONE)
			chunk_remove_after(&in->pool, i, before);
	}
}

void
stream_in_on_attach(struct stream_in *in, const struct have *have,
    const uint64_t partial_n[CLASS_COUNT])
{
	enum record_class i;

	for (i = 0; i < CLASS_COUNT; i++) {
		in->class[i].handed = have->at[i];
		in->class[i].handed_n = partial_n[i];
	}
	in->attached = true;
	stream_in_on_synced(in, have, partial_n);
}

void
stream_in_on_fault(struct stream_in *in, const struct have *have,
    const uint64_t partial_n[CLASS_COUNT])
{
	enum record_class i;

	for (i = 0; i < CLASS_COUNT; i++) {
		chunk_clear(&in->pool, i);
		in->class[i].handed = have->at[i];
		in->class[i].handed_n = partial_n[i];
	}
}

void
stream_in_on_keeper_lost(struct stream_in *in)
{
	in->attached = false;
}

/* After a fault the keeper may still sync what it was handed before. */
static void
catch_up(struct stream_in *in, enum record_class class, struct position at,
    uint64_t at_n)
{
	struct position *handed = &in->class[class].handed;
	uint64_t *handed_n = &in->class[class].handed_n;

	if (at.n < handed->n)
		return;
	if (at.n == handed->n &&
	    (at.offset <= handed->offset ||
		(*handed_n != 0 && *handed_n != at_n)))
		return;
	*handed = at;
	*handed_n = at_n;
}

void
stream_in_on_synced(struct stream_in *in, const struct have *have,
    const uint64_t partial_n[CLASS_COUNT])
{
	enum record_class i;

	for (i = 0; i < CLASS_COUNT; i++) {
		catch_up(in, i, have->at[i], partial_n[i]);
		release(in, i, have->at[i], partial_n[i]);
	}
}

/* The place behind which a chunk at (n, offset) goes. */
static uint16_t
find_place(struct stream_in *in, const struct piece *piece)
{
	struct chunk_list *list = &in->pool.list[piece->class];
	uint16_t at = list->first, before = CHUNK_NONE;
	const struct chunk *chunk;

	if (list->last != CHUNK_NONE) {
		chunk = chunk_at(&in->pool, list->last);
		if (chunk->n < piece->n ||
		    (chunk->n == piece->n && chunk->offset <= piece->offset))
			return list->last;
	}
	for (; at != CHUNK_NONE; at = chunk->next) {
		chunk = chunk_at(&in->pool, at);
		if (chunk->n > piece->n ||
		    (chunk->n == piece->n && chunk->offset > piece->offset))
			break;
		before = at;
	}
	return before;
}

/* Moves the piece's start behind what is held at its place. */
static void
trim_front(struct stream_in *in, struct piece *piece, uint16_t before)
{
	const struct chunk *chunk;
	uint64_t held = 0;

	if (before == CHUNK_NONE)
		return;
	chunk = chunk_at(&in->pool, before);
	if (chunk->n != piece->n || chunk->offset + chunk->len <= piece->offset)
		return;
	held = chunk->offset + chunk->len - piece->offset;
	if (held > piece->len)
		held = piece->len;
	piece->data += held;
	piece->offset += held;
	piece->len -= (size_t)held;
}

static int
store(struct stream_in *in, const struct piece *piece, size_t len,
    uint16_t before)
{
	uint16_t index = chunk_insert(&in->pool, piece->class, before);
	struct chunk *chunk;

	if (index == CHUNK_NONE)
		return ERR_LIMIT;
	assert(len <= in->pool.stride - sizeof(*chunk));
	chunk = chunk_at(&in->pool, index);
	chunk->n = piece->n;
	chunk->offset = piece->offset;
	chunk->len = (uint16_t)len;
	chunk->fin = piece->fin && len == piece->len;
	chunk->state = CHUNK_ACKED;
	memcpy(chunk->data, piece->data, len);
	return OK;
}

/* Trims what the keeper was handed already; false where nothing is left. */
static bool
trim_handed(const struct stream_in *in, struct piece *piece)
{
	const struct position handed = in->class[piece->class].handed;
	uint64_t have;

	if (piece->n <= handed.n)
		return false;
	if (piece->n != in->class[piece->class].handed_n ||
	    piece->offset >= handed.offset)
		return true;
	have = handed.offset - piece->offset;
	if (have >= piece->len)
		return false;
	piece->data += have;
	piece->offset += have;
	piece->len -= (size_t)have;
	return true;
}

int
stream_in_on_chunk(struct stream_in *in, const struct piece *given)
{
	struct piece piece = *given;
	const struct chunk *chunk;
	uint16_t before, after;
	size_t len;
	int rc;

	if (!trim_handed(in, &piece))
		return OK;
	while (piece.len > 0) {
		before = find_place(in, &piece);
		trim_front(in, &piece, before);
		if (piece.len == 0)
			break;
		/* Up to the next that is held. */
		len = piece.len;
		after = before == CHUNK_NONE
		    ? in->pool.list[piece.class].first
		    : chunk_at(&in->pool, before)->next;
		if (after != CHUNK_NONE) {
			chunk = chunk_at(&in->pool, after);
			if (chunk->n == piece.n &&
			    chunk->offset - piece.offset < len)
				len = (size_t)(chunk->offset - piece.offset);
		}
		if (len > 0 && (rc = store(in, &piece, len, before)) != OK)
			return rc;
		piece.data += len;
		piece.offset += len;
		piece.len -= len;
	}
	return OK;
}

/* The eight bytes that say what a record comes after, whole where a peer has cut
 * them too.  OK, ERR_NOT_FOUND (the rest is on its way) or ERR_PEER (there is
 * none). */
static int
read_after(struct stream_in *in, const struct chunk *chunk, uint64_t *after)
{
	uint8_t bytes[CHUNK_AFTER_BYTES];
	const struct chunk *at = chunk;
	size_t len = 0, step;
	struct reader r;

	for (;;) {
		step = sizeof(bytes) - len;
		if (step > at->len)
			step = at->len;
		memcpy(bytes + len, at->data, step);
		len += step;
		if (len == sizeof(bytes))
			break;
		if (at->fin)
			return ERR_PEER;
		if (at->next == CHUNK_NONE)
			return ERR_NOT_FOUND;
		at = chunk_at(&in->pool, at->next);
		if (at->n != chunk->n || at->offset != len)
			return ERR_NOT_FOUND;
	}
	buf_read(&r, bytes, sizeof(bytes));
	*after = buf_get_u64(&r);
	return OK;
}

/* Whether a record may follow now in its class: OK, ERR_NOT_FOUND (one before it
 * is still on its way) or ERR_PEER. */
static int
may_begin(struct stream_in *in, const struct chunk *chunk,
    enum record_class class)
{
	const struct position handed = in->class[class].handed;
	uint64_t after;
	int rc;

	if (chunk->offset != 0)
		return ERR_NOT_FOUND;
	if ((rc = read_after(in, chunk, &after)) != OK)
		return rc;
	if (after >= chunk->n || after < handed.n)
		return ERR_PEER;
	return after == handed.n ? OK : ERR_NOT_FOUND;
}

static int
next_of_class(struct stream_in *in, enum record_class class,
    struct piece *piece)
{
	struct position *handed = &in->class[class].handed;
	uint64_t *handed_n = &in->class[class].handed_n;
	uint16_t at = in->pool.list[class].first;
	const struct chunk *chunk = NULL;
	int rc;

	for (; at != CHUNK_NONE; at = chunk->next) {
		chunk = chunk_at(&in->pool, at);
		if (!is_before(chunk, *handed, *handed_n))
			break;
	}
	if (at == CHUNK_NONE)
		return ERR_NOT_FOUND;
	if (*handed_n == 0) {
		if ((rc = may_begin(in, chunk, class)) != OK)
			return rc;
		*handed_n = chunk->n;
	}
	if (chunk->n < *handed_n)
		return ERR_PEER;
	/* A chunk may begin before what was handed: the keeper trims. */
	if (chunk->n != *handed_n || chunk->offset > handed->offset)
		return ERR_NOT_FOUND;
	*piece = (struct piece){ class, chunk->n, chunk->offset, chunk->fin,
		chunk->data, chunk->len };
	handed->offset = chunk->offset + chunk->len;
	if (chunk->fin) {
		*handed = (struct position){ chunk->n, 0 };
		*handed_n = 0;
	}
	return OK;
}

int
stream_in_next_piece(struct stream_in *in, struct piece *piece)
{
	enum record_class i;
	int rc;

	if (!in->attached)
		return ERR_NOT_FOUND;
	for (i = 0; i < CLASS_COUNT; i++) {
		rc = next_of_class(in, i, piece);
		if (rc != ERR_NOT_FOUND)
			return rc;
	}
	return ERR_NOT_FOUND;
}
