#include "core/line.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/wipe.h"
#include "core/ack.h"
#include "core/boot.h"
#include "core/chunk.h"
#include "core/ctrl.h"
#include "core/frame.h"
#include "core/hearing.h"
#include "core/lane.h"
#include "core/rekey.h"
#include "core/replay.h"
#include "core/session.h"
#include "core/stream_in.h"
#include "core/stream_out.h"

/* What arrived of one of the peer's paths, by whichever of ours. */
struct arrivals {
	struct replay replay;
	struct ack_inbox inbox;
};

struct line {
	struct line_config config;
	struct rng rng;
	line_tell *tell;
	void *ctx;
	struct frame_nonces nonces;

	struct session session;
	struct boot boot;
	struct rekey rekey;
	bool next_is_boot;	    /* session's next key came of a boot */
	struct attempt cur_attempt; /* A: that made session's current key */
	bool proved_due; /* A: the keeper must be told of that key's proof */

	struct lane lane[LINE_PATHS_MAX];	  /* our paths */
	struct arrivals arrivals[LINE_PATHS_MAX]; /* the peer's */
	struct stream_out out;
	struct stream_in in;

	struct have have; /* what our keeper holds of theirs */
	struct status status;
	uint64_t statuses_said; /* in this session, on all paths */
	uint64_t status_heard;	/* the number of the newest */
	enum line_why leaving;

	uint64_t begun_ns;
	struct hearing hearing;
	unsigned faults_due;	   /* a bit each: the keeper must be told */
	struct line_report counts; /* the counters of it */
};

/* A counter's top byte is the path of who sends. */
enum { CTR_PATH_SHIFT = 56 };
#define CTR_MASK ((UINT64_C(1) << CTR_PATH_SHIFT) - 1)

/* What is settled: the load of a frame of one of our paths. */
struct flight {
	struct line *line;
	unsigned path;
};

/* What stands behind struct line in its memory, and where it ends. */
struct layout {
	size_t out, in, rings, end;
	uint32_t frames; /* of each ring */
};

static struct layout
lay_out(struct cadence cadence)
{
	const size_t pool = chunk_pool_bytes(cadence);
	struct layout at = { .frames = ack_frames(cadence) };

	at.out = sizeof(struct line);
	at.in = at.out + pool;
	at.rings = at.in + pool;
	at.end =
	    at.rings + LINE_PATHS_MAX * at.frames * sizeof(struct ack_frame);
	return at;
}

_Static_assert(sizeof(struct line) % _Alignof(struct chunk) == 0 &&
	_Alignof(struct chunk) % _Alignof(struct ack_frame) == 0,
    "what stands behind it is aligned");

size_t
line_bytes(struct cadence cadence)
{
	return lay_out(cadence).end;
}

static void
tell_proved(struct line *line)
{
	struct line_event event;

	memset(&event, 0, sizeof(event));
	event.kind = LINE_EVENT_PROVED;
	event.attempt = line->cur_attempt;
	line->tell(line->ctx, &event);
	line->proved_due = false;
}

static void
enter_boot(struct line *line, uint64_t since_ns)
{
	size_t i;

	for (i = 0; i < LINE_PATHS_MAX; i++)
		lane_on_boot(&line->lane[i]);
	session_wipe(&line->session);
	line->proved_due = false;
	boot_enter(&line->boot);
	hearing_on_boot(&line->hearing, since_ns);
}

static void
owe_fault(struct line *line, enum fault fault)
{
	line->faults_due |= 1u << fault;
}

/* The peer broke the protocol inside the seal: the session ends, people are told
 * on both sides, and the line boots again.  It is not told of our own disk. */
static int
end_for_fault(struct line *line, enum fault fault, uint64_t now_ns)
{
	owe_fault(line, fault);
	enter_boot(line, now_ns);
	if (fault != FAULT_STORE)
		boot_blame(&line->boot);
	return ERR_PEER;
}

struct line *
line_init(void *memory, const struct line_config *config, struct rng rng,
    line_tell *tell, void *ctx, uint64_t now_ns)
{
	const struct layout at = lay_out(config->cadence);
	struct line *line = memory;
	struct ack_frame *ring;
	uint8_t *bytes = memory;
	size_t i;

	assert(cadence_check(config->cadence) == OK);
	assert(at.end <= LINE_BYTES_MAX);
	memset(line, 0, sizeof(*line));
	line->config = *config;
	line->rng = rng;
	line->tell = tell;
	line->ctx = ctx;
	line->begun_ns = now_ns;
	hearing_init(&line->hearing, config->cadence, now_ns);
	frame_nonces_init(&line->nonces, rng);
	boot_init(&line->boot, config, rng);
	rekey_init(&line->rekey, config->role, config->cadence);
	stream_out_init(&line->out, bytes + at.out, config->cadence);
	stream_in_init(&line->in, bytes + at.in, config->cadence);
	ring = (struct ack_frame *)(void *)(bytes + at.rings);
	for (i = 0; i < LINE_PATHS_MAX; i++) {
		lane_init(&line->lane[i], ring + i * at.frames, at.frames);
		replay_init(&line->arrivals[i].replay);
		ack_inbox_init(&line->arrivals[i].inbox);
	}
	return line;
}

