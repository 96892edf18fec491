/* Owns one file or folder of a simulated drive. */
#ifndef SIM_NODE_H
#define SIM_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include <sys/queue.h>

#include "sim/image.h"
#include "sim/names.h"

/* A name that was made, moved or removed, and is not synced yet. */
struct name_change;

TAILQ_HEAD(nodes, node); /* oldest first */

struct node {
	TAILQ_ENTRY(node) entry; /* among all of its drive */
	struct nodes *nodes;
	uint64_t number;
	bool is_folder;
	struct node *above; /* of a folder: where it was made; NULL: nowhere */
	unsigned holders;   /* names, changes of names, descriptors */
	unsigned shown;	    /* of them, names that are shown, and descriptors */
	bool sync_failed;   /* since node_revive */
	struct image image;
	/* Of a folder. */
	struct names names;
	struct names platter;
	TAILQ_HEAD(name_changes, name_change) changes; /* oldest first */
};

/* Held by nobody yet. */
struct node *node_new(struct nodes *nodes, uint64_t number, bool is_folder);
/* A descriptor; the last holder's leave frees the node. */
void node_hold(struct node *node);
void node_drop(struct node *node);

/* Names in a folder.  number: of the change, growing. */
void node_link(struct node *folder, const char *name, struct node *node,
    uint64_t number);
void node_unlink(struct node *folder, const char *name, uint64_t number);
/* What had the new name has it no more. */
void node_rename(struct node *folder, const char *name, const char *to,
    uint64_t number);

bool node_is_synced(const struct node *node);
void node_sync(struct node *node);
/* As image_settle does. */
void node_settle(struct node *node, image_keep *keep, void *ctx);
/* What is shown is what is on the platter. */
void node_forget_shown(struct node *node);

/* Frees all nodes, whoever holds them. */
void nodes_wipe(struct nodes *nodes);

#endif
