#include "keeper/calendar.h"

#include "forge.h"

#define DAY_MS ((int64_t)DAY_SECONDS * 1000)

static struct line_report
in(enum line_state state)
{
	return (struct line_report){ .state = state,
		.why = state == LINE_SILENT ? WHY_PATH_OR_POST : WHY_NONE,
		.sessions = 1 };
}

static struct line_report
back(bool was_post)
{
	struct line_report report = in(LINE_UP);

	report.judged = true;
	report.was_post = was_post;
	return report;
}

/* So many seconds of one state, a report each. */
static void
pass(struct twin_side *side, struct line_report report, unsigned seconds)
{
	forge_report(side, report);
	for (unsigned i = 0; i < seconds; i++) {
		forge_wait(side->twin, 1000);
		forge_report(side, report);
	}
}

static uint32_t
today(const struct twin *twin)
{
	return (uint32_t)(twin->now.wall_ms / DAY_MS);
}

static struct twin_reply *
ask(struct twin_side *side, uint32_t days)
{
	struct request request = twin_request(side, REQUEST_HISTORY);

	request.days = days;
	return twin_ask(side, &request);
}

/* A date as a side has it; zeros where it has not. */
static struct day_view
day_of(struct twin_side *side, uint32_t date)
{
	ask(side, 40);
	for (size_t i = 0; i + 1 < side->reply_count; i++) {
		assert_int_equal(side->replies[i].reply.kind, REPLY_DAY);
		if (side->replies[i].reply.day.date == date)
			return side->replies[i].reply.day;
	}
	return (struct day_view){ .date = date };
}

static uint32_t
booked(struct twin_side *side, uint32_t date, enum day_part part)
{
	return day_of(side, date).ours.seconds[part];
}

static uint64_t
sum_of(const struct day *day)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < DAY_PART_COUNT; i++)
		sum += day->seconds[i];
	return sum;
}

/* Rows of one side, and none with more than a day. */
static size_t
count_rows(struct twin_side *side, enum side of)
{
	struct query q = store_query(&side->keeper->store, STMT_DAY_LIST);
	size_t count = 0;

	query_bind_int(&q, side->line);
	query_bind_int(&q, -1);
	while (query_next(&q)) {
		int64_t sum = 0, ms;

		count += query_int(&q) == (int64_t)of;
		(void)query_int(&q); /* date */
		for (size_t i = 0; i <= DAY_PART_COUNT; i++) {
			ms = query_int(&q);
			assert_true(ms >= 0);
			sum += ms;
		}
		assert_true(sum <= DAY_MS);
	}
	assert_int_equal(query_end(&q), OK);
	return count;
}

static int64_t
booked_until(struct twin_side *side)
{
	struct query q = store_query(&side->keeper->store, STMT_CALENDAR_GET);
	int64_t until_ms;

	query_bind_int(&q, side->line);
	if (query_one(&q, &until_ms) != OK)
		return 0;
	return until_ms;
}

static void
calendar_books_each_state_as_it_was(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const uint32_t date = today(twin);
	struct line_report goodbye = in(LINE_SILENT);
	struct day_view day;

	goodbye.why = WHY_GOODBYE;
	pass(a, in(LINE_BOOTING), 3);
	pass(a, in(LINE_UP), 200);
	pass(a, in(LINE_ONE_WAY), 7);
	pass(a, goodbye, 50);
	pass(a, in(LINE_UP), 100);
	day = day_of(a, date);
	assert_true(day.has_ours);
	assert_false(day.has_theirs);
	assert_int_equal(day.ours.seconds[DAY_STARTING], 3);
	assert_int_equal(day.ours.seconds[DAY_UP], 300);
	assert_int_equal(day.ours.seconds[DAY_ONE_WAY], 7);
	assert_int_equal(day.ours.seconds[DAY_GOODBYE], 50);
	assert_int_equal(sum_of(&day.ours), 360);
}

static void
calendar_books_a_silence_when_it_is_known_what_it_was(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const uint32_t date = today(twin);

	for (int was_post = 0; was_post < 2; was_post++) {
		pass(a, in(LINE_SILENT), 60);
		assert_int_equal(booked(a, date, DAY_UNTOLD), 60);
		/* Heard again, and they have not said yet. */
		pass(a, in(LINE_UP), 2);
		assert_int_equal(booked(a, date, DAY_UNTOLD), 60);
		pass(a, back(was_post != 0), 1);
		assert_int_equal(booked(a, date, DAY_UNTOLD), 0);
		assert_int_equal(booked(a, date, DAY_PATH), 60);
		assert_int_equal(booked(a, date, DAY_POST), was_post ? 60 : 0);
	}
}

