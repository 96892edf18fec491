/* Owns asking the kernel the time: nobody else does. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

enum clock_units {
	CLOCK_NS_PER_US = 1000,
	CLOCK_NS_PER_MS = 1000000,
	CLOCK_NS_PER_S = 1000000000,
};

/* CLOCK_BOOTTIME in nanoseconds: every interval of the line. */
uint64_t clock_now_ns(void);
/* Wall clock, milliseconds since 1970 UTC: for people only. */
int64_t clock_wall_ms(void);

/* Bytes that clock_format writes, NUL included. */
enum { CLOCK_TEXT_BYTES = 25 };
/* RFC 3339 in UTC with milliseconds, "2026-11-22T09:30:00.123Z", from the year
 * 1970 to 9999; times outside are shown as the nearest bound. */
void clock_format(char text[CLOCK_TEXT_BYTES], int64_t wall_ms);
/* Reads RFC 3339 in UTC ("Z"), seconds and fraction optional: 0 or ERR_FORMAT. */
int clock_parse(int64_t *wall_ms, const char *text);

#endif
