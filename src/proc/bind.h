/* Owns making sockets: where they are bound, and how they treat frames. */
#ifndef PROC_BIND_H
#define PROC_BIND_H

#include <stdbool.h>

#include "base/err.h"
#include "proc/address.h"
#include "proc/request.h"

/* One that is bound: a UDP socket, or one that listens for TCP. */
struct bound {
	int fd; /* -1: none */
	int family;
	char at[ADDRESS_TEXT_BYTES]; /* "ADDR:PORT"; empty: not bound */
};

/*
 * Binds to `listen` ("ADDR:PORT"; len 0: every address, first free port from
 * 7411).  OK, ERR_FORMAT for no address, ERR_IO with errno.
 */
MUST_CHECK int bind_open(struct bound *bound, bool tcp, struct text listen);
void bind_close(struct bound *bound);

/* Accepts one connection: a descriptor, or -1 for none. */
int bind_accept(const struct bound *bound);
/* Makes a connection one for frames: OK, or ERR_FORMAT for a descriptor that is
 * none. */
MUST_CHECK int bind_tame(int fd);

#endif
