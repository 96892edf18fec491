/* Owns two keepers back to back in one process, over folders in /tmp: what one
 * orders, the other meets as an event, in order, through a wire of a few lines. */
#ifndef TEST_TWIN_H
#define TEST_TWIN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/event.h"
#include "keeper/keeper.h"

enum {
	TWIN_QUEUE_MAX = 4096,
	TWIN_REPLIES_MAX = 64,
	TWIN_EVENTS_MAX = 256,
	TWIN_SAY_BYTES = 512,
	TWIN_ROOM_BYTES = 64 * 1024,
};

/* A reply as it was, with what tests look at copied. */
struct twin_reply {
	struct reply reply;
	char say[TWIN_SAY_BYTES];
	uint8_t *file; /* of a ceremony, or data, or text of a message */
	size_t file_len;
	char words[REQUEST_WORDS][REQUEST_WORD_BYTES];
	char subject[SUBJECT_BYTES_MAX + 1];
	char name[256];
};

struct twin_event {
	char kind[32];
	char what[32];
	char ref[REQUEST_REF_BYTES];
	char say[TWIN_SAY_BYTES];
};

struct twin_order {
	struct line_order order;
	uint8_t data[HANDSHAKE_BYTES_MAX];
};

/* A path as it was told last. */
struct twin_way {
	bool open;
	struct keeper_way way;
	char listen[256];
	char endpoint[256];
	char proxy[256];
};

struct twin_side {
	struct twin *twin;
	char folder[64];
	struct store_keys keys;
	struct keeper *keeper;
	uint32_t line;
	const char *peer; /* what this side calls the other */
	bool added;
	struct keeper_line config;
	struct position held[CLASS_COUNT]; /* of its own journal, by wire */
	uint32_t room[CLASS_COUNT];
	bool mute; /* wire passes nothing on to the peer */
	struct twin_reply replies[TWIN_REPLIES_MAX];
	size_t reply_count;
	struct twin_event events[TWIN_EVENTS_MAX];
	size_t event_count;
	/* The last order of each kind. */
	struct twin_order last[LINE_ORDER_COUNT];
	size_t orders[LINE_ORDER_COUNT];
	struct twin_way way[LINE_PATHS_MAX];
	size_t sockets;
	bool down;
	uint64_t disk_free;
	struct rng_seeded seed;
};

struct twin_letter {
	struct twin_side *to;
	struct line_event event;
	uint8_t *data;
};

struct twin {
	struct twin_side side[2];
	struct twin_letter queue[TWIN_QUEUE_MAX];
	size_t head;
	size_t tail;
	struct moment now;
	uint32_t request;
};

static inline struct text
twin_text(const char *string)
{
	return (struct text){ string, strlen(string) };
}

static inline struct twin_side *
twin_other(struct twin_side *side)
{
	return &side->twin->side[side == &side->twin->side[0] ? 1 : 0];
}

static inline void
twin_post(struct twin_side *to, const struct line_event *event)
{
	struct twin *twin = to->twin;
	struct twin_letter *letter = &twin->queue[twin->tail % TWIN_QUEUE_MAX];

	assert_true(twin->tail - twin->head < TWIN_QUEUE_MAX);
	twin->tail++;
	letter->to = to;
	letter->event = *event;
	letter->data = NULL;
	if (event->kind == LINE_EVENT_DATA && event->piece.len > 0) {
		letter->data = malloc(event->piece.len);
		memcpy(letter->data, event->piece.data, event->piece.len);
		letter->event.piece.data = letter->data;
	}
}

/* What side's wire wants of its keeper. */
static inline void
twin_want(struct twin_side *side)
{
	struct line_event event = { .kind = LINE_EVENT_WANT };

	for (int c = 0; c < CLASS_COUNT; c++) {
		side->room[c] = TWIN_ROOM_BYTES;
		event.want.at[c] = side->held[c];
		event.want.room[c] = TWIN_ROOM_BYTES;
	}
	twin_post(side, &event);
}

