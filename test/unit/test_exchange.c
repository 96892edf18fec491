#include "core/exchange.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/clock.h"

enum { PART = 700, PARTS = 2 };

static struct exchange exchange;
static uint8_t message[HANDSHAKE_1_BYTES];

static struct attempt
rekey(uint64_t number)
{
	return (struct attempt){ .kind = HANDSHAKE_REKEY, .number = number };
}

static int
part(bool is_a, uint64_t number, unsigned which)
{
	const size_t whole = is_a ? HANDSHAKE_2_BYTES : HANDSHAKE_1_BYTES;
	bool repeated;
	int rc = exchange_on_part(&exchange, is_a, rekey(number), which, PARTS,
	    message, which == 0 ? PART : whole - PART, &repeated);

	return repeated ? 1 : rc;
}

static int
order(enum line_order_kind kind, uint64_t number, size_t len)
{
	struct line_order given = { .kind = kind,
		.attempt = rekey(number),
		.data = message,
		.len = len };

	return exchange_on_order(&exchange, &given);
}

/* What the keeper is told at a time; LINE_EVENT_COUNT for nothing. */
static enum line_event_kind
told_at(uint64_t ms)
{
	struct line_event event;

	if (!exchange_next_event(&exchange, &event, ms * CLOCK_NS_PER_MS))
		return LINE_EVENT_COUNT;
	return event.kind;
}

static void
begin(void)
{
	exchange_init(&exchange, PART);
}

static void
exchange_goes_as_a(void **state)
{
	(void)state;
	begin();
	assert_int_equal(told_at(1), LINE_EVENT_COUNT);
	exchange_start(&exchange, rekey(1));
	assert_int_equal(told_at(1), LINE_EVENT_MAKE_1);
	assert_int_equal(told_at(1), LINE_EVENT_COUNT);
	assert_int_equal(part(true, 1, 0), ERR_STATE);
	assert_int_equal(order(LINE_ORDER_MESSAGE_1, 1, HANDSHAKE_1_BYTES), OK);
	assert_int_equal(exchange.state, EXCHANGE_OFFERING);
	assert_int_equal(part(true, 1, 1), OK);
	assert_int_equal(told_at(1), LINE_EVENT_COUNT);
	assert_int_equal(part(true, 1, 0), OK);
	assert_int_equal(told_at(1), LINE_EVENT_FINISH_2);
	assert_int_equal(part(true, 1, 0), ERR_STATE);
	assert_int_equal(order(LINE_ORDER_KEYS, 1, 0), OK);
	assert_int_equal(exchange.state, EXCHANGE_IDLE);
	assert_int_equal(order(LINE_ORDER_KEYS, 1, 0), ERR_STATE);
}

static void
exchange_goes_as_b(void **state)
{
	(void)state;
	begin();
	assert_int_equal(part(false, 1, 0), OK);
	assert_int_equal(told_at(1), LINE_EVENT_COUNT);
	assert_int_equal(part(false, 1, 1), OK);
	assert_int_equal(told_at(1), LINE_EVENT_ANSWER_1);
	exchange_on_opened(&exchange);
	assert_int_equal(exchange.state, EXCHANGE_ANSWERING);
	assert_int_equal(order(LINE_ORDER_MESSAGE_2, 1, HANDSHAKE_2_BYTES), OK);
	/* What belongs to another state is refused. */
	assert_int_equal(order(LINE_ORDER_MESSAGE_2, 1, HANDSHAKE_2_BYTES),
	    ERR_STATE);
	assert_int_equal(order(LINE_ORDER_CONFIRMED, 1, 0), ERR_STATE);
	/* The answer is cached. */
	assert_int_equal(part(false, 1, 0), 1);
	exchange_on_opened(&exchange);
	assert_int_equal(told_at(1), LINE_EVENT_CONFIRM);
	/* What the keeper syncs is not given up. */
	assert_int_equal(part(false, 2, 0), ERR_STATE);
	assert_int_equal(order(LINE_ORDER_CONFIRMED, 1, 0), OK);
	assert_int_equal(exchange.state, EXCHANGE_IDLE);
	/* R3: only a higher attempt opens another. */
	assert_int_equal(part(false, 1, 0), ERR_STATE);
	assert_int_equal(part(false, 2, 0), OK);
}

static void
exchange_takes_message_2_of_its_latest_attempt_only(void **state)
{
	(void)state;
	begin();
	exchange_start(&exchange, rekey(1));
	assert_int_equal(told_at(1), LINE_EVENT_MAKE_1);
	assert_int_equal(order(LINE_ORDER_MESSAGE_1, 1, HANDSHAKE_1_BYTES), OK);
	assert_int_equal(part(true, 1, 0), OK);
	exchange_start(&exchange, rekey(2));
	/* The answer to the first comes late. */
	assert_int_equal(order(LINE_ORDER_MESSAGE_1, 1, HANDSHAKE_1_BYTES),
	    ERR_STATE);
	assert_int_equal(told_at(2000), LINE_EVENT_MAKE_1);
	assert_int_equal(order(LINE_ORDER_MESSAGE_1, 2, HANDSHAKE_1_BYTES), OK);
	assert_int_equal(part(true, 1, 1), ERR_STATE);
	assert_int_equal(part(true, 3, 1), ERR_STATE);
	/* Nothing of the first's is left. */
	assert_int_equal(part(true, 2, 1), OK);
	assert_int_equal(exchange.state, EXCHANGE_OFFERING);
	assert_int_equal(part(true, 2, 0), OK);
	assert_int_equal(exchange.state, EXCHANGE_FINISHING);
}

