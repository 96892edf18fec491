/* Owns passing a message on to another line of this post: an act of its own, which
 * names how the message may be handled, and is remembered here alone. */
#ifndef KEEPER_PASS_H
#define KEEPER_PASS_H

#include "base/err.h"
#include "keeper/post.h"

/* Answer REQUEST_PASS and REQUEST_PASSED_LIST. */
void pass_on_request(struct keeper *keeper, const struct request *request);
void pass_list(struct keeper *keeper, const struct request *request);

/* How often the message of a row was passed on. */
MUST_CHECK int pass_count(struct keeper *keeper, int64_t row, uint64_t *count);

#endif
