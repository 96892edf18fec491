#include "sim/clone.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "sim/post.h"

/* Both wake by the same timers; when each then reads the clock, differs. */
static uint64_t
now_ns(const struct post *post)
{
	return post_now_ns(post) + post->clone.ahead_ns;
}

static bool
is_there(const struct post *post)
{
	return post->clone.memory != NULL && post->line != NULL &&
	    post->clone.starts == post->line_starts;
}

/* A line knows its own address, and that of its dice: what is the clone's takes
 * its turn there. */
static void
swap(struct post *post)
{
	struct clone *clone = &post->clone;
	struct dice dice = post->line_dice;
	size_t len = line_bytes(post->cadence);

	memcpy(clone->spare, post->memory, len);
	memcpy(post->memory, clone->memory, len);
	memcpy(clone->memory, clone->spare, len);
	post->line_dice = clone->dice;
	clone->dice = dice;
	clone->acts = !clone->acts;
}

static void
make_frame(struct post *post, unsigned number)
{
	struct clone_path *path = &post->clone.path[number];

	swap(post);
	line_prepare(post->line, number,
	    path->sealed[path->made++ % PACER_WAITING_MAX], now_ns(post));
	swap(post);
	pacer_on_made(&path->pacer);
}

static void
send_frame(struct post *post, unsigned number)
{
	struct clone_path *path = &post->clone.path[number];
	const uint8_t *frame = path->sealed[path->sent++ % PACER_WAITING_MAX];
	const struct origin *to = line_destination(post->line, number);
	size_t len = post->cadence.frame_bytes;

	post->watch->cloned(post->watch->ctx, post, frame, len);
	if (to->len > 0)
		network_send(post->path[number].network, post->index, to, frame,
		    len);
	pacer_on_sent(&path->pacer);
}

/* What is due of a path, and when the next is. */
static uint64_t
act(struct post *post, unsigned number)
{
	struct pacer *pacer = &post->clone.path[number].pacer;
	uint64_t make_ns, send_ns;

	pacer_skip(pacer, post_now_ns(post));
	if (pacer_next_send_ns(pacer) <= post_now_ns(post))
		send_frame(post, number);
	if (pacer_next_make_ns(pacer) <= post_now_ns(post))
		make_frame(post, number);
	make_ns = pacer_next_make_ns(pacer);
	send_ns = pacer_next_send_ns(pacer);
	return timepiece_world_ns(&post->timepiece,
	    make_ns < send_ns ? make_ns : send_ns);
}

static void
on_clone_due(void *ctx, uint64_t starts)
{
	struct post *post = ctx;
	struct clone *clone = &post->clone;
	uint64_t due_ns = UINT64_MAX;

	if (starts != clone->starts)
		return;
	if (!is_there(post) || post->world->now_ns >= clone->end_ns) {
		clone_free(clone);
		return;
	}
	for (unsigned i = 0; i < PLAN_ROADS_MAX; i++) {
		uint64_t path_ns = UINT64_MAX;

		/* What its twin closed, it has no socket for either. */
		clone->path[i].open &= post->path[i].open;
		if (clone->path[i].open)
			path_ns = act(post, i);
		if (path_ns < due_ns)
			due_ns = path_ns;
	}
	world_at(post->world,
	    due_ns > post->world->now_ns ? due_ns : post->world->now_ns + 1,
	    on_clone_due, post, starts);
}

void
clone_begin(struct post *post, uint64_t ahead_ns, uint64_t end_ns)
{
	struct clone *clone = &post->clone;

	assert(ahead_ns > 0 && post->line != NULL);
	clone_free(clone);
	clone->memory = malloc(line_bytes(post->cadence));
	clone->spare = malloc(line_bytes(post->cadence));
	if (clone->memory == NULL || clone->spare == NULL)
		fatal("clone: no memory");
	memcpy(clone->memory, post->memory, line_bytes(post->cadence));
	clone->dice = post->line_dice;
	for (unsigned i = 0; i < PLAN_ROADS_MAX; i++) {
		/* What waits is sent by the one who sealed it. */
		clone->path[i].open = post->path[i].open;
		clone->path[i].pacer = post->path[i].pacer;
		clone->path[i].pacer.waiting = 0;
	}
	clone->starts = post->line_starts;
	clone->ahead_ns = ahead_ns;
	clone->end_ns = end_ns;
	swap(post);
	line_on_keeper_lost(post->line);
	swap(post);
	world_at(post->world, post->world->now_ns, on_clone_due, post,
	    clone->starts);
}

void
clone_free(struct clone *clone)
{
	assert(!clone->acts);
	free(clone->memory);
	free(clone->spare);
	*clone = (struct clone){ 0 };
}

void
clone_on_datagram(struct post *post, unsigned path, const uint8_t *bytes,
    size_t len, const struct origin *from)
{
	if (!is_there(post))
		return;
	swap(post);
	(void)line_on_datagram(post->line, path, bytes, len, from,
	    now_ns(post));
	swap(post);
}
