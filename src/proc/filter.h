/* Owns a filter of system calls, made from tables. */
#ifndef PROC_FILTER_H
#define PROC_FILTER_H

#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum filter_check {
	FILTER_ANY,
	FILTER_IS,    /* the argument is value */
	FILTER_LACKS, /* it has none of the bits of value */
	FILTER_SELF,  /* it is this process */
};

/* A system call that is allowed; several rows of one: any of them is enough. */
struct filter_row {
	const char *call;
	enum filter_check check;
	unsigned arg; /* from 0; its lower 32 bits count */
	uint32_t value;
};

struct filter_list {
	const struct filter_row *row;
	size_t count;
};

enum filter_else {
	FILTER_KILL,   /* any other call ends the process (SIGSYS) */
	FILTER_REFUSE, /* it fails as one that this kernel does not have */
};

/*
 * What stands in any of the lists, for this machine (arch 0) or another one;
 * a name that libseccomp does not know yet is passed over.  NULL: no memory, or
 * a row that the machine refuses.  The caller releases it (seccomp_release).
 */
scmp_filter_ctx filter_new(const struct filter_list *lists, size_t count,
    enum filter_else otherwise, uint32_t arch);
/* Lives by it from here on: OK, ERR_NOT_FOUND where the kernel has no such
 * filters, or ERR_IO with errno. */
MUST_CHECK int filter_enter(scmp_filter_ctx filter);

#endif
