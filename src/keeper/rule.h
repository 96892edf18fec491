/* Owns the rules of release: whose hands what is said must pass. */
#ifndef KEEPER_RULE_H
#define KEEPER_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "keeper/post.h"
#include "proc/say_rule.h"

/* What must be released before it is said; needs 0: there is no rule, whoever may
 * speak does it alone. */
struct rule {
	size_t needs;
	struct rule_need need[RULE_NEEDS_MAX];
	bool emergency;
};

/* Which rule of its line a request that speaks is under. */
enum rule_what rule_what(const struct request *request);
/* The line on which it speaks; len 0: on none. */
struct text rule_line(const struct request *request);

/* Reads a line's rule; needs 0 where it has none.  ERR_IO. */
MUST_CHECK int rule_find(struct keeper *keeper, uint32_t line,
    enum rule_what what, struct rule *rule);

/* Whether these people, each by a set of roles and counting once, are enough. */
bool rule_is_met(const struct rule *rule, const uint32_t *people, size_t count);
/* Whether a person of these roles counts at all. */
bool rule_wants(const struct rule *rule, uint32_t roles);
/* "2 releasers", "1 head and 2 releasers"; "nobody else" where needs is 0. */
void rule_describe(const struct rule *rule, char say[RULE_SAY_BYTES]);

/*
 * Whether a request that speaks, and that is not to be kept as a draft, may be
 * done by one: there is no rule for it, or it is an emergency that the rule
 * lets.  Answers the request where not.  Called before any state changes.
 */
bool rule_judge(struct keeper *keeper, const struct request *request);

/* REQUEST_RULE_SET, REQUEST_RULE_LIST. */
void rule_on_set(struct keeper *keeper, const struct request *request);
void rule_on_list(struct keeper *keeper, const struct request *request);

#endif
