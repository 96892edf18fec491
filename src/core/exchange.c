#include "core/exchange.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/wipe.h"

#define TO(state) (1u << (state))
static const uint8_t exchange_moves[EXCHANGE_STATE_COUNT] = {
	[EXCHANGE_IDLE] = TO(EXCHANGE_MAKING) | TO(EXCHANGE_ANSWERING),
	[EXCHANGE_MAKING] =
	    TO(EXCHANGE_OFFERING) | TO(EXCHANGE_MAKING) | TO(EXCHANGE_IDLE),
	[EXCHANGE_OFFERING] =
	    TO(EXCHANGE_FINISHING) | TO(EXCHANGE_MAKING) | TO(EXCHANGE_IDLE),
	[EXCHANGE_FINISHING] = TO(EXCHANGE_IDLE) | TO(EXCHANGE_MAKING),
	[EXCHANGE_ANSWERING] =
	    TO(EXCHANGE_ANSWERED) | TO(EXCHANGE_ANSWERING) | TO(EXCHANGE_IDLE),
	[EXCHANGE_ANSWERED] = TO(EXCHANGE_CONFIRMING) | TO(EXCHANGE_ANSWERING) |
	    TO(EXCHANGE_IDLE),
	[EXCHANGE_CONFIRMING] = TO(EXCHANGE_IDLE),
};

/* The only writer of exchange->state. */
static void
enter(struct exchange *exchange, enum exchange_state next)
{
	assert(exchange_moves[exchange->state] & TO(next));
	exchange->state = next;
	exchange->told = false;
}

static bool
same_attempt(struct attempt a, struct attempt b)
{
	return a.kind == b.kind && a.number == b.number;
}

void
exchange_init(struct exchange *exchange, size_t part_bytes)
{
	memset(exchange, 0, sizeof(*exchange));
	exchange->part_bytes = part_bytes;
}

void
exchange_reset(struct exchange *exchange)
{
	uint64_t computed_ns = exchange->computed_ns;
	size_t part_bytes = exchange->part_bytes;

	exchange_init(exchange, part_bytes);
	exchange->computed_ns = computed_ns;
}

void
exchange_start(struct exchange *exchange, struct attempt attempt)
{
	assert(attempt.number > exchange->attempt.number);
	enter(exchange, EXCHANGE_MAKING);
	exchange->attempt = attempt;
}

/* What the state asks of the keeper; false where it asks nothing. */
static bool
request_of(enum exchange_state state, enum line_event_kind *kind)
{
	switch (state) {
	case EXCHANGE_MAKING:
		*kind = LINE_EVENT_MAKE_1;
		return true;
	case EXCHANGE_ANSWERING:
		*kind = LINE_EVENT_ANSWER_1;
		return true;
	case EXCHANGE_FINISHING:
		*kind = LINE_EVENT_FINISH_2;
		return true;
	case EXCHANGE_CONFIRMING:
		*kind = LINE_EVENT_CONFIRM;
		return true;
	case EXCHANGE_IDLE:
	case EXCHANGE_OFFERING:
	case EXCHANGE_ANSWERED:
	case EXCHANGE_STATE_COUNT:
		break;
	}
	return false;
}

/* Opening a handshake costs both sides key work: not more than one a second,
 * whatever the peer sends. */
static bool
may_compute(struct exchange *exchange, enum line_event_kind kind,
    uint64_t now_ns)
{
	const uint64_t interval_ns =
	    (uint64_t)HANDSHAKE_INTERVAL_MS * CLOCK_NS_PER_MS;

	if (kind != LINE_EVENT_MAKE_1 && kind != LINE_EVENT_ANSWER_1)
		return true;
	if (exchange->computed_ns != 0 &&
	    now_ns - exchange->computed_ns < interval_ns)
		return false;
	exchange->computed_ns = now_ns;
	return true;
}

bool
exchange_next_event(struct exchange *exchange, struct line_event *event,
    uint64_t now_ns)
{
	enum line_event_kind kind;

	if (exchange->told || !request_of(exchange->state, &kind))
		return false;
	if (!may_compute(exchange, kind, now_ns))
		return false;
	memset(event, 0, sizeof(*event));
	event->kind = kind;
	event->attempt = exchange->attempt;
	if (kind == LINE_EVENT_ANSWER_1 || kind == LINE_EVENT_FINISH_2) {
		assert(parcel_is_whole(&exchange->in));
		event->data = exchange->in.data;
		event->len = exchange->in.len;
	}
	exchange->told = true;
	return true;
}

void
exchange_tell_again(struct exchange *exchange)
{
	exchange->told = false;
}

