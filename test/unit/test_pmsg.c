#include "proc/pmsg.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { BODY_BYTES = PMSG_LINE_BYTES_MAX + 1 };

struct body {
	uint8_t bytes[BODY_BYTES];
	size_t len;
};

static uint8_t handshake[HANDSHAKE_BYTES_MAX];
static uint8_t text[PMSG_PIECE_BYTES_MAX + 1];

static const struct attempt attempt = { HANDSHAKE_REKEY, 0x1122334455667788,
	CONTINUITY_PREV };
static const struct have have = {
	.at = { { 1, 2 }, { 3, 4 }, { 5, 6 }, { 7, 8 }, { 9, UINT64_MAX } },
	.credit = 77,
};
static const struct status status = { .journal_end = 9,
	.heard_ms_ago = 8,
	.watch = WATCH_DECLINED,
	.post = POST_SEALED,
	.store = STORE_FULL,
	.declined_until_ms = INT64_MAX,
	.running_ms = 7 };

static struct line_event
make_event(enum line_event_kind kind)
{
	struct line_event event = { .kind = kind, .attempt = attempt };

	event.data = handshake;
	event.len =
	    kind == LINE_EVENT_ANSWER_1 ? HANDSHAKE_1_BYTES : HANDSHAKE_2_BYTES;
	if (kind == LINE_EVENT_REPORT)
		event.report = (struct line_report){
			.state = LINE_ONE_WAY,
			.why = WHY_SEALED,
			.heard_ms_ago = UINT64_MAX,
			.rtt_us = 5,
			.frames_sent = 6,
			.frames_taken = 7,
			.frames_refused = 8,
			.sessions = 9,
			.slots_missed = 10,
			.was_post = true,
			.judged = true,
			.peer = { .bytes = { 1 }, .len = 1 },
			.path[LINE_PATHS_MAX - 1] = {
				.state = PATH_ONE_WAY,
				.heard_ms_ago = 11,
				.rtt_us = 12,
				.peer = { .bytes = { 2, 3 }, .len = 2 },
			},
		};
	else if (kind == LINE_EVENT_DATA)
		event.piece = (struct piece){ CLASS_ROUTINE, 3, 1ull << 40,
			true, text, 1000 };
	else if (kind == LINE_EVENT_HAVE)
		event.have = have;
	else if (kind == LINE_EVENT_STATUS)
		event.status = status;
	else if (kind == LINE_EVENT_WANT)
		event.want = (struct want){
			.at = { { 1, 2 }, { 3, 4 } },
			.room = { 5, 6, 7, 8, UINT32_MAX },
		};
	else if (kind == LINE_EVENT_FAULT)
		event.fault = FAULT_CONTINUITY;
	else if (kind == LINE_EVENT_TERMS)
		event.terms = TERMS_NUMBERS - 1;
	return event;
}

static struct line_order
make_order(enum line_order_kind kind)
{
	struct line_order order = { .kind = kind,
		.attempt = attempt,
		.have = have,
		.status = status,
		.why = WHY_GOODBYE };

	order.data = handshake;
	order.len = kind == LINE_ORDER_MESSAGE_1 ? HANDSHAKE_1_BYTES
						 : HANDSHAKE_2_BYTES;
	order.piece = (struct piece){ CLASS_FLASH, 1, 0, false, text,
		PMSG_PIECE_BYTES_MAX };
	memset(&order.keys, 0xa5, sizeof(order.keys));
	memset(&order.hints, 0x5a, sizeof(order.hints));
	order.hints.proved = true;
	return order;
}

static void
encode_event(struct body *body, const struct line_event *event)
{
	struct writer w;

	buf_write(&w, body->bytes, sizeof(body->bytes));
	pmsg_encode_event(&w, event);
	assert_true(buf_is_sound(&w));
	body->len = w.len;
}

static void
encode_order(struct body *body, const struct line_order *order)
{
	struct writer w;

	buf_write(&w, body->bytes, sizeof(body->bytes));
	pmsg_encode_order(&w, order);
	assert_true(buf_is_sound(&w));
	body->len = w.len;
}