static void
calendar_lets_a_silence_begin_with_the_last_frame(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const uint32_t date = today(twin);
	struct line_report silent = in(LINE_SILENT);

	pass(a, in(LINE_UP), 30);
	silent.heard_ms_ago = 5000;
	pass(a, silent, 10);
	assert_int_equal(booked(a, date, DAY_UP), 25);
	assert_int_equal(booked(a, date, DAY_UNTOLD), 15);
	/* What is booked already stays so. */
	pass(a, back(false), 3);
	silent.heard_ms_ago = UINT64_MAX;
	pass(a, silent, 10);
	assert_int_equal(booked(a, date, DAY_UP), 25);
	assert_int_equal(booked(a, date, DAY_PATH), 15);
	assert_int_equal(booked(a, date, DAY_UNTOLD), 13);
}

static void
calendar_judges_a_silence_of_days(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const uint32_t date = today(twin);

	pass(a, in(LINE_SILENT), 1);
	for (int i = 0; i < 2 * DAY_SECONDS / 50; i++) {
		forge_wait(twin, 50 * 1000);
		forge_report(a, in(LINE_SILENT));
	}
	assert_int_equal(booked(a, date + 1, DAY_UNTOLD), DAY_SECONDS);
	pass(a, back(true), 1);
	assert_int_equal(booked(a, date + 1, DAY_POST), DAY_SECONDS);
	assert_int_equal(booked(a, date + 1, DAY_UNTOLD), 0);
	assert_true(booked(a, date, DAY_POST) > 0);
}

static void
calendar_is_held_at_both_ends_when_a_day_has_ended(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const uint32_t date = today(twin);
	struct day_view day;

	/* Half a minute to midnight. */
	twin->now.wall_ms = ((int64_t)date + 1) * DAY_MS - 30 * 1000;
	pass(a, in(LINE_UP), 20);
	pass(a, in(LINE_ONE_WAY), 20);
	twin_run(twin);
	assert_false(day_of(b, date).has_theirs);
	/* Told at the first chance: where the line is up. */
	pass(a, in(LINE_UP), 5);
	twin_run(twin);
	assert_int_equal(booked(a, date, DAY_ONE_WAY), 10);
	assert_int_equal(booked(a, date + 1, DAY_ONE_WAY), 10);
	day = day_of(b, date);
	assert_true(day.has_theirs);
	assert_int_equal(day.theirs.seconds[DAY_UP], 20);
	assert_int_equal(day.theirs.seconds[DAY_ONE_WAY], 10);
	assert_false(day_of(b, date + 1).has_theirs);
	/* Once. */
	assert_int_equal(forge_line(a)->journal.end, 1);
	pass(a, in(LINE_UP), 300);
	assert_int_equal(forge_line(a)->journal.end, 1);
}

static void
calendar_tells_a_day_again_that_got_to_be_known_better(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const uint32_t date = today(twin);

	twin->now.wall_ms = ((int64_t)date + 1) * DAY_MS - 30 * 1000;
	pass(a, in(LINE_SILENT), 60);
	/* Up, and nothing told: the silence before midnight is not known. */
	pass(a, in(LINE_UP), 2);
	twin_run(twin);
	assert_false(day_of(b, date).has_theirs);
	pass(a, back(false), 2);
	twin_run(twin);
	assert_int_equal(day_of(b, date).theirs.seconds[DAY_PATH], 30);
	/* The clock is set back: that day has not ended after all. */
	twin->now.wall_ms -= 120 * 1000;
	pass(a, back(false), 20);
	twin->now.wall_ms += 200 * 1000;
	pass(a, back(false), 5);
	twin_run(twin);
	assert_int_equal(day_of(b, date).theirs.seconds[DAY_PATH], 30);
	assert_in_range(day_of(b, date).theirs.seconds[DAY_UP], 19, 21);
}

