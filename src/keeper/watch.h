/* Owns who is on watch: what this side says of its people, and what theirs say. */
#ifndef KEEPER_WATCH_H
#define KEEPER_WATCH_H

#include "base/err.h"
#include "keeper/post.h"

/* Reads both from the store; a side that never said is on watch. */
MUST_CHECK int watch_load(struct keeper *keeper, struct post_line *line);

/* Answers REQUEST_WATCH: of one line or of all. */
void watch_on_request(struct keeper *keeper, const struct request *request);

/* Keeps what the peer says of its watch, once it is new, and an event of it: at
 * most once a second, since it may say another thing in every frame.  Opens a
 * transaction. */
void watch_look(struct keeper *keeper, struct post_line *line);

/* When a watch that has declined is on again; UINT64_MAX: none has. */
uint64_t watch_next_ns(const struct keeper *keeper);
void watch_on_time(struct keeper *keeper);

#endif
