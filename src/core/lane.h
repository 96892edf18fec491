/* Owns one of a line's paths on our side: where its frames go, what flies on it,
 * and what it has to say. */
#ifndef CORE_LANE_H
#define CORE_LANE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "core/ack.h"
#include "core/event.h"
#include "core/line.h"

/* Something that is said when it changed, and every CTRL_EVERY_FRAMES. */
struct saying {
	bool changed;
	unsigned frames; /* since it was last said */
};

struct lane {
	bool open;
	struct line_way way;
	struct origin to; /* where its frames go */
	struct ack_outbox outbox;
	struct saying say_have;
	struct saying say_status;
	unsigned ctrl_waits; /* frames in which it found no room */
	unsigned part_waits;
	unsigned goodbyes;
	uint64_t heard_ns;	   /* any fresh frame by it; 0: none */
	uint64_t session_begun_ns; /* or opened, if that was later */
	uint64_t session_heard_ns; /* 0: no frame of this session by it */
};

/* Closed, and never open before; the ring is lent for its life. */
void lane_init(struct lane *lane, struct ack_frame *ring, uint32_t frames);

/* Opens it, or changes its way; its counters go on. */
void lane_open(struct lane *lane, const struct line_way *way, uint64_t now_ns);

/* A session begins: counters begin anew, and all is to be said. */
void lane_on_session(struct lane *lane, uint64_t now_ns);

/* No session any more: a pinned peer that roamed may be at home again. */
void lane_on_boot(struct lane *lane);

/* A fresh frame came by it, of the session or of a boot. */
void lane_on_frame(struct lane *lane, bool of_session, uint64_t now_ns);

/* A boot frame goes to where one came from; where people have said where the peer
 * is, one in LANE_SEEKS_ONE_IN goes there, drawn by chance, so that no part of a
 * message goes there alone: what came may have been old, sent again from
 * elsewhere. */
enum { LANE_SEEKS_ONE_IN = 4 };
void lane_seek(struct lane *lane, const struct origin *from, struct rng rng);
/* What arrives by it may say where the peer is. */
bool lane_learns(const struct lane *lane);

/* The peer has acknowledged frames of it lately. */
bool lane_works(const struct lane *lane, uint64_t slot_ns, uint64_t now_ns);

/* As people are shown it, of a line that boots (echoes: the peer answers us) or
 * has a session. */
enum path_state lane_state_of_boot(const struct lane *lane, bool echoes,
    uint64_t silence_ns, uint64_t now_ns);
enum path_state lane_state_of_session(const struct lane *lane,
    uint64_t silence_ns, uint64_t now_ns);

/* Fills all of a report but its state. */
void lane_read(const struct lane *lane, struct path_report *report,
    uint64_t now_ns);

bool saying_is_due(const struct saying *saying);
void saying_on_said(struct saying *saying);

#endif
