/* Owns the making of a post's folder, which a crash at any point leaves to be
 * made again. */
#ifndef KEEPER_FOUNDING_H
#define KEEPER_FOUNDING_H

#include <stdbool.h>

#include "base/err.h"

/*
 * Makes the folder, with mode 0700, or takes one without a post, and marks it as
 * unfinished, durably.  What an earlier making has left there is removed.
 * ERR_EXISTS: a post is there, or what may be the rest of one; ERR_FULL, ERR_IO.
 */
MUST_CHECK int founding_begin(const char *folder);
/* Everything is in its place and synced: takes the mark away, durably. */
MUST_CHECK int founding_end(const char *folder);
/* Removes what was made; errors leave it unfinished. */
void founding_undo(const char *folder);

/* The folder's making was begun, and not ended. */
bool founding_is_unfinished(const char *folder);

#endif
