/* Owns what the rooms and the parent may say to each other. */
#include "proc/pmsg.h"

#include "base/buf.h"
#include "proc/report.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

static const char *const role_names[PROC_COUNT] = {
	[PROC_PARENT] = "parent",
	[PROC_WIRE] = "wire",
	[PROC_KEEPER] = "keeper",
	[PROC_DESK] = "desk",
	[PROC_SEEKER] = "seeker",
	[PROC_BELL] = "bell",
	[PROC_RUNNER] = "runner",
};

const char *
proc_role_name(enum proc_role role)
{
	assert(role < PROC_COUNT);
	return role_names[role];
}

enum proc_role
proc_role_find(const char *name)
{
	unsigned role;

	for (role = 0; role < PROC_COUNT; role++) {
		if (strcmp(name, role_names[role]) == 0)
			break;
	}
	return (enum proc_role)role;
}

const struct pmsg_rule *
pmsg_find_rule(struct pmsg_rules rules, unsigned type, enum proc_role from)
{
	size_t i;

	for (i = 0; i < rules.count; i++) {
		if (rules.rule[i].type == type && rules.rule[i].from == from)
			return &rules.rule[i];
	}
	return NULL;
}

/* Everything that can be said against it before a handler sees it. */
static int
check_rule(const struct pmsg_rule *rule, const struct pmsg *msg)
{
	if (rule == NULL)
		return ERR_DENIED;
	if (msg->len > rule->bytes_max)
		return ERR_SIZE;
	if ((rule->flags & PMSG_EXACT) != 0 && msg->len != rule->bytes_max)
		return ERR_SIZE;
	if (((rule->flags & PMSG_WITH_FD) != 0) != (msg->fd >= 0))
		return ERR_STATE;
	return OK;
}

int
pmsg_dispatch(struct pmsg_rules rules, const struct pmsg *msg, void *ctx)
{
	const struct pmsg_rule *rule;
	int rc;

	rule = pmsg_find_rule(rules, msg->type, msg->from);
	if ((rc = check_rule(rule, msg)) == OK)
		return rule->handle(ctx, msg);
	if (msg->fd >= 0)
		(void)close(msg->fd);
	return rc;
}

static void
put_text(struct writer *w, struct text text, size_t bytes_max)
{
	if (text.len > bytes_max)
		w->failed = true;
	else
		buf_put_blob16(w, text.data, text.len);
}

/* Absent and empty are the same between the rooms. */
static struct text
get_text(struct reader *r, size_t bytes_max)
{
	struct text text = { NULL, 0 };
	const uint8_t *bytes;
	size_t len;

	bytes = buf_get_blob16(r, &len);
	if (len > bytes_max)
		r->failed = true;
	else if (len > 0)
		text = (struct text){ (const char *)bytes, len };
	return text;
}

void
pmsg_encode_end(struct writer *w, const struct pmsg_end *end)
{
	buf_put_u8(w, (uint8_t)end->role);
	buf_put_u32(w, end->generation);
}

int
pmsg_decode_end(struct pmsg_end *end, const uint8_t *body, size_t len)
{
	struct reader r;

	buf_read(&r, body, len);
	end->role = (enum proc_role)buf_get_choice(&r, PROC_COUNT);
	end->generation = buf_get_u32(&r);
	return buf_is_spent(&r);
}

void
pmsg_encode_number(struct writer *w, unsigned path)
{
	assert(path < LINE_PATHS_MAX);
	buf_put_u8(w, (uint8_t)path);
}

int
pmsg_decode_number(unsigned *path, const uint8_t *body, size_t len)
{
	struct reader r;

	buf_read(&r, body, len);
	*path = buf_get_choice(&r, LINE_PATHS_MAX);
	return buf_is_spent(&r);
}

void
pmsg_encode_way(struct writer *w, const struct pmsg_way *way)
{
	pmsg_encode_number(w, way->path);
	buf_put_u8(w, way->tcp);
	put_text(w, way->listen, PMSG_ENDPOINT_BYTES_MAX);
	put_text(w, way->endpoint, PMSG_ENDPOINT_BYTES_MAX);
	put_text(w, way->proxy, PMSG_ENDPOINT_BYTES_MAX);
}

