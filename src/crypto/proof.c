#include "crypto/proof.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "base/wipe.h"

enum proof_offsets { PROOF_R = 0, PROOF_S = 32 };

_Static_assert(PROOF_SECRET_BYTES == crypto_core_ristretto255_SCALARBYTES,
    "scalar");
_Static_assert(PROOF_PUBLIC_BYTES == crypto_core_ristretto255_BYTES, "point");

void
proof_hash(uint8_t scalar[PROOF_SECRET_BYTES], const struct hash_part *parts,
    size_t count)
{
	struct hash_part prefixed[2 * PROOF_HASH_PARTS_MAX];
	uint8_t lengths[PROOF_HASH_PARTS_MAX][8];
	uint8_t wide[HASH_WIDE_BYTES];
	size_t i, j;

	assert(count <= PROOF_HASH_PARTS_MAX);
	for (i = 0; i < count; i++) {
		for (j = 0; j < sizeof(lengths[i]); j++)
			lengths[i][j] =
			    (uint8_t)((uint64_t)parts[i].len >> 8 * j);
		prefixed[2 * i] =
		    (struct hash_part){ lengths[i], sizeof(lengths[i]) };
		prefixed[2 * i + 1] = parts[i];
	}
	hash_wide(wide, prefixed, 2 * count);
	crypto_core_ristretto255_scalar_reduce(scalar, wide);
	wipe(wide, sizeof(wide));
}

void
proof_keygen(uint8_t secret[PROOF_SECRET_BYTES],
    uint8_t public_key[PROOF_PUBLIC_BYTES], struct rng rng)
{
	uint8_t wide[HASH_WIDE_BYTES];

	/* Zero comes once in 2^252: then once more. */
	do {
		rng_fill(rng, wide, sizeof(wide));
		crypto_core_ristretto255_scalar_reduce(secret, wide);
	} while (crypto_scalarmult_ristretto255_base(public_key, secret) != 0);
	wipe(wide, sizeof(wide));
}

/* c = Hs(label, X, R, data). */
static void
challenge(uint8_t c[PROOF_SECRET_BYTES], const char *label,
    const uint8_t *public_key, const uint8_t *commitment, const void *data,
    size_t len)
{
	const struct hash_part parts[] = {
		{ label, strlen(label) },
		{ public_key, PROOF_PUBLIC_BYTES },
		{ commitment, PROOF_PUBLIC_BYTES },
		{ data, len },
	};

	proof_hash(c, parts, 4);
}

void
proof_sign(uint8_t proof[PROOF_BYTES], const uint8_t secret[PROOF_SECRET_BYTES],
    const char *label, const void *data, size_t len, struct rng rng)
{
	static const char hedge[] = "quietline/v1 proof nonce";
	uint8_t fresh[32];
	uint8_t public_key[PROOF_PUBLIC_BYTES];
	uint8_t k[PROOF_SECRET_BYTES];
	uint8_t c[PROOF_SECRET_BYTES];
	const struct hash_part parts[] = {
		{ hedge, sizeof(hedge) - 1 },
		{ label, strlen(label) },
		{ secret, PROOF_SECRET_BYTES },
		{ fresh, sizeof(fresh) },
		{ data, len },
	};
	int rc;

	rc = crypto_scalarmult_ristretto255_base(public_key, secret);
	assert(rc == 0);
	do {
		rng_fill(rng, fresh, sizeof(fresh));
		proof_hash(k, parts, 5);
	} while (crypto_scalarmult_ristretto255_base(proof + PROOF_R, k) != 0);

	challenge(c, label, public_key, proof + PROOF_R, data, len);
	crypto_core_ristretto255_scalar_mul(c, c, secret);
	crypto_core_ristretto255_scalar_add(proof + PROOF_S, k, c);
	wipe(fresh, sizeof(fresh));
	wipe(k, sizeof(k));
	wipe(c, sizeof(c));
}

/* The library itself would drop the top bit. */
bool
proof_is_reduced(const uint8_t scalar[PROOF_SECRET_BYTES])
{
	uint8_t wide[HASH_WIDE_BYTES] = { 0 };
	uint8_t reduced[PROOF_SECRET_BYTES];

	memcpy(wide, scalar, PROOF_SECRET_BYTES);
	crypto_core_ristretto255_scalar_reduce(reduced, wide);
	return memcmp(reduced, scalar, sizeof(reduced)) == 0;
}

int
proof_verify(const uint8_t proof[PROOF_BYTES],
    const uint8_t public_key[PROOF_PUBLIC_BYTES], const char *label,
    const void *data, size_t len)
{
	uint8_t c[PROOF_SECRET_BYTES];
	uint8_t left[PROOF_PUBLIC_BYTES];
	uint8_t right[PROOF_PUBLIC_BYTES];

	/* Nothing here is secret: early exits tell nobody anything. */
	if (!proof_is_reduced(proof + PROOF_S))
		return ERR_CRYPTO;
	if (sodium_is_zero(proof + PROOF_R, PROOF_PUBLIC_BYTES) ||
	    !crypto_core_ristretto255_is_valid_point(proof + PROOF_R))
		return ERR_CRYPTO;
	challenge(c, label, public_key, proof + PROOF_R, data, len);
	/* Each fails where its result is the identity, or X is no element. */
	if (crypto_scalarmult_ristretto255(right, c, public_key) != 0 ||
	    crypto_core_ristretto255_add(right, right, proof + PROOF_R) != 0 ||
	    crypto_scalarmult_ristretto255_base(left, proof + PROOF_S) != 0)
		return ERR_CRYPTO;
	return memcmp(left, right, sizeof(left)) == 0 ? OK : ERR_CRYPTO;
}
