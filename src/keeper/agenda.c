#include "keeper/agenda.h"

#include <string.h>

#include "keeper/act.h"
#include "keeper/point.h"
#include "keeper/ref.h"
#include "keeper/stored.h"

/* -- showing ----------------------------------------------------------------- */

/* All that a view of a point is views of. */
struct sheet {
	struct stored point;
	struct stored note[2]; /* by side */
	char author[LABEL_BYTES_MAX + 1];
};

static void
sheet_wipe(struct sheet *sheet)
{
	stored_wipe(&sheet->point);
	stored_wipe(&sheet->note[SIDE_US]);
	stored_wipe(&sheet->note[SIDE_THEM]);
}

/* Where one side stands: its note, unless that is the point itself. */
static int
load_side(struct keeper *keeper, int64_t point, enum side side,
    struct stored *note, struct point_side *at)
{
	int rc = point_get_side(keeper, point, side, at);

	if (rc != OK || at->row == 0)
		return rc;
	rc = stored_load(keeper, at->row, true, note);
	if (rc == OK && at->row == point)
		note->text.len = 0;
	return rc;
}

static int
count(struct keeper *keeper, const struct post_line *line,
    const struct point *point, struct point_view *view)
{
	struct query q = store_query(&keeper->store, STMT_POINT_MESSAGE_COUNT);
	int64_t value;
	int rc;

	query_bind_int(&q, line->id);
	query_bind_blob(&q, point->id, RECORD_ID_BYTES);
	if ((rc = query_one(&q, &value)) != OK)
		return rc;
	view->messages = (uint64_t)value;
	q = store_query(&keeper->store, STMT_PUBLIC_COUNT);
	query_bind_int(&q, point->row);
	rc = query_one(&q, &value);
	view->publics = (uint64_t)value;
	return rc;
}

static void
show_sides(const struct sheet *sheet, const struct point_side at[2],
    struct point_view *view)
{
	const struct stored *ours = &sheet->note[SIDE_US];
	const struct stored *theirs = &sheet->note[SIDE_THEM];

	view->open = at[SIDE_US].standing != STANDING_CLOSED ||
	    at[SIDE_THEM].standing != STANDING_CLOSED;
	view->ours = (uint8_t)at[SIDE_US].standing;
	view->our_deadline_ms = at[SIDE_US].deadline_ms;
	view->theirs = (uint8_t)at[SIDE_THEM].standing;
	view->their_deadline_ms = at[SIDE_THEM].deadline_ms;
	if (at[SIDE_US].row != 0) {
		view->our_ms = ours->record.time_ms;
		view->our_note = stored_view(ours->text);
	}
	if (at[SIDE_THEM].row != 0) {
		view->their_ms = theirs->record.time_ms;
		view->their_note = stored_view(theirs->text);
	}
}

static int
show(struct keeper *keeper, const struct post_line *line, int64_t row,
    struct sheet *sheet, struct point_view *view)
{
	const struct record *record = &sheet->point.record;
	struct point_side at[2];
	struct point point;
	int rc;

	memset(view, 0, sizeof(*view));
	if ((rc = point_get(keeper, row, &point)) != OK ||
	    (rc = stored_load(keeper, row, true, &sheet->point)) != OK ||
	    (rc = stored_author(keeper, &sheet->point, sheet->author)) != OK ||
	    (rc = load_side(keeper, row, SIDE_US, &sheet->note[SIDE_US],
		 &at[SIDE_US])) != OK ||
	    (rc = load_side(keeper, row, SIDE_THEM, &sheet->note[SIDE_THEM],
		 &at[SIDE_THEM])) != OK ||
	    (rc = count(keeper, line, &point, view)) != OK)
		return rc;
	memcpy(view->ref, point.ref, sizeof(view->ref));
	memcpy(view->id, point.id, sizeof(view->id));
	view->title = stored_view(record->subject);
	view->text = stored_view(sheet->point.text);
	view->language = stored_view(record->language);
	view->author = text_of(sheet->author);
	view->raised_ms = record->time_ms;
	view->emergency = record->is_emergency;
	view->delivered =
	    (uint8_t)act_delivery(line, point.side, sheet->point.n);
	show_sides(sheet, at, view);
	return OK;
}

/* Answers with the point of a row; *bytes: of its texts. */
static int
reply_point(struct keeper *keeper, const struct request *request,
    const struct post_line *line, int64_t row, bool more, size_t *bytes)
{
	struct reply reply = { .kind = REPLY_VIEW,
		.id = request->id,
		.about = REQUEST_POINT_SHOW,
		.cursor = (uint64_t)row,
		.more = more };
	struct sheet sheet = { .point = { .row = 0 } };
	struct point_view *view = &reply.view.point;
	int rc;

	if ((rc = show(keeper, line, row, &sheet, view)) == OK) {
		*bytes += view->title.len + view->text.len +
		    view->our_note.len + view->their_note.len;
		post_reply(keeper, &reply);
	}
	sheet_wipe(&sheet);
	return rc;
}

/* -- acts -------------------------------------------------------------------- */