static void
calendar_is_not_moved_by_a_wall_clock_that_jumps(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const int64_t start_ms = twin->now.wall_ms;
	const uint32_t date = today(twin);

	pass(a, in(LINE_UP), 30);
	twin->now.wall_ms += 3650 * DAY_MS;
	pass(a, in(LINE_UP), 30);
	twin->now.wall_ms = 1000; /* 1970 */
	pass(a, in(LINE_UP), 30);
	twin->now.wall_ms = start_ms + 90 * 1000;
	pass(a, in(LINE_UP), 30);
	assert_in_range(booked(a, date, DAY_UP), 58, 60);
	assert_int_equal(booked(a, date, DAY_DOWN), 0);
	assert_int_equal(count_rows(a, SIDE_US), 3);
}

static void
calendar_gives_a_day_no_more_than_it_has(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const int64_t start_ms = twin->now.wall_ms;
	const uint32_t date = today(twin);

	/* The same hour over and over: two days of it. */
	for (int i = 0; i < 2 * 24; i++) {
		twin->now.wall_ms = start_ms;
		for (int j = 0; j < 72; j++) {
			forge_wait(twin, 50 * 1000);
			forge_report(a, in(LINE_UP));
		}
	}
	assert_in_range(booked(a, date, DAY_UP), DAY_SECONDS - 1, DAY_SECONDS);
	count_rows(a, SIDE_US);
}

static void
calendar_finds_out_since_when_the_post_was_down(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const uint32_t date = today(twin);
	struct request down = { .kind = REQUEST_DOWN };
	uint32_t up;

	pass(a, in(LINE_UP), 100);
	twin_ask(a, &down);
	twin->now.wall_ms += 2 * 3600 * 1000;
	twin->now.now_ns = CLOCK_NS_PER_S; /* the machine starts */
	twin_restart(a);
	pass(a, in(LINE_BOOTING), 5);
	assert_int_equal(booked(a, date, DAY_DOWN), 7200);
	assert_int_equal(booked(a, date, DAY_STARTING), 5);
	up = booked(a, date, DAY_UP);
	assert_int_equal(up, 100);
	/* Killed: what was not booked counts as down, a few minutes at most. */
	pass(a, in(LINE_UP), 600);
	twin->now.wall_ms += 1000 * 1000;
	twin_restart(a);
	pass(a, in(LINE_UP), 1);
	assert_in_range(booked(a, date, DAY_DOWN), 7200 + 1000,
	    7200 + 1000 + CALENDAR_BOOK_S);
}

static void
calendar_of_a_clock_that_was_wrong_at_the_start_stays_bounded(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	pass(a, in(LINE_UP), 10);
	twin->now.wall_ms += 20000 * DAY_MS;
	twin_restart(a);
	pass(a, in(LINE_UP), 10);
	assert_in_range(count_rows(a, SIDE_US), 2, CALENDAR_DAYS_MAX);
	twin->now.wall_ms = 5000;
	twin_restart(a);
	pass(a, in(LINE_UP), 10);
	assert_in_range(count_rows(a, SIDE_US), 2, CALENDAR_DAYS_MAX);
	/* They are told in bounded portions. */
	twin_run(twin);
	assert_in_range(count_rows(&twin->side[1], SIDE_THEM), 0,
	    CALENDAR_DAYS_MAX);
}

static void
calendar_takes_a_machine_that_slept_for_down(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const uint32_t date = today(twin);

	pass(a, in(LINE_UP), 100);
	/* Nothing ran, and both clocks went on. */
	twin->now.now_ns += (uint64_t)3600 * CLOCK_NS_PER_S;
	twin->now.wall_ms += 3600 * 1000;
	pass(a, in(LINE_UP), 100);
	assert_int_equal(booked(a, date, DAY_UP), 200);
	assert_int_equal(booked(a, date, DAY_DOWN), 3600);
}

static void
calendar_is_down_while_wire_is(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const uint32_t date = today(twin);

	pass(a, in(LINE_SILENT), 20);
	keeper_on_wire_lost(a->keeper);
	forge_wait(twin, 10 * 1000);
	keeper_on_wire_attached(a->keeper, twin->now);
	/* The new wire never heard of that silence. */
	pass(a, back(true), 5);
	assert_int_equal(booked(a, date, DAY_DOWN), 10);
	assert_int_equal(booked(a, date, DAY_UNTOLD), 20);
	assert_int_equal(booked(a, date, DAY_POST), 0);
}

