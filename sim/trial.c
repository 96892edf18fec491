#include "sim/trial.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void
fail(struct run_result *result, enum check check, const char *say,
    const struct run_result *other)
{
	result->failed = true;
	result->check = check;
	result->fail_ns = result->end_ns - result->start_ns;
	(void)snprintf(result->say, sizeof(result->say), "%s", say);
	if (!other->failed)
		return;
	result->check = other->check;
	result->fail_ns = other->fail_ns;
	(void)snprintf(result->say, sizeof(result->say), "%s: %.200s", say,
	    other->say);
}

static bool
wires_are_equal(const struct run_result *a, const struct run_result *b)
{
	return memcmp(a->slots, b->slots, sizeof(a->slots)) == 0 &&
	    memcmp(a->schedule, b->schedule, sizeof(a->schedule)) == 0;
}

void
trial_run(struct run_result *result, uint64_t seed,
    const struct trial_options *options)
{
	struct run_options run = {
		.seed = seed,
		.pick = options->pick,
		.verbose = options->verbose,
	};
	struct run_result other;

	run_execute(result, &run);
	if (result->failed || options->busy_only)
		return;
	if (options->again) {
		run.verbose = false;
		run_execute(&other, &run);
		if (other.failed || other.digest != result->digest ||
		    other.end_ns != result->end_ns)
			fail(result, CHECK_REPEATS, "the second run differs",
			    &other);
	}
	run.silent = true;
	run.verbose = false;
	run.until_ns = result->compare_ns;
	run_execute(&other, &run);
	if (other.failed)
		fail(result, CHECK_ALIVE, "the silent run fails", &other);
	else if (!wires_are_equal(result, &other))
		fail(result, CHECK_SCHEDULE,
		    "the wire differs from the silent run's", &other);
}
