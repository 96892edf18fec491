/* Owns the secrets that carry a line over restarts, and its handshakes. */
#ifndef KEEPER_CONTINUITY_H
#define KEEPER_CONTINUITY_H

#include "base/err.h"
#include "keeper/post.h"

/*
 * Each side keeps {cur, prev}.  At every handshake that is confirmed both sync
 * prev <- the secret used (at a rekey: cur), cur <- the new one: A before its
 * keys go to wire, B before wire may send under them.  B computes only under
 * its cur; what it computed is pending, and synced before message 2 leaves, so
 * that a restart between message 2 and its confirmation does no harm.
 * doc/protocol.md, "Continuity".
 */

/* Within a transaction of line.db: the first secrets of a confirmed line. */
MUST_CHECK int continuity_begin(struct keeper *keeper, struct post_line *line);
MUST_CHECK int continuity_load(struct keeper *keeper, struct post_line *line);
/* Within a transaction of line.db: erases all of it. */
MUST_CHECK int continuity_erase(struct keeper *keeper, uint32_t line);
void continuity_forget(struct post_line *line);

void continuity_hints(const struct post_line *line, struct hints *hints);

/* What wire asks; each is answered with an order. */
void continuity_make_1(struct keeper *keeper, struct post_line *line,
    struct attempt attempt);
void continuity_answer_1(struct keeper *keeper, struct post_line *line,
    struct attempt attempt, const uint8_t *message1, size_t len);
void continuity_finish_2(struct keeper *keeper, struct post_line *line,
    struct attempt attempt, const uint8_t *message2, size_t len);
void continuity_confirm(struct keeper *keeper, struct post_line *line,
    struct attempt attempt);
void continuity_proved(struct keeper *keeper, struct post_line *line,
    struct attempt attempt);

#endif
