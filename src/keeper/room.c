/* Owns the keeper room: the process around struct keeper. */
#include "keeper/room.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/wipe.h"
#include "crypto/crypto.h"
#include "keeper/keeper.h"
#include "keeper/store.h"
#include "proc/room.h"
#include "proc/say_alarm.h"

#include <assert.h>
#include <string.h>

struct keeper_room {
	struct room room;
	struct keeper *keeper; /* NULL: the parent has not sent the keys yet */
	struct loop_timer timer;
};

_Static_assert(PMSG_UNLOCK_BYTES == 2 * STORE_KEY_BYTES, "both keys fit");

static struct moment
now(void)
{
	return (struct moment){
		.now_ns = clock_now_ns(),
		.wall_ms = clock_wall_ms(),
	};
}

static void
op_line_add(void *ctx, const struct keeper_line *line)
{
	struct keeper_room *keeper_room = ctx;
	struct line_config config = {
		.role = line->role,
		.cadence = line->cadence,
		.also_frame_bytes = line->also_frame_bytes,
		.terms = line->terms,
	};
	struct writer w;

	memcpy(config.boot_send, line->boot_send, LINE_KEY_BYTES);
	memcpy(config.boot_recv, line->boot_recv, LINE_KEY_BYTES);
	room_compose(&keeper_room->room, PROC_WIRE, &w);
	pmsg_encode_line(&w, &config);
	room_post(&keeper_room->room, PROC_WIRE, PMSG_LINE_ADD, line->id, &w);
	wipe(&config, sizeof(config));
}

static void
op_line_drop(void *ctx, uint32_t line)
{
	struct keeper_room *keeper_room = ctx;

	room_send(&keeper_room->room, PROC_WIRE, PMSG_LINE_DROP, line, NULL, 0);
}

static void
op_order(void *ctx, uint32_t line, const struct line_order *order)
{
	struct keeper_room *keeper_room = ctx;
	struct writer w;

	room_compose(&keeper_room->room, PROC_WIRE, &w);
	pmsg_encode_order(&w, order);
	room_post(&keeper_room->room, PROC_WIRE, PMSG_ORDER, line, &w);
}

/* Wire hears of it when it is there, and is attached. */
static void
tell_wire_of_path(struct keeper_room *keeper_room, uint32_t line,
    const struct keeper_way *way)
{
	struct pmsg_path path = { .path = way->path,
		.roams = way->roams,
		.has_ticket = way->has_ticket,
		.last = way->last };
	struct writer w;

	if (!room_has(&keeper_room->room, PROC_WIRE))
		return;
	if (way->has_ticket)
		path.ticket = way->ticket;
	room_compose(&keeper_room->room, PROC_WIRE, &w);
	pmsg_encode_path(&w, &path);
	room_post(&keeper_room->room, PROC_WIRE, PMSG_PATH, line, &w);
	wipe(&path, sizeof(path));
}

static void
op_path(void *ctx, uint32_t line, const struct keeper_way *way)
{
	struct keeper_room *keeper_room = ctx;
	const struct pmsg_way wanted = { .path = way->path,
		.tcp = way->tcp,
		.listen = way->listen,
		.endpoint = way->endpoint,
		.proxy = way->proxy };
	struct writer w;

	tell_wire_of_path(keeper_room, line, way);
	room_compose(&keeper_room->room, PROC_PARENT, &w);
	pmsg_encode_way(&w, &wanted);
	room_post(&keeper_room->room, PROC_PARENT, PMSG_SOCKET_WANT, line, &w);
}

static void
op_path_drop(void *ctx, uint32_t line, unsigned path)
{
	struct keeper_room *keeper_room = ctx;
	const uint8_t number = (uint8_t)path;

	if (room_has(&keeper_room->room, PROC_WIRE))
		room_send(&keeper_room->room, PROC_WIRE, PMSG_PATH_DROP, line,
		    &number, sizeof(number));
	room_send(&keeper_room->room, PROC_PARENT, PMSG_SOCKET_DROP, line,
	    &number, sizeof(number));
}

static void
send_reply(struct keeper_room *keeper_room, enum pmsg_type type,
    const struct reply *reply)
{
	struct writer w;

	room_compose(&keeper_room->room, PROC_DESK, &w);
	reply_encode(&w, reply);
	room_post(&keeper_room->room, PROC_DESK, type, 0, &w);
}

static void
op_reply(void *ctx, const struct reply *reply)
{
	send_reply(ctx, PMSG_REPLY, reply);
}

static void
op_event(void *ctx, const struct event_view *event)
{
	struct reply reply = { .kind = REPLY_EVENT, .event = *event };

	send_reply(ctx, PMSG_LIVE, &reply);
}

