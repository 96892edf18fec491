/* Owns the start of a room: this very program again, in another role. */
#ifndef PROC_SPAWN_H
#define PROC_SPAWN_H

#include <sys/types.h>

#include "base/err.h"
#include "proc/sandbox.h"

/*
 * Starts this executable as `quietlined ROLE` (and sandbox_without where there
 * are to be no walls), with the descriptors of room.h and no other; it is killed
 * when this process ends.  lock_fd: kept open by the child; -1: none.
 * *channel_fd is the parent's end.  OK, or ERR_IO.
 */
MUST_CHECK int spawn_role(enum proc_role role, enum walls walls, int lock_fd,
    pid_t *pid, int *channel_fd);

#endif
