/* Owns a look at a post as it would be after a power cut at this moment. */
#ifndef SIM_GHOST_H
#define SIM_GHOST_H

#include <stdbool.h>

#include "core/event.h"
#include "sim/post.h"

/* What the post would say it holds, had nothing but what was synced been left.
 * The post itself notices nothing.  False: its store does not open. */
bool ghost_read_have(const struct post *post, struct have *have);

#endif
