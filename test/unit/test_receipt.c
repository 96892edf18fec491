#include "keeper/receipt.h"

#include "forge.h"

static struct twin_reply *
ack(struct twin_side *side, const char *ref)
{
	struct request request = twin_request(side, REQUEST_ACK);

	request.ref = twin_text(ref);
	return twin_ask(side, &request);
}

static const struct message_view *
read_first(struct twin_side *side)
{
	assert_true(twin_read(side) >= 1);
	assert_int_equal(side->replies[0].reply.kind, REPLY_MESSAGE);
	return &side->replies[0].reply.message;
}

static void
receipt_marks_a_message_once(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record record = forge_record(RECORD_RECEIPT, 1);

	a->mute = true;
	forge_about(&record, twin_send(a, "x", 0)->reply.sent.id);
	record.receipt = RECEIPT_DELIVERED;
	record.time_ms = 1000;
	forge_arrive(a, &record, 1);
	assert_int_equal(read_first(a)->delivered_ms, 1000);
	assert_int_equal(forge_count(a, "receipt", "delivered"), 1);
	assert_string_equal(a->events[a->event_count - 1].ref, "us/1");
	/* Said again, it changes nothing. */
	memset(record.id, 2, sizeof(record.id));
	record.time_ms = 2000;
	forge_arrive(a, &record, 2);
	assert_int_equal(read_first(a)->delivered_ms, 1000);
	assert_int_equal(forge_count(a, "receipt", "delivered"), 1);
	assert_int_equal(forge_line(a)->inbox[CLASS_NOTES].last, 2);
}

static void
receipt_takes_each_kind_for_itself(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record record = forge_record(RECORD_RECEIPT, 1);
	const struct message_view *view;

	a->mute = true;
	forge_about(&record, twin_send(a, "x", 0)->reply.sent.id);
	record.receipt = RECEIPT_ACKNOWLEDGED;
	/* A clock that says 1970 is not "not yet". */
	record.time_ms = 0;
	forge_arrive(a, &record, 1);
	view = read_first(a);
	assert_int_equal(view->acknowledged_ms, 1);
	assert_int_equal(view->delivered_ms, 0);
	assert_int_equal(view->read_ms, 0);
	memset(record.id, 2, sizeof(record.id));
	record.receipt = RECEIPT_READ;
	record.time_ms = INT64_MAX;
	forge_arrive(a, &record, 2);
	view = read_first(a);
	assert_true(view->read_ms == INT64_MAX);
	assert_int_equal(view->delivered_ms, 0);
}

static void
receipt_for_no_message_of_ours_changes_nothing(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct request drill = twin_request(a, REQUEST_DRILL);
	struct record record = forge_record(RECORD_RECEIPT, 1);
	const uint8_t unknown[RECORD_ID_BYTES] = { 9 };
	uint8_t theirs[RECORD_ID_BYTES], drilled[RECORD_ID_BYTES];
	uint64_t n;
	size_t before;

	memcpy(theirs, twin_send(b, "x", 0)->reply.sent.id, sizeof(theirs));
	memcpy(drilled, twin_ask(a, &drill)->reply.sent.id, sizeof(drilled));
	twin_run(twin);
	b->mute = true;
	n = forge_line(a)->inbox[CLASS_NOTES].last;
	before = a->event_count;
	record.receipt = RECEIPT_ACKNOWLEDGED;
	forge_about(&record, unknown);
	forge_arrive(a, &record, n + 10);
	memset(record.id, 2, sizeof(record.id));
	forge_about(&record, theirs);
	forge_arrive(a, &record, n + 11);
	assert_int_equal(a->event_count, before);
	/* Of a drill it is something else. */
	memset(record.id, 3, sizeof(record.id));
	forge_about(&record, drilled);
	forge_arrive(a, &record, n + 12);
	assert_int_equal(forge_count(a, "drill", "acknowledged"), 1);
	assert_int_equal(forge_count(a, "receipt", "acknowledged"), 0);
	assert_int_equal(read_first(a)->acknowledged_ms, 0);
	/* Nor is any of it a fault. */
	assert_false(twin_has_event(a, "fault", "fault"));
	assert_int_equal(forge_line(a)->inbox[CLASS_NOTES].last, n + 12);
}

