/* Owns the sockets of the lines' paths, and where their peers are. */
#ifndef PROC_SOCKETS_H
#define PROC_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "limits.h"
#include "proc/bind.h"
#include "proc/loop.h"
#include "proc/pmsg.h"
#include "proc/sandbox.h"
#include "proc/seek.h"

/*
 * The parent's: it binds, listens and dials as keeper asks, has names looked up,
 * and gives what comes of it to wire, again whenever wire is new.  What does not
 * work (an address that this machine has not got, a name that nobody knows, a
 * peer that does not answer) is tried again until it does, and keeper is told.
 *
 * A UDP path has one socket; if its endpoint is a name, that is looked up again
 * at fixed times.  A TCP path with an endpoint is dialed, and dialed again when
 * the connection has ended; one without listens, and what dials it goes to wire,
 * which alone can tell who that is.
 */
struct sockets_ops {
	/* To wire: what a path is; again where its peer is found elsewhere. */
	void (*peer)(void *ctx, uint32_t line, const struct pmsg_peer *peer);
	/* To wire: a socket of that path, which it takes. */
	void (*give)(void *ctx, uint32_t line, unsigned path, int fd);
	/* To wire: neither any more. */
	void (*stop)(void *ctx, uint32_t line, unsigned path);
	/* To keeper. */
	void (*say)(void *ctx, uint32_t line, const struct pmsg_bound *bound);
};

struct sockets;

struct path_socket {
	struct sockets *sockets;
	uint32_t line; /* 0: free */
	unsigned path;
	enum pmsg_kind kind;
	char listen[PMSG_ENDPOINT_BYTES_MAX + 1];
	char endpoint[PMSG_ENDPOINT_BYTES_MAX + 1];
	char proxy[PMSG_ENDPOINT_BYTES_MAX + 1];
	struct bound bound;	   /* of a dialed path: never */
	struct loop_source source; /* of a listening one */
	unsigned accepts;	   /* connections that may be accepted now */
	bool has_peer;		   /* known, to be learned, or whoever dials */
	struct origin peer;
	bool connected; /* wire has our connection */
	uint64_t since_ns;
	bool in_trouble; /* keeper was told so */
	unsigned tries;
	struct loop_timer retry; /* of what is to be done next */
	struct seek seek;
};

enum { PATH_SOCKETS_MAX = LINES_MAX * LINE_PATHS_MAX };

struct sockets {
	struct loop *loop;
	const struct sockets_ops *ops;
	void *ctx;
	struct path_socket socket[PATH_SOCKETS_MAX];
};

/* walls: of what it starts. */
void sockets_init(struct sockets *sockets, struct loop *loop, enum walls walls,
    const struct sockets_ops *ops, void *ctx);
void sockets_close(struct sockets *sockets);

/* Keeper wants this one for a line. */
void sockets_want(struct sockets *sockets, uint32_t line,
    const struct pmsg_way *wanted);
void sockets_drop(struct sockets *sockets, uint32_t line, unsigned path);
/* Wire says that the connection which was dialed has ended. */
void sockets_on_gone(struct sockets *sockets, uint32_t line, unsigned path);
/* Wire is new: it is given what there is, and connections are dialed anew. */
void sockets_give_all(struct sockets *sockets);
/* A child ended: true where it was a seeker. */
bool sockets_on_child(struct sockets *sockets, pid_t pid);

#endif
