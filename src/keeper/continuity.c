#include "keeper/continuity.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "base/wipe.h"

/* What is to be put into the store, in one transaction of line.db. */
struct change {
	struct keeper *keeper;
	struct post_line *line;
	struct continuity next;
	bool drop_kind; /* the pending of next.done.kind */
};

static int
put(struct keeper *keeper, uint32_t line, const struct continuity *c)
{
	struct query q = store_query(&keeper->store, STMT_CONTINUITY_PUT);

	query_bind_int(&q, line);
	query_bind_blob(&q, c->cur, sizeof(c->cur));
	query_bind_blob(&q, c->prev, sizeof(c->prev));
	query_bind_int(&q, c->proved);
	query_bind_blob(&q, c->exporter, sizeof(c->exporter));
	query_bind_blob(&q, c->exporter_next, sizeof(c->exporter_next));
	query_bind_int(&q, c->done.kind);
	query_bind_int(&q, (int64_t)c->done.number);
	return query_run(&q);
}

int
continuity_begin(struct keeper *keeper, struct post_line *line)
{
	struct continuity first = { .proved = false };
	int rc;

	memcpy(first.cur, line->ceremony.roots.continuity, sizeof(first.cur));
	memcpy(first.prev, line->ceremony.roots.continuity, sizeof(first.prev));
	rc = put(keeper, line->id, &first);
	wipe(&first, sizeof(first));
	return rc;
}

int
continuity_load(struct keeper *keeper, struct post_line *line)
{
	struct continuity *c = &line->continuity;
	struct query q = store_query(&keeper->store, STMT_CONTINUITY_GET);

	wipe(c, sizeof(*c));
	query_bind_int(&q, line->id);
	if (query_next(&q)) {
		query_bytes(&q, c->cur, sizeof(c->cur));
		query_bytes(&q, c->prev, sizeof(c->prev));
		c->proved = query_int(&q) != 0;
		query_bytes(&q, c->exporter, sizeof(c->exporter));
		query_bytes(&q, c->exporter_next, sizeof(c->exporter_next));
		c->done.kind = query_int(&q) == HANDSHAKE_BOOT
		    ? HANDSHAKE_BOOT
		    : HANDSHAKE_REKEY;
		c->done.number = (uint64_t)query_int(&q);
	}
	return query_end(&q);
}

int
continuity_erase(struct keeper *keeper, uint32_t line)
{
	struct query q = store_query(&keeper->store, STMT_CONTINUITY_DROP);
	int rc;

	query_bind_int(&q, line);
	if ((rc = query_run(&q)) != OK)
		return rc;
	q = store_query(&keeper->store, STMT_PENDING_DROP_ALL);
	query_bind_int(&q, line);
	return query_run(&q);
}

static void
asked_wipe(struct asked *asked)
{
	handshake_wipe(&asked->handshake);
	wipe(asked, sizeof(*asked));
}

void
continuity_forget(struct post_line *line)
{
	asked_wipe(&line->asked[HANDSHAKE_BOOT]);
	asked_wipe(&line->asked[HANDSHAKE_REKEY]);
	wipe(&line->continuity, sizeof(line->continuity));
}

void
continuity_hints(const struct post_line *line, struct hints *hints)
{
	handshake_hint(hints->cur, line->continuity.cur);
	handshake_hint(hints->prev, line->continuity.prev);
	hints->proved = line->continuity.proved;
}

static void
tell(struct keeper *keeper, const struct post_line *line,
    enum line_order_kind kind, struct attempt attempt)
{
	const struct line_order order = { .kind = kind, .attempt = attempt };

	keeper->ops.order(keeper->ctx, line->id, &order);
}

static void
tell_hints(struct keeper *keeper, const struct post_line *line)
{
	struct line_order order = { .kind = LINE_ORDER_HINTS };

	continuity_hints(line, &order.hints);
	keeper->ops.order(keeper->ctx, line->id, &order);
}