static void
receipt_of_a_person_goes_out_once(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	uint64_t end;

	twin_send(a, "x", 0);
	twin_run(twin);
	end = forge_line(b)->journal.end;
	assert_int_equal(ack(b, "them/1")->reply.kind, REPLY_DONE);
	assert_int_equal(forge_line(b)->journal.end, end + 1);
	assert_int_equal(ack(b, "them/1")->reply.kind, REPLY_DONE);
	twin_restart(b);
	twin_reboot(twin);
	assert_int_equal(ack(b, "them/1")->reply.kind, REPLY_DONE);
	assert_int_equal(forge_line(b)->journal.end, end + 1);
	twin_run(twin);
	assert_int_equal(forge_count(a, "receipt", "acknowledged"), 1);
	assert_true(read_first(a)->acknowledged_ms > 0);
	assert_true(read_first(b)->acknowledged_ms > 0);
}

static void
receipt_of_a_person_is_kept_before_it_goes_out(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	twin_send(a, "x", 0);
	twin_run(twin);
	b->mute = true;
	assert_int_equal(ack(b, "them/1")->reply.kind, REPLY_DONE);
	twin_cut(twin);
	twin_restart(b);
	b->mute = false;
	twin_reboot(twin);
	assert_int_equal(forge_count(a, "receipt", "acknowledged"), 1);
}

static void
receipt_is_refused_for_what_is_no_message_of_theirs(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct request request = twin_request(b, REQUEST_DRILL);
	char ref[17];
	uint64_t end;

	twin_send(b, "ours", 0);
	twin_ask(b, &request);
	for (size_t i = 0; i < 8; i++)
		snprintf(ref + 2 * i, 3, "%02x",
		    b->replies[0].reply.sent.id[i]);
	twin_run(twin);
	end = forge_line(b)->journal.end;
	assert_int_equal(ack(b, "us/1")->reply.err, ERR_STATE);
	assert_int_equal(ack(b, "us/2")->reply.err, ERR_NOT_FOUND);
	assert_int_equal(ack(b, "them/1")->reply.err, ERR_NOT_FOUND);
	assert_int_equal(ack(b, "nonsense")->reply.err, ERR_NOT_FOUND);
	assert_int_equal(ack(b, "")->reply.err, ERR_NOT_FOUND);
	/* A drill is a record, but nothing that a person acknowledges. */
	assert_int_equal(ack(a, ref)->reply.err, ERR_NOT_FOUND);
	assert_int_equal(ack(b, ref)->reply.err, ERR_NOT_FOUND);
	request = twin_request(b, REQUEST_ACK);
	request.line = twin_text("nobody");
	request.ref = twin_text("us/1");
	assert_int_equal(twin_ask(b, &request)->reply.err, ERR_NOT_FOUND);
	assert_int_equal(forge_line(b)->journal.end, end);
}

static void
receipt_is_refused_while_the_message_arrives(void **state)
{
	struct twin *twin = *state;
	struct twin_side *b = &twin->side[1];
	struct record record = forge_record(RECORD_MESSAGE, 1);
	struct line_event event = { .kind = LINE_EVENT_DATA };
	uint8_t head[RECORD_HEAD_BYTES_MAX];
	struct writer w;

	record.serial = 1;
	record.text_bytes = 10;
	buf_write(&w, head, sizeof(head));
	record_encode_head(&w, &record);
	event.piece = (struct piece){ .class = CLASS_ROUTINE,
		.n = 1,
		.data = head,
		.len = w.len };
	keeper_on_line_event(b->keeper, b->line, &event, twin->now);
	twin_run(twin);
	assert_int_equal(ack(b, "them/1")->reply.err, ERR_STATE);
	assert_int_equal(forge_line(b)->journal.end, 0);
	event.piece = (struct piece){ .class = CLASS_ROUTINE,
		.n = 1,
		.offset = w.len,
		.fin = true,
		.data = (const uint8_t *)"ten bytes.",
		.len = 10 };
	keeper_on_line_event(b->keeper, b->line, &event, twin->now);
	twin_run(twin);
	assert_int_equal(ack(b, "them/1")->reply.kind, REPLY_DONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FORGE_CLAIM(receipt_marks_a_message_once),
		FORGE_CLAIM(receipt_takes_each_kind_for_itself),
		FORGE_CLAIM(receipt_for_no_message_of_ours_changes_nothing),
		FORGE_CLAIM(receipt_of_a_person_goes_out_once),
		FORGE_CLAIM(receipt_of_a_person_is_kept_before_it_goes_out),
		FORGE_CLAIM(
		    receipt_is_refused_for_what_is_no_message_of_theirs),
		FORGE_CLAIM(receipt_is_refused_while_the_message_arrives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
