/* Owns the ceremony as people hold it: requests in, files and words out. */
#ifndef KEEPER_PAIRING_H
#define KEEPER_PAIRING_H

#include "keeper/post.h"

/* Answer REQUEST_OFFER, ACCEPT, FINISH, CONFIRM and LINE_CLOSE.  What is
 * refused changes nothing. */
void pairing_on_offer(struct keeper *keeper, const struct request *request);
void pairing_on_accept(struct keeper *keeper, const struct request *request);
void pairing_on_finish(struct keeper *keeper, const struct request *request);
void pairing_on_confirm(struct keeper *keeper, const struct request *request);
void pairing_on_close(struct keeper *keeper, const struct request *request);

/* The reply to an offer or an acceptance whose socket is there, or late. */
void pairing_reply_file(struct keeper *keeper, const struct socket_wait *wait,
    const struct post_line *line);
/* The address cannot be had: a line that has only just begun is undone. */
void pairing_undo(struct keeper *keeper, uint32_t request,
    struct post_line *line, int err, struct text why);

uint64_t pairing_next_ns(const struct keeper *keeper);
/* Drops lines that have said goodbye. */
void pairing_on_time(struct keeper *keeper);

enum pairing_limits { PAIRING_STEP_BYTES = 256 };

/* What is to be done next, in words, with this side's check words once there
 * are any; "": nothing. */
void pairing_next_step(const struct post_line *line,
    char text[PAIRING_STEP_BYTES]);

#endif