void
line_wipe(struct line *line)
{
	wipe(line, line_bytes(line->config.cadence));
}

/* A boot made new keys: counters, windows and loss state begin anew, and the
 * peer's first HAVE says where its journal's copy stands. */
static void
begin_session(struct line *line, uint64_t now_ns)
{
	size_t i;

	session_drop(&line->session, SESSION_CUR);
	session_drop(&line->session, SESSION_PREV);
	for (i = 0; i < LINE_PATHS_MAX; i++) {
		replay_init(&line->arrivals[i].replay);
		ack_inbox_init(&line->arrivals[i].inbox);
		lane_on_session(&line->lane[i], now_ns);
	}
	stream_out_on_session(&line->out);
	stream_in_on_session(&line->in);
	rekey_on_session(&line->rekey, now_ns);
	line->statuses_said = 0;
	line->status_heard = 0;
	hearing_on_session(&line->hearing, now_ns);
}

/* -- what the keeper is told ------------------------------------------------ */

static enum path_state
state_of_path(const struct line *line, const struct lane *lane, uint64_t now_ns)
{
	const uint64_t silence_ns =
	    cadence_longer_ns(line->config.cadence, SILENCE_S, SILENCE_SLOTS);

	if (line->boot.stance == BOOT_WHOLE)
		return lane_state_of_boot(lane, line->boot.has_echo, silence_ns,
		    now_ns);
	return lane_state_of_session(lane, silence_ns, now_ns);
}

/* Each path; the first that is up, or else the first that is open, stands for the
 * line. */
static void
read_paths(const struct line *line, struct line_report *report, uint64_t now_ns)
{
	const struct path_report *chief = NULL;
	struct path_report *path;
	size_t i;

	for (i = 0; i < LINE_PATHS_MAX; i++) {
		path = &report->path[i];
		path->state = state_of_path(line, &line->lane[i], now_ns);
		path->heard_ms_ago = UINT64_MAX;
		if (path->state == PATH_CLOSED)
			continue;
		lane_read(&line->lane[i], path, now_ns);
		if (chief == NULL ||
		    (chief->state != PATH_UP && path->state == PATH_UP))
			chief = path;
	}
	if (chief == NULL)
		return;
	report->rtt_us = chief->rtt_us;
	report->peer = chief->peer;
}

void
line_read_report(const struct line *line, struct line_report *report,
    uint64_t now_ns)
{
	const bool boots = line->boot.stance == BOOT_WHOLE;
	const enum line_state state = boots
	    ? hearing_state_of_boot(&line->hearing, line->boot.has_echo, now_ns)
	    : hearing_state_of_session(&line->hearing, now_ns);

	*report = line->counts;
	hearing_read(&line->hearing, report, state, now_ns);
	read_paths(line, report, now_ns);
}

static void
tell_report(struct line *line, uint64_t now_ns)
{
	struct line_report report;
	struct line_event event;

	line_read_report(line, &report, now_ns);
	if (!hearing_is_news(&line->hearing, &report, now_ns))
		return;
	memset(&event, 0, sizeof(event));
	event.kind = LINE_EVENT_REPORT;
	event.report = report;
	line->tell(line->ctx, &event);
}

static void
tell_exchange(struct line *line, struct exchange *exchange, uint64_t now_ns)
{
	struct line_event event;

	if (exchange_next_event(exchange, &event, now_ns))
		line->tell(line->ctx, &event);
}

static int
tell_pieces(struct line *line, uint64_t now_ns)
{
	struct line_event event;
	int rc;

	memset(&event, 0, sizeof(event));
	event.kind = LINE_EVENT_DATA;
	while ((rc = stream_in_next_piece(&line->in, &event.piece)) == OK)
		line->tell(line->ctx, &event);
	if (rc == ERR_PEER)
		return end_for_fault(line, FAULT_ORDER, now_ns);
	return OK;
}

static void
tell_want(struct line *line)
{
	struct line_event event;
	struct want want;

	if (!stream_out_next_want(&line->out, &want))
		return;
	memset(&event, 0, sizeof(event));
	event.kind = LINE_EVENT_WANT;
	event.want = want;
	line->tell(line->ctx, &event);
}

static void
tell_terms(struct line *line)
{
	struct line_event event;

	memset(&event, 0, sizeof(event));
	event.kind = LINE_EVENT_TERMS;
	if (boot_next_terms(&line->boot, &event.terms))
		line->tell(line->ctx, &event);
}

