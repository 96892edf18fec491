#include "keeper/watch.h"

#include "forge.h"

enum { HOUR_MS = 3600 * 1000 };

static struct twin_reply *
ask(struct twin_side *side, const char *line, enum watch_state state,
    int64_t until_ms)
{
	struct request request = { .kind = REQUEST_WATCH };

	request.line = twin_text(line);
	request.watch.state = state;
	request.watch.until_ms = until_ms;
	return twin_ask(side, &request);
}

static struct status
watching(enum watch_state state, int64_t until_ms)
{
	return (struct status){ .watch = state, .declined_until_ms = until_ms };
}

/* What a side shows of its line. */
static struct line_view
view(struct twin_side *side)
{
	struct request request = twin_request(side, REQUEST_LINE_SHOW);

	assert_int_equal(twin_ask(side, &request)->reply.kind, REPLY_LINE);
	return side->replies[0].reply.line;
}

static void
watch_is_on_until_somebody_says_otherwise(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	assert_int_equal(view(a).our_watch, WATCH_ON);
	assert_int_equal(a->last[LINE_ORDER_ATTACH].order.status.watch,
	    WATCH_ON);
	assert_int_equal(view(a).peer.watch, WATCH_ON);
	assert_int_equal(forge_count(a, "watch", "on"), 0);
}

/* What was said at first has been looked at. */
static void
settle(struct twin *twin)
{
	forge_wait(twin, 1100);
}

static void
watch_is_told_at_once_and_after_a_restart(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	settle(twin);
	assert_int_equal(ask(a, "bravo", WATCH_OFF, 0)->reply.kind, REPLY_DONE);
	assert_int_equal(a->last[LINE_ORDER_STATUS].order.status.watch,
	    WATCH_OFF);
	assert_int_equal(forge_count(a, "watch", "ours-off"), 1);
	twin_run(twin);
	assert_int_equal(view(b).peer.watch, WATCH_OFF);
	assert_int_equal(forge_count(b, "watch", "off"), 1);
	twin_restart(a);
	twin_restart(b);
	assert_int_equal(a->last[LINE_ORDER_ATTACH].order.status.watch,
	    WATCH_OFF);
	/* What they said last is known without them. */
	twin_cut(twin);
	assert_int_equal(view(b).peer.watch, WATCH_OFF);
	assert_int_equal(view(a).our_watch, WATCH_OFF);
	assert_int_equal(forge_count(b, "watch", "off"), 1);
}

static void
watch_declines_until_its_time_has_come(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const int64_t until_ms = twin->now.wall_ms + 2 * HOUR_MS;

	settle(twin);
	assert_int_equal(ask(a, "", WATCH_DECLINED, until_ms)->reply.kind,
	    REPLY_DONE);
	twin_run(twin);
	assert_int_equal(view(b).peer.watch, WATCH_DECLINED);
	assert_true(view(b).peer.declined_until_ms == until_ms);
	assert_int_equal(forge_count(b, "watch", "declined"), 1);
	assert_non_null(strstr(forge_last(b)->say, " UTC"));
	/* Who sends is told, and the message is taken all the same. */
	assert_int_equal(twin_send(b, "still there?", 3)->reply.sent.peer.watch,
	    WATCH_DECLINED);
	twin_run(twin);
	assert_true(twin_has_event(b, "receipt", "delivered"));
	forge_wait(twin, 2 * HOUR_MS - 10 * 1000);
	assert_int_equal(view(a).our_watch, WATCH_DECLINED);
	forge_wait(twin, 20 * 1000);
	assert_int_equal(view(a).our_watch, WATCH_ON);
	assert_int_equal(forge_count(a, "watch", "ours-on"), 1);
	twin_run(twin);
	assert_int_equal(view(b).peer.watch, WATCH_ON);
	assert_true(view(b).peer.declined_until_ms == 0);
	assert_int_equal(forge_count(b, "watch", "on"), 1);
}

