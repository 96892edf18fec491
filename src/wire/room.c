/* Owns the wire room: frames in, frames out, on the clock. */
#include "wire/room.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/wipe.h"
#include "crypto/crypto.h"
#include "proc/room.h"
#include "wire/berth.h"

#include <assert.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Frames made or sent in a row: every line's, twice. */
enum { URGENT_DEEDS_MAX = 2 * 2 * LINES_MAX };

struct wire;

/* A line's berth, and how it reaches the room. */
struct mooring {
	struct wire *wire;
	struct berth berth;
	struct origin peer;
	struct loop_source source;
};

struct wire {
	struct room room;
	struct rng rng;
	struct mooring mooring[LINES_MAX];
	struct loop_timer timer; /* when the slot clock needs us next */
	struct path_batch batch; /* of whoever is read now */
	bool leaving;		 /* the keeper said goodbye on every line */
	bool said;
};

static struct mooring *
find_mooring(struct wire *wire, uint32_t line)
{
	size_t i;

	for (i = 0; i < LINES_MAX; i++) {
		if (line != 0 && wire->mooring[i].berth.id == line)
			return &wire->mooring[i];
	}
	return NULL;
}

/* A piece is cut to what one message carries. */
static void
tell_piece(struct wire *wire, uint32_t line, const struct line_event *whole)
{
	struct line_event part = *whole;
	const struct piece *piece = &whole->piece;
	struct writer w;
	size_t done = 0;

	do {
		part.piece.offset = piece->offset + done;
		part.piece.data = piece->data + done;
		part.piece.len = piece->len - done;
		part.piece.fin = piece->fin;
		if (part.piece.len > PMSG_PIECE_BYTES_MAX) {
			part.piece.len = PMSG_PIECE_BYTES_MAX;
			part.piece.fin = false;
		}
		room_compose(&wire->room, PROC_KEEPER, &w);
		pmsg_encode_event(&w, &part);
		room_post(&wire->room, PROC_KEEPER, PMSG_EVENT, line, &w);
		done += part.piece.len;
	} while (done < piece->len);
}

static void
on_tell(void *ctx, const struct line_event *told)
{
	struct mooring *mooring = ctx;
	struct wire *wire = mooring->wire;
	struct line_event event = *told;
	struct writer w;

	if (!room_has(&wire->room, PROC_KEEPER))
		return;
	if (told->kind == LINE_EVENT_DATA) {
		tell_piece(wire, mooring->berth.id, told);
		return;
	}
	/* The line does not know its clock. */
	if (told->kind == LINE_EVENT_REPORT)
		event.report.slots_missed = mooring->berth.path.pacer.missed;
	room_compose(&wire->room, PROC_KEEPER, &w);
	pmsg_encode_event(&w, &event);
	room_post(&wire->room, PROC_KEEPER, PMSG_EVENT, mooring->berth.id, &w);
}

static struct mooring *
find_or_make(struct wire *wire, uint32_t line)
{
	struct mooring *mooring = find_mooring(wire, line);
	size_t i;

	for (i = 0; mooring == NULL && line != 0 && i < LINES_MAX; i++) {
		if (wire->mooring[i].berth.id != 0)
			continue;
		mooring = &wire->mooring[i];
		berth_init(&mooring->berth, line, on_tell, mooring);
	}
	return mooring;
}

static void
free_mooring(struct wire *wire, struct mooring *mooring)
{
	loop_remove(&wire->room.loop, &mooring->source);
	berth_wipe(&mooring->berth);
}

/* The path whose next deed is due first, and when. */
struct due {
	struct berth *berth;
	uint64_t at_ns;
	bool is_send;
};

static struct due
find_due(struct wire *wire, uint64_t now_ns)
{
	struct due due = { NULL, UINT64_MAX, false };
	struct berth *berth;
	uint64_t make_ns, send_ns;
	size_t i;

	for (i = 0; i < LINES_MAX; i++) {
		berth = &wire->mooring[i].berth;
		if (!berth_is_running(berth))
			continue;
		pacer_skip(&berth->path.pacer, now_ns);
		make_ns = path_next_make_ns(&berth->path);
		send_ns = path_next_send_ns(&berth->path);
		if (send_ns < due.at_ns)
			due = (struct due){ berth, send_ns, true };
		if (make_ns < due.at_ns)
			due = (struct due){ berth, make_ns, false };
	}
	return due;
}

/* The last stretch is not left to the kernel's timers. */
static void
spin_until(uint64_t at_ns)
{
	while (clock_now_ns() < at_ns)
		;
}

/* Runs before everything else that this room does: what is due is done, and the
 * timer is set to wake it for what comes next. */
