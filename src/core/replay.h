/* Owns the window of counters already seen on one path. */
#ifndef CORE_REPLAY_H
#define CORE_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "limits.h"

/* A ring of bits after RFC 6479; one spare word, so that moving the window
 * never clears a bit that still counts. */
struct replay {
	uint64_t largest; /* 0: none yet; counters start at 1 */
	uint64_t bits[REPLAY_WINDOW / 64 + 1];
};

void replay_init(struct replay *replay);

/* Neither seen, nor older than REPLAY_WINDOW below the largest, nor 0.  Any
 * jump forward is fine. */
bool replay_is_fresh(const struct replay *replay, uint64_t ctr);

/* Seen, and still within the window. */
bool replay_has(const struct replay *replay, uint64_t ctr);

/* How many counters, from ctr down to the one above stop, are seen without a
 * break (or unseen, where has is false).  All of them are within the window. */
uint64_t replay_run(const struct replay *replay, uint64_t ctr, uint64_t stop,
    bool has);

/* Marks a fresh counter as seen. */
void replay_mark(struct replay *replay, uint64_t ctr);

#endif