static void
tell_faults(struct line *line)
{
	struct line_event event;

	if (line->faults_due == 0)
		return;
	memset(&event, 0, sizeof(event));
	event.kind = LINE_EVENT_FAULT;
	for (event.fault = 0; event.fault < FAULT_COUNT; event.fault++) {
		if (line->faults_due & 1u << event.fault)
			line->tell(line->ctx, &event);
	}
	line->faults_due = 0;
}

/* Everything that waits for the keeper's ear. */
static void
tell_all(struct line *line, uint64_t now_ns)
{
	if (!line->in.attached)
		return;
	tell_faults(line);
	tell_terms(line);
	/* What is asked next builds upon it.  Whatever was finished since may not be
	 * taken for proved. */
	if (line->proved_due &&
	    line->rekey.exchange.state != EXCHANGE_FINISHING)
		tell_proved(line);
	if (line->boot.stance == BOOT_WHOLE)
		tell_exchange(line, &line->boot.exchange, now_ns);
	else
		tell_exchange(line, &line->rekey.exchange, now_ns);
	tell_want(line);
	tell_report(line, now_ns);
}

/* -- our paths --------------------------------------------------------------- */

static void
settle(void *ctx, uint32_t load, bool arrived)
{
	const struct flight *flight = ctx;

	stream_out_settle(&flight->line->out, flight->path, load, arrived);
}

void
line_open_path(struct line *line, unsigned path, const struct line_way *way,
    uint64_t now_ns)
{
	assert(path < LINE_PATHS_MAX);
	lane_open(&line->lane[path], way, now_ns);
	stream_out_open_path(&line->out, path);
}

void
line_close_path(struct line *line, unsigned path, uint64_t now_ns)
{
	struct flight flight = { line, path };

	assert(path < LINE_PATHS_MAX);
	if (!line->lane[path].open)
		return;
	ack_give_up(&line->lane[path].outbox, settle, &flight);
	stream_out_close_path(&line->out, path);
	line->lane[path].open = false;
	tell_all(line, now_ns);
}

void
line_also(struct line *line, uint16_t frame_bytes)
{
	line->config.also_frame_bytes = frame_bytes;
}

/* -- what arrives ----------------------------------------------------------- */

static int
take_ack(struct line *line, const struct frame_record *record, uint64_t now_ns)
{
	struct flight flight = { .line = line };
	struct reader r;
	uint8_t path;

	buf_read(&r, record->body, record->len);
	path = buf_get_u8(&r);
	if (path >= LINE_PATHS_MAX)
		return ERR_FORMAT;
	flight.path = path;
	return ack_on_ack(&line->lane[path].outbox, &r, now_ns, settle,
	    &flight);
}

static void
take_have(struct line *line, const struct have *have)
{
	struct line_event event;

	if (!stream_out_on_have(&line->out, have))
		return;
	memset(&event, 0, sizeof(event));
	event.kind = LINE_EVENT_HAVE;
	event.have = *have;
	line->tell(line->ctx, &event);
}

static void
take_status(struct line *line, uint64_t number, const struct status *status,
    uint64_t now_ns)
{
	struct line_event event;

	/* A later one has overtaken it, by another path. */
	if (number <= line->status_heard)
		return;
	line->status_heard = number;
	hearing_on_status(&line->hearing, status->heard_ms_ago,
	    status->running_ms, now_ns);
	memset(&event, 0, sizeof(event));
	event.kind = LINE_EVENT_STATUS;
	event.status = *status;
	line->tell(line->ctx, &event);
}

static int
take_ctrl(struct line *line, const struct frame_record *record, uint64_t now_ns)
{
	struct ctrl ctrl;
	int rc = ctrl_decode(&ctrl, record->body, record->len);

	if (rc == ERR_NOT_FOUND)
		return OK;
	if (rc != OK)
		return rc;
	switch (ctrl.kind) {
	case CTRL_HAVE:
		take_have(line, &ctrl.have);
		return OK;
	case CTRL_STATUS:
		take_status(line, ctrl.number, &ctrl.status, now_ns);
		return OK;
	case CTRL_GOODBYE:
		hearing_on_goodbye(&line->hearing, ctrl.why);
		return OK;
	}
	return OK;
}

/* OK; ERR_LIMIT where a chunk found no room (the frame is not acknowledged, the
 * rest of it is fine); else the peer is at fault. */
static int
take_record(struct line *line, const struct frame_record *record,
    uint64_t now_ns)
{
	struct piece piece;
	int rc;

	switch (record->type) {
	case FRAME_ACK:
		return take_ack(line, record, now_ns);
	case FRAME_CHUNK:
		rc = chunk_decode(&piece, record->body, record->len);
		return rc == OK ? stream_in_on_chunk(&line->in, &piece) : rc;
	case FRAME_HANDSHAKE:
		return rekey_on_record(&line->rekey, record->body, record->len);
	case FRAME_CTRL:
		return take_ctrl(line, record, now_ns);
	}
	return OK; /* of a later version */
}

