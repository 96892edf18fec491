/* Ceremony files and stored ceremonies of any bytes, in every state.  The tail
 * is made right first, or nothing would get past it; the commitment too, where
 * the first byte says so. */
#include <assert.h>
#include <string.h>

#include "core/ceremony.h"
#include "crypto/crypto.h"

enum { COMMITMENT_AT = 21, INPUT_BYTES_MAX = 4096 };

static const struct ceremony_self self = {
	.name = "fuzz",
	.endpoint = "[::1]:7411",
	.frame_bytes = 1200,
	.slot_us = 100000,
	.accept = ACCEPT_ANY,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fix_tail(uint8_t *file, size_t len)
{
	if (len >= HASH_BYTES)
		hash_parts(file + len - HASH_BYTES,
		    &(struct hash_part){ file, len - HASH_BYTES }, 1);
}

/* A fault leaves the ceremony as it was. */
static void
finish(struct ceremony *ceremony, const uint8_t *file, size_t len)
{
	const struct ceremony before = *ceremony;
	uint8_t out[CEREMONY_FILE_BYTES_MAX];
	struct writer w;

	buf_write(&w, out, sizeof(out));
	if (ceremony_finish(ceremony, file, len, false, &w) != CEREMONY_OK) {
		assert(memcmp(&before, ceremony, sizeof(before)) == 0);
		assert(w.len == 0);
	}
}

static void
try_stored(const uint8_t *data, size_t size)
{
	uint8_t again[CEREMONY_STORED_BYTES];
	struct ceremony stored;
	struct writer w;

	if (ceremony_decode(&stored, data, size) != OK)
		return;
	buf_write(&w, again, sizeof(again));
	ceremony_encode(&w, &stored);
	assert(w.len == size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rng_seeded seeded;
	struct rng rng = rng_from_seed(&seeded, 1);
	uint8_t file[INPUT_BYTES_MAX], out[CEREMONY_FILE_BYTES_MAX];
	struct ceremony a, b = { 0 };
	struct ceremony_summary summary;
	struct writer w;
	bool is_ours;

	if (size < 1 || size > sizeof(file))
		return 0;
	crypto_init();
	is_ours = data[0] & 1;
	size--;
	memcpy(file, data + 1, size);
	try_stored(file, size);

	buf_write(&w, out, sizeof(out));
	assert(ceremony_offer(&a, &self, rng, &w) == OK);
	if (is_ours && size >= COMMITMENT_AT + sizeof(a.commitment))
		memcpy(file + COMMITMENT_AT, a.commitment,
		    sizeof(a.commitment));
	fix_tail(file, size);
	(void)!ceremony_peek(&summary, file, size);
	finish(&a, file, size);

	buf_write(&w, out, sizeof(out));
	if (ceremony_accept(&b, file, size, &self, rng, &w) == CEREMONY_OK)
		assert(b.state == CEREMONY_REPLIED);
	b.state = CEREMONY_REPLIED;
	b.role = ROLE_B;
	finish(&b, file, size);
	return 0;
}
