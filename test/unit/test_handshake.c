#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "core/handshake.h"
#include "crypto/crypto.h"

/* Two posts that agree on everything. */
struct line {
	struct rng_seeded seeded;
	struct rng rng;
	uint8_t transcript[HANDSHAKE_TRANSCRIPT_BYTES];
	uint8_t secret[KDF_BYTES];
	uint8_t continuity[KDF_BYTES];
	uint8_t statics[2][DH_BYTES];
	uint8_t publics[2][DH_BYTES];
	struct handshake_terms a, b;
};

static void
make(struct line *line, enum handshake_kind kind)
{
	line->rng = rng_from_seed(&line->seeded, 21);
	rng_fill(line->rng, line->transcript, sizeof(line->transcript));
	rng_fill(line->rng, line->secret, sizeof(line->secret));
	rng_fill(line->rng, line->continuity, sizeof(line->continuity));
	dh_keygen(line->statics[0], line->publics[0], line->rng);
	dh_keygen(line->statics[1], line->publics[1], line->rng);
	line->a = (struct handshake_terms){
		.kind = kind,
		.id = 0x0102030405060708,
		.transcript = line->transcript,
		.static_secret = line->statics[0],
		.peer_static = line->publics[1],
		.secret = line->secret,
		.continuity = line->continuity,
	};
	line->b = line->a;
	line->b.static_secret = line->statics[1];
	line->b.peer_static = line->publics[0];
}

static void
assert_zeros(const void *data, size_t len)
{
	const uint8_t *bytes = data;
	size_t i;

	for (i = 0; i < len; i++)
		assert_int_equal(bytes[i], 0);
}

static void
both_sides_have_the_same_keys(void **state)
{
	enum handshake_kind kind;
	struct line line;
	struct handshake handshake;
	struct handshake_keys a, b;
	uint8_t message1[HANDSHAKE_1_BYTES], message2[HANDSHAKE_2_BYTES];

	(void)state;
	for (kind = HANDSHAKE_BOOT; kind < HANDSHAKE_KIND_COUNT; kind++) {
		make(&line, kind);
		assert_int_equal(handshake_open(&handshake, &line.a, line.rng,
				     message1),
		    OK);
		assert_int_equal(handshake_answer(&line.b, line.rng, message1,
				     message2, &b),
		    OK);
		assert_int_equal(handshake_finish(&handshake, message2, &a),
		    OK);
		assert_memory_equal(&a, &b, sizeof(a));
		assert_zeros(&handshake, sizeof(handshake));
		assert_memory_not_equal(a.a_to_b, a.b_to_a, KDF_BYTES);
		assert_memory_not_equal(a.exporter, a.continuity, KDF_BYTES);
		if (kind == HANDSHAKE_POUCH)
			assert_zeros(a.continuity, KDF_BYTES);
	}
}

static void
no_two_attempts_share_a_key(void **state)
{
	struct line line;
	struct handshake one, two;
	struct handshake_keys a, b;
	uint8_t first[HANDSHAKE_1_BYTES], second[HANDSHAKE_1_BYTES];
	uint8_t message2[HANDSHAKE_2_BYTES];

	(void)state;
	make(&line, HANDSHAKE_REKEY);
	assert_int_equal(handshake_open(&one, &line.a, line.rng, first), OK);
	assert_int_equal(handshake_open(&two, &line.a, line.rng, second), OK);
	assert_memory_not_equal(first, second, 32);
	assert_int_equal(handshake_answer(&line.b, line.rng, first, message2,
			     &a),
	    OK);
	/* Not the answer to the other attempt. */
	assert_int_equal(handshake_finish(&two, message2, &b), ERR_CRYPTO);
	assert_int_equal(handshake_answer(&line.b, line.rng, second, message2,
			     &b),
	    OK);
	assert_memory_not_equal(a.a_to_b, b.a_to_b, KDF_BYTES);
	assert_memory_not_equal(a.h, b.h, sizeof(a.h));
	handshake_wipe(&one);
	handshake_wipe(&two);
}

