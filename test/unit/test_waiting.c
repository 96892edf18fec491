#include "keeper/waiting.h"

#include "forge.h"

static size_t
list(struct twin_side *side, uint64_t after, uint32_t limit)
{
	struct request request = { .kind = REQUEST_WAITING };

	request.page.after = after;
	request.page.limit = limit;
	twin_ask(side, &request);
	assert_int_equal(side->replies[side->reply_count - 1].reply.kind,
	    REPLY_DONE);
	return side->reply_count - 1;
}

/* Of messages alone: alarms wait beside them. */
static size_t
messages(struct twin_side *side)
{
	size_t count = 0;

	(void)list(side, 0, TWIN_REPLIES_MAX - 1);
	for (size_t i = 0; i + 1 < side->reply_count; i++)
		count +=
		    side->replies[i].reply.view.waiting.kind == WAITING_MESSAGE;
	return count;
}

static void
ack(struct twin_side *side, const char *ref)
{
	struct request request = twin_request(side, REQUEST_ACK);

	request.ref = twin_text(ref);
	assert_int_equal(twin_ask(side, &request)->reply.kind, REPLY_DONE);
}

static void
waiting_are_messages_from_priority_up_until_a_person_acknowledges(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	assert_int_equal(messages(b), 0);
	for (uint8_t precedence = 0; precedence < PRECEDENCE_COUNT;
	     precedence++)
		twin_send(a, "x", precedence);
	assert_int_equal(messages(a), 0);
	twin_run(twin);
	assert_int_equal(messages(b), 3);
	assert_string_equal(b->replies[0].reply.view.waiting.ref, "them/2");
	ack(b, "them/3");
	assert_int_equal(messages(b), 2);
	twin_restart(b);
	assert_int_equal(messages(b), 2);
	ack(b, "them/2");
	ack(b, "them/4");
	assert_int_equal(messages(b), 0);
}

static void
waiting_is_no_message_that_was_withdrawn(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct request request = twin_request(a, REQUEST_SEND);

	twin_send(a, "x", PRECEDENCE_PRIORITY);
	twin_run(twin);
	assert_int_equal(messages(b), 1);
	request.send.text = twin_text("Never mind.");
	request.send.withdraws = twin_text("us/1");
	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_SENT);
	twin_run(twin);
	assert_int_equal(messages(b), 0);
}

static void
waiting_goes_by_pages_and_is_counted_to_a_bound(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	size_t count;

	for (int i = 0; i < 10; i++)
		twin_send(a, "x", PRECEDENCE_PRIORITY);
	twin_run(twin);
	assert_int_equal(list(b, 0, 4), 4);
	assert_true(b->replies[4].reply.cut);
	assert_int_equal(b->replies[3].reply.cursor, 4);
	assert_int_equal(list(b, 4, 4), 4);
	assert_string_equal(b->replies[0].reply.view.waiting.ref, "them/5");
	assert_int_equal(waiting_count(b->keeper, &count), OK);
	assert_true(count >= 10 && count <= WAITING_MAX);
	assert_int_equal(list(b, WAITING_MAX, 10), 0);
	assert_int_equal(list(b, UINT64_MAX, 10), 0);
}

static void
waiting_list_that_is_full_takes_no_more(void **state)
{
	struct waiting_list list = { .most = 2 };
	const struct waiting_about about = { .who = "head" };

	(void)state;
	assert_true(waiting_add(&list, &about, "one"));
	assert_false(waiting_add(&list, &about, "two"));
	assert_false(waiting_add(&list, &about, "three"));
	assert_int_equal(list.count, 2);
}

/* The other side could hide its flash behind whatever else it says. */
static void
waiting_is_all_of_a_kind_however_much_there_is_of_another(void **state)
{
	struct twin *twin = *state;
	struct twin_side *b = &twin->side[1];
	size_t points = 0, flashes = 0;
	uint64_t after = 0;

	for (uint64_t n = 1; n <= WAITING_EACH_MAX + 10; n++) {
		struct record point = forge_record(RECORD_POINT, (uint8_t)n);

		point.subject = (struct record_text){ "one more", 8 };
		forge_arrive(b, &point, n);
	}
	forge_arrive(b,
	    &(struct record){ .kind = RECORD_MESSAGE,
		.id = { 255 },
		.time_ms = 1,
		.precedence = PRECEDENCE_FLASH,
		.subject = { "flash", 5 },
		.serial = 1 },
	    WAITING_EACH_MAX + 11);
	while (list(b, after, 40) > 0) {
		for (size_t i = 0; i + 1 < b->reply_count; i++) {
			const struct reply *reply = &b->replies[i].reply;

			points += reply->view.waiting.kind == WAITING_POINT;
			flashes += reply->view.waiting.kind == WAITING_MESSAGE;
			after = reply->cursor;
		}
	}
	assert_int_equal(points, WAITING_EACH_MAX);
	assert_int_equal(flashes, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FORGE_CLAIM(
		    waiting_are_messages_from_priority_up_until_a_person_acknowledges),
		FORGE_CLAIM(waiting_is_no_message_that_was_withdrawn),
		FORGE_CLAIM(waiting_goes_by_pages_and_is_counted_to_a_bound),
		cmocka_unit_test(waiting_list_that_is_full_takes_no_more),
		FORGE_CLAIM(
		    waiting_is_all_of_a_kind_however_much_there_is_of_another),
	};

	return cmocka_run_group_tests_name("waiting", tests, NULL, NULL);
}
