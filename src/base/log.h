/* Owns the log: one line a happening, for whoever keeps the machine. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"

/*
 * Lines read "noun id: what (why)".  State changes at info, nothing per frame
 * above debug.  Never at any level: plaintext, keys, lengths of messages, who
 * speaks to whom.
 */
enum log_level {
	LOG_LEVEL_FATAL,
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/* Where lines go (a file descriptor), who speaks (a static name such as
 * "wire"), and the highest level shown.  Until called: 2, "quietline", info. */
void log_open(int fd, const char *who, enum log_level most);

void log_error(const char *format, ...) PRINTF_LIKE(1, 2);
/* Appends errno in words. */
void log_warn(const char *format, ...) PRINTF_LIKE(1, 2);
/* Does not. */
void log_warnx(const char *format, ...) PRINTF_LIKE(1, 2);
void log_info(const char *format, ...) PRINTF_LIKE(1, 2);
void log_debug(const char *format, ...) PRINTF_LIKE(1, 2);

/* The machine is broken at start, or a process is lost: says so with errno
 * (fatal) or without (fatalx) and exits with 1. */
_Noreturn void fatal(const char *format, ...) PRINTF_LIKE(1, 2);
_Noreturn void fatalx(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
