/* Owns one trial under way in a process of its own, so that a crash is a result
 * like any other. */
#ifndef SIM_JOB_H
#define SIM_JOB_H

#include <stdint.h>

#include <sys/types.h>

#include "sim/folder.h"
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
	char root[FOLDER_PATH_BYTES];
};

/* Starts the trial of a seed; the folder for it is made under root, and stands
 * in no option. */
void job_start(struct job *job, const char *root, uint64_t seed,
    const struct trial_options *options);

/* Waits for its end: what it says, or that it ended without saying anything. */
void job_end(struct job *job, struct run_result *result);

/* Ends it; it says nothing. */
void job_kill(struct job *job);

#endif