static void
finish(struct act *act, int64_t point)
{
	size_t bytes = 0;
	int rc;

	rc = reply_point(act->keeper, act->request, act->line, point, false,
	    &bytes);
	if (rc != OK)
		act_fail(act, rc);
}

void
agenda_on_raise(struct keeper *keeper, const struct request *request)
{
	const struct point_raise *ask = &request->ask.raise;
	struct act act;

	if (act_begin(&act, keeper, request, RECORD_POINT, ask->id) &&
	    act_keep_label(&act, ask->title, SUBJECT_BYTES_MAX, "The title",
		&act.record.subject) &&
	    act_keep_text(&act, ask->text, NOTE_TEXT_BYTES_MAX, "The text",
		&act.text) &&
	    act_keep_language(&act, ask->language) &&
	    act_keep_deadline(&act, ask->deadline_ms)) {
		if (act.record.subject.len == 0)
			post_reply_error(keeper, request->id, ERR_FORMAT,
			    "A point has a title: what is raised, in one "
			    "line.");
		else if (act_commit(&act))
			finish(&act, act.row);
	}
	act_wipe(&act);
}

/* What is not said anew of a deadline stays, until the point is closed. */
static bool
keep_stand_deadline(struct act *act, const struct point_stand *ask,
    const struct point *point)
{
	struct point_side at;
	int rc;

	if (ask->standing == STANDING_CLOSED || ask->no_deadline ||
	    ask->deadline_ms != 0)
		return act_keep_deadline(act, ask->deadline_ms);
	rc = point_get_side(act->keeper, point->row, SIDE_US, &at);
	act->record.deadline_ms = at.deadline_ms;
	if (rc != OK)
		post_reply_store(act->keeper, act->request->id, rc);
	return rc == OK;
}

void
agenda_on_stand(struct keeper *keeper, const struct request *request)
{
	const struct point_stand *ask = &request->ask.stand;
	struct point point;
	struct act act;

	if (ask->standing == STANDING_NONE) {
		post_reply_error(keeper, request->id, ERR_FORMAT,
		    "A side that stood somewhere cannot stand nowhere: say "
		    "heard, under study, accepted, declined, reserved or "
		    "closed.");
		return;
	}
	if (act_begin(&act, keeper, request, RECORD_STANDING, ask->id) &&
	    point_ask(keeper, request, act.line, request->ref, &point) &&
	    act_keep_text(&act, ask->note, NOTE_TEXT_BYTES_MAX, "The note",
		&act.text) &&
	    act_keep_language(&act, ask->language) &&
	    keep_stand_deadline(&act, ask, &point)) {
		act.record.standing = (enum standing)ask->standing;
		act.record.has_re = true;
		memcpy(act.record.re, point.id, RECORD_ID_BYTES);
		if (act_commit(&act))
			finish(&act, point.row);
	}
	act_wipe(&act);
}

/* -- looking ----------------------------------------------------------------- */

void
agenda_on_show(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_ask_line(keeper, request);
	struct point point;
	size_t bytes = 0;
	int rc;

	if (line == NULL ||
	    !point_ask(keeper, request, line, request->ref, &point))
		return;
	rc = reply_point(keeper, request, line, point.row, false, &bytes);
	if (rc != OK)
		post_reply_store(keeper, request->id, rc);
}

static int
next_point(struct keeper *keeper, const struct post_line *line,
    const struct point_filter *filter, int64_t after, int64_t *row)
{
	struct query q = store_query(&keeper->store, STMT_POINT_LIST);

	query_bind_int(&q, line->id);
	query_bind_int(&q, after);
	query_bind_int(&q, filter->mine);
	query_bind_int(&q, filter->open);
	query_bind_int(&q,
	    filter->due ? keeper->now.wall_ms + POINT_NEAR_MS : 0);
	return query_one(&q, row);
}

void
agenda_on_list(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_ask_line(keeper, request);
	int64_t row = post_list_after(request);
	uint32_t left = request->page.limit;
	size_t bytes = 0;
	int rc = OK;

	if (line == NULL)
		return;
	while ((rc = next_point(keeper, line, &request->ask.points, row,
		    &row)) == OK &&
	    left > 0 && bytes < POINT_PAGE_BYTES) {
		rc = reply_point(keeper, request, line, row, true, &bytes);
		if (rc != OK)
			break;
		left--;
	}
	post_reply_list(keeper, request, rc, rc == OK);
}