static struct session_keys
session_keys_of(const struct post_line *line, const struct handshake_keys *keys)
{
	const bool is_a = line->ceremony.role == ROLE_A;
	struct session_keys session;

	memcpy(session.send, is_a ? keys->a_to_b : keys->b_to_a,
	    sizeof(session.send));
	memcpy(session.recv, is_a ? keys->b_to_a : keys->a_to_b,
	    sizeof(session.recv));
	return session;
}

static bool
has_exporter(const struct continuity *c)
{
	static const uint8_t none[KDF_BYTES];

	return !wipe_equal(c->exporter, none, sizeof(none));
}

/* Only these two are asked for by a line. */
static bool
is_known(struct attempt attempt)
{
	return attempt.kind == HANDSHAKE_BOOT ||
	    attempt.kind == HANDSHAKE_REKEY;
}

/* The continuity secret that a handshake mixes in, or is built upon. */
static const uint8_t *
secret_used(const struct post_line *line, struct attempt attempt)
{
	if (attempt.kind == HANDSHAKE_BOOT && attempt.use == CONTINUITY_PREV)
		return line->continuity.prev;
	return line->continuity.cur;
}

static struct handshake_terms
terms_of(const struct post_line *line, struct attempt attempt)
{
	const bool is_boot = attempt.kind == HANDSHAKE_BOOT;

	return (struct handshake_terms){
		.kind = attempt.kind,
		.id = attempt.number,
		.transcript = line->ceremony.transcript,
		.static_secret = line->ceremony.dh_secret,
		.static_public = line->card.dh_public,
		.peer_static = line->peer_card.dh_public,
		.secret = is_boot ? line->ceremony.roots.psk
				  : line->continuity.exporter,
		.continuity = is_boot ? secret_used(line, attempt) : NULL,
	};
}

void
continuity_make_1(struct keeper *keeper, struct post_line *line,
    struct attempt attempt)
{
	struct line_order order = { .kind = LINE_ORDER_MESSAGE_1,
		.attempt = attempt };
	uint8_t message1[HANDSHAKE_1_BYTES];
	struct handshake_terms terms;
	struct asked *asked;

	if (!is_known(attempt) || line->ceremony.role != ROLE_A ||
	    (attempt.kind == HANDSHAKE_REKEY &&
		!has_exporter(&line->continuity))) {
		tell(keeper, line, LINE_ORDER_FAILED, attempt);
		return;
	}
	asked = &line->asked[attempt.kind];
	asked_wipe(asked);
	terms = terms_of(line, attempt);
	if (handshake_open(&asked->handshake, &terms, keeper->rng, message1) !=
	    OK) {
		asked_wipe(asked);
		tell(keeper, line, LINE_ORDER_FAILED, attempt);
		return;
	}
	asked->open = true;
	asked->attempt = attempt;
	memcpy(asked->used, secret_used(line, attempt), sizeof(asked->used));
	order.data = message1;
	order.len = sizeof(message1);
	keeper->ops.order(keeper->ctx, line->id, &order);
}

struct pending {
	struct keeper *keeper;
	struct post_line *line;
	struct attempt attempt;
	uint8_t used[KDF_BYTES];
	uint8_t continuity[KDF_BYTES];
	uint8_t exporter[KDF_BYTES];
};

static int
put_pending(void *ctx)
{
	struct pending *pending = ctx;
	struct query q = store_query(&pending->keeper->store, STMT_PENDING_PUT);

	query_bind_int(&q, pending->line->id);
	query_bind_int(&q, pending->attempt.kind);
	query_bind_int(&q, (int64_t)pending->attempt.number);
	query_bind_blob(&q, pending->used, sizeof(pending->used));
	query_bind_blob(&q, pending->continuity, sizeof(pending->continuity));
	query_bind_blob(&q, pending->exporter, sizeof(pending->exporter));
	return query_run(&q);
}