static void
event_of_every_kind_comes_back(void **state)
{
	static struct body first, second;
	struct line_event event, back;
	unsigned kind;

	(void)state;
	for (kind = 0; kind < LINE_EVENT_COUNT; kind++) {
		event = make_event((enum line_event_kind)kind);
		encode_event(&first, &event);
		assert_int_equal(pmsg_decode_event(&back, first.bytes,
				     first.len),
		    OK);
		assert_int_equal(back.kind, kind);
		encode_event(&second, &back);
		assert_int_equal(first.len, second.len);
		assert_memory_equal(first.bytes, second.bytes, first.len);
	}
}

static void
order_of_every_kind_comes_back(void **state)
{
	static struct body first, second;
	struct line_order order, back;
	unsigned kind;

	(void)state;
	for (kind = 0; kind < LINE_ORDER_COUNT; kind++) {
		order = make_order((enum line_order_kind)kind);
		encode_order(&first, &order);
		assert_int_equal(pmsg_decode_order(&back, first.bytes,
				     first.len),
		    OK);
		assert_int_equal(back.kind, kind);
		encode_order(&second, &back);
		assert_int_equal(first.len, second.len);
		assert_memory_equal(first.bytes, second.bytes, first.len);
	}
}

static void
event_keeps_each_field(void **state)
{
	static struct body body;
	struct line_event event = make_event(LINE_EVENT_DATA), back;

	(void)state;
	encode_event(&body, &event);
	assert_int_equal(pmsg_decode_event(&back, body.bytes, body.len), OK);
	assert_int_equal(back.piece.class, CLASS_ROUTINE);
	assert_int_equal(back.piece.n, 3);
	assert_int_equal(back.piece.offset, 1ull << 40);
	assert_true(back.piece.fin);
	assert_int_equal(back.piece.len, 1000);
	assert_memory_equal(back.piece.data, text, 1000);

	event = make_event(LINE_EVENT_REPORT);
	encode_event(&body, &event);
	assert_int_equal(pmsg_decode_event(&back, body.bytes, body.len), OK);
	assert_int_equal(back.report.state, LINE_ONE_WAY);
	assert_int_equal(back.report.why, WHY_SEALED);
	assert_int_equal(back.report.heard_ms_ago, UINT64_MAX);
	assert_int_equal(back.report.sessions, 9);
	assert_true(back.report.was_post);
	assert_true(back.report.judged);
	assert_int_equal(back.report.peer.len, 1);
	assert_int_equal(back.report.path[3].state, PATH_ONE_WAY);
	assert_int_equal(back.report.path[3].peer.bytes[1], 3);

	event = make_event(LINE_EVENT_ANSWER_1);
	encode_event(&body, &event);
	assert_int_equal(pmsg_decode_event(&back, body.bytes, body.len), OK);
	assert_int_equal(back.attempt.kind, HANDSHAKE_REKEY);
	assert_int_equal(back.attempt.number, attempt.number);
	assert_int_equal(back.attempt.use, CONTINUITY_PREV);
	assert_int_equal(back.len, HANDSHAKE_1_BYTES);
	assert_memory_equal(back.data, handshake, HANDSHAKE_1_BYTES);
}

static void
order_keeps_each_field(void **state)
{
	static struct body body;
	struct line_order order = make_order(LINE_ORDER_MESSAGE_2), back;

	(void)state;
	encode_order(&body, &order);
	assert_int_equal(pmsg_decode_order(&back, body.bytes, body.len), OK);
	assert_memory_equal(&back.keys, &order.keys, sizeof(order.keys));
	assert_int_equal(back.len, HANDSHAKE_2_BYTES);

	order = make_order(LINE_ORDER_ATTACH);
	encode_order(&body, &order);
	assert_int_equal(pmsg_decode_order(&back, body.bytes, body.len), OK);
	assert_memory_equal(back.hints.cur, order.hints.cur, HINT_BYTES);
	assert_true(back.hints.proved);
	assert_memory_equal(&back.have, &have, sizeof(have));
	assert_int_equal(back.status.store, STORE_FULL);
}

