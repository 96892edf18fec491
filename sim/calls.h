/* Owns the system calls by which keeper and its store reach files: those on a
 * simulated drive never reach the kernel. */
#ifndef SIM_CALLS_H
#define SIM_CALLS_H

#include <stdbool.h>

#include "sim/drive.h"

enum calls_sizes {
	CALLS_DRIVES_MAX = 8,
	CALLS_PATH_BYTES = 32,
};

/*
 * The linker puts the functions of calls.c in place of those of libc that src/
 * and SQLite call (--wrap, see meson.build).  A path under /drive/NUMBER, or a
 * descriptor that came from one, is the drive's business; all else is passed on.
 * No such path exists on any machine: a call that was forgotten here fails.
 */

/* The drive is borrowed until unmounted. */
void calls_mount(unsigned number, struct drive *drive);
/* Nothing on it may be open any more. */
void calls_unmount(unsigned number);
/* The folder that a drive is seen as. */
void calls_path(char path[CALLS_PATH_BYTES], unsigned number);
bool calls_has_open(const struct drive *drive);

#endif
