#include "sim/drive.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "sim/node.h"

enum {
	PAGE_BYTES = 4096,
	/* Until a drive is filled. */
	FREE_GIB = 1024,
};

/* Something happens at one of the next calls of a kind. */
struct fuse {
	uint64_t calls; /* from 1: so many are left; 0: it is not set */
	struct dice dice;
};

struct drive {
	unsigned number;
	struct nodes nodes;
	uint64_t nodes_made;
	uint64_t changes;
	struct node *root;

	uint64_t losses;

	bool looked_on;
	bool stopped;
	bool failed;
	bool sync_failed;
	bool sync_retried;
	struct fuse stop;
	struct fuse sync;
	struct fuse read;
	uint64_t short_every;
	uint64_t short_count;
	bool filled;
	uint64_t room_bytes; /* where it is filled: of all files */
};

static struct node *
add_node(struct drive *drive, bool is_folder)
{
	return node_new(&drive->nodes, ++drive->nodes_made, is_folder);
}

struct drive *
drive_new(unsigned number)
{
	struct drive *drive = calloc(1, sizeof(*drive));

	if (drive == NULL)
		fatal("drive: no memory");
	drive->number = number;
	TAILQ_INIT(&drive->nodes);
	drive->root = add_node(drive, true);
	node_hold(drive->root);
	return drive;
}

void
drive_free(struct drive *drive)
{
	if (drive == NULL)
		return;
	nodes_wipe(&drive->nodes);
	free(drive);
}

static void
copy_node(struct drive *drive, struct node *to, const struct node *from,
    bool shown)
{
	const struct names *names = shown ? &from->names : &from->platter;

	if (shown)
		image_copy_shown(&to->image, &from->image);
	else
		image_copy_platter(&to->image, &from->image);
	for (size_t i = 0; i < names->count; i++) {
		const struct name *name = &names->name[i];
		struct node *node = add_node(drive, name->node->is_folder);

		node->above = to;
		node_link(to, name->text, node, 0);
		copy_node(drive, node, name->node, shown);
	}
	node_sync(to);
}

struct drive *
drive_copy(const struct drive *from, unsigned number)
{
	struct drive *drive = drive_new(number);

	copy_node(drive, drive->root, from->root, true);
	return drive;
}

struct drive *
drive_copy_platter(const struct drive *from, unsigned number)
{
	struct drive *drive = drive_new(number);

	copy_node(drive, drive->root, from->root, false);
	return drive;
}

/* --- what befalls it --- */

void
drive_stop(struct drive *drive)
{
	drive->stopped = true;
}

void
drive_stop_in(struct drive *drive, uint64_t calls, struct dice *dice)
{
	drive->stop = (struct fuse){ .calls = calls, .dice = *dice };
}

bool
drive_has_stopped(const struct drive *drive)
{
	return drive->stopped;
}

/* Draws what is lost. */
struct lot {
	struct dice *dice;
	enum { LOT_PREFIX, LOT_CHANGES, LOT_SECTORS, LOT_COUNT } kind;
	unsigned permille; /* is kept */
	uint64_t last;	   /* of a prefix */
	uint64_t drawn;	   /* the latest change that was drawn for */
	bool kept;
};

static void
lot_draw(struct lot *lot, const struct drive *drive, struct dice *dice)
{
	static const unsigned permilles[] = { 0, 0, 200, 500, 800, 1000 };
	uint64_t oldest = drive->changes > 64 ? drive->changes - 64 : 0;

	*lot = (struct lot){ .dice = dice };
	switch (dice_between(dice, 0, LOT_COUNT - 1)) {
	case 0:
		lot->kind = LOT_PREFIX;
		break;
	case 1:
		lot->kind = LOT_CHANGES;
		break;
	default:
		lot->kind = LOT_SECTORS;
		break;
	}
	lot->permille = permilles[dice_between(dice, 0,
	    sizeof(permilles) / sizeof(permilles[0]) - 1)];
	lot->last = dice_between(dice, oldest, drive->changes);
}

