#include "keeper/rule.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/word.h"
#include "keeper/diary.h"
#include "keeper/delegate.h"
#include "keeper/rights.h"
#include "proc/say_delegate.h"

enum rule_what
rule_what(const struct request *request)
{
	if (request->kind == REQUEST_SEND &&
	    request->send.precedence < PRECEDENCE_COUNT)
		return (enum rule_what)request->send.precedence;
	if (request->kind == REQUEST_PASS &&
	    request->ask.pass.precedence < PRECEDENCE_COUNT)
		return (enum rule_what)request->ask.pass.precedence;
	return RULE_OTHER;
}

struct text
rule_line(const struct request *request)
{
	return request->line;
}

int
rule_find(struct keeper *keeper, uint32_t line, enum rule_what what,
    struct rule *rule)
{
	struct query q = store_query(&keeper->store, STMT_RULE_GET);

	memset(rule, 0, sizeof(*rule));
	query_bind_int(&q, line);
	query_bind_int(&q, what);
	if (query_next(&q)) {
		rule->emergency = query_int(&q) != 0;
		for (size_t i = 0; i < RULE_NEEDS_MAX; i++) {
			struct rule_need *need = &rule->need[rule->needs];

			need->role = (uint8_t)query_int(&q);
			need->count = (uint64_t)query_int(&q);
			rule->needs += need->count > 0;
		}
	}
	return query_end(&q);
}

/*
 * Each person counts for one need only.  By Hall's theorem there is a way to
 * share them out if, and only if, for every choice of needs there are as many
 * people who fit one of it as it asks for.
 */
bool
rule_is_met(const struct rule *rule, const uint32_t *people, size_t count)
{
	for (unsigned choice = 1; choice < 1u << rule->needs; choice++) {
		uint32_t roles = 0;
		uint64_t asked = 0, fit = 0;

		for (size_t i = 0; i < rule->needs; i++) {
			if ((choice >> i & 1) == 0)
				continue;
			roles |= UINT32_C(1) << rule->need[i].role;
			asked += rule->need[i].count;
		}
		for (size_t i = 0; i < count; i++)
			fit += (people[i] & roles) != 0;
		if (fit < asked)
			return false;
	}
	return true;
}

bool
rule_wants(const struct rule *rule, uint32_t roles)
{
	for (size_t i = 0; i < rule->needs; i++) {
		if ((roles >> rule->need[i].role & 1) != 0)
			return true;
	}
	return false;
}

void
rule_describe(const struct rule *rule, char say[RULE_SAY_BYTES])
{
	size_t len = 0;

	snprintf(say, RULE_SAY_BYTES, "nobody else");
	for (size_t i = 0; i < rule->needs && len < RULE_SAY_BYTES; i++) {
		const struct rule_need *need = &rule->need[i];
		const char *role = word_name(&delegate_roles, need->role);
		const char *before = i == 0 ? ""
		    : i + 1 == rule->needs  ? " and "
					    : ", ";

		len += (size_t)snprintf(say + len, RULE_SAY_BYTES - len,
		    "%s%" PRIu64 " %s%s", before, need->count, role,
		    need->count == 1 ? "" : "s");
	}
}

/* What a rule is for, as it stands in a sentence. */
static const char *
subject(enum rule_what what)
{
	static const char *const subjects[RULE_WHAT_COUNT] = {
		[RULE_ROUTINE] = "a routine message",
		[RULE_PRIORITY] = "a message of precedence priority",
		[RULE_IMMEDIATE] = "a message of precedence immediate",
		[RULE_FLASH] = "a flash message",
		[RULE_OTHER] = "whatever else this side says there",
	};

	return subjects[what];
}

bool
rule_judge(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_find_name(keeper, rule_line(request));
	char needs[RULE_SAY_BYTES];
	struct rule rule;
	int rc;

	/* Whoever carries it out says that there is no such line. */
	if (line == NULL)
		return true;
	rc = rule_find(keeper, line->id, rule_what(request), &rule);
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		return false;
	}
	if (rule.needs == 0 || (request->emergency && rule.emergency))
		return true;
	rule_describe(&rule, needs);
	post_reply_error(keeper, request->id, ERR_RULE,
	    "By the rule of the line to %s, %s is released by %s beside its "
	    "writer. %sWrite it with --draft, and ask them to release it.",
	    line->name, subject(rule_what(request)), needs,
	    request->emergency ? "The rule lets nobody release it alone, not "
				 "in an emergency either. "
		: rule.emergency
		? "In an emergency one may release it alone, with --emergency; "
		  "both sides see that. "
		: "");
	return false;
}

/* -- setting and showing -------------------------------------------------- */

/* One change of a rule, in a transaction of record.db. */
struct step {
	struct keeper *keeper;
	struct post_line *line;
	enum rule_what what;
	const struct rule *rule;
};

