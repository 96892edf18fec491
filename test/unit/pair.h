/* Owns two lines back to back in one process: a network that loses, doubles,
 * delays and replays, and two keepers that answer with made-up keys. */
#ifndef TEST_PAIR_H
#define TEST_PAIR_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/rng.h"
#include "core/frame.h"
#include "core/line.h"

enum {
	PAIR_RECORDS_MAX = 400,
	PAIR_ORDERS_MAX = 1024,
	PAIR_NET_MAX = 512,
	PAIR_TAPE_MAX = 256,
	PAIR_SECRET_BYTES = 16,
	PAIR_PIECE_BYTES = 3000,
	PAIR_EVENTS_MAX = LINE_EVENT_COUNT,
	PAIR_FORGE_MAX = FRAME_RECORDS_BYTES_MAX,
};

struct pair_secret {
	uint8_t bytes[PAIR_SECRET_BYTES];
};

/* What one made-up handshake gives. */
struct pair_keys {
	struct session_keys keys;
	uint8_t cur[HINT_BYTES];
	struct pair_secret exporter;
};

struct pair_order {
	struct line_order order;
	uint8_t data[PAIR_PIECE_BYTES];
	uint64_t due_ns;
};

struct pair_side {
	struct line *line;
	enum line_role role;
	struct rng_seeded seeded;
	uint64_t lives; /* of its wire */

	/* Its keeper. */
	bool attached;
	bool mute;    /* takes requests, answers none */
	bool refuses; /* answers no handshake */
	struct hints hints;
	struct pair_secret exporter;
	struct pair_secret offered; /* A: of the attempt in hand */
	struct attempt offered_attempt;
	uint8_t offered_use[HINT_BYTES];
	bool offering;
	struct pair_keys pending; /* B: synced, not confirmed */
	struct attempt pending_attempt;
	uint8_t pending_use[HINT_BYTES];
	bool has_pending;
	struct session_keys known[4]; /* the last keys it sent under */
	uint64_t confirmed;	      /* continuity moved */

	/* Our journal. */
	unsigned records;
	enum record_class class[PAIR_RECORDS_MAX + 1];
	uint32_t len[PAIR_RECORDS_MAX + 1];
	struct want want;
	bool wanted;
	struct have peer_has;
	bool has_peer_has;

	/* Theirs, as it came and as it is synced. */
	struct have have;
	uint64_t partial_n[CLASS_COUNT];
	struct have synced;
	uint64_t synced_partial_n[CLASS_COUNT];
	bool syncs; /* off: a keeper that never syncs */
	unsigned taken[PAIR_RECORDS_MAX + 1];

	struct status peer_status;
	struct line_report report;
	unsigned events[PAIR_EVENTS_MAX];
	unsigned faults[FAULT_COUNT];

	struct pair_order *orders; /* a queue */
	size_t orders_first, orders_count;

	/* Its next frame's records are replaced by these. */
	uint8_t forged[PAIR_FORGE_MAX];
	size_t forged_len;
	bool forges;
	bool lies; /* it forged once: what it sends is not checked */

	/* Boot and session frames that left, for replaying. */
	uint8_t (*tape)[FRAME_BYTES_MAX];
	size_t tape_count;
	bool stopped; /* sends nothing: its post is down */
	uint8_t last_frame[FRAME_BYTES_MAX];
	uint8_t last_frames[LINE_PATHS_MAX][FRAME_BYTES_MAX];
	uint8_t terms;
	uint16_t also_frame_bytes;
	uint8_t peer_terms;
};

struct pair_datagram {
	uint8_t bytes[FRAME_BYTES_MAX];
	uint64_t due_ns;
	int to;
	unsigned path;
	bool used;
};

struct pair {
	struct pair_side side[2];
	struct cadence cadence;
	uint64_t now_ns;
	struct rng_seeded seeded;
	struct rng rng;
	unsigned loss_percent;
	unsigned double_percent;
	unsigned replay_percent;
	unsigned delay_slots; /* at most */
	unsigned keeper_delay_slots;
	bool cut[2]; /* what this side sends is lost */
	/* Paths of each side, joined by number; what is cut of them, and whence
	 * the frames of each seem to come. */
	unsigned paths;
	bool path_cut[2][LINE_PATHS_MAX];
	uint8_t place[2][LINE_PATHS_MAX];
	struct pair_datagram *net;
	size_t net_top;	   /* above are none in use */
	uint64_t net_lost; /* found the network full */
};

