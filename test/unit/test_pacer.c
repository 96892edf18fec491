#include "wire/pacer.h"

#include <string.h>

#include "limits.h"

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const uint8_t key[CADENCE_KEY_BYTES] = { 1, 2, 3 };
static const struct cadence bulk = { 1200, 1000 };
static const struct cadence fastest = { 256, SLOT_US_MIN };

/* Does at now_ns what is due, as wire does: frames sent. */
static unsigned
turn(struct pacer *pacer, uint64_t now_ns)
{
	unsigned sent = 0;

	for (;;) {
		pacer_skip(pacer, now_ns);
		if (pacer_next_send_ns(pacer) <= now_ns) {
			pacer_on_sent(pacer);
			sent++;
		} else if (pacer_next_make_ns(pacer) <= now_ns) {
			pacer_on_made(pacer);
		} else {
			return sent;
		}
	}
}

static uint64_t
next_ns(const struct pacer *pacer)
{
	uint64_t make_ns = pacer_next_make_ns(pacer);
	uint64_t send_ns = pacer_next_send_ns(pacer);

	return make_ns < send_ns ? make_ns : send_ns;
}

static void
each_slot_has_one_frame_at_its_moment(struct cadence cadence)
{
	struct pacer pacer;
	uint64_t now_ns = 123456789, slot;
	unsigned sent = 0, done;

	pacer_init(&pacer, cadence, key, now_ns);
	slot = cadence_slot_at(cadence, now_ns) + 1;
	while (sent < 5000) {
		now_ns = next_ns(&pacer);
		done = turn(&pacer, now_ns);
		assert_true(done <= 1);
		if (done == 0)
			continue;
		assert_int_equal(now_ns, cadence_moment_ns(cadence, key, slot));
		assert_int_equal(pacer.slot, slot + 1);
		slot++;
		sent++;
	}
}

static void
frames_leave_one_a_slot_at_its_moment(void **state)
{
	(void)state;
	each_slot_has_one_frame_at_its_moment(bulk);
	each_slot_has_one_frame_at_its_moment(fastest);
}

static void
frame_is_made_a_guard_time_ahead(void **state)
{
	struct pacer pacer;
	uint64_t moment_ns;

	(void)state;
	pacer_init(&pacer, bulk, key, 0);
	moment_ns = cadence_moment_ns(bulk, key, 1);
	assert_int_equal(pacer_next_make_ns(&pacer),
	    moment_ns - cadence_guard_ns(bulk));
	assert_int_equal(pacer_next_send_ns(&pacer), UINT64_MAX);
	pacer_on_made(&pacer);
	assert_int_equal(pacer_next_send_ns(&pacer), moment_ns);
}

static void
no_more_than_two_frames_wait(void **state)
{
	struct pacer pacer;

	(void)state;
	pacer_init(&pacer, bulk, key, 0);
	pacer_on_made(&pacer);
	assert_int_not_equal(pacer_next_make_ns(&pacer), UINT64_MAX);
	pacer_on_made(&pacer);
	assert_int_equal(pacer_next_make_ns(&pacer), UINT64_MAX);
}

static void
late_frame_leaves_at_once_within_its_slot(void **state)
{
	struct pacer pacer;
	uint64_t now_ns;

	(void)state;
	pacer_init(&pacer, bulk, key, 0);
	pacer_on_made(&pacer);
	/* The very end of its slot. */
	now_ns = 2 * cadence_slot_ns(bulk) - 1;
	pacer_skip(&pacer, now_ns);
	assert_true(pacer_next_send_ns(&pacer) <= now_ns);
}