static void
event_refuses_every_other_length(void **state)
{
	static struct body body;
	struct line_event event, back;
	unsigned kind;
	size_t len;

	(void)state;
	for (kind = 0; kind < LINE_EVENT_COUNT; kind++) {
		event = make_event((enum line_event_kind)kind);
		encode_event(&body, &event);
		body.bytes[body.len] = 0;
		for (len = 0; len <= body.len + 1; len++) {
			if (len != body.len)
				assert_int_equal(pmsg_decode_event(&back,
						     body.bytes, len),
				    ERR_FORMAT);
		}
	}
}

static void
order_refuses_every_other_length(void **state)
{
	static struct body body;
	struct line_order order, back;
	unsigned kind;
	size_t len;

	(void)state;
	for (kind = 0; kind < LINE_ORDER_COUNT; kind++) {
		order = make_order((enum line_order_kind)kind);
		order.piece.len = 100;
		encode_order(&body, &order);
		body.bytes[body.len] = 0;
		for (len = 0; len <= body.len + 1; len++) {
			if (len != body.len)
				assert_int_equal(pmsg_decode_order(&back,
						     body.bytes, len),
				    ERR_FORMAT);
		}
	}
}

static void
event_refuses_values_out_of_range(void **state)
{
	/* Kind, byte, and the first value that it may not have. */
	static const struct {
		enum line_event_kind kind;
		size_t at;
		uint8_t value;
	} bad[] = {
		{ LINE_EVENT_REPORT, 0, LINE_EVENT_COUNT },
		{ LINE_EVENT_REPORT, 1, LINE_STATE_COUNT },
		{ LINE_EVENT_REPORT, 2, WHY_COUNT },
		{ LINE_EVENT_REPORT, 55, 2 },
		{ LINE_EVENT_REPORT, 56, PATH_STATE_COUNT },
		{ LINE_EVENT_MAKE_1, 1, HANDSHAKE_REKEY + 1 },
		{ LINE_EVENT_MAKE_1, 10, CONTINUITY_PREV + 1 },
		{ LINE_EVENT_DATA, 1, CLASS_COUNT },
		{ LINE_EVENT_DATA, 18, 2 },
		{ LINE_EVENT_STATUS, 13, WATCH_DECLINED + 1 },
		{ LINE_EVENT_STATUS, 14, POST_SEALED + 1 },
		{ LINE_EVENT_STATUS, 15, STORE_FULL + 1 },
		{ LINE_EVENT_FAULT, 1, FAULT_COUNT },
		{ LINE_EVENT_TERMS, 1, TERMS_NUMBERS },
	};
	static struct body body;
	struct line_event event, back;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		event = make_event(bad[i].kind);
		encode_event(&body, &event);
		body.bytes[bad[i].at] = bad[i].value;
		assert_int_equal(pmsg_decode_event(&back, body.bytes, body.len),
		    ERR_FORMAT);
		body.bytes[bad[i].at] = 0xff;
		assert_int_equal(pmsg_decode_event(&back, body.bytes, body.len),
		    ERR_FORMAT);
	}
}

static void
order_refuses_values_out_of_range(void **state)
{
	static const struct {
		enum line_order_kind kind;
		size_t at;
		uint8_t value;
	} bad[] = {
		{ LINE_ORDER_ATTACH, 0, LINE_ORDER_COUNT },
		{ LINE_ORDER_ATTACH, 17, 2 },
		{ LINE_ORDER_HINTS, 17, 2 },
		{ LINE_ORDER_KEYS, 1, HANDSHAKE_REKEY + 1 },
		{ LINE_ORDER_CONFIRMED, 10, CONTINUITY_PREV + 1 },
		{ LINE_ORDER_PIECE, 1, CLASS_COUNT },
		{ LINE_ORDER_GOODBYE, 1, WHY_COUNT },
		{ LINE_ORDER_FAULT, 1, FAULT_COUNT },
	};
	static struct body body;
	struct line_order order, back;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		order = make_order(bad[i].kind);
		encode_order(&body, &order);
		body.bytes[bad[i].at] = bad[i].value;
		assert_int_equal(pmsg_decode_order(&back, body.bytes, body.len),
		    ERR_FORMAT);
	}
}

