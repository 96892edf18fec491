#include "keeper/roster.h"

#include "forge.h"
#include "keeper/disclosure.h"

/* 2026-11-18 at this hour. */
static int64_t
at(int hour, int minute)
{
	int64_t wall_ms;

	assert_int_equal(clock_parse(&wall_ms, "2026-11-18T00:00:00Z"), OK);
	return wall_ms + (hour * 60 + minute) * INT64_C(60000);
}

struct place {
	const char *title;
	const char *hours;
	int64_t from_ms;
	int64_t until_ms;
};

static struct twin_reply *
set_as_is(struct twin_side *side, const struct place *places, size_t count)
{
	struct request request = { .kind = REQUEST_ROSTER_SET };

	for (size_t i = 0; i < count; i++)
		request.ask.roster.place[i] = (struct roster_place_view){
			.title = twin_text(places[i].title),
			.hours = twin_text(places[i].hours),
			.from_ms = places[i].from_ms,
			.until_ms = places[i].until_ms,
		};
	request.ask.roster.places = count;
	return twin_ask(side, &request);
}

/* With a delegate of each title that can be one. */
static struct twin_reply *
set(struct twin_side *side, const struct place *places, size_t count)
{
	struct request request = { .kind = REQUEST_DELEGATE_ADD };

	request.ask.delegate.roles = 1u << DELEGATE_WATCH;
	for (size_t i = 0; i < count; i++) {
		request.ask.delegate.title = twin_text(places[i].title);
		twin_ask(side, &request);
	}
	return set_as_is(side, places, count);
}

/* "day,night," in the order in which they are woken. */
static const char *
order(struct twin_side *side, int64_t wall_ms)
{
	static char text[ROSTER_MAX * POST_NAME_BYTES];
	char title[POST_NAME_BYTES];

	text[0] = '\0';
	for (size_t step = 0; roster_next(side->keeper, wall_ms, step, title);
	     step++) {
		strcat(text, title);
		strcat(text, ",");
	}
	return text;
}

static const struct place shifts[] = {
	{ "day", "06:00-22:00", 0, 0 },
	{ "night", "22:00-06:00", 0, 0 },
	{ "head", "", 0, 0 },
};

static void
roster_wakes_those_whose_hours_these_are_and_then_the_others(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	assert_string_equal(order(a, at(12, 0)), "");
	assert_int_equal(set(a, shifts, 3)->reply.kind, REPLY_VIEW);
	assert_string_equal(order(a, at(6, 0)), "day,head,night,");
	assert_string_equal(order(a, at(21, 59)), "day,head,night,");
	assert_string_equal(order(a, at(22, 0)), "night,head,day,");
	assert_string_equal(order(a, at(0, 0)), "night,head,day,");
	assert_string_equal(order(a, at(5, 59)), "night,head,day,");
	assert_string_equal(order(a, -1), "night,head,day,");
	twin_restart(a);
	assert_string_equal(order(a, at(12, 0)), "day,head,night,");
}

static void
roster_keeps_to_the_times_between_which_a_place_stands(void **state)
{
	const struct place places[] = {
		{ "stand-in", "", at(12, 0), at(13, 0) },
		{ "head", "", 0, 0 },
		{ "old", "", 0, at(1, 0) },
	};
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	set(a, places, 3);
	assert_string_equal(order(a, at(12, 0) - 1), "head,stand-in,old,");
	assert_string_equal(order(a, at(12, 0)), "stand-in,head,old,");
	assert_string_equal(order(a, at(13, 0)), "head,stand-in,old,");
	assert_string_equal(order(a, at(0, 59)), "head,old,stand-in,");
}

static void
roster_wakes_nobody_twice_and_who_has_the_watch_first(void **state)
{
	const struct place places[] = {
		{ "day", "06:00-12:00", 0, 0 },
		{ "head", "", 0, 0 },
		{ "day", "18:00-22:00", 0, 0 },
		{ "night", "22:00-06:00", 0, 0 },
	};
	struct request take = { .kind = REQUEST_WATCH_TAKE };
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	set(a, places, 4);
	assert_string_equal(order(a, at(7, 0)), "day,head,night,");
	assert_string_equal(order(a, at(13, 0)), "head,day,night,");
	assert_string_equal(order(a, at(19, 0)), "head,day,night,");
	assert_int_equal(twin_ask(a, &take)->reply.kind, REPLY_VIEW);
	assert_string_equal(order(a, at(7, 0)), "head,day,night,");
	set(a, NULL, 0);
	assert_string_equal(order(a, at(7, 0)), "head,");
}

