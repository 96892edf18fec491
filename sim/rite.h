/* Owns how the two posts get their line: the real ceremony, by their requests. */
#ifndef SIM_RITE_H
#define SIM_RITE_H

#include "sim/post.h"

/* Offer, accept, finish twice, confirm twice, as people would.  Both keepers
 * are open, and have no wire.  Ends the program where a step is refused. */
void rite_hold(struct post post[PLAN_POSTS], const struct plan *plan);

/* What a post calls its peer. */
struct text rite_peer_name(unsigned post);

#endif
