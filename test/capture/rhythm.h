/* Owns the verdict on when frames of one path left: whether it was one a slot,
 * at moments that chance alone could have chosen. */
#ifndef RHYTHM_H
#define RHYTHM_H

#include <stdbool.h>
#include <stdint.h>

enum rhythm_limits {
	/* Parts of a slot, each as likely as any other. */
	RHYTHM_PARTS = 16,
	/* Coarser, for where in two slots in a row. */
	RHYTHM_PAIR_PARTS = 4,
	/* Fewer say nothing: 32 are expected in each part. */
	RHYTHM_FRAMES_MIN = 32 * RHYTHM_PARTS,
	/* A frame that is stamped just behind its slot's end seems to be the
	 * next one's: for a moment that slot has two. */
	RHYTHM_AHEAD_MOST = 1,
};

/* Chi-square with 15 degrees of freedom, for parts and for pairs: 15 on average;
 * beyond this chance gets once in 10^9. */
#define RHYTHM_SPREAD_MOST 75.0

/* One stretch of time.  Moments are nanoseconds of the clock that slots count
 * from (CLOCK_BOOTTIME). */
struct rhythm {
	uint64_t slot_ns;
	uint64_t first; /* slot of the first frame */
	uint64_t last;
	uint64_t frames;
	uint64_t most_ahead; /* frames beyond one for each slot begun */
	uint32_t part[RHYTHM_PARTS];
	uint32_t pair[RHYTHM_PAIR_PARTS][RHYTHM_PAIR_PARTS];
	unsigned before; /* where in its slot the last frame was */
};

void rhythm_init(struct rhythm *rhythm, uint64_t slot_ns);

/* A frame was seen at this moment. */
void rhythm_take(struct rhythm *rhythm, uint64_t at_ns);

struct pace {
	bool enough;
	uint64_t slots; /* from the first frame's to the last one's */
	bool none_more; /* never ahead of the slots */
	uint64_t fewer; /* slots that no frame was for */
	bool uniform;	/* moments within the slot */
	bool apart;	/* one slot's moment tells nothing of the next */
	double spread, pair_spread;
};

struct pace rhythm_decide(const struct rhythm *rhythm);

#endif
