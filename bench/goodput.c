/*
 * The figures of goodput: how much of what a line sends is a file's bytes.
 * Counted in the simulator's world with the real core, keeper and store, at
 * 1200@1 and 20 ms each way.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "core/chunk.h"
#include "core/frame.h"
#include "figure.h"
#include "limits.h"
#include "sim/pair.h"
#include "sim/rite.h"

enum {
	FRAME_BYTES = 1200,
	SLOT_US = 1000,
	DELAY_MS = 20,
	FILE_BYTES = 32 * 1024 * 1024,
	DATA_BYTES = 64 * 1024,
	LOSS_PERMILLE = 200,
	/* A line that is not up, or a file not there, by then is lost. */
	SLOTS_MAX = 400000,
	/* Keys of the latest sessions. */
	KEYS_KEPT = 4,
};

/* What is seen of one post. */
struct sight {
	uint8_t key[KEYS_KEPT][SESSION_KEY_BYTES];
	unsigned keys;
	struct position most[CLASS_COUNT]; /* of the chunks sent so far */
	uint64_t fresh;			   /* bytes sent for the first time */
	uint64_t again;
	unsigned arrived; /* messages of the other post */
};

struct scene {
	struct pair pair;
	struct sight sight[PLAN_POSTS];
	uint64_t upload;
};

static void
look_at_chunk(struct sight *sight, const struct piece *piece)
{
	struct position *most = &sight->most[piece->class];
	uint64_t end = piece->offset + piece->len;

	if (piece->n < most->n ||
	    (piece->n == most->n && piece->offset < most->offset)) {
		sight->again += piece->len;
		return;
	}
	sight->fresh += piece->len;
	*most = (struct position){ piece->n, end };
}

static void
on_frame(void *ctx, const struct post *post, unsigned path,
    const uint8_t *frame, size_t len, bool leaves)
{
	struct scene *scene = ctx;
	struct sight *sight = &scene->sight[post->index];
	uint8_t plain[FRAME_PLAIN_BYTES_MAX];
	struct frame_record record;
	struct piece piece;
	struct reader r;
	unsigned i = 0;

	(void)leaves;
	scene->pair.slots[post->index][path]++;
	while (i < KEYS_KEPT &&
	    frame_unseal(plain, frame, len, sight->key[i]) != OK)
		i++;
	if (i == KEYS_KEPT)
		return;
	buf_read(&r, plain, frame_plain_bytes(len));
	(void)buf_get_u64(&r);
	while (frame_next_record(&r, &record) == OK) {
		if (record.type == FRAME_CHUNK &&
		    chunk_decode(&piece, record.body, record.len) == OK)
			look_at_chunk(sight, &piece);
	}
}

static void
on_order(void *ctx, const struct post *post, const struct line_order *order)
{
	struct scene *scene = ctx;
	struct sight *sight = &scene->sight[post->index];

	if (order->kind == LINE_ORDER_KEYS ||
	    order->kind == LINE_ORDER_MESSAGE_2)
		memcpy(sight->key[sight->keys++ % KEYS_KEPT], order->keys.send,
		    SESSION_KEY_BYTES);
}

static void
on_news(void *ctx, const struct post *post, const struct event_view *news)
{
	static const char arrived[] = "arrived";
	struct scene *scene = ctx;

	if (news->what.len == strlen(arrived) &&
	    memcmp(news->what.data, arrived, news->what.len) == 0)
		scene->sight[post->index].arrived++;
}

static void
on_answer(void *ctx, const struct reply *reply)
{
	struct scene *scene = ctx;

	if (reply == NULL || reply->kind == REPLY_ERROR)
		figure_fail("refused");
	if (reply->kind == REPLY_UPLOAD)
		scene->upload = reply->upload.id;
}

static void
ask(struct scene *scene, unsigned post, const struct request *request)
{
	if (!post_ask(&scene->pair.post[post], request, on_answer, scene))
		figure_fail("a post is not there");
}

static void
send_file(struct scene *scene, unsigned post)
{
	static uint8_t data[DATA_BYTES];
	static const char name[] = "file", type[] = "application/octet-stream";
	struct request request = { .kind = REQUEST_UPLOAD_OPEN };

	ask(scene, post, &request);
	for (size_t done = 0; done < FILE_BYTES; done += sizeof(data)) {
		request = (struct request){ .kind = REQUEST_UPLOAD_DATA,
			.upload = scene->upload,
			.data = { (const char *)data, sizeof(data) } };
		ask(scene, post, &request);
	}
	request = (struct request){ .kind = REQUEST_UPLOAD_DONE,
		.upload = scene->upload };
	ask(scene, post, &request);
	request = (struct request){ .kind = REQUEST_SEND,
		.line = rite_peer_name(post) };
	request.send.attachments = 1;
	request.send.attachment[0] = (struct upload_use){
		.upload = scene->upload,
		.name = { name, sizeof(name) - 1 },
		.type = { type, sizeof(type) - 1 },
	};
	ask(scene, post, &request);
}

