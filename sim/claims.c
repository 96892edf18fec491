/*
 * Claims about several paths, each over many pairs of posts that follow from
 * numbers: what a cut costs, how soon a line talks again, how soon the loss of the
 * last record is noticed.  Counted in slots, in simulated time; prints TAP.
 *
 *   claims [SCENES]
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/chunk.h"
#include "core/frame.h"
#include "core/record.h"
#include "limits.h"
#include "sim/content.h"
#include "sim/pair.h"
#include "sim/rite.h"

enum {
	SCENES = 40,
	/* One in so many waits until the session has ended. */
	BOOTS_EVERY = 4,
	/* A line that is not up, or a message not there, by then is lost. */
	SLOTS_MAX = 20000,
	CALM_SLOTS = 40,
	AROUND_SLOTS = 4,
	FILE_BYTES_MIN = 2000,
	FILE_BYTES_MAX = 120000,
	/* One chunk, in the smallest frames too. */
	FLASH_BYTES_MAX = 60,
	RECORD_FRAMES = 6,
	KEYS_KEPT = 4,
	/* What is claimed. */
	CUT_SLOTS = 2,
	HEAL_SLOTS = 3,
	/* It is heard, and then spoken to. */
	MOVE_SLOTS = 2 * HEAL_SLOTS,
	/* Three round trips, and as `./dev bench restart`, but for the worst. */
	BOOT_SLOTS = 60,
	/* Of the parts of a key change, in each frame: all but the rest. */
	PART_REST_BYTES = 110,
	/* Below, a message and what control there is do not fit in one frame. */
	SMALL_BYTES = 512,
	NOTICE_SLOTS = CTRL_EVERY_FRAMES,
	/* A frame may leave anywhere in its slot: those of n slots come within
	 * the time of one more. */
	WITHIN_SLOTS = 1,
	/* A thousand is the silence that ends a session, 667 the age at which a
	 * key is changed. */
	CUT_SHORT = 550,
	CUT_LONG_MIN = 700,
	CUT_LONG = 900,
	CUT_BOOT_MIN = 1100,
	CUT_BOOT = 2000,
};

struct scene {
	struct pair pair;
	struct dice dice;
	uint64_t seed;
	uint64_t slot_ns;
	uint64_t round_ns;
	unsigned sent[PLAN_POSTS];     /* messages, to each */
	unsigned arrived[PLAN_POSTS];  /* of which its people were told */
	uint64_t flash_ns[PLAN_POSTS]; /* when its keeper got one; 0: not yet */
	uint64_t journal_end;	       /* as the first post's peer was told */
	uint64_t told_ns;	       /* and when; 0: not since it was asked */
	uint64_t lost_ns; /* when a part of a record was lost first */
	uint8_t key[KEYS_KEPT][SESSION_KEY_BYTES]; /* the first post's */
	unsigned keys;
	bool drops; /* of the first post, all that is said for the first time */
	/* Of the chunks that were sent, by road. */
	struct position most[PLAN_ROADS_MAX][CLASS_COUNT];
};

/* The first way in which a claim does not hold. */
struct verdict {
	bool failed;
	char say[160];
	double most_slots;
};

static void fail(struct verdict *verdict, const struct scene *scene,
    const char *format, ...) PRINTF_LIKE(3, 4);

static void
fail(struct verdict *verdict, const struct scene *scene, const char *format,
    ...)
{
	char what[120];
	va_list args;

	if (verdict->failed)
		return;
	verdict->failed = true;
	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	(void)snprintf(verdict->say, sizeof(verdict->say),
	    "scene %" PRIu64 ": %s", scene->seed, what);
}

/* --- what is seen --- */

static bool
is_word(struct text text, const char *word)
{
	return text.len == strlen(word) &&
	    memcmp(text.data, word, text.len) == 0;
}

static void
on_news(void *ctx, const struct post *post, const struct event_view *news)
{
	struct scene *scene = ctx;

	scene->arrived[post->index] +=
	    is_word(news->kind, "message") && is_word(news->what, "arrived");
}

