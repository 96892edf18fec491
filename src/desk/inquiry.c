#include "desk/inquiry.h"

#include <assert.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "desk/answer.h"
#include "desk/desk.h"
#include "desk/intake.h"

/* Microseconds are the finest that is shown: digits of doubles beyond them are
 * noise. */
#define INQUIRY_JSON (JSON_COMPACT | JSON_REAL_PRECISION(9))

enum { BYTES_CAP_FIRST = 4096 };

static void
bytes_free(struct inquiry_bytes *bytes)
{
	if (bytes->data != NULL)
		wipe(bytes->data, bytes->cap);
	free(bytes->data);
	memset(bytes, 0, sizeof(*bytes));
}

/* Grows by doubling; texts of people are wiped from where they were. */
static int
bytes_append(struct inquiry_bytes *bytes, const void *data, size_t len)
{
	if (bytes->taken == bytes->len)
		bytes->taken = bytes->len = 0;
	if (bytes->cap - bytes->len < len) {
		size_t cap = bytes->cap == 0 ? BYTES_CAP_FIRST : bytes->cap;
		uint8_t *grown;

		while (cap - bytes->len < len)
			cap *= 2;
		if ((grown = malloc(cap)) == NULL)
			return ERR_LIMIT;
		if (bytes->data != NULL) {
			memcpy(grown, bytes->data, bytes->len);
			wipe(bytes->data, bytes->cap);
			free(bytes->data);
		}
		bytes->data = grown;
		bytes->cap = cap;
	}
	if (len > 0)
		memcpy(bytes->data + bytes->len, data, len);
	bytes->len += len;
	return OK;
}

struct inquiry *
inquiry_new(struct desk *desk)
{
	struct inquiry *inquiry = calloc(1, sizeof(*inquiry));

	if (inquiry == NULL)
		return NULL;
	inquiry->desk = desk;
	inquiry->total = UINT64_MAX;
	inquiry->beat_ns = UINT64_MAX;
	inquiry->next = desk->inquiries;
	desk->inquiries = inquiry;
	return inquiry;
}

void
inquiry_free(struct inquiry *inquiry)
{
	struct inquiry **at;

	if (inquiry == NULL)
		return;
	for (at = &inquiry->desk->inquiries; *at != inquiry; at = &(*at)->next)
		assert(*at != NULL);
	*at = inquiry->next;
	intake_drop(inquiry);
	json_decref(inquiry->partial);
	body_wipe(&inquiry->body);
	bytes_free(&inquiry->in);
	bytes_free(&inquiry->out);
	if (inquiry->answer != NULL)
		wipe(inquiry->answer, inquiry->answer_len);
	free(inquiry->answer);
	free(inquiry->query);
	wipe(inquiry, sizeof(*inquiry));
	free(inquiry);
}

void
inquiry_on_body(struct inquiry *inquiry, const void *data, size_t *len)
{
	const struct route *route = inquiry->match.route;
	size_t max = DESK_BODY_BYTES_MAX;
	size_t take = *len;

	if (inquiry->phase != INQUIRY_TAKING) {
		/* Answered already: what still comes is of no use. */
		if (inquiry->phase != INQUIRY_ASKING)
			*len = 0;
		return;
	}
	if (route->body == ROUTE_NO_BODY) {
		inquiry_refuse(inquiry, 400, "malformed",
		    "this request takes no body");
		*len = 0;
		return;
	}
	if (route->body == ROUTE_STREAM)
		max = REQUEST_ATTACHMENT_PIECE_BYTES;
	if (take > max - inquiry->in.len)
		take = max - inquiry->in.len;
	if (take < *len && route->body == ROUTE_JSON) {
		inquiry_refuse(inquiry, 413, "too-large",
		    "the text is too "
		    "long; at most %d bytes fit: send it as a file instead",
		    TEXT_BYTES_MAX);
		*len = 0;
		return;
	}
	if (bytes_append(&inquiry->in, data, take) != OK) {
		inquiry_refuse(inquiry, 500, "failed", "no memory");
		*len = 0;
		return;
	}
	*len -= take;
	if (route->body == ROUTE_STREAM && inquiry->in.len == max)
		route->ask(inquiry);
}

/* Nothing may stand in the query or the body. */
static int
parse_nothing(struct inquiry *inquiry)
{
	if (inquiry->query != NULL && *inquiry->query != '\0') {
		inquiry_refuse(inquiry, 400, "malformed",
		    "nothing is known after the question mark here");
		return ERR_FORMAT;
	}
	if (inquiry->match.route->body != ROUTE_JSON)
		return OK;
	if (body_parse(&inquiry->body, &inquiry->request, BODY_NOTHING,
		inquiry->in.data, inquiry->in.len) == OK)
		return OK;
	inquiry_refuse(inquiry, 400, "malformed", "%s", inquiry->body.say);
	return ERR_FORMAT;
}