static inline bool
pair_draws(struct pair *pair, unsigned percent)
{
	return percent > 0 && rng_below(pair->rng, 100) < percent;
}

/* Byte `offset` of record n of a side; its first eight name the one before it in
 * its class. */
static inline uint8_t
pair_byte(const struct pair_side *side, uint64_t n, uint64_t offset)
{
	uint64_t after = n - 1;

	if (offset >= 8)
		return (uint8_t)((n * 131 + offset * 7 + offset / 251) ^
		    (side->role == ROLE_A ? 0x00 : 0x5a));
	while (after > 0 && side->class[after] != side->class[n])
		after--;
	return (uint8_t)(after >> 8 * offset);
}

/* -- the keeper ------------------------------------------------------------- */

static inline void
pair_queue(struct pair *pair, struct pair_side *side,
    const struct line_order *order, const uint8_t *data, size_t len)
{
	struct pair_order *slot;

	if (!side->attached)
		return;
	assert(side->orders_count < PAIR_ORDERS_MAX && len <= PAIR_PIECE_BYTES);
	slot = &side->orders[(side->orders_first + side->orders_count++) %
	    PAIR_ORDERS_MAX];
	slot->order = *order;
	if (len > 0)
		memcpy(slot->data, data, len);
	slot->order.data = slot->data;
	slot->order.piece.data = slot->data;
	slot->order.len = len;
	slot->due_ns = pair->now_ns +
	    pair->keeper_delay_slots * cadence_slot_ns(pair->cadence);
}

static inline void
pair_tell_hints(struct pair *pair, struct pair_side *side)
{
	struct line_order order = { .kind = LINE_ORDER_HINTS,
		.hints = side->hints };

	pair_queue(pair, side, &order, NULL, 0);
}

static inline void
pair_tell_have(struct pair *pair, struct pair_side *side,
    enum line_order_kind kind)
{
	struct line_order order = { .kind = kind,
		.hints = side->hints,
		.have = side->synced };

	memcpy(order.partial_n, side->synced_partial_n,
	    sizeof(order.partial_n));
	order.status.watch = WATCH_ON;
	pair_queue(pair, side, &order, NULL, 0);
}

/* What was taken in is safe: from here on it counts. */
static inline void
pair_sync(struct pair *pair, struct pair_side *side)
{
	const struct pair_side *peer = &pair->side[side->role == ROLE_A];
	uint64_t n;
	int c;

	for (c = 0; c < CLASS_COUNT; c++) {
		n = side->synced.at[c].n;
		while (n < side->have.at[c].n && n < PAIR_RECORDS_MAX) {
			n++;
			if ((int)peer->class[n] == c)
				side->taken[n]++;
		}
	}
	side->synced = side->have;
	memcpy(side->synced_partial_n, side->partial_n,
	    sizeof(side->partial_n));
	pair_tell_have(pair, side, LINE_ORDER_HAVE);
}

/* Hands over what there is, as far as the line wants it. */
static inline void
pair_push(struct pair *pair, struct pair_side *side)
{
	uint8_t data[PAIR_PIECE_BYTES];
	struct line_order order = { .kind = LINE_ORDER_PIECE };
	struct position *at;
	uint64_t n, left, len, i;
	int c;

	if (!side->wanted || !side->attached)
		return;
	for (c = 0; c < CLASS_COUNT; c++) {
		at = &side->want.at[c];
		for (n = at->n + 1; n <= side->records && n > at->n; n++) {
			if ((int)side->class[n] != c)
				continue;
			while (at->offset < side->len[n] &&
			    side->want.room[c] > 0) {
				left = side->len[n] - at->offset;
				len = left < side->want.room[c]
				    ? left
				    : side->want.room[c];
				if (len > PAIR_PIECE_BYTES)
					len = PAIR_PIECE_BYTES;
				for (i = 0; i < len; i++)
					data[i] =
					    pair_byte(side, n, at->offset + i);
				order.piece =
				    (struct piece){ (enum record_class)c, n,
					    at->offset,
					    at->offset + len == side->len[n],
					    data, len };
				pair_queue(pair, side, &order, data, len);
				at->offset += len;
				side->want.room[c] -= (uint32_t)len;
			}
			if (at->offset < side->len[n])
				break;
			*at = (struct position){ n, 0 };
		}
	}
}

