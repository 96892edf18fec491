#include "core/rekey.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/wipe.h"

/* attempt(8) part(1) parts(1), then data. */
enum { REKEY_HEAD_BYTES = 10 };

static uint64_t
interval_ns(const struct rekey *rekey)
{
	return cadence_longer_ns(rekey->cadence, REKEY_S, REKEY_SLOTS);
}

void
rekey_init(struct rekey *rekey, enum line_role role, struct cadence cadence)
{
	memset(rekey, 0, sizeof(*rekey));
	rekey->role = role;
	rekey->cadence = cadence;
	exchange_init(&rekey->exchange,
	    cadence.frame_bytes - HANDSHAKE_PART_MARGIN_BYTES);
}

void
rekey_wipe(struct rekey *rekey)
{
	wipe(rekey, sizeof(*rekey));
}

static void
end_round(struct rekey *rekey)
{
	unsigned i;

	for (i = 0; i < LINE_PATHS_MAX; i++)
		rekey->cursor[i].parts_due = 0;
	rekey->sends = false;
}

void
rekey_on_session(struct rekey *rekey, uint64_t now_ns)
{
	exchange_reset(&rekey->exchange);
	rekey->attempts = 0;
	rekey->due_ns = now_ns + interval_ns(rekey);
	rekey->unproved = rekey->role == ROLE_A;
	end_round(rekey);
}

static void
begin_round(struct rekey *rekey)
{
	const unsigned parts = parcel_parts(&rekey->exchange.out);
	unsigned i;

	assert(parts > 0);
	for (i = 0; i < LINE_PATHS_MAX; i++) {
		rekey->cursor[i].part = i % parts;
		rekey->cursor[i].parts_due = parts;
	}
	rekey->sends = true;
}

static bool
is_stale(const struct rekey *rekey, uint64_t now_ns)
{
	return now_ns - rekey->started_ns >= cadence_longer_ns(rekey->cadence,
						 HANDSHAKE_RETRY_S,
						 HANDSHAKE_RETRY_SLOTS);
}

void
rekey_on_slot(struct rekey *rekey, uint64_t now_ns)
{
	const enum exchange_state state = rekey->exchange.state;
	struct attempt attempt = { .kind = HANDSHAKE_REKEY };

	if (rekey->role != ROLE_A || rekey->unproved || now_ns < rekey->due_ns)
		return;
	if (state == EXCHANGE_OFFERING && !is_stale(rekey, now_ns)) {
		if (!rekey->sends && now_ns >= rekey->next_round_ns)
			begin_round(rekey);
		return;
	}
	if (state != EXCHANGE_IDLE && state != EXCHANGE_OFFERING)
		return;
	attempt.number = ++rekey->attempts;
	exchange_start(&rekey->exchange, attempt);
	rekey->started_ns = now_ns;
	end_round(rekey);
}

int
rekey_on_record(struct rekey *rekey, const uint8_t *body, size_t len)
{
	struct attempt attempt = { .kind = HANDSHAKE_REKEY };
	struct reader r;
	unsigned part, parts;
	bool repeated;
	size_t left;
	int rc;

	buf_read(&r, body, len);
	attempt.number = buf_get_u64(&r);
	part = buf_get_u8(&r);
	parts = buf_get_u8(&r);
	left = buf_left(&r);
	if (!buf_is_readable(&r) || attempt.number == 0)
		return ERR_FORMAT;
	rc = exchange_on_part(&rekey->exchange, rekey->role == ROLE_A, attempt,
	    part, parts, buf_get_slice(&r, left), left, &repeated);
	if (repeated && !rekey->sends)
		begin_round(rekey);
	/* A part of an attempt that is over is no fault. */
	return rc == ERR_STATE ? OK : rc;
}

int
rekey_on_order(struct rekey *rekey, const struct line_order *order,
    uint64_t now_ns)
{
	int rc = exchange_on_order(&rekey->exchange, order);

	if (rc != OK)
		return rc;
	if (order->kind == LINE_ORDER_MESSAGE_1 ||
	    order->kind == LINE_ORDER_MESSAGE_2) {
		begin_round(rekey);
		return OK;
	}
	end_round(rekey);
	if (order->kind == LINE_ORDER_KEYS) {
		rekey->unproved = true;
		rekey->due_ns = now_ns + interval_ns(rekey);
	}
	return OK;
}

bool
rekey_on_proof(struct rekey *rekey)
{
	bool news = rekey->unproved;

	rekey->unproved = false;
	return news;
}

bool
rekey_has_part(const struct rekey *rekey, unsigned path)
{
	const enum exchange_state state = rekey->exchange.state;

	/* A round ends early when its message has been answered, or given up
	 * for that of a higher attempt. */
	return rekey->cursor[path].parts_due > 0 &&
	    (state == EXCHANGE_OFFERING || state == EXCHANGE_ANSWERED);
}

void
rekey_encode(const struct rekey *rekey, unsigned path, struct writer *w)
{
	const struct exchange *exchange = &rekey->exchange;
	const unsigned part = rekey->cursor[path].part;
	const uint8_t *data;
	size_t len;

	assert(rekey->cursor[path].parts_due > 0);
	data = parcel_part(&exchange->out, part, &len);
	buf_put_u64(w, exchange->attempt.number);
	buf_put_u8(w, (uint8_t)part);
	buf_put_u8(w, (uint8_t)parcel_parts(&exchange->out));
	buf_put_bytes(w, data, len);
}

void
rekey_said(struct rekey *rekey, unsigned path, uint64_t now_ns,
    uint64_t patience_ns)
{
	const unsigned parts = parcel_parts(&rekey->exchange.out);

	rekey->cursor[path].part = (rekey->cursor[path].part + 1) % parts;
	if (--rekey->cursor[path].parts_due > 0 || !rekey->sends)
		return;
	rekey->sends = false;
	rekey->next_round_ns = now_ns + patience_ns;
}

_Static_assert((int)REKEY_HEAD_BYTES + (int)FRAME_RECORD_HEAD_BYTES +
	    (int)FRAME_OVERHEAD_BYTES + (int)ACK_BYTES_MAX +
	    (int)FRAME_RECORD_HEAD_BYTES <=
	(int)HANDSHAKE_PART_MARGIN_BYTES,
    "an acknowledgement fits beside a part of a handshake");
