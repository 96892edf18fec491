#include "keeper/paper.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/wipe.h"
#include "keeper/delegate.h"
#include "keeper/diary.h"
#include "keeper/point.h"
#include "keeper/ref.h"
#include "keeper/rights.h"
#include "keeper/sheet.h"

/* -- the store ------------------------------------------------------------ */

int
paper_get(struct keeper *keeper, uint64_t n, struct paper *paper)
{
	struct query q = store_query(&keeper->store, STMT_PAPER_GET);
	bool found;
	int rc;

	memset(paper, 0, sizeof(*paper));
	query_bind_int(&q, n > INT64_MAX ? 0 : (int64_t)n);
	if ((found = query_next(&q))) {
		paper->n = n;
		paper->line = (uint32_t)query_int(&q);
		paper->end = (enum paper_end)query_int(&q);
		paper->version = (uint64_t)query_int(&q);
		paper->record = query_int(&q);
	}
	rc = query_end(&q);
	return rc == OK && !found ? ERR_NOT_FOUND : rc;
}

static void
take_title(struct query *q, char title[DELEGATE_TITLE_BYTES_MAX + 1])
{
	size_t len;
	const char *found = query_text(q, &len);

	if (len > DELEGATE_TITLE_BYTES_MAX)
		len = DELEGATE_TITLE_BYTES_MAX;
	if (len > 0)
		memcpy(title, found, len);
	title[len] = '\0';
}

int
paper_get_version(struct keeper *keeper, uint64_t n, uint64_t version,
    struct paper_version *found)
{
	struct query q = store_query(&keeper->store, STMT_PAPER_VERSION_GET);
	const void *sheet;
	int rc;

	memset(found, 0, sizeof(*found));
	query_bind_int(&q, (int64_t)n);
	query_bind_int(&q, version > INT64_MAX ? 0 : (int64_t)version);
	if (query_next(&q)) {
		found->who = (uint32_t)query_int(&q);
		take_title(&q, found->title);
		found->wall_ms = query_int(&q);
		sheet = query_blob(&q, &found->len);
		found->sheet = wipe_new(found->len + 1);
		memcpy(found->sheet, sheet, found->len);
	}
	if ((rc = query_end(&q)) == OK && found->sheet == NULL)
		rc = ERR_NOT_FOUND;
	if (rc != OK)
		paper_free_version(found);
	return rc;
}

void
paper_free_version(struct paper_version *version)
{
	if (version->sheet != NULL)
		wipe_free(version->sheet, version->len + 1);
	memset(version, 0, sizeof(*version));
}

static struct query
list_acts(struct keeper *keeper, uint64_t n, uint64_t after, int64_t limit)
{
	struct query q = store_query(&keeper->store, STMT_PAPER_ACT_LIST);

	query_bind_int(&q, (int64_t)n);
	query_bind_int(&q, (int64_t)after);
	query_bind_int(&q, limit);
	return q;
}

int
paper_get_releases(struct keeper *keeper, uint64_t n, uint64_t version,
    struct paper_releases *releases)
{
	/* However many comments stand before them. */
	struct query q = list_acts(keeper, n, 0, INT64_MAX);
	size_t *count = &releases->count;

	memset(releases, 0, sizeof(*releases));
	while (*count < DRAFT_RELEASES_MAX && query_next(&q)) {
		int act;

		query_int(&q); /* row */
		if ((uint64_t)query_int(&q) != version)
			continue;
		act = (int)query_int(&q);
		if (act != ACT_RELEASED && act != ACT_EMERGENCY)
			continue;
		releases->one[*count].who = (uint32_t)query_int(&q);
		take_title(&q, releases->one[*count].title);
		releases->one[*count].wall_ms = query_int(&q);
		(*count)++;
	}
	return query_end(&q);
}

int
paper_add_act(struct keeper *keeper, const struct paper *paper,
    enum draft_act act, struct text text)
{
	const char *title = keeper_who(keeper);
	struct query q = store_query(&keeper->store, STMT_PAPER_ACT_COUNT);
	int64_t count;
	int rc;

	query_bind_int(&q, (int64_t)paper->n);
	if ((rc = query_one(&q, &count)) != OK)
		return rc;
	/* What ends it always finds room. */
	if (count >= DRAFT_ACTS_MAX && act == ACT_COMMENTED)
		return ERR_LIMIT;
	q = store_query(&keeper->store, STMT_PAPER_ACT_ADD);
	query_bind_int(&q, (int64_t)paper->n);
	query_bind_int(&q, (int64_t)paper->version);
	query_bind_int(&q, act);
	query_bind_int(&q, keeper_who_id(keeper));
	query_bind_text(&q, title, strlen(title));
	query_bind_int(&q, keeper->now.wall_ms);
	query_bind_text(&q, text.data, text.len);
	return query_run(&q);
}

