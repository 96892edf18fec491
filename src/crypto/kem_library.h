/* Owns the seam between kem and the library that has ML-KEM-768: the build
 * picks kem_pqclean.c or kem_sodium.c.  For kem.c alone. */
#ifndef CRYPTO_KEM_LIBRARY_H
#define CRYPTO_KEM_LIBRARY_H

#include <stdint.h>

/* Sizes as in crypto/kem.h.  None checks its input, none wipes its stack. */
void kem_library_expand(uint8_t *public_key, uint8_t *secret,
    const uint8_t *seed);
void kem_library_encaps(uint8_t *cipher, uint8_t *shared,
    const uint8_t *public_key, const uint8_t *m);
void kem_library_decaps(uint8_t *shared, const uint8_t *cipher,
    const uint8_t *secret);

#endif
