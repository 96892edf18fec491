#include "bell/tone.h"

#include <assert.h>

enum {
	BEEP_FRAMES = ALARM_TONE_RATE / 1000 * 600,
	PAUSE_FRAMES = ALARM_TONE_RATE / 1000 * 200,
	EDGE_FRAMES = ALARM_TONE_RATE / 1000 * 10,
	BEEPS = ALARM_TONE_MS / 800,
	/* Where ears are keenest, and small loudspeakers loudest. */
	PITCH_LOW_HZ = 880,
	PITCH_HIGH_HZ = 1320,
	/* Well below what clips when it is mixed. */
	PEAK = 24000,
	/* Halves of a wave are counted in this many steps. */
	HALF = 32768,
};

_Static_assert(ALARM_TONE_MS % 800 == 0, "a beep and its pause take 800 ms");

/* A parabola is as good as a sine here: phase is 0 to 2 * HALF. */
static int32_t
wave(uint32_t phase)
{
	const int64_t x = phase % HALF;
	const int32_t y = (int32_t)(4 * x * (HALF - x) * PEAK / HALF / HALF);

	return phase < HALF ? y : -y;
}

/* Up and down at the ends of a beep; 0 in a pause. */
static int32_t
loudness(size_t in_beep)
{
	if (in_beep >= BEEP_FRAMES)
		return 0;
	if (in_beep < EDGE_FRAMES)
		return (int32_t)in_beep;
	if (in_beep >= BEEP_FRAMES - EDGE_FRAMES)
		return (int32_t)(BEEP_FRAMES - in_beep);
	return EDGE_FRAMES;
}

static int16_t
sample(size_t at)
{
	const size_t beep = at / (BEEP_FRAMES + PAUSE_FRAMES);
	const size_t in_beep = at % (BEEP_FRAMES + PAUSE_FRAMES);
	const uint64_t pitch =
	    in_beep < BEEP_FRAMES / 2 ? PITCH_LOW_HZ : PITCH_HIGH_HZ;
	uint64_t phase;

	if (beep >= BEEPS)
		return 0;
	phase = in_beep * pitch * 2 * HALF / ALARM_TONE_RATE;
	return (int16_t)(wave((uint32_t)(phase % (2 * (uint64_t)HALF))) *
	    loudness(in_beep) / EDGE_FRAMES);
}

void
tone_fill(int16_t *samples, size_t from, size_t count)
{
	assert(from + count <= TONE_FRAMES);
	for (size_t i = 0; i < count; i++)
		samples[i] = sample(from + i);
}
