/* Owns the parent of the rooms: starts, connects and restarts them. */
#ifndef PROC_PARENT_H
#define PROC_PARENT_H

#include <stdint.h>

#include "proc/lock.h"
#include "proc/pmsg.h"
#include "proc/sandbox.h"
#include "proc/say_bell.h"

struct parent_config {
	struct lock *lock; /* taken; borrowed */
	int listen_fd;	   /* desk's listening socket; borrowed */
	int ready_fd;	   /* -1: nobody waits for a word */
	enum walls walls;  /* of the rooms; its own are its caller's */
	/* By what alarms are heard; NULL: by nothing.  Borrowed. */
	const struct bell_config *bell;
	/* What runs the command, started before the walls were up; 0: nothing. */
	pid_t runner_pid;
	int runner_fd; /* the parent's end; taken */
	const uint8_t
	    *unlock; /* PMSG_UNLOCK_BYTES in locked memory; borrowed */
};

/*
 * Runs a post until it is told to stop (SIGTERM, SIGINT, `quietline down`).
 * ready_fd gets one line: "ready", or why the post cannot run.  Returns the exit
 * code.  The working folder is the post's.
 */
int parent_run(const struct parent_config *config);

/* Writes the one line to ready_fd and closes it; -1 is fine. */
void parent_say_ready(int ready_fd, const char *say);

#endif