static bool
lot_keeps(void *ctx, uint64_t number)
{
	struct lot *lot = ctx;

	switch (lot->kind) {
	case LOT_PREFIX:
		return number <= lot->last;
	case LOT_CHANGES:
		if (lot->drawn != number)
			lot->kept = dice_chance(lot->dice, lot->permille);
		lot->drawn = number;
		return lot->kept;
	case LOT_SECTORS:
	case LOT_COUNT:
		break;
	}
	return dice_chance(lot->dice, lot->permille);
}

static bool
keep_nothing(void *ctx, uint64_t number)
{
	(void)ctx;
	(void)number;
	return false;
}

/* So that none goes while all are walked.  The caller lets go and frees. */
static struct node **
hold_all(struct drive *drive, size_t *count)
{
	struct node **held, *node;

	if ((held = calloc(drive->nodes_made, sizeof(*held))) == NULL)
		fatal("drive: no memory");
	*count = 0;
	TAILQ_FOREACH(node, &drive->nodes, entry)
	{
		node_hold(node);
		held[(*count)++] = node;
	}
	return held;
}

static void
let_go_all(struct node **held, size_t count)
{
	for (size_t i = 0; i < count; i++)
		node_drop(held[i]);
	free(held);
}

static void
lose(struct drive *drive, image_keep *keep, void *ctx)
{
	size_t count;
	struct node **held = hold_all(drive, &count);

	drive->losses++;
	for (size_t i = 0; i < count; i++) {
		node_settle(held[i], keep, ctx);
		held[i]->sync_failed = true;
	}
	let_go_all(held, count);
	drive_revive(drive);
}

void
drive_cut_power(struct drive *drive, struct dice *dice)
{
	struct lot lot;

	lot_draw(&lot, drive, dice);
	lose(drive, lot_keeps, &lot);
}

void
drive_lose_unsynced(struct drive *drive)
{
	lose(drive, keep_nothing, NULL);
}

void
drive_revive(struct drive *drive)
{
	size_t count;
	struct node **held = hold_all(drive, &count);

	drive->stopped = false;
	drive->stop.calls = 0;
	drive->failed = false;
	drive->sync_failed = drive->sync_retried = false;
	/* Memory forgets what a failed sync has not written; what was written
	 * after it is synced or lost by itself. */
	for (size_t i = 0; i < count; i++) {
		if (!held[i]->sync_failed)
			continue;
		held[i]->sync_failed = false;
		node_settle(held[i], keep_nothing, NULL);
		node_forget_shown(held[i]);
	}
	let_go_all(held, count);
}

void
drive_fail_sync_in(struct drive *drive, uint64_t syncs, struct dice *dice)
{
	drive->sync = (struct fuse){ .calls = syncs, .dice = *dice };
}

bool
drive_has_failed_sync(const struct drive *drive)
{
	return drive->sync_failed;
}

bool
drive_has_retried_sync(const struct drive *drive)
{
	return drive->sync_retried;
}

void
drive_fail_read_in(struct drive *drive, uint64_t reads)
{
	drive->read.calls = reads;
}

static uint64_t
used_bytes(const struct drive *drive)
{
	const struct node *node;
	uint64_t used = 0;

	TAILQ_FOREACH(node, &drive->nodes, entry)
	{
		if (node->shown > 0)
			used += (node->image.shown.size + PAGE_BYTES - 1) /
			    PAGE_BYTES * PAGE_BYTES;
	}
	return used;
}

void
drive_fill(struct drive *drive, uint64_t free_bytes)
{
	drive->filled = drive->failed = true;
	drive->room_bytes = used_bytes(drive) + free_bytes;
}

void
drive_empty(struct drive *drive)
{
	/* Who has measured it a moment ago still thinks so. */
	drive->failed |= drive->filled;
	drive->filled = false;
}

void
drive_shorten_every(struct drive *drive, uint64_t calls)
{
	drive->short_every = calls;
}

void
drive_heal(struct drive *drive)
{
	drive->stop.calls = drive->sync.calls = drive->read.calls = 0;
	drive_empty(drive);
}

void
drive_look_on(struct drive *drive, bool looking)
{
	drive->looked_on = looking;
}

uint64_t
drive_free_bytes(const struct drive *drive)
{
	uint64_t used;

	if (!drive->filled)
		return (uint64_t)FREE_GIB << 30;
	used = used_bytes(drive);
	return used < drive->room_bytes ? drive->room_bytes - used : 0;
}

