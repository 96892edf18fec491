#include "core/rekey.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/clock.h"

enum { SLOT_MS = 100, BODY_BYTES = 1100 };

static const struct cadence talk = { 1200, SLOT_MS * 1000 };
static struct rekey a, b;
static uint64_t now_ns;
static uint8_t message[HANDSHAKE_1_BYTES];

static void
begin(void)
{
	now_ns = UINT64_C(1000) * CLOCK_NS_PER_S;
	rekey_init(&a, ROLE_A, talk);
	rekey_init(&b, ROLE_B, talk);
	rekey_on_session(&a, now_ns);
	rekey_on_session(&b, now_ns);
	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (uint8_t)(i * 3);
}

/* The keeper is told something and answers. */
static void
answer(struct rekey *rekey, enum line_event_kind asked,
    enum line_order_kind kind, size_t len)
{
	struct line_order order = { .kind = kind, .data = message, .len = len };
	struct line_event event;

	now_ns += CLOCK_NS_PER_S;
	assert_true(exchange_next_event(&rekey->exchange, &event, now_ns));
	assert_int_equal(event.kind, asked);
	assert_int_equal(event.attempt.kind, HANDSHAKE_REKEY);
	order.attempt = event.attempt;
	assert_int_equal(rekey_on_order(rekey, &order, now_ns), OK);
}

/* The part that waits goes over; `to` NULL: it is lost. */
static void
pass(struct rekey *from, struct rekey *to)
{
	uint8_t body[BODY_BYTES];
	struct writer w;

	assert_true(rekey_has_part(from, 0));
	buf_write(&w, body, sizeof(body));
	rekey_encode(from, 0, &w);
	assert_true(buf_is_sound(&w));
	rekey_said(from, 0, now_ns, CLOCK_NS_PER_S);
	if (to)
		assert_int_equal(rekey_on_record(to, body, w.len), OK);
}

static void
until_due(void)
{
	now_ns += UINT64_C(200) * CLOCK_NS_PER_S;
	rekey_on_slot(&a, now_ns);
}

/* A has keys, B has answered. */
static void
run_to_keys(void)
{
	assert_true(rekey_on_proof(&a) || !a.unproved);
	until_due();
	answer(&a, LINE_EVENT_MAKE_1, LINE_ORDER_MESSAGE_1, HANDSHAKE_1_BYTES);
	pass(&a, &b);
	pass(&a, &b);
	assert_false(rekey_has_part(&a, 0));
	answer(&b, LINE_EVENT_ANSWER_1, LINE_ORDER_MESSAGE_2,
	    HANDSHAKE_2_BYTES);
	pass(&b, &a);
	pass(&b, &a);
	answer(&a, LINE_EVENT_FINISH_2, LINE_ORDER_KEYS, 0);
}

static void
rekey_goes_its_way(void **state)
{
	(void)state;
	begin();
	for (uint64_t i = 1; i <= 3; i++) {
		run_to_keys();
		assert_int_equal(a.attempts, i);
		exchange_on_opened(&b.exchange);
		answer(&b, LINE_EVENT_CONFIRM, LINE_ORDER_CONFIRMED, 0);
		assert_false(rekey_has_part(&a, 0));
		assert_false(rekey_has_part(&b, 0));
	}
}

static void
rekey_begins_only_when_it_is_time(void **state)
{
	struct line_event event;

	(void)state;
	begin();
	/* Not before B was seen to send under the boot's key. */
	until_due();
	assert_int_equal(a.exchange.state, EXCHANGE_IDLE);
	begin();
	assert_true(rekey_on_proof(&a));
	assert_false(rekey_on_proof(&a));
	now_ns += (uint64_t)REKEY_S * CLOCK_NS_PER_S - 1;
	rekey_on_slot(&a, now_ns);
	assert_int_equal(a.exchange.state, EXCHANGE_IDLE);
	rekey_on_slot(&a, now_ns + 1);
	assert_int_equal(a.exchange.state, EXCHANGE_MAKING);
	/* B never begins. */
	rekey_on_slot(&b, now_ns * 2);
	assert_false(exchange_next_event(&b.exchange, &event, now_ns * 2));
}

/* R7: after it took a message 2, none until R6. */
static void
rekey_waits_until_the_last_is_proved(void **state)
{
	(void)state;
	begin();
	run_to_keys();
	until_due();
	assert_int_equal(a.exchange.state, EXCHANGE_IDLE);
	assert_true(rekey_on_proof(&a));
	until_due();
	assert_int_equal(a.exchange.state, EXCHANGE_MAKING);
}

