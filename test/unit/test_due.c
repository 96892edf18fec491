#include "relay/due.h"

#include <stdlib.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/rng.h"

enum { LEGS = 300, STEPS = 20000, NEVER = 0 };

/* The same, with no cleverness. */
static uint64_t naive[LEGS];

static uint64_t
naive_next(void)
{
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i < LEGS; i++)
		if (naive[i] != NEVER && naive[i] < least)
			least = naive[i];
	return least;
}

static void
nothing_is_due_in_an_empty_heap(void **state)
{
	struct due due;

	(void)state;
	assert_int_equal(due_open(&due, 4), OK);
	assert_int_equal(due_next_ns(&due), UINT64_MAX);
	due_drop(&due, 3);
	assert_int_equal(due_next_ns(&due), UINT64_MAX);
	due_set(&due, 3, 7);
	assert_int_equal(due_next_ns(&due), 7);
	assert_int_equal(due_first(&due), 3);
	due_drop(&due, 3);
	due_drop(&due, 3);
	assert_int_equal(due_next_ns(&due), UINT64_MAX);
	due_close(&due);
}

static void
a_leg_is_due_once(void **state)
{
	struct due due;

	(void)state;
	assert_int_equal(due_open(&due, 4), OK);
	due_set(&due, 1, 10);
	due_set(&due, 2, 20);
	due_set(&due, 1, 30);
	assert_int_equal(due_first(&due), 2);
	due_drop(&due, 2);
	assert_int_equal(due_first(&due), 1);
	assert_int_equal(due_next_ns(&due), 30);
	due_set(&due, 1, 5);
	assert_int_equal(due_next_ns(&due), 5);
	due_drop(&due, 1);
	assert_int_equal(due_next_ns(&due), UINT64_MAX);
	due_close(&due);
}

static void
the_first_is_always_the_least(void **state)
{
	struct rng_seeded seeded;
	struct rng rng = rng_from_seed(&seeded, 3);
	struct due due;

	(void)state;
	assert_int_equal(due_open(&due, LEGS), OK);
	for (unsigned i = 0; i < STEPS; i++) {
		const uint32_t leg = (uint32_t)rng_below(rng, LEGS);

		if (rng_below(rng, 3) == 0) {
			due_drop(&due, leg);
			naive[leg] = NEVER;
		} else {
			naive[leg] = 1 + rng_below(rng, 1000);
			due_set(&due, leg, naive[leg]);
		}
		assert_int_equal(due_next_ns(&due), naive_next());
		if (due.count > 0)
			assert_int_equal(naive[due_first(&due)], naive_next());
	}
	due_close(&due);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_due_in_an_empty_heap),
		cmocka_unit_test(a_leg_is_due_once),
		cmocka_unit_test(the_first_is_always_the_least),
	};

	return cmocka_run_group_tests_name("due", tests, NULL, NULL);
}
