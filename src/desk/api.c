#include "desk/api.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/rng.h"
#include "core/cadence.h"
#include "desk/answer.h"
#include "desk/desk.h"
#include "desk/exchange.h"
#include "desk/query.h"
#include "desk/upload.h"

static struct text
text_of(const char *text)
{
	if (*text == '\0')
		return (struct text){ NULL, 0 };
	return (struct text){ text, strlen(text) };
}

/* A request about the line and the message of the path. */
static struct request
request_new(const struct exchange *exchange, enum request_kind kind)
{
	struct request request = exchange->request;

	request.kind = kind;
	request.line = text_of(exchange->match.line);
	request.ref = text_of(exchange->match.ref);
	return request;
}

static void
ask(struct exchange *exchange, enum request_kind kind)
{
	struct request request = request_new(exchange, kind);

	exchange_ask(exchange, &request);
}

static void
refuse_reply(struct exchange *exchange)
{
	exchange_refuse(exchange, 500, "failed",
	    "the keeper gave an answer that does not fit");
}

static int
parse_body(struct exchange *exchange, enum body_shape shape)
{
	int rc;

	if (exchange->query != NULL && *exchange->query != '\0') {
		exchange_refuse(exchange, 400, "malformed",
		    "nothing is known after the question mark here");
		return ERR_FORMAT;
	}
	rc = body_parse(&exchange->body, &exchange->request, shape,
	    exchange->in.data, exchange->in.len);
	if (rc != OK)
		exchange_refuse(exchange, answer_status(rc), answer_word(rc),
		    "%s", exchange->body.say);
	return rc;
}

static int
parse_query(struct exchange *exchange, struct query_field *fields, size_t count)
{
	if (query_parse(fields, count, exchange->query) == OK)
		return OK;
	exchange_refuse(exchange, 400, "malformed",
	    "what stands after the question mark is unknown or malformed");
	return ERR_FORMAT;
}

/* A page is through.  The reader asks for the next when it has taken this one;
 * where it has already, nobody else would. */
static void
read_on(struct exchange *exchange)
{
	if (exchange->out.len == 0)
		exchange->match.route->ask(exchange);
}

/* GET /v1/status and GET /v1/lines */

static void
status_ask(struct exchange *exchange)
{
	json_decref(exchange->partial);
	exchange->partial = NULL;
	ask(exchange, REQUEST_STATUS);
}

/* True once the whole is there; false: more comes, or it was refused. */
static bool
status_gather(struct exchange *exchange, const struct reply *reply)
{
	if (reply->kind == REPLY_POST && exchange->partial == NULL)
		exchange->partial = answer_post(reply);
	if (exchange->partial == NULL) {
		refuse_reply(exchange);
		return false;
	}
	if (reply->kind == REPLY_LINE)
		json_array_append_new(json_object_get(exchange->partial,
		    "lines"), answer_line(&reply->line));
	return !reply->more;
}

static void
status_on_reply(struct exchange *exchange, const struct reply *reply)
{
	if (!status_gather(exchange, reply))
		return;
	exchange_answer(exchange, 200, exchange->partial);
	exchange->partial = NULL;
}

static void
lines_on_reply(struct exchange *exchange, const struct reply *reply)
{
	if (status_gather(exchange, reply))
		exchange_answer(exchange, 200, json_pack("{s:O}", "lines",
		    json_object_get(exchange->partial, "lines")));
}

/* GET /v1/lines/{line} */

static void
line_ask(struct exchange *exchange)
{
	ask(exchange, REQUEST_LINE_SHOW);
}

static void
line_on_reply(struct exchange *exchange, const struct reply *reply)
{
	if (reply->kind == REPLY_LINE)
		exchange_answer(exchange, 200, answer_line(&reply->line));
	else
		refuse_reply(exchange);
}

/* The ceremony. */

static int
offer_parse(struct exchange *exchange)
{
	int rc = cadence_parse(&exchange->request.ceremony.cadence, "talk");

	if (rc != OK) {
		exchange_refuse_err(exchange, rc, (struct text){ NULL, 0 });
		return rc;
	}
	exchange->request.ceremony.accept = 2;
	return parse_body(exchange, BODY_OFFER);
}

static void
offer_ask(struct exchange *exchange)
{
	ask(exchange, REQUEST_OFFER);
}

static int
accept_parse(struct exchange *exchange)
{
	return parse_body(exchange, BODY_ACCEPT);
}

static void
accept_ask(struct exchange *exchange)
{
	ask(exchange, REQUEST_ACCEPT);
}

