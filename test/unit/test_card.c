#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/card.h"
#include "crypto/crypto.h"
#include "limits.h"

enum {
	VERSION_AT = 0,
	ROLE_AT = 1,
	ACCEPT_AT = 2,
	FRAME_AT = 3,
	SLOT_AT = 5,
	PROOF_AT = 73,
	NAME_AT = 153
};

static struct rng_seeded seeded;

struct made {
	struct card card;
	uint8_t secret[PROOF_SECRET_BYTES];
	uint8_t bytes[CARD_BYTES];
};

static void
make(struct made *made, const char *name, const char *endpoint)
{
	struct rng rng = rng_from_seed(&seeded, 31);
	uint8_t dh_secret[DH_BYTES];

	memset(made, 0, sizeof(*made));
	made->card.role = ROLE_B;
	made->card.accept = ACCEPT_IMAGES;
	made->card.frame_bytes = 1200;
	made->card.slot_us = 100000;
	strcpy(made->card.name, name);
	strcpy(made->card.endpoint, endpoint);
	dh_keygen(dh_secret, made->card.dh_public, rng);
	proof_keygen(made->secret, made->card.signing_public, rng);
	rng_fill(rng, made->card.nonce, sizeof(made->card.nonce));
	card_encode(made->bytes, &made->card, made->secret, rng);
}

/* Signs what the bytes say now: what is refused is then not the proof. */
static void
sign(struct made *made)
{
	memset(made->bytes + PROOF_AT, 0, PROOF_BYTES);
	proof_sign(made->bytes + PROOF_AT, made->secret, "quietline/v1 card",
	    made->bytes, CARD_BYTES, rng_from_seed(&seeded, 32));
}

static void
refuse(const struct made *made, int expected)
{
	const struct card zeros = { 0 };
	struct card card;

	memset(&card, 0xee, sizeof(card));
	assert_int_equal(card_decode(&card, made->bytes), expected);
	assert_memory_equal(&card, &zeros, sizeof(card));
}

/* Changes a byte, signs, and has it refused. */
static void
refuse_byte(size_t at, uint8_t value, int expected)
{
	struct made made;

	make(&made, "north", "host.example:7411");
	made.bytes[at] = value;
	sign(&made);
	refuse(&made, expected);
}

static void
decode_gives_back_what_was_encoded(void **state)
{
	static const char *const names[] = { "n", "Büro Nord", "외교부" };
	static const char *const endpoints[] = { "", "[2001:db8::1]:7411",
		"192.0.2.1:65535" };
	struct made made;
	struct card card;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		make(&made, names[i], endpoints[i]);
		assert_int_equal(card_decode(&card, made.bytes), OK);
		memcpy(made.card.proof, made.bytes + PROOF_AT, PROOF_BYTES);
		assert_memory_equal(&card, &made.card, sizeof(card));
	}
}

static void
longest_texts_fit(void **state)
{
	struct made made;
	struct card card;
	char name[256], endpoint[256];

	(void)state;
	memset(name, 'n', 255);
	name[255] = '\0';
	memset(endpoint, 'h', 249);
	strcpy(endpoint + 249, ":65535");
	make(&made, name, endpoint);
	assert_int_equal(card_decode(&card, made.bytes), OK);
	assert_string_equal(card.name, name);
	assert_string_equal(card.endpoint, endpoint);
}