static void
piece_over_its_limit_is_not_encoded(void **state)
{
	static struct body body;
	struct line_event event = make_event(LINE_EVENT_DATA);
	struct writer w;

	(void)state;
	event.piece.len = PMSG_PIECE_BYTES_MAX;
	encode_event(&body, &event);
	event.piece.len = PMSG_PIECE_BYTES_MAX + 1;
	buf_write(&w, body.bytes, sizeof(body.bytes));
	pmsg_encode_event(&w, &event);
	assert_false(buf_is_sound(&w));
}

static void
handshake_of_wrong_length_is_not_encoded(void **state)
{
	static struct body body;
	struct line_event event = make_event(LINE_EVENT_ANSWER_1);
	struct line_order order = make_order(LINE_ORDER_MESSAGE_2);
	struct writer w;

	(void)state;
	event.len--;
	buf_write(&w, body.bytes, sizeof(body.bytes));
	pmsg_encode_event(&w, &event);
	assert_false(buf_is_sound(&w));
	order.len++;
	buf_write(&w, body.bytes, sizeof(body.bytes));
	pmsg_encode_order(&w, &order);
	assert_false(buf_is_sound(&w));
}

static void
end_comes_back_and_refuses_others(void **state)
{
	const struct pmsg_end end = { PROC_DESK, 0xfffffffe };
	struct pmsg_end back;
	uint8_t bytes[PMSG_END_BYTES + 1] = { 0 };
	struct writer w;

	(void)state;
	buf_write(&w, bytes, PMSG_END_BYTES);
	pmsg_encode_end(&w, &end);
	assert_true(buf_is_sound(&w));
	assert_int_equal(w.len, PMSG_END_BYTES);
	assert_int_equal(pmsg_decode_end(&back, bytes, w.len), OK);
	assert_int_equal(back.role, end.role);
	assert_int_equal(back.generation, end.generation);
	assert_int_equal(pmsg_decode_end(&back, bytes, w.len - 1), ERR_FORMAT);
	assert_int_equal(pmsg_decode_end(&back, bytes, w.len + 1), ERR_FORMAT);
	bytes[0] = PROC_COUNT;
	assert_int_equal(pmsg_decode_end(&back, bytes, w.len), ERR_FORMAT);
}

static void
way_comes_back_and_refuses_others(void **state)
{
	static char longest[PMSG_ENDPOINT_BYTES_MAX + 1];
	struct pmsg_way way = { .path = LINE_PATHS_MAX - 1,
		.tcp = true,
		.endpoint = { longest, PMSG_ENDPOINT_BYTES_MAX },
		.proxy = { "127.0.0.1:9050", 14 } };
	struct pmsg_way back;
	uint8_t bytes[PMSG_WAY_BYTES_MAX + 4] = { 0 };
	struct writer w;

	(void)state;
	memset(longest, 'h', sizeof(longest));
	buf_write(&w, bytes, sizeof(bytes));
	pmsg_encode_way(&w, &way);
	assert_true(buf_is_sound(&w));
	assert_int_equal(pmsg_decode_way(&back, bytes, w.len), OK);
	assert_int_equal(back.path, LINE_PATHS_MAX - 1);
	assert_true(back.tcp);
	assert_null(back.listen.data);
	assert_int_equal(back.listen.len, 0);
	assert_int_equal(back.endpoint.len, PMSG_ENDPOINT_BYTES_MAX);
	assert_memory_equal(back.endpoint.data, longest, back.endpoint.len);
	assert_memory_equal(back.proxy.data, "127.0.0.1:9050", back.proxy.len);
	assert_int_equal(pmsg_decode_way(&back, bytes, w.len - 1), ERR_FORMAT);
	assert_int_equal(pmsg_decode_way(&back, bytes, w.len + 1), ERR_FORMAT);
	bytes[0] = LINE_PATHS_MAX;
	assert_int_equal(pmsg_decode_way(&back, bytes, w.len), ERR_FORMAT);
	bytes[0] = 0;
	bytes[1] = 2;
	assert_int_equal(pmsg_decode_way(&back, bytes, w.len), ERR_FORMAT);

	way.endpoint.len++;
	buf_write(&w, bytes, sizeof(bytes));
	pmsg_encode_way(&w, &way);
	assert_false(buf_is_sound(&w));
}