bool
drive_is_synced(const struct drive *drive)
{
	const struct node *node;

	TAILQ_FOREACH(node, &drive->nodes, entry)
	{
		if (!node_is_synced(node))
			return false;
	}
	return true;
}

bool
drive_is_failing(const struct drive *drive)
{
	return drive->stopped || drive->failed || drive->filled;
}

uint64_t
drive_losses(const struct drive *drive)
{
	return drive->losses;
}

/* --- what system calls do --- */

static bool
burns_down(struct drive *drive, struct fuse *fuse)
{
	if (drive->looked_on || fuse->calls == 0 || --fuse->calls > 0)
		return false;
	drive->failed = true;
	return true;
}

/* Before a call that changes or syncs something. */
static int
begin_change(struct drive *drive)
{
	if (burns_down(drive, &drive->stop))
		drive->stopped = true;
	return drive->stopped ? -EIO : 0;
}

static size_t
shorten(struct drive *drive, size_t len)
{
	if (drive->looked_on || drive->short_every == 0 || len < 2 ||
	    ++drive->short_count % drive->short_every != 0)
		return len;
	return 1 + drive->short_count % (len - 1);
}

/* The node at path; *folder is where its last name stands or would, *last the
 * name. */
static int
walk(struct drive *drive, struct node *from, const char *path,
    struct node **folder, char last[NAME_BYTES], struct node **node)
{
	*node = from != NULL ? from : drive->root;
	*folder = NULL;
	last[0] = '\0';
	while (*path != '\0') {
		size_t len = strcspn(path, "/");

		if (*node == NULL)
			return -ENOENT;
		if (!(*node)->is_folder)
			return -ENOTDIR;
		if (len >= NAME_BYTES)
			return -ENAMETOOLONG;
		memcpy(last, path, len);
		last[len] = '\0';
		*folder = *node;
		if (strcmp(last, "..") == 0)
			*node = (*folder)->above;
		else
			*node = names_find(&(*folder)->names, last);
		path += len + (path[len] == '/');
	}
	return 0;
}

static int
find(struct drive *drive, struct node *from, const char *path,
    struct node **node)
{
	char last[NAME_BYTES];
	struct node *folder;
	int rc = walk(drive, from, path, &folder, last, node);

	if (rc == 0 && *node == NULL)
		rc = -ENOENT;
	return rc;
}

int
drive_open(struct drive *drive, struct node *from, const char *path, int flags,
    struct node **node)
{
	char last[NAME_BYTES];
	struct node *folder;
	int rc;

	if (drive->stopped)
		return -EIO;
	if ((rc = walk(drive, from, path, &folder, last, node)) != 0)
		return rc;
	if (*node == NULL && !(flags & O_CREAT))
		return -ENOENT;
	if (*node != NULL && (flags & O_CREAT) && (flags & O_EXCL))
		return -EEXIST;
	if (*node != NULL && (flags & O_DIRECTORY) && !(*node)->is_folder)
		return -ENOTDIR;
	if (*node == NULL) {
		if ((rc = begin_change(drive)) != 0)
			return rc;
		if (drive_free_bytes(drive) == 0)
			return -ENOSPC;
		*node = add_node(drive, false);
		node_link(folder, last, *node, ++drive->changes);
	}
	node_hold(*node);
	return flags & O_TRUNC ? drive_resize(drive, *node, 0) : 0;
}

void
drive_hold(struct node *node)
{
	node_hold(node);
}

void
drive_close(struct node *node)
{
	node_drop(node);
}

ssize_t
drive_read(struct drive *drive, const struct node *node, uint64_t at, void *dst,
    size_t len)
{
	if (drive->stopped || burns_down(drive, &drive->read))
		return -EIO;
	return (ssize_t)image_read(&node->image, at, dst, shorten(drive, len));
}

