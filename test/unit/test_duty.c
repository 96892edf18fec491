#include "keeper/duty.h"

#include "forge.h"

/* As of enum delegate_role. */
enum { WATCH_ROLE = 1 << 4, READER_ROLE = 1 << 5 };

static struct twin_reply *
ask(struct twin_side *side, enum request_kind kind, const char *to,
    const char *note)
{
	struct request request = { .kind = kind };

	request.ask.watch.to = twin_text(to);
	request.ask.watch.note = twin_text(note);
	return twin_ask(side, &request);
}

static void
add(struct twin_side *side, const char *title, uint32_t roles)
{
	struct request request = { .kind = REQUEST_DELEGATE_ADD };

	request.ask.delegate.title = twin_text(title);
	request.ask.delegate.roles = roles;
	assert_int_equal(twin_ask(side, &request)->reply.kind, REPLY_VIEW);
}

static const char *
on_watch(const struct twin_side *side)
{
	return side->keeper->duty.who;
}

/* What waits here, of one kind. */
static size_t
waiting(struct twin_side *side, enum waiting_kind kind)
{
	struct request request = { .kind = REQUEST_WAITING };
	size_t count = 0;

	request.page.limit = TWIN_REPLIES_MAX - 1;
	twin_ask(side, &request);
	for (size_t i = 0; i + 1 < side->reply_count; i++)
		count += side->replies[i].reply.view.waiting.kind == kind;
	return count;
}

static void
duty_is_nobodys_until_it_is_taken(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct twin_reply *reply;

	reply = ask(a, REQUEST_WATCH_SHOW, "", "");
	assert_int_equal(reply->reply.view.watch.who.len, 0);
	assert_int_equal(ask(a, REQUEST_WATCH_LEAVE, "", "")->reply.err,
	    ERR_STATE);
	assert_int_equal(ask(a, REQUEST_WATCH_HAND_OVER, "head", "")->reply.err,
	    ERR_STATE);
	assert_int_equal(ask(a, REQUEST_WATCH_TAKE, "", "")->reply.kind,
	    REPLY_VIEW);
	assert_string_equal(on_watch(a), "head");
	assert_true(a->keeper->duty.since_ms == twin->now.wall_ms);
	assert_int_equal(forge_count(a, "watch", "taken"), 1);
	assert_int_equal(ask(a, REQUEST_WATCH_TAKE, "", "")->reply.err,
	    ERR_STATE);
	twin_restart(a);
	assert_string_equal(on_watch(a), "head");
	assert_true(a->keeper->duty.since_ms <= twin->now.wall_ms);
}

static void
duty_handed_over_stays_until_it_is_taken(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	add(a, "night", WATCH_ROLE);
	ask(a, REQUEST_WATCH_TAKE, "", "");
	assert_int_equal(ask(a, REQUEST_WATCH_HAND_OVER, "night", "all quiet")
			     ->reply.kind,
	    REPLY_VIEW);
	assert_string_equal(on_watch(a), "head");
	assert_string_equal(a->keeper->duty.to, "night");
	assert_int_equal(waiting(a, WAITING_WATCH), 1);
	twin_restart(a);
	assert_string_equal(a->keeper->duty.to, "night");
	/* Whoever has it may think better of it. */
	assert_int_equal(ask(a, REQUEST_WATCH_TAKE, "", "")->reply.kind,
	    REPLY_VIEW);
	assert_string_equal(a->keeper->duty.to, "");
	assert_int_equal(waiting(a, WAITING_WATCH), 0);
	assert_int_equal(ask(a, REQUEST_WATCH_LEAVE, "", "")->reply.kind,
	    REPLY_VIEW);
	assert_string_equal(on_watch(a), "");
	twin_restart(a);
	assert_string_equal(on_watch(a), "");
}

