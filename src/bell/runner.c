#include "bell/runner.h"

#include "base/clock.h"
#include "base/log.h"
#include "proc/room.h"
#include "proc/say_alarm.h"
#include "proc/say_bell.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	VARIABLE_BYTES = 512,
	VARIABLES_MAX = 12,
	/* Of a child that could not become the command, as shells say it. */
	EXIT_NOT_RUN = 127,
};

struct runner {
	struct room room;
	struct loop_source signals;
	struct loop_timer deadline;
	char *argv[ALARM_COMMAND_WORDS_MAX + 1]; /* [0] NULL: not told yet */
	pid_t pid;				 /* 0: nothing runs */
	bool over;				 /* its time is up */
};

struct variables {
	char text[VARIABLES_MAX][VARIABLE_BYTES];
	char *envp[VARIABLES_MAX + 1];
	size_t count;
};

PRINTF_LIKE(2, 3)
static void
set(struct variables *variables, const char *format, ...)
{
	char *text = variables->text[variables->count];
	va_list args;

	assert(variables->count < VARIABLES_MAX);
	va_start(args, format);
	(void)vsnprintf(text, VARIABLE_BYTES, format, args);
	va_end(args);
	variables->envp[variables->count++] = text;
}

/* All that the command gets to know. */
static void
set_all(struct variables *variables, const struct alarm_ring *ring)
{
	const char *home = getenv("HOME");

	*variables = (struct variables){ .count = 0 };
	set(variables, "PATH=/usr/local/bin:/usr/bin:/bin");
	set(variables, "LC_ALL=C.UTF-8");
	if (home != NULL && strlen(home) < VARIABLE_BYTES - 8)
		set(variables, "HOME=%s", home);
	set(variables, "QUIETLINE_ALARM_NUMBER=%" PRIu64, ring->number);
	set(variables, "QUIETLINE_ALARM_WHAT=%s",
	    word_name(&alarm_whats, ring->what));
	set(variables, "QUIETLINE_ALARM_TIMES=%" PRIu64, ring->times);
	set(variables, "QUIETLINE_ALARM_STEP=%" PRIu64, ring->step);
	set(variables, "QUIETLINE_ALARM_COUNT=%" PRIu64, ring->count);
	if (ring->line.len > 0)
		set(variables, "QUIETLINE_ALARM_LINE=%.*s", (int)ring->line.len,
		    ring->line.data);
	if (ring->title.len > 0)
		set(variables, "QUIETLINE_ALARM_WAKES=%.*s",
		    (int)ring->title.len, ring->title.data);
}

static void
answer(struct runner *runner, enum pmsg_ran how, unsigned code)
{
	struct writer w;

	room_compose(&runner->room, PROC_BELL, &w);
	pmsg_encode_ran(&w, how, code);
	room_post(&runner->room, PROC_BELL, PMSG_RAN, 0, &w);
}

/* The child's part, up to its new life. */
_Noreturn static void
become(char *const *argv, char *const *envp)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGPIPE, SIGCHLD,
		SIGTERM };
	sigset_t none;
	size_t i;
	int fd;

	(void)setpgid(0, 0);
	(void)sigemptyset(&none);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)signal(signals[i], SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	fd = open("/dev/null", O_RDWR);
	if (fd == -1 || dup2(fd, STDIN_FILENO) == -1 ||
	    dup2(fd, STDOUT_FILENO) == -1 || dup2(fd, STDERR_FILENO) == -1 ||
	    close_range(STDERR_FILENO + 1, ~0u, 0) == -1)
		_exit(EXIT_NOT_RUN);
	(void)execve(argv[0], argv, envp);
	_exit(EXIT_NOT_RUN);
}