static void
on_event(void *ctx, const struct post *post, const struct line_event *event)
{
	struct scene *scene = ctx;

	if (event->kind == LINE_EVENT_DATA && event->piece.fin &&
	    event->piece.class == CLASS_FLASH)
		scene->flash_ns[post->index] = scene->pair.world.now_ns;
	if (event->kind == LINE_EVENT_STATUS && post->index == 1 &&
	    event->status.journal_end > scene->journal_end) {
		scene->journal_end = event->status.journal_end;
		scene->told_ns = scene->pair.world.now_ns;
	}
}

static void
on_order(void *ctx, const struct post *post, const struct line_order *order)
{
	struct scene *scene = ctx;

	if (post->index == 0 &&
	    (order->kind == LINE_ORDER_KEYS ||
		order->kind == LINE_ORDER_MESSAGE_2))
		memcpy(scene->key[scene->keys++ % KEYS_KEPT], order->keys.send,
		    SESSION_KEY_BYTES);
}

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

static bool
is_new(struct scene *scene, unsigned road, const struct piece *piece)
{
	struct position *most = &scene->most[road][piece->class];
	struct position end = { piece->n, piece->offset + piece->len };

	if (position_compare(end, *most) <= 0)
		return false;
	*most = end;
	return true;
}

/* A frame in which a part of a record is said for the first time on its road: one
 * who sees through the seal takes it away. */
static bool
drops(void *ctx, const struct flight *flight)
{
	struct scene *scene = ctx;
	uint8_t plain[FRAME_PLAIN_BYTES_MAX];
	struct frame_record record;
	struct piece piece;
	struct reader r;
	bool is_first = false;
	unsigned i = 0;

	if (!scene->drops || flight->to == 0)
		return false;
	while (i < KEYS_KEPT &&
	    frame_unseal(plain, flight->bytes, flight->len, scene->key[i]) !=
		OK)
		i++;
	if (i == KEYS_KEPT)
		return false;
	buf_read(&r, plain, frame_plain_bytes(flight->len));
	(void)buf_get_u64(&r);
	while (frame_next_record(&r, &record) == OK) {
		if (record.type == FRAME_CHUNK &&
		    chunk_decode(&piece, record.body, record.len) == OK)
			is_first |=
			    is_new(scene, flight->network->road, &piece);
	}
	if (is_first && scene->lost_ns == 0)
		scene->lost_ns = scene->pair.world.now_ns;
	return is_first;
}

/* --- what is done --- */

static void
open_scene(struct scene *scene, uint64_t seed)
{
	static const struct cadence cadences[] = { { 1200, 100000 },
		{ 1200, 20000 }, { 256, 50000 }, { 600, 400000 } };
	struct pair_options options = { .seed = seed };
	struct pair *pair = &scene->pair;

	memset(scene, 0, sizeof(*scene));
	scene->seed = seed;
	dice_init(&scene->dice, seed, DICE_WORKLOAD, 0);
	options.cadence = cadences[dice_between(&scene->dice, 0,
	    sizeof(cadences) / sizeof(cadences[0]) - 1)];
	options.roams = true;
	options.roads = (unsigned)dice_between(&scene->dice, 2, PLAN_ROADS_MAX);
	options.delay_ns = dice_spread(&scene->dice, 100 * CLOCK_NS_PER_US,
	    100 * CLOCK_NS_PER_MS);
	scene->slot_ns = cadence_slot_ns(options.cadence);
	scene->round_ns = 2 * options.delay_ns;
	pair_open(pair, &options);
	pair->watch.ctx = scene;
	pair->watch.news = on_news;
	pair->watch.event = on_event;
	pair->watch.order = on_order;
	pair->watch.frame = on_frame;
	pair->drops = drops;
	if (!pair_await_up(pair, SLOTS_MAX))
		fatalx("claims: scene %" PRIu64 " does not come up", seed);
	pair_run(pair, CALM_SLOTS * scene->slot_ns);
}

