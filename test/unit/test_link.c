#include "proc/link.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Two links on one loop; `b` has rules and counts. */
struct house {
	struct loop loop;
	struct link a;
	struct link b;
	struct loop_timer timer;
	int lost_why;
	unsigned taken;
	unsigned stop_after; /* messages */
	unsigned hold_after;
	unsigned urgent;
	bool close_in_handler;
	uint32_t last_line;
};

static int
on_order(void *ctx, const struct pmsg *msg)
{
	struct house *house = ctx;

	house->taken++;
	house->last_line = msg->line;
	if (house->taken == house->hold_after)
		link_hold(&house->b, true);
	if (house->taken == house->stop_after)
		loop_stop(&house->loop);
	if (house->close_in_handler) {
		link_close(&house->b);
		/* The message stays readable until the handler is done. */
		assert_int_equal(msg->body[0], 'x');
		loop_stop(&house->loop);
	}
	return OK;
}

static int
on_refused(void *ctx, const struct pmsg *msg)
{
	(void)ctx;
	(void)msg;
	return ERR_FORMAT;
}

static const struct pmsg_rule rules[] = {
	{ PMSG_ORDER, PROC_KEEPER, 64 * 1024, 0, on_order },
	{ PMSG_LINE_DROP, PROC_KEEPER, 0, PMSG_EXACT, on_refused },
};

static void
on_lost(void *ctx, struct link *link, int why)
{
	struct house *house = ctx;

	assert_false(link_is_open(link));
	house->lost_why = why;
	loop_stop(&house->loop);
}

static void
on_timeout(void *ctx)
{
	struct house *house = ctx;

	loop_stop(&house->loop);
}

static void
open_house(struct house *house)
{
	const struct pmsg_end wire = { PROC_WIRE, 1 };
	const struct pmsg_end keeper = { PROC_KEEPER, 1 };
	int fds[2];

	memset(house, 0, sizeof(*house));
	loop_init(&house->loop);
	link_init(&house->a);
	link_init(&house->b);
	loop_timer_init(&house->loop, &house->timer, on_timeout, house);
	assert_int_equal(channel_pair(fds), OK);
	link_open(&house->a, &house->loop, fds[0], wire,
	    (struct pmsg_rules){ NULL, 0 }, house);
	link_open(&house->b, &house->loop, fds[1], keeper,
	    (struct pmsg_rules){ rules, 2 }, house);
	link_set_lost(&house->b, on_lost, house);
}

static void
close_house(struct house *house)
{
	link_close(&house->a);
	link_close(&house->b);
	loop_timer_close(&house->timer);
	loop_close(&house->loop);
}

/* Runs until a handler stops the loop, or this long. */
static void
run(struct house *house, uint64_t ms)
{
	loop_timer_set(&house->timer, clock_now_ns() + ms * CLOCK_NS_PER_MS);
	loop_run(&house->loop);
}

static void
messages_reach_their_handler(void **state)
{
	struct house house;
	uint32_t i;

	(void)state;
	open_house(&house);
	for (i = 1; i <= 1000; i++)
		link_send(&house.a, PMSG_ORDER, i, "x", 1);
	house.stop_after = 1000;
	run(&house, 5000);
	assert_int_equal(house.taken, 1000);
	assert_int_equal(house.last_line, 1000);
	close_house(&house);
}

static void
last_words_are_heard_whatever_was_still_to_be_said(void **state)
{
	struct house house;

	(void)state;
	open_house(&house);
	link_send(&house.a, PMSG_ORDER, 7, "x", 1);
	link_close(&house.a);
	/* Nobody takes them any more; the second waits for room to write. */
	link_send(&house.b, PMSG_ORDER, 1, "y", 1);
	link_send(&house.b, PMSG_ORDER, 2, "y", 1);
	run(&house, 5000);
	assert_int_equal(house.taken, 1);
	assert_int_equal(house.last_line, 7);
	assert_int_equal(house.lost_why, ERR_IO);
	close_house(&house);
}

static void
sender_out_of_rule_is_lost(void **state)
{
	struct house house;

	(void)state;
	open_house(&house);
	link_send(&house.a, PMSG_DOWN, 0, NULL, 0);
	run(&house, 5000);
	assert_int_equal(house.lost_why, ERR_DENIED);
	close_house(&house);

	open_house(&house);
	link_send(&house.a, PMSG_LINE_DROP, 0, "x", 1);
	run(&house, 5000);
	assert_int_equal(house.lost_why, ERR_SIZE);
	close_house(&house);

	open_house(&house);
	link_send(&house.a, PMSG_LINE_DROP, 0, NULL, 0);
	run(&house, 5000);
	assert_int_equal(house.lost_why, ERR_FORMAT);
	close_house(&house);
}

static void
sender_that_ends_is_lost_after_its_last_word(void **state)
{
	struct house house;

	(void)state;
	open_house(&house);
	link_send(&house.a, PMSG_ORDER, 5, "x", 1);
	link_close(&house.a);
	run(&house, 5000);
	assert_int_equal(house.lost_why, ERR_IO);
	assert_int_equal(house.taken, 1);
	close_house(&house);
}

static void
reader_that_stopped_is_lost(void **state)
{
	static uint8_t body[64 * 1024];
	struct house house;
	int i;

	(void)state;
	open_house(&house);
	link_set_lost(&house.a, on_lost, &house);
	link_hold(&house.b, true);
	for (i = 0; i < CHANNEL_OUT_BYTES_MAX / 65536 + 16; i++)
		link_send(&house.a, PMSG_ORDER, 0, body, sizeof(body));
	assert_true(link_is_backed_up(&house.a));
	run(&house, 5000);
	assert_int_equal(house.lost_why, ERR_FULL);
	close_house(&house);
}

