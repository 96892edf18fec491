/* Owns the table of what must hold in every run.  A new check is a word in the
 * enum and a row in the table; its row says when it looks. */
#ifndef SIM_CHECK_H
#define SIM_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/event.h"
#include "proc/request.h"
#include "sim/ledger.h"
#include "sim/plan.h"

struct run;

enum check {
	CHECK_SCHEDULE,
	CHECK_NONCES,
	CHECK_STEADY,
	CHECK_ONCE,
	CHECK_ORDER,
	CHECK_GAPS,
	CHECK_CONTENTS,
	CHECK_DURABLE,
	CHECK_RECEIPTS,
	CHECK_SETTLES,
	CHECK_BOOTS,
	CHECK_PEACE,
	CHECK_MEMORY,
	CHECK_ALIVE,
	CHECK_REPEATS,
	CHECK_COUNT,
};

/* Every nonce of the run, cut to 8 bytes: a set. */
struct nonces {
	uint64_t *slot; /* 0: free */
	size_t cap;	/* a power of two */
	size_t count;
};

struct checks {
	struct nonces nonces;
	bool has_sent[PLAN_POSTS]; /* since the start below */
	unsigned wire_starts[PLAN_POSTS];
	/* The most that a post has told its peer to hold durably. */
	struct have promised[PLAN_POSTS];
	uint64_t boots[PLAN_POSTS]; /* that were completed */
	/* What both posts show at the end, from what is on disk. */
	struct review review[PLAN_POSTS];
};

/* "once", and "every message arrives exactly once". */
const char *check_name(enum check check);
const char *check_claim(enum check check);

void check_init(struct run *run);
void check_free(struct run *run);

/* The moments at which checks look. */
void check_on_frame(struct run *run, const struct post *post,
    const uint8_t *frame, size_t len, bool leaves);
void check_on_order(struct run *run, const struct post *post,
    const struct line_order *order);
void check_on_event(struct run *run, const struct post *post,
    const struct line_event *event);
void check_on_opened(struct run *run, struct post *post);
void check_on_ended(struct run *run, const struct post *post);
/* Both stores were opened again from disk and read: see checks.review. */
void check_at_end(struct run *run);

/* What is left to be delivered, either way, in words; NULL: nothing. */
const char *check_find_unsettled(struct run *run);

#endif
