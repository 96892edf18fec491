#include "sim/post.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/wipe.h"
#include "proc/pmsg.h"

enum {
	/* Tells apart the dice of two posts and of their many starts. */
	STARTS_MAX = 10000,
	FULL_BYTES_LEFT_MAX = 512 * 1024,
	FOUNDING_CUT_PERMILLE = 200,
	FOUNDING_CALLS = 80,
	SHORT_PERMILLE = 300,
	SHORT_EVERY_MIN = 3,
	SHORT_EVERY_MAX = 300,
};

static const char passphrase[] = "a simulated passphrase";

uint64_t
post_now_ns(const struct post *post)
{
	return timepiece_boot_ns(&post->timepiece, post->world->now_ns);
}

static struct moment
moment_now(const struct post *post)
{
	return (struct moment){
		.now_ns = post_now_ns(post),
		.wall_ms =
		    timepiece_wall_ms(&post->timepiece, post->world->now_ns),
	};
}

/* Nothing of a machine runs while it is stopped: true, and it happens when the
 * machine goes on. */
static bool
defer(struct post *post, world_happen *happen, void *ctx, uint64_t what)
{
	if (post->world->now_ns >= post->stopped_until_ns)
		return false;
	world_at(post->world, post->stopped_until_ns, happen, ctx, what);
	return true;
}

static struct letter *
letter_new(struct post *post, unsigned starts, struct writer *w)
{
	struct letter *letter = calloc(1, sizeof(*letter));

	if (letter == NULL ||
	    (letter->body = malloc(PMSG_LINE_BYTES_MAX)) == NULL)
		fatal("post: no memory");
	letter->post = post;
	letter->starts = starts;
	LIST_INSERT_HEAD(&post->letters, letter, entry);
	buf_write(w, letter->body, PMSG_LINE_BYTES_MAX);
	return letter;
}

static void
letter_free(struct letter *letter)
{
	LIST_REMOVE(letter, entry);
	free(letter->body);
	free(letter);
}

/* Gives back what it does not need, and posts the rest. */
static void
letter_post(struct letter *letter, const struct writer *w,
    world_happen *deliver)
{
	struct world *world = letter->post->world;
	uint8_t *cut;

	assert(buf_is_sound(w));
	letter->len = w->len;
	if (w->len > 0 && (cut = realloc(letter->body, w->len)) != NULL)
		letter->body = cut;
	world_at(world, world->now_ns + POST_ROOM_DELAY_US * CLOCK_NS_PER_US,
	    deliver, letter, 0);
}

/* --- the keeper --- */

static void keeper_rearm(struct post *post);
static void lose_keeper(struct post *post, uint64_t back_ns);

static uint64_t
keeper_back_ns(const struct post *post)
{
	return post->world->now_ns + incident_duration_ns(INCIDENT_KEEPER_LOST);
}

/* One that was killed within a call says nothing from there on. */
static bool
is_heard(const struct post *post)
{
	return !post->silent && !drive_has_stopped(post->drive);
}

static void
on_keeper_due(void *ctx, uint64_t starts)
{
	struct post *post = ctx;

	if (defer(post, on_keeper_due, post, starts))
		return;
	if (post->keeper == NULL || starts != post->keeper_starts ||
	    post->keeper_due_ns > post->world->now_ns)
		return;
	post->keeper_due_ns = UINT64_MAX;
	keeper_on_time(post->keeper, moment_now(post));
	keeper_rearm(post);
}

/* After every call of the keeper: it may want to be called at another time. */
static void
keeper_rearm(struct post *post)
{
	uint64_t due_ns;

	if (drive_has_stopped(post->drive) || keeper_has_failed(post->keeper)) {
		lose_keeper(post, keeper_back_ns(post));
		return;
	}
	due_ns = keeper_next_ns(post->keeper);
	if (due_ns == UINT64_MAX)
		return;
	due_ns = timepiece_world_ns(&post->timepiece, due_ns);
	/* A loop that turns takes time. */
	if (due_ns <= post->world->now_ns)
		due_ns = post->world->now_ns + CLOCK_NS_PER_US;
	if (due_ns >= post->keeper_due_ns)
		return;
	post->keeper_due_ns = due_ns;
	world_at(post->world, due_ns, on_keeper_due, post, post->keeper_starts);
}

