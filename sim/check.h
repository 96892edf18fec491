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
	CHECK_FRESH,
	CHECK_EPOCHS,
	CHECK_WHOLE,
	CHECK_NUMBERS,
	CHECK_COUNTERS,
	CHECK_TERMS,
	CHECK_POINTS,
	CHECK_ACCORD,
	CHECK_COUNT,
};

enum check_sizes {
	/* Of a post, the latest; a session has three at most. */
	CHECK_KEYS_MAX = 4,
	/* Of a record: its id lies within. */
	CHECK_HEAD_BYTES = 48,
};

/* Every nonce of the run, cut to 8 bytes: a set. */
struct nonces {
	uint64_t *slot; /* 0: free */
	size_t cap;	/* a power of two */
	size_t count;
};

/* How each record began that reached a keeper, by number. */
struct numbers {
	struct number {
		uint8_t bytes[CHECK_HEAD_BYTES];
		bool has[CHECK_HEAD_BYTES];
	} * at;
	size_t cap;
};

/* The counters under the latest keys that a post sends by. */
struct counters {
	uint8_t key[CHECK_KEYS_MAX][SESSION_KEY_BYTES];
	uint64_t next[CHECK_KEYS_MAX][PLAN_ROADS_MAX];
};

/* What of a seed keeps a check from looking: bits. */
enum excuse {
	EXCUSE_LIAR = 1 << 0,	  /* a post tells lies that pass */
	EXCUSE_FORGER = 1 << 1,	  /* or such as enter the other's journals */
	EXCUSE_CLONE = 1 << 2,	  /* a machine runs twice */
	EXCUSE_RESTORED = 1 << 3, /* a post forgot what it had promised */
	EXCUSE_NOTICED = 1 << 4,  /* and its people, or its peer's, know */
};

struct checks {
	unsigned excuses;
	unsigned liar; /* who it is */
	struct nonces nonces;
	struct nonces taken[PLAN_POSTS]; /* of frames that a post took */
	uint8_t recv_key[PLAN_POSTS][CHECK_KEYS_MAX][SESSION_KEY_BYTES];
	uint64_t epoch; /* A's: keys that it sent under, in order */
	uint8_t epoch_key[CHECK_KEYS_MAX][SESSION_KEY_BYTES];
	uint8_t pending_key[SESSION_KEY_BYTES]; /* B's */
	uint64_t confirmed;	     /* the epoch that B has confirmed */
	uint64_t faults[PLAN_POSTS]; /* that keepers were told */
	/* Since the path's start below. */
	bool has_sent[PLAN_POSTS][PLAN_ROADS_MAX];
	unsigned path_starts[PLAN_POSTS][PLAN_ROADS_MAX];
	struct counters counters[PLAN_POSTS];
	/* The most that a post has told its peer to hold durably. */
	struct have promised[PLAN_POSTS];
	unsigned restored; /* which post was */
	struct numbers numbers[PLAN_POSTS];
	uint64_t promises[PLAN_POSTS];
	uint64_t losses[PLAN_POSTS]; /* of its drive, when it was looked at */
	uint64_t boots[PLAN_POSTS];  /* that were completed */
	/* What both posts show at the end, from what is on disk. */
	struct review review[PLAN_POSTS];
};

/* "once", and "every message arrives exactly once". */
const char *check_name(enum check check);
const char *check_claim(enum check check);

void check_init(struct run *run);
/* Whether the seed keeps the check from holding. */
bool check_is_excused(const struct run *run, enum check check);
void check_free(struct run *run);

/* The moments at which checks look. */
void check_on_frame(struct run *run, const struct post *post, unsigned path,
    const uint8_t *frame, size_t len, bool leaves);
void check_on_order(struct run *run, const struct post *post,
    const struct line_order *order);
void check_on_event(struct run *run, const struct post *post,
    const struct line_event *event);
/* A post has taken a datagram for authentic and fresh. */
void check_on_taken(struct run *run, const struct post *post,
    const uint8_t *bytes, size_t len);
/* A clone of a post sends a frame. */
void check_on_cloned(struct run *run, const struct post *post,
    const uint8_t *frame, size_t len);
void check_on_opened(struct run *run, struct post *post);
void check_on_ended(struct run *run, const struct post *post);
void check_on_restored(struct run *run, const struct post *post);
/* A post tells its people. */
void check_on_news(struct run *run, const struct event_view *news);
/* Both stores were opened again from disk and read: see checks.review. */
void check_at_end(struct run *run);

/* What is left to be delivered, either way, in words; NULL: nothing. */
const char *check_find_unsettled(struct run *run);

#endif