static int
on_run(void *ctx, const struct pmsg *msg)
{
	struct runner *runner = ctx;
	struct variables variables;
	struct alarm_ring ring;
	struct reader r;
	int rc;

	buf_read(&r, msg->body, msg->len);
	if ((rc = field_decode(&r, &say_alarm_ring, &ring)) != OK ||
	    (rc = buf_is_spent(&r)) != OK)
		return rc;
	if (runner->argv[0] == NULL)
		return ERR_STATE;
	if (runner->pid != 0) {
		answer(runner, PMSG_RAN_STILL, 0);
		return OK;
	}
	set_all(&variables, &ring);
	runner->pid = fork();
	if (runner->pid == 0)
		become(runner->argv, variables.envp);
	if (runner->pid == -1) {
		runner->pid = 0;
		answer(runner, PMSG_RAN_NOT, 0);
		return OK;
	}
	/* Whichever of the two comes first. */
	(void)setpgid(runner->pid, runner->pid);
	runner->over = false;
	loop_timer_set(&runner->deadline,
	    clock_now_ns() + (uint64_t)ALARM_COMMAND_MS_MAX * CLOCK_NS_PER_MS);
	return OK;
}

/* It, and all that it started. */
static void
on_deadline(void *ctx)
{
	struct runner *runner = ctx;

	if (runner->pid == 0)
		return;
	(void)kill(-runner->pid, runner->over ? SIGKILL : SIGTERM);
	runner->over = true;
	loop_timer_set(&runner->deadline,
	    clock_now_ns() + (uint64_t)ALARM_COMMAND_END_MS * CLOCK_NS_PER_MS);
}

static void
on_end(struct runner *runner, int status)
{
	const unsigned code =
	    WIFEXITED(status) ? (unsigned)WEXITSTATUS(status) : 0;

	/* What it left behind in its group ends with it. */
	(void)kill(-runner->pid, SIGKILL);
	runner->pid = 0;
	loop_timer_set(&runner->deadline, UINT64_MAX);
	if (runner->over)
		answer(runner, PMSG_RAN_OVER, 0);
	else if (WIFSIGNALED(status))
		answer(runner, PMSG_RAN_SIGNAL, 0);
	else if (code == EXIT_NOT_RUN)
		answer(runner, PMSG_RAN_NOT, 0);
	else
		answer(runner, code == 0 ? PMSG_RAN_WELL : PMSG_RAN_BADLY,
		    code);
}

static void
on_signal(void *ctx, uint32_t events)
{
	struct runner *runner = ctx;
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	(void)events;
	while (read(runner->signals.fd, &info, sizeof(info)) ==
	    (ssize_t)sizeof(info))
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == runner->pid)
			on_end(runner, status);
	}
}

/* Once in a runner's life. */
static int
on_command(void *ctx, const struct pmsg *msg)
{
	struct runner *runner = ctx;
	struct bell_config config = { .words = 0 };
	struct reader r;
	size_t i;
	int rc;

	if (runner->argv[0] != NULL)
		return ERR_STATE;
	buf_read(&r, msg->body, msg->len);
	if ((rc = field_decode(&r, &say_bell_command, &config)) != OK ||
	    (rc = buf_is_spent(&r)) != OK)
		return rc;
	if (config.words == 0)
		return ERR_FORMAT;
	for (i = 0; i < config.words; i++) {
		runner->argv[i] = strndup(config.command[i].word.len > 0
			? config.command[i].word.data
			: "",
		    config.command[i].word.len);
		if (runner->argv[i] == NULL)
			fatal("runner: no memory");
	}
	room_say_ready(&runner->room);
	return OK;
}

static const struct pmsg_rule rules[] = {
	{ PMSG_COMMAND, PROC_PARENT, PMSG_COMMAND_BYTES_MAX, 0, on_command },
	{ PMSG_RUN, PROC_BELL, PMSG_ALARM_BYTES_MAX, 0, on_run },
};

int
runner_main(void)
{
	static const struct room_hooks hooks = { .on_lost = NULL };
	static const int signals[] = { SIGCHLD, 0 };
	struct runner runner = { .pid = 0 };
	int rc;

	room_init(&runner.room, PROC_RUNNER,
	    (struct pmsg_rules){ rules, sizeof(rules) / sizeof(rules[0]) },
	    hooks, &runner);
	loop_timer_init(&runner.room.loop, &runner.deadline, on_deadline,
	    &runner);
	loop_add(&runner.room.loop, &runner.signals, loop_open_signals(signals),
	    EPOLLIN, on_signal, &runner);
	rc = room_run(&runner.room);
	if (runner.pid != 0)
		(void)kill(-runner.pid, SIGKILL);
	for (size_t i = 0; runner.argv[i] != NULL; i++)
		free(runner.argv[i]);
	return rc;
}