static int
take_records(struct line *line, struct arrivals *arrivals, struct reader *r,
    uint64_t ctr, uint64_t now_ns)
{
	struct frame_record record;
	bool has_room = true;
	int rc;

	while ((rc = frame_next_record(r, &record)) == OK) {
		rc = take_record(line, &record, now_ns);
		if (rc == ERR_LIMIT)
			has_room = false;
		else if (rc != OK)
			break;
	}
	if (rc != ERR_NOT_FOUND)
		return end_for_fault(line, FAULT_FRAME, now_ns);
	if (has_room)
		ack_on_frame(&arrivals->inbox, ctr, now_ns);
	return OK;
}

/* A frame opened under a key: what that proves. */
static void
on_opened(struct line *line, enum session_slot slot, uint64_t now_ns)
{
	if (slot == SESSION_NEXT) {
		struct exchange *exchange = line->next_is_boot
		    ? &line->boot.exchange
		    : &line->rekey.exchange;

		if (line->next_is_boot && exchange->state == EXCHANGE_ANSWERED)
			begin_session(line, now_ns);
		exchange_on_opened(exchange);
	}
	if (slot == SESSION_CUR && rekey_on_proof(&line->rekey)) {
		session_drop(&line->session, SESSION_PREV);
		/* While a boot makes the next, its attempt may have the number of
		 * this one: the keeper could not tell which is proved. */
		line->proved_due = line->boot.stance != BOOT_WHOLE;
	}
}

/* The key came of a handshake that is still in hand: any other has been given up
 * by whoever could send under it. */
static bool
may_open_next(const struct line *line)
{
	const struct exchange *exchange =
	    line->next_is_boot ? &line->boot.exchange : &line->rekey.exchange;

	return exchange->state == EXCHANGE_ANSWERED ||
	    exchange->state == EXCHANGE_CONFIRMING;
}

/* A peer that must be found is where the session's first frame by a path came
 * from.  If that was a copy, sent on from elsewhere, the peer soon does not
 * acknowledge us: then where the next frame comes from.  One that roams is where
 * its newest frame came from. */
static bool
must_learn(const struct line *line, const struct lane *lane, bool newest,
    uint64_t now_ns)
{
	if (lane->way.roams && newest)
		return true;
	return lane->way.peer.len == 0 &&
	    (lane->session_heard_ns == 0 ||
		state_of_path(line, lane, now_ns) == PATH_ONE_WAY ||
		hearing_state_of_session(&line->hearing, now_ns) ==
		    LINE_ONE_WAY);
}

/* What of a frame was known before it was taken. */
struct arrival {
	unsigned path; /* ours, by which it came */
	enum session_slot slot;
	const struct origin *from;
};

/* The peer's path that a counter is of; NULL where it has no such path. */
static struct arrivals *
find_arrivals(struct line *line, uint64_t ctr)
{
	const uint64_t path = ctr >> CTR_PATH_SHIFT;

	return path < LINE_PATHS_MAX ? &line->arrivals[path] : NULL;
}

static bool
is_fresh(const struct arrivals *arrivals, uint64_t ctr)
{
	return arrivals != NULL &&
	    replay_is_fresh(&arrivals->replay, ctr & CTR_MASK);
}

static int
on_session_frame(struct line *line, const struct arrival *arrival,
    const uint8_t *plain, size_t len, uint64_t now_ns)
{
	struct lane *lane = &line->lane[arrival->path];
	struct arrivals *arrivals;
	struct reader r;
	uint64_t ctr;
	bool newest;
	int rc;

	if (arrival->slot == SESSION_NEXT && !may_open_next(line))
		return ERR_STATE;
	buf_read(&r, plain, len);
	ctr = buf_get_u64(&r);
	arrivals = find_arrivals(line, ctr);
	/* The first frame under a boot's key resets the window: it cannot be a
	 * replay, since the key was never used before. */
	if ((arrival->slot != SESSION_NEXT || !line->next_is_boot ||
		line->boot.exchange.state != EXCHANGE_ANSWERED) &&
	    arrivals != NULL && !is_fresh(arrivals, ctr))
		return ERR_REPLAY;
	on_opened(line, arrival->slot, now_ns);
	if (!is_fresh(arrivals, ctr))
		return end_for_fault(line, FAULT_FRAME, now_ns);
	newest = (ctr & CTR_MASK) > arrivals->replay.largest;
	replay_mark(&arrivals->replay, ctr & CTR_MASK);
	if (must_learn(line, lane, newest, now_ns))
		lane->to = *arrival->from;
	lane_on_frame(lane, true, now_ns);
	hearing_on_frame(&line->hearing, now_ns);
	rc = take_records(line, arrivals, &r, ctr & CTR_MASK, now_ns);
	return rc == OK ? tell_pieces(line, now_ns) : rc;
}

