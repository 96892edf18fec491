#include "judge.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/rng.h"

enum { FRAME_BYTES = 300, FRAMES = 20000 };

static struct judge judge;

/* What is planted into frame n; NULL: nothing. */
typedef void plant(uint8_t frame[FRAME_BYTES], size_t *len, unsigned n);

static struct verdict
judge_planted(plant *mark, uint64_t seed)
{
	struct rng_seeded state;
	struct rng rng = rng_from_seed(&state, seed);
	uint8_t frame[FRAME_BYTES + 1];

	judge_init(&judge, FRAME_BYTES);
	for (unsigned n = 0; n < FRAMES; n++) {
		size_t len = FRAME_BYTES;

		rng_fill(rng, frame, sizeof(frame));
		if (mark != NULL)
			mark(frame, &len, n);
		judge_take(&judge, frame, len);
	}
	return judge_decide(&judge);
}

static void
random_frames_are_clean(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 8; seed++) {
		struct verdict verdict = judge_planted(NULL, seed);

		assert_true(verdict_is_clean(&verdict));
		assert_int_equal(judge.frames, FRAMES);
		/* Far from the bounds, as nearly always. */
		assert_true(verdict.spread_least > 160);
		assert_true(verdict.spread_most < 380);
	}
}

/* One value, of one byte, comes three times as often as it should. */
static void
bias(uint8_t frame[FRAME_BYTES], size_t *len, unsigned n)
{
	(void)len;
	if (n % 128 == 0)
		frame[299] = 0x17;
}

static void
bias_of_one_value_at_one_position_is_seen(void **state)
{
	struct verdict verdict = judge_planted(bias, 1);

	(void)state;
	assert_false(verdict.uniform);
	assert_int_equal(verdict.most_at, 299);
	assert_true(verdict.one_size && verdict.no_repeats);
	assert_false(verdict_is_clean(&verdict));
}

static void
fix_byte(uint8_t frame[FRAME_BYTES], size_t *len, unsigned n)
{
	(void)len;
	(void)n;
	frame[24] = 1;
}

static void
constant_byte_is_seen(void **state)
{
	struct verdict verdict = judge_planted(fix_byte, 1);

	(void)state;
	assert_false(verdict.uniform);
	assert_int_equal(verdict.most_at, 24);
}

/* A bit that is set in 6 of 10 frames. */
static void
lean(uint8_t frame[FRAME_BYTES], size_t *len, unsigned n)
{
	(void)len;
	if (n % 5 == 0)
		frame[100] |= 0x80;
}

static void
bit_that_leans_is_seen(void **state)
{
	struct verdict verdict = judge_planted(lean, 1);

	(void)state;
	assert_false(verdict.uniform);
	assert_int_equal(verdict.most_at, 100);
}

static void
count_up(uint8_t frame[FRAME_BYTES], size_t *len, unsigned n)
{
	(void)len;
	frame[31] = (uint8_t)n;
}

static void
counter_is_too_even(void **state)
{
	struct verdict verdict = judge_planted(count_up, 1);

	(void)state;
	assert_false(verdict.uniform);
	assert_int_equal(verdict.least_at, 31);
}

static void
repeat_prefix(uint8_t frame[FRAME_BYTES], size_t *len, unsigned n)
{
	static uint8_t first[JUDGE_PREFIX_BYTES];

	(void)len;
	if (n == 3)
		memcpy(first, frame, sizeof(first));
	if (n == FRAMES - 1)
		memcpy(frame, first, sizeof(first));
}

static void
prefix_that_comes_twice_is_seen(void **state)
{
	struct verdict verdict = judge_planted(repeat_prefix, 1);

	(void)state;
	assert_false(verdict.no_repeats);
	assert_int_equal(judge.repeats, 1);
	assert_true(verdict.one_size && verdict.uniform);
	assert_false(verdict_is_clean(&verdict));
}

static void
nearly_repeat(uint8_t frame[FRAME_BYTES], size_t *len, unsigned n)
{
	repeat_prefix(frame, len, n);
	if (n == FRAMES - 1)
		frame[JUDGE_PREFIX_BYTES - 1] ^= 1;
}

static void
prefix_that_differs_in_a_bit_is_another(void **state)
{
	struct verdict verdict = judge_planted(nearly_repeat, 1);

	(void)state;
	assert_true(verdict_is_clean(&verdict));
}

static void
zero_prefix(uint8_t frame[FRAME_BYTES], size_t *len, unsigned n)
{
	(void)len;
	if (n == 5 || n == 500)
		memset(frame, 0, JUDGE_PREFIX_BYTES);
}

static void
zeros_twice_are_seen(void **state)
{
	struct verdict verdict = judge_planted(zero_prefix, 1);

	(void)state;
	assert_false(verdict.no_repeats);
}

static void
shorten(uint8_t frame[FRAME_BYTES], size_t *len, unsigned n)
{
	(void)frame;
	*len -= n == 777;
}

static void
lengthen(uint8_t frame[FRAME_BYTES], size_t *len, unsigned n)
{
	(void)frame;
	*len += n == 777;
}

static void
second_size_is_seen(void **state)
{
	struct verdict verdict = judge_planted(shorten, 1);

	(void)state;
	assert_false(verdict.one_size);
	assert_int_equal(judge.odd_sizes, 1);
	assert_true(verdict.uniform && verdict.no_repeats);
	verdict = judge_planted(lengthen, 1);
	assert_false(verdict.one_size);
	assert_false(verdict_is_clean(&verdict));
}

static void
few_frames_prove_nothing(void **state)
{
	struct rng_seeded seeded;
	struct rng rng = rng_from_seed(&seeded, 1);
	struct verdict verdict;
	uint8_t frame[FRAME_BYTES];

	(void)state;
	judge_init(&judge, FRAME_BYTES);
	verdict = judge_decide(&judge);
	assert_false(verdict_is_clean(&verdict));
	for (unsigned n = 0; n < JUDGE_FRAMES_MIN - 1; n++) {
		rng_fill(rng, frame, sizeof(frame));
		judge_take(&judge, frame, sizeof(frame));
	}
	verdict = judge_decide(&judge);
	assert_false(verdict_is_clean(&verdict));
	rng_fill(rng, frame, sizeof(frame));
	judge_take(&judge, frame, sizeof(frame));
	verdict = judge_decide(&judge);
	assert_true(verdict_is_clean(&verdict));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_frames_are_clean),
		cmocka_unit_test(bias_of_one_value_at_one_position_is_seen),
		cmocka_unit_test(constant_byte_is_seen),
		cmocka_unit_test(bit_that_leans_is_seen),
		cmocka_unit_test(counter_is_too_even),
		cmocka_unit_test(prefix_that_comes_twice_is_seen),
		cmocka_unit_test(prefix_that_differs_in_a_bit_is_another),
		cmocka_unit_test(zeros_twice_are_seen),
		cmocka_unit_test(second_size_is_seen),
		cmocka_unit_test(few_frames_prove_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
