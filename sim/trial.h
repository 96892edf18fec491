/* Owns the trial of one seed: its busy run, and what it is compared with. */
#ifndef SIM_TRIAL_H
#define SIM_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/run.h"

struct trial_options {
	const struct pick *pick;
	bool verbose;
	bool again;	/* run it twice: the second must be the first */
	bool busy_only; /* compares it with nothing */
};

/* Runs the seed busy, then silent over the same time: the result is the busy
 * run's, failed where either run fails or where the wires differ. */
void trial_run(struct run_result *result, uint64_t seed,
    const struct trial_options *options);

#endif
