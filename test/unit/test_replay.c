#include "core/replay.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/rng.h"

static void
replay_takes_each_counter_once(void **state)
{
	struct replay replay;

	(void)state;
	replay_init(&replay);
	for (uint64_t ctr = 1; ctr < 3 * REPLAY_WINDOW; ctr++) {
		assert_true(replay_is_fresh(&replay, ctr));
		assert_false(replay_has(&replay, ctr));
		replay_mark(&replay, ctr);
		assert_false(replay_is_fresh(&replay, ctr));
		assert_true(replay_has(&replay, ctr));
	}
}

static void
replay_refuses_counter_0(void **state)
{
	struct replay replay;

	(void)state;
	replay_init(&replay);
	assert_false(replay_is_fresh(&replay, 0));
	assert_false(replay_has(&replay, 0));
	replay_mark(&replay, 5);
	assert_false(replay_is_fresh(&replay, 0));
}

static void
replay_refuses_what_is_older_than_its_window(void **state)
{
	const uint64_t largest = 10 * REPLAY_WINDOW + 17;
	struct replay replay;

	(void)state;
	replay_init(&replay);
	replay_mark(&replay, largest);
	assert_true(replay_is_fresh(&replay, largest - REPLAY_WINDOW + 1));
	assert_false(replay_is_fresh(&replay, largest - REPLAY_WINDOW));
	assert_false(replay_is_fresh(&replay, largest - REPLAY_WINDOW - 1));
	assert_false(replay_is_fresh(&replay, 1));
	assert_false(replay_has(&replay, largest - REPLAY_WINDOW));
}

static void
replay_takes_any_jump_forward(void **state)
{
	static const uint64_t jumps[] = { 1, 63, 64, 65, REPLAY_WINDOW - 1,
		REPLAY_WINDOW, REPLAY_WINDOW + 1, REPLAY_WINDOW + 64,
		REPLAY_WINDOW + 65, 100 * REPLAY_WINDOW, UINT64_C(1) << 40 };

	(void)state;
	for (size_t i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
		for (uint64_t start = 1; start < 200; start += 31) {
			struct replay replay;
			uint64_t largest = start + jumps[i];

			replay_init(&replay);
			for (uint64_t ctr = 1; ctr <= start; ctr++)
				replay_mark(&replay, ctr);
			replay_mark(&replay, largest);
			/* Nothing between was seen; all before still is. */
			for (uint64_t ctr = largest - 1;
			     ctr > start && largest - ctr < REPLAY_WINDOW;
			     ctr--)
				assert_true(replay_is_fresh(&replay, ctr));
			for (uint64_t ctr = 1; ctr <= start; ctr++)
				assert_false(replay_is_fresh(&replay, ctr));
		}
	}
}

static void
replay_ends_at_the_largest_number(void **state)
{
	struct replay replay;

	(void)state;
	replay_init(&replay);
	replay_mark(&replay, UINT64_MAX);
	assert_false(replay_is_fresh(&replay, UINT64_MAX));
	assert_false(replay_is_fresh(&replay, 0));
	assert_false(replay_is_fresh(&replay, 1));
	assert_true(replay_is_fresh(&replay, UINT64_MAX - REPLAY_WINDOW + 1));
	assert_false(replay_is_fresh(&replay, UINT64_MAX - REPLAY_WINDOW));
}

/* Against the plainest form: a table of all numbers. */
static void
replay_agrees_with_a_table(void **state)
{
	enum { NUMBERS = 40000 };
	static bool seen[NUMBERS];
	struct rng_seeded seeded;
	struct rng rng = rng_from_seed(&seeded, 1);
	struct replay replay;
	uint64_t ctr, largest = 0;
	bool fresh;

	(void)state;
	memset(seen, 0, sizeof(seen));
	replay_init(&replay);
	for (int i = 0; i < 60000; i++) {
		ctr = 1 + rng_below(rng, 6000) + (uint64_t)i / 2;
		fresh = !seen[ctr] &&
		    (ctr > largest || largest - ctr < REPLAY_WINDOW);
		assert_int_equal(replay_is_fresh(&replay, ctr), fresh);
		if (!fresh)
			continue;
		replay_mark(&replay, ctr);
		seen[ctr] = true;
		if (ctr > largest)
			largest = ctr;
		assert_true(replay.largest == largest);
	}
}

/* The run from ctr, one counter at a time. */
static uint64_t
count_run(const struct replay *replay, uint64_t ctr, uint64_t stop, bool has)
{
	uint64_t run = 0;

	while (ctr > stop && replay_has(replay, ctr) == has) {
		ctr--;
		run++;
	}
	return run;
}

static void
replay_counts_runs_as_one_by_one(void **state)
{
	struct rng_seeded seeded;
	struct rng rng = rng_from_seed(&seeded, 2);
	struct replay replay;
	uint64_t ctr, span, stop, largest;
	unsigned loss;
	bool has;

	(void)state;
	for (int round = 0; round < 60; round++) {
		replay_init(&replay);
		loss = (unsigned)rng_below(rng, 101);
		largest = 1 + rng_below(rng, 2 * REPLAY_WINDOW);
		for (ctr = 1; ctr <= largest; ctr++)
			if (ctr == largest || rng_below(rng, 100) >= loss)
				replay_mark(&replay, ctr);
		for (int i = 0; i < 200; i++) {
			span = rng_below(rng, REPLAY_WINDOW);
			stop = largest > span ? largest - span : 0;
			ctr = stop + rng_below(rng, largest - stop + 1);
			has = rng_below(rng, 2) == 1;
			assert_true(replay_run(&replay, ctr, stop, has) ==
			    count_run(&replay, ctr, stop, has));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replay_takes_each_counter_once),
		cmocka_unit_test(replay_refuses_counter_0),
		cmocka_unit_test(replay_refuses_what_is_older_than_its_window),
		cmocka_unit_test(replay_takes_any_jump_forward),
		cmocka_unit_test(replay_ends_at_the_largest_number),
		cmocka_unit_test(replay_agrees_with_a_table),
		cmocka_unit_test(replay_counts_runs_as_one_by_one),
	};

	return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