static void
roster_refuses_a_place_that_is_none(void **state)
{
	static const struct place cases[] = {
		{ "", "", 0, 0 },
		{ "two\nlines", "", 0, 0 },
		{ "day", "6:00-22:00", 0, 0 },
		{ "day", "06:00-24:00", 0, 0 },
		{ "day", "06:60-22:00", 0, 0 },
		{ "day", "06:00+22:00", 0, 0 },
		{ "day", "06:00-06:00", 0, 0 },
		{ "day", "06:00-22:0", 0, 0 },
		{ "day", "", 2, 1 },
		{ "day", "", 2, 2 },
		{ "day", "", -1, 0 },
	};
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	set(a, shifts, 3);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(set(a, &cases[i], 1)->reply.err, ERR_FORMAT);
	assert_string_equal(order(a, at(12, 0)), "day,head,night,");
}

static void
roster_refuses_a_title_that_nobody_has(void **state)
{
	static const struct place other = { "other", "", 0, 0 };
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = { .kind = REQUEST_DELEGATE_REVOKE };

	assert_int_equal(set_as_is(a, shifts, 3)->reply.err, ERR_NOT_FOUND);
	assert_string_equal(order(a, at(12, 0)), "");
	set(a, shifts, 3);
	assert_int_equal(set_as_is(a, &other, 1)->reply.err, ERR_NOT_FOUND);
	/* Nor one that was revoked. */
	request.name = twin_text("day");
	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_VIEW);
	assert_int_equal(set_as_is(a, shifts, 3)->reply.err, ERR_NOT_FOUND);
	assert_int_equal(set_as_is(a, &shifts[1], 1)->reply.kind, REPLY_VIEW);
	assert_string_equal(order(a, at(12, 0)), "night,");
}

static void
disclose(struct twin *twin, uint32_t bits)
{
	const struct line_report report = { .state = LINE_UP };

	for (int i = 0; i < 2; i++) {
		forge_line(&twin->side[i])->disclosure.agreed = bits;
		forge_report(&twin->side[i], report);
	}
	twin_run(twin);
}

static void
roster_is_told_only_where_the_line_discloses_it(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const uint64_t end = forge_line(a)->journal.end;

	set(a, shifts, 3);
	disclose(twin, 0);
	disclose(twin, DISCLOSE_TITLES | DISCLOSE_READ);
	assert_int_equal(forge_line(a)->journal.end, end);
	assert_int_equal(forge_count(b, "watch", "roster"), 0);
	disclose(twin, DISCLOSE_ROSTER);
	assert_int_equal(forge_line(a)->journal.end, end + 1);
	assert_int_equal(forge_count(b, "watch", "roster"), 1);
	/* What did not change is not said again, also by a new process. */
	disclose(twin, DISCLOSE_ROSTER);
	twin_restart(a);
	twin_reboot(twin);
	disclose(twin, DISCLOSE_ROSTER);
	assert_int_equal(forge_line(a)->journal.end, end + 1);
	set(a, shifts, 2);
	twin_run(twin);
	assert_int_equal(forge_count(b, "watch", "roster"), 2);
	/* Taken back where the line says so no more. */
	disclose(twin, 0);
	assert_int_equal(forge_count(b, "watch", "roster"), 3);
	assert_non_null(strstr(forge_last(b)->say, "taken"));
	set(a, shifts, 3);
	twin_run(twin);
	assert_int_equal(forge_count(b, "watch", "roster"), 3);
}

static void
roster_of_the_longest_titles_fits_a_note(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct place places[ROSTER_MAX];
	char titles[ROSTER_MAX][DELEGATE_TITLE_BYTES_MAX + 1];

	for (size_t i = 0; i < ROSTER_MAX; i++) {
		memset(titles[i], 'a' + (int)i % 26, DELEGATE_TITLE_BYTES_MAX);
		titles[i][DELEGATE_TITLE_BYTES_MAX] = '\0';
		places[i] = (struct place){ titles[i], "22:00-06:00", 1, 2 };
	}
	set(a, places, ROSTER_MAX);
	disclose(twin, DISCLOSE_ROSTER);
	assert_int_equal(forge_count(b, "watch", "roster"), 1);
	assert_false(twin_has_event(b, "fault", "fault"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FORGE_CLAIM(
		    roster_wakes_those_whose_hours_these_are_and_then_the_others),
		FORGE_CLAIM(
		    roster_keeps_to_the_times_between_which_a_place_stands),
		FORGE_CLAIM(
		    roster_wakes_nobody_twice_and_who_has_the_watch_first),
		FORGE_CLAIM(roster_refuses_a_place_that_is_none),
		FORGE_CLAIM(roster_refuses_a_title_that_nobody_has),
		FORGE_CLAIM(roster_is_told_only_where_the_line_discloses_it),
		FORGE_CLAIM(roster_of_the_longest_titles_fits_a_note),
	};

	return cmocka_run_group_tests_name("roster", tests, NULL, NULL);
}
