#include "keeper/translation.h"

#include <string.h>

#include "keeper/diary.h"
#include "keeper/journal.h"
#include "keeper/outbox.h"
#include "keeper/phrase.h"
#include "keeper/ref.h"
#include "keeper/stored.h"

/* Texts of one page of a list, about. */
enum { PAGE_BYTES = 64 * 1024 };

/* What follows from a translation, of either side alike. */
static int
apply(struct keeper *keeper, const struct post_line *line, enum side side,
    const struct record *record, int64_t row)
{
	struct query q = store_query(&keeper->store, STMT_TRANSLATION_ADD);
	char ref[REQUEST_REF_BYTES];
	int rc;

	query_bind_int(&q, line->id);
	query_bind_blob(&q, record->re, RECORD_ID_BYTES);
	query_bind_int(&q, row);
	if ((rc = query_run(&q)) != OK ||
	    (rc = ref_of_id(keeper, line->id, record->re, ref)) != OK)
		return rc;
	return diary_add(keeper,
	    (struct diary_entry){ line, "message", ref, "translated" },
	    side == SIDE_US
		? "A translation of %s (%.*s) is accepted, and goes to %s; it "
		  "is unofficial."
		: "A translation of %s (%.*s) came from %s; it is unofficial.",
	    ref, (int)record->language.len, record->language.data, line->name);
}

int
translation_take(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival)
{
	return apply(keeper, line, SIDE_THEM, arrival->record, arrival->row);
}

int
translation_count(struct keeper *keeper, uint32_t line,
    const uint8_t id[RECORD_ID_BYTES], uint64_t *count)
{
	struct query q = store_query(&keeper->store, STMT_TRANSLATION_COUNT);
	int64_t value = 0;
	int rc;

	query_bind_int(&q, line);
	query_bind_blob(&q, id, RECORD_ID_BYTES);
	rc = query_one(&q, &value);
	*count = (uint64_t)value;
	return rc;
}

static int
show(struct keeper *keeper, const struct stored *stored,
    struct translation_view *view, char author[LABEL_BYTES_MAX + 1])
{
	const struct record *record = &stored->record;
	int rc;

	rc = ref_of_id(keeper, stored->line, record->re, view->ref);
	if (rc == OK)
		rc = stored_author(keeper, stored, author);
	view->from = stored->side == SIDE_US ? 0 : 1;
	memcpy(view->id, record->id, sizeof(view->id));
	view->sent_ms = record->time_ms;
	view->language =
	    (struct text){ record->language.data, record->language.len };
	view->text = (struct text){ stored->text.data, stored->text.len };
	view->author = text_of(author);
	return rc;
}

/* Replies with the translation of a row. */
static int
reply_row(struct keeper *keeper, const struct request *request, int64_t row,
    bool is_listed, size_t *bytes)
{
	struct reply reply = { .kind = REPLY_VIEW,
		.id = request->id,
		.about = request->kind,
		.more = is_listed,
		.cursor = is_listed ? (uint64_t)row : 0 };
	char author[LABEL_BYTES_MAX + 1];
	struct stored stored;
	int rc;

	if ((rc = stored_load(keeper, row, true, &stored)) == OK)
		rc = show(keeper, &stored, &reply.view.translation, author);
	if (rc == OK)
		post_reply(keeper, &reply);
	*bytes += stored.text.len;
	stored_wipe(&stored);
	return rc;
}

/* -- people ----------------------------------------------------------------- */

/* One that is handed in. */
struct giving {
	struct keeper *keeper;
	struct post_line *line;
	struct record record;
	struct phrase text;
	struct journal_place place;
};

/* The message that the request names: ERR_AGAIN where it is arriving still. */
static int
find_message(struct keeper *keeper, uint32_t line, struct text ref,
    uint8_t id[RECORD_ID_BYTES])
{
	struct stored stored;
	int64_t row;
	int rc;

	if (ref_find(keeper, line, ref, &row) != OK)
		return ERR_NOT_FOUND;
	if ((rc = stored_load(keeper, row, false, &stored)) == OK) {
		memcpy(id, stored.record.id, RECORD_ID_BYTES);
		if (stored.record.kind != RECORD_MESSAGE)
			rc = ERR_NOT_FOUND;
		else if (stored.seq == 0)
			rc = ERR_AGAIN;
	}
	stored_wipe(&stored);
	return rc;
}

static int
refuse(struct giving *giving, const struct request *request, int err,
    const char *say)
{
	post_reply_error(giving->keeper, request->id, err, "%s", say);
	return err;
}

