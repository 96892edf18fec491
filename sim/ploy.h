/* Owns the table of what an attacker tries who sits on the line and remembers
 * everything.  A new ploy is a word in the enum and a row in the table. */
#ifndef SIM_PLOY_H
#define SIM_PLOY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/dice.h"

struct network;
struct flight;

/*
 * Troubles are weather: each datagram fares by itself.  A ploy has an aim, and
 * goes on for an episode.  No ploy ends what it began when the troubles end:
 * what it still holds back then is gone.
 */
enum ploy {
	PLOY_PAST_BOOTS, /* while a post boots, it hears how others booted */
	PLOY_RERUNS,	 /* a stretch of the past again, to either side */
	PLOY_HOLDS,	 /* all of one side, let go at once, long after */
	PLOY_HOLDS_SOME, /* every so manieth */
	PLOY_SIEVES,	 /* only every so manieth passes, or does not */
	PLOY_DEAFENS,	 /* one side hears nothing */
	PLOY_STARVES,	 /* certain frames after each start are lost */
	PLOY_SPLICES,	 /* halves of two frames; a bit here and there */
	PLOY_MIRRORS,	 /* every frame goes back to who sent it */
	PLOY_OVERTAKES,	 /* every frame arrives first from elsewhere */
	PLOY_SWITCHES,	 /* an old frame in place of a new one */
	PLOY_COUNT,
};

enum ploy_bounds {
	PLOY_EPISODE_SLOTS_MIN = 16,
	/* Longer than it takes that an attempt is replaced by a higher one. */
	PLOY_EPISODE_SLOTS_MAX = 640,
	PLOY_GAP_SLOTS_MAX = 4000,
	/* Datagrams sent for each that passes: an attacker may have any number,
	 * but a run has an end. */
	PLOY_RATE_MAX = 3,
};

struct ploy_state {
	bool has;	 /* the seed's attacker knows it */
	bool active;	 /* an episode is under way */
	uint64_t end_ns; /* of the episode, or of the gap */
	unsigned side;	 /* whose frames; PLAN_POSTS: everybody's */
	unsigned target; /* where sent ones go; PLAN_POSTS: where they went */
	unsigned rate;
	unsigned every;
	uint64_t count; /* of frames in the episode */
	size_t next;	/* frame of the past */
	size_t last;
	bool elsewhere; /* sends from an address of its own */
	unsigned manner;
};

/* "past boots", ... */
const char *ploy_name(enum ploy ploy);

/* Whether a seed's attacker knows it. */
bool ploy_draw(enum ploy ploy, struct dice *dice);
/* Begins with a gap. */
void ploy_init(struct ploy_state *state, struct network *network, bool has);

/* A post begins a life: its first frame is about to be sent. */
void ploy_on_life(enum ploy ploy, struct ploy_state *state,
    struct network *network, unsigned post);

/* Does it to a datagram on its way: true where it did anything. */
bool ploy_apply(enum ploy ploy, struct ploy_state *state,
    struct flight *flight);

#endif
