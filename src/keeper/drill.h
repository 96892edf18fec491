/* Owns drills: the test message that the peer's post answers by itself. */
#ifndef KEEPER_DRILL_H
#define KEEPER_DRILL_H

#include "base/err.h"
#include "keeper/post.h"

/* Answers REQUEST_DRILL. */
void drill_on_request(struct keeper *keeper, const struct request *request);
/* Within a transaction: answers the peer's drill. */
MUST_CHECK int drill_answer(struct keeper *keeper, struct post_line *line,
    const struct record *drill);
/* Within a transaction: takes the peer's answer to one of ours. */
MUST_CHECK int drill_take_answer(struct keeper *keeper, struct post_line *line,
    const struct record *answer);

#endif
