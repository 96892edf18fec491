#include "crypto/random.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "base/wipe.h"

_Static_assert(crypto_stream_chacha20_KEYBYTES == RANDOM_KEY_BYTES,
    "ChaCha20's key");

static void
take_key(struct random *random)
{
	rng_fill(random->source, random->key, sizeof(random->key));
	random->fills = 0;
}

void
random_init(struct random *random, struct rng source, uint32_t fills_max)
{
	assert(fills_max > 0);
	*random = (struct random){ .source = source, .fills_max = fills_max };
	take_key(random);
}

void
random_fill(struct random *random, void *dst, size_t len)
{
	uint8_t nonce[crypto_stream_chacha20_NONCEBYTES] = { 0 };

	if (random->fills == random->fills_max)
		take_key(random);
	memcpy(nonce, &random->fills, sizeof(random->fills));
	random->fills++;
	(void)crypto_stream_chacha20(dst, len, nonce, random->key);
}

void
random_wipe(struct random *random)
{
	wipe(random, sizeof(*random));
}