/* A letter of the line reaches the keeper. */
static void
deliver_event(void *ctx, uint64_t unused)
{
	struct letter *letter = ctx;
	struct post *post = letter->post;
	struct line_event event;

	if (defer(post, deliver_event, letter, unused))
		return;
	if (post->keeper != NULL && letter->starts == post->keeper_starts) {
		if (pmsg_decode_event(&event, letter->body, letter->len) != OK)
			fatalx("post %u: an event does not decode",
			    post->index);
		post->watch->event(post->watch->ctx, post, &event);
		keeper_on_line_event(post->keeper, post->line_id, &event,
		    moment_now(post));
		keeper_rearm(post);
	}
	letter_free(letter);
}

static void
on_tell(void *ctx, const struct line_event *event)
{
	struct post *post = ctx;
	struct letter *letter;
	struct writer w;

	if (post->keeper == NULL || post->clone.acts)
		return;
	letter = letter_new(post, post->keeper_starts, &w);
	pmsg_encode_event(&w, event);
	letter_post(letter, &w, deliver_event);
}

/* A letter of the keeper reaches the line. */
static void
deliver_order(void *ctx, uint64_t unused)
{
	struct letter *letter = ctx;
	struct post *post = letter->post;
	struct line_order order;

	if (defer(post, deliver_order, letter, unused))
		return;
	if (post->line != NULL && letter->starts == post->line_starts) {
		if (pmsg_decode_order(&order, letter->body, letter->len) != OK)
			fatalx("post %u: an order does not decode",
			    post->index);
		(void)line_on_order(post->line, &order, post_now_ns(post));
	}
	letter_free(letter);
}

static void
on_order(void *ctx, uint32_t line, const struct line_order *order)
{
	struct post *post = ctx;
	struct letter *letter;
	struct writer w;

	if (!is_heard(post))
		return;
	assert(line == post->line_id);
	post->watch->order(post->watch->ctx, post, order);
	if (order->kind == LINE_ORDER_KEYS ||
	    order->kind == LINE_ORDER_MESSAGE_2)
		liar_learn_session(&post->liar, order->keys.send);
	letter = letter_new(post, post->line_starts, &w);
	pmsg_encode_order(&w, order);
	letter_post(letter, &w, deliver_order);
}

static void wire_start(struct post *post, const struct keeper_line *line);
static void wire_kill(struct post *post);
static void path_close(struct post_path *path);

static bool
is_same_line(const struct post *post, const struct keeper_line *line)
{
	return post->cadence.frame_bytes == line->cadence.frame_bytes &&
	    post->cadence.slot_us == line->cadence.slot_us &&
	    post->terms == line->terms;
}

static void
on_line_add(void *ctx, const struct keeper_line *line)
{
	struct post *post = ctx;

	if (!is_heard(post))
		return;
	assert(post->line_id == 0 || post->line_id == line->id);
	post->line_id = line->id;
	if (post->line != NULL && !is_same_line(post, line)) {
		post->changes++;
		post->watch->changes(post->watch->ctx, post, line->cadence);
		wire_kill(post);
	}
	if (post->line == NULL)
		wire_start(post, line);
	else
		line_also(post->line, line->also_frame_bytes);
}

static void
on_line_drop(void *ctx, uint32_t line)
{
	(void)ctx;
	fatalx("post: line %u is dropped", line);
}

static void
on_socket_answer(void *ctx, uint64_t starts)
{
	static const char at[] = "192.0.2.1:7411";
	struct text listen = { at, sizeof(at) - 1 }, why = { NULL, 0 };
	struct post *post = ctx;

	if (defer(post, on_socket_answer, post, starts))
		return;
	if (post->keeper == NULL || starts != post->keeper_starts)
		return;
	keeper_on_socket(post->keeper, post->line_id, 0, OK, listen, why,
	    moment_now(post));
	keeper_rearm(post);
}