static void
path_comes_back_and_refuses_others(void **state)
{
	const struct pmsg_path path = { .path = LINE_PATHS_MAX - 1,
		.roams = true,
		.last = { .len = 3, .bytes = { 1, 2, 3 } } };
	struct pmsg_path back;
	uint8_t bytes[PMSG_PATH_BYTES_MAX + 1] = { 0 };
	struct writer w;
	size_t len;

	(void)state;
	buf_write(&w, bytes, sizeof(bytes));
	pmsg_encode_path(&w, &path);
	assert_true(buf_is_sound(&w));
	assert_int_equal(pmsg_decode_path(&back, bytes, w.len), OK);
	assert_memory_equal(&back, &path, sizeof(back));
	for (len = 0; len < w.len; len++)
		assert_int_equal(pmsg_decode_path(&back, bytes, len),
		    ERR_FORMAT);
	assert_int_equal(pmsg_decode_path(&back, bytes, w.len + 1), ERR_FORMAT);
	bytes[0] = LINE_PATHS_MAX;
	assert_int_equal(pmsg_decode_path(&back, bytes, w.len), ERR_FORMAT);
}

static void
path_by_a_relay_comes_back_and_refuses_others(void **state)
{
	const struct ticket_id is = { 7, 1, { 256, 20000 } };
	struct pmsg_path path = { .has_ticket = true, .ticket = { .is = is } };
	struct pmsg_path back;
	uint8_t bytes[PMSG_PATH_BYTES_MAX + 1] = { 0 };
	struct writer w;
	size_t len;

	(void)state;
	assert_int_equal(ticket_encode_id(path.ticket.id, &is), OK);
	memset(path.ticket.mask, 1, sizeof(path.ticket.mask));
	memset(path.ticket.key, 2, sizeof(path.ticket.key));
	buf_write(&w, bytes, sizeof(bytes));
	pmsg_encode_path(&w, &path);
	assert_true(buf_is_sound(&w));
	assert_int_equal(pmsg_decode_path(&back, bytes, w.len), OK);
	assert_true(back.has_ticket);
	assert_int_equal(back.ticket.is.number, is.number);
	assert_int_equal(back.ticket.is.cadence.frame_bytes, 256);
	assert_memory_equal(back.ticket.mask, path.ticket.mask,
	    sizeof(back.ticket.mask));
	assert_memory_equal(back.ticket.key, path.ticket.key,
	    sizeof(back.ticket.key));
	for (len = 0; len < w.len; len++)
		assert_int_equal(pmsg_decode_path(&back, bytes, len),
		    ERR_FORMAT);
	/* An id that names no cadence. */
	memset(bytes + 3, 0, TICKET_ID_BYTES);
	assert_int_equal(pmsg_decode_path(&back, bytes, w.len), ERR_FORMAT);
}

static void
peer_comes_back_and_refuses_others(void **state)
{
	const struct pmsg_peer peer = { .path = LINE_PATHS_MAX - 1,
		.kind = PMSG_KIND_ACCEPTED,
		.at = { .len = 3, .bytes = { 1, 2, 3 } } };
	struct pmsg_peer back;
	uint8_t bytes[PMSG_PEER_BYTES_MAX + 1] = { 0 };
	struct writer w;
	size_t len;

	(void)state;
	buf_write(&w, bytes, sizeof(bytes));
	pmsg_encode_peer(&w, &peer);
	assert_true(buf_is_sound(&w));
	assert_int_equal(pmsg_decode_peer(&back, bytes, w.len), OK);
	assert_int_equal(back.path, peer.path);
	assert_int_equal(back.kind, peer.kind);
	assert_memory_equal(&back.at, &peer.at, sizeof(back.at));
	for (len = 0; len < w.len; len++)
		assert_int_equal(pmsg_decode_peer(&back, bytes, len),
		    ERR_FORMAT);
	assert_int_equal(pmsg_decode_peer(&back, bytes, w.len + 1), ERR_FORMAT);
	bytes[1] = PMSG_KIND_COUNT;
	assert_int_equal(pmsg_decode_peer(&back, bytes, w.len), ERR_FORMAT);
	bytes[1] = PMSG_KIND_UDP;
	bytes[0] = LINE_PATHS_MAX;
	assert_int_equal(pmsg_decode_peer(&back, bytes, w.len), ERR_FORMAT);
}

