#include "base/base64.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
base64_round_trips_every_length(void **state)
{
	uint8_t bytes[256], back[256];
	char text[345];
	size_t got;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		base64_encode(text, bytes, len);
		assert_int_equal(strlen(text) + 1, base64_text_bytes(len));
		assert_int_equal(base64_decode(back, len, &got, text,
				     strlen(text)),
		    OK);
		assert_int_equal(got, len);
		assert_memory_equal(back, bytes, len);
		if (len > 0)
			assert_int_equal(base64_decode(back, len - 1, &got,
					     text, strlen(text)),
			    ERR_SIZE);
	}
}

/* RFC 4648, section 10. */
static void
base64_is_the_known_one(void **state)
{
	char text[16];

	(void)state;
	base64_encode(text, "fo", 2);
	assert_string_equal(text, "Zm8=");
	base64_encode(text, "foobar", 6);
	assert_string_equal(text, "Zm9vYmFy");
}

static void
base64_refuses(void **state)
{
	static const char *const bad[] = { "A", "AA", "AAA", "AAAAA",
		"A===", "====", "AA=A", "=AAA", "AA==AAAA", "AAA=AAAA",
		"AB==", "AAB=", "AA A", "AA\nA", "AA-_", "AAA\xff" };
	uint8_t bytes[16];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(base64_decode(bytes, sizeof(bytes), &len,
				     bad[i], strlen(bad[i])),
		    ERR_FORMAT);
	assert_int_equal(base64_decode(bytes, sizeof(bytes), &len, "AA\0=", 4),
	    ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_round_trips_every_length),
		cmocka_unit_test(base64_is_the_known_one),
		cmocka_unit_test(base64_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