static void
on_path(void *ctx, uint32_t line, const struct keeper_way *way)
{
	struct post *post = ctx;

	(void)line;
	if (!is_heard(post))
		return;
	/* Before line_add: what wire begins from. */
	post->path[way->path].last = way->last;
	world_at(post->world,
	    post->world->now_ns + POST_ROOM_DELAY_US * CLOCK_NS_PER_US,
	    on_socket_answer, post, post->keeper_starts);
}

static void
on_path_drop(void *ctx, uint32_t line, unsigned path)
{
	(void)ctx;
	(void)line;
	(void)path;
}

static void
on_reply(void *ctx, const struct reply *reply)
{
	struct post *post = ctx;

	if (!is_heard(post))
		return;
	for (size_t i = 0; i < POST_ASKED_MAX; i++) {
		struct post_asked asked = post->asked[i];

		if (asked.id != reply->id)
			continue;
		if (!reply->more)
			post->asked[i].id = 0;
		asked.answer(asked.ctx, reply);
		return;
	}
	fatalx("post %u: a reply to nothing that was asked", post->index);
}

static void
on_news(void *ctx, const struct event_view *news)
{
	struct post *post = ctx;

	if (is_heard(post))
		post->watch->news(post->watch->ctx, post, news);
}

static void
on_down(void *ctx)
{
	(void)ctx;
	fatalx("post: nobody asked it to go down");
}

static uint64_t
on_disk_free(void *ctx)
{
	const struct post *post = ctx;

	return drive_free_bytes(post->drive);
}

static const struct keeper_ops ops = {
	.line_add = on_line_add,
	.line_drop = on_line_drop,
	.order = on_order,
	.path = on_path,
	.path_drop = on_path_drop,
	.reply = on_reply,
	.event = on_news,
	.down = on_down,
	.disk_free = on_disk_free,
};

/* A kernel may read and write less than it is asked to, at any time. */
static void
make_drive(struct post *post)
{
	char path[CALLS_PATH_BYTES];
	struct dice dice;

	post->drive = drive_new(post->index);
	calls_mount(post->index, post->drive);
	calls_path(path, post->index);
	(void)snprintf(post->folder, sizeof(post->folder), "%s/post", path);
	dice_init(&dice, post->plan->seed, DICE_DRIVE, post->index);
	if (dice_chance(&dice, SHORT_PERMILLE))
		drive_shorten_every(post->drive,
		    dice_spread(&dice, SHORT_EVERY_MIN, SHORT_EVERY_MAX));
}

/* It may be cut short at any call, by a kill or by a power cut; it is then done
 * again.  What it has said to be done is on the platter. */
static void
found(struct post *post)
{
	struct dice dice, fate;
	bool cut, was_cut = false;
	int rc;

	dice_init(&dice, post->plan->seed, DICE_CEREMONY, post->index);
	dice_init(&fate, post->plan->seed, DICE_DRIVE,
	    PLAN_POSTS + post->index);
	do {
		if (dice_chance(&fate, FOUNDING_CUT_PERMILLE))
			drive_stop_in(post->drive,
			    dice_between(&fate, 1, FOUNDING_CALLS), &fate);
		rc = keeper_create(post->folder,
		    post->index == 0 ? "alfa" : "bravo", NULL, passphrase,
		    sizeof(passphrase) - 1, keyring_cost_least(),
		    dice_rng(&dice));
		cut = drive_has_stopped(post->drive);
		drive_heal(post->drive);
		drive_revive(post->drive);
		if (cut && dice_chance(&fate, 500))
			drive_cut_power(post->drive, &fate);
		was_cut |= cut;
	} while (cut);
	/* Cut short behind its last step. */
	if (rc != OK && !(rc == ERR_EXISTS && was_cut))
		fatalx("post %u: not made (%s)", post->index, err_str(rc));
	drive_lose_unsynced(post->drive);
}

