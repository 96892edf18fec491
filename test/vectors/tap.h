/* Owns telling how cases went: as TAP, or as failures and a summary. */
#ifndef VECTORS_TAP_H
#define VECTORS_TAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct tap {
	bool summary; /* only failures, then "N passed, N failed" */
	size_t passed;
	size_t failed;
};

/* One case, named by the rest. */
void tap_case(struct tap *tap, bool ok, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* Ends the output; the exit code: 0, or 1 where a case failed or none ran. */
int tap_end(const struct tap *tap);

#endif
