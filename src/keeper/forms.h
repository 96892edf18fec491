/* Owns what people ask of the forms of a line: to propose one, to answer, to look. */
#ifndef KEEPER_FORMS_H
#define KEEPER_FORMS_H

#include "keeper/post.h"
#include "proc/say_form.h"

/* Answers the requests of that name. */
void forms_on_shipped(struct keeper *keeper, const struct request *request);
void forms_on_shipped_show(struct keeper *keeper,
    const struct request *request);
void forms_on_propose(struct keeper *keeper, const struct request *request);
void forms_on_list(struct keeper *keeper, const struct request *request);
void forms_on_show(struct keeper *keeper, const struct request *request);
void forms_on_answer(struct keeper *keeper, const struct request *request);

#endif