static inline void
pair_add(struct pair *pair, int from, enum record_class class, uint32_t len)
{
	struct pair_side *side = &pair->side[from];

	assert(side->records < PAIR_RECORDS_MAX && len > 8);
	side->records++;
	side->class[side->records] = class;
	side->len[side->records] = len;
	pair_push(pair, side);
}

/* Keys of one made-up handshake, as A sends and receives. */
static inline void
pair_derive(struct pair_keys *keys, const uint8_t *one, const uint8_t *two,
    bool is_a)
{
	size_t i;
	uint8_t mix;

	for (i = 0; i < SESSION_KEY_BYTES; i++) {
		mix = (uint8_t)(one[i % PAIR_SECRET_BYTES] +
		    two[(i + 3) % PAIR_SECRET_BYTES]);
		keys->keys.send[i] = is_a ? mix : (uint8_t)~mix;
		keys->keys.recv[i] = is_a ? (uint8_t)~mix : mix;
	}
	memcpy(keys->cur, one, HINT_BYTES);
	for (i = 0; i < PAIR_SECRET_BYTES; i++)
		keys->exporter.bytes[i] = one[i] ^ two[i];
}

/* Messages: kind, number, what it rests on, and the secrets. */
enum { PAIR_AT_RESTS = 9, PAIR_AT_ONE = 25, PAIR_AT_TWO = 41 };

static inline void
pair_write_message(uint8_t *data, size_t len, const struct attempt *attempt,
    const uint8_t *rests, size_t rests_len, const uint8_t *one,
    const uint8_t *two)
{
	struct writer w;

	memset(data, 0xa5, len);
	memset(data + PAIR_AT_RESTS, 0, PAIR_SECRET_BYTES);
	buf_write(&w, data, len);
	buf_put_u8(&w, (uint8_t)attempt->kind);
	buf_put_u64(&w, attempt->number);
	memcpy(data + PAIR_AT_RESTS, rests, rests_len);
	memcpy(data + PAIR_AT_ONE, one, PAIR_SECRET_BYTES);
	if (two)
		memcpy(data + PAIR_AT_TWO, two, PAIR_SECRET_BYTES);
}

static inline void
pair_fail(struct pair *pair, struct pair_side *side,
    const struct attempt *attempt)
{
	struct line_order order = { .kind = LINE_ORDER_FAILED,
		.attempt = *attempt };

	pair_queue(pair, side, &order, NULL, 0);
}

static inline void
pair_make_1(struct pair *pair, struct pair_side *side,
    const struct attempt *attempt)
{
	struct line_order order = { .kind = LINE_ORDER_MESSAGE_1,
		.attempt = *attempt };
	uint8_t data[HANDSHAKE_1_BYTES];

	rng_fill(pair->rng, side->offered.bytes, PAIR_SECRET_BYTES);
	side->offered_attempt = *attempt;
	side->offering = true;
	memcpy(side->offered_use,
	    attempt->kind == HANDSHAKE_BOOT && attempt->use == CONTINUITY_PREV
		? side->hints.prev
		: side->hints.cur,
	    HINT_BYTES);
	if (attempt->kind == HANDSHAKE_BOOT)
		pair_write_message(data, sizeof(data), attempt,
		    side->offered_use, HINT_BYTES, side->offered.bytes, NULL);
	else
		pair_write_message(data, sizeof(data), attempt,
		    side->exporter.bytes, PAIR_SECRET_BYTES,
		    side->offered.bytes, NULL);
	pair_queue(pair, side, &order, data, sizeof(data));
}

static inline void
pair_answer_1(struct pair *pair, struct pair_side *side,
    const struct line_event *event)
{
	const bool is_boot = event->attempt.kind == HANDSHAKE_BOOT;
	struct line_order order = { .kind = LINE_ORDER_MESSAGE_2,
		.attempt = event->attempt };
	uint8_t data[HANDSHAKE_2_BYTES], two[PAIR_SECRET_BYTES];
	struct reader r;
	bool fits;

	assert(event->len == HANDSHAKE_1_BYTES);
	buf_read(&r, event->data, event->len);
	fits = buf_get_u8(&r) == event->attempt.kind;
	fits &= buf_get_u64(&r) == event->attempt.number;
	fits &= memcmp(event->data + PAIR_AT_RESTS,
		    is_boot ? side->hints.cur : side->exporter.bytes,
		    is_boot ? HINT_BYTES : PAIR_SECRET_BYTES) == 0;
	if (!fits || side->refuses) {
		pair_fail(pair, side, &event->attempt);
		return;
	}
	rng_fill(pair->rng, two, sizeof(two));
	pair_write_message(data, sizeof(data), &event->attempt,
	    event->data + PAIR_AT_RESTS, PAIR_SECRET_BYTES,
	    event->data + PAIR_AT_ONE, two);
	pair_derive(&side->pending, event->data + PAIR_AT_ONE, two, false);
	memcpy(side->pending_use, side->hints.cur, HINT_BYTES);
	side->pending_attempt = event->attempt;
	side->has_pending = true;
	order.keys = side->pending.keys;
	pair_queue(pair, side, &order, data, sizeof(data));
}

