/* Owns desk's process: its channels, its loop. */
#ifndef DESK_ROOM_H
#define DESK_ROOM_H

#include "proc/sandbox.h"

/* What quietlined runs in the role "desk"; returns the exit code. */
int desk_main(enum walls walls);

#endif
