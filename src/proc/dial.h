/* Owns connecting by TCP, through a proxy where there is one. */
#ifndef PROC_DIAL_H
#define PROC_DIAL_H

#include "proc/pmsg.h"

enum { DIAL_FOUND_MAX = 8 };

/*
 * Looks up and connects, waiting as long as that takes: a connection in *fd, or
 * why there is none.  With a proxy, the endpoint's name is the proxy's to look
 * up.
 */
enum pmsg_undialed dial_open(int *fd, const struct pmsg_way *way);

#endif
