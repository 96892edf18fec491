/* Owns the lines that a relay holds, found by what tickets say. */
#ifndef RELAY_TABLE_H
#define RELAY_TABLE_H

#include <stdint.h>

#include "base/rng.h"
#include "core/ticket.h"
#include "relay/leg.h"

/* The same number with another cadence is another line. */
struct table_line {
	uint32_t number;
	struct cadence cadence;
	struct leg leg[TICKET_LEGS];
};

struct table {
	struct table_line *line;
	uint32_t *free_list; /* the first free_count are free */
	uint32_t free_count;
	uint32_t count;
	/* A line's number and 1, by a hash of what it is; 0: none. */
	uint32_t *bucket;
	uint32_t bucket_mask;
	uint8_t key[SHORT_KEY_BYTES];
};

#define TABLE_NONE UINT32_MAX

/* For count lines: OK, or ERR_LIMIT without memory. */
MUST_CHECK int table_open(struct table *table, uint32_t count, struct rng rng);
void table_close(struct table *table);

/* The line of either leg; TABLE_NONE: not held. */
uint32_t table_find(const struct table *table, const struct ticket_id *is);
/* Holds it, with no leg yet; it is not held so far.  TABLE_NONE: all are. */
uint32_t table_add(struct table *table, const struct ticket_id *is);
/* Forgets it; its legs are forgotten already. */
void table_remove(struct table *table, uint32_t line);

#endif
