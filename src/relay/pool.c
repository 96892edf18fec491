#include "relay/pool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"

int
pool_open(struct pool *pool, uint32_t count)
{
	assert(count > 0);
	*pool = (struct pool){ .count = count };
	pool->frame = calloc(count, sizeof(*pool->frame));
	pool->free_list = calloc(count, sizeof(*pool->free_list));
	if (pool->frame == NULL || pool->free_list == NULL) {
		pool_close(pool);
		return ERR_LIMIT;
	}
	/* The last given is the first taken: few pages are ever touched. */
	for (uint32_t i = 0; i < count; i++)
		pool->free_list[i] = count - 1 - i;
	pool->free_count = count;
	return OK;
}

void
pool_close(struct pool *pool)
{
	if (pool->frame != NULL)
		wipe(pool->frame, pool->count * sizeof(*pool->frame));
	free(pool->frame);
	free(pool->free_list);
	*pool = (struct pool){ 0 };
}

uint32_t
pool_take(struct pool *pool)
{
	if (pool->free_count == 0)
		return POOL_NONE;
	return pool->free_list[--pool->free_count];
}

void
pool_give(struct pool *pool, uint32_t frame)
{
	assert(frame < pool->count && pool->free_count < pool->count);
	wipe(pool->frame[frame], sizeof(pool->frame[frame]));
	pool->free_list[pool->free_count++] = frame;
}