static inline void
twin_on_piece(struct twin_side *side, const struct piece *piece)
{
	struct line_event event = { .kind = LINE_EVENT_DATA, .piece = *piece };
	struct position *held = &side->held[piece->class];

	assert_true(piece->len <= PIECE_OUT_BYTES_MAX);
	/* What an earlier want brought comes twice, as to any wire. */
	if (piece->n <= held->n || piece->offset + piece->len <= held->offset)
		return;
	assert_true(piece->offset <= held->offset);
	side->room[piece->class] -= piece->len < side->room[piece->class]
	    ? (uint32_t)piece->len
	    : side->room[piece->class];
	if (piece->fin)
		*held = (struct position){ piece->n, 0 };
	else
		held->offset = piece->offset + piece->len;
	if (!side->mute)
		twin_post(twin_other(side), &event);
	if (side->room[piece->class] < PIECE_OUT_BYTES_MAX)
		twin_want(side);
}

static inline void
twin_on_order(void *ctx, uint32_t line, const struct line_order *order)
{
	struct twin_side *side = ctx;
	struct twin_order *last = &side->last[order->kind];
	struct line_event event = { .kind = LINE_EVENT_HAVE };

	assert_int_equal(line, side->line);
	last->order = *order;
	if (order->data != NULL)
		memcpy(last->data, order->data, order->len);
	side->orders[order->kind]++;
	if (order->kind == LINE_ORDER_PIECE)
		twin_on_piece(side, &order->piece);
	/* The session ends at once, and wire says so. */
	if (order->kind == LINE_ORDER_FAULT) {
		event.kind = LINE_EVENT_FAULT;
		event.fault = order->fault;
		twin_post(side, &event);
		return;
	}
	if (side->mute)
		return;
	if (order->kind == LINE_ORDER_HAVE ||
	    order->kind == LINE_ORDER_ATTACH) {
		event.have = order->have;
		twin_post(twin_other(side), &event);
	}
	if (order->kind == LINE_ORDER_STATUS ||
	    order->kind == LINE_ORDER_ATTACH) {
		event.kind = LINE_EVENT_STATUS;
		event.status = order->status;
		twin_post(twin_other(side), &event);
	}
}

static inline void
twin_on_line_add(void *ctx, const struct keeper_line *line)
{
	struct twin_side *side = ctx;

	side->added = true;
	side->config = *line;
	side->line = line->id;
}

static inline void
twin_on_line_drop(void *ctx, uint32_t line)
{
	struct twin_side *side = ctx;

	assert_int_equal(line, side->line);
	side->added = false;
}

static inline void
twin_copy(char *dst, size_t cap, struct text text)
{
	assert_true(text.len < cap);
	memset(dst, 0, cap);
	if (text.len > 0)
		memcpy(dst, text.data, text.len);
}

static inline void
twin_on_path(void *ctx, uint32_t line, const struct keeper_way *way)
{
	struct twin_side *side = ctx;
	struct twin_way *kept = &side->way[way->path];

	side->line = line;
	side->sockets++;
	kept->open = true;
	kept->way = *way;
	twin_copy(kept->listen, sizeof(kept->listen), way->listen);
	twin_copy(kept->endpoint, sizeof(kept->endpoint), way->endpoint);
	twin_copy(kept->proxy, sizeof(kept->proxy), way->proxy);
}

static inline void
twin_on_path_drop(void *ctx, uint32_t line, unsigned path)
{
	struct twin_side *side = ctx;

	assert_int_equal(line, side->line);
	side->way[path].open = false;
}

static inline void
twin_on_reply(void *ctx, const struct reply *reply)
{
	struct twin_side *side = ctx;
	struct twin_reply *kept;
	struct text file = { NULL, 0 };

	assert_true(side->reply_count < TWIN_REPLIES_MAX);
	kept = &side->replies[side->reply_count++];
	free(kept->file);
	memset(kept, 0, sizeof(*kept));
	kept->reply = *reply;
	twin_copy(kept->say, sizeof(kept->say), reply->say);
	if (reply->kind == REPLY_CEREMONY)
		file = reply->ceremony.file;
	if (reply->kind == REPLY_DATA)
		file = reply->data.data;
	if (reply->kind == REPLY_MESSAGE)
		file = reply->message.text;
	if (file.len > 0) {
		kept->file = malloc(file.len);
		memcpy(kept->file, file.data, file.len);
		kept->file_len = file.len;
	}
	for (size_t i = 0; i < reply->ceremony.word_count; i++)
		twin_copy(kept->words[i], REQUEST_WORD_BYTES,
		    reply->ceremony.words[i]);
	twin_copy(kept->subject, sizeof(kept->subject), reply->message.subject);
	if (reply->kind == REPLY_LINE)
		twin_copy(kept->name, sizeof(kept->name), reply->line.name);
}