static void
message_1_with_a_flipped_bit_is_refused(void **state)
{
	struct line line;
	struct handshake handshake;
	struct handshake_keys keys;
	uint8_t message1[HANDSHAKE_1_BYTES], message2[HANDSHAKE_2_BYTES];
	size_t bit;

	(void)state;
	make(&line, HANDSHAKE_BOOT);
	assert_int_equal(handshake_open(&handshake, &line.a, line.rng,
			     message1),
	    OK);
	for (bit = 0; bit < 8 * sizeof(message1); bit += bit < 256 ? 1 : 43) {
		message1[bit / 8] ^= (uint8_t)(1u << bit % 8);
		memset(&keys, 0xee, sizeof(keys));
		memset(message2, 0xee, sizeof(message2));
		assert_int_equal(handshake_answer(&line.b, line.rng, message1,
				     message2, &keys),
		    ERR_CRYPTO);
		assert_zeros(&keys, sizeof(keys));
		assert_zeros(message2, sizeof(message2));
		message1[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

static void
message_2_with_a_flipped_bit_ends_nothing(void **state)
{
	struct line line;
	struct handshake handshake;
	struct handshake_keys keys, b;
	uint8_t message1[HANDSHAKE_1_BYTES], message2[HANDSHAKE_2_BYTES];
	size_t bit;

	(void)state;
	make(&line, HANDSHAKE_REKEY);
	assert_int_equal(handshake_open(&handshake, &line.a, line.rng,
			     message1),
	    OK);
	assert_int_equal(handshake_answer(&line.b, line.rng, message1, message2,
			     &b),
	    OK);
	for (bit = 0; bit < 8 * sizeof(message2); bit += bit < 256 ? 1 : 43) {
		message2[bit / 8] ^= (uint8_t)(1u << bit % 8);
		memset(&keys, 0xee, sizeof(keys));
		assert_int_equal(handshake_finish(&handshake, message2, &keys),
		    ERR_CRYPTO);
		assert_zeros(&keys, sizeof(keys));
		message2[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	/* The attempt is still open for the right one. */
	assert_int_equal(handshake_finish(&handshake, message2, &keys), OK);
	assert_memory_equal(&keys, &b, sizeof(keys));
}

/* B does not take message 1 where the terms are not the same. */
static void
refuse(struct line *line)
{
	struct handshake handshake;
	struct handshake_keys keys;
	uint8_t message1[HANDSHAKE_1_BYTES], message2[HANDSHAKE_2_BYTES];

	assert_int_equal(handshake_open(&handshake, &line->a, line->rng,
			     message1),
	    OK);
	assert_int_equal(handshake_answer(&line->b, line->rng, message1,
			     message2, &keys),
	    ERR_CRYPTO);
	handshake_wipe(&handshake);
}

static void
each_term_that_differs_is_refused(void **state)
{
	struct line line;
	uint8_t other[HANDSHAKE_TRANSCRIPT_BYTES];
	enum handshake_kind kind;

	(void)state;
	for (kind = HANDSHAKE_BOOT; kind < HANDSHAKE_KIND_COUNT; kind++) {
		make(&line, kind);
		line.b.id++;
		refuse(&line);
		make(&line, kind);
		line.b.id ^= (uint64_t)1 << 63;
		refuse(&line);
		make(&line, kind);
		line.b.kind =
		    (enum handshake_kind)((kind + 1) % HANDSHAKE_KIND_COUNT);
		refuse(&line);
		make(&line, kind);
		memcpy(other, line.transcript, sizeof(other));
		other[63] ^= 1;
		line.b.transcript = other;
		refuse(&line);
		make(&line, kind);
		memcpy(other, line.secret, KDF_BYTES);
		other[31] ^= 0x80;
		line.b.secret = other;
		refuse(&line);
		make(&line, kind);
		line.b.static_secret = line.statics[0];
		refuse(&line);
		make(&line, kind);
		line.b.peer_static = line.publics[1];
		refuse(&line);
	}
}

static void
another_continuity_secret_is_refused_at_boot(void **state)
{
	static const uint8_t zeros[KDF_BYTES];
	struct line line;

	(void)state;
	make(&line, HANDSHAKE_BOOT);
	line.b.continuity = zeros;
	refuse(&line);
	make(&line, HANDSHAKE_BOOT);
	line.a.continuity = zeros;
	refuse(&line);
}

/* A's own message 1, sent back, is not an opening of B's. */
static void
reflection_is_refused(void **state)
{
	struct line line;
	struct handshake handshake;
	struct handshake_keys keys;
	uint8_t message1[HANDSHAKE_1_BYTES], message2[HANDSHAKE_2_BYTES];

	(void)state;
	make(&line, HANDSHAKE_BOOT);
	assert_int_equal(handshake_open(&handshake, &line.a, line.rng,
			     message1),
	    OK);
	assert_int_equal(handshake_answer(&line.a, line.rng, message1, message2,
			     &keys),
	    ERR_CRYPTO);
	memcpy(message2, message1, sizeof(message2));
	assert_int_equal(handshake_finish(&handshake, message2, &keys),
	    ERR_CRYPTO);
	handshake_wipe(&handshake);
}

static void
worthless_static_opens_nothing(void **state)
{
	static const uint8_t zeros[DH_BYTES];
	struct line line;
	struct handshake handshake;
	struct handshake_keys keys;
	uint8_t message1[HANDSHAKE_1_BYTES], message2[HANDSHAKE_2_BYTES];

	(void)state;
	make(&line, HANDSHAKE_BOOT);
	line.a.peer_static = zeros;
	assert_int_equal(handshake_open(&handshake, &line.a, line.rng,
			     message1),
	    ERR_CRYPTO);
	assert_zeros(&handshake, sizeof(handshake));
	assert_zeros(message1, sizeof(message1));
	make(&line, HANDSHAKE_BOOT);
	assert_int_equal(handshake_open(&handshake, &line.a, line.rng,
			     message1),
	    OK);
	line.b.peer_static = zeros;
	assert_int_equal(handshake_answer(&line.b, line.rng, message1, message2,
			     &keys),
	    ERR_CRYPTO);
	handshake_wipe(&handshake);
}

static void
roots_are_five_different_keys(void **state)
{
	static const uint8_t root[KDF_BYTES] = { 3 };
	struct handshake_roots roots;
	const uint8_t *keys[] = { roots.psk, roots.boot_a_to_b,
		roots.boot_b_to_a, roots.continuity, roots.line_id, root };
	size_t i, j;

	(void)state;
	handshake_roots_derive(&roots, root);
	for (i = 0; i < 6; i++)
		for (j = 0; j < i; j++)
			assert_memory_not_equal(keys[i], keys[j], KDF_BYTES);
	handshake_roots_wipe(&roots);
	assert_zeros(&roots, sizeof(roots));
}

static void
hint_tells_secrets_apart(void **state)
{
	uint8_t secret[KDF_BYTES] = { 0 }, one[HINT_BYTES], two[HINT_BYTES];
	size_t bit;

	(void)state;
	handshake_hint(one, secret);
	for (bit = 0; bit < 8 * sizeof(secret); bit++) {
		secret[bit / 8] ^= (uint8_t)(1u << bit % 8);
		handshake_hint(two, secret);
		assert_memory_not_equal(one, two, sizeof(one));
		assert_memory_not_equal(two, secret, sizeof(two));
		secret[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	handshake_hint(two, secret);
	assert_memory_equal(one, two, sizeof(one));
}

/* Whoever has the public key at hand need not make it anew. */
static void
a_public_key_that_is_given_is_the_one_that_is_made(void **state)
{
	struct line line;
	struct handshake handshake;
	struct handshake_keys a, b;
	uint8_t message1[HANDSHAKE_1_BYTES], message2[HANDSHAKE_2_BYTES];

	(void)state;
	make(&line, HANDSHAKE_BOOT);
	line.a.static_public = line.publics[0];
	assert_int_equal(handshake_open(&handshake, &line.a, line.rng,
			     message1),
	    OK);
	assert_int_equal(handshake_answer(&line.b, line.rng, message1, message2,
			     &b),
	    OK);
	assert_int_equal(handshake_finish(&handshake, message2, &a), OK);
	assert_memory_equal(&a, &b, sizeof(a));
	/* Another's is none of ours: the peer refuses. */
	line.a.static_public = line.publics[1];
	assert_int_equal(handshake_open(&handshake, &line.a, line.rng,
			     message1),
	    OK);
	assert_int_equal(handshake_answer(&line.b, line.rng, message1, message2,
			     &b),
	    ERR_CRYPTO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sides_have_the_same_keys),
		cmocka_unit_test(
		    a_public_key_that_is_given_is_the_one_that_is_made),
		cmocka_unit_test(no_two_attempts_share_a_key),
		cmocka_unit_test(message_1_with_a_flipped_bit_is_refused),
		cmocka_unit_test(message_2_with_a_flipped_bit_ends_nothing),
		cmocka_unit_test(each_term_that_differs_is_refused),
		cmocka_unit_test(another_continuity_secret_is_refused_at_boot),
		cmocka_unit_test(reflection_is_refused),
		cmocka_unit_test(worthless_static_opens_nothing),
		cmocka_unit_test(roots_are_five_different_keys),
		cmocka_unit_test(hint_tells_secrets_apart),
	};

	crypto_init();
	return cmocka_run_group_tests_name("handshake", tests, NULL, NULL);
}