static inline void
pair_move_keys(struct pair_side *side, const struct pair_keys *keys,
    const uint8_t used[HINT_BYTES])
{
	uint8_t prev[HINT_BYTES];

	memcpy(prev, used, HINT_BYTES);
	memcpy(side->hints.prev, prev, HINT_BYTES);
	memcpy(side->hints.cur, keys->cur, HINT_BYTES);
	side->hints.proved = false;
	side->exporter = keys->exporter;
	memmove(&side->known[1], &side->known[0], 3 * sizeof(side->known[0]));
	side->known[0] = keys->keys;
	side->confirmed++;
}

static inline void
pair_finish_2(struct pair *pair, struct pair_side *side,
    const struct line_event *event)
{
	struct line_order order = { .kind = LINE_ORDER_KEYS,
		.attempt = event->attempt };
	struct pair_keys keys;

	assert(event->len == HANDSHAKE_2_BYTES);
	if (!side->offering || side->refuses ||
	    side->offered_attempt.number != event->attempt.number ||
	    side->offered_attempt.kind != event->attempt.kind ||
	    memcmp(event->data + PAIR_AT_ONE, side->offered.bytes,
		PAIR_SECRET_BYTES) != 0) {
		pair_fail(pair, side, &event->attempt);
		return;
	}
	side->offering = false;
	pair_derive(&keys, side->offered.bytes, event->data + PAIR_AT_TWO,
	    true);
	pair_move_keys(side, &keys, side->offered_use);
	order.keys = keys.keys;
	order.hints = side->hints;
	pair_queue(pair, side, &order, NULL, 0);
}

static inline void
pair_confirm(struct pair *pair, struct pair_side *side,
    const struct attempt *attempt)
{
	struct line_order order = { .kind = LINE_ORDER_CONFIRMED,
		.attempt = *attempt };

	assert(side->has_pending || side->confirmed > 0);
	if (side->has_pending) {
		assert(side->pending_attempt.number == attempt->number);
		assert(side->pending_attempt.kind == attempt->kind);
		pair_move_keys(side, &side->pending, side->pending_use);
		side->has_pending = false;
	}
	order.hints = side->hints;
	pair_queue(pair, side, &order, NULL, 0);
}

/* In order within its class, each byte once; the first of a piece may be known. */
static inline void
pair_take(struct pair_side *side, const struct pair_side *peer,
    const struct piece *piece)
{
	struct position *at = &side->have.at[piece->class];
	uint64_t *partial_n = &side->partial_n[piece->class], i;

	assert(piece->n > at->n && piece->offset <= at->offset);
	assert(at->offset == 0 || piece->n == *partial_n);
	assert(piece->offset + piece->len > at->offset);
	if (!peer->lies) {
		assert(piece->n <= peer->records);
		assert(peer->class[piece->n] == piece->class);
		assert(piece->offset + piece->len <= peer->len[piece->n]);
		assert(piece->fin ==
		    (piece->offset + piece->len == peer->len[piece->n]));
		for (i = 0; i < piece->len; i++)
			assert(piece->data[i] ==
			    pair_byte(peer, piece->n, piece->offset + i));
		for (i = at->n + 1; i < piece->n; i++)
			assert(peer->class[i] != piece->class);
	}
	*at = (struct position){ at->n, piece->offset + piece->len };
	*partial_n = piece->n;
	if (!piece->fin)
		return;
	*at = (struct position){ piece->n, 0 };
	*partial_n = 0;
}

struct pair_context {
	struct pair *pair;
	int index;
};

static inline struct pair_context *
pair_contexts(struct pair *pair)
{
	/* Behind the pair, where pair_new makes room for both. */
	return (struct pair_context *)(void *)(pair + 1);
}

