/* Owns receipts: what became of a message, said by the side that has it. */
#ifndef KEEPER_RECEIPT_H
#define KEEPER_RECEIPT_H

#include "base/err.h"
#include "keeper/post.h"

/* Within a transaction: appends a receipt for the peer's message `id` to our
 * journal, and marks the message. */
MUST_CHECK int receipt_issue(struct keeper *keeper, struct post_line *line,
    enum receipt_kind kind, const uint8_t id[RECORD_ID_BYTES]);

/* Within a transaction: a receipt of the peer marks our message.  One that is
 * for no message of ours, or says what was said, changes nothing. */
MUST_CHECK int receipt_take(struct keeper *keeper, struct post_line *line,
    const struct record *record);

/* Answers REQUEST_ACK. */
void receipt_on_ack(struct keeper *keeper, const struct request *request);

/* Answers REQUEST_MARK_READ: a person read it.  The peer is told only where the
 * line discloses that. */
void receipt_on_read(struct keeper *keeper, const struct request *request);

#endif
