/* Owns what wire keeps for one line: its core, its paths, and its beginnings. */
#include "wire/berth.h"

#include "base/log.h"
#include "base/wipe.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>

static void
init_paths(struct berth *berth)
{
	unsigned i;

	for (i = 0; i < LINE_PATHS_MAX; i++)
		path_init(&berth->path[i], i);
}

void
berth_init(struct berth *berth, uint32_t id, line_tell *tell, void *ctx)
{
	assert(id != 0);
	*berth = (struct berth){ .id = id, .tell = tell, .ctx = ctx };
	init_paths(berth);
}

static void
stop(struct berth *berth)
{
	unsigned i;

	if (berth->line == NULL)
		return;
	for (i = 0; i < LINE_PATHS_MAX; i++) {
		if (berth->path[i].is_open)
			path_stop(&berth->path[i]);
	}
	line_wipe(berth->line);
	wipe_free(berth->line, line_bytes(berth->config.cadence));
	berth->line = NULL;
	berth->told_goodbye = false;
	log_info("line %u: stopped", berth->id);
}

void
berth_wipe(struct berth *berth)
{
	unsigned i;

	stop(berth);
	for (i = 0; i < LINE_PATHS_MAX; i++)
		path_wipe(&berth->path[i]);
	wipe(berth, sizeof(*berth));
	init_paths(berth);
}

bool
berth_is_running(const struct berth *berth)
{
	return berth->line != NULL;
}

bool
berth_is_empty(const struct berth *berth)
{
	unsigned i;

	for (i = 0; i < LINE_PATHS_MAX; i++) {
		if (berth->path[i].has_told || berth->path[i].has_peer)
			return false;
	}
	return !berth->has_keys && !berth->has_attach;
}

