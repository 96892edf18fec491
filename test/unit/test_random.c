#include "crypto/random.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "crypto/crypto.h"

/* How often the source was asked. */
struct counted {
	struct rng_seeded seeded;
	struct rng rng;
	unsigned asked;
};

static void
fill_counted(void *ctx, void *dst, size_t len)
{
	struct counted *counted = ctx;

	counted->asked++;
	rng_fill(counted->rng, dst, len);
}

static struct rng
count_from(struct counted *counted, uint64_t seed)
{
	*counted = (struct counted){ .asked = 0 };
	counted->rng = rng_from_seed(&counted->seeded, seed);
	return (struct rng){ fill_counted, counted };
}

static void
no_two_fills_are_the_same(void **state)
{
	enum { FILLS = 10, BYTES = 40 };
	uint8_t bytes[FILLS][BYTES];
	struct counted counted;
	struct random random;

	(void)state;
	random_init(&random, count_from(&counted, 1), 3);
	for (unsigned i = 0; i < FILLS; i++) {
		random_fill(&random, bytes[i], BYTES);
		for (unsigned j = 0; j < i; j++)
			assert_memory_not_equal(bytes[i], bytes[j], BYTES);
	}
}

static void
a_key_makes_so_many_fills_and_no_more(void **state)
{
	struct counted counted;
	struct random random;
	uint8_t byte, key[RANDOM_KEY_BYTES];

	(void)state;
	random_init(&random, count_from(&counted, 1), 4);
	memcpy(key, random.key, sizeof(key));
	for (unsigned i = 0; i < 4; i++)
		random_fill(&random, &byte, 1);
	assert_int_equal(counted.asked, 1);
	random_fill(&random, &byte, 1);
	assert_int_equal(counted.asked, 2);
	assert_memory_not_equal(random.key, key, sizeof(key));
}

static void
bits_are_even(void **state)
{
	enum { BYTES = 1 << 16, OFF_MAX = 1500 };
	static uint8_t bytes[BYTES];
	struct counted counted;
	struct random random;
	unsigned ones = 0;

	(void)state;
	random_init(&random, count_from(&counted, 9), 64);
	random_fill(&random, bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		ones += (unsigned)__builtin_popcount(bytes[i]);
	/* Four deviations of 8 * 65536 throws. */
	assert_in_range(ones, 4 * BYTES - OFF_MAX, 4 * BYTES + OFF_MAX);
}

static void
what_is_wiped_is_gone(void **state)
{
	struct counted counted;
	struct random random, none;

	(void)state;
	memset(&none, 0, sizeof(none));
	random_init(&random, count_from(&counted, 1), 4);
	random_wipe(&random);
	assert_memory_equal(&random, &none, sizeof(none));
}

static int
setup(void **state)
{
	(void)state;
	crypto_init();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_two_fills_are_the_same),
		cmocka_unit_test(a_key_makes_so_many_fills_and_no_more),
		cmocka_unit_test(bits_are_even),
		cmocka_unit_test(what_is_wiped_is_gone),
	};

	return cmocka_run_group_tests_name("random", tests, setup, NULL);
}