static int
take_message_2(struct exchange *exchange, struct attempt attempt, unsigned part,
    unsigned parts, const uint8_t *data, size_t len)
{
	int rc;

	if (exchange->state != EXCHANGE_OFFERING ||
	    !same_attempt(attempt, exchange->attempt))
		return ERR_STATE;
	if ((rc = parcel_take(&exchange->in, part, parts, data, len)) != OK)
		return rc;
	if (parcel_is_whole(&exchange->in))
		enter(exchange, EXCHANGE_FINISHING);
	return OK;
}

static int
take_message_1(struct exchange *exchange, struct attempt attempt, unsigned part,
    unsigned parts, const uint8_t *data, size_t len, bool *repeated)
{
	int rc;

	if (exchange->state == EXCHANGE_CONFIRMING)
		return ERR_STATE;
	if (exchange->state == EXCHANGE_ANSWERED &&
	    same_attempt(attempt, exchange->attempt)) {
		*repeated = true;
		return OK;
	}
	if (attempt.number <= exchange->attempt.number)
		return ERR_STATE;
	if (!same_attempt(attempt, exchange->incoming)) {
		if (attempt.number < exchange->incoming.number)
			return ERR_STATE;
		/* A has given up what the keeper computes, and its message 1
		 * gives way to the parts of the next. */
		if (exchange->state == EXCHANGE_ANSWERING)
			enter(exchange, EXCHANGE_IDLE);
		exchange->incoming = attempt;
		parcel_expect(&exchange->in, HANDSHAKE_1_BYTES,
		    exchange->part_bytes);
	}
	if ((rc = parcel_take(&exchange->in, part, parts, data, len)) != OK)
		return rc;
	if (parcel_is_whole(&exchange->in)) {
		exchange->attempt = exchange->incoming;
		enter(exchange, EXCHANGE_ANSWERING);
	}
	return OK;
}

int
exchange_on_part(struct exchange *exchange, bool is_a, struct attempt attempt,
    unsigned part, unsigned parts, const uint8_t *data, size_t len,
    bool *repeated)
{
	*repeated = false;
	if (is_a)
		return take_message_2(exchange, attempt, part, parts, data,
		    len);
	return take_message_1(exchange, attempt, part, parts, data, len,
	    repeated);
}

void
exchange_on_opened(struct exchange *exchange)
{
	if (exchange->state == EXCHANGE_ANSWERED)
		enter(exchange, EXCHANGE_CONFIRMING);
}

static int
on_message_1(struct exchange *exchange, const struct line_order *order)
{
	if (exchange->state != EXCHANGE_MAKING || !exchange->told ||
	    order->len != HANDSHAKE_1_BYTES)
		return ERR_STATE;
	parcel_load(&exchange->out, order->data, order->len,
	    exchange->part_bytes);
	parcel_expect(&exchange->in, HANDSHAKE_2_BYTES, exchange->part_bytes);
	enter(exchange, EXCHANGE_OFFERING);
	return OK;
}

static int
on_message_2(struct exchange *exchange, const struct line_order *order)
{
	if (exchange->state != EXCHANGE_ANSWERING || !exchange->told ||
	    order->len != HANDSHAKE_2_BYTES)
		return ERR_STATE;
	parcel_load(&exchange->out, order->data, order->len,
	    exchange->part_bytes);
	enter(exchange, EXCHANGE_ANSWERED);
	return OK;
}

static int
on_end(struct exchange *exchange, bool fits)
{
	if (!fits)
		return ERR_STATE;
	enter(exchange, EXCHANGE_IDLE);
	wipe(exchange->in.data, sizeof(exchange->in.data));
	wipe(exchange->out.data, sizeof(exchange->out.data));
	return OK;
}

int
exchange_on_order(struct exchange *exchange, const struct line_order *order)
{
	enum exchange_state state = exchange->state;

	if (!same_attempt(order->attempt, exchange->attempt))
		return ERR_STATE;
	if (order->kind == LINE_ORDER_MESSAGE_1)
		return on_message_1(exchange, order);
	if (order->kind == LINE_ORDER_MESSAGE_2)
		return on_message_2(exchange, order);
	if (order->kind == LINE_ORDER_KEYS)
		return on_end(exchange, state == EXCHANGE_FINISHING);
	if (order->kind == LINE_ORDER_CONFIRMED)
		return on_end(exchange, state == EXCHANGE_CONFIRMING);
	if (order->kind == LINE_ORDER_FAILED)
		return on_end(exchange, exchange->told);
	return ERR_STATE;
}
