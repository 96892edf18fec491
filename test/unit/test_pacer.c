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
		cmocka_unit_test(wiped_pacer_keeps_no_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
