#include "core/chunk.h"

#include <assert.h>
#include <string.h>

#include "base/wipe.h"

enum {
	FLAG_FIN = 1 << 0,
	FLAG_CLASS_SHIFT = 1, /* three bits */
	FLAG_CLASS_MASK = 7,
	FLAGS_MAX = FLAG_FIN | FLAG_CLASS_MASK << FLAG_CLASS_SHIFT,
	/* Stream ids: 2n is record n of the sender's own journal. */
	STREAM_PER_RECORD = 2,
};

/* Slots of how many seconds, within which bounds. */
static const struct {
	uint16_t seconds, min, max;
} class_room[CLASS_COUNT] = {
	[CLASS_NOTES] = { CHUNKS_S, CHUNKS_NOTES_MIN, CHUNKS_NOTES_MAX },
	[CLASS_FLASH] = { CHUNKS_S, CHUNKS_FLASH_MIN, CHUNKS_FLASH_MAX },
	[CLASS_IMMEDIATE] = { CHUNKS_S, CHUNKS_IMMEDIATE_MIN,
	    CHUNKS_IMMEDIATE_MAX },
	[CLASS_PRIORITY] = { CHUNKS_S, CHUNKS_PRIORITY_MIN,
	    CHUNKS_PRIORITY_MAX },
	[CLASS_ROUTINE] = { CHUNKS_ROUTINE_S, CHUNKS_ROUTINE_MIN,
	    CHUNKS_ROUTINE_MAX },
};

_Static_assert((int)CHUNKS_NOTES_MIN > (int)RECORDS_OPEN_MAX &&
	(int)CHUNKS_FLASH_MIN > (int)RECORDS_OPEN_MAX &&
	(int)CHUNKS_IMMEDIATE_MIN > (int)RECORDS_OPEN_MAX,
    "there is room beside what short records leave unfilled");
_Static_assert((int)LINE_PATHS_MAX <= 8, "a bit for each path");
_Static_assert((int)CHUNKS_MAX < (int)CHUNK_NONE, "an index fits 16 bits");

size_t
chunk_bytes(size_t frame_bytes)
{
	return frame_bytes - FRAME_OVERHEAD_BYTES - CHUNK_HEAD_BYTES;
}

uint16_t
chunk_class_max(struct cadence cadence, enum record_class class)
{
	uint64_t slots = cadence_slots(cadence, class_room[class].seconds);

	if (slots < class_room[class].min)
		return class_room[class].min;
	return slots < class_room[class].max ? (uint16_t)slots
					     : class_room[class].max;
}

static uint16_t
count_chunks(struct cadence cadence)
{
	uint16_t count = 0;
	enum record_class i;

	for (i = 0; i < CLASS_COUNT; i++)
		count = (uint16_t)(count + chunk_class_max(cadence, i));
	return count;
}

/* A chunk with its data, as far from the next as alignment wants. */
static size_t
stride_of(struct cadence cadence)
{
	const size_t align = _Alignof(struct chunk);

	return (sizeof(struct chunk) + chunk_bytes(cadence.frame_bytes) +
		   align - 1) /
	    align * align;
}

size_t
chunk_pool_bytes(struct cadence cadence)
{
	return count_chunks(cadence) * stride_of(cadence);
}

void
chunk_pool_init(struct chunk_pool *pool, void *memory, struct cadence cadence)
{
	uint16_t i;

	memset(memory, 0, chunk_pool_bytes(cadence));
	*pool = (struct chunk_pool){ .memory = memory,
		.stride = stride_of(cadence),
		.count = count_chunks(cadence) };
	for (i = 0; i < CLASS_COUNT; i++) {
		pool->max[i] = chunk_class_max(cadence, (enum record_class)i);
		pool->list[i] =
		    (struct chunk_list){ CHUNK_NONE, CHUNK_NONE, 0 };
	}
	for (i = 0; i < pool->count; i++)
		chunk_at(pool, i)->next =
		    i + 1 < pool->count ? (uint16_t)(i + 1) : CHUNK_NONE;
}

struct chunk *
chunk_at(struct chunk_pool *pool, uint16_t index)
{
	assert(index < pool->count);
	return (struct chunk *)(void *)(pool->memory + index * pool->stride);
}

/* Where the index stands of what comes behind `before`. */
static uint16_t *
link_after(struct chunk_pool *pool, enum record_class class, uint16_t before)
{
	return before == CHUNK_NONE ? &pool->list[class].first
				    : &chunk_at(pool, before)->next;
}

uint16_t
chunk_insert(struct chunk_pool *pool, enum record_class class, uint16_t before)
{
	struct chunk_list *list = &pool->list[class];
	uint16_t index = pool->free;
	struct chunk *chunk;
	uint16_t *link;
	size_t i;

	if (list->count >= pool->max[class])
		return CHUNK_NONE;
	/* The classes' limits add up to the pool: one is free. */
	chunk = chunk_at(pool, index);
	pool->free = chunk->next;
	link = link_after(pool, class, before);
	chunk->next = *link;
	chunk->class = (uint8_t)class;
	for (i = 0; i < LINE_PATHS_MAX; i++)
		chunk->next_in_frame[i] = CHUNK_NONE;
	*link = index;
	if (list->last == before)
		list->last = index;
	list->count++;
	return index;
}

void
chunk_remove_after(struct chunk_pool *pool, enum record_class class,
    uint16_t before)
{
	struct chunk_list *list = &pool->list[class];
	uint16_t *link = link_after(pool, class, before);
	uint16_t index = *link;
	struct chunk *chunk;

	assert(list->count > 0);
	chunk = chunk_at(pool, index);
	*link = chunk->next;
	if (list->last == index)
		list->last = before;
	list->count--;
	wipe(chunk, pool->stride);
	chunk->next = pool->free;
	pool->free = index;
}

void
chunk_clear(struct chunk_pool *pool, enum record_class class)
{
	while (pool->list[class].first != CHUNK_NONE)
		chunk_remove_after(pool, class, CHUNK_NONE);
}

void
chunk_encode(struct writer *w, const struct chunk *chunk, size_t len)
{
	bool fin = chunk->fin && len == chunk->len;

	assert(len > 0 && len <= chunk->len);
	buf_put_u64(w, chunk->n * STREAM_PER_RECORD);
	buf_put_u64(w, chunk->offset);
	buf_put_u8(w,
	    (uint8_t)(chunk->class << FLAG_CLASS_SHIFT | (fin ? FLAG_FIN : 0)));
	buf_put_bytes(w, chunk->data, len);
}

int
chunk_decode(struct piece *piece, const uint8_t *body, size_t len)
{
	struct reader r;
	uint64_t stream;
	uint8_t flags, class;

	buf_read(&r, body, len);
	stream = buf_get_u64(&r);
	piece->offset = buf_get_u64(&r);
	flags = buf_get_u8(&r);
	piece->len = buf_left(&r);
	piece->data = buf_get_slice(&r, piece->len);
	class = flags >> FLAG_CLASS_SHIFT & FLAG_CLASS_MASK;
	if (!buf_is_readable(&r) || flags > FLAGS_MAX || class >= CLASS_COUNT)
		return ERR_FORMAT;
	if (stream == 0 || stream % STREAM_PER_RECORD != 0)
		return ERR_FORMAT;
	if (piece->len == 0 || piece->len > CHUNK_BYTES_MAX ||
	    piece->offset > UINT64_MAX - piece->len)
		return ERR_FORMAT;
	piece->n = stream / STREAM_PER_RECORD;
	piece->class = (enum record_class)class;
	piece->fin = flags & FLAG_FIN;
	return OK;
}
