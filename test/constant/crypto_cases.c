/* crypto/ and what base/ does to secrets. */
#include <stdint.h>
#include <string.h>

#include "base/rng.h"
#include "base/wipe.h"
#include "cases.h"
#include "crypto/aead.h"
#include "crypto/dh.h"
#include "crypto/hash.h"
#include "crypto/kdf.h"
#include "crypto/kem.h"
#include "crypto/noise.h"
#include "crypto/proof.h"
#include "crypto/willing.h"
#include "secret.h"

enum { TEXT_BYTES = 1160 };

static void
draw(void *bytes, size_t len)
{
	rng_fill(secret_rng(), bytes, len);
}

static bool
wiping(void)
{
	uint8_t a[32], b[32];
	bool same;

	draw(a, sizeof(a));
	memcpy(b, a, sizeof(b));
	same = wipe_equal(a, b, sizeof(a));
	b[31] ^= 1;
	same = same && !wipe_equal(a, b, sizeof(a));
	same = same && is_secret(a, sizeof(a));
	wipe(a, sizeof(a));
	return same && !is_secret(a, sizeof(a));
}

static bool
sealing(void)
{
	uint8_t key[AEAD_KEY_BYTES], nonce[AEAD_NONCE_BYTES] = { 7 };
	uint8_t plain[TEXT_BYTES], sealed[TEXT_BYTES + AEAD_TAG_BYTES];
	uint8_t again[TEXT_BYTES];
	bool ok;

	draw(key, sizeof(key));
	draw(plain, sizeof(plain));
	aead_seal(sealed, plain, sizeof(plain), "beside", 6, nonce, key);
	ok = aead_unseal(again, sealed, sizeof(sealed), "beside", 6, nonce,
		 key) == OK &&
	    is_secret(again, sizeof(again));
	sealed[1000] ^= 4;
	return ok &&
	    aead_unseal(again, sealed, sizeof(sealed), "beside", 6, nonce,
		key) == ERR_CRYPTO;
}

static bool
hashing(void)
{
	uint8_t text[TEXT_BYTES], key[32], out[HASH_WIDE_BYTES];
	const struct hash_part parts[] = { { text, 3 },
		{ text + 3, sizeof(text) - 3 } };
	struct hash_stream stream;
	bool kept;

	draw(text, sizeof(text));
	draw(key, sizeof(key));
	hash_parts(out, parts, 2);
	kept = is_secret(out, HASH_BYTES);
	hash_wide(out, parts, 2);
	kept = kept && is_secret(out, sizeof(out));
	hash_keyed(out, sizeof(out), key, sizeof(key), parts, 2);
	kept = kept && is_secret(out, sizeof(out));
	hash_stream_init(&stream);
	hash_stream_append(&stream, text, sizeof(text));
	hash_stream_finish(&stream, out);
	return kept && is_secret(out, HASH_BYTES);
}

static bool
deriving(void)
{
	uint8_t key[64], ctx[32], out[KDF_BYTES];
	enum kdf_label label;
	bool kept = true;

	for (label = 0; label < KDF_LABEL_COUNT; label++) {
		draw(key, sizeof(key));
		draw(ctx, sizeof(ctx));
		kdf(out, key, label % 2 ? 32 : 64, label, ctx, sizeof(ctx));
		kept = kept && is_secret(out, sizeof(out));
	}
	return kept;
}

static bool
exchanging(void)
{
	uint8_t a[DH_BYTES], b[DH_BYTES], public_a[DH_BYTES];
	uint8_t public_b[DH_BYTES], shared[DH_BYTES];
	static const uint8_t small[DH_BYTES] = { 1 };
	bool kept;

	dh_keygen(a, public_a, secret_rng());
	draw(b, sizeof(b));
	dh_public(public_b, b);
	kept = dh_shared(shared, a, public_b) == OK &&
	    is_secret(shared, sizeof(shared));
	return kept && dh_shared(shared, a, small) == ERR_CRYPTO;
}

