/* Owns what a process may still do to files and the network, by Landlock. */
#ifndef PROC_LANDLOCK_H
#define PROC_LANDLOCK_H

#include <stdint.h>

#include "base/err.h"

enum landlock_right {
	LANDLOCK_READ = 1,     /* files, and what a folder holds */
	LANDLOCK_WRITE = 2,    /* make, write, cut, rename and remove files */
	LANDLOCK_EXECUTE = 4,  /* start a program */
	LANDLOCK_LISTEN = 8,   /* bind a TCP socket */
	LANDLOCK_CONNECT = 16, /* reach another's by TCP */
	LANDLOCK_DEVICE = 32,  /* allowed only: read, write and control it */
};

/* A ruleset that is being made. */
struct landlock {
	int fd;
	int version;	  /* of the kernel's Landlock */
	uint64_t handled; /* what is not done unless it is allowed */
};

/* What this kernel has: 1, 2, ...; 0: it has none. */
int landlock_version(void);

/*
 * From landlock_enter on, this process and its children do none of `rights`
 * (enum landlock_right) but what landlock_allow gave back; they reach no
 * abstract socket or process outside, as far as this kernel knows how.
 * OK, ERR_NOT_FOUND where it has no Landlock, or ERR_IO with errno.
 */
MUST_CHECK int landlock_init(struct landlock *landlock, unsigned rights);
/* Those rights to a file, or to a folder and all below it; a path that is not
 * there is fine.  OK, or ERR_IO with errno. */
MUST_CHECK int landlock_allow(struct landlock *landlock, const char *path,
    unsigned rights);
/* Closes the ruleset, and lives by it: OK, or ERR_IO with errno. */
MUST_CHECK int landlock_enter(struct landlock *landlock);
/* Closes the ruleset; nothing changes. */
void landlock_drop(struct landlock *landlock);

#endif