int
pmsg_decode_way(struct pmsg_way *way, const uint8_t *body, size_t len)
{
	struct reader r;

	buf_read(&r, body, len);
	way->path = buf_get_choice(&r, LINE_PATHS_MAX);
	way->tcp = buf_get_bool(&r);
	way->listen = get_text(&r, PMSG_ENDPOINT_BYTES_MAX);
	way->endpoint = get_text(&r, PMSG_ENDPOINT_BYTES_MAX);
	way->proxy = get_text(&r, PMSG_ENDPOINT_BYTES_MAX);
	return buf_is_spent(&r);
}

void
pmsg_encode_bound(struct writer *w, const struct pmsg_bound *bound)
{
	assert(bound->err <= 0 && bound->err > -256);
	pmsg_encode_number(w, bound->path);
	buf_put_u8(w, (uint8_t)-bound->err);
	put_text(w, bound->at, PMSG_ENDPOINT_BYTES_MAX);
	put_text(w, bound->say, PMSG_SAY_BYTES_MAX);
}

int
pmsg_decode_bound(struct pmsg_bound *bound, const uint8_t *body, size_t len)
{
	struct reader r;

	buf_read(&r, body, len);
	bound->path = buf_get_choice(&r, LINE_PATHS_MAX);
	bound->err = -(int)buf_get_u8(&r);
	bound->at = get_text(&r, PMSG_ENDPOINT_BYTES_MAX);
	bound->say = get_text(&r, PMSG_SAY_BYTES_MAX);
	return buf_is_spent(&r);
}

void
pmsg_encode_origin(struct writer *w, const struct origin *origin)
{
	buf_put_u8(w, origin->len);
	buf_put_bytes(w, origin->bytes, origin->len);
}

static void
get_origin(struct reader *r, struct origin *origin)
{
	memset(origin, 0, sizeof(*origin));
	origin->len = (uint8_t)buf_get_choice(r, ORIGIN_BYTES_MAX + 1);
	buf_get_bytes(r, origin->bytes, origin->len);
}

int
pmsg_decode_origin(struct origin *origin, const uint8_t *body, size_t len)
{
	struct reader r;

	buf_read(&r, body, len);
	get_origin(&r, origin);
	return buf_is_spent(&r);
}

void
pmsg_encode_path(struct writer *w, const struct pmsg_path *path)
{
	pmsg_encode_number(w, path->path);
	buf_put_u8(w, path->roams);
	buf_put_u8(w, path->has_ticket);
	if (path->has_ticket) {
		buf_put_bytes(w, path->ticket.id, TICKET_ID_BYTES);
		buf_put_bytes(w, path->ticket.mask, SHORT_KEY_BYTES);
		buf_put_bytes(w, path->ticket.key, SHORT_KEY_BYTES);
	}
	pmsg_encode_origin(w, &path->last);
}

static void
get_ticket(struct reader *r, struct ticket *ticket)
{
	buf_get_bytes(r, ticket->id, TICKET_ID_BYTES);
	buf_get_bytes(r, ticket->mask, SHORT_KEY_BYTES);
	buf_get_bytes(r, ticket->key, SHORT_KEY_BYTES);
	if (ticket_decode_id(&ticket->is, ticket->id) != OK)
		r->failed = true;
}

int
pmsg_decode_path(struct pmsg_path *path, const uint8_t *body, size_t len)
{
	struct reader r;

	memset(path, 0, sizeof(*path));
	buf_read(&r, body, len);
	path->path = buf_get_choice(&r, LINE_PATHS_MAX);
	path->roams = buf_get_bool(&r);
	path->has_ticket = buf_get_bool(&r);
	if (path->has_ticket)
		get_ticket(&r, &path->ticket);
	get_origin(&r, &path->last);
	return buf_is_spent(&r);
}

void
pmsg_encode_peer(struct writer *w, const struct pmsg_peer *peer)
{
	pmsg_encode_number(w, peer->path);
	buf_put_u8(w, (uint8_t)peer->kind);
	pmsg_encode_origin(w, &peer->at);
}

