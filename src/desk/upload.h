/* Owns a file's way from its sender to keeper, piece by piece. */
#ifndef DESK_UPLOAD_H
#define DESK_UPLOAD_H

#include "proc/request.h"

struct desk;
struct exchange;

/*
 * The route's ask: opens the upload, hands over the piece that stands ready, or
 * closes it once the body is whole.  One piece is at keeper at a time, so that
 * the sender goes no faster than the disk.
 */
void upload_ask(struct exchange *exchange);
void upload_on_reply(struct exchange *exchange, const struct reply *reply);
/* The sender is gone: keeper may forget what it has. */
void upload_drop(struct exchange *exchange);
/* A reply that nobody waits for: if it opened an upload, drops that. */
void upload_on_orphan(struct desk *desk, const struct reply *reply);

#endif
