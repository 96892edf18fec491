/* Owns the peer's journal as it arrives: from wire's bytes to records. */
#ifndef KEEPER_INBOX_H
#define KEEPER_INBOX_H

#include "base/err.h"
#include "keeper/post.h"

/* Reads from the store how far each class is held, and what is half there. */
MUST_CHECK int inbox_load(struct keeper *keeper, struct post_line *line);
/* Frees and wipes what is half there; closes files. */
void inbox_forget(struct post_line *line);
/* Forgets what wire handed in and was not synced. */
void inbox_forget_fresh(struct post_line *line);

/* Bytes of wire.  They are kept in memory until inbox_flush, which is due at
 * line->flush_ns. */
void inbox_on_data(struct keeper *keeper, struct post_line *line,
    const struct piece *piece);

/* Syncs what wire handed in, with all that follows from it (receipts, events),
 * in one transaction; then tells wire what is held. */
void inbox_flush(struct keeper *keeper, struct post_line *line);

/* Fills in what is durably held of the peer's journal, and what it may still
 * send. */
void inbox_have(struct keeper *keeper, struct post_line *line,
    struct line_order *order);
/* Tells wire. */
void inbox_tell_have(struct keeper *keeper, struct post_line *line);

/* Has wire hand in again what there was no room for, once there is. */
void inbox_catch_up(struct keeper *keeper, struct post_line *line);

/* Wire has ended the session in which the peer broke the rules: what it hands in
 * from now on comes anew. */
void inbox_on_refused(struct post_line *line);

#endif
