#include "sim/content.h"

#include <string.h>

#include "sim/dice.h"

enum {
	BLOCK_BYTES = 4096,
	SYLLABLES = 11172,
	/* From 64 bits. */
	CHARACTERS_DRAWN = 4,
};

/* A character of up to `room` bytes; gives its length. */
static size_t
put_character(char *text, size_t room, uint64_t drawn)
{
	uint32_t point;

	switch (room >= 3 ? drawn % 4 : 3) {
	case 0: /* a Korean syllable */
		point = 0xac00 + (uint32_t)(drawn / 4 % SYLLABLES);
		text[0] = (char)(0xe0 | point >> 12);
		text[1] = (char)(0x80 | (point >> 6 & 0x3f));
		text[2] = (char)(0x80 | (point & 0x3f));
		return 3;
	case 1: /* an Arabic letter, beh to ghain */
		point = 0x628 + (uint32_t)(drawn / 4 % 19);
		text[0] = (char)(0xc0 | point >> 6);
		text[1] = (char)(0x80 | (point & 0x3f));
		return 2;
	case 2:
		text[0] = drawn / 4 % 8 == 0 ? '\n' : ' ';
		return 1;
	default:
		text[0] = (char)('a' + drawn / 4 % 26);
		return 1;
	}
}

void
content_text(char *text, size_t len, uint64_t seed)
{
	struct dice dice;
	size_t at = 0;

	dice_init(&dice, seed, DICE_CONTENT, 0);
	while (at < len) {
		uint64_t drawn = rng_u64(dice_rng(&dice));

		for (int i = 0; i < CHARACTERS_DRAWN && at < len; i++) {
			at += put_character(text + at, len - at,
			    drawn & UINT16_MAX);
			drawn >>= 16;
		}
	}
}

void
content_file(uint8_t *bytes, size_t len, uint64_t offset, uint64_t seed)
{
	uint8_t block[BLOCK_BYTES];
	struct dice dice;

	while (len > 0) {
		size_t skip = offset % BLOCK_BYTES;
		size_t take =
		    BLOCK_BYTES - skip < len ? BLOCK_BYTES - skip : len;

		dice_init(&dice, seed, DICE_CONTENT, 1 + offset / BLOCK_BYTES);
		rng_fill(dice_rng(&dice), block, sizeof(block));
		memcpy(bytes, block + skip, take);
		bytes += take;
		offset += take;
		len -= take;
	}
}

void
content_file_hash(uint8_t hash[HASH_BYTES], uint64_t len, uint64_t seed)
{
	uint8_t block[BLOCK_BYTES];
	struct hash_stream stream;

	hash_stream_init(&stream);
	for (uint64_t at = 0; at < len; at += sizeof(block)) {
		size_t take = len - at < sizeof(block) ? (size_t)(len - at)
						       : sizeof(block);

		content_file(block, take, at, seed);
		hash_stream_append(&stream, block, take);
	}
	hash_stream_finish(&stream, hash);
}
