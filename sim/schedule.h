/* Owns what an observer of one post's wire can write down: when, how big, on
 * which path. */
#ifndef SIM_SCHEDULE_H
#define SIM_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/hash.h"

struct schedule {
	struct hash_stream stream;
	uint64_t slots;
	uint64_t last_ns;
};

void schedule_init(struct schedule *schedule);

/* A frame's moment, or, for a post that has yet to hear where its peer is, the
 * moment of one that did not leave. */
void schedule_append(struct schedule *schedule, uint64_t at_ns, unsigned path,
    size_t len);

/* The sum of all that was appended; more may be appended. */
void schedule_sum(const struct schedule *schedule, uint8_t sum[HASH_BYTES]);

#endif
