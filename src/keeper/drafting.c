#include "keeper/drafting.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/wipe.h"
#include "keeper/delegate.h"
#include "keeper/diary.h"
#include "keeper/errand.h"
#include "keeper/paper.h"
#include "keeper/rights.h"
#include "keeper/sheet.h"
#include "keeper/waiting.h"
#include "proc/field.h"

/* One version that is being kept, in a transaction of record.db. */
struct keeping {
	struct keeper *keeper;
	struct post_line *line;
	const struct request *request;
	struct paper before; /* n 0: it is a new one */
	struct paper paper;  /* with this version */
	uint8_t *sheet;
	size_t len;
	/* Of the versions before: removed once it is kept. */
	struct attachment_batch gone;
};

/* Where a request has the id that whoever asked drew for it; SIZE_MAX: none. */
static size_t
id_at(enum request_kind kind)
{
	const struct layout *layout = request_ask_layout(kind);

	if (kind == REQUEST_SEND)
		return offsetof(struct request, send.id);
	for (size_t i = 0; layout != NULL && i < layout->fields; i++) {
		if (layout->field[i].kind == FIELD_ID)
			return offsetof(struct request, ask) +
			    layout->field[i].offset;
	}
	return SIZE_MAX;
}

/* That id; NULL: there is none. */
static const uint8_t *
find_id(const struct request *request)
{
	static const uint8_t zeros[RECORD_ID_BYTES];
	const size_t at = id_at(request->kind);
	const uint8_t *id;

	if (at == SIZE_MAX)
		return NULL;
	id = (const uint8_t *)request + at;
	return memcmp(id, zeros, sizeof(zeros)) != 0 ? id : NULL;
}

/* The draft that this very request was kept as. */
static bool
was_kept(struct keeper *keeper, const struct request *request,
    struct paper *paper)
{
	const uint8_t *id = find_id(request);
	struct query q;
	int64_t n;

	if (id == NULL)
		return false;
	q = store_query(&keeper->store, STMT_PAPER_VERSION_FIND);
	query_bind_blob(&q, id, RECORD_ID_BYTES);
	return query_one(&q, &n) == OK &&
	    paper_get(keeper, (uint64_t)n, paper) == OK;
}

static size_t
count_files(const struct request *request)
{
	return request->kind == REQUEST_SEND ? request->send.attachments : 0;
}

/* -- the transaction ------------------------------------------------------ */

static int
add_paper(struct keeping *keeping)
{
	struct store *store = &keeping->keeper->store;
	struct query q = store_query(store, STMT_PAPER_ADD);
	int rc;

	query_bind_int(&q, keeping->line->id);
	if ((rc = query_run(&q)) != OK)
		return rc;
	keeping->paper = (struct paper){
		.n = (uint64_t)store_last_row(store, STORE_RECORD),
		.line = keeping->line->id,
		.version = 1,
	};
	return OK;
}

static int
next_version(struct keeping *keeping)
{
	struct query q =
	    store_query(&keeping->keeper->store, STMT_PAPER_SET_VERSION);
	int rc;

	query_bind_int(&q, (int64_t)++keeping->paper.version);
	query_bind_int(&q, (int64_t)keeping->paper.n);
	if ((rc = query_run(&q)) != OK)
		return rc;
	return paper_forget_files(keeping->keeper, keeping->paper.n,
	    &keeping->gone);
}

static int
add_version(const struct keeping *keeping)
{
	struct keeper *keeper = keeping->keeper;
	const struct request *request = keeping->request;
	struct query q = store_query(&keeper->store, STMT_PAPER_VERSION_ADD);
	const char *title = keeper_who(keeper);
	const uint8_t *id = find_id(request);

	query_bind_int(&q, (int64_t)keeping->paper.n);
	query_bind_int(&q, (int64_t)keeping->paper.version);
	query_bind_blob(&q, id, id != NULL ? RECORD_ID_BYTES : 0);
	query_bind_int(&q, keeper_who_id(keeper));
	query_bind_text(&q, title, strlen(title));
	query_bind_int(&q, keeper->now.wall_ms);
	query_bind_blob(&q, keeping->sheet, keeping->len);
	return query_run(&q);
}

