/* Owns one way for a line's frames: a UDP socket and its slot clock. */
#ifndef WIRE_PATH_H
#define WIRE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "core/line.h"
#include "wire/pacer.h"

/* Datagrams read at once, each with where it came from. */
enum { PATH_BATCH_MAX = 32 };

struct path_batch {
	/* One byte more than any frame: what is longer shows as that. */
	uint8_t datagram[PATH_BATCH_MAX][FRAME_BYTES_MAX + 1];
	size_t len[PATH_BATCH_MAX];
	struct origin from[PATH_BATCH_MAX];
	size_t count;
};

struct path {
	int fd; /* -1: none */
	struct pacer pacer;
	uint8_t sealed[PACER_WAITING_MAX][FRAME_BYTES_MAX];
	unsigned made; /* frames ever: the next goes to sealed[made & 1] */
	unsigned sent;
};

/* No socket yet. */
void path_init(struct path *path);
/* Takes fd, in place of one it had before. */
void path_open(struct path *path, int fd);
void path_close(struct path *path);

/* Starts the slot clock with a key of its own. */
void path_start(struct path *path, struct cadence cadence, struct rng rng,
    uint64_t now_ns);
/* Stops it, and forgets frames that wait. */
void path_stop(struct path *path);

/* When path_make or path_send is due; UINT64_MAX: not. */
uint64_t path_next_make_ns(const struct path *path);
uint64_t path_next_send_ns(const struct path *path);

/* Fills and seals the next frame, talk or not. */
void path_make(struct path *path, struct line *line, uint64_t now_ns);
/* The only place that sends: one slot, one frame, said or unsaid.  A failure
 * counts as sent; without a destination the moment passes unsent. */
void path_send(struct path *path, const struct line *line);

/* Reads what has arrived, up to a batch. */
void path_recv(struct path *path, struct path_batch *batch);

#endif