static int
on_boot_frame(struct line *line, unsigned path, const uint8_t *plain,
    size_t len, const struct origin *from, uint64_t now_ns)
{
	struct lane *lane = &line->lane[path];
	struct boot_frame frame;

	if (boot_decode(&frame, plain, len) != OK)
		return ERR_FORMAT;
	/* Frames of our terms have our terms' size. */
	if (frame.terms == line->config.terms &&
	    len != frame_plain_bytes(line->config.cadence.frame_bytes))
		return ERR_FORMAT;
	lane_on_frame(lane, false, now_ns);
	hearing_on_boot_frame(&line->hearing, now_ns);
	/* It waits for our first frame, which may have gone where it is not. */
	if (boot_is_of_session(&line->boot, &frame) &&
	    line->hearing.session_heard_ns == 0 && lane_learns(lane))
		lane->to = *from;
	switch (boot_on_frame(&line->boot, &frame, path, from, now_ns)) {
	case BOOT_NOTHING:
		break;
	case BOOT_RESTARTED:
		line->proved_due = false;
		/* Who boots under other terms has changed to them. */
		hearing_on_peer_boot(&line->hearing,
		    frame.terms == line->config.terms, now_ns);
		break;
	case BOOT_BLAMED:
		hearing_on_peer_boot(&line->hearing, false, now_ns);
		owe_fault(line, FAULT_OURS);
		break;
	case BOOT_CONTINUITY:
		owe_fault(line, FAULT_CONTINUITY);
		break;
	}
	if (line->boot.stance == BOOT_WHOLE && line->boot.echo.rivals > 0)
		hearing_on_answer(&line->hearing, now_ns);
	return OK;
}

static int
take_datagram(struct line *line, unsigned path, const uint8_t *datagram,
    size_t len, const struct origin *from, uint64_t now_ns)
{
	const bool is_ours = len == line->config.cadence.frame_bytes;
	struct arrival arrival = { .path = path, .from = from };
	uint8_t plain[FRAME_PLAIN_BYTES_MAX];
	int rc;

	assert(path < LINE_PATHS_MAX);
	if (!line->lane[path].open)
		return ERR_STATE;
	if (!is_ours && (len == 0 || len != line->config.also_frame_bytes))
		return ERR_SIZE;
	if (is_ours &&
	    session_unseal(&line->session, plain, datagram, len,
		&arrival.slot) == OK)
		rc = on_session_frame(line, &arrival, plain,
		    frame_plain_bytes(len), now_ns);
	else if ((rc = frame_unseal(plain, datagram, len,
		      line->config.boot_recv)) == OK)
		rc = on_boot_frame(line, path, plain, frame_plain_bytes(len),
		    from, now_ns);
	wipe(plain, sizeof(plain));
	return rc;
}

int
line_on_datagram(struct line *line, unsigned path, const uint8_t *datagram,
    size_t len, const struct origin *from, uint64_t now_ns)
{
	int rc = take_datagram(line, path, datagram, len, from, now_ns);

	if (rc == OK)
		line->counts.frames_taken++;
	else
		line->counts.frames_refused++;
	tell_all(line, now_ns);
	return rc;
}

/* -- what the keeper says --------------------------------------------------- */

static int
on_boot_order(struct line *line, const struct line_order *order,
    uint64_t now_ns)
{
	struct exchange *exchange = &line->boot.exchange;
	const bool confirming = exchange->state == EXCHANGE_CONFIRMING;
	int rc;

	if (line->boot.stance != BOOT_WHOLE)
		return ERR_STATE;
	if ((rc = exchange_on_order(exchange, order)) != OK)
		return rc;
	if (order->kind == LINE_ORDER_MESSAGE_2) {
		session_expect(&line->session, &order->keys, now_ns);
		line->next_is_boot = true;
	} else if (order->kind == LINE_ORDER_KEYS) {
		begin_session(line, now_ns);
		session_replace(&line->session, &order->keys, now_ns);
		line->cur_attempt = order->attempt;
		line->proved_due = false;
		boot_on_session(&line->boot);
		line->counts.sessions++;
	} else if (order->kind == LINE_ORDER_CONFIRMED) {
		session_confirm(&line->session, 0);
		boot_on_session(&line->boot);
		line->counts.sessions++;
	} else if (order->kind == LINE_ORDER_FAILED && confirming) {
		enter_boot(line, now_ns);
	}
	return OK;
}

