#include "keeper/release.h"

#include <inttypes.h>
#include <string.h>

#include "base/wipe.h"
#include "keeper/delegate.h"
#include "keeper/diary.h"
#include "keeper/errand.h"
#include "keeper/paper.h"
#include "keeper/rights.h"
#include "keeper/sheet.h"

/* A release that somebody asks for. */
struct releasing {
	struct keeper *keeper;
	const struct request *asked;
	struct post_line *line;
	struct paper paper;
	struct paper_version version;
	struct request said;
	struct rule rule;
	struct paper_releases releases; /* before this one */
	struct upload upload[ATTACHMENTS_MAX];
};

/* -- what is refused ------------------------------------------------------ */

static bool
judge_version(const struct releasing *releasing)
{
	const struct paper *paper = &releasing->paper;
	const uint64_t named = releasing->asked->ask.draft.version;

	if (named == paper->version)
		return true;
	if (named > paper->version || named == 0)
		post_reply_error(releasing->keeper, releasing->asked->id,
		    ERR_NOT_FOUND,
		    "Draft %" PRIu64 " has no such version; its last one is "
		    "%" PRIu64 ".",
		    paper->n, paper->version);
	else
		post_reply_error(releasing->keeper, releasing->asked->id,
		    ERR_STATE,
		    "Draft %" PRIu64 " has a newer version, %" PRIu64
		    ": version %" PRIu64 " is released no more. Read the new "
		    "one first: quietline draft show %" PRIu64 " --diff.",
		    paper->n, paper->version, named, paper->n);
	return false;
}

/* Its line is there, by the name that stands in the draft. */
static bool
judge_line(struct releasing *releasing)
{
	struct post_line *line =
	    post_find_line(releasing->keeper, releasing->paper.line);

	if (line != NULL && post_line_is_active(line)) {
		releasing->line = line;
		return true;
	}
	post_reply_error(releasing->keeper, releasing->asked->id, ERR_STATE,
	    "The line that draft %" PRIu64 " is for is closed: it cannot be "
	    "said any more. Recall it.",
	    releasing->paper.n);
	return false;
}

static bool
read_paper(struct releasing *releasing)
{
	struct keeper *keeper = releasing->keeper;
	const struct paper *paper = &releasing->paper;
	int rc;

	rc = paper_get_version(keeper, paper->n, paper->version,
	    &releasing->version);
	if (rc == OK)
		rc = paper_get_releases(keeper, paper->n, paper->version,
		    &releasing->releases);
	if (rc == OK)
		rc = sheet_read(&releasing->said, releasing->version.sheet,
		    releasing->version.len);
	if (rc == OK)
		rc = rule_find(keeper, paper->line, rule_what(&releasing->said),
		    &releasing->rule);
	if (rc == ERR_VERSION)
		post_reply_error(keeper, releasing->asked->id, rc,
		    "Draft %" PRIu64 " was written by another version of "
		    "quietline, which knew fields that this one does not. "
		    "Write it anew, and recall this one.",
		    paper->n);
	else if (rc != OK)
		post_reply_store(keeper, releasing->asked->id, rc);
	return rc == OK;
}

static bool
judge_emergency(const struct releasing *releasing)
{
	if (releasing->rule.needs == 0 || releasing->rule.emergency)
		return true;
	post_reply_error(releasing->keeper, releasing->asked->id, ERR_RULE,
	    "The rule of the line to %s lets nobody release this alone, not in "
	    "an emergency either.",
	    releasing->line->name);
	return false;
}

/* What binds this side takes more than the right to speak, of one of those who
 * release it: nobody gets by a draft what they may not do. */
static bool
has_right(const struct releasing *releasing, uint32_t roles)
{
	return rights_roles_may(roles, rights_to_release(releasing->said.kind));
}

/* By a rule, whoever writes does not release, and who does must be asked for. */
static bool
judge_person(const struct releasing *releasing)
{
	struct keeper *keeper = releasing->keeper;
	const uint32_t who = keeper_who_id(keeper);
	char needs[RULE_SAY_BYTES];

	if (releasing->rule.needs == 0)
		return rights_judge_release(keeper, releasing->asked->id,
		    releasing->said.kind);
	rule_describe(&releasing->rule, needs);
	if (releasing->version.who == who) {
		post_reply_error(keeper, releasing->asked->id, ERR_RULE,
		    "You wrote this version, so that your release does not "
		    "count: the rule asks for %s beside its writer.",
		    needs);
		return false;
	}
	if (!rule_wants(&releasing->rule, keeper->who.roles) &&
	    (has_right(releasing, 1 << DELEGATE_RELEASER) ||
		!has_right(releasing, keeper->who.roles))) {
		post_reply_error(keeper, releasing->asked->id, ERR_RULE,
		    "The rule asks for %s beside its writer; you have none of "
		    "these roles.",
		    needs);
		return false;
	}
	return true;
}

/* -- counting ------------------------------------------------------------- */

static bool
has_released(const struct releasing *releasing, uint32_t who)
{
	for (size_t i = 0; i < releasing->releases.count; i++) {
		if (releasing->releases.one[i].who == who)
			return true;
	}
	return false;
}

/* Whether those who have, and whoever asks, are enough.  By the roles that they
 * have now: who was revoked since does not count. */