static bool
get_pending(struct pending *pending)
{
	struct query q = store_query(&pending->keeper->store, STMT_PENDING_GET);
	bool found;

	query_bind_int(&q, pending->line->id);
	query_bind_int(&q, pending->attempt.kind);
	query_bind_int(&q, (int64_t)pending->attempt.number);
	if ((found = query_next(&q))) {
		query_bytes(&q, pending->used, sizeof(pending->used));
		query_bytes(&q, pending->continuity,
		    sizeof(pending->continuity));
		query_bytes(&q, pending->exporter, sizeof(pending->exporter));
	}
	return query_end(&q) == OK && found;
}

/* A sync of line.db, with the reserve where the disk is full. */
static int
sync_line(struct keeper *keeper, int (*fn)(void *ctx), void *ctx)
{
	int rc = store_transact(&keeper->store, STORE_LINE, fn, ctx);

	if (rc == ERR_FULL && disk_on_full(&keeper->disk))
		rc = store_transact(&keeper->store, STORE_LINE, fn, ctx);
	if (rc != OK)
		log_error("store: a handshake could not be kept (%s)",
		    err_str(rc));
	return rc;
}

void
continuity_answer_1(struct keeper *keeper, struct post_line *line,
    struct attempt attempt, const uint8_t *message1, size_t len)
{
	struct line_order order = { .kind = LINE_ORDER_MESSAGE_2,
		.attempt = attempt };
	struct pending pending = { .keeper = keeper,
		.line = line,
		.attempt = attempt };
	uint8_t message2[HANDSHAKE_2_BYTES];
	struct handshake_keys keys = { .h = { 0 } };
	struct handshake_terms terms;
	int rc = ERR_STATE;

	/* B computes only under its cur: under prev, a thief who holds an old
	 * secret would be let in. */
	if (!is_known(attempt) || line->ceremony.role != ROLE_B ||
	    len != HANDSHAKE_1_BYTES ||
	    (attempt.kind == HANDSHAKE_BOOT && attempt.use != CONTINUITY_CUR) ||
	    (attempt.kind == HANDSHAKE_REKEY &&
		!has_exporter(&line->continuity)))
		goto out;
	terms = terms_of(line, attempt);
	rc = handshake_answer(&terms, keeper->rng, message1, message2, &keys);
	if (rc != OK)
		goto out;
	memcpy(pending.used, line->continuity.cur, sizeof(pending.used));
	memcpy(pending.continuity, keys.continuity, sizeof(keys.continuity));
	memcpy(pending.exporter, keys.exporter, sizeof(keys.exporter));
	if ((rc = sync_line(keeper, put_pending, &pending)) != OK)
		goto out;
	order.data = message2;
	order.len = sizeof(message2);
	order.keys = session_keys_of(line, &keys);
	keeper->ops.order(keeper->ctx, line->id, &order);
out:
	if (rc != OK)
		tell(keeper, line, LINE_ORDER_FAILED, attempt);
	wipe(&order.keys, sizeof(order.keys));
	wipe(&pending, sizeof(pending));
	handshake_keys_wipe(&keys);
}

static int
put_change(void *ctx)
{
	struct change *change = ctx;
	struct query q;
	int rc;

	rc = put(change->keeper, change->line->id, &change->next);
	if (rc != OK || !change->drop_kind)
		return rc;
	/* A boot ends every session before it, and what was pending there. */
	q = store_query(&change->keeper->store,
	    change->next.done.kind == HANDSHAKE_BOOT ? STMT_PENDING_DROP_ALL
						     : STMT_PENDING_DROP);
	query_bind_int(&q, change->line->id);
	if (change->next.done.kind == HANDSHAKE_REKEY)
		query_bind_int(&q, change->next.done.kind);
	return query_run(&q);
}

/* Puts the change on disk, then into memory. */
static int
apply(struct change *change)
{
	const int rc = sync_line(change->keeper, put_change, change);

	if (rc == OK)
		change->line->continuity = change->next;
	return rc;
}

