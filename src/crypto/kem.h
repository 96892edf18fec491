/* Owns ML-KEM-768 (FIPS 203): the only door to whichever library has it. */
#ifndef CRYPTO_KEM_H
#define CRYPTO_KEM_H

#include <stdint.h>

#include "base/err.h"

enum kem_sizes {
	KEM_SEED_BYTES = 64, /* d || z: all that is kept of a key */
	KEM_PUBLIC_BYTES = 1184,
	KEM_SECRET_BYTES = 2400, /* expanded; never kept */
	KEM_CIPHER_BYTES = 1088,
	KEM_ENCAPS_BYTES = 32, /* m, the randomness of one encapsulation */
	KEM_SHARED_BYTES = 32,
};

/* Expands a seed.  Either result may be NULL. */
void kem_expand(uint8_t public_key[KEM_PUBLIC_BYTES],
    uint8_t secret[KEM_SECRET_BYTES], const uint8_t seed[KEM_SEED_BYTES]);

/* Each of the key's 12-bit coefficients is below 3329: OK or ERR_CRYPTO.  The
 * libraries do not look. */
MUST_CHECK int kem_check_public(const uint8_t public_key[KEM_PUBLIC_BYTES]);

/* Checks the key, then encapsulates with m, which must be fresh and random.
 * ERR_CRYPTO leaves both results zero. */
MUST_CHECK int kem_encaps(uint8_t cipher[KEM_CIPHER_BYTES],
    uint8_t shared[KEM_SHARED_BYTES],
    const uint8_t public_key[KEM_PUBLIC_BYTES],
    const uint8_t m[KEM_ENCAPS_BYTES]);

/* Never fails: a changed ciphertext gives another secret (implicit
 * rejection), and what is sealed under it then does not open. */
void kem_decaps(uint8_t shared[KEM_SHARED_BYTES],
    const uint8_t cipher[KEM_CIPHER_BYTES], const uint8_t seed[KEM_SEED_BYTES]);
/* The same with the expanded key. */
void kem_decaps_expanded(uint8_t shared[KEM_SHARED_BYTES],
    const uint8_t cipher[KEM_CIPHER_BYTES],
    const uint8_t secret[KEM_SECRET_BYTES]);

#endif
