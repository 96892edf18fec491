#include "desk/say.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "desk/answer.h"
#include "desk/inquiry.h"
#include "desk/take.h"
#include "desk/tell.h"
#include "proc/field.h"

/* What may stand after the question mark whatever the route. */
struct common {
	uint64_t after;
	uint64_t limit;
	uint64_t draft;
	bool emergency;
};

static const struct field page_fields[] = {
	{ .name = "after",
	    .kind = FIELD_NUMBER,
	    .offset = offsetof(struct common, after) },
	{ .name = "limit",
	    .kind = FIELD_NUMBER,
	    .offset = offsetof(struct common, limit),
	    .most = DESK_READ_MAX },
};
static const struct layout page_layout = LAYOUT(page_fields, struct common);

static const struct field act_fields[] = {
	{ .name = "draft",
	    .kind = FIELD_NUMBER,
	    .offset = offsetof(struct common, draft) },
	{ .name = "emergency",
	    .kind = FIELD_BOOL,
	    .offset = offsetof(struct common, emergency) },
};
static const struct layout act_layout = LAYOUT(act_fields, struct common);

static int
refuse(struct inquiry *inquiry, int rc)
{
	inquiry_refuse(inquiry, answer_status(rc), answer_word(rc), "%s",
	    inquiry->body.say);
	return rc;
}

/* Moves the members that layout names from one object to another. */
static void
move(json_t *to, json_t *from, const struct layout *layout)
{
	for (size_t i = 0; i < layout->fields; i++) {
		const char *name = layout->field[i].name;
		json_t *value = json_object_get(from, name);

		if (value != NULL)
			(void)json_object_set(to, name, value);
		(void)json_object_del(from, name);
	}
}

/* Takes what is common out of the query. */
static int
take_common(struct inquiry *inquiry, json_t *query, const struct layout *layout,
    struct common *common)
{
	json_t *part = json_object();
	json_t *draft;
	bool is_new;
	int rc;

	move(part, query, layout);
	draft = json_object_get(part, "draft");
	is_new = draft != NULL && strcmp(json_string_value(draft), "new") == 0;
	if (is_new)
		(void)json_object_del(part, "draft");
	rc = take_strings(&inquiry->body, layout, common, part);
	if (rc == OK && draft != NULL && !is_new && common->draft == 0)
		rc = body_refuse(&inquiry->body, ERR_FORMAT,
		    "\"draft\" must be \"new\" or the number of a draft");
	if (is_new)
		common->draft = DRAFT_NEW;
	json_decref(part);
	return rc;
}

/* Reads the query: into the route's list or act, and into `ask` by its table. */
static int
parse_query(struct inquiry *inquiry, const struct layout *ask)
{
	const struct route *route = inquiry->match.route;
	const bool is_list = route->answers == ROUTE_LIST;
	struct common common = { .limit = DESK_LIST_DEFAULT };
	json_t *query = take_query(&inquiry->body, inquiry->query);
	int rc = ERR_FORMAT;

	if (query != NULL && (is_list || route->body == ROUTE_JSON))
		rc = take_common(inquiry, query,
		    is_list ? &page_layout : &act_layout, &common);
	else if (query != NULL)
		rc = OK;
	if (rc == OK)
		rc = body_parse_query(&inquiry->body, ask,
		    &inquiry->request.ask, query);
	json_decref(query);
	if (rc != OK)
		return refuse(inquiry, rc);
	inquiry->offset = common.after;
	inquiry->limit = (uint32_t)common.limit;
	inquiry->request.draft = common.draft;
	inquiry->request.emergency = common.emergency;
	return OK;
}

int
say_parse_query(struct inquiry *inquiry)
{
	const int rc = parse_query(inquiry, NULL);

	if (rc == OK)
		body_wipe(&inquiry->body);
	return rc;
}

/* What is asked with an id of its own may be asked again when keeper restarts
 * under it. */
static void
draw_id(struct request *request, const struct layout *ask)
{
	static const uint8_t zeros[FIELD_ID_BYTES];

	for (size_t i = 0; ask != NULL && i < ask->fields; i++) {
		uint8_t *id = (uint8_t *)&request->ask + ask->field[i].offset;

		if (ask->field[i].kind == FIELD_ID &&
		    strcmp(ask->field[i].name, "id") == 0 &&
		    memcmp(id, zeros, sizeof(zeros)) == 0)
			rng_fill(rng_kernel(), id, FIELD_ID_BYTES);
	}
}

