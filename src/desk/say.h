/* Owns the routes of which tables say everything: what they ask, and how they are
 * answered. */
#ifndef DESK_SAY_H
#define DESK_SAY_H

#include <stdbool.h>

#include "base/err.h"

struct inquiry;
struct reply;

/* What a row of api_routes names: the query and the body by the table of the
 * route's kind, the question, and the answer by the table of its view. */
MUST_CHECK int say_parse(struct inquiry *inquiry);
void say_ask(struct inquiry *inquiry);
void say_on_reply(struct inquiry *inquiry, const struct reply *reply);

/* Reads the query of a route whose body has a parser of its own: "draft" and
 * "emergency" may stand there. */
MUST_CHECK int say_parse_query(struct inquiry *inquiry);
/* Answers with the draft that an act was kept as: true; false: it was not. */
bool say_on_draft(struct inquiry *inquiry, const struct reply *reply);

#endif
