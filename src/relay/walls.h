/* Owns the walls of the relay: what it may still ask of the kernel. */
#ifndef RELAY_WALLS_H
#define RELAY_WALLS_H

#include <stddef.h>

#include "base/err.h"
#include "proc/filter.h"

enum { WALLS_WHY_BYTES = 160 };

/* Gives up what no relay needs, walls or not: capabilities, dumps, gaining
 * rights. */
void walls_settle(void);

/* From here on: the sockets that are open and connections to them, and nothing
 * else; no file, no way back.  OK, or ERR_NOT_FOUND with why. */
MUST_CHECK int walls_enter(char why[WALLS_WHY_BYTES]);

/* The system calls that stay. */
struct filter_list walls_list(void);

#endif
