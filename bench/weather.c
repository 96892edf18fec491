/*
 * The figures of a message in bad weather: how long 200 bytes take at the default
 * cadence until the other side has them stored and its people are told, where so
 * many datagrams of a hundred are lost.  Counted in the simulator's world with
 * the real core, keeper and store, on one path and on two.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "figure.h"
#include "limits.h"
#include "sim/content.h"
#include "sim/pair.h"
#include "sim/rite.h"

enum {
	FRAME_BYTES = 1200,
	SLOT_US = 100000,
	DELAY_MS = 20,
	TEXT_BYTES = 200,
	MESSAGES = 500,
	/* Between two: until the receipt is back, and then any moment. */
	GAP_SLOTS_MIN = 30,
	GAP_SLOTS_MAX = 60,
	/* A line that is not up, or a message not there, by then is lost. */
	SLOTS_MAX = 4000,
};

struct scene {
	struct pair pair;
	unsigned sent;
	unsigned arrived;
};

static void
on_news(void *ctx, const struct post *post, const struct event_view *news)
{
	static const char arrived[] = "arrived";
	struct scene *scene = ctx;

	scene->arrived += post->index == 1 &&
	    news->what.len == strlen(arrived) &&
	    memcmp(news->what.data, arrived, news->what.len) == 0;
}

/* The pair's own count of slots is not needed here. */
static void
on_frame(void *ctx, const struct post *post, unsigned path,
    const uint8_t *frame, size_t len, bool leaves)
{
	(void)ctx;
	(void)post;
	(void)path;
	(void)frame;
	(void)len;
	(void)leaves;
}

static void
on_answer(void *ctx, const struct reply *reply)
{
	(void)ctx;
	if (reply == NULL || reply->kind == REPLY_ERROR)
		figure_fail("refused");
}

static void
open_scene(struct scene *scene, unsigned roads, unsigned loss_permille)
{
	const struct pair_options options = {
		.cadence = { FRAME_BYTES, SLOT_US },
		.delay_ns = (uint64_t)DELAY_MS * CLOCK_NS_PER_MS,
		.roads = roads,
		.seed = 1,
	};
	struct pair *pair = &scene->pair;

	scene->sent = scene->arrived = 0;
	pair_open(pair, &options);
	pair->watch.ctx = scene;
	pair->watch.frame = on_frame;
	pair->watch.news = on_news;
	if (!pair_await_up(pair, SLOTS_MAX))
		figure_fail("the line does not come up");
	pair_lose(pair, loss_permille);
}

/* Milliseconds from the request to the news of it at the other side. */
static double
time_message(struct scene *scene, struct dice *dice)
{
	char text[TEXT_BYTES + 1];
	struct request request = {
		.kind = REQUEST_SEND,
		.line = rite_peer_name(0),
		.send = { .text = { text, TEXT_BYTES } },
	};
	struct world *world = &scene->pair.world;
	uint64_t slot_ns = (uint64_t)SLOT_US * CLOCK_NS_PER_US, began_ns;

	pair_run(&scene->pair,
	    dice_between(dice, GAP_SLOTS_MIN * slot_ns,
		GAP_SLOTS_MAX * slot_ns));
	content_text(text, TEXT_BYTES, scene->sent);
	began_ns = world->now_ns;
	scene->sent++;
	if (!post_ask(&scene->pair.post[0], &request, on_answer, scene))
		figure_fail("a post is not there");
	while (scene->arrived < scene->sent) {
		if (!world_step(world, began_ns + SLOTS_MAX * slot_ns))
			figure_fail("a message does not arrive");
	}
	return (double)(world->now_ns - began_ns) / CLOCK_NS_PER_MS;
}

static void
print(unsigned loss_percent, unsigned roads, const char *what, double value)
{
	char name[64];
	struct figure figure = {
		.name = name,
		.value = value,
		.unit = "ms",
		.reference = "one slot (20 ms away)",
		.reference_value = SLOT_US / 1000.0,
	};

	snprintf(name, sizeof(name), "200 bytes, %u %% lost, %s, %s",
	    loss_percent, roads == 1 ? "1 path" : "2 paths", what);
	figure_print(&figure);
}

static void
measure(struct scene *scene, unsigned loss_percent, unsigned roads)
{
	static double times[MESSAGES];
	struct dice dice;

	dice_init(&dice, loss_percent, DICE_WORKLOAD, roads);
	open_scene(scene, roads, 10 * loss_percent);
	for (unsigned i = 0; i < MESSAGES; i++)
		times[i] = time_message(scene, &dice);
	pair_close(&scene->pair);
	print(loss_percent, roads, "p50",
	    figure_quantile(times, MESSAGES, 0.5));
	print(loss_percent, roads, "p99",
	    figure_quantile(times, MESSAGES, 0.99));
}

int
main(void)
{
	static const unsigned losses[] = { 0, 1, 5, 20, 40 };
	struct scene *scene = calloc(1, sizeof(*scene));

	pair_hush();
	if (scene == NULL)
		figure_fail("no memory");
	figure_progress("messages in bad weather, in simulated time");
	for (unsigned roads = 1; roads <= 2; roads++) {
		for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++)
			measure(scene, losses[i], roads);
	}
	free(scene);
	return 0;
}
