#include "desk/room.h"

#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "desk/desk.h"
#include "desk/http.h"
#include "proc/pmsg.h"
#include "proc/room.h"

struct desk_room {
	struct room room;
	struct desk desk;
	struct http *http; /* NULL until the parent gives the socket */
	struct loop_source source;
	struct loop_timer timer;
};

static int
ask_keeper(void *ctx, const struct request *request)
{
	struct desk_room *own = ctx;
	struct writer w;

	if (!room_has(&own->room, PROC_KEEPER) ||
	    room_is_backed_up(&own->room, PROC_KEEPER))
		return ERR_AGAIN;
	room_compose(&own->room, PROC_KEEPER, &w);
	request_encode(&w, request);
	if (!buf_is_sound(&w))
		return ERR_AGAIN;
	room_post(&own->room, PROC_KEEPER, PMSG_REQUEST, 0, &w);
	return OK;
}

/* Lets the library do what is due, and sets when it is next. */
static void
on_turn(void *ctx)
{
	struct desk_room *own = ctx;
	uint64_t now_ns = clock_now_ns();
	uint64_t next_ns;
	uint64_t wait_ms;

	if (own->http == NULL)
		return;
	if (desk_next_ns(&own->desk) <= now_ns)
		desk_on_time(&own->desk, now_ns);
	/* Who asked at once is asked about at once. */
	room_cork(&own->room, true);
	http_run(own->http);
	room_cork(&own->room, false);
	next_ns = desk_next_ns(&own->desk);
	wait_ms = http_wait_ms(own->http);
	if (wait_ms < UINT64_MAX / CLOCK_NS_PER_MS &&
	    now_ns + wait_ms * CLOCK_NS_PER_MS < next_ns)
		next_ns = now_ns + wait_ms * CLOCK_NS_PER_MS;
	/* It may come early, but costs a call each time it is moved. */
	if (next_ns < own->timer.at_ns || own->timer.at_ns <= now_ns)
		loop_timer_set(&own->timer, next_ns);
}

/* The turn that follows does the work. */
static void
on_ready(void *ctx, uint32_t events)
{
	struct desk_room *own = ctx;

	(void)events;
	own->desk.now_ns = clock_now_ns();
}

static void
on_due(void *ctx)
{
	on_ready(ctx, 0);
}

static int
on_listen(void *ctx, const struct pmsg *msg)
{
	struct desk_room *own = ctx;

	if (own->http != NULL) {
		(void)close(msg->fd);
		return ERR_STATE;
	}
	own->http = http_new(&own->desk, msg->fd, getuid());
	if (own->http == NULL)
		room_cannot(&own->room, "the API cannot be served");
	loop_add(&own->room.loop, &own->source, http_fd(own->http), EPOLLIN,
	    on_ready, own);
	room_say_ready(&own->room);
	return OK;
}

static int
on_reply(void *ctx, const struct pmsg *msg)
{
	struct desk_room *own = ctx;
	struct reply reply;
	int rc = reply_decode(&reply, msg->body, msg->len);

	if (rc != OK)
		return rc;
	/* Only what is told unasked has no number, and only that. */
	if ((reply.id == 0) != (msg->type == PMSG_LIVE))
		return ERR_FORMAT;
	desk_on_reply(&own->desk, &reply, clock_now_ns());
	return OK;
}

static void
on_joined(void *ctx, enum proc_role role)
{
	struct desk_room *own = ctx;

	if (role == PROC_KEEPER)
		desk_on_keeper(&own->desk, clock_now_ns());
}

static void
on_lost(void *ctx, enum proc_role role)
{
	struct desk_room *own = ctx;

	if (role == PROC_KEEPER)
		desk_on_keeper_lost(&own->desk, clock_now_ns());
}

static void
on_end(void *ctx)
{
	struct desk_room *own = ctx;

	loop_timer_close(&own->timer);
	if (own->http == NULL)
		return;
	/* What still stands in its buffers, the answer to "down" too. */
	http_run(own->http);
	loop_remove(&own->room.loop, &own->source);
	http_free(own->http);
	own->http = NULL;
}

static const struct pmsg_rule desk_rules[] = {
	{ PMSG_LISTEN, PROC_PARENT, 0, PMSG_EXACT | PMSG_WITH_FD, on_listen },
	{ PMSG_REPLY, PROC_KEEPER, PMSG_BODY_BYTES_MAX, 0, on_reply },
	{ PMSG_LIVE, PROC_KEEPER, PMSG_BODY_BYTES_MAX, 0, on_reply },
};

int
desk_main(enum walls walls)
{
	const struct pmsg_rules rules = { desk_rules,
		sizeof(desk_rules) / sizeof(desk_rules[0]) };
	const struct room_hooks hooks = { .on_joined = on_joined,
		.on_lost = on_lost,
		.on_end = on_end };
	struct desk_room own;

	memset(&own, 0, sizeof(own));
	desk_init(&own.desk, ask_keeper, &own);
	own.desk.walls = walls;
	room_init(&own.room, PROC_DESK, rules, hooks, &own);
	loop_timer_init(&own.room.loop, &own.timer, on_due, &own);
	loop_set_turn(&own.room.loop, on_turn, &own);
	http_prepare();
	room_confine(&own.room, walls);
	return room_run(&own.room);
}