void
inquiry_on_body_end(struct inquiry *inquiry)
{
	const struct route *route = inquiry->match.route;
	int rc;

	if (inquiry->phase != INQUIRY_TAKING)
		return;
	if (!inquiry->in_ended) {
		inquiry->in_ended = true;
		rc = route->parse != NULL ? route->parse(inquiry)
					  : parse_nothing(inquiry);
		if (rc != OK) {
			assert(inquiry->phase == INQUIRY_ANSWERED);
			return;
		}
	}
	route->ask(inquiry);
}

void
inquiry_on_drained(struct inquiry *inquiry)
{
	bytes_free(&inquiry->out);
	if (inquiry->phase == INQUIRY_STREAMING && inquiry->ask_id == 0 &&
	    !inquiry->waits)
		inquiry->match.route->ask(inquiry);
}

static void
wake(struct inquiry *inquiry)
{
	if (inquiry->wake != NULL)
		inquiry->wake(inquiry);
}

void
inquiry_ask(struct inquiry *inquiry, struct request *request)
{
	request->asker = inquiry->asker;
	inquiry->ask_id = desk_ask(inquiry->desk, request);
	/* What has not begun is told at once; what has, waits. */
	if (inquiry->ask_id == 0 && inquiry->phase == INQUIRY_TAKING &&
	    !inquiry->desk->keeper_is_here) {
		inquiry_refuse(inquiry, 503, "restarting",
		    "the keeper is restarting; nothing was done: try again");
		return;
	}
	if (inquiry->ask_id == 0 && !inquiry->waits) {
		inquiry->waits = true;
		inquiry->waits_until_ns = inquiry->desk->now_ns +
		    (uint64_t)DESK_KEEPER_WAIT_S * CLOCK_NS_PER_S;
	}
	if (inquiry->phase == INQUIRY_TAKING)
		inquiry->phase = INQUIRY_ASKING;
}

void
inquiry_answer(struct inquiry *inquiry, unsigned status, json_t *json)
{
	assert(inquiry->phase == INQUIRY_TAKING ||
	    inquiry->phase == INQUIRY_ASKING);
	inquiry->status = status;
	inquiry->answer = json == NULL ? NULL : json_dumps(json, INQUIRY_JSON);
	json_decref(json);
	if (inquiry->answer == NULL) {
		inquiry->status = 500;
		inquiry->answer = strdup("{}");
	}
	inquiry->answer_len =
	    inquiry->answer == NULL ? 0 : strlen(inquiry->answer);
	inquiry->phase = INQUIRY_ANSWERED;
	wake(inquiry);
}

void
inquiry_refuse(struct inquiry *inquiry, unsigned status, const char *word,
    const char *format, ...)
{
	char say[REQUEST_SAY_BYTES];
	va_list args;

	if (inquiry->phase == INQUIRY_STREAMING) {
		/* The status has left: only a broken end can tell. */
		inquiry->phase = INQUIRY_BROKEN;
		wake(inquiry);
		return;
	}
	va_start(args, format);
	vsnprintf(say, sizeof(say), format, args);
	va_end(args);
	inquiry_answer(inquiry, status, answer_error(word, say));
}

void
inquiry_refuse_err(struct inquiry *inquiry, int err, struct text say)
{
	if (say.data == NULL)
		say = (struct text){ err_str(err), strlen(err_str(err)) };
	inquiry_refuse(inquiry, answer_status(err), answer_word(err), "%.*s",
	    (int)say.len, say.data);
}

void
inquiry_stream(struct inquiry *inquiry, const char *type, uint64_t total)
{
	if (inquiry->phase == INQUIRY_STREAMING)
		return;
	assert(inquiry->phase == INQUIRY_ASKING);
	inquiry->status = 200;
	inquiry->type = type;
	inquiry->total = total;
	inquiry->phase = INQUIRY_STREAMING;
	wake(inquiry);
}

void
inquiry_put(struct inquiry *inquiry, const void *data, size_t len)
{
	assert(inquiry->phase == INQUIRY_STREAMING);
	if (inquiry->follow)
		inquiry->beat_ns = inquiry->desk->now_ns +
		    (uint64_t)DESK_BEAT_S * CLOCK_NS_PER_S;
	if (bytes_append(&inquiry->out, data, len) != OK)
		inquiry->phase = INQUIRY_BROKEN;
	wake(inquiry);
}

void
inquiry_put_line(struct inquiry *inquiry, json_t *json)
{
	char *text = json == NULL ? NULL : json_dumps(json, INQUIRY_JSON);

	json_decref(json);
	if (text == NULL) {
		inquiry->phase = INQUIRY_BROKEN;
		wake(inquiry);
		return;
	}
	inquiry_put(inquiry, text, strlen(text));
	if (inquiry->phase == INQUIRY_STREAMING)
		inquiry_put(inquiry, "\n", 1);
	wipe(text, strlen(text));
	free(text);
}

void
inquiry_end(struct inquiry *inquiry)
{
	assert(inquiry->phase == INQUIRY_STREAMING);
	inquiry->phase = INQUIRY_ENDED;
	wake(inquiry);
}