static void
op_ring(void *ctx, const struct alarm_ring *ring)
{
	struct keeper_room *keeper_room = ctx;
	struct writer w;

	room_compose(&keeper_room->room, PROC_BELL, &w);
	field_encode(&w, &say_alarm_ring, ring);
	room_post(&keeper_room->room, PROC_BELL, PMSG_RING, 0, &w);
}

static void
op_quiet(void *ctx)
{
	struct keeper_room *keeper_room = ctx;

	room_send(&keeper_room->room, PROC_BELL, PMSG_QUIET, 0, NULL, 0);
}

/* Every goodbye is ordered: wire tells the parent when they are said. */
static void
op_down(void *ctx)
{
	struct keeper_room *keeper_room = ctx;

	room_send(&keeper_room->room, PROC_WIRE, PMSG_GOODBYE, 0, NULL, 0);
	room_send(&keeper_room->room, PROC_PARENT, PMSG_DOWN, 0, NULL, 0);
}

/* Said again by the parent to whoever asked for the post. */
static void
op_trouble(void *ctx, struct text say)
{
	struct keeper_room *keeper_room = ctx;

	room_cannot(&keeper_room->room, "%.*s", (int)say.len, say.data);
}

static const struct keeper_ops ops = {
	.line_add = op_line_add,
	.line_drop = op_line_drop,
	.order = op_order,
	.path = op_path,
	.path_drop = op_path_drop,
	.reply = op_reply,
	.event = op_event,
	.ring = op_ring,
	.quiet = op_quiet,
	.down = op_down,
	.trouble = op_trouble,
};

static void
attach_wire(struct keeper_room *keeper_room)
{
	if (keeper_room->keeper == NULL ||
	    !room_has(&keeper_room->room, PROC_WIRE))
		return;
	keeper_on_wire_attached(keeper_room->keeper, now());
	room_send(&keeper_room->room, PROC_WIRE, PMSG_LINES_DONE, 0, NULL, 0);
}

_Noreturn static void
cannot_open(struct keeper_room *keeper_room, int why)
{
	if (why == ERR_FULL)
		room_cannot(&keeper_room->room,
		    "the disk of the post's folder is full: make room, then "
		    "start the post again");
	room_cannot(&keeper_room->room, "the store does not open (%s)",
	    err_str(why));
}

/* Once in a keeper's life. */
static int
on_unlock(void *ctx, const struct pmsg *msg)
{
	struct keeper_room *keeper_room = ctx;
	struct store_keys *keys;
	struct reader r;
	int rc;

	if (keeper_room->keeper != NULL)
		return ERR_STATE;
	keys = wipe_new(sizeof(*keys));
	buf_read(&r, msg->body, msg->len);
	buf_get_bytes(&r, keys->line, sizeof(keys->line));
	buf_get_bytes(&r, keys->record, sizeof(keys->record));
	assert(buf_is_spent(&r) == OK);
	/* The post's folder is the working folder of this room. */
	rc = keeper_open(&keeper_room->keeper, ".", keys, rng_kernel(), &ops,
	    keeper_room, now());
	wipe_free(keys, sizeof(*keys));
	if (rc != OK)
		cannot_open(keeper_room, rc);
	attach_wire(keeper_room);
	room_say_ready(&keeper_room->room);
	return OK;
}

static int
on_socket_say(void *ctx, const struct pmsg *msg)
{
	struct keeper_room *keeper_room = ctx;
	struct pmsg_bound bound;
	int rc;

	if ((rc = pmsg_decode_bound(&bound, msg->body, msg->len)) != OK)
		return rc;
	if (keeper_room->keeper != NULL)
		keeper_on_socket(keeper_room->keeper, msg->line, bound.path,
		    bound.err, bound.at, bound.say, now());
	return OK;
}

static int
on_goodbye(void *ctx, const struct pmsg *msg)
{
	struct keeper_room *keeper_room = ctx;

	(void)msg;
	if (keeper_room->keeper != NULL)
		keeper_stop(keeper_room->keeper, now());
	return OK;
}

static int
on_event(void *ctx, const struct pmsg *msg)
{
	struct keeper_room *keeper_room = ctx;
	struct line_event event;
	int rc;

	if ((rc = pmsg_decode_event(&event, msg->body, msg->len)) != OK)
		return rc;
	if (keeper_room->keeper != NULL)
		keeper_on_line_event(keeper_room->keeper, msg->line, &event,
		    now());
	return OK;
}

/* Asks are taken no faster than their answers are. */
static void
pace_desk(struct keeper_room *keeper_room)
{
	link_hold(&keeper_room->room.link[PROC_DESK],
	    room_is_backed_up(&keeper_room->room, PROC_DESK));
}

