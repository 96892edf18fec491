/* Owns what desk and keeper say to each other of rules of release. */
#ifndef PROC_SAY_RULE_H
#define PROC_SAY_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "limits.h"
#include "proc/field.h"

/* What a rule is for: messages of a precedence, or any other act. */
enum rule_what {
	RULE_ROUTINE, /* as enum precedence */
	RULE_PRIORITY,
	RULE_IMMEDIATE,
	RULE_FLASH,
	RULE_OTHER,
	RULE_WHAT_COUNT,
};

extern const struct word_list rule_whats;

/* So many delegates of a role. */
struct rule_need {
	uint8_t role; /* of delegate_roles */
	uint64_t count;
};

struct rule_ask {
	uint8_t what;
	size_t needs; /* 0: no rule */
	struct rule_need need[RULE_NEEDS_MAX];
	bool emergency; /* one may release alone, marked for both sides */
};

struct rule_view {
	struct text line;
	uint8_t what;
	size_t needs;
	struct rule_need need[RULE_NEEDS_MAX];
	bool emergency;
	struct text say; /* the same in words */
};

extern const struct layout say_rule_need;
extern const struct layout say_rule_set;
extern const struct layout say_rule_view;

#endif
