#include "keeper/public.h"

#include <string.h>

#include "keeper/act.h"
#include "keeper/point.h"
#include "keeper/stored.h"

/* All that a view of an entry is views of. */
struct sheet {
	struct stored entry;
	struct stored reading[2]; /* by side */
	char author[LABEL_BYTES_MAX + 1];
};

static void
sheet_wipe(struct sheet *sheet)
{
	stored_wipe(&sheet->entry);
	stored_wipe(&sheet->reading[SIDE_US]);
	stored_wipe(&sheet->reading[SIDE_THEM]);
}

static int
load_reading(struct keeper *keeper, int64_t entry, enum side side,
    struct stored *reading, struct text *text, int64_t *time_ms)
{
	int64_t row;
	int rc = point_get_reading(keeper, entry, side, &row);

	if (rc != OK || row == 0)
		return rc;
	if ((rc = stored_load(keeper, row, true, reading)) != OK)
		return rc;
	*text = stored_view(reading->text);
	/* One that was taken back is none. */
	*time_ms = text->len > 0 ? reading->record.time_ms : 0;
	return OK;
}

static int
show_readings(struct keeper *keeper, int64_t row, struct sheet *sheet,
    struct public_view *view)
{
	int rc;

	rc = load_reading(keeper, row, SIDE_US, &sheet->reading[SIDE_US],
	    &view->our_reading, &view->our_reading_ms);
	if (rc != OK)
		return rc;
	return load_reading(keeper, row, SIDE_THEM, &sheet->reading[SIDE_THEM],
	    &view->their_reading, &view->their_reading_ms);
}

static int
show(struct keeper *keeper, const struct post_line *line, int64_t row,
    struct sheet *sheet, struct public_view *view)
{
	const struct record *record = &sheet->entry.record;
	struct point entry, point = { .row = 0 };
	int rc;

	memset(view, 0, sizeof(*view));
	if ((rc = point_get_public(keeper, row, &entry)) != OK ||
	    (entry.about != 0 &&
		(rc = point_get(keeper, entry.about, &point)) != OK) ||
	    (rc = stored_load(keeper, row, true, &sheet->entry)) != OK ||
	    (rc = stored_author(keeper, &sheet->entry, sheet->author)) != OK ||
	    (rc = show_readings(keeper, row, sheet, view)) != OK)
		return rc;
	memcpy(view->ref, entry.ref, sizeof(view->ref));
	memcpy(view->id, entry.id, sizeof(view->id));
	memcpy(view->point, point.ref, sizeof(view->point));
	view->said_ms = record->said_ms;
	view->speaker = stored_view(record->speaker);
	view->source = stored_view(record->source);
	view->text = stored_view(sheet->entry.text);
	view->language = stored_view(record->language);
	view->author = text_of(sheet->author);
	view->entered_ms = record->time_ms;
	view->emergency = record->is_emergency;
	view->delivered =
	    (uint8_t)act_delivery(line, entry.side, sheet->entry.n);
	return OK;
}

static int
reply_entry(struct keeper *keeper, const struct request *request,
    const struct post_line *line, int64_t row, bool more, size_t *bytes)
{
	struct reply reply = { .kind = REPLY_VIEW,
		.id = request->id,
		.about = REQUEST_PUBLIC_LIST,
		.cursor = (uint64_t)row,
		.more = more };
	struct sheet sheet = { .entry = { .row = 0 } };
	struct public_view *view = &reply.view.public;
	int rc;

	if ((rc = show(keeper, line, row, &sheet, view)) == OK) {
		*bytes += view->text.len + view->our_reading.len +
		    view->their_reading.len;
		post_reply(keeper, &reply);
	}
	sheet_wipe(&sheet);
	return rc;
}

static void
finish(struct act *act, int64_t entry)
{
	size_t bytes = 0;
	int rc;

	rc = reply_entry(act->keeper, act->request, act->line, entry, false,
	    &bytes);
	if (rc != OK)
		act_fail(act, rc);
}

