/* Owns what follows from a record of the peer: checks, receipts, events. */
#ifndef KEEPER_ARRIVAL_H
#define KEEPER_ARRIVAL_H

#include "base/err.h"
#include "keeper/post.h"

/*
 * All within a transaction of record.db, on the record that is arriving in a
 * class, whose unit is whole in inbox->part.  ERR_PEER: it breaks the rules.
 */

/* The head: makes its row, its attachments' files, and the layout. */
MUST_CHECK int arrival_take_head(struct keeper *keeper, struct post_line *line,
    enum record_class class);
MUST_CHECK int arrival_take_text(struct keeper *keeper, struct post_line *line,
    enum record_class class);
/* Compares the attachments' hashes with what was stored. */
MUST_CHECK int arrival_take_trailer(struct keeper *keeper,
    struct post_line *line, enum record_class class);
/* The record is whole: it can be read, and is answered. */
MUST_CHECK int arrival_complete(struct keeper *keeper, struct post_line *line,
    enum record_class class);

#endif
