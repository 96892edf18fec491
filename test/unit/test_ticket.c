#include "core/ticket.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/rng.h"
#include "crypto/crypto.h"

enum { DATAGRAM_BYTES_MAX = FRAME_BYTES_MAX + TICKET_TOKEN_BYTES };

static const char endpoint[] = "relay.example:7412";
static const struct ticket_id is = { 17, 1, { 1200, 100000 } };

static struct ticket_mint
make_mint(uint8_t seed)
{
	uint8_t secret[TICKET_SECRET_BYTES];
	struct ticket_mint mint;

	memset(secret, seed, sizeof(secret));
	ticket_mint_init(&mint, secret);
	return mint;
}

static struct ticket
make_ticket(const struct ticket_mint *mint, struct ticket_id of)
{
	struct ticket ticket;

	assert_int_equal(ticket_issue(&ticket, mint, &of, endpoint), OK);
	return ticket;
}

static size_t
make_datagram(uint8_t datagram[DATAGRAM_BYTES_MAX], const struct ticket *ticket,
    uint64_t seed)
{
	const size_t frame_bytes = ticket->is.cadence.frame_bytes;
	struct rng_seeded seeded;

	rng_fill(rng_from_seed(&seeded, seed), datagram, frame_bytes);
	ticket_seal(datagram + frame_bytes, ticket, datagram);
	return frame_bytes + TICKET_TOKEN_BYTES;
}

/* As the relay does it. */
static int
take(const struct ticket_mint *mint, struct ticket_id *said,
    const uint8_t *datagram, size_t len)
{
	uint8_t id[TICKET_ID_BYTES], key[SHORT_KEY_BYTES];
	int rc;

	if ((rc = ticket_peek(id, said, mint, datagram, len)) != OK)
		return rc;
	ticket_key(key, mint, id);
	return ticket_open(id, key, datagram, len);
}

static void
assert_same_id(const struct ticket_id *a, const struct ticket_id *b)
{
	assert_int_equal(a->number, b->number);
	assert_int_equal(a->leg, b->leg);
	assert_int_equal(a->cadence.frame_bytes, b->cadence.frame_bytes);
	assert_int_equal(a->cadence.slot_us, b->cadence.slot_us);
}

static void
ids_hold_number_leg_and_cadence(void **state)
{
	static const struct ticket_id rows[] = {
		{ 0, 0, { FRAME_BYTES_MIN, SLOT_US_MIN } },
		{ 1, 1, { FRAME_BYTES_MAX, SLOT_US_MAX } },
		{ TICKET_NUMBER_MAX, 0, { 1200, 100000 } },
		{ 0x5a5a5a5a, 1, { 256, 1000000 } },
	};
	uint8_t id[TICKET_ID_BYTES];
	struct ticket_id again;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(ticket_encode_id(id, &rows[i]), OK);
		assert_int_equal(ticket_decode_id(&again, id), OK);
		assert_same_id(&again, &rows[i]);
	}
}

static void
ids_refuse_what_is_out_of_bounds(void **state)
{
	static const struct ticket_id rows[] = {
		{ TICKET_NUMBER_MAX + 1u, 0, { 1200, 100000 } },
		{ UINT32_MAX, 0, { 1200, 100000 } },
		{ 1, 2, { 1200, 100000 } },
		{ 1, 0, { FRAME_BYTES_MIN - 1, 100000 } },
		{ 1, 0, { FRAME_BYTES_MAX + 1, 100000 } },
		{ 1, 0, { 1200, SLOT_US_MIN - 1 } },
		{ 1, 0, { 1200, SLOT_US_MAX + 1 } },
	};
	uint8_t id[TICKET_ID_BYTES] = { 0 };
	struct ticket_mint mint = make_mint(1);
	struct ticket ticket;
	struct ticket_id said;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(ticket_encode_id(id, &rows[i]), ERR_LIMIT);
		assert_int_equal(ticket_issue(&ticket, &mint, &rows[i],
				     endpoint),
		    ERR_LIMIT);
	}
	assert_int_equal(ticket_decode_id(&said, id), ERR_FORMAT);
	memset(id, 0xff, sizeof(id));
	assert_int_equal(ticket_decode_id(&said, id), ERR_FORMAT);
}

