/* Owns the UDP sockets of the lines, and where their peers are. */
#ifndef PROC_SOCKETS_H
#define PROC_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "limits.h"
#include "proc/link.h"
#include "proc/loop.h"
#include "proc/pmsg.h"
#include "proc/sandbox.h"

/*
 * The parent's: it binds what keeper asks for, has names looked up, and gives
 * both to wire, again whenever wire is new.  What does not work (an address that
 * this machine has not got, a name that nobody knows) is tried again until it
 * does, and keeper is told.
 */
struct sockets_ops {
	/* To wire: the socket (which it takes) and the peer, len 0: learned. */
	void (
	    *give)(void *ctx, uint32_t line, int fd, const struct origin *peer);
	/* To wire: not that one any more. */
	void (*stop)(void *ctx, uint32_t line);
	/* To keeper. */
	void (*say)(void *ctx, uint32_t line, const struct pmsg_bound *bound);
};

struct sockets;

struct line_socket {
	struct sockets *sockets;
	uint32_t line; /* 0: free */
	int fd;	       /* -1: not bound (yet) */
	int family;
	bool has_peer; /* known, or to be learned */
	struct origin peer;
	char listen[PMSG_ENDPOINT_BYTES_MAX + 1];
	char endpoint[PMSG_ENDPOINT_BYTES_MAX + 1];
	char at[80]; /* what it is bound to */
	unsigned tries;
	struct loop_timer retry;
	struct link resolver;
	pid_t resolver_pid; /* 0: none runs */
};

struct sockets {
	struct loop *loop;
	enum walls walls; /* of resolvers */
	const struct sockets_ops *ops;
	void *ctx;
	struct line_socket socket[LINES_MAX];
};

void sockets_init(struct sockets *sockets, struct loop *loop, enum walls walls,
    const struct sockets_ops *ops, void *ctx);
void sockets_close(struct sockets *sockets);

/* Keeper wants this one for a line. */
void sockets_want(struct sockets *sockets, uint32_t line,
    const struct pmsg_way *wanted);
void sockets_drop(struct sockets *sockets, uint32_t line);
/* Wire is new: it is given what there is. */
void sockets_give_all(struct sockets *sockets);
/* A child ended: true where it was a resolver. */
bool sockets_on_child(struct sockets *sockets, pid_t pid);

#endif