static int
finish_parse(struct exchange *exchange)
{
	return parse_body(exchange, BODY_FINISH);
}

static void
finish_ask(struct exchange *exchange)
{
	ask(exchange, REQUEST_FINISH);
}

static void
ceremony_on_reply(struct exchange *exchange, const struct reply *reply)
{
	if (reply->kind == REPLY_CEREMONY)
		exchange_answer(exchange, 200,
		    answer_ceremony(exchange->match.line, reply));
	else
		refuse_reply(exchange);
}

static int
confirm_parse(struct exchange *exchange)
{
	return parse_body(exchange, BODY_CONFIRM);
}

static void
confirm_ask(struct exchange *exchange)
{
	ask(exchange, REQUEST_CONFIRM);
}

static void
close_ask(struct exchange *exchange)
{
	ask(exchange, REQUEST_LINE_CLOSE);
}

static void
done_on_reply(struct exchange *exchange, const struct reply *reply)
{
	if (reply->kind == REPLY_DONE)
		exchange_answer(exchange, 200, json_pack("{s:b}", "done", 1));
	else
		refuse_reply(exchange);
}

/* POST /v1/lines/{line}/messages: sent, then the line's cadence tells when it
 * arrives. */

enum send_step { SEND_SENDING, SEND_ESTIMATING };

static int
send_parse(struct exchange *exchange)
{
	static const uint8_t zeros[RECORD_ID_BYTES];
	struct request *request = &exchange->request;
	int rc = parse_body(exchange, BODY_SEND);

	if (rc != OK)
		return rc;
	/* With an id it may be asked again when keeper restarts under it. */
	if (memcmp(request->send.id, zeros, sizeof(zeros)) == 0)
		rng_fill(rng_kernel(), request->send.id,
		    sizeof(request->send.id));
	return OK;
}

static void
send_ask(struct exchange *exchange)
{
	ask(exchange, exchange->step == SEND_SENDING ? REQUEST_SEND :
	    REQUEST_LINE_SHOW);
}

static void
send_on_reply(struct exchange *exchange, const struct reply *reply)
{
	const struct reply *sent = &exchange->sent;

	if (exchange->step == SEND_SENDING && reply->kind == REPLY_SENT) {
		exchange->sent.sent = reply->sent;
		exchange->step = SEND_ESTIMATING;
		send_ask(exchange);
	} else if (exchange->step == SEND_ESTIMATING &&
	    reply->kind == REPLY_LINE) {
		exchange_answer(exchange, 201, answer_sent(exchange->match.line,
		    sent, answer_arrives_ms(reply->line.cadence,
		    sent->sent.bytes_ahead)));
	} else {
		refuse_reply(exchange);
	}
}

/* GET /v1/lines/{line}/messages */

static int
messages_parse(struct exchange *exchange)
{
	struct query_field fields[] = { { .name = "since" }, { .name = "limit" } };
	const struct query_field *since = &fields[0];
	uint64_t limit;
	int rc = parse_query(exchange, fields, 2);

	if (rc != OK)
		return rc;
	exchange->since_ms = INT64_MIN;
	if (since->given && route_is_ref(since->value)) {
		snprintf(exchange->since_ref, sizeof(exchange->since_ref), "%s",
		    since->value);
	} else if (since->given &&
	    clock_parse(&exchange->since_ms, since->value) != OK) {
		exchange_refuse(exchange, 400, "malformed", "\"since\" must be "
		    "a reference such as us/12, or a time such as "
		    "2026-11-22T09:30:00Z");
		return ERR_FORMAT;
	}
	limit = since->given ? 0 : DESK_READ_DEFAULT;
	if (query_number(&limit, &fields[1], DESK_READ_MAX) != OK) {
		exchange_refuse(exchange, 400, "malformed", "\"limit\" must be "
		    "a number up to %d, or 0 for all", DESK_READ_MAX);
		return ERR_FORMAT;
	}
	exchange->limit = (uint32_t)limit;
	return OK;
}

/* All of them are read on page by page; the last few in one go.  After a
 * restart of keeper either goes on where it was. */
static void
messages_ask(struct exchange *exchange)
{
	struct request request = request_new(exchange, REQUEST_READ);

	request.read.since_ref = text_of(exchange->since_ref);
	request.read.since_ms = *exchange->since_ref != '\0' ? INT64_MIN :
	    exchange->since_ms;
	if (exchange->limit == 0) {
		request.read.limit = DESK_READ_PAGE;
		request.read.oldest = true;
		exchange->in_page = 0;
	} else {
		request.read.limit = exchange->limit - exchange->in_page;
		request.read.oldest = exchange->in_page > 0;
	}
	exchange_ask(exchange, &request);
}

