#include "core/ack.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/rng.h"

enum { LOADS = 10000, SLOT_NS = 1000000 };

struct tally {
	unsigned arrived[LOADS];
	unsigned lost[LOADS];
	unsigned settled;
};

static void
count(void *ctx, uint32_t load, bool arrived)
{
	struct tally *tally = ctx;

	assert_in_range(load, 0, LOADS - 1);
	tally->settled++;
	if (arrived)
		tally->arrived[load]++;
	else
		tally->lost[load]++;
	/* Decided once. */
	assert_int_equal(tally->arrived[load] + tally->lost[load], 1);
}

static struct ack_frame ring[ACK_FRAMES_MAX];
static struct ack_outbox outbox;
static struct ack_inbox inbox;
static struct tally tally;

static void
begin(unsigned frames)
{
	ack_inbox_init(&inbox);
	ack_outbox_init(&outbox, ring, ACK_FRAMES_MAX);
	memset(&tally, 0, sizeof(tally));
	for (unsigned i = 1; i <= frames; i++) {
		uint64_t ctr = ack_on_sent(&outbox, i * SLOT_NS, count, &tally);

		assert_true(ctr == i);
		ack_set_load(&outbox, ctr, i);
	}
}

/* The inbox's ACK to the outbox; returns its length. */
static size_t
pass(uint64_t now_ns)
{
	uint8_t body[ACK_BYTES_MAX];
	struct writer w;
	struct reader r;

	buf_write(&w, body, sizeof(body));
	ack_encode(&inbox, &w, 0, now_ns);
	assert_true(buf_is_sound(&w));
	ack_said(&inbox, 0);
	buf_read(&r, body, w.len);
	assert_int_equal(buf_get_u8(&r), 0);
	assert_int_equal(ack_on_ack(&outbox, &r, now_ns, count, &tally), OK);
	return w.len;
}

static void
ack_settles_what_arrived(void **state)
{
	(void)state;
	begin(10);
	for (uint64_t ctr = 1; ctr <= 10; ctr++)
		ack_on_frame(&inbox, ctr, ctr * SLOT_NS);
	pass(20 * SLOT_NS);
	for (unsigned i = 1; i <= 10; i++)
		assert_int_equal(tally.arrived[i], 1);
	/* And not twice. */
	pass(21 * SLOT_NS);
	assert_int_equal(tally.settled, 10);
}

static void
ack_is_due_every_second_frame_and_at_gaps(void **state)
{
	(void)state;
	begin(0);
	assert_false(ack_is_due(&inbox, 0));
	ack_on_frame(&inbox, 1, 1);
	assert_false(ack_is_due(&inbox, 0));
	ack_on_frame(&inbox, 2, 1);
	assert_true(ack_is_due(&inbox, 0));
	ack_said(&inbox, 0);
	assert_false(ack_is_due(&inbox, 0));
	ack_on_frame(&inbox, 4, 1);
	assert_true(ack_is_due(&inbox, 0));
	ack_said(&inbox, 0);
	/* Late, out of order. */
	ack_on_frame(&inbox, 3, 1);
	assert_true(ack_is_due(&inbox, 0));
	ack_said(&inbox, 0);
	/* A counter twice is no frame. */
	ack_on_frame(&inbox, 3, 1);
	ack_on_frame(&inbox, 4, 1);
	assert_false(ack_is_due(&inbox, 0));
}

static void
ack_counts_as_lost_what_three_overtook(void **state)
{
	(void)state;
	begin(10);
	for (uint64_t ctr = 2; ctr <= 3; ctr++)
		ack_on_frame(&inbox, ctr, 1);
	pass(20 * SLOT_NS);
	assert_int_equal(tally.lost[1], 0);
	ack_on_frame(&inbox, 4, 1);
	pass(20 * SLOT_NS);
	assert_int_equal(tally.lost[1], 1);
	/* It comes after all: decided once. */
	ack_on_frame(&inbox, 1, 1);
	pass(20 * SLOT_NS);
	assert_int_equal(tally.settled, 4);
}

static void
ack_counts_as_lost_what_takes_too_long(void **state)
{
	uint64_t patience_ns;

	(void)state;
	begin(3);
	patience_ns = ack_patience_ns(&outbox, SLOT_NS, ACK_SLACK_SLOTS);
	ack_expire(&outbox, SLOT_NS + patience_ns, SLOT_NS, count, &tally);
	assert_int_equal(tally.settled, 0);
	ack_expire(&outbox, SLOT_NS + patience_ns + 1, SLOT_NS, count, &tally);
	assert_int_equal(tally.lost[1], 1);
	assert_int_equal(tally.settled, 1);
	ack_expire(&outbox, 10 * SLOT_NS + patience_ns, SLOT_NS, count, &tally);
	assert_int_equal(tally.settled, 3);
}

