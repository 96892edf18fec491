/* Owns the one shape in which randomness is handed to whoever needs it. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

/*
 * A source of random bytes.  The daemons hand in the kernel's, the simulator a
 * seeded one; the code that draws cannot tell.  Borrowed, never owned.
 */
struct rng {
	void (*fill)(void *ctx, void *dst, size_t len);
	void *ctx;
};

/* A fast, seeded, repeatable generator (xoshiro256**); not for secrets. */
struct rng_seeded {
	uint64_t state[4];
};

/* The kernel's generator (getrandom); aborts if the kernel refuses. */
struct rng rng_kernel(void);
/* A generator whose whole output follows from seed; state is borrowed. */
struct rng rng_from_seed(struct rng_seeded *state, uint64_t seed);

void rng_fill(struct rng rng, void *dst, size_t len);
uint64_t rng_u64(struct rng rng);
/* Uniform in [0, bound), without modulo bias; bound at least 1. */
uint64_t rng_below(struct rng rng, uint64_t bound);

#endif
