/*
 * The figure of a restart: how many slots a line takes to talk again, from the
 * first slot of the wire that started anew until both sides are up.  Counted in
 * the simulator's world with the real core, keeper and store.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "figure.h"
#include "limits.h"
#include "pair.h"

enum {
	RESTARTS = 200,
	DELAY_MS = 20,
	/* A session lives so long before it is cut, at least and at most. */
	CALM_SLOTS_MIN = 5,
	CALM_SLOTS_MAX = 200,
	/* A line that is not back by then has been lost. */
	BACK_SLOTS_MAX = 2000,
};

/* Who restarts. */
enum scene { SCENE_A, SCENE_B, SCENE_BOTH, SCENE_COUNT };

struct trial {
	const char *name;
	struct cadence cadence;
	double median_slots;
	double p99_slots; /* 0: none is asked for */
};

static void
await_back(struct pair *pair, unsigned post)
{
	while (pair->post[post].line == NULL) {
		if (!world_step(&pair->world, UINT64_MAX))
			fatalx("post %u does not come back", post);
	}
}

/* Slots until both are up, less three round trips. */
static double
restart_once(struct pair *pair, struct dice *dice, enum scene scene)
{
	uint64_t slot_ns = cadence_slot_ns(pair->plan.cadence);
	uint64_t calm_ns = dice_between(dice, CALM_SLOTS_MIN * slot_ns,
	    CALM_SLOTS_MAX * slot_ns);
	const struct incident lost = { .kind = INCIDENT_POST_LOST };
	uint64_t back_ns;

	pair_run(pair, calm_ns);
	if (scene != SCENE_B)
		post_suffer(&pair->post[0], &lost);
	if (scene != SCENE_A) {
		/* Not in step, where both do. */
		pair_run(pair, dice_between(dice, 0, slot_ns));
		post_suffer(&pair->post[1], &lost);
	}
	for (unsigned i = 0; i < PLAN_POSTS; i++)
		await_back(pair, i);
	back_ns = pair->world.now_ns;
	if (!pair_await_up(pair, BACK_SLOTS_MAX))
		fatalx("the line does not come back");
	return ((double)(pair->world.now_ns - back_ns) -
		   6.0 * (double)pair->plan.delay_ns) /
	    (double)slot_ns;
}

static void
print(const struct trial *trial, const char *who, const char *what,
    double value, double bound)
{
	char name[64];
	struct figure figure = {
		.name = name,
		.value = value,
		.unit = "slots",
		.reference = "one slot (three round trips taken off)",
		.reference_value = 1,
		.goal = bound > 0 ? FIGURE_VALUE_AT_MOST : FIGURE_NONE,
		.bound = bound,
	};

	snprintf(name, sizeof(name), "restart %s, %s %s", trial->name, who,
	    what);
	figure_print(&figure);
}

static void
run_trial(const struct trial *trial, uint64_t seed)
{
	static double slots[SCENE_COUNT * RESTARTS];
	struct pair pair;
	struct dice dice;
	size_t n = 0;

	dice_init(&dice, seed, DICE_WORKLOAD, 0);
	pair_open(&pair, trial->cadence, (uint64_t)DELAY_MS * CLOCK_NS_PER_MS,
	    seed);
	if (!pair_await_up(&pair, BACK_SLOTS_MAX))
		fatalx("the line does not come up");
	for (unsigned i = 0; i < 2 * RESTARTS; i++)
		slots[n++] =
		    restart_once(&pair, &dice, i % 2 == 0 ? SCENE_A : SCENE_B);
	print(trial, "one", "p50", figure_quantile(slots, n, 0.5),
	    trial->median_slots);
	print(trial, "one", "p99", figure_quantile(slots, n, 0.99),
	    trial->p99_slots);
	for (n = 0; n < RESTARTS; n++)
		slots[n] = restart_once(&pair, &dice, SCENE_BOTH);
	print(trial, "both", "p50", figure_quantile(slots, n, 0.5),
	    trial->median_slots);
	print(trial, "both", "p99", figure_quantile(slots, n, 0.99),
	    trial->p99_slots);
	pair_close(&pair);
}

int
main(void)
{
	static const struct trial trials[] = {
		{ "1200@100", { 1200, 100000 }, 10, 14 },
		{ "256@1000", { 256, 1000000 }, 26, 0 },
	};

	log_open(2, "bench", LOG_LEVEL_ERROR);
	for (size_t i = 0; i < sizeof(trials) / sizeof(trials[0]); i++) {
		figure_progress("restarts in simulated time");
		run_trial(&trials[i], i + 1);
	}
	return 0;
}