static bool
encapsulating(void)
{
	static uint8_t seed[KEM_SEED_BYTES], public_key[KEM_PUBLIC_BYTES];
	static uint8_t expanded[KEM_SECRET_BYTES], m[KEM_ENCAPS_BYTES];
	static uint8_t cipher[KEM_CIPHER_BYTES];
	uint8_t ours[KEM_SHARED_BYTES], theirs[KEM_SHARED_BYTES];
	bool kept;

	draw(seed, sizeof(seed));
	draw(m, sizeof(m));
	kem_expand(public_key, expanded, seed);
	if (kem_encaps(cipher, ours, public_key, m) != OK)
		return false;
	kem_decaps(theirs, cipher, seed);
	kept = is_secret(ours, sizeof(ours)) &&
	    is_secret(theirs, sizeof(theirs)) &&
	    wipe_equal(ours, theirs, sizeof(ours));
	kem_decaps_expanded(theirs, cipher, expanded);
	kept = kept && wipe_equal(ours, theirs, sizeof(ours));
	/* What was bent gives another secret, as quietly. */
	cipher[5] ^= 1;
	kem_decaps(theirs, cipher, seed);
	return kept && is_secret(theirs, sizeof(theirs)) &&
	    !wipe_equal(ours, theirs, sizeof(ours));
}

static bool
expanding(void)
{
	uint8_t key[64], material[32];
	uint8_t outs[NOISE_HKDF_OUTPUTS_MAX][NOISE_HASH_BYTES_MAX];

	draw(key, sizeof(key));
	draw(material, sizeof(material));
	noise_hkdf(&noise_blake2b, outs, NOISE_HKDF_OUTPUTS_MAX, key,
	    sizeof(key), material, sizeof(material));
	return is_secret(outs[2], sizeof(outs[2]));
}

static bool
proving(void)
{
	static const char label[] = "a label";
	uint8_t key[PROOF_SECRET_BYTES], public_key[PROOF_PUBLIC_BYTES];
	uint8_t proof[PROOF_BYTES];

	proof_keygen(key, public_key, secret_rng());
	proof_sign(proof, key, label, "data", 4, secret_rng());
	return is_secret(key, sizeof(key)) &&
	    proof_verify(proof, public_key, label, "data", 4) == OK;
}

/* A whole round; what both said is secret, whether both said yes comes out. */
static bool
comparing(void)
{
	static const struct willing_round round = { .day = 20779 };
	static struct willing_talk talk[2];
	struct willing_secret side[2];
	unsigned step, own;
	bool both;

	draw(side, sizeof(side));
	side[0].yes &= 1;
	side[1].yes &= 1;
	for (step = 1; step <= WILLING_STEPS; step++) {
		own = (step + 1) % 2;
		willing_make(&talk[own], &round, &side[own]);
		if (willing_take(&talk[1 - own], &round, &side[1 - own],
			talk[own].step[step - 1],
			willing_step_bytes(step)) != OK)
			return false;
	}
	both = willing_both(&talk[0], &round, &side[0], true);
	if (willing_both(&talk[1], &round, &side[1], false) != both)
		return false;
	talk[0].count = WILLING_STEPS - 1;
	talk[1].step[3][WILLING_PART_BYTES] ^= 1;
	return is_secret(side, sizeof(side)) &&
	    willing_take(&talk[0], &round, &side[0], talk[1].step[3],
		willing_step_bytes(WILLING_STEPS)) == ERR_CRYPTO;
}

const struct constant_case cases_crypto[] = {
	{ "wipe, wipe_equal", wiping, false },
	{ "aead_seal, aead_unseal, a tag that is wrong", sealing, false },
	{ "hash_parts, hash_wide, hash_keyed, hash_stream", hashing, false },
	{ "kdf, each label", deriving, false },
	{ "dh_keygen, dh_public, dh_shared, a point of small order", exchanging,
	    false },
	{ "kem_expand, kem_encaps, kem_decaps, a ciphertext that was bent",
	    encapsulating, false },
	{ "noise_hmac, noise_hkdf", expanding, false },
	{ "proof_keygen, proof_hash, proof_sign with its hedged nonce", proving,
	    false },
	{ "willing_make, willing_take, willing_both, a proof that was bent",
	    comparing, false },
};
const size_t cases_crypto_count = sizeof(cases_crypto) / sizeof(*cases_crypto);
