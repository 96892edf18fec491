/* Owns the walls of each room: what it may still ask of the kernel. */
#ifndef PROC_SANDBOX_H
#define PROC_SANDBOX_H

#include <stdbool.h>

#include "base/err.h"
#include "proc/filter.h"
#include "proc/pmsg.h"

enum walls {
	WALLS_UP,
	WALLS_NONE, /* by the owner's word, where the kernel has none */
};

/* What every role's program is started with where there are to be none. */
extern const char sandbox_without[];

struct sandbox {
	int landlock;  /* the kernel's version of it */
	unsigned rows; /* of system calls that stay allowed */
	char why[160]; /* why it cannot be, in one sentence */
};

/* What the owner's configuration opens of the walls of bell and parent. */
struct doors {
	const char *terminal; /* a device that the bell writes to; NULL: none */
	bool sound;	      /* the sound devices */
};

/*
 * From here on this process has what its role needs and nothing else, and no
 * way back: files and network by Landlock, system calls by seccomp.  The working
 * folder is the post's, for keeper and parent.  What the parent enters holds
 * for all that it starts.  doors: NULL, or what else is open to bell and parent.
 * OK, or ERR_NOT_FOUND with why.
 */
MUST_CHECK int sandbox_enter(enum proc_role role, const struct doors *doors,
    struct sandbox *sandbox);

/* Gives up every capability but those that this role has work for. */
void sandbox_drop_capabilities(enum proc_role role);

/* The tables of one role, at most SANDBOX_LISTS_MAX: how many. */
enum { SANDBOX_LISTS_MAX = 8 };
size_t sandbox_lists(enum proc_role role,
    struct filter_list lists[SANDBOX_LISTS_MAX], enum filter_else *otherwise);

#endif