static int
list_files(struct keeper *keeper, uint64_t n, struct attachment_batch *gone)
{
	struct query q = store_query(&keeper->store, STMT_PAPER_FILE_KEPT);
	char name[ATTACHMENT_FILE_NAME_BYTES];
	const char *found;
	size_t len;

	query_bind_int(&q, (int64_t)n);
	while (query_next(&q)) {
		found = query_text(&q, &len);
		if (len != sizeof(name) - 1)
			continue;
		memcpy(name, found, len);
		name[len] = '\0';
		if (attachment_batch_add(gone, name) != OK)
			q.rc = ERR_LIMIT;
	}
	return query_end(&q);
}

int
paper_forget_files(struct keeper *keeper, uint64_t n,
    struct attachment_batch *gone)
{
	struct query q;
	int rc;

	if (gone != NULL && (rc = list_files(keeper, n, gone)) != OK)
		return rc;
	q = store_query(&keeper->store, STMT_PAPER_FILE_FORGET);
	query_bind_int(&q, (int64_t)n);
	return query_run(&q);
}

/* Points and what was said in public have numbers of their own. */
static int
name_point(struct keeper *keeper, int64_t row, enum record_kind kind,
    char ref[REQUEST_REF_BYTES])
{
	struct point point;
	int rc;

	if (kind == RECORD_POINT)
		rc = point_get(keeper, row, &point);
	else if (kind == RECORD_PUBLIC)
		rc = point_get_public(keeper, row, &point);
	else
		return OK;
	if (rc == OK)
		memcpy(ref, point.ref, REQUEST_REF_BYTES);
	return rc == ERR_NOT_FOUND ? OK : rc;
}

/* The reference of what came of it; "" where nothing has. */
static int
find_ref(struct keeper *keeper, const struct paper *paper,
    char ref[REQUEST_REF_BYTES])
{
	struct record record = { .kind = 0 };
	struct query q;
	const void *head;
	uint64_t serial;
	size_t len;
	int rc;

	memset(ref, 0, REQUEST_REF_BYTES);
	if (paper->record == 0)
		return OK;
	q = store_query(&keeper->store, STMT_RECORD_GET);
	query_bind_int(&q, paper->record);
	if (query_next(&q)) {
		query_int(&q); /* line */
		query_int(&q); /* side */
		query_int(&q); /* n */
		query_int(&q); /* class */
		query_int(&q); /* kind */
		serial = (uint64_t)query_int(&q);
		head = query_blob(&q, &len);
		if (record_decode_head(&record, head, len) == OK)
			ref_format(ref, SIDE_US, serial, record.id);
	}
	if ((rc = query_end(&q)) != OK)
		return rc;
	return name_point(keeper, paper->record, record.kind, ref);
}

/* -- views ---------------------------------------------------------------- */

/* Texts of a view that are not of the sheet. */
struct shown {
	struct paper_version version;
	struct paper_releases releases;
	struct rule rule;
	bool binds; /* it takes a head */
	char say[RULE_SAY_BYTES];
	char hash[ATTACHMENTS_MAX][2 * HASH_BYTES + 1];
};

/* How it begins: its first words, up to the end of a line. */
static struct text
begin(const struct paper_version *version)
{
	static const char *const names[] = { "subject", "title", "text",
		"question", "words", "shipped", ":name", ":ref" };
	struct text text = { NULL, 0 };
	size_t len = 0;

	for (size_t i = 0;
	     text.len == 0 && i < sizeof(names) / sizeof(names[0]); i++)
		text = sheet_find(version->sheet, version->len, names[i]);
	while (len < text.len && text.data[len] != '\n')
		len++;
	if (len > DRAFT_TITLE_BYTES_MAX) {
		len = DRAFT_TITLE_BYTES_MAX;
		/* Not within a character. */
		while (len > 0 && ((uint8_t)text.data[len] & 0xc0) == 0x80)
			len--;
	}
	return len > 0 ? (struct text){ text.data, len }
		       : (struct text){ NULL, 0 };
}