static int
reply_standing(struct keeper *keeper, const struct request *request,
    const struct post_line *line, const struct point *point, int64_t row,
    size_t *bytes)
{
	struct reply reply = { .kind = REPLY_VIEW,
		.id = request->id,
		.about = REQUEST_POINT_HISTORY,
		.cursor = (uint64_t)row,
		.more = true };
	struct standing_view *view = &reply.view.standing;
	char author[LABEL_BYTES_MAX + 1];
	struct stored stored;
	const struct record *record = &stored.record;
	int rc;

	if ((rc = stored_load(keeper, row, true, &stored)) != OK ||
	    (rc = stored_author(keeper, &stored, author)) != OK)
		goto out;
	memcpy(view->point, point->ref, sizeof(view->point));
	view->ours = stored.side == SIDE_US;
	/* The first one is the point itself. */
	view->standing = record->kind == RECORD_POINT
	    ? STANDING_RAISED
	    : (uint8_t)record->standing;
	view->time_ms = record->time_ms;
	view->deadline_ms = record->deadline_ms;
	if (record->kind != RECORD_POINT)
		view->note = stored_view(stored.text);
	view->language = stored_view(record->language);
	view->author = text_of(author);
	view->emergency = record->is_emergency;
	view->delivered = (uint8_t)act_delivery(line, stored.side, stored.n);
	*bytes += stored.text.len;
	post_reply(keeper, &reply);
out:
	stored_wipe(&stored);
	return rc;
}

static int
next_standing(struct keeper *keeper, const struct point *point, int64_t after,
    int64_t *row)
{
	struct query q = store_query(&keeper->store, STMT_STANDING_LIST);

	query_bind_int(&q, point->row);
	query_bind_int(&q, after);
	return query_one(&q, row);
}

void
agenda_on_history(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_ask_line(keeper, request);
	int64_t row = post_list_after(request);
	uint32_t left = request->page.limit;
	struct point point;
	size_t bytes = 0;
	int rc;

	if (line == NULL ||
	    !point_ask(keeper, request, line, request->ref, &point))
		return;
	while ((rc = next_standing(keeper, &point, row, &row)) == OK &&
	    left > 0 && bytes < POINT_PAGE_BYTES) {
		rc = reply_standing(keeper, request, line, &point, row, &bytes);
		if (rc != OK)
			break;
		left--;
	}
	post_reply_list(keeper, request, rc, rc == OK);
}

static int
reply_message(struct keeper *keeper, const struct request *request, int64_t row)
{
	struct reply reply = { .kind = REPLY_VIEW,
		.id = request->id,
		.about = REQUEST_POINT_MESSAGES,
		.cursor = (uint64_t)row,
		.more = true };
	struct stored stored;
	int rc;

	rc = stored_load(keeper, row, false, &stored);
	if (rc == OK)
		rc = ref_of_id(keeper, stored.line, stored.record.id,
		    reply.view.point_message.ref);
	if (rc == OK)
		post_reply(keeper, &reply);
	stored_wipe(&stored);
	return rc;
}

static int
next_message(struct keeper *keeper, const struct post_line *line,
    const struct point *point, int64_t after, int64_t *row)
{
	struct query q = store_query(&keeper->store, STMT_POINT_MESSAGE_LIST);

	query_bind_int(&q, line->id);
	query_bind_blob(&q, point->id, RECORD_ID_BYTES);
	query_bind_int(&q, after);
	return query_one(&q, row);
}

void
agenda_on_messages(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_ask_line(keeper, request);
	int64_t row = post_list_after(request);
	uint32_t left = request->page.limit;
	struct point point;
	int rc;

	if (line == NULL ||
	    !point_ask(keeper, request, line, request->ref, &point))
		return;
	while ((rc = next_message(keeper, line, &point, row, &row)) == OK &&
	    left > 0) {
		if ((rc = reply_message(keeper, request, row)) != OK)
			break;
		left--;
	}
	post_reply_list(keeper, request, rc, rc == OK);
}

/* -- what waits -------------------------------------------------------------- */

static bool
add_waiting(struct keeper *keeper, const struct post_line *line, int64_t row,
    struct waiting_list *list, int *rc)
{
	struct waiting_about about = { .kind = WAITING_POINT,
		.line = line,
		.who = "a releaser" };
	struct point_side at;
	struct point point;

	if ((*rc = point_get(keeper, row, &point)) != OK ||
	    (*rc = point_get_side(keeper, row, SIDE_US, &at)) != OK)
		return false;
	about.ref = point.ref;
	about.due_ms = at.deadline_ms;
	if (at.deadline_ms == 0)
		return waiting_add(list, &about,
		    "Point %s of %s was raised; this side has not said where it "
		    "stands.",
		    point.ref, line->name);
	return waiting_add(list, &about,
	    "This side's deadline on point %s with %s %s.", point.ref,
	    line->name,
	    at.deadline_ms <= keeper->now.wall_ms ? "has passed" : "is near");
}

int
agenda_waiting(struct keeper *keeper, struct waiting_list *list)
{
	int rc = OK;

	for (size_t i = 0; i < LINES_MAX; i++) {
		const struct post_line *line = &keeper->lines[i];
		int64_t row = 0;
		struct query q;

		if (line->id == 0)
			continue;
		for (;;) {
			q = store_query(&keeper->store, STMT_POINT_WAITING);
			query_bind_int(&q, line->id);
			query_bind_int(&q, row);
			query_bind_int(&q, keeper->now.wall_ms + POINT_NEAR_MS);
			if ((rc = query_one(&q, &row)) != OK)
				break;
			if (!add_waiting(keeper, line, row, list, &rc))
				return rc;
		}
		if (rc != ERR_NOT_FOUND)
			return rc;
	}
	return OK;
}
