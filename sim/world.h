/* Owns simulated time: what happens next, and when. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Something happens; `what` is whatever the caller wanted to be reminded of. */
typedef void world_happen(void *ctx, uint64_t what);

struct world_event {
	uint64_t at_ns;
	uint64_t order; /* of events of one moment: as they were announced */
	world_happen *happen;
	void *ctx;
	uint64_t what;
};

struct world {
	uint64_t now_ns;
	uint64_t steps;
	uint64_t announced;
	struct world_event *heap;
	size_t count;
	size_t cap;
	bool stopped;
};

void world_init(struct world *world, uint64_t start_ns);
/* Frees what world_init and world_at took; what was still to come is lost. */
void world_free(struct world *world);

/* Lets `happen` happen at at_ns (or now, if that is past).  Events of one moment
 * come in the order in which they were announced. */
void world_at(struct world *world, uint64_t at_ns, world_happen *happen,
    void *ctx, uint64_t what);

/* Lets the next event happen.  False, and nothing happens, where there is none
 * up to until_ns (time then stands at until_ns) or the world was stopped. */
bool world_step(struct world *world, uint64_t until_ns);

/* No further step: a check has failed. */
void world_stop(struct world *world);

#endif
