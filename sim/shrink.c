#include "sim/shrink.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "sim/job.h"
#include "sim/plan.h"
#include "sim/workload.h"

enum {
	/* A list of all numbers, with commas. */
	LIST_BYTES = PICK_MAX * 5,
	SLOTS_LEAST = 4,
};

struct shrink {
	uint64_t seed;
	struct run_result result; /* of the smallest run that fails */
	struct pick pick;
	unsigned number[PICK_MAX]; /* of what is left of it */
	size_t count;
	unsigned tries;
};

static volatile sig_atomic_t interrupted;

void
shrink_interrupt(int number)
{
	interrupted = number;
}

static void
run_trial(const struct shrink *shrink, const struct pick *pick,
    struct run_result *result)
{
	struct trial_options options = {
		.pick = pick,
		.again = shrink->result.check == CHECK_REPEATS,
		.busy_only = shrink->result.failed &&
		    shrink->result.check != CHECK_SCHEDULE &&
		    shrink->result.check != CHECK_ALIVE &&
		    shrink->result.check != CHECK_REPEATS,
	};
	struct job job;

	job_start(&job, shrink->seed, &options);
	job_end(&job, result);
}

/* Takes the smaller run where it fails in the same way. */
static bool
try(struct shrink *shrink, const struct pick *pick)
{
	struct run_result result;

	if (interrupted)
		return false;
	shrink->tries++;
	run_trial(shrink, pick, &result);
	fprintf(stderr, "\r\033[Ktry %u: %zu left, %" PRIu64 " slots ",
	    shrink->tries, shrink->count, shrink->pick.slots);
	if (interrupted || !result.failed ||
	    result.check != shrink->result.check)
		return false;
	shrink->result = result;
	shrink->pick = *pick;
	return true;
}

/* Everything that the run may take has its number written out. */
static void
list_numbers(struct shrink *shrink)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	struct pick chosen = { .some = true };

	if (plan == NULL)
		fatal("shrink: no memory");
	plan_draw(plan, shrink->seed, &shrink->pick);
	if (shrink->pick.slots == 0)
		shrink->pick.slots = plan_slots(plan);
	for (unsigned i = 0; i < PICK_INCIDENT; i++)
		chosen.has[i] = plan_describe(plan, i) != NULL;
	for (size_t i = 0; i < plan->incidents; i++)
		chosen.has[plan->incident[i].number] = true;
	for (unsigned post = 0; post < PLAN_POSTS; post++) {
		for (size_t i = 0; i < plan->acts[post]; i++)
			chosen.has[plan->act[post][i].number] = true;
	}
	shrink->count = 0;
	for (unsigned i = 0; i < PICK_MAX; i++) {
		chosen.has[i] &= pick_has(&shrink->pick, i);
		if (chosen.has[i])
			shrink->number[shrink->count++] = i;
	}
	chosen.slots = shrink->pick.slots;
	shrink->pick = chosen;
	free(plan);
}

static bool
halve_time(struct shrink *shrink)
{
	struct pick pick = shrink->pick;
	bool any = false;

	while (pick.slots / 2 >= SLOTS_LEAST) {
		pick.slots /= 2;
		if (!try(shrink, &pick))
			break;
		any = true;
	}
	if (any)
		list_numbers(shrink);
	return any;
}

/* Leaves out `size` things after the other. */
static bool
leave_out(struct shrink *shrink, size_t size)
{
	size_t at = 0;
	bool any = false;

	while (at < shrink->count && !interrupted) {
		struct pick pick = shrink->pick;
		size_t end =
		    at + size < shrink->count ? at + size : shrink->count;

		for (size_t i = at; i < end; i++)
			pick.has[shrink->number[i]] = false;
		if (!try(shrink, &pick)) {
			at = end;
			continue;
		}
		memmove(shrink->number + at, shrink->number + end,
		    (shrink->count - end) * sizeof(shrink->number[0]));
		shrink->count -= end - at;
		any = true;
	}
	return any;
}

static void
print_left(const struct shrink *shrink)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	char *list = malloc(LIST_BYTES);

	if (plan == NULL || list == NULL)
		fatal("shrink: no memory");
	plan_draw(plan, shrink->seed, &shrink->pick);
	printf("seed %" PRIu64 ": check %s: %s, at %.6f s\n", shrink->seed,
	    check_name(shrink->result.check), shrink->result.say,
	    (double)shrink->result.fail_ns / CLOCK_NS_PER_S);
	printf("left after %u tries, %u bytes every %u us, %" PRIu64
	       " slots:\n",
	    shrink->tries, plan->cadence.frame_bytes, plan->cadence.slot_us,
	    shrink->pick.slots);
	for (size_t i = 0;
	     i < shrink->count && shrink->number[i] < PICK_INCIDENT; i++)
		printf("  %4u  %s\n", shrink->number[i],
		    plan_describe(plan, shrink->number[i]));
	for (size_t i = 0; i < plan->incidents; i++)
		printf("  %4u  %12.6f s  post %u: %s\n",
		    plan->incident[i].number,
		    (double)(plan->incident[i].at_ns - plan->start_ns) /
			CLOCK_NS_PER_S,
		    plan->incident[i].post,
		    incident_name(plan->incident[i].kind));
	for (unsigned post = 0; post < PLAN_POSTS; post++) {
		for (size_t i = 0; i < plan->acts[post]; i++) {
			const struct act *act = &plan->act[post][i];

			printf("  %4u  %12.6f s  post %u %s\n", act->number,
			    (double)(act->at_ns - plan->start_ns) /
				CLOCK_NS_PER_S,
			    post, workload_act_name(plan, act));
		}
	}
	pick_print(&shrink->pick, list, LIST_BYTES);
	printf("again: ./dev sim --seed %" PRIu64 " --slots %" PRIu64
	       " --only %s --verbose\n",
	    shrink->seed, shrink->pick.slots, list);
	free(list);
	free(plan);
}

bool
shrink_run(uint64_t seed, const struct pick *from)
{
	struct shrink *shrink = calloc(1, sizeof(*shrink));
	bool smaller;

	if (shrink == NULL)
		fatal("shrink: no memory");
	*shrink = (struct shrink){ .seed = seed, .pick = *from };
	/* What is compared with a second run is seen only by running it. */
	shrink->result.check = CHECK_REPEATS;
	run_trial(shrink, &shrink->pick, &shrink->result);
	if (!shrink->result.failed) {
		printf("seed %" PRIu64 " does not fail\n", seed);
		free(shrink);
		return false;
	}
	list_numbers(shrink);
	do {
		smaller = halve_time(shrink);
		for (size_t size = (shrink->count + 1) / 2;
		     size > 0 && !interrupted; size /= 2)
			smaller |= leave_out(shrink, size);
	} while (smaller && !interrupted);
	fputs("\r\033[K", stderr);
	print_left(shrink);
	free(shrink);
	return true;
}
