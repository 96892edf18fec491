#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/words.h"

static void
words_are_of_four_to_seven_small_letters(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < WORDS_COUNT; i++) {
		const char *word = words_text((uint8_t)i);

		assert_in_range(strlen(word), WORDS_LETTERS_MIN,
		    WORDS_LETTERS_MAX);
		assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz"),
		    strlen(word));
	}
}

static void
no_two_words_share_their_first_four_letters(void **state)
{
	unsigned int i;

	(void)state;
	/* In order, so that neighbours are all there is to compare. */
	for (i = 1; i < WORDS_COUNT; i++)
		assert_true(strncmp(words_text((uint8_t)(i - 1)),
				words_text((uint8_t)i), 4) < 0);
}

static void
no_two_words_are_one_letter_apart(void **state)
{
	unsigned int i, j;
	size_t k, same;

	(void)state;
	for (i = 0; i < WORDS_COUNT; i++) {
		const char *a = words_text((uint8_t)i);

		for (j = 0; j < i; j++) {
			const char *b = words_text((uint8_t)j);

			if (strlen(a) != strlen(b))
				continue;
			for (k = same = 0; a[k] != '\0'; k++)
				same += a[k] == b[k];
			if (same + 1 >= strlen(a))
				fail_msg("%s is close to %s", a, b);
		}
	}
}

static void
each_word_gives_its_byte(void **state)
{
	unsigned int i;
	uint8_t value;

	(void)state;
	for (i = 0; i < WORDS_COUNT; i++) {
		assert_int_equal(words_value(&value, words_text((uint8_t)i)),
		    OK);
		assert_int_equal(value, i);
	}
}

static void
case_and_space_do_not_matter(void **state)
{
	uint8_t plain, value;

	(void)state;
	assert_int_equal(words_value(&plain, "harbor"), OK);
	assert_int_equal(words_value(&value, "Harbor"), OK);
	assert_int_equal(value, plain);
	assert_int_equal(words_value(&value, " \tHARBOR\n"), OK);
	assert_int_equal(value, plain);
}

static void
other_words_are_refused(void **state)
{
	static const char *const others[] = { "", " ", "harb", "harbors",
		"harbour", "har bor", "harbor harbor", "xxxx", "harbo\xc5\x99",
		"harbor." };
	uint8_t value;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		value = 77;
		assert_int_equal(words_value(&value, others[i]), ERR_NOT_FOUND);
		assert_int_equal(value, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_of_four_to_seven_small_letters),
		cmocka_unit_test(no_two_words_share_their_first_four_letters),
		cmocka_unit_test(no_two_words_are_one_letter_apart),
		cmocka_unit_test(each_word_gives_its_byte),
		cmocka_unit_test(case_and_space_do_not_matter),
		cmocka_unit_test(other_words_are_refused),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
