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

static const uint16_t class_max[CLASS_COUNT] = {
	[CLASS_NOTES] = CHUNKS_NOTES_MAX,
	[CLASS_FLASH] = CHUNKS_FLASH_MAX,
	[CLASS_IMMEDIATE] = CHUNKS_IMMEDIATE_MAX,
	[CLASS_PRIORITY] = CHUNKS_PRIORITY_MAX,
	[CLASS_ROUTINE] = CHUNKS_ROUTINE_MAX,
};

_Static_assert((int)LINE_PATHS_MAX <= 8, "a bit for each path");
_Static_assert((int)CHUNKS_MAX < (int)CHUNK_NONE, "an index fits 16 bits");

void
chunk_pool_init(struct chunk_pool *pool)
{
	uint16_t i;

	memset(pool, 0, sizeof(*pool));
	for (i = 0; i < CLASS_COUNT; i++)
		pool->list[i] =
		    (struct chunk_list){ CHUNK_NONE, CHUNK_NONE, 0 };
	for (i = 0; i < CHUNKS_MAX; i++)
		pool->chunk[i].next =
		    i + 1 < CHUNKS_MAX ? (uint16_t)(i + 1) : CHUNK_NONE;
	pool->free = 0;
}

uint16_t
chunk_class_max(enum record_class class)
{
	return class_max[class];
}

struct chunk *
chunk_at(struct chunk_pool *pool, uint16_t index)
{
	assert(index < CHUNKS_MAX);
	return &pool->chunk[index];
}

uint16_t
chunk_insert(struct chunk_pool *pool, enum record_class class, uint16_t before)
{
	struct chunk_list *list = &pool->list[class];
	uint16_t index = pool->free;
	uint16_t *link;
	size_t i;

	if (list->count >= class_max[class])
		return CHUNK_NONE;
	assert(
	    index != CHUNK_NONE); /* the classes' limits add up to the pool */
	pool->free = pool->chunk[index].next;
	link = before == CHUNK_NONE ? &list->first : &pool->chunk[before].next;
	pool->chunk[index].next = *link;
	pool->chunk[index].class = (uint8_t)class;
	for (i = 0; i < LINE_PATHS_MAX; i++)
		pool->chunk[index].next_in_frame[i] = CHUNK_NONE;
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
	uint16_t *link;
	uint16_t index;

	link = before == CHUNK_NONE ? &list->first : &pool->chunk[before].next;
	index = *link;
	assert(index != CHUNK_NONE && list->count > 0);
	*link = pool->chunk[index].next;
	if (list->last == index)
		list->last = before;
	list->count--;
	wipe(&pool->chunk[index], sizeof(pool->chunk[index]));
	pool->chunk[index].next = pool->free;
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
