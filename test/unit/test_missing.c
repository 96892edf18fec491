#include "keeper/missing.h"

#include "forge.h"

enum { SLOT_MS = 100, RTT_MS = 40 };

static void
hear(struct twin_side *side, enum line_state state)
{
	forge_report(side,
	    (struct line_report){ .state = state,
		.why = state == LINE_SILENT ? WHY_PATH_OR_POST : WHY_NONE,
		.rtt_us = RTT_MS * 1000 });
}

static void
raise(struct twin_side *side, uint64_t end)
{
	forge_status(side,
	    (struct status){ .journal_end = end, .watch = WATCH_ON });
}

static uint64_t
missing(struct twin_side *side)
{
	struct request request = twin_request(side, REQUEST_LINE_SHOW);

	assert_int_equal(twin_ask(side, &request)->reply.kind, REPLY_LINE);
	return side->replies[0].reply.line.missing;
}

static void
missing_shows_at_once_and_is_told_when_it_lasts(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record record = forge_record(RECORD_DRILL, 1);

	hear(a, LINE_UP);
	assert_int_equal(missing(a), 0);
	raise(a, 2);
	assert_int_equal(missing(a), 2);
	/* Sixteen slots and a round trip: until then it may just be late. */
	forge_wait(twin, CTRL_EVERY_FRAMES * SLOT_MS + RTT_MS - 1);
	assert_int_equal(forge_count(a, "line", "missing"), 0);
	forge_wait(twin, 1);
	assert_int_equal(forge_count(a, "line", "missing"), 1);
	assert_non_null(strstr(forge_last(a)->say, "2 records"));
	forge_wait(twin, 60 * 1000);
	raise(a, 2);
	assert_int_equal(forge_count(a, "line", "missing"), 1);
	forge_arrive(a, &record, 1);
	assert_int_equal(missing(a), 1);
	assert_int_equal(forge_count(a, "line", "all-here"), 0);
	record = forge_record(RECORD_DRILL, 2);
	forge_arrive(a, &record, 2);
	assert_int_equal(missing(a), 0);
	assert_int_equal(forge_count(a, "line", "all-here"), 1);
}

static void
missing_counts_what_is_here_of_all_classes(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	for (uint8_t precedence = 0; precedence < PRECEDENCE_COUNT;
	     precedence++)
		twin_send(b, "x", precedence);
	twin_run(twin);
	/* Four messages, and nothing else of b. */
	raise(a, 4);
	assert_int_equal(missing(a), 0);
	raise(a, 5);
	assert_int_equal(missing(a), 1);
	raise(a, 3); /* older than what is here */
	assert_int_equal(missing(a), 0);
	raise(a, UINT64_MAX);
	assert_true(missing(a) == UINT64_MAX - 4);
	/* The store is counted anew. */
	twin_restart(a);
	twin_cut(twin);
	raise(a, 6);
	assert_int_equal(missing(a), 2);
}

static void
missing_waits_while_something_comes(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct line_event event = { .kind = LINE_EVENT_DATA };
	const uint8_t byte = 0;

	hear(a, LINE_UP);
	raise(a, 1);
	for (uint64_t i = 0; i < 5; i++) {
		forge_wait(twin, CTRL_EVERY_FRAMES * SLOT_MS);
		event.piece = (struct piece){ .class = CLASS_ROUTINE,
			.n = 1,
			.offset = i,
			.data = &byte,
			.len = 1 };
		keeper_on_line_event(a->keeper, a->line, &event, twin->now);
	}
	assert_int_equal(missing(a), 1);
	assert_int_equal(forge_count(a, "line", "missing"), 0);
	forge_wait(twin, CTRL_EVERY_FRAMES * SLOT_MS + RTT_MS);
	assert_int_equal(forge_count(a, "line", "missing"), 1);
}

static void
missing_is_not_told_of_a_silent_line(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	hear(a, LINE_UP);
	raise(a, 1);
	hear(a, LINE_SILENT);
	forge_wait(twin, 600 * 1000);
	assert_int_equal(missing(a), 1);
	assert_int_equal(forge_count(a, "line", "missing"), 0);
	/* And gets its time when that is heard again. */
	hear(a, LINE_UP);
	forge_wait(twin, CTRL_EVERY_FRAMES * SLOT_MS + RTT_MS - 1);
	assert_int_equal(forge_count(a, "line", "missing"), 0);
	forge_wait(twin, 1);
	assert_int_equal(forge_count(a, "line", "missing"), 1);
}

/* Each is an event, on disk: a peer that lies about its journal fills it with
 * these, and with nothing else for as long. */
static void
missing_is_not_told_more_often_than_once_in_a_while(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const uint64_t turn_ms = CTRL_EVERY_FRAMES * SLOT_MS + RTT_MS;
	const uint64_t turns = 10 * MISSING_EVERY_MS / turn_ms;

	hear(a, LINE_UP);
	for (uint64_t i = 0; i < turns; i++) {
		raise(a, 1);
		forge_wait(twin, turn_ms);
		raise(a, 0);
	}
	assert_in_range(forge_count(a, "line", "missing"), 9, 11);
	/* What is missing for good is told all the same. */
	raise(a, 1);
	forge_wait(twin, MISSING_EVERY_MS);
	assert_string_equal(forge_last(a)->what, "missing");
}

static void
missing_says_when_the_reason_is_our_own_disk(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	a->disk_free = DISK_FULL_BYTES - 1;
	forge_wait(twin, 2000);
	hear(a, LINE_UP);
	raise(a, 1);
	forge_wait(twin, CTRL_EVERY_FRAMES * SLOT_MS + RTT_MS);
	assert_string_equal(forge_last(a)->what, "missing");
	assert_non_null(strstr(forge_last(a)->say, "the disk of this post"));
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, forge_setup, forge_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(missing_shows_at_once_and_is_told_when_it_lasts),
		TEST(missing_counts_what_is_here_of_all_classes),
		TEST(missing_waits_while_something_comes),
		TEST(missing_is_not_told_of_a_silent_line),
		TEST(missing_is_not_told_more_often_than_once_in_a_while),
		TEST(missing_says_when_the_reason_is_our_own_disk),
	};

	return cmocka_run_group_tests_name("missing", tests, NULL, NULL);
}