static int
on_rekey_order(struct line *line, const struct line_order *order,
    uint64_t now_ns)
{
	struct exchange *exchange = &line->rekey.exchange;
	const bool confirming = exchange->state == EXCHANGE_CONFIRMING;
	int rc;

	if (line->boot.stance == BOOT_WHOLE)
		return ERR_STATE;
	if ((rc = rekey_on_order(&line->rekey, order, now_ns)) != OK)
		return rc;
	if (order->kind == LINE_ORDER_MESSAGE_2) {
		session_expect(&line->session, &order->keys, now_ns);
		line->next_is_boot = false;
	} else if (order->kind == LINE_ORDER_KEYS) {
		session_replace(&line->session, &order->keys, now_ns);
		line->cur_attempt = order->attempt;
		line->proved_due = false;
		stream_out_on_rekey(&line->out);
		line->counts.sessions++;
	} else if (order->kind == LINE_ORDER_CONFIRMED) {
		session_confirm(&line->session,
		    now_ns +
			cadence_longer_ns(line->config.cadence, KEY_PREVIOUS_S,
			    KEY_PREVIOUS_SLOTS));
		stream_out_on_rekey(&line->out);
		line->counts.sessions++;
	} else if (order->kind == LINE_ORDER_FAILED && confirming) {
		/* A sends under keys that we can never send under. */
		enter_boot(line, now_ns);
	}
	return OK;
}

static int
on_exchange_order(struct line *line, const struct line_order *order,
    uint64_t now_ns)
{
	if (order->attempt.kind == HANDSHAKE_BOOT)
		return on_boot_order(line, order, now_ns);
	return on_rekey_order(line, order, now_ns);
}

/* Each path says it in its next frame. */
static void
say_again(struct line *line, bool have, bool status)
{
	size_t i;

	for (i = 0; i < LINE_PATHS_MAX; i++) {
		line->lane[i].say_have.changed |= have;
		line->lane[i].say_status.changed |= status;
	}
}

static int
on_attach(struct line *line, const struct line_order *order)
{
	boot_on_hints(&line->boot, &order->hints);
	line->have = order->have;
	line->status = order->status;
	say_again(line, true, true);
	stream_in_on_attach(&line->in, &order->have, order->partial_n);
	stream_out_want_again(&line->out);
	boot_tell_again(&line->boot);
	exchange_tell_again(&line->rekey.exchange);
	/* The keeper that was told may have died of it. */
	line->proved_due = line->config.role == ROLE_A &&
	    line->boot.stance != BOOT_WHOLE && !line->rekey.unproved;
	hearing_tell_again(&line->hearing);
	return OK;
}

/* What the keeper was handed broke the rules, or our own disk has lost of it. */
static void
on_fault(struct line *line, const struct line_order *order, uint64_t now_ns)
{
	line->have = order->have;
	stream_in_on_fault(&line->in, &order->have, order->partial_n);
	(void)end_for_fault(line, order->fault, now_ns);
}

static int
take_order(struct line *line, const struct line_order *order, uint64_t now_ns)
{
	switch (order->kind) {
	case LINE_ORDER_ATTACH:
		return on_attach(line, order);
	case LINE_ORDER_HINTS:
		boot_on_hints(&line->boot, &order->hints);
		return OK;
	case LINE_ORDER_KEYS:
	case LINE_ORDER_CONFIRMED:
		/* Of one step with the keys: else wire could answer a peer that
		 * restarts with secrets that lie behind.  They moved on disk,
		 * whether anybody still waits for the keys or not. */
		boot_on_hints(&line->boot, &order->hints);
		return on_exchange_order(line, order, now_ns);
	case LINE_ORDER_MESSAGE_1:
	case LINE_ORDER_MESSAGE_2:
	case LINE_ORDER_FAILED:
		return on_exchange_order(line, order, now_ns);
	case LINE_ORDER_PIECE:
		return stream_out_on_piece(&line->out, &order->piece);
	case LINE_ORDER_HAVE:
		line->have = order->have;
		say_again(line, true, false);
		stream_in_on_synced(&line->in, &order->have, order->partial_n);
		return OK;
	case LINE_ORDER_STATUS:
		line->status = order->status;
		say_again(line, false, true);
		return OK;
	case LINE_ORDER_FAULT:
		on_fault(line, order, now_ns);
		return OK;
	case LINE_ORDER_GOODBYE:
		line->leaving = order->why;
		return OK;
	case LINE_ORDER_COUNT:
		break;
	}
	return ERR_FORMAT;
}

int
line_on_order(struct line *line, const struct line_order *order,
    uint64_t now_ns)
{
	int rc = take_order(line, order, now_ns);

	/* What was held back, and what the order made room for. */
	if (order->kind == LINE_ORDER_ATTACH && rc == OK)
		rc = tell_pieces(line, now_ns);
	tell_all(line, now_ns);
	return rc;
}

void
line_on_keeper_lost(struct line *line)
{
	stream_in_on_keeper_lost(&line->in);
}

/* -- what leaves ------------------------------------------------------------ */

