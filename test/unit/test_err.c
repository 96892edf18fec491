#include "base/err.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
err_has_own_words_for_each_code(void **state)
{
	(void)state;
	for (int a = ERR_RULE; a <= OK; a++) {
		assert_string_not_equal(err_str(a), "unknown error");
		for (int b = ERR_RULE; b < a; b++)
			assert_string_not_equal(err_str(a), err_str(b));
	}
}

static void
err_knows_no_other_code(void **state)
{
	(void)state;
	assert_string_equal(err_str(ERR_RULE - 1), "unknown error");
	assert_string_equal(err_str(1), "unknown error");
	assert_string_equal(err_str(INT32_MIN), "unknown error");
	assert_string_equal(err_str(INT32_MAX), "unknown error");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(err_has_own_words_for_each_code),
		cmocka_unit_test(err_knows_no_other_code),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
