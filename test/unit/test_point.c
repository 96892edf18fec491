/* Points: what both posts make of the records of two journals. */
#include "keeper/point.h"

#include "forge.h"
#include "keeper/act.h"

static struct twin_reply *
raise_point(struct twin_side *side, const char *title, int64_t deadline_ms)
{
	struct request request = twin_request(side, REQUEST_POINT_RAISE);

	request.ask.raise.title = twin_text(title);
	request.ask.raise.text = twin_text("at length");
	request.ask.raise.deadline_ms = deadline_ms;
	return twin_ask(side, &request);
}

static struct twin_reply *
stand(struct twin_side *side, const char *ref, enum standing standing)
{
	struct request request = twin_request(side, REQUEST_POINT_STAND);

	request.ref = twin_text(ref);
	request.ask.stand.standing = (uint8_t)standing;
	request.ask.stand.note = twin_text("a note");
	return twin_ask(side, &request);
}

static struct twin_reply *
enter_public(struct twin_side *side, const char *point)
{
	struct request request = twin_request(side, REQUEST_PUBLIC_ADD);

	snprintf(request.ask.public.point, REQUEST_REF_BYTES, "%s", point);
	request.ask.public.said_ms = 1795000000000;
	request.ask.public.speaker = twin_text("a minister");
	request.ask.public.source = twin_text("evening news");
	request.ask.public.text = twin_text("never");
	return twin_ask(side, &request);
}

static struct twin_reply *
read_public(struct twin_side *side, const char *ref, const char *text)
{
	struct request request = twin_request(side, REQUEST_PUBLIC_READING);

	request.ref = twin_text(ref);
	request.ask.reading.text = twin_text(text);
	return twin_ask(side, &request);
}

static const struct point_view *
show_point(struct twin_side *side, const char *ref)
{
	struct request request = twin_request(side, REQUEST_POINT_SHOW);
	const struct twin_reply *reply;

	request.ref = twin_text(ref);
	reply = twin_ask(side, &request);
	assert_int_equal(reply->reply.kind, REPLY_VIEW);
	return &reply->reply.view.point;
}

static void
assert_refused(const struct twin_reply *reply, int err)
{
	assert_int_equal(reply->reply.kind, REPLY_ERROR);
	assert_int_equal(reply->reply.err, err);
	assert_true(strlen(reply->say) > 0);
}

/* How many rows a list gives, of which `after` is the cursor before. */
static size_t
count_list(struct twin_side *side, struct request request, bool *cut)
{
	request.page.limit = request.page.limit > 0 ? request.page.limit : 50;
	twin_ask(side, &request);
	assert_true(side->reply_count > 0);
	assert_int_equal(side->replies[side->reply_count - 1].reply.kind,
	    REPLY_DONE);
	*cut = side->replies[side->reply_count - 1].reply.cut;
	return side->reply_count - 1;
}

static size_t
count_points(struct twin_side *side, bool open, bool mine, bool due)
{
	struct request request = twin_request(side, REQUEST_POINT_LIST);
	bool cut;

	request.ask.points = (struct point_filter){ open, mine, due };
	return count_list(side, request, &cut);
}

static void
point_is_the_same_at_both_posts(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const struct twin_reply *reply = raise_point(a, "stop testing", 0);
	const struct point_view *view;

	assert_int_equal(reply->reply.kind, REPLY_VIEW);
	assert_string_equal(reply->reply.view.point.ref, "us/p1");
	twin_run(twin);
	assert_true(twin_has_event(b, "point", "raised"));
	view = show_point(b, "them/p1");
	assert_int_equal(view->theirs, STANDING_RAISED);
	assert_int_equal(view->ours, STANDING_NONE);
	assert_true(view->open);
	assert_int_equal(stand(b, "them/p1", STANDING_UNDER_STUDY)->reply.kind,
	    REPLY_VIEW);
	twin_run(twin);
	view = show_point(a, "us/p1");
	assert_int_equal(view->ours, STANDING_RAISED);
	assert_int_equal(view->theirs, STANDING_UNDER_STUDY);
	assert_int_equal(view->delivered, DELIVERY_DONE);
	assert_true(twin_has_event(a, "point", "standing"));
}