static void
a_ticket_is_read_as_it_was_written(void **state)
{
	static const char *const endpoints[] = { "relay.example:7412",
		"192.0.2.1:1", "[2001:db8::1]:65535", "r:7412" };
	struct ticket_mint mint = make_mint(1);
	struct ticket ticket, again;
	char text[TICKET_TEXT_BYTES], twice[TICKET_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++) {
		assert_int_equal(ticket_issue(&ticket, &mint, &is,
				     endpoints[i]),
		    OK);
		ticket_format(text, &ticket);
		assert_int_equal(ticket_parse(&again, text, strlen(text)), OK);
		assert_string_equal(again.endpoint, endpoints[i]);
		assert_memory_equal(again.id, ticket.id, sizeof(ticket.id));
		assert_memory_equal(again.mask, ticket.mask,
		    sizeof(ticket.mask));
		assert_memory_equal(again.key, ticket.key, sizeof(ticket.key));
		assert_same_id(&again.is, &is);
		ticket_format(twice, &again);
		assert_string_equal(twice, text);
	}
}

static void
the_longest_endpoint_has_a_ticket(void **state)
{
	struct ticket_mint mint = make_mint(1);
	struct ticket ticket, again;
	char text[TICKET_TEXT_BYTES], longest[CARD_ENDPOINT_BYTES_MAX + 2];

	(void)state;
	memset(longest, 'a', sizeof(longest));
	memcpy(longest + CARD_ENDPOINT_BYTES_MAX - 3, ":80", 4);
	assert_int_equal(ticket_issue(&ticket, &mint, &is, longest), OK);
	ticket_format(text, &ticket);
	assert_int_equal(ticket_parse(&again, text, strlen(text)), OK);
	assert_string_equal(again.endpoint, longest);
	longest[CARD_ENDPOINT_BYTES_MAX - 3] = 'a';
	memcpy(longest + CARD_ENDPOINT_BYTES_MAX - 2, ":80", 4);
	assert_int_equal(ticket_issue(&ticket, &mint, &is, longest),
	    ERR_FORMAT);
}

static void
no_ticket_is_made_for_what_is_no_endpoint(void **state)
{
	static const char *const bad[] = { "", ":", ":7412", "relay",
		"relay:", "relay:0", "relay:65536", "relay:07412",
		"relay:7412 ", " relay:7412", "re lay:7412", "tcp:relay:7412",
		"udp:relay:7412", "2001:db8::1:7412", "[]:7412", "[relay]:7412",
		"[2001:db8::1:7412", "relay:7412\n", "-relay:7412" };
	struct ticket_mint mint = make_mint(1);
	struct ticket ticket;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(ticket_issue(&ticket, &mint, &is, bad[i]),
		    ERR_FORMAT);
}

/* Each place that a person may mistype, and each that a line break may cut. */
static void
a_text_with_any_other_letter_is_refused(void **state)
{
	struct ticket_mint mint = make_mint(1);
	struct ticket ticket = make_ticket(&mint, is), read, none;
	char text[TICKET_TEXT_BYTES];
	size_t len;

	(void)state;
	memset(&none, 0, sizeof(none));
	ticket_format(text, &ticket);
	len = strlen(text);
	for (size_t i = 0; i < len; i++) {
		static const char letters[] = "xA0-_+/=: \n";
		const char kept = text[i];

		for (size_t j = 0; j < sizeof(letters); j++) {
			text[i] = letters[j];
			if (text[i] == kept)
				continue;
			assert_int_not_equal(ticket_parse(&read, text, len),
			    OK);
			assert_memory_equal(&read, &none, sizeof(read));
		}
		text[i] = kept;
	}
	for (size_t i = 0; i < len; i++)
		assert_int_not_equal(ticket_parse(&read, text, i), OK);
	/* One more letter: the rest of the buffer is not looked at. */
	assert_int_equal(ticket_parse(&read, text, len + 1), ERR_FORMAT);
	assert_int_equal(ticket_parse(&read, text, len), OK);
}

