#include "sim/node.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

struct name_change {
	TAILQ_ENTRY(name_change) entry;
	uint64_t number;
	char from[NAME_BYTES]; /* "": the name is new */
	char to[NAME_BYTES];   /* "": the name goes */
	struct node *node;
};

struct node *
node_new(struct nodes *nodes, uint64_t number, bool is_folder)
{
	struct node *node = calloc(1, sizeof(*node));

	if (node == NULL)
		fatal("node: no memory");
	node->number = number;
	node->is_folder = is_folder;
	image_init(&node->image);
	TAILQ_INIT(&node->changes);
	node->nodes = nodes;
	TAILQ_INSERT_TAIL(nodes, node, entry);
	return node;
}

static void let_go(struct node *node);

static void
drop_names(struct names *names, bool shown)
{
	for (size_t i = 0; i < names->count; i++) {
		struct node *node = names->name[i].node;

		node->shown -= shown;
		let_go(node);
	}
	names->count = 0;
}

static void
drop_changes(struct node *node)
{
	struct name_change *change;

	while ((change = TAILQ_FIRST(&node->changes)) != NULL) {
		TAILQ_REMOVE(&node->changes, change, entry);
		let_go(change->node);
		free(change);
	}
}

static void
node_free(struct node *node)
{
	TAILQ_REMOVE(node->nodes, node, entry);
	image_wipe(&node->image);
	names_wipe(&node->names);
	names_wipe(&node->platter);
	free(node);
}

static void
let_go(struct node *node)
{
	assert(node->holders > 0);
	if (--node->holders > 0)
		return;
	drop_names(&node->names, true);
	drop_names(&node->platter, false);
	drop_changes(node);
	node_free(node);
}

void
node_hold(struct node *node)
{
	node->holders++;
	node->shown++;
}

void
node_drop(struct node *node)
{
	assert(node->shown > 0);
	node->shown--;
	let_go(node);
}

void
nodes_wipe(struct nodes *nodes)
{
	struct node *node;

	while ((node = TAILQ_FIRST(nodes)) != NULL) {
		struct name_change *change;

		while ((change = TAILQ_FIRST(&node->changes)) != NULL) {
			TAILQ_REMOVE(&node->changes, change, entry);
			free(change);
		}
		node_free(node);
	}
}

/* --- names --- */

static void
put(struct names *names, const char *name, struct node *node, bool shown)
{
	struct node *before = names_take(names, name);

	node->holders++;
	node->shown += shown;
	names_add(names, name, node);
	if (before != NULL) {
		before->shown -= shown;
		let_go(before);
	}
}

static void
take(struct names *names, const char *name, bool shown)
{
	struct node *node = names_take(names, name);

	if (node == NULL)
		return;
	node->shown -= shown;
	let_go(node);
}

static void
apply(struct names *names, const struct name_change *change, bool shown)
{
	if (change->to[0] != '\0')
		put(names, change->to, change->node, shown);
	if (change->from[0] != '\0')
		take(names, change->from, shown);
}

static void
change_names(struct node *folder, const char *from, const char *to,
    struct node *node, uint64_t number)
{
	struct name_change *change = calloc(1, sizeof(*change));

	if (change == NULL)
		fatal("node: no memory");
	assert(folder->is_folder && node != NULL);
	assert(strlen(from) < NAME_BYTES && strlen(to) < NAME_BYTES);
	change->number = number;
	change->node = node;
	memcpy(change->from, from, strlen(from));
	memcpy(change->to, to, strlen(to));
	node->holders++;
	TAILQ_INSERT_TAIL(&folder->changes, change, entry);
	apply(&folder->names, change, true);
}

void
node_link(struct node *folder, const char *name, struct node *node,
    uint64_t number)
{
	change_names(folder, "", name, node, number);
}

void
node_unlink(struct node *folder, const char *name, uint64_t number)
{
	change_names(folder, name, "", names_find(&folder->names, name),
	    number);
}

void
node_rename(struct node *folder, const char *name, const char *to,
    uint64_t number)
{
	change_names(folder, name, to, names_find(&folder->names, name),
	    number);
}

/* --- what is on the platter --- */

bool
node_is_synced(const struct node *node)
{
	return TAILQ_EMPTY(&node->changes) && image_is_synced(&node->image);
}

static bool
keep_all(void *ctx, uint64_t number)
{
	(void)ctx;
	(void)number;
	return true;
}

static void
settle_names(struct node *node, image_keep *keep, void *ctx)
{
	const struct name_change *change;

	TAILQ_FOREACH(change, &node->changes, entry)
	{
		if (keep(ctx, change->number))
			apply(&node->platter, change, false);
	}
	drop_changes(node);
}

void
node_sync(struct node *node)
{
	settle_names(node, keep_all, NULL);
	image_sync(&node->image);
}

void
node_settle(struct node *node, image_keep *keep, void *ctx)
{
	settle_names(node, keep, ctx);
	image_settle(&node->image, keep, ctx);
}

void
node_forget_shown(struct node *node)
{
	struct names shown = node->names;

	node->names = (struct names){ 0 };
	for (size_t i = 0; i < node->platter.count; i++)
		put(&node->names, node->platter.name[i].text,
		    node->platter.name[i].node, true);
	drop_names(&shown, true);
	names_wipe(&shown);
	image_forget_shown(&node->image);
}