static void
remember_ref(struct exchange *exchange, const struct message_view *view)
{
	if (view->serial != 0)
		snprintf(exchange->since_ref, sizeof(exchange->since_ref),
		    "%s/%" PRIu64, view->from_us ? "us" : "them", view->serial);
	else
		hex_encode(exchange->since_ref, view->id, 8);
}

static void
messages_on_reply(struct exchange *exchange, const struct reply *reply)
{
	uint32_t page = exchange->limit == 0 ? DESK_READ_PAGE : exchange->limit;

	exchange_stream(exchange, "application/x-ndjson", UINT64_MAX);
	if (reply->kind == REPLY_MESSAGE) {
		exchange_put_line(exchange, answer_message(exchange->match.line,
		    &reply->message));
		remember_ref(exchange, &reply->message);
		exchange->in_page++;
		/* Nothing to read on with: the last page was the rest. */
		if (exchange->phase != EXCHANGE_STREAMING)
			return;
	} else if (reply->kind != REPLY_DONE) {
		refuse_reply(exchange);
		return;
	}
	if (reply->more)
		return;
	if (exchange->limit != 0 || exchange->in_page < page)
		exchange_end(exchange);
	else
		read_on(exchange);
}

/* GET /v1/lines/{line}/messages/{ref} */

static void
message_ask(struct exchange *exchange)
{
	struct request request = request_new(exchange, REQUEST_READ);

	request.read.since_ms = INT64_MIN;
	exchange_ask(exchange, &request);
}

static void
message_on_reply(struct exchange *exchange, const struct reply *reply)
{
	if (reply->kind == REPLY_MESSAGE)
		exchange_answer(exchange, 200, answer_message(
		    exchange->match.line, &reply->message));
	else if (reply->kind == REPLY_DONE)
		exchange_refuse(exchange, 404, "not-found",
		    "there is no message %s on this line", exchange->match.ref);
	else
		refuse_reply(exchange);
}

/* GET .../attachments/{n} */

static void
attachment_ask(struct exchange *exchange)
{
	struct request request = request_new(exchange, REQUEST_GET);

	request.get.n = exchange->match.n;
	request.get.offset = exchange->offset;
	exchange_ask(exchange, &request);
}

static void
attachment_on_reply(struct exchange *exchange, const struct reply *reply)
{
	uint64_t total = reply->data.total;

	if (reply->kind != REPLY_DATA ||
	    reply->data.offset != exchange->offset ||
	    reply->data.data.len > total - exchange->offset ||
	    (reply->data.data.len == 0 && exchange->offset < total) ||
	    (exchange->phase == EXCHANGE_STREAMING &&
	    total != exchange->total)) {
		refuse_reply(exchange);
		return;
	}
	exchange_stream(exchange, "application/octet-stream", total);
	exchange_put(exchange, reply->data.data.data, reply->data.data.len);
	exchange->offset += reply->data.data.len;
	if (exchange->offset == total &&
	    exchange->phase == EXCHANGE_STREAMING)
		exchange_end(exchange);
}

static void
ack_ask(struct exchange *exchange)
{
	ask(exchange, REQUEST_ACK);
}

static void
drill_ask(struct exchange *exchange)
{
	ask(exchange, REQUEST_DRILL);
}

static void
drill_on_reply(struct exchange *exchange, const struct reply *reply)
{
	if (reply->kind == REPLY_SENT)
		exchange_answer(exchange, 201, answer_sent(exchange->match.line,
		    reply, UINT64_MAX));
	else
		refuse_reply(exchange);
}

/* GET /v1/events */

static int
events_parse(struct exchange *exchange)
{
	struct query_field fields[] = { { .name = "after" },
		{ .name = "follow" } };
	uint64_t follow = 0;
	int rc = parse_query(exchange, fields, 2);

	if (rc != OK)
		return rc;
	if (fields[0].given && strcmp(fields[0].value, "now") == 0) {
		exchange->offset = DESK_EVENTS_NOW;
	} else if (query_number(&exchange->offset, &fields[0],
	    DESK_EVENTS_NOW - 1) != OK) {
		exchange_refuse(exchange, 400, "malformed", "\"after\" must be "
		    "the number of an event, or \"now\"");
		return ERR_FORMAT;
	}
	if (query_number(&follow, &fields[1], 1) != OK) {
		exchange_refuse(exchange, 400, "malformed",
		    "\"follow\" must be 0 or 1");
		return ERR_FORMAT;
	}
	exchange->follow = follow == 1;
	return OK;
}