/* A line that finds no locked memory must not end those that have theirs. */
static bool
may_lock(size_t len)
{
	void *trial;
	bool locked;

	trial = mmap(NULL, len, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (trial == MAP_FAILED)
		return false;
	locked = mlock(trial, len) == 0;
	(void)munmap(trial, len);
	return locked;
}

static bool
start_line(struct berth *berth, struct rng rng, uint64_t now_ns)
{
	int rc;

	if (!may_lock(line_bytes(berth->config.cadence))) {
		log_error(
		    "line %u: not started: a line takes %zu KiB of locked "
		    "memory, and no more may be locked (raise the limit: "
		    "ulimit -l, or LimitMEMLOCK= of the service)",
		    berth->id, line_bytes(berth->config.cadence) / 1024);
		return false;
	}
	berth->line = line_init(wipe_new(line_bytes(berth->config.cadence)),
	    &berth->config, rng, berth->tell, berth->ctx, now_ns);
	log_info("line %u: started", berth->id);
	if (!berth->has_attach)
		return true;
	rc = line_on_order(berth->line, &berth->attach, now_ns);
	assert(rc == OK);
	berth->has_attach = false;
	return true;
}

/* Opens it, or tells the line what of it is new. */
static void
open_path(struct berth *berth, struct path *path, struct rng rng,
    uint64_t now_ns)
{
	struct line_way way;

	path_read_way(path, &way);
	line_open_path(berth->line, path->number, &way, now_ns);
	if (!path->is_open)
		path_start(path, berth->config.cadence, rng, now_ns);
	path_allow_size(path, berth->config.also_frame_bytes);
}

static void
close_path(struct berth *berth, struct path *path, uint64_t now_ns)
{
	if (!path->is_open)
		return;
	path_stop(path);
	line_close_path(berth->line, path->number, now_ns);
}

/* Every path that is whole and not open yet; the first one starts the line. */
static void
open_ready(struct berth *berth, struct rng rng, uint64_t now_ns)
{
	unsigned i;

	if (!berth->has_keys)
		return;
	for (i = 0; i < LINE_PATHS_MAX; i++) {
		if (!path_is_ready(&berth->path[i]) || berth->path[i].is_open)
			continue;
		if (berth->line == NULL && !start_line(berth, rng, now_ns))
			return;
		open_path(berth, &berth->path[i], rng, now_ns);
	}
}

/* Something of the path was told. */
static void
renew_path(struct berth *berth, struct path *path, struct rng rng,
    uint64_t now_ns)
{
	if (path->is_open)
		open_path(berth, path, rng, now_ns);
	else
		open_ready(berth, rng, now_ns);
}

static bool
is_same(const struct line_config *a, const struct line_config *b)
{
	return a->role == b->role && a->terms == b->terms &&
	    a->cadence.frame_bytes == b->cadence.frame_bytes &&
	    a->cadence.slot_us == b->cadence.slot_us &&
	    wipe_equal(a->boot_send, b->boot_send, LINE_KEY_BYTES) &&
	    wipe_equal(a->boot_recv, b->boot_recv, LINE_KEY_BYTES);
}

static void
set_also(struct berth *berth, uint16_t frame_bytes)
{
	unsigned i;

	berth->config.also_frame_bytes = frame_bytes;
	if (berth->line == NULL)
		return;
	line_also(berth->line, frame_bytes);
	for (i = 0; i < LINE_PATHS_MAX; i++) {
		if (berth->path[i].is_open)
			path_allow_size(&berth->path[i], frame_bytes);
	}
}

bool
berth_changes_size(const struct berth *berth, const struct line_config *config)
{
	return berth->has_keys &&
	    berth->config.cadence.frame_bytes != config->cadence.frame_bytes;
}

/* A line that begins anew, of other terms, begins where its peer is now. */
static void
keep_places(struct berth *berth)
{
	struct path *path;
	unsigned i;

	for (i = 0; i < LINE_PATHS_MAX; i++) {
		path = &berth->path[i];
		if (path->is_open)
			path->told.last = *line_destination(berth->line, i);
	}
}

void
berth_set_keys(struct berth *berth, const struct line_config *config,
    struct rng rng, uint64_t now_ns)
{
	berth->announced = true;
	if (berth->has_keys && is_same(&berth->config, config)) {
		set_also(berth, config->also_frame_bytes);
		return;
	}
	keep_places(berth);
	stop(berth);
	berth->config = *config;
	berth->has_keys = true;
	open_ready(berth, rng, now_ns);
}

static bool
is_same_path(const struct pmsg_path *a, const struct pmsg_path *b)
{
	const struct ticket *x = &a->ticket, *y = &b->ticket;

	/* Where it was last heard, the line knows better. */
	return a->roams == b->roams && a->has_ticket == b->has_ticket &&
	    (!a->has_ticket ||
		(memcmp(x->id, y->id, sizeof(x->id)) == 0 &&
		    wipe_equal(x->mask, y->mask, sizeof(x->mask)) &&
		    wipe_equal(x->key, y->key, sizeof(x->key))));
}

void
berth_set_path(struct berth *berth, const struct pmsg_path *told,
    struct rng rng, uint64_t now_ns)
{
	struct path *path = &berth->path[told->path];

	path->announced = true;
	if (path->is_open && is_same_path(&path->told, told))
		return;
	path->told = *told;
	path->has_told = true;
	renew_path(berth, path, rng, now_ns);
}

void
berth_drop_path(struct berth *berth, unsigned number, uint64_t now_ns)
{
	struct path *path = &berth->path[number];

	close_path(berth, path, now_ns);
	path->announced = path->has_told = false;
	wipe(&path->told, sizeof(path->told));
}

void
berth_set_peer(struct berth *berth, const struct pmsg_peer *peer,
    struct rng rng, uint64_t now_ns)
{
	struct path *path = &berth->path[peer->path];

	path->peer = *peer;
	path->has_peer = true;
	renew_path(berth, path, rng, now_ns);
}

void
berth_stop_path(struct berth *berth, unsigned number, uint64_t now_ns)
{
	struct path *path = &berth->path[number];

	close_path(berth, path, now_ns);
	path_close_inlets(path);
	path->has_peer = false;
}

void
berth_close_inlet(struct berth *berth, unsigned number, unsigned inlet,
    uint64_t now_ns)
{
	struct path *path = &berth->path[number];
	struct line_way way;

	if (path->is_open && path->peer.kind == PMSG_KIND_ACCEPTED &&
	    path_is_inlet(path, inlet, line_destination(berth->line, number))) {
		path_read_way(path, &way);
		line_close_path(berth->line, number, now_ns);
		line_open_path(berth->line, number, &way, now_ns);
	}
	path_close_inlet(path, inlet);
}

unsigned
berth_pick_inlet(const struct berth *berth, unsigned number)
{
	static const struct origin nowhere = { .len = 0 };
	const struct path *path = &berth->path[number];

	return path_pick_inlet(path,
	    path->is_open ? line_destination(berth->line, number) : &nowhere);
}

static void
tell_fault(const struct berth *berth, enum fault fault)
{
	struct line_event event;

	memset(&event, 0, sizeof(event));
	event.kind = LINE_EVENT_FAULT;
	event.fault = fault;
	berth->tell(berth->ctx, &event);
}

/* A line that has not started asked for nothing: what can be said to it is
 * hints, have and status, and the last of each counts. */
static int
keep_order(struct berth *berth, const struct line_order *order)
{
	if (order->kind == LINE_ORDER_ATTACH) {
		berth->attach = *order;
		berth->has_attach = true;
		return OK;
	}
	if (order->kind == LINE_ORDER_GOODBYE)
		return OK;
	if (!berth->has_attach)
		return ERR_STATE;
	if (order->kind == LINE_ORDER_HINTS) {
		berth->attach.hints = order->hints;
	} else if (order->kind == LINE_ORDER_HAVE ||
	    order->kind == LINE_ORDER_FAULT) {
		berth->attach.have = order->have;
		memcpy(berth->attach.partial_n, order->partial_n,
		    sizeof(order->partial_n));
		/* There is no session to end: done. */
		if (order->kind == LINE_ORDER_FAULT)
			tell_fault(berth, order->fault);
	} else if (order->kind == LINE_ORDER_STATUS) {
		berth->attach.status = order->status;
	} else {
		return ERR_STATE;
	}
	return OK;
}

int
berth_order(struct berth *berth, const struct line_order *order,
    uint64_t now_ns)
{
	if (berth->line == NULL)
		return keep_order(berth, order);
	if (order->kind == LINE_ORDER_GOODBYE)
		berth->told_goodbye = true;
	return line_on_order(berth->line, order, now_ns);
}

void
berth_on_keeper_lost(struct berth *berth)
{
	unsigned i;

	berth->announced = false;
	berth->has_attach = false;
	for (i = 0; i < LINE_PATHS_MAX; i++)
		berth->path[i].announced = false;
	if (berth->line != NULL)
		line_on_keeper_lost(berth->line);
}

uint64_t
berth_missed(const struct berth *berth)
{
	uint64_t missed = 0;
	unsigned i;

	for (i = 0; i < LINE_PATHS_MAX; i++) {
		if (berth->path[i].is_open)
			missed += berth->path[i].pacer.missed;
	}
	return missed;
}

/* Frames that go nowhere yet say nothing to anybody. */
static bool
leads_somewhere(const struct berth *berth)
{
	unsigned i;

	for (i = 0; i < LINE_PATHS_MAX; i++) {
		if (berth->path[i].is_open &&
		    line_destination(berth->line, i)->len > 0)
			return true;
	}
	return false;
}

bool
berth_has_left(const struct berth *berth)
{
	return !berth->told_goodbye || !leads_somewhere(berth) ||
	    line_has_said_goodbye(berth->line);
}