static void
on_urgent(void *ctx)
{
	struct wire *wire = ctx;
	const uint64_t wake_ns = (uint64_t)SLOT_WAKE_US * CLOCK_NS_PER_US;
	const uint64_t spin_ns = (uint64_t)SLOT_SPIN_US * CLOCK_NS_PER_US;
	struct due due = { NULL, UINT64_MAX, false };
	uint64_t now_ns = 0;
	unsigned deeds;

	/* A machine too slow for its lines must still hear its keeper. */
	for (deeds = 0; deeds < URGENT_DEEDS_MAX; deeds++) {
		now_ns = clock_now_ns();
		due = find_due(wire, now_ns);
		if (due.berth == NULL)
			break;
		if (due.is_send && due.at_ns <= now_ns + spin_ns) {
			spin_until(due.at_ns);
			path_send(&due.berth->path, due.berth->line);
		} else if (!due.is_send && due.at_ns <= now_ns) {
			path_make(&due.berth->path, due.berth->line, now_ns);
		} else {
			break;
		}
	}
	if (due.berth != NULL && due.is_send)
		due.at_ns -= due.at_ns > now_ns + wake_ns ? wake_ns : spin_ns;
	loop_timer_set(&wire->timer, due.at_ns);
}

/* Waking is all: on_urgent runs before any handler. */
static void
on_timer(void *ctx)
{
	(void)ctx;
}

static void
on_datagrams(void *ctx, uint32_t events)
{
	struct mooring *mooring = ctx;
	struct berth *berth = &mooring->berth;
	struct wire *wire = mooring->wire;
	struct path_batch *batch = &wire->batch;
	size_t i;

	(void)events;
	path_recv(&berth->path, batch);
	for (i = 0; i < batch->count && berth_is_running(berth); i++) {
		/* A flood must not cost a slot. */
		loop_let_urgent(&wire->room.loop);
		(void)line_on_datagram(berth->line, 0, batch->datagram[i],
		    batch->len[i], &batch->from[i], clock_now_ns());
	}
}

static int
on_peer(void *ctx, const struct pmsg *msg)
{
	struct wire *wire = ctx;
	struct mooring *mooring = find_or_make(wire, msg->line);
	struct pmsg_peer peer;

	if (mooring == NULL ||
	    pmsg_decode_peer(&peer, msg->body, msg->len) != OK)
		return ERR_FORMAT;
	mooring->peer = peer.at;
	return OK;
}

static int
on_socket(void *ctx, const struct pmsg *msg)
{
	struct wire *wire = ctx;
	struct mooring *mooring = find_or_make(wire, msg->line);
	unsigned path;

	if (mooring == NULL ||
	    pmsg_decode_number(&path, msg->body, msg->len) != OK) {
		(void)close(msg->fd);
		return ERR_FORMAT;
	}
	loop_remove(&wire->room.loop, &mooring->source);
	berth_set_socket(&mooring->berth, msg->fd, &mooring->peer, wire->rng,
	    clock_now_ns());
	loop_add(&wire->room.loop, &mooring->source, msg->fd, EPOLLIN,
	    on_datagrams, mooring);
	return OK;
}

static int
on_path(void *ctx, const struct pmsg *msg)
{
	struct pmsg_path path;

	(void)ctx;
	return pmsg_decode_path(&path, msg->body, msg->len);
}

static int
on_path_drop(void *ctx, const struct pmsg *msg)
{
	unsigned path;

	(void)ctx;
	return pmsg_decode_number(&path, msg->body, msg->len);
}

static int
on_socket_stop(void *ctx, const struct pmsg *msg)
{
	struct wire *wire = ctx;
	struct mooring *mooring = find_mooring(wire, msg->line);

	if (mooring == NULL || berth_is_running(&mooring->berth))
		return OK;
	loop_remove(&wire->room.loop, &mooring->source);
	berth_stop_socket(&mooring->berth);
	return OK;
}

static int
on_line_add(void *ctx, const struct pmsg *msg)
{
	struct wire *wire = ctx;
	struct line_config config;
	struct mooring *mooring;
	int rc;

	if ((rc = pmsg_decode_line(&config, msg->body, msg->len)) != OK)
		return rc;
	mooring = find_or_make(wire, msg->line);
	if (mooring == NULL)
		rc = ERR_LIMIT;
	else
		berth_set_keys(&mooring->berth, &config, wire->rng,
		    clock_now_ns());
	wipe(&config, sizeof(config));
	return rc;
}

static int
on_line_drop(void *ctx, const struct pmsg *msg)
{
	struct wire *wire = ctx;
	struct mooring *mooring = find_mooring(wire, msg->line);

	if (mooring != NULL)
		free_mooring(wire, mooring);
	return OK;
}