static void
events_ask(struct exchange *exchange)
{
	struct request request = request_new(exchange, REQUEST_EVENTS);

	request.events.after = exchange->offset;
	request.events.limit = DESK_EVENTS_PAGE;
	exchange->in_page = 0;
	exchange_ask(exchange, &request);
}

static void
events_on_reply(struct exchange *exchange, const struct reply *reply)
{
	exchange_stream(exchange, "application/x-ndjson", UINT64_MAX);
	if (reply->kind == REPLY_EVENT) {
		exchange->offset = reply->event.seq;
		exchange->in_page++;
		exchange_put_line(exchange, answer_event(&reply->event));
		if (exchange->phase != EXCHANGE_STREAMING)
			return;
	} else if (reply->kind != REPLY_DONE) {
		refuse_reply(exchange);
		return;
	}
	if (reply->more)
		return;
	if (exchange->follow && exchange->beat_ns == UINT64_MAX)
		exchange->beat_ns = exchange->desk->now_ns +
		    (uint64_t)DESK_BEAT_S * CLOCK_NS_PER_S;
	if (exchange->in_page == DESK_EVENTS_PAGE)
		read_on(exchange);
	else if (!exchange->follow)
		exchange_end(exchange);
}

static void
down_ask(struct exchange *exchange)
{
	ask(exchange, REQUEST_DOWN);
}

#define MESSAGES "/v1/lines/{line}/messages"

const struct route api_routes[] = {
	{ "GET", "/v1/status", ROUTE_FOR_OWNER, ROUTE_NO_BODY, true,
	    NULL, status_ask, status_on_reply },
	{ "GET", "/v1/lines", ROUTE_FOR_OWNER, ROUTE_NO_BODY, true,
	    NULL, status_ask, lines_on_reply },
	{ "GET", "/v1/lines/{line}", ROUTE_FOR_OWNER, ROUTE_NO_BODY, true,
	    NULL, line_ask, line_on_reply },
	{ "POST", "/v1/lines/{line}/offer", ROUTE_FOR_OWNER, ROUTE_JSON, false,
	    offer_parse, offer_ask, ceremony_on_reply },
	{ "POST", "/v1/lines/{line}/accept", ROUTE_FOR_OWNER, ROUTE_JSON, false,
	    accept_parse, accept_ask, ceremony_on_reply },
	{ "POST", "/v1/lines/{line}/finish", ROUTE_FOR_OWNER, ROUTE_JSON, false,
	    finish_parse, finish_ask, ceremony_on_reply },
	{ "POST", "/v1/lines/{line}/confirm", ROUTE_FOR_OWNER, ROUTE_JSON,
	    false, confirm_parse, confirm_ask, done_on_reply },
	{ "POST", "/v1/lines/{line}/close", ROUTE_FOR_OWNER, ROUTE_JSON, false,
	    NULL, close_ask, done_on_reply },
	{ "POST", "/v1/uploads", ROUTE_FOR_OWNER, ROUTE_STREAM, false,
	    NULL, upload_ask, upload_on_reply },
	{ "POST", MESSAGES, ROUTE_FOR_OWNER, ROUTE_JSON, true,
	    send_parse, send_ask, send_on_reply },
	{ "GET", MESSAGES, ROUTE_FOR_OWNER, ROUTE_NO_BODY, true,
	    messages_parse, messages_ask, messages_on_reply },
	{ "GET", MESSAGES "/{ref}", ROUTE_FOR_OWNER, ROUTE_NO_BODY, true,
	    NULL, message_ask, message_on_reply },
	{ "GET", MESSAGES "/{ref}/attachments/{n}", ROUTE_FOR_OWNER,
	    ROUTE_NO_BODY, true,
	    NULL, attachment_ask, attachment_on_reply },
	{ "POST", MESSAGES "/{ref}/ack", ROUTE_FOR_OWNER, ROUTE_JSON, true,
	    NULL, ack_ask, done_on_reply },
	{ "POST", "/v1/lines/{line}/drill", ROUTE_FOR_OWNER, ROUTE_JSON, false,
	    NULL, drill_ask, drill_on_reply },
	{ "GET", "/v1/events", ROUTE_FOR_OWNER, ROUTE_NO_BODY, true,
	    events_parse, events_ask, events_on_reply },
	{ "POST", "/v1/down", ROUTE_FOR_OWNER, ROUTE_JSON, false,
	    NULL, down_ask, done_on_reply },
};

const size_t api_route_count = sizeof(api_routes) / sizeof(api_routes[0]);
