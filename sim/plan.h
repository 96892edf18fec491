/* Owns what a seed decides before anything runs, the same for the busy and the
 * silent run. */
#ifndef SIM_PLAN_H
#define SIM_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/cadence.h"

enum plan_sizes {
	PLAN_POSTS = 2,
	PLAN_INCIDENTS_MAX = 96,
	/* No post learns its peer's address: both cards name an endpoint. */
	PLAN_NO_LEARNER = PLAN_POSTS,
};

/* What a run costs is decided here.  Frames of one side: enough for several
 * rekeys at any cadence, few enough for seconds. */
enum plan_bounds {
	PLAN_SLOTS_MIN = 2500,
	PLAN_SLOTS_MAX = 24000,
	PLAN_SLOTS_LONG_MAX = 320000,
};

/* Things that happen to the machines, not to the wire's datagrams. */
enum incident_kind {
	INCIDENT_DESK_LOST,   /* people's requests and uploads are cut off */
	INCIDENT_KEEPER_LOST, /* killed; reopens the store a little later */
	INCIDENT_POST_LOST,   /* all of a post: its wire is silent meanwhile */
	INCIDENT_COUNT,
};

struct incident {
	enum incident_kind kind;
	unsigned post;
	uint64_t at_ns;
};

struct plan {
	uint64_t seed;
	struct cadence cadence;
	unsigned learner; /* which post learns the other's address */
	uint64_t start_ns;
	uint64_t quiet_ns; /* from here on no fault and no new message */
	/* The network on a good day. */
	uint64_t delay_ns;
	uint64_t jitter_ns;
	size_t incidents;
	struct incident incident[PLAN_INCIDENTS_MAX]; /* in order of time */
};

/* The ceremony takes place so long before the line's start. */
#define PLAN_RITE_NS ((uint64_t)60 * 1000 * 1000 * 1000)

/* How long each takes to be back, the same in every run. */
uint64_t incident_duration_ns(enum incident_kind kind);
const char *incident_name(enum incident_kind kind);

/* All that follows from the seed.  hours: of line time with faults; 0: as the
 * seed says. */
void plan_draw(struct plan *plan, uint64_t seed, double hours);

/* Slots from start_ns to quiet_ns. */
uint64_t plan_slots(const struct plan *plan);

#endif