static void
open_scene(struct scene *scene, uint64_t seed)
{
	const struct pair_options options = {
		.cadence = { FRAME_BYTES, SLOT_US },
		.delay_ns = (uint64_t)DELAY_MS * CLOCK_NS_PER_MS,
		.seed = seed,
	};
	struct pair *pair = &scene->pair;

	memset(scene->sight, 0, sizeof(scene->sight));
	pair_open(pair, &options);
	pair->watch.ctx = scene;
	pair->watch.frame = on_frame;
	pair->watch.order = on_order;
	pair->watch.news = on_news;
	if (!pair_await_up(pair, SLOTS_MAX))
		figure_fail("the line does not come up");
	/* Both know what the other holds. */
	pair_run(pair, CLOCK_NS_PER_S);
}

/* The share of post 0's datagrams' bytes that are its file's. */
static double
pass_file(struct scene *scene)
{
	uint64_t began = scene->pair.slots[0][0];

	send_file(scene, 0);
	while (scene->sight[1].arrived == 0) {
		if (scene->pair.slots[0][0] - began > SLOTS_MAX)
			figure_fail("the file does not arrive");
		pair_run(&scene->pair, (uint64_t)SLOT_US * CLOCK_NS_PER_US);
	}
	return (double)FILE_BYTES / FRAME_BYTES /
	    (double)(scene->pair.slots[0][0] - began);
}

/* The share of the bytes of records sent that had been sent before, in percent
 * of what was sent for the first time. */
static double
again_percent(const struct scene *scene)
{
	uint64_t fresh = scene->sight[0].fresh + scene->sight[1].fresh;
	uint64_t again = scene->sight[0].again + scene->sight[1].again;

	if (fresh < FILE_BYTES)
		figure_fail("what is sent was not seen");
	return 100.0 * (double)again / (double)fresh;
}

static double
measure_one_way(struct scene *scene, unsigned loss_permille, double *again)
{
	double share;

	open_scene(scene, 1);
	pair_lose(&scene->pair, loss_permille);
	share = pass_file(scene);
	*again = again_percent(scene);
	pair_close(&scene->pair);
	return share;
}

static double
measure_both_ways(struct scene *scene)
{
	double again;

	open_scene(scene, 1);
	send_file(scene, 1);
	(void)pass_file(scene);
	again = again_percent(scene);
	pair_close(&scene->pair);
	return again;
}

static void
print_goodput(double clear, double lossy)
{
	figure_print(&(struct figure){ .name = "goodput 1200, no loss",
	    .value = clear,
	    .unit = "share",
	    .reference = "all bytes of its datagrams",
	    .reference_value = 1,
	    .goal = FIGURE_RATIO_AT_LEAST,
	    .bound = 0.92 });
	figure_print(&(struct figure){ .name = "goodput 1200, 20 % loss",
	    .value = lossy,
	    .unit = "share",
	    .reference = "(1 - loss) of the figure without loss",
	    .reference_value = (1 - LOSS_PERMILLE / 1000.0) * clear,
	    .goal = FIGURE_RATIO_AT_LEAST,
	    .bound = 0.92 });
}

static void
print_again(double lossy, double busy)
{
	figure_print(&(struct figure){ .name = "sent again, 20 % loss",
	    .value = lossy,
	    .unit = "%",
	    .reference = "what had to be: loss / (1 - loss)",
	    .reference_value =
		100.0 * LOSS_PERMILLE / (1000.0 - LOSS_PERMILLE) });
	figure_print(&(struct figure){ .name = "sent again for nothing",
	    .value = busy,
	    .unit = "%",
	    .reference = "all that was sent, both ways busy, no loss",
	    .reference_value = 100,
	    .goal = FIGURE_VALUE_AT_MOST,
	    .bound = 1 });
}

int
main(void)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	double clear, lossy, again;

	pair_hush();
	if (scene == NULL)
		figure_fail("no memory");
	figure_progress("a file of 32 MiB, in simulated time, no loss");
	clear = measure_one_way(scene, 0, &again);
	figure_progress("the same, one datagram of five lost");
	lossy = measure_one_way(scene, LOSS_PERMILLE, &again);
	print_goodput(clear, lossy);
	figure_progress("both ways at once, no loss");
	print_again(again, measure_both_ways(scene));
	free(scene);
	return 0;
}
