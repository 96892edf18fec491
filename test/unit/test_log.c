#include "base/log.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/wait.h>

#include "limits.h"

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* What was logged since the last call, without the times of its lines. */
struct heard {
	int fds[2];
	char text[4 * LOG_LINE_BYTES_MAX];
};

static int
listen_to_log(void **state)
{
	static struct heard heard;

	if (pipe(heard.fds) != 0)
		return -1;
	log_open(heard.fds[1], "test", LOG_LEVEL_DEBUG);
	*state = &heard;
	return 0;
}

static int
stop_listening(void **state)
{
	struct heard *heard = *state;

	log_open(STDERR_FILENO, "quietline", LOG_LEVEL_INFO);
	(void)close(heard->fds[0]);
	(void)close(heard->fds[1]);
	return 0;
}

/* Only after something was logged: otherwise it would wait. */
static const char *
hear(struct heard *heard)
{
	ssize_t len = read(heard->fds[0], heard->text, sizeof(heard->text) - 1);

	assert_true(len > 25);
	heard->text[len] = '\0';
	assert_int_equal(heard->text[len - 1], '\n');
	assert_int_equal(heard->text[23], 'Z');
	assert_int_equal(heard->text[24], ' ');
	return heard->text + 25;
}

static void
log_line_names_who_and_how_bad(void **state)
{
	log_error("line %d: lost (%s)", 7, "peer");
	assert_string_equal(hear(*state), "test error: line 7: lost (peer)\n");
	log_warnx("w");
	assert_string_equal(hear(*state), "test warn: w\n");
	log_info("i");
	assert_string_equal(hear(*state), "test info: i\n");
	log_debug("d");
	assert_string_equal(hear(*state), "test debug: d\n");
}

static void
log_warn_says_errno_and_keeps_it(void **state)
{
	errno = ENOENT;
	log_warn("store: not opened");
	assert_int_equal(errno, ENOENT);
	assert_string_equal(hear(*state),
	    "test warn: store: not opened: No such file or directory\n");
	errno = EACCES;
	log_warnx("store: not opened");
	assert_int_equal(errno, EACCES);
	assert_string_equal(hear(*state), "test warn: store: not opened\n");
}

static void
log_shows_nothing_above_its_level(void **state)
{
	struct heard *heard = *state;

	log_open(heard->fds[1], "test", LOG_LEVEL_WARN);
	log_debug("unheard");
	log_info("unheard");
	log_warnx("heard");
	assert_string_equal(hear(heard), "test warn: heard\n");
	log_open(heard->fds[1], "test", LOG_LEVEL_ERROR);
	log_warnx("unheard");
	log_error("heard");
	assert_string_equal(hear(heard), "test error: heard\n");
}

static void
log_argument_cannot_forge_a_line(void **state)
{
	log_info("peer %s: up", "a\n2026 test info: forged\x1b[2J\x7f");
	assert_string_equal(hear(*state),
	    "test info: peer a?2026 test info: forged?[2J?: up\n");
}

static void
log_cuts_a_line_that_is_too_long(void **state)
{
	char text[3 * LOG_LINE_BYTES_MAX];
	const char *line;

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	log_info("%s", text);
	line = hear(*state);
	assert_int_equal(strlen(line) + 25, LOG_LINE_BYTES_MAX);
	errno = EIO;
	log_warn("%s", text);
	line = hear(*state);
	assert_int_equal(strlen(line) + 25, LOG_LINE_BYTES_MAX);
}

static void
log_goes_on_where_nobody_reads(void **state)
{
	struct heard *heard = *state;

	log_open(-1, "test", LOG_LEVEL_DEBUG);
	log_info("nowhere");
	log_open(heard->fds[1], "test", LOG_LEVEL_DEBUG);
	log_info("somewhere");
	assert_string_equal(hear(heard), "test info: somewhere\n");
}

static void
fatal_says_why_and_exits_with_1(void **state)
{
	for (int with_errno = 0; with_errno < 2; with_errno++) {
		int status;
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			errno = ENOSPC;
			if (with_errno)
				fatal("disk: full");
			fatalx("disk: full");
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 1);
		assert_string_equal(hear(*state),
		    with_errno
			? "test error: disk: full: No space left on device\n"
			: "test error: disk: full\n");
	}
}

int
main(void)
{
#define LOG_TEST(name) \
	cmocka_unit_test_setup_teardown(name, listen_to_log, stop_listening)
	const struct CMUnitTest tests[] = {
		LOG_TEST(log_line_names_who_and_how_bad),
		LOG_TEST(log_warn_says_errno_and_keeps_it),
		LOG_TEST(log_shows_nothing_above_its_level),
		LOG_TEST(log_argument_cannot_forge_a_line),
		LOG_TEST(log_cuts_a_line_that_is_too_long),
		LOG_TEST(log_goes_on_where_nobody_reads),
		LOG_TEST(fatal_says_why_and_exits_with_1),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
