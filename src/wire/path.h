/* Owns one way for a line's frames: its sockets and its slot clock. */
#ifndef WIRE_PATH_H
#define WIRE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "core/line.h"
#include "proc/pmsg.h"
#include "wire/batch.h"
#include "wire/pacer.h"
#include "wire/stream.h"

/* Sockets of one path: a UDP socket, a connection that was dialed, or up to so
 * many that were accepted, of which one may be the peer's. */
enum { PATH_INLETS_MAX = TCP_ACCEPTED_MAX };

struct path {
	unsigned number; /* of the line's paths */
	/* What the keeper said of it, and what the parent said. */
	bool announced; /* by the present keeper */
	bool has_told;
	struct pmsg_path told;
	bool has_peer;
	struct pmsg_peer peer;
	/* UDP: fd; TCP: streams, of which there are none until there is one. */
	int fd;
	struct stream *streams;
	uint64_t accepted; /* connections ever: no name comes twice */
	/* Its slot clock, while the line has it. */
	bool is_open;
	struct pacer pacer;
	struct stream_sizes sizes;
	uint8_t sealed[PACER_WAITING_MAX][UNIT_BYTES_MAX];
	size_t sealed_bytes[PACER_WAITING_MAX];
	unsigned made; /* frames ever: the next goes to sealed[made & 1] */
	unsigned sent;
	bool is_loaded; /* the kernel holds the next frame back */
};

/* Nothing is known of it. */
void path_init(struct path *path, unsigned number);
/* Closes its sockets, forgets all. */
void path_wipe(struct path *path);

/* Keeper and parent both have said what it is. */
bool path_is_ready(const struct path *path);
/* As the line is to know it. */
void path_read_way(const struct path *path, struct line_way *way);

/* Where a further socket is to go: a free inlet, or that of a connection which
 * has to give way; never the one by which the line's frames go out. */
unsigned path_pick_inlet(const struct path *path,
    const struct origin *destination);
/* Takes fd; what was in that inlet is closed. */
void path_open_inlet(struct path *path, unsigned inlet, int fd,
    uint64_t now_ns);
void path_close_inlet(struct path *path, unsigned inlet);
void path_close_inlets(struct path *path);
/* That connection is what the line knows by this name. */
bool path_is_inlet(const struct path *path, unsigned inlet,
    const struct origin *origin);
/* Of its socket; -1: none. */
int path_inlet_fd(const struct path *path, unsigned inlet);

/* Starts the slot clock with a key of its own. */
void path_start(struct path *path, struct cadence cadence, struct rng rng,
    uint64_t now_ns);
/* Streams may carry frames of this size too; 0: no. */
void path_allow_size(struct path *path, size_t frame_bytes);
/* Stops it, and forgets frames that wait. */
void path_stop(struct path *path);

/* When path_make or path_send is due; UINT64_MAX: not. */
uint64_t path_next_make_ns(const struct path *path);
uint64_t path_next_send_ns(const struct path *path);

/* Fills and seals the next frame, talk or not. */
void path_make(struct path *path, struct line *line, uint64_t now_ns);
/* Hands the next frame to the kernel, which holds it back: what is left for its
 * moment is to let it go.  Nothing of it is seen, and path_send follows. */
void path_load(struct path *path, const struct line *line);
/* The only place that sends: one slot, one frame, said or unsaid.  A failure
 * counts as sent; without a destination the moment passes unsent. */
void path_send(struct path *path, const struct line *line);

/* Reads what has arrived, up to a batch: OK, or ERR_IO where a connection has
 * ended, or brings something to a line that does not run. */
MUST_CHECK int path_recv(struct path *path, unsigned inlet,
    struct batch *batch);
/* What an inlet brought was authentic. */
void path_on_heard(struct path *path, unsigned inlet, uint64_t now_ns);
/* A connection of ours that has brought nothing authentic for as long as a
 * session would bear: another one may be better. */
bool path_is_stale(const struct path *path, uint64_t now_ns);

#endif
