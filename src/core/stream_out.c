#include "core/stream_out.h"

#include <assert.h>
#include <string.h>

#include "base/wipe.h"
#include "core/ack.h"
#include "core/frame.h"

void
stream_out_init(struct stream_out *out, void *memory, struct cadence cadence)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	chunk_pool_init(&out->pool, memory, cadence);
	out->chunk_bytes = chunk_bytes(cadence.frame_bytes);
	for (i = 0; i < CLASS_COUNT; i++)
		out->class[i].fresh = CHUNK_NONE;
}

void
stream_out_wipe(struct stream_out *out)
{
	wipe(out->pool.memory, out->pool.count * out->pool.stride);
	wipe(out, sizeof(*out));
}

static uint8_t
bit_of(unsigned path)
{
	assert(path < LINE_PATHS_MAX);
	return (uint8_t)(1u << path);
}

/* Paths that should carry a chunk that flies, and don't, are one more or one
 * fewer. */
static void
count_lacks(struct stream_out *out, const struct chunk *chunk, int change)
{
	uint16_t *lacks = out->class[chunk->class].lacks;
	unsigned i;

	if (!chunk->everywhere)
		return;
	for (i = 0; i < LINE_PATHS_MAX; i++) {
		if (out->paths & ~chunk->flying & bit_of(i))
			lacks[i] = (uint16_t)(lacks[i] + change);
	}
}

/* What path carries of a class counts anew: a path opens or closes. */
static void
recount(struct stream_out *out, enum record_class class, unsigned path)
{
	uint16_t at = out->pool.list[class].first;
	const struct chunk *chunk;

	out->class[class].lacks[path] = 0;
	if (!(out->paths & bit_of(path)))
		return;
	for (; at != CHUNK_NONE; at = chunk->next) {
		chunk = chunk_at(&out->pool, at);
		if (chunk->everywhere && chunk->state == CHUNK_FLYING &&
		    !(chunk->flying & bit_of(path)))
			out->class[class].lacks[path]++;
	}
}

void
stream_out_open_path(struct stream_out *out, unsigned path)
{
	enum record_class i;

	out->paths |= bit_of(path);
	for (i = 0; i < CLASS_COUNT; i++)
		recount(out, i, path);
}

void
stream_out_close_path(struct stream_out *out, unsigned path)
{
	enum record_class i;

	out->paths &= (uint8_t)~bit_of(path);
	for (i = 0; i < CLASS_COUNT; i++)
		recount(out, i, path);
}

static void
queue_again(struct stream_out *out, struct chunk *chunk)
{
	if (chunk->state == CHUNK_ACKED && chunk->everywhere)
		out->class[chunk->class].hopes++;
	chunk->state = CHUNK_QUEUED;
	out->class[chunk->class].resend++;
}

void
stream_out_on_session(struct stream_out *out)
{
	struct chunk *chunk;
	uint16_t i, at;

	out->open = false;
	for (i = 0; i < CLASS_COUNT; i++) {
		out->class[i].stands = false;
		memset(out->class[i].lacks, 0, sizeof(out->class[i].lacks));
		at = out->pool.list[i].first;
		for (; at != CHUNK_NONE; at = chunk->next) {
			chunk = chunk_at(&out->pool, at);
			chunk->flying = 0;
			if (chunk->state == CHUNK_FLYING ||
			    chunk->state == CHUNK_ACKED)
				queue_again(out, chunk);
		}
	}
}

void
stream_out_on_rekey(struct stream_out *out)
{
	struct chunk *chunk;
	enum record_class i;
	uint16_t at;

	for (i = 0; i < CLASS_COUNT; i++) {
		at =
		    out->class[i].stands ? out->pool.list[i].first : CHUNK_NONE;
		for (; at != CHUNK_NONE; at = chunk->next) {
			chunk = chunk_at(&out->pool, at);
			if (chunk->state == CHUNK_ACKED && chunk->flying == 0)
				queue_again(out, chunk);
		}
		out->class[i].stands = true;
	}
}

/* Forgets a class and goes on from a position. */
static void
restart_class(struct stream_out *out, enum record_class class,
    struct position at)
{
	uint16_t i = out->pool.list[class].first;
	const struct chunk *chunk;