static void
show_releases(const struct paper_releases *releases, struct draft_view *view)
{
	for (size_t i = 0; i < releases->count; i++) {
		view->release[i].who = text_of(releases->one[i].title);
		view->release[i].when_ms = releases->one[i].wall_ms;
	}
	view->releases = releases->count;
}

/* "A and B" */
static void
list_titles(const struct paper_releases *releases, char say[RULE_SAY_BYTES])
{
	size_t len = 0;

	say[0] = '\0';
	for (size_t i = 0; i < releases->count && len < RULE_SAY_BYTES; i++)
		len += (size_t)snprintf(say + len, RULE_SAY_BYTES - len, "%s%s",
		    i == 0			   ? ""
			: i + 1 == releases->count ? " and "
						   : ", ",
		    releases->one[i].title);
}

static void
say_open(const struct paper *paper, const struct shown *shown,
    char say[RULE_SAY_BYTES])
{
	char needs[RULE_SAY_BYTES], who[RULE_SAY_BYTES];

	if (shown->rule.needs == 0) {
		snprintf(say, RULE_SAY_BYTES,
		    "It waits for %s: quietline draft release %" PRIu64 ".",
		    shown->binds ? "a head" : "one who may speak", paper->n);
		return;
	}
	rule_describe(&shown->rule, needs);
	list_titles(&shown->releases, who);
	snprintf(say, RULE_SAY_BYTES,
	    "It waits: the rule asks for %.120s beside its writer%s%s%.160s. "
	    "To release it: quietline draft release %" PRIu64 ".",
	    needs, shown->binds ? ", and a head must be among them" : "",
	    shown->releases.count > 0 ? "; released so far by " : "", who,
	    paper->n);
}

static void
say_all(const struct paper *paper, struct shown *shown, const char *ref)
{
	char who[RULE_SAY_BYTES];

	switch (paper->end) {
	case PAPER_OPEN:
		say_open(paper, shown, shown->say);
		return;
	case PAPER_RELEASED:
		list_titles(&shown->releases, who);
		snprintf(shown->say, sizeof(shown->say),
		    "It is released by %.200s, and said as %s.", who, ref);
		return;
	case PAPER_RECALLED:
		snprintf(shown->say, sizeof(shown->say),
		    "It was recalled, and is not said.");
		return;
	}
}

static int
show_files(struct keeper *keeper, const struct paper *paper,
    struct shown *shown, struct draft_view *view)
{
	struct query q = store_query(&keeper->store, STMT_PAPER_FILE_LIST);
	const struct paper_version *version = &shown->version;
	uint8_t hash[HASH_BYTES];
	size_t *i = &view->files, len;
	char name[48];

	query_bind_int(&q, (int64_t)paper->n);
	query_bind_int(&q, (int64_t)view->version);
	while (*i < ATTACHMENTS_MAX && query_next(&q)) {
		struct draft_file *file = &view->file[*i];

		query_int(&q); /* i */
		(void)query_text(&q, &len);
		(void)query_blob(&q, &len);
		file->bytes = (uint64_t)query_int(&q);
		query_bytes(&q, hash, sizeof(hash));
		hex_encode(shown->hash[*i], hash, sizeof(hash));
		file->hash = text_of(shown->hash[*i]);
		snprintf(name, sizeof(name), "attachments.%zu.name", *i);
		file->name = sheet_find(version->sheet, version->len, name);
		snprintf(name, sizeof(name), "attachments.%zu.type", *i);
		file->type = sheet_find(version->sheet, version->len, name);
		(*i)++;
	}
	return query_end(&q);
}

/* The rule that it is under now; none where nobody can tell any more. */
static int
find_rule(struct keeper *keeper, const struct paper *paper, struct shown *shown,
    struct draft_view *view)
{
	struct request request;

	view->what = RULE_OTHER;
	if (sheet_read(&request, shown->version.sheet, shown->version.len) ==
	    OK) {
		view->what = (uint8_t)rule_what(&request);
		shown->binds = rights_of(request.kind) == RIGHT_RULE;
	}
	return rule_find(keeper, paper->line, (enum rule_what)view->what,
	    &shown->rule);
}

static int
show(struct keeper *keeper, const struct paper *paper, struct draft_view *view,
    struct shown *shown, bool whole)
{
	const struct paper_version *version = &shown->version;
	int rc;