static void
missed_slots_are_never_made_up_for(void **state)
{
	struct pacer pacer;
	uint64_t start_ns = 0, now_ns, slot_ns = cadence_slot_ns(bulk);
	unsigned sent = 0;

	(void)state;
	pacer_init(&pacer, bulk, key, start_ns);
	/* Sixty slots asleep, then a hundred awake. */
	now_ns = 60 * slot_ns + slot_ns / 2;
	sent += turn(&pacer, now_ns);
	assert_true(sent <= 1);
	while (next_ns(&pacer) < 160 * slot_ns) {
		now_ns = next_ns(&pacer);
		sent += turn(&pacer, now_ns);
	}
	assert_int_equal(pacer.slot, 160);
	/* One for each slot from the sixtieth on, not one more. */
	assert_int_equal(sent, 100);
	assert_int_equal(pacer.missed, 59);
}

static void
frame_of_a_missed_slot_leaves_in_the_next(void **state)
{
	struct pacer pacer;
	uint64_t slot_ns = cadence_slot_ns(bulk);

	(void)state;
	pacer_init(&pacer, bulk, key, 0);
	pacer_on_made(&pacer);
	pacer_skip(&pacer, 7 * slot_ns);
	assert_int_equal(pacer.waiting, 1);
	assert_int_equal(pacer.missed, 6);
	assert_int_equal(pacer_next_send_ns(&pacer),
	    cadence_moment_ns(bulk, key, 7));
}

static void
schedule_follows_from_key_and_clock_alone(void **state)
{
	static const uint8_t other[CADENCE_KEY_BYTES] = { 3, 2, 1 };
	struct pacer a, b, c;
	unsigned differ = 0;
	int i;

	(void)state;
	pacer_init(&a, bulk, key, 55);
	pacer_init(&b, bulk, key, 55);
	pacer_init(&c, bulk, other, 55);
	for (i = 0; i < 1000; i++) {
		pacer_on_made(&a);
		pacer_on_made(&b);
		pacer_on_made(&c);
		assert_int_equal(pacer_next_send_ns(&a),
		    pacer_next_send_ns(&b));
		differ += pacer_next_send_ns(&a) != pacer_next_send_ns(&c);
		pacer_on_sent(&a);
		pacer_on_sent(&b);
		pacer_on_sent(&c);
	}
	assert_true(differ > 990);
}

/* Many paths, and what making and sending cost, in a virtual clock. */
enum { MANY = 16, MAKE_COST_NS = 55000, SEND_COST_NS = 10000 };

struct many {
	struct pacer pacer[MANY];
	unsigned count;
	uint64_t now_ns;
	unsigned sent;
	uint64_t latest_ns; /* behind its moment */
};

static struct pacer *
find_first(struct many *many, uint64_t (*next)(const struct pacer *))
{
	struct pacer *first = NULL;

	for (unsigned i = 0; i < many->count; i++) {
		pacer_skip(&many->pacer[i], many->now_ns);
		if (next(&many->pacer[i]) != UINT64_MAX &&
		    (first == NULL || next(&many->pacer[i]) < next(first)))
			first = &many->pacer[i];
	}
	return first;
}

/* One deed, as wire does it. */
static void
turn_many(struct many *many)
{
	struct pacer *make = find_first(many, pacer_next_make_ns);
	struct pacer *send = find_first(many, pacer_next_send_ns);
	uint64_t at_ns;

	switch (pacer_choose(make, send, many->now_ns)) {
	case DEED_NONE:
		at_ns = pacer_next_deed_ns(make, send);
		assert_true(at_ns > many->now_ns);
		many->now_ns = at_ns;
		break;
	case DEED_MAKE:
		assert_true(pacer_next_make_ns(make) <= many->now_ns);
		pacer_on_made(make);
		many->now_ns += MAKE_COST_NS;
		break;
	case DEED_SEND:
		at_ns = pacer_next_send_ns(send);
		if (many->now_ns < at_ns)
			many->now_ns = at_ns;
		if (many->now_ns - at_ns > many->latest_ns)
			many->latest_ns = many->now_ns - at_ns;
		pacer_on_sent(send);
		many->sent++;
		many->now_ns += SEND_COST_NS;
		break;
	}
}

