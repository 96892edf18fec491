/* Owns the wire room: frames in, frames out, on the clock. */
#ifndef WIRE_ROOM_H
#define WIRE_ROOM_H

#include "proc/sandbox.h"

/* Runs the room in a process that spawn_role started; returns the exit code. */
int wire_main(enum walls walls);

#endif