static void
each_bit_flipped_is_refused(void **state)
{
	struct made made;
	struct card card;
	size_t bit;

	(void)state;
	make(&made, "north", "host.example:7411");
	for (bit = 0; bit < 8 * CARD_BYTES; bit++) {
		made.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_not_equal(card_decode(&card, made.bytes), OK);
		made.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_int_equal(card_decode(&card, made.bytes), OK);
}

static void
other_versions_are_refused(void **state)
{
	(void)state;
	refuse_byte(VERSION_AT, 0, ERR_VERSION);
	refuse_byte(VERSION_AT, 2, ERR_VERSION);
}

static void
fields_out_of_bounds_are_refused(void **state)
{
	(void)state;
	refuse_byte(ROLE_AT, 2, ERR_FORMAT);
	refuse_byte(ROLE_AT, 255, ERR_FORMAT);
	refuse_byte(ACCEPT_AT, 3, ERR_LIMIT);
	refuse_byte(ACCEPT_AT, 255, ERR_LIMIT);
	/* 1200 is 0x04b0; 100000 is 0x000186a0. */
	refuse_byte(FRAME_AT + 1, 0, ERR_LIMIT);
	refuse_byte(FRAME_AT + 1, 5, ERR_LIMIT);
	refuse_byte(SLOT_AT + 2, 0x1f, ERR_LIMIT);
	refuse_byte(SLOT_AT + 3, 1, ERR_LIMIT);
}

static void
terms_end_at_their_bounds(void **state)
{
	(void)state;
	assert_int_equal(card_check_terms(FRAME_BYTES_MIN, SLOT_US_MIN, 0), OK);
	assert_int_equal(card_check_terms(FRAME_BYTES_MAX, SLOT_US_MAX, 2), OK);
	assert_int_equal(card_check_terms(FRAME_BYTES_MIN - 1, 1000, 0),
	    ERR_LIMIT);
	assert_int_equal(card_check_terms(FRAME_BYTES_MAX + 1, 1000, 0),
	    ERR_LIMIT);
	assert_int_equal(card_check_terms(1200, SLOT_US_MIN - 1, 0), ERR_LIMIT);
	assert_int_equal(card_check_terms(1200, SLOT_US_MAX + 1, 0), ERR_LIMIT);
	assert_int_equal(card_check_terms(1200, 1000, 3), ERR_LIMIT);
}

static void
lengths_that_lie_are_refused(void **state)
{
	(void)state;
	refuse_byte(NAME_AT, 0, ERR_SIZE);
	refuse_byte(NAME_AT, 4, ERR_FORMAT);
	refuse_byte(NAME_AT, 6, ERR_FORMAT);
	refuse_byte(NAME_AT, 255, ERR_FORMAT);
	/* The endpoint's length stands behind "north". */
	refuse_byte(NAME_AT + 6, 16, ERR_FORMAT);
	refuse_byte(NAME_AT + 6, 18, ERR_FORMAT);
	refuse_byte(NAME_AT + 6, 255, ERR_FORMAT);
	refuse_byte(NAME_AT + 6, 0, ERR_FORMAT);
}

static void
padding_that_says_something_is_refused(void **state)
{
	(void)state;
	refuse_byte(CARD_BYTES - 1, 1, ERR_FORMAT);
	refuse_byte(NAME_AT + 6 + 1 + 17, 1, ERR_FORMAT);
}

static void
proof_of_another_key_is_refused(void **state)
{
	struct made made, other;

	(void)state;
	make(&made, "north", "");
	make(&other, "south", "");
	memcpy(made.bytes + PROOF_AT, other.bytes + PROOF_AT, PROOF_BYTES);
	refuse(&made, ERR_CRYPTO);
}

static void
names_for_one_line_of_a_screen_pass(void **state)
{
	static const char *const good[] = { "a", "north post", "Ünïcödé", "北",
		"مكتب", "नमस्ते", "o'neil (2)", "\xf0\x9f\x93\x9e" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(card_check_name(good[i], strlen(good[i])), OK);
}

static void
names_that_play_tricks_are_refused(void **state)
{
	static const char *const bad[] = { " a", "a ", "a\nb", "a\tb",
		"\x1b[2J", "a\x7f", "a\xc2\x85",
		"a\xe2\x80\xae"
		"b",
		"a\xe2\x81\xa6", "a\xe2\x80\xa8",
		"\xef\xbb\xbf"
		"a",
		"\xff", "a\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
		"a\xe2\x80" };
	char wide[CARD_NAME_BYTES_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(card_check_name(bad[i], strlen(bad[i])),
		    ERR_FORMAT);
	assert_int_equal(card_check_name("", 0), ERR_SIZE);
	memset(wide, 'a', sizeof(wide));
	assert_int_equal(card_check_name(wide, CARD_NAME_BYTES_MAX), OK);
	assert_int_equal(card_check_name(wide, CARD_NAME_BYTES_MAX + 1),
	    ERR_SIZE);
	assert_int_equal(card_check_name("a\0b", 3), ERR_FORMAT);
}

static void
endpoints_that_can_be_reached_pass(void **state)
{
	static const char *const good[] = { "", "a:1", "host.example:7411",
		"192.0.2.7:443", "[::1]:7411", "[2001:db8::a:b]:65535",
		"xn--bcher-kva.example:80", "a-b.c:9", "tcp:host.example:1",
		"tcp:[::1]:7411", "tcp:tcp:1" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(card_check_endpoint(good[i], strlen(good[i])),
		    OK);
}

static void
endpoints_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = { "host", ":1", "host:", "host:0",
		"host:65536", "host:99999999999", "host:01", "host:7x",
		"ho st:1", "host/:1", "-host:1", "host-:1", "host.:1",
		".host:1", "ho..st:1", "[]:1", "[::1:1", "::1:7411", "[::1]",
		"[host]:1", "[::1%lo]:1", "[1.2.3.4]:1", "höst:1", "host:-1",
		"host: 1", "host:1 ", "$(id):1", "a_b:1", "tcp:", "tcp:7411",
		"tcp:host", "TCP:a:1", "tcp:a:1:1", "udp:a:1", "tcp:tcp:a:1",
		"tcp: a:1",
		"[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]:1" };
	char wide[300];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (card_check_endpoint(bad[i], strlen(bad[i])) != ERR_FORMAT)
			fail_msg("%s passes", bad[i]);
	memset(wide, 'h', sizeof(wide));
	memcpy(wide + 254, ":1", 2);
	assert_int_equal(card_check_endpoint(wide, 256), ERR_SIZE);
	assert_int_equal(card_check_endpoint("a\0b:1", 5), ERR_FORMAT);
}

static void
endpoint_says_whether_it_takes_tcp(void **state)
{
	(void)state;
	assert_true(card_is_tcp("tcp:a:1", 7));
	assert_false(card_is_tcp("tcp.example:1", 13));
	assert_false(card_is_tcp("a:1", 3));
	assert_false(card_is_tcp("", 0));
	assert_string_equal(card_host("tcp:[::1]:1"), "[::1]:1");
	assert_string_equal(card_host("tcp.example:1"), "tcp.example:1");
	assert_string_equal(card_host(""), "");
}

static void
terms_let_the_same_files_through(void **state)
{
	static const struct {
		const char *type;
		bool images;
	} rows[] = {
		{ "image/png", true },
		{ "image/svg+xml", true },
		{ "image/", false },
		{ "image", false },
		{ "images/png", false },
		{ "Image/png", false },
		{ "text/image/png", false },
		{ "application/pdf", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *type = rows[i].type;

		assert_false(card_accepts(ACCEPT_TEXT, type, strlen(type)));
		assert_int_equal(card_accepts(ACCEPT_IMAGES, type,
				     strlen(type)),
		    rows[i].images);
		assert_true(card_accepts(ACCEPT_ANY, type, strlen(type)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decode_gives_back_what_was_encoded),
		cmocka_unit_test(longest_texts_fit),
		cmocka_unit_test(each_bit_flipped_is_refused),
		cmocka_unit_test(other_versions_are_refused),
		cmocka_unit_test(fields_out_of_bounds_are_refused),
		cmocka_unit_test(terms_end_at_their_bounds),
		cmocka_unit_test(lengths_that_lie_are_refused),
		cmocka_unit_test(padding_that_says_something_is_refused),
		cmocka_unit_test(proof_of_another_key_is_refused),
		cmocka_unit_test(names_for_one_line_of_a_screen_pass),
		cmocka_unit_test(names_that_play_tricks_are_refused),
		cmocka_unit_test(endpoints_that_can_be_reached_pass),
		cmocka_unit_test(endpoints_that_are_none_are_refused),
		cmocka_unit_test(endpoint_says_whether_it_takes_tcp),
		cmocka_unit_test(terms_let_the_same_files_through),
	};

	crypto_init();
	return cmocka_run_group_tests_name("card", tests, NULL, NULL);
}
