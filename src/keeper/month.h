/* Owns the record of a month's drills, as each side counted its own. */
#ifndef KEEPER_MONTH_H
#define KEEPER_MONTH_H

#include <stdint.h>

#include "base/err.h"
#include "keeper/arrival.h"
#include "keeper/post.h"

/* The month of a moment, in UTC, as records count it: years * 12 + months from
 * 0.  Its first moment is that of its first day. */
uint32_t month_of(int64_t wall_ms);

/* A report came: tells the peer of the months that have ended, once the line is up
 * and no drill of them waits any more.  Opens a transaction. */
void month_look(struct keeper *keeper, struct post_line *line);
/* Within a transaction: takes a month as the peer counted it. */
MUST_CHECK int month_take(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival);

/* Answers REQUEST_DRILL_MONTHS. */
void month_on_list(struct keeper *keeper, const struct request *request);

#endif
