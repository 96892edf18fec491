/* Owns a file's way from its sender to keeper, piece by piece. */
#ifndef DESK_INTAKE_H
#define DESK_INTAKE_H

#include "proc/request.h"

struct desk;
struct inquiry;

/*
 * The route's ask: opens the upload, hands over the piece that stands ready, or
 * closes it once the body is whole.  One piece is at keeper at a time, so that
 * the sender goes no faster than the disk.
 */
void intake_ask(struct inquiry *inquiry);
void intake_on_reply(struct inquiry *inquiry, const struct reply *reply);
/* The sender is gone: keeper may forget what it has. */
void intake_drop(struct inquiry *inquiry);
/* A reply that nobody waits for: if it opened an upload, drops that. */
void intake_on_orphan(struct desk *desk, const struct reply *reply);

#endif
