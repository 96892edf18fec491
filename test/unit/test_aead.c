#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/aead.h"
#include "crypto/crypto.h"

enum { LEN = 50, SEALED = LEN + AEAD_TAG_BYTES };

static const uint8_t key[AEAD_KEY_BYTES] = "a key of thirty-two bytes here..";
static const uint8_t nonce[AEAD_NONCE_BYTES] = "nonce of twenty-four....";
static const uint8_t plain[LEN] = "what is said";
static const char ad[] = "beside it";

static void
seal(uint8_t sealed[SEALED])
{
	aead_seal(sealed, plain, LEN, ad, sizeof(ad), nonce, key);
}

static void
unseal_gives_back_what_was_sealed(void **state)
{
	uint8_t sealed[SEALED], back[LEN];

	(void)state;
	seal(sealed);
	assert_int_equal(aead_unseal(back, sealed, SEALED, ad, sizeof(ad),
			     nonce, key),
	    OK);
	assert_memory_equal(back, plain, LEN);
}

static void
in_place_is_the_same(void **state)
{
	uint8_t sealed[SEALED], place[SEALED];

	(void)state;
	seal(sealed);
	memcpy(place, plain, LEN);
	aead_seal(place, place, LEN, ad, sizeof(ad), nonce, key);
	assert_memory_equal(place, sealed, SEALED);
	assert_int_equal(aead_unseal(place, place, SEALED, ad, sizeof(ad),
			     nonce, key),
	    OK);
	assert_memory_equal(place, plain, LEN);
}

static void
nothing_can_be_sealed(void **state)
{
	uint8_t sealed[AEAD_TAG_BYTES], back[1];

	(void)state;
	aead_seal(sealed, NULL, 0, NULL, 0, nonce, key);
	assert_int_equal(aead_unseal(back, sealed, sizeof(sealed), NULL, 0,
			     nonce, key),
	    OK);
}

static void
unseal_refuses_each_bit_flipped(void **state)
{
	uint8_t sealed[SEALED], back[LEN], again[SEALED];
	const uint8_t zeros[LEN] = { 0 };
	size_t i;

	(void)state;
	seal(sealed);
	for (i = 0; i < 8 * SEALED; i++) {
		sealed[i / 8] ^= (uint8_t)(1u << i % 8);
		memset(back, 0xee, sizeof(back));
		assert_int_equal(aead_unseal(back, sealed, SEALED, ad,
				     sizeof(ad), nonce, key),
		    ERR_CRYPTO);
		assert_memory_equal(back, zeros, LEN);
		memcpy(again, sealed, SEALED);
		assert_int_equal(aead_unseal(again, again, SEALED, ad,
				     sizeof(ad), nonce, key),
		    ERR_CRYPTO);
		sealed[i / 8] ^= (uint8_t)(1u << i % 8);
	}
}

static void
unseal_refuses_each_length(void **state)
{
	uint8_t sealed[SEALED + 1] = { 0 }, back[LEN + 1];
	size_t len;

	(void)state;
	seal(sealed);
	for (len = 0; len <= SEALED + 1; len++) {
		if (len == SEALED)
			continue;
		assert_int_equal(aead_unseal(back, sealed, len, ad, sizeof(ad),
				     nonce, key),
		    len < AEAD_TAG_BYTES ? ERR_SIZE : ERR_CRYPTO);
	}
}

static void
unseal_refuses_another_key(void **state)
{
	uint8_t sealed[SEALED], back[LEN], other[AEAD_KEY_BYTES];
	size_t i;

	(void)state;
	seal(sealed);
	memcpy(other, key, sizeof(other));
	for (i = 0; i < 8 * sizeof(other); i++) {
		other[i / 8] ^= (uint8_t)(1u << i % 8);
		assert_int_equal(aead_unseal(back, sealed, SEALED, ad,
				     sizeof(ad), nonce, other),
		    ERR_CRYPTO);
		other[i / 8] ^= (uint8_t)(1u << i % 8);
	}
}

static void
unseal_refuses_another_nonce(void **state)
{
	uint8_t sealed[SEALED], back[LEN], other[AEAD_NONCE_BYTES];
	size_t i;

	(void)state;
	seal(sealed);
	memcpy(other, nonce, sizeof(other));
	for (i = 0; i < 8 * sizeof(other); i++) {
		other[i / 8] ^= (uint8_t)(1u << i % 8);
		assert_int_equal(aead_unseal(back, sealed, SEALED, ad,
				     sizeof(ad), other, key),
		    ERR_CRYPTO);
		other[i / 8] ^= (uint8_t)(1u << i % 8);
	}
}

static void
unseal_refuses_what_stood_beside(void **state)
{
	uint8_t sealed[SEALED], back[LEN];

	(void)state;
	seal(sealed);
	assert_int_equal(aead_unseal(back, sealed, SEALED, ad, sizeof(ad) - 1,
			     nonce, key),
	    ERR_CRYPTO);
	assert_int_equal(aead_unseal(back, sealed, SEALED, NULL, 0, nonce, key),
	    ERR_CRYPTO);
	assert_int_equal(aead_unseal(back, sealed, SEALED, "besidE it",
			     sizeof(ad), nonce, key),
	    ERR_CRYPTO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unseal_gives_back_what_was_sealed),
		cmocka_unit_test(in_place_is_the_same),
		cmocka_unit_test(nothing_can_be_sealed),
		cmocka_unit_test(unseal_refuses_each_bit_flipped),
		cmocka_unit_test(unseal_refuses_each_length),
		cmocka_unit_test(unseal_refuses_another_key),
		cmocka_unit_test(unseal_refuses_another_nonce),
		cmocka_unit_test(unseal_refuses_what_stood_beside),
	};

	crypto_init();
	return cmocka_run_group_tests_name("aead", tests, NULL, NULL);
}
