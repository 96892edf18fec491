/* Owns the table of what a network does to datagrams.  A new trouble is a word
 * in the enum and a row in the table. */
#ifndef SIM_TROUBLE_H
#define SIM_TROUBLE_H

#include <stdbool.h>
#include <stdint.h>

struct network;
struct flight;

enum trouble {
	TROUBLE_CUTS,	  /* nothing arrives, at one post or both */
	TROUBLE_LOSES,	  /* single datagrams, or bursts of them */
	TROUBLE_CORRUPTS, /* bits flipped, the end cut off or grown */
	TROUBLE_DUPLICATES,
	TROUBLE_DELAYS,	  /* some or all, alike: order is kept */
	TROUBLE_REORDERS, /* each by another time */
	TROUBLE_REPLAYS,  /* frames of any age, earlier boots too */
	TROUBLE_REFLECTS, /* a frame goes back to who sent it */
	TROUBLE_INJECTS,  /* junk of any size, from anywhere */
	TROUBLE_STRAYS,	  /* a frame comes by another road's end */
	TROUBLE_COUNT,
};

enum trouble_bounds {
	TROUBLE_PHASE_SLOTS_MIN = 8,
	TROUBLE_PHASE_SLOTS_MAX = 2048,
	/* The longest that a trouble holds a datagram back. */
	TROUBLE_DELAY_SLOTS_MAX = 64,
	/* As well, on fast lines. */
	TROUBLE_DELAY_MS_MAX = 2000,
};

/* How bad a trouble is in the present phase. */
struct trouble_state {
	bool active;
	unsigned permille; /* of datagrams */
	uint64_t ns;
	unsigned left; /* of a burst that goes on */
};

/* "loses", "replays", ... */
const char *trouble_name(enum trouble trouble);

/* A phase begins: whether the trouble is there, and how bad. */
void trouble_draw(enum trouble trouble, struct trouble_state *state,
    struct network *network);

/* Does it to a datagram on its way: true where it did anything. */
bool trouble_apply(enum trouble trouble, struct trouble_state *state,
    struct flight *flight);

#endif