static uint64_t
draw_slots_ns(struct scene *scene, uint64_t most)
{
	return dice_between(&scene->dice, 0, most * scene->slot_ns);
}

static void
on_answer(void *ctx, const struct reply *reply)
{
	(void)ctx;
	if (reply == NULL || reply->kind == REPLY_ERROR)
		fatalx("claims: refused");
}

static void
say(struct scene *scene, unsigned from, uint8_t precedence, size_t bytes)
{
	struct request request = {
		.kind = REQUEST_SEND,
		.line = rite_peer_name(from),
		.send = { .precedence = precedence },
	};
	char *text = malloc(bytes + 1);

	if (text == NULL)
		fatal("claims: no memory");
	content_text(text, bytes, scene->seed + bytes);
	request.send.text = (struct text){ text, bytes };
	scene->sent[1 - from]++;
	if (!post_ask(&scene->pair.post[from], &request, on_answer, scene))
		fatalx("claims: a post is not there");
	free(text);
}

static void
say_flash(struct scene *scene, unsigned from)
{
	say(scene, from, PRECEDENCE_FLASH,
	    dice_between(&scene->dice, 1, FLASH_BYTES_MAX));
}

static bool
has_all(const struct scene *scene)
{
	return scene->arrived[0] == scene->sent[0] &&
	    scene->arrived[1] == scene->sent[1];
}

/* Lets time pass until all that was said is there, once. */
static void
await_all(struct scene *scene, struct verdict *verdict)
{
	struct world *world = &scene->pair.world;
	uint64_t until_ns = world->now_ns + SLOTS_MAX * scene->slot_ns;

	while (!has_all(scene) && world_step(world, until_ns))
		;
	pair_run(&scene->pair, CALM_SLOTS * scene->slot_ns);
	for (unsigned i = 0; i < PLAN_POSTS; i++) {
		if (scene->arrived[i] != scene->sent[i])
			fail(verdict, scene, "%u of %u messages arrive",
			    scene->arrived[i], scene->sent[i]);
	}
}

static void
note(struct verdict *verdict, const struct scene *scene, double slots,
    double most)
{
	if (slots > verdict->most_slots)
		verdict->most_slots = slots;
	if (slots > most)
		fail(verdict, scene, "%.2f slots", slots);
}

/* --- a path is cut --- */

/* Some roads, but not all of them. */
static unsigned
draw_cut(struct scene *scene)
{
	unsigned all = (1u << scene->pair.plan.roads) - 1;

	return (unsigned)dice_between(&scene->dice, 1, all - 1);
}

static void
cut(struct scene *scene, unsigned roads)
{
	for (unsigned i = 0; i < scene->pair.plan.roads; i++) {
		if ((roads & 1u << i) != 0)
			pair_cut(&scene->pair, i, true);
	}
}

/* How long a flash message takes about whose time roads are cut, or not. */
static uint64_t
time_flash(struct scene *scene, uint64_t seed, bool is_cut,
    struct verdict *verdict)
{
	struct pair *pair = &scene->pair;
	uint64_t cut_ns, send_ns, began_ns;
	unsigned roads;

	open_scene(scene, seed);
	for (unsigned i = 0; i < PLAN_POSTS; i++) {
		if (dice_chance(&scene->dice, 500))
			say(scene, i, PRECEDENCE_ROUTINE,
			    dice_spread(&scene->dice, FILE_BYTES_MIN,
				FILE_BYTES_MAX));
	}
	pair_run(pair, draw_slots_ns(scene, CALM_SLOTS));
	roads = draw_cut(scene);
	if (!is_cut)
		roads = 0;
	cut_ns = draw_slots_ns(scene, 2 * AROUND_SLOTS);
	send_ns = draw_slots_ns(scene, AROUND_SLOTS) +
	    AROUND_SLOTS / 2 * scene->slot_ns;
	pair_run(pair, cut_ns < send_ns ? cut_ns : send_ns);
	if (cut_ns < send_ns) {
		cut(scene, roads);
		pair_run(pair, send_ns - cut_ns);
	}
	began_ns = pair->world.now_ns;
	say_flash(scene, 0);
	if (cut_ns >= send_ns) {
		pair_run(pair, cut_ns - send_ns);
		cut(scene, roads);
	}
	await_all(scene, verdict);
	pair_close(pair);
	return scene->flash_ns[1] - began_ns;
}

