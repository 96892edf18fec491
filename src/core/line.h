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
	uint8_t boot_send[LINE_KEY_BYTES];
	uint8_t boot_recv[LINE_KEY_BYTES];
	/* Where the peer is; len 0: learned from its first authentic frame. */
	struct origin peer;
	/* Else, where it was when it was last heard; len 0: not known. */
	struct origin last;
};

/*
 * A pure state machine: no clock, no descriptor, no allocation after line_new.
 * It calls tell() for what the keeper must know, from within any function
 * below; the callee must not call back into the line.
 */
struct line;

typedef void line_tell(void *ctx, const struct line_event *event);

/* sizeof(struct line), at most LINE_BYTES_MAX. */
size_t line_bytes(void);

/*
 * Makes a line in `memory` (line_bytes() of locked memory, aligned for any
 * type, the caller's); starts to boot.  rng is kept; the config is copied.
 */
struct line *line_init(void *memory, const struct line_config *config,
    struct rng rng, line_tell *tell, void *ctx, uint64_t now_ns);

/* Forgets every secret of it. */
void line_wipe(struct line *line);

/*
 * A datagram arrived on a path.  OK if it was authentic and fresh, else why
 * not; either way nothing is sent because of it.
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
 * Fills and seals the next frame of a path into out (frame_bytes), talk or not:
 * called once a slot, a guard time before its moment.
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
