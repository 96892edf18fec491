#include "base/clock.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#include "base/err.h"

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
expect_text(int64_t wall_ms, const char *want)
{
	char text[CLOCK_TEXT_BYTES];

	clock_format(text, wall_ms);
	assert_string_equal(text, want);
}

static void
clock_never_goes_back(void **state)
{
	uint64_t last = clock_now_ns();

	(void)state;
	assert_true(last > 0);
	for (int i = 0; i < 1000; i++) {
		uint64_t now = clock_now_ns();

		assert_true(now >= last);
		last = now;
	}
}

static void
clock_wall_is_the_wall_clock(void **state)
{
	int64_t before = (int64_t)time(NULL);
	int64_t now = clock_wall_ms() / 1000;

	(void)state;
	assert_true(now >= before && now <= before + 10);
}

static void
clock_formats_days_that_are_easy_to_miss(void **state)
{
	(void)state;
	expect_text(0, "1970-01-01T00:00:00.000Z");
	expect_text(1, "1970-01-01T00:00:00.001Z");
	expect_text(951782400000, "2000-02-29T00:00:00.000Z");
	expect_text(951868799999, "2000-02-29T23:59:59.999Z");
	expect_text(951868800000, "2000-03-01T00:00:00.000Z");
	expect_text(1709164800000, "2024-02-29T00:00:00.000Z");
	expect_text(4107542400000, "2100-03-01T00:00:00.000Z");
	expect_text(2147483648000, "2038-01-19T03:14:08.000Z");
}

static void
clock_shows_times_outside_as_the_nearest_bound(void **state)
{
	(void)state;
	expect_text(-1, "1970-01-01T00:00:00.000Z");
	expect_text(INT64_MIN, "1970-01-01T00:00:00.000Z");
	expect_text(253402300799999, "9999-12-31T23:59:59.999Z");
	expect_text(253402300800000, "9999-12-31T23:59:59.999Z");
	expect_text(INT64_MAX, "9999-12-31T23:59:59.999Z");
}

static void
clock_agrees_with_the_c_library(void **state)
{
	(void)state;
	/* Each 37th day and some hours, for 8000 years. */
	for (int64_t s = 0; s < 253402300800; s += 37 * 86400 + 12345) {
		char text[CLOCK_TEXT_BYTES], want[64];
		time_t t = (time_t)s;
		struct tm tm;
		int64_t back;

		assert_non_null(gmtime_r(&t, &tm));
		assert_true(strftime(want, sizeof(want),
				"%Y-%m-%dT%H:%M:%S.000Z", &tm) > 0);
		clock_format(text, s * 1000);
		assert_string_equal(text, want);
		assert_int_equal(clock_parse(&back, text), OK);
		assert_true(back == s * 1000);
	}
}

static void
expect_time(const char *text, int64_t want)
{
	int64_t wall_ms = -1;

	assert_int_equal(clock_parse(&wall_ms, text), OK);
	assert_true(wall_ms == want);
}

static void
clock_reads_with_and_without_seconds(void **state)
{
	(void)state;
	expect_time("1970-01-01T00:00Z", 0);
	expect_time("1970-01-01T00:00:01Z", 1000);
	expect_time("1970-01-01T00:00:01.5Z", 1500);
	expect_time("1970-01-01T00:00:01.123Z", 1123);
	expect_time("1970-01-01T00:00:01.123999999999999Z", 1123);
	expect_time("9999-12-31T23:59:59.999Z", 253402300799999);
}

static void
refuse(const char *text)
{
	int64_t wall_ms = 42;

	assert_int_equal(clock_parse(&wall_ms, text), ERR_FORMAT);
	assert_true(wall_ms == 42);
}

static void
clock_refuses_days_that_are_none(void **state)
{
	(void)state;
	refuse("1969-12-31T23:59:59Z");
	refuse("2026-00-01T00:00:00Z");
	refuse("2026-13-01T00:00:00Z");
	refuse("2026-01-00T00:00:00Z");
	refuse("2026-01-32T00:00:00Z");
	refuse("2026-04-31T00:00:00Z");
	refuse("2026-02-29T00:00:00Z");
	refuse("2100-02-29T00:00:00Z");
	refuse("2024-02-30T00:00:00Z");
}

static void
clock_refuses_times_that_are_none(void **state)
{
	(void)state;
	refuse("2026-01-01T24:00:00Z");
	refuse("2026-01-01T00:60:00Z");
	refuse("2026-01-01T00:00:60Z");
	refuse("2026-01-01T-1:00:00Z");
}

static void
clock_refuses_every_other_form(void **state)
{
	static const char whole[] = "2026-11-22T09:30:00.123Z";
	char text[sizeof(whole)];

	(void)state;
	refuse("");
	refuse("now");
	refuse("2026-11-22");
	refuse("2026-11-22 09:30:00Z");
	refuse("2026-11-22T09:30:00");
	refuse("2026-11-22T09:30:00+00:00");
	refuse("2026-11-22T09:30:00z");
	refuse("2026-11-22T09:30:00.Z");
	refuse("2026-11-22T09:30.5Z");
	refuse("2026-11-22T09:30:00ZZ");
	refuse(" 2026-11-22T09:30:00Z");
	refuse("26-11-22T09:30:00Z");
	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		memcpy(text, whole, len);
		text[len] = '\0';
		refuse(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clock_never_goes_back),
		cmocka_unit_test(clock_wall_is_the_wall_clock),
		cmocka_unit_test(clock_formats_days_that_are_easy_to_miss),
		cmocka_unit_test(
		    clock_shows_times_outside_as_the_nearest_bound),
		cmocka_unit_test(clock_agrees_with_the_c_library),
		cmocka_unit_test(clock_reads_with_and_without_seconds),
		cmocka_unit_test(clock_refuses_days_that_are_none),
		cmocka_unit_test(clock_refuses_times_that_are_none),
		cmocka_unit_test(clock_refuses_every_other_form),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
