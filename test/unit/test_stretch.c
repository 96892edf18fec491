#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "crypto/stretch.h"

static const uint8_t salt[STRETCH_SALT_BYTES] = { 1, 2, 3 };

static void
stretch_tells_passphrases_and_salts_apart(void **state)
{
	static const uint8_t other_salt[STRETCH_SALT_BYTES] = { 1, 2, 4 };
	uint8_t key[STRETCH_KEY_BYTES], other[STRETCH_KEY_BYTES];

	(void)state;
	assert_int_equal(stretch(key, "secret", 6, salt, 1, 8192), OK);
	assert_int_equal(stretch(other, "secret", 6, salt, 1, 8192), OK);
	assert_memory_equal(key, other, sizeof(key));
	assert_int_equal(stretch(other, "secreT", 6, salt, 1, 8192), OK);
	assert_memory_not_equal(key, other, sizeof(key));
	assert_int_equal(stretch(other, "secret", 5, salt, 1, 8192), OK);
	assert_memory_not_equal(key, other, sizeof(key));
	assert_int_equal(stretch(other, "secret", 6, other_salt, 1, 8192), OK);
	assert_memory_not_equal(key, other, sizeof(key));
	assert_int_equal(stretch(other, "secret", 6, salt, 2, 8192), OK);
	assert_memory_not_equal(key, other, sizeof(key));
}

static void
stretch_refuses_a_cost_out_of_bounds(void **state)
{
	static const struct {
		uint64_t passes;
		uint64_t memory_bytes;
	} bad[] = {
		{ STRETCH_PASSES_MIN - 1, STRETCH_MEMORY_BYTES_MIN },
		{ STRETCH_PASSES_MIN, STRETCH_MEMORY_BYTES_MIN - 1 },
		{ STRETCH_PASSES_MIN, 0 },
		{ UINT64_MAX, STRETCH_MEMORY_BYTES_MIN },
		{ STRETCH_PASSES_MIN, UINT64_MAX },
	};
	uint8_t key[STRETCH_KEY_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(stretch(key, "secret", 6, salt, bad[i].passes,
				     bad[i].memory_bytes),
		    ERR_LIMIT);
}

static int
start(void **state)
{
	(void)state;
	crypto_init();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stretch_tells_passphrases_and_salts_apart),
		cmocka_unit_test(stretch_refuses_a_cost_out_of_bounds),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
