/* Owns the inquiries under way, and matches keeper's replies to them. */
#ifndef DESK_DESK_H
#define DESK_DESK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "proc/request.h"
#include "proc/sandbox.h"

struct inquiry;

/* Stands for "after the last event there is" where an event's number stands. */
#define DESK_EVENTS_NOW ((uint64_t)INT64_MAX)

struct desk {
	/* Hands a request to keeper: OK, or ERR_AGAIN where it can't now. */
	int (*ask)(void *ctx, const struct request *request);
	void *ctx;
	enum walls walls; /* for whoever asks how the post is */
	struct inquiry *inquiries;
	uint32_t last_id;
	bool keeper_is_here;
	uint64_t now_ns;
};

void desk_init(struct desk *desk,
    int (*ask)(void *ctx, const struct request *request), void *ctx);

/* Sends under a new id, which it returns; 0: keeper does not take it. */
uint32_t desk_ask(struct desk *desk, struct request *request);

/* A reply, or an event told unasked (id 0). */
void desk_on_reply(struct desk *desk, const struct reply *reply,
    uint64_t now_ns);
/* Keeper came (again): what waited is asked again. */
void desk_on_keeper(struct desk *desk, uint64_t now_ns);
/* Keeper is gone: what can be asked again waits, the rest is told. */
void desk_on_keeper_lost(struct desk *desk, uint64_t now_ns);
/* Time passes: ends what waited too long, lets followers hear a beat. */
void desk_on_time(struct desk *desk, uint64_t now_ns);
/* When desk_on_time is due; UINT64_MAX: never. */
uint64_t desk_next_ns(const struct desk *desk);

#endif