static void
path_number_comes_back_and_refuses_others(void **state)
{
	uint8_t bytes[2] = { 0 };
	struct writer w;
	unsigned path;

	(void)state;
	buf_write(&w, bytes, sizeof(bytes));
	pmsg_encode_number(&w, LINE_PATHS_MAX - 1);
	assert_int_equal(w.len, PMSG_PATH_NUMBER_BYTES);
	assert_int_equal(pmsg_decode_number(&path, bytes, 1), OK);
	assert_int_equal(path, LINE_PATHS_MAX - 1);
	assert_int_equal(pmsg_decode_number(&path, bytes, 0), ERR_FORMAT);
	assert_int_equal(pmsg_decode_number(&path, bytes, 2), ERR_FORMAT);
	bytes[0] = LINE_PATHS_MAX;
	assert_int_equal(pmsg_decode_number(&path, bytes, 1), ERR_FORMAT);
}

static void
bound_comes_back_and_refuses_others(void **state)
{
	const struct pmsg_bound bound = { LINE_PATHS_MAX - 1, ERR_IO,
		{ "[::]:7411", 9 }, { "it rains", 8 } };
	struct pmsg_bound back;
	uint8_t bytes[PMSG_BOUND_BYTES_MAX + 1] = { 0 };
	struct writer w;

	(void)state;
	buf_write(&w, bytes, sizeof(bytes));
	pmsg_encode_bound(&w, &bound);
	assert_true(buf_is_sound(&w));
	assert_int_equal(pmsg_decode_bound(&back, bytes, w.len), OK);
	assert_int_equal(back.path, LINE_PATHS_MAX - 1);
	assert_int_equal(back.err, ERR_IO);
	assert_int_equal(back.at.len, 9);
	assert_memory_equal(back.say.data, "it rains", 8);
	assert_int_equal(pmsg_decode_bound(&back, bytes, w.len - 1),
	    ERR_FORMAT);
	assert_int_equal(pmsg_decode_bound(&back, bytes, w.len + 1),
	    ERR_FORMAT);
}

static void
origins_come_back_and_refuse_others(void **state)
{
	struct origin origin = { .len = ORIGIN_BYTES_MAX };
	struct origin back[PMSG_RESOLVED_MAX];
	uint8_t bytes[PMSG_RESOLVED_BYTES_MAX + PMSG_ORIGIN_BYTES_MAX];
	struct writer w;
	size_t count;
	int i;

	(void)state;
	memset(origin.bytes, 7, sizeof(origin.bytes));
	buf_write(&w, bytes, sizeof(bytes));
	for (i = 0; i < PMSG_RESOLVED_MAX; i++)
		pmsg_encode_origin(&w, &origin);
	assert_int_equal(pmsg_decode_origins(back, &count, bytes, w.len), OK);
	assert_int_equal(count, PMSG_RESOLVED_MAX);
	assert_memory_equal(&back[7], &origin, sizeof(origin));
	pmsg_encode_origin(&w, &origin);
	assert_int_equal(pmsg_decode_origins(back, &count, bytes, w.len),
	    ERR_FORMAT);
	assert_int_equal(pmsg_decode_origins(back, &count, bytes,
			     PMSG_ORIGIN_BYTES_MAX - 1),
	    ERR_FORMAT);
	assert_int_equal(pmsg_decode_origins(back, &count, bytes, 0), OK);
	assert_int_equal(count, 0);

	assert_int_equal(pmsg_decode_origin(back, bytes, PMSG_ORIGIN_BYTES_MAX),
	    OK);
	assert_int_equal(pmsg_decode_origin(back, bytes,
			     PMSG_ORIGIN_BYTES_MAX + 1),
	    ERR_FORMAT);
	bytes[0] = ORIGIN_BYTES_MAX + 1;
	assert_int_equal(pmsg_decode_origin(back, bytes,
			     PMSG_ORIGIN_BYTES_MAX + 1),
	    ERR_FORMAT);
}

