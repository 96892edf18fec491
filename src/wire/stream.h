/* Owns one TCP connection that carries frames, back to back. */
#ifndef WIRE_STREAM_H
#define WIRE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/line.h"
#include "core/ticket.h"
#include "wire/batch.h"

/* What one slot sends: a frame, and by a relay its token. */
enum { UNIT_BYTES_MAX = FRAME_BYTES_MAX + TICKET_TOKEN_BYTES };

/* While terms change, the peer may have begun to send frames of the new size:
 * what arrives is cut in both ways, and the line knows its own. */
enum { STREAM_SIZES_MAX = 2 };

struct stream_sizes {
	size_t frame_bytes[STREAM_SIZES_MAX]; /* 0: there is no other */
};

struct cutter {
	uint8_t begun[FRAME_BYTES_MAX]; /* a frame's beginning */
	size_t bytes;
};

struct stream {
	int fd;		      /* -1: none */
	struct origin origin; /* how the line calls it */
	uint64_t heard_ns;    /* last authentic frame, or its beginning */
	struct cutter cutter[STREAM_SIZES_MAX];
	uint8_t out[UNIT_BYTES_MAX];
	size_t out_bytes; /* what the kernel has not taken of a unit */
};

/* No connection. */
void stream_init(struct stream *stream);
/* Takes fd, a connection. */
void stream_open(struct stream *stream, int fd, const struct origin *origin,
    uint64_t now_ns);
void stream_close(struct stream *stream);

/* Hands the kernel a unit now or never: what it took only in part is finished
 * before the next one, which is lost where that does not go. */
void stream_send(struct stream *stream, const uint8_t *unit, size_t bytes);
/* Reads what has arrived and cuts it into frames: OK, or ERR_IO when the
 * connection has ended. */
MUST_CHECK int stream_recv(struct stream *stream,
    const struct stream_sizes *sizes, struct batch *batch);

#endif
