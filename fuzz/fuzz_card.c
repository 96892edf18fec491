/* card_decode with any bytes; what passes is encoded again the same but for
 * its proof.  The proof is made right first, or nothing would get past it. */
#include <assert.h>
#include <string.h>

#include "core/card.h"
#include "crypto/crypto.h"

enum { SIGNING_AT = 41, PROOF_AT = 73 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t secret[PROOF_SECRET_BYTES], public_key[PROOF_PUBLIC_BYTES];
	uint8_t bytes[CARD_BYTES] = { 0 }, again[CARD_BYTES];
	struct rng_seeded seeded;
	struct rng rng = rng_from_seed(&seeded, 1);
	struct card card;

	crypto_init();
	/* Texts alone, of any length. */
	if (card_check_name((const char *)data, size) == OK)
		assert(size > 0 && size <= CARD_NAME_BYTES_MAX);
	if (card_check_endpoint((const char *)data, size) == OK)
		assert(size <= CARD_ENDPOINT_BYTES_MAX);

	memcpy(bytes, data, size < sizeof(bytes) ? size : sizeof(bytes));
	if (card_decode(&card, bytes) == OK)
		return 0;
	proof_keygen(secret, public_key, rng);
	memcpy(bytes + SIGNING_AT, public_key, sizeof(public_key));
	memset(bytes + PROOF_AT, 0, PROOF_BYTES);
	proof_sign(bytes + PROOF_AT, secret, "quietline/v1 card", bytes,
	    sizeof(bytes), rng);
	if (card_decode(&card, bytes) != OK)
		return 0;
	card_encode(again, &card, secret, rng);
	memcpy(again + PROOF_AT, bytes + PROOF_AT, PROOF_BYTES);
	assert(memcmp(again, bytes, sizeof(bytes)) == 0);
	return 0;
}