void
post_init(struct post *post, unsigned index, const struct plan *plan,
    struct world *world, struct network roads[PLAN_ROADS_MAX],
    const struct post_watch *watch)
{
	int rc;

	*post = (struct post){
		.index = index,
		.world = world,
		.roads = roads,
		.plan = plan,
		.watch = watch,
	};
	for (unsigned i = 0; i < plan_paths(plan, index); i++)
		post->path[i] = (struct post_path){
			.post = post,
			.number = i,
			.network = &roads[plan_road_of(plan, index, i)],
		};
	timepiece_init(&post->timepiece, world->now_ns, plan->boot_ns[index],
	    plan->ppm[index]);
	liar_init(&post->liar, plan->seed, false);
	make_drive(post);
	found(post);
	rc = keyring_open(post->folder, passphrase, sizeof(passphrase) - 1,
	    &post->keys);
	if (rc != OK)
		fatalx("post %u: no keys (%s)", index, err_str(rc));
}

/* The process that used it is gone. */
static void
end_drive_use(struct post *post)
{
	drive_stop(post->drive);
	assert(!calls_has_open(post->drive));
	drive_revive(post->drive);
}

static void on_keeper_back(void *ctx, uint64_t starts);

/* False: the drive fails, and it is tried again later. */
static bool
try_open(struct post *post)
{
	int rc;

	assert(post->keeper == NULL);
	post->keeper_starts++;
	post->keeper_due_ns = UINT64_MAX;
	dice_init(&post->keeper_dice, post->plan->seed, DICE_KEEPER,
	    post->index * STARTS_MAX + post->keeper_starts);
	rc = keeper_open(&post->keeper, post->folder, &post->keys,
	    dice_rng(&post->keeper_dice), &ops, post, moment_now(post));
	if (rc == OK) {
		keeper_rearm(post);
		return post->keeper != NULL;
	}
	if (!drive_is_failing(post->drive))
		fatalx("post %u: its store does not open (%s)", post->index,
		    err_str(rc));
	end_drive_use(post);
	world_at(post->world, keeper_back_ns(post), on_keeper_back, post,
	    post->keeper_starts);
	return false;
}

void
post_open(struct post *post)
{
	if (!try_open(post))
		fatalx("post %u: its drive fails", post->index);
}

static void
close_keeper(struct post *post)
{
	post->silent = true;
	keeper_close(post->keeper);
	post->silent = false;
	post->keeper = NULL;
}

void
post_close(struct post *post)
{
	close_keeper(post);
	assert(!calls_has_open(post->drive));
}

static void
cut_off_asked(struct post *post)
{
	for (size_t i = 0; i < POST_ASKED_MAX; i++) {
		struct post_asked asked = post->asked[i];

		if (asked.id == 0)
			continue;
		post->asked[i].id = 0;
		asked.answer(asked.ctx, NULL);
	}
}

/* Killed: what was called until now is all that it did.  The keeper that goes on
 * to close does so without changing anything. */
static void
keeper_kill(struct post *post)
{
	if (post->keeper == NULL)
		return;
	post->watch->ended(post->watch->ctx, post);
	drive_stop(post->drive);
	close_keeper(post);
	end_drive_use(post);
	cut_off_asked(post);
}

static void
wire_kill(struct post *post)
{
	if (post->line == NULL)
		return;
	clone_free(&post->clone);
	for (unsigned i = 0; i < PLAN_ROADS_MAX; i++) {
		if (post->path[i].open)
			path_close(&post->path[i]);
	}
	line_wipe(post->line);
	free(post->memory);
	post->line = NULL;
	post->memory = NULL;
}

void
post_free(struct post *post)
{
	wire_kill(post);
	post_close(post);
	cut_off_asked(post);
	while (!LIST_EMPTY(&post->letters))
		letter_free(LIST_FIRST(&post->letters));
	calls_unmount(post->index);
	drive_free(post->drive);
	drive_free(post->backup);
	wipe(&post->keys, sizeof(post->keys));
}

void
post_reopen(struct post *post)
{
	post_calm(post);
	wire_kill(post);
	keeper_kill(post);
	drive_lose_unsynced(post->drive);
	post_open(post);
}

/* --- the wire --- */

