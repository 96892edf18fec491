/* Owns translations: unofficial, of either side, beside the message and never instead
 * of it. */
#ifndef KEEPER_TRANSLATION_H
#define KEEPER_TRANSLATION_H

#include "base/err.h"
#include "keeper/arrival.h"
#include "keeper/post.h"

/* Answer REQUEST_TRANSLATE and REQUEST_TRANSLATION_LIST. */
void translation_on_request(struct keeper *keeper,
    const struct request *request);
void translation_list(struct keeper *keeper, const struct request *request);

/* One of theirs is whole; within its transaction.  The message that it is of may
 * come later. */
MUST_CHECK int translation_take(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival);

/* How many there are of the message of that id. */
MUST_CHECK int translation_count(struct keeper *keeper, uint32_t line,
    const uint8_t id[RECORD_ID_BYTES], uint64_t *count);

#endif
