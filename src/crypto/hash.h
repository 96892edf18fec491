/* Owns plain hashing: BLAKE2b over parts, at once or as a stream. */
#ifndef CRYPTO_HASH_H
#define CRYPTO_HASH_H

#include <stddef.h>
#include <stdint.h>

enum hash_sizes {
	HASH_BYTES = 32,      /* BLAKE2b-256 */
	HASH_WIDE_BYTES = 64, /* BLAKE2b-512 */
	HASH_KEY_BYTES_MAX = 64,
	HASH_STREAM_STATE_BYTES = 384,
};

/* One stretch of what is hashed; data may be NULL where len is 0. */
struct hash_part {
	const void *data;
	size_t len;
};

/* BLAKE2b-256 of the parts, one after the other, nothing between them. */
void hash_parts(uint8_t out[HASH_BYTES], const struct hash_part *parts,
    size_t count);
/* The same, BLAKE2b-512. */
void hash_wide(uint8_t out[HASH_WIDE_BYTES], const struct hash_part *parts,
    size_t count);
/* Keyed BLAKE2b with a result of 16 to 64 bytes and a key of 1 to 64. */
void hash_keyed(uint8_t *out, size_t out_len, const uint8_t *key,
    size_t key_len, const struct hash_part *parts, size_t count);

/* BLAKE2b-256 of what comes in pieces.  Plain bytes: may be copied and lie at
 * any address. */
struct hash_stream {
	uint8_t state[HASH_STREAM_STATE_BYTES];
};

void hash_stream_init(struct hash_stream *stream);
void hash_stream_append(struct hash_stream *stream, const void *data,
    size_t len);
/* Writes the hash of all that was appended and wipes the stream. */
void hash_stream_finish(struct hash_stream *stream, uint8_t out[HASH_BYTES]);

#endif
