/* Owns the peer's records on their way: from chunks in any order to the keeper,
 * class by class in order, and kept until the keeper has synced them. */
#ifndef CORE_STREAM_IN_H
#define CORE_STREAM_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/chunk.h"
#include "core/event.h"

struct stream_in {
	struct chunk_pool pool;
	struct {
		struct position handed; /* to the keeper */
		uint64_t handed_n; /* the record that handed.offset is of */
	} class[CLASS_COUNT];
	bool attached; /* the keeper has said where it stands */
};

/* In memory of chunk_pool_bytes(cadence), which is lent for its life. */
void stream_in_init(struct stream_in *in, void *memory, struct cadence cadence);
void stream_in_wipe(struct stream_in *in);

/* A new session: what was not handed over yet is forgotten, since the peer
 * sends it again, perhaps cut otherwise. */
void stream_in_on_session(struct stream_in *in);

/* A keeper is there and stands at have: what it has not synced is handed to it
 * (again). */
void stream_in_on_attach(struct stream_in *in, const struct have *have,
    const uint64_t partial_n[CLASS_COUNT]);
/* The keeper refuses what it was handed, and stands at have.  The session ends
 * with it: nothing of it is kept. */
void stream_in_on_fault(struct stream_in *in, const struct have *have,
    const uint64_t partial_n[CLASS_COUNT]);

void stream_in_on_keeper_lost(struct stream_in *in);

/* The keeper has synced so much: that memory is free. */
void stream_in_on_synced(struct stream_in *in, const struct have *have,
    const uint64_t partial_n[CLASS_COUNT]);

/* A chunk arrived.  OK: held, or known already; ERR_LIMIT: no room, its frame
 * must not be acknowledged. */
MUST_CHECK int stream_in_on_chunk(struct stream_in *in,
    const struct piece *piece);

/* The next piece for the keeper, in order: fills piece (data lent until the next
 * call) and returns OK; ERR_NOT_FOUND: none now; ERR_PEER: the class cannot be
 * put in order. */
MUST_CHECK int stream_in_next_piece(struct stream_in *in, struct piece *piece);

#endif