void
continuity_finish_2(struct keeper *keeper, struct post_line *line,
    struct attempt attempt, const uint8_t *message2, size_t len)
{
	struct line_order order = { .kind = LINE_ORDER_KEYS,
		.attempt = attempt };
	struct change change = { .keeper = keeper,
		.line = line,
		.next = line->continuity };
	struct handshake_keys keys = { .h = { 0 } };
	struct continuity *next = &change.next;
	struct asked *asked = NULL;
	int rc = ERR_STATE;

	if (!is_known(attempt) || len != HANDSHAKE_2_BYTES)
		goto out;
	asked = &line->asked[attempt.kind];
	if (!asked->open || asked->attempt.number != attempt.number)
		goto out;
	rc = handshake_finish(&asked->handshake, message2, &keys);
	if (rc != OK)
		goto out;
	memcpy(next->prev,
	    attempt.kind == HANDSHAKE_BOOT ? asked->used : line->continuity.cur,
	    sizeof(next->prev));
	memcpy(next->cur, keys.continuity, sizeof(next->cur));
	next->proved = false;
	memcpy(next->exporter_next, keys.exporter, sizeof(next->exporter_next));
	/* At a rekey the exporter before stays until the peer has sent under
	 * the new key: should wire never get these keys, the session before
	 * lives on and is rekeyed from its own. */
	if (attempt.kind == HANDSHAKE_BOOT)
		memcpy(next->exporter, keys.exporter, sizeof(next->exporter));
	next->done = attempt;
	if ((rc = apply(&change)) != OK)
		goto out;
	asked_wipe(asked);
	order.keys = session_keys_of(line, &keys);
	continuity_hints(line, &order.hints);
	keeper->ops.order(keeper->ctx, line->id, &order);
out:
	if (rc != OK)
		tell(keeper, line, LINE_ORDER_FAILED, attempt);
	wipe(&order.keys, sizeof(order.keys));
	wipe(&change, sizeof(change));
	handshake_keys_wipe(&keys);
}

static bool
is_done(const struct continuity *c, struct attempt attempt)
{
	return c->done.number != 0 && c->done.number == attempt.number &&
	    c->done.kind == attempt.kind;
}

void
continuity_confirm(struct keeper *keeper, struct post_line *line,
    struct attempt attempt)
{
	struct line_order order = { .kind = LINE_ORDER_CONFIRMED,
		.attempt = attempt };
	struct pending pending = { .keeper = keeper,
		.line = line,
		.attempt = attempt };
	struct change change = { .keeper = keeper,
		.line = line,
		.next = line->continuity,
		.drop_kind = true };
	struct continuity *next = &change.next;
	int rc = ERR_STATE;

	if (!is_known(attempt) || line->ceremony.role != ROLE_B)
		goto out;
	if (!get_pending(&pending)) {
		/* A keeper may have died between the sync and its answer. */
		rc = is_done(&line->continuity, attempt) ? OK : ERR_STATE;
		goto out;
	}
	memcpy(next->prev,
	    attempt.kind == HANDSHAKE_BOOT ? pending.used
					   : line->continuity.cur,
	    sizeof(next->prev));
	memcpy(next->cur, pending.continuity, sizeof(next->cur));
	memcpy(next->exporter, pending.exporter, sizeof(next->exporter));
	next->done = attempt;
	rc = apply(&change);
out:
	if (rc == OK) {
		continuity_hints(line, &order.hints);
		keeper->ops.order(keeper->ctx, line->id, &order);
	} else
		tell(keeper, line, LINE_ORDER_FAILED, attempt);
	wipe(&pending, sizeof(pending));
	wipe(&change, sizeof(change));
}

void
continuity_proved(struct keeper *keeper, struct post_line *line,
    struct attempt attempt)
{
	struct change change = { .keeper = keeper,
		.line = line,
		.next = line->continuity };

	if (!is_done(&line->continuity, attempt) ||
	    line->ceremony.role != ROLE_A || line->continuity.proved)
		goto out;
	change.next.proved = true;
	memcpy(change.next.exporter, change.next.exporter_next,
	    sizeof(change.next.exporter));
	if (apply(&change) == OK)
		tell_hints(keeper, line);
out:
	wipe(&change, sizeof(change));
}