static void
exchange_gives_an_attempt_up_for_a_higher(void **state)
{
	(void)state;
	begin();
	assert_int_equal(part(false, 1, 0), OK);
	assert_int_equal(part(false, 3, 1), OK);
	assert_int_equal(part(false, 2, 0), ERR_STATE);
	assert_int_equal(part(false, 1, 1), ERR_STATE);
	assert_int_equal(exchange.state, EXCHANGE_IDLE);
	assert_int_equal(part(false, 3, 0), OK);
	assert_int_equal(exchange.state, EXCHANGE_ANSWERING);
	assert_int_equal(told_at(1), LINE_EVENT_ANSWER_1);
	assert_int_equal(order(LINE_ORDER_MESSAGE_2, 3, HANDSHAKE_2_BYTES), OK);
	/* The answered one stands until the higher is whole. */
	assert_int_equal(part(false, 4, 0), OK);
	assert_int_equal(exchange.state, EXCHANGE_ANSWERED);
	assert_int_equal(part(false, 3, 0), 1);
	assert_int_equal(part(false, 4, 1), OK);
	assert_int_equal(exchange.state, EXCHANGE_ANSWERING);
	assert_int_equal(exchange.attempt.number, 4);
}

/* Its message 1 is no longer whole when it is to be told. */
static void
exchange_tells_no_message_of_which_parts_are_missing(void **state)
{
	(void)state;
	begin();
	assert_int_equal(part(false, 1, 0), OK);
	assert_int_equal(part(false, 1, 1), OK);
	assert_int_equal(part(false, 2, 0), OK);
	assert_int_equal(told_at(1), LINE_EVENT_COUNT);
	assert_int_equal(part(false, 2, 1), OK);
	assert_int_equal(told_at(1), LINE_EVENT_ANSWER_1);
	/* Nor to a keeper that comes back. */
	assert_int_equal(part(false, 3, 0), OK);
	exchange_tell_again(&exchange);
	assert_int_equal(told_at(5000), LINE_EVENT_COUNT);
	/* And the answer to what was given up is late. */
	assert_int_equal(order(LINE_ORDER_MESSAGE_2, 2, HANDSHAKE_2_BYTES),
	    ERR_STATE);
	assert_int_equal(order(LINE_ORDER_FAILED, 2, 0), ERR_STATE);
}

static void
exchange_gives_nothing_up_for_a_lower(void **state)
{
	(void)state;
	begin();
	assert_int_equal(part(false, 5, 0), OK);
	assert_int_equal(part(false, 3, 0), ERR_STATE);
	assert_int_equal(part(false, 4, 1), ERR_STATE);
	assert_int_equal(part(false, 5, 1), OK);
	assert_int_equal(told_at(1), LINE_EVENT_ANSWER_1);
	assert_int_equal(exchange.attempt.number, 5);
}

static void
exchange_takes_no_answer_to_what_it_did_not_ask(void **state)
{
	(void)state;
	begin();
	assert_int_equal(order(LINE_ORDER_MESSAGE_1, 0, HANDSHAKE_1_BYTES),
	    ERR_STATE);
	exchange_start(&exchange, rekey(1));
	/* Of an earlier boot: its number is the same. */
	assert_int_equal(order(LINE_ORDER_MESSAGE_1, 1, HANDSHAKE_1_BYTES),
	    ERR_STATE);
	assert_int_equal(order(LINE_ORDER_FAILED, 1, 0), ERR_STATE);
	assert_int_equal(told_at(1), LINE_EVENT_MAKE_1);
	assert_int_equal(order(LINE_ORDER_MESSAGE_1, 2, HANDSHAKE_1_BYTES),
	    ERR_STATE);
	assert_int_equal(order(LINE_ORDER_MESSAGE_1, 1, HANDSHAKE_1_BYTES - 1),
	    ERR_STATE);
	assert_int_equal(order(LINE_ORDER_MESSAGE_2, 1, HANDSHAKE_2_BYTES),
	    ERR_STATE);
	assert_int_equal(order(LINE_ORDER_KEYS, 1, 0), ERR_STATE);
	assert_int_equal(order(LINE_ORDER_CONFIRMED, 1, 0), ERR_STATE);
	assert_int_equal(exchange.state, EXCHANGE_MAKING);
	assert_int_equal(order(LINE_ORDER_FAILED, 1, 0), OK);
	assert_int_equal(exchange.state, EXCHANGE_IDLE);
}

