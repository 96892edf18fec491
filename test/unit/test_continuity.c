/* Handshakes of two keepers, and the secrets that carry over. */
#include "keeper/continuity.h"

#include "twin.h"

static const struct attempt boot1 = { HANDSHAKE_BOOT, 1, CONTINUITY_CUR };
static const struct attempt rekey1 = { HANDSHAKE_REKEY, 1, CONTINUITY_CUR };

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

/* Tells a keeper something of an attempt; gives the first order it made of it,
 * or NULL. */
static struct twin_order *
tell(struct twin_side *side, enum line_event_kind kind, struct attempt attempt,
    const uint8_t *data, size_t len)
{
	static const enum line_order_kind answers[] = { LINE_ORDER_MESSAGE_1,
		LINE_ORDER_MESSAGE_2, LINE_ORDER_KEYS, LINE_ORDER_CONFIRMED,
		LINE_ORDER_FAILED };
	struct line_event event = { .kind = kind,
		.attempt = attempt,
		.data = data,
		.len = len };

	memset(side->orders, 0, sizeof(side->orders));
	keeper_on_line_event(side->keeper, side->line, &event, side->twin->now);
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (side->orders[answers[i]] > 0)
			return &side->last[answers[i]];
	}
	return NULL;
}

static void
expect(const struct twin_order *order, enum line_order_kind kind)
{
	assert_non_null(order);
	assert_int_equal(order->order.kind, kind);
}

static struct twin_order *
answer(struct twin *twin, struct attempt a_attempt, struct attempt b_attempt)
{
	struct twin_order *order =
	    tell(&twin->side[0], LINE_EVENT_MAKE_1, a_attempt, NULL, 0);

	expect(order, LINE_ORDER_MESSAGE_1);
	assert_int_equal(order->order.len, HANDSHAKE_1_BYTES);
	return tell(&twin->side[1], LINE_EVENT_ANSWER_1, b_attempt, order->data,
	    HANDSHAKE_1_BYTES);
}

/* All of it; both must have the same keys, crossed. */
static void
shake(struct twin *twin, struct attempt attempt)
{
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct twin_order *order = answer(twin, attempt, attempt);
	struct session_keys b_keys, a_keys;

	expect(order, LINE_ORDER_MESSAGE_2);
	b_keys = order->order.keys;
	order = tell(a, LINE_EVENT_FINISH_2, attempt, order->data,
	    HANDSHAKE_2_BYTES);
	expect(order, LINE_ORDER_KEYS);
	a_keys = order->order.keys;
	assert_memory_equal(a_keys.send, b_keys.recv, SESSION_KEY_BYTES);
	assert_memory_equal(a_keys.recv, b_keys.send, SESSION_KEY_BYTES);
	assert_memory_not_equal(a_keys.send, a_keys.recv, SESSION_KEY_BYTES);
	expect(tell(b, LINE_EVENT_CONFIRM, attempt, NULL, 0),
	    LINE_ORDER_CONFIRMED);
	assert_null(tell(a, LINE_EVENT_PROVED, attempt, NULL, 0));
	/* With the keys, in one order; and when they are proved. */
	assert_memory_equal(&a->last[LINE_ORDER_KEYS].order.hints,
	    &b->last[LINE_ORDER_CONFIRMED].order.hints, 2 * HINT_BYTES);
	assert_memory_equal(&a->last[LINE_ORDER_HINTS].order.hints,
	    &b->last[LINE_ORDER_CONFIRMED].order.hints, 2 * HINT_BYTES);
	assert_true(a->last[LINE_ORDER_HINTS].order.hints.proved);
}

static void
continuity_boots_and_rekeys(void **state)
{
	struct twin *twin = *state;

	shake(twin, boot1);
	for (uint64_t i = 1; i < 5; i++)
		shake(twin,
		    (struct attempt){ HANDSHAKE_REKEY, i, CONTINUITY_CUR });
	shake(twin, boot1);
	shake(twin, rekey1);
}

static void
continuity_rekeys_only_after_a_boot(void **state)
{
	struct twin *twin = *state;
	uint8_t message[HANDSHAKE_1_BYTES] = { 0 };

	expect(tell(&twin->side[0], LINE_EVENT_MAKE_1, rekey1, NULL, 0),
	    LINE_ORDER_FAILED);
	expect(tell(&twin->side[1], LINE_EVENT_ANSWER_1, rekey1, message,
		   sizeof(message)),
	    LINE_ORDER_FAILED);
}