	for (; i != CHUNK_NONE; i = chunk->next) {
		chunk = chunk_at(&out->pool, i);
		if (class != CLASS_NOTES && chunk->sent)
			out->beyond -= chunk->len;
	}
	chunk_clear(&out->pool, class);
	out->class[class].base = at;
	out->class[class].held = at;
	out->class[class].held_n = 0;
	out->class[class].wanted = 0;
	out->class[class].resend = 0;
	out->class[class].hopes = 0;
	out->class[class].fresh = CHUNK_NONE;
	out->want_due = true;
}

/* Frees what the position covers: whole records up to at.n, and of the one
 * after it (the first with a larger n) what ends at or before at.offset. */
static void
release(struct stream_out *out, enum record_class class, struct position at)
{
	struct chunk_list *list = &out->pool.list[class];
	const struct chunk *chunk;
	uint64_t next_n = 0;

	while (list->first != CHUNK_NONE) {
		chunk = chunk_at(&out->pool, list->first);
		if (chunk->n > at.n) {
			if (next_n == 0)
				next_n = chunk->n;
			if (chunk->n != next_n ||
			    chunk->offset + chunk->len > at.offset)
				break;
		}
		if (chunk->flying != 0)
			break; /* its frames are settled first */
		if (chunk->state == CHUNK_QUEUED && chunk->sent) {
			out->class[class].resend--;
			out->class[class].hopes -= chunk->everywhere;
		}
		if (class != CLASS_NOTES && chunk->sent)
			out->beyond -= chunk->len;
		if (out->class[class].fresh == list->first)
			out->class[class].fresh = chunk->next;
		chunk_remove_after(&out->pool, class, CHUNK_NONE);
	}
}

/* Bytes that may still be asked for: as many as chunks are free, less those
 * that short records may leave unfilled. */
static uint32_t
room_of(const struct stream_out *out, enum record_class class)
{
	uint32_t max = out->pool.max[class];
	uint32_t used = out->pool.list[class].count + RECORDS_OPEN_MAX;

	return used < max ? (max - used) * (uint32_t)out->chunk_bytes : 0;
}

static bool
wants_more(const struct stream_out *out, enum record_class class)
{
	uint32_t whole = out->pool.max[class] * (uint32_t)out->chunk_bytes;

	return room_of(out, class) >=
	    out->class[class].wanted + whole / STREAM_REFILL_DIVISOR;
}

/* Nothing of a class is flying yet: its place may be anywhere. */
static void
begin_class(struct stream_out *out, enum record_class class, struct position at)
{
	if (position_compare(at, out->class[class].base) < 0 ||
	    position_compare(at, out->class[class].held) > 0) {
		restart_class(out, class, at);
		return;
	}
	out->class[class].base = at;
	release(out, class, at);
}

static void
advance_class(struct stream_out *out, enum record_class class,
    struct position at)
{
	/* Its keeper may have synced late what a wire before us had sent: we go
	 * on from there.  What is still flying is freed when it is settled. */
	if (position_compare(at, out->class[class].held) > 0) {
		out->class[class].held = at;
		out->class[class].held_n = 0;
		out->class[class].wanted = 0;
		out->want_due = true;
	}
	if (position_compare(at, out->class[class].base) != 0)
		out->class[class].stands = false;
	out->class[class].base = at;
	release(out, class, at);
	if (wants_more(out, class))
		out->want_due = true;
}

/* A HAVE that a later one has overtaken on its way. */
static bool
is_overtaken(const struct stream_out *out, const struct have *have)
{
	enum record_class i;

	for (i = 0; i < CLASS_COUNT; i++) {
		if (position_compare(have->at[i], out->class[i].base) < 0)
			return true;
	}
	return false;
}

bool
stream_out_on_have(struct stream_out *out, const struct have *have)
{
	enum record_class i;

	if (out->open && is_overtaken(out, have))
		return false;
	for (i = 0; i < CLASS_COUNT; i++) {
		if (out->open)
			advance_class(out, i, have->at[i]);
		else
			begin_class(out, i, have->at[i]);
	}
	out->credit = have->credit;
	if (!out->open)
		out->want_due = true;
	out->open = true;
	return true;
}

/* Where a piece stands to what we hold: trims what we have; false where it does
 * not join on. */
