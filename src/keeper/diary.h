/* Owns the events: what happened, for people and programs. */
#ifndef KEEPER_DIARY_H
#define KEEPER_DIARY_H

#include "base/err.h"
#include "keeper/post.h"

/* What an event is about; `what` and `kind` are stable words, see
 * proc/request.h.  Line and ref may be NULL. */
struct diary_entry {
	const struct post_line *line;
	const char *kind;
	const char *ref;
	const char *what;
};

/* Within a transaction of record.db; told by diary_tell after its commit. */
MUST_CHECK int diary_add(struct keeper *keeper, struct diary_entry entry,
    const char *format, ...) PRINTF_LIKE(3, 4);
/* The same in a transaction of its own; a failure is logged only. */
void diary_note(struct keeper *keeper, struct diary_entry entry,
    const char *format, ...) PRINTF_LIKE(3, 4);
/* Tells desk what was added since the last time. */
void diary_tell(struct keeper *keeper);
/* Finds where the diary ends, at open. */
MUST_CHECK int diary_load(struct keeper *keeper);

/* Answers REQUEST_EVENTS. */
void diary_list(struct keeper *keeper, const struct request *request);

#endif