/* What this keeper did not name is no line any more. */
static int
on_lines_done(void *ctx, const struct pmsg *msg)
{
	struct wire *wire = ctx;
	struct berth *berth;
	size_t i;

	(void)msg;
	for (i = 0; i < LINES_MAX; i++) {
		berth = &wire->mooring[i].berth;
		if (berth->id != 0 && berth->has_keys && !berth->announced)
			free_mooring(wire, &wire->mooring[i]);
	}
	return OK;
}

static int
on_order(void *ctx, const struct pmsg *msg)
{
	struct wire *wire = ctx;
	struct mooring *mooring = find_mooring(wire, msg->line);
	struct line_order order;
	int rc;

	if ((rc = pmsg_decode_order(&order, msg->body, msg->len)) != OK)
		return rc;
	/* An answer may come too late for what was asked: no fault. */
	if (mooring != NULL &&
	    berth_order(&mooring->berth, &order, clock_now_ns()) != OK)
		log_debug("line %u: an order came too late", msg->line);
	wipe(&order.keys, sizeof(order.keys));
	return OK;
}

static int
on_goodbye(void *ctx, const struct pmsg *msg)
{
	struct wire *wire = ctx;

	(void)msg;
	wire->leaving = true;
	return OK;
}

static const struct pmsg_rule rules[] = {
	{ PMSG_PEER, PROC_PARENT, PMSG_PEER_BYTES_MAX, 0, on_peer },
	{ PMSG_SOCKET, PROC_PARENT, PMSG_PATH_NUMBER_BYTES,
	    PMSG_EXACT | PMSG_WITH_FD, on_socket },
	{ PMSG_SOCKET_STOP, PROC_PARENT, PMSG_PATH_NUMBER_BYTES, PMSG_EXACT,
	    on_socket_stop },
	{ PMSG_LINE_ADD, PROC_KEEPER, PMSG_LINE_ADD_BYTES_MAX, 0, on_line_add },
	{ PMSG_LINE_DROP, PROC_KEEPER, 0, PMSG_EXACT, on_line_drop },
	{ PMSG_PATH, PROC_KEEPER, PMSG_PATH_BYTES_MAX, 0, on_path },
	{ PMSG_PATH_DROP, PROC_KEEPER, PMSG_PATH_NUMBER_BYTES, PMSG_EXACT,
	    on_path_drop },
	{ PMSG_LINES_DONE, PROC_KEEPER, 0, PMSG_EXACT, on_lines_done },
	{ PMSG_ORDER, PROC_KEEPER, PMSG_LINE_BYTES_MAX, 0, on_order },
	{ PMSG_GOODBYE, PROC_KEEPER, 0, PMSG_EXACT, on_goodbye },
};

static void
on_lost(void *ctx, enum proc_role role)
{
	struct wire *wire = ctx;
	size_t i;

	if (role != PROC_KEEPER)
		return;
	for (i = 0; i < LINES_MAX; i++)
		berth_on_keeper_lost(&wire->mooring[i].berth);
}

/* Once a turn: has every line taken leave? */
static void
on_turn(void *ctx)
{
	struct wire *wire = ctx;
	size_t i;

	if (!wire->leaving || wire->said)
		return;
	for (i = 0; i < LINES_MAX; i++) {
		if (!berth_has_left(&wire->mooring[i].berth))
			return;
	}
	wire->said = true;
	room_send(&wire->room, PROC_PARENT, PMSG_SAID, 0, NULL, 0);
}

static void
on_end(void *ctx)
{
	struct wire *wire = ctx;
	size_t i;

	for (i = 0; i < LINES_MAX; i++)
		free_mooring(wire, &wire->mooring[i]);
	wipe(&wire->batch, sizeof(wire->batch));
}

int
wire_main(enum walls walls)
{
	static const struct room_hooks hooks = {
		.on_lost = on_lost,
		.on_end = on_end,
	};
	struct wire *wire = wipe_new(sizeof(*wire));
	size_t i;
	int rc;

	room_init(&wire->room, PROC_WIRE,
	    (struct pmsg_rules){ rules, sizeof(rules) / sizeof(rules[0]) },
	    hooks, wire);
	/* Sleeps end when they should, not when it suits the kernel. */
	(void)prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	wire->rng = rng_kernel();
	for (i = 0; i < LINES_MAX; i++) {
		wire->mooring[i].wire = wire;
		wire->mooring[i].source.fd = -1;
		path_init(&wire->mooring[i].berth.path);
	}
	loop_timer_init(&wire->room.loop, &wire->timer, on_timer, wire);
	loop_set_urgent(&wire->room.loop, on_urgent, wire);
	loop_set_turn(&wire->room.loop, on_turn, wire);
	crypto_init();
	room_confine(&wire->room, walls);
	room_say_ready(&wire->room);
	rc = room_run(&wire->room);
	wipe_free(wire, sizeof(*wire));
	return rc;
}
