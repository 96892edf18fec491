/* Owns the roster: who is to be woken, in which order and at what hours; and what
 * the two sides of a line tell each other of theirs. */
#ifndef KEEPER_ROSTER_H
#define KEEPER_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "keeper/arrival.h"
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

/* A report came: tells the peer our roster where the line discloses it and it is
 * new, and takes it back where the line does so no more.  Opens a transaction. */
void roster_look(struct keeper *keeper, struct post_line *line);
/* Within a transaction: takes the peer's. */
MUST_CHECK int roster_take(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival);

/* Answer REQUEST_ROSTER_SHOW, _SET and _HEARD. */
void roster_on_show(struct keeper *keeper, const struct request *request);
void roster_on_set(struct keeper *keeper, const struct request *request);
void roster_on_heard(struct keeper *keeper, const struct request *request);

#endif