static void
line_comes_back_and_refuses_others(void **state)
{
	struct line_config config = { .role = ROLE_B,
		.cadence = { 1200, 1000 },
		.also_frame_bytes = 1232,
		.terms = 15 };
	struct line_config back;
	uint8_t bytes[PMSG_LINE_ADD_BYTES_MAX + 1] = { 0 };
	struct writer w;

	(void)state;
	memset(config.boot_send, 1, LINE_KEY_BYTES);
	memset(config.boot_recv, 2, LINE_KEY_BYTES);
	buf_write(&w, bytes, sizeof(bytes));
	pmsg_encode_line(&w, &config);
	assert_int_equal(w.len, PMSG_LINE_ADD_BYTES_MAX);
	assert_int_equal(pmsg_decode_line(&back, bytes, w.len), OK);
	assert_memory_equal(&back, &config, sizeof(config));
	assert_int_equal(pmsg_decode_line(&back, bytes, w.len - 1), ERR_FORMAT);
	assert_int_equal(pmsg_decode_line(&back, bytes, w.len + 1), ERR_FORMAT);
	bytes[0] = ROLE_B + 1;
	assert_int_equal(pmsg_decode_line(&back, bytes, w.len), ERR_FORMAT);
	bytes[0] = ROLE_A;
	bytes[9] = TERMS_NUMBERS;
	assert_int_equal(pmsg_decode_line(&back, bytes, w.len), ERR_FORMAT);
	bytes[9] = 0;
	bytes[8] = 0;
	assert_int_equal(pmsg_decode_line(&back, bytes, w.len), ERR_FORMAT);
	bytes[7] = 0;
	assert_int_equal(pmsg_decode_line(&back, bytes, w.len), OK);
	bytes[1] = 0;
	bytes[2] = 0xff;
	assert_int_equal(pmsg_decode_line(&back, bytes, w.len), ERR_FORMAT);
}

/* What a rule table lets through. */
static int
count_call(void *ctx, const struct pmsg *msg)
{
	(void)msg;
	++*(int *)ctx;
	return OK;
}

static int
take_fd(void *ctx, const struct pmsg *msg)
{
	*(int *)ctx = msg->fd;
	return OK;
}

static const struct pmsg_rule rules[] = {
	{ PMSG_UNLOCK, PROC_PARENT, 4, PMSG_EXACT, count_call },
	{ PMSG_ORDER, PROC_KEEPER, 4, 0, count_call },
	{ PMSG_LISTEN, PROC_PARENT, 0, PMSG_EXACT | PMSG_WITH_FD, take_fd },
};
static const struct pmsg_rules table = { rules, 3 };

static int
dispatch(enum pmsg_type type, enum proc_role from, size_t len, int fd, int *ctx)
{
	struct pmsg msg = { type, from, 0, text, len, fd };

	return pmsg_dispatch(table, &msg, ctx);
}

static void
rules_pass_what_they_name(void **state)
{
	int calls = 0;

	(void)state;
	assert_int_equal(dispatch(PMSG_UNLOCK, PROC_PARENT, 4, -1, &calls), OK);
	assert_int_equal(dispatch(PMSG_ORDER, PROC_KEEPER, 4, -1, &calls), OK);
	assert_int_equal(dispatch(PMSG_ORDER, PROC_KEEPER, 0, -1, &calls), OK);
	assert_int_equal(calls, 3);
}

static void
rules_refuse_senders_sizes_and_types(void **state)
{
	int calls = 0;

	(void)state;
	assert_int_equal(dispatch(PMSG_UNLOCK, PROC_KEEPER, 4, -1, &calls),
	    ERR_DENIED);
	assert_int_equal(dispatch(PMSG_ORDER, PROC_DESK, 4, -1, &calls),
	    ERR_DENIED);
	assert_int_equal(dispatch(PMSG_DOWN, PROC_KEEPER, 0, -1, &calls),
	    ERR_DENIED);
	assert_int_equal(dispatch(PMSG_UNLOCK, PROC_PARENT, 3, -1, &calls),
	    ERR_SIZE);
	assert_int_equal(dispatch(PMSG_UNLOCK, PROC_PARENT, 5, -1, &calls),
	    ERR_SIZE);
	assert_int_equal(dispatch(PMSG_ORDER, PROC_KEEPER, 5, -1, &calls),
	    ERR_SIZE);
	assert_int_equal(calls, 0);
}