static void
a_text_of_another_length_is_refused(void **state)
{
	struct ticket_mint mint = make_mint(1);
	struct ticket ticket = make_ticket(&mint, is), read;
	char text[2 * TICKET_TEXT_BYTES];
	size_t len;

	(void)state;
	ticket_format(text, &ticket);
	len = strlen(text);
	/* Right base64, of fewer bytes. */
	memcpy(text + len - 4, "AA==", 4);
	assert_int_equal(ticket_parse(&read, text, len), ERR_FORMAT);
	memset(text + len, 'A', sizeof(text) - len);
	for (len = TICKET_TEXT_BYTES - 1; len <= sizeof(text); len++)
		assert_int_equal(ticket_parse(&read, text, len), ERR_FORMAT);
}

static void
a_ticket_of_another_version_is_told(void **state)
{
	/* Version 2, with its right check. */
	static const char text[] =
	    "quietline-ticket:relay.example:7412:"
	    "AgECAwQFBgcIAAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8uB6h1";
	struct ticket read;

	(void)state;
	assert_int_equal(ticket_parse(&read, text, sizeof(text) - 1),
	    ERR_VERSION);
	assert_string_equal(read.endpoint, "");
}

static void
a_sealed_frame_opens(void **state)
{
	struct ticket_mint mint = make_mint(1);
	uint8_t datagram[DATAGRAM_BYTES_MAX];
	struct ticket ticket;
	struct ticket_id said, of = is;
	size_t len;

	(void)state;
	for (of.leg = 0; of.leg < TICKET_LEGS; of.leg++) {
		for (uint16_t bytes = FRAME_BYTES_MIN; bytes <= FRAME_BYTES_MAX;
		     bytes = (uint16_t)(bytes + 61)) {
			of.cadence.frame_bytes = bytes;
			ticket = make_ticket(&mint, of);
			len = make_datagram(datagram, &ticket, bytes);
			assert_int_equal(take(&mint, &said, datagram, len), OK);
			assert_same_id(&said, &of);
		}
	}
}

/* Also a replay of a frame's beginning with another end is none. */
static void
a_datagram_changed_where_the_token_looks_is_refused(void **state)
{
	struct ticket_mint mint = make_mint(1);
	struct ticket ticket = make_ticket(&mint, is);
	uint8_t datagram[DATAGRAM_BYTES_MAX];
	const size_t len = make_datagram(datagram, &ticket, 1);
	struct ticket_id said;

	(void)state;
	for (size_t i = 0; i < len; i++) {
		if (i == FRAME_NONCE_BYTES)
			i = len - TICKET_TOKEN_BYTES - FRAME_TAG_BYTES;
		for (unsigned bit = 0; bit < 8; bit++) {
			datagram[i] ^= (uint8_t)(1 << bit);
			assert_int_not_equal(take(&mint, &said, datagram, len),
			    OK);
			datagram[i] ^= (uint8_t)(1 << bit);
		}
	}
	assert_int_equal(take(&mint, &said, datagram, len), OK);
}

static void
a_datagram_of_any_other_size_is_refused(void **state)
{
	struct ticket_mint mint = make_mint(1);
	struct ticket ticket = make_ticket(&mint, is);
	uint8_t datagram[DATAGRAM_BYTES_MAX + 100] = { 0 };
	struct ticket_id said;
	size_t len;

	(void)state;
	len = make_datagram(datagram, &ticket, 1);
	for (size_t i = 0; i <= sizeof(datagram); i++) {
		if (i != len)
			assert_int_not_equal(take(&mint, &said, datagram, i),
			    OK);
	}
	assert_int_equal(take(&mint, &said, datagram, 0), ERR_SIZE);
	assert_int_equal(take(&mint, &said, datagram,
			     FRAME_BYTES_MIN + TICKET_TOKEN_BYTES - 1),
	    ERR_SIZE);
	assert_int_equal(take(&mint, &said, datagram, DATAGRAM_BYTES_MAX + 1),
	    ERR_SIZE);
}

static void
random_datagrams_are_refused(void **state)
{
	struct ticket_mint mint = make_mint(1);
	uint8_t datagram[DATAGRAM_BYTES_MAX];
	uint8_t id[TICKET_ID_BYTES];
	struct rng_seeded seeded;
	struct rng rng = rng_from_seed(&seeded, 7);
	struct ticket_id said;
	unsigned peeked = 0;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		const size_t len = (size_t)rng_below(rng, sizeof(datagram) + 1);

		rng_fill(rng, datagram, sizeof(datagram));
		peeked +=
		    ticket_peek(id, &said, &mint, datagram, len) == OK ? 1 : 0;
		assert_int_not_equal(take(&mint, &said, datagram, len), OK);
	}
	/* Junk is mostly known by two cheap looks. */
	assert_in_range(peeked, 0, 40);
}

