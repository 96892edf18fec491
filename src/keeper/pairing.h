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

/* The parent's answer about a line's socket. */
void pairing_on_socket(struct keeper *keeper, struct post_line *line, int err,
    struct text listen, struct text why);

uint64_t pairing_next_ns(const struct keeper *keeper);
/* Answers who waited too long for a socket; drops lines that said goodbye. */
void pairing_on_time(struct keeper *keeper);
void pairing_forget_waiting(struct keeper *keeper);

enum pairing_limits { PAIRING_STEP_BYTES = 256 };

/* What is to be done next, in words, with this side's check words once there
 * are any; "": nothing. */
void pairing_next_step(const struct post_line *line,
    char text[PAIRING_STEP_BYTES]);

/* Asks the parent for the line's socket. */
void pairing_ask_socket(struct keeper *keeper, const struct post_line *line);

#endif
