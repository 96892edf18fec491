/* Owns what wire keeps for one line: its core, its path, and its beginnings. */
#ifndef WIRE_BERTH_H
#define WIRE_BERTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "core/line.h"
#include "wire/path.h"

/*
 * A line starts once both are there: its keys, from keeper, and its socket with
 * the peer's address, from the parent; they come in any order.
 */
struct berth {
	uint32_t id;	/* 0: free */
	bool announced; /* by the present keeper */
	bool has_keys;
	bool has_peer;
	struct line_config config;
	struct line_way way;
	struct path path;
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
/* Ends the line, closes its socket, wipes all; the berth is free. */
void berth_wipe(struct berth *berth);
bool berth_is_running(const struct berth *berth);

/* Keys, role and cadence from keeper.  The same as before change nothing; others
 * end the line and start a new one. */
void berth_set_keys(struct berth *berth, const struct line_config *config,
    struct rng rng, uint64_t now_ns);
/* The socket (which it takes) and the peer's address (len 0: to be learned).  A
 * running line keeps the peer it knows. */
void berth_set_socket(struct berth *berth, int fd, const struct origin *peer,
    struct rng rng, uint64_t now_ns);
/* That socket and address no longer hold; a running line keeps them. */
void berth_stop_socket(struct berth *berth);

/* Hands an order to the line, or keeps it until the line starts.  ERR_STATE: it
 * fits nothing that the line asked. */
MUST_CHECK int berth_order(struct berth *berth, const struct line_order *order,
    uint64_t now_ns);
void berth_on_keeper_lost(struct berth *berth);
/* Nothing of a goodbye is left to say. */
bool berth_has_left(const struct berth *berth);

#endif
