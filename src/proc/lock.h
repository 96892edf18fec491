/* Owns the post's lock: one daemon a folder, and who its processes are. */
#ifndef PROC_LOCK_H
#define PROC_LOCK_H

#include <sys/types.h>

#include "base/err.h"
#include "proc/pmsg.h"

/*
 * The file `lock` in the post's folder.  It is locked (flock) by the parent and,
 * through descriptors that they are born with, by every room: it is free only
 * once all of them are gone.  Its text tells their process ids, for those who
 * keep the machine, one line each:
 *
 *	parent 4711
 *	wire 4712
 *	keeper 4713
 *	desk 4714
 */
struct lock {
	int fd;	      /* read-only: holds the lock; given to the rooms */
	int write_fd; /* the parent's alone */
};

/* In the working folder.  ERR_EXISTS: a daemon runs (its parent's id in *holder,
 * 0 where the file does not tell); ERR_IO. */
MUST_CHECK int lock_take(struct lock *lock, pid_t *holder);
/* Writes who is who; 0 is left out. */
void lock_write(struct lock *lock, const pid_t pids[PROC_COUNT]);
/* Empties the file and lets go. */
void lock_drop(struct lock *lock);

#endif
