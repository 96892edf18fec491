/* Owns one act of people that becomes a record of a few texts: checked, kept once
 * however often it is asked for. */
#ifndef KEEPER_ACT_H
#define KEEPER_ACT_H

#include "base/err.h"
#include "keeper/phrase.h"
#include "keeper/point.h"
#include "keeper/post.h"

enum { ACT_PHRASES_MAX = 4 };

struct act {
	struct keeper *keeper;
	struct post_line *line;
	const struct request *request;
	struct record record;
	struct record_text text; /* of the record */
	struct phrase phrase[ACT_PHRASES_MAX];
	size_t phrases;
	int64_t row; /* where it stands in the end */
};

/* Begins one on the line that the request names, which must be open; false: it is
 * answered.  The caller wipes it. */
bool act_begin(struct act *act, struct keeper *keeper,
    const struct request *request, enum record_kind kind,
    const uint8_t id[RECORD_ID_BYTES]);

/* Keeps what was said in `as`, views of the act.  False: it cannot be kept, and
 * the request is answered in a sentence about `what` ("The title"). */
bool act_keep_label(struct act *act, struct text said, size_t most,
    const char *what, struct record_text *as);
bool act_keep_text(struct act *act, struct text said, size_t most,
    const char *what, struct record_text *as);
bool act_keep_language(struct act *act, struct text said);
/* A time of this side, which must lie ahead. */
bool act_keep_deadline(struct act *act, int64_t deadline_ms);

/* Appends the record, and does what follows from it; ours of the same id are left
 * as they are.  False: the request is answered. */
bool act_commit(struct act *act);
void act_wipe(struct act *act);

/* Answers for an act whose view could not be made. */
void act_fail(const struct act *act, int err);

/* Whether the peer's post holds what is n in our class of notes. */
enum point_delivery act_delivery(const struct post_line *line, enum side side,
    uint64_t n);

#endif
