/* Owns the sound of an alarm, as samples. */
#ifndef BELL_TONE_H
#define BELL_TONE_H

#include <stddef.h>
#include <stdint.h>

#include "limits.h"

enum {
	/* Of one ring: the tone, then as much stillness as a device may hold
	 * back when it is closed. */
	TONE_FRAMES =
	    ALARM_TONE_RATE / 1000 * (ALARM_TONE_MS + ALARM_SOUND_BUFFER_MS),
};

/* Writes `count` samples from number `from` on, below TONE_FRAMES: beeps that rise
 * in pitch, three to a ring, without a click at either end of one. */
void tone_fill(int16_t *samples, size_t from, size_t count);

#endif