static inline void
pair_tell(void *ctx, const struct line_event *event)
{
	const struct pair_context *context = ctx;
	struct pair *pair = context->pair;
	struct pair_side *side = &pair->side[context->index];
	struct pair_side *peer = &pair->side[!context->index];

	side->events[event->kind]++;
	if (event->kind == LINE_EVENT_REPORT)
		side->report = event->report;
	if (event->kind == LINE_EVENT_FAULT)
		side->faults[event->fault]++;
	if (!side->attached)
		return;
	switch (event->kind) {
	case LINE_EVENT_MAKE_1:
		if (!side->mute)
			pair_make_1(pair, side, &event->attempt);
		break;
	case LINE_EVENT_ANSWER_1:
		if (!side->mute)
			pair_answer_1(pair, side, event);
		break;
	case LINE_EVENT_FINISH_2:
		if (!side->mute)
			pair_finish_2(pair, side, event);
		break;
	case LINE_EVENT_CONFIRM:
		if (!side->mute)
			pair_confirm(pair, side, &event->attempt);
		break;
	case LINE_EVENT_PROVED:
		side->hints.proved = true;
		pair_tell_hints(pair, side);
		break;
	case LINE_EVENT_DATA:
		pair_take(side, peer, &event->piece);
		break;
	case LINE_EVENT_HAVE:
		side->peer_has = event->have;
		side->has_peer_has = true;
		break;
	case LINE_EVENT_STATUS:
		side->peer_status = event->status;
		break;
	case LINE_EVENT_WANT:
		side->want = event->want;
		side->wanted = true;
		pair_push(pair, side);
		break;
	case LINE_EVENT_TERMS:
		side->peer_terms = event->terms;
		break;
	case LINE_EVENT_REPORT:
	case LINE_EVENT_FAULT:
	case LINE_EVENT_COUNT:
		break;
	}
}

/* Orders whose time has come, and what follows from them. */
static inline void
pair_run_orders(struct pair *pair, int index)
{
	struct pair_side *side = &pair->side[index];
	struct pair_order *slot;

	while (side->orders_count > 0) {
		slot = &side->orders[side->orders_first];
		if (slot->due_ns > pair->now_ns)
			return;
		(void)!line_on_order(side->line, &slot->order, pair->now_ns);
		if (side->orders_count == 0)
			return;
		side->orders_first = (side->orders_first + 1) % PAIR_ORDERS_MAX;
		side->orders_count--;
	}
}

/* -- wires ------------------------------------------------------------------- */

static inline void
pair_lose_keeper(struct pair *pair, int index)
{
	struct pair_side *side = &pair->side[index];

	side->attached = false;
	side->wanted = false;
	side->offering = false; /* what was not synced is gone */
	side->orders_count = 0;
	side->have = side->synced;
	memcpy(side->partial_n, side->synced_partial_n,
	    sizeof(side->partial_n));
	line_on_keeper_lost(side->line);
}

static inline void
pair_attach(struct pair *pair, int index)
{
	pair->side[index].attached = true;
	pair_tell_have(pair, &pair->side[index], LINE_ORDER_ATTACH);
}

/* Its wire ends and starts anew; its keeper lives, and hands what it has taken in
 * over to the disk. */
static inline void
pair_restart(struct pair *pair, int index)
{
	static const uint8_t number[2] = { 'a', 'b' };
	struct pair_side *side = &pair->side[index];
	struct line_config config = { .role = side->role,
		.cadence = pair->cadence,
		.terms = side->terms,
		.also_frame_bytes = side->also_frame_bytes };
	struct line_way way = { .peer = { { number[!index] }, 1 } };
	unsigned path;

	memset(config.boot_send, index == 0 ? 1 : 2, sizeof(config.boot_send));
	memset(config.boot_recv, index == 0 ? 2 : 1, sizeof(config.boot_recv));
	pair_sync(pair, side);
	side->lives++;
	side->orders_count = 0;
	side->wanted = false;
	side->line = line_init(side->line, &config,
	    rng_from_seed(&side->seeded, rng_u64(pair->rng) + side->lives),
	    pair_tell, &pair_contexts(pair)[index], pair->now_ns);
	for (path = 0; path < pair->paths; path++) {
		way.peer.bytes[1] = (uint8_t)path;
		way.peer.len = path == 0 ? 1 : 2;
		line_open_path(side->line, path, &way, pair->now_ns);
	}
	pair_attach(pair, index);
}

