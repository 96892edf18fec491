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
#include "desk/args.h"
#include "desk/desk.h"
#include "desk/inquiry.h"
#include "desk/intake.h"
#include "desk/say.h"

static struct text
text_of(const char *text)
{
	if (*text == '\0')
		return (struct text){ NULL, 0 };
	return (struct text){ text, strlen(text) };
}

/* A request about the line and the message of the path. */
static struct request
request_new(const struct inquiry *inquiry, enum request_kind kind)
{
	struct request request = inquiry->request;

	request.kind = kind;
	request.line = text_of(inquiry->match.line);
	request.ref = text_of(inquiry->match.ref);
	return request;
}

/* Older requests have a number of 32 bits: there is nothing beyond. */
static uint32_t
route_number(const struct inquiry *inquiry)
{
	const uint64_t n = inquiry->match.n;

	return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static void
ask(struct inquiry *inquiry, enum request_kind kind)
{
	struct request request = request_new(inquiry, kind);

	inquiry_ask(inquiry, &request);
}

static void
refuse_reply(struct inquiry *inquiry)
{
	inquiry_refuse(inquiry, 500, "failed",
	    "the keeper gave an answer that does not fit");
}

static int
take_body(struct inquiry *inquiry, enum body_shape shape)
{
	int rc = body_parse(&inquiry->body, &inquiry->request, shape,
	    inquiry->in.data, inquiry->in.len);

	if (rc != OK)
		inquiry_refuse(inquiry, answer_status(rc), answer_word(rc),
		    "%s", inquiry->body.say);
	return rc;
}

static int
parse_body(struct inquiry *inquiry, enum body_shape shape)
{
	if (inquiry->query != NULL && *inquiry->query != '\0') {
		inquiry_refuse(inquiry, 400, "malformed",
		    "nothing is known after the question mark here");
		return ERR_FORMAT;
	}
	return take_body(inquiry, shape);
}

static int
parse_query(struct inquiry *inquiry, struct args_field *fields, size_t count)
{
	if (args_parse(fields, count, inquiry->query) == OK)
		return OK;
	inquiry_refuse(inquiry, 400, "malformed",
	    "what stands after the question mark is unknown or malformed");
	return ERR_FORMAT;
}

/* A page is through.  The reader asks for the next when it has taken this one;
 * where it has already, nobody else would. */
static void
read_on(struct inquiry *inquiry)
{
	if (inquiry->out.len == 0)
		inquiry->match.route->ask(inquiry);
}

/* GET /v1/status and GET /v1/lines */

static void
status_ask(struct inquiry *inquiry)
{
	json_decref(inquiry->partial);
	inquiry->partial = NULL;
	ask(inquiry, REQUEST_STATUS);
}

/* True once the whole is there; false: more comes, or it was refused. */
static bool
status_gather(struct inquiry *inquiry, const struct reply *reply)
{
	if (reply->kind == REPLY_POST && inquiry->partial == NULL)
		inquiry->partial =
		    answer_post(reply, inquiry->desk->walls == WALLS_UP);
	if (inquiry->partial == NULL) {
		refuse_reply(inquiry);
		return false;
	}
	if (reply->kind == REPLY_LINE)
		json_array_append_new(json_object_get(inquiry->partial,
					  "lines"),
		    answer_line(&reply->line));
	return !reply->more;
}

static void
status_on_reply(struct inquiry *inquiry, const struct reply *reply)
{
	if (!status_gather(inquiry, reply))
		return;
	inquiry_answer(inquiry, 200, inquiry->partial);
	inquiry->partial = NULL;
}

static void
lines_on_reply(struct inquiry *inquiry, const struct reply *reply)
{
	if (status_gather(inquiry, reply))
		inquiry_answer(inquiry, 200,
		    json_pack("{s:O}", "lines",
			json_object_get(inquiry->partial, "lines")));
}

/* GET /v1/lines/{line} */

static void
line_ask(struct inquiry *inquiry)
{
	ask(inquiry, REQUEST_LINE_SHOW);
}

static void
line_on_reply(struct inquiry *inquiry, const struct reply *reply)
{
	if (reply->kind == REPLY_LINE)
		inquiry_answer(inquiry, 200, answer_line(&reply->line));
	else
		refuse_reply(inquiry);
}

/* The ceremony. */

static int
offer_parse(struct inquiry *inquiry)
{
	int rc = cadence_parse(&inquiry->request.ceremony.cadence, "talk");

	if (rc != OK) {
		inquiry_refuse_err(inquiry, rc, (struct text){ NULL, 0 });
		return rc;
	}
	inquiry->request.ceremony.accept = 2;
	return parse_body(inquiry, BODY_OFFER);
}

static void
offer_ask(struct inquiry *inquiry)
{
	ask(inquiry, REQUEST_OFFER);
}

static int
accept_parse(struct inquiry *inquiry)
{
	return parse_body(inquiry, BODY_ACCEPT);
}

static void
accept_ask(struct inquiry *inquiry)
{
	ask(inquiry, REQUEST_ACCEPT);
}

static int
finish_parse(struct inquiry *inquiry)
{
	return parse_body(inquiry, BODY_FINISH);
}

static void
finish_ask(struct inquiry *inquiry)
{
	ask(inquiry, REQUEST_FINISH);
}

static void
ceremony_on_reply(struct inquiry *inquiry, const struct reply *reply)
{
	if (reply->kind == REPLY_CEREMONY)
		inquiry_answer(inquiry, 200,
		    answer_ceremony(inquiry->match.line, reply));
	else
		refuse_reply(inquiry);
}

static int
confirm_parse(struct inquiry *inquiry)
{
	return parse_body(inquiry, BODY_CONFIRM);
}

static void
confirm_ask(struct inquiry *inquiry)
{
	ask(inquiry, REQUEST_CONFIRM);
}

static void
close_ask(struct inquiry *inquiry)
{
	ask(inquiry, REQUEST_LINE_CLOSE);
}

static void
done_on_reply(struct inquiry *inquiry, const struct reply *reply)
{
	if (reply->kind == REPLY_DONE)
		inquiry_answer(inquiry, 200, json_pack("{s:b}", "done", 1));
	else
		refuse_reply(inquiry);
}

/* The paths, and the rest that can be set of a line. */

static int
path_parse(struct inquiry *inquiry)
{
	return parse_body(inquiry, BODY_PATH);
}

static void
path_add_ask(struct inquiry *inquiry)
{
	ask(inquiry, REQUEST_PATH_ADD);
}

static void
path_on_reply(struct inquiry *inquiry, const struct reply *reply)
{
	if (reply->kind == REPLY_PATH)
		inquiry_answer(inquiry, 201, answer_path(&reply->path));
	else
		refuse_reply(inquiry);
}

static void
paths_ask(struct inquiry *inquiry)
{
	json_decref(inquiry->partial);
	inquiry->partial = json_array();
	ask(inquiry, REQUEST_PATH_LIST);
}

static void
paths_on_reply(struct inquiry *inquiry, const struct reply *reply)
{
	if (reply->kind == REPLY_PATH)
		json_array_append_new(inquiry->partial,
		    answer_path(&reply->path));
	else if (reply->kind == REPLY_DONE)
		inquiry_answer(inquiry, 200,
		    json_pack("{s:O}", "paths", inquiry->partial));
	else
		refuse_reply(inquiry);
}

static void
path_remove_ask(struct inquiry *inquiry)
{
	struct request request = request_new(inquiry, REQUEST_PATH_REMOVE);

	request.way.path = route_number(inquiry);
	inquiry_ask(inquiry, &request);
}

static int
roaming_parse(struct inquiry *inquiry)
{
	return parse_body(inquiry, BODY_ROAMING);
}

static void
roaming_ask(struct inquiry *inquiry)
{
	ask(inquiry, REQUEST_ROAMING);
}

static int
cadence_body_parse(struct inquiry *inquiry)
{
	return parse_body(inquiry, BODY_CADENCE);
}

static void
cadence_ask(struct inquiry *inquiry)
{
	ask(inquiry, REQUEST_CADENCE);
}

static void
terms_on_reply(struct inquiry *inquiry, const struct reply *reply)
{
	if (reply->kind == REPLY_TERMS)
		inquiry_answer(inquiry, 200, answer_terms(&reply->terms));
	else
		refuse_reply(inquiry);
}

/* POST /v1/lines/{line}/messages */

static int
send_parse(struct inquiry *inquiry)
{
	static const uint8_t zeros[RECORD_ID_BYTES];
	struct request *request = &inquiry->request;
	int rc = say_parse_query(inquiry);

	if (rc == OK)
		rc = take_body(inquiry, BODY_SEND);
	if (rc != OK)
		return rc;
	/* With an id it may be asked again when keeper restarts under it. */
	if (memcmp(request->send.id, zeros, sizeof(zeros)) == 0)
		rng_fill(rng_kernel(), request->send.id,
		    sizeof(request->send.id));
	return OK;
}

static void
send_ask(struct inquiry *inquiry)
{
	ask(inquiry, REQUEST_SEND);
}

static void
send_on_reply(struct inquiry *inquiry, const struct reply *reply)
{
	if (say_on_draft(inquiry, reply))
		return;
	if (reply->kind == REPLY_SENT)
		inquiry_answer(inquiry, 201,
		    answer_sent(inquiry->match.line, reply,
			answer_arrives_ms(reply->sent.cadence,
			    reply->sent.bytes_ahead)));
	else
		refuse_reply(inquiry);
}

/* GET /v1/lines/{line}/messages */

static int
messages_parse(struct inquiry *inquiry)
{
	struct args_field fields[] = { { .name = "since" },
		{ .name = "limit" } };
	const struct args_field *since = &fields[0];
	uint64_t limit;
	int rc = parse_query(inquiry, fields, 2);

	if (rc != OK)
		return rc;
	inquiry->since_ms = INT64_MIN;
	if (since->given && route_is_ref(since->value)) {
		snprintf(inquiry->since_ref, sizeof(inquiry->since_ref), "%.*s",
		    (int)sizeof(inquiry->since_ref) - 1, since->value);
	} else if (since->given &&
	    clock_parse(&inquiry->since_ms, since->value) != OK) {
		inquiry_refuse(inquiry, 400, "malformed",
		    "\"since\" must be "
		    "a reference such as us/12, or a time such as "
		    "2026-11-22T09:30:00Z");
		return ERR_FORMAT;
	}
	limit = since->given ? 0 : DESK_READ_DEFAULT;
	if (args_number(&limit, &fields[1], DESK_READ_MAX) != OK) {
		inquiry_refuse(inquiry, 400, "malformed",
		    "\"limit\" must be "
		    "a number up to %d, or 0 for all",
		    DESK_READ_MAX);
		return ERR_FORMAT;
	}
	inquiry->limit = (uint32_t)limit;
	return OK;
}

/* All of them are read on page by page; the last few in one go, if keeper can.
 * After a restart of keeper either goes on where it was. */
static void
messages_ask(struct inquiry *inquiry)
{
	struct request request = request_new(inquiry, REQUEST_READ);

	request.read.since_ref = text_of(inquiry->since_ref);
	request.read.since_ms =
	    *inquiry->since_ref != '\0' ? INT64_MIN : inquiry->since_ms;
	if (inquiry->limit == 0) {
		request.read.limit = DESK_READ_PAGE;
		request.read.oldest = true;
		inquiry->in_page = 0;
	} else {
		request.read.limit = inquiry->limit - inquiry->in_page;
		request.read.oldest = inquiry->in_page > 0;
	}
	inquiry_ask(inquiry, &request);
}

static void
remember_ref(struct inquiry *inquiry, const struct message_view *view)
{
	if (view->serial != 0)
		snprintf(inquiry->since_ref, sizeof(inquiry->since_ref),
		    "%s/%" PRIu64, view->from_us ? "us" : "them", view->serial);
	else
		hex_encode(inquiry->since_ref, view->id, 8);
}

static void
messages_on_reply(struct inquiry *inquiry, const struct reply *reply)
{
	const bool all = inquiry->limit == 0;

	inquiry_stream(inquiry, "application/x-ndjson", UINT64_MAX);
	if (reply->kind == REPLY_MESSAGE) {
		inquiry_put_line(inquiry,
		    answer_message(inquiry->match.line, &reply->message));
		/* What is arriving comes last, and is no place to read on from. */
		if (!reply->message.arriving) {
			remember_ref(inquiry, &reply->message);
			inquiry->in_page++;
		}
		/* Nothing to read on with: the last page was the rest. */
		if (inquiry->phase != INQUIRY_STREAMING)
			return;
	} else if (reply->kind != REPLY_DONE) {
		refuse_reply(inquiry);
		return;
	}
	if (reply->more)
		return;
	if (all ? reply->cut || inquiry->in_page == DESK_READ_PAGE
		: reply->cut && inquiry->in_page < inquiry->limit)
		read_on(inquiry);
	else
		inquiry_end(inquiry);
}

/* GET /v1/lines/{line}/messages/{ref} */

static void
message_ask(struct inquiry *inquiry)
{
	struct request request = request_new(inquiry, REQUEST_READ);

	request.read.since_ms = INT64_MIN;
	inquiry_ask(inquiry, &request);
}

static void
message_on_reply(struct inquiry *inquiry, const struct reply *reply)
{
	if (reply->kind == REPLY_MESSAGE)
		inquiry_answer(inquiry, 200,
		    answer_message(inquiry->match.line, &reply->message));
	else if (reply->kind == REPLY_DONE)
		inquiry_refuse(inquiry, 404, "not-found",
		    "there is no message %s on this line", inquiry->match.ref);
	else
		refuse_reply(inquiry);
}

/* GET .../attachments/{n} */

static void
attachment_ask(struct inquiry *inquiry)
{
	struct request request = request_new(inquiry, REQUEST_GET);

	request.get.n = route_number(inquiry);
	request.get.offset = inquiry->offset;
	inquiry_ask(inquiry, &request);
}

/* GET /v1/drafts/{n}/files/{name}: the file of that number */

static void
draft_file_ask(struct inquiry *inquiry)
{
	struct request request = request_new(inquiry, REQUEST_DRAFT_GET);
	const char *number = inquiry->match.name;
	const size_t digits = strspn(number, "0123456789");

	request.n = inquiry->match.n;
	/* What is no number is none that there is. */
	if (digits == strlen(number) && digits <= 4)
		request.get.n = (uint32_t)strtoul(number, NULL, 10);
	request.get.offset = inquiry->offset;
	inquiry_ask(inquiry, &request);
}

static void
attachment_on_reply(struct inquiry *inquiry, const struct reply *reply)
{
	uint64_t total = reply->data.total;

	if (reply->kind != REPLY_DATA ||
	    reply->data.offset != inquiry->offset ||
	    reply->data.data.len > total - inquiry->offset ||
	    (reply->data.data.len == 0 && inquiry->offset < total) ||
	    (inquiry->phase == INQUIRY_STREAMING && total != inquiry->total)) {
		refuse_reply(inquiry);
		return;
	}
	inquiry_stream(inquiry, "application/octet-stream", total);
	inquiry_put(inquiry, reply->data.data.data, reply->data.data.len);
	inquiry->offset += reply->data.data.len;
	if (inquiry->offset == total && inquiry->phase == INQUIRY_STREAMING)
		inquiry_end(inquiry);
}

static void
ack_ask(struct inquiry *inquiry)
{
	ask(inquiry, REQUEST_ACK);
}

static void
drill_ask(struct inquiry *inquiry)
{
	ask(inquiry, REQUEST_DRILL);
}

static void
drill_on_reply(struct inquiry *inquiry, const struct reply *reply)
{
	if (reply->kind == REPLY_SENT)
		inquiry_answer(inquiry, 201,
		    answer_sent(inquiry->match.line, reply, UINT64_MAX));
	else
		refuse_reply(inquiry);
}

/* POST /v1/watch and POST /v1/lines/{line}/watch */

static int
watch_parse(struct inquiry *inquiry)
{
	int rc = parse_body(inquiry, BODY_WATCH);

	if (rc == OK && inquiry->request.watch.until_ms != 0 &&
	    inquiry->request.watch.state != WATCH_DECLINED) {
		inquiry_refuse(inquiry, 400, "malformed",
		    "\"until\" goes with \"declined\" only");
		return ERR_FORMAT;
	}
	return rc;
}

static void
watch_ask(struct inquiry *inquiry)
{
	ask(inquiry, REQUEST_WATCH);
}

/* GET /v1/lines/{line}/history */

static int
history_parse(struct inquiry *inquiry)
{
	struct args_field fields[] = { { .name = "days" } };
	uint64_t days = CALENDAR_DAYS_DEFAULT;
	int rc = parse_query(inquiry, fields, 1);

	if (rc != OK)
		return rc;
	if (args_number(&days, &fields[0], CALENDAR_DAYS_MAX) != OK ||
	    days == 0) {
		inquiry_refuse(inquiry, 400, "malformed",
		    "\"days\" must be a number from 1 to %d",
		    CALENDAR_DAYS_MAX);
		return ERR_FORMAT;
	}
	inquiry->limit = (uint32_t)days;
	return OK;
}

static void
history_ask(struct inquiry *inquiry)
{
	struct request request = request_new(inquiry, REQUEST_HISTORY);

	json_decref(inquiry->partial);
	inquiry->partial =
	    json_pack("{s:s,s:[]}", "line", inquiry->match.line, "days");
	request.days = inquiry->limit;
	inquiry_ask(inquiry, &request);
}

static void
history_on_reply(struct inquiry *inquiry, const struct reply *reply)
{
	if (reply->kind == REPLY_DAY) {
		json_array_append_new(json_object_get(inquiry->partial, "days"),
		    answer_day(&reply->day));
	} else if (reply->kind == REPLY_DONE) {
		inquiry_answer(inquiry, 200, inquiry->partial);
		inquiry->partial = NULL;
	} else {
		refuse_reply(inquiry);
	}
}

/* GET /v1/events */

static int
events_parse(struct inquiry *inquiry)
{
	struct args_field fields[] = { { .name = "after" },
		{ .name = "follow" } };
	uint64_t follow = 0;
	int rc = parse_query(inquiry, fields, 2);

	if (rc != OK)
		return rc;
	if (fields[0].given && strcmp(fields[0].value, "now") == 0) {
		inquiry->offset = DESK_EVENTS_NOW;
	} else if (args_number(&inquiry->offset, &fields[0],
		       DESK_EVENTS_NOW - 1) != OK) {
		inquiry_refuse(inquiry, 400, "malformed",
		    "\"after\" must be "
		    "the number of an event, or \"now\"");
		return ERR_FORMAT;
	}
	if (args_number(&follow, &fields[1], 1) != OK) {
		inquiry_refuse(inquiry, 400, "malformed",
		    "\"follow\" must be 0 or 1");
		return ERR_FORMAT;
	}
	inquiry->follow = follow == 1;
	return OK;
}

static void
events_ask(struct inquiry *inquiry)
{
	struct request request = request_new(inquiry, REQUEST_EVENTS);

	request.events.after = inquiry->offset;
	request.events.limit = DESK_EVENTS_PAGE;
	inquiry->in_page = 0;
	inquiry_ask(inquiry, &request);
}

static void
events_on_reply(struct inquiry *inquiry, const struct reply *reply)
{
	inquiry_stream(inquiry, "application/x-ndjson", UINT64_MAX);
	if (reply->kind == REPLY_EVENT) {
		inquiry->offset = reply->event.seq;
		inquiry->in_page++;
		inquiry_put_line(inquiry, answer_event(&reply->event));
		if (inquiry->phase != INQUIRY_STREAMING)
			return;
	} else if (reply->kind != REPLY_DONE) {
		refuse_reply(inquiry);
		return;
	}
	if (reply->more)
		return;
	/* The first empty line says that from here on nothing is missed. */
	if (inquiry->follow && inquiry->beat_ns == UINT64_MAX)
		inquiry_put(inquiry, "\n", 1);
	if (inquiry->in_page == DESK_EVENTS_PAGE)
		read_on(inquiry);
	else if (!inquiry->follow)
		inquiry_end(inquiry);
}

static void
down_ask(struct inquiry *inquiry)
{
	ask(inquiry, REQUEST_DOWN);
}

#define POINTS "/v1/lines/{line}/points"
#define PUBLIC "/v1/lines/{line}/public"
#define MESSAGES "/v1/lines/{line}/messages"
#define PATHS "/v1/lines/{line}/paths"

/* A route with functions of its own. */
#define ROW(verb, path, has, again, reads, asks, answer) \
	{ \
		.method = (verb), .pattern = (path), .body = (has), \
		.repeatable = (again), .parse = (reads), .ask = (asks), \
		.on_reply = (answer) \
	}
/* One of which the tables of its request say everything. */
#define SAYS(verb, path, has, again, asks, gives, well) \
	{ \
		.method = (verb), .pattern = (path), .body = (has), \
		.repeatable = (again), .parse = say_parse, .ask = say_ask, \
		.on_reply = say_on_reply, .kind = (asks), .answers = (gives), \
		.status = (well) \
	}
/* Looking: a row is its path, its request, and ROUTE_ONE or ROUTE_LIST. */
#define LOOK(path, asks, gives) \
	SAYS("GET", path, ROUTE_NO_BODY, true, asks, gives, 200)
/* Acting, once: a row is its path, its request, ROUTE_ONE or ROUTE_DONE, and the
 * status where it went well. */
#define ACT(path, asks, gives, well) \
	SAYS("POST", path, ROUTE_JSON, false, asks, gives, well)
/* The same where asking twice does no more than once, as where it has an id. */
#define ACT_AGAIN(path, asks, gives, well) \
	SAYS("POST", path, ROUTE_JSON, true, asks, gives, well)

const struct route api_routes[] = {
	ROW("GET", "/v1/status", ROUTE_NO_BODY, true, NULL, status_ask,
	    status_on_reply),
	ROW("GET", "/v1/lines", ROUTE_NO_BODY, true, NULL, status_ask,
	    lines_on_reply),
	ROW("GET", "/v1/lines/{line}", ROUTE_NO_BODY, true, NULL, line_ask,
	    line_on_reply),
	ROW("POST", "/v1/lines/{line}/offer", ROUTE_JSON, false, offer_parse,
	    offer_ask, ceremony_on_reply),
	ROW("POST", "/v1/lines/{line}/accept", ROUTE_JSON, false, accept_parse,
	    accept_ask, ceremony_on_reply),
	ROW("POST", "/v1/lines/{line}/finish", ROUTE_JSON, false, finish_parse,
	    finish_ask, ceremony_on_reply),
	ROW("POST", "/v1/lines/{line}/confirm", ROUTE_JSON, false,
	    confirm_parse, confirm_ask, done_on_reply),
	ROW("POST", "/v1/lines/{line}/close", ROUTE_JSON, false, NULL,
	    close_ask, done_on_reply),
	ROW("GET", PATHS, ROUTE_NO_BODY, true, NULL, paths_ask, paths_on_reply),
	ROW("POST", PATHS, ROUTE_JSON, false, path_parse, path_add_ask,
	    path_on_reply),
	ROW("POST", PATHS "/{n}/remove", ROUTE_JSON, false, NULL,
	    path_remove_ask, done_on_reply),
	ROW("POST", "/v1/lines/{line}/roaming", ROUTE_JSON, true, roaming_parse,
	    roaming_ask, done_on_reply),
	ROW("POST", "/v1/lines/{line}/cadence", ROUTE_JSON, false,
	    cadence_body_parse, cadence_ask, terms_on_reply),
	ROW("POST", "/v1/uploads", ROUTE_STREAM, false, NULL, intake_ask,
	    intake_on_reply),
	ROW("POST", MESSAGES, ROUTE_JSON, true, send_parse, send_ask,
	    send_on_reply),
	ROW("GET", MESSAGES, ROUTE_NO_BODY, true, messages_parse, messages_ask,
	    messages_on_reply),
	ROW("GET", MESSAGES "/{ref}", ROUTE_NO_BODY, true, NULL, message_ask,
	    message_on_reply),
	ROW("GET", MESSAGES "/{ref}/attachments/{n}", ROUTE_NO_BODY, true, NULL,
	    attachment_ask, attachment_on_reply),
	ROW("POST", MESSAGES "/{ref}/ack", ROUTE_JSON, true, NULL, ack_ask,
	    done_on_reply),
	ROW("POST", "/v1/lines/{line}/drill", ROUTE_JSON, false, NULL,
	    drill_ask, drill_on_reply),
	ROW("POST", "/v1/watch", ROUTE_JSON, true, watch_parse, watch_ask,
	    done_on_reply),
	ROW("POST", "/v1/lines/{line}/watch", ROUTE_JSON, true, watch_parse,
	    watch_ask, done_on_reply),
	ROW("GET", "/v1/lines/{line}/history", ROUTE_NO_BODY, true,
	    history_parse, history_ask, history_on_reply),
	ROW("GET", "/v1/events", ROUTE_NO_BODY, true, events_parse, events_ask,
	    events_on_reply),
	ROW("POST", "/v1/down", ROUTE_JSON, false, NULL, down_ask,
	    done_on_reply),
	ACT(MESSAGES "/{ref}/translations", REQUEST_TRANSLATE, ROUTE_ONE, 201),
	LOOK(MESSAGES "/{ref}/translations", REQUEST_TRANSLATION_LIST,
	    ROUTE_LIST),
	ACT("/v1/lines/{line}/pass", REQUEST_PASS, ROUTE_ONE, 201),
	LOOK("/v1/lines/{line}/passed", REQUEST_PASSED_LIST, ROUTE_LIST),
	ACT("/v1/delegates", REQUEST_DELEGATE_ADD, ROUTE_ONE, 201),
	LOOK("/v1/delegates", REQUEST_DELEGATE_LIST, ROUTE_LIST),
	LOOK("/v1/delegates/{name}", REQUEST_DELEGATE_SHOW, ROUTE_ONE),
	ACT("/v1/delegates/{name}", REQUEST_DELEGATE_SET, ROUTE_ONE, 200),
	ACT("/v1/delegates/{name}/passphrase", REQUEST_DELEGATE_PASSPHRASE,
	    ROUTE_ONE, 200),
	ACT("/v1/delegates/{name}/revoke", REQUEST_DELEGATE_REVOKE, ROUTE_ONE,
	    200),
	ACT("/v1/owner", REQUEST_DELEGATE_OWNER, ROUTE_DONE, 200),
	ACT("/v1/sessions", REQUEST_SIGN_IN, ROUTE_ONE, 201),
	ACT("/v1/sessions/end", REQUEST_SIGN_OUT, ROUTE_DONE, 200),
	ACT_AGAIN(POINTS, REQUEST_POINT_RAISE, ROUTE_ONE, 201),
	LOOK(POINTS, REQUEST_POINT_LIST, ROUTE_LIST),
	LOOK(POINTS "/{ref}", REQUEST_POINT_SHOW, ROUTE_ONE),
	ACT_AGAIN(POINTS "/{ref}/standing", REQUEST_POINT_STAND, ROUTE_ONE,
	    201),
	LOOK(POINTS "/{ref}/history", REQUEST_POINT_HISTORY, ROUTE_LIST),
	LOOK(POINTS "/{ref}/messages", REQUEST_POINT_MESSAGES, ROUTE_LIST),
	ACT_AGAIN(PUBLIC, REQUEST_PUBLIC_ADD, ROUTE_ONE, 201),
	LOOK(PUBLIC, REQUEST_PUBLIC_LIST, ROUTE_LIST),
	ACT_AGAIN(PUBLIC "/{ref}/reading", REQUEST_PUBLIC_READING, ROUTE_ONE,
	    201),
	LOOK("/v1/who", REQUEST_WHO, ROUTE_ONE),
	LOOK("/v1/forms", REQUEST_FORM_SHIPPED, ROUTE_LIST),
	LOOK("/v1/forms/{name}", REQUEST_FORM_SHIPPED_SHOW, ROUTE_ONE),
	ACT("/v1/lines/{line}/forms", REQUEST_FORM_PROPOSE, ROUTE_ONE, 201),
	LOOK("/v1/lines/{line}/forms", REQUEST_FORM_LIST, ROUTE_LIST),
	LOOK("/v1/lines/{line}/forms/{n}", REQUEST_FORM_SHOW, ROUTE_ONE),
	ACT("/v1/lines/{line}/forms/{n}", REQUEST_FORM_ANSWER, ROUTE_ONE, 200),
	LOOK("/v1/lines/{line}/disclosure", REQUEST_DISCLOSURE, ROUTE_ONE),
	ACT_AGAIN("/v1/lines/{line}/disclosure", REQUEST_DISCLOSURE_SET,
	    ROUTE_ONE, 200),
	ACT_AGAIN(MESSAGES "/{ref}/read", REQUEST_MARK_READ, ROUTE_DONE, 200),
	LOOK("/v1/alarms", REQUEST_ALARM_LIST, ROUTE_LIST),
	LOOK("/v1/alarms/rules", REQUEST_ALARM_RULES, ROUTE_ONE),
	LOOK("/v1/alarms/{n}", REQUEST_ALARM_SHOW, ROUTE_ONE),
	ACT_AGAIN("/v1/alarms/rules", REQUEST_ALARM_SET, ROUTE_ONE, 200),
	ACT_AGAIN("/v1/alarms/silence", REQUEST_ALARM_SILENCE, ROUTE_ONE, 200),
	ACT_AGAIN("/v1/alarms/ack", REQUEST_ALARM_ACK, ROUTE_DONE, 200),
	ACT_AGAIN("/v1/alarms/{n}/ack", REQUEST_ALARM_ACK, ROUTE_DONE, 200),
	ACT("/v1/alarms/test", REQUEST_ALARM_TEST, ROUTE_ONE, 201),
	ACT("/v1/lines/{line}/willing", REQUEST_WILLING_ASK, ROUTE_ONE, 201),
	LOOK("/v1/lines/{line}/willing", REQUEST_WILLING_LIST, ROUTE_LIST),
	LOOK("/v1/lines/{line}/willing/{n}", REQUEST_WILLING_SHOW, ROUTE_ONE),
	ACT("/v1/lines/{line}/willing/{n}", REQUEST_WILLING_ANSWER, ROUTE_ONE,
	    200),
	LOOK("/v1/watch", REQUEST_WATCH_SHOW, ROUTE_ONE),
	ACT("/v1/watch/take", REQUEST_WATCH_TAKE, ROUTE_ONE, 200),
	ACT("/v1/watch/hand-over", REQUEST_WATCH_HAND_OVER, ROUTE_ONE, 200),
	ACT("/v1/watch/leave", REQUEST_WATCH_LEAVE, ROUTE_ONE, 200),
	LOOK("/v1/watch/log", REQUEST_WATCH_LOG, ROUTE_LIST),
	LOOK("/v1/waiting", REQUEST_WAITING, ROUTE_LIST),
	LOOK("/v1/roster", REQUEST_ROSTER_SHOW, ROUTE_ONE),
	ACT("/v1/roster", REQUEST_ROSTER_SET, ROUTE_ONE, 200),
	LOOK("/v1/lines/{line}/roster", REQUEST_ROSTER_HEARD, ROUTE_ONE),
	LOOK("/v1/lines/{line}/drill/schedule", REQUEST_DRILL_PLAN, ROUTE_ONE),
	ACT("/v1/lines/{line}/drill/schedule", REQUEST_DRILL_SET, ROUTE_ONE,
	    200),
	LOOK("/v1/lines/{line}/drills", REQUEST_DRILL_LIST, ROUTE_LIST),
	ACT("/v1/lines/{line}/drill/ack", REQUEST_DRILL_ACK, ROUTE_DONE, 200),
	LOOK("/v1/lines/{line}/drill/months", REQUEST_DRILL_MONTHS, ROUTE_LIST),
	LOOK("/v1/lines/{line}/service", REQUEST_SERVICE_LIST, ROUTE_LIST),
	ACT("/v1/lines/{line}/service", REQUEST_SERVICE_SAY, ROUTE_ONE, 201),
	LOOK("/v1/drafts", REQUEST_DRAFT_LIST, ROUTE_LIST),
	LOOK("/v1/drafts/{n}", REQUEST_DRAFT_SHOW, ROUTE_ONE),
	ROW("GET", "/v1/drafts/{n}/files/{name}", ROUTE_NO_BODY, true, NULL,
	    draft_file_ask, attachment_on_reply),
	LOOK("/v1/drafts/{n}/history", REQUEST_DRAFT_HISTORY, ROUTE_LIST),
	ACT("/v1/drafts/{n}/comments", REQUEST_DRAFT_COMMENT, ROUTE_ONE, 201),
	ACT("/v1/drafts/{n}/release", REQUEST_DRAFT_RELEASE, ROUTE_ONE, 200),
	ACT("/v1/drafts/{n}/recall", REQUEST_DRAFT_RECALL, ROUTE_ONE, 200),
	LOOK("/v1/lines/{line}/rules", REQUEST_RULE_LIST, ROUTE_LIST),
	ACT("/v1/lines/{line}/rules", REQUEST_RULE_SET, ROUTE_ONE, 200),
};

const size_t api_route_count = sizeof(api_routes) / sizeof(api_routes[0]);
