/* Owns a machine that was resumed twice from one image: the second wire, with
 * the memory and the random generator of the first. */
#ifndef SIM_CLONE_H
#define SIM_CLONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/event.h"
#include "limits.h"
#include "sim/dice.h"
#include "sim/plan.h"
#include "wire/pacer.h"

struct post;

struct clone_path {
	bool open;
	struct pacer pacer;
	uint8_t sealed[PACER_WAITING_MAX][FRAME_BYTES_MAX];
	unsigned made;
	unsigned sent;
};

struct clone {
	void *memory; /* of its line; NULL: there is no clone */
	void *spare;
	struct dice dice;
	struct clone_path path[PLAN_ROADS_MAX];
	unsigned starts;   /* of the wire that it is a copy of */
	uint64_t ahead_ns; /* how its clock differs: never by nothing */
	uint64_t end_ns;
	bool acts; /* the line is the clone's at present */
};

/* From now until end_ns the post's wire runs twice, at one address; the clone's
 * has no keeper. */
void clone_begin(struct post *post, uint64_t ahead_ns, uint64_t end_ns);
void clone_free(struct clone *clone);

/* A datagram reaches both. */
void clone_on_datagram(struct post *post, unsigned path, const uint8_t *bytes,
    size_t len, const struct origin *from);

#endif
