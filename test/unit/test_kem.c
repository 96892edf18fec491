#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "crypto/kem.h"
#include "base/rng.h"

static struct rng_seeded seeded;

struct kem {
	uint8_t seed[KEM_SEED_BYTES];
	uint8_t public_key[KEM_PUBLIC_BYTES];
	uint8_t m[KEM_ENCAPS_BYTES];
	uint8_t cipher[KEM_CIPHER_BYTES];
	uint8_t shared[KEM_SHARED_BYTES];
};

static void
make(struct kem *kem, uint64_t seed)
{
	struct rng rng = rng_from_seed(&seeded, seed);

	rng_fill(rng, kem->seed, sizeof(kem->seed));
	rng_fill(rng, kem->m, sizeof(kem->m));
	kem_expand(kem->public_key, NULL, kem->seed);
	assert_int_equal(kem_encaps(kem->cipher, kem->shared, kem->public_key,
			     kem->m),
	    OK);
}

static void
decaps_gives_what_encaps_gave(void **state)
{
	struct kem kem;
	uint8_t shared[KEM_SHARED_BYTES], secret[KEM_SECRET_BYTES];
	uint64_t i;

	(void)state;
	for (i = 0; i < 20; i++) {
		make(&kem, i);
		kem_decaps(shared, kem.cipher, kem.seed);
		assert_memory_equal(shared, kem.shared, sizeof(shared));
		kem_expand(NULL, secret, kem.seed);
		kem_decaps_expanded(shared, kem.cipher, secret);
		assert_memory_equal(shared, kem.shared, sizeof(shared));
	}
}

static void
changed_cipher_gives_another_secret(void **state)
{
	struct kem kem;
	uint8_t shared[KEM_SHARED_BYTES];
	size_t i;

	(void)state;
	make(&kem, 7);
	for (i = 0; i < sizeof(kem.cipher); i += 31) {
		kem.cipher[i] ^= 0x20;
		kem_decaps(shared, kem.cipher, kem.seed);
		assert_memory_not_equal(shared, kem.shared, sizeof(shared));
		kem.cipher[i] ^= 0x20;
	}
}

static void
another_seed_gives_another_secret(void **state)
{
	struct kem kem;
	uint8_t shared[KEM_SHARED_BYTES];

	(void)state;
	make(&kem, 8);
	kem.seed[0] ^= 1;
	kem_decaps(shared, kem.cipher, kem.seed);
	assert_memory_not_equal(shared, kem.shared, sizeof(shared));
}

/* Sets the coefficient at index, two in three bytes. */
static void
set_coefficient(uint8_t *key, size_t index, unsigned int value)
{
	uint8_t *at = key + index / 2 * 3;

	if (index % 2 == 0) {
		at[0] = (uint8_t)value;
		at[1] = (uint8_t)((at[1] & 0xf0) | value >> 8);
	} else {
		at[1] = (uint8_t)((at[1] & 0x0f) | (value << 4 & 0xf0));
		at[2] = (uint8_t)(value >> 4);
	}
}

static void
coefficients_below_the_modulus_are_taken(void **state)
{
	uint8_t key[KEM_PUBLIC_BYTES];
	size_t i;

	(void)state;
	memset(key, 0xff, sizeof(key));
	for (i = 0; i < 768; i++)
		set_coefficient(key, i, 3328);
	assert_int_equal(kem_check_public(key), OK);
}

static void
each_coefficient_out_of_range_is_refused(void **state)
{
	static const unsigned int values[] = { 3329, 3330, 0xfff };
	uint8_t key[KEM_PUBLIC_BYTES] = { 0 };
	size_t i, j;

	(void)state;
	for (i = 0; i < 768; i++) {
		for (j = 0; j < 3; j++) {
			set_coefficient(key, i, values[j]);
			assert_int_equal(kem_check_public(key), ERR_CRYPTO);
		}
		set_coefficient(key, i, 3328);
		assert_int_equal(kem_check_public(key), OK);
	}
}

static void
refused_key_leaves_nothing(void **state)
{
	struct kem kem;
	const uint8_t zeros[KEM_CIPHER_BYTES] = { 0 };

	(void)state;
	make(&kem, 9);
	set_coefficient(kem.public_key, 767, 3329);
	assert_int_equal(kem_encaps(kem.cipher, kem.shared, kem.public_key,
			     kem.m),
	    ERR_CRYPTO);
	assert_memory_equal(kem.cipher, zeros, sizeof(kem.cipher));
	assert_memory_equal(kem.shared, zeros, sizeof(kem.shared));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decaps_gives_what_encaps_gave),
		cmocka_unit_test(changed_cipher_gives_another_secret),
		cmocka_unit_test(another_seed_gives_another_secret),
		cmocka_unit_test(coefficients_below_the_modulus_are_taken),
		cmocka_unit_test(each_coefficient_out_of_range_is_refused),
		cmocka_unit_test(refused_key_leaves_nothing),
	};

	crypto_init();
	return cmocka_run_group_tests_name("kem", tests, NULL, NULL);
}
