/* Owns the frames that wait: a fixed number, shared by all legs. */
#ifndef RELAY_POOL_H
#define RELAY_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "limits.h"

/* Too wide for an enum. */
#define POOL_NONE UINT32_MAX

struct pool {
	uint8_t (*frame)[FRAME_BYTES_MAX];
	uint32_t *free_list; /* the first free_count are free */
	uint32_t free_count;
	uint32_t count;
};

/* Room for count frames: OK, or ERR_LIMIT without memory. */
MUST_CHECK int pool_open(struct pool *pool, uint32_t count);
void pool_close(struct pool *pool);

/* The number of a frame that is free until now; POOL_NONE: all wait. */
uint32_t pool_take(struct pool *pool);
/* Wipes the frame: nothing of it stays where it waited. */
void pool_give(struct pool *pool, uint32_t frame);

#endif
