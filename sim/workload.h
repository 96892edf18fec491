/* Owns what people do in a run: they send, test the line, and acknowledge. */
#ifndef SIM_WORKLOAD_H
#define SIM_WORKLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include <sys/queue.h>

#include "sim/dice.h"
#include "sim/plan.h"

struct run;
struct errand;

enum workload_bounds {
	WORKLOAD_BURST_MAX = 16,
	/* Of one file, and of one text. */
	WORKLOAD_FILE_BYTES_MAX = 384 * 1024,
	WORKLOAD_TEXT_BYTES_MAX = 64 * 1024,
	WORKLOAD_BYTES_MAX = 2 * 1024 * 1024,
	/* Of what the line could carry in the time there is. */
	WORKLOAD_LOAD_PERMILLE_MAX = 450,
};

/* The people at one post. */
struct people {
	struct run *run;
	unsigned post;
	struct dice dice;      /* of what they do at present */
	uint64_t budget_bytes; /* that they say in the whole run */
	uint64_t used_bytes;
};

struct workload {
	struct people people[PLAN_POSTS];
	LIST_HEAD(, errand) errands; /* messages on their way into a post */
	bool ended;
};

/* "sends a message", ... */
const char *workload_act_name(const struct plan *plan, const struct act *act);

/* People begin; they go on until workload_end. */
void workload_start(struct run *run);

/* Nobody begins anything more.  What is half said is said. */
void workload_end(struct run *run);

/* Lets time pass until all that was begun is said: when that is. */
uint64_t workload_finish(struct run *run);

/* Gives back what is still under way; to be called after post_free. */
void workload_free(struct run *run);

#endif
