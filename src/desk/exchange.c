#include "desk/exchange.h"

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
#include "desk/upload.h"

enum { BYTES_CAP_FIRST = 4096 };

static void
bytes_free(struct exchange_bytes *bytes)
{
	if (bytes->data != NULL)
		wipe(bytes->data, bytes->cap);
	free(bytes->data);
	memset(bytes, 0, sizeof(*bytes));
}

/* Grows by doubling; texts of people are wiped from where they were. */
static int
bytes_append(struct exchange_bytes *bytes, const void *data, size_t len)
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
	memcpy(bytes->data + bytes->len, data, len);
	bytes->len += len;
	return OK;
}

struct exchange *
exchange_new(struct desk *desk)
{
	struct exchange *exchange = calloc(1, sizeof(*exchange));

	if (exchange == NULL)
		return NULL;
	exchange->desk = desk;
	exchange->total = UINT64_MAX;
	exchange->beat_ns = UINT64_MAX;
	exchange->next = desk->exchanges;
	desk->exchanges = exchange;
	return exchange;
}

void
exchange_free(struct exchange *exchange)
{
	struct exchange **at;

	if (exchange == NULL)
		return;
	for (at = &exchange->desk->exchanges; *at != exchange; at = &(*at)->next)
		assert(*at != NULL);
	*at = exchange->next;
	upload_drop(exchange);
	json_decref(exchange->partial);
	body_wipe(&exchange->body);
	bytes_free(&exchange->in);
	bytes_free(&exchange->out);
	if (exchange->answer != NULL)
		wipe(exchange->answer, exchange->answer_len);
	free(exchange->answer);
	free(exchange->query);
	wipe(exchange, sizeof(*exchange));
	free(exchange);
}

void
exchange_on_body(struct exchange *exchange, const void *data, size_t *len)
{
	const struct route *route = exchange->match.route;
	size_t max = DESK_BODY_BYTES_MAX;
	size_t take = *len;

	if (exchange->phase != EXCHANGE_TAKING) {
		/* Answered already: what still comes is of no use. */
		if (exchange->phase != EXCHANGE_ASKING)
			*len = 0;
		return;
	}
	if (route->body == ROUTE_NO_BODY) {
		exchange_refuse(exchange, 400, "malformed",
		    "this request takes no body");
		*len = 0;
		return;
	}
	if (route->body == ROUTE_STREAM)
		max = REQUEST_ATTACHMENT_PIECE_BYTES;
	if (take > max - exchange->in.len)
		take = max - exchange->in.len;
	if (take < *len && route->body == ROUTE_JSON) {
		exchange_refuse(exchange, 413, "too-large", "the text is too "
		    "long; at most %d bytes fit: send it as a file instead",
		    TEXT_BYTES_MAX);
		*len = 0;
		return;
	}
	if (bytes_append(&exchange->in, data, take) != OK) {
		exchange_refuse(exchange, 500, "failed", "no memory");
		*len = 0;
		return;
	}
	*len -= take;
	if (route->body == ROUTE_STREAM && exchange->in.len == max)
		route->ask(exchange);
}

/* Nothing may stand in the query or the body. */
static int
parse_nothing(struct exchange *exchange)
{
	if (exchange->query != NULL && *exchange->query != '\0') {
		exchange_refuse(exchange, 400, "malformed",
		    "nothing is known after the question mark here");
		return ERR_FORMAT;
	}
	if (exchange->match.route->body != ROUTE_JSON)
		return OK;
	if (body_parse(&exchange->body, &exchange->request, BODY_NOTHING,
	    exchange->in.data, exchange->in.len) == OK)
		return OK;
	exchange_refuse(exchange, 400, "malformed", "%s", exchange->body.say);
	return ERR_FORMAT;
}

void
exchange_on_body_end(struct exchange *exchange)
{
	const struct route *route = exchange->match.route;
	int rc;

	if (exchange->phase != EXCHANGE_TAKING)
		return;
	if (!exchange->in_ended) {
		exchange->in_ended = true;
		rc = route->parse != NULL ? route->parse(exchange) :
		    parse_nothing(exchange);
		if (rc != OK) {
			assert(exchange->phase == EXCHANGE_ANSWERED);
			return;
		}
	}
	route->ask(exchange);
}

