/* Owns finding a peer: its name, its door; in a process that does nothing else. */
#ifndef PROC_SEEKER_H
#define PROC_SEEKER_H

#include "proc/sandbox.h"

/*
 * Runs the seeker in a process that spawn_role started: it takes one
 * PMSG_RESOLVE or one PMSG_DIAL, answers it and ends.  What name servers and
 * proxies send is parsed here, and nowhere near a key.
 */
int seeker_main(enum walls walls);

#endif