static void
run_many(struct many *many, struct cadence cadence, unsigned count)
{
	uint8_t own_key[CADENCE_KEY_BYTES] = { 0 };

	memset(many, 0, sizeof(*many));
	many->count = count;
	many->now_ns = 1;
	for (unsigned i = 0; i < count; i++) {
		own_key[0] = (uint8_t)i;
		pacer_init(&many->pacer[i], cadence, own_key, many->now_ns);
	}
}

static void
making_never_makes_a_lone_path_late(void **state)
{
	static const struct cadence cadences[] = { { 1200, 100000 },
		{ 1200, 20000 }, { 1200, 1000 }, { 256, 500 } };
	struct many many;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		run_many(&many, cadences[i], 1);
		while (many.sent < 5000)
			turn_many(&many);
		/* Two moments may lie closer than a send takes. */
		assert_true(many.latest_ns <= SEND_COST_NS);
		assert_int_equal(many.pacer[0].missed, 0);
	}
}

static void
making_gives_way_to_the_moments_of_other_paths(void **state)
{
	const struct cadence talk = { 1200, 100000 };
	struct many many;

	(void)state;
	run_many(&many, talk, MANY);
	while (many.sent < 20000)
		turn_many(&many);
	/* Only sends stand in each other's way. */
	assert_true(many.latest_ns <= 4 * SEND_COST_NS);
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(many.pacer[i].missed, 0);
}

static void
crowd_of_moments_lets_frames_be_made(void **state)
{
	/* A moment each 125 us: one is nearly always near. */
	struct many many;

	(void)state;
	run_many(&many, bulk, MANY / 2);
	while (many.sent < 100000)
		turn_many(&many);
	/* One in twenty: a moment at its slot's end is lost if another is then; making
	 * nothing until no moment is near would lose nearly all. */
	for (unsigned i = 0; i < MANY; i++)
		assert_true(many.pacer[i].missed <= 600);
}

static void
moment_is_awaited_awake_for_a_small_part_of_the_guard(void **state)
{
	static const struct cadence cadences[] = { { 1200, 100000 },
		{ 1200, 1000 }, { 256, SLOT_US_MIN } };
	struct pacer pacer;
	uint64_t awake_ns;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		pacer_init(&pacer, cadences[i], key, 55);
		pacer_on_made(&pacer);
		awake_ns =
		    pacer_next_send_ns(&pacer) - pacer_spin_from_ns(&pacer);
		assert_true(awake_ns > 0 && awake_ns <= 100000);
		assert_true(awake_ns * 4 <= cadence_guard_ns(cadences[i]));
	}
}

static void
nobody_has_nothing_to_do(void **state)
{
	(void)state;
	assert_int_equal(pacer_choose(NULL, NULL, UINT64_MAX - 1), DEED_NONE);
	assert_int_equal(pacer_next_deed_ns(NULL, NULL), UINT64_MAX);
}

static void
wiped_pacer_keeps_no_key(void **state)
{
	static const struct pacer zeros;
	struct pacer pacer;

	(void)state;
	pacer_init(&pacer, bulk, key, 55);
	pacer_wipe(&pacer);
	assert_memory_equal(&pacer, &zeros, sizeof(pacer));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_leave_one_a_slot_at_its_moment),
		cmocka_unit_test(frame_is_made_a_guard_time_ahead),
		cmocka_unit_test(no_more_than_two_frames_wait),
		cmocka_unit_test(late_frame_leaves_at_once_within_its_slot),
		cmocka_unit_test(missed_slots_are_never_made_up_for),
		cmocka_unit_test(frame_of_a_missed_slot_leaves_in_the_next),
		cmocka_unit_test(schedule_follows_from_key_and_clock_alone),
		cmocka_unit_test(making_never_makes_a_lone_path_late),
		cmocka_unit_test(
		    making_gives_way_to_the_moments_of_other_paths),
		cmocka_unit_test(crowd_of_moments_lets_frames_be_made),
		cmocka_unit_test(
		    moment_is_awaited_awake_for_a_small_part_of_the_guard),
		cmocka_unit_test(nobody_has_nothing_to_do),
		cmocka_unit_test(wiped_pacer_keeps_no_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