static void
watch_that_ran_out_while_the_post_was_down_is_on(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	ask(a, "bravo", WATCH_DECLINED, twin->now.wall_ms + HOUR_MS);
	twin->now.wall_ms += 2 * HOUR_MS;
	twin->now.now_ns += 2 * HOUR_MS * (uint64_t)CLOCK_NS_PER_MS;
	twin_restart(a);
	twin_run(twin);
	assert_int_equal(view(a).our_watch, WATCH_ON);
	assert_int_equal(a->last[LINE_ORDER_STATUS].order.status.watch,
	    WATCH_ON);
}

static void
watch_follows_a_clock_that_jumps(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	ask(a, "bravo", WATCH_DECLINED, twin->now.wall_ms + HOUR_MS);
	/* Nobody waits for the monotonic hour: the next look finds out. */
	twin->now.wall_ms += 2 * HOUR_MS;
	forge_report(a, (struct line_report){ .state = LINE_UP });
	twin_run(twin);
	assert_int_equal(view(a).our_watch, WATCH_ON);
}

static void
watch_refuses_what_cannot_be(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct twin_reply *reply;

	reply = ask(a, "oslo", WATCH_OFF, 0);
	assert_int_equal(reply->reply.kind, REPLY_ERROR);
	assert_int_equal(reply->reply.err, ERR_NOT_FOUND);
	reply = ask(a, "bravo", WATCH_DECLINED, twin->now.wall_ms);
	assert_int_equal(reply->reply.err, ERR_FORMAT);
	reply = ask(a, "brav", WATCH_OFF, 0);
	assert_int_equal(reply->reply.err, ERR_NOT_FOUND);
	assert_int_equal(view(a).our_watch, WATCH_ON);
	assert_int_equal(forge_count(a, "watch", "ours-off"), 0);
}

static void
watch_of_a_post_without_lines_names_none(void **state)
{
	struct twin *twin = twin_new();
	struct twin_reply *reply;

	(void)state;
	reply = ask(&twin->side[0], "", WATCH_OFF, 0);
	assert_int_equal(reply->reply.err, ERR_NOT_FOUND);
	assert_non_null(strstr(reply->say, "has no line"));
	twin_free(twin);
}

static void
watch_of_a_peer_who_changes_its_mind_is_kept_once_a_second(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	size_t before;

	settle(twin);
	before = a->event_count;
	for (unsigned i = 0; i < 100; i++) {
		forge_status(a, watching(i % 2 ? WATCH_ON : WATCH_OFF, 0));
		assert_int_equal(view(a).peer.watch,
		    i % 2 ? WATCH_ON : WATCH_OFF);
	}
	assert_int_equal(a->event_count, before + 1);
	/* Where it stands in the end is told, by the next report at the latest. */
	forge_wait(twin, 1100);
	forge_report(a, (struct line_report){ .state = LINE_UP });
	assert_string_equal(forge_last(a)->kind, "watch");
	assert_string_equal(forge_last(a)->what, "on");
}

static void
watch_is_not_unsaid_by_silence(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	forge_status(a, watching(WATCH_OFF, 0));
	forge_report(a,
	    (struct line_report){ .state = LINE_SILENT,
		.why = WHY_PATH_OR_POST });
	assert_int_equal(view(a).peer.watch, WATCH_OFF);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, forge_setup, forge_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(watch_is_on_until_somebody_says_otherwise),
		TEST(watch_is_told_at_once_and_after_a_restart),
		TEST(watch_declines_until_its_time_has_come),
		TEST(watch_that_ran_out_while_the_post_was_down_is_on),
		TEST(watch_follows_a_clock_that_jumps),
		TEST(watch_refuses_what_cannot_be),
		cmocka_unit_test(watch_of_a_post_without_lines_names_none),
		TEST(
		    watch_of_a_peer_who_changes_its_mind_is_kept_once_a_second),
		TEST(watch_is_not_unsaid_by_silence),
	};

	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
