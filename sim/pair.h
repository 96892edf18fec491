/* Owns two posts and good roads between them in simulated time, for figures and
 * claims that are counted in slots and come out the same every time. */
#ifndef SIM_PAIR_H
#define SIM_PAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/network.h"
#include "sim/plan.h"
#include "sim/post.h"
#include "sim/world.h"

struct pair {
	struct plan plan;
	struct world world;
	struct network roads[PLAN_ROADS_MAX];
	struct post_watch watch;
	struct post post[PLAN_POSTS];
	/* Whether a datagram that arrives is lost after all; NULL: none is.  Its
	 * ctx is the watch's. */
	bool (*drops)(void *ctx, const struct flight *flight);
	/* Slots whose moment has come, of each path. */
	uint64_t slots[PLAN_POSTS][PLAN_ROADS_MAX];
};

/* What posts say in their logs, of being killed above all, is not heard. */
void pair_hush(void);

struct pair_options {
	struct cadence cadence;
	uint64_t delay_ns; /* how far apart they are, on every road */
	unsigned roads;	   /* and paths of each; 0: one */
	bool roams;	   /* the first post follows the second */
	uint64_t seed; /* how their slots lie to each other follows from it */
};

/* Holds the ceremony and starts both posts.  Whoever wants to see more than slots
 * sets watch's other functions afterwards. */
void pair_open(struct pair *pair, const struct pair_options *options);
/* Ends all of it and its drives. */
void pair_close(struct pair *pair);

/* From now on so many datagrams of a thousand are lost on every road, and nothing
 * else. */
void pair_lose(struct pair *pair, unsigned permille);
/* Nothing passes a road, or all does again.  What is on its way is gone. */
void pair_cut(struct pair *pair, unsigned road, bool cut);

/* Lets time pass. */
void pair_run(struct pair *pair, uint64_t ns);

/* Both lines say that frames arrive both ways. */
bool pair_is_up(const struct pair *pair);
/* Until both are up: true, or false after `slots` of them. */
bool pair_await_up(struct pair *pair, uint64_t slots);

#endif