int
pmsg_decode_peer(struct pmsg_peer *peer, const uint8_t *body, size_t len)
{
	struct reader r;

	buf_read(&r, body, len);
	peer->path = buf_get_choice(&r, LINE_PATHS_MAX);
	peer->kind = (enum pmsg_kind)buf_get_choice(&r, PMSG_KIND_COUNT);
	get_origin(&r, &peer->at);
	return buf_is_spent(&r);
}

void
pmsg_encode_undialed(struct writer *w, enum pmsg_undialed why)
{
	assert(why != PMSG_UNDIALED_NOT && why < PMSG_UNDIALED_COUNT);
	buf_put_u8(w, (uint8_t)why);
}

int
pmsg_decode_undialed(enum pmsg_undialed *why, const uint8_t *body, size_t len)
{
	struct reader r;

	buf_read(&r, body, len);
	*why = (enum pmsg_undialed)buf_get_choice(&r, PMSG_UNDIALED_COUNT);
	if (*why == PMSG_UNDIALED_NOT)
		return ERR_FORMAT;
	return buf_is_spent(&r);
}

void
pmsg_encode_ran(struct writer *w, enum pmsg_ran how, unsigned code)
{
	assert(how < PMSG_RAN_COUNT && code <= UINT8_MAX);
	buf_put_u8(w, (uint8_t)how);
	buf_put_u8(w, (uint8_t)code);
}

int
pmsg_decode_ran(enum pmsg_ran *how, unsigned *code, const uint8_t *body,
    size_t len)
{
	struct reader r;

	buf_read(&r, body, len);
	*how = (enum pmsg_ran)buf_get_choice(&r, PMSG_RAN_COUNT);
	*code = buf_get_u8(&r);
	return buf_is_spent(&r);
}

int
pmsg_decode_origins(struct origin *origins, size_t *count, const uint8_t *body,
    size_t len)
{
	struct reader r;

	*count = 0;
	buf_read(&r, body, len);
	while (buf_left(&r) > 0 && *count < PMSG_RESOLVED_MAX)
		get_origin(&r, &origins[(*count)++]);
	return buf_is_spent(&r);
}

void
pmsg_encode_line(struct writer *w, const struct line_config *config)
{
	buf_put_u8(w, (uint8_t)config->role);
	buf_put_u16(w, config->cadence.frame_bytes);
	buf_put_u32(w, config->cadence.slot_us);
	buf_put_u16(w, config->also_frame_bytes);
	buf_put_u8(w, config->terms);
	buf_put_bytes(w, config->boot_send, LINE_KEY_BYTES);
	buf_put_bytes(w, config->boot_recv, LINE_KEY_BYTES);
}

int
pmsg_decode_line(struct line_config *config, const uint8_t *body, size_t len)
{
	struct cadence also;
	struct reader r;
	int rc;

	memset(config, 0, sizeof(*config));
	buf_read(&r, body, len);
	config->role = buf_get_choice(&r, ROLE_B + 1) == 0 ? ROLE_A : ROLE_B;
	config->cadence.frame_bytes = buf_get_u16(&r);
	config->cadence.slot_us = buf_get_u32(&r);
	also = config->cadence;
	config->also_frame_bytes = buf_get_u16(&r);
	config->terms = (uint8_t)buf_get_choice(&r, TERMS_NUMBERS);
	buf_get_bytes(&r, config->boot_send, LINE_KEY_BYTES);
	buf_get_bytes(&r, config->boot_recv, LINE_KEY_BYTES);
	if ((rc = buf_is_spent(&r)) == OK)
		rc = cadence_check(config->cadence);
	also.frame_bytes = config->also_frame_bytes;
	if (rc == OK && also.frame_bytes != 0)
		rc = cadence_check(also);
	return rc == OK ? OK : ERR_FORMAT;
}

static void
put_attempt(struct writer *w, const struct attempt *attempt)
{
	buf_put_u8(w, (uint8_t)attempt->kind);
	buf_put_u64(w, attempt->number);
	buf_put_u8(w, (uint8_t)attempt->use);
}

