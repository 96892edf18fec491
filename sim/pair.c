#include "sim/pair.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/crypto.h"
#include "sim/rite.h"

static void
on_frame(void *ctx, const struct post *post, unsigned path,
    const uint8_t *frame, size_t len, bool leaves)
{
	struct pair *pair = ctx;

	(void)frame;
	(void)len;
	(void)leaves;
	pair->slots[post->index][path]++;
}

static void
on_order(void *ctx, const struct post *post, const struct line_order *order)
{
	(void)ctx;
	(void)post;
	(void)order;
}

static void
on_event(void *ctx, const struct post *post, const struct line_event *event)
{
	(void)ctx;
	(void)post;
	(void)event;
}

static void
on_news(void *ctx, const struct post *post, const struct event_view *news)
{
	(void)ctx;
	(void)post;
	(void)news;
}

static void
on_opened(void *ctx, struct post *post)
{
	(void)ctx;
	(void)post;
}

static void
on_changes(void *ctx, const struct post *post, struct cadence cadence)
{
	(void)ctx;
	(void)post;
	(void)cadence;
}

static void
on_ended(void *ctx, const struct post *post)
{
	(void)ctx;
	(void)post;
}

static void
on_cloned(void *ctx, const struct post *post, const uint8_t *frame, size_t len)
{
	(void)ctx;
	(void)post;
	(void)frame;
	(void)len;
}

static void
on_taken(void *ctx, const struct post *post, const uint8_t *bytes, size_t len)
{
	(void)ctx;
	(void)post;
	(void)bytes;
	(void)len;
}

static uint64_t
on_arrival(void *ctx, const struct flight *flight)
{
	struct pair *pair = ctx;

	if (pair->drops != NULL && pair->drops(pair->watch.ctx, flight))
		return 0;
	return post_on_flight(&pair->post[flight->to], flight);
}

void
pair_hush(void)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (fd != -1)
		log_open(fd, "sim", LOG_LEVEL_ERROR);
}

static void
make_plan(struct plan *plan, const struct pair_options *options)
{
	struct dice dice;

	*plan = (struct plan){ .seed = options->seed,
		.cadence = options->cadence,
		.roads = options->roads > 0 ? options->roads : 1,
		.single = PLAN_NOBODY,
		.reversed = PLAN_NOBODY,
		.start_ns = 2 * PLAN_RITE_NS };
	for (unsigned i = 0; i < plan->roads; i++)
		plan->road[i] = (struct plan_road){
			.learner = PLAN_NO_LEARNER,
			.mover = PLAN_NOBODY,
			.roams = { options->roams },
			.delay_ns = options->delay_ns,
		};
	dice_init(&dice, plan->seed, DICE_PLAN, 0);
	for (unsigned i = 0; i < PLAN_POSTS; i++)
		plan->boot_ns[i] =
		    PLAN_RITE_NS + dice_between(&dice, 0, CLOCK_NS_PER_S);
}

void
pair_open(struct pair *pair, const struct pair_options *options)
{
	memset(pair, 0, sizeof(*pair));
	crypto_init();
	make_plan(&pair->plan, options);
	pair->watch = (struct post_watch){ .ctx = pair,
		.frame = on_frame,
		.order = on_order,
		.event = on_event,
		.news = on_news,
		.opened = on_opened,
		.cloned = on_cloned,
		.taken = on_taken,
		.changes = on_changes,
		.restored = on_ended,
		.ended = on_ended };
	world_init(&pair->world, pair->plan.start_ns - PLAN_RITE_NS);
	for (unsigned i = 0; i < PLAN_POSTS; i++) {
		post_init(&pair->post[i], i, &pair->plan, &pair->world,
		    pair->roads, &pair->watch);
		post_open(&pair->post[i]);
	}
	rite_hold(pair->post, &pair->plan);
	for (unsigned i = 0; i < PLAN_POSTS; i++)
		post_close(&pair->post[i]);
	pair_run(pair, pair->plan.start_ns - pair->world.now_ns);
	network_init(pair->roads, &pair->world, &pair->plan, true, on_arrival,
	    pair);
	for (unsigned i = 0; i < PLAN_POSTS; i++)
		post_start(&pair->post[i]);
}

void
pair_close(struct pair *pair)
{
	for (unsigned i = 0; i < PLAN_POSTS; i++)
		post_free(&pair->post[i]);
	network_free(pair->roads);
	world_free(&pair->world);
}

void
pair_lose(struct pair *pair, unsigned permille)
{
	for (unsigned i = 0; i < pair->plan.roads; i++) {
		pair->roads[i].calm = permille == 0;
		pair->roads[i].trouble[TROUBLE_LOSES] = (struct trouble_state){
			.active = permille > 0,
			.permille = permille,
		};
	}
}

void
pair_cut(struct pair *pair, unsigned road, bool cut)
{
	assert(road < pair->plan.roads);
	for (unsigned i = 0; i < PLAN_POSTS; i++)
		pair->roads[road].cut[i] = cut;
}

void
pair_run(struct pair *pair, uint64_t ns)
{
	uint64_t until_ns = pair->world.now_ns + ns;

	while (world_step(&pair->world, until_ns))
		;
}

bool
pair_is_up(const struct pair *pair)
{
	for (unsigned i = 0; i < PLAN_POSTS; i++) {
		struct line_report report;

		if (pair->post[i].line == NULL)
			return false;
		line_read_report(pair->post[i].line, &report,
		    post_now_ns(&pair->post[i]));
		if (report.state != LINE_UP)
			return false;
	}
	return true;
}

bool
pair_await_up(struct pair *pair, uint64_t slots)
{
	uint64_t until_ns =
	    pair->world.now_ns + slots * cadence_slot_ns(pair->plan.cadence);

	while (!pair_is_up(pair)) {
		if (!world_step(&pair->world, until_ns))
			return false;
	}
	return true;
}
