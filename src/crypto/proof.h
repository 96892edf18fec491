/* Owns proofs of possession over ristretto255. */
#ifndef CRYPTO_PROOF_H
#define CRYPTO_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"
#include "crypto/hash.h"

enum proof_sizes {
	PROOF_SECRET_BYTES = 32,
	PROOF_PUBLIC_BYTES = 32,
	PROOF_BYTES = 64, /* R || s */
	PROOF_HASH_PARTS_MAX = 8,
};

/* Hs: BLAKE2b-512 of the parts, each behind its length in 8 bytes (little
 * endian), reduced modulo the group order.  At most PROOF_HASH_PARTS_MAX. */
void proof_hash(uint8_t scalar[PROOF_SECRET_BYTES],
    const struct hash_part *parts, size_t count);

/* Below the group order: a scalar has one form. */
bool proof_is_reduced(const uint8_t scalar[PROOF_SECRET_BYTES]);

/* A fresh key: public_key is secret times the generator. */
void proof_keygen(uint8_t secret[PROOF_SECRET_BYTES],
    uint8_t public_key[PROOF_PUBLIC_BYTES], struct rng rng);

/* R = kG, c = Hs(label, X, R, data), s = k + c x.  k is hedged: drawn from
 * secret, data and fresh randomness together, so that a broken generator alone
 * gives nothing away. */
void proof_sign(uint8_t proof[PROOF_BYTES],
    const uint8_t secret[PROOF_SECRET_BYTES], const char *label,
    const void *data, size_t len, struct rng rng);

/* Checks sG = R + cX.  ERR_CRYPTO also where X or R is no canonical encoding,
 * X or R is the identity, or s is not reduced: a proof has one form. */
MUST_CHECK int proof_verify(const uint8_t proof[PROOF_BYTES],
    const uint8_t public_key[PROOF_PUBLIC_BYTES], const char *label,
    const void *data, size_t len);

#endif
