#include "cli/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/wipe.h"

enum { PASSPHRASE_BYTES_MAX = 1024 };

static volatile sig_atomic_t interrupted;

static void
on_interrupt(int sig)
{
	interrupted = sig;
}

static const int interrupts[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP };
enum { INTERRUPTS = sizeof(interrupts) / sizeof(interrupts[0]) };

/* A signal ends the reading, but not before the terminal echoes again. */
static ssize_t
read_interrupted(int tty, char *text, const struct termios *loud)
{
	const struct sigaction action = { .sa_handler = on_interrupt };
	struct sigaction before[INTERRUPTS];
	ssize_t len;

	interrupted = 0;
	for (size_t i = 0; i < INTERRUPTS; i++)
		(void)sigaction(interrupts[i], &action, &before[i]);
	len = read(tty, text, PASSPHRASE_BYTES_MAX);
	(void)tcsetattr(tty, TCSAFLUSH, loud);
	for (size_t i = 0; i < INTERRUPTS; i++)
		(void)sigaction(interrupts[i], &before[i], NULL);
	if (interrupted != 0) {
		wipe(text, PASSPHRASE_BYTES_MAX);
		(void)raise(interrupted == SIGTSTP ? SIGINT : interrupted);
	}
	return len;
}

/* Reads one line without echo; its length, or -1. */
static ssize_t
ask_quietly(int tty, const char *question, char *text)
{
	struct termios loud, quiet;

	if (tcgetattr(tty, &loud) == -1)
		return -1;
	quiet = loud;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	quiet.c_lflag |= ECHONL;
	if (write(tty, question, strlen(question)) == -1 ||
	    tcsetattr(tty, TCSAFLUSH, &quiet) == -1)
		return -1;
	return read_interrupted(tty, text, &loud);
}

static ssize_t
read_terminal(char *text, const char *question, bool is_new)
{
	char *again = wipe_new(PASSPHRASE_BYTES_MAX);
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	ssize_t len = -1;

	if (tty == -1) {
		cli_error("there is no terminal to ask for the passphrase on; "
			  "give --passphrase-file FILE");
		goto out;
	}
	len = ask_quietly(tty, question, text);
	/* An empty one is refused without asking again. */
	if (len > 1 && is_new &&
	    (ask_quietly(tty, "The same once more: ", again) != len ||
		!wipe_equal(text, again, (size_t)len))) {
		cli_error("the two differ; nothing was made");
		len = -1;
	}
out:
	if (tty != -1)
		(void)close(tty);
	wipe_free(again, PASSPHRASE_BYTES_MAX);
	return len;
}

static ssize_t
read_file(char *text, const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t len = 0;

	if (fd == -1) {
		cli_error("%s cannot be read (%s)", file, strerror(errno));
		return -1;
	}
	while (used < PASSPHRASE_BYTES_MAX &&
	    (len = read(fd, text + used, PASSPHRASE_BYTES_MAX - used)) > 0)
		used += (size_t)len;
	if (len == -1)
		cli_error("%s cannot be read (%s)", file, strerror(errno));
	(void)close(fd);
	return len == -1 ? -1 : (ssize_t)used;
}

int
daemon_passphrase(const char *file, const char *question, bool is_new)
{
	char *text = wipe_new(PASSPHRASE_BYTES_MAX);
	ssize_t len = file != NULL ? read_file(text, file)
				   : read_terminal(text, question, is_new);
	int ends[2] = { -1, -1 };

	if (len > 0 && text[len - 1] == '\n')
		len--;
	if (len == 0)
		cli_error("the passphrase is empty");
	if (len == PASSPHRASE_BYTES_MAX)
		cli_error("the passphrase is too long; at most %d bytes",
		    PASSPHRASE_BYTES_MAX - 1);
	/* A pipe holds that much without a reader. */
	if (len > 0 && len < PASSPHRASE_BYTES_MAX &&
	    (pipe2(ends, O_CLOEXEC) == -1 ||
		write(ends[1], text, (size_t)len) != len)) {
		cli_error("pipe: %s", strerror(errno));
		if (ends[0] != -1)
			(void)close(ends[0]);
		ends[0] = -1;
	}
	if (ends[1] != -1)
		(void)close(ends[1]);
	wipe_free(text, PASSPHRASE_BYTES_MAX);
	return ends[0];
}

/* quietlined beside this program, or just its name. */
static char *
find_program(void)
{
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;
	char *path;

	if (len > 0) {
		self[len] = '\0';
		if ((slash = strrchr(self, '/')) != NULL) {
			*slash = '\0';
			path = cli_format("%s/quietlined", self);
			if (access(path, X_OK) == 0)
				return path;
			free(path);
		}
	}
	return cli_format("quietlined");
}

int
daemon_become(char *const *argv)
{
	char *program = find_program();

	(void)execvp(program, argv);
	cli_error("%s cannot be run (%s)", program, strerror(errno));
	free(program);
	return CLI_FAILED;
}

int
daemon_start(char *const *argv, const int *keep, size_t keep_count)
{
	pid_t pid;

	(void)fflush(NULL);
	if ((pid = fork()) == -1) {
		cli_error("fork: %s", strerror(errno));
		return -1;
	}
	if (pid != 0)
		return pid;
	for (size_t i = 0; i < keep_count; i++)
		if (fcntl(keep[i], F_SETFD, 0) == -1)
			_exit(CLI_FAILED);
	(void)daemon_become(argv);
	_exit(CLI_FAILED);
}
