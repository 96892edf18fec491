/* Owns X25519. */
#ifndef CRYPTO_DH_H
#define CRYPTO_DH_H

#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"

enum dh_sizes { DH_BYTES = 32 };

/* A fresh key pair. */
void dh_keygen(uint8_t secret[DH_BYTES], uint8_t public_key[DH_BYTES],
    struct rng rng);
/* The public key of any 32 secret bytes. */
void dh_public(uint8_t public_key[DH_BYTES], const uint8_t secret[DH_BYTES]);
/* ERR_CRYPTO, and shared zeroed, where the result would be all zero: the
 * peer's key then adds nothing. */
MUST_CHECK int dh_shared(uint8_t shared[DH_BYTES],
    const uint8_t secret[DH_BYTES], const uint8_t peer_public[DH_BYTES]);

#endif
