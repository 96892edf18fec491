/* Owns what people say in a run: texts and files that can be drawn again. */
#ifndef SIM_CONTENT_H
#define SIM_CONTENT_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/hash.h"

/* Fills exactly len bytes with valid UTF-8 in NFC of several scripts: the same
 * text for the same seed and len. */
void content_text(char *text, size_t len, uint64_t seed);

/* Bytes [offset, offset + len) of the file of that seed, of any size. */
void content_file(uint8_t *bytes, size_t len, uint64_t offset, uint64_t seed);

/* BLAKE2b-256 of the first `len` bytes of the file of that seed. */
void content_file_hash(uint8_t hash[HASH_BYTES], uint64_t len, uint64_t seed);

#endif
