#include "crypto/kem_library.h"

#include <assert.h>

#include <sodium.h>

#include "crypto/kem.h"

_Static_assert(crypto_kem_mlkem768_PUBLICKEYBYTES == KEM_PUBLIC_BYTES,
    "public");
_Static_assert(crypto_kem_mlkem768_SECRETKEYBYTES == KEM_SECRET_BYTES,
    "secret");
_Static_assert(crypto_kem_mlkem768_CIPHERTEXTBYTES == KEM_CIPHER_BYTES,
    "cipher");
_Static_assert(crypto_kem_mlkem768_SHAREDSECRETBYTES == KEM_SHARED_BYTES,
    "shared");

void
kem_library_expand(uint8_t *public_key, uint8_t *secret, const uint8_t *seed)
{
	int rc;

	rc = crypto_kem_mlkem768_seed_keypair(public_key, secret, seed);
	assert(rc == 0);
}

void
kem_library_encaps(uint8_t *cipher, uint8_t *shared, const uint8_t *public_key,
    const uint8_t *m)
{
	int rc;

	rc = crypto_kem_mlkem768_enc_deterministic(cipher, shared, public_key,
	    m);
	assert(rc == 0);
}

void
kem_library_decaps(uint8_t *shared, const uint8_t *cipher,
    const uint8_t *secret)
{
	int rc;

	rc = crypto_kem_mlkem768_dec(shared, cipher, secret);
	assert(rc == 0);
}
