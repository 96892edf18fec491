/* Owns one leg of a line: where its post is, its slots, what waits for them. */
#ifndef RELAY_LEG_H
#define RELAY_LEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/cadence.h"
#include "core/ticket.h"
#include "relay/pool.h"

enum { PLACE_BYTES_MAX = 28 };

/* Where a post is, as whoever owns the sockets writes it; len 0: not known. */
struct place {
	uint8_t bytes[PLACE_BYTES_MAX];
	uint8_t len;
};

struct leg {
	uint64_t heard_ns; /* when the post was last */
	uint64_t slot;	   /* the next one */
	uint8_t slot_key[SHORT_KEY_BYTES];
	uint8_t key[SHORT_KEY_BYTES]; /* its ticket's */
	struct place place;
	bool held;	       /* a ticket was shown, and is not forgotten */
	bool sending;	       /* its slots run */
	uint8_t waiting_first; /* the oldest of them */
	uint8_t waiting_count;
	uint8_t seen_next;
	uint16_t
	    standing; /* slots on end that something was left for the next */
	uint32_t waiting[RELAY_WAITING_MAX]; /* a ring of the pool's frames */
	uint32_t seen[RELAY_SEEN_MAX];	     /* a ring of tokens' ends */
};

bool place_is_same(const struct place *a, const struct place *b);

/* Holds it from now on; keys are copied. */
void leg_hold(struct leg *leg, const uint8_t key[SHORT_KEY_BYTES],
    const uint8_t slot_key[SHORT_KEY_BYTES]);
/* Forgets it, with all that waits. */
void leg_forget(struct leg *leg, struct pool *pool);

/*
 * An authentic datagram came from there, its token at token: OK, and the post
 * is heard and stands there; ERR_REPLAY for a token of lately; ERR_STATE where
 * the post was just heard from another place, for nobody is in two, and what is
 * recorded and sent from elsewhere must not draw the leg there.
 */
MUST_CHECK int leg_hear(struct leg *leg, struct cadence cadence,
    const struct place *from, const uint8_t *token, uint64_t now_ns);

/* Slots begin with the one after now_ns. */
void leg_start(struct leg *leg, struct cadence cadence, uint64_t now_ns);
/* Slots end; what waits is let go. */
void leg_stop(struct leg *leg, struct pool *pool);
/* Passes over slots that are gone: how many. */
uint64_t leg_skip(struct leg *leg, struct cadence cadence, uint64_t now_ns);
uint64_t leg_moment_ns(const struct leg *leg, struct cadence cadence);

/* A frame waits for a slot; where four do, the oldest is let go.  False where
 * one was lost by it. */
bool leg_push(struct leg *leg, struct pool *pool, const uint8_t *frame,
    size_t len);
/* The pool's number of what this slot sends, which the caller gives back;
 * POOL_NONE: nothing waits. */
uint32_t leg_pop(struct leg *leg, struct pool *pool);

#endif