static int
check(struct giving *giving, const struct request *request)
{
	const struct translation_ask *ask = &request->ask.translation;
	struct record *record = &giving->record;
	int rc;

	rc = find_message(giving->keeper, giving->line->id, request->ref,
	    record->re);
	if (rc == ERR_AGAIN)
		return refuse(giving, request, rc,
		    "The message is still arriving; translate it when it is "
		    "here.");
	if (rc != OK)
		return refuse(giving, request, ERR_NOT_FOUND,
		    "There is no message of that reference on this line; it "
		    "reads like us/12 or them/7.");
	record->has_re = true;
	if (ask->language.len == 0 || ask->language.len > LANGUAGE_BYTES_MAX ||
	    !record_is_token(ask->language.data, ask->language.len))
		return refuse(giving, request, ERR_FORMAT,
		    "Name the language that it is translated into, with a tag "
		    "such as ko or ar.");
	record->language =
	    (struct record_text){ ask->language.data, ask->language.len };
	rc = phrase_text(&giving->text, ask->text, TEXT_BYTES_MAX);
	if (rc == ERR_LIMIT)
		return refuse(giving, request, rc,
		    "The translation is over 1 MiB.");
	if (rc != OK || giving->text.len == 0)
		return refuse(giving, request, ERR_FORMAT,
		    "A translation is a text in valid UTF-8; this is none.");
	disk_look(&giving->keeper->disk, giving->keeper->now.now_ns);
	if (!disk_has_room(&giving->keeper->disk, giving->text.len))
		return refuse(giving, request, ERR_FULL,
		    "The disk of this post is full; nothing was sent. Make "
		    "room and send again.");
	return OK;
}

static int
append(void *ctx)
{
	struct giving *giving = ctx;
	int rc;

	rc = journal_append_said(giving->keeper, giving->line, &giving->record,
	    phrase_said(&giving->text), &giving->place);
	if (rc != OK)
		return rc;
	return apply(giving->keeper, giving->line, SIDE_US, &giving->record,
	    giving->place.row);
}

void
translation_on_request(struct keeper *keeper, const struct request *request)
{
	struct giving giving = { .keeper = keeper,
		.line = post_ask_active(keeper, request),
		.record = { .kind = RECORD_TRANSLATION } };
	size_t bytes = 0;
	int rc;

	if (giving.line == NULL)
		return;
	if (check(&giving, request) != OK)
		goto out;
	rc = post_commit(keeper, giving.line, append, &giving);
	if (rc == OK)
		rc =
		    reply_row(keeper, request, giving.place.row, false, &bytes);
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		goto out;
	}
	post_tell_status(keeper, giving.line);
	outbox_push(keeper, giving.line);
out:
	phrase_wipe(&giving.text);
}

/* The next translation after a row: ERR_NOT_FOUND: none. */
static int
next_row(struct keeper *keeper, uint32_t line,
    const uint8_t id[RECORD_ID_BYTES], int64_t *row)
{
	struct query q = store_query(&keeper->store, STMT_TRANSLATION_NEXT);

	query_bind_int(&q, line);
	query_bind_blob(&q, id, RECORD_ID_BYTES);
	query_bind_int(&q, *row);
	return query_one(&q, row);
}

static int
reply_all(struct keeper *keeper, const struct request *request, uint32_t line,
    const uint8_t id[RECORD_ID_BYTES], bool *is_cut)
{
	int64_t row = post_list_after(request);
	uint32_t left = request->page.limit;
	size_t bytes = 0;
	int rc = OK;

	while (rc == OK && left > 0 && bytes < PAGE_BYTES) {
		rc = next_row(keeper, line, id, &row);
		if (rc == OK)
			rc = reply_row(keeper, request, row, true, &bytes);
		left--;
	}
	*is_cut = rc == OK;
	return rc;
}

void
translation_list(struct keeper *keeper, const struct request *request)
{
	uint8_t id[RECORD_ID_BYTES];
	uint32_t line;
	bool is_cut = false;
	int rc;

	if (ref_find_line(keeper, request->line, &line) != OK) {
		post_reply_no_line(keeper, request->id);
		return;
	}
	rc = find_message(keeper, line, request->ref, id);
	if (rc == ERR_NOT_FOUND) {
		post_reply_error(keeper, request->id, rc,
		    "There is no message of that reference on this line; it "
		    "reads like us/12 or them/7.");
		return;
	}
	if (rc == OK || rc == ERR_AGAIN)
		rc = reply_all(keeper, request, line, id, &is_cut);
	post_reply_list(keeper, request, rc, is_cut);
}
