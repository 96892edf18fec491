/* Owns what both sides must come to agree on beside points: what is disclosed,
 * forms, translations, what rounds of willingness came to. */
#ifndef SIM_ACCORD_H
#define SIM_ACCORD_H

#include "sim/post.h"
#include "sim/workload.h"

/* What people do about it. */
void accord_disclose(struct people *people);
void accord_propose_form(struct people *people);
/* Agrees to one, declines it, takes it back or ends it. */
void accord_answer_form(struct people *people);
void accord_translate(struct people *people);
/* On the service channel, which nobody compares: it forgets by the wall clock. */
void accord_chat(struct people *people);

/* Asks whether both are willing, and answers that.  The question says what both
 * answer: so it is known what must come of it. */
void accord_ask_willing(struct people *people);
void accord_answer_willing(struct people *people);

/* What the two posts show that differs, in words; NULL: nothing. */
const char *accord_find_difference(struct post post[PLAN_POSTS]);

#endif
