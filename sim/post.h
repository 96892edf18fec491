/* Owns one post of the simulated world: a real line, a real keeper over a real
 * store, the messages between the two, and the slot clock. */
#ifndef SIM_POST_H
#define SIM_POST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/queue.h>

#include "core/line.h"
#include "keeper/keeper.h"
#include "limits.h"
#include "sim/calls.h"
#include "sim/dice.h"
#include "sim/drive.h"
#include "sim/clone.h"
#include "sim/liar.h"
#include "sim/network.h"
#include "sim/plan.h"
#include "sim/timepiece.h"
#include "sim/world.h"
#include "wire/pacer.h"

enum post_sizes {
	POST_PATH_BYTES = CALLS_PATH_BYTES + 8,
	POST_ASKED_MAX = 512,
	/* As in a room: two sealed frames wait at most. */
	POST_SEALED_MAX = PACER_WAITING_MAX,
	/* What the socket of a process holds that does not read it. */
	POST_WAITING_MAX = 512,
	/* What a message between wire and keeper takes, in any run. */
	POST_ROOM_DELAY_US = 40,
};

struct post;

/* A message between wire and keeper, as the bytes it is in a socket. */
struct letter {
	LIST_ENTRY(letter) entry;
	struct post *post;
	unsigned starts; /* of the one it is for */
	size_t len;
	uint8_t *body;
};

/* A reply to what was asked; NULL: cut off, there will be none.  Must not ask
 * anything itself. */
typedef void post_answer(void *ctx, const struct reply *reply);

/* Who looks on.  Nobody may change anything. */
struct post_watch {
	void *ctx;
	/* A slot's moment; `leaves`: there is somewhere to send the frame. */
	void (*frame)(void *ctx, const struct post *post, unsigned path,
	    const uint8_t *frame, size_t len, bool leaves);
	/* Keeper tells the line. */
	void (*order)(void *ctx, const struct post *post,
	    const struct line_order *order);
	/* The line tells keeper, who hears it now. */
	void (*event)(void *ctx, const struct post *post,
	    const struct line_event *event);
	/* Keeper tells people. */
	void (*news)(void *ctx, const struct post *post,
	    const struct event_view *news);
	/* A clone of it sends a frame. */
	void (*cloned)(void *ctx, const struct post *post, const uint8_t *frame,
	    size_t len);
	/* The line takes a datagram for authentic and fresh. */
	void (*taken)(void *ctx, const struct post *post, const uint8_t *bytes,
	    size_t len);
	/* Keeper has its store open and has told nobody anything yet. */
	void (*opened)(void *ctx, struct post *post);
	/* Its line is about to have another cadence. */
	void (*changes)(void *ctx, const struct post *post,
	    struct cadence cadence);
	/* Its folder is an older one from now on. */
	void (*restored)(void *ctx, const struct post *post);
	/* Keeper is about to be killed, or has been, a moment ago. */
	void (*ended)(void *ctx, const struct post *post);
};

/* One of its paths: a socket and its slot clock. */
struct post_path {
	struct post *post;
	unsigned number;
	struct network *network; /* the road that it is on */
	bool open;
	uint64_t closed_until_ns;
	unsigned life;	    /* tells apart what was due of an earlier one */
	unsigned starts;    /* of its slot clock, each with a key of its own */
	struct origin last; /* where the peer was when it was closed */
	struct pacer pacer;
	unsigned made;
	unsigned sent;
	uint8_t sealed[POST_SEALED_MAX][FRAME_BYTES_MAX];
};

struct post_asked {
	uint32_t id; /* 0: free */
	post_answer *answer;
	void *ctx;
};

struct post {
	unsigned index;
	struct world *world;
	struct network *roads;
	const struct plan *plan;
	const struct post_watch *watch;

	/* The machine. */
	struct timepiece timepiece;
	uint64_t stopped_until_ns; /* nothing runs */
	bool is_suspended;	   /* nor does its network */
	unsigned waiting;	   /* datagrams that nobody reads */

	/* The store. */
	struct drive *drive;
	struct drive *backup;	/* NULL: there is none */
	uint64_t full_until_ns; /* its disk, for the last time; 0: never */
	char folder[POST_PATH_BYTES];
	struct store_keys keys;
	struct keeper *keeper; /* NULL: not running */
	struct dice keeper_dice;
	unsigned keeper_starts;	     /* tells letters of an earlier keeper */
	uint64_t keeper_due_ns;	     /* of the call announced to the world */
	LIST_HEAD(, letter) letters; /* under way, either way */
	bool silent; /* what keeper says while it is closed is not heard */
	/* The incident that has begun to end all of the post. */
	bool doom_takes_power;
	struct dice doom_dice;

	/* The wire. */
	void *memory;
	struct line *line; /* NULL: not running */
	uint32_t line_id;
	struct dice line_dice;
	unsigned wire_starts; /* of its process */
	unsigned line_starts; /* within all of them: tells letters apart */
	struct cadence cadence;
	uint8_t terms;	  /* the number of those that it is under */
	unsigned changes; /* of its cadence, by consent */
	struct post_path path[PLAN_ROADS_MAX];
	struct liar liar;
	bool lies;
	struct clone clone;

	/* The desk. */
	uint32_t asked_last;
	struct post_asked asked[POST_ASKED_MAX];
};

/* Makes a post with a store on a drive of its own.  Everything passed is borrowed
 * for the post's life. */
void post_init(struct post *post, unsigned index, const struct plan *plan,
    struct world *world, struct network roads[PLAN_ROADS_MAX],
    const struct post_watch *watch);
/* Ends all of it and its drive. */
void post_free(struct post *post);

/* Keeper opens its store, without a wire. */
void post_open(struct post *post);
/* Keeper closes it in good order. */
void post_close(struct post *post);
/* The keeper is killed, the power fails, and the store is opened again from what
 * was synced, with no wire: what a person finds who looks after the end. */
void post_reopen(struct post *post);
/* All of the post starts: opens, and attaches a wire. */
void post_start(struct post *post);

/* What it says happens, now or within its window; who is killed comes back after
 * the kind's time. */
void post_suffer(struct post *post, const struct incident *incident);
/* Nothing fails any more. */
void post_calm(struct post *post);

/* What its clock shows, which line and keeper go by. */
uint64_t post_now_ns(const struct post *post);

/* Nothing of it runs at present. */
bool post_is_stopped(const struct post *post);

/* Asks the keeper; the answer comes now or later, in one call a reply.  Nothing
 * happens, and the result is false, where no keeper runs. */
bool post_ask(struct post *post, const struct request *request,
    post_answer *answer, void *ctx);

/* Whether that error is the drive's fault. */
bool post_may_refuse(const struct post *post, int err);

/* Takes one of its paths away, and gives it back later; not its last one. */
void post_close_path(struct post *post, unsigned path, uint64_t until_ns);

/* A datagram arrives: 0, or when it is to arrive again, since nobody reads it
 * now. */
uint64_t post_on_flight(struct post *post, const struct flight *flight);

#endif
