/* Owns one trial under way in a process of its own, so that a crash is a result
 * like any other. */
#ifndef SIM_JOB_H
#define SIM_JOB_H

#include <stdint.h>

#include <sys/types.h>

#include "sim/trial.h"

enum job_bounds {
	JOBS_MAX = 64,
	/* A trial that takes longer hangs. */
	JOB_S_MAX = 1800,
};

struct job {
	pid_t pid; /* 0: none */
	int pipe;  /* readable once it has ended */
	uint64_t seed;
};

/* Starts the trial of a seed. */
void job_start(struct job *job, uint64_t seed,
    const struct trial_options *options);

/* Waits for its end: what it says, or that it ended without saying anything. */
void job_end(struct job *job, struct run_result *result);

/* Ends it; it says nothing. */
void job_kill(struct job *job);

#endif