static int
add_file(const struct keeping *keeping, size_t i)
{
	struct keeper *keeper = keeping->keeper;
	const struct upload_use *use = &keeping->request->send.attachment[i];
	const struct upload *upload =
	    upload_find(&keeper->uploads, use->upload);
	struct query q = store_query(&keeper->store, STMT_PAPER_FILE_ADD);

	assert(upload != NULL && upload->done);
	query_bind_int(&q, (int64_t)keeping->paper.n);
	query_bind_int(&q, (int64_t)keeping->paper.version);
	query_bind_int(&q, (int64_t)i + 1);
	query_bind_text(&q, upload->file.name, strlen(upload->file.name));
	query_bind_blob(&q, upload->file.key, AEAD_KEY_BYTES);
	query_bind_int(&q, (int64_t)upload->bytes);
	query_bind_blob(&q, upload->hash, HASH_BYTES);
	return query_run(&q);
}

static int
note_version(const struct keeping *keeping)
{
	const struct paper *paper = &keeping->paper;
	const struct diary_entry entry = { keeping->line, "draft", NULL,
		paper->version == 1 ? "written" : "rewritten" };
	const char *who = keeper_who(keeping->keeper);

	return paper->version == 1
	    ? diary_add(keeping->keeper, entry,
		  "%s wrote draft %" PRIu64 " to %s.", who, paper->n,
		  keeping->line->name)
	    : diary_add(keeping->keeper, entry,
		  "%s wrote version %" PRIu64 " of draft %" PRIu64 " to %s: "
		  "what was released of the one before counts no more.",
		  who, paper->version, paper->n, keeping->line->name);
}

static int
do_keep(void *ctx)
{
	struct keeping *keeping = ctx;
	int rc;

	/* It may be the second try, on a full disk. */
	attachment_batch_forget(&keeping->gone);
	keeping->paper = keeping->before;
	rc = keeping->paper.n == 0 ? add_paper(keeping) : next_version(keeping);
	if (rc == OK)
		rc = add_version(keeping);
	for (size_t i = 0; rc == OK && i < count_files(keeping->request); i++)
		rc = add_file(keeping, i);
	if (rc == OK)
		rc = paper_add_act(keeping->keeper, &keeping->paper,
		    ACT_WRITTEN, (struct text){ NULL, 0 });
	return rc == OK ? note_version(keeping) : rc;
}

/* -- what is refused ------------------------------------------------------ */

/* Only what is said can wait to be said. */
static bool
judge_kind(struct keeper *keeper, const struct request *request)
{
	if (sheet_word(request->kind) == NULL) {
		post_reply_error(keeper, request->id, ERR_FORMAT,
		    "Only what is said to the other side can be kept as a "
		    "draft.");
		return false;
	}
	if (request->emergency)
		post_reply_error(keeper, request->id, ERR_FORMAT,
		    "A draft is no emergency yet: say so when you release it.");
	return !request->emergency;
}

static bool
judge_new(struct keeper *keeper, const struct request *request)
{
	struct query q = store_query(&keeper->store, STMT_PAPER_COUNT);
	int64_t count;
	const int rc = query_one(&q, &count);

	if (rc != OK)
		post_reply_store(keeper, request->id, rc);
	else if (count >= DRAFTS_OPEN_MAX)
		post_reply_error(keeper, request->id, ERR_LIMIT,
		    "%d drafts wait already, which is all that this post keeps; "
		    "release or recall some.",
		    DRAFTS_OPEN_MAX);
	return rc == OK && count < DRAFTS_OPEN_MAX;
}

static bool
judge_next(struct keeper *keeper, const struct request *request,
    const struct post_line *line, struct paper *paper)
{
	struct request asked = *request;

	asked.n = request->draft;
	if (!paper_ask_open(keeper, &asked, paper))
		return false;
	if (paper->line != line->id)
		post_reply_error(keeper, request->id, ERR_STATE,
		    "Draft %" PRIu64 " is for another line; write a new one.",
		    paper->n);
	else if (paper->version >= DRAFT_VERSIONS_MAX)
		post_reply_error(keeper, request->id, ERR_LIMIT,
		    "Draft %" PRIu64 " has %d versions, which is all that fit; "
		    "recall it, and write a new one.",
		    paper->n, DRAFT_VERSIONS_MAX);
	return paper->line == line->id && paper->version < DRAFT_VERSIONS_MAX;
}

