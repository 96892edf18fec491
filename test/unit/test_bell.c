#include "bell/room.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "bell/runner.h"
#include "proc/channel.h"
#include "proc/say_alarm.h"
#include "proc/say_bell.h"
#include "proc/spawn.h"

/*
 * Bell and runner are this program again, in their roles; the tests are their
 * parent, and whoever else speaks with them.
 */

/* Far more than a slow machine needs; nothing here waits for all of it. */
enum { PATIENCE_MS = 20000, POLL_MS = 5 };

struct house {
	pid_t pid;
	struct channel parent; /* the tests' end of it */
	struct channel other;  /* as keeper, or as bell */
	int terminal;	       /* what hears a pseudo terminal */
	int held;	       /* open, so that it outlasts each ring */
	char terminal_path[128];
};

static int
setup(void **state)
{
	struct house *house = calloc(1, sizeof(*house));

	channel_init(&house->parent);
	channel_init(&house->other);
	house->terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(house->terminal >= 0);
	assert_int_equal(grantpt(house->terminal), 0);
	assert_int_equal(unlockpt(house->terminal), 0);
	assert_int_equal(ptsname_r(house->terminal, house->terminal_path,
			     sizeof(house->terminal_path)),
	    0);
	house->held = open(house->terminal_path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(house->held >= 0);
	*state = house;
	return 0;
}

static int
teardown(void **state)
{
	struct house *house = *state;

	channel_close(&house->parent);
	channel_close(&house->other);
	if (house->pid != 0)
		(void)waitpid(house->pid, NULL, 0);
	(void)close(house->held);
	(void)close(house->terminal);
	free(house);
	return 0;
}

static void
send_fields(struct channel *channel, enum pmsg_type type,
    const struct layout *layout, const void *from)
{
	struct writer w;

	channel_compose(channel, &w);
	field_encode(&w, layout, from);
	assert_int_equal(channel_post(channel, type, 0, &w, -1), OK);
	assert_int_equal(channel_flush(channel), OK);
}

/* ERR_AGAIN: nothing came in that time. */
static int
next(struct channel *channel, struct pmsg *msg, int ms)
{
	struct pollfd ready = { .fd = channel->fd, .events = POLLIN };
	int rc, waited;

	for (waited = 0;; waited += POLL_MS) {
		if ((rc = channel_next(channel, msg)) != ERR_AGAIN)
			return rc;
		if (waited >= ms)
			return ERR_AGAIN;
		(void)poll(&ready, 1, POLL_MS);
		rc = channel_fill(channel);
		if (rc != OK && rc != ERR_AGAIN)
			return rc;
	}
}

static void
await(struct channel *channel, enum pmsg_type type, struct pmsg *msg)
{
	assert_int_equal(next(channel, msg, PATIENCE_MS), OK);
	assert_int_equal(msg->type, type);
}

/* It ends its life, or closes the door. */
static void
await_loss(struct house *house)
{
	struct pmsg msg;
	int rc;

	while ((rc = next(&house->parent, &msg, PATIENCE_MS)) == OK)
		channel_drop(&house->parent);
	assert_int_equal(rc, ERR_IO);
}

/* Gives the child a channel to the tests, which play that role. */
static void
join(struct house *house, enum proc_role role)
{
	const struct pmsg_end end = { .role = role, .generation = 1 };
	uint8_t body[PMSG_END_BYTES];
	struct writer w;
	int fds[2];

	assert_int_equal(channel_pair(fds), OK);
	buf_write(&w, body, sizeof(body));
	pmsg_encode_end(&w, &end);
	assert_int_equal(channel_send(&house->parent, PMSG_CHANNEL, 0, body,
			     w.len, fds[1]),
	    OK);
	assert_int_equal(channel_flush(&house->parent), OK);
	channel_open(&house->other, fds[0], false);
}

static void
start(struct house *house, enum proc_role role)
{
	int fd;

	assert_int_equal(spawn_role(role, WALLS_NONE, -1, &house->pid, &fd),
	    OK);
	channel_open(&house->parent, fd, true);
}

/* -- the bell ---------------------------------------------------------------- */

static struct text
text_of(const char *string)
{
	return (struct text){ string, strlen(string) };
}

/* A bell of that configuration, which a keeper has joined. */
static struct alarm_bell
hang(struct house *house, const struct bell_config *config)
{
	struct alarm_bell bell;
	struct pmsg msg;
	struct reader r;

	start(house, PROC_BELL);
	send_fields(&house->parent, PMSG_BELL_CONFIG, &say_bell_config, config);
	await(&house->parent, PMSG_READY, &msg);
	channel_drop(&house->parent);
	join(house, PROC_KEEPER);
	await(&house->other, PMSG_BELL, &msg);
	buf_read(&r, msg.body, msg.len);
	assert_int_equal(field_decode(&r, &say_alarm_bell, &bell), OK);
	bell.say.data = NULL;
	channel_drop(&house->other);
	return bell;
}

static void
ring(struct house *house, uint64_t number)
{
	const struct alarm_ring told = { .number = number,
		.what = ALARM_FLASH,
		.times = 1,
		.count = 1 };

	send_fields(&house->other, PMSG_RING, &say_alarm_ring, &told);
}

/* How it went; its words, if any, are left in `say`. */
static struct alarm_rang
await_rang(struct house *house, char say[ALARM_SAY_BYTES_MAX + 1])
{
	struct alarm_rang rang;
	struct pmsg msg;
	struct reader r;

	await(&house->other, PMSG_RANG, &msg);
	buf_read(&r, msg.body, msg.len);
	assert_int_equal(field_decode(&r, &say_alarm_rang, &rang), OK);
	assert_true(rang.say.len <= ALARM_SAY_BYTES_MAX);
	if (rang.say.len > 0)
		memcpy(say, rang.say.data, rang.say.len);
	say[rang.say.len] = '\0';
	channel_drop(&house->other);
	return rang;
}

static bool
terminal_rang(struct house *house, int ms)
{
	struct pollfd heard = { .fd = house->terminal, .events = POLLIN };
	char byte = 0;

	return poll(&heard, 1, ms) == 1 &&
	    read(house->terminal, &byte, 1) == 1 && byte == '\a';
}

static void
terminal_rings_and_keeper_is_told(void **state)
{
	struct house *house = *state;
	struct bell_config config = { .words = 0 };
	char say[ALARM_SAY_BYTES_MAX + 1];
	struct alarm_rang rang;

	config.terminal = text_of(house->terminal_path);
	assert_int_equal(hang(house, &config).means,
	    1u << ALARM_MEANS_TERMINAL);
	ring(house, 7);
	assert_true(terminal_rang(house, PATIENCE_MS));
	rang = await_rang(house, say);
	assert_int_equal(rang.number, 7);
	assert_int_equal(rang.means, 1u << ALARM_MEANS_TERMINAL);
	assert_string_equal(say, "");
	ring(house, 8);
	assert_true(terminal_rang(house, PATIENCE_MS));
}

static void
bell_without_means_says_why(void **state)
{
	struct house *house = *state;
	const struct bell_config config = { .words = 0 };
	char say[ALARM_SAY_BYTES_MAX + 1];
	const struct alarm_bell bell = hang(house, &config);

	assert_int_equal(bell.means, 0);
	assert_true(bell.say.len > 0);
	ring(house, 1);
	assert_int_equal(await_rang(house, say).means, 0);
	assert_non_null(strstr(say, "names no bell"));
}

static void
what_is_no_terminal_is_not_rung(void **state)
{
	struct house *house = *state;
	const struct bell_config config = {
		.terminal = text_of("/dev/null"),
	};
	char say[ALARM_SAY_BYTES_MAX + 1];

	(void)hang(house, &config);
	ring(house, 1);
	assert_int_equal(await_rang(house, say).means, 0);
	assert_non_null(strstr(say, "no terminal"));
}

static void
terminal_that_is_gone_says_so(void **state)
{
	struct house *house = *state;
	const struct bell_config config = {
		.terminal = text_of("/dev/nothing-of-that-name"),
	};
	char say[ALARM_SAY_BYTES_MAX + 1];

	(void)hang(house, &config);
	ring(house, 1);
	assert_int_equal(await_rang(house, say).means, 0);
	assert_non_null(strstr(say, "nothing-of-that-name"));
}

static void
command_without_runner_says_so(void **state)
{
	struct house *house = *state;
	const struct bell_config config = { .runs = true };
	char say[ALARM_SAY_BYTES_MAX + 1];

	assert_int_equal(hang(house, &config).means, 0);
	ring(house, 1);
	assert_int_equal(await_rang(house, say).means, 0);
	assert_non_null(strstr(say, "start the post again"));
}

/* Of an hour at most: that the ring comes within this test is out of the
 * question, but for once in thousands. */
static void
delayed_ring_is_stopped_by_quiet(void **state)
{
	struct house *house = *state;
	struct bell_config config = { .delay_s = ALARM_DELAY_S_MAX };
	struct pmsg msg;

	config.terminal = text_of(house->terminal_path);
	(void)hang(house, &config);
	ring(house, 1);
	ring(house, 2);
	assert_int_equal(next(&house->other, &msg, 100), ERR_AGAIN);
	assert_int_equal(channel_send(&house->other, PMSG_QUIET, 0, NULL, 0,
			     -1),
	    OK);
	assert_int_equal(channel_flush(&house->other), OK);
	assert_int_equal(next(&house->other, &msg, 100), ERR_AGAIN);
	assert_false(terminal_rang(house, 0));
}

static void
delayed_ring_comes(void **state)
{
	struct house *house = *state;
	struct bell_config config = { .delay_s = 1 };
	char say[ALARM_SAY_BYTES_MAX + 1];

	config.terminal = text_of(house->terminal_path);
	(void)hang(house, &config);
	ring(house, 1);
	/* It takes the place of the one that waits. */
	ring(house, 2);
	assert_true(terminal_rang(house, PATIENCE_MS));
	assert_int_equal(await_rang(house, say).number, 2);
	assert_false(terminal_rang(house, 0));
}

static void
bell_is_configured_once(void **state)
{
	struct house *house = *state;
	const struct bell_config config = { .words = 0 };

	(void)hang(house, &config);
	send_fields(&house->parent, PMSG_BELL_CONFIG, &say_bell_config,
	    &config);
	await_loss(house);
}

static void
bell_takes_no_broken_configuration(void **state)
{
	struct house *house = *state;

	start(house, PROC_BELL);
	assert_int_equal(channel_send(&house->parent, PMSG_BELL_CONFIG, 0, "x",
			     1, -1),
	    OK);
	assert_int_equal(channel_flush(&house->parent), OK);
	await_loss(house);
}

static void
bell_takes_no_broken_ring(void **state)
{
	struct house *house = *state;
	const struct bell_config config = { .words = 0 };
	struct pmsg msg;

	(void)hang(house, &config);
	assert_int_equal(channel_send(&house->other, PMSG_RING, 0, "x", 1, -1),
	    OK);
	assert_int_equal(channel_flush(&house->other), OK);
	assert_int_equal(next(&house->other, &msg, PATIENCE_MS), ERR_IO);
	/* The parent is told whose fault it is. */
	await(&house->parent, PMSG_LOST, &msg);
	channel_drop(&house->parent);
}

/* -- the runner -------------------------------------------------------------- */

/* A runner of that program and argument, which a bell has joined. */
static void
employ(struct house *house, const char *program, const char *argument)
{
	struct bell_config config = { .words = argument != NULL ? 2 : 1 };
	struct pmsg msg;

	config.command[0].word = text_of(program);
	if (argument != NULL)
		config.command[1].word = text_of(argument);
	start(house, PROC_RUNNER);
	send_fields(&house->parent, PMSG_COMMAND, &say_bell_command, &config);
	await(&house->parent, PMSG_READY, &msg);
	channel_drop(&house->parent);
	join(house, PROC_BELL);
}

static void
run(struct house *house)
{
	const struct alarm_ring told = { .number = 1, .what = ALARM_TEST };

	send_fields(&house->other, PMSG_RUN, &say_alarm_ring, &told);
}

static enum pmsg_ran
await_ran(struct house *house, unsigned *code)
{
	enum pmsg_ran how;
	struct pmsg msg;

	await(&house->other, PMSG_RAN, &msg);
	assert_int_equal(pmsg_decode_ran(&how, code, msg.body, msg.len), OK);
	channel_drop(&house->other);
	return how;
}

static void
runner_says_how_its_command_ended(void **state)
{
	struct house *house = *state;
	unsigned code;

	employ(house, "/bin/true", NULL);
	run(house);
	assert_int_equal(await_ran(house, &code), PMSG_RAN_WELL);
	run(house);
	assert_int_equal(await_ran(house, &code), PMSG_RAN_WELL);
}

static void
runner_says_what_code_it_ended_with(void **state)
{
	struct house *house = *state;
	unsigned code;

	employ(house, "/bin/false", NULL);
	run(house);
	assert_int_equal(await_ran(house, &code), PMSG_RAN_BADLY);
	assert_int_equal(code, 1);
}

static void
runner_says_that_it_could_not_run_it(void **state)
{
	struct house *house = *state;
	unsigned code;

	employ(house, "/nowhere/true", NULL);
	run(house);
	assert_int_equal(await_ran(house, &code), PMSG_RAN_NOT);
}

static void
runner_runs_one_at_a_time(void **state)
{
	struct house *house = *state;
	unsigned code;

	employ(house, "/bin/sleep", "1");
	run(house);
	run(house);
	assert_int_equal(await_ran(house, &code), PMSG_RAN_STILL);
	assert_int_equal(await_ran(house, &code), PMSG_RAN_WELL);
}

static void
runner_is_told_its_command_once(void **state)
{
	struct house *house = *state;
	struct bell_config config = { .words = 1 };

	employ(house, "/bin/true", NULL);
	config.command[0].word = text_of("/bin/false");
	send_fields(&house->parent, PMSG_COMMAND, &say_bell_command, &config);
	await_loss(house);
}

static void
runner_takes_no_empty_command(void **state)
{
	struct house *house = *state;
	const struct bell_config config = { .words = 0 };

	start(house, PROC_RUNNER);
	send_fields(&house->parent, PMSG_COMMAND, &say_bell_command, &config);
	await_loss(house);
}

static void
runner_takes_no_command_of_the_bell(void **state)
{
	struct house *house = *state;
	struct bell_config config = { .words = 1 };
	struct pmsg msg;

	start(house, PROC_RUNNER);
	join(house, PROC_BELL);
	config.command[0].word = text_of("/bin/false");
	send_fields(&house->other, PMSG_COMMAND, &say_bell_command, &config);
	assert_int_equal(next(&house->other, &msg, PATIENCE_MS), ERR_IO);
	await(&house->parent, PMSG_LOST, &msg);
	channel_drop(&house->parent);
}

static void
runner_runs_nothing_before_it_is_told(void **state)
{
	struct house *house = *state;
	struct pmsg msg;

	start(house, PROC_RUNNER);
	join(house, PROC_BELL);
	run(house);
	assert_int_equal(next(&house->other, &msg, PATIENCE_MS), ERR_IO);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CLAIM(terminal_rings_and_keeper_is_told),
		CLAIM(bell_without_means_says_why),
		CLAIM(what_is_no_terminal_is_not_rung),
		CLAIM(terminal_that_is_gone_says_so),
		CLAIM(command_without_runner_says_so),
		CLAIM(delayed_ring_is_stopped_by_quiet),
		CLAIM(delayed_ring_comes),
		CLAIM(bell_is_configured_once),
		CLAIM(bell_takes_no_broken_configuration),
		CLAIM(bell_takes_no_broken_ring),
		CLAIM(runner_says_how_its_command_ended),
		CLAIM(runner_says_what_code_it_ended_with),
		CLAIM(runner_says_that_it_could_not_run_it),
		CLAIM(runner_runs_one_at_a_time),
		CLAIM(runner_is_told_its_command_once),
		CLAIM(runner_takes_no_empty_command),
		CLAIM(runner_takes_no_command_of_the_bell),
		CLAIM(runner_runs_nothing_before_it_is_told),
	};

	if (argc >= 2 && proc_role_find(argv[1]) == PROC_BELL)
		return bell_main(WALLS_NONE);
	if (argc >= 2 && proc_role_find(argv[1]) == PROC_RUNNER)
		return runner_main();
	log_open(STDERR_FILENO, "test", LOG_LEVEL_ERROR);
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
