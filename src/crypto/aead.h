/* Owns sealing bytes under a key: XChaCha20-Poly1305. */
#ifndef CRYPTO_AEAD_H
#define CRYPTO_AEAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum aead_sizes {
	AEAD_KEY_BYTES = 32,
	AEAD_NONCE_BYTES = 24,
	AEAD_TAG_BYTES = 16,
};

/* Writes len + AEAD_TAG_BYTES to out: ciphertext, then tag.  out may be plain
 * (in place) but not overlap it otherwise.  ad is authenticated beside it and
 * may be NULL where ad_len is 0.  A nonce is never used twice with one key. */
void aead_seal(uint8_t *out, const uint8_t *plain, size_t len, const void *ad,
    size_t ad_len, const uint8_t nonce[AEAD_NONCE_BYTES],
    const uint8_t key[AEAD_KEY_BYTES]);

/* Takes len bytes, tag included, and writes len - AEAD_TAG_BYTES to out, which
 * may be sealed.  ERR_SIZE: shorter than a tag; ERR_CRYPTO: not authentic.  On
 * failure out, where it is not sealed itself, is zeroed. */
MUST_CHECK int aead_unseal(uint8_t *out, const uint8_t *sealed, size_t len,
    const void *ad, size_t ad_len, const uint8_t nonce[AEAD_NONCE_BYTES],
    const uint8_t key[AEAD_KEY_BYTES]);

#endif