static int
on_request(void *ctx, const struct pmsg *msg)
{
	struct keeper_room *keeper_room = ctx;
	struct request request;
	int rc;

	if ((rc = request_decode(&request, msg->body, msg->len)) != OK)
		return rc;
	if (keeper_room->keeper != NULL)
		keeper_on_request(keeper_room->keeper, &request, now());
	pace_desk(keeper_room);
	return OK;
}

static int
on_bell(void *ctx, const struct pmsg *msg)
{
	struct keeper_room *keeper_room = ctx;
	struct alarm_bell bell;
	struct reader r;
	int rc;

	buf_read(&r, msg->body, msg->len);
	if ((rc = field_decode(&r, &say_alarm_bell, &bell)) != OK ||
	    (rc = buf_is_spent(&r)) != OK)
		return rc;
	if (keeper_room->keeper != NULL)
		keeper_on_bell(keeper_room->keeper, &bell, now());
	return OK;
}

static int
on_rang(void *ctx, const struct pmsg *msg)
{
	struct keeper_room *keeper_room = ctx;
	struct alarm_rang rang;
	struct reader r;
	int rc;

	buf_read(&r, msg->body, msg->len);
	if ((rc = field_decode(&r, &say_alarm_rang, &rang)) != OK ||
	    (rc = buf_is_spent(&r)) != OK)
		return rc;
	if (keeper_room->keeper != NULL)
		keeper_on_rang(keeper_room->keeper, &rang, now());
	return OK;
}

static const struct pmsg_rule rules[] = {
	{ PMSG_BELL, PROC_BELL, PMSG_ALARM_BYTES_MAX, 0, on_bell },
	{ PMSG_RANG, PROC_BELL, PMSG_ALARM_BYTES_MAX, 0, on_rang },
	{ PMSG_UNLOCK, PROC_PARENT, PMSG_UNLOCK_BYTES, PMSG_EXACT, on_unlock },
	{ PMSG_SOCKET_SAY, PROC_PARENT, PMSG_BOUND_BYTES_MAX, 0,
	    on_socket_say },
	{ PMSG_GOODBYE, PROC_PARENT, 0, PMSG_EXACT, on_goodbye },
	{ PMSG_EVENT, PROC_WIRE, PMSG_LINE_BYTES_MAX, 0, on_event },
	{ PMSG_REQUEST, PROC_DESK, REQUEST_BYTES_MAX, 0, on_request },
};

static void
on_joined(void *ctx, enum proc_role role)
{
	struct keeper_room *keeper_room = ctx;

	if (role == PROC_WIRE)
		attach_wire(keeper_room);
}

static void
on_lost(void *ctx, enum proc_role role)
{
	struct keeper_room *keeper_room = ctx;

	if (keeper_room->keeper == NULL)
		return;
	if (role == PROC_BELL)
		keeper_on_bell_lost(keeper_room->keeper);
	if (role == PROC_WIRE)
		keeper_on_wire_lost(keeper_room->keeper);
	if (role == PROC_DESK)
		keeper_on_desk_lost(keeper_room->keeper);
}

static void
on_timer(void *ctx)
{
	(void)ctx; /* on_turn does what is due */
}

/* After every batch of messages: one commit for all of them. */
static void
on_turn(void *ctx)
{
	struct keeper_room *keeper_room = ctx;
	struct keeper *keeper = keeper_room->keeper;
	uint64_t next_ns;

	if (keeper == NULL)
		return;
	if (keeper_next_ns(keeper) <= clock_now_ns()) {
		/* One wake-up for all who are answered. */
		room_cork(&keeper_room->room, true);
		keeper_on_time(keeper, now());
		room_cork(&keeper_room->room, false);
	}
	if (keeper_has_failed(keeper))
		fatalx("store: %s", keeper_failure(keeper));
	next_ns = keeper_next_ns(keeper);
	loop_timer_set(&keeper_room->timer, next_ns);
	pace_desk(keeper_room);
}

static void
on_end(void *ctx)
{
	struct keeper_room *keeper_room = ctx;

	keeper_close(keeper_room->keeper);
	keeper_room->keeper = NULL;
}

int
keeper_main(enum walls walls)
{
	static const struct room_hooks hooks = {
		.on_joined = on_joined,
		.on_lost = on_lost,
		.on_end = on_end,
	};
	struct keeper_room keeper_room = { .keeper = NULL };

	room_init(&keeper_room.room, PROC_KEEPER,
	    (struct pmsg_rules){ rules, sizeof(rules) / sizeof(rules[0]) },
	    hooks, &keeper_room);
	loop_timer_init(&keeper_room.room.loop, &keeper_room.timer, on_timer,
	    &keeper_room);
	loop_set_turn(&keeper_room.room.loop, on_turn, &keeper_room);
	crypto_init();
	store_prepare();
	room_confine(&keeper_room.room, walls);
	return room_run(&keeper_room.room);
}
