/* Owns which leg is due next: a heap of moments. */
#ifndef RELAY_DUE_H
#define RELAY_DUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct due_entry {
	uint64_t at_ns;
	uint32_t leg;
};

struct due {
	struct due_entry *entry;
	uint32_t *where; /* of each leg, its entry's number and 1; 0: none */
	uint32_t count;
	uint32_t legs;
};

/* For legs numbered below legs: OK, or ERR_LIMIT without memory. */
MUST_CHECK int due_open(struct due *due, uint32_t legs);
void due_close(struct due *due);

/* The leg is due then, and not when it was before. */
void due_set(struct due *due, uint32_t leg, uint64_t at_ns);
void due_drop(struct due *due, uint32_t leg);

/* When the first one is due; UINT64_MAX: none. */
uint64_t due_next_ns(const struct due *due);
/* The leg that is; there is one. */
uint32_t due_first(const struct due *due);

#endif
