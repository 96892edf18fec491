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
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* Frames made or sent in a row: every path's, twice. */
enum { URGENT_DEEDS_MAX = 2 * 2 * LINES_MAX * LINE_PATHS_MAX };

struct wire;
struct mooring;

/* One socket of a path, as the loop sees it. */
struct inlet {
	struct mooring *mooring;
	unsigned path;
	unsigned number; /* of the path's inlets */
	struct loop_source source;
};

/* A line's berth, and how it reaches the room. */
struct mooring {
	struct wire *wire;
	struct berth berth;
	struct inlet inlet[LINE_PATHS_MAX][PATH_INLETS_MAX];
};

struct wire {
	struct room room;
	struct rng rng;
	struct mooring mooring[LINES_MAX];
	struct loop_timer timer; /* when the slot clock needs us next */
	int nap_fd;		 /* a timer that is waited for alone */
	struct batch batch;	 /* of whoever is read now */
	uint64_t looked_ns;	 /* when connections were last looked at */
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
		event.report.slots_missed = berth_missed(&mooring->berth);
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

/* The loop forgets a path's sockets, which are about to be closed. */
static void
unwatch_path(struct mooring *mooring, unsigned path)
{
	unsigned i;

	for (i = 0; i < PATH_INLETS_MAX; i++)
		loop_remove(&mooring->wire->room.loop,
		    &mooring->inlet[path][i].source);
}

static void
free_mooring(struct mooring *mooring)
{
	unsigned i;

	for (i = 0; i < LINE_PATHS_MAX; i++)
		unwatch_path(mooring, i);
	berth_wipe(&mooring->berth);
}

/* A path that has something to do, and its line; NULL: none has. */
struct due {
	struct path *path;
	struct line *line;
	uint64_t at_ns;
};

/* The first of each kind, of all paths. */
struct deeds {
	struct due make;
	struct due send;
};

static void
find_deeds_of(struct deeds *deeds, struct path *path, struct line *line,
    uint64_t now_ns)
{
	uint64_t make_ns, send_ns;

	pacer_skip(&path->pacer, now_ns);
	make_ns = path_next_make_ns(path);
	send_ns = path_next_send_ns(path);
	if (make_ns < deeds->make.at_ns)
		deeds->make = (struct due){ path, line, make_ns };
	if (send_ns < deeds->send.at_ns)
		deeds->send = (struct due){ path, line, send_ns };
}

static struct deeds
find_deeds(struct wire *wire, uint64_t now_ns)
{
	struct deeds deeds = { { NULL, NULL, UINT64_MAX },
		{ NULL, NULL, UINT64_MAX } };
	struct berth *berth;
	size_t i, j;

	for (i = 0; i < LINES_MAX; i++) {
		berth = &wire->mooring[i].berth;
		for (j = 0; berth_is_running(berth) && j < LINE_PATHS_MAX;
		     j++) {
			if (berth->path[j].is_open)
				find_deeds_of(&deeds, &berth->path[j],
				    berth->line, now_ns);
		}
	}
	return deeds;
}

static const struct pacer *
pacer_of(const struct due *due)
{
	return due->path == NULL ? NULL : &due->path->pacer;
}

/* Nothing but the clock ends it: whatever arrives meanwhile waits. */
static void
nap_until(const struct wire *wire, uint64_t at_ns)
{
	const struct itimerspec spec = {
		.it_value = { .tv_sec = (time_t)(at_ns / CLOCK_NS_PER_S),
		    .tv_nsec = (long)(at_ns % CLOCK_NS_PER_S) }
	};
	uint64_t expirations;

	if (timerfd_settime(wire->nap_fd, TFD_TIMER_ABSTIME, &spec, NULL) == 0)
		(void)!read(wire->nap_fd, &expirations, sizeof(expirations));
}

/* The last stretch is not left to the kernel's timers. */
static void
spin_until(uint64_t at_ns)
{
	while (clock_now_ns() < at_ns)
		;
}

static void
send_at_moment(const struct wire *wire, const struct due *send, uint64_t now_ns)
{
	const uint64_t spin_ns = pacer_spin_from_ns(&send->path->pacer);

	if (now_ns < spin_ns)
		nap_until(wire, spin_ns);
	path_load(send->path, send->line);
	spin_until(send->at_ns);
	path_send(send->path, send->line);
}

/* Runs before everything else that this room does: what is due is done, and the
 * timer is set to wake it for what comes next. */
static void
on_urgent(void *ctx)
{
	struct wire *wire = ctx;
	struct deeds next = { 0 };
	enum deed deed = DEED_SEND;
	uint64_t now_ns;
	unsigned i;

	/* A machine too slow for its lines must still hear its keeper. */
	for (i = 0; i < URGENT_DEEDS_MAX && deed != DEED_NONE; i++) {
		now_ns = clock_now_ns();
		next = find_deeds(wire, now_ns);
		deed = pacer_choose(pacer_of(&next.make), pacer_of(&next.send),
		    now_ns);
		if (deed == DEED_SEND)
			send_at_moment(wire, &next.send, now_ns);
		else if (deed == DEED_MAKE)
			path_make(next.make.path, next.make.line, now_ns);
	}
	loop_timer_set(&wire->timer,
	    deed == DEED_NONE
		? pacer_next_deed_ns(pacer_of(&next.make), pacer_of(&next.send))
		: now_ns);
}

/* Waking is all: on_urgent runs before any handler. */
static void
on_timer(void *ctx)
{
	(void)ctx;
}

/* A connection is over; the parent dials the next one of ours. */
static void
end_inlet(struct inlet *inlet)
{
	struct mooring *mooring = inlet->mooring;
	struct path *path = &mooring->berth.path[inlet->path];
	uint8_t body = (uint8_t)inlet->path;

	loop_remove(&mooring->wire->room.loop, &inlet->source);
	berth_close_inlet(&mooring->berth, inlet->path, inlet->number,
	    clock_now_ns());
	/* Strangers who come and go are not worth a line of the log. */
	if (path->peer.kind != PMSG_KIND_DIALED)
		return;
	log_info("line %u: path %u: the connection ended", mooring->berth.id,
	    inlet->path + 1);
	room_send(&mooring->wire->room, PROC_PARENT, PMSG_SOCKET_GONE,
	    mooring->berth.id, &body, sizeof(body));
}

static void
on_frames(void *ctx, uint32_t events)
{
	struct inlet *inlet = ctx;
	struct wire *wire = inlet->mooring->wire;
	struct berth *berth = &inlet->mooring->berth;
	struct path *path = &berth->path[inlet->path];
	struct batch *batch = &wire->batch;
	uint64_t now_ns;
	size_t i;

	(void)events;
	if (path_recv(path, inlet->number, batch) != OK) {
		end_inlet(inlet);
		return;
	}
	for (i = 0; i < batch->count && path->is_open; i++) {
		/* A flood must not cost a slot. */
		loop_let_urgent(&wire->room.loop);
		now_ns = clock_now_ns();
		if (line_on_datagram(berth->line, inlet->path,
			batch->datagram[i], batch->len[i], &batch->from[i],
			now_ns) == OK)
			path_on_heard(path, inlet->number, now_ns);
	}
}

static int
on_peer(void *ctx, const struct pmsg *msg)
{
	struct wire *wire = ctx;
	struct mooring *mooring;
	struct pmsg_peer peer;

	if (pmsg_decode_peer(&peer, msg->body, msg->len) != OK)
		return ERR_FORMAT;
	if ((mooring = find_or_make(wire, msg->line)) == NULL)
		return ERR_LIMIT;
	/* Of another kind only after PMSG_SOCKET_STOP. */
	if (mooring->berth.path[peer.path].has_peer &&
	    mooring->berth.path[peer.path].peer.kind != peer.kind)
		return ERR_STATE;
	berth_set_peer(&mooring->berth, &peer, wire->rng, clock_now_ns());
	return OK;
}

static int
on_socket(void *ctx, const struct pmsg *msg)
{
	struct wire *wire = ctx;
	struct mooring *mooring = find_mooring(wire, msg->line);
	struct inlet *inlet;
	unsigned path;

	if (pmsg_decode_number(&path, msg->body, msg->len) != OK) {
		(void)close(msg->fd);
		return ERR_FORMAT;
	}
	/* It was on its way when the keeper closed the line. */
	if (mooring == NULL || !mooring->berth.path[path].has_peer) {
		(void)close(msg->fd);
		return OK;
	}
	inlet = &mooring->inlet[path][berth_pick_inlet(&mooring->berth, path)];
	loop_remove(&wire->room.loop, &inlet->source);
	path_open_inlet(&mooring->berth.path[path], inlet->number, msg->fd,
	    clock_now_ns());
	loop_add(&wire->room.loop, &inlet->source, msg->fd, EPOLLIN, on_frames,
	    inlet);
	return OK;
}

static int
on_socket_stop(void *ctx, const struct pmsg *msg)
{
	struct wire *wire = ctx;
	struct mooring *mooring = find_mooring(wire, msg->line);
	unsigned path;

	if (pmsg_decode_number(&path, msg->body, msg->len) != OK)
		return ERR_FORMAT;
	if (mooring == NULL)
		return OK;
	unwatch_path(mooring, path);
	berth_stop_path(&mooring->berth, path, clock_now_ns());
	if (berth_is_empty(&mooring->berth))
		free_mooring(mooring);
	return OK;
}

/* The size of frames changes: connections begin anew with it. */
static void
end_connections(struct mooring *mooring)
{
	struct path *path;
	unsigned i, j;

	for (i = 0; i < LINE_PATHS_MAX; i++) {
		path = &mooring->berth.path[i];
		for (j = 0; j < PATH_INLETS_MAX; j++) {
			if (path->peer.kind != PMSG_KIND_UDP &&
			    path_inlet_fd(path, j) != -1)
				end_inlet(&mooring->inlet[i][j]);
		}
	}
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
	if (mooring == NULL) {
		rc = ERR_LIMIT;
		goto out;
	}
	if (berth_changes_size(&mooring->berth, &config))
		end_connections(mooring);
	berth_set_keys(&mooring->berth, &config, wire->rng, clock_now_ns());
out:
	wipe(&config, sizeof(config));
	return rc;
}

static int
on_path(void *ctx, const struct pmsg *msg)
{
	struct wire *wire = ctx;
	struct mooring *mooring;
	struct pmsg_path path;
	int rc;

	if ((rc = pmsg_decode_path(&path, msg->body, msg->len)) != OK)
		return rc;
	mooring = find_or_make(wire, msg->line);
	if (mooring == NULL)
		rc = ERR_LIMIT;
	else
		berth_set_path(&mooring->berth, &path, wire->rng,
		    clock_now_ns());
	wipe(&path, sizeof(path));
	return rc;
}

static int
on_path_drop(void *ctx, const struct pmsg *msg)
{
	struct wire *wire = ctx;
	struct mooring *mooring = find_mooring(wire, msg->line);
	unsigned path;

	if (pmsg_decode_number(&path, msg->body, msg->len) != OK)
		return ERR_FORMAT;
	if (mooring != NULL)
		berth_drop_path(&mooring->berth, path, clock_now_ns());
	return OK;
}

static int
on_line_drop(void *ctx, const struct pmsg *msg)
{
	struct wire *wire = ctx;
	struct mooring *mooring = find_mooring(wire, msg->line);

	if (mooring != NULL)
		free_mooring(mooring);
	return OK;
}

/* What this keeper did not name is no line any more, and no path. */
static int
on_lines_done(void *ctx, const struct pmsg *msg)
{
	struct wire *wire = ctx;
	struct berth *berth;
	size_t i;
	unsigned j;

	(void)msg;
	for (i = 0; i < LINES_MAX; i++) {
		berth = &wire->mooring[i].berth;
		if (berth->id != 0 && berth->has_keys && !berth->announced)
			free_mooring(&wire->mooring[i]);
		for (j = 0; j < LINE_PATHS_MAX; j++) {
			if (berth->path[j].has_told &&
			    !berth->path[j].announced)
				berth_drop_path(berth, j, clock_now_ns());
		}
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

/* Connections of ours that brought nothing for long are given up. */
static void
look_at_connections(struct wire *wire)
{
	const uint64_t every_ns = (uint64_t)STALE_LOOK_MS * CLOCK_NS_PER_MS;
	uint64_t now_ns = clock_now_ns();
	struct mooring *mooring;
	size_t i;
	unsigned j;

	if (now_ns - wire->looked_ns < every_ns)
		return;
	wire->looked_ns = now_ns;
	for (i = 0; i < LINES_MAX; i++) {
		mooring = &wire->mooring[i];
		for (j = 0; j < LINE_PATHS_MAX; j++) {
			if (path_is_stale(&mooring->berth.path[j], now_ns))
				end_inlet(&mooring->inlet[j][0]);
		}
	}
}

/* Once a turn; and has every line taken leave? */
static void
on_turn(void *ctx)
{
	struct wire *wire = ctx;
	size_t i;

	look_at_connections(wire);
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
		free_mooring(&wire->mooring[i]);
	wipe(&wire->batch, sizeof(wire->batch));
}

static void
init_mooring(struct wire *wire, struct mooring *mooring)
{
	struct inlet *inlet;
	unsigned i, j;

	mooring->wire = wire;
	for (i = 0; i < LINE_PATHS_MAX; i++) {
		path_init(&mooring->berth.path[i], i);
		for (j = 0; j < PATH_INLETS_MAX; j++) {
			inlet = &mooring->inlet[i][j];
			*inlet = (struct inlet){ mooring, i, j, { .fd = -1 } };
		}
	}
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
	for (i = 0; i < LINES_MAX; i++)
		init_mooring(wire, &wire->mooring[i]);
	loop_timer_init(&wire->room.loop, &wire->timer, on_timer, wire);
	if ((wire->nap_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC)) == -1)
		fatal("the slot clock's timer");
	loop_set_urgent(&wire->room.loop, on_urgent, wire);
	loop_set_turn(&wire->room.loop, on_turn, wire);
	crypto_init();
	room_confine(&wire->room, walls);
	room_say_ready(&wire->room);
	rc = room_run(&wire->room);
	wipe_free(wire, sizeof(*wire));
	return rc;
}
