/* Owns playing one tone on one sound device. */
#ifndef BELL_SOUND_H
#define BELL_SOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "limits.h"

enum { SOUND_SAY_BYTES = 256 };

struct sound_library;
struct snd_pcm;

struct sound {
	struct sound_library *library; /* NULL: there is none */
	char device[ALARM_CONFIG_TEXT_BYTES_MAX + 1];
	struct snd_pcm *pcm;	   /* NULL: nothing is played */
	size_t at;		   /* samples that the device has taken */
	uint64_t moved_ns;	   /* when it took some last */
	char say[SOUND_SAY_BYTES]; /* what went wrong last */
};

/* Loads ALSA's library, before the walls are up: OK, or ERR_NOT_FOUND with why in
 * sound->say.  Nothing is opened. */
MUST_CHECK int sound_init(struct sound *sound, const char *device);
/* Begins the tone: OK, or ERR_IO with why.  The device never makes it wait. */
MUST_CHECK int sound_begin(struct sound *sound, uint64_t now_ns);
/* Hands on what the device takes now; *more: there is more to come, and this is to
 * be called again after ALARM_SOUND_STEP_MS.  OK, or ERR_IO with why: the tone has
 * ended then. */
MUST_CHECK int sound_step(struct sound *sound, uint64_t now_ns, bool *more);
/* Stops it, in the middle of the tone or not. */
void sound_end(struct sound *sound);
void sound_close(struct sound *sound);

#endif
