#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "crypto/noise.h"

/* XX says the most: all lengths, sealed and not; with a psk and a KEM. */
static const struct noise_pattern pattern = {
	.messages = {
		{ NOISE_E, NOISE_E1 },
		{ NOISE_E, NOISE_EE, NOISE_EKEM1, NOISE_S, NOISE_ES },
		{ NOISE_S, NOISE_SE, NOISE_PSK },
	},
};

static const struct noise_protocol protocol = {
	.name = "Noise_XXpsk3+hfs_25519+MLKEM768_ChaChaPoly_BLAKE2b",
	.pattern = &pattern,
	.hash = &noise_blake2b,
};

/* The same without a psk: its first message is open. */
static const struct noise_pattern open_pattern = {
	.messages = {
		{ NOISE_E, NOISE_E1 },
		{ NOISE_E, NOISE_EE, NOISE_EKEM1, NOISE_S, NOISE_ES },
		{ NOISE_S, NOISE_SE },
	},
};

static const struct noise_protocol open_protocol = {
	.name = "Noise_XXhfs_25519+MLKEM768_ChaChaPoly_BLAKE2b",
	.pattern = &open_pattern,
	.hash = &noise_blake2b,
};

enum { MESSAGES = 3, CAP = 4096, PAYLOAD = 5 };

struct side {
	struct noise noise;
	uint8_t secret[DH_BYTES];
	uint8_t public_key[DH_BYTES];
};

struct pair {
	struct side sides[2];
	struct rng_seeded seeded;
	uint8_t psk[NOISE_KEY_BYTES];
};

static void
start(struct pair *pair, const struct noise_protocol *of,
    const char *prologues[2], uint8_t psk_change)
{
	struct rng rng = rng_from_seed(&pair->seeded, 11);
	size_t i;

	memset(pair->psk, 9, sizeof(pair->psk));
	for (i = 0; i < 2; i++) {
		struct side *side = &pair->sides[i];

		dh_keygen(side->secret, side->public_key, rng);
		noise_init(&side->noise, of,
		    &(struct noise_party){
			.initiator = i == 0,
			.prologue = prologues[i],
			.prologue_len = strlen(prologues[i]),
			.static_secret = side->secret,
			.psk = { pair->psk },
			.psk_count = 1,
			.rng = rng,
		    });
		pair->psk[0] ^= psk_change;
	}
}

static void
start_well(struct pair *pair)
{
	start(pair, &protocol, (const char *[]){ "the same", "the same" }, 0);
}

static void
start_open(struct pair *pair)
{
	start(pair, &open_protocol, (const char *[]){ "same", "same" }, 0);
}

/* Writes message number i and gives its length. */
static size_t
write_message(struct pair *pair, size_t i, uint8_t message[CAP])
{
	struct writer w;

	buf_write(&w, message, CAP);
	assert_int_equal(noise_write(&pair->sides[i % 2].noise, &w, "hello",
			     PAYLOAD),
	    OK);
	return w.len;
}

static int
read_message(struct pair *pair, size_t i, const uint8_t *message, size_t len,
    char payload[CAP], size_t *payload_len)
{
	struct reader r;

	buf_read(&r, message, len);
	return noise_read(&pair->sides[1 - i % 2].noise, &r, payload, CAP,
	    payload_len);
}

static void
pass(struct pair *pair, size_t i)
{
	uint8_t message[CAP];
	char payload[CAP];
	size_t payload_len, len;

	len = write_message(pair, i, message);
	assert_int_equal(read_message(pair, i, message, len, payload,
			     &payload_len),
	    OK);
	assert_int_equal(payload_len, PAYLOAD);
	assert_memory_equal(payload, "hello", PAYLOAD);
}

static void
assert_wiped(const struct noise *noise)
{
	const struct noise zeros = { 0 };

	assert_memory_equal(noise, &zeros, sizeof(zeros));
}

