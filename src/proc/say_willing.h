/* Owns what is said of rounds of willingness between the rooms. */
#ifndef PROC_SAY_WILLING_H
#define PROC_SAY_WILLING_H

#include <stdint.h>

#include "limits.h"
#include "proc/field.h"
#include "proc/text.h"

enum willing_answer { WILLING_NO, WILLING_YES, WILLING_ANSWER_COUNT };

enum willing_state {
	WILLING_RUNNING,
	WILLING_BOTH,	  /* both sides said yes */
	WILLING_NOT_BOTH, /* at least one did not */
	WILLING_VOID,	  /* it crossed one of the side that counts */
	WILLING_EXPIRED,  /* its time was over before its last step */
	WILLING_REFUSED,  /* a step came that proved nothing */
	WILLING_STATE_COUNT,
};

enum willing_side {
	WILLING_NOBODY,
	WILLING_US,
	WILLING_THEM,
	WILLING_SIDE_COUNT,
};

extern const struct word_list willing_answers;
extern const struct word_list willing_states;
extern const struct word_list willing_sides;

/* To begin a round, or to answer theirs. */
struct willing_ask {
	struct text question; /* to begin one */
	uint8_t answer;	      /* enum willing_answer */
};

struct willing_view {
	uint64_t n;	  /* of the rounds of the line, as this side counts */
	uint8_t asked_by; /* enum willing_side */
	struct text question;
	uint8_t state;
	uint64_t steps;	   /* of four, that are here */
	uint8_t waits_for; /* whose step is missing */
	int64_t asked_ms;
	int64_t ends_ms;  /* it runs no longer than this */
	int64_t ended_ms; /* 0: it runs */
	struct text say;
};

extern const struct layout say_willing_question;
extern const struct layout say_willing_answer;
extern const struct layout say_willing_view;

#endif
