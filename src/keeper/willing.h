/* Owns the rounds in which both sides compare whether they are willing. */
#ifndef KEEPER_WILLING_H
#define KEEPER_WILLING_H

#include "base/err.h"
#include "keeper/arrival.h"
#include "keeper/post.h"
#include "keeper/waiting.h"

/*
 * A person of one side asks, and answers for his own; a person of the other
 * answers; the four steps of crypto/willing.h are records of the two journals.
 * A step is made in the transaction in which the one before it arrives, or in
 * which the person speaks, and is kept with it: there is never another one in
 * its place.  At most one round of a line runs, and at most one begins on a day
 * (UTC).  What a side has said is kept while the round runs and no longer.
 */

/* At open: finds when the first round ends. */
MUST_CHECK int willing_load(struct keeper *keeper);

/* Answer REQUEST_WILLING_ASK, _ANSWER, _LIST, _SHOW. */
void willing_on_ask(struct keeper *keeper, const struct request *request);
void willing_on_answer(struct keeper *keeper, const struct request *request);
void willing_on_list(struct keeper *keeper, const struct request *request);
void willing_on_show(struct keeper *keeper, const struct request *request);

/* Within a transaction: takes a step of the peer's, and makes the next one where
 * no person is needed for it. */
MUST_CHECK int willing_on_record(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival);

/* Ends rounds whose time is over. */
uint64_t willing_next_ns(const struct keeper *keeper);
void willing_on_time(struct keeper *keeper);

/* Rounds of theirs that wait for an answer. */
MUST_CHECK int willing_waiting(struct keeper *keeper,
    struct waiting_list *list);

#endif
