/* Owns what a seed decides before anything runs, the same for the busy and the
 * silent run. */
#ifndef SIM_PLAN_H
#define SIM_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/cadence.h"
#include "sim/pick.h"
#include "sim/ploy.h"
#include "sim/trouble.h"

enum plan_sizes {
	PLAN_POSTS = 2,
	/* Ways between them, each with a weather of its own. */
	PLAN_ROADS_MAX = 3,
	PLAN_INCIDENTS_MAX = 192,
	/* Of one post: what people do, before their last word; and, beside that,
	 * about the line's cadence. */
	PLAN_ACTS_MAX = 480,
	PLAN_TERMS_ACTS_MAX = 24,
	PLAN_POINTS_ACTS_MAX = 40,
	/* Cadences that people propose. */
	PLAN_CADENCES = 3,
	/* No post learns its peer's address: both know an endpoint.  Or: no post
	 * is so. */
	PLAN_NO_LEARNER = PLAN_POSTS,
	PLAN_NOBODY = PLAN_POSTS,
};

/* What a run costs is decided here.  Frames of one side: enough for several
 * rekeys at most cadences, few enough for parts of a second.  Slow lines get
 * more of them, since hours are what they are there for; a few of the fast ones
 * run long, since a rekey takes two minutes at least. */
enum plan_bounds {
	PLAN_SLOTS_MIN = 1000,
	PLAN_SLOTS_MAX = 4800,
	PLAN_SLOTS_SLOW_MIN = 2600,
	PLAN_SLOTS_SLOW_MAX = 11600,
	PLAN_SLOTS_LONG_MAX = 90000,
	/* From here on a line is slow. */
	PLAN_SLOW_US = 400000,
};

/* Things that happen to the machines, not to the wire's datagrams. */
enum incident_kind {
	INCIDENT_DESK_LOST,   /* people's requests and uploads are cut off */
	INCIDENT_KEEPER_LOST, /* killed; reopens the store a little later */
	INCIDENT_POST_LOST,   /* all of a post: its wire is silent meanwhile */
	INCIDENT_POWER_LOST,  /* the same, and what no sync followed may go */
	INCIDENT_SYNC_FAILS,
	INCIDENT_READ_FAILS,
	INCIDENT_DISK_FULL,
	INCIDENT_SUSPENDED,  /* nothing runs, and its clock goes on */
	INCIDENT_STALLED,    /* the same, but datagrams wait for it */
	INCIDENT_WALL_JUMPS, /* the time of day is set */
	INCIDENT_LIES, /* who holds its keys breaks every rule; then restarts */
	INCIDENT_CLONED,      /* resumed twice: both send for a while */
	INCIDENT_RESTORED,    /* its folder is what it was a while ago */
	INCIDENT_PATH_CLOSED, /* one of its paths is taken away, and given back */
	INCIDENT_MOVED,	      /* its address on a road is another from now on */
	INCIDENT_CUT_OFF,     /* nothing reaches it or leaves it, on any road */
	INCIDENT_COUNT,
};

struct incident {
	enum incident_kind kind;
	unsigned post;
	unsigned number; /* PICK_INCIDENT and on */
	uint64_t at_ns;
	/* At which of the next calls to the drive from then on; 0: at none, but
	 * when the window ends. */
	uint64_t step;
	uint64_t window_ns;
	uint64_t lasts_ns; /* of a machine that is stopped, of what is cut */
	unsigned road;	   /* whose path is closed, or whose address moves */
	int64_t jump_ms;   /* of a wall clock */
	bool lasting;	   /* lies that enter the other's journals */
	uint64_t ahead_ns; /* of a clone's clock */
};

/* Something that a person does.  Its dice are its own, so that it is the same
 * whatever else is left out of the run. */
struct act {
	unsigned post;
	unsigned number; /* PICK_ACT and on */
	uint64_t at_ns;
};

/* A network of its own between the two posts. */
struct plan_road {
	unsigned learner; /* which post learns the other's address */
	unsigned mover;	  /* whose address may become another */
	bool roams[PLAN_POSTS];
	/* Of what is sent to a post so much is lost for ever, good days too. */
	unsigned lost_permille[PLAN_POSTS];
	/* On a good day. */
	uint64_t delay_ns;
	uint64_t jitter_ns;
	bool ploy[PLOY_COUNT]; /* what the attacker on it knows */
};

struct plan {
	uint64_t seed;
	const struct pick *pick;
	struct cadence cadence;
	/* In some seeds they try others; else there is nothing in it. */
	bool changes;
	struct cadence other[PLAN_CADENCES];
	unsigned roads;
	struct plan_road road[PLAN_ROADS_MAX];
	/* The post that has one path only, which all roads lead to. */
	unsigned single;
	/* Paths are numbered by each post as it likes: the first road of this one
	 * has its highest number. */
	unsigned reversed;
	/* Their clocks: when the first began, and how fast they are. */
	uint64_t boot_ns[PLAN_POSTS];
	int64_t ppm[PLAN_POSTS];
	uint64_t start_ns;
	uint64_t quiet_ns; /* from here on no fault and no new message */
	size_t incidents;
	struct incident incident[PLAN_INCIDENTS_MAX]; /* in order of time */
	size_t acts[PLAN_POSTS];
	struct act act[PLAN_POSTS][PLAN_ACTS_MAX + PLAN_TERMS_ACTS_MAX +
	    PLAN_POINTS_ACTS_MAX + 1];
};

/* The ceremony takes place so long before the line's start. */
#define PLAN_RITE_NS ((uint64_t)60 * 1000 * 1000 * 1000)

/* How long each takes to be back, the same in every run. */
uint64_t incident_duration_ns(enum incident_kind kind);
const char *incident_name(enum incident_kind kind);

/* All that follows from the seed and is picked; pick is borrowed. */
void plan_draw(struct plan *plan, uint64_t seed, const struct pick *pick);

/* What else a number stands for in this plan, below PICK_INCIDENT: "ploy holds";
 * NULL: nothing. */
const char *plan_describe(const struct plan *plan, unsigned number);

/* Whether a road is bad one way for ever. */
bool plan_is_lossy(const struct plan *plan);

/* How many paths a post has, and which road each of them is on. */
unsigned plan_paths(const struct plan *plan, unsigned post);
unsigned plan_road_of(const struct plan *plan, unsigned post, unsigned path);
/* The largest frame and the smallest, and the longest slot, whatever becomes of
 * the cadence. */
size_t plan_frame_bytes_max(const struct plan *plan);
size_t plan_frame_bytes_min(const struct plan *plan);
uint64_t plan_slot_ns_max(const struct plan *plan);
/* What the worst road takes. */
uint64_t plan_delay_ns(const struct plan *plan);

/* Slots from start_ns to quiet_ns. */
uint64_t plan_slots(const struct plan *plan);

#endif