static bool
is_enough(const struct releasing *releasing)
{
	struct keeper *keeper = releasing->keeper;
	const uint32_t who = keeper_who_id(keeper);
	uint32_t people[DRAFT_RELEASES_MAX + 1];
	bool may = false;
	size_t count = 0;

	people[count++] = keeper->who.roles;
	for (size_t i = 0; i < releasing->releases.count; i++) {
		const uint32_t other = releasing->releases.one[i].who;

		if (other != who && other != releasing->version.who)
			people[count++] = delegate_roles_of(keeper, other);
	}
	for (size_t i = 0; i < count; i++)
		may = may || has_right(releasing, people[i]);
	return may && rule_is_met(&releasing->rule, people, count);
}

static int
do_count(void *ctx)
{
	const struct releasing *releasing = ctx;
	struct keeper *keeper = releasing->keeper;
	char needs[RULE_SAY_BYTES];
	int rc;

	rc = paper_add_act(keeper, &releasing->paper, ACT_RELEASED,
	    (struct text){ NULL, 0 });
	if (rc != OK)
		return rc;
	rule_describe(&releasing->rule, needs);
	return diary_add(keeper,
	    (struct diary_entry){ releasing->line, "draft", NULL, "waiting" },
	    "%s released draft %" PRIu64 " to %s; it still waits: the rule "
	    "asks for %s beside its writer%s.",
	    keeper_who(keeper), releasing->paper.n, releasing->line->name,
	    needs,
	    has_right(releasing, 1 << DELEGATE_RELEASER)
		? ""
		: ", and a head must be among them");
}

/* One of those that must: it waits for the others. */
static void
count_release(struct releasing *releasing)
{
	struct keeper *keeper = releasing->keeper;
	int rc;

	if (has_released(releasing, keeper_who_id(keeper))) {
		post_reply_error(keeper, releasing->asked->id, ERR_EXISTS,
		    "You have released this version already; it waits for "
		    "others.");
		return;
	}
	rc = post_commit(keeper, releasing->line, do_count, releasing);
	if (rc != OK)
		post_reply_store(keeper, releasing->asked->id, rc);
	else
		paper_reply(keeper, releasing->asked, &releasing->paper, 0,
		    true);
}

/* -- saying --------------------------------------------------------------- */

static void
take_file(struct query *q, struct upload *upload)
{
	const char *name = query_text(q, &(size_t){ 0 });
	size_t len = name != NULL ? strlen(name) : 0;

	if (len < sizeof(upload->file.name) && len > 0)
		memcpy(upload->file.name, name, len);
	query_bytes(q, upload->file.key, sizeof(upload->file.key));
	upload->bytes = (uint64_t)query_int(q);
	query_bytes(q, upload->hash, sizeof(upload->hash));
	upload->done = true;
}

/* The files of the version, as if they had just been uploaded. */
static int
find_files(struct releasing *releasing, size_t *count)
{
	struct query q =
	    store_query(&releasing->keeper->store, STMT_PAPER_FILE_LIST);

	*count = 0;
	query_bind_int(&q, (int64_t)releasing->paper.n);
	query_bind_int(&q, (int64_t)releasing->paper.version);
	while (*count < ATTACHMENTS_MAX && query_next(&q)) {
		struct upload *upload = &releasing->upload[(*count)++];

		upload->id = (uint64_t)query_int(&q);
		take_file(&q, upload);
	}
	return query_end(&q);
}

static void
say_it(struct releasing *releasing)
{
	struct keeper *keeper = releasing->keeper;
	struct errand *errand = &keeper->errand;
	const uint32_t id = releasing->asked->id;
	int rc;

	errand->paper = releasing->paper.n;
	errand->author = releasing->version.title;
	errand->emergency = releasing->asked->ask.draft.emergency;
	errand->upload = releasing->upload;
	rc = find_files(releasing, &errand->uploads);
	if (rc != OK) {
		post_reply_store(keeper, id, rc);
	} else {
		releasing->said.emergency = errand->emergency;
		rc = errand_release(keeper, &releasing->said, id);
	}
	memset(errand, 0, sizeof(*errand));
	if (rc == OK &&
	    (rc = paper_get(keeper, releasing->paper.n, &releasing->paper)) !=
		OK)
		post_reply_store(keeper, id, rc);
	else if (rc == OK)
		paper_reply(keeper, releasing->asked, &releasing->paper, 0,
		    true);
}

static void
release(struct releasing *releasing)
{
	if (!judge_version(releasing) || !judge_line(releasing) ||
	    !read_paper(releasing))
		return;
	if (releasing->asked->ask.draft.emergency) {
		if (judge_emergency(releasing) &&
		    rights_judge_release(releasing->keeper,
			releasing->asked->id, releasing->said.kind))
			say_it(releasing);
		return;
	}
	if (!judge_person(releasing))
		return;
	if (is_enough(releasing))
		say_it(releasing);
	else
		count_release(releasing);
}

void
release_on_request(struct keeper *keeper, const struct request *request)
{
	struct releasing *releasing = wipe_new(sizeof(*releasing));

	releasing->keeper = keeper;
	releasing->asked = request;
	if (paper_ask_open(keeper, request, &releasing->paper))
		release(releasing);
	paper_free_version(&releasing->version);
	wipe_free(releasing, sizeof(*releasing));
}
