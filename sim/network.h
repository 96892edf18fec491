/* Owns the roads between the two posts: what becomes of each datagram. */
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
	struct origin at; /* the address it is sent to */
	struct origin from;
	uint64_t delay_ns;
	bool lost;
	bool held; /* by an attacker: gone when the troubles end */
};

/* 0, or when the datagram is to arrive again, since nobody takes it now. */
typedef uint64_t network_arrive(void *ctx, const struct flight *flight);

/* One road.  An attacker who sits on it remembers its frames; roads are told
 * apart by nothing else, so that what was seen on one may be sent on another. */
struct network {
	struct world *world;
	const struct plan *plan;
	struct network *roads;	    /* all of them */
	unsigned road;		    /* which it is */
	unsigned moves[PLAN_POSTS]; /* how often each post's address moved */
	uint64_t cut_off_until_ns[PLAN_POSTS];
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

/* All roads of the plan: good ones where `calm`, else each with troubles of the
 * seed until network_calm. */
void network_init(struct network roads[PLAN_ROADS_MAX], struct world *world,
    const struct plan *plan, bool calm, network_arrive *arrive, void *ctx);
void network_free(struct network roads[PLAN_ROADS_MAX]);

/* Where a post is on the road, and where it is from now on. */
struct origin network_origin(const struct network *network, unsigned post);
void network_move(struct network *network, unsigned post);

/* Nothing reaches the post or leaves it until then, or until all is calm. */
void network_cut_off(struct network roads[PLAN_ROADS_MAX], unsigned post,
    uint64_t until_ns);

/* A post sends a datagram, from where it is on the road, to where it believes
 * its peer to be. */
void network_send(struct network *network, unsigned from,
    const struct origin *to, const uint8_t *bytes, size_t len);

/* The troubles of all roads end.  What is on its way still arrives. */
void network_calm(struct network roads[PLAN_ROADS_MAX]);

/* For troubles: a further datagram, to be changed, then launched. */
struct flight *network_new_flight(struct network *network, unsigned to,
    const uint8_t *bytes, size_t len);
/* Takes the flight; it arrives after the network's delay and its own. */
void network_launch(struct network *network, struct flight *flight);
/* For troubles: a frame that `from` has sent on any road, of any age; NULL: none
 * yet. */
const struct recorded *network_recall(struct network *network, unsigned from);

#endif