/* R8, and whatever else only time does. */
static void
expire(struct line *line, unsigned path, uint64_t now_ns)
{
	const struct session_key *cur = &line->session.key[SESSION_CUR];
	const uint64_t heard_ns = hearing_last_ns(&line->hearing);
	struct flight flight = { line, path };
	const bool is_old = session_is_live(&line->session) &&
	    now_ns - cur->born_ns >= cadence_longer_ns(line->config.cadence,
					 KEY_AGE_S, KEY_AGE_SLOTS);

	session_expire(&line->session, now_ns);
	if (line->boot.stance == BOOT_WHOLE) {
		/* A peer that restarted, and left again before it had booted. */
		if (is_old) {
			session_drop(&line->session, SESSION_CUR);
			session_drop(&line->session, SESSION_PREV);
		}
		return;
	}
	ack_expire(&line->lane[path].outbox, now_ns,
	    cadence_slot_ns(line->config.cadence), settle, &flight);
	if (now_ns - heard_ns >= cadence_longer_ns(line->config.cadence,
				     SESSION_SILENT_S, SESSION_SILENT_SLOTS) ||
	    is_old) {
		/* People are told of one silence, not of two. */
		enter_boot(line, heard_ns);
		return;
	}
	if (now_ns - heard_ns >=
	    cadence_longer_ns(line->config.cadence, SILENCE_S, SILENCE_SLOTS))
		boot_call(&line->boot, now_ns);
	rekey_on_slot(&line->rekey, now_ns);
}

static bool
put_ctrl(struct writer *w, const struct ctrl *ctrl)
{
	struct writer body = frame_record_begin(w);

	ctrl_encode(&body, ctrl);
	return frame_record_end(w, &body, FRAME_CTRL);
}

/* Says what is due; false where there was no room. */
static bool
put_saying(struct writer *w, struct saying *saying, const struct ctrl *ctrl)
{
	if (!put_ctrl(w, ctrl))
		return false;
	saying_on_said(saying);
	return true;
}

static bool
put_have(struct line *line, struct lane *lane, struct writer *w)
{
	const struct ctrl ctrl = { .kind = CTRL_HAVE, .have = line->have };

	return put_saying(w, &lane->say_have, &ctrl);
}

static uint32_t
ms_since(uint64_t since_ns, uint64_t now_ns)
{
	const uint64_t ms = (now_ns - since_ns) / CLOCK_NS_PER_MS;

	return ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
}

static bool
put_status(struct line *line, struct lane *lane, struct writer *w,
    uint64_t now_ns)
{
	struct ctrl ctrl = { .kind = CTRL_STATUS, .status = line->status };

	ctrl.number = line->statuses_said + 1;
	ctrl.status.heard_ms_ago =
	    ms_since(hearing_last_ns(&line->hearing), now_ns);
	ctrl.status.running_ms = ms_since(line->begun_ns, now_ns);
	if (!put_saying(w, &lane->say_status, &ctrl))
		return false;
	line->statuses_said++;
	return true;
}

static void
put_ctrls(struct line *line, struct lane *lane, struct writer *w,
    uint64_t now_ns)
{
	const struct ctrl goodbye = { .kind = CTRL_GOODBYE,
		.why = line->leaving };
	bool all = true;

	lane->say_have.frames++;
	lane->say_status.frames++;
	if (line->leaving != WHY_NONE)
		all &= put_ctrl(w, &goodbye);
	if (saying_is_due(&lane->say_have))
		all &= put_have(line, lane, w);
	if (saying_is_due(&lane->say_status))
		all &= put_status(line, lane, w, now_ns);
	lane->ctrl_waits = all ? 0 : lane->ctrl_waits + 1;
}

static void
put_part(struct line *line, unsigned path, struct writer *w, uint64_t now_ns)
{
	struct lane *lane = &line->lane[path];
	struct writer body;

	if (!rekey_has_part(&line->rekey, path))
		return;
	body = frame_record_begin(w);
	rekey_encode(&line->rekey, path, &body);
	if (!frame_record_end(w, &body, FRAME_HANDSHAKE)) {
		lane->part_waits++;
		return;
	}
	lane->part_waits = 0;
	rekey_said(&line->rekey, path, now_ns,
	    ack_patience_ns(&lane->outbox,
		cadence_slot_ns(line->config.cadence),
		HANDSHAKE_ROUND_SLACK_SLOTS));
}

