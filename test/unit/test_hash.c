#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "crypto/crypto.h"
#include "crypto/hash.h"

static const uint8_t text[] = "nine pears and a plum";

static void
assert_hex(const uint8_t *bytes, size_t len, const char *expected)
{
	char made[2 * HASH_WIDE_BYTES + 1];

	hex_encode(made, bytes, len);
	assert_string_equal(made, expected);
}

static void
hash_is_blake2b_256(void **state)
{
	const struct hash_part abc = { "abc", 3 };
	uint8_t out[HASH_BYTES];

	(void)state;
	hash_parts(out, &abc, 1);
	assert_hex(out, sizeof(out),
	    "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

static void
parts_have_nothing_between_them(void **state)
{
	const struct hash_part whole = { text, sizeof(text) };
	uint8_t one[HASH_WIDE_BYTES], two[HASH_WIDE_BYTES];
	size_t i;

	(void)state;
	hash_wide(one, &whole, 1);
	for (i = 0; i <= sizeof(text); i++) {
		const struct hash_part parts[] = { { text, i }, { NULL, 0 },
			{ text + i, sizeof(text) - i } };

		hash_wide(two, parts, 3);
		assert_memory_equal(one, two, sizeof(one));
	}
}

static void
key_changes_the_hash(void **state)
{
	const struct hash_part whole = { text, sizeof(text) };
	uint8_t one[HASH_BYTES], two[HASH_BYTES],
	    key[HASH_KEY_BYTES_MAX] = { 0 };
	size_t i;

	(void)state;
	hash_keyed(one, sizeof(one), key, sizeof(key), &whole, 1);
	for (i = 0; i < sizeof(key); i++) {
		key[i] ^= 0x10;
		hash_keyed(two, sizeof(two), key, sizeof(key), &whole, 1);
		assert_memory_not_equal(one, two, sizeof(one));
		key[i] ^= 0x10;
		/* A key of another length is another key. */
		if (i == 0)
			continue;
		hash_keyed(two, sizeof(two), key, i, &whole, 1);
		assert_memory_not_equal(one, two, sizeof(one));
	}
}

static void
length_changes_the_hash(void **state)
{
	uint8_t one[HASH_BYTES], two[HASH_BYTES];
	struct hash_part part = { text, sizeof(text) };

	(void)state;
	hash_parts(one, &part, 1);
	part.len--;
	hash_parts(two, &part, 1);
	assert_memory_not_equal(one, two, sizeof(one));
}

static void
stream_is_the_hash_of_its_pieces(void **state)
{
	uint8_t data[1000], one[HASH_BYTES], two[HASH_BYTES];
	const struct hash_part whole = { data, sizeof(data) };
	struct hash_stream stream;
	size_t i, step;

	(void)state;
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	hash_parts(one, &whole, 1);
	for (step = 1; step < 400; step += 37) {
		hash_stream_init(&stream);
		hash_stream_append(&stream, NULL, 0);
		for (i = 0; i < sizeof(data); i += step)
			hash_stream_append(&stream, data + i,
			    sizeof(data) - i < step ? sizeof(data) - i : step);
		hash_stream_finish(&stream, two);
		assert_memory_equal(one, two, sizeof(one));
	}
}

static void
stream_lies_at_any_address(void **state)
{
	uint8_t room[sizeof(struct hash_stream) + 1];
	struct hash_stream *stream = (struct hash_stream *)(room + 1);
	const struct hash_part whole = { text, sizeof(text) };
	uint8_t one[HASH_BYTES], two[HASH_BYTES];

	(void)state;
	hash_parts(one, &whole, 1);
	hash_stream_init(stream);
	hash_stream_append(stream, text, sizeof(text));
	hash_stream_finish(stream, two);
	assert_memory_equal(one, two, sizeof(one));
}

static void
stream_copied_goes_on_by_itself(void **state)
{
	struct hash_stream stream, copy;
	uint8_t one[HASH_BYTES], two[HASH_BYTES];

	(void)state;
	hash_stream_init(&stream);
	hash_stream_append(&stream, text, 5);
	copy = stream;
	hash_stream_append(&copy, text, 1);
	hash_stream_finish(&copy, two);
	hash_stream_finish(&stream, one);
	assert_memory_not_equal(one, two, sizeof(one));
}

static void
finished_stream_is_wiped(void **state)
{
	struct hash_stream stream, zero = { 0 };
	uint8_t out[HASH_BYTES];

	(void)state;
	hash_stream_init(&stream);
	hash_stream_append(&stream, text, sizeof(text));
	hash_stream_finish(&stream, out);
	assert_memory_equal(&stream, &zero, sizeof(stream));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hash_is_blake2b_256),
		cmocka_unit_test(parts_have_nothing_between_them),
		cmocka_unit_test(key_changes_the_hash),
		cmocka_unit_test(length_changes_the_hash),
		cmocka_unit_test(stream_is_the_hash_of_its_pieces),
		cmocka_unit_test(stream_lies_at_any_address),
		cmocka_unit_test(stream_copied_goes_on_by_itself),
		cmocka_unit_test(finished_stream_is_wiped),
	};

	crypto_init();
	return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
