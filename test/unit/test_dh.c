#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "crypto/dh.h"

static struct rng_seeded seeded;

static void
both_sides_share_the_same(void **state)
{
	struct rng rng = rng_from_seed(&seeded, 1);
	uint8_t a[DH_BYTES], b[DH_BYTES], A[DH_BYTES], B[DH_BYTES];
	uint8_t one[DH_BYTES], two[DH_BYTES];
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		dh_keygen(a, A, rng);
		dh_keygen(b, B, rng);
		assert_int_equal(dh_shared(one, a, B), OK);
		assert_int_equal(dh_shared(two, b, A), OK);
		assert_memory_equal(one, two, DH_BYTES);
	}
}

static void
keygen_draws_the_secret_and_nothing_else(void **state)
{
	struct rng rng = rng_from_seed(&seeded, 2);
	uint8_t drawn[DH_BYTES], secret[DH_BYTES], public_key[DH_BYTES];
	uint8_t again[DH_BYTES];

	(void)state;
	rng_fill(rng, drawn, sizeof(drawn));
	rng = rng_from_seed(&seeded, 2);
	dh_keygen(secret, public_key, rng);
	assert_memory_equal(secret, drawn, DH_BYTES);
	dh_public(again, secret);
	assert_memory_equal(public_key, again, DH_BYTES);
}

static void
refuse(const uint8_t *point)
{
	struct rng rng = rng_from_seed(&seeded, 3);
	uint8_t secret[DH_BYTES], public_key[DH_BYTES];
	uint8_t shared[DH_BYTES];
	const uint8_t zeros[DH_BYTES] = { 0 };

	dh_keygen(secret, public_key, rng);
	memset(shared, 0xee, sizeof(shared));
	assert_int_equal(dh_shared(shared, secret, point), ERR_CRYPTO);
	assert_memory_equal(shared, zeros, DH_BYTES);
}

static void
zero_is_refused(void **state)
{
	const uint8_t point[DH_BYTES] = { 0 };

	(void)state;
	refuse(point);
}

static void
one_is_refused(void **state)
{
	const uint8_t point[DH_BYTES] = { 1 };

	(void)state;
	refuse(point);
}

static void
order_of_the_field_is_refused(void **state)
{
	uint8_t point[DH_BYTES];

	(void)state;
	/* p, p + 1, p - 1: other ways to write 0, 1 and -1. */
	memset(point, 0xff, sizeof(point));
	point[31] = 0x7f;
	for (point[0] = 0xec; point[0] <= 0xee; point[0]++)
		refuse(point);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sides_share_the_same),
		cmocka_unit_test(keygen_draws_the_secret_and_nothing_else),
		cmocka_unit_test(zero_is_refused),
		cmocka_unit_test(one_is_refused),
		cmocka_unit_test(order_of_the_field_is_refused),
	};

	crypto_init();
	return cmocka_run_group_tests_name("dh", tests, NULL, NULL);
}
