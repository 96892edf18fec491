/* Owns one post: its store, its lines, and what people may ask of it. */
#ifndef KEEPER_KEEPER_H
#define KEEPER_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"
#include "core/cadence.h"
#include "core/event.h"
#include "core/line.h"
#include "core/ticket.h"
#include "keeper/keyring.h"
#include "proc/request.h"
#include "proc/say_alarm.h"

/*
 * The rules of a post over its two databases: no socket, no thread, no clock,
 * no loop.  It opens files only under the post's folder.  The room
 * (keeper/room.c) and the simulator drive it the same way: they hand in what
 * arrived and the time, and carry out what the callbacks say.
 *
 * One keeper, one folder, one process.  Everything is on disk before it is
 * claimed: closing or killing a keeper at any moment loses only what nobody was
 * told of.
 */
struct keeper;

/* CLOCK_BOOTTIME for intervals, the wall clock for people only. */
struct moment {
	uint64_t now_ns;
	int64_t wall_ms;
};

/* What wire needs to start a line.  `id` names the line between the rooms, is
 * the same for the life of the post and is never 0. */
struct keeper_line {
	uint32_t id;
	enum line_role role;
	struct cadence cadence;
	uint8_t boot_send[LINE_KEY_BYTES];
	uint8_t boot_recv[LINE_KEY_BYTES];
	uint16_t also_frame_bytes; /* as in struct line_config */
	uint8_t terms;
};

/* One path of a line, and the way it goes.  Paths count from 0. */
struct keeper_way {
	unsigned path;
	bool tcp;
	bool roams;
	/* To bind; len 0: all addresses, the first free port from 7411.  A TCP
	 * way that has an endpoint binds nothing. */
	struct text listen;
	/* "HOST:PORT" of the peer or the relay; len 0: the peer is learned, or
	 * not known yet. */
	struct text endpoint;
	struct text proxy; /* "HOST:PORT" of a SOCKS5 proxy; len 0: none */
	bool has_ticket;
	struct ticket ticket;
	/* Where the peer was last heard, if it names no endpoint; len 0: not
	 * known. */
	struct origin last;
};

/*
 * What a keeper makes happen.  Callbacks may come from within any keeper_*
 * function that takes a moment; they must not call back into the keeper.  All
 * that is handed over is lent for the call.
 */
struct keeper_ops {
	/* To wire. */
	void (*line_add)(void *ctx, const struct keeper_line *line);
	void (*line_drop)(void *ctx, uint32_t line);
	void (*order)(void *ctx, uint32_t line, const struct line_order *order);
	/*
	 * To wire and the parent: have this path.  It is told again when its
	 * endpoint becomes known, when anything of it changes, and whenever a
	 * wire is attached: what is the same stays as it is.  The answer is
	 * keeper_on_socket.  path_drop: it is closed.
	 */
	void (*path)(void *ctx, uint32_t line, const struct keeper_way *way);
	void (*path_drop)(void *ctx, uint32_t line, unsigned path);
	/* To desk. */
	void (*reply)(void *ctx, const struct reply *reply);
	void (*event)(void *ctx, const struct event_view *event);
	/* To the bell: ring; what it rings has been seen to.  May be NULL. */
	void (*ring)(void *ctx, const struct alarm_ring *ring);
	void (*quiet)(void *ctx);
	/* Goodbyes are ordered; people asked the post to stop. */
	void (*down)(void *ctx);
	/* The post does not open, from within keeper_open: why, and what to do about
	 * it.  May be NULL. */
	void (*trouble)(void *ctx, struct text say);
	/* Bytes free on the folder's disk; NULL: the kernel is asked. */
	uint64_t (*disk_free)(void *ctx);
};

/*
 * Makes a post in `folder` (created with mode 0700; it may exist empty): keys
 * file, both databases, its name, and its first delegate, a head of that title
 * (NULL: "head"), as whom the post's user speaks.  ERR_EXISTS: a post is there;
 * ERR_SIZE, ERR_FORMAT: the name (1 to 255 bytes of plain UTF-8), the title (up to
 * DELEGATE_TITLE_BYTES_MAX) or the passphrase.
 */
MUST_CHECK int keeper_create(const char *folder, const char *name,
    const char *delegate, const void *passphrase, size_t len,
    struct keyring_cost cost, struct rng rng);

/*
 * Opens the post with the keys of keyring_open (copied).  Sweeps what a crash
 * left over.  Says nothing until a wire is attached.  ERR_DENIED: wrong keys;
 * ERR_VERSION: the store is of a later version; ERR_IO, ERR_FULL.
 */
MUST_CHECK int keeper_open(struct keeper **keeper, const char *folder,
    const struct store_keys *keys, struct rng rng, const struct keeper_ops *ops,
    void *ctx, struct moment now);

/* Closes the store without a last commit, wipes and frees; NULL is fine. */
void keeper_close(struct keeper *keeper);

/* A store that failed to sync or to read is never used again: nothing more is
 * acknowledged, requests are refused.  The room must end, the post is reopened
 * from what is on disk. */
bool keeper_has_failed(const struct keeper *keeper);
/* Why, and what to do about it. */
const char *keeper_failure(const struct keeper *keeper);

/* A wire is there (the first, or a new one): each path, line_add and
 * LINE_ORDER_ATTACH for every line.  To be called once after keeper_open, and
 * whenever keeper's channel to wire is new.  A wire that has a line of this id
 * with the same keys, cadence and terms keeps it as it is, but for
 * also_frame_bytes. */
void keeper_on_wire_attached(struct keeper *keeper, struct moment now);

/* The wire is gone: what it wanted is forgotten. */
void keeper_on_wire_lost(struct keeper *keeper);

/* Something of a line; events for a line that is not there are dropped. */
void keeper_on_line_event(struct keeper *keeper, uint32_t line,
    const struct line_event *event, struct moment now);

/* The parent's answer: bound to `listen` (numeric, "[::]:7411"; len 0: nothing is
 * to be bound), or err, an ERR_*, with the reason in words. */
void keeper_on_socket(struct keeper *keeper, uint32_t line, unsigned path,
    int err, struct text listen, struct text why, struct moment now);

/* A request of desk; replies come through ops, now or later, and each carries
 * the request's id.  Where desk is new, replies to its predecessor must be
 * dropped by the room: ids start again. */
void keeper_on_request(struct keeper *keeper, const struct request *request,
    struct moment now);

/* The bell is there, and what it can do; how a ring of it went; it is gone. */
void keeper_on_bell(struct keeper *keeper, const struct alarm_bell *bell,
    struct moment now);
void keeper_on_rang(struct keeper *keeper, const struct alarm_rang *rang,
    struct moment now);
void keeper_on_bell_lost(struct keeper *keeper);

/* The desk is gone: its replies that still wait are forgotten, and its uploads
 * that no message took are dropped. */
void keeper_on_desk_lost(struct keeper *keeper);

/* When keeper_on_time wants to be called; UINT64_MAX: nothing is due.  Group
 * commits and everything that waits. */
uint64_t keeper_next_ns(const struct keeper *keeper);
void keeper_on_time(struct keeper *keeper, struct moment now);

/* The post is to stop (`down`, SIGTERM): goodbye on every line, then ops.down. */
void keeper_stop(struct keeper *keeper, struct moment now);

#endif
