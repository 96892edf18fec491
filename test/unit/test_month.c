#include "keeper/month.h"

#include "forge.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

/* 2026-11-18, where the twins' time begins. */
enum { NOVEMBER = 2026 * 12 + 10 };

static void
drill(struct twin_side *side)
{
	struct request request = twin_request(side, REQUEST_DRILL);

	assert_int_equal(twin_ask(side, &request)->reply.kind, REPLY_SENT);
	twin_run(side->twin);
}

static size_t
months(struct twin_side *side)
{
	struct request request = twin_request(side, REQUEST_DRILL_MONTHS);

	request.page.limit = 100;
	twin_ask(side, &request);
	assert_true(side->reply_count > 0);
	return side->reply_count - 1;
}

/* The line is up, and wire says so. */
static void
report_up(struct twin *twin)
{
	const struct line_report report = { .state = LINE_UP };

	forge_report(&twin->side[0], report);
	forge_report(&twin->side[1], report);
	twin_run(twin);
}

static void
next_month(struct twin *twin)
{
	twin->now.wall_ms += 20 * DAY_MS;
	twin->now.now_ns += (uint64_t)(20 * DAY_MS) * CLOCK_NS_PER_MS;
	report_up(twin);
}

static void
month_begins_with_its_first_day(void **state)
{
	static const struct {
		const char *time;
		uint32_t month;
	} cases[] = {
		{ "1970-01-01T00:00:00Z", MONTH_MIN },
		{ "2026-10-31T23:59:59.999Z", NOVEMBER - 1 },
		{ "2026-11-01T00:00:00.000Z", NOVEMBER },
		{ "2026-12-31T23:59:59.999Z", NOVEMBER + 1 },
		{ "2027-01-01T00:00:00Z", NOVEMBER + 2 },
		{ "2028-02-29T12:00:00Z", 2028 * 12 + 1 },
	};
	int64_t wall_ms;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(clock_parse(&wall_ms, cases[i].time), OK);
		assert_int_equal(month_of(wall_ms), cases[i].month);
	}
	assert_int_equal(month_of(-1), MONTH_MIN);
	assert_int_equal(month_of(INT64_MAX), MONTH_MAX);
}

static void
month_is_counted_while_it_lasts_and_told_when_it_has_ended(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const struct month_view *view = &a->replies[0].reply.view.month;

	drill(a);
	drill(a);
	report_up(twin);
	assert_int_equal(months(a), 1);
	assert_int_equal(view->sent, 2);
	assert_int_equal(view->answered, 2);
	assert_false(view->told);
	assert_int_equal(months(b), 0);
	next_month(twin);
	assert_int_equal(months(a), 1);
	assert_true(view->told);
	assert_int_equal(months(b), 1);
	assert_int_equal(b->replies[0].reply.view.month.side, SIDE_THEM);
	assert_int_equal(b->replies[0].reply.view.month.sent, 2);
	assert_int_equal(forge_count(b, "drill", "month"), 1);
	/* Once is enough, whatever restarts. */
	report_up(twin);
	twin_restart(a);
	twin_reboot(twin);
	report_up(twin);
	assert_int_equal(forge_count(b, "drill", "month"), 1);
}

static void
month_waits_for_the_line_and_for_drills_that_are_open(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	a->mute = true;
	drill(a);
	/* The drill is not missed yet, by the clock that measures it. */
	twin->now.wall_ms += 20 * DAY_MS;
	forge_report(a, (struct line_report){ .state = LINE_SILENT });
	assert_int_equal(forge_line(a)->month_said, 0);
	a->mute = false;
	report_up(twin);
	assert_int_equal(forge_count(b, "drill", "month"), 0);
	forge_wait(twin, (uint64_t)DRILL_WITHIN_S * 1000);
	assert_int_equal(forge_count(a, "drill", "missed"), 1);
	/* It is answered after all, and was missed all the same. */
	twin_reboot(twin);
	report_up(twin);
	assert_int_equal(forge_count(b, "drill", "month"), 1);
	assert_int_equal(months(b), 1);
	assert_int_equal(b->replies[0].reply.view.month.missed, 1);
}

static void
month_without_drills_is_not_told(void **state)
{
	struct twin *twin = *state;

	report_up(twin);
	next_month(twin);
	next_month(twin);
	assert_int_equal(months(&twin->side[0]), 0);
	assert_int_equal(forge_count(&twin->side[1], "drill", "month"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(month_begins_with_its_first_day),
		FORGE_CLAIM(
		    month_is_counted_while_it_lasts_and_told_when_it_has_ended),
		FORGE_CLAIM(
		    month_waits_for_the_line_and_for_drills_that_are_open),
		FORGE_CLAIM(month_without_drills_is_not_told),
	};

	return cmocka_run_group_tests_name("month", tests, NULL, NULL);
}