static void
exchange_refuses_answers_of_another_length(void **state)
{
	bool repeated;

	(void)state;
	begin();
	assert_int_equal(part(false, 1, 0), OK);
	assert_int_equal(part(false, 1, 1), OK);
	assert_int_equal(order(LINE_ORDER_MESSAGE_2, 1, HANDSHAKE_2_BYTES),
	    ERR_STATE);
	assert_int_equal(told_at(1), LINE_EVENT_ANSWER_1);
	assert_int_equal(order(LINE_ORDER_MESSAGE_2, 1, HANDSHAKE_2_BYTES - 1),
	    ERR_STATE);
	assert_int_equal(order(LINE_ORDER_HINTS, 1, 0), ERR_STATE);
	assert_int_equal(exchange.state, EXCHANGE_ANSWERING);

	begin();
	exchange_start(&exchange, rekey(1));
	assert_int_equal(told_at(1), LINE_EVENT_MAKE_1);
	assert_int_equal(order(LINE_ORDER_MESSAGE_1, 1, HANDSHAKE_1_BYTES), OK);
	for (size_t len = 0; len < PART; len += PART - 1)
		assert_int_equal(exchange_on_part(&exchange, true, rekey(1), 0,
				     PARTS, message, len, &repeated),
		    ERR_FORMAT);
	assert_int_equal(exchange_on_part(&exchange, true, rekey(1), 0,
			     PARTS + 1, message, PART, &repeated),
	    ERR_FORMAT);
	assert_int_equal(exchange_on_part(&exchange, true, rekey(1), PARTS,
			     PARTS, message, PART, &repeated),
	    ERR_FORMAT);
	assert_int_equal(exchange.state, EXCHANGE_OFFERING);
}

static void
exchange_computes_once_a_second(void **state)
{
	(void)state;
	begin();
	exchange_start(&exchange, rekey(1));
	assert_int_equal(told_at(1), LINE_EVENT_MAKE_1);
	exchange_start(&exchange, rekey(2));
	assert_int_equal(told_at(2), LINE_EVENT_COUNT);
	assert_int_equal(told_at(HANDSHAKE_INTERVAL_MS), LINE_EVENT_COUNT);
	assert_int_equal(told_at(HANDSHAKE_INTERVAL_MS + 1), LINE_EVENT_MAKE_1);
	/* A new boot is no way around it. */
	exchange_reset(&exchange);
	assert_int_equal(exchange.attempt.number, 0);
	exchange_start(&exchange, rekey(1));
	assert_int_equal(told_at(HANDSHAKE_INTERVAL_MS + 2), LINE_EVENT_COUNT);
	assert_int_equal(told_at(2 * HANDSHAKE_INTERVAL_MS + 1),
	    LINE_EVENT_MAKE_1);
}

static void
exchange_asks_a_new_keeper_again(void **state)
{
	(void)state;
	begin();
	assert_int_equal(part(false, 1, 0), OK);
	assert_int_equal(part(false, 1, 1), OK);
	assert_int_equal(told_at(1), LINE_EVENT_ANSWER_1);
	exchange_tell_again(&exchange);
	assert_int_equal(told_at(2000), LINE_EVENT_ANSWER_1);
	assert_int_equal(order(LINE_ORDER_MESSAGE_2, 1, HANDSHAKE_2_BYTES), OK);
	exchange_on_opened(&exchange);
	assert_int_equal(told_at(2000), LINE_EVENT_CONFIRM);
	exchange_tell_again(&exchange);
	assert_int_equal(told_at(2000), LINE_EVENT_CONFIRM);
}

static void
exchange_leaves_no_message_behind(void **state)
{
	static const uint8_t zeros[HANDSHAKE_BYTES_MAX];

	(void)state;
	begin();
	memset(message, 0x77, sizeof(message));
	exchange_start(&exchange, rekey(1));
	assert_int_equal(told_at(1), LINE_EVENT_MAKE_1);
	assert_int_equal(order(LINE_ORDER_MESSAGE_1, 1, HANDSHAKE_1_BYTES), OK);
	assert_int_equal(part(true, 1, 0), OK);
	assert_int_equal(part(true, 1, 1), OK);
	assert_int_equal(told_at(1), LINE_EVENT_FINISH_2);
	assert_int_equal(order(LINE_ORDER_KEYS, 1, 0), OK);
	assert_memory_equal(exchange.in.data, zeros, sizeof(zeros));
	assert_memory_equal(exchange.out.data, zeros, sizeof(zeros));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exchange_goes_as_a),
		cmocka_unit_test(exchange_goes_as_b),
		cmocka_unit_test(
		    exchange_takes_message_2_of_its_latest_attempt_only),
		cmocka_unit_test(exchange_gives_an_attempt_up_for_a_higher),
		cmocka_unit_test(
		    exchange_tells_no_message_of_which_parts_are_missing),
		cmocka_unit_test(exchange_gives_nothing_up_for_a_lower),
		cmocka_unit_test(
		    exchange_takes_no_answer_to_what_it_did_not_ask),
		cmocka_unit_test(exchange_refuses_answers_of_another_length),
		cmocka_unit_test(exchange_computes_once_a_second),
		cmocka_unit_test(exchange_asks_a_new_keeper_again),
		cmocka_unit_test(exchange_leaves_no_message_behind),
	};

	return cmocka_run_group_tests_name("exchange", tests, NULL, NULL);
}
