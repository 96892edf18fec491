#include "bell/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proc/say_bell.h"

static const char bell[] = "\a";

void
terminal_init(struct terminal *terminal, struct text name)
{
	*terminal = (struct terminal){ .foreground = false };
	if (name.len == 0 || name.len >= sizeof(terminal->path))
		return;
	memcpy(terminal->path, name.data, name.len);
	terminal->foreground = strcmp(terminal->path, BELL_FOREGROUND) == 0;
	if (!terminal->foreground)
		return;
	terminal->path[0] = '\0';
	terminal->there = isatty(STDERR_FILENO) == 1;
	if (!terminal->there)
		(void)snprintf(terminal->say, sizeof(terminal->say),
		    "the post does not run in the foreground of a terminal");
}

const char *
terminal_path(const struct terminal *terminal)
{
	return terminal->path[0] != '\0' ? terminal->path : NULL;
}

bool
terminal_is_there(const struct terminal *terminal)
{
	return terminal->there || terminal->path[0] != '\0';
}

static int
fail(struct terminal *terminal, const char *why)
{
	(void)snprintf(terminal->say, sizeof(terminal->say),
	    "the terminal %.100s does not ring (%.80s)",
	    terminal->foreground ? BELL_FOREGROUND : terminal->path, why);
	return ERR_IO;
}

int
terminal_ring(struct terminal *terminal)
{
	int fd, rc = OK;

	if (!terminal_is_there(terminal))
		return ERR_NOT_FOUND;
	if (terminal->foreground)
		return write(STDERR_FILENO, bell, 1) == 1
		    ? OK
		    : fail(terminal, strerror(errno));
	fd = open(terminal->path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return fail(terminal, strerror(errno));
	if (isatty(fd) != 1)
		rc = fail(terminal, "it is no terminal");
	else if (write(fd, bell, 1) != 1)
		rc = fail(terminal, strerror(errno));
	(void)close(fd);
	return rc;
}