/* Of what this path has to acknowledge, that which waited longest. */
static void
put_ack(struct line *line, unsigned on, struct writer *w, uint64_t now_ns)
{
	struct ack_inbox *oldest = NULL, *inbox;
	struct writer body;
	unsigned i, path = 0;

	for (i = 0; i < LINE_PATHS_MAX; i++) {
		inbox = &line->arrivals[i].inbox;
		if (!ack_is_due(inbox, on) ||
		    (oldest != NULL &&
			oldest->unsaid[on].since_ns <=
			    inbox->unsaid[on].since_ns))
			continue;
		oldest = inbox;
		path = i;
	}
	if (oldest == NULL)
		return;
	body = frame_record_begin(w);
	ack_encode(oldest, &body, path, now_ns);
	if (frame_record_end(w, &body, FRAME_ACK))
		ack_said(oldest, on);
}

/* Nothing of it is heard to arrive, while another path works: what rides on it
 * rides on chance. */
static bool
is_in_doubt(const struct line *line, unsigned path, uint64_t now_ns)
{
	const uint64_t slot_ns = cadence_slot_ns(line->config.cadence);
	bool other = false;
	unsigned i;

	for (i = 0; i < LINE_PATHS_MAX; i++) {
		if (i != path && lane_works(&line->lane[i], slot_ns, now_ns))
			other = true;
	}
	return other && !lane_works(&line->lane[path], slot_ns, now_ns);
}

static void
put_chunks(struct line *line, unsigned path, struct writer *w, uint64_t ctr,
    uint64_t now_ns)
{
	if (is_in_doubt(line, path, now_ns))
		stream_out_pass(&line->out);
	else
		ack_set_load(&line->lane[path].outbox, ctr,
		    stream_out_fill(&line->out, path, w));
	stream_out_repeat(&line->out, w);
}

/* ACK first; then key changes and control, whichever has waited longer; then
 * records by class. */
static void
fill_session(struct line *line, unsigned path, struct writer *w,
    uint64_t now_ns)
{
	struct flight flight = { line, path };
	struct lane *lane = &line->lane[path];
	uint64_t ctr = ack_on_sent(&lane->outbox, now_ns, settle, &flight);

	assert(ctr <= CTR_MASK);
	buf_put_u64(w, ctr | (uint64_t)path << CTR_PATH_SHIFT);
	put_ack(line, path, w, now_ns);
	if (lane->part_waits >= lane->ctrl_waits) {
		put_part(line, path, w, now_ns);
		put_ctrls(line, lane, w, now_ns);
	} else {
		put_ctrls(line, lane, w, now_ns);
		put_part(line, path, w, now_ns);
	}
	put_chunks(line, path, w, ctr, now_ns);
}

static void
fill_boot(struct line *line, unsigned path, struct writer *w)
{
	const struct boot_path *place = &line->boot.path[path];
	struct lane *lane = &line->lane[path];
	struct boot_frame frame;

	boot_fill(&line->boot, path, &frame);
	boot_encode(w, &frame);
	/* A session's place is not a boot frame's to change, but it may be gone. */
	if ((line->boot.stance == BOOT_WHOLE || lane->to.len == 0) &&
	    lane_learns(lane) && place->your_origin.len != 0)
		lane_seek(lane, &place->your_origin, line->rng);
}

void
line_prepare(struct line *line, unsigned path, uint8_t *out, uint64_t now_ns)
{
	const size_t frame_bytes = line->config.cadence.frame_bytes;
	uint8_t *plain = out + FRAME_NONCE_BYTES;
	uint8_t nonce[FRAME_NONCE_BYTES];
	const uint8_t *key;
	struct writer w;

	assert(path < LINE_PATHS_MAX && line->lane[path].open);
	expire(line, path, now_ns);
	/* In the frame itself: sealing leaves nothing of it to wipe. */
	memset(plain, 0, frame_plain_bytes(frame_bytes));
	buf_write(&w, plain, frame_plain_bytes(frame_bytes));
	if (boot_takes_slot(&line->boot, path, now_ns)) {
		fill_boot(line, path, &w);
		key = line->config.boot_send;
	} else {
		fill_session(line, path, &w, now_ns);
		key = line->session.key[SESSION_CUR].keys.send;
	}
	assert(buf_is_sound(&w));
	line->counts.frames_sent++;
	if (line->leaving != WHY_NONE)
		line->lane[path].goodbyes++;
	frame_nonce_draw(&line->nonces, now_ns, line->counts.frames_sent, path,
	    nonce);
	frame_seal(out, frame_bytes, nonce, key, plain);
	tell_all(line, now_ns);
}

const struct origin *
line_destination(const struct line *line, unsigned path)
{
	assert(path < LINE_PATHS_MAX);
	return &line->lane[path].to;
}

bool
line_has_said_goodbye(const struct line *line)
{
	const struct lane *lane;
	size_t i;

	/* What goes nowhere says nothing to anybody. */
	for (i = 0; i < LINE_PATHS_MAX; i++) {
		lane = &line->lane[i];
		if (lane->open && lane->to.len != 0 &&
		    lane->goodbyes < GOODBYE_FRAMES)
			return false;
	}
	return line->leaving != WHY_NONE;
}