/* As new, in the memory that it has. */
static inline void
pair_begin(struct pair *pair, uint64_t seed, struct cadence cadence)
{
	struct pair_datagram *net = pair->net;
	int i;

	for (i = 0; i < PAIR_NET_MAX; i++)
		net[i].used = false;
	for (i = 0; i < 2; i++) {
		const struct pair_side had = pair->side[i];

		memset(&pair->side[i], 0, sizeof(pair->side[i]));
		pair->side[i].line = had.line;
		pair->side[i].orders = had.orders;
		pair->side[i].tape = had.tape;
	}
	*pair = (struct pair){ { pair->side[0], pair->side[1] },
		.cadence = cadence, .net = net, .paths = 1 };
	memset(pair->place, 'x', sizeof(pair->place));
	pair->now_ns = UINT64_C(1000) * CLOCK_NS_PER_S;
	pair->rng = rng_from_seed(&pair->seeded, seed);
	for (i = 0; i < 2; i++) {
		struct pair_side *side = &pair->side[i];

		pair_contexts(pair)[i] = (struct pair_context){ pair, i };
		side->role = i == 0 ? ROLE_A : ROLE_B;
		side->syncs = true;
		side->have.credit = side->synced.credit = UINT64_C(1) << 40;
		memset(side->hints.cur, 0xc0, HINT_BYTES);
		memset(side->hints.prev, 0xc0, HINT_BYTES);
		pair_restart(pair, i);
	}
}

static inline struct pair *
pair_new(uint64_t seed, struct cadence cadence)
{
	static const struct cadence fastest = { FRAME_BYTES_MAX, SLOT_US_MIN };
	struct pair *pair =
	    calloc(1, sizeof(*pair) + 2 * sizeof(struct pair_context));
	int i;

	assert(pair);
	pair->net = calloc(PAIR_NET_MAX, sizeof(*pair->net));
	assert(pair->net);
	for (i = 0; i < 2; i++) {
		struct pair_side *side = &pair->side[i];

		/* It may begin anew at another cadence. */
		side->line = malloc(line_bytes(fastest));
		side->orders = calloc(PAIR_ORDERS_MAX, sizeof(*side->orders));
		side->tape = calloc(PAIR_TAPE_MAX, sizeof(*side->tape));
		assert(side->line && side->orders && side->tape);
	}
	pair_begin(pair, seed, cadence);
	return pair;
}

static inline void
pair_free(struct pair *pair)
{
	int i;

	for (i = 0; i < 2; i++) {
		line_wipe(pair->side[i].line);
		free(pair->side[i].line);
		free(pair->side[i].orders);
		free(pair->side[i].tape);
	}
	free(pair->net);
	free(pair);
}

/* -- the network ------------------------------------------------------------- */

static inline void
pair_post(struct pair *pair, int to, unsigned path, const uint8_t *bytes,
    uint64_t due_ns)
{
	size_t i;

	for (i = 0; i < PAIR_NET_MAX && pair->net[i].used; i++)
		;
	if (i == PAIR_NET_MAX) {
		pair->net_lost++;
		return;
	}
	if (i >= pair->net_top)
		pair->net_top = i + 1;
	memcpy(pair->net[i].bytes, bytes, pair->cadence.frame_bytes);
	pair->net[i].due_ns = due_ns;
	pair->net[i].to = to;
	pair->net[i].path = path;
	pair->net[i].used = true;
}

static inline uint64_t
pair_delay_ns(struct pair *pair)
{
	return pair->delay_slots == 0
	    ? 0
	    : rng_below(pair->rng,
		  pair->delay_slots * cadence_slot_ns(pair->cadence));
}

static inline void
pair_deliver(struct pair *pair, int to)
{
	struct origin from = { .len = 1 };
	size_t i;

	while (pair->net_top > 0 && !pair->net[pair->net_top - 1].used)
		pair->net_top--;
	for (i = 0; i < pair->net_top; i++) {
		struct pair_datagram *datagram = &pair->net[i];

		if (!datagram->used || datagram->to != to ||
		    datagram->due_ns > pair->now_ns)
			continue;
		datagram->used = false;
		if (pair->side[to].stopped)
			continue;
		from.bytes[0] = pair->place[!to][datagram->path];
		(void)!line_on_datagram(pair->side[to].line, datagram->path,
		    datagram->bytes, pair->cadence.frame_bytes, &from,
		    pair->now_ns);
		pair_run_orders(pair, to);
	}
}