/* -- keeping -------------------------------------------------------------- */

/* As it is to be said: under an id of its own, with files of the draft. */
static struct request
as_said(const struct request *request)
{
	struct request said = *request;
	const size_t at = id_at(request->kind);

	said.draft = 0;
	if (at != SIZE_MAX)
		memset((uint8_t *)&said + at, 0, RECORD_ID_BYTES);
	return said;
}

/* Writes the sheet; its files are counted from 1. */
static int
write_sheet(struct keeping *keeping)
{
	struct request said = as_said(keeping->request);
	struct writer w;

	for (size_t i = 0; i < count_files(&said); i++)
		said.send.attachment[i].upload = i + 1;
	keeping->sheet = wipe_new(REQUEST_BYTES_MAX);
	buf_write(&w, keeping->sheet, REQUEST_BYTES_MAX);
	sheet_write(&w, &said);
	keeping->len = w.len;
	return buf_is_sound(&w) ? OK : ERR_LIMIT;
}

static int
keep(struct keeping *keeping)
{
	struct keeper *keeper = keeping->keeper;
	int rc;

	if ((rc = write_sheet(keeping)) != OK)
		return rc;
	disk_look(&keeper->disk, keeper->now.now_ns);
	if (!disk_has_room(&keeper->disk, keeping->len))
		return ERR_FULL;
	rc = post_commit(keeper, keeping->line, do_keep, keeping);
	if (rc != OK) {
		attachment_batch_forget(&keeping->gone);
		return rc;
	}
	for (size_t i = 0; i < count_files(keeping->request); i++)
		upload_release(upload_find(&keeper->uploads,
		    keeping->request->send.attachment[i].upload));
	attachment_batch_remove(&keeping->gone, keeper->attachments_fd);
	return OK;
}

void
drafting_on_request(struct keeper *keeper, const struct request *request)
{
	struct keeping keeping = { .keeper = keeper, .request = request };
	struct request said = as_said(request), named = *request;
	int rc;

	if (!judge_kind(keeper, request))
		return;
	if (was_kept(keeper, request, &keeping.paper)) {
		paper_reply(keeper, request, &keeping.paper, 0, true);
		return;
	}
	named.line = rule_line(request);
	if ((keeping.line = post_ask_active(keeper, &named)) == NULL)
		return;
	if (request->draft == DRAFT_NEW
		? !judge_new(keeper, request)
		: !judge_next(keeper, request, keeping.line, &keeping.before))
		return;
	if (errand_try(keeper, &said, request->id) != OK)
		return;
	rc = keep(&keeping);
	if (rc != OK)
		post_reply_store(keeper, request->id, rc);
	else
		paper_reply(keeper, request, &keeping.paper, 0, true);
	if (keeping.sheet != NULL)
		wipe_free(keeping.sheet, REQUEST_BYTES_MAX);
}

/* For one who has done their part already. */
static const char *
whose_turn(const struct keeper *keeper, const struct paper_version *version,
    const struct paper_releases *releases)
{
	const uint32_t who = keeper_who_id(keeper);

	for (size_t i = 0; i < releases->count; i++) {
		if (releases->one[i].who == who)
			return " You have: it is another's turn.";
	}
	return version->who == who
	    ? " You wrote it: by a rule of the line it is "
	      "another's turn."
	    : "";
}

