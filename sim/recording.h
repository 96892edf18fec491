/* Owns what an attacker remembers: every frame that a post has ever sent. */
#ifndef SIM_RECORDING_H
#define SIM_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum recording_bounds {
	/* Beyond, a new frame takes the place of a random one; no run of the
	 * plan's lengths comes so far. */
	RECORDING_FRAMES_MAX = 320000,
	/* Starts of a post that are told apart; later ones are one. */
	RECORDING_LIVES_MAX = 512,
};

struct recorded {
	uint64_t at_ns; /* when it was sent */
	size_t len;
	uint8_t bytes[];
};

struct recording {
	size_t frame_bytes; /* at most */
	uint8_t *frames;
	size_t count;
	size_t cap;
	/* The first frame of each life: a post that restarts is silent so long
	 * that everybody sees it. */
	size_t life[RECORDING_LIVES_MAX];
	size_t lives;
};

void recording_init(struct recording *recording, size_t frame_bytes);
void recording_free(struct recording *recording);

/* Takes down a frame of a length up to the most; `place` below count is where it goes once there is no more
 * room.  True where it is the first of a life: silence_ns passed without any. */
bool recording_add(struct recording *recording, const uint8_t *frame,
    size_t len, uint64_t at_ns, uint64_t silence_ns, size_t place);

/* The frame of that number; NULL: there is none. */
const struct recorded *recording_frame(const struct recording *recording,
    size_t i);

/* The first frame that was sent at at_ns or later; count: none. */
size_t recording_find(const struct recording *recording, uint64_t at_ns);

#endif
