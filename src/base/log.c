#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "limits.h"

/* Set once at start.  The only state of its kind: what reports a failure can't
 * be handed a place to report to by everything that may fail. */
static struct {
	int fd;
	const char *who;
	enum log_level most;
} sink = { .fd = STDERR_FILENO, .who = "quietline", .most = LOG_LEVEL_INFO };

static const char *
level_name(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_FATAL:
	case LOG_LEVEL_ERROR:
		return "error";
	case LOG_LEVEL_WARN:
		return "warn";
	case LOG_LEVEL_INFO:
		return "info";
	case LOG_LEVEL_DEBUG:
		return "debug";
	}
	return "?";
}

/* A line break or a terminal's escape in an argument would forge lines. */
static void
blunt_controls(char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ' || c == 0x7f)
			*text = '?';
	}
}

/* err is an errno to append in words, or 0. */
PRINTF_LIKE(2, 0)
static void
write_line(enum log_level level, const char *format, va_list args, int err)
{
	char text[LOG_LINE_BYTES_MAX];
	char now[CLOCK_TEXT_BYTES];
	size_t len;

	if (level > sink.most)
		return;
	clock_format(now, clock_wall_ms());
	(void)snprintf(text, sizeof(text), "%s %s %s: ", now, sink.who,
	    level_name(level));
	len = strlen(text);
	(void)vsnprintf(text + len, sizeof(text) - len, format, args);
	len = strlen(text);
	if (err != 0)
		(void)snprintf(text + len, sizeof(text) - len, ": %s",
		    strerror(err));
	blunt_controls(text);

	/* The line break takes the place of the NUL. */
	len = strlen(text);
	text[len++] = '\n';
	for (size_t sent = 0; sent < len;) {
		ssize_t n = write(sink.fd, text + sent, len - sent);

		if (n < 0 && errno == EINTR)
			continue;
		/* A log that can't be written must not stop the line. */
		if (n <= 0)
			break;
		sent += (size_t)n;
	}
}

void
log_open(int fd, const char *who, enum log_level most)
{
	sink.fd = fd;
	sink.who = who;
	sink.most = most;
}

void
log_error(const char *format, ...)
{
	int err = errno;
	va_list args;

	va_start(args, format);
	write_line(LOG_LEVEL_ERROR, format, args, 0);
	va_end(args);
	errno = err;
}

void
log_warn(const char *format, ...)
{
	int err = errno;
	va_list args;

	va_start(args, format);
	write_line(LOG_LEVEL_WARN, format, args, err);
	va_end(args);
	errno = err;
}

void
log_warnx(const char *format, ...)
{
	int err = errno;
	va_list args;

	va_start(args, format);
	write_line(LOG_LEVEL_WARN, format, args, 0);
	va_end(args);
	errno = err;
}

void
log_info(const char *format, ...)
{
	int err = errno;
	va_list args;

	va_start(args, format);
	write_line(LOG_LEVEL_INFO, format, args, 0);
	va_end(args);
	errno = err;
}

void
log_debug(const char *format, ...)
{
	int err = errno;
	va_list args;

	va_start(args, format);
	write_line(LOG_LEVEL_DEBUG, format, args, 0);
	va_end(args);
	errno = err;
}

void
fatal(const char *format, ...)
{
	int err = errno;
	va_list args;

	va_start(args, format);
	write_line(LOG_LEVEL_FATAL, format, args, err);
	va_end(args);
	exit(EXIT_FAILURE);
}

void
fatalx(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(LOG_LEVEL_FATAL, format, args, 0);
	va_end(args);
	exit(EXIT_FAILURE);
}