static inline void
twin_on_event(void *ctx, const struct event_view *event)
{
	struct twin_side *side = ctx;
	struct twin_event *kept;

	if (side->event_count == TWIN_EVENTS_MAX)
		return;
	kept = &side->events[side->event_count++];
	twin_copy(kept->kind, sizeof(kept->kind), event->kind);
	twin_copy(kept->what, sizeof(kept->what), event->what);
	twin_copy(kept->ref, sizeof(kept->ref), event->ref);
	twin_copy(kept->say, sizeof(kept->say), event->say);
}

static inline void
twin_on_down(void *ctx)
{
	((struct twin_side *)ctx)->down = true;
}

static inline uint64_t
twin_disk_free(void *ctx)
{
	return ((struct twin_side *)ctx)->disk_free;
}

static const struct keeper_ops twin_ops = {
	.line_add = twin_on_line_add,
	.line_drop = twin_on_line_drop,
	.order = twin_on_order,
	.path = twin_on_path,
	.path_drop = twin_on_path_drop,
	.reply = twin_on_reply,
	.event = twin_on_event,
	.down = twin_on_down,
	.disk_free = twin_disk_free,
};

static inline bool
twin_has_event(const struct twin_side *side, const char *kind, const char *what)
{
	for (size_t i = 0; i < side->event_count; i++) {
		if (strcmp(side->events[i].kind, kind) == 0 &&
		    strcmp(side->events[i].what, what) == 0)
			return true;
	}
	return false;
}

/* Delivers what is queued, and lets time pass as far as keepers ask for it,
 * until nothing happens any more or `until` is reached. */
static inline void
twin_run_until(struct twin *twin, uint64_t until_ns)
{
	struct twin_letter *letter;
	uint64_t next_ns, a_ns, b_ns;

	for (;;) {
		while (twin->head < twin->tail) {
			letter = &twin->queue[twin->head++ % TWIN_QUEUE_MAX];
			if (letter->to->keeper != NULL)
				keeper_on_line_event(letter->to->keeper,
				    letter->to->line, &letter->event,
				    twin->now);
			free(letter->data);
		}
		a_ns = twin->side[0].keeper == NULL
		    ? UINT64_MAX
		    : keeper_next_ns(twin->side[0].keeper);
		b_ns = twin->side[1].keeper == NULL
		    ? UINT64_MAX
		    : keeper_next_ns(twin->side[1].keeper);
		next_ns = a_ns < b_ns ? a_ns : b_ns;
		if (next_ns > until_ns)
			return;
		if (next_ns > twin->now.now_ns) {
			twin->now.wall_ms +=
			    (int64_t)((next_ns - twin->now.now_ns) /
				CLOCK_NS_PER_MS);
			twin->now.now_ns = next_ns;
		}
		for (int i = 0; i < 2; i++) {
			if (twin->side[i].keeper != NULL)
				keeper_on_time(twin->side[i].keeper, twin->now);
		}
	}
}

/* Half a second: flushes happen, waits don't. */
static inline void
twin_run(struct twin *twin)
{
	twin_run_until(twin, twin->now.now_ns + CLOCK_NS_PER_S / 2);
}

/* Forgets what was under way. */
static inline void
twin_cut(struct twin *twin)
{
	while (twin->head < twin->tail)
		free(twin->queue[twin->head++ % TWIN_QUEUE_MAX].data);
}

static inline void
twin_open(struct twin_side *side)
{
	/* No two keepers of a test draw the same. */
	static uint64_t seeds;

	assert_int_equal(keeper_open(&side->keeper, side->folder, &side->keys,
			     rng_from_seed(&side->seed, ++seeds), &twin_ops,
			     side, side->twin->now),
	    OK);
	keeper_on_wire_attached(side->keeper, side->twin->now);
}

