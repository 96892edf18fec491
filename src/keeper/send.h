/* Owns sending: what people hand in becomes a message, or is refused. */
#ifndef KEEPER_SEND_H
#define KEEPER_SEND_H

#include "keeper/post.h"

/* Answers REQUEST_SEND after its sync, which is due at once and shared by all that
 * were asked for until then; where the message has no number yet, up to
 * SEND_WAIT_MS later. */
void send_on_request(struct keeper *keeper, const struct request *request);
/* Syncs and answers what was asked for: before anything else is done that may
 * look at it. */
void send_commit(struct keeper *keeper);
/* Forgets what was asked for and not synced: nobody was promised it. */
void send_drop(struct keeper *keeper);
/* Answers for a message of ours that was just committed, of a row of the journal: when
 * it has a number, or up to SEND_WAIT_MS later. */
void send_answer(struct keeper *keeper, uint32_t request,
    struct post_line *line, int64_t row);
/* What waited on the line has its number. */
void send_on_numbered(struct keeper *keeper, struct post_line *line);
/* The peer takes nothing for the moment, or does again. */
void send_on_pause(struct keeper *keeper, struct post_line *line);

/* Bytes that the peer does not hold yet, of messages up to this class. */
uint64_t send_bytes_waiting(struct keeper *keeper, struct post_line *line,
    enum record_class class);

uint64_t send_next_ns(const struct keeper *keeper);
/* Answers those who have waited long enough. */
void send_on_time(struct keeper *keeper);
/* Nobody waits any more. */
void send_forget(struct keeper *keeper);

#endif
