#include "rhythm.h"

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/rng.h"

enum { SLOT_NS = 2000000, SLOTS = 2000, FIRST_SLOT = 1000000 };

/* What is planted into slot n: its frame's moment is moved; how many frames the
 * slot has. */
typedef unsigned plant(uint64_t *within_ns, unsigned n);

static struct pace
decide_planted(plant *mark, uint64_t seed)
{
	struct rng_seeded state;
	struct rng rng = rng_from_seed(&state, seed);
	struct rhythm rhythm;

	rhythm_init(&rhythm, SLOT_NS);
	for (unsigned n = 0; n < SLOTS; n++) {
		uint64_t within_ns = rng_below(rng, SLOT_NS);
		unsigned count = mark == NULL ? 1 : mark(&within_ns, n);

		for (; count > 0; count--)
			rhythm_take(&rhythm,
			    (uint64_t)(FIRST_SLOT + n) * SLOT_NS + within_ns);
	}
	return rhythm_decide(&rhythm);
}

static void
slots_of_chance_keep_the_rhythm(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct pace pace = decide_planted(NULL, seed);

		assert_true(pace.enough && pace.none_more);
		assert_true(pace.uniform && pace.apart);
		assert_int_equal(pace.slots, SLOTS);
		assert_int_equal(pace.fewer, 0);
		/* Far from the bound, as nearly always. */
		assert_true(pace.spread < 45 && pace.pair_spread < 45);
	}
}

static unsigned
late_by_chance(uint64_t *within_ns, unsigned n)
{
	/* Stamped behind its slot's end now and then. */
	if (n % 7 == 0 && *within_ns > SLOT_NS - 100000)
		*within_ns += 100000;
	return 1;
}

static void
frame_that_is_stamped_late_is_no_second_one(void **state)
{
	struct pace pace = decide_planted(late_by_chance, 1);

	(void)state;
	assert_true(pace.none_more && pace.uniform && pace.apart);
	assert_in_range(pace.slots, SLOTS, SLOTS + 1);
	assert_in_range(pace.fewer, 0, 1);
}

static unsigned
answer_twice(uint64_t *within_ns, unsigned n)
{
	(void)within_ns;
	return n == 700 || n == 900 ? 2 : 1;
}

static void
two_frames_beyond_their_slots_are_seen(void **state)
{
	struct pace pace = decide_planted(answer_twice, 1);

	(void)state;
	assert_false(pace.none_more);
}

static unsigned
catch_up(uint64_t *within_ns, unsigned n)
{
	(void)within_ns;
	/* Three slots without, then all of them at once, twice over. */
	if (n % 1000 >= 500 && n % 1000 < 503)
		return 0;
	return n % 1000 == 503 ? 4 + n / 1000 * 2 : 1;
}

static void
more_than_was_missed_is_seen(void **state)
{
	struct pace pace = decide_planted(catch_up, 1);

	(void)state;
	assert_false(pace.none_more);
}

static unsigned
miss(uint64_t *within_ns, unsigned n)
{
	(void)within_ns;
	return n % 500 != 250;
}

static void
slots_without_a_frame_are_counted(void **state)
{
	struct pace pace = decide_planted(miss, 1);

	(void)state;
	assert_int_equal(pace.fewer, SLOTS / 500);
	assert_true(pace.none_more);
}

static unsigned
lean(uint64_t *within_ns, unsigned n)
{
	if (n % 8 == 0)
		*within_ns = SLOT_NS / 3;
	return 1;
}

static void
moment_that_is_preferred_is_seen(void **state)
{
	struct pace pace = decide_planted(lean, 1);

	(void)state;
	assert_false(pace.uniform);
}

static unsigned
alternate(uint64_t *within_ns, unsigned n)
{
	/* Uniform over all, but halves in turn. */
	*within_ns = *within_ns / 2 + (n % 2) * (SLOT_NS / 2);
	return 1;
}

static void
moment_that_follows_from_the_last_is_seen(void **state)
{
	struct pace pace = decide_planted(alternate, 1);

	(void)state;
	assert_true(pace.uniform);
	assert_false(pace.apart);
}

static void
few_frames_prove_nothing(void **state)
{
	struct rhythm rhythm;

	(void)state;
	rhythm_init(&rhythm, SLOT_NS);
	assert_false(rhythm_decide(&rhythm).enough);
	for (unsigned n = 0; n < RHYTHM_FRAMES_MIN - 1; n++)
		rhythm_take(&rhythm, (uint64_t)n * SLOT_NS);
	assert_false(rhythm_decide(&rhythm).enough);
	rhythm_take(&rhythm, (uint64_t)RHYTHM_FRAMES_MIN * SLOT_NS);
	assert_true(rhythm_decide(&rhythm).enough);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_of_chance_keep_the_rhythm),
		cmocka_unit_test(frame_that_is_stamped_late_is_no_second_one),
		cmocka_unit_test(two_frames_beyond_their_slots_are_seen),
		cmocka_unit_test(more_than_was_missed_is_seen),
		cmocka_unit_test(slots_without_a_frame_are_counted),
		cmocka_unit_test(moment_that_is_preferred_is_seen),
		cmocka_unit_test(moment_that_follows_from_the_last_is_seen),
		cmocka_unit_test(few_frames_prove_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
