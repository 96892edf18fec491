/* Owns one search at a time for a peer, by a process of its own. */
#ifndef PROC_SEEK_H
#define PROC_SEEK_H

#include <stdbool.h>
#include <sys/types.h>

#include "proc/link.h"
#include "proc/pmsg.h"
#include "proc/sandbox.h"

/* What came of it: one of these, once a search. */
struct seek_ops {
	/* Addresses of a name; none: it is not found. */
	void (*found)(void *ctx, const struct origin *origins, size_t count);
	/* A connection, which it takes; of whose kind is not known yet. */
	void (*dialed)(void *ctx, int fd);
	/* PMSG_UNDIALED_NOT: the seeker itself failed. */
	void (*failed)(void *ctx, enum pmsg_undialed why);
};

struct seek {
	struct loop *loop;
	enum walls walls; /* of the seeker */
	const struct seek_ops *ops;
	void *ctx;
	struct link link;
	pid_t pid; /* 0: none runs */
};

void seek_init(struct seek *seek, struct loop *loop, enum walls walls,
    const struct seek_ops *ops, void *ctx);
/* Each ends a search that still runs. */
void seek_resolve(struct seek *seek, struct text endpoint);
void seek_dial(struct seek *seek, const struct pmsg_way *way);
void seek_end(struct seek *seek);
/* A child ended: true where it was this one. */
bool seek_on_child(struct seek *seek, pid_t pid);

#endif
