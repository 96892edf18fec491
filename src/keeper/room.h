/* Owns the keeper room: the process around struct keeper. */
#ifndef KEEPER_ROOM_H
#define KEEPER_ROOM_H

#include "proc/sandbox.h"

/* Runs the room in a process that spawn_role started; returns the exit code. */
int keeper_main(enum walls walls);

#endif
