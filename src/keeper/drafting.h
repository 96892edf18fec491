/* Owns keeping what was asked for as a draft, and taking it back. */
#ifndef KEEPER_DRAFTING_H
#define KEEPER_DRAFTING_H

#include "base/err.h"
#include "keeper/post.h"

struct waiting_list;

/*
 * Answers a request that speaks and that is to be kept (request->draft): it is
 * tried, and refused for whatever its release would be refused for now.  Its
 * uploads become files of the draft.  With the id of one that was kept already,
 * that draft is the answer.
 */
void drafting_on_request(struct keeper *keeper, const struct request *request);
/* REQUEST_DRAFT_RECALL: by its writer, or whoever may speak. */
void drafting_on_recall(struct keeper *keeper, const struct request *request);
/* Drafts that wait to be released. */
MUST_CHECK int drafting_waiting(struct keeper *keeper,
    struct waiting_list *list);

#endif
