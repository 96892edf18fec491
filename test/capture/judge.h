/* Owns the verdict on a capture of the wire: whether what one post sends can be
 * told from random bytes, frame by frame, by whoever only looks. */
#ifndef JUDGE_H
#define JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum judge_limits {
	JUDGE_FRAME_BYTES_MAX = 1500,
	/* What must not come twice: a third of the nonce. */
	JUDGE_PREFIX_BYTES = 8,
	/* Frames whose prefixes are remembered. */
	JUDGE_FRAMES_MAX = 1 << 20,
	/* Fewer say nothing about a byte: 64 a value are expected. */
	JUDGE_FRAMES_MIN = 64 * 256,
};

/*
 * The sum of (seen - expected)^2 / expected over a byte's 256 values is
 * chi-square with 255 degrees of freedom if all are equally likely: 255 on
 * average.  Beyond these bounds chance gets once in 10^13 positions, so that a
 * capture of both ways, 2,400 positions, is blamed for nothing less than once
 * in 10^9 times.  Too even is no chance either: a counter.
 */
#define JUDGE_SPREAD_LEAST 110.0
#define JUDGE_SPREAD_MOST 480.0

/* One post's frames. */
struct judge {
	size_t frame_bytes;
	uint64_t frames;
	uint64_t odd_sizes; /* of another size */
	uint64_t repeats;   /* a prefix that was there before */
	uint32_t seen[JUDGE_FRAME_BYTES_MAX][256];
	/* A table of prefixes by open addressing; 0: free. */
	uint64_t prefix[2 * JUDGE_FRAMES_MAX];
};

/* Frames of frame_bytes are expected. */
void judge_init(struct judge *judge, size_t frame_bytes);

/* Takes a datagram; beyond JUDGE_FRAMES_MAX it ends the program. */
void judge_take(struct judge *judge, const uint8_t *bytes, size_t len);

/* How unevenly the byte at `position` is spread. */
double judge_spread(const struct judge *judge, size_t position);

struct verdict {
	bool enough; /* frames for the rest to mean anything */
	bool one_size;
	bool uniform;
	bool no_repeats;
	double spread_least, spread_most; /* of all positions */
	size_t least_at, most_at;
};

struct verdict judge_decide(const struct judge *judge);

/* All of it holds. */
bool verdict_is_clean(const struct verdict *verdict);

#endif
