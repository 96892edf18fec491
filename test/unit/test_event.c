#include "core/event.h"

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
states_have_the_words_that_status_shows(void **state)
{
	static const char *const words[LINE_STATE_COUNT] = { "unconfirmed",
		"booting", "up", "one-way", "silent" };

	(void)state;
	for (unsigned i = 0; i < LINE_STATE_COUNT; i++)
		assert_string_equal(line_state_name((enum line_state)i),
		    words[i]);
}

static void
paths_have_the_words_that_status_shows(void **state)
{
	static const char *const words[PATH_STATE_COUNT] = { "closed", "up",
		"one-way", "silent" };

	(void)state;
	for (unsigned i = 0; i < PATH_STATE_COUNT; i++)
		assert_string_equal(path_state_name((enum path_state)i),
		    words[i]);
}

static void
reasons_have_the_words_that_status_shows(void **state)
{
	static const char *const words[WHY_COUNT] = { "", "path or post",
		"goodbye", "sealed" };

	(void)state;
	for (unsigned i = 0; i < WHY_COUNT; i++)
		assert_string_equal(line_why_name((enum line_why)i), words[i]);
}

static void
each_fault_says_another_thing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < FAULT_COUNT; i++)
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(fault_name((enum fault)i),
			    fault_name((enum fault)j));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_have_the_words_that_status_shows),
		cmocka_unit_test(paths_have_the_words_that_status_shows),
		cmocka_unit_test(reasons_have_the_words_that_status_shows),
		cmocka_unit_test(each_fault_says_another_thing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