/* The keeper dies and comes again; its wire stays or not. */
static inline void
twin_restart(struct twin_side *side)
{
	keeper_close(side->keeper);
	side->keeper = NULL;
	twin_open(side);
}

/* As after a boot: both wires begin from what the peers durably hold. */
static inline void
twin_reboot(struct twin *twin)
{
	twin_cut(twin);
	for (int i = 0; i < 2; i++) {
		struct twin_side *side = &twin->side[i];
		struct twin_side *other = &twin->side[1 - i];

		keeper_on_wire_lost(side->keeper);
		keeper_on_wire_attached(side->keeper, twin->now);
		memcpy(other->held, side->last[LINE_ORDER_ATTACH].order.have.at,
		    sizeof(other->held));
	}
	twin_want(&twin->side[0]);
	twin_want(&twin->side[1]);
	twin_run(twin);
}

/* Asks, and gives the first reply to it. */
static inline struct twin_reply *
twin_ask(struct twin_side *side, struct request *request)
{
	request->id = ++side->twin->request;
	side->reply_count = 0;
	keeper_on_request(side->keeper, request, side->twin->now);
	/* A loop that turns: what is due is done. */
	if (keeper_next_ns(side->keeper) <= side->twin->now.now_ns)
		keeper_on_time(side->keeper, side->twin->now);
	return &side->replies[0];
}

static inline struct request
twin_request(struct twin_side *side, enum request_kind kind)
{
	return (struct request){ .kind = kind, .line = twin_text(side->peer) };
}

static inline struct twin_reply *
twin_ask_file(struct twin_side *side, enum request_kind kind, const void *file,
    size_t len)
{
	struct request request = twin_request(side, kind);

	request.ceremony.cadence = (struct cadence){ 1200, 100000 };
	request.ceremony.accept = 2;
	request.way.endpoint =
	    twin_text(side == side->twin->side ? "a.example:7411" : "");
	request.ceremony.file = (struct text){ file, len };
	twin_ask(side, &request);
	/* The parent answers offers and acceptances with their socket. */
	if (side->reply_count == 0)
		keeper_on_socket(side->keeper, side->line, 0, OK,
		    twin_text("[::]:7411"), twin_text(""), side->twin->now);
	return &side->replies[0];
}

static inline struct twin_reply *
twin_confirm(struct twin_side *side, char words[][REQUEST_WORD_BYTES])
{
	struct request request = twin_request(side, REQUEST_CONFIRM);

	for (size_t i = 0; i < REQUEST_WORDS; i++)
		request.ceremony.words[i] = twin_text(words[i]);
	return twin_ask(side, &request);
}

/* Two posts without a line. */
static inline struct twin *
twin_new(void)
{
	struct twin *twin = calloc(1, sizeof(*twin));

	log_open(2, "test", LOG_LEVEL_ERROR);
	twin->now = (struct moment){ 1000000000, 1795000000000 };
	for (int i = 0; i < 2; i++) {
		struct twin_side *side = &twin->side[i];

		side->twin = twin;
		side->peer = i == 0 ? "bravo" : "alfa";
		side->disk_free = (uint64_t)4 << 30;
		strcpy(side->folder, "/tmp/quietline-test-XXXXXX");
		assert_non_null(mkdtemp(side->folder));
		assert_int_equal(keeper_create(side->folder,
				     i == 0 ? "alfa" : "bravo", NULL,
				     "open sesame", 11, keyring_cost_least(),
				     rng_kernel()),
		    OK);
		assert_int_equal(keyring_open(side->folder, "open sesame", 11,
				     &side->keys),
		    OK);
		twin_open(side);
	}
	return twin;
}