static int
add_waiting(struct keeper *keeper, struct waiting_list *list, uint64_t n,
    bool *more)
{
	struct paper_releases releases;
	struct paper_version version;
	struct paper paper;
	struct text precedence;
	char ref[24];
	struct waiting_about about = { .kind = WAITING_DRAFT,
		.ref = ref,
		.who = "a releaser" };
	int rc;

	if ((rc = paper_get(keeper, n, &paper)) != OK ||
	    (rc = paper_get_version(keeper, n, paper.version, &version)) != OK)
		return rc;
	snprintf(ref, sizeof(ref), "%" PRIu64, n);
	rc = paper_get_releases(keeper, n, paper.version, &releases);
	if (rc == OK) {
		about.line = post_find_line(keeper, paper.line);
		about.since_ms = version.wall_ms;
		precedence =
		    sheet_find(version.sheet, version.len, "precedence");
		*more = waiting_add(list, &about,
		    "Draft %" PRIu64 " by %s to %s%s%.*s waits to be released; "
		    "%zu %s so far.%s",
		    n, version.title,
		    about.line != NULL ? about.line->name : "a closed line",
		    precedence.len > 0 ? ", " : "", (int)precedence.len,
		    precedence.len > 0 ? precedence.data : "", releases.count,
		    releases.count == 1 ? "has released it"
					: "have released it",
		    whose_turn(keeper, &version, &releases));
	}
	paper_free_version(&version);
	return rc;
}

int
drafting_waiting(struct keeper *keeper, struct waiting_list *list)
{
	bool more = true;
	int64_t n = 0;
	int rc = OK;

	while (rc == OK && more) {
		struct query q =
		    store_query(&keeper->store, STMT_PAPER_NEXT_OPEN);

		query_bind_int(&q, n);
		query_bind_int(&q, 0);
		rc = query_one(&q, &n);
		if (rc == OK)
			rc = add_waiting(keeper, list, (uint64_t)n, &more);
	}
	return rc == ERR_NOT_FOUND ? OK : rc;
}

/* -- taking back ---------------------------------------------------------- */

static int
do_recall(void *ctx)
{
	struct keeping *keeping = ctx;
	struct keeper *keeper = keeping->keeper;
	struct query q = store_query(&keeper->store, STMT_PAPER_END);
	int rc;

	attachment_batch_forget(&keeping->gone);
	query_bind_int(&q, PAPER_RECALLED);
	query_bind_null(&q);
	query_bind_int(&q, (int64_t)keeping->paper.n);
	rc = query_run(&q);
	if (rc == OK)
		rc = paper_add_act(keeper, &keeping->paper, ACT_RECALLED,
		    (struct text){ NULL, 0 });
	if (rc == OK)
		rc = paper_forget_files(keeper, keeping->paper.n,
		    &keeping->gone);
	if (rc == OK)
		rc = diary_add(keeper,
		    (struct diary_entry){ keeping->line, "draft", NULL,
			"recalled" },
		    "%s recalled draft %" PRIu64 ".", keeper_who(keeper),
		    keeping->paper.n);
	return rc;
}

static bool
may_recall(struct keeper *keeper, const struct request *request,
    const struct paper *paper)
{
	const uint32_t who = keeper_who_id(keeper);
	struct paper_version version;
	bool may;
	int rc;

	rc = paper_get_version(keeper, paper->n, paper->version, &version);
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		return false;
	}
	may = version.who == who || rights_may_speak(keeper, who);
	if (!may)
		post_reply_error(keeper, request->id, ERR_DENIED,
		    "Draft %" PRIu64 " is recalled by %s, who wrote it, or by "
		    "a releaser or a head.",
		    paper->n, version.title);
	paper_free_version(&version);
	return may;
}

void
drafting_on_recall(struct keeper *keeper, const struct request *request)
{
	struct keeping keeping = { .keeper = keeper, .request = request };
	int rc;

	if (!paper_ask_open(keeper, request, &keeping.paper) ||
	    !may_recall(keeper, request, &keeping.paper))
		return;
	keeping.line = post_find_line(keeper, keeping.paper.line);
	rc = post_commit(keeper, keeping.line, do_recall, &keeping);
	if (rc != OK) {
		attachment_batch_forget(&keeping.gone);
		post_reply_store(keeper, request->id, rc);
		return;
	}
	attachment_batch_remove(&keeping.gone, keeper->attachments_fd);
	keeping.paper.end = PAPER_RECALLED;
	paper_reply(keeper, request, &keeping.paper, 0, true);
}
