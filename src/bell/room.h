/* Owns the bell room: what is heard when an alarm rings. */
#ifndef BELL_ROOM_H
#define BELL_ROOM_H

#include "proc/sandbox.h"

/*
 * Runs the bell in a process that spawn_role started.  It knows when to ring and
 * by what, and nothing of lines, messages or people, but for what the runner is
 * to be told where the owner wants that.
 */
int bell_main(enum walls walls);

#endif
