/* Owns what a relay does with datagrams and slots: pure, time handed in. */
#ifndef RELAY_RELAY_H
#define RELAY_RELAY_H

#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "core/ticket.h"
#include "crypto/random.h"
#include "relay/due.h"
#include "relay/table.h"

struct relay_config {
	const uint8_t *secret;	 /* TICKET_SECRET_BYTES: copied */
	uint32_t lines;		 /* held at most */
	const uint32_t *refused; /* ticket numbers, ascending: copied */
	size_t refused_count;
	struct rng rng; /* the kernel's, but in tests */
};

/* For the operator: sums since the start, of all lines together. */
struct relay_counts {
	uint64_t taken;	  /* datagrams of ticket holders */
	uint64_t said;	  /* sent: a frame of the other leg */
	uint64_t unsaid;  /* sent: random bytes */
	uint64_t missed;  /* slots in which this machine did not get to send */
	uint64_t crowded; /* frames lost for want of room */
	uint64_t junk;	  /* datagrams of no ticket */
	uint64_t refused; /* of a ticket on the operator's list, or no room */
	uint64_t astray;  /* seen before, or while the post is elsewhere */
	uint64_t lines;	  /* held now */
};

/* One datagram that leaves now. */
struct relay_out {
	const struct place *to;
	const uint8_t *bytes;
	size_t len;
};

struct relay {
	struct ticket_mint mint;
	struct table table;
	struct pool pool;
	struct due due;
	struct rng rng;
	uint32_t *refused;
	size_t refused_count;
	struct relay_counts counts;
	/* Random bytes, made ahead: picking them takes as long as picking a
	 * frame. */
	struct random random;
	uint8_t spare[RELAY_BATCH_MAX][FRAME_BYTES_MAX];
	struct relay_out out[RELAY_BATCH_MAX];
	uint32_t out_frame[RELAY_BATCH_MAX]; /* of the pool */
	size_t out_count;
};

/* OK, or ERR_LIMIT without memory. */
MUST_CHECK int relay_open(struct relay *relay,
    const struct relay_config *config);
void relay_close(struct relay *relay);

/*
 * A frame with its token came from there.  OK, and *leg is whose it was; the
 * frame waits for a slot of the other leg, if that one has a post.  Else nothing
 * came of it: ERR_SIZE, ERR_FORMAT, ERR_CRYPTO (no ticket), ERR_DENIED (the
 * operator's list), ERR_LIMIT (no more lines), ERR_REPLAY or ERR_STATE as of
 * leg_hear.  Nothing is ever sent because of it.
 */
MUST_CHECK int relay_on_datagram(struct relay *relay, uint32_t *leg,
    const uint8_t *datagram, size_t len, const struct place *from,
    uint64_t now_ns);
/* What stood at that place is gone: a connection that ended. */
void relay_leave(struct relay *relay, uint32_t leg, const struct place *place);

/* The size of the first datagram of a stream of them, of which `have` bytes came
 * and those up to `tried` were looked at before: 0, not to be seen yet. */
size_t relay_find_end(const struct relay *relay, const uint8_t *stream,
    size_t have, size_t tried);

/* When something is due; UINT64_MAX: never. */
uint64_t relay_next_ns(const struct relay *relay);
/* Fills relay->out with what leaves now: how many; lent until relay_sent, which
 * is to be called next.  Less than RELAY_BATCH_MAX: no more is due.  now_ns may
 * be earlier than that of the last datagram. */
size_t relay_take(struct relay *relay, uint64_t now_ns);
void relay_sent(struct relay *relay);

#endif
