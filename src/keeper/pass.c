#include "keeper/pass.h"

#include <string.h>

#include "keeper/delegate.h"
#include "keeper/diary.h"
#include "keeper/journal.h"
#include "keeper/outbox.h"
#include "keeper/phrase.h"
#include "keeper/ref.h"
#include "keeper/send.h"
#include "keeper/stored.h"
#include "keeper/withdrawal.h"

/* One message on its way from one line to another. */
struct passing {
	struct keeper *keeper;
	const struct request *request;
	struct post_line *to;
	uint32_t from; /* the line that it is on */
	char ref[REQUEST_REF_BYTES];
	struct stored stored; /* the message there */
	struct phrase subject;
	struct phrase text; /* own words; none: as it stands */
	struct journal_entry entry;
	struct journal_place place;
};

static int
refuse(const struct passing *passing, int err, const char *say)
{
	post_reply_error(passing->keeper, passing->request->id, err, "%s", say);
	return err;
}

static int
find_message(struct passing *passing)
{
	const struct pass_ask *ask = &passing->request->ask.pass;
	struct stored *stored = &passing->stored;
	int64_t row;
	int rc;

	if (ref_find_line(passing->keeper, ask->from, &passing->from) != OK)
		return refuse(passing, ERR_NOT_FOUND,
		    "There is no line of the name that the message is to be "
		    "passed on from; `quietline line list` shows them.");
	if (passing->from == passing->to->id)
		return refuse(passing, ERR_FORMAT,
		    "The message is on that line already.");
	rc = ref_find(passing->keeper, passing->from, text_of(ask->ref), &row);
	if (rc == OK)
		rc = stored_load(passing->keeper, row, true, stored);
	if (rc != OK || stored->record.kind != RECORD_MESSAGE)
		return refuse(passing, ERR_NOT_FOUND,
		    "There is no message of that reference to pass on; it "
		    "reads like them/7.");
	ref_format(passing->ref, stored->side,
	    stored->n > 0 ? stored->record.serial : 0, stored->record.id);
	if (stored->seq == 0)
		return refuse(passing, ERR_AGAIN,
		    "The message is still arriving; pass it on when it is "
		    "here.");
	return OK;
}

/* It stands, and may be passed on by who has looked at how. */
static int
check_mark(const struct passing *passing)
{
	const struct record *record = &passing->stored.record;
	const bool in_own_words = passing->request->ask.pass.text.len > 0;
	struct withdrawal withdrawal;

	if (withdrawal_find(passing->keeper, passing->from,
		passing->stored.side, record->id, &withdrawal) != OK)
		return refuse(passing, ERR_IO, "The store cannot be read.");
	if (withdrawal.by[0] != '\0')
		return refuse(passing, ERR_STATE,
		    "The message was withdrawn; it is not passed on.");
	if (record->mark == MARK_YOU_ONLY)
		return refuse(passing, ERR_DENIED,
		    "The message is marked \"you only\": it is not passed on.");
	if (passing->request->ask.pass.mark != record->mark)
		return refuse(passing, ERR_DENIED,
		    "Name the mark that the message has, as `quietline read` "
		    "shows it; where it has none, name none.");
	if (record->mark == MARK_IN_SUBSTANCE && !in_own_words)
		return refuse(passing, ERR_DENIED,
		    "The message may be passed on in substance only: say it "
		    "in your own words, with --text.");
	return OK;
}

