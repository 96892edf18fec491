#include "keeper/drill.h"

#include "forge.h"

static struct twin_reply *
drill(struct twin_side *side)
{
	struct request request = twin_request(side, REQUEST_DRILL);

	return twin_ask(side, &request);
}

static const struct twin_event *
last_event(const struct twin_side *side)
{
	assert_true(side->event_count > 0);
	return &side->events[side->event_count - 1];
}

static void
drill_tells_how_long_the_answer_took(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct twin_reply *reply;
	struct record answer = forge_record(RECORD_DRILL_ANSWER, 1);

	a->mute = true;
	reply = drill(a);
	assert_int_equal(reply->reply.kind, REPLY_SENT);
	forge_about(&answer, reply->reply.sent.id);
	twin->now.now_ns += (uint64_t)1234 * CLOCK_NS_PER_MS;
	forge_arrive(a, &answer, 1);
	assert_string_equal(last_event(a)->what, "answered");
	assert_non_null(strstr(last_event(a)->say, "1234 ms"));
}

/* Each answer and each line of the diary costs room that the peer pays nothing
 * for. */
static void
drill_goes_unanswered_on_a_full_disk(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record asked = forge_record(RECORD_DRILL, 1);
	const uint64_t end = forge_line(a)->journal.end;

	a->disk_free = DISK_FULL_BYTES - 1;
	twin->now.now_ns += 2 * CLOCK_NS_PER_S;
	forge_arrive(a, &asked, 1);
	assert_int_equal(forge_count(a, "drill", "received"), 0);
	assert_int_equal(forge_line(a)->journal.end, end);
	a->disk_free = (uint64_t)1 << 30;
	twin->now.now_ns += 2 * CLOCK_NS_PER_S;
	asked = forge_record(RECORD_DRILL, 2);
	asked.after = 1;
	forge_arrive(a, &asked, 2);
	assert_int_equal(forge_count(a, "drill", "received"), 1);
	assert_int_equal(forge_line(a)->journal.end, end + 1);
}

static void
drill_is_no_message(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	assert_int_equal(drill(a)->reply.sent.serial, 0);
	twin_run(twin);
	assert_true(twin_has_event(b, "drill", "received"));
	assert_true(twin_has_event(a, "drill", "answered"));
	assert_int_equal(twin_read(a), 0);
	assert_int_equal(twin_read(b), 0);
	assert_int_equal(twin_send(a, "x", 0)->reply.sent.serial, 1);
}

static void
drill_survives_a_restart_of_either_side(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	a->mute = true;
	drill(a);
	twin_cut(twin);
	twin_restart(a);
	/* One that has no number yet, too. */
	drill(a);
	a->mute = false;
	b->mute = true;
	twin_reboot(twin);
	twin_cut(twin);
	twin_restart(b);
	b->mute = false;
	twin_reboot(twin);
	twin_run(twin);
	assert_int_equal(forge_count(b, "drill", "received"), 2);
	assert_int_equal(forge_count(a, "drill", "answered"), 2);
}

static void
drill_answer_to_nothing_has_no_effect(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record answer = forge_record(RECORD_DRILL_ANSWER, 1);
	const uint8_t zeros[RECORD_ID_BYTES] = { 0 };
	const uint8_t unknown[RECORD_ID_BYTES] = { 7 };

	forge_about(&answer, unknown);
	forge_arrive(a, &answer, 1);
	assert_string_equal(last_event(a)->what, "about-nothing");
	/* An id of zeros is that of no drill, though none was asked. */
	memset(answer.id, 2, sizeof(answer.id));
	forge_about(&answer, zeros);
	forge_arrive(a, &answer, 2);
	assert_int_equal(forge_count(a, "fault", "about-nothing"), 2);
	assert_int_equal(forge_count(a, "drill", "answered"), 0);
	assert_false(twin_has_event(a, "fault", "fault"));
}