static void
point_is_closed_when_both_say_so(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	raise_point(a, "the bridge", 0);
	raise_point(a, "the ferry", 0);
	twin_run(twin);
	stand(b, "them/p1", STANDING_CLOSED);
	twin_run(twin);
	assert_true(show_point(a, "us/p1")->open);
	assert_int_equal(count_points(a, true, false, false), 2);
	stand(a, "us/p1", STANDING_CLOSED);
	twin_run(twin);
	assert_false(show_point(a, "us/p1")->open);
	assert_false(show_point(b, "them/p1")->open);
	assert_int_equal(count_points(a, true, false, false), 1);
	assert_int_equal(count_points(b, true, false, false), 1);
	assert_int_equal(count_points(b, false, true, false), 0);
	assert_int_equal(count_points(b, false, false, false), 2);
}

static void
point_counts_those_of_each_side(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	for (int i = 0; i < 3; i++) {
		raise_point(a, "ours", 0);
		raise_point(b, "theirs", 0);
	}
	twin_run(twin);
	assert_memory_equal(show_point(a, "us/p2")->id,
	    show_point(b, "them/p2")->id, RECORD_ID_BYTES);
	assert_memory_equal(show_point(a, "them/p3")->id,
	    show_point(b, "us/p3")->id, RECORD_ID_BYTES);
	assert_string_equal(show_point(a, "them/p3")->ref, "them/p3");
}

static void
point_tells_each_step_of_its_history(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct request request = twin_request(a, REQUEST_POINT_HISTORY);
	bool cut;

	raise_point(a, "the bridge", 0);
	twin_run(twin);
	stand(b, "them/p1", STANDING_HEARD);
	stand(b, "them/p1", STANDING_ACCEPTED);
	twin_run(twin);
	request.ref = twin_text("us/p1");
	assert_int_equal(count_list(a, request, &cut), 3);
	assert_false(cut);
	assert_true(a->replies[0].reply.view.standing.ours);
	assert_int_equal(a->replies[0].reply.view.standing.standing,
	    STANDING_RAISED);
	assert_int_equal(a->replies[2].reply.view.standing.standing,
	    STANDING_ACCEPTED);
	assert_false(a->replies[2].reply.view.standing.ours);
	request.page.limit = 2;
	assert_int_equal(count_list(a, request, &cut), 2);
	assert_true(cut);
	request.page.after = a->replies[1].reply.cursor;
	assert_int_equal(count_list(a, request, &cut), 1);
	assert_false(cut);
}

static void
point_has_what_was_said_in_public_with_two_readings(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct request request = twin_request(b, REQUEST_PUBLIC_LIST);
	const struct public_view *view;
	bool cut;

	raise_point(a, "the bridge", 0);
	enter_public(a, "us/p1");
	enter_public(a, "");
	twin_run(twin);
	assert_int_equal(read_public(b, "them/e1", "not meant for us")
			     ->reply.kind,
	    REPLY_VIEW);
	assert_int_equal(read_public(a, "us/e1", "a slip")->reply.kind,
	    REPLY_VIEW);
	twin_run(twin);
	assert_int_equal(count_list(b, request, &cut), 2);
	view = &b->replies[0].reply.view.public;
	assert_string_equal(view->point, "them/p1");
	assert_true(view->our_reading_ms > 0 && view->their_reading_ms > 0);
	assert_string_equal(b->replies[1].reply.view.public.point, "");
	snprintf(request.ask.publics.point, REQUEST_REF_BYTES, "them/p1");
	assert_int_equal(count_list(b, request, &cut), 1);
	assert_int_equal(show_point(b, "them/p1")->publics, 1);
	/* Its own one only is taken back. */
	read_public(b, "them/e1", "");
	twin_run(twin);
	request = twin_request(a, REQUEST_PUBLIC_LIST);
	count_list(a, request, &cut);
	view = &a->replies[0].reply.view.public;
	assert_true(view->our_reading_ms > 0 && view->their_reading_ms == 0);
}