static int
put(const struct step *step)
{
	struct query q;

	if (step->rule->needs == 0) {
		q = store_query(&step->keeper->store, STMT_RULE_DROP);
		query_bind_int(&q, step->line->id);
		query_bind_int(&q, step->what);
		return query_run(&q);
	}
	q = store_query(&step->keeper->store, STMT_RULE_PUT);
	query_bind_int(&q, step->line->id);
	query_bind_int(&q, step->what);
	query_bind_int(&q, step->rule->emergency);
	for (size_t i = 0; i < RULE_NEEDS_MAX; i++) {
		query_bind_int(&q, step->rule->need[i].role);
		query_bind_int(&q, (int64_t)step->rule->need[i].count);
	}
	return query_run(&q);
}

static int
do_set(void *ctx)
{
	const struct step *step = ctx;
	char needs[RULE_SAY_BYTES];
	int rc;

	if ((rc = put(step)) != OK)
		return rc;
	rule_describe(step->rule, needs);
	return diary_add(step->keeper,
	    (struct diary_entry){ step->line, "rule", NULL,
		step->rule->needs == 0 ? "cleared" : "set" },
	    "%s set the rule of the line to %s: %s is released by %s beside "
	    "its writer%s.",
	    keeper_who(step->keeper), step->line->name, subject(step->what),
	    needs,
	    step->rule->emergency ? ", or in an emergency by one alone" : "");
}

/* Refused where it could never be met, or means two things. */
static bool
judge(struct keeper *keeper, const struct request *request)
{
	const struct rule_ask *ask = &request->ask.rule;

	for (size_t i = 0; i < ask->needs; i++) {
		const struct rule_need *need = &ask->need[i];

		if (!rights_role_speaks(need->role)) {
			post_reply_error(keeper, request->id, ERR_FORMAT,
			    "A %s may not speak for this side, and so releases "
			    "nothing; name a role that may: head or releaser.",
			    word_name(&delegate_roles, need->role));
			return false;
		}
		if (need->count == 0) {
			post_reply_error(keeper, request->id, ERR_FORMAT,
			    "A rule asks for at least one %s, or does not name "
			    "the role.",
			    word_name(&delegate_roles, need->role));
			return false;
		}
		for (size_t j = 0; j < i; j++) {
			if (ask->need[j].role != need->role)
				continue;
			post_reply_error(keeper, request->id, ERR_FORMAT,
			    "The role %s is named twice; name it once, with "
			    "how many there must be.",
			    word_name(&delegate_roles, need->role));
			return false;
		}
	}
	return true;
}

static void
reply_view(struct keeper *keeper, const struct request *request,
    const struct step *step, bool more)
{
	struct reply reply = { .kind = REPLY_VIEW,
		.id = request->id,
		.more = more,
		.about = request->kind,
		.cursor = (uint64_t)step->what + 1 };
	struct rule_view *view = &reply.view.rule;
	char needs[RULE_SAY_BYTES / 2], say[RULE_SAY_BYTES];

	rule_describe(step->rule, say);
	snprintf(needs, sizeof(needs), "%.*s", (int)sizeof(needs) - 1, say);
	if (step->rule->needs == 0)
		snprintf(say, sizeof(say),
		    "There is no rule: whoever may speak says it alone.");
	else
		snprintf(say, sizeof(say),
		    "Released by %s beside its writer%s.", needs,
		    step->rule->emergency
			? "; in an emergency by one alone, marked for both "
			  "sides"
			: "; by nobody alone, not in an emergency either");
	view->line = text_of(step->line->name);
	view->what = (uint8_t)step->what;
	view->needs = step->rule->needs;
	memcpy(view->need, step->rule->need, sizeof(view->need));
	view->emergency = step->rule->emergency;
	view->say = text_of(say);
	post_reply(keeper, &reply);
}

void
rule_on_set(struct keeper *keeper, const struct request *request)
{
	const struct rule_ask *ask = &request->ask.rule;
	struct rule rule = { .needs = ask->needs };
	struct step step = { .keeper = keeper,
		.what = (enum rule_what)ask->what,
		.rule = &rule };
	int rc;

	step.line = post_ask_line(keeper, request);
	if (step.line == NULL || !judge(keeper, request))
		return;
	memcpy(rule.need, ask->need, ask->needs * sizeof(rule.need[0]));
	rule.emergency = ask->emergency && rule.needs > 0;
	rc = post_commit(keeper, step.line, do_set, &step);
	if (rc != OK)
		post_reply_store(keeper, request->id, rc);
	else
		reply_view(keeper, request, &step, false);
}

void
rule_on_list(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_ask_line(keeper, request);
	struct rule rule;
	int rc;

	if (line == NULL)
		return;
	for (uint64_t what = request->page.after; what < RULE_WHAT_COUNT;
	     what++) {
		const struct step step = { .keeper = keeper,
			.line = line,
			.what = (enum rule_what)what,
			.rule = &rule };

		rc = rule_find(keeper, line->id, step.what, &rule);
		if (rc != OK) {
			post_reply_store(keeper, request->id, rc);
			return;
		}
		reply_view(keeper, request, &step, true);
	}
	post_reply_done(keeper, request->id);
}
