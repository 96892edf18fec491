/* Owns a simulated drive: a folder of files in memory, what of it a power cut
 * leaves, and what fails on it. */
#ifndef SIM_DRIVE_H
#define SIM_DRIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/stat.h>
#include <sys/types.h>

#include "sim/dice.h"

/*
 * A drive remembers what was synced.  A write, a change of size, and a name that
 * is made, moved or removed are shown at once; they are on the platter when the
 * file, or the folder of the name, was synced.  A file that is synced under a
 * name that is not has no name after a power cut.
 */
struct drive;
/* A file or a folder. */
struct node;

/* An empty drive; the number tells it apart from others. */
struct drive *drive_new(unsigned number);
void drive_free(struct drive *drive);

/* --- what befalls it --- */

/* A drive with what is shown on `from`, as if all were synced: a backup; or with
 * what would be left of it if its power were cut now and nothing kept that was
 * not synced. */
struct drive *drive_copy(const struct drive *from, unsigned number);
struct drive *drive_copy_platter(const struct drive *from, unsigned number);

/* The process that used it is no more, or will not do anything more: whatever it
 * still calls fails and changes nothing.  Ended by drive_revive, once it has
 * closed what it had open. */
void drive_stop(struct drive *drive);
void drive_revive(struct drive *drive);
/* The same at one of the next calls that change or sync something: at the first,
 * at the second...  Of a write, some bytes may still be written. */
void drive_stop_in(struct drive *drive, uint64_t calls, struct dice *dice);
bool drive_has_stopped(const struct drive *drive);

/* Of what was not synced, some is lost: all, nothing, what came after a moment,
 * some changes, or some sectors.  Nobody has anything open. */
void drive_cut_power(struct drive *drive, struct dice *dice);
/* All of it is lost. */
void drive_lose_unsynced(struct drive *drive);

/* One of the next syncs fails: some of what it was for gets to the platter, and
 * the rest never does, as on Linux, where a later sync of it succeeds.  Until
 * drive_revive it is still shown. */
void drive_fail_sync_in(struct drive *drive, uint64_t syncs, struct dice *dice);
/* Since drive_revive: a sync failed; one that failed was tried again. */
bool drive_has_failed_sync(const struct drive *drive);
bool drive_has_retried_sync(const struct drive *drive);
/* One of the next reads fails. */
void drive_fail_read_in(struct drive *drive, uint64_t reads);
/* So much more fits on it. */
void drive_fill(struct drive *drive, uint64_t free_bytes);
void drive_empty(struct drive *drive);
/* Every so many reads and writes one is shorter than asked for; 0: none. */
void drive_shorten_every(struct drive *drive, uint64_t calls);
/* Nothing fails any more, beside what has stopped. */
void drive_heal(struct drive *drive);
/* While somebody looks who is no part of the world, nothing fails or counts. */
void drive_look_on(struct drive *drive, bool looking);

uint64_t drive_free_bytes(const struct drive *drive);
bool drive_is_synced(const struct drive *drive);
/* How many times something that was not synced may have been lost. */
uint64_t drive_losses(const struct drive *drive);
/* It failed or was full since drive_revive. */
bool drive_is_failing(const struct drive *drive);

/* --- what system calls do --- */

/* A path begins at a folder, without a slash; NULL: at the drive's own.  Below
 * zero, the result is an errno, negated. */

/* A node is held until drive_close.  flags: of open(2). */
int drive_open(struct drive *drive, struct node *from, const char *path,
    int flags, struct node **node);
void drive_hold(struct node *node);
void drive_close(struct node *node);

ssize_t drive_read(struct drive *drive, const struct node *node, uint64_t at,
    void *dst, size_t len);
ssize_t drive_write(struct drive *drive, struct node *node, uint64_t at,
    const void *src, size_t len);
int drive_resize(struct drive *drive, struct node *node, uint64_t size);
int drive_sync(struct drive *drive, struct node *node);
void drive_describe(const struct drive *drive, const struct node *node,
    struct stat *about);

int drive_look(struct drive *drive, struct node *from, const char *path,
    struct stat *about);
int drive_make_folder(struct drive *drive, struct node *from, const char *path);
int drive_unlink(struct drive *drive, struct node *from, const char *path);
/* Within one folder. */
int drive_rename(struct drive *drive, const char *path, const char *to);
/* The name at place i of a folder; NULL: there are no more. */
const char *drive_name(const struct node *folder, size_t i);

#endif