static void
corked_messages_leave_together(void **state)
{
	struct house house;
	uint32_t i;

	(void)state;
	open_house(&house);
	link_cork(&house.a, true);
	for (i = 1; i <= 100; i++)
		link_send(&house.a, PMSG_ORDER, i, "x", 1);
	run(&house, 20);
	assert_int_equal(house.taken, 0);
	house.stop_after = 100;
	link_cork(&house.a, false);
	run(&house, 5000);
	assert_int_equal(house.taken, 100);
	assert_int_equal(house.last_line, 100);
	close_house(&house);
}

/* Whatever is said meanwhile, no more waits than should. */
static void
corked_link_overflows_no_sooner(void **state)
{
	static uint8_t body[32 * 1024];
	struct house house;

	(void)state;
	open_house(&house);
	link_cork(&house.a, true);
	for (unsigned i = 0; i < 100; i++) {
		link_send(&house.a, PMSG_ORDER, i, body, sizeof(body));
		if (house.taken < 90 && i % 10 == 9)
			run(&house, 5);
	}
	assert_true(house.taken > 0);
	assert_int_equal(house.lost_why, OK);
	house.stop_after = 100;
	link_cork(&house.a, false);
	run(&house, 5000);
	assert_int_equal(house.taken, 100);
	close_house(&house);
}

static void
held_messages_wait_and_come_in_order(void **state)
{
	struct house house;
	uint32_t i;

	(void)state;
	open_house(&house);
	house.hold_after = 10;
	for (i = 1; i <= 100; i++)
		link_send(&house.a, PMSG_ORDER, i, "x", 1);
	run(&house, 50);
	assert_int_equal(house.taken, 10);
	house.stop_after = 100;
	link_hold(&house.b, false);
	run(&house, 5000);
	assert_int_equal(house.taken, 100);
	assert_int_equal(house.last_line, 100);
	close_house(&house);
}

static void
held_sender_that_ends_is_lost(void **state)
{
	struct house house;

	(void)state;
	open_house(&house);
	link_hold(&house.b, true);
	link_close(&house.a);
	run(&house, 5000);
	assert_int_equal(house.lost_why, ERR_IO);
	close_house(&house);
}

static void
link_closes_within_its_handler(void **state)
{
	struct house house;

	(void)state;
	open_house(&house);
	house.close_in_handler = true;
	link_send(&house.a, PMSG_ORDER, 1, "x", 1);
	link_send(&house.a, PMSG_ORDER, 2, "x", 1);
	run(&house, 5000);
	assert_int_equal(house.taken, 1);
	assert_false(link_is_open(&house.b));
	assert_int_equal(house.lost_why, OK);
	close_house(&house);
}

static void
closed_link_sends_nothing(void **state)
{
	struct house house;
	struct writer w;
	int fds[2];

	(void)state;
	open_house(&house);
	link_close(&house.a);
	link_send(&house.a, PMSG_ORDER, 1, "x", 1);
	link_compose(&house.a, &w);
	buf_put_u8(&w, 1);
	link_post(&house.a, PMSG_ORDER, 1, &w);
	assert_int_equal(pipe(fds), 0);
	/* The descriptor is taken all the same. */
	link_send_fd(&house.a, PMSG_LISTEN, 0, NULL, 0, fds[0]);
	assert_int_equal(close(fds[0]), -1);
	(void)close(fds[1]);
	close_house(&house);
}

static void
on_urgent(void *ctx)
{
	struct house *house = ctx;

	house->urgent++;
}

static void
urgent_work_comes_between_messages(void **state)
{
	struct house house;
	uint32_t i;

	(void)state;
	open_house(&house);
	loop_set_urgent(&house.loop, on_urgent, &house);
	house.stop_after = 100;
	for (i = 1; i <= 100; i++)
		link_send(&house.a, PMSG_ORDER, i, "x", 1);
	run(&house, 5000);
	assert_true(house.urgent >= 100);
	close_house(&house);
}

static void
timer_set_anew_fires_once(void **state)
{
	struct house house;
	uint64_t start_ns = clock_now_ns();

	(void)state;
	open_house(&house);
	loop_timer_set(&house.timer, start_ns + CLOCK_NS_PER_MS);
	loop_timer_set(&house.timer, start_ns + 20 * CLOCK_NS_PER_MS);
	loop_run(&house.loop);
	assert_true(clock_now_ns() >= start_ns + 20 * CLOCK_NS_PER_MS);
	/* A moment that is past is due at once. */
	loop_timer_set(&house.timer, 0);
	loop_run(&house.loop);
	close_house(&house);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_reach_their_handler),
		cmocka_unit_test(
		    last_words_are_heard_whatever_was_still_to_be_said),
		cmocka_unit_test(sender_out_of_rule_is_lost),
		cmocka_unit_test(sender_that_ends_is_lost_after_its_last_word),
		cmocka_unit_test(reader_that_stopped_is_lost),
		cmocka_unit_test(corked_messages_leave_together),
		cmocka_unit_test(corked_link_overflows_no_sooner),
		cmocka_unit_test(held_messages_wait_and_come_in_order),
		cmocka_unit_test(held_sender_that_ends_is_lost),
		cmocka_unit_test(link_closes_within_its_handler),
		cmocka_unit_test(closed_link_sends_nothing),
		cmocka_unit_test(urgent_work_comes_between_messages),
		cmocka_unit_test(timer_set_anew_fires_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
