/* Handing our journal to wire. */
#include "keeper/outbox.h"

#include "twin.h"

static int
setup(void **state)
{
	*state = twin_new_line();
	return 0;
}

static int
teardown(void **state)
{
	twin_free(*state);
	return 0;
}

static void
tell_have(struct twin_side *side, enum record_class class, uint64_t n,
    uint64_t offset)
{
	struct line_event event = { .kind = LINE_EVENT_HAVE };

	event.have.at[class] = (struct position){ n, offset };
	event.have.credit = 1000000;
	keeper_on_line_event(side->keeper, side->line, &event, side->twin->now);
}

/* Wants `room` bytes of routine records from a position, of nothing else. */
static void
want(struct twin_side *side, uint64_t n, uint64_t offset, uint32_t room)
{
	struct line_event event = { .kind = LINE_EVENT_WANT };

	event.want.at[CLASS_ROUTINE] = (struct position){ n, offset };
	event.want.room[CLASS_ROUTINE] = room;
	side->orders[LINE_ORDER_PIECE] = 0;
	side->held[CLASS_ROUTINE] = event.want.at[CLASS_ROUTINE];
	side->room[CLASS_ROUTINE] = UINT32_MAX;
	keeper_on_line_event(side->keeper, side->line, &event, side->twin->now);
}

static void
outbox_opens_no_more_records_than_it_may(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	a->mute = true;
	want(a, 0, 0, 0);
	for (int i = 0; i < 40; i++)
		twin_send(a, "x", 0);
	assert_int_equal(a->orders[LINE_ORDER_PIECE], 0);
	want(a, 0, 0, 1000000);
	assert_int_equal(a->orders[LINE_ORDER_PIECE], RECORDS_OPEN_MAX);
	/* As the peer holds more, more are opened. */
	tell_have(a, CLASS_ROUTINE, 3, 0);
	assert_int_equal(a->orders[LINE_ORDER_PIECE], RECORDS_OPEN_MAX + 3);
	tell_have(a, CLASS_ROUTINE, 30, 0);
	assert_int_equal(a->orders[LINE_ORDER_PIECE], 40);
	assert_int_equal(a->held[CLASS_ROUTINE].n, 40);
}

static void
outbox_hands_over_no_more_than_wire_has_room(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	uint64_t sum = 0;

	a->mute = true;
	twin_send_file(a, "text", 200000, "application/zip");
	for (int i = 0; i < 10; i++) {
		want(a, 0, sum, 1000);
		assert_int_equal(a->orders[LINE_ORDER_PIECE], 1);
		assert_int_equal(a->last[LINE_ORDER_PIECE].order.piece.len,
		    1000);
		assert_int_equal(a->last[LINE_ORDER_PIECE].order.piece.offset,
		    sum);
		sum += 1000;
	}
	want(a, 0, sum, 40000);
	assert_int_equal(a->orders[LINE_ORDER_PIECE], 2);
	/* No record begins without what puts it in order. */
	want(a, 0, 0, RECORD_FIXED_BYTES - 1);
	assert_int_equal(a->orders[LINE_ORDER_PIECE], 0);
	want(a, 0, 0, RECORD_FIXED_BYTES);
	assert_int_equal(a->orders[LINE_ORDER_PIECE], 1);
}

static void
outbox_withstands_wants_from_anywhere(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	a->mute = true;
	twin_send(a, "x", 0);
	want(a, 0, 1000000, 1000);
	assert_int_equal(a->orders[LINE_ORDER_PIECE], 0);
	want(a, 0, UINT64_MAX, 1000);
	assert_int_equal(a->orders[LINE_ORDER_PIECE], 0);
	want(a, UINT64_MAX, 5, 1000);
	assert_int_equal(a->orders[LINE_ORDER_PIECE], 0);
	want(a, 7, 0, UINT32_MAX);
	assert_int_equal(a->orders[LINE_ORDER_PIECE], 0);
	want(a, 0, 0, 1000);
	assert_int_equal(a->orders[LINE_ORDER_PIECE], 1);
}

