/* Owns the moments at which drills go by themselves. */
#ifndef KEEPER_SCHEDULE_H
#define KEEPER_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "keeper/post.h"

/*
 * Moments are of the wall clock, UTC: a time of day, and every so much from there,
 * counted from 1970.  Each comes once: a clock that jumps ahead makes at most the
 * last one due, one that jumps back has them come again, and however it jumps, by
 * the monotonic clock half of the interval lies between two drills.  What passed
 * while the post did not run is passed over, and told.
 */

/* Reads the plan of a line that is new in memory. */
MUST_CHECK int schedule_load(struct keeper *keeper, struct post_line *line);

/* The last moment at or before wall_ms. */
int64_t schedule_moment(const struct drill_plan *plan, int64_t wall_ms);
/* How long a drill of the line may wait for its answer. */
int64_t schedule_within_ms(const struct post_line *line);

/* When the next one is due; UINT64_MAX: there is none. */
uint64_t schedule_next_ns(const struct keeper *keeper);
void schedule_on_time(struct keeper *keeper);

/* Answer REQUEST_DRILL_PLAN and REQUEST_DRILL_SET. */
void schedule_on_show(struct keeper *keeper, const struct request *request);
void schedule_on_set(struct keeper *keeper, const struct request *request);

#endif
