/* Owns the record of how a line was, day by day, as each side found it. */
#ifndef KEEPER_CALENDAR_H
#define KEEPER_CALENDAR_H

#include "base/err.h"
#include "keeper/post.h"

/*
 * Time is measured with the monotonic clock and booked on days of the wall
 * clock, UTC.  Whatever the clocks do, no day gets more than it has.  Bookings
 * reach the store when the state of the line changes, and every few minutes;
 * the last one says at the next start since when the post was down.  Nothing
 * here may fail a caller: a full disk loses minutes of this record alone.
 */

/* Reads until when the line is booked; what is since then, the post was down. */
MUST_CHECK int calendar_load(struct keeper *keeper, struct post_line *line);

/* A report came, and is in line->report.  Opens transactions. */
void calendar_on_report(struct keeper *keeper, struct post_line *line);
/* Wire is gone: the line is nowhere until another is there. */
void calendar_on_wire_lost(struct keeper *keeper, struct post_line *line);
/* Books up to now. */
void calendar_flush(struct keeper *keeper, struct post_line *line);

/* Within a transaction: takes a day as the peer found it. */
MUST_CHECK int calendar_take(struct keeper *keeper,
    const struct post_line *line, const struct day *day);

/* Answers REQUEST_HISTORY. */
void calendar_on_request(struct keeper *keeper, const struct request *request);

#endif
