/* Owns drawing: how a run's many choices follow from its one seed. */
#ifndef SIM_DICE_H
#define SIM_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"

/*
 * What is drawn for one purpose never depends on how much was drawn for
 * another, so that a busy run and a silent run of one seed share whatever they
 * should share.  Add purposes at the end: earlier seeds then keep their runs.
 */
enum dice_purpose {
	DICE_PLAN,     /* cadence, phases, incidents */
	DICE_CEREMONY, /* both posts' keys */
	DICE_SLOTS,    /* the slot clock's keys, and nothing else */
	DICE_LINE,     /* what the lines draw */
	DICE_KEEPER,   /* what the keepers draw */
	DICE_NETWORK,  /* what becomes of each datagram */
	DICE_WORKLOAD, /* who says what, when */
	DICE_CONTENT,  /* the words themselves */
	DICE_ACT,      /* one thing that a person does */
	DICE_CLOCKS,   /* both machines' */
	DICE_LIAR,     /* what a peer says who lies, and when */
	DICE_PLOY,     /* what an attacker has in mind */
	DICE_DRIVE,    /* what a drive loses */
	DICE_BACKUP,   /* of when one is, and when it is put back */
	DICE_ROADS,    /* how many, and what each is like */
	DICE_TERMS,    /* other cadences, and when they are spoken of */
	DICE_POINTS,   /* when points are */
};

struct dice {
	struct rng_seeded state;
	void (*fill)(void *ctx, void *dst, size_t len);
};

/* Dice of a purpose; `which` tells apart those of one purpose. */
void dice_init(struct dice *dice, uint64_t seed, enum dice_purpose purpose,
    uint64_t which);

/* The dice as a source of randomness; borrowed. */
struct rng dice_rng(struct dice *dice);

/* True in `permille` of 1000 cases. */
bool dice_chance(struct dice *dice, unsigned permille);

/* Uniform in [least, most]. */
uint64_t dice_between(struct dice *dice, uint64_t least, uint64_t most);

/* In [least, most], each doubling as likely as the next: sizes and times of all
 * orders of magnitude come up. */
uint64_t dice_spread(struct dice *dice, uint64_t least, uint64_t most);

#endif
