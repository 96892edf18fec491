/* Owns a campaign: many seeds, several at once, and what they add up to. */
#ifndef SIM_CAMPAIGN_H
#define SIM_CAMPAIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/trial.h"

enum campaign_bounds {
	CAMPAIGN_SEEDS_MAX = 10000000,
	/* One seed in so many is run twice. */
	CAMPAIGN_AGAIN_EVERY = 8,
	/* From so many on, everything that a table holds must have come up. */
	CAMPAIGN_REACH_SEEDS_MIN = 64,
};

struct campaign {
	uint64_t seed;	/* the first */
	uint64_t seeds; /* at most so many */
	double hours;	/* of line time, then it ends; 0: after all seeds */
	unsigned jobs;
	bool tap;
	bool verbose;
	const struct pick *pick;

	uint64_t started;
	uint64_t ended;
	uint64_t line_ns;
	uint64_t frames;
	uint64_t messages;
	double settle_worst; /* share of its bound that healing took */
	uint64_t settle_worst_seed;
	uint64_t struck[TROUBLE_COUNT];
	uint64_t ployed[PLOY_COUNT];
	uint64_t lies[LIE_COUNT];
	uint64_t incidents[INCIDENT_COUNT];
	uint64_t changes; /* of a cadence, by consent */
	uint64_t failures[CHECK_COUNT];
	uint64_t failed;
};

/* Runs it until its end or an interrupt, and prints what came of it.  True where
 * nothing failed and nothing was left out. */
bool campaign_run(struct campaign *campaign);

/* Set by a signal: jobs are ended, and what was done is printed. */
void campaign_interrupt(int number);

#endif
