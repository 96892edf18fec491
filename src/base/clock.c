#include "base/clock.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/log.h"

enum { MS_PER_S = 1000, S_PER_DAY = 86400, DAYS_PER_ERA = 146097 };

/* 9999-12-31T23:59:59.999Z */
static const int64_t WALL_MS_MAX = INT64_C(253402300799999);

static void
read_clock(clockid_t id, struct timespec *ts)
{
	if (clock_gettime(id, ts) != 0)
		fatal("clock: the kernel gives no time");
}

uint64_t
clock_now_ns(void)
{
	struct timespec ts;

	read_clock(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * CLOCK_NS_PER_S + (uint64_t)ts.tv_nsec;
}

int64_t
clock_wall_ms(void)
{
	struct timespec ts;

	read_clock(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * MS_PER_S + ts.tv_nsec / CLOCK_NS_PER_MS;
}

/*
 * Days since 1970-01-01 and back, in the Gregorian calendar, for years from
 * 1970: years begin in March, so that the leap day comes last, and eras are
 * 400 years, after which the calendar repeats.
 */
static int64_t
days_from_date(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = y / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year =
	    (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 -
	    year_of_era / 100 + day_of_year;

	/* 719468 days lie between 0000-03-01 and 1970-01-01. */
	return era * DAYS_PER_ERA + day_of_era - 719468;
}

static void
date_from_days(int64_t days, int *year, int *month, int *day)
{
	int64_t era, day_of_era, year_of_era, day_of_year, leap_days, m;

	days += 719468;
	era = days / DAYS_PER_ERA;
	day_of_era = days - era * DAYS_PER_ERA;
	leap_days = day_of_era / 1460 - day_of_era / 36524;
	leap_days += day_of_era / 146096;
	year_of_era = (day_of_era - leap_days) / 365;
	day_of_year = day_of_era -
	    (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	m = (5 * day_of_year + 2) / 153;
	*day = (int)(day_of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(year_of_era + era * 400 + (*month <= 2 ? 1 : 0));
}

/* Writes value as `digits` decimal digits and returns what follows. */
static char *
put_digits(char *text, int64_t value, int digits)
{
	for (int i = digits - 1; i >= 0; i--) {
		text[i] = (char)('0' + value % 10);
		value /= 10;
	}
	return text + digits;
}

void
clock_format(char text[CLOCK_TEXT_BYTES], int64_t wall_ms)
{
	char *at = text;
	int64_t second;
	int year, month, day;

	if (wall_ms < 0)
		wall_ms = 0;
	if (wall_ms > WALL_MS_MAX)
		wall_ms = WALL_MS_MAX;
	second = wall_ms / MS_PER_S;
	date_from_days(second / S_PER_DAY, &year, &month, &day);
	second %= S_PER_DAY;

	at = put_digits(at, year, 4);
	*at++ = '-';
	at = put_digits(at, month, 2);
	*at++ = '-';
	at = put_digits(at, day, 2);
	*at++ = 'T';
	at = put_digits(at, second / 3600, 2);
	*at++ = ':';
	at = put_digits(at, second / 60 % 60, 2);
	*at++ = ':';
	at = put_digits(at, second % 60, 2);
	*at++ = '.';
	at = put_digits(at, wall_ms % MS_PER_S, 3);
	*at++ = 'Z';
	*at++ = '\0';
	assert(at - text == CLOCK_TEXT_BYTES);
}

/* Reads exactly `digits` digits and moves on: the value, or -1. */
static int
get_digits(const char **text, int digits)
{
	int value = 0;

	for (int i = 0; i < digits; i++) {
		char c = **text;

		if (c < '0' || c > '9')
			return -1;
		value = value * 10 + (c - '0');
		(*text)++;
	}
	return value;
}

static bool
get_char(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

/* What follows the dot: milliseconds, later digits dropped; or -1. */
static int
get_fraction(const char **text)
{
	int ms = 0, weight = 100;
	int digit = get_digits(text, 1);

	if (digit < 0)
		return -1;
	for (; digit >= 0; digit = get_digits(text, 1)) {
		ms += digit * weight;
		weight /= 10;
	}
	return ms;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && is_leap ? 29 : days[month - 1];
}

int
clock_parse(int64_t *wall_ms, const char *text)
{
	int year, month, day, hour, minute, second = 0, ms = 0;
	int64_t seconds;

	if ((year = get_digits(&text, 4)) < 1970 || !get_char(&text, '-'))
		return ERR_FORMAT;
	month = get_digits(&text, 2);
	if (month < 1 || month > 12 || !get_char(&text, '-'))
		return ERR_FORMAT;
	day = get_digits(&text, 2);
	if (day < 1 || day > days_in_month(year, month) ||
	    !get_char(&text, 'T'))
		return ERR_FORMAT;
	hour = get_digits(&text, 2);
	if (hour < 0 || hour > 23 || !get_char(&text, ':'))
		return ERR_FORMAT;
	minute = get_digits(&text, 2);
	if (minute < 0 || minute > 59)
		return ERR_FORMAT;
	if (get_char(&text, ':')) {
		second = get_digits(&text, 2);
		if (second < 0 || second > 59)
			return ERR_FORMAT;
		if (get_char(&text, '.') && (ms = get_fraction(&text)) < 0)
			return ERR_FORMAT;
	}
	if (!get_char(&text, 'Z') || *text != '\0')
		return ERR_FORMAT;

	seconds = days_from_date(year, month, day) * S_PER_DAY;
	seconds += hour * 3600 + minute * 60 + second;
	*wall_ms = seconds * MS_PER_S + ms;
	return OK;
}
