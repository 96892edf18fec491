#include "keeper/passages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/record.h"

static void
passages_are_two_dozen_and_all_differ(void **state)
{
	(void)state;
	assert_true(passages_count() >= 24);
	for (size_t i = 0; i < passages_count(); i++) {
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(passages_text(i),
			    passages_text(j));
	}
}

/* A number or a time could be taken for a code. */
static void
passages_are_plain_sentences_that_a_drill_can_carry(void **state)
{
	(void)state;
	for (size_t i = 0; i < passages_count(); i++) {
		const char *text = passages_text(i);
		const size_t len = strlen(text);
		size_t sentences = 0;

		assert_true(len > 80 && len <= DRILL_TEXT_BYTES_MAX);
		assert_true(record_is_label(text, len));
		assert_true(text[0] >= 'A' && text[0] <= 'Z');
		assert_int_equal(text[len - 1], '.');
		assert_null(strpbrk(text, "0123456789\"()"));
		assert_null(strstr(text, "  "));
		for (size_t j = 0; j < len; j++)
			sentences += text[j] == '.';
		assert_true(sentences >= 2 && sentences <= 4);
	}
}

static void
passages_begin_again_behind_the_last(void **state)
{
	(void)state;
	assert_ptr_equal(passages_text(0), passages_text(passages_count()));
	assert_non_null(passages_text(UINT64_MAX));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passages_are_two_dozen_and_all_differ),
		cmocka_unit_test(
		    passages_are_plain_sentences_that_a_drill_can_carry),
		cmocka_unit_test(passages_begin_again_behind_the_last),
	};

	return cmocka_run_group_tests_name("passages", tests, NULL, NULL);
}