static void
point_refuses_what_is_not_there(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	static const char *const refs[] = { "", "us/p1", "them/p1", "us/1",
		"us/p", "us/p0", "us/p01", "us/e1", "us/p18446744073709551616",
		"0011223344556677", "us/p1 " };
	struct request request = twin_request(a, REQUEST_POINT_SHOW);

	for (size_t i = 0; i < sizeof(refs) / sizeof(refs[0]); i++) {
		request.ref = twin_text(refs[i]);
		assert_refused(twin_ask(a, &request), ERR_NOT_FOUND);
		assert_refused(stand(a, refs[i], STANDING_HEARD),
		    ERR_NOT_FOUND);
		assert_refused(read_public(a, refs[i], "x"), ERR_NOT_FOUND);
		if (*refs[i] != '\0')
			assert_refused(enter_public(a, refs[i]), ERR_NOT_FOUND);
	}
	assert_int_equal(forge_line(a)->journal.end, 0);
}

static void
point_refuses_what_cannot_be_kept(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_POINT_RAISE);
	char *text = calloc(1, NOTE_TEXT_BYTES_MAX + 2);

	memset(text, 'x', NOTE_TEXT_BYTES_MAX + 1);
	assert_refused(raise_point(a, "", 0), ERR_FORMAT);
	assert_refused(raise_point(a, "two\nlines", 0), ERR_FORMAT);
	assert_refused(raise_point(a, "\xff", 0), ERR_FORMAT);
	assert_refused(raise_point(a, "past", twin->now.wall_ms), ERR_FORMAT);
	assert_refused(raise_point(a, "far", WATCH_UNTIL_MS_MAX + 1),
	    ERR_FORMAT);
	request.ask.raise.title = twin_text("long");
	request.ask.raise.text = twin_text(text);
	assert_refused(twin_ask(a, &request), ERR_LIMIT);
	request.ask.raise.text = twin_text("");
	request.ask.raise.language = twin_text("k o");
	assert_refused(twin_ask(a, &request), ERR_FORMAT);
	request.line = twin_text("nobody");
	assert_refused(twin_ask(a, &request), ERR_NOT_FOUND);
	raise_point(a, "the bridge", 0);
	assert_refused(stand(a, "us/p1", STANDING_NONE), ERR_FORMAT);
	request = twin_request(a, REQUEST_PUBLIC_ADD);
	assert_refused(twin_ask(a, &request), ERR_FORMAT);
	assert_int_equal(forge_line(a)->journal.end, 1);
	free(text);
}

static void
point_asked_for_twice_is_raised_once(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_POINT_RAISE);

	request.ask.raise.title = twin_text("the bridge");
	memset(request.ask.raise.id, 7, RECORD_ID_BYTES);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_VIEW);
		assert_string_equal(a->replies[0].reply.view.point.ref,
		    "us/p1");
	}
	assert_int_equal(forge_line(a)->journal.end, 1);
	/* The id of something else is no reason to answer with that. */
	request = twin_request(a, REQUEST_PUBLIC_ADD);
	memset(request.ask.public.id, 7, RECORD_ID_BYTES);
	request.ask.public.said_ms = 1;
	request.ask.public.speaker = twin_text("s");
	request.ask.public.source = twin_text("t");
	assert_refused(twin_ask(a, &request), ERR_EXISTS);
	assert_int_equal(forge_line(a)->journal.end, 1);
}

static void
point_record_about_nothing_is_kept_without_effect(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record record = forge_record(RECORD_STANDING, 1);
	const uint8_t nothing[RECORD_ID_BYTES] = { 9 };

	record.standing = STANDING_ACCEPTED;
	forge_about(&record, nothing);
	forge_arrive(a, &record, 1);
	record = forge_record(RECORD_READING, 2);
	forge_about(&record, nothing);
	forge_arrive(a, &record, 2);
	record = forge_record(RECORD_PUBLIC, 3);
	record.said_ms = 1;
	record.speaker = (struct record_text){ "s", 1 };
	record.source = (struct record_text){ "t", 1 };
	forge_about(&record, nothing);
	forge_arrive(a, &record, 3);
	assert_int_equal(forge_line(a)->inbox[CLASS_NOTES].last, 3);
	assert_int_equal(forge_count(a, "fault", "about-nothing"), 3);
	assert_int_equal(count_points(a, false, false, false), 0);
}

static void
point_changes_nothing_of_the_other_side(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record record = forge_record(RECORD_STANDING, 1);
	const struct point_view *view;

	raise_point(a, "the bridge", twin->now.wall_ms + 1000000000);
	view = show_point(a, "us/p1");
	record.standing = STANDING_CLOSED;
	forge_about(&record, view->id);
	forge_arrive(a, &record, 1);
	view = show_point(a, "us/p1");
	assert_int_equal(view->ours, STANDING_RAISED);
	assert_true(view->our_deadline_ms > 0);
	assert_int_equal(view->theirs, STANDING_CLOSED);
}

