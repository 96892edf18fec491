#include "keeper/schedule.h"

#include "forge.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)
#define YEAR_MS (365 * DAY_MS)

/* Wall time goes by, and keepers do what is due. */
static void
wait_ms(struct twin *twin, int64_t ms)
{
	forge_wait(twin, (uint64_t)ms);
}

/* The clock of one machine is set; the next report, a second later at most, lets
 * keeper know. */
static void
jump(struct twin *twin, int64_t ms)
{
	twin->now.wall_ms += ms;
	forge_report(&twin->side[0], (struct line_report){ .state = LINE_UP });
	wait_ms(twin, 1000);
}

static struct twin_reply *
set(struct twin_side *side, uint64_t every_s, const char *at, uint64_t within_s)
{
	struct request request = twin_request(side, REQUEST_DRILL_SET);

	request.ask.plan.every_s = every_s;
	request.ask.plan.at = twin_text(at);
	request.ask.plan.within_s = within_s;
	return twin_ask(side, &request);
}

static size_t
drills(const struct twin_side *side)
{
	return forge_count(side, "drill", "received");
}

static void
schedule_moments_are_counted_from_a_time_of_day(void **state)
{
	static const struct {
		int64_t every_ms;
		int64_t at_ms;
		int64_t wall_ms;
		int64_t moment_ms;
	} cases[] = {
		{ 12 * HOUR_MS, 6 * HOUR_MS, 6 * HOUR_MS, 6 * HOUR_MS },
		{ 12 * HOUR_MS, 6 * HOUR_MS, 18 * HOUR_MS - 1, 6 * HOUR_MS },
		{ 12 * HOUR_MS, 6 * HOUR_MS, 18 * HOUR_MS, 18 * HOUR_MS },
		{ 12 * HOUR_MS, 6 * HOUR_MS, 6 * HOUR_MS - 1, -6 * HOUR_MS },
		{ DAY_MS, 0, 5 * DAY_MS + 1, 5 * DAY_MS },
		{ 10000, 0, 1795000009999, 1795000000000 },
		/* Before 1970 a clock shows times, too. */
		{ DAY_MS, HOUR_MS, -3 * DAY_MS, -4 * DAY_MS + HOUR_MS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct drill_plan plan = { .every_ms = cases[i].every_ms,
			.at_ms = cases[i].at_ms };

		assert_true(schedule_moment(&plan, cases[i].wall_ms) ==
		    cases[i].moment_ms);
	}
}

static void
schedule_drills_at_its_moments(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const struct plan_view *view;

	view = &set(a, 12 * 3600, "06:00", 600)->reply.view.plan;
	assert_int_equal(view->every_s, 12 * 3600);
	assert_int_equal(view->within_s, 600);
	assert_true(view->next_ms > twin->now.wall_ms &&
	    view->next_ms <= twin->now.wall_ms + 12 * HOUR_MS);
	assert_int_equal(view->next_ms % DAY_MS % (12 * HOUR_MS), 6 * HOUR_MS);
	wait_ms(twin, view->next_ms - twin->now.wall_ms - 1);
	assert_int_equal(drills(b), 0);
	wait_ms(twin, 1000);
	assert_int_equal(drills(b), 1);
	wait_ms(twin, 2 * DAY_MS);
	assert_int_equal(drills(b), 5);
	assert_int_equal(forge_count(a, "drill", "answered"), 5);
	assert_int_equal(forge_count(a, "drill", "missed"), 0);
}

static void
schedule_outlives_a_restart_and_passes_over_what_it_slept_through(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	set(a, 3600, "", 60);
	twin_restart(a);
	twin_reboot(twin);
	wait_ms(twin, HOUR_MS);
	assert_int_equal(drills(b), 1);
	keeper_close(a->keeper);
	a->keeper = NULL;
	twin->now.wall_ms += 5 * HOUR_MS + HOUR_MS / 2;
	twin->now.now_ns +=
	    (uint64_t)(5 * HOUR_MS + HOUR_MS / 2) * CLOCK_NS_PER_MS;
	twin_open(a);
	twin_reboot(twin);
	assert_int_equal(drills(b), 1);
	assert_int_equal(forge_count(a, "drill", "passed-over"), 1);
	wait_ms(twin, HOUR_MS);
	assert_int_equal(drills(b), 2);
}

static void
schedule_does_not_make_up_for_a_clock_that_jumps_ahead(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	set(a, 3600, "", 60);
	jump(twin, YEAR_MS);
	assert_true(drills(b) <= 1);
	wait_ms(twin, 3 * HOUR_MS);
	assert_true(drills(b) >= 3 && drills(b) <= 4);
}

static void
schedule_goes_on_when_a_clock_jumps_back(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	set(a, 3600, "", 60);
	wait_ms(twin, 2 * HOUR_MS);
	assert_int_equal(drills(b), 2);
	jump(twin, -YEAR_MS);
	wait_ms(twin, 3 * HOUR_MS);
	assert_true(drills(b) >= 4 && drills(b) <= 5);
}

static void
schedule_sends_no_flood_whatever_the_clock_does(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	const struct plan_view *view = &set(a, 3600, "", 60)->reply.view.plan;

	wait_ms(twin, view->next_ms - twin->now.wall_ms + 5000);
	assert_int_equal(drills(b), 1);
	/* Each jump ahead is to just behind a moment. */
	for (int i = 0; i < 40; i++)
		jump(twin, i % 2 == 0 ? HOUR_MS : -HOUR_MS);
	assert_int_equal(drills(b), 1);
}

static void
schedule_ends_when_it_is_taken_back(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	set(a, 3600, "", 60);
	assert_int_equal(set(a, 0, "", 0)->reply.view.plan.every_s, 0);
	wait_ms(twin, DAY_MS);
	assert_int_equal(drills(b), 0);
	assert_true(schedule_next_ns(a->keeper) == UINT64_MAX);
}

static void
schedule_has_a_time_to_answer_where_none_is_given(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	assert_int_equal(set(a, DAY_SECONDS, "", 0)->reply.view.plan.within_s,
	    DRILL_WITHIN_S);
	assert_int_equal(set(a, 60, "", 0)->reply.view.plan.within_s, 30);
}

static void
schedule_refuses_what_is_none(void **state)
{
	static const struct {
		uint64_t every_s;
		const char *at;
		uint64_t within_s;
	} cases[] = {
		{ DRILL_EVERY_S_MIN - 1, "", 1 },
		{ (uint64_t)DRILL_EVERY_S_MAX + 1, "", 1 },
		{ UINT64_MAX, "", 1 },
		{ 60, "", 61 },
		{ 60, "", UINT64_MAX },
		{ 60, "6:00", 1 },
		{ 60, "24:00", 1 },
		{ 60, "06:60", 1 },
		{ 60, "06.00", 1 },
		{ 60, "06:0x", 1 },
		{ 60, "06:000", 1 },
	};
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_DRILL_SET);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(set(a, cases[i].every_s, cases[i].at,
				     cases[i].within_s)
				     ->reply.err,
		    ERR_FORMAT);
	request.ask.plan.every_s = 60;
	request.line = twin_text("nobody");
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_NOT_FOUND);
	assert_true(schedule_next_ns(a->keeper) == UINT64_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    schedule_moments_are_counted_from_a_time_of_day),
		FORGE_CLAIM(schedule_drills_at_its_moments),
		FORGE_CLAIM(
		    schedule_outlives_a_restart_and_passes_over_what_it_slept_through),
		FORGE_CLAIM(
		    schedule_does_not_make_up_for_a_clock_that_jumps_ahead),
		FORGE_CLAIM(schedule_goes_on_when_a_clock_jumps_back),
		FORGE_CLAIM(schedule_sends_no_flood_whatever_the_clock_does),
		FORGE_CLAIM(schedule_ends_when_it_is_taken_back),
		FORGE_CLAIM(schedule_has_a_time_to_answer_where_none_is_given),
		FORGE_CLAIM(schedule_refuses_what_is_none),
	};

	return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
