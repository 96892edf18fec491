#include "cli/diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* What is printed, in a file of its own meanwhile. */
static void
assert_diff(const char *before, const char *after, const char *want)
{
	char got[4096] = "";
	FILE *file = tmpfile();
	const int out = dup(STDOUT_FILENO);

	assert_non_null(file);
	(void)fflush(stdout);
	assert_int_equal(dup2(fileno(file), STDOUT_FILENO), STDOUT_FILENO);
	diff_print(before, after);
	(void)fflush(stdout);
	assert_int_equal(dup2(out, STDOUT_FILENO), STDOUT_FILENO);
	close(out);
	rewind(file);
	(void)!fread(got, 1, sizeof(got) - 1, file);
	(void)fclose(file);
	assert_string_equal(got, want);
}

static void
diff_of_the_same_marks_nothing(void **state)
{
	(void)state;
	assert_diff("", "", "");
	assert_diff("one\ntwo", "one\ntwo\n", "  one\n  two\n");
	assert_diff("\n\n", "\n\n", "  \n  \n");
}

static void
diff_marks_what_came_and_went(void **state)
{
	(void)state;
	assert_diff("", "new", "+ new\n");
	assert_diff("old", "", "- old\n");
	assert_diff("a\nb\nc\nd", "a\nc\nx\nd", "  a\n- b\n  c\n+ x\n  d\n");
	assert_diff("one\ntwo", "one\nthree", "  one\n- two\n+ three\n");
}

static void
diff_writes_tricks_out(void **state)
{
	(void)state;
	assert_diff("",
	    "pay \xe2\x80\xae"
	    "001",
	    "+ pay <U+202E>001\n");
	assert_diff("\x1b[2J", "", "- <U+001B>[2J\n");
}

static void
diff_of_very_many_lines_ends(void **state)
{
	enum { LINES = 5000 };
	char *many = malloc(2 * LINES + 1);

	(void)state;
	assert_non_null(many);
	for (size_t i = 0; i < LINES; i++)
		memcpy(many + 2 * i, "x\n", 2);
	many[2 * LINES] = '\0';
	/* All gone, all new: what is printed first is cut off here. */
	(void)fflush(stdout);
	const int out = dup(STDOUT_FILENO);
	FILE *file = tmpfile();

	assert_int_equal(dup2(fileno(file), STDOUT_FILENO), STDOUT_FILENO);
	diff_print(many, many);
	(void)fflush(stdout);
	assert_int_equal(ftell(file) >= 0 ? lseek(fileno(file), 0, SEEK_END)
					  : 0,
	    2 * LINES * 4);
	assert_int_equal(dup2(out, STDOUT_FILENO), STDOUT_FILENO);
	close(out);
	(void)fclose(file);
	free(many);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(diff_of_the_same_marks_nothing),
		cmocka_unit_test(diff_marks_what_came_and_went),
		cmocka_unit_test(diff_writes_tricks_out),
		cmocka_unit_test(diff_of_very_many_lines_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
