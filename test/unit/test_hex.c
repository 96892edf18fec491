#include "base/hex.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
hex_round_trips_every_byte(void **state)
{
	uint8_t bytes[256], back[256];
	char text[513];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	hex_encode(text, bytes, sizeof(bytes));
	assert_int_equal(strlen(text), 512);
	assert_int_equal(hex_decode(back, sizeof(back), text), OK);
	assert_memory_equal(bytes, back, sizeof(bytes));
}

static void
hex_writes_lower_case(void **state)
{
	char text[9];

	(void)state;
	hex_encode(text, "\x00\xab\xcd\xef", 4);
	assert_string_equal(text, "00abcdef");
	hex_encode(text, "", 0);
	assert_string_equal(text, "");
}

static void
hex_reads_either_case(void **state)
{
	uint8_t bytes[3];

	(void)state;
	assert_int_equal(hex_decode(bytes, 3, "aBCdEf"), OK);
	assert_memory_equal(bytes, "\xab\xcd\xef", 3);
	assert_int_equal(hex_decode(bytes, 0, ""), OK);
}

/* Refused, and nothing of what was there or read remains. */
static void
refuse(const char *text)
{
	uint8_t bytes[3] = { 9, 9, 9 };

	assert_int_equal(hex_decode(bytes, 3, text), ERR_FORMAT);
	assert_memory_equal(bytes, "\0\0\0", 3);
}

static void
hex_refuses_wrong_length(void **state)
{
	(void)state;
	refuse("");
	refuse("a");
	refuse("abcd");
	refuse("abcde");
	refuse("abcdef0");
	refuse("abcdef00");
}

static void
hex_refuses_other_characters(void **state)
{
	static const char others[] = "/:@G`g \n-\xff";

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		for (size_t j = 0; j < sizeof(others) - 1; j++) {
			char text[] = "abcdef";

			text[i] = others[j];
			refuse(text);
		}
	}
	refuse("0xabcd");
	refuse(" abcdef");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex_round_trips_every_byte),
		cmocka_unit_test(hex_writes_lower_case),
		cmocka_unit_test(hex_reads_either_case),
		cmocka_unit_test(hex_refuses_wrong_length),
		cmocka_unit_test(hex_refuses_other_characters),
	};

	return cmocka_run_group_tests_name("hex", tests, NULL, NULL);
}