static void
continuity_keeps_to_its_role(void **state)
{
	struct twin *twin = *state;
	uint8_t message[HANDSHAKE_1_BYTES] = { 0 };

	expect(tell(&twin->side[1], LINE_EVENT_MAKE_1, boot1, NULL, 0),
	    LINE_ORDER_FAILED);
	expect(tell(&twin->side[0], LINE_EVENT_ANSWER_1, boot1, message,
		   sizeof(message)),
	    LINE_ORDER_FAILED);
	expect(tell(&twin->side[0], LINE_EVENT_CONFIRM, boot1, NULL, 0),
	    LINE_ORDER_FAILED);
	assert_null(tell(&twin->side[1], LINE_EVENT_PROVED, boot1, NULL, 0));
}

static void
continuity_refuses_changed_messages(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct twin_order *order = tell(a, LINE_EVENT_MAKE_1, boot1, NULL, 0);
	uint8_t message[HANDSHAKE_1_BYTES];

	memcpy(message, order->data, sizeof(message));
	message[100] ^= 1;
	expect(tell(b, LINE_EVENT_ANSWER_1, boot1, message, sizeof(message)),
	    LINE_ORDER_FAILED);
	message[100] ^= 1;
	expect(tell(b, LINE_EVENT_ANSWER_1, boot1, message,
		   sizeof(message) - 1),
	    LINE_ORDER_FAILED);
	expect(tell(b, LINE_EVENT_ANSWER_1,
		   (struct attempt){ HANDSHAKE_BOOT, 2, CONTINUITY_CUR },
		   message, sizeof(message)),
	    LINE_ORDER_FAILED);
	order = tell(b, LINE_EVENT_ANSWER_1, boot1, message, sizeof(message));
	expect(order, LINE_ORDER_MESSAGE_2);
	memcpy(message, order->data, HANDSHAKE_2_BYTES);
	message[5] ^= 1;
	expect(tell(a, LINE_EVENT_FINISH_2, boot1, message, HANDSHAKE_2_BYTES),
	    LINE_ORDER_FAILED);
	message[5] ^= 1;
	expect(tell(a, LINE_EVENT_FINISH_2, boot1, message,
		   HANDSHAKE_2_BYTES - 1),
	    LINE_ORDER_FAILED);
	expect(tell(a, LINE_EVENT_FINISH_2, rekey1, message, HANDSHAKE_2_BYTES),
	    LINE_ORDER_FAILED);
}

static void
continuity_b_computes_only_under_its_cur(void **state)
{
	struct twin *twin = *state;
	struct attempt prev = { HANDSHAKE_BOOT, 1, CONTINUITY_PREV };

	shake(twin, boot1);
	expect(answer(twin, prev, prev), LINE_ORDER_FAILED);
}

/* B answers and restarts, with all of its memory gone: its pending key holds. */
static void
continuity_b_restarts_between_answer_and_confirm(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct twin_order *order = answer(twin, boot1, boot1);

	expect(order, LINE_ORDER_MESSAGE_2);
	expect(tell(a, LINE_EVENT_FINISH_2, boot1, order->data,
		   HANDSHAKE_2_BYTES),
	    LINE_ORDER_KEYS);
	twin_restart(b);
	expect(tell(b, LINE_EVENT_CONFIRM, boot1, NULL, 0),
	    LINE_ORDER_CONFIRMED);
	/* It died again before wire heard so. */
	twin_restart(b);
	expect(tell(b, LINE_EVENT_CONFIRM, boot1, NULL, 0),
	    LINE_ORDER_CONFIRMED);
	expect(tell(b, LINE_EVENT_CONFIRM,
		   (struct attempt){ HANDSHAKE_BOOT, 2, CONTINUITY_CUR }, NULL,
		   0),
	    LINE_ORDER_FAILED);
	tell(a, LINE_EVENT_PROVED, boot1, NULL, 0);
	shake(twin, rekey1);
}

