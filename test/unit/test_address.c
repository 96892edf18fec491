#include "proc/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct text
text_of(const char *string)
{
	return (struct text){ string, strlen(string) };
}

static void
address_reads_what_it_writes(void **state)
{
	static const char *const good[] = { "192.0.2.1:7411", "0.0.0.0:1",
		"[::]:65535", "[2001:db8::1]:7411", "[::1]:9" };
	struct address address;
	char text[ADDRESS_TEXT_BYTES];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(address_parse(&address, text_of(good[i])), OK);
		address_format(text, &address);
		assert_string_equal(text, good[i]);
	}
}

static void
address_refuses_what_is_none(void **state)
{
	static const char *const bad[] = { "", ":", "192.0.2.1",
		"192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:007",
		"192.0.2.1:+7", "192.0.2.1: 7", "192.0.2.1:7411x",
		"192.0.2.256:7411", "::1:7411", "[::1]", "[::1]7411",
		"[::1:7411", "[]:7411", "[::1%nosuchinterface]:7411",
		"example.org:7411", "[192.0.2.1:7411", ":7411",
		"192.0.2.1:123456" };
	struct address address;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(address_parse(&address, text_of(bad[i])),
		    ERR_FORMAT);
}

static void
name_and_port_come_apart(void **state)
{
	char host[ADDRESS_HOST_BYTES];
	char longest[ADDRESS_HOST_BYTES + 3];
	uint16_t port;

	(void)state;
	assert_int_equal(address_split(host, &port,
			     text_of("post.example:7412")),
	    OK);
	assert_string_equal(host, "post.example");
	assert_int_equal(port, 7412);

	memset(longest, 'a', sizeof(longest));
	memcpy(longest + ADDRESS_HOST_BYTES - 1, ":1", 3);
	assert_int_equal(address_split(host, &port, text_of(longest)), OK);
	longest[ADDRESS_HOST_BYTES - 1] = 'a';
	memcpy(longest + ADDRESS_HOST_BYTES, ":1", 3);
	assert_int_equal(address_split(host, &port, text_of(longest)),
	    ERR_FORMAT);
	assert_int_equal(address_split(host, &port,
			     (struct text){ "a\0b:1", 5 }),
	    ERR_FORMAT);
}

static void
origin_brings_the_address_back(void **state)
{
	struct address address, back;
	struct origin origin;
	char text[ADDRESS_TEXT_BYTES];

	(void)state;
	assert_int_equal(address_parse(&address, text_of("[2001:db8::1]:7411")),
	    OK);
	address_to_origin(&origin, &address);
	assert_int_equal(address_from_origin(&back, &origin), OK);
	address_format(text, &back);
	assert_string_equal(text, "[2001:db8::1]:7411");
	assert_int_equal(back.len, sizeof(struct sockaddr_in6));
}

static void
origin_is_one_for_one_address(void **state)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = 1 };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = 1 };
	struct address address = { .len = sizeof(in6) };
	struct origin a, b;

	(void)state;
	memcpy(&address.at, &in6, sizeof(in6));
	address_to_origin(&a, &address);
	in6.sin6_flowinfo = 99;
	memcpy(&address.at, &in6, sizeof(in6));
	address_to_origin(&b, &address);
	assert_memory_equal(&a, &b, sizeof(a));

	memcpy(&address.at, &in, sizeof(in));
	address_to_origin(&a, &address);
	memset(in.sin_zero, 1, sizeof(in.sin_zero));
	memcpy(&address.at, &in, sizeof(in));
	address_to_origin(&b, &address);
	assert_memory_equal(&a, &b, sizeof(a));
}

static void
origin_that_is_no_address_is_refused(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct origin origin = { .len = 0 };
	struct address address;

	(void)state;
	assert_int_equal(address_from_origin(&address, &origin), ERR_FORMAT);
	origin.len = 1;
	assert_int_equal(address_from_origin(&address, &origin), ERR_FORMAT);
	memcpy(origin.bytes, &in, sizeof(in));
	origin.len = sizeof(in) - 1;
	assert_int_equal(address_from_origin(&address, &origin), ERR_FORMAT);
	origin.len = ORIGIN_BYTES_MAX;
	assert_int_equal(address_from_origin(&address, &origin), ERR_FORMAT);
	origin.len = sizeof(in);
	assert_int_equal(address_from_origin(&address, &origin), OK);
	origin.bytes[0] = AF_UNIX;
	assert_int_equal(address_from_origin(&address, &origin), ERR_FORMAT);
}

static void
ipv4_fits_a_socket_of_both(void **state)
{
	struct address address;
	char text[ADDRESS_TEXT_BYTES];

	(void)state;
	assert_int_equal(address_parse(&address, text_of("192.0.2.1:7411")),
	    OK);
	assert_int_equal(address_fit(&address, AF_INET), OK);
	assert_int_equal(address_fit(&address, AF_INET6), OK);
	address_format(text, &address);
	assert_string_equal(text, "192.0.2.1:7411");
	assert_int_equal(address.len, sizeof(struct sockaddr_in6));
	assert_int_equal(address_parse(&address, text_of("[::1]:7411")), OK);
	assert_int_equal(address_fit(&address, AF_INET), ERR_NOT_FOUND);
	assert_int_equal(address_fit(&address, AF_INET6), OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(address_reads_what_it_writes),
		cmocka_unit_test(address_refuses_what_is_none),
		cmocka_unit_test(name_and_port_come_apart),
		cmocka_unit_test(origin_brings_the_address_back),
		cmocka_unit_test(origin_is_one_for_one_address),
		cmocka_unit_test(origin_that_is_no_address_is_refused),
		cmocka_unit_test(ipv4_fits_a_socket_of_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
