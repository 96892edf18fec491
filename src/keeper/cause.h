/* Owns the words for why a drill was not answered, as far as this side can tell. */
#ifndef KEEPER_CAUSE_H
#define KEEPER_CAUSE_H

#include <stdint.h>

#include "keeper/post.h"

enum { CAUSE_BYTES = DRILL_CAUSE_BYTES_MAX + 1 };

/* The likely cause that the drill of that id (zeros: one that was not sent) has no
 * answer: from how the line is heard, and what they said of their post and of their
 * watch.  No sentence: it stands behind a colon. */
void cause_of_missed(struct keeper *keeper, const struct post_line *line,
    const uint8_t id[RECORD_ID_BYTES], char cause[CAUSE_BYTES]);

#endif
