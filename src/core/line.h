/* Owns one line as wire sees it: what frames say, and what is made of them. */
#ifndef CORE_LINE_H
#define CORE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"
#include "core/cadence.h"
#include "core/event.h"
#include "limits.h"

/* A is who offered the line, for its life. */
enum line_role { ROLE_A, ROLE_B };

enum { LINE_KEY_BYTES = 32 };

struct line_config {
	enum line_role role;
	struct cadence cadence;
	/* Boot frames of this size are taken too, while terms change; 0: none. */
	uint16_t also_frame_bytes;
	/* The number of the terms in force, below TERMS_NUMBERS. */
	uint8_t terms;
	uint8_t boot_send[LINE_KEY_BYTES];
	uint8_t boot_recv[LINE_KEY_BYTES];
};

/* Where the frames of one of our paths go. */
struct line_way {
	/* len 0: learned from what arrives by this path. */
	struct origin peer;
	/* Else, where the peer was last heard by it; len 0: not known. */
	struct origin last;
	/* Each newest frame that comes by it says where the peer is now. */
	bool roams;
};

/*
 * A pure state machine: no clock, no descriptor, no allocation after line_new.
 * It calls tell() for what the keeper must know, from within any function
 * below; the callee must not call back into the line.
 */
struct line;

typedef void line_tell(void *ctx, const struct line_event *event);

/* What a line needs at a cadence, whatever passes; at most LINE_BYTES_MAX. */
size_t line_bytes(struct cadence cadence);

/*
 * Makes a line in `memory` (line_bytes() of locked memory, aligned for any
 * type, the caller's); starts to boot.  It has no path yet.  rng is kept; the
 * config is copied.
 */
struct line *line_init(void *memory, const struct line_config *config,
    struct rng rng, line_tell *tell, void *ctx, uint64_t now_ns);

/* Forgets every secret of it. */
void line_wipe(struct line *line);

/* Opens a path, or changes the way of one that is open, whose counters go on. */
void line_open_path(struct line *line, unsigned path,
    const struct line_way *way, uint64_t now_ns);

/* Closes it: what flies on it is lost.  Opened again, its counters go on. */
void line_close_path(struct line *line, unsigned path, uint64_t now_ns);

/* As also_frame_bytes of the config, while the line goes on. */
void line_also(struct line *line, uint16_t frame_bytes);

/*
 * A datagram arrived by one of our paths.  OK if it was authentic and fresh, else
 * why not (ERR_STATE: that path is closed); either way nothing is sent because of
 * it.
 */
int line_on_datagram(struct line *line, unsigned path, const uint8_t *datagram,
    size_t len, const struct origin *from, uint64_t now_ns);

/* The keeper says something.  ERR_STATE where it fits no request (dropped). */
int line_on_order(struct line *line, const struct line_order *order,
    uint64_t now_ns);

/* The keeper is gone; the line goes on, and keeps what it has not synced until
 * LINE_ORDER_ATTACH. */
void line_on_keeper_lost(struct line *line);

/*
 * Fills and seals the next frame of an open path into out (frame_bytes), talk or
 * not: called once a slot of that path, a guard time before its moment.
 */
void line_prepare(struct line *line, unsigned path, uint8_t *out,
    uint64_t now_ns);

/* Where the path's frames go now; len 0: nowhere yet (the frame's moment passes
 * unsent, which only a line that has not heard its peer does). */
const struct origin *line_destination(const struct line *line, unsigned path);

/* What people are shown. */
void line_read_report(const struct line *line, struct line_report *report,
    uint64_t now_ns);

/* The goodbye has been said in enough frames; the caller may stop. */
bool line_has_said_goodbye(const struct line *line);

#endif
