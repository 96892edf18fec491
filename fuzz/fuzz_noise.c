/* Message 1 and message 2 of the handshake with any bytes: nothing but what the
 * other side wrote is taken. */
#include <assert.h>
#include <string.h>

#include "core/handshake.h"
#include "crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Made once: two posts and their real messages. */
struct line {
	uint8_t secrets[2][DH_BYTES];
	uint8_t publics[2][DH_BYTES];
	uint8_t transcript[HANDSHAKE_TRANSCRIPT_BYTES];
	uint8_t secret[KDF_BYTES];
	uint8_t continuity[KDF_BYTES];
	struct handshake_terms a, b;
	struct handshake handshake;
	uint8_t message1[HANDSHAKE_1_BYTES];
	uint8_t message2[HANDSHAKE_2_BYTES];
};

static void
make(struct line *line, struct rng rng)
{
	struct handshake_keys keys;
	int rc;

	crypto_init();
	dh_keygen(line->secrets[0], line->publics[0], rng);
	dh_keygen(line->secrets[1], line->publics[1], rng);
	line->a = (struct handshake_terms){
		.transcript = line->transcript,
		.static_secret = line->secrets[0],
		.peer_static = line->publics[1],
		.secret = line->secret,
		.continuity = line->continuity,
	};
	line->b = line->a;
	line->b.static_secret = line->secrets[1];
	line->b.peer_static = line->publics[0];
	rc = handshake_open(&line->handshake, &line->a, rng, line->message1);
	assert(rc == OK);
	rc = handshake_answer(&line->b, rng, line->message1, line->message2,
	    &keys);
	assert(rc == OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct line line;
	struct rng_seeded seeded;
	struct rng rng = rng_from_seed(&seeded, 1);
	uint8_t message1[HANDSHAKE_1_BYTES], message2[HANDSHAKE_2_BYTES];
	struct handshake attempt;
	struct handshake_keys keys;
	size_t i;

	if (line.a.transcript == NULL)
		make(&line, rng);

	/* The input is laid over the real message: what it has is changed. */
	memcpy(message1, line.message1, sizeof(message1));
	memcpy(message2, line.message2, sizeof(message2));
	for (i = 0; i < size && i < sizeof(message1); i++)
		message1[i] ^= data[i];
	for (i = 0; i < size && i < sizeof(message2); i++)
		message2[i] ^= data[i];
	attempt = line.handshake;
	if (handshake_finish(&attempt, message2, &keys) == OK)
		assert(memcmp(message2, line.message2, sizeof(message2)) == 0);
	if (handshake_answer(&line.b, rng, message1, message2, &keys) == OK)
		assert(memcmp(message1, line.message1, sizeof(message1)) == 0);
	handshake_wipe(&attempt);
	return 0;
}
