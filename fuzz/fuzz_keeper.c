/* What a peer can make wire tell a keeper: events in any order, with a real
 * store under it, which is made once and copied for each run. */
#include "keeper/keeper.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { FILE_BYTES = 2048, FOLDER_BYTES = 64, COMMAND_BYTES = 256 };

/* What a keeper answered last, copied. */
struct answer {
	enum reply_kind kind;
	uint8_t file[FILE_BYTES];
	size_t file_len;
	char words[REQUEST_WORDS][REQUEST_WORD_BYTES];
	uint32_t line;
};

static char template[FOLDER_BYTES];
static char work[FOLDER_BYTES];
static struct store_keys keys;
static const struct moment start = { CLOCK_NS_PER_S, 1795000000000 };

static void
on_line_add(void *ctx, const struct keeper_line *line)
{
	((struct answer *)ctx)->line = line->id;
}

static void
on_line_drop(void *ctx, uint32_t line)
{
	(void)ctx;
	(void)line;
}

/* Wire reads all that it is handed: so must the sanitizer. */
static void
on_order(void *ctx, uint32_t line, const struct line_order *order)
{
	static volatile uint8_t sum;

	(void)ctx;
	(void)line;
	if (order->kind == LINE_ORDER_PIECE) {
		for (size_t i = 0; i < order->piece.len; i++)
			sum = (uint8_t)(sum + order->piece.data[i]);
	}
}

static void
on_path(void *ctx, uint32_t line, const struct keeper_way *way)
{
	(void)way;
	((struct answer *)ctx)->line = line;
}

static void
on_path_drop(void *ctx, uint32_t line, unsigned path)
{
	(void)ctx;
	(void)line;
	(void)path;
}

static void
copy(char *dst, size_t cap, struct text text)
{
	assert(text.len < cap);
	memset(dst, 0, cap);
	if (text.len > 0)
		memcpy(dst, text.data, text.len);
}

static void
on_reply(void *ctx, const struct reply *reply)
{
	struct answer *answer = ctx;

	answer->kind = reply->kind;
	if (reply->kind != REPLY_CEREMONY)
		return;
	copy((char *)answer->file, sizeof(answer->file), reply->ceremony.file);
	answer->file_len = reply->ceremony.file.len;
	for (size_t i = 0; i < reply->ceremony.word_count; i++)
		copy(answer->words[i], REQUEST_WORD_BYTES,
		    reply->ceremony.words[i]);
}

static void
on_event(void *ctx, const struct event_view *event)
{
	(void)ctx;
	(void)event;
}

static void
on_down(void *ctx)
{
	(void)ctx;
}

static const struct keeper_ops ops = {
	.line_add = on_line_add,
	.line_drop = on_line_drop,
	.order = on_order,
	.path = on_path,
	.path_drop = on_path_drop,
	.reply = on_reply,
	.event = on_event,
	.down = on_down,
};

static void
ask(struct keeper *keeper, enum request_kind kind, const struct answer *from,
    struct answer *to)
{
	struct request request = { .kind = kind, .id = 1 };

	request.line = (struct text){ "peer", 4 };
	request.ceremony.cadence = (struct cadence){ 1200, 100000 };
	request.ceremony.accept = 2;
	request.way.endpoint = (struct text){ "h.example:7411", 14 };
	if (from != NULL) {
		request.ceremony.file =
		    (struct text){ (const char *)from->file, from->file_len };
		for (size_t i = 0; i < REQUEST_WORDS; i++)
			request.ceremony.words[i] =
			    (struct text){ from->words[i],
				    strlen(from->words[i]) };
	}
	to->kind = REPLY_COUNT;
	keeper_on_request(keeper, &request, start);
	if (to->kind == REPLY_COUNT)
		keeper_on_socket(keeper, to->line, 0, OK,
		    (struct text){ "[::]:7411", 9 }, (struct text){ NULL, 0 },
		    start);
	assert(to->kind != REPLY_ERROR && to->kind != REPLY_COUNT);
}

static void
make_post(char folder[FOLDER_BYTES], struct store_keys *made,
    struct keeper **keeper, struct answer *answer)
{
	int rc;

