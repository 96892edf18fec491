/* Owns drills: the test message that the peer's post answers by itself, and that a
 * person may acknowledge. */
#ifndef KEEPER_DRILL_H
#define KEEPER_DRILL_H

#include <stdbool.h>

#include "base/err.h"
#include "keeper/arrival.h"
#include "keeper/post.h"

/*
 * The answer's time is measured with the monotonic clock; after a restart, with the
 * wall clock.  A drill that is not answered in time is missed, which is an event and
 * an alarm with the likely cause; the answer may still come.
 */

/* Finds the drills of ours that wait for their answer: their time begins anew. */
MUST_CHECK int drill_load(struct keeper *keeper);

/* Sends a drill, or where it is no use notes one that was missed; OK, or
 * ERR_LIMIT where too many wait already, or the store's error. */
MUST_CHECK int drill_send(struct keeper *keeper, struct post_line *line,
    bool planned, uint8_t id[RECORD_ID_BYTES]);

/* A drill of ours to that line waits for its answer. */
bool drill_waits(const struct keeper *keeper, const struct post_line *line);
/* When the next drill is missed; UINT64_MAX: none waits. */
uint64_t drill_next_ns(const struct keeper *keeper);
void drill_on_time(struct keeper *keeper);

/* Within a transaction: answers the peer's drill. */
MUST_CHECK int drill_answer(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival);
/* Within a transaction: takes the peer's answer to one of ours. */
MUST_CHECK int drill_take_answer(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival);
/* Within a transaction: a person there acknowledged what may be one of ours; if it
 * is none, nothing happens. */
MUST_CHECK int drill_take_receipt(struct keeper *keeper, struct post_line *line,
    const struct record *receipt);

/* Answer REQUEST_DRILL, _DRILL_LIST and _DRILL_ACK. */
void drill_on_request(struct keeper *keeper, const struct request *request);
void drill_on_list(struct keeper *keeper, const struct request *request);
void drill_on_ack(struct keeper *keeper, const struct request *request);

#endif
