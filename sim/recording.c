#include "sim/recording.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

enum { CAP_FIRST = 1024 };

void
recording_init(struct recording *recording, size_t frame_bytes)
{
	*recording = (struct recording){ .frame_bytes = frame_bytes };
}

void
recording_free(struct recording *recording)
{
	free(recording->frames);
	free(recording->at_ns);
	*recording = (struct recording){ 0 };
}

static void
grow(struct recording *recording)
{
	size_t cap = recording->cap == 0 ? CAP_FIRST : recording->cap * 2;
	uint8_t *frames;
	uint64_t *at_ns;

	if (cap > RECORDING_FRAMES_MAX)
		cap = RECORDING_FRAMES_MAX;
	frames = realloc(recording->frames, cap * recording->frame_bytes);
	at_ns = realloc(recording->at_ns, cap * sizeof(*at_ns));
	if (frames == NULL || at_ns == NULL)
		fatal("recording: no memory");
	recording->frames = frames;
	recording->at_ns = at_ns;
	recording->cap = cap;
}

bool
recording_add(struct recording *recording, const uint8_t *frame, uint64_t at_ns,
    uint64_t silence_ns, size_t place)
{
	bool first = recording->count == 0 ||
	    at_ns - recording->at_ns[recording->count - 1] > silence_ns;

	if (recording->count == RECORDING_FRAMES_MAX) {
		assert(place < recording->count);
		memcpy(recording->frames + place * recording->frame_bytes,
		    frame, recording->frame_bytes);
		return false;
	}
	if (recording->count == recording->cap)
		grow(recording);
	memcpy(recording->frames + recording->count * recording->frame_bytes,
	    frame, recording->frame_bytes);
	recording->at_ns[recording->count] = at_ns;
	if (first && recording->lives < RECORDING_LIVES_MAX)
		recording->life[recording->lives++] = recording->count;
	recording->count++;
	return first;
}

const uint8_t *
recording_frame(const struct recording *recording, size_t i)
{
	if (i >= recording->count)
		return NULL;
	return recording->frames + i * recording->frame_bytes;
}

size_t
recording_find(const struct recording *recording, uint64_t at_ns)
{
	size_t low = 0, high = recording->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (recording->at_ns[middle] < at_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
