#include "crypto/dh.h"

#include <assert.h>

#include <sodium.h>

#include "base/wipe.h"

_Static_assert(DH_BYTES == crypto_scalarmult_curve25519_BYTES, "point");
_Static_assert(DH_BYTES == crypto_scalarmult_curve25519_SCALARBYTES, "scalar");

void
dh_keygen(uint8_t secret[DH_BYTES], uint8_t public_key[DH_BYTES],
    struct rng rng)
{
	rng_fill(rng, secret, DH_BYTES);
	dh_public(public_key, secret);
}

void
dh_public(uint8_t public_key[DH_BYTES], const uint8_t secret[DH_BYTES])
{
	int rc;

	rc = crypto_scalarmult_curve25519_base(public_key, secret);
	assert(rc == 0);
}

int
dh_shared(uint8_t shared[DH_BYTES], const uint8_t secret[DH_BYTES],
    const uint8_t peer_public[DH_BYTES])
{
	/* Small-order points are refused before, an all-zero result after. */
	if (crypto_scalarmult_curve25519(shared, secret, peer_public) != 0) {
		wipe(shared, DH_BYTES);
		return ERR_CRYPTO;
	}
	return OK;
}
