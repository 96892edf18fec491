/* Owns what becomes of a datagram: the weather's decisions, from one seed. */
#ifndef WEATHER_SKY_H
#define WEATHER_SKY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"

enum sky_way { SKY_A_TO_B, SKY_B_TO_A, SKY_WAYS };

enum sky_limits {
	/* Probabilities are kept in parts of a million. */
	SKY_CERTAIN = 1000000,
	/* A datagram and its double. */
	SKY_COPIES_MAX = 2,
	/* Beyond, the queue of a fast line would not hold what waits. */
	SKY_DELAY_MS_MAX = 5000,
	/* Per second and target: enough to drown a slow line many times. */
	SKY_JUNK_RATE_MAX = 20000,
	SKY_JUNK_BYTES_MAX = 2000,
	/* A command line, its NUL included. */
	SKY_COMMAND_BYTES_MAX = 256,
};

struct sky_conditions {
	uint32_t loss;
	uint32_t dup;
	uint32_t corrupt;
	uint32_t truncate; /* its end is missing */
	uint32_t reflect;  /* sent back to its sender as well */
	uint32_t replay;   /* an older datagram of this way is sent as well */
	uint32_t delay_us;
	uint32_t jitter_us; /* uniform on top of the delay: reorders */
	bool cut;
};

struct sky_junk {
	uint32_t rate;	/* datagrams a second; 0: none */
	uint32_t bytes; /* 0: any size */
	bool stranger;	/* from an address that the target never heard of */
};

/* All that this way was ever heard to say, said again in order. */
struct sky_playback {
	uint32_t rate; /* datagrams a second; 0: none */
	bool stranger;
};

struct sky {
	struct sky_conditions way[SKY_WAYS];
	struct sky_junk junk[SKY_WAYS]; /* by the way it would come */
	struct sky_playback playback[SKY_WAYS];
	struct rng_seeded dice;
	struct rng rng;
};

/* What becomes of one datagram. */
struct sky_fate {
	unsigned copies; /* 0: lost */
	struct {
		uint64_t delay_ns;
		bool corrupt;
		size_t bit; /* the bit that is flipped */
		bool truncate;
		size_t len; /* what would be left of it then */
	} copy[SKY_COPIES_MAX];
	bool reflect;
	bool replay;
	uint32_t replay_pick; /* which one, modulo what there is */
};

/* Fair weather; everything after follows from the seed.  The sky keeps a
 * pointer into itself and must not move. */
void sky_init(struct sky *sky, uint64_t seed);

/* Judges one datagram of len bytes.  Draws the same number of dice whatever the
 * conditions, so that changing one does not change the fate of another. */
void sky_judge(struct sky *sky, enum sky_way way, size_t len,
    struct sky_fate *fate);

/* Size of the next datagram of junk on this way. */
size_t sky_junk_bytes(struct sky *sky, enum sky_way way);

/*
 * Obeys one command line ("loss 20 ab"): OK, or ERR_FORMAT for what it does not
 * understand and ERR_LIMIT for a value out of bounds; then nothing changes.
 */
MUST_CHECK int sky_obey(struct sky *sky, const char *command);

/* The commands that sky_obey understands, for people. */
extern const char sky_usage[];

#endif
