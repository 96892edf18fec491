/* Owns what people ask about points: raising them, taking a stand, and looking. */
#ifndef KEEPER_AGENDA_H
#define KEEPER_AGENDA_H

#include "base/err.h"
#include "keeper/post.h"
#include "keeper/waiting.h"

/* Answer REQUEST_POINT_RAISE, _STAND, _LIST, _SHOW, _HISTORY, _MESSAGES. */
void agenda_on_raise(struct keeper *keeper, const struct request *request);
void agenda_on_stand(struct keeper *keeper, const struct request *request);
void agenda_on_list(struct keeper *keeper, const struct request *request);
void agenda_on_show(struct keeper *keeper, const struct request *request);
void agenda_on_history(struct keeper *keeper, const struct request *request);
void agenda_on_messages(struct keeper *keeper, const struct request *request);

/* Points that wait for a person here: theirs on which this side has not taken a
 * stand, and those whose deadline here is near or has passed. */
MUST_CHECK int agenda_waiting(struct keeper *keeper, struct waiting_list *list);

#endif
