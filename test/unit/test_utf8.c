#include "base/utf8.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
utf8_reads_every_length(void **state)
{
	uint32_t c;

	(void)state;
	assert_int_equal(utf8_next(&c, "a", 1), 1);
	assert_int_equal(c, 'a');
	assert_int_equal(utf8_next(&c, "\xd8\xb9", 2), 2);
	assert_int_equal(c, 0x639);
	assert_int_equal(utf8_next(&c, "\xed\x95\x9c", 3), 3);
	assert_int_equal(c, 0xd55c);
	assert_int_equal(utf8_next(&c, "\xf4\x8f\xbf\xbf", 4), 4);
	assert_int_equal(c, 0x10ffff);
	assert_true(utf8_is_valid("", 0));
	assert_true(utf8_is_valid("\0", 1));
}

static void
utf8_refuses_other_bytes(void **state)
{
	static const char *const bad[] = { "\x80", "\xbf", "\xc0\x80",
		"\xc1\xbf", "\xc3", "\xc3(", "\xe0\x80\x80", "\xe0\x9f\xbf",
		"\xed\xa0\x80", "\xed\xbf\xbf", "\xe2\x82", "\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xff", "\xfe", "abc\xff", "\xed\x95\x9c\x80" };
	uint32_t c;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(utf8_is_valid(bad[i], strlen(bad[i])));
	assert_int_equal(utf8_next(&c, "", 0), 0);
	assert_int_equal(utf8_next(&c, "\xed\x95\x9c", 2), 0);
}

static void
utf8_tells_sly_characters(void **state)
{
	static const uint32_t sly[] = { 0, 7, 0x0d, 0x1b, 0x7f, 0x9b, 0x200b,
		0x200e, 0x200f, 0x202a, 0x202e, 0x2066, 0x2069, 0xfeff,
		0xe0041 };
	/* Joiners belong to scripts. */
	static const uint32_t plain[] = { '\t', '\n', ' ', 'a', 0xe9, 0x639,
		0x200c, 0x200d, 0xd55c, 0x1f54a };

	(void)state;
	for (size_t i = 0; i < sizeof(sly) / sizeof(sly[0]); i++)
		assert_true(utf8_is_sly(sly[i]));
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		assert_false(utf8_is_sly(plain[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_reads_every_length),
		cmocka_unit_test(utf8_refuses_other_bytes),
		cmocka_unit_test(utf8_tells_sly_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