/* A finishes, but B never hears of it, so many times: B's cur is A's prev. */
static void
meet_after_lost_confirmations(struct twin *twin, unsigned lost)
{
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct attempt prev = { HANDSHAKE_BOOT, 1, CONTINUITY_PREV };
	struct twin_order *order = answer(twin, boot1, boot1);

	for (unsigned i = 0; i < lost; i++) {
		expect(tell(a, LINE_EVENT_FINISH_2, boot1, order->data,
			   HANDSHAKE_2_BYTES),
		    LINE_ORDER_KEYS);
		twin_restart(a);
		twin_restart(b);
		assert_memory_equal(a->last[LINE_ORDER_ATTACH].order.hints.prev,
		    b->last[LINE_ORDER_ATTACH].order.hints.cur, HINT_BYTES);
		assert_false(a->last[LINE_ORDER_ATTACH].order.hints.proved);
		order = answer(twin, prev, boot1);
		expect(order, LINE_ORDER_MESSAGE_2);
	}
	expect(tell(a, LINE_EVENT_FINISH_2, boot1, order->data,
		   HANDSHAKE_2_BYTES),
	    LINE_ORDER_KEYS);
	expect(tell(b, LINE_EVENT_CONFIRM, boot1, NULL, 0),
	    LINE_ORDER_CONFIRMED);
	tell(a, LINE_EVENT_PROVED, boot1, NULL, 0);
	shake(twin, rekey1);
}

static void
continuity_meets_after_a_lost_confirmation(void **state)
{
	meet_after_lost_confirmations(*state, 1);
}

/* A's prev must still be what B holds, and not A's last cur. */
static void
continuity_meets_after_two_lost_confirmations(void **state)
{
	meet_after_lost_confirmations(*state, 2);
}

/* A's keeper restarts between the two messages: the attempt is lost, no more. */
static void
continuity_a_forgets_attempts_with_its_memory(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct twin_order *order = answer(twin, boot1, boot1);
	uint8_t message[HANDSHAKE_2_BYTES];

	memcpy(message, order->data, sizeof(message));
	twin_restart(a);
	expect(tell(a, LINE_EVENT_FINISH_2, boot1, message, sizeof(message)),
	    LINE_ORDER_FAILED);
	shake(twin, boot1);
}

/* A has stored a rekey whose keys wire never got: the session before is rekeyed
 * from its own exporter. */
static void
continuity_rekeys_again_after_a_half_done_rekey(void **state)
{
	struct twin *twin = *state;
	struct attempt rekey2 = { HANDSHAKE_REKEY, 2, CONTINUITY_CUR };
	struct twin_order *order;

	shake(twin, boot1);
	order = answer(twin, rekey1, rekey1);
	expect(tell(&twin->side[0], LINE_EVENT_FINISH_2, rekey1, order->data,
		   HANDSHAKE_2_BYTES),
	    LINE_ORDER_KEYS);
	twin_restart(&twin->side[0]);
	order = answer(twin, rekey2, rekey2);
	expect(order, LINE_ORDER_MESSAGE_2);
	expect(tell(&twin->side[0], LINE_EVENT_FINISH_2, rekey2, order->data,
		   HANDSHAKE_2_BYTES),
	    LINE_ORDER_KEYS);
	expect(tell(&twin->side[1], LINE_EVENT_CONFIRM, rekey2, NULL, 0),
	    LINE_ORDER_CONFIRMED);
	tell(&twin->side[0], LINE_EVENT_PROVED, rekey2, NULL, 0);
	shake(twin, (struct attempt){ HANDSHAKE_REKEY, 3, CONTINUITY_CUR });
}

static void
continuity_drops_what_a_boot_has_ended(void **state)
{
	struct twin *twin = *state;

	shake(twin, boot1);
	expect(answer(twin, rekey1, rekey1), LINE_ORDER_MESSAGE_2);
	shake(twin, boot1);
	expect(tell(&twin->side[1], LINE_EVENT_CONFIRM, rekey1, NULL, 0),
	    LINE_ORDER_FAILED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(continuity_boots_and_rekeys),
		TEST(continuity_rekeys_only_after_a_boot),
		TEST(continuity_keeps_to_its_role),
		TEST(continuity_refuses_changed_messages),
		TEST(continuity_b_computes_only_under_its_cur),
		TEST(continuity_b_restarts_between_answer_and_confirm),
		TEST(continuity_meets_after_a_lost_confirmation),
		TEST(continuity_meets_after_two_lost_confirmations),
		TEST(continuity_a_forgets_attempts_with_its_memory),
		TEST(continuity_rekeys_again_after_a_half_done_rekey),
		TEST(continuity_drops_what_a_boot_has_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