static bool
joins(const struct stream_out *out, struct piece *piece)
{
	const struct position held = out->class[piece->class].held;
	uint64_t held_n = out->class[piece->class].held_n;
	struct reader r;
	uint64_t have;

	if (piece->n <= held.n) {
		piece->len = 0;
		return true;
	}
	if (held_n == 0 && held.offset == 0) {
		/* The peer may have named an n that is of another class; what
		 * comes before the piece must not lie behind it. */
		buf_read(&r, piece->data, piece->len);
		return piece->offset == 0 && buf_get_u64(&r) <= held.n &&
		    buf_is_readable(&r);
	}
	if (held_n != 0 && piece->n != held_n)
		return false;
	if (piece->offset > held.offset)
		return false;
	have = held.offset - piece->offset;
	if (have > piece->len)
		have = piece->len;
	piece->data += have;
	piece->offset += have;
	piece->len -= (size_t)have;
	return true;
}

/* Cuts the piece into chunks; false where they don't all find room. */
static bool
store(struct stream_out *out, const struct piece *piece)
{
	struct chunk_list *list = &out->pool.list[piece->class];
	size_t done = 0, len;
	struct chunk *chunk;
	uint16_t index;

	for (; done < piece->len; done += len) {
		len = piece->len - done;
		if (len > out->chunk_bytes)
			len = out->chunk_bytes;
		index = chunk_insert(&out->pool, piece->class, list->last);
		if (index == CHUNK_NONE)
			return false;
		chunk = chunk_at(&out->pool, index);
		chunk->n = piece->n;
		chunk->offset = piece->offset + done;
		chunk->len = (uint16_t)len;
		chunk->fin = piece->fin && done + len == piece->len;
		chunk->state = CHUNK_QUEUED;
		memcpy(chunk->data, piece->data + done, len);
		if (out->class[piece->class].fresh == CHUNK_NONE)
			out->class[piece->class].fresh = index;
		out->class[piece->class].held_n = piece->n;
		out->class[piece->class].held.offset = chunk->offset + len;
		if (chunk->fin) {
			out->class[piece->class].held =
			    (struct position){ piece->n, 0 };
			out->class[piece->class].held_n = 0;
		}
	}
	return true;
}

int
stream_out_on_piece(struct stream_out *out, const struct piece *given)
{
	struct piece piece = *given;
	uint32_t *wanted = &out->class[piece.class].wanted;

	/* What an earlier request brought comes late; were each of those to ask
	 * again, answers would multiply. */
	if (!joins(out, &piece)) {
		if (*wanted == 0 && wants_more(out, piece.class))
			out->want_due = true;
		return ERR_STATE;
	}
	*wanted -= given->len < *wanted ? (uint32_t)given->len : *wanted;
	if (!store(out, &piece)) {
		*wanted = 0;
		out->want_due = true;
		return ERR_STATE;
	}
	return OK;
}

bool
stream_out_next_want(struct stream_out *out, struct want *want)
{
	enum record_class i;

	if (!out->open || !out->want_due)
		return false;
	out->want_due = false;
	for (i = 0; i < CLASS_COUNT; i++) {
		want->at[i] = out->class[i].held;
		want->room[i] = room_of(out, i);
		out->class[i].wanted = want->room[i];
	}
	return true;
}

void
stream_out_want_again(struct stream_out *out)
{
	out->want_due = true;
}

/* The path must carry a chunk that was sent before: it was lost, or rides on each
 * path and not yet on this. */
static bool
is_owed(const struct chunk *chunk, unsigned path)
{
	if (!chunk->sent)
		return false;
	return chunk->state == CHUNK_QUEUED ||
	    (chunk->state == CHUNK_FLYING && chunk->everywhere &&
		!(chunk->flying & bit_of(path)));
}

/* The next chunk of a class for a path, behind `before` (CHUNK_NONE: the first):
 * those sent before go first, in order. */
static uint16_t
next_queued(struct stream_out *out, enum record_class class, unsigned path,
    uint16_t before)
{
	uint16_t at = out->pool.list[class].first;

	if (out->class[class].resend == 0 && out->class[class].lacks[path] == 0)
		return out->class[class].fresh;
	if (before != CHUNK_NONE)
		at = chunk_at(&out->pool, before)->next;
	for (; at != CHUNK_NONE; at = chunk_at(&out->pool, at)->next) {
		if (is_owed(chunk_at(&out->pool, at), path))
			return at;
	}
	assert(!"a chunk counted as owed is in the list");
	return CHUNK_NONE;
}

static bool
may_send(const struct stream_out *out, const struct chunk *chunk)
{
	return chunk->sent || chunk->class == CLASS_NOTES ||
	    out->beyond + chunk->len <= out->credit;
}

/* Leaves the first len bytes in the chunk and moves the rest to a new one
 * behind it; false where the class has none left. */
