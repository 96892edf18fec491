/* Owns the network between the two posts: what becomes of each datagram. */
#ifndef SIM_NETWORK_H
#define SIM_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/line.h"
#include "limits.h"
#include "sim/dice.h"
#include "sim/plan.h"
#include "sim/ploy.h"
#include "sim/recording.h"
#include "sim/trouble.h"
#include "sim/world.h"

enum network_sizes {
	/* An attacker's datagrams may be larger than any frame. */
	FLIGHT_BYTES_MAX = 1500,
	/* An old frame is one of the latest, or of any age. */
	RECALL_RECENT_MAX = 64,
	/* Stands in an origin for whoever is neither post. */
	ORIGIN_STRANGER = 9,
};

/* A datagram on its way. */
struct flight {
	struct network *network;
	struct flight *next;  /* of the unused */
	struct flight *older; /* made before: all of them */
	uint8_t bytes[FLIGHT_BYTES_MAX];
	size_t len;
	unsigned to;
	struct origin from;
	uint64_t delay_ns;
	bool lost;
	bool held; /* by an attacker: gone when the troubles end */
};

/* 0, or when the datagram is to arrive again, since nobody takes it now. */
typedef uint64_t network_arrive(void *ctx, unsigned post, const uint8_t *bytes,
    size_t len, const struct origin *from);

struct network {
	struct world *world;
	const struct plan *plan;
	struct dice dice;
	network_arrive *arrive;
	void *ctx;
	bool calm;	      /* no trouble any more, or none at all */
	bool silent;	      /* none at all */
	bool cut[PLAN_POSTS]; /* nothing reaches this post */
	struct trouble_state trouble[TROUBLE_COUNT];
	uint64_t struck[TROUBLE_COUNT]; /* datagrams that each has touched */
	uint64_t sent;
	uint64_t astray;			/* sent to where no post is */
	struct recording recording[PLAN_POSTS]; /* by who sent them */
	struct dice ploy_dice;
	struct ploy_state ploy[PLOY_COUNT];
	uint64_t ployed[PLOY_COUNT]; /* datagrams that each has touched */
	bool relays; /* what is sent to the attacker goes on to the peer */
	struct flight *unused;
	struct flight *newest;
};

/* A good network where `calm`, else one that has the troubles of the seed until
 * network_calm. */
void network_init(struct network *network, struct world *world,
    const struct plan *plan, bool calm, network_arrive *arrive, void *ctx);
void network_free(struct network *network);

/* Where a post is. */
struct origin network_origin(unsigned post);

/* A post sends a datagram to where it believes its peer to be. */
void network_send(struct network *network, unsigned from,
    const struct origin *to, const uint8_t *bytes, size_t len);

/* The troubles end.  What is on its way still arrives. */
void network_calm(struct network *network);

/* For troubles: a further datagram, to be changed, then launched. */
struct flight *network_new_flight(struct network *network, unsigned to,
    const uint8_t *bytes, size_t len);
/* Takes the flight; it arrives after the network's delay and its own. */
void network_launch(struct network *network, struct flight *flight);
/* For troubles: a frame that `from` has sent, of any age; NULL: none yet. */
const uint8_t *network_recall(struct network *network, unsigned from);

#endif