static void
ack_measures_the_round_trip(void **state)
{
	const uint64_t rtt_ns = 40 * SLOT_NS, delay_ns = 7 * SLOT_NS;

	(void)state;
	begin(400);
	for (uint64_t ctr = 1; ctr <= 300; ctr++) {
		ack_on_frame(&inbox, ctr, ctr * SLOT_NS + rtt_ns / 2);
		pass(ctr * SLOT_NS + rtt_ns / 2 + delay_ns);
	}
	/* The path back takes no time here. */
	assert_in_range(outbox.srtt_ns, rtt_ns / 2 - SLOT_NS,
	    rtt_ns / 2 + SLOT_NS);
	assert_true(
	    ack_patience_ns(&outbox, SLOT_NS, ACK_SLACK_SLOTS) < rtt_ns);
}

/* Every frame arrives; of what says so, eight slots in a row are lost. */
static void
ack_outwaits_acknowledgements_that_are_lost(void **state)
{
	const uint64_t way = 20;

	(void)state;
	begin(0);
	for (uint64_t slot = 1; slot < 2000; slot++) {
		uint64_t now_ns = slot * SLOT_NS;

		ack_set_load(&outbox,
		    ack_on_sent(&outbox, now_ns, count, &tally),
		    (uint32_t)slot);
		if (slot > way)
			ack_on_frame(&inbox, slot - way, now_ns);
		if (ack_is_due(&inbox, 0) && slot % 40 >= 8)
			pass(now_ns);
		ack_expire(&outbox, now_ns, SLOT_NS, count, &tally);
	}
	for (unsigned i = 0; i < LOADS; i++)
		assert_int_equal(tally.lost[i], 0);
	assert_in_range(tally.settled, 2000 - way - 10, 2000);
}

/* A delay that lies makes us impatient, and no more. */
static void
ack_survives_a_delay_that_lies(void **state)
{
	uint8_t body[] = { 5, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0 };
	struct reader r;

	(void)state;
	begin(10);
	buf_read(&r, body, sizeof(body));
	assert_int_equal(ack_on_ack(&outbox, &r, 10 * SLOT_NS, count, &tally),
	    OK);
	assert_int_equal(outbox.srtt_ns, 1);
	assert_in_range(ack_patience_ns(&outbox, SLOT_NS, ACK_SLACK_SLOTS),
	    ACK_SLACK_SLOTS * SLOT_NS, (ACK_SLACK_SLOTS + 1) * SLOT_NS);
}

/* An hour and more after the frame: the field holds as much as it can. */
static void
ack_says_the_longest_delay_for_a_longer_one(void **state)
{
	uint8_t body[ACK_BYTES_MAX];
	struct writer w;
	struct reader r;

	(void)state;
	begin(0);
	ack_on_frame(&inbox, 1, 0);
	buf_write(&w, body, sizeof(body));
	ack_encode(&inbox, &w, 0, 2 * UINT64_C(3600) * CLOCK_NS_PER_S);
	buf_read(&r, body, w.len);
	(void)buf_get_u8(&r);
	(void)buf_get_u64(&r);
	assert_true(buf_get_u32(&r) == UINT32_MAX);
}

static void
ack_fits_whatever_is_missing(void **state)
{
	struct rng_seeded seeded;
	struct rng rng = rng_from_seed(&seeded, 1);

	(void)state;
	for (unsigned round = 0; round < 40; round++) {
		begin(2000);
		for (uint64_t ctr = 1; ctr <= 2000; ctr++) {
			if (rng_below(rng, 40) > round)
				ack_on_frame(&inbox, ctr, 1);
		}
		if (inbox.taken.largest == 0)
			continue;
		assert_true(pass(2001 * SLOT_NS) <= ACK_BYTES_MAX);
		for (unsigned i = 1; i <= 2000; i++) {
			if (tally.arrived[i])
				assert_true(replay_has(&inbox.taken, i));
		}
		assert_true(tally.arrived[inbox.taken.largest] == 1);
	}
}

static void
ack_forgets_the_oldest_where_the_ring_is_full(void **state)
{
	(void)state;
	begin(ACK_FRAMES_MAX + 100);
	for (unsigned i = 1; i <= 100; i++)
		assert_int_equal(tally.lost[i], 1);
	assert_int_equal(tally.settled, 100);
	/* What is acknowledged behind the ring was settled long ago. */
	ack_on_frame(&inbox, 50, 1);
	pass(1);
	assert_int_equal(tally.settled, 100);
	ack_on_frame(&inbox, 101, 1);
	pass(1);
	assert_int_equal(tally.arrived[101], 1);
}

static void
ack_settles_nothing_for_frames_without_load(void **state)
{
	(void)state;
	begin(0);
	for (int i = 0; i < 5; i++)
		(void)ack_on_sent(&outbox, 1, count, &tally);
	ack_on_frame(&inbox, 5, 1);
	pass(1);
	ack_expire(&outbox, UINT64_C(1) << 50, SLOT_NS, count, &tally);
	assert_int_equal(tally.settled, 0);
}

