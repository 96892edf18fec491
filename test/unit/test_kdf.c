#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "crypto/kdf.h"

static const uint8_t key[64] = { 1, 2, 3 };

static void
labels_differ(void **state)
{
	enum kdf_label i, j;

	(void)state;
	for (i = 0; i < KDF_LABEL_COUNT; i++) {
		assert_non_null(kdf_label_text(i));
		assert_true(strlen(kdf_label_text(i)) > 0);
		for (j = 0; j < i; j++)
			assert_string_not_equal(kdf_label_text(i),
			    kdf_label_text(j));
	}
}

static void
no_two_labels_give_the_same_key(void **state)
{
	uint8_t outs[KDF_LABEL_COUNT][KDF_BYTES];
	enum kdf_label i, j;

	(void)state;
	for (i = 0; i < KDF_LABEL_COUNT; i++) {
		kdf(outs[i], key, 32, i, NULL, 0);
		for (j = 0; j < i; j++)
			assert_memory_not_equal(outs[i], outs[j], KDF_BYTES);
	}
}

/* "boot" with "..." behind it is no beginning of "boot a>b". */
static void
context_does_not_run_into_the_label(void **state)
{
	uint8_t one[KDF_BYTES], two[KDF_BYTES];

	(void)state;
	kdf(one, key, 32, KDF_BOOT, " a>b", 4);
	kdf(two, key, 32, KDF_BOOT_A_TO_B, NULL, 0);
	assert_memory_not_equal(one, two, KDF_BYTES);
	kdf(one, key, 32, KDF_CONTINUITY, " 0", 2);
	kdf(two, key, 32, KDF_CONTINUITY_0, NULL, 0);
	assert_memory_not_equal(one, two, KDF_BYTES);
}

static void
each_bit_of_key_and_context_counts(void **state)
{
	uint8_t one[KDF_BYTES], two[KDF_BYTES], k[64], ctx[8] = { 0 };
	size_t i;

	(void)state;
	memcpy(k, key, sizeof(k));
	kdf(one, k, 64, KDF_POUCH, ctx, sizeof(ctx));
	for (i = 0; i < 8 * sizeof(k); i++) {
		k[i / 8] ^= (uint8_t)(1u << i % 8);
		kdf(two, k, 64, KDF_POUCH, ctx, sizeof(ctx));
		assert_memory_not_equal(one, two, KDF_BYTES);
		k[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	for (i = 0; i < 8 * sizeof(ctx); i++) {
		ctx[i / 8] ^= (uint8_t)(1u << i % 8);
		kdf(two, k, 64, KDF_POUCH, ctx, sizeof(ctx));
		assert_memory_not_equal(one, two, KDF_BYTES);
		ctx[i / 8] ^= (uint8_t)(1u << i % 8);
	}
}

static void
lengths_of_key_and_context_count(void **state)
{
	uint8_t one[KDF_BYTES], two[KDF_BYTES];
	const uint8_t zeros[64] = { 0 };

	(void)state;
	kdf(one, zeros, 32, KDF_POUCH, zeros, 8);
	kdf(two, zeros, 64, KDF_POUCH, zeros, 8);
	assert_memory_not_equal(one, two, KDF_BYTES);
	kdf(two, zeros, 32, KDF_POUCH, zeros, 7);
	assert_memory_not_equal(one, two, KDF_BYTES);
	kdf(two, zeros, 32, KDF_POUCH, NULL, 0);
	assert_memory_not_equal(one, two, KDF_BYTES);
}

static void
result_may_take_the_place_of_the_key(void **state)
{
	uint8_t one[KDF_BYTES], k[32];

	(void)state;
	memcpy(k, key, sizeof(k));
	kdf(one, k, 32, KDF_REKEY, NULL, 0);
	kdf(k, k, 32, KDF_REKEY, NULL, 0);
	assert_memory_equal(one, k, KDF_BYTES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_differ),
		cmocka_unit_test(no_two_labels_give_the_same_key),
		cmocka_unit_test(context_does_not_run_into_the_label),
		cmocka_unit_test(each_bit_of_key_and_context_counts),
		cmocka_unit_test(lengths_of_key_and_context_count),
		cmocka_unit_test(result_may_take_the_place_of_the_key),
	};

	crypto_init();
	return cmocka_run_group_tests_name("kdf", tests, NULL, NULL);
}
