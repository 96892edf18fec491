/*
 * What a boot's handshake costs both sides together, keys and all, beside the
 * X25519 and ML-KEM-768 operations that it is made of, called bare.
 */
#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "base/rng.h"
#include "core/handshake.h"
#include "crypto/crypto.h"
#include "crypto/kem.h"
#include "crypto/kem_library.h"
#include "figure.h"

enum {
	BATCHES = 300,
	BATCH = 4, /* handshakes */
	/* KKpsk0: each side makes e, and has es, ss, ee and se. */
	KEYS_MADE = 2,
	SHARED_MADE = 2 * 4,
};

struct party {
	uint8_t secret[DH_BYTES];
	uint8_t public_key[DH_BYTES];
};

struct parties {
	struct party a, b;
	uint8_t transcript[HANDSHAKE_TRANSCRIPT_BYTES];
	uint8_t psk[KDF_BYTES];
	uint8_t continuity[KDF_BYTES];
	struct rng rng;
};

static struct handshake_terms
terms_of(const struct parties *parties, const struct party *own,
    const struct party *peer)
{
	return (struct handshake_terms){
		.kind = HANDSHAKE_BOOT,
		.id = 1,
		.transcript = parties->transcript,
		.static_secret = own->secret,
		.static_public = own->public_key,
		.peer_static = peer->public_key,
		.secret = parties->psk,
		.continuity = parties->continuity,
	};
}

static void
shake(const struct parties *parties)
{
	const struct handshake_terms a =
	    terms_of(parties, &parties->a, &parties->b);
	const struct handshake_terms b =
	    terms_of(parties, &parties->b, &parties->a);
	uint8_t message1[HANDSHAKE_1_BYTES], message2[HANDSHAKE_2_BYTES];
	struct handshake_keys keys_a, keys_b;
	struct handshake handshake;
	int rc;

	rc = handshake_open(&handshake, &a, parties->rng, message1);
	assert(rc == OK);
	rc = handshake_answer(&b, parties->rng, message1, message2, &keys_b);
	assert(rc == OK);
	rc = handshake_finish(&handshake, message2, &keys_a);
	assert(rc == OK);
	assert(memcmp(&keys_a, &keys_b, sizeof(keys_a)) == 0);
}

/* The same operations, and nothing around them.  That A makes its KEM key twice,
 * since only the seed is kept of it meanwhile, is on us. */
static void
operate(const struct parties *parties)
{
	uint8_t public_key[KEM_PUBLIC_BYTES], expanded[KEM_SECRET_BYTES];
	uint8_t cipher[KEM_CIPHER_BYTES], ours[KEM_SHARED_BYTES];
	uint8_t theirs[KEM_SHARED_BYTES], seed[KEM_SEED_BYTES] = { 1 };
	uint8_t point[DH_BYTES];
	int rc;

	for (int i = 0; i < KEYS_MADE; i++) {
		rc =
		    crypto_scalarmult_curve25519_base(point, parties->a.secret);
		assert(rc == 0);
	}
	for (int i = 0; i < SHARED_MADE; i++) {
		rc = crypto_scalarmult_curve25519(point, parties->a.secret,
		    parties->b.public_key);
		assert(rc == 0);
	}
	kem_library_expand(public_key, expanded, seed);
	kem_library_encaps(cipher, ours, public_key, seed);
	kem_library_decaps(theirs, cipher, expanded);
	assert(memcmp(ours, theirs, sizeof(ours)) == 0);
}

int
main(void)
{
	static double whole[BATCHES], parts[BATCHES];
	static struct rng_seeded seeded;
	struct parties parties = { .rng = rng_from_seed(&seeded, 1) };
	double began;

	crypto_init();
	figure_progress("shaking hands");
	rng_fill(parties.rng, parties.transcript, sizeof(parties.transcript));
	rng_fill(parties.rng, parties.psk, sizeof(parties.psk));
	dh_keygen(parties.a.secret, parties.a.public_key, parties.rng);
	dh_keygen(parties.b.secret, parties.b.public_key, parties.rng);
	for (int i = 0; i < BATCHES; i++) {
		began = figure_cpu_ns();
		for (int j = 0; j < BATCH; j++)
			shake(&parties);
		whole[i] = (figure_cpu_ns() - began) / BATCH;
		began = figure_cpu_ns();
		for (int j = 0; j < BATCH; j++)
			operate(&parties);
		parts[i] = (figure_cpu_ns() - began) / BATCH;
	}
	figure_print(&(struct figure){
	    .name = "handshake, both sides",
	    .value = figure_quantile(whole, BATCHES, 0.5) / 1e3,
	    .unit = "us",
	    .reference = "its X25519 and ML-KEM-768 operations",
	    .reference_value = figure_quantile(parts, BATCHES, 0.5) / 1e3,
	    .goal = FIGURE_RATIO_AT_MOST,
	    .bound = 1.3,
	});
	return 0;
}
