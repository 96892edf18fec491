#include "relay/leg.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/clock.h"
#include "crypto/crypto.h"

enum { POOL_FRAMES = 8, FRAME = 256 };

static const struct cadence cadence = { FRAME, 100000 };
static const struct place here = { .bytes = { 1 }, .len = 16 };
static const struct place there = { .bytes = { 2 }, .len = 16 };

static struct leg
hold_leg(void)
{
	const uint8_t key[SHORT_KEY_BYTES] = { 1 };
	const uint8_t slot_key[SHORT_KEY_BYTES] = { 2 };
	struct leg leg;

	leg_hold(&leg, key, slot_key);
	return leg;
}

/* The nth token. */
static int
hear(struct leg *leg, const struct place *from, uint32_t n, uint64_t now_ns)
{
	uint8_t token[TICKET_TOKEN_BYTES] = { 0 };

	memcpy(token + TICKET_TOKEN_BYTES - sizeof(n), &n, sizeof(n));
	return leg_hear(leg, cadence, from, token, now_ns);
}

static void
places_are_the_same_byte_for_byte(void **state)
{
	struct place a = here, b = here;

	(void)state;
	assert_true(place_is_same(&a, &b));
	/* What lies behind is not looked at. */
	b.bytes[16] = 1;
	assert_true(place_is_same(&a, &b));
	for (unsigned i = 0; i < 16; i++) {
		b = a;
		b.bytes[i] ^= 1;
		assert_false(place_is_same(&a, &b));
	}
	b = a;
	b.len++;
	assert_false(place_is_same(&a, &b));
}

static void
a_token_is_known_again_among_the_last(void **state)
{
	struct leg leg = hold_leg();

	(void)state;
	for (uint32_t n = 1; n <= RELAY_SEEN_MAX + 1; n++) {
		assert_int_equal(hear(&leg, &here, n, n), OK);
		assert_int_equal(hear(&leg, &here, n, n), ERR_REPLAY);
	}
	/* The oldest is forgotten, the next is not. */
	assert_int_equal(hear(&leg, &here, 2, 100), ERR_REPLAY);
	assert_int_equal(hear(&leg, &here, 1, 100), OK);
}

static void
a_refused_token_leaves_no_trace(void **state)
{
	struct leg leg = hold_leg(), before;

	(void)state;
	assert_int_equal(hear(&leg, &here, 1, 1000), OK);
	before = leg;
	assert_int_equal(hear(&leg, &there, 2, 2000), ERR_STATE);
	assert_memory_equal(&leg, &before, sizeof(leg));
	assert_int_equal(hear(&leg, &there, 1, 2000), ERR_REPLAY);
	assert_memory_equal(&leg, &before, sizeof(leg));
}

/* Of the slowest cadence it is ten slots, of others five seconds. */
static void
silence_is_as_long_as_the_lines(void **state)
{
	const struct cadence slow = { FRAME, SLOT_US_MAX };
	const uint64_t slow_ns = SILENCE_SLOTS * cadence_slot_ns(slow);
	uint8_t token[TICKET_TOKEN_BYTES] = { 0 };
	struct leg leg = hold_leg();

	(void)state;
	token[15] = 1;
	assert_int_equal(leg_hear(&leg, slow, &here, token, 1), OK);
	token[15] = 2;
	assert_int_equal(leg_hear(&leg, slow, &there, token, slow_ns),
	    ERR_STATE);
	assert_int_equal(leg_hear(&leg, slow, &there, token, 1 + slow_ns), OK);
	assert_true(place_is_same(&leg.place, &there));
}

static void
moments_lie_in_their_slots_and_follow_from_the_key(void **state)
{
	const uint64_t slot_ns = cadence_slot_ns(cadence);
	struct leg leg = hold_leg(), same = hold_leg(), other = hold_leg();
	uint64_t sum_ns = 0;
	unsigned alike = 0;

	(void)state;
	other.slot_key[0] ^= 1;
	for (uint64_t slot = 1; slot <= 1000; slot++) {
		uint64_t moment_ns;

		leg.slot = same.slot = other.slot = slot;
		moment_ns = leg_moment_ns(&leg, cadence);
		assert_in_range(moment_ns, slot * slot_ns,
		    (slot + 1) * slot_ns - 1);
		assert_int_equal(leg_moment_ns(&same, cadence), moment_ns);
		alike += leg_moment_ns(&other, cadence) == moment_ns;
		sum_ns += moment_ns - slot * slot_ns;
	}
	assert_int_equal(alike, 0);
	/* The middle, but for four deviations. */
	assert_in_range(sum_ns / 1000, slot_ns * 46 / 100, slot_ns * 54 / 100);
}

