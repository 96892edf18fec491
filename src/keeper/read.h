/* Owns reading: messages and attachments, as people are shown them. */
#ifndef KEEPER_READ_H
#define KEEPER_READ_H

#include "keeper/post.h"

/* Answer REQUEST_READ and REQUEST_GET. */
void read_on_request(struct keeper *keeper, const struct request *request);
void read_on_get(struct keeper *keeper, const struct request *request);

#endif