	if ((rc = paper_get_version(keeper, paper->n, view->version,
		 &shown->version)) != OK ||
	    (rc = paper_get_releases(keeper, paper->n, view->version,
		 &shown->releases)) != OK ||
	    (rc = find_rule(keeper, paper, shown, view)) != OK ||
	    (rc = find_ref(keeper, paper, view->ref)) != OK ||
	    (whole && (rc = show_files(keeper, paper, shown, view)) != OK))
		return rc;
	view->draft = paper->n;
	view->versions = paper->version;
	view->line = sheet_find(version->sheet, version->len, ":line");
	view->kind = sheet_find(version->sheet, version->len, ":kind");
	view->who = text_of(version->title);
	view->written_ms = version->wall_ms;
	view->title = begin(version);
	view->needs = shown->rule.needs;
	memcpy(view->need, shown->rule.need, sizeof(view->need));
	view->emergency = shown->rule.needs == 0 || shown->rule.emergency;
	show_releases(&shown->releases, view);
	view->state = paper->end == PAPER_RELEASED ? DRAFT_RELEASED
	    : paper->end == PAPER_RECALLED	   ? DRAFT_RECALLED
	    : view->releases > 0		   ? DRAFT_WAITING
						   : DRAFT_OPEN;
	say_all(paper, shown, view->ref);
	view->say = text_of(shown->say);
	if (whole) {
		view->text = sheet_text(version->sheet, version->len);
		view->lines = sheet_list(view->content, DRAFT_LINES_MAX,
		    version->sheet, version->len);
	}
	return OK;
}

static int
reply_view(struct keeper *keeper, const struct request *request,
    const struct paper *paper, uint64_t version, bool whole, bool more)
{
	struct reply reply = { .kind = REPLY_VIEW,
		.id = request->id,
		.more = more,
		.about = REQUEST_DRAFT_SHOW,
		.cursor = paper->n };
	struct shown *shown = wipe_new(sizeof(*shown));
	int rc;

	reply.view.draft.version = version == 0 ? paper->version : version;
	rc = show(keeper, paper, &reply.view.draft, shown, whole);
	if (rc == OK)
		post_reply(keeper, &reply);
	paper_free_version(&shown->version);
	wipe_free(shown, sizeof(*shown));
	return rc;
}

void
paper_reply(struct keeper *keeper, const struct request *request,
    const struct paper *paper, uint64_t version, bool whole)
{
	const int rc =
	    reply_view(keeper, request, paper, version, whole, false);

	if (rc == ERR_NOT_FOUND)
		post_reply_error(keeper, request->id, rc,
		    "Draft %" PRIu64 " has no such version; its last one is "
		    "%" PRIu64 ".",
		    paper->n, paper->version);
	else if (rc != OK)
		post_reply_store(keeper, request->id, rc);
}

/* The draft that a request names; false where there is none, and the request is
 * answered: so. */
static bool
ask(struct keeper *keeper, const struct request *request, struct paper *paper)
{
	const int rc = paper_get(keeper, request->n, paper);

	if (rc == ERR_NOT_FOUND)
		post_reply_error(keeper, request->id, rc,
		    "There is no draft of that number; `quietline draft list "
		    "--all` shows them.");
	else if (rc != OK)
		post_reply_store(keeper, request->id, rc);
	return rc == OK;
}

bool
paper_ask_open(struct keeper *keeper, const struct request *request,
    struct paper *paper)
{
	char ref[REQUEST_REF_BYTES];

	if (!ask(keeper, request, paper))
		return false;
	if (paper->end == PAPER_RELEASED && find_ref(keeper, paper, ref) == OK)
		post_reply_error(keeper, request->id, ERR_STATE,
		    "Draft %" PRIu64
		    " is released, and said as %s: it does not "
		    "change any more.",
		    paper->n, ref);
	else if (paper->end != PAPER_OPEN)
		post_reply_error(keeper, request->id, ERR_STATE,
		    "Draft %" PRIu64 " was recalled; write another one.",
		    paper->n);
	return paper->end == PAPER_OPEN;
}

/* Rows of one answer; the desk asks for those behind. */
static uint32_t
page_of(const struct request *request)
{
	return request->page.limit < DRAFT_PAGE_MAX ? request->page.limit
						    : DRAFT_PAGE_MAX;
}

/* -- requests ------------------------------------------------------------- */

/* The next draft after n that is asked for; 0: there is none. */
static int
next_paper(struct keeper *keeper, bool all, uint32_t line, uint64_t *n)
{
	struct query q = store_query(&keeper->store,
	    all ? STMT_PAPER_NEXT : STMT_PAPER_NEXT_OPEN);
	int64_t found;
	int rc;

	query_bind_int(&q, (int64_t)*n);
	query_bind_int(&q, line);
	rc = query_one(&q, &found);
	*n = (uint64_t)found;
	return rc == ERR_NOT_FOUND ? OK : rc;
}