int
say_parse(struct inquiry *inquiry)
{
	const struct route *route = inquiry->match.route;
	const struct layout *ask = request_ask_layout(route->kind);
	int rc;

	if (route->body == ROUTE_NO_BODY)
		return parse_query(inquiry, ask);
	if ((rc = say_parse_query(inquiry)) != OK)
		return rc;
	rc = body_parse_layout(&inquiry->body, ask, &inquiry->request.ask,
	    inquiry->in.data, inquiry->in.len);
	if (rc != OK)
		return refuse(inquiry, rc);
	draw_id(&inquiry->request, ask);
	return OK;
}

static struct text
text_of(const char *text)
{
	if (*text == '\0')
		return (struct text){ NULL, 0 };
	return (struct text){ text, strlen(text) };
}

/* A list of all is read on page by page. */
static void
turn_page(struct inquiry *inquiry, struct request *request)
{
	request->page.after = inquiry->offset;
	if (inquiry->limit == 0) {
		request->page.limit = DESK_LIST_DEFAULT;
		inquiry->in_page = 0;
	} else {
		request->page.limit = inquiry->limit - inquiry->in_page;
	}
}

void
say_ask(struct inquiry *inquiry)
{
	const struct route_match *match = &inquiry->match;
	struct request request = inquiry->request;

	request.kind = match->route->kind;
	request.line = text_of(match->line);
	request.ref = text_of(match->ref);
	request.name = text_of(match->name);
	request.n = match->n;
	if (match->route->answers == ROUTE_LIST)
		turn_page(inquiry, &request);
	inquiry_ask(inquiry, &request);
}

static void
refuse_reply(struct inquiry *inquiry)
{
	inquiry_refuse(inquiry, 500, "failed",
	    "the keeper gave an answer that does not fit");
}

/* Where it stands in a list says a list alone. */
static json_t *
tell(const struct inquiry *inquiry, const struct reply *reply)
{
	const bool is_list = inquiry->match.route->answers == ROUTE_LIST;

	return tell_view(inquiry->match.line, request_view_layout(reply->about),
	    &reply->view, is_list ? reply->cursor : 0);
}

bool
say_on_draft(struct inquiry *inquiry, const struct reply *reply)
{
	if (reply->kind != REPLY_VIEW || inquiry->request.draft == 0)
		return false;
	inquiry_answer(inquiry, 201, tell(inquiry, reply));
	return true;
}

static void
on_row(struct inquiry *inquiry, const struct reply *reply)
{
	inquiry_stream(inquiry, "application/x-ndjson", UINT64_MAX);
	if (reply->kind == REPLY_VIEW) {
		inquiry->offset = reply->cursor;
		inquiry->in_page++;
		inquiry_put_line(inquiry, tell(inquiry, reply));
		return;
	}
	if (reply->kind != REPLY_DONE) {
		refuse_reply(inquiry);
		return;
	}
	if (!reply->cut ||
	    (inquiry->limit != 0 && inquiry->in_page >= inquiry->limit)) {
		inquiry_end(inquiry);
		return;
	}
	/* The reader asks for the next page when it has taken this one; where
	 * it has already, nobody else would. */
	if (inquiry->out.len == 0)
		say_ask(inquiry);
}

static void
on_one(struct inquiry *inquiry, const struct reply *reply)
{
	const unsigned status = inquiry->match.route->status;

	if (say_on_draft(inquiry, reply))
		return;
	if (reply->kind == REPLY_VIEW)
		inquiry_answer(inquiry, status, tell(inquiry, reply));
	else if (reply->kind == REPLY_SENT)
		inquiry_answer(inquiry, status,
		    answer_sent(inquiry->match.line, reply,
			answer_arrives_ms(reply->sent.cadence,
			    reply->sent.bytes_ahead)));
	else if (reply->kind == REPLY_DONE)
		inquiry_answer(inquiry, status, json_pack("{s:b}", "done", 1));
	else
		refuse_reply(inquiry);
}

void
say_on_reply(struct inquiry *inquiry, const struct reply *reply)
{
	if (inquiry->match.route->answers != ROUTE_LIST)
		on_one(inquiry, reply);
	else if (inquiry->phase == INQUIRY_ASKING ||
	    inquiry->phase == INQUIRY_STREAMING)
		on_row(inquiry, reply);
}