static void
send_frame(struct post_path *path)
{
	struct post *post = path->post;
	uint8_t *frame = path->sealed[path->sent++ % POST_SEALED_MAX];
	const struct origin *to = line_destination(post->line, path->number);
	size_t len = post->cadence.frame_bytes;
	unsigned more = 0;

	if (post->lies && !path->network->calm)
		more = liar_twist(&post->liar, frame, len);
	post->watch->frame(post->watch->ctx, post, path->number, frame, len,
	    to->len > 0);
	if (to->len > 0)
		network_send(path->network, post->index, to, frame, len);
	/* No liar keeps to a cadence. */
	for (; more > 1 && to->len > 0; more--) {
		(void)liar_twist(&post->liar, frame, len);
		network_send(path->network, post->index, to, frame, len);
	}
	pacer_on_sent(&path->pacer);
}

static void
make_frame(struct post_path *path)
{
	line_prepare(path->post->line, path->number,
	    path->sealed[path->made++ % POST_SEALED_MAX],
	    post_now_ns(path->post));
	pacer_on_made(&path->pacer);
}

static void path_rearm(struct post_path *path);

/* As wire's loop does it: what is due, in order, then nothing until the next. */
static void
on_path_due(void *ctx, uint64_t life)
{
	struct post_path *path = ctx;
	uint64_t now_ns = post_now_ns(path->post);

	if (defer(path->post, on_path_due, path, life))
		return;
	if (!path->open || life != path->life)
		return;
	for (;;) {
		uint64_t make_ns, send_ns;

		pacer_skip(&path->pacer, now_ns);
		make_ns = pacer_next_make_ns(&path->pacer);
		send_ns = pacer_next_send_ns(&path->pacer);
		if (send_ns <= make_ns && send_ns <= now_ns)
			send_frame(path);
		else if (make_ns < send_ns && make_ns <= now_ns)
			make_frame(path);
		else
			break;
	}
	path_rearm(path);
}

static void
path_rearm(struct post_path *path)
{
	uint64_t make_ns = pacer_next_make_ns(&path->pacer);
	uint64_t send_ns = pacer_next_send_ns(&path->pacer);

	world_at(path->post->world,
	    timepiece_world_ns(&path->post->timepiece,
		make_ns < send_ns ? make_ns : send_ns),
	    on_path_due, path, path->life);
}

/* What its people said of it, and where its peer was last. */
static struct line_way
way_of(const struct post_path *path)
{
	const struct post *post = path->post;
	const struct plan_road *road = &post->plan->road[path->network->road];
	struct line_way way = {
		.last = path->last,
		.roams = road->roams[post->index],
	};

	if (road->learner != post->index)
		way.peer = network_origin(path->network, 1 - post->index);
	return way;
}

static void
path_open(struct post_path *path)
{
	struct post *post = path->post;
	struct line_way way = way_of(path);
	uint8_t key[CADENCE_KEY_BYTES];
	struct dice dice;

	assert(!path->open);
	path->open = true;
	path->life++;
	path->starts++;
	assert(path->starts < STARTS_MAX);
	dice_init(&dice, post->plan->seed, DICE_SLOTS,
	    (post->index * PLAN_ROADS_MAX + path->number) * STARTS_MAX +
		path->starts);
	rng_fill(dice_rng(&dice), key, sizeof(key));
	line_open_path(post->line, path->number, &way, post_now_ns(post));
	pacer_init(&path->pacer, post->cadence, key, post_now_ns(post));
	path->made = path->sent = 0;
	path_rearm(path);
}

static void
path_close(struct post_path *path)
{
	path->open = false;
	path->life++;
	path->last = *line_destination(path->post->line, path->number);
}

static void
on_path_back(void *ctx, uint64_t unused)
{
	struct post_path *path = ctx;

	(void)unused;
	if (path->post->line != NULL && !path->open &&
	    path->post->world->now_ns >= path->closed_until_ns)
		path_open(path);
}

void
post_close_path(struct post *post, unsigned number, uint64_t until_ns)
{
	struct post_path *path = &post->path[number];
	unsigned open = 0;

	for (unsigned i = 0; i < plan_paths(post->plan, post->index); i++)
		open += post->path[i].open;
	if (!path->open || open == 1)
		return;
	path_close(path);
	line_close_path(post->line, number, post_now_ns(post));
	path->closed_until_ns = until_ns;
	world_at(post->world, until_ns, on_path_back, path, 0);
}

