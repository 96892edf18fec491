/* Owns what is said of drills between the rooms: their schedule, how each went, and
 * what came of a month of them; and the service channel. */
#ifndef PROC_SAY_DRILL_H
#define PROC_SAY_DRILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "limits.h"
#include "proc/field.h"
#include "proc/text.h"

/* The last rows of a list alone. */
struct last_ask {
	uint64_t last; /* 0: all of them, page by page */
};

/* When drills go by themselves. */
struct plan_ask {
	uint64_t every_s;  /* 0: not */
	struct text at;	   /* a time of day, "06:00" UTC; absent: midnight */
	uint64_t within_s; /* answered later is missed; 0: the default */
};

struct plan_view {
	uint64_t every_s; /* 0: there is no schedule */
	struct text at;
	uint64_t within_s;
	int64_t next_ms; /* by the wall clock */
};

struct drill_ack_ask {
	struct text ref; /* absent: the last one that came */
};

enum drill_state {
	DRILL_OPEN,	/* ours: not answered yet */
	DRILL_ANSWERED, /* in time; theirs always */
	DRILL_MISSED,
	DRILL_LATE, /* it was missed, and answered after all */
	DRILL_STATE_COUNT,
};

struct drill_view {
	char ref[REQUEST_REF_BYTES];
	uint8_t side;	 /* 0 us, 1 them: whose drill it is */
	int64_t time_ms; /* ours: when it was sent; theirs: when it came */
	bool planned;
	uint8_t state; /* enum drill_state */
	uint64_t within_ms;
	uint64_t took_ms;	 /* to the answer; 0: none */
	int64_t acknowledged_ms; /* by a person; ours: of their side */
	struct text who;	 /* theirs: who of us acknowledged it */
	struct text cause;	 /* missed: the likely cause */
	struct text text;
};

/* One month as one side counted it, of its own drills. */
struct month_view {
	struct text month; /* "2026-11", UTC */
	uint8_t side;
	bool told; /* to the other side, as it is; theirs always */
	uint64_t sent;
	uint64_t answered;
	uint64_t missed;
	uint64_t median_ms; /* 0: nothing was answered */
	uint64_t worst_ms;
	uint64_t acknowledged;
};

struct service_ask {
	struct text text;
};

/* One thing said on the service channel. */
struct service_view {
	char ref[REQUEST_REF_BYTES];
	uint8_t side;
	int64_t time_ms;
	struct text who; /* absent: not known */
	struct text text;
	bool delivered; /* ours: their post has it */
};

extern const struct word_list drill_sides;
extern const struct word_list drill_states;
extern const struct layout say_last_ask;
extern const struct layout say_plan_ask;
extern const struct layout say_plan_view;
extern const struct layout say_drill_ack;
extern const struct layout say_drill_view;
extern const struct layout say_month_view;
extern const struct layout say_service_ask;
extern const struct layout say_service_view;

#endif