static void
get_attempt(struct reader *r, struct attempt *attempt)
{
	attempt->kind =
	    (enum handshake_kind)buf_get_choice(r, HANDSHAKE_REKEY + 1);
	attempt->number = buf_get_u64(r);
	attempt->use =
	    (enum continuity_use)buf_get_choice(r, CONTINUITY_PREV + 1);
}

static void
put_piece(struct writer *w, const struct piece *piece)
{
	if (piece->len > PMSG_PIECE_BYTES_MAX) {
		w->failed = true;
		return;
	}
	buf_put_u8(w, (uint8_t)piece->class);
	buf_put_u64(w, piece->n);
	buf_put_u64(w, piece->offset);
	buf_put_u8(w, piece->fin);
	buf_put_blob32(w, piece->data, piece->len);
}

static void
get_piece(struct reader *r, struct piece *piece)
{
	piece->class = (enum record_class)buf_get_choice(r, CLASS_COUNT);
	piece->n = buf_get_u64(r);
	piece->offset = buf_get_u64(r);
	piece->fin = buf_get_bool(r);
	piece->data = buf_get_blob32(r, &piece->len);
	if (piece->len > PMSG_PIECE_BYTES_MAX)
		r->failed = true;
}

static void
put_have(struct writer *w, const struct have *have)
{
	size_t class;

	for (class = 0; class < CLASS_COUNT; class++) {
		buf_put_u64(w, have->at[class].n);
		buf_put_u64(w, have->at[class].offset);
	}
	buf_put_u64(w, have->credit);
}

static void
get_have(struct reader *r, struct have *have)
{
	size_t class;

	for (class = 0; class < CLASS_COUNT; class++) {
		have->at[class].n = buf_get_u64(r);
		have->at[class].offset = buf_get_u64(r);
	}
	have->credit = buf_get_u64(r);
}

/* What a keeper holds goes with the record that it holds in part. */
static void
put_held(struct writer *w, const struct line_order *order)
{
	size_t class;

	put_have(w, &order->have);
	for (class = 0; class < CLASS_COUNT; class++)
		buf_put_u64(w, order->partial_n[class]);
}

static void
get_held(struct reader *r, struct line_order *order)
{
	size_t class;

	get_have(r, &order->have);
	for (class = 0; class < CLASS_COUNT; class++)
		order->partial_n[class] = buf_get_u64(r);
}

static void
put_want(struct writer *w, const struct want *want)
{
	size_t class;

	for (class = 0; class < CLASS_COUNT; class++) {
		buf_put_u64(w, want->at[class].n);
		buf_put_u64(w, want->at[class].offset);
		buf_put_u32(w, want->room[class]);
	}
}

static void
get_want(struct reader *r, struct want *want)
{
	size_t class;

	for (class = 0; class < CLASS_COUNT; class++) {
		want->at[class].n = buf_get_u64(r);
		want->at[class].offset = buf_get_u64(r);
		want->room[class] = buf_get_u32(r);
	}
}

static void
put_hints(struct writer *w, const struct hints *hints)
{
	buf_put_bytes(w, hints->cur, HINT_BYTES);
	buf_put_bytes(w, hints->prev, HINT_BYTES);
	buf_put_u8(w, hints->proved);
}

static void
get_hints(struct reader *r, struct hints *hints)
{
	buf_get_bytes(r, hints->cur, HINT_BYTES);
	buf_get_bytes(r, hints->prev, HINT_BYTES);
	hints->proved = buf_get_bool(r);
}

static void
put_keys(struct writer *w, const struct session_keys *keys)
{
	buf_put_bytes(w, keys->send, SESSION_KEY_BYTES);
	buf_put_bytes(w, keys->recv, SESSION_KEY_BYTES);
}

static void
get_keys(struct reader *r, struct session_keys *keys)
{
	buf_get_bytes(r, keys->send, SESSION_KEY_BYTES);
	buf_get_bytes(r, keys->recv, SESSION_KEY_BYTES);
}

