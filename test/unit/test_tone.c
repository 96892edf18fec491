#include "bell/tone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
	TONE_END = ALARM_TONE_RATE / 1000 * ALARM_TONE_MS,
	MS = ALARM_TONE_RATE / 1000,
};

static int16_t samples[TONE_FRAMES];

static void
tone_is_loud_in_its_beeps_and_still_between(void **state)
{
	int loudest = 0;

	(void)state;
	tone_fill(samples, 0, TONE_FRAMES);
	for (int i = 0; i < TONE_END; i++) {
		loudest = abs(samples[i]) > loudest ? abs(samples[i]) : loudest;
		if (i % (800 * MS) >= 600 * MS)
			assert_int_equal(samples[i], 0);
	}
	assert_true(loudest > 20000);
	assert_true(loudest <= 24000);
	for (int i = TONE_END; i < TONE_FRAMES; i++)
		assert_int_equal(samples[i], 0);
}

/* Half of the times that the wave crosses zero in a second. */
static int
pitch(int from, int count)
{
	int crossings = 0;

	for (int i = from + 1; i < from + count; i++)
		crossings += (samples[i - 1] < 0) != (samples[i] < 0);
	return (int)((int64_t)crossings * ALARM_TONE_RATE / count / 2);
}

static void
tone_rises_in_pitch(void **state)
{
	(void)state;
	tone_fill(samples, 0, TONE_FRAMES);
	for (int beep = 0; beep < 3; beep++) {
		assert_in_range(pitch(beep * 800 * MS + 20 * MS, 250 * MS), 860,
		    900);
		assert_in_range(pitch(beep * 800 * MS + 320 * MS, 250 * MS),
		    1300, 1340);
	}
}

/* A jump would be a click. */
static void
tone_has_no_jumps(void **state)
{
	(void)state;
	tone_fill(samples, 0, TONE_FRAMES);
	assert_int_equal(samples[0], 0);
	for (int i = 1; i < TONE_FRAMES; i++)
		assert_true(abs(samples[i] - samples[i - 1]) < 9000);
}

static void
tone_is_the_same_in_pieces(void **state)
{
	static int16_t piece[997];
	size_t count;

	(void)state;
	tone_fill(samples, 0, TONE_FRAMES);
	for (size_t at = 0; at < TONE_FRAMES; at += count) {
		count = TONE_FRAMES - at < 997 ? TONE_FRAMES - at : 997;
		tone_fill(piece, at, count);
		assert_memory_equal(piece, samples + at, 2 * count);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tone_is_loud_in_its_beeps_and_still_between),
		cmocka_unit_test(tone_rises_in_pitch),
		cmocka_unit_test(tone_has_no_jumps),
		cmocka_unit_test(tone_is_the_same_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