static void
claim_cut(struct scene *scene, uint64_t seed, struct verdict *verdict)
{
	uint64_t with_ns = time_flash(scene, seed, true, verdict);
	uint64_t without_ns = time_flash(scene, seed, false, verdict);

	note(verdict, scene,
	    ((double)with_ns - (double)without_ns) / (double)scene->slot_ns,
	    CUT_SLOTS);
}

/* --- all paths are cut, and one is healed --- */

static uint64_t
silence_ns(const struct scene *scene)
{
	return cadence_longer_ns(scene->pair.plan.cadence, SESSION_SILENT_S,
	    SESSION_SILENT_SLOTS);
}

/* How long everything was cut, in thousandths of the silence that ends a session,
 * and what it may cost. */
struct outage {
	uint64_t least;
	uint64_t most;
	double slots;
	double rounds;
};

static void
heal(struct scene *scene, const struct outage *outage, struct verdict *verdict)
{
	struct pair *pair = &scene->pair;
	bool is_small = pair->plan.cadence.frame_bytes < SMALL_BYTES;
	uint64_t healed_ns, last_ns;

	cut(scene, ~0u);
	pair_run(pair,
	    dice_between(&scene->dice, outage->least, outage->most) *
		(silence_ns(scene) / 1000));
	say_flash(scene, 0);
	say_flash(scene, 1);
	pair_run(pair, draw_slots_ns(scene, AROUND_SLOTS) + scene->slot_ns);
	pair_cut(pair,
	    (unsigned)dice_between(&scene->dice, 0, pair->plan.roads - 1),
	    false);
	healed_ns = pair->world.now_ns;
	await_all(scene, verdict);
	last_ns = scene->flash_ns[0] > scene->flash_ns[1] ? scene->flash_ns[0]
							  : scene->flash_ns[1];
	note(verdict, scene,
	    ((double)(last_ns - healed_ns) -
		outage->rounds * (double)scene->round_ns) /
		(double)scene->slot_ns,
	    outage->slots + is_small);
	pair_close(pair);
}

static void
claim_heal(struct scene *scene, uint64_t seed, struct verdict *verdict)
{
	const struct outage outage = { 0, CUT_SHORT, HEAL_SLOTS + WITHIN_SLOTS,
		1 };

	open_scene(scene, seed);
	heal(scene, &outage, verdict);
}

/* Parts of a key change go before what is only said again. */
static void
claim_heal_late(struct scene *scene, uint64_t seed, struct verdict *verdict)
{
	struct outage outage = { CUT_LONG_MIN, CUT_LONG,
		HEAL_SLOTS + WITHIN_SLOTS, 1 };
	unsigned part_bytes;

	open_scene(scene, seed);
	part_bytes = scene->pair.plan.cadence.frame_bytes - PART_REST_BYTES;
	outage.slots += (HANDSHAKE_1_BYTES + part_bytes - 1) / part_bytes;
	heal(scene, &outage, verdict);
}

static void
claim_boot(struct scene *scene, uint64_t seed, struct verdict *verdict)
{
	const struct outage outage = { CUT_BOOT_MIN, CUT_BOOT, BOOT_SLOTS, 3 };

	if (seed % BOOTS_EVERY != 0)
		return;
	open_scene(scene, seed);
	heal(scene, &outage, verdict);
}

/* --- a post moves --- */