static void
point_keeps_its_deadline_until_another_is_said(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const int64_t at_ms = twin->now.wall_ms + INT64_C(40) * POINT_NEAR_MS;
	struct request request = twin_request(a, REQUEST_POINT_STAND);

	raise_point(a, "the bridge", at_ms);
	stand(a, "us/p1", STANDING_RESERVED);
	assert_int_equal(show_point(a, "us/p1")->our_deadline_ms, at_ms);
	request.ref = twin_text("us/p1");
	request.ask.stand.standing = STANDING_RESERVED;
	request.ask.stand.deadline_ms = at_ms + 1;
	twin_ask(a, &request);
	assert_int_equal(show_point(a, "us/p1")->our_deadline_ms, at_ms + 1);
	request.ask.stand.deadline_ms = 0;
	request.ask.stand.no_deadline = true;
	twin_ask(a, &request);
	assert_int_equal(show_point(a, "us/p1")->our_deadline_ms, 0);
	request.ask.stand.no_deadline = false;
	request.ask.stand.deadline_ms = at_ms;
	twin_ask(a, &request);
	stand(a, "us/p1", STANDING_CLOSED);
	assert_int_equal(show_point(a, "us/p1")->our_deadline_ms, 0);
}

static void
point_closed_by_the_peer_has_no_deadline_of_theirs(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record record = forge_record(RECORD_STANDING, 1);

	raise_point(a, "the bridge", 0);
	forge_about(&record, show_point(a, "us/p1")->id);
	record.standing = STANDING_CLOSED;
	record.deadline_ms = twin->now.wall_ms + 1000;
	forge_arrive(a, &record, 1);
	assert_int_equal(show_point(a, "us/p1")->theirs, STANDING_CLOSED);
	assert_int_equal(show_point(a, "us/p1")->their_deadline_ms, 0);
}

/* A flash may overtake the note that raises what it is about. */
static void
point_has_the_message_that_came_before_it(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record message = forge_record(RECORD_MESSAGE, 1);
	struct record point = forge_record(RECORD_POINT, 2);
	struct request request = twin_request(a, REQUEST_POINT_MESSAGES);
	bool cut;

	message.serial = 1;
	message.points = 1;
	memcpy(message.point[0], point.id, RECORD_ID_BYTES);
	forge_arrive(a, &message, 2);
	point.subject = (struct record_text){ "late", 4 };
	forge_arrive(a, &point, 1);
	assert_int_equal(show_point(a, "them/p1")->messages, 1);
	request.ref = twin_text("them/p1");
	assert_int_equal(count_list(a, request, &cut), 1);
	assert_string_equal(a->replies[0].reply.view.point_message.ref,
	    "them/1");
}

static void
point_does_not_say_who_raised_it(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const struct point_view *view;

	raise_point(a, "the bridge", 0);
	twin_run(twin);
	view = show_point(b, "them/p1");
	assert_int_equal(view->author.len, 0);
	view = show_point(a, "us/p1");
	assert_true(view->author.len > 0);
}

static void
point_says_who_raised_it_where_both_agreed(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	for (int i = 0; i < 2; i++) {
		struct request request =
		    twin_request(&twin->side[i], REQUEST_DISCLOSURE_SET);

		request.ask.disclosure.wanted = 1u << DISCLOSED_TITLES;
		assert_int_equal(twin_ask(&twin->side[i], &request)->reply.kind,
		    REPLY_VIEW);
		twin_run(twin);
	}
	raise_point(a, "the bridge", 0);
	twin_run(twin);
	assert_true(show_point(b, "them/p1")->author.len > 0);
}

