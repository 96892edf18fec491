#include "sim/world.h"

#include <assert.h>
#include <stdlib.h>

#include "base/log.h"

enum { HEAP_COUNT_FIRST = 256 };

static bool
comes_before(const struct world_event *a, const struct world_event *b)
{
	if (a->at_ns != b->at_ns)
		return a->at_ns < b->at_ns;
	return a->order < b->order;
}

static void
heap_grow(struct world *world)
{
	size_t cap = world->cap == 0 ? HEAP_COUNT_FIRST : world->cap * 2;
	struct world_event *heap = realloc(world->heap, cap * sizeof(*heap));

	if (heap == NULL)
		fatal("world: no memory");
	world->heap = heap;
	world->cap = cap;
}

static void
sift_up(struct world *world, size_t i)
{
	struct world_event event = world->heap[i];

	while (i > 0) {
		size_t parent = (i - 1) / 2;

		if (!comes_before(&event, &world->heap[parent]))
			break;
		world->heap[i] = world->heap[parent];
		i = parent;
	}
	world->heap[i] = event;
}

static void
sift_down(struct world *world)
{
	struct world_event event = world->heap[world->count];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < world->count) {
		if (child + 1 < world->count &&
		    comes_before(&world->heap[child + 1], &world->heap[child]))
			child++;
		if (!comes_before(&world->heap[child], &event))
			break;
		world->heap[i] = world->heap[child];
		i = child;
	}
	world->heap[i] = event;
}

void
world_init(struct world *world, uint64_t start_ns)
{
	*world = (struct world){ .now_ns = start_ns };
}

void
world_free(struct world *world)
{
	free(world->heap);
	*world = (struct world){ .stopped = true };
}

void
world_at(struct world *world, uint64_t at_ns, world_happen *happen, void *ctx,
    uint64_t what)
{
	if (world->count == world->cap)
		heap_grow(world);
	world->heap[world->count] = (struct world_event){
		.at_ns = at_ns < world->now_ns ? world->now_ns : at_ns,
		.order = world->announced++,
		.happen = happen,
		.ctx = ctx,
		.what = what,
	};
	sift_up(world, world->count++);
}

bool
world_step(struct world *world, uint64_t until_ns)
{
	struct world_event event;

	if (world->stopped)
		return false;
	if (world->count == 0 || world->heap[0].at_ns > until_ns) {
		if (world->now_ns < until_ns)
			world->now_ns = until_ns;
		return false;
	}
	event = world->heap[0];
	world->count--;
	if (world->count > 0)
		sift_down(world);
	assert(event.at_ns >= world->now_ns);
	world->now_ns = event.at_ns;
	world->steps++;
	event.happen(event.ctx, event.what);
	return true;
}

void
world_stop(struct world *world)
{
	world->stopped = true;
}