/* largest, delay, n, pairs. */
static void
ack_refuses_what_breaks_its_layout(void **state)
{
	static const struct {
		size_t len;
		uint8_t bytes[48];
	} bad[] = {
		{ 0, { 0 } },
		{ 7, { 5 } },
		{ 12, { 5 } },
		/* One pair said, none there; one there, none said. */
		{ 13, { 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } },
		{ 15, { 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } },
		/* More pairs than an ACK has room for. */
		{ 43, { 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 15 } },
		/* Never sent. */
		{ 13, { 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
		{ 13, { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } },
		/* Below zero: by gap, by run, by both, by an overflow. */
		{ 15, { 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 6, 0 } },
		{ 15, { 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 6 } },
		{ 15, { 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 3 } },
		{ 24,
		    { 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0xff, 0xff,
			0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1 } },
		/* A number longer than need be. */
		{ 16, { 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x80, 0, 1 } },
	};
	struct reader r;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		begin(10);
		buf_read(&r, bad[i].bytes, bad[i].len);
		assert_int_equal(ack_on_ack(&outbox, &r, 20 * SLOT_NS, count,
				     &tally),
		    ERR_FORMAT);
		assert_int_equal(tally.settled, 0);
		assert_int_equal(outbox.srtt_ns, 0);
	}
}

static void
ack_is_said_on_each_path_for_itself(void **state)
{
	(void)state;
	ack_inbox_init(&inbox);
	ack_on_frame(&inbox, 1, 10);
	ack_on_frame(&inbox, 2, 20);
	for (unsigned on = 0; on < LINE_PATHS_MAX; on++)
		assert_true(ack_is_due(&inbox, on));
	ack_said(&inbox, 1);
	assert_false(ack_is_due(&inbox, 1));
	assert_true(ack_is_due(&inbox, 0));
	assert_true(ack_is_due(&inbox, 2));
	ack_on_frame(&inbox, 3, 30);
	assert_false(ack_is_due(&inbox, 1));
	assert_int_equal(inbox.unsaid[1].since_ns, 30);
	assert_int_equal(inbox.unsaid[0].since_ns, 10);
	/* A gap is said at once, on each. */
	ack_on_frame(&inbox, 5, 40);
	ack_said(&inbox, 0);
	assert_true(ack_is_due(&inbox, 1));
	assert_false(ack_is_due(&inbox, 0));
}

static void
ack_gives_up_what_flies_on_a_path_that_closes(void **state)
{
	(void)state;
	begin(10);
	ack_on_frame(&inbox, 4, 1);
	pass(1);
	ack_give_up(&outbox, count, &tally);
	assert_int_equal(tally.settled, 10);
	assert_int_equal(tally.arrived[4], 1);
	assert_int_equal(tally.lost[10], 1);
	/* The counter goes on; what comes late changes nothing. */
	ack_on_frame(&inbox, 9, 1);
	pass(1);
	assert_int_equal(tally.settled, 10);
	assert_int_equal(ack_on_sent(&outbox, 1, count, &tally), 11);
	/* Unless a session begins. */
	ack_outbox_reset(&outbox);
	assert_int_equal(ack_on_sent(&outbox, 1, count, &tally), 1);
	assert_int_equal(tally.settled, 10);
}

static void
ack_tells_when_news_came(void **state)
{
	(void)state;
	begin(10);
	assert_true(outbox.acked_ns == 0);
	ack_on_frame(&inbox, 2, 1);
	pass(77);
	assert_true(outbox.acked_ns == 77);
	/* The same again is no news. */
	pass(99);
	assert_true(outbox.acked_ns == 77);
}

static void
ack_remembers_as_many_frames_as_the_cadence_needs(void **state)
{
	(void)state;
	assert_int_equal(ack_frames((struct cadence){ 256, SLOT_US_MAX }),
	    ACK_FRAMES_MIN);
	assert_int_equal(ack_frames((struct cadence){ 1200, 2000 }), 2000);
	assert_int_equal(ack_frames((struct cadence){ 1200, SLOT_US_MIN }),
	    ACK_FRAMES_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ack_settles_what_arrived),
		cmocka_unit_test(ack_is_due_every_second_frame_and_at_gaps),
		cmocka_unit_test(ack_counts_as_lost_what_three_overtook),
		cmocka_unit_test(ack_counts_as_lost_what_takes_too_long),
		cmocka_unit_test(ack_measures_the_round_trip),
		cmocka_unit_test(ack_outwaits_acknowledgements_that_are_lost),
		cmocka_unit_test(ack_survives_a_delay_that_lies),
		cmocka_unit_test(ack_says_the_longest_delay_for_a_longer_one),
		cmocka_unit_test(ack_fits_whatever_is_missing),
		cmocka_unit_test(ack_forgets_the_oldest_where_the_ring_is_full),
		cmocka_unit_test(ack_settles_nothing_for_frames_without_load),
		cmocka_unit_test(ack_is_said_on_each_path_for_itself),
		cmocka_unit_test(ack_gives_up_what_flies_on_a_path_that_closes),
		cmocka_unit_test(ack_tells_when_news_came),
		cmocka_unit_test(
		    ack_remembers_as_many_frames_as_the_cadence_needs),
		cmocka_unit_test(ack_refuses_what_breaks_its_layout),
	};

	return cmocka_run_group_tests_name("ack", tests, NULL, NULL);
}