/* An answer to a drill is no answer to what the peer asked itself. */
static void
drill_of_theirs_is_not_theirs_to_answer(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record asked = forge_record(RECORD_DRILL, 1);
	struct record answer = forge_record(RECORD_DRILL_ANSWER, 2);

	forge_arrive(a, &asked, 1);
	forge_about(&answer, asked.id);
	forge_arrive(a, &answer, 2);
	assert_string_equal(last_event(a)->what, "about-nothing");
}

static void
drill_answered_twice_is_answered_once(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record answer = forge_record(RECORD_DRILL_ANSWER, 1);

	a->mute = true;
	forge_about(&answer, drill(a)->reply.sent.id);
	forge_arrive(a, &answer, 1);
	memset(answer.id, 2, sizeof(answer.id));
	forge_arrive(a, &answer, 2);
	assert_int_equal(forge_count(a, "drill", "answered"), 1);
}

static void
drill_is_refused_where_too_many_wait(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record answer = forge_record(RECORD_DRILL_ANSWER, 1);
	uint8_t first[RECORD_ID_BYTES];
	uint64_t end;

	a->mute = true;
	memcpy(first, drill(a)->reply.sent.id, sizeof(first));
	for (int i = 1; i < DRILLS_MAX; i++)
		assert_int_equal(drill(a)->reply.kind, REPLY_SENT);
	end = forge_line(a)->journal.end;
	assert_int_equal(drill(a)->reply.err, ERR_LIMIT);
	assert_int_equal(forge_line(a)->journal.end, end);
	/* An answer makes room, as does what is missed. */
	forge_about(&answer, first);
	forge_arrive(a, &answer, 1);
	assert_int_equal(drill(a)->reply.kind, REPLY_SENT);
}

static void
drill_is_refused_where_there_is_no_open_line(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_DRILL);
	uint64_t end = forge_line(a)->journal.end;

	request.line = twin_text("nobody");
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_NOT_FOUND);
	request.line = twin_text("");
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_NOT_FOUND);
	assert_int_equal(forge_line(a)->journal.end, end);
	request = twin_request(a, REQUEST_LINE_CLOSE);
	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_DONE);
	assert_int_equal(drill(a)->reply.err, ERR_NOT_FOUND);
}

static void
drill_is_refused_by_a_store_that_failed(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	a->keeper->store.failed = true;
	assert_int_equal(drill(a)->reply.err, ERR_IO);
	assert_true(keeper_has_failed(a->keeper));
	assert_true(keeper_next_ns(a->keeper) == UINT64_MAX);
}

static void
wait_missed(struct twin *twin)
{
	forge_wait(twin, (uint64_t)DRILL_WITHIN_S * 1000 + 1);
}

static void
drill_that_is_not_answered_is_missed_with_its_likely_cause(void **state)
{
	static const struct {
		struct line_report report;
		struct status peer;
		const char *cause;
	} cases[] = {
		{ { .state = LINE_SILENT, .why = WHY_PATH_OR_POST },
		    { .journal_end = 0 }, "path is cut, or their post" },
		{ { .state = LINE_SILENT, .why = WHY_GOODBYE },
		    { .journal_end = 0 }, "said goodbye" },
		{ { .state = LINE_SILENT, .why = WHY_SEALED },
		    { .journal_end = 0 }, "sealed" },
		{ { .state = LINE_ONE_WAY }, { .journal_end = 0 },
		    "do not hear us" },
		{ { .state = LINE_BOOTING }, { .journal_end = 0 },
		    "still starting" },
		{ { .state = LINE_UP }, { .store = STORE_FULL },
		    "disk of their post is full" },
		{ { .state = LINE_UP }, { .journal_end = 0 },
		    "not reached their post" },
		{ { .state = LINE_SILENT, .why = WHY_GOODBYE },
		    { .watch = WATCH_OFF }, "nobody is on watch there" },
		{ { .state = LINE_SILENT, .why = WHY_GOODBYE },
		    { .watch = WATCH_DECLINED }, "watch declines" },
	};
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	a->mute = true;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const size_t before = forge_count(a, "drill", "missed");
		size_t at = a->event_count;

		drill(a);
		forge_status(a, cases[i].peer);
		forge_report(a, cases[i].report);
		wait_missed(twin);
		assert_int_equal(forge_count(a, "drill", "missed"), before + 1);
		for (; strcmp(a->events[at].what, "missed") != 0; at++)
			assert_true(at < a->event_count);
		assert_non_null(strstr(a->events[at].say, cases[i].cause));
	}
	assert_true(drill_next_ns(a->keeper) == UINT64_MAX);
}