/* Replaces the records of a session frame, as a peer that lies would. */
static inline void
pair_forge(struct pair *pair, struct pair_side *side, uint8_t *frame)
{
	const size_t bytes = pair->cadence.frame_bytes;
	uint8_t plain[FRAME_PLAIN_BYTES_MAX];
	size_t i, room = bytes - FRAME_OVERHEAD_BYTES;

	for (i = 0; i < 4; i++) {
		if (frame_unseal(plain, frame, bytes, side->known[i].send) !=
		    OK)
			continue;
		memset(plain + FRAME_CTR_BYTES, 0, room);
		memcpy(plain + FRAME_CTR_BYTES, side->forged,
		    side->forged_len < room ? side->forged_len : room);
		frame_seal(frame, bytes, frame, side->known[i].send, plain);
		side->forges = false;
		side->lies = true;
		return;
	}
}

static inline void
pair_send(struct pair *pair, int from, unsigned path)
{
	struct pair_side *side = &pair->side[from];
	uint8_t frame[FRAME_BYTES_MAX];
	unsigned copies, i;

	line_prepare(side->line, path, frame, pair->now_ns);
	if (side->forges)
		pair_forge(pair, side, frame);
	memcpy(side->last_frame, frame, pair->cadence.frame_bytes);
	memcpy(side->last_frames[path], frame, pair->cadence.frame_bytes);
	memcpy(side->tape[side->tape_count++ % PAIR_TAPE_MAX], frame,
	    pair->cadence.frame_bytes);
	copies = pair_draws(pair, pair->loss_percent) ? 0 : 1;
	copies += pair_draws(pair, pair->double_percent);
	if (pair->cut[from] || pair->path_cut[from][path])
		copies = 0;
	for (i = 0; i < copies; i++)
		pair_post(pair, !from, path, frame,
		    pair->now_ns + pair_delay_ns(pair));
	if (pair_draws(pair, pair->replay_percent)) {
		size_t held = side->tape_count < PAIR_TAPE_MAX
		    ? side->tape_count
		    : PAIR_TAPE_MAX;

		pair_post(pair, !from, path,
		    side->tape[rng_below(pair->rng, held)],
		    pair->now_ns + pair_delay_ns(pair));
	}
}

/* One slot of both sides. */
static inline void
pair_step(struct pair *pair)
{
	unsigned path;
	int i;

	for (i = 0; i < 2; i++) {
		struct pair_side *side = &pair->side[i];

		pair->now_ns += cadence_slot_ns(pair->cadence) / 2;
		if (side->stopped)
			continue;
		pair_run_orders(pair, i);
		if (side->attached && side->syncs &&
		    memcmp(&side->synced, &side->have, sizeof(side->have)) != 0)
			pair_sync(pair, side);
		pair_run_orders(pair, i);
		pair_deliver(pair, i);
		for (path = 0; path < pair->paths; path++)
			pair_send(pair, i, path);
		pair_run_orders(pair, i);
	}
}

static inline void
pair_run(struct pair *pair, unsigned slots)
{
	while (slots-- > 0)
		pair_step(pair);
}

static inline bool
pair_is_up(const struct pair *pair)
{
	struct line_report report[2];
	int i;

	for (i = 0; i < 2; i++)
		line_read_report(pair->side[i].line, &report[i], pair->now_ns);
	return report[0].state == LINE_UP && report[1].state == LINE_UP;
}

static inline struct line_report
pair_report(const struct pair *pair, int index)
{
	struct line_report report;

	line_read_report(pair->side[index].line, &report, pair->now_ns);
	return report;
}

/* Everything that either side said is with the other, once. */
static inline bool
pair_is_even(const struct pair *pair)
{
	unsigned n;
	int i;

	for (i = 0; i < 2; i++) {
		for (n = 1; n <= pair->side[!i].records; n++) {
			if (pair->side[i].taken[n] != 1)
				return false;
		}
	}
	return true;
}

/* Steps until `done` or max slots; returns how many it took. */
static inline unsigned
pair_until(struct pair *pair, bool (*done)(const struct pair *), unsigned max)
{
	unsigned slots = 0;

	while (slots < max && !done(pair)) {
		pair_step(pair);
		slots++;
	}
	return slots;
}

#endif