static void
wire_start(struct post *post, const struct keeper_line *line)
{
	struct line_config config = {
		.role = line->role,
		.cadence = line->cadence,
		.also_frame_bytes = line->also_frame_bytes,
		.terms = line->terms,
	};

	memcpy(config.boot_send, line->boot_send, LINE_KEY_BYTES);
	memcpy(config.boot_recv, line->boot_recv, LINE_KEY_BYTES);
	post->line_starts++;
	post->cadence = line->cadence;
	post->terms = line->terms;
	liar_learn_boot(&post->liar, line->boot_send);
	dice_init(&post->line_dice, post->plan->seed, DICE_LINE,
	    post->index * STARTS_MAX + post->line_starts);

	if ((post->memory = calloc(1, line_bytes(config.cadence))) == NULL)
		fatal("post: no memory");
	post->line = line_init(post->memory, &config,
	    dice_rng(&post->line_dice), on_tell, post, post_now_ns(post));
	for (unsigned i = 0; i < plan_paths(post->plan, post->index); i++) {
		if (post->world->now_ns >= post->path[i].closed_until_ns)
			path_open(&post->path[i]);
	}
}

/* What keeper sent before it died is read first; then the end is seen. */
static void
on_keeper_gone(void *ctx, uint64_t starts)
{
	struct post *post = ctx;

	if (defer(post, on_keeper_gone, post, starts))
		return;
	if (post->line != NULL && starts == post->wire_starts)
		line_on_keeper_lost(post->line);
}

static void
attach(struct post *post)
{
	post->watch->opened(post->watch->ctx, post);
	if (post->keeper == NULL)
		return;
	keeper_on_wire_attached(post->keeper, moment_now(post));
	keeper_rearm(post);
}

static void
on_keeper_back(void *ctx, uint64_t starts)
{
	struct post *post = ctx;

	if (defer(post, on_keeper_back, post, starts))
		return;
	/* Meanwhile it may have come back with all of the post. */
	if (post->keeper != NULL || post->line == NULL ||
	    starts != post->keeper_starts)
		return;
	if (try_open(post))
		attach(post);
}

void
post_start(struct post *post)
{
	assert(post->line == NULL);
	post_calm(post);
	post->wire_starts++;
	assert(post->line_starts < STARTS_MAX);
	post_open(post);
	attach(post);
}

static void
on_post_back(void *ctx, uint64_t starts)
{
	struct post *post = ctx;

	if (post->line == NULL && post->keeper == NULL &&
	    starts == post->wire_starts)
		post_start(post);
}

/* Its parent sees its end, and wire does. */
static void
lose_keeper(struct post *post, uint64_t back_ns)
{
	keeper_kill(post);
	world_at(post->world,
	    post->world->now_ns + POST_ROOM_DELAY_US * CLOCK_NS_PER_US,
	    on_keeper_gone, post, post->wire_starts);
	world_at(post->world, back_ns, on_keeper_back, post,
	    post->keeper_starts);
}

static void
lose_post(struct post *post, bool takes_power, struct dice *dice)
{
	keeper_kill(post);
	wire_kill(post);
	post->stopped_until_ns = 0;
	if (takes_power)
		drive_cut_power(post->drive, dice);
	world_at(post->world,
	    post->world->now_ns + incident_duration_ns(INCIDENT_POST_LOST),
	    on_post_back, post, post->wire_starts);
}

/* The window of an incident ends. */
static void
on_keeper_doom(void *ctx, uint64_t starts)
{
	struct post *post = ctx;

	if (defer(post, on_keeper_doom, post, starts))
		return;
	if (post->keeper != NULL && post->line != NULL &&
	    starts == post->keeper_starts)
		lose_keeper(post, keeper_back_ns(post));
}

static void
on_post_doom(void *ctx, uint64_t starts)
{
	struct post *post = ctx;

	if (post->line != NULL && starts == post->wire_starts)
		lose_post(post, post->doom_takes_power, &post->doom_dice);
}