static void
both_sides_end_with_the_same_keys(void **state)
{
	struct pair pair;
	uint8_t k1[2][NOISE_KEY_BYTES], k2[2][NOISE_KEY_BYTES], h[2][64];
	size_t i;

	(void)state;
	start_well(&pair);
	for (i = 0; i < MESSAGES; i++) {
		assert_false(noise_is_done(&pair.sides[0].noise));
		pass(&pair, i);
	}
	for (i = 0; i < 2; i++) {
		assert_true(noise_is_done(&pair.sides[i].noise));
		assert_memory_equal(pair.sides[i].noise.rs,
		    pair.sides[1 - i].public_key, DH_BYTES);
		noise_split(&pair.sides[i].noise, k1[i], k2[i], h[i]);
		assert_wiped(&pair.sides[i].noise);
	}
	assert_memory_equal(k1[0], k1[1], sizeof(k1[0]));
	assert_memory_equal(k2[0], k2[1], sizeof(k2[0]));
	assert_memory_equal(h[0], h[1], sizeof(h[0]));
	assert_memory_not_equal(k1[0], k2[0], sizeof(k1[0]));
}

/* A flip in message i is refused there or, where nothing is sealed yet, by who
 * writes or reads the answer. */
static bool
is_refused(void (*begin)(struct pair *), size_t i, size_t bit)
{
	struct pair pair;
	uint8_t message[CAP];
	char payload[CAP];
	size_t payload_len, j;
	struct writer w;

	begin(&pair);
	for (j = 0; j <= i + 1 && j < MESSAGES; j++) {
		buf_write(&w, message, CAP);
		if (noise_write(&pair.sides[j % 2].noise, &w, "hello",
			PAYLOAD) != OK) {
			assert_wiped(&pair.sides[j % 2].noise);
			return j == i + 1;
		}
		/* The open messages are shorter. */
		bit %= j == i ? 8 * w.len : SIZE_MAX;
		if (j == i)
			message[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (read_message(&pair, j, message, w.len, payload,
			&payload_len) != OK) {
			assert_int_equal(payload_len, 0);
			assert_wiped(&pair.sides[1 - j % 2].noise);
			return j >= i;
		}
	}
	return false;
}

static void
flipped_bits_are_refused(void **state)
{
	struct pair pair;
	uint8_t message[CAP];
	size_t i, bit, len;

	(void)state;
	start_well(&pair);
	for (i = 0; i < MESSAGES; i++) {
		len = write_message(&pair, i, message);
		/* Each bit would take minutes under the sanitizers. */
		for (bit = 3; bit < 8 * len; bit += 8 * 17 + 1) {
			assert_true(is_refused(start_well, i, bit));
			assert_true(is_refused(start_open, i, bit));
		}
		/* The top bit is no part of an X25519 key, but hashed. */
		assert_true(is_refused(start_well, i, 8 * 31 + 7));
		assert_true(is_refused(start_open, i, 8 * 31 + 7));
		start_well(&pair);
		for (size_t j = 0; j <= i; j++)
			pass(&pair, j);
	}
}

static void
kem_key_out_of_range_is_refused(void **state)
{
	struct pair pair;
	uint8_t message[CAP];
	char payload[CAP];
	size_t payload_len, len;
	struct writer w;

	(void)state;
	start_open(&pair);
	len = write_message(&pair, 0, message);
	message[32] = 0xff;
	message[33] |= 0x0f;
	assert_int_equal(read_message(&pair, 0, message, len, payload,
			     &payload_len),
	    OK);
	buf_write(&w, message, CAP);
	assert_int_equal(noise_write(&pair.sides[1].noise, &w, NULL, 0),
	    ERR_CRYPTO);
	assert_wiped(&pair.sides[1].noise);
}

static void
short_messages_are_refused(void **state)
{
	struct pair pair;
	uint8_t message[CAP];
	char payload[CAP];
	size_t payload_len, len, i, j, cut;
	int rc;

	(void)state;
	for (i = 0; i < MESSAGES; i++) {
		for (cut = 0;; cut += 13) {
			start_well(&pair);
			for (j = 0; j < i; j++)
				pass(&pair, j);
			len = write_message(&pair, i, message);
			if (cut >= len)
				break;
			rc = read_message(&pair, i, message, cut, payload,
			    &payload_len);
			assert_true(rc == ERR_SIZE || rc == ERR_CRYPTO);
			assert_wiped(&pair.sides[1 - i % 2].noise);
		}
	}
}

static void
payload_without_room_is_refused(void **state)
{
	struct pair pair;
	uint8_t message[CAP], payload[PAYLOAD];
	size_t payload_len, len;
	struct reader r;

	(void)state;
	start_well(&pair);
	len = write_message(&pair, 0, message);
	buf_read(&r, message, len);
	assert_int_equal(noise_read(&pair.sides[1].noise, &r, payload,
			     PAYLOAD - 1, &payload_len),
	    ERR_SIZE);
	assert_wiped(&pair.sides[1].noise);
}

static void
message_without_room_is_refused(void **state)
{
	struct pair pair;
	uint8_t message[CAP];
	struct writer w;

	(void)state;
	start_well(&pair);
	buf_write(&w, message, 32 + 1184 + 16 + PAYLOAD + 16 - 1);
	assert_int_equal(noise_write(&pair.sides[0].noise, &w, "hello",
			     PAYLOAD),
	    ERR_SIZE);
	assert_wiped(&pair.sides[0].noise);
}

static void
long_payload_is_refused(void **state)
{
	static uint8_t message[2 * CAP], payload[NOISE_PAYLOAD_BYTES_MAX + 1];
	struct pair pair;
	struct writer w;

	(void)state;
	start_well(&pair);
	buf_write(&w, message, sizeof(message));
	assert_int_equal(noise_write(&pair.sides[0].noise, &w, payload,
			     sizeof(payload)),
	    ERR_SIZE);
	start_well(&pair);
	buf_write(&w, message, sizeof(message));
	assert_int_equal(noise_write(&pair.sides[0].noise, &w, payload,
			     sizeof(payload) - 1),
	    OK);
}

/* Messages that fit until what differs is mixed in: then refused. */
static void
differences_are_refused(struct pair *pair, size_t at)
{
	uint8_t message[CAP];
	char payload[CAP];
	size_t payload_len, len, i;

	for (i = 0; i < at; i++)
		pass(pair, i);
	len = write_message(pair, at, message);
	assert_int_equal(read_message(pair, at, message, len, payload,
			     &payload_len),
	    ERR_CRYPTO);
}

static void
another_prologue_is_refused(void **state)
{
	struct pair pair;

	(void)state;
	start(&pair, &protocol, (const char *[]){ "one", "two" }, 0);
	differences_are_refused(&pair, 0);
	start(&pair, &protocol, (const char *[]){ "one", "" }, 0);
	differences_are_refused(&pair, 0);
}

static void
another_psk_is_refused(void **state)
{
	struct pair pair;

	(void)state;
	start(&pair, &protocol, (const char *[]){ "one", "one" }, 1);
	differences_are_refused(&pair, 2);
}

static void
worthless_ephemeral_is_refused(void **state)
{
	struct pair pair;
	uint8_t message[CAP];
	char payload[CAP];
	size_t payload_len, len;
	struct writer w;

	(void)state;
	start_open(&pair);
	len = write_message(&pair, 0, message);
	memset(message, 0, DH_BYTES);
	assert_int_equal(read_message(&pair, 0, message, len, payload,
			     &payload_len),
	    OK);
	buf_write(&w, message, CAP);
	assert_int_equal(noise_write(&pair.sides[1].noise, &w, NULL, 0),
	    ERR_CRYPTO);
	assert_wiped(&pair.sides[1].noise);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sides_end_with_the_same_keys),
		cmocka_unit_test(flipped_bits_are_refused),
		cmocka_unit_test(kem_key_out_of_range_is_refused),
		cmocka_unit_test(short_messages_are_refused),
		cmocka_unit_test(payload_without_room_is_refused),
		cmocka_unit_test(message_without_room_is_refused),
		cmocka_unit_test(long_payload_is_refused),
		cmocka_unit_test(another_prologue_is_refused),
		cmocka_unit_test(another_psk_is_refused),
		cmocka_unit_test(worthless_ephemeral_is_refused),
	};

	crypto_init();
	return cmocka_run_group_tests_name("noise", tests, NULL, NULL);
}
