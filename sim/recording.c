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
	*recording = (struct recording){ 0 };
}

/* What one takes, so that the next is aligned. */
static size_t
stride(const struct recording *recording)
{
	const size_t align = _Alignof(struct recorded);
	size_t bytes = sizeof(struct recorded) + recording->frame_bytes;

	return (bytes + align - 1) / align * align;
}

static struct recorded *
place_of(const struct recording *recording, size_t i)
{
	void *place = recording->frames + i * stride(recording);

	return place;
}

static void
grow(struct recording *recording)
{
	size_t cap = recording->cap == 0 ? CAP_FIRST : recording->cap * 2;

	if (cap > RECORDING_FRAMES_MAX)
		cap = RECORDING_FRAMES_MAX;
	recording->frames = realloc(recording->frames, cap * stride(recording));
	if (recording->frames == NULL)
		fatal("recording: no memory");
	recording->cap = cap;
}

static void
put(struct recorded *recorded, const uint8_t *frame, size_t len, uint64_t at_ns)
{
	recorded->at_ns = at_ns;
	recorded->len = len;
	memcpy(recorded->bytes, frame, len);
}

bool
recording_add(struct recording *recording, const uint8_t *frame, size_t len,
    uint64_t at_ns, uint64_t silence_ns, size_t place)
{
	bool first = recording->count == 0 ||
	    at_ns - place_of(recording, recording->count - 1)->at_ns >
		silence_ns;

	assert(len <= recording->frame_bytes);
	if (recording->count == RECORDING_FRAMES_MAX) {
		struct recorded *old = place_of(recording, place);

		/* Times stay in order. */
		assert(place < recording->count);
		put(old, frame, len, old->at_ns);
		return false;
	}
	if (recording->count == recording->cap)
		grow(recording);
	put(place_of(recording, recording->count), frame, len, at_ns);
	if (first && recording->lives < RECORDING_LIVES_MAX)
		recording->life[recording->lives++] = recording->count;
	recording->count++;
	return first;
}

const struct recorded *
recording_frame(const struct recording *recording, size_t i)
{
	return i < recording->count ? place_of(recording, i) : NULL;
}

size_t
recording_find(const struct recording *recording, uint64_t at_ns)
{
	size_t low = 0, high = recording->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (place_of(recording, middle)->at_ns < at_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
