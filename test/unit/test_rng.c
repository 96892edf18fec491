#include "base/rng.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
rng_seeded_follows_the_published_generator(void **state)
{
	/* The first words of xoshiro256** after SplitMix64 of seed 0, from
	 * the recurrences worked out apart from this code. */
	static const uint64_t want[] = {
		0x99ec5f36cb75f2b4,
		0xbf6e1f784956452a,
		0x1a5f849d4933e6e0,
		0x6aa594f1262d2d2c,
	};
	struct rng_seeded seeded;
	struct rng rng = rng_from_seed(&seeded, 0);

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		assert_true(rng_u64(rng) == want[i]);
}

static void
rng_seeded_repeats_itself(void **state)
{
	struct rng_seeded one, two;
	uint8_t a[100], b[100];

	(void)state;
	rng_fill(rng_from_seed(&one, 7), a, sizeof(a));
	rng_fill(rng_from_seed(&two, 7), b, sizeof(b));
	assert_memory_equal(a, b, sizeof(a));
}

static void
rng_seeded_differs_by_seed(void **state)
{
	struct rng_seeded one, two;
	uint8_t a[32], b[32];

	(void)state;
	rng_fill(rng_from_seed(&one, 7), a, sizeof(a));
	rng_fill(rng_from_seed(&two, 8), b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
}

static void
rng_fills_exactly_what_was_asked(void **state)
{
	struct rng_seeded seeded;
	struct rng sources[] = { rng_kernel(), rng_from_seed(&seeded, 1) };
	uint8_t bytes[1024];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (size_t len = 0; len < 1000; len += 37) {
			memset(bytes, 0, sizeof(bytes));
			rng_fill(sources[i], bytes, len);
			for (size_t j = len; j < sizeof(bytes); j++)
				assert_int_equal(bytes[j], 0);
		}
	}
}

static void
rng_kernel_does_not_repeat(void **state)
{
	uint8_t a[600], b[600];

	(void)state;
	rng_fill(rng_kernel(), a, sizeof(a));
	rng_fill(rng_kernel(), b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	/* The last bytes too: more than getrandom gives at once. */
	assert_memory_not_equal(a + 568, b + 568, 32);
}

static void
rng_below_stays_below_and_reaches_all(void **state)
{
	struct rng_seeded seeded;
	struct rng rng = rng_from_seed(&seeded, 3);
	unsigned seen[6] = { 0 };

	(void)state;
	for (size_t i = 0; i < 6000; i++) {
		uint64_t face = rng_below(rng, 6);

		assert_true(face < 6);
		seen[face]++;
	}
	for (size_t face = 0; face < 6; face++)
		assert_in_range(seen[face], 800, 1200);
	assert_true(rng_below(rng, 1) == 0);
	for (size_t i = 0; i < 100; i++)
		assert_true(
		    rng_below(rng, UINT64_C(1) << 63) < UINT64_C(1) << 63);
}

/* Gives one word after another, counting. */
struct script {
	uint64_t words[4];
	size_t next;
};

static void
fill_from_script(void *ctx, void *dst, size_t len)
{
	struct script *script = ctx;
	uint8_t *bytes = dst;

	assert_int_equal(len, 8);
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(script->words[script->next] >> (8 * i));
	script->next++;
}

static void
rng_below_throws_biased_values_away(void **state)
{
	/* 2^64 mod 3 is 1: of the lowest values one is too many. */
	struct script script = { .words = { 0, 0, 1 } };
	struct rng rng = { .fill = fill_from_script, .ctx = &script };

	(void)state;
	assert_true(rng_below(rng, 3) == 1);
	assert_int_equal(script.next, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rng_seeded_follows_the_published_generator),
		cmocka_unit_test(rng_seeded_repeats_itself),
		cmocka_unit_test(rng_seeded_differs_by_seed),
		cmocka_unit_test(rng_fills_exactly_what_was_asked),
		cmocka_unit_test(rng_kernel_does_not_repeat),
		cmocka_unit_test(rng_below_stays_below_and_reaches_all),
		cmocka_unit_test(rng_below_throws_biased_values_away),
	};

	return cmocka_run_group_tests_name("rng", tests, NULL, NULL);
}
