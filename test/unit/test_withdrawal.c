#include "keeper/withdrawal.h"

#include "forge.h"

static struct twin_reply *
withdraw(struct twin_side *side, const char *ref, const char *text)
{
	struct request request = twin_request(side, REQUEST_SEND);

	request.send.withdraws = twin_text(ref);
	request.send.text = twin_text(text);
	return twin_ask(side, &request);
}

/* The message of a reference. */
static const struct message_view *
look(struct twin_side *side, const char *ref)
{
	struct request request = twin_request(side, REQUEST_READ);

	request.read.since_ms = INT64_MIN;
	request.ref = twin_text(ref);
	twin_ask(side, &request);
	assert_int_equal(side->replies[0].reply.kind, REPLY_MESSAGE);
	return &side->replies[0].reply.message;
}

static void
withdrawal_says_nothing_of_what_stands(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const struct message_view *view;

	twin_send(a, "x", 0);
	view = look(a, "us/1");
	assert_string_equal(view->withdrawn_by, "");
	assert_string_equal(view->more.replaced_by, "");
	assert_int_equal(view->more.withdrawn_ms, 0);
}

static void
withdrawal_is_seen_by_both_with_its_time(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	int64_t withdrawn_ms;

	twin_send(a, "x", 0);
	twin_run(twin);
	assert_int_equal(withdraw(a, "us/1", "")->reply.kind, REPLY_SENT);
	withdrawn_ms = look(a, "us/1")->more.withdrawn_ms;
	assert_int_equal(withdrawn_ms, look(a, "us/2")->sent_ms);
	assert_string_equal(look(a, "us/1")->withdrawn_by, "us/2");
	assert_string_equal(look(a, "us/1")->more.replaced_by, "");
	assert_int_equal(forge_count(a, "message", "withdrawn"), 1);
	twin_run(twin);
	assert_string_equal(look(b, "them/1")->withdrawn_by, "them/2");
	assert_int_equal(look(b, "them/1")->more.withdrawn_ms, withdrawn_ms);
	assert_string_equal(look(b, "them/2")->withdraws, "them/1");
	assert_int_equal(forge_count(b, "message", "withdrawn"), 1);
	assert_int_equal(forge_count(b, "message", "replaced"), 0);
	/* The words stay: nothing is unsaid. */
	look(b, "them/1");
	assert_int_equal(b->replies[0].file_len, 1);
}

static void
withdrawal_with_a_text_replaces(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	twin_send(a, "x", 0);
	withdraw(a, "us/1", "y");
	twin_run(twin);
	assert_string_equal(look(a, "us/1")->more.replaced_by, "us/2");
	assert_string_equal(look(b, "them/1")->more.replaced_by, "them/2");
	assert_string_equal(look(b, "them/2")->more.replaced_by, "");
	assert_int_equal(forge_count(a, "message", "replaced"), 1);
	assert_int_equal(forge_count(b, "message", "replaced"), 1);
	assert_int_equal(forge_count(b, "message", "withdrawn"), 0);
}

static void
withdrawal_may_go_on_from_what_replaced(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	twin_send(a, "x", 0);
	withdraw(a, "us/1", "y");
	assert_int_equal(withdraw(a, "us/2", "z")->reply.kind, REPLY_SENT);
	assert_string_equal(look(a, "us/2")->more.replaced_by, "us/3");
	assert_string_equal(look(a, "us/1")->more.replaced_by, "us/2");
}

static void
withdrawal_is_refused_twice(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct twin_reply *reply;

	twin_send(a, "x", 0);
	withdraw(a, "us/1", "");
	reply = withdraw(a, "us/1", "y");
	assert_int_equal(reply->reply.kind, REPLY_ERROR);
	assert_int_equal(reply->reply.err, ERR_STATE);
	assert_non_null(strstr(reply->say, "us/2"));
}

static void
withdrawal_is_of_own_messages(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	twin_send(a, "x", 0);
	twin_run(twin);
	assert_int_equal(withdraw(b, "them/1", "")->reply.err, ERR_DENIED);
	assert_int_equal(withdraw(b, "us/1", "")->reply.err, ERR_NOT_FOUND);
	assert_int_equal(withdraw(b, "nobody", "")->reply.err, ERR_NOT_FOUND);
}

/* Nor does a peer's of ours do anything. */
static void
withdrawal_of_the_other_sides_changes_nothing(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record record = forge_record(RECORD_MESSAGE, 9);

	a->mute = true;
	memcpy(record.withdraws, twin_send(a, "x", 0)->reply.sent.id,
	    RECORD_ID_BYTES);
	record.has_withdraws = true;
	record.serial = 1;
	forge_arrive(a, &record, 1);
	assert_string_equal(look(a, "us/1")->withdrawn_by, "");
	assert_int_equal(forge_count(a, "message", "withdrawn"), 0);
	assert_false(twin_has_event(a, "fault", "fault"));
}

/* A flash may overtake what it takes back. */
static void
withdrawal_may_come_before_what_it_takes_back(void **state)
{
	struct twin *twin = *state;
	struct twin_side *b = &twin->side[1];
	struct record record = forge_record(RECORD_MESSAGE, 9);
	struct record first = forge_record(RECORD_MESSAGE, 8);

	twin->side[0].mute = true;
	record.has_withdraws = true;
	memcpy(record.withdraws, first.id, RECORD_ID_BYTES);
	record.precedence = PRECEDENCE_FLASH;
	record.serial = 2;
	forge_arrive(b, &record, 2);
	assert_int_equal(forge_count(b, "message", "withdrawn"), 1);
	first.serial = 1;
	forge_arrive(b, &first, 1);
	assert_string_equal(look(b, "them/1")->withdrawn_by, "them/2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FORGE_CLAIM(withdrawal_says_nothing_of_what_stands),
		FORGE_CLAIM(withdrawal_is_seen_by_both_with_its_time),
		FORGE_CLAIM(withdrawal_with_a_text_replaces),
		FORGE_CLAIM(withdrawal_may_go_on_from_what_replaced),
		FORGE_CLAIM(withdrawal_is_refused_twice),
		FORGE_CLAIM(withdrawal_is_of_own_messages),
		FORGE_CLAIM(withdrawal_of_the_other_sides_changes_nothing),
		FORGE_CLAIM(withdrawal_may_come_before_what_it_takes_back),
	};

	return cmocka_run_group_tests_name("withdrawal", tests, NULL, NULL);
}