static bool
split(struct stream_out *out, uint16_t index, size_t len)
{
	struct chunk *chunk = chunk_at(&out->pool, index), *rest;
	enum record_class class = (enum record_class)chunk->class;
	uint16_t rest_index;

	rest_index = chunk_insert(&out->pool, class, index);
	if (rest_index == CHUNK_NONE)
		return false;
	rest = chunk_at(&out->pool, rest_index);
	rest->n = chunk->n;
	rest->offset = chunk->offset + len;
	rest->len = (uint16_t)(chunk->len - len);
	rest->fin = chunk->fin;
	rest->sent = chunk->sent;
	rest->everywhere = chunk->everywhere;
	rest->state = CHUNK_QUEUED;
	memcpy(rest->data, chunk->data + len, rest->len);
	chunk->len = (uint16_t)len;
	chunk->fin = false;
	if (rest->sent) {
		out->class[class].resend++;
		out->class[class].hopes += rest->everywhere;
	}
	return true;
}

static void
mark_sent(struct stream_out *out, uint16_t index, unsigned path)
{
	struct chunk *chunk = chunk_at(&out->pool, index);
	enum record_class class = (enum record_class)chunk->class;

	chunk->filled = out->fills;
	if (chunk->state == CHUNK_FLYING) {
		out->class[class].lacks[path]--;
		chunk->flying |= bit_of(path);
		return;
	}
	chunk->state = CHUNK_FLYING;
	chunk->flying = bit_of(path);
	count_lacks(out, chunk, 1);
	if (chunk->sent) {
		out->class[class].resend--;
		out->resent++;
		return;
	}
	assert(out->class[class].fresh == index);
	out->class[class].fresh = chunk->next;
	chunk->sent = true;
	out->class[class].hopes += chunk->everywhere;
	if (class != CLASS_NOTES)
		out->beyond += chunk->len;
}

/* Puts one chunk into w, cut to the room; false where it does not go. */
static bool
put_chunk(struct stream_out *out, unsigned path, struct writer *w,
    uint16_t index)
{
	struct chunk *chunk = chunk_at(&out->pool, index);
	size_t room = buf_room(w), len = chunk->len;
	struct writer body;

	if (room <= CHUNK_HEAD_BYTES)
		return false;
	room -= CHUNK_HEAD_BYTES;
	if (len > room) {
		if (room < CHUNK_SPLIT_BYTES_MIN || !split(out, index, room))
			return false;
		len = room;
	}
	body = frame_record_begin(w);
	chunk_encode(&body, chunk, len);
	if (!frame_record_end(w, &body, FRAME_CHUNK))
		return false;
	mark_sent(out, index, path);
	return true;
}

/* Fills a chunk that was never sent from those behind it, so that a frame of one
 * record has one head to carry: what a cut left over would else go on its own. */
static void
top_up(struct stream_out *out, uint16_t index)
{
	struct chunk *chunk = chunk_at(&out->pool, index), *next;
	size_t len;

	while (!chunk->fin && chunk->len < out->chunk_bytes &&
	    chunk->next != CHUNK_NONE) {
		next = chunk_at(&out->pool, chunk->next);
		if (next->n != chunk->n)
			return;
		assert(
		    !next->sent && next->offset == chunk->offset + chunk->len);
		len = out->chunk_bytes - chunk->len;
		if (len > next->len)
			len = next->len;
		memcpy(chunk->data + chunk->len, next->data, len);
		chunk->len = (uint16_t)(chunk->len + len);
		if (len == next->len) {
			chunk->fin = next->fin;
			chunk_remove_after(&out->pool,
			    (enum record_class)chunk->class, index);
			continue;
		}
		memmove(next->data, next->data + len, next->len - len);
		next->offset += len;
		next->len = (uint16_t)(next->len - len);
	}
}

/* Settles what a chunk is that leaves for the first time. */
static void
make_ready(struct stream_out *out, uint16_t index)
{
	struct chunk *chunk = chunk_at(&out->pool, index);

	top_up(out, index);
	if (chunk->class <= CLASS_FLASH || (chunk->offset == 0 && chunk->fin))
		chunk->everywhere = true;
}

