#include "cli/command.h"

#include <stdlib.h>
#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ARGS_MAX = 12 };

/* argv as a shell would make it of words between single spaces; argc. */
static int
split(char *text, char **argv)
{
	int argc = 0;
	char *rest = NULL;

	for (char *word = strtok_r(text, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest))
		argv[argc++] = word;
	argv[argc] = NULL;
	return argc;
}

static int
run(const char *words)
{
	char text[256];
	char *argv[ARGS_MAX + 1];

	strcpy(text, words);
	return command_run(split(text, argv), argv);
}

static void
command_has_help_with_an_example_for_each(void **state)
{
	(void)state;
	for (size_t i = 0; i < command_count; i++) {
		assert_non_null(commands[i].run);
		assert_non_null(strstr(commands[i].help, "Example:\n"));
		assert_non_null(strstr(commands[i].help, commands[i].name));
	}
}

static void
command_is_found_by_its_words(void **state)
{
	for (size_t i = 0; i < command_count; i++) {
		char text[64];
		char *argv[ARGS_MAX + 1];
		int words, argc;

		strcpy(text, commands[i].name);
		argc = split(text, argv);
		assert_ptr_equal(command_find(argc, argv, &words),
		    &commands[i]);
		assert_int_equal(words, argc);
	}
	(void)state;
}

static void
command_refuses_wrong_usage(void **state)
{
	static const char *const wrong[] = { "", "nothing", "line",
		"line nothing", "Status", "--nothing", "--post", "status extra",
		"status --nothing", "status --post", "status --json=1", "send",
		"send a b c", "send oslo", "send oslo x --wait read",
		"send oslo x --timeout 5",
		"send oslo x --wait delivered --timeout soon",
		"send oslo x --subject", "read", "read a b",
		"read oslo --limit x", "get oslo", "get oslo us/1 0",
		"get oslo us/1 x", "ack oslo", "line offer", "line accept oslo",
		"line finish oslo", "line finish oslo f --carried pigeon",
		"line confirm oslo", "line confirm oslo a b c d",
		"line confirm oslo a b c d e f", "drill", "delegate",
		"delegate add", "delegate add a", "delegate add a --role",
		"delegate list a", "delegate show", "delegate set a",
		"delegate passphrase", "delegate passphrase a --none=1",
		"delegate passphrase a --none --passphrase-file f",
		"delegate passphrase a --old-passphrase-file",
		"delegate revoke", "delegate owner", "delegate owner a b",
		"delegate owner a --none", "sign-in", "sign-in a b",
		"sign-out a", "who a", "path", "path nothing", "path add",
		"path add oslo x", "path add oslo --listen",
		"path add oslo --relay", "path add oslo --tcp=1", "path list",
		"path list oslo 1", "path remove oslo", "path remove oslo 0",
		"path remove oslo -1", "path remove oslo 1x",
		"path remove oslo 01", "path remove oslo 1234",
		"path remove oslo 1 2", "line set", "line set oslo",
		"line set oslo roaming", "line set oslo roaming yes",
		"line set oslo nothing on", "line set oslo cadence",
		"line set oslo cadence desk now", "drill oslo --timeout x",
		"init", "up extra", "help nothing" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (run(wrong[i]) != CLI_USAGE)
			fail_msg("taken: %s", wrong[i]);
}

static void
command_tells_a_post_that_is_not_running(void **state)
{
	static const char *const commands_of_a_post[] = { "status", "down",
		"line list", "line show oslo", "send oslo text", "read oslo",
		"get oslo us/1", "ack oslo us/1", "events", "drill oslo",
		"path add oslo", "path list oslo", "path remove oslo 2",
		"line set oslo roaming on", "line set oslo cadence desk" };

	(void)state;
	assert_int_equal(setenv("QUIETLINE_POST", "/nonexistent/post", 1), 0);
	for (size_t i = 0;
	     i < sizeof(commands_of_a_post) / sizeof(commands_of_a_post[0]);
	     i++)
		assert_int_equal(run(commands_of_a_post[i]), CLI_NOT_RUNNING);
	assert_int_equal(run("path add oslo --relay @/nonexistent/ticket"),
	    CLI_FAILED);
	assert_int_equal(run("path add oslo --relay @/dev/null"), CLI_FAILED);
	assert_int_equal(run("--post /tmp status"), CLI_NOT_RUNNING);
	assert_int_equal(run("status --json --post /tmp"), CLI_NOT_RUNNING);
}

static void
command_reads_seconds(void **state)
{
	static const char *const wrong[] = { "", "x", "-1", "1s", ".5", "1..2",
		" 1", "1 ", "99999999999999999999" };
	uint64_t ms;

	(void)state;
	assert_int_equal(cli_seconds(&ms, "90"), OK);
	assert_int_equal(ms, 90000);
	assert_int_equal(cli_seconds(&ms, "0"), OK);
	assert_int_equal(ms, 0);
	assert_int_equal(cli_seconds(&ms, "1.5"), OK);
	assert_int_equal(ms, 1500);
	assert_int_equal(cli_seconds(&ms, "0.0019"), OK);
	assert_int_equal(ms, 1);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(cli_seconds(&ms, wrong[i]), ERR_FORMAT);
}

static void
command_reads_a_time_to_come(void **state)
{
	/* 1970-01-03, 09:30. */
	const int64_t now_ms = (int64_t)(2 * 86400 + 9 * 3600 + 1800) * 1000;
	static const char *const wrong[] = { "", "9:30", "24:00", "18:60",
		"18:0", "18:000", "1800", "18:00Z", "ab:cd", "1:234",
		"tomorrow" };
	int64_t until_ms;

	(void)state;
	assert_int_equal(cli_until(&until_ms, "09:31", now_ms), OK);
	assert_true(until_ms == now_ms + 60 * 1000);
	/* The one of today has passed. */
	assert_int_equal(cli_until(&until_ms, "09:30", now_ms), OK);
	assert_true(until_ms == now_ms + 86400 * 1000);
	assert_int_equal(cli_until(&until_ms, "1970-01-01T00:01:00Z", now_ms),
	    OK);
	assert_true(until_ms == 60000);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(cli_until(&until_ms, wrong[i], now_ms),
		    ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_has_help_with_an_example_for_each),
		cmocka_unit_test(command_is_found_by_its_words),
		cmocka_unit_test(command_refuses_wrong_usage),
		cmocka_unit_test(command_tells_a_post_that_is_not_running),
		cmocka_unit_test(command_reads_seconds),
		cmocka_unit_test(command_reads_a_time_to_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
