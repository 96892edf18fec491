#include "sim/ghost.h"

#include <stdio.h>

#include "base/clock.h"
#include "keeper/keeper.h"

struct ghost {
	struct drive *drive;
	struct have have;
	bool attached;
};

static void
on_line_add(void *ctx, const struct keeper_line *line)
{
	(void)ctx;
	(void)line;
}

static void
on_line(void *ctx, uint32_t line)
{
	(void)ctx;
	(void)line;
}

static void
on_order(void *ctx, uint32_t line, const struct line_order *order)
{
	struct ghost *ghost = ctx;

	(void)line;
	if (order->kind != LINE_ORDER_ATTACH)
		return;
	ghost->have = order->have;
	ghost->attached = true;
}

static void
on_path(void *ctx, uint32_t line, const struct keeper_way *way)
{
	(void)ctx;
	(void)line;
	(void)way;
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
	(void)ctx;
	(void)reply;
}

static void
on_news(void *ctx, const struct event_view *news)
{
	(void)ctx;
	(void)news;
}

static void
on_down(void *ctx)
{
	(void)ctx;
}

static uint64_t
on_disk_free(void *ctx)
{
	const struct ghost *ghost = ctx;

	return drive_free_bytes(ghost->drive);
}

static const struct keeper_ops ops = {
	.line_add = on_line_add,
	.line_drop = on_line,
	.order = on_order,
	.path = on_path,
	.path_drop = on_path_drop,
	.reply = on_reply,
	.event = on_news,
	.down = on_down,
	.disk_free = on_disk_free,
};

bool
ghost_read_have(const struct post *post, struct have *have)
{
	struct moment now = { .now_ns = post_now_ns(post) };
	unsigned number = PLAN_POSTS + post->index;
	struct ghost ghost = { 0 };
	char root[CALLS_PATH_BYTES], folder[POST_PATH_BYTES];
	struct keeper *keeper;
	struct dice dice;

	ghost.drive = drive_copy_platter(post->drive, number);
	calls_mount(number, ghost.drive);
	calls_path(root, number);
	(void)snprintf(folder, sizeof(folder), "%s/post", root);
	dice_init(&dice, post->plan->seed, DICE_DRIVE, number);
	if (keeper_open(&keeper, folder, &post->keys, dice_rng(&dice), &ops,
		&ghost, now) == OK) {
		keeper_on_wire_attached(keeper, now);
		keeper_close(keeper);
	}
	calls_unmount(number);
	drive_free(ghost.drive);
	*have = ghost.have;
	return ghost.attached;
}