/* The post is itself again: a process that knows nothing of what was said. */
static void
on_truth(void *ctx, uint64_t unused)
{
	struct post *post = ctx;

	(void)unused;
	post->lies = false;
	if (post->line != NULL)
		lose_post(post, false, NULL);
}

/* The backup is put in the place of the folder, while nothing runs. */
static void
on_backup_back(void *ctx, uint64_t unused)
{
	struct post *post = ctx;

	(void)unused;
	if (post->line != NULL)
		lose_post(post, false, NULL);
	calls_unmount(post->index);
	drive_free(post->drive);
	post->drive = post->backup;
	post->backup = NULL;
	calls_mount(post->index, post->drive);
	post->watch->restored(post->watch->ctx, post);
}

static void
on_room_again(void *ctx, uint64_t unused)
{
	struct post *post = ctx;

	(void)unused;
	drive_empty(post->drive);
}

static void
suffer_desk_lost(struct post *post)
{
	if (post->keeper == NULL)
		return;
	cut_off_asked(post);
	keeper_on_desk_lost(post->keeper);
	keeper_rearm(post);
}

/* A keeper dies at the step of its drive that was drawn, or with the window's
 * end; the rest of the post, always then: what it sends must not depend on what
 * its keeper does. */
static void
suffer_loss(struct post *post, const struct incident *incident,
    struct dice *dice)
{
	world_happen *doom = incident->kind == INCIDENT_KEEPER_LOST
	    ? on_keeper_doom
	    : on_post_doom;
	unsigned starts = incident->kind == INCIDENT_KEEPER_LOST
	    ? post->keeper_starts
	    : post->wire_starts;

	post->doom_takes_power = incident->kind == INCIDENT_POWER_LOST;
	post->doom_dice = *dice;
	if (incident->window_ns == 0) {
		doom(post, starts);
		return;
	}
	drive_stop_in(post->drive, incident->step, dice);
	world_at(post->world, post->world->now_ns + incident->window_ns, doom,
	    post, starts);
}

static void
suffer_path_closed(struct post *post, const struct incident *incident)
{
	for (unsigned i = 0; i < plan_paths(post->plan, post->index); i++) {
		if (post->path[i].network->road == incident->road)
			post_close_path(post, i,
			    post->world->now_ns + incident->lasts_ns);
	}
}

static void
suffer_full_disk(struct post *post, struct dice *dice)
{
	drive_fill(post->drive, dice_spread(dice, 0, FULL_BYTES_LEFT_MAX));
	post->full_until_ns =
	    post->world->now_ns + incident_duration_ns(INCIDENT_DISK_FULL);
	world_at(post->world, post->full_until_ns, on_room_again, post, 0);
}

static void
suffer_standstill(struct post *post, const struct incident *incident)
{
	post->stopped_until_ns = post->world->now_ns + incident->lasts_ns;
	post->is_suspended = incident->kind == INCIDENT_SUSPENDED;
	post->waiting = 0;
}

static void
suffer_restore(struct post *post, const struct incident *incident)
{
	post->backup = drive_copy(post->drive, post->index);
	world_at(post->world, post->world->now_ns + incident->window_ns,
	    on_backup_back, post, 0);
}

static void
suffer_lies(struct post *post, const struct incident *incident)
{
	post->lies = true;
	post->liar.lasting = incident->lasting;
	world_at(post->world, post->world->now_ns + incident->lasts_ns,
	    on_truth, post, 0);
}

