#include "crypto/stretch.h"

#include <sodium.h>

_Static_assert(STRETCH_SALT_BYTES == crypto_pwhash_SALTBYTES, "salt");

int
stretch(uint8_t key[STRETCH_KEY_BYTES], const void *passphrase, size_t len,
    const uint8_t salt[STRETCH_SALT_BYTES], uint64_t passes,
    uint64_t memory_bytes)
{
	if (passes < STRETCH_PASSES_MIN ||
	    memory_bytes < STRETCH_MEMORY_BYTES_MIN)
		return ERR_LIMIT;
	if (crypto_pwhash(key, STRETCH_KEY_BYTES, passphrase, len, salt, passes,
		memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0)
		return ERR_LIMIT;
	return OK;
}
