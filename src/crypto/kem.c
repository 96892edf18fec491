#include "crypto/kem.h"

#include <sodium.h>

#include "base/wipe.h"
#include "crypto/kem_library.h"

enum kem_numbers {
	/* q of ML-KEM. */
	KEM_MODULUS = 3329,
	/* t, in front of the key's last 32 bytes: two coefficients in three. */
	KEM_COEFFICIENTS_BYTES = KEM_PUBLIC_BYTES - 32,
	/* Twice what the deepest call takes (15 KiB with PQClean). */
	KEM_STACK_BYTES = 32 * 1024,
};

void
kem_expand(uint8_t public_key[KEM_PUBLIC_BYTES],
    uint8_t secret[KEM_SECRET_BYTES], const uint8_t seed[KEM_SEED_BYTES])
{
	uint8_t own_public[KEM_PUBLIC_BYTES];
	uint8_t own_secret[KEM_SECRET_BYTES];

	kem_library_expand(public_key != NULL ? public_key : own_public,
	    secret != NULL ? secret : own_secret, seed);
	sodium_stackzero(KEM_STACK_BYTES);
	wipe(own_secret, sizeof(own_secret));
}

int
kem_check_public(const uint8_t public_key[KEM_PUBLIC_BYTES])
{
	unsigned int low, high;
	unsigned int bad = 0;
	size_t i;

	for (i = 0; i < KEM_COEFFICIENTS_BYTES; i += 3) {
		low = public_key[i] | (public_key[i + 1] & 0x0fu) << 8;
		high = public_key[i + 1] >> 4 |
		    (unsigned int)public_key[i + 2] << 4;
		bad |= low >= KEM_MODULUS;
		bad |= high >= KEM_MODULUS;
	}
	return bad ? ERR_CRYPTO : OK;
}

int
kem_encaps(uint8_t cipher[KEM_CIPHER_BYTES], uint8_t shared[KEM_SHARED_BYTES],
    const uint8_t public_key[KEM_PUBLIC_BYTES],
    const uint8_t m[KEM_ENCAPS_BYTES])
{
	if (kem_check_public(public_key) != OK) {
		wipe(cipher, KEM_CIPHER_BYTES);
		wipe(shared, KEM_SHARED_BYTES);
		return ERR_CRYPTO;
	}
	kem_library_encaps(cipher, shared, public_key, m);
	sodium_stackzero(KEM_STACK_BYTES);
	return OK;
}

void
kem_decaps(uint8_t shared[KEM_SHARED_BYTES],
    const uint8_t cipher[KEM_CIPHER_BYTES], const uint8_t seed[KEM_SEED_BYTES])
{
	uint8_t secret[KEM_SECRET_BYTES];

	kem_expand(NULL, secret, seed);
	kem_decaps_expanded(shared, cipher, secret);
	wipe(secret, sizeof(secret));
}

void
kem_decaps_expanded(uint8_t shared[KEM_SHARED_BYTES],
    const uint8_t cipher[KEM_CIPHER_BYTES],
    const uint8_t secret[KEM_SECRET_BYTES])
{
	kem_library_decaps(shared, cipher, secret);
	sodium_stackzero(KEM_STACK_BYTES);
}
