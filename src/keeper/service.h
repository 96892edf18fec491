/* Owns the service channel: operators' small talk, apart from what is kept. */
#ifndef KEEPER_SERVICE_H
#define KEEPER_SERVICE_H

#include <stdint.h>

#include "base/err.h"
#include "keeper/arrival.h"
#include "keeper/post.h"

/*
 * What is said there has no serial, is no message, and is in no `read`: each side
 * forgets what is older than SERVICE_DAYS or beyond SERVICE_KEPT_MAX.  Its words are
 * then written over with spaces; the record's head stays, since the journal counts
 * it.  Ours that the peer does not hold yet is forgotten later.
 */

/* Within a transaction: takes what the peer said. */
MUST_CHECK int service_take(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival);

/* A report came: forgets what is old.  Opens a transaction. */
void service_look(struct keeper *keeper, struct post_line *line);

/* Answer REQUEST_SERVICE_SAY and REQUEST_SERVICE_LIST. */
void service_on_say(struct keeper *keeper, const struct request *request);
void service_on_list(struct keeper *keeper, const struct request *request);

#endif