/* The line that a list is of, 0: of all; false where there is none, and the
 * request is answered: so. */
static bool
take_line(struct keeper *keeper, const struct request *request, uint32_t *line)
{
	const struct text name = request->ask.draft.line;
	const struct post_line *found;

	*line = 0;
	if (name.len == 0)
		return true;
	if ((found = post_find_name(keeper, name)) == NULL) {
		post_reply_no_line(keeper, request->id);
		return false;
	}
	*line = found->id;
	return true;
}

void
paper_on_list(struct keeper *keeper, const struct request *request)
{
	uint64_t n = request->page.after;
	struct paper paper;
	uint32_t line;
	int rc;

	if (!take_line(keeper, request, &line))
		return;
	rc = next_paper(keeper, request->ask.draft.all, line, &n);
	for (uint32_t i = 0; rc == OK && n != 0 && i < page_of(request); i++) {
		if ((rc = paper_get(keeper, n, &paper)) == OK &&
		    (rc = reply_view(keeper, request, &paper, 0, false,
			 true)) == OK)
			rc = next_paper(keeper, request->ask.draft.all, line,
			    &n);
	}
	post_reply_list(keeper, request, rc, n != 0);
}

void
paper_on_show(struct keeper *keeper, const struct request *request)
{
	struct paper paper;

	if (ask(keeper, request, &paper))
		paper_reply(keeper, request, &paper, request->ask.draft.version,
		    true);
}

void
paper_on_history(struct keeper *keeper, const struct request *request)
{
	struct reply reply = { .kind = REPLY_VIEW,
		.id = request->id,
		.more = true,
		.about = request->kind };
	char title[DELEGATE_TITLE_BYTES_MAX + 1];
	struct act_view *view = &reply.view.act;
	struct paper paper;
	struct query q;
	uint32_t count = 0;
	bool cut = false;

	if (!ask(keeper, request, &paper))
		return;
	q = list_acts(keeper, paper.n, request->page.after,
	    (int64_t)page_of(request) + 1);
	while (query_next(&q)) {
		if ((cut = count++ == page_of(request)))
			break;
		reply.cursor = (uint64_t)query_int(&q);
		view->version = (uint64_t)query_int(&q);
		view->act = (uint8_t)query_int(&q);
		query_int(&q); /* who */
		take_title(&q, title);
		view->who = text_of(title);
		view->when_ms = query_int(&q);
		view->text.data = query_text(&q, &view->text.len);
		post_reply(keeper, &reply);
	}
	post_reply_list(keeper, request, query_end(&q), cut);
}

/* A comment, in a transaction of record.db. */
struct comment {
	struct keeper *keeper;
	const struct paper *paper;
	struct text text;
};

static int
do_comment(void *ctx)
{
	const struct comment *comment = ctx;
	struct keeper *keeper = comment->keeper;
	int rc;

	rc =
	    paper_add_act(keeper, comment->paper, ACT_COMMENTED, comment->text);
	if (rc != OK)
		return rc;
	return diary_add(keeper,
	    (struct diary_entry){
		.line = post_find_line(keeper, comment->paper->line),
		.kind = "draft",
		.what = "commented" },
	    "%s commented on draft %" PRIu64 ".", keeper_who(keeper),
	    comment->paper->n);
}

void
paper_on_comment(struct keeper *keeper, const struct request *request)
{
	struct paper paper;
	struct comment comment = { keeper, &paper, request->ask.draft.text };
	int rc;

	if (!paper_ask_open(keeper, request, &paper))
		return;
	if (comment.text.len == 0 ||
	    !record_is_text(comment.text.data, comment.text.len)) {
		post_reply_error(keeper, request->id, ERR_FORMAT,
		    "A comment must be some text, in valid UTF-8.");
		return;
	}
	rc = post_commit(keeper, post_find_line(keeper, paper.line), do_comment,
	    &comment);
	if (rc == ERR_LIMIT)
		post_reply_error(keeper, request->id, rc,
		    "Draft %" PRIu64 " has all the comments that fit; say the "
		    "rest elsewhere.",
		    paper.n);
	else if (rc != OK)
		post_reply_store(keeper, request->id, rc);
	else
		paper_reply(keeper, request, &paper, 0, true);
}
