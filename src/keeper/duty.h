/* Owns who has the watch here, and the log of how it went from hand to hand. */
#ifndef KEEPER_DUTY_H
#define KEEPER_DUTY_H

#include "base/err.h"
#include "keeper/post.h"
#include "keeper/waiting.h"

/*
 * Whoever hands the watch over has it until the next one takes it: nobody's chair
 * is emptied by a hand-over that nobody saw.  What waits at that moment is kept
 * with it.
 */

/* Reads who has it from the log. */
MUST_CHECK int duty_load(struct keeper *keeper);

/* Answer REQUEST_WATCH_SHOW, _TAKE, _HAND_OVER, _LEAVE, _LOG. */
void duty_on_show(struct keeper *keeper, const struct request *request);
void duty_on_take(struct keeper *keeper, const struct request *request);
void duty_on_hand_over(struct keeper *keeper, const struct request *request);
void duty_on_leave(struct keeper *keeper, const struct request *request);
void duty_on_log(struct keeper *keeper, const struct request *request);

/* A watch that was handed over and not taken yet. */
MUST_CHECK int duty_waiting(struct keeper *keeper, struct waiting_list *list);

#endif