/* The point that it is on, where one is named; false: the request is answered. */
static bool
find_point(struct keeper *keeper, const struct request *request,
    const struct post_line *line, const char *ref, struct point *point)
{
	memset(point, 0, sizeof(*point));
	return *ref == '\0' ||
	    point_ask(keeper, request, line, text_of(ref), point);
}

static bool
keep_words(struct act *act, const struct point_public *ask)
{
	struct record *record = &act->record;

	return act_keep_label(act, ask->speaker, LABEL_BYTES_MAX, "The speaker",
		   &record->speaker) &&
	    act_keep_label(act, ask->source, LABEL_BYTES_MAX, "The source",
		&record->source) &&
	    act_keep_text(act, ask->text, NOTE_TEXT_BYTES_MAX, "The text",
		&act->text) &&
	    act_keep_language(act, ask->language);
}

void
public_on_add(struct keeper *keeper, const struct request *request)
{
	const struct point_public *ask = &request->ask.public;
	struct point point;
	struct act act;

	if (ask->said_ms < 1 || ask->said_ms > WATCH_UNTIL_MS_MAX ||
	    ask->speaker.len == 0 || ask->source.len == 0) {
		post_reply_error(keeper, request->id, ERR_FORMAT,
		    "What was said in public has a time, a speaker and a "
		    "source.");
		return;
	}
	if (act_begin(&act, keeper, request, RECORD_PUBLIC, ask->id) &&
	    find_point(keeper, request, act.line, ask->point, &point) &&
	    keep_words(&act, ask)) {
		act.record.said_ms = ask->said_ms;
		act.record.has_re = point.row != 0;
		memcpy(act.record.re, point.id, RECORD_ID_BYTES);
		if (act_commit(&act))
			finish(&act, act.row);
	}
	act_wipe(&act);
}

static bool
find_entry(struct act *act, struct point *entry)
{
	const int rc =
	    point_find_public(act->keeper, act->line, act->request->ref, entry);

	if (rc == ERR_FORMAT || rc == ERR_NOT_FOUND)
		post_reply_error(act->keeper, act->request->id, ERR_NOT_FOUND,
		    "There is no such entry; its reference reads like us/e2 or "
		    "them/e1.");
	else if (rc != OK)
		post_reply_store(act->keeper, act->request->id, rc);
	return rc == OK;
}

void
public_on_reading(struct keeper *keeper, const struct request *request)
{
	const struct point_reading *ask = &request->ask.reading;
	struct point entry;
	struct act act;

	if (act_begin(&act, keeper, request, RECORD_READING, ask->id) &&
	    find_entry(&act, &entry) &&
	    act_keep_text(&act, ask->text, NOTE_TEXT_BYTES_MAX, "The text",
		&act.text) &&
	    act_keep_language(&act, ask->language)) {
		act.record.has_re = true;
		memcpy(act.record.re, entry.id, RECORD_ID_BYTES);
		if (act_commit(&act))
			finish(&act, entry.row);
	}
	act_wipe(&act);
}

static int
next_entry(struct keeper *keeper, const struct post_line *line,
    const struct point *point, int64_t after, int64_t *row)
{
	struct query q = store_query(&keeper->store,
	    point->row != 0 ? STMT_PUBLIC_LIST_POINT : STMT_PUBLIC_LIST);

	query_bind_int(&q, point->row != 0 ? point->row : line->id);
	query_bind_int(&q, after);
	return query_one(&q, row);
}

void
public_on_list(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_ask_line(keeper, request);
	int64_t row = post_list_after(request);
	uint32_t left = request->page.limit;
	struct point point;
	size_t bytes = 0;
	int rc;

	if (line == NULL ||
	    !find_point(keeper, request, line, request->ask.publics.point,
		&point))
		return;
	while ((rc = next_entry(keeper, line, &point, row, &row)) == OK &&
	    left > 0 && bytes < POINT_PAGE_BYTES) {
		rc = reply_entry(keeper, request, line, row, true, &bytes);
		if (rc != OK)
			break;
		left--;
	}
	post_reply_list(keeper, request, rc, rc == OK);
}