static bool
is_same(struct record_text a, struct record_text b)
{
	return a.len == b.len &&
	    (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static int
take_own_words(struct passing *passing)
{
	const struct pass_ask *ask = &passing->request->ask.pass;
	struct record *record = &passing->entry.record;

	if (phrase_text(&passing->text, ask->text, TEXT_BYTES_MAX) != OK ||
	    phrase_label(&passing->subject, ask->subject, SUBJECT_BYTES_MAX) !=
		OK)
		return refuse(passing, ERR_FORMAT,
		    "Own words are valid UTF-8 of at most 1 MiB, their subject "
		    "one line of at most 1 KiB.");
	if (ask->language.len > LANGUAGE_BYTES_MAX ||
	    !record_is_token(ask->language.data, ask->language.len))
		return refuse(passing, ERR_FORMAT,
		    "The language must be a tag such as ko or ar.");
	if (is_same(phrase_said(&passing->text), passing->stored.text))
		return refuse(passing, ERR_DENIED,
		    "Those are the message's own words, not yours.");
	record->subject = phrase_said(&passing->subject);
	record->language =
	    (struct record_text){ ask->language.data, ask->language.len };
	record->text_bytes = (uint32_t)passing->text.len;
	passing->entry.text = passing->text.data;
	return OK;
}

static int
take_its_words(struct passing *passing)
{
	const struct pass_ask *ask = &passing->request->ask.pass;
	const struct stored *stored = &passing->stored;
	struct record *record = &passing->entry.record;

	if (ask->subject.len > 0 || ask->language.len > 0)
		return refuse(passing, ERR_FORMAT,
		    "A subject and a language go with your own words only; "
		    "without them the message has its own.");
	/* What fills in a form says nothing where that form is not. */
	if (stored->record.form != 0)
		return refuse(passing, ERR_STATE,
		    "The message fills in a form of its line; pass it on in "
		    "your own words, with --text.");
	record->subject = stored->record.subject;
	record->language = stored->record.language;
	record->text_bytes = (uint32_t)stored->text.len;
	passing->entry.text = stored->text.data;
	if (record->text_bytes == 0 && record->subject.len == 0)
		return refuse(passing, ERR_FORMAT,
		    "The message has nothing but files, and those are not "
		    "passed on.");
	return OK;
}

static int
compose(struct passing *passing)
{
	struct keeper *keeper = passing->keeper;
	struct record *record = &passing->entry.record;
	int rc;

	record->kind = RECORD_MESSAGE;
	record->time_ms = keeper->now.wall_ms > 0 ? keeper->now.wall_ms : 0;
	record->precedence =
	    (enum precedence)passing->request->ask.pass.precedence;
	/* Whoever reads it there is told the same. */
	record->mark = passing->stored.record.mark;
	rng_fill(keeper->rng, record->id, RECORD_ID_BYTES);
	rc = passing->request->ask.pass.text.len > 0 ? take_own_words(passing)
						     : take_its_words(passing);
	if (rc != OK)
		return rc;
	disk_look(&keeper->disk, keeper->now.now_ns);
	if (!disk_has_room(&keeper->disk, record->text_bytes))
		return refuse(passing, ERR_FULL,
		    "The disk of this post is full; nothing was sent. Make "
		    "room and send again.");
	return OK;
}

static int
remember(const struct passing *passing)
{
	struct keeper *keeper = passing->keeper;
	struct query q = store_query(&keeper->store, STMT_PASSED_ADD);
	const char *name = passing->to->name;
	const char *who = keeper_who(keeper);

	query_bind_int(&q, passing->from);
	query_bind_int(&q, passing->stored.row);
	query_bind_text(&q, name, strlen(name));
	query_bind_int(&q, passing->place.row);
	query_bind_int(&q, passing->entry.record.mark);
	query_bind_int(&q, passing->text.len > 0);
	query_bind_int(&q, keeper->now.wall_ms);
	query_bind_text(&q, who, strlen(who));
	return query_run(&q);
}

static int
append(void *ctx)
{
	struct passing *passing = ctx;
	struct keeper *keeper = passing->keeper;
	const struct record *record = &passing->entry.record;
	char ref[REQUEST_REF_BYTES] = "";
	int rc;

	rc = journal_append(keeper, passing->to, &passing->entry,
	    &passing->place);
	if (rc != OK || (rc = remember(passing)) != OK)
		return rc;
	ref_format(ref, SIDE_US, passing->place.serial, record->id);
	/* An event of the line that it goes to: where it came from stands in the
	 * list of what was passed on. */
	return diary_add(keeper,
	    (struct diary_entry){ passing->to, "message", ref, "passed" },
	    "Message %s to %s is accepted: it passes another on, %s (%s).", ref,
	    passing->to->name,
	    passing->text.len > 0 ? "in own words" : "as it stands",
	    word_name(&record_marks, record->mark));
}

void
pass_on_request(struct keeper *keeper, const struct request *request)
{
	struct passing passing = { .keeper = keeper,
		.request = request,
		.to = post_ask_active(keeper, request) };
	int rc;

	if (passing.to == NULL)
		return;
	if (find_message(&passing) != OK || check_mark(&passing) != OK ||
	    compose(&passing) != OK)
		goto out;
	rc = post_commit(keeper, passing.to, append, &passing);
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		goto out;
	}
	send_answer(keeper, request->id, passing.to, passing.place.row);
	post_tell_status(keeper, passing.to);
	outbox_push(keeper, passing.to);
out:
	phrase_wipe(&passing.subject);
	phrase_wipe(&passing.text);
	stored_wipe(&passing.stored);
}

int
pass_count(struct keeper *keeper, int64_t row, uint64_t *count)
{
	struct query q = store_query(&keeper->store, STMT_PASSED_COUNT);
	int64_t value = 0;
	int rc;

	query_bind_int(&q, row);
	rc = query_one(&q, &value);
	*count = (uint64_t)value;
	return rc;
}

/* -- what was passed on ------------------------------------------------------ */

static void
take_ref(struct query *q, char ref[REQUEST_REF_BYTES])
{
	uint8_t id[RECORD_ID_BYTES] = { 0 };
	const enum side side = query_int(q) == SIDE_US ? SIDE_US : SIDE_THEM;
	const uint64_t serial = (uint64_t)query_int(q);

	query_bytes(q, id, sizeof(id));
	ref_format(ref, side, serial, id);
}

/* Replies with the next after the cursor: ERR_NOT_FOUND: there is none. */
static int
reply_next(struct keeper *keeper, uint32_t line, struct reply *reply)
{
	struct passed_view *view = &reply->view.passed;
	struct query q = store_query(&keeper->store, STMT_PASSED_NEXT);
	bool found;
	size_t len;
	int rc;

	query_bind_int(&q, line);
	query_bind_int(&q, (int64_t)reply->cursor);
	if ((found = query_next(&q))) {
		reply->cursor = (uint64_t)query_int(&q);
		take_ref(&q, view->ref);
		take_ref(&q, view->as);
		view->to.data = query_text(&q, &len);
		view->to.len = len;
		view->mark = (uint8_t)query_int(&q);
		view->in_own_words = query_int(&q) != 0;
		view->wall_ms = query_int(&q);
		view->who.data = query_text(&q, &len);
		view->who.len = len;
		if (q.rc == OK)
			post_reply(keeper, reply);
	}
	rc = query_end(&q);
	return rc != OK || found ? rc : ERR_NOT_FOUND;
}

void
pass_list(struct keeper *keeper, const struct request *request)
{
	struct reply reply = { .kind = REPLY_VIEW,
		.id = request->id,
		.about = request->kind,
		.more = true,
		.cursor = (uint64_t)post_list_after(request) };
	uint32_t line;
	int rc = OK;

	if (ref_find_line(keeper, request->line, &line) != OK) {
		post_reply_no_line(keeper, request->id);
		return;
	}
	for (uint32_t i = 0; rc == OK && i < request->page.limit; i++)
		rc = reply_next(keeper, line, &reply);
	post_reply_list(keeper, request, rc, rc == OK);
}
