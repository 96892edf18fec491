/* Owns the words for how a line is heard: an event when that changes, and after a
 * silence which it was, the path or the other post. */
#ifndef KEEPER_SILENCE_H
#define KEEPER_SILENCE_H

#include "keeper/post.h"

/* A report came, and is in line->report; `changed`: its state or its why is
 * another.  Opens transactions. */
void silence_on_report(struct keeper *keeper, struct post_line *line,
    bool changed);

#endif