static void
befall(struct post *post, const struct incident *incident, struct dice *dice)
{
	switch (incident->kind) {
	case INCIDENT_DESK_LOST:
		suffer_desk_lost(post);
		break;
	case INCIDENT_KEEPER_LOST:
	case INCIDENT_POST_LOST:
	case INCIDENT_POWER_LOST:
		suffer_loss(post, incident, dice);
		break;
	case INCIDENT_SYNC_FAILS:
		drive_fail_sync_in(post->drive, incident->step, dice);
		break;
	case INCIDENT_READ_FAILS:
		drive_fail_read_in(post->drive, incident->step);
		break;
	case INCIDENT_DISK_FULL:
		suffer_full_disk(post, dice);
		break;
	case INCIDENT_SUSPENDED:
	case INCIDENT_STALLED:
		suffer_standstill(post, incident);
		break;
	case INCIDENT_CLONED:
		if (!post->roads->calm)
			clone_begin(post, incident->ahead_ns,
			    post->world->now_ns + incident->lasts_ns);
		break;
	case INCIDENT_RESTORED:
		suffer_restore(post, incident);
		break;
	case INCIDENT_PATH_CLOSED:
		suffer_path_closed(post, incident);
		break;
	case INCIDENT_MOVED:
		network_move(&post->roads[incident->road], post->index);
		break;
	case INCIDENT_CUT_OFF:
		network_cut_off(post->roads, post->index,
		    post->world->now_ns + incident->lasts_ns);
		break;
	case INCIDENT_LIES:
		suffer_lies(post, incident);
		break;
	case INCIDENT_WALL_JUMPS:
		post->timepiece.wall_ms += incident->jump_ms;
		break;
	case INCIDENT_COUNT:
		break;
	}
}

void
post_suffer(struct post *post, const struct incident *incident)
{
	struct dice dice;

	dice_init(&dice, post->plan->seed, DICE_DRIVE,
	    2 * PLAN_POSTS + incident->number);
	/* What of it the one before left unsynced may go in the dark. */
	if (post->line == NULL && incident->kind == INCIDENT_POWER_LOST &&
	    post->keeper == NULL)
		drive_cut_power(post->drive, &dice);
	if (post->line == NULL)
		return;
	/* What is stopped can only be ended. */
	if (post_is_stopped(post) && incident->kind != INCIDENT_POST_LOST &&
	    incident->kind != INCIDENT_POWER_LOST)
		return;
	befall(post, incident, &dice);
}

void
post_calm(struct post *post)
{
	drive_heal(post->drive);
}

/* --- the desk --- */

bool
post_ask(struct post *post, const struct request *request, post_answer *answer,
    void *ctx)
{
	struct request asked = *request;
	size_t i = 0;

	if (post->keeper == NULL || post_is_stopped(post))
		return false;
	while (i < POST_ASKED_MAX && post->asked[i].id != 0)
		i++;
	assert(i < POST_ASKED_MAX);
	asked.id = ++post->asked_last;
	post->asked[i] = (struct post_asked){
		.id = asked.id,
		.answer = answer,
		.ctx = ctx,
	};
	keeper_on_request(post->keeper, &asked, moment_now(post));
	keeper_rearm(post);
	return true;
}

bool
post_may_refuse(const struct post *post, int err)
{
	return drive_is_failing(post->drive) &&
	    (err == ERR_IO || err == ERR_FULL);
}

bool
post_is_stopped(const struct post *post)
{
	return post->world->now_ns < post->stopped_until_ns;
}

/* The path whose address it was sent to. */
static const struct post_path *
find_path(const struct post *post, const struct origin *at)
{
	for (unsigned i = 0; i < plan_paths(post->plan, post->index); i++) {
		const struct post_path *path = &post->path[i];
		struct origin here = network_origin(path->network, post->index);

		if (path->open && at->len == here.len &&
		    memcmp(at->bytes, here.bytes, here.len) == 0)
			return path;
	}
	return NULL;
}

uint64_t
post_on_flight(struct post *post, const struct flight *flight)
{
	const struct post_path *path;

	if (post->line == NULL || (path = find_path(post, &flight->at)) == NULL)
		return 0;
	if (!post_is_stopped(post)) {
		if (line_on_datagram(post->line, path->number, flight->bytes,
			flight->len, &flight->from, post_now_ns(post)) == OK)
			post->watch->taken(post->watch->ctx, post,
			    flight->bytes, flight->len);
		clone_on_datagram(post, path->number, flight->bytes,
		    flight->len, &flight->from);
		return 0;
	}
	/* A process that is stopped has a socket, a machine has none. */
	if (post->is_suspended || post->waiting == POST_WAITING_MAX)
		return 0;
	post->waiting++;
	return post->stopped_until_ns;
}
