#include "bell/sound.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "bell/tone.h"

/*
 * Devices of ALSA that are none: one writes what it is given to a file, one takes
 * nothing.  Without the library there is nothing to test, and that is tested.
 */
struct stage {
	char folder[64];
	char heard[128];
	struct sound sound;
	bool there;
};

static void
write_config(const struct stage *stage, const char *path)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	(void)fprintf(file,
	    "pcm.sink { type null }\n"
	    "pcm.heard { type file slave.pcm sink file \"%s\" format raw }\n"
	    "pcm.broken { type hw card 31 }\n",
	    stage->heard);
	assert_int_equal(fclose(file), 0);
}

static int
setup(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	char path[128];

	(void)snprintf(stage->folder, sizeof(stage->folder),
	    "/tmp/sound-test-XXXXXX");
	assert_non_null(mkdtemp(stage->folder));
	(void)snprintf(stage->heard, sizeof(stage->heard), "%s/heard",
	    stage->folder);
	(void)snprintf(path, sizeof(path), "%s/asound.conf", stage->folder);
	write_config(stage, path);
	assert_int_equal(setenv("ALSA_CONFIG_PATH", path, 1), 0);
	*state = stage;
	return 0;
}

static int
teardown(void **state)
{
	struct stage *stage = *state;
	char path[128];

	if (stage->there)
		sound_close(&stage->sound);
	(void)unlink(stage->heard);
	(void)snprintf(path, sizeof(path), "%s/asound.conf", stage->folder);
	(void)unlink(path);
	(void)rmdir(stage->folder);
	free(stage);
	return 0;
}

static void
need(struct stage *stage, const char *device)
{
	stage->there = sound_init(&stage->sound, device) == OK;
	if (stage->there)
		return;
	assert_non_null(strstr(stage->sound.say, "libasound"));
	skip();
}

static long
heard_bytes(const struct stage *stage)
{
	struct stat st;

	return stat(stage->heard, &st) == 0 ? (long)st.st_size : -1;
}

static int
play(struct stage *stage)
{
	uint64_t now_ns = clock_now_ns();
	bool more = true;
	int rc;

	if ((rc = sound_begin(&stage->sound, now_ns)) != OK)
		return rc;
	while (rc == OK && more) {
		rc = sound_step(&stage->sound, now_ns, &more);
		now_ns += (uint64_t)ALARM_SOUND_STEP_MS * CLOCK_NS_PER_MS;
	}
	return rc;
}

static void
sound_is_the_tone_to_its_last_sample(void **state)
{
	struct stage *stage = *state;
	static int16_t heard[TONE_FRAMES], tone[TONE_FRAMES];
	FILE *file;

	need(stage, "heard");
	assert_int_equal(play(stage), OK);
	assert_null(stage->sound.pcm);
	assert_int_equal(heard_bytes(stage), 2 * TONE_FRAMES);
	file = fopen(stage->heard, "r");
	assert_non_null(file);
	assert_int_equal(fread(heard, 2, TONE_FRAMES, file), TONE_FRAMES);
	(void)fclose(file);
	tone_fill(tone, 0, TONE_FRAMES);
	assert_memory_equal(heard, tone, sizeof(tone));
}

static void
sound_plays_again_and_stops_in_the_middle(void **state)
{
	struct stage *stage = *state;

	need(stage, "heard");
	assert_int_equal(play(stage), OK);
	assert_int_equal(play(stage), OK);
	assert_int_equal(sound_begin(&stage->sound, 1), OK);
	sound_end(&stage->sound);
	assert_null(stage->sound.pcm);
	sound_end(&stage->sound);
	assert_int_equal(play(stage), OK);
}

static void
device_that_is_not_there_says_so(void **state)
{
	struct stage *stage = *state;

	need(stage, "broken");
	assert_int_equal(play(stage), ERR_IO);
	assert_null(stage->sound.pcm);
	assert_non_null(strstr(stage->sound.say, "broken"));
	assert_int_equal(play(stage), ERR_IO);
}

static void
device_of_no_name_that_is_known_says_so(void **state)
{
	struct stage *stage = *state;

	need(stage, "nothing of that name");
	assert_int_equal(play(stage), ERR_IO);
	assert_true(strlen(stage->sound.say) > 0);
}

static void
long_device_name_is_cut_in_words_only(void **state)
{
	struct stage *stage = *state;
	char name[ALARM_CONFIG_TEXT_BYTES_MAX + 1];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	need(stage, name);
	assert_int_equal(play(stage), ERR_IO);
	assert_true(strlen(stage->sound.say) < SOUND_SAY_BYTES);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(sound_is_the_tone_to_its_last_sample),
		CLAIM(sound_plays_again_and_stops_in_the_middle),
		CLAIM(device_that_is_not_there_says_so),
		CLAIM(device_of_no_name_that_is_known_says_so),
		CLAIM(long_device_name_is_cut_in_words_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