static void
another_relays_ticket_is_refused(void **state)
{
	struct ticket_mint ours = make_mint(1), other = make_mint(2);
	struct ticket ticket = make_ticket(&other, is);
	struct ticket forged = make_ticket(&ours, is);
	uint8_t datagram[DATAGRAM_BYTES_MAX];
	struct ticket_id said;
	size_t len;

	(void)state;
	len = make_datagram(datagram, &ticket, 1);
	assert_int_not_equal(take(&ours, &said, datagram, len), OK);
	/* Who holds one ticket has the mask, and no other leg's key. */
	forged.is.leg = 0;
	assert_int_equal(ticket_encode_id(forged.id, &forged.is), OK);
	len = make_datagram(datagram, &forged, 1);
	assert_int_equal(take(&ours, &said, datagram, len), ERR_CRYPTO);
	forged = make_ticket(&ours, is);
	forged.is.number++;
	assert_int_equal(ticket_encode_id(forged.id, &forged.is), OK);
	len = make_datagram(datagram, &forged, 1);
	assert_int_equal(take(&ours, &said, datagram, len), ERR_CRYPTO);
}

/* Whoever watches a leg sees no id twice, and nothing of it in the clear. */
static void
tokens_of_one_ticket_have_nothing_in_common(void **state)
{
	struct ticket_mint mint = make_mint(1);
	struct ticket ticket = make_ticket(&mint, is);
	uint8_t one[DATAGRAM_BYTES_MAX], two[DATAGRAM_BYTES_MAX];
	const size_t len = make_datagram(one, &ticket, 1);
	const uint8_t *token = one + len - TICKET_TOKEN_BYTES;

	(void)state;
	(void)make_datagram(two, &ticket, 2);
	assert_memory_not_equal(token, two + len - TICKET_TOKEN_BYTES,
	    TICKET_ID_BYTES);
	assert_memory_not_equal(token, ticket.id, TICKET_ID_BYTES);
	assert_memory_not_equal(token + TICKET_ID_BYTES,
	    two + len - SHORT_BYTES, SHORT_BYTES);
}

static void
what_is_wiped_is_gone(void **state)
{
	struct ticket_mint mint = make_mint(1), no_mint;
	struct ticket ticket = make_ticket(&mint, is), none;

	(void)state;
	memset(&none, 0, sizeof(none));
	memset(&no_mint, 0, sizeof(no_mint));
	ticket_wipe(&ticket);
	ticket_mint_wipe(&mint);
	assert_memory_equal(&ticket, &none, sizeof(none));
	assert_memory_equal(&mint, &no_mint, sizeof(no_mint));
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
		cmocka_unit_test(ids_hold_number_leg_and_cadence),
		cmocka_unit_test(ids_refuse_what_is_out_of_bounds),
		cmocka_unit_test(a_ticket_is_read_as_it_was_written),
		cmocka_unit_test(the_longest_endpoint_has_a_ticket),
		cmocka_unit_test(no_ticket_is_made_for_what_is_no_endpoint),
		cmocka_unit_test(a_text_with_any_other_letter_is_refused),
		cmocka_unit_test(a_text_of_another_length_is_refused),
		cmocka_unit_test(a_ticket_of_another_version_is_told),
		cmocka_unit_test(a_sealed_frame_opens),
		cmocka_unit_test(
		    a_datagram_changed_where_the_token_looks_is_refused),
		cmocka_unit_test(a_datagram_of_any_other_size_is_refused),
		cmocka_unit_test(random_datagrams_are_refused),
		cmocka_unit_test(another_relays_ticket_is_refused),
		cmocka_unit_test(tokens_of_one_ticket_have_nothing_in_common),
		cmocka_unit_test(what_is_wiped_is_gone),
	};

	return cmocka_run_group_tests_name("ticket", tests, setup, NULL);
}
