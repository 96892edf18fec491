#include "crypto/hash.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "base/wipe.h"

/* The library's state wants an alignment that callers need not know of: it is
 * copied in and out.  384 bytes are nothing beside what is hashed. */
_Static_assert(sizeof(crypto_generichash_blake2b_state) ==
	HASH_STREAM_STATE_BYTES,
    "libsodium's state has another size");
_Static_assert(crypto_generichash_blake2b_BYTES_MAX == HASH_WIDE_BYTES,
    "BLAKE2b's widest result");

static void
blake2b(uint8_t *out, size_t out_len, const uint8_t *key, size_t key_len,
    const struct hash_part *parts, size_t count)
{
	crypto_generichash_blake2b_state state;
	size_t i;
	int rc;

	if (count == 1) {
		/* Leaves nothing behind either, and takes a sixth less. */
		rc = crypto_generichash_blake2b(out, out_len, parts->data,
		    parts->len, key, key_len);
		assert(rc == 0);
		return;
	}
	rc = crypto_generichash_blake2b_init(&state, key, key_len, out_len);
	assert(rc == 0);
	for (i = 0; i < count; i++) {
		if (parts[i].len == 0)
			continue;
		rc = crypto_generichash_blake2b_update(&state, parts[i].data,
		    parts[i].len);
		assert(rc == 0);
	}
	rc = crypto_generichash_blake2b_final(&state, out, out_len);
	assert(rc == 0);
	wipe(&state, sizeof(state));
}

void
hash_parts(uint8_t out[HASH_BYTES], const struct hash_part *parts, size_t count)
{
	blake2b(out, HASH_BYTES, NULL, 0, parts, count);
}

void
hash_wide(uint8_t out[HASH_WIDE_BYTES], const struct hash_part *parts,
    size_t count)
{
	blake2b(out, HASH_WIDE_BYTES, NULL, 0, parts, count);
}

void
hash_keyed(uint8_t *out, size_t out_len, const uint8_t *key, size_t key_len,
    const struct hash_part *parts, size_t count)
{
	assert(out_len >= crypto_generichash_blake2b_BYTES_MIN);
	assert(out_len <= HASH_WIDE_BYTES);
	assert(key_len >= 1 && key_len <= HASH_KEY_BYTES_MAX);
	blake2b(out, out_len, key, key_len, parts, count);
}

void
hash_stream_init(struct hash_stream *stream)
{
	crypto_generichash_blake2b_state state;
	int rc;

	rc = crypto_generichash_blake2b_init(&state, NULL, 0, HASH_BYTES);
	assert(rc == 0);
	memcpy(stream->state, &state, sizeof(state));
	wipe(&state, sizeof(state));
}

void
hash_stream_append(struct hash_stream *stream, const void *data, size_t len)
{
	crypto_generichash_blake2b_state state;
	int rc;

	if (len == 0)
		return;
	memcpy(&state, stream->state, sizeof(state));
	rc = crypto_generichash_blake2b_update(&state, data, len);
	assert(rc == 0);
	memcpy(stream->state, &state, sizeof(state));
	wipe(&state, sizeof(state));
}

void
hash_stream_finish(struct hash_stream *stream, uint8_t out[HASH_BYTES])
{
	crypto_generichash_blake2b_state state;
	int rc;

	memcpy(&state, stream->state, sizeof(state));
	rc = crypto_generichash_blake2b_final(&state, out, HASH_BYTES);
	assert(rc == 0);
	wipe(&state, sizeof(state));
	wipe(stream, sizeof(*stream));
}