static void
point_goes_on_in_the_answers_to_its_messages(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct request request = twin_request(a, REQUEST_SEND);

	raise_point(a, "the bridge", 0);
	request.send.text = twin_text("what of it?");
	request.send.point[0] = twin_text("us/p1");
	request.send.points = 1;
	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_SENT);
	twin_run(twin);
	request = twin_request(b, REQUEST_SEND);
	request.send.text = twin_text("it stays");
	request.send.re = twin_text("them/1");
	assert_int_equal(twin_ask(b, &request)->reply.kind, REPLY_SENT);
	twin_run(twin);
	assert_int_equal(show_point(a, "us/p1")->messages, 2);
	assert_int_equal(show_point(b, "them/p1")->messages, 2);
	request.send.point[0] = twin_text("us/p9");
	request.send.points = 1;
	assert_refused(twin_ask(b, &request), ERR_NOT_FOUND);
}

static void
point_deadline_is_told_once_near_and_once_passed(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const uint64_t day_ms = POINT_NEAR_MS;

	raise_point(a, "the bridge", twin->now.wall_ms + 2 * POINT_NEAR_MS);
	twin_run(twin);
	assert_int_equal(count_points(a, false, false, true), 0);
	forge_wait(twin, day_ms / 2);
	assert_int_equal(forge_count(a, "point", "deadline-near"), 0);
	forge_wait(twin, day_ms);
	assert_int_equal(forge_count(a, "point", "deadline-near"), 1);
	assert_int_equal(forge_count(b, "point", "deadline-near"), 1);
	assert_int_equal(count_points(a, false, false, true), 1);
	assert_int_equal(count_points(b, false, false, true), 0);
	assert_int_equal(forge_count(a, "point", "deadline-passed"), 0);
	twin_restart(a);
	forge_wait(twin, 3 * day_ms);
	assert_int_equal(forge_count(a, "point", "deadline-near"), 1);
	assert_int_equal(forge_count(a, "point", "deadline-passed"), 1);
	assert_int_equal(forge_count(b, "point", "deadline-passed"), 1);
}

static void
point_of_before_a_restart_is_there_after_it(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	raise_point(a, "the bridge", 0);
	twin_run(twin);
	twin_restart(a);
	assert_int_equal(show_point(a, "us/p1")->delivered, DELIVERY_UNKNOWN);
	twin_restart(b);
	twin_reboot(twin);
	stand(b, "them/p1", STANDING_DECLINED);
	twin_run(twin);
	assert_int_equal(show_point(a, "us/p1")->theirs, STANDING_DECLINED);
	assert_int_equal(show_point(a, "us/p1")->delivered, DELIVERY_DONE);
}

static void
point_raised_without_a_number_gets_its_own_later(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	keeper_close(a->keeper);
	twin_open(a);
	raise_point(a, "one", 0);
	raise_point(a, "two", 0);
	stand(a, "us/p2", STANDING_CLOSED);
	assert_int_equal(show_point(a, "us/p2")->delivered, DELIVERY_NOT);
	twin_reboot(twin);
	assert_int_equal(show_point(b, "them/p2")->theirs, STANDING_CLOSED);
	assert_int_equal(show_point(b, "them/p1")->theirs, STANDING_RAISED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FORGE_CLAIM(point_is_the_same_at_both_posts),
		FORGE_CLAIM(point_is_closed_when_both_say_so),
		FORGE_CLAIM(point_counts_those_of_each_side),
		FORGE_CLAIM(point_tells_each_step_of_its_history),
		FORGE_CLAIM(
		    point_has_what_was_said_in_public_with_two_readings),
		FORGE_CLAIM(point_refuses_what_is_not_there),
		FORGE_CLAIM(point_refuses_what_cannot_be_kept),
		FORGE_CLAIM(point_asked_for_twice_is_raised_once),
		FORGE_CLAIM(point_record_about_nothing_is_kept_without_effect),
		FORGE_CLAIM(point_changes_nothing_of_the_other_side),
		FORGE_CLAIM(point_keeps_its_deadline_until_another_is_said),
		FORGE_CLAIM(point_closed_by_the_peer_has_no_deadline_of_theirs),
		FORGE_CLAIM(point_has_the_message_that_came_before_it),
		FORGE_CLAIM(point_does_not_say_who_raised_it),
		FORGE_CLAIM(point_says_who_raised_it_where_both_agreed),
		FORGE_CLAIM(point_goes_on_in_the_answers_to_its_messages),
		FORGE_CLAIM(point_deadline_is_told_once_near_and_once_passed),
		FORGE_CLAIM(point_of_before_a_restart_is_there_after_it),
		FORGE_CLAIM(point_raised_without_a_number_gets_its_own_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
