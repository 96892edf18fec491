/* Owns stretches of records in memory: a pool as large as the cadence needs, one
 * ordered list a class. */
#ifndef CORE_CHUNK_H
#define CORE_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "core/cadence.h"
#include "core/class.h"
#include "core/event.h"
#include "limits.h"

enum {
	CHUNK_NONE = UINT16_MAX,
	/* What a record begins with: the n of the one before it in its class. */
	CHUNK_AFTER_BYTES = 8,
};

enum chunk_state {
	CHUNK_FREE,
	CHUNK_QUEUED, /* out: to be sent (again) */
	CHUNK_FLYING, /* out: in frames, none of which is settled */
	CHUNK_ACKED,  /* out: the peer's wire has it; in: held */
};

struct chunk {
	uint64_t n;
	uint64_t offset;
	uint16_t len;
	uint16_t next; /* in its class, by n and offset */
	/* Out: the same frame of that path carries it too. */
	uint16_t next_in_frame[LINE_PATHS_MAX];
	uint8_t class;
	uint8_t state;
	bool fin;
	bool sent;	 /* out: it left at least once */
	bool everywhere; /* out: each path carries it */
	uint8_t flying;	 /* out: a bit for each path on which it flies */
	uint32_t filled; /* out: the frame that it was last put in */
	uint8_t data[];	 /* chunk_bytes() */
};

/* One class's chunks, in order. */
struct chunk_list {
	uint16_t first;
	uint16_t last;
	uint16_t count;
};

struct chunk_pool {
	uint8_t *memory; /* of `count` chunks, each of `stride` bytes */
	size_t stride;
	uint16_t count;
	uint16_t max[CLASS_COUNT]; /* chunks that a class may hold */
	struct chunk_list list[CLASS_COUNT];
	uint16_t free;
};

/* Bytes of a record that fill a frame alone. */
size_t chunk_bytes(size_t frame_bytes);

/* Chunks of a class at a cadence: the same on both sides. */
uint16_t chunk_class_max(struct cadence cadence, enum record_class class);

/* The memory that a pool needs at a cadence, aligned as a struct chunk. */
size_t chunk_pool_bytes(struct cadence cadence);
/* All are free; the memory is lent for its life. */
void chunk_pool_init(struct chunk_pool *pool, void *memory,
    struct cadence cadence);

/* Takes a free chunk into class's list behind `before` (CHUNK_NONE: at the
 * front) and returns its index; CHUNK_NONE where the class is at its limit. */
uint16_t chunk_insert(struct chunk_pool *pool, enum record_class class,
    uint16_t before);

/* Wipes and frees the chunk behind `before` (CHUNK_NONE: the first). */
void chunk_remove_after(struct chunk_pool *pool, enum record_class class,
    uint16_t before);

/* Lends the chunk; index is not CHUNK_NONE. */
struct chunk *chunk_at(struct chunk_pool *pool, uint16_t index);

/* Wipes and frees all of a class. */
void chunk_clear(struct chunk_pool *pool, enum record_class class);

/* Writes a CHUNK body for the first len bytes of chunk. */
void chunk_encode(struct writer *w, const struct chunk *chunk, size_t len);
/* Reads a CHUNK body; the piece's data is lent.  ERR_FORMAT. */
MUST_CHECK int chunk_decode(struct piece *piece, const uint8_t *body,
    size_t len);

#endif
