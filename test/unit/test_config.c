#include "bell/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void
write_file(const char *text)
{
	FILE *file = fopen("quietline.conf", "w");

	assert_non_null(file);
	assert_int_equal(fputs(text, file) >= 0, 1);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod("quietline.conf", 0600), 0);
}

static bool
is(struct text text, const char *what)
{
	return text.len == strlen(what) &&
	    (text.len == 0 || memcmp(text.data, what, text.len) == 0);
}

static int
setup(void **state)
{
	static char folder[64];

	(void)snprintf(folder, sizeof(folder), "/tmp/config-test-XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	*state = folder;
	return 0;
}

static int
teardown(void **state)
{
	(void)unlink("quietline.conf");
	return chdir("/") == 0 && rmdir(*state) == 0 ? 0 : -1;
}

/* What is wrong stands in one line that names the file and the line. */
static void
refuse(const char *text, int line, const char *what)
{
	struct config config;
	char begins[64];

	write_file(text);
	assert_int_equal(config_read(&config), ERR_FORMAT);
	(void)snprintf(begins, sizeof(begins), "quietline.conf:%d: ", line);
	if (strncmp(config.say, begins, strlen(begins)) != 0 ||
	    strstr(config.say, what) == NULL)
		fail_msg("%s", config.say);
	assert_null(strchr(config.say, '\n'));
	assert_null(config.file);
}

static void
without_a_file_the_foreground_rings(void **state)
{
	struct config config;

	(void)state;
	assert_int_equal(config_read(&config), OK);
	assert_true(is(config.bell.terminal, BELL_FOREGROUND));
	assert_int_equal(config.bell.sound.len, 0);
	assert_false(config.bell.runs);
	assert_int_equal(config.bell.words, 0);
	config_close(&config);
	config_close(&config);
}

static void
empty_file_says_the_same(void **state)
{
	struct config config;

	(void)state;
	write_file("# nothing yet\n\nalarm {\n}\n");
	assert_int_equal(config_read(&config), OK);
	assert_true(is(config.bell.terminal, BELL_FOREGROUND));
	assert_int_equal(config.bell.words, 0);
	assert_int_equal(config.bell.delay_s, 0);
	assert_false(config.bell.names);
	config_close(&config);
}

static void
all_of_it_is_read(void **state)
{
	struct config config;

	(void)state;
	write_file("alarm {\n"
		   "\tbell = \"/dev/tty1\"\n"
		   "\tsound = \"plughw:0,0\"\n"
		   "\tcommand = { \"/bin/true\", \"a word\", \"\" }\n"
		   "\tnames = true\n"
		   "\tdelay = 30\n"
		   "}\n");
	assert_int_equal(config_read(&config), OK);
	assert_true(is(config.bell.terminal, "/dev/tty1"));
	assert_true(is(config.bell.sound, "plughw:0,0"));
	assert_true(config.bell.runs);
	assert_int_equal(config.bell.words, 3);
	assert_true(is(config.bell.command[0].word, "/bin/true"));
	assert_true(is(config.bell.command[1].word, "a word"));
	assert_true(is(config.bell.command[2].word, ""));
	assert_true(config.bell.names);
	assert_int_equal(config.bell.delay_s, 30);
	config_close(&config);
	write_file("alarm { bell = none }\n");
	assert_int_equal(config_read(&config), OK);
	assert_int_equal(config.bell.terminal.len, 0);
	config_close(&config);
}

static void
what_is_not_known_is_refused(void **state)
{
	(void)state;
	refuse("bell = none\n", 1, "bell");
	refuse("alarm {\n\tring = yes\n}\n", 2, "ring");
	refuse("alarm {\n}\nalarms {\n}\n", 3, "alarms");
	refuse("include(\"/etc/passwd\")\n", 1, "include");
	refuse("alarm {\n\tbell\n}\n", 3, "");
	refuse("}\n", 1, "brace");
	refuse("alarm {\n}\n}\n", 3, "brace");
	refuse("alarm = 1\n", 1, "");
	refuse("alarm {\n\tbell = \"none\n}\n", 4, "");
}

static void
values_that_do_not_fit_are_refused(void **state)
{
	(void)state;
	refuse("alarm {\n\tbell = \"tty1\"\n}\n", 2, "bell");
	refuse("alarm {\n\tbell = \"/etc/passwd\"\n}\n", 2, "bell");
	refuse("alarm {\n\tbell = \"/dev/../etc/passwd\"\n}\n", 2, "bell");
	refuse("alarm {\n\tbell = \"\"\n}\n", 2, "bell");
	refuse("alarm {\n\tdelay = -1\n}\n", 2, "delay");
	refuse("alarm {\n\tdelay = 3601\n}\n", 2, "delay");
	refuse("alarm {\n\tdelay = 99999999999999999999\n}\n", 2, "");
	refuse("alarm {\n\tdelay = soon\n}\n", 2, "delay");
	refuse("alarm {\n\tnames = perhaps\n}\n", 2, "names");
	refuse("alarm {\n\tsound = \"a\\x07\"\n}\n", 2, "control");
}

static void
commands_that_cannot_be_run_are_refused(void **state)
{
	(void)state;
	refuse("alarm {\n\n\tcommand = { \"true\" }\n}\n", 3, "whole path");
	refuse("alarm {\n\tcommand = { \"\" }\n}\n", 2, "whole path");
	refuse("alarm {\n\tcommand = { \"/nowhere/wake\" }\n}\n", 2,
	    "/nowhere/wake");
	refuse("alarm {\n\tcommand = { \"/etc/passwd\" }\n}\n", 2,
	    "/etc/passwd");
	refuse("alarm {\n\tcommand = { \"/bin\" }\n}\n", 2, "/bin");
	refuse("alarm {\n\tcommand = { \"/bin/true\", \"a\\nb\" }\n}\n", 2,
	    "control");
}

static void
too_long_texts_are_refused(void **state)
{
	char text[ALARM_CONFIG_TEXT_BYTES_MAX + 64];
	char words[ALARM_COMMAND_WORDS_MAX * 4 + 64] =
	    "alarm {\n command = { \"/bin/true\"";

	(void)state;
	(void)snprintf(text, sizeof(text), "alarm {\n sound = \"%0*d\"\n}\n",
	    ALARM_CONFIG_TEXT_BYTES_MAX + 1, 0);
	refuse(text, 2, "longer");
	for (int i = 0; i < ALARM_COMMAND_WORDS_MAX; i++)
		(void)strcat(words, ", a");
	(void)strcat(words, " }\n}\n");
	refuse(words, 2, "words");
}

static void
file_that_others_may_write_is_refused(void **state)
{
	struct config config;

	(void)state;
	write_file("alarm { }\n");
	assert_int_equal(chmod("quietline.conf", 0620), 0);
	assert_int_equal(config_read(&config), ERR_FORMAT);
	assert_int_equal(chmod("quietline.conf", 0602), 0);
	assert_int_equal(config_read(&config), ERR_FORMAT);
	assert_non_null(strstr(config.say, "quietline.conf: "));
	assert_int_equal(chmod("quietline.conf", 0644), 0);
	assert_int_equal(config_read(&config), OK);
	config_close(&config);
	assert_int_equal(unlink("quietline.conf"), 0);
	assert_int_equal(mkdir("quietline.conf", 0700), 0);
	assert_int_equal(config_read(&config), ERR_FORMAT);
	assert_int_equal(rmdir("quietline.conf"), 0);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(without_a_file_the_foreground_rings),
		CLAIM(empty_file_says_the_same),
		CLAIM(all_of_it_is_read),
		CLAIM(what_is_not_known_is_refused),
		CLAIM(values_that_do_not_fit_are_refused),
		CLAIM(commands_that_cannot_be_run_are_refused),
		CLAIM(too_long_texts_are_refused),
		CLAIM(file_that_others_may_write_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