/* A handshake message has one length, which its kind tells. */
static void
put_message(struct writer *w, const uint8_t *data, size_t len, size_t exact)
{
	if (len != exact)
		w->failed = true;
	else
		buf_put_bytes(w, data, len);
}

static void
put_peers(struct writer *w, const struct line_report *report)
{
	size_t i;

	pmsg_encode_origin(w, &report->peer);
	for (i = 0; i < LINE_PATHS_MAX; i++)
		pmsg_encode_origin(w, &report->path[i].peer);
}

static void
get_peers(struct reader *r, struct line_report *report)
{
	size_t i;

	get_origin(r, &report->peer);
	for (i = 0; i < LINE_PATHS_MAX; i++)
		get_origin(r, &report->path[i].peer);
}

void
pmsg_encode_event(struct writer *w, const struct line_event *event)
{
	buf_put_u8(w, (uint8_t)event->kind);
	switch (event->kind) {
	case LINE_EVENT_REPORT:
		report_encode(w, &event->report);
		put_peers(w, &event->report);
		break;
	case LINE_EVENT_MAKE_1:
	case LINE_EVENT_CONFIRM:
	case LINE_EVENT_PROVED:
		put_attempt(w, &event->attempt);
		break;
	case LINE_EVENT_ANSWER_1:
		put_attempt(w, &event->attempt);
		put_message(w, event->data, event->len, HANDSHAKE_1_BYTES);
		break;
	case LINE_EVENT_FINISH_2:
		put_attempt(w, &event->attempt);
		put_message(w, event->data, event->len, HANDSHAKE_2_BYTES);
		break;
	case LINE_EVENT_DATA:
		put_piece(w, &event->piece);
		break;
	case LINE_EVENT_HAVE:
		put_have(w, &event->have);
		break;
	case LINE_EVENT_STATUS:
		report_encode_status(w, &event->status);
		break;
	case LINE_EVENT_WANT:
		put_want(w, &event->want);
		break;
	case LINE_EVENT_FAULT:
		buf_put_u8(w, (uint8_t)event->fault);
		break;
	case LINE_EVENT_TERMS:
		buf_put_u8(w, event->terms);
		break;
	case LINE_EVENT_COUNT:
		w->failed = true;
		break;
	}
}

static void
get_message_of(struct reader *r, struct line_event *event, size_t len)
{
	get_attempt(r, &event->attempt);
	event->data = buf_get_slice(r, len);
	event->len = len;
}

int
pmsg_decode_event(struct line_event *event, const uint8_t *body, size_t len)
{
	struct reader r;

	memset(event, 0, sizeof(*event));
	buf_read(&r, body, len);
	event->kind =
	    (enum line_event_kind)buf_get_choice(&r, LINE_EVENT_COUNT);
	switch (event->kind) {
	case LINE_EVENT_REPORT:
		report_decode(&r, &event->report);
		get_peers(&r, &event->report);
		break;
	case LINE_EVENT_MAKE_1:
	case LINE_EVENT_CONFIRM:
	case LINE_EVENT_PROVED:
		get_attempt(&r, &event->attempt);
		break;
	case LINE_EVENT_ANSWER_1:
		get_message_of(&r, event, HANDSHAKE_1_BYTES);
		break;
	case LINE_EVENT_FINISH_2:
		get_message_of(&r, event, HANDSHAKE_2_BYTES);
		break;
	case LINE_EVENT_DATA:
		get_piece(&r, &event->piece);
		break;
	case LINE_EVENT_HAVE:
		get_have(&r, &event->have);
		break;
	case LINE_EVENT_STATUS:
		report_decode_status(&r, &event->status);
		break;
	case LINE_EVENT_WANT:
		get_want(&r, &event->want);
		break;
	case LINE_EVENT_FAULT:
		event->fault = (enum fault)buf_get_choice(&r, FAULT_COUNT);
		break;
	case LINE_EVENT_TERMS:
		event->terms = (uint8_t)buf_get_choice(&r, TERMS_NUMBERS);
		break;
	case LINE_EVENT_COUNT:
		return ERR_FORMAT;
	}
	return buf_is_spent(&r);
}

