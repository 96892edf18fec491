/* Message 1 and message 2 of the handshake with any bytes: nothing but what the
 * other side wrote is taken. */
#include <assert.h>
#include <string.h>

#include "core/handshake.h"
#include "crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rng_seeded seeded;
	struct rng rng = rng_from_seed(&seeded, 1);
	uint8_t a_secret[DH_BYTES], a_public[DH_BYTES];
	uint8_t b_secret[DH_BYTES], b_public[DH_BYTES];
	uint8_t transcript[HANDSHAKE_TRANSCRIPT_BYTES] = { 1 };
	uint8_t secret[KDF_BYTES] = { 2 }, continuity[KDF_BYTES] = { 3 };
	uint8_t message1[HANDSHAKE_1_BYTES], real1[HANDSHAKE_1_BYTES];
	uint8_t message2[HANDSHAKE_2_BYTES], real2[HANDSHAKE_2_BYTES];
	struct handshake handshake;
	struct handshake_keys a_keys, b_keys;
	struct handshake_terms a = {
		.transcript = transcript,
		.static_secret = a_secret,
		.peer_static = b_public,
		.secret = secret,
		.continuity = continuity,
	};
	struct handshake_terms b = a;
	size_t i;

	crypto_init();
	dh_keygen(a_secret, a_public, rng);
	dh_keygen(b_secret, b_public, rng);
	b.static_secret = b_secret;
	b.peer_static = a_public;
	assert(handshake_open(&handshake, &a, rng, real1) == OK);
	assert(handshake_answer(&b, rng, real1, real2, &b_keys) == OK);

	/* The input is laid over the real message: what it has is changed. */
	memcpy(message1, real1, sizeof(message1));
	memcpy(message2, real2, sizeof(message2));
	for (i = 0; i < size && i < sizeof(message1); i++)
		message1[i] ^= data[i];
	for (i = 0; i < size && i < sizeof(message2); i++)
		message2[i] ^= data[i];
	if (handshake_finish(&handshake, message2, &a_keys) == OK)
		assert(memcmp(message2, real2, sizeof(real2)) == 0);
	if (handshake_answer(&b, rng, message1, message2, &b_keys) == OK)
		assert(memcmp(message1, real1, sizeof(real1)) == 0);

	/* And the input alone. */
	memset(message1, 0, sizeof(message1));
	memcpy(message1, data, size < sizeof(message1) ? size :
							 sizeof(message1));
	assert(handshake_answer(&b, rng, message1, message2, &b_keys) != OK);
	handshake_wipe(&handshake);
	return 0;
}