static void
drill_that_was_missed_may_be_answered_late(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record answer = forge_record(RECORD_DRILL_ANSWER, 1);
	struct request request = twin_request(a, REQUEST_DRILL_LIST);

	a->mute = true;
	forge_about(&answer, drill(a)->reply.sent.id);
	wait_missed(twin);
	assert_int_equal(forge_count(a, "alarm", "drill"), 1);
	forge_arrive(a, &answer, 1);
	assert_int_equal(forge_count(a, "drill", "answered"), 1);
	assert_non_null(strstr(last_event(a)->say, "was missed"));
	request.page.limit = 10;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 2);
	assert_int_equal(a->replies[0].reply.view.drill.state, DRILL_LATE);
	assert_true(a->replies[0].reply.view.drill.took_ms >
	    (uint64_t)DRILL_WITHIN_S * 1000);
}

static void
drill_that_was_open_at_a_restart_has_its_time_anew(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	a->mute = true;
	drill(a);
	forge_wait(twin, (uint64_t)DRILL_WITHIN_S * 1000 - 1000);
	twin_restart(a);
	forge_wait(twin, 2000);
	assert_int_equal(forge_count(a, "drill", "missed"), 0);
	wait_missed(twin);
	assert_int_equal(forge_count(a, "drill", "missed"), 1);
}

/* By the monotonic clock: one that is set says nothing. */
static void
drill_is_timed_whatever_the_wall_clock_does(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record answer = forge_record(RECORD_DRILL_ANSWER, 1);

	a->mute = true;
	forge_about(&answer, drill(a)->reply.sent.id);
	twin->now.wall_ms += (int64_t)DRILL_WITHIN_S * 10000;
	forge_wait(twin, 500);
	assert_int_equal(forge_count(a, "drill", "missed"), 0);
	twin->now.wall_ms -= (int64_t)DRILL_WITHIN_S * 20000;
	forge_wait(twin, 500);
	forge_arrive(a, &answer, 1);
	assert_non_null(strstr(last_event(a)->say, " 1000 ms"));
}

/* The first alarm that is live. */
static void
assert_alarm_says(struct twin_side *side, const char *begin)
{
	struct query q = store_query(&side->keeper->store, STMT_ALARM_LIST);
	const char *say = "";
	size_t len = 0;

	query_bind_int(&q, 0);
	query_bind_int(&q, INT64_MAX);
	query_bind_int(&q, false);
	query_bind_int(&q, 1);
	assert_true(query_next(&q));
	for (int i = 0; i < 6; i++)
		query_text(&q, &len);
	say = query_text(&q, &len);
	assert_true(len > strlen(begin));
	assert_memory_equal(say, begin, strlen(begin));
	assert_int_equal(query_end(&q), OK);
}

/* A line that is cut for a month is not to be filled with drills. */
static void
drill_of_a_schedule_does_not_queue_up_behind_one_that_was_missed(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct request request = twin_request(a, REQUEST_DRILL_SET);
	uint64_t end;
	char begin[40];

	request.ask.plan.every_s = 60;
	request.ask.plan.within_s = 30;
	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_VIEW);
	a->mute = true;
	forge_report(a, (struct line_report){ .state = LINE_SILENT });
	end = forge_line(a)->journal.end;
	forge_wait(twin, 10 * 60 * 1000);
	assert_true(forge_count(a, "drill", "missed") >= 9);
	assert_int_equal(forge_line(a)->journal.end, end + 1);
	/* One alarm is enough, which counts them. */
	assert_int_equal(forge_count(a, "alarm", "drill"), 1);
	snprintf(begin, sizeof(begin), "%zu drills to ",
	    forge_count(a, "drill", "missed"));
	assert_alarm_says(a, begin);
	a->mute = false;
	twin_reboot(twin);
	forge_report(a, (struct line_report){ .state = LINE_UP });
	forge_wait(twin, 2 * 60 * 1000);
	assert_int_equal(forge_count(b, "drill", "received"), 3);
}

