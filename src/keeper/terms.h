/* Owns the cadence of a line, and how both sides agree to another. */
#ifndef KEEPER_TERMS_H
#define KEEPER_TERMS_H

#include "base/err.h"
#include "keeper/post.h"

/*
 * A side proposes a cadence with a record, under the number that the terms would
 * have; the other agrees with a record about that.  A later proposal takes the
 * place of an earlier one, who agrees takes his own back, and an agreement to
 * anything but the last proposal is void.  Who proposed changes over when the
 * agreement arrives; who agreed when the peer boots under the next number.  Each
 * step is on disk, with the record that it follows from, before wire is told.
 * doc/protocol.md, "Terms".
 */

MUST_CHECK int terms_load(struct keeper *keeper, struct post_line *line);

/* Within a transaction of record.db: takes a record of the peer. */
MUST_CHECK int terms_take(struct keeper *keeper, struct post_line *line,
    const struct record *record);

/* The peer boots under terms of this number, modulo TERMS_NUMBERS. */
void terms_on_boot(struct keeper *keeper, struct post_line *line,
    unsigned number);
/* Keys of a boot are made: what wire says of a session from now on is of it. */
void terms_on_keys(struct post_line *line);
/* A session stands; passed over where it is of the terms before. */
void terms_on_session(struct keeper *keeper, struct post_line *line);

/* Tells wire what is new; called when nothing is under way. */
void terms_tell(struct keeper *keeper);

/* Two sentences, each with a name and a command in it. */
enum terms_sizes { TERMS_SAY_BYTES = 1280 };

/* Texts of a view that are not kept anywhere. */
struct terms_shown {
	char say[TERMS_SAY_BYTES];
};

void terms_show(const struct post_line *line, struct terms_view *view,
    struct terms_shown *shown);

/* Answers REQUEST_CADENCE. */
void terms_on_request(struct keeper *keeper, const struct request *request);

#endif