/* All its addresses are others at once. */
static void
claim_move(struct scene *scene, uint64_t seed, struct verdict *verdict)
{
	const struct outage outage = { 0, 0, MOVE_SLOTS + WITHIN_SLOTS, 1 };
	struct pair *pair = &scene->pair;

	open_scene(scene, seed);
	pair_run(pair, draw_slots_ns(scene, CALM_SLOTS));
	for (unsigned i = 0; i < pair->plan.roads; i++)
		network_move(&pair->roads[i], 1);
	heal(scene, &outage, verdict);
}

/* --- the last record is lost --- */

static void
on_line(void *ctx, const struct reply *reply)
{
	uint64_t *missing = ctx;

	if (reply != NULL && reply->kind == REPLY_LINE)
		*missing = reply->line.missing;
}

/* What the second post's people are shown to be on its way, or lost. */
static uint64_t
read_missing(struct scene *scene)
{
	const struct request request = {
		.kind = REQUEST_LINE_SHOW,
		.line = rite_peer_name(1),
	};
	uint64_t missing = 0;

	(void)post_ask(&scene->pair.post[1], &request, on_line, &missing);
	return missing;
}

static void
claim_notice(struct scene *scene, uint64_t seed, struct verdict *verdict)
{
	struct pair *pair = &scene->pair;
	size_t payload;

	open_scene(scene, seed);
	payload = pair->plan.cadence.frame_bytes;
	pair_run(pair, draw_slots_ns(scene, CALM_SLOTS));
	scene->told_ns = 0;
	scene->drops = true;
	say(scene, 0, PRECEDENCE_ROUTINE,
	    dice_spread(&scene->dice, 1, RECORD_FRAMES * payload));
	while (scene->told_ns == 0 && world_step(&pair->world, UINT64_MAX))
		;
	pair_run(pair, CLOCK_NS_PER_MS);
	if (!has_all(scene) && read_missing(scene) == 0)
		fail(verdict, scene, "people are not shown what is missing");
	await_all(scene, verdict);
	if (read_missing(scene) != 0)
		fail(verdict, scene, "people are shown more than is missing");
	if (scene->told_ns == 0 || scene->lost_ns == 0)
		fail(verdict, scene, "nothing is lost, or nobody is told");
	else
		note(verdict, scene,
		    ((double)scene->told_ns - (double)scene->lost_ns -
			(double)scene->round_ns) /
			(double)scene->slot_ns,
		    NOTICE_SLOTS + WITHIN_SLOTS);
	pair_close(pair);
}

static const struct {
	const char *claim;
	void (*holds)(struct scene *scene, uint64_t seed,
	    struct verdict *verdict);
} claims[] = {
	{ "cutting some paths loses nothing, and costs flash two slots",
	    claim_cut },
	{ "one path healed of all: talking within three slots and a round trip",
	    claim_heal },
	{ "the same in a key change: and its parts", claim_heal_late },
	{ "the same after a silence that ended the session: as after a restart",
	    claim_boot },
	{ "a post that moves is followed within six slots and a round trip",
	    claim_move },
	{ "a lost last record is noticed within 16 slots and a round trip",
	    claim_notice },
};

enum { CLAIMS = sizeof(claims) / sizeof(claims[0]) };

int
main(int argc, char *argv[])
{
	uint64_t scenes = argc > 1 ? strtoull(argv[1], NULL, 10) : SCENES;
	struct scene *scene = calloc(1, sizeof(*scene));
	bool ok = true;

	pair_hush();
	if (scene == NULL)
		fatal("claims: no memory");
	printf("1..%d\n", CLAIMS);
	for (int i = 0; i < CLAIMS; i++) {
		struct verdict verdict = { 0 };

		for (uint64_t seed = 1; seed <= scenes && !verdict.failed;
		     seed++)
			claims[i].holds(scene, seed, &verdict);
		if (verdict.failed)
			printf("# %s\n", verdict.say);
		printf("# at most %.2f slots\n", verdict.most_slots);
		printf("%s %d - %s\n", verdict.failed ? "not ok" : "ok", i + 1,
		    claims[i].claim);
		(void)fflush(stdout);
		ok &= !verdict.failed;
	}
	free(scene);
	return ok ? 0 : 1;
}