static struct twin_reply *
acknowledge(struct twin_side *side, const char *ref)
{
	struct request request = twin_request(side, REQUEST_DRILL_ACK);

	request.ask.drill_ack.ref = twin_text(ref);
	return twin_ask(side, &request);
}

static void
drill_is_acknowledged_by_a_person_and_both_sides_know(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	char ref[REQUEST_REF_BYTES];

	assert_int_equal(acknowledge(b, "")->reply.err, ERR_NOT_FOUND);
	drill(a);
	twin_run(twin);
	assert_int_equal(acknowledge(a, "")->reply.err, ERR_NOT_FOUND);
	snprintf(ref, sizeof(ref), "%s", last_event(b)->ref);
	assert_int_equal(acknowledge(a, ref)->reply.err, ERR_NOT_FOUND);
	assert_int_equal(acknowledge(b, "them/1")->reply.err, ERR_NOT_FOUND);
	assert_int_equal(acknowledge(b, "nonsense")->reply.err, ERR_NOT_FOUND);
	twin_run_until(twin, twin->now.now_ns);
	forge_wait(twin, 5000);
	assert_int_equal(acknowledge(b, ref)->reply.kind, REPLY_DONE);
	twin_run(twin);
	assert_int_equal(forge_count(a, "drill", "acknowledged"), 1);
	assert_int_equal(forge_count(b, "drill", "ours-acknowledged"), 1);
	/* Twice is once. */
	assert_int_equal(acknowledge(b, ref)->reply.kind, REPLY_DONE);
	twin_run(twin);
	assert_int_equal(forge_count(a, "drill", "acknowledged"), 1);
	assert_int_equal(acknowledge(b, "")->reply.err, ERR_NOT_FOUND);
}

static void
drill_list_keeps_to_its_page_and_its_last(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_DRILL_LIST);

	for (int i = 0; i < 5; i++) {
		drill(a);
		twin_run(twin);
	}
	request.page.limit = 2;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 3);
	assert_true(a->replies[2].reply.cut);
	assert_int_equal(a->replies[0].reply.view.drill.state, DRILL_ANSWERED);
	request.page.after = a->replies[1].reply.cursor;
	request.page.limit = 10;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 4);
	assert_false(a->replies[3].reply.cut);
	request.page.after = 0;
	request.ask.last.last = 1;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 2);
	request.ask.last.last = UINT64_MAX;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FORGE_CLAIM(drill_tells_how_long_the_answer_took),
		FORGE_CLAIM(drill_is_no_message),
		FORGE_CLAIM(drill_goes_unanswered_on_a_full_disk),
		FORGE_CLAIM(drill_survives_a_restart_of_either_side),
		FORGE_CLAIM(drill_answer_to_nothing_has_no_effect),
		FORGE_CLAIM(drill_of_theirs_is_not_theirs_to_answer),
		FORGE_CLAIM(drill_answered_twice_is_answered_once),
		FORGE_CLAIM(drill_is_refused_where_too_many_wait),
		FORGE_CLAIM(
		    drill_that_is_not_answered_is_missed_with_its_likely_cause),
		FORGE_CLAIM(drill_that_was_missed_may_be_answered_late),
		FORGE_CLAIM(drill_that_was_open_at_a_restart_has_its_time_anew),
		FORGE_CLAIM(drill_is_timed_whatever_the_wall_clock_does),
		FORGE_CLAIM(
		    drill_of_a_schedule_does_not_queue_up_behind_one_that_was_missed),
		FORGE_CLAIM(
		    drill_is_acknowledged_by_a_person_and_both_sides_know),
		FORGE_CLAIM(drill_list_keeps_to_its_page_and_its_last),
		FORGE_CLAIM(drill_is_refused_where_there_is_no_open_line),
		FORGE_CLAIM(drill_is_refused_by_a_store_that_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
