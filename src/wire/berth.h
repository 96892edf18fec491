/* Owns what wire keeps for one line: its core, its paths, and its beginnings. */
#ifndef WIRE_BERTH_H
#define WIRE_BERTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "core/line.h"
#include "proc/pmsg.h"
#include "wire/path.h"

/*
 * A line starts once both are there: its keys, from keeper, and one path; a
 * path, once keeper and the parent have said what it is.  They come in any
 * order.  Sockets of a path may come, go and be lacking meanwhile.
 */
struct berth {
	uint32_t id;	/* 0: free */
	bool announced; /* by the present keeper */
	bool has_keys;
	struct line_config config;
	struct path path[LINE_PATHS_MAX];
	struct line *line; /* NULL: not started */
	/* What the keeper said before the line started, as one order. */
	bool has_attach;
	struct line_order attach;
	bool told_goodbye;
	/* Whom the line tells. */
	line_tell *tell;
	void *ctx;
};

void berth_init(struct berth *berth, uint32_t id, line_tell *tell, void *ctx);
/* Ends the line, closes its sockets, wipes all; the berth is free. */
void berth_wipe(struct berth *berth);
bool berth_is_running(const struct berth *berth);
/* Nobody has said anything of it that still holds. */
bool berth_is_empty(const struct berth *berth);

/* Keys, role and cadence from keeper.  The same as before change nothing; others
 * end the line and start a new one. */
void berth_set_keys(struct berth *berth, const struct line_config *config,
    struct rng rng, uint64_t now_ns);
/* True where connections must not outlast those keys: the size of frames
 * changes, and where they begin is lost. */
bool berth_changes_size(const struct berth *berth,
    const struct line_config *config);

/* What keeper says of a path; the same as before changes nothing. */
void berth_set_path(struct berth *berth, const struct pmsg_path *told,
    struct rng rng, uint64_t now_ns);
void berth_drop_path(struct berth *berth, unsigned path, uint64_t now_ns);
/* What the parent says of it; its sockets must be of that kind. */
void berth_set_peer(struct berth *berth, const struct pmsg_peer *peer,
    struct rng rng, uint64_t now_ns);
/* Neither peer nor sockets hold any more. */
void berth_stop_path(struct berth *berth, unsigned path, uint64_t now_ns);
/* A connection has ended.  Where it was the line's way to its peer, there is none
 * until the next one has shown whose it is. */
void berth_close_inlet(struct berth *berth, unsigned path, unsigned inlet,
    uint64_t now_ns);
/* Where the next socket of a path belongs. */
unsigned berth_pick_inlet(const struct berth *berth, unsigned path);

/* Hands an order to the line, or keeps it until the line starts.  ERR_STATE: it
 * fits nothing that the line asked. */
MUST_CHECK int berth_order(struct berth *berth, const struct line_order *order,
    uint64_t now_ns);
void berth_on_keeper_lost(struct berth *berth);
/* Slots that went by unused, on all paths. */
uint64_t berth_missed(const struct berth *berth);
/* Nothing of a goodbye is left to say. */
bool berth_has_left(const struct berth *berth);

#endif
