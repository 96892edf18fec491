/* Owns one handshake as wire sees it: two messages carried, none understood. */
#ifndef CORE_EXCHANGE_H
#define CORE_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "core/event.h"
#include "core/parcel.h"

/*
 * A asks the keeper for message 1 (MAKING), sends it (OFFERING), gives message
 * 2 to the keeper (FINISHING) and has keys.  B collects message 1, gives it to
 * the keeper (ANSWERING), sends message 2 (ANSWERED), and asks the keeper to
 * confirm when a frame has opened under its key (CONFIRMING).
 */
enum exchange_state {
	EXCHANGE_IDLE,
	EXCHANGE_MAKING,
	EXCHANGE_OFFERING,
	EXCHANGE_FINISHING,
	EXCHANGE_ANSWERING,
	EXCHANGE_ANSWERED,
	EXCHANGE_CONFIRMING,
	EXCHANGE_STATE_COUNT,
};

struct exchange {
	enum exchange_state state;
	struct attempt attempt;	 /* the one the state is about */
	struct attempt incoming; /* B: the one whose parts are collected */
	struct parcel out;	 /* our message: loaded in OFFERING, ANSWERED */
	struct parcel in;	 /* theirs */
	size_t part_bytes;
	bool told;	      /* the keeper has the request of this state */
	uint64_t computed_ns; /* when a computation was last asked for */
};

/* part_bytes: how much of a message one frame carries. */
void exchange_init(struct exchange *exchange, size_t part_bytes);
/* Back to IDLE; attempts are forgotten too (a new boot). */
void exchange_reset(struct exchange *exchange);

/* A: opens an attempt, whose number is above all before; a request that the
 * keeper still computes is given up. */
void exchange_start(struct exchange *exchange, struct attempt attempt);

/* What must be told to the keeper and was not yet; marks it as told.  Message
 * data is lent from the exchange.  At most one computation a second. */
bool exchange_next_event(struct exchange *exchange, struct line_event *event,
    uint64_t now_ns);

/* There is a new keeper: requests are told again. */
void exchange_tell_again(struct exchange *exchange);

/*
 * A part of the peer's message arrived.  A takes message 2 of its latest
 * attempt only (R2), B message 1 of a higher attempt only (R3); sets *repeated
 * where B has the answer already and must send it again.  ERR_STATE: no use for
 * it; ERR_FORMAT: not a part of such a message.
 */
MUST_CHECK int exchange_on_part(struct exchange *exchange, bool is_a,
    struct attempt attempt, unsigned part, unsigned parts, const uint8_t *data,
    size_t len, bool *repeated);

/* B: a frame opened under the pending key. */
void exchange_on_opened(struct exchange *exchange);

/*
 * The keeper's answer.  OK: it fits the state, which has moved on; MESSAGE_2,
 * KEYS, CONFIRMED: the caller now moves the session's keys.  ERR_STATE: late or
 * of another attempt; nothing changed.
 */
MUST_CHECK int exchange_on_order(struct exchange *exchange,
    const struct line_order *order);

#endif
