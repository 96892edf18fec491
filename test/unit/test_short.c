#include "crypto/short.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* SipHash-2-4's own test values (Aumasson and Bernstein, "SipHash: a fast
 * short-input PRF", appendix A, and the vectors of its reference code): key
 * 00 01 ... 0f, and as message 00 01 ... of each length. */
static void
tags_are_siphash_2_4s(void **state)
{
	static const struct {
		size_t len;
		uint8_t tag[SHORT_BYTES];
	} rows[] = {
		{ 0, { 0x31, 0x0e, 0x0e, 0xdd, 0x47, 0xdb, 0x6f, 0x72 } },
		{ 1, { 0xfd, 0x67, 0xdc, 0x93, 0xc5, 0x39, 0xf8, 0x74 } },
		{ 15, { 0xe5, 0x45, 0xbe, 0x49, 0x61, 0xca, 0x29, 0xa1 } },
	};
	uint8_t key[SHORT_KEY_BYTES], data[16], tag[SHORT_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = data[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		short_tag(tag, key, data, rows[i].len);
		assert_memory_equal(tag, rows[i].tag, sizeof(tag));
	}
}

static void
each_bit_of_key_and_data_counts(void **state)
{
	uint8_t key[SHORT_KEY_BYTES] = { 1 }, data[48] = { 2 };
	uint8_t first[SHORT_BYTES], tag[SHORT_BYTES];

	(void)state;
	short_tag(first, key, data, sizeof(data));
	for (size_t bit = 0; bit < 8 * sizeof(key); bit++) {
		key[bit / 8] ^= (uint8_t)(1 << bit % 8);
		short_tag(tag, key, data, sizeof(data));
		assert_memory_not_equal(tag, first, sizeof(tag));
		key[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t bit = 0; bit < 8 * sizeof(data); bit++) {
		data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		short_tag(tag, key, data, sizeof(data));
		assert_memory_not_equal(tag, first, sizeof(tag));
		data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	short_tag(tag, key, data, sizeof(data) - 1);
	assert_memory_not_equal(tag, first, sizeof(tag));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_are_siphash_2_4s),
		cmocka_unit_test(each_bit_of_key_and_data_counts),
	};

	return cmocka_run_group_tests_name("short", tests, NULL, NULL);
}