static void
outbox_believes_no_have_beyond_its_journal(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	twin_send(a, "x", 0);
	a->event_count = 0;
	tell_have(a, CLASS_ROUTINE, 1, 0);
	assert_false(twin_has_event(a, "fault", "fault"));
	tell_have(a, CLASS_ROUTINE, 1, 1);
	assert_true(twin_has_event(a, "fault", "fault"));
	assert_int_equal(twin_send(a, "y", 0)->reply.sent.serial, 0);
	/* One that fits: what waited has its number. */
	tell_have(a, CLASS_ROUTINE, 1, 0);
	assert_int_equal(twin_send(a, "z", 0)->reply.sent.serial, 3);
}

static void
outbox_counts_what_waits(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_LINE_SHOW);
	uint64_t bytes;

	a->mute = true;
	twin_send_file(a, "", 100000, "application/zip");
	bytes = a->replies[0].reply.sent.bytes;
	assert_int_equal(a->replies[0].reply.sent.bytes_ahead, bytes);
	twin_send(a, "urgent", 3);
	assert_true(a->replies[0].reply.sent.bytes_ahead < 1000);
	twin_ask(a, &request);
	assert_int_equal(a->replies[0].reply.line.outbox_messages, 2);
	assert_true(a->replies[0].reply.line.outbox_bytes > bytes);
	tell_have(a, CLASS_ROUTINE, 0, 60000);
	twin_ask(a, &request);
	assert_true(a->replies[0].reply.line.outbox_bytes < bytes - 50000);
	assert_int_equal(twin_read(a), 2);
	assert_int_equal(a->replies[0].reply.message.bytes_held, 60000);
	/* A peer that says it holds more than there is holds all of it. */
	tell_have(a, CLASS_ROUTINE, 0, UINT64_MAX);
	assert_int_equal(twin_read(a), 2);
	assert_int_equal(a->replies[0].reply.message.bytes_held, bytes);
}

static uint64_t
messages_waiting(struct twin_side *side)
{
	struct request request = twin_request(side, REQUEST_LINE_SHOW);
	const struct line_view *view = &side->replies[0].reply.line;
	uint64_t messages, bytes;

	twin_ask(side, &request);
	messages = view->outbox_messages;
	bytes = view->outbox_bytes;
	/* What is kept in step is what a count in the store finds. */
	outbox_count_anew(post_find_name(side->keeper, request.line));
	twin_ask(side, &request);
	assert_int_equal(view->outbox_messages, messages);
	assert_int_equal(view->outbox_bytes, bytes);
	return messages;
}

static void
outbox_counts_in_step_with_the_store(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	a->mute = true;
	assert_int_equal(messages_waiting(a), 0);
	for (uint8_t precedence = 0; precedence < PRECEDENCE_COUNT;
	     precedence++)
		twin_send(a, "x", precedence);
	assert_int_equal(messages_waiting(a), 4);
	/* Held, but without its receipt. */
	tell_have(a, CLASS_ROUTINE, 1, 0);
	assert_int_equal(messages_waiting(a), 4);
	twin_send(a, "y", 0);
	assert_int_equal(messages_waiting(a), 5);
	twin_restart(a);
	assert_int_equal(messages_waiting(a), 5);
	a->mute = false;
	twin_reboot(twin);
	assert_int_equal(messages_waiting(a), 0);
	twin_send(a, "z", 0);
	twin_run(twin);
	assert_int_equal(messages_waiting(a), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(outbox_opens_no_more_records_than_it_may),
		TEST(outbox_hands_over_no_more_than_wire_has_room),
		TEST(outbox_withstands_wants_from_anywhere),
		TEST(outbox_believes_no_have_beyond_its_journal),
		TEST(outbox_counts_what_waits),
		TEST(outbox_counts_in_step_with_the_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
