#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "keeper/phrase.h"

static struct text
words_of(const char *words)
{
	return (struct text){ words, strlen(words) };
}

static void
phrase_composes_what_looks_alike(void **state)
{
	/* e and a combining accent; a Korean syllable in its parts. */
	struct phrase phrase;

	(void)state;
	assert_int_equal(phrase_text(&phrase, words_of("e\xcc\x81"), 100), OK);
	assert_string_equal(phrase.data, "\xc3\xa9");
	assert_int_equal(phrase.len, 2);
	phrase_wipe(&phrase);
	assert_null(phrase.data);
	assert_int_equal(phrase_label(&phrase,
			     words_of("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab"),
			     100),
	    OK);
	assert_string_equal(phrase.data, "\xed\x95\x9c");
	phrase_wipe(&phrase);
}

static void
phrase_takes_none(void **state)
{
	struct phrase phrase;

	(void)state;
	assert_int_equal(phrase_text(&phrase, words_of(""), 0), OK);
	assert_int_equal(phrase.len, 0);
	phrase_wipe(&phrase);
}

static void
phrase_refuses_what_is_too_long(void **state)
{
	struct phrase phrase;

	(void)state;
	assert_int_equal(phrase_text(&phrase, words_of("abc"), 3), OK);
	phrase_wipe(&phrase);
	assert_int_equal(phrase_text(&phrase, words_of("abcd"), 3), ERR_LIMIT);
	assert_null(phrase.data);
	/* Three bytes that composition parts into six. */
	assert_int_equal(phrase_text(&phrase, words_of("\xe0\xa5\x98"), 3),
	    ERR_LIMIT);
	assert_null(phrase.data);
}

static void
phrase_refuses_what_is_no_text(void **state)
{
	struct phrase phrase;

	(void)state;
	assert_int_equal(phrase_text(&phrase, words_of("\xff"), 9), ERR_FORMAT);
	assert_int_equal(phrase_text(&phrase, words_of("\xed\xa0\x80"), 9),
	    ERR_FORMAT);
	assert_int_equal(phrase_text(&phrase, (struct text){ "a\0b", 3 }, 9),
	    ERR_FORMAT);
	assert_int_equal(phrase_label(&phrase, words_of("a\nb"), 9),
	    ERR_FORMAT);
	assert_int_equal(phrase_label(&phrase, words_of("\xe2\x80\xa8"), 9),
	    ERR_FORMAT);
	assert_int_equal(phrase_text(&phrase, words_of("a\nb"), 9), OK);
	phrase_wipe(&phrase);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phrase_composes_what_looks_alike),
		cmocka_unit_test(phrase_takes_none),
		cmocka_unit_test(phrase_refuses_what_is_too_long),
		cmocka_unit_test(phrase_refuses_what_is_no_text),
	};

	return cmocka_run_group_tests_name("phrase", tests, NULL, NULL);
}