uint32_t
stream_out_fill(struct stream_out *out, unsigned path, struct writer *w)
{
	uint32_t load = ACK_NO_LOAD;
	bool waits = false; /* a class does, for credit */
	enum record_class i;
	struct chunk *chunk;
	uint16_t index, last;

	assert(out->paths & bit_of(path));
	out->fills++;
	if (!out->open)
		return load;
	for (i = 0; i < CLASS_COUNT; i++) {
		last = CHUNK_NONE;
		while (
		    (index = next_queued(out, i, path, last)) != CHUNK_NONE) {
			chunk = chunk_at(&out->pool, index);
			if (!chunk->sent)
				make_ready(out, index);
			/* Lower classes may then only send again: what they
			 * began must end, but credit is the higher one's. */
			if (!may_send(out, chunk) || (waits && !chunk->sent)) {
				waits = true;
				break;
			}
			if (!put_chunk(out, path, w, index))
				return load;
			chunk->next_in_frame[path] =
			    load == ACK_NO_LOAD ? CHUNK_NONE : (uint16_t)load;
			load = last = index;
		}
	}
	return load;
}

void
stream_out_pass(struct stream_out *out)
{
	out->fills++;
}

/* A HAVE covers it, though frames of it fly still, on a path that is cut: it lies
 * in a whole record, or in the one after it (`next_n`) as far as that is held. */
static bool
is_held(struct position base, uint64_t next_n, const struct chunk *chunk)
{
	return chunk->n <= base.n ||
	    (chunk->n == next_n && chunk->offset + chunk->len <= base.offset);
}

/* It left already, rides everywhere, and is not known to be there. */
static bool
is_hoped_for(const struct chunk *chunk)
{
	return chunk->sent && chunk->everywhere && chunk->state != CHUNK_ACKED;
}

static void
repeat_class(struct stream_out *out, enum record_class class, struct writer *w)
{
	const struct position base = out->class[class].base;
	uint16_t at = out->pool.list[class].first;
	unsigned left = out->class[class].hopes;
	struct writer body;
	struct chunk *chunk;
	uint64_t next_n = 0;

	for (; left > 0; at = chunk->next) {
		chunk = chunk_at(&out->pool, at);
		if (next_n == 0 && chunk->n > base.n)
			next_n = chunk->n;
		if (!is_hoped_for(chunk))
			continue;
		left--;
		if (chunk->filled == out->fills ||
		    is_held(base, next_n, chunk) ||
		    buf_room(w) < CHUNK_HEAD_BYTES + (size_t)chunk->len)
			continue;
		body = frame_record_begin(w);
		chunk_encode(&body, chunk, chunk->len);
		if (!frame_record_end(w, &body, FRAME_CHUNK))
			return;
		chunk->filled = out->fills;
		out->repeated++;
	}
}

void
stream_out_repeat(struct stream_out *out, struct writer *w)
{
	enum record_class i;

	if (!out->open)
		return;
	for (i = 0; i < CLASS_COUNT && buf_room(w) > CHUNK_HEAD_BYTES; i++)
		repeat_class(out, i, w);
}

/* One flight of a chunk has ended. */
static void
settle_chunk(struct stream_out *out, struct chunk *chunk, unsigned path,
    bool arrived)
{
	assert(chunk->flying & bit_of(path));
	if (chunk->state != CHUNK_FLYING) {
		/* It is known to be there by another. */
		chunk->flying &= (uint8_t)~bit_of(path);
		return;
	}
	count_lacks(out, chunk, -1);
	chunk->flying &= (uint8_t)~bit_of(path);
	if (arrived) {
		chunk->state = CHUNK_ACKED;
		out->class[chunk->class].hopes -= chunk->everywhere;
	} else if (chunk->flying == 0) {
		queue_again(out, chunk);
	} else {
		count_lacks(out, chunk, 1);
	}
}

void
stream_out_settle(struct stream_out *out, unsigned path, uint32_t load,
    bool arrived)
{
	uint16_t index = (uint16_t)load, next;
	bool touched[CLASS_COUNT] = { false };
	struct chunk *chunk;
	enum record_class i;

	for (; index != CHUNK_NONE; index = next) {
		chunk = chunk_at(&out->pool, index);
		next = chunk->next_in_frame[path];
		chunk->next_in_frame[path] = CHUNK_NONE;
		settle_chunk(out, chunk, path, arrived);
		touched[chunk->class] = true;
	}
	for (i = 0; i < CLASS_COUNT; i++) {
		if (touched[i])
			release(out, i, out->class[i].base);
	}
}

_Static_assert((int)CHUNK_SPLIT_BYTES_MIN >= (int)CHUNK_AFTER_BYTES,
    "a record's first chunk says what it comes after");