static void
duty_is_not_handed_to_who_may_not_have_it(void **state)
{
	static const char *const titles[] = { "", "nobody", "reader", "head" };
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	add(a, "reader", READER_ROLE);
	ask(a, REQUEST_WATCH_TAKE, "", "");
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		assert_int_equal(ask(a, REQUEST_WATCH_HAND_OVER, titles[i], "")
				     ->reply.kind,
		    REPLY_ERROR);
	assert_string_equal(a->keeper->duty.to, "");
	assert_int_equal(forge_count(a, "watch", "handed-over"), 0);
}

static void
duty_keeps_what_waited_when_it_was_handed_over(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const struct duty_view *view = &a->replies[1].reply.view.duty;
	struct request log = { .kind = REQUEST_WATCH_LOG };
	struct request ack = twin_request(a, REQUEST_ACK);

	add(a, "night", WATCH_ROLE);
	twin_send(b, "The bridge is closed.", PRECEDENCE_IMMEDIATE);
	twin_send(b, "Good morning.", PRECEDENCE_ROUTINE);
	twin_run(twin);
	ask(a, REQUEST_WATCH_TAKE, "", "");
	ask(a, REQUEST_WATCH_HAND_OVER, "night", "See to the bridge.");
	ack.ref = twin_text("them/1");
	assert_int_equal(twin_ask(a, &ack)->reply.kind, REPLY_DONE);
	log.page.limit = 10;
	twin_ask(a, &log);
	assert_int_equal(a->reply_count, 3);
	assert_int_equal(a->replies[0].reply.view.duty.what, DUTY_TAKEN);
	assert_int_equal(a->replies[0].reply.view.duty.items, 0);
	assert_int_equal(view->what, DUTY_HANDED_OVER);
	assert_true(view->waiting >= 1 && view->items == view->waiting);
	assert_int_equal(view->item[0].kind, WAITING_MESSAGE);
	assert_string_equal(view->item[0].ref, "them/1");
	/* The last one alone. */
	log.ask.last.last = 1;
	twin_ask(a, &log);
	assert_int_equal(a->reply_count, 2);
	assert_int_equal(a->replies[0].reply.view.duty.n, 2);
}

static void
duty_log_keeps_to_its_bounds(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request log = { .kind = REQUEST_WATCH_LOG };

	for (int i = 0; i < DUTY_LOG_MAX / 2 + 5; i++) {
		ask(a, REQUEST_WATCH_TAKE, "", "");
		ask(a, REQUEST_WATCH_LEAVE, "", "");
	}
	log.page.limit = 1;
	twin_ask(a, &log);
	assert_int_equal(a->replies[0].reply.view.duty.n, 11);
	assert_true(a->replies[1].reply.cut);
}

static void
duty_refuses_a_note_that_is_no_text(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	assert_int_equal(ask(a, REQUEST_WATCH_TAKE, "", "\xff\xfe")->reply.err,
	    ERR_FORMAT);
	assert_string_equal(on_watch(a), "");
}

static void
duty_stays_as_it_was_where_the_store_fails(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	ask(a, REQUEST_WATCH_TAKE, "", "");
	a->keeper->store.failed = true;
	assert_int_equal(ask(a, REQUEST_WATCH_LEAVE, "", "")->reply.err,
	    ERR_IO);
	assert_string_equal(on_watch(a), "head");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FORGE_CLAIM(duty_is_nobodys_until_it_is_taken),
		FORGE_CLAIM(duty_handed_over_stays_until_it_is_taken),
		FORGE_CLAIM(duty_is_not_handed_to_who_may_not_have_it),
		FORGE_CLAIM(duty_keeps_what_waited_when_it_was_handed_over),
		FORGE_CLAIM(duty_log_keeps_to_its_bounds),
		FORGE_CLAIM(duty_refuses_a_note_that_is_no_text),
		FORGE_CLAIM(duty_stays_as_it_was_where_the_store_fails),
	};

	return cmocka_run_group_tests_name("duty", tests, NULL, NULL);
}
