/* Owns room for what is read from a socket at once. */
#ifndef WIRE_BATCH_H
#define WIRE_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "core/line.h"

enum { BATCH_MAX = 32 };

/* Datagrams or frames, each with where it came from. */
struct batch {
	/* One byte more than any frame: what is longer shows as that. */
	uint8_t datagram[BATCH_MAX][FRAME_BYTES_MAX + 1];
	size_t len[BATCH_MAX];
	struct origin from[BATCH_MAX];
	size_t count;
};

#endif
