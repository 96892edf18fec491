/* Owns carrying out what a draft says: on trial when it is written, and once when
 * it is released. */
#ifndef KEEPER_ERRAND_H
#define KEEPER_ERRAND_H

#include <stdbool.h>

#include "base/err.h"
#include "keeper/journal.h"
#include "keeper/post.h"

/*
 * What a draft says goes to the same handler as if it were asked for now.  Its
 * answers are kept here instead of told, and the first record that it appends
 * to the journal ends the draft in the same transaction: what is said, who
 * released it, and that it is released are on disk together or not at all.
 *
 * On trial every transaction is rolled back at its end, as where the disk is
 * full: so a draft is refused for whatever its release would be refused for.
 */

/* Carries it out and keeps nothing.  OK: it could be said now.  Else the request
 * is answered: why not. */
MUST_CHECK int errand_try(struct keeper *keeper, const struct request *request,
    uint32_t answer_to);

/* Carries out what keeper->errand was prepared for.  OK: it is said, and the
 * draft released; else nothing has changed, and the request is answered. */
MUST_CHECK int errand_release(struct keeper *keeper,
    const struct request *request, uint32_t answer_to);

/* Of post_reply: whether a reply is kept here. */
bool errand_takes(struct keeper *keeper, const struct reply *reply);
/* Of journal_append, within its transaction: what was put there. */
MUST_CHECK int errand_on_append(struct keeper *keeper, struct post_line *line,
    const struct record *record, const struct journal_place *place);
/* The file of the draft that stands for an upload; NULL: none. */
struct upload *errand_find_upload(struct keeper *keeper, uint64_t id);

#endif
