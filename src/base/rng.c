#include "base/rng.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include <sys/random.h>

#include "base/log.h"

/* getrandom promises this much at once, uninterrupted. */
enum { KERNEL_BYTES_MAX = 256 };

static void
fill_from_kernel(void *ctx, void *dst, size_t len)
{
	uint8_t *at = dst;

	(void)ctx;
	while (len > 0) {
		size_t want = len < KERNEL_BYTES_MAX ? len : KERNEL_BYTES_MAX;
		ssize_t got = getrandom(at, want, 0);

		if (got < 0 && errno == EINTR)
			continue;
		/* Without randomness every key is a guess: stop at once. */
		if (got <= 0)
			fatal("rng: the kernel gives no random bytes");
		at += got;
		len -= (size_t)got;
	}
}

static uint64_t
rotate_left(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

/* xoshiro256**, by its published recurrence. */
static uint64_t
seeded_next(struct rng_seeded *rng)
{
	uint64_t *s = rng->state;
	uint64_t result = rotate_left(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate_left(s[3], 45);
	return result;
}

/* Bytes go out least first, so that a run is the same on every machine. */
static void
fill_from_seed(void *ctx, void *dst, size_t len)
{
	struct rng_seeded *rng = ctx;
	uint8_t *at = dst;

	while (len > 0) {
		uint64_t word = seeded_next(rng);

		for (size_t i = 0; i < sizeof(word) && len > 0; i++, len--) {
			*at++ = (uint8_t)word;
			word >>= 8;
		}
	}
}

struct rng
rng_kernel(void)
{
	return (struct rng){ .fill = fill_from_kernel, .ctx = NULL };
}

struct rng
rng_from_seed(struct rng_seeded *state, uint64_t seed)
{
	/* SplitMix64 spreads the seed: xoshiro must not start near zero. */
	for (size_t i = 0; i < 4; i++) {
		uint64_t z = seed += 0x9e3779b97f4a7c15;

		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
		z = (z ^ z >> 27) * 0x94d049bb133111eb;
		state->state[i] = z ^ z >> 31;
	}
	return (struct rng){ .fill = fill_from_seed, .ctx = state };
}

void
rng_fill(struct rng rng, void *dst, size_t len)
{
	assert(rng.fill != NULL);
	if (len > 0)
		rng.fill(rng.ctx, dst, len);
}

uint64_t
rng_u64(struct rng rng)
{
	uint8_t bytes[8];
	uint64_t value = 0;

	rng_fill(rng, bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		value |= (uint64_t)bytes[i] << (8 * i);
	return value;
}

uint64_t
rng_below(struct rng rng, uint64_t bound)
{
	uint64_t skip, value;

	assert(bound > 0);
	/* The lowest 2^64 mod bound values would come up once too often. */
	skip = (0 - bound) % bound;
	do {
		value = rng_u64(rng);
	} while (value < skip);
	return value % bound;
}