static void
rules_refuse_descriptors_missing_or_too_many(void **state)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), taken = -1;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(dispatch(PMSG_LISTEN, PROC_PARENT, 0, -1, &taken),
	    ERR_STATE);
	assert_int_equal(dispatch(PMSG_LISTEN, PROC_PARENT, 0, fd, &taken), OK);
	assert_int_equal(taken, fd);
	/* Refused with a descriptor: it does not stay open. */
	assert_int_equal(dispatch(PMSG_UNLOCK, PROC_PARENT, 4, fd, &taken),
	    ERR_STATE);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void
ran_comes_back_and_nothing_else_does(void **state)
{
	enum pmsg_ran how;
	uint8_t bytes[3];
	struct writer w;
	unsigned code;

	(void)state;
	for (unsigned each = 0; each < PMSG_RAN_COUNT; each++) {
		buf_write(&w, bytes, sizeof(bytes));
		pmsg_encode_ran(&w, (enum pmsg_ran)each, 255 - each);
		assert_int_equal(w.len, 2);
		assert_int_equal(pmsg_decode_ran(&how, &code, bytes, 2), OK);
		assert_int_equal(how, each);
		assert_int_equal(code, 255 - each);
	}
	assert_int_equal(pmsg_decode_ran(&how, &code, bytes, 0), ERR_FORMAT);
	assert_int_equal(pmsg_decode_ran(&how, &code, bytes, 1), ERR_FORMAT);
	assert_int_equal(pmsg_decode_ran(&how, &code, bytes, 3), ERR_FORMAT);
	bytes[0] = PMSG_RAN_COUNT;
	assert_int_equal(pmsg_decode_ran(&how, &code, bytes, 2), ERR_FORMAT);
	bytes[0] = 255;
	assert_int_equal(pmsg_decode_ran(&how, &code, bytes, 2), ERR_FORMAT);
}

static void
role_names_come_back(void **state)
{
	unsigned role;

	(void)state;
	for (role = 0; role < PROC_COUNT; role++)
		assert_int_equal(proc_role_find(
				     proc_role_name((enum proc_role)role)),
		    role);
	assert_int_equal(proc_role_find("wires"), PROC_COUNT);
	assert_int_equal(proc_role_find(""), PROC_COUNT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(event_of_every_kind_comes_back),
		cmocka_unit_test(order_of_every_kind_comes_back),
		cmocka_unit_test(event_keeps_each_field),
		cmocka_unit_test(order_keeps_each_field),
		cmocka_unit_test(event_refuses_every_other_length),
		cmocka_unit_test(order_refuses_every_other_length),
		cmocka_unit_test(event_refuses_values_out_of_range),
		cmocka_unit_test(order_refuses_values_out_of_range),
		cmocka_unit_test(piece_over_its_limit_is_not_encoded),
		cmocka_unit_test(handshake_of_wrong_length_is_not_encoded),
		cmocka_unit_test(end_comes_back_and_refuses_others),
		cmocka_unit_test(way_comes_back_and_refuses_others),
		cmocka_unit_test(path_comes_back_and_refuses_others),
		cmocka_unit_test(path_by_a_relay_comes_back_and_refuses_others),
		cmocka_unit_test(peer_comes_back_and_refuses_others),
		cmocka_unit_test(path_number_comes_back_and_refuses_others),
		cmocka_unit_test(bound_comes_back_and_refuses_others),
		cmocka_unit_test(origins_come_back_and_refuse_others),
		cmocka_unit_test(line_comes_back_and_refuses_others),
		cmocka_unit_test(rules_pass_what_they_name),
		cmocka_unit_test(rules_refuse_senders_sizes_and_types),
		cmocka_unit_test(rules_refuse_descriptors_missing_or_too_many),
		cmocka_unit_test(ran_comes_back_and_nothing_else_does),
		cmocka_unit_test(role_names_come_back),
	};

	memset(handshake, 0x3c, sizeof(handshake));
	memset(text, 0xc3, sizeof(text));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
