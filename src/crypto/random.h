/* Owns random bytes in quantity: a fast generator, often keyed anew. */
#ifndef CRYPTO_RANDOM_H
#define CRYPTO_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"

enum random_sizes { RANDOM_KEY_BYTES = 32 };

/*
 * ChaCha20 under a key of source's, a nonce for each fill, and a new key after
 * every fills_max of them: who reads this memory learns nothing of what was made
 * with the key before.  Whoever has not the key cannot tell the bytes from
 * frames.
 */
struct random {
	struct rng source; /* the kernel's, but in tests */
	uint8_t key[RANDOM_KEY_BYTES];
	uint32_t fills; /* with this key */
	uint32_t fills_max;
};

void random_init(struct random *random, struct rng source, uint32_t fills_max);
void random_fill(struct random *random, void *dst, size_t len);
void random_wipe(struct random *random);

#endif
