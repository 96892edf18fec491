/*
 * The figure of a restart: how many slots a line takes to talk again, from the
 * first slot of the wire that started anew until both sides are up.  Counted in
 * the simulator's world with the real core, keeper and store.
 */
#include <stdio.h>

#include "base/clock.h"
#include "figure.h"
#include "limits.h"
#include "sim/pair.h"

enum {
	/* How the slots of two posts lie to each other differs from pair to pair. */
	PAIRS = 10,
	RESTARTS = 20,
	DELAY_MS = 20,
	/* A session lives so long before it is cut, at least and at most. */
	CALM_SLOTS_MIN = 5,
	CALM_SLOTS_MAX = 200,
	/* A line that is not back by then has been lost. */
	BACK_SLOTS_MAX = 2000,
};

/* Who restarts. */
enum scene { SCENE_A, SCENE_B, SCENE_BOTH, SCENE_COUNT };

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

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
			figure_fail("a post is not there");
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
		figure_fail("the line does not come back");
	return ((double)(pair->world.now_ns - back_ns) -
		   6.0 * (double)pair->plan.road[0].delay_ns) /
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

/* One pair's share: of one side, in turns, and of both. */
static void
run_pair(const struct trial *trial, uint64_t seed, double one[2 * RESTARTS],
    double both[RESTARTS])
{
	struct pair pair;
	struct dice dice;

	dice_init(&dice, seed, DICE_WORKLOAD, 0);
	pair_open(&pair,
	    &(struct pair_options){ .cadence = trial->cadence,
		.delay_ns = (uint64_t)DELAY_MS * CLOCK_NS_PER_MS,
		.seed = seed });
	if (!pair_await_up(&pair, BACK_SLOTS_MAX))
		figure_fail("the line does not come up");
	for (unsigned i = 0; i < 2 * RESTARTS; i++)
		one[i] =
		    restart_once(&pair, &dice, i % 2 == 0 ? SCENE_A : SCENE_B);
	for (unsigned i = 0; i < RESTARTS; i++)
		both[i] = restart_once(&pair, &dice, SCENE_BOTH);
	pair_close(&pair);
}

static void
run_trial(const struct trial *trial)
{
	static double one[PAIRS * 2 * RESTARTS], both[PAIRS * RESTARTS];

	for (unsigned i = 0; i < PAIRS; i++)
		run_pair(trial, i + 1, one + i * 2 * RESTARTS,
		    both + i * RESTARTS);
	print(trial, "one", "p50", figure_quantile(one, LENGTH(one), 0.5),
	    trial->median_slots);
	print(trial, "one", "p99", figure_quantile(one, LENGTH(one), 0.99),
	    trial->p99_slots);
	print(trial, "both", "p50", figure_quantile(both, LENGTH(both), 0.5),
	    trial->median_slots);
	print(trial, "both", "p99", figure_quantile(both, LENGTH(both), 0.99),
	    trial->p99_slots);
}

int
main(void)
{
	static const struct trial trials[] = {
		{ "1200@100", { 1200, 100000 }, 10, 14 },
		{ "256@1000", { 256, 1000000 }, 26, 0 },
	};

	pair_hush();
	for (size_t i = 0; i < sizeof(trials) / sizeof(trials[0]); i++) {
		figure_progress("restarts in simulated time");
		run_trial(&trials[i]);
	}
	return 0;
}