	snprintf(folder, FOLDER_BYTES, "%s/quietline-fuzz-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(folder) == NULL)
		abort();
	rc = keeper_create(folder, "post", NULL, "x", 1, keyring_cost_least(),
	    rng_kernel());
	assert(rc == OK);
	rc = keyring_open(folder, "x", 1, made);
	assert(rc == OK);
	rc = keeper_open(keeper, folder, made, rng_kernel(), &ops, answer,
	    start);
	assert(rc == OK);
	keeper_on_wire_attached(*keeper, start);
}

static void
run(const char *format, const char *a, const char *b)
{
	char command[COMMAND_BYTES];

	snprintf(command, sizeof(command), format, a, b);
	if (system(command) != 0)
		abort();
}

static void
clean_up(void)
{
	run("rm -rf %s %s", template, work);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static struct answer ours, theirs;
	struct keeper *keeper, *other;
	char other_folder[FOLDER_BYTES];
	struct store_keys other_keys;

	(void)argc;
	(void)argv;
	log_open(2, "fuzz", LOG_LEVEL_ERROR);
	make_post(template, &keys, &keeper, &ours);
	make_post(other_folder, &other_keys, &other, &theirs);
	ask(keeper, REQUEST_OFFER, NULL, &ours);
	ask(other, REQUEST_ACCEPT, &ours, &theirs);
	ask(keeper, REQUEST_FINISH, &theirs, &ours);
	ask(other, REQUEST_FINISH, &ours, &theirs);
	ask(keeper, REQUEST_CONFIRM, &theirs, &ours);
	keeper_close(keeper);
	keeper_close(other);
	run("rm -rf %s%s", other_folder, "");
	snprintf(work, sizeof(work), "%s.work", template);
	run("cp -r %s %s", template, work);
	atexit(clean_up);
	return 0;
}

static void
copy_file(const char *name)
{
	char from[COMMAND_BYTES], to[COMMAND_BYTES];
	static char bytes[65536];
	size_t len;
	FILE *in, *out;

	snprintf(from, sizeof(from), "%s/%s", template, name);
	snprintf(to, sizeof(to), "%s/%s", work, name);
	in = fopen(from, "rb");
	out = fopen(to, "wb");
	if (in == NULL || out == NULL)
		abort();
	while ((len = fread(bytes, 1, sizeof(bytes), in)) > 0)
		fwrite(bytes, 1, len, out);
	fclose(in);
	fclose(out);
}

/* The store as the ceremony left it: closed, so without write-ahead logs. */
static void
begin_anew(void)
{
	static const char *const left[] = { "line.db-wal", "record.db-wal",
		"line.db-journal", "record.db-journal" };
	char path[COMMAND_BYTES];

	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", work, left[i]);
		unlink(path);
	}
	copy_file("line.db");
	copy_file("record.db");
}

static struct keeper *
open_work(struct answer *answer, struct moment now)
{
	struct keeper *keeper;
	int rc =
	    keeper_open(&keeper, work, &keys, rng_kernel(), &ops, answer, now);

	assert(rc == OK);
	keeper_on_wire_attached(keeper, now);
	return keeper;
}

/* Numbers of one byte reach all that matters; 255 stands for the largest. */
static uint64_t
get_number(struct reader *r)
{
	const uint8_t value = buf_get_u8(r);

	return value == 255 ? UINT64_MAX : value;
}

static void
get_event(struct reader *r, struct line_event *event)
{
	memset(event, 0, sizeof(*event));
	event->kind = (enum line_event_kind)(buf_get_u8(r) % LINE_EVENT_COUNT);
	event->attempt.kind =
	    (enum handshake_kind)(buf_get_u8(r) % HANDSHAKE_KIND_COUNT);
	event->attempt.number = get_number(r);
	if (event->kind == LINE_EVENT_DATA) {
		event->piece.class =
		    (enum record_class)(buf_get_u8(r) % CLASS_COUNT);
		event->piece.n = get_number(r);
		event->piece.offset = buf_get_u16(r);
		event->piece.fin = buf_get_u8(r) & 1;
		event->piece.data = buf_get_blob16(r, &event->piece.len);
	} else if (event->kind == LINE_EVENT_HAVE ||
	    event->kind == LINE_EVENT_WANT) {
		for (int c = 0; c < CLASS_COUNT; c++) {
			event->want.at[c].n = get_number(r);
			event->want.at[c].offset = get_number(r);
		}
		if (event->kind == LINE_EVENT_HAVE)
			event->have.credit = get_number(r);
		for (int c = 0;
		     event->kind == LINE_EVENT_WANT && c < CLASS_COUNT; c++)
			event->want.room[c] = buf_get_u8(r) * 64u;
	} else if (event->kind == LINE_EVENT_TERMS) {
		event->terms = buf_get_u8(r) % TERMS_NUMBERS;
	} else {
		event->data = buf_get_blob16(r, &event->len);
	}
}

static void
send_one(struct keeper *keeper, struct moment now)
{
	struct request request = { .kind = REQUEST_SEND };

	request.line = (struct text){ "peer", 4 };
	request.send.text = (struct text){ "text", 4 };
	keeper_on_request(keeper, &request, now);
}

/* Proposes a cadence, agrees to one of theirs, or takes one back. */
static void
set_cadence(struct keeper *keeper, unsigned which, struct moment now)
{
	static const struct cadence cadences[HANDSHAKE_KIND_COUNT] = {
		{ 256, 1000000 }, { 1200, 20000 }, { 0, 0 }
	};
	struct request request = { .kind = REQUEST_CADENCE };

	request.line = (struct text){ "peer", 4 };
	request.cadence = cadences[which];
	keeper_on_request(keeper, &request, now);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct answer answer;
	struct moment now = start;
	struct line_event event;
	struct keeper *keeper;
	struct reader r;

	begin_anew();
	keeper = open_work(&answer, now);
	buf_read(&r, data, len);
	while (buf_left(&r) > 0) {
		get_event(&r, &event);
		if (!buf_is_readable(&r))
			break;
		/* No report, no kind of handshake it knows: time, a restart, a
		 * message or a cadence of ours instead. */
		if (event.kind == LINE_EVENT_REPORT &&
		    event.attempt.number == 1) {
			keeper_close(keeper);
			keeper = open_work(&answer, now);
		} else if (event.kind == LINE_EVENT_REPORT) {
			now.now_ns += CLOCK_NS_PER_S;
			keeper_on_time(keeper, now);
			if (event.attempt.number == 2)
				send_one(keeper, now);
			if (event.attempt.number == 3)
				set_cadence(keeper, event.attempt.kind, now);
		} else {
			keeper_on_line_event(keeper, answer.line, &event, now);
		}
	}
	now.now_ns += CLOCK_NS_PER_S;
	keeper_on_time(keeper, now);
	assert(!keeper_has_failed(keeper));
	keeper_close(keeper);
	return 0;
}