void
pmsg_encode_order(struct writer *w, const struct line_order *order)
{
	buf_put_u8(w, (uint8_t)order->kind);
	switch (order->kind) {
	case LINE_ORDER_ATTACH:
		put_hints(w, &order->hints);
		put_held(w, order);
		report_encode_status(w, &order->status);
		break;
	case LINE_ORDER_HINTS:
		put_hints(w, &order->hints);
		break;
	case LINE_ORDER_MESSAGE_1:
		put_attempt(w, &order->attempt);
		put_message(w, order->data, order->len, HANDSHAKE_1_BYTES);
		break;
	case LINE_ORDER_MESSAGE_2:
		put_attempt(w, &order->attempt);
		put_keys(w, &order->keys);
		put_message(w, order->data, order->len, HANDSHAKE_2_BYTES);
		break;
	case LINE_ORDER_KEYS:
		put_attempt(w, &order->attempt);
		put_keys(w, &order->keys);
		put_hints(w, &order->hints);
		break;
	case LINE_ORDER_CONFIRMED:
		put_attempt(w, &order->attempt);
		put_hints(w, &order->hints);
		break;
	case LINE_ORDER_FAILED:
		put_attempt(w, &order->attempt);
		break;
	case LINE_ORDER_PIECE:
		put_piece(w, &order->piece);
		break;
	case LINE_ORDER_HAVE:
		put_held(w, order);
		break;
	case LINE_ORDER_FAULT:
		buf_put_u8(w, (uint8_t)order->fault);
		put_held(w, order);
		break;
	case LINE_ORDER_STATUS:
		report_encode_status(w, &order->status);
		break;
	case LINE_ORDER_GOODBYE:
		buf_put_u8(w, (uint8_t)order->why);
		break;
	case LINE_ORDER_COUNT:
		w->failed = true;
		break;
	}
}

static void
get_order_body(struct reader *r, struct line_order *order)
{
	switch (order->kind) {
	case LINE_ORDER_ATTACH:
		get_hints(r, &order->hints);
		get_held(r, order);
		report_decode_status(r, &order->status);
		break;
	case LINE_ORDER_HINTS:
		get_hints(r, &order->hints);
		break;
	case LINE_ORDER_MESSAGE_1:
		get_attempt(r, &order->attempt);
		order->data = buf_get_slice(r, HANDSHAKE_1_BYTES);
		order->len = HANDSHAKE_1_BYTES;
		break;
	case LINE_ORDER_MESSAGE_2:
		get_attempt(r, &order->attempt);
		get_keys(r, &order->keys);
		order->data = buf_get_slice(r, HANDSHAKE_2_BYTES);
		order->len = HANDSHAKE_2_BYTES;
		break;
	case LINE_ORDER_KEYS:
		get_attempt(r, &order->attempt);
		get_keys(r, &order->keys);
		get_hints(r, &order->hints);
		break;
	case LINE_ORDER_CONFIRMED:
		get_attempt(r, &order->attempt);
		get_hints(r, &order->hints);
		break;
	case LINE_ORDER_FAILED:
		get_attempt(r, &order->attempt);
		break;
	case LINE_ORDER_PIECE:
		get_piece(r, &order->piece);
		break;
	case LINE_ORDER_HAVE:
		get_held(r, order);
		break;
	case LINE_ORDER_FAULT:
		order->fault = (enum fault)buf_get_choice(r, FAULT_COUNT);
		get_held(r, order);
		break;
	case LINE_ORDER_STATUS:
		report_decode_status(r, &order->status);
		break;
	case LINE_ORDER_GOODBYE:
		order->why = (enum line_why)buf_get_choice(r, WHY_COUNT);
		break;
	case LINE_ORDER_COUNT:
		r->failed = true;
		break;
	}
}

int
pmsg_decode_order(struct line_order *order, const uint8_t *body, size_t len)
{
	struct reader r;

	memset(order, 0, sizeof(*order));
	buf_read(&r, body, len);
	order->kind =
	    (enum line_order_kind)buf_get_choice(&r, LINE_ORDER_COUNT);
	get_order_body(&r, order);
	return buf_is_spent(&r);
}
