#include "bell/sound.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "bell/tone.h"

/* As ALSA's library numbers and names them since 2002: it is taken where it is
 * installed, and a post without one needs none to be built. */
enum {
	STREAM_PLAYBACK = 0,
	MODE_NONBLOCK = 1,
	ACCESS_INTERLEAVED = 3,
	FORMAT_S16_LE = 2,
	CHANNELS = 1,
	RESAMPLE = 1,
};

typedef void error_handler(const char *file, int line, const char *function,
    int err, const char *format, ...);

struct sound_library {
	void *handle;
	int (*open)(struct snd_pcm **pcm, const char *name, int stream,
	    int mode);
	int (*set_params)(struct snd_pcm *pcm, int format, int access,
	    unsigned channels, unsigned rate, int resample,
	    unsigned latency_us);
	long (*write)(struct snd_pcm *pcm, const void *samples,
	    unsigned long frames);
	int (*recover)(struct snd_pcm *pcm, int err, int silent);
	int (*start)(struct snd_pcm *pcm);
	int (*close)(struct snd_pcm *pcm);
	int (*forget)(void);
	const char *(*explain)(int err);
	int (*set_handler)(error_handler *handler);
};

/* What it would write to standard error is not fit for a log. */
static void
keep_still(const char *file, int line, const char *function, int err,
    const char *format, ...)
{
	(void)file;
	(void)line;
	(void)function;
	(void)err;
	(void)format;
}

/* A function's address, by way of a copy: C knows no other. */
static bool
find(void *handle, const char *name, void *function)
{
	void *found = dlsym(handle, name);

	memcpy(function, &found, sizeof(found));
	return found != NULL;
}

static bool
find_all(struct sound_library *library)
{
	void *from = library->handle;

	return find(from, "snd_pcm_open", &library->open) &&
	    find(from, "snd_pcm_set_params", &library->set_params) &&
	    find(from, "snd_pcm_writei", &library->write) &&
	    find(from, "snd_pcm_recover", &library->recover) &&
	    find(from, "snd_pcm_start", &library->start) &&
	    find(from, "snd_pcm_close", &library->close) &&
	    find(from, "snd_config_update_free_global", &library->forget) &&
	    find(from, "snd_strerror", &library->explain) &&
	    find(from, "snd_lib_error_set_handler", &library->set_handler);
}

static int
fail(struct sound *sound, const char *what, long err)
{
	(void)snprintf(sound->say, sizeof(sound->say),
	    "the sound device %.100s %s (%.80s)", sound->device, what,
	    sound->library->explain((int)err));
	sound_end(sound);
	return ERR_IO;
}

int
sound_init(struct sound *sound, const char *device)
{
	struct sound_library *library;

	*sound = (struct sound){ .library = NULL };
	(void)snprintf(sound->device, sizeof(sound->device), "%s", device);
	library = calloc(1, sizeof(*library));
	if (library == NULL)
		abort();
	library->handle = dlopen("libasound.so.2", RTLD_NOW | RTLD_LOCAL);
	if (library->handle != NULL && find_all(library)) {
		(void)library->set_handler(keep_still);
		sound->library = library;
		return OK;
	}
	(void)snprintf(sound->say, sizeof(sound->say),
	    "ALSA's library (libasound.so.2) is not installed");
	if (library->handle != NULL)
		(void)dlclose(library->handle);
	free(library);
	return ERR_NOT_FOUND;
}

int
sound_begin(struct sound *sound, uint64_t now_ns)
{
	struct sound_library *library = sound->library;
	int rc;

	assert(library != NULL && sound->pcm == NULL);
	sound->say[0] = '\0';
	sound->at = 0;
	sound->moved_ns = now_ns;
	rc = library->open(&sound->pcm, sound->device, STREAM_PLAYBACK,
	    MODE_NONBLOCK);
	if (rc < 0) {
		sound->pcm = NULL;
		return fail(sound, "does not open", rc);
	}
	rc = library->set_params(sound->pcm, FORMAT_S16_LE, ACCESS_INTERLEAVED,
	    CHANNELS, ALARM_TONE_RATE, RESAMPLE, ALARM_SOUND_BUFFER_MS * 1000);
	return rc < 0 ? fail(sound, "plays no such sound", rc) : OK;
}

int
sound_step(struct sound *sound, uint64_t now_ns, bool *more)
{
	struct sound_library *library = sound->library;
	int16_t samples[ALARM_TONE_RATE / 20];
	size_t count;
	long taken;

	assert(sound->pcm != NULL);
	while (sound->at < TONE_FRAMES) {
		count = TONE_FRAMES - sound->at;
		if (count > sizeof(samples) / sizeof(samples[0]))
			count = sizeof(samples) / sizeof(samples[0]);
		tone_fill(samples, sound->at, count);
		taken = library->write(sound->pcm, samples, count);
		if (taken == -EAGAIN || taken == 0)
			break;
		if (taken < 0 &&
		    library->recover(sound->pcm, (int)taken, 1) < 0)
			return fail(sound, "ended the sound", taken);
		if (taken < 0)
			break;
		sound->at += (size_t)taken;
		sound->moved_ns = now_ns;
	}
	*more = sound->at < TONE_FRAMES;
	if (*more &&
	    now_ns - sound->moved_ns >
		(uint64_t)ALARM_SOUND_STALL_MS * CLOCK_NS_PER_MS)
		return fail(sound, "takes no sound", -EAGAIN);
	if (!*more)
		sound_end(sound);
	return OK;
}

void
sound_end(struct sound *sound)
{
	if (sound->pcm != NULL)
		(void)sound->library->close(sound->pcm);
	sound->pcm = NULL;
	/* The next ring reads the machine's configuration as it is then. */
	(void)sound->library->forget();
}

void
sound_close(struct sound *sound)
{
	if (sound->library == NULL)
		return;
	sound_end(sound);
	(void)dlclose(sound->library->handle);
	free(sound->library);
	sound->library = NULL;
}
