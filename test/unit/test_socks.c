#include "proc/socks.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static size_t
connect_bytes(uint8_t *bytes, size_t cap, const char *host, uint16_t port)
{
	struct writer w;

	buf_write(&w, bytes, cap);
	socks_encode_connect(&w, host, port);
	return buf_is_sound(&w) ? w.len : 0;
}

static void
hello_offers_no_name_and_no_password(void **state)
{
	static const uint8_t wanted[] = { 5, 1, 0 };
	uint8_t bytes[SOCKS_HELLO_BYTES];
	struct writer w;

	(void)state;
	buf_write(&w, bytes, sizeof(bytes));
	socks_encode_hello(&w);
	assert_true(buf_is_sound(&w));
	assert_memory_equal(bytes, wanted, sizeof(wanted));
}

static void
choice_must_be_what_was_offered(void **state)
{
	(void)state;
	assert_int_equal(socks_decode_choice((const uint8_t[]){ 5, 0 }), OK);
	assert_int_equal(socks_decode_choice((const uint8_t[]){ 5, 0xff }),
	    ERR_DENIED);
	assert_int_equal(socks_decode_choice((const uint8_t[]){ 5, 2 }),
	    ERR_DENIED);
	assert_int_equal(socks_decode_choice((const uint8_t[]){ 4, 0 }),
	    ERR_FORMAT);
	assert_int_equal(socks_decode_choice((const uint8_t[]){ 'H', 'T' }),
	    ERR_FORMAT);
}

static void
addresses_go_as_addresses_and_names_as_names(void **state)
{
	static const uint8_t v4[] = { 5, 1, 0, 1, 192, 0, 2, 1, 0x1c, 0xf3 };
	static const uint8_t v6[] = { 5, 1, 0, 4, 0x20, 1, 0xd, 0xb8, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 1, 0x1c, 0xf3 };
	static const uint8_t name[] = { 5, 1, 0, 3, 10, 'a', 'b', 'c', '.', 'o',
		'n', 'i', 'o', 'n', '1', 0x1c, 0xf3 };
	uint8_t bytes[SOCKS_CONNECT_BYTES_MAX];

	(void)state;
	assert_int_equal(connect_bytes(bytes, sizeof(bytes), "192.0.2.1", 7411),
	    sizeof(v4));
	assert_memory_equal(bytes, v4, sizeof(v4));
	assert_int_equal(connect_bytes(bytes, sizeof(bytes), "2001:db8::1",
			     7411),
	    sizeof(v6));
	assert_memory_equal(bytes, v6, sizeof(v6));
	assert_int_equal(connect_bytes(bytes, sizeof(bytes), "abc.onion1",
			     7411),
	    sizeof(name));
	assert_memory_equal(bytes, name, sizeof(name));
}

static void
name_of_any_length_fits_or_is_refused(void **state)
{
	uint8_t bytes[SOCKS_CONNECT_BYTES_MAX];
	char host[257];

	(void)state;
	memset(host, 'a', sizeof(host));
	host[255] = '\0';
	assert_int_equal(connect_bytes(bytes, sizeof(bytes), host, 1),
	    SOCKS_CONNECT_BYTES_MAX);
	host[255] = 'a';
	host[256] = '\0';
	assert_int_equal(connect_bytes(bytes, sizeof(bytes), host, 1), 0);
	assert_int_equal(connect_bytes(bytes, sizeof(bytes), "", 1), 0);
}

/* A reply is taken at its length, and at no other. */
static void
check_reply(uint8_t *reply, size_t len)
{
	size_t have, need;

	for (have = 0; have < len; have++) {
		assert_int_equal(socks_decode_reply(reply, have, &need),
		    ERR_AGAIN);
		assert_int_equal(need,
		    have < SOCKS_REPLY_BYTES_MIN ? SOCKS_REPLY_BYTES_MIN : len);
	}
	assert_int_equal(socks_decode_reply(reply, len, &need), OK);
	assert_int_equal(need, len);
	/* What follows is the stream's. */
	assert_int_equal(socks_decode_reply(reply, len + 1, &need), ERR_FORMAT);
}

static void
reply_ends_where_it_says(void **state)
{
	uint8_t reply[SOCKS_REPLY_BYTES_MAX + 1] = { 5, 0, 0 };
	unsigned name;

	(void)state;
	reply[3] = 1;
	check_reply(reply, 10);
	reply[3] = 4;
	check_reply(reply, 22);
	reply[3] = 3;
	for (name = 0; name < 256; name++) {
		reply[4] = (uint8_t)name;
		check_reply(reply, 7 + name);
	}
}

static void
reply_that_refuses_is_a_refusal(void **state)
{
	uint8_t reply[SOCKS_REPLY_BYTES_MAX] = { 5, 0, 0, 1 };
	unsigned code;
	size_t need;

	(void)state;
	for (code = 1; code < 256; code++) {
		reply[1] = (uint8_t)code;
		assert_int_equal(socks_decode_reply(reply, 10, &need),
		    ERR_DENIED);
	}
}

static void
what_is_no_reply_is_refused(void **state)
{
	uint8_t reply[SOCKS_REPLY_BYTES_MAX] = { 5, 0, 0, 1 };
	unsigned i;
	size_t need;

	(void)state;
	for (i = 0; i < 256; i++) {
		reply[3] = (uint8_t)i;
		if (i != 1 && i != 3 && i != 4)
			assert_int_equal(socks_decode_reply(reply, 10, &need),
			    ERR_FORMAT);
	}
	reply[3] = 1;
	for (i = 0; i < 256; i++) {
		reply[0] = (uint8_t)i;
		assert_int_equal(socks_decode_reply(reply, 10, &need),
		    i == 5 ? OK : ERR_FORMAT);
	}
	assert_int_equal(socks_decode_reply((const uint8_t *)"HTTP/1.1 400", 12,
			     &need),
	    ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hello_offers_no_name_and_no_password),
		cmocka_unit_test(choice_must_be_what_was_offered),
		cmocka_unit_test(addresses_go_as_addresses_and_names_as_names),
		cmocka_unit_test(name_of_any_length_fits_or_is_refused),
		cmocka_unit_test(reply_ends_where_it_says),
		cmocka_unit_test(reply_that_refuses_is_a_refusal),
		cmocka_unit_test(what_is_no_reply_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
