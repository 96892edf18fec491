/* Owns what the rooms have in common: start, channels, end. */
#ifndef PROC_ROOM_H
#define PROC_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proc/link.h"
#include "proc/loop.h"
#include "proc/pmsg.h"
#include "proc/sandbox.h"

/* Descriptors that a room is born with, beside 0, 1 (nothing) and 2 (log). */
enum room_fds {
	ROOM_PARENT_FD = 3, /* the channel to the parent */
	ROOM_LOCK_FD = 4, /* read-only: keeps the post's lock while it lives */
};

struct room_hooks {
	/* A channel to that room is there (again): room_send reaches it. */
	void (*on_joined)(void *ctx, enum proc_role role);
	/* It is gone; the parent restarts it, on_joined follows. */
	void (*on_lost)(void *ctx, enum proc_role role);
	/* The post goes down: the last call before room_run returns. */
	void (*on_end)(void *ctx);
};

struct room {
	enum proc_role role;
	struct loop loop;
	struct link link[PROC_COUNT]; /* by the role at the other end */
	struct pmsg_rules rules;
	struct room_hooks hooks;
	void *ctx;
	const struct doors *doors; /* of its walls; NULL: none */
};

/*
 * The start order that all share: log, parent's channel, room_settle.  Channels
 * to other rooms come later, each announced by on_joined.  Handlers of rules
 * and hooks get ctx; absent hooks are NULL.  PMSG_CHANNEL is the room's own.
 */
void room_init(struct room *room, enum proc_role role, struct pmsg_rules rules,
    struct room_hooks hooks, void *ctx);
/* Drops what this role does not need, before its first outside byte. */
void room_settle(enum proc_role role);
/*
 * The walls go up around this room, before its first outside byte and after what
 * only a start takes.  Where they cannot, it tells the parent why and ends.
 */
void room_confine(struct room *room, enum walls walls);
/* Tells the parent that it works. */
void room_say_ready(struct room *room);
/* Tells the parent, in one sentence, why this room cannot start; exits 1. */
_Noreturn void room_cannot(struct room *room, const char *format, ...)
    PRINTF_LIKE(2, 3);
/* Runs until the parent ends it; returns the exit code. */
int room_run(struct room *room);

/* As the link_ functions, to the room (or parent) of that role. */
bool room_has(const struct room *room, enum proc_role role);
bool room_is_backed_up(const struct room *room, enum proc_role role);
/* To all of them. */
void room_cork(struct room *room, bool corked);
void room_compose(struct room *room, enum proc_role role, struct writer *w);
void room_post(struct room *room, enum proc_role role, enum pmsg_type type,
    uint32_t line, const struct writer *w);
void room_send(struct room *room, enum proc_role role, enum pmsg_type type,
    uint32_t line, const void *body, size_t len);

#endif