static void
slots_begin_with_the_next(void **state)
{
	const uint64_t slot_ns = cadence_slot_ns(cadence);
	struct leg leg = hold_leg();

	(void)state;
	leg_start(&leg, cadence, 5 * slot_ns + 1);
	assert_int_equal(leg.slot, 6);
	assert_int_equal(leg_skip(&leg, cadence, 5 * slot_ns + 2), 0);
	assert_int_equal(leg_skip(&leg, cadence, 7 * slot_ns - 1), 0);
	assert_int_equal(leg_skip(&leg, cadence, 7 * slot_ns), 1);
	assert_int_equal(leg.slot, 7);
	assert_int_equal(leg_skip(&leg, cadence, 100 * slot_ns), 93);
}

static void
what_waits_is_first_in_first_out(void **state)
{
	struct leg leg = hold_leg();
	struct pool pool;
	uint8_t frame[FRAME] = { 0 };
	uint32_t number;

	(void)state;
	assert_int_equal(pool_open(&pool, POOL_FRAMES), OK);
	for (uint8_t i = 0; i < RELAY_WAITING_MAX; i++) {
		frame[0] = i;
		assert_true(leg_push(&leg, &pool, frame, sizeof(frame)));
	}
	frame[0] = RELAY_WAITING_MAX;
	assert_false(leg_push(&leg, &pool, frame, sizeof(frame)));
	for (uint8_t i = 1; i <= RELAY_WAITING_MAX; i++) {
		number = leg_pop(&leg, &pool);
		assert_int_not_equal(number, POOL_NONE);
		assert_int_equal(pool.frame[number][0], i);
		pool_give(&pool, number);
	}
	assert_int_equal(leg_pop(&leg, &pool), POOL_NONE);
	assert_int_equal(pool.free_count, POOL_FRAMES);
	pool_close(&pool);
}

static void
an_empty_pool_loses_what_comes(void **state)
{
	struct leg first = hold_leg(), second = hold_leg();
	const uint8_t frame[FRAME] = { 7 };
	struct pool pool;

	(void)state;
	assert_int_equal(pool_open(&pool, 2), OK);
	assert_true(leg_push(&first, &pool, frame, sizeof(frame)));
	assert_true(leg_push(&first, &pool, frame, sizeof(frame)));
	assert_false(leg_push(&second, &pool, frame, sizeof(frame)));
	assert_int_equal(second.waiting_count, 0);
	/* Who has some lets its oldest go. */
	assert_false(leg_push(&first, &pool, frame, sizeof(frame)));
	assert_int_equal(first.waiting_count, 2);
	leg_forget(&first, &pool);
	assert_true(leg_push(&second, &pool, frame, sizeof(frame)));
	leg_stop(&second, &pool);
	assert_int_equal(pool.free_count, 2);
	pool_close(&pool);
}

static void
what_is_forgotten_is_gone(void **state)
{
	struct leg leg = hold_leg(), none;
	const uint8_t frame[FRAME] = { 7 };
	struct pool pool;

	(void)state;
	memset(&none, 0, sizeof(none));
	assert_int_equal(pool_open(&pool, POOL_FRAMES), OK);
	assert_int_equal(hear(&leg, &here, 1, 1), OK);
	leg_start(&leg, cadence, 1);
	for (unsigned i = 0; i < 3; i++)
		(void)leg_push(&leg, &pool, frame, sizeof(frame));
	leg_forget(&leg, &pool);
	assert_memory_equal(&leg, &none, sizeof(none));
	assert_int_equal(pool.free_count, POOL_FRAMES);
	for (unsigned i = 0; i < POOL_FRAMES; i++)
		assert_int_equal(pool.frame[i][0], 0);
	pool_close(&pool);
}

static int
setup(void **state)
{
	(void)state;
	crypto_init();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_are_the_same_byte_for_byte),
		cmocka_unit_test(a_token_is_known_again_among_the_last),
		cmocka_unit_test(a_refused_token_leaves_no_trace),
		cmocka_unit_test(silence_is_as_long_as_the_lines),
		cmocka_unit_test(
		    moments_lie_in_their_slots_and_follow_from_the_key),
		cmocka_unit_test(slots_begin_with_the_next),
		cmocka_unit_test(what_waits_is_first_in_first_out),
		cmocka_unit_test(an_empty_pool_loses_what_comes),
		cmocka_unit_test(what_is_forgotten_is_gone),
	};

	return cmocka_run_group_tests_name("leg", tests, setup, NULL);
}