static void
calendar_judges_a_silence_that_outlasts_a_keeper(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const uint32_t date = today(twin);
	struct line_report fresh = in(LINE_BOOTING);

	pass(a, in(LINE_SILENT), 200);
	twin_restart(a); /* wire stays, and knows */
	pass(a, in(LINE_SILENT), 200);
	pass(a, back(true), 1);
	assert_in_range(booked(a, date, DAY_POST), 400 - CALENDAR_BOOK_S, 400);
	assert_int_equal(booked(a, date, DAY_UNTOLD), 0);
	/* And one that outlasts wire as well. */
	pass(a, in(LINE_SILENT), 200);
	twin_restart(a);
	fresh.sessions = 0;
	pass(a, fresh, 2);
	pass(a, back(true), 1);
	assert_in_range(booked(a, date, DAY_UNTOLD), 200 - CALENDAR_BOOK_S,
	    200);
}

static void
calendar_writes_every_few_minutes(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	int64_t until_ms, before_ms;
	unsigned writes = 0;

	pass(a, in(LINE_UP), 1);
	before_ms = booked_until(a);
	for (int i = 0; i < 1200; i++) {
		pass(a, in(LINE_UP), 1);
		until_ms = booked_until(a);
		writes += until_ms != before_ms;
		before_ms = until_ms;
	}
	assert_in_range(writes, 9, 1200 / CALENDAR_BOOK_S + 1);
}

static void
calendar_keeps_so_many_days_of_theirs(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record record;

	for (uint32_t i = 0; i < CALENDAR_DAYS_MAX + 20; i++) {
		record = forge_record(RECORD_DAY, 0);
		memcpy(record.id, &i, sizeof(i));
		record.day.date = today(twin) - CALENDAR_DAYS_MAX + i;
		record.day.seconds[DAY_UP] = 1 + i;
		forge_arrive(a, &record, i + 1);
	}
	assert_int_equal(count_rows(a, SIDE_THEM), CALENDAR_DAYS_MAX);
	/* A later one of the same date stands for the earlier. */
	record = forge_record(RECORD_DAY, 0xff);
	record.day.date = today(twin);
	record.day.seconds[DAY_PATH] = 5;
	forge_arrive(a, &record, CALENDAR_DAYS_MAX + 21);
	assert_int_equal(count_rows(a, SIDE_THEM), CALENDAR_DAYS_MAX);
	assert_int_equal(day_of(a, today(twin)).theirs.seconds[DAY_UP], 0);
	assert_int_equal(day_of(a, today(twin)).theirs.seconds[DAY_PATH], 5);
}

static void
calendar_lists_the_last_days_in_order(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_HISTORY);
	const uint32_t date = today(twin);

	assert_int_equal(ask(a, 1)->reply.kind, REPLY_DONE);
	for (int i = 0; i < 3; i++) {
		pass(a, in(LINE_UP), 10);
		twin->now.wall_ms += DAY_MS;
	}
	twin->now.wall_ms -= DAY_MS;
	forge_report(a, in(LINE_UP));
	ask(a, 2);
	assert_int_equal(a->reply_count, 3);
	assert_int_equal(a->replies[0].reply.day.date, date + 1);
	assert_int_equal(a->replies[1].reply.day.date, date + 2);
	assert_false(a->replies[2].reply.more);
	request.line = twin_text("oslo");
	request.days = 1;
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_NOT_FOUND);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, forge_setup, forge_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(calendar_books_each_state_as_it_was),
		TEST(calendar_books_a_silence_when_it_is_known_what_it_was),
		TEST(calendar_lets_a_silence_begin_with_the_last_frame),
		TEST(calendar_judges_a_silence_of_days),
		TEST(calendar_is_held_at_both_ends_when_a_day_has_ended),
		TEST(calendar_tells_a_day_again_that_got_to_be_known_better),
		TEST(calendar_is_not_moved_by_a_wall_clock_that_jumps),
		TEST(calendar_gives_a_day_no_more_than_it_has),
		TEST(calendar_finds_out_since_when_the_post_was_down),
		TEST(
		    calendar_of_a_clock_that_was_wrong_at_the_start_stays_bounded),
		TEST(calendar_takes_a_machine_that_slept_for_down),
		TEST(calendar_is_down_while_wire_is),
		TEST(calendar_judges_a_silence_that_outlasts_a_keeper),
		TEST(calendar_writes_every_few_minutes),
		TEST(calendar_keeps_so_many_days_of_theirs),
		TEST(calendar_lists_the_last_days_in_order),
	};

	return cmocka_run_group_tests_name("calendar", tests, NULL, NULL);
}