static void
rekey_repeats_what_was_lost(void **state)
{
	(void)state;
	begin();
	assert_true(rekey_on_proof(&a));
	until_due();
	answer(&a, LINE_EVENT_MAKE_1, LINE_ORDER_MESSAGE_1, HANDSHAKE_1_BYTES);
	pass(&a, &b);
	pass(&a, NULL);
	rekey_on_slot(&a, now_ns + CLOCK_NS_PER_S - 1);
	assert_false(rekey_has_part(&a, 0));
	now_ns += CLOCK_NS_PER_S;
	rekey_on_slot(&a, now_ns);
	pass(&a, &b);
	pass(&a, &b);
	answer(&b, LINE_EVENT_ANSWER_1, LINE_ORDER_MESSAGE_2,
	    HANDSHAKE_2_BYTES);
	pass(&b, NULL);
	pass(&b, NULL);
	/* Asked again, it answers from what it has. */
	now_ns += CLOCK_NS_PER_S;
	rekey_on_slot(&a, now_ns);
	pass(&a, &b);
	pass(&b, &a);
	pass(&b, &a);
	assert_int_equal(a.exchange.state, EXCHANGE_FINISHING);
	assert_int_equal(a.attempts, 1);
}

static void
rekey_replaces_an_unanswered_attempt(void **state)
{
	(void)state;
	begin();
	assert_true(rekey_on_proof(&a));
	until_due();
	answer(&a, LINE_EVENT_MAKE_1, LINE_ORDER_MESSAGE_1, HANDSHAKE_1_BYTES);
	pass(&a, &b);
	pass(&a, &b);
	answer(&b, LINE_EVENT_ANSWER_1, LINE_ORDER_MESSAGE_2,
	    HANDSHAKE_2_BYTES);
	/* B is amid its answer when A asks anew. */
	pass(&b, NULL);
	now_ns += (uint64_t)HANDSHAKE_RETRY_S * CLOCK_NS_PER_S;
	rekey_on_slot(&a, now_ns);
	assert_int_equal(a.attempts, 1);
	now_ns += HANDSHAKE_RETRY_SLOTS * cadence_slot_ns(talk);
	rekey_on_slot(&a, now_ns);
	assert_int_equal(a.attempts, 2);
	answer(&a, LINE_EVENT_MAKE_1, LINE_ORDER_MESSAGE_1, HANDSHAKE_1_BYTES);
	pass(&a, &b);
	pass(&a, &b);
	/* What it has answers another question. */
	assert_false(rekey_has_part(&b, 0));
	answer(&b, LINE_EVENT_ANSWER_1, LINE_ORDER_MESSAGE_2,
	    HANDSHAKE_2_BYTES);
	pass(&b, &a);
	pass(&b, &a);
	assert_int_equal(a.exchange.state, EXCHANGE_FINISHING);
}

static void
rekey_refuses_what_breaks_its_layout(void **state)
{
	uint8_t body[BODY_BYTES] = { 1, 0, 0, 0, 0, 0, 0, 0, 0, 2 };

	(void)state;
	begin();
	for (size_t len = 0; len < 10; len++)
		assert_int_equal(rekey_on_record(&b, body, len), ERR_FORMAT);
	/* No data, too little, too much. */
	assert_int_equal(rekey_on_record(&b, body, 10), ERR_FORMAT);
	assert_int_equal(rekey_on_record(&b, body, 10 + 1079), ERR_FORMAT);
	assert_int_equal(rekey_on_record(&b, body, 10 + 1081), ERR_FORMAT);
	/* Other parts than there are. */
	body[9] = 3;
	assert_int_equal(rekey_on_record(&b, body, 10 + 1080), ERR_FORMAT);
	body[9] = 2;
	body[8] = 2;
	assert_int_equal(rekey_on_record(&b, body, 10 + 1080), ERR_FORMAT);
	body[8] = 0;
	/* Attempt 0. */
	body[0] = 0;
	assert_int_equal(rekey_on_record(&b, body, 10 + 1080), ERR_FORMAT);
	body[0] = 1;
	assert_int_equal(rekey_on_record(&b, body, 10 + 1080), OK);
	/* To A, who asked nothing, it is late, and no fault. */
	assert_int_equal(rekey_on_record(&a, body, 10 + 1080), OK);
	assert_int_equal(a.exchange.state, EXCHANGE_IDLE);
}

static void
rekey_fits_every_frame(void **state)
{
	(void)state;
	for (uint16_t bytes = FRAME_BYTES_MIN; bytes <= FRAME_BYTES_MAX;
	     bytes++) {
		struct parcel parcel;

		rekey_init(&a, ROLE_A, (struct cadence){ bytes, 1000 });
		assert_int_equal(a.exchange.part_bytes, bytes - 120);
		parcel_expect(&parcel, HANDSHAKE_1_BYTES,
		    a.exchange.part_bytes);
		assert_in_range(parcel_parts(&parcel), 2, 10);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rekey_goes_its_way),
		cmocka_unit_test(rekey_begins_only_when_it_is_time),
		cmocka_unit_test(rekey_waits_until_the_last_is_proved),
		cmocka_unit_test(rekey_repeats_what_was_lost),
		cmocka_unit_test(rekey_replaces_an_unanswered_attempt),
		cmocka_unit_test(rekey_refuses_what_breaks_its_layout),
		cmocka_unit_test(rekey_fits_every_frame),
	};

	return cmocka_run_group_tests_name("rekey", tests, NULL, NULL);
}
