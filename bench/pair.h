/* Owns two posts and a network in simulated time, as the simulator has them,
 * for figures that are counted in slots and come out the same every time. */
#ifndef BENCH_PAIR_H
#define BENCH_PAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/network.h"
#include "sim/plan.h"
#include "sim/post.h"
#include "sim/world.h"

struct pair {
	struct plan plan;
	struct world world;
	struct network network;
	struct post_watch watch;
	struct post post[PLAN_POSTS];
	/* Slots whose moment has come, of each post. */
	uint64_t slots[PLAN_POSTS];
};

/* What posts say in their logs, of being killed above all, is not heard. */
void pair_hush(void);

/* Holds the ceremony and starts both posts, delay_ns apart; how their slots lie
 * to each other follows from the seed.  Whoever wants to see more than slots sets
 * watch's other functions afterwards. */
void pair_open(struct pair *pair, struct cadence cadence, uint64_t delay_ns,
    uint64_t seed);
/* Ends all of it and its drives. */
void pair_close(struct pair *pair);

/* From now on so many datagrams of a thousand are lost, and nothing else. */
void pair_lose(struct pair *pair, unsigned permille);

/* Lets time pass. */
void pair_run(struct pair *pair, uint64_t ns);

/* Both lines say that frames arrive both ways. */
bool pair_is_up(const struct pair *pair);
/* Until both are up: true, or false after `slots` of them. */
bool pair_await_up(struct pair *pair, uint64_t slots);

#endif
