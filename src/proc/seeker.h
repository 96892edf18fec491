/* Owns looking up a host's name, in a process that does nothing else. */
#ifndef PROC_RESOLVER_H
#define PROC_RESOLVER_H

#include "proc/sandbox.h"

/*
 * Runs the resolver in a process that spawn_role started: it takes one
 * PMSG_RESOLVE, answers with one PMSG_RESOLVED (empty: not found) and ends.
 * What a name server sends is parsed here, and nowhere near a key.
 */
int resolver_main(enum walls walls);

#endif