/* The whole ceremony. */
static inline void
twin_pair(struct twin *twin)
{
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct twin_reply *reply;
	uint8_t file[2048];
	char a_words[REQUEST_WORDS][REQUEST_WORD_BYTES];
	size_t len;

	reply = twin_ask_file(a, REQUEST_OFFER, NULL, 0);
	assert_int_equal(reply->reply.kind, REPLY_CEREMONY);
	reply = twin_ask_file(b, REQUEST_ACCEPT, reply->file, reply->file_len);
	assert_int_equal(reply->reply.kind, REPLY_CEREMONY);
	reply = twin_ask_file(a, REQUEST_FINISH, reply->file, reply->file_len);
	assert_int_equal(reply->reply.kind, REPLY_CEREMONY);
	memcpy(a_words, reply->words, sizeof(a_words));
	len = reply->file_len;
	memcpy(file, reply->file, len);
	reply = twin_ask_file(b, REQUEST_FINISH, file, len);
	assert_int_equal(reply->reply.kind, REPLY_CEREMONY);
	reply = twin_confirm(a, reply->words);
	assert_int_equal(reply->reply.kind, REPLY_DONE);
	reply = twin_confirm(b, a_words);
	assert_int_equal(reply->reply.kind, REPLY_DONE);
}

/* A line, and both have told what they hold. */
static inline struct twin *
twin_new_line(void)
{
	struct twin *twin = twin_new();

	twin_pair(twin);
	twin_reboot(twin);
	return twin;
}

static inline void
twin_free(struct twin *twin)
{
	char command[128];

	twin_cut(twin);
	for (int i = 0; i < 2; i++) {
		keeper_close(twin->side[i].keeper);
		for (size_t j = 0; j < TWIN_REPLIES_MAX; j++)
			free(twin->side[i].replies[j].file);
		snprintf(command, sizeof(command), "rm -rf %s",
		    twin->side[i].folder);
		assert_int_equal(system(command), 0);
	}
	free(twin);
}

static inline struct twin_reply *
twin_send(struct twin_side *side, const char *text, uint8_t precedence)
{
	struct request request = twin_request(side, REQUEST_SEND);

	request.send.text = twin_text(text);
	request.send.precedence = precedence;
	return twin_ask(side, &request);
}

/* All messages, as replies; the last reply is REPLY_DONE. */
static inline size_t
twin_read(struct twin_side *side)
{
	struct request request = twin_request(side, REQUEST_READ);

	request.read.since_ms = INT64_MIN;
	twin_ask(side, &request);
	assert_true(side->reply_count > 0);
	assert_int_equal(side->replies[side->reply_count - 1].reply.kind,
	    REPLY_DONE);
	return side->reply_count - 1;
}

/* Uploads len bytes that follow from seed; gives the upload's id. */
static inline uint64_t
twin_upload(struct twin_side *side, size_t len, uint8_t seed)
{
	struct request request = twin_request(side, REQUEST_UPLOAD_OPEN);
	uint8_t bytes[REQUEST_ATTACHMENT_PIECE_BYTES];
	struct twin_reply *reply;
	uint64_t id;
	size_t step;

	reply = twin_ask(side, &request);
	assert_int_equal(reply->reply.kind, REPLY_UPLOAD);
	id = reply->reply.upload.id;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 31 + seed);
	for (size_t done = 0; done < len; done += step) {
		step = len - done < sizeof(bytes) ? len - done : sizeof(bytes);
		request = twin_request(side, REQUEST_UPLOAD_DATA);
		request.upload = id;
		request.data = (struct text){ (const char *)bytes, step };
		reply = twin_ask(side, &request);
		assert_int_equal(reply->reply.kind, REPLY_DONE);
	}
	request = twin_request(side, REQUEST_UPLOAD_DONE);
	request.upload = id;
	reply = twin_ask(side, &request);
	assert_int_equal(reply->reply.kind, REPLY_UPLOAD);
	assert_int_equal(reply->reply.upload.bytes, len);
	return id;
}

static inline struct twin_reply *
twin_send_file(struct twin_side *side, const char *text, size_t len,
    const char *type)
{
	struct request request = twin_request(side, REQUEST_SEND);

	request.send.text = twin_text(text);
	request.send.attachments = 1;
	request.send.attachment[0].upload = twin_upload(side, len, 7);
	request.send.attachment[0].name = twin_text("paper.pdf");
	request.send.attachment[0].type = twin_text(type);
	return twin_ask(side, &request);
}

#endif
