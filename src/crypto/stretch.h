/* Owns making a key out of a passphrase: Argon2id. */
#ifndef CRYPTO_STRETCH_H
#define CRYPTO_STRETCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum stretch_sizes {
	STRETCH_KEY_BYTES = 32,
	STRETCH_SALT_BYTES = 16,
	/* The least that the library takes. */
	STRETCH_PASSES_MIN = 1,
	STRETCH_MEMORY_BYTES_MIN = 8192,
};

/* ERR_LIMIT: the cost is out of bounds, or there is not so much memory. */
MUST_CHECK int stretch(uint8_t key[STRETCH_KEY_BYTES], const void *passphrase,
    size_t len, const uint8_t salt[STRETCH_SALT_BYTES], uint64_t passes,
    uint64_t memory_bytes);

#endif
