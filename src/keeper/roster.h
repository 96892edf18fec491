/* Owns the roster: who is to be woken, in which order and at what hours. */
#ifndef KEEPER_ROSTER_H
#define KEEPER_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "keeper/post.h"

/* Reads the roster from the store. */
MUST_CHECK int roster_load(struct keeper *keeper);

/*
 * Who is to be woken at `step` of an escalation that began at step 0: who has the
 * watch, then those of the roster whose hours these are, in its order, then all
 * the others of it; nobody twice.  Hours are of the wall clock, UTC.  False:
 * nobody is left (step 0: there is neither watch nor roster).
 */
bool roster_next(struct keeper *keeper, int64_t wall_ms, size_t step,
    char title[POST_NAME_BYTES]);

#endif
