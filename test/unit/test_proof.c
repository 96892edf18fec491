#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "crypto/proof.h"

static const char label[] = "a label";
static const char data[] = "what is proved";

static struct rng_seeded seeded;

struct key {
	uint8_t secret[PROOF_SECRET_BYTES];
	uint8_t public_key[PROOF_PUBLIC_BYTES];
};

static struct rng
make(struct key *key, uint8_t proof[PROOF_BYTES], uint64_t seed)
{
	struct rng rng = rng_from_seed(&seeded, seed);

	proof_keygen(key->secret, key->public_key, rng);
	proof_sign(proof, key->secret, label, data, sizeof(data), rng);
	return rng;
}

static int
verify(const uint8_t *proof, const struct key *key)
{
	return proof_verify(proof, key->public_key, label, data, sizeof(data));
}

static void
own_proof_holds(void **state)
{
	struct key key;
	uint8_t proof[PROOF_BYTES];
	uint64_t i;

	(void)state;
	for (i = 0; i < 20; i++) {
		make(&key, proof, i);
		assert_int_equal(verify(proof, &key), OK);
	}
}

static void
no_two_proofs_are_the_same(void **state)
{
	struct key key;
	uint8_t one[PROOF_BYTES], two[PROOF_BYTES];
	struct rng rng;

	(void)state;
	rng = make(&key, one, 1);
	proof_sign(two, key.secret, label, data, sizeof(data), rng);
	assert_int_equal(verify(two, &key), OK);
	assert_memory_not_equal(one, two, 32);
}

static void
fill_with_zeros(void *ctx, void *dst, size_t len)
{
	(void)ctx;
	memset(dst, 0, len);
}

/* The same R for two challenges would give the key away. */
static void
broken_generator_gives_no_nonce_twice(void **state)
{
	const struct rng broken = { fill_with_zeros, NULL };
	struct key key;
	uint8_t one[PROOF_BYTES], two[PROOF_BYTES];

	(void)state;
	make(&key, one, 1);
	proof_sign(one, key.secret, label, data, sizeof(data), broken);
	proof_sign(two, key.secret, label, data, sizeof(data) - 1, broken);
	assert_memory_not_equal(one, two, 32);
	proof_sign(two, key.secret, "another", data, sizeof(data), broken);
	assert_memory_not_equal(one, two, 32);
}

static void
each_bit_flipped_is_refused(void **state)
{
	struct key key;
	uint8_t proof[PROOF_BYTES];
	size_t i;

	(void)state;
	make(&key, proof, 2);
	for (i = 0; i < 8 * sizeof(proof); i++) {
		proof[i / 8] ^= (uint8_t)(1u << i % 8);
		assert_int_equal(verify(proof, &key), ERR_CRYPTO);
		proof[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	for (i = 0; i < 8 * sizeof(key.public_key); i++) {
		key.public_key[i / 8] ^= (uint8_t)(1u << i % 8);
		assert_int_equal(verify(proof, &key), ERR_CRYPTO);
		key.public_key[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	assert_int_equal(verify(proof, &key), OK);
}

static void
other_data_is_refused(void **state)
{
	struct key key;
	uint8_t proof[PROOF_BYTES];

	(void)state;
	make(&key, proof, 3);
	assert_int_equal(proof_verify(proof, key.public_key, label, data,
			     sizeof(data) - 1),
	    ERR_CRYPTO);
	assert_int_equal(proof_verify(proof, key.public_key, label,
			     "What is proved", sizeof(data)),
	    ERR_CRYPTO);
	assert_int_equal(proof_verify(proof, key.public_key, "a labe", data,
			     sizeof(data)),
	    ERR_CRYPTO);
}

static void
anothers_proof_is_refused(void **state)
{
	struct key key, other;
	uint8_t proof[PROOF_BYTES], others[PROOF_BYTES];

	(void)state;
	make(&key, proof, 4);
	make(&other, others, 5);
	assert_int_equal(verify(others, &key), ERR_CRYPTO);
	assert_int_equal(verify(proof, &other), ERR_CRYPTO);
}

/* The same proof with the group's order added to s. */
static void
second_form_of_a_proof_is_refused(void **state)
{
	static const uint8_t order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63,
		0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
		0x14, [31] = 0x10 };
	struct key key;
	uint8_t proof[PROOF_BYTES];
	unsigned int carry = 0;
	size_t i;

	(void)state;
	make(&key, proof, 6);
	for (i = 0; i < 32; i++) {
		carry += (unsigned int)proof[32 + i] + order[i];
		proof[32 + i] = (uint8_t)carry;
		carry >>= 8;
	}
	assert_int_equal(verify(proof, &key), ERR_CRYPTO);
}

static void
top_bit_of_s_is_not_dropped(void **state)
{
	struct key key;
	uint8_t proof[PROOF_BYTES];

	(void)state;
	make(&key, proof, 7);
	proof[63] |= 0x80;
	assert_int_equal(verify(proof, &key), ERR_CRYPTO);
}

static void
identity_is_refused(void **state)
{
	struct key key;
	uint8_t proof[PROOF_BYTES];

	(void)state;
	/* X = 0, R = sG would hold for any data. */
	make(&key, proof, 8);
	memset(key.public_key, 0, sizeof(key.public_key));
	assert_int_equal(verify(proof, &key), ERR_CRYPTO);
	make(&key, proof, 8);
	memset(proof, 0, 32);
	assert_int_equal(verify(proof, &key), ERR_CRYPTO);
	memset(proof, 0, sizeof(proof));
	assert_int_equal(verify(proof, &key), ERR_CRYPTO);
	memset(key.public_key, 0, sizeof(key.public_key));
	assert_int_equal(verify(proof, &key), ERR_CRYPTO);
}

/* Parts are told apart by their lengths. */
static void
parts_do_not_run_into_each_other(void **state)
{
	const struct hash_part one[] = { { "ab", 2 }, { "c", 1 } };
	const struct hash_part two[] = { { "a", 1 }, { "bc", 2 } };
	const struct hash_part three[] = { { "abc", 3 } };
	uint8_t a[PROOF_SECRET_BYTES], b[PROOF_SECRET_BYTES];

	(void)state;
	proof_hash(a, one, 2);
	proof_hash(b, two, 2);
	assert_memory_not_equal(a, b, sizeof(a));
	proof_hash(b, three, 1);
	assert_memory_not_equal(a, b, sizeof(a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_proof_holds),
		cmocka_unit_test(no_two_proofs_are_the_same),
		cmocka_unit_test(broken_generator_gives_no_nonce_twice),
		cmocka_unit_test(each_bit_flipped_is_refused),
		cmocka_unit_test(other_data_is_refused),
		cmocka_unit_test(anothers_proof_is_refused),
		cmocka_unit_test(second_form_of_a_proof_is_refused),
		cmocka_unit_test(top_bit_of_s_is_not_dropped),
		cmocka_unit_test(identity_is_refused),
		cmocka_unit_test(parts_do_not_run_into_each_other),
	};

	crypto_init();
	return cmocka_run_group_tests_name("proof", tests, NULL, NULL);
}
