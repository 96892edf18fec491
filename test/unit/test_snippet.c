#include "keeper/snippet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct text nothing = { NULL, 0 };

static struct text
text(const char *string)
{
	return (struct text){ string, strlen(string) };
}

static void
assert_text(struct text is, const char *wanted)
{
	assert_int_equal(is.len, strlen(wanted));
	if (is.len > 0)
		assert_memory_equal(is.data, wanted, is.len);
}

static void
texts_are_the_same_byte_for_byte(void **state)
{
	(void)state;
	assert_true(snippet_is(text("ab"), text("ab")));
	assert_true(snippet_is(nothing, text("")));
	assert_false(snippet_is(text("ab"), text("a")));
	assert_false(snippet_is(text("ab"), text("aB")));
	assert_true(snippet_is_word(text("ab"), "ab"));
	assert_false(snippet_is_word(text("abc"), "ab"));
	assert_false(snippet_is_word(nothing, "ab"));
	assert_true(snippet_starts(text("name: x"), "name:"));
	assert_false(snippet_starts(text("nam"), "name:"));
	assert_false(snippet_starts(nothing, "n"));
}

static void
text_is_cut_at_the_first_mark(void **state)
{
	struct text rest;

	(void)state;
	assert_text(snippet_cut(text("a=b=c"), '=', &rest), "a");
	assert_text(rest, "b=c");
	assert_text(snippet_cut(text("abc"), '=', &rest), "abc");
	assert_text(rest, "");
	assert_text(snippet_cut(text("="), '=', &rest), "");
	assert_text(rest, "");
	assert_text(snippet_cut(nothing, '=', &rest), "");
	assert_text(rest, "");
}

static void
spaces_around_a_text_go(void **state)
{
	(void)state;
	assert_text(snippet_trim(text("  a b ")), "a b");
	assert_text(snippet_trim(text("   ")), "");
	assert_text(snippet_trim(nothing), "");
	assert_text(snippet_trim(text("\ta")), "\ta");
}

static void
head_has_whole_characters(void **state)
{
	(void)state;
	assert_text(snippet_head(text("abc"), 2), "ab");
	assert_text(snippet_head(text("abc"), 3), "abc");
	assert_text(snippet_head(text("abc"), 9), "abc");
	assert_text(snippet_head(text("a\xed\x95\x9c"), 3), "a");
	assert_text(snippet_head(text("a\xed\x95\x9c"), 4), "a\xed\x95\x9c");
	assert_text(snippet_head(text("a\xff"), 4), "a");
	assert_text(snippet_head(text(""), 4), "");
}

static void
what_no_reader_sees_is_found(void **state)
{
	static const char *const sly[] = { "a\x01", "a\x7f", "a\t", "a\r",
		"a\xff", "a\xc3", "a\xe2\x80\xae", "a\xe2\x80\x8f",
		"a\xe2\x81\xa6", "a\xe2\x80\x8b", "a\xef\xbb\xbf",
		"a\xc2\x85" };
	static const char *const fine[] = { "", "a b", "\xed\x95\x9c",
		"\xd8\xb3\xd9\x84", "\xd0\x96", "\xe2\x80\x94" };

	(void)state;
	for (size_t i = 0; i < sizeof(sly) / sizeof(sly[0]); i++)
		assert_int_equal(snippet_find_sly(text(sly[i]), true), 1);
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		assert_int_equal(snippet_find_sly(text(fine[i]), false),
		    strlen(fine[i]));
	assert_int_equal(snippet_find_sly(text("a\nb"), true), 3);
	assert_int_equal(snippet_find_sly(text("a\nb"), false), 1);
	assert_int_equal(snippet_find_sly(nothing, false), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_the_same_byte_for_byte),
		cmocka_unit_test(text_is_cut_at_the_first_mark),
		cmocka_unit_test(spaces_around_a_text_go),
		cmocka_unit_test(head_has_whole_characters),
		cmocka_unit_test(what_no_reader_sees_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
