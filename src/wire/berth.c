/* Owns what wire keeps for one line: its core, its path, and its beginnings. */
#include "wire/berth.h"

#include "base/log.h"
#include "base/wipe.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>

void
berth_init(struct berth *berth, uint32_t id, line_tell *tell, void *ctx)
{
	assert(id != 0);
	*berth = (struct berth){ .id = id, .tell = tell, .ctx = ctx };
	path_init(&berth->path);
}

static void
stop(struct berth *berth)
{
	if (berth->line == NULL)
		return;
	path_stop(&berth->path);
	line_wipe(berth->line);
	wipe_free(berth->line, line_bytes());
	berth->line = NULL;
	berth->told_goodbye = false;
	log_info("line %u: stopped", berth->id);
}

void
berth_wipe(struct berth *berth)
{
	stop(berth);
	path_close(&berth->path);
	wipe(berth, sizeof(*berth));
	path_init(&berth->path);
}

bool
berth_is_running(const struct berth *berth)
{
	return berth->line != NULL;
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

static void
start_when_whole(struct berth *berth, struct rng rng, uint64_t now_ns)
{
	int rc;

	if (berth->line != NULL || !berth->has_keys || !berth->has_peer)
		return;
	if (!may_lock(line_bytes())) {
		log_error("line %u: not started: no locked memory left "
			  "(raise the limit, ulimit -l)",
		    berth->id);
		return;
	}
	berth->line = line_init(wipe_new(line_bytes()), &berth->config, rng,
	    berth->tell, berth->ctx, now_ns);
	line_open_path(berth->line, 0, &berth->way, now_ns);
	path_start(&berth->path, berth->config.cadence, rng, now_ns);
	log_info("line %u: started", berth->id);
	if (!berth->has_attach)
		return;
	rc = line_on_order(berth->line, &berth->attach, now_ns);
	assert(rc == OK);
	berth->has_attach = false;
}

static bool
is_same(const struct line_config *a, const struct line_config *b)
{
	return a->role == b->role &&
	    a->cadence.frame_bytes == b->cadence.frame_bytes &&
	    a->cadence.slot_us == b->cadence.slot_us && a->terms == b->terms &&
	    wipe_equal(a->boot_send, b->boot_send, LINE_KEY_BYTES) &&
	    wipe_equal(a->boot_recv, b->boot_recv, LINE_KEY_BYTES);
}

void
berth_set_keys(struct berth *berth, const struct line_config *config,
    struct rng rng, uint64_t now_ns)
{
	berth->announced = true;
	if (berth->has_keys && is_same(&berth->config, config)) {
		berth->config.also_frame_bytes = config->also_frame_bytes;
		if (berth->line != NULL)
			line_also(berth->line, config->also_frame_bytes);
		return;
	}
	stop(berth);
	berth->config = *config;
	berth->has_keys = true;
	start_when_whole(berth, rng, now_ns);
}

void
berth_set_socket(struct berth *berth, int fd, const struct origin *peer,
    struct rng rng, uint64_t now_ns)
{
	path_open(&berth->path, fd);
	if (berth->line != NULL)
		return;
	berth->way.peer = *peer;
	berth->has_peer = true;
	start_when_whole(berth, rng, now_ns);
}

void
berth_stop_socket(struct berth *berth)
{
	if (berth->line != NULL)
		return;
	path_close(&berth->path);
	berth->has_peer = false;
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
	berth->announced = false;
	berth->has_attach = false;
	if (berth->line != NULL)
		line_on_keeper_lost(berth->line);
}

bool
berth_has_left(const struct berth *berth)
{
	/* Frames that go nowhere yet say nothing to anybody. */
	return !berth->told_goodbye ||
	    line_destination(berth->line, 0)->len == 0 ||
	    line_has_said_goodbye(berth->line);
}