void
exchange_on_drained(struct exchange *exchange)
{
	bytes_free(&exchange->out);
	if (exchange->phase == EXCHANGE_STREAMING && exchange->ask_id == 0 &&
	    !exchange->waits)
		exchange->match.route->ask(exchange);
}

static void
wake(struct exchange *exchange)
{
	if (exchange->wake != NULL)
		exchange->wake(exchange);
}

void
exchange_ask(struct exchange *exchange, struct request *request)
{
	exchange->ask_id = desk_ask(exchange->desk, request);
	/* What has not begun is told at once; what has, waits. */
	if (exchange->ask_id == 0 && exchange->phase == EXCHANGE_TAKING &&
	    !exchange->desk->keeper_is_here) {
		exchange_refuse(exchange, 503, "restarting",
		    "the keeper is restarting; nothing was done: try again");
		return;
	}
	if (exchange->ask_id == 0 && !exchange->waits) {
		exchange->waits = true;
		exchange->waits_until_ns = exchange->desk->now_ns +
		    (uint64_t)DESK_KEEPER_WAIT_S * CLOCK_NS_PER_S;
	}
	if (exchange->phase == EXCHANGE_TAKING)
		exchange->phase = EXCHANGE_ASKING;
}

void
exchange_answer(struct exchange *exchange, unsigned status, json_t *json)
{
	assert(exchange->phase == EXCHANGE_TAKING ||
	    exchange->phase == EXCHANGE_ASKING);
	exchange->status = status;
	exchange->answer = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
	json_decref(json);
	if (exchange->answer == NULL) {
		exchange->status = 500;
		exchange->answer = strdup("{}");
	}
	exchange->answer_len =
	    exchange->answer == NULL ? 0 : strlen(exchange->answer);
	exchange->phase = EXCHANGE_ANSWERED;
	wake(exchange);
}

void
exchange_refuse(struct exchange *exchange, unsigned status, const char *word,
    const char *format, ...)
{
	char say[REQUEST_SAY_BYTES];
	va_list args;

	if (exchange->phase == EXCHANGE_STREAMING) {
		/* The status has left: only a broken end can tell. */
		exchange->phase = EXCHANGE_BROKEN;
		wake(exchange);
		return;
	}
	va_start(args, format);
	vsnprintf(say, sizeof(say), format, args);
	va_end(args);
	exchange_answer(exchange, status, answer_error(word, say));
}

void
exchange_refuse_err(struct exchange *exchange, int err, struct text say)
{
	if (say.data == NULL)
		say = (struct text){ err_str(err), strlen(err_str(err)) };
	exchange_refuse(exchange, answer_status(err), answer_word(err), "%.*s",
	    (int)say.len, say.data);
}

void
exchange_stream(struct exchange *exchange, const char *type, uint64_t total)
{
	if (exchange->phase == EXCHANGE_STREAMING)
		return;
	assert(exchange->phase == EXCHANGE_ASKING);
	exchange->status = 200;
	exchange->type = type;
	exchange->total = total;
	exchange->phase = EXCHANGE_STREAMING;
	wake(exchange);
}

void
exchange_put(struct exchange *exchange, const void *data, size_t len)
{
	assert(exchange->phase == EXCHANGE_STREAMING);
	if (exchange->follow)
		exchange->beat_ns = exchange->desk->now_ns +
		    (uint64_t)DESK_BEAT_S * CLOCK_NS_PER_S;
	if (bytes_append(&exchange->out, data, len) != OK)
		exchange->phase = EXCHANGE_BROKEN;
	wake(exchange);
}

void
exchange_put_line(struct exchange *exchange, json_t *json)
{
	char *text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);

	json_decref(json);
	if (text == NULL) {
		exchange->phase = EXCHANGE_BROKEN;
		wake(exchange);
		return;
	}
	exchange_put(exchange, text, strlen(text));
	if (exchange->phase == EXCHANGE_STREAMING)
		exchange_put(exchange, "\n", 1);
	wipe(text, strlen(text));
	free(text);
}

void
exchange_end(struct exchange *exchange)
{
	assert(exchange->phase == EXCHANGE_STREAMING);
	exchange->phase = EXCHANGE_ENDED;
	wake(exchange);
}