/* As much as there is room for. */
static size_t
fitting(const struct drive *drive, const struct node *node, uint64_t at,
    size_t len)
{
	uint64_t size = node->image.shown.size, room;

	if (!drive->filled || at + len <= size)
		return len;
	/* A page that is there already has room to its end. */
	room = (size + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES +
	    drive_free_bytes(drive) / PAGE_BYTES * PAGE_BYTES;
	if (at >= room)
		return 0;
	return at + len > room ? (size_t)(room - at) : len;
}

ssize_t
drive_write(struct drive *drive, struct node *node, uint64_t at,
    const void *src, size_t len)
{
	size_t done;

	if (drive->stopped)
		return -EIO;
	if ((done = fitting(drive, node, at, len)) == 0 && len > 0)
		return -ENOSPC;
	done = shorten(drive, done);
	if (begin_change(drive) != 0) {
		done = (size_t)dice_between(&drive->stop.dice, 0, done);
		image_write(&node->image, at, src, done, ++drive->changes);
		return -EIO;
	}
	image_write(&node->image, at, src, done, ++drive->changes);
	return (ssize_t)done;
}

int
drive_resize(struct drive *drive, struct node *node, uint64_t size)
{
	uint64_t before = node->image.shown.size;
	int rc;

	if ((rc = begin_change(drive)) != 0)
		return rc;
	if (size > before && size - before > drive_free_bytes(drive))
		return -ENOSPC;
	image_resize(&node->image, size, ++drive->changes);
	return 0;
}

int
drive_sync(struct drive *drive, struct node *node)
{
	struct lot lot;
	int rc;

	if ((rc = begin_change(drive)) != 0)
		return rc;
	drive->sync_retried |= node->sync_failed;
	if (burns_down(drive, &drive->sync)) {
		lot_draw(&lot, drive, &drive->sync.dice);
		/* Nothing is lost of what is on the platter already. */
		node->sync_failed |= !node_is_synced(node);
		node_settle(node, lot_keeps, &lot);
		drive->sync_failed = true;
		drive->losses++;
		return -EIO;
	}
	node_sync(node);
	return 0;
}

void
drive_describe(const struct drive *drive, const struct node *node,
    struct stat *about)
{
	*about = (struct stat){
		.st_dev = drive->number + 1,
		.st_ino = node->number,
		.st_mode = node->is_folder ? S_IFDIR | 0700 : S_IFREG | 0600,
		.st_nlink = 1,
		.st_size = (off_t)node->image.shown.size,
		.st_blksize = PAGE_BYTES,
	};
}

int
drive_look(struct drive *drive, struct node *from, const char *path,
    struct stat *about)
{
	struct node *node;
	int rc;

	if (drive->stopped)
		return -EIO;
	if ((rc = find(drive, from, path, &node)) != 0)
		return rc;
	drive_describe(drive, node, about);
	return 0;
}

int
drive_make_folder(struct drive *drive, struct node *from, const char *path)
{
	char last[NAME_BYTES];
	struct node *folder, *node;
	int rc;

	if ((rc = walk(drive, from, path, &folder, last, &node)) != 0)
		return rc;
	if (node != NULL)
		return -EEXIST;
	if ((rc = begin_change(drive)) != 0)
		return rc;
	if (drive_free_bytes(drive) == 0)
		return -ENOSPC;
	node = add_node(drive, true);
	node->above = folder;
	node_link(folder, last, node, ++drive->changes);
	return 0;
}

int
drive_unlink(struct drive *drive, struct node *from, const char *path)
{
	char last[NAME_BYTES];
	struct node *folder, *node;
	int rc;

	if ((rc = walk(drive, from, path, &folder, last, &node)) != 0)
		return rc;
	if (node == NULL)
		return -ENOENT;
	if (node->is_folder)
		return -EISDIR;
	if ((rc = begin_change(drive)) != 0)
		return rc;
	node_unlink(folder, last, ++drive->changes);
	return 0;
}

int
drive_rename(struct drive *drive, const char *path, const char *to)
{
	char last[NAME_BYTES], last_to[NAME_BYTES];
	struct node *folder, *folder_to, *node;
	int rc;

	if ((rc = walk(drive, NULL, to, &folder_to, last_to, &node)) != 0 ||
	    (rc = walk(drive, NULL, path, &folder, last, &node)) != 0)
		return rc;
	if (node == NULL)
		return -ENOENT;
	if (folder != folder_to)
		return -EXDEV;
	if ((rc = begin_change(drive)) != 0)
		return rc;
	node_rename(folder, last, last_to, ++drive->changes);
	return 0;
}

const char *
drive_name(const struct node *folder, size_t i)
{
	return i < folder->names.count ? folder->names.name[i].text : NULL;
}
