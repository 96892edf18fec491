#include "keeper/point.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "keeper/alarm.h"
#include "keeper/diary.h"
#include "keeper/ref.h"

/* The statements of the store have these as numbers. */
_Static_assert(STANDING_CLOSED == 7, "as in STMT_POINT_LIST");
_Static_assert(POINT_NEAR_MS == 86400000, "as in STMT_POINT_DUE");

/* -- what follows from a record ---------------------------------------------- */

static int
find_id(struct keeper *keeper, const struct post_line *line, enum stmt stmt,
    const uint8_t id[RECORD_ID_BYTES], int64_t *row)
{
	struct query q = store_query(&keeper->store, stmt);

	query_bind_int(&q, line->id);
	query_bind_blob(&q, id, RECORD_ID_BYTES);
	return query_one(&q, row);
}

static int
put_side(struct keeper *keeper, int64_t point, enum side side,
    const struct point_side *at)
{
	struct query q = store_query(&keeper->store, STMT_POINT_SIDE_PUT);
	const bool is_near =
	    at->deadline_ms - POINT_NEAR_MS <= keeper->now.wall_ms;

	query_bind_int(&q, point);
	query_bind_int(&q, side);
	query_bind_int(&q, at->standing);
	query_bind_int(&q, at->row);
	query_bind_int(&q, at->deadline_ms);
	/* Who sets a near one knows that it is. */
	query_bind_int(&q, is_near ? 1 : 0);
	keeper->deadline_ms = 0;
	return query_run(&q);
}

static int
add_standing(struct keeper *keeper, int64_t point, int64_t row)
{
	struct query q = store_query(&keeper->store, STMT_STANDING_ADD);

	query_bind_int(&q, row);
	query_bind_int(&q, point);
	return query_run(&q);
}

/* Who raises a point stands at that. */
static int
apply_point(struct keeper *keeper, const struct post_line *line, enum side side,
    const struct record *record, int64_t row)
{
	const struct point_side at = { STANDING_RAISED, row,
		record->deadline_ms };
	struct query q = store_query(&keeper->store, STMT_POINT_ADD);
	int rc;

	query_bind_int(&q, row);
	query_bind_int(&q, line->id);
	query_bind_int(&q, side);
	query_bind_blob(&q, record->id, RECORD_ID_BYTES);
	if ((rc = query_run(&q)) != OK ||
	    (rc = add_standing(keeper, row, row)) != OK)
		return rc;
	return put_side(keeper, row, side, &at);
}

static int
apply_standing(struct keeper *keeper, const struct post_line *line,
    enum side side, const struct record *record, int64_t row)
{
	const struct point_side at = { record->standing, row,
		record->standing == STANDING_CLOSED ? 0 : record->deadline_ms };
	int64_t point;
	int rc;

	rc = find_id(keeper, line, STMT_POINT_FIND_ID, record->re, &point);
	if (rc != OK)
		return rc;
	if ((rc = add_standing(keeper, point, row)) != OK)
		return rc;
	return put_side(keeper, point, side, &at);
}

static int
apply_public(struct keeper *keeper, const struct post_line *line,
    enum side side, const struct record *record, int64_t row)
{
	struct query q;
	int64_t point = 0;
	int rc;

	if (record->has_re &&
	    (rc = find_id(keeper, line, STMT_POINT_FIND_ID, record->re,
		 &point)) != OK)
		return rc;
	q = store_query(&keeper->store, STMT_PUBLIC_ADD);
	query_bind_int(&q, row);
	query_bind_int(&q, line->id);
	query_bind_int(&q, side);
	query_bind_blob(&q, record->id, RECORD_ID_BYTES);
	if (point != 0)
		query_bind_int(&q, point);
	else
		query_bind_null(&q);
	return query_run(&q);
}

static int
apply_reading(struct keeper *keeper, const struct post_line *line,
    enum side side, const struct record *record, int64_t row)
{
	struct query q;
	int64_t entry;
	int rc;

	rc = find_id(keeper, line, STMT_PUBLIC_FIND_ID, record->re, &entry);
	if (rc != OK)
		return rc;
	q = store_query(&keeper->store, STMT_READING_PUT);
	query_bind_int(&q, entry);
	query_bind_int(&q, side);
	query_bind_int(&q, row);
	return query_run(&q);
}

static int
apply_message(struct keeper *keeper, const struct post_line *line,
    enum side side, const struct record *record, int64_t row)
{
	struct query q;
	int rc = OK;

	(void)side;
	for (size_t i = 0; rc == OK && i < record->points; i++) {
		q = store_query(&keeper->store, STMT_POINT_MESSAGE_ADD);
		query_bind_int(&q, line->id);
		query_bind_blob(&q, record->point[i], RECORD_ID_BYTES);
		query_bind_int(&q, row);
		rc = query_run(&q);
	}
	return rc;
}

static int (*const applies[RECORD_KIND_COUNT])(struct keeper *keeper,
    const struct post_line *line, enum side side, const struct record *record,
    int64_t row) = {
	[RECORD_MESSAGE] = apply_message,
	[RECORD_POINT] = apply_point,
	[RECORD_STANDING] = apply_standing,
	[RECORD_PUBLIC] = apply_public,
	[RECORD_READING] = apply_reading,
};

int
point_apply(struct keeper *keeper, const struct post_line *line, enum side side,
    const struct record *record, int64_t row)
{
	if (applies[record->kind] == NULL)
		return OK;
	return applies[record->kind](keeper, line, side, record, row);
}

int
point_take(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival)
{
	const int rc =
	    point_apply(keeper, line, SIDE_THEM, arrival->record, arrival->row);

	if (rc == ERR_NOT_FOUND)
		return arrival_is_about_nothing(keeper, line,
		    "it is about a point, or about something said in public, "
		    "that is not here");
	if (rc != OK)
		return rc;
	return point_note(keeper, line, SIDE_THEM, arrival->record,
	    arrival->row);
}

/* -- finding ----------------------------------------------------------------- */

static void
format_ref(struct point *point, char letter)
{
	memset(point->ref, 0, sizeof(point->ref));
	snprintf(point->ref, sizeof(point->ref), "%s/%c%" PRIu64,
	    point->side == SIDE_US ? "us" : "them", letter, point->number);
}

static int
get(struct keeper *keeper, enum stmt stmt, char letter, int64_t row,
    struct point *point)
{
	struct query q = store_query(&keeper->store, stmt);
	size_t len;
	const void *id;

	memset(point, 0, sizeof(*point));
	point->row = row;
	query_bind_int(&q, row);
	if (query_next(&q)) {
		query_int(&q); /* line */
		point->side = query_int(&q) == SIDE_US ? SIDE_US : SIDE_THEM;
		point->number = (uint64_t)query_int(&q);
		id = query_blob(&q, &len);
		if (len == RECORD_ID_BYTES)
			memcpy(point->id, id, len);
		if (stmt == STMT_PUBLIC_GET)
			point->about = query_int(&q);
	} else if (q.rc == OK)
		q.rc = ERR_NOT_FOUND;
	format_ref(point, letter);
	return query_end(&q);
}

int
point_get(struct keeper *keeper, int64_t row, struct point *point)
{
	return get(keeper, STMT_POINT_GET, 'p', row, point);
}

int
point_get_public(struct keeper *keeper, int64_t row, struct point *entry)
{
	return get(keeper, STMT_PUBLIC_GET, 'e', row, entry);
}

/* Of "us/p12" the side and the number; false: it is none. */
static bool
parse_ref(struct text ref, char letter, enum side *side, int64_t *number)
{
	char text[REQUEST_REF_BYTES];
	const char *at;

	if (ref.len == 0 || ref.len >= sizeof(text) ||
	    memchr(ref.data, '\0', ref.len) != NULL)
		return false;
	memcpy(text, ref.data, ref.len);
	text[ref.len] = '\0';
	*side = strncmp(text, "us/", 3) == 0 ? SIDE_US : SIDE_THEM;
	if (*side == SIDE_THEM && strncmp(text, "them/", 5) != 0)
		return false;
	at = text + (*side == SIDE_US ? 3 : 5);
	return *at == letter && (*number = ref_number(at + 1)) != 0;
}

static int
find(struct keeper *keeper, const struct post_line *line, enum stmt by_number,
    char letter, struct text ref, int64_t *row)
{
	struct query q;
	enum side side;
	int64_t number;

	if (!parse_ref(ref, letter, &side, &number))
		return ERR_FORMAT;
	q = store_query(&keeper->store, by_number);
	query_bind_int(&q, line->id);
	query_bind_int(&q, side);
	query_bind_int(&q, number);
	return query_one(&q, row);
}

int
point_find(struct keeper *keeper, const struct post_line *line, struct text ref,
    struct point *point)
{
	int64_t row;
	int rc;

	rc = find(keeper, line, STMT_POINT_FIND_NUMBER, 'p', ref, &row);
	/* The id of its record names it as well. */
	if (rc == ERR_FORMAT)
		rc = ref_find(keeper, line->id, ref, &row);
	return rc == OK ? point_get(keeper, row, point) : rc;
}

bool
point_ask(struct keeper *keeper, const struct request *request,
    const struct post_line *line, struct text text, struct point *point)
{
	const int rc = point_find(keeper, line, text, point);

	if (rc == ERR_FORMAT || rc == ERR_NOT_FOUND)
		post_reply_error(keeper, request->id, ERR_NOT_FOUND,
		    "There is no point of that reference; it reads like us/p3 "
		    "or them/p1.");
	else if (rc != OK)
		post_reply_store(keeper, request->id, rc);
	return rc == OK;
}

int
point_find_public(struct keeper *keeper, const struct post_line *line,
    struct text ref, struct point *entry)
{
	int64_t row;
	int rc;

	rc = find(keeper, line, STMT_PUBLIC_FIND_NUMBER, 'e', ref, &row);
	if (rc == ERR_FORMAT)
		rc = ref_find(keeper, line->id, ref, &row);
	return rc == OK ? point_get_public(keeper, row, entry) : rc;
}

int
point_get_side(struct keeper *keeper, int64_t row, enum side side,
    struct point_side *at)
{
	struct query q = store_query(&keeper->store, STMT_POINT_SIDE_GET);

	*at = (struct point_side){ .standing = STANDING_NONE };
	query_bind_int(&q, row);
	query_bind_int(&q, side);
	if (query_next(&q)) {
		at->standing = (enum standing)query_int(&q);
		at->row = query_int(&q);
		at->deadline_ms = query_int(&q);
	}
	return query_end(&q);
}

int
point_get_reading(struct keeper *keeper, int64_t row, enum side side,
    int64_t *reading)
{
	struct query q = store_query(&keeper->store, STMT_READING_GET);
	int rc;

	*reading = 0;
	query_bind_int(&q, row);
	query_bind_int(&q, side);
	rc = query_one(&q, reading);
	return rc == ERR_NOT_FOUND ? OK : rc;
}

/* -- people ------------------------------------------------------------------ */

static int
note_point(struct keeper *keeper, const struct post_line *line, enum side side,
    const struct record *record, const struct point *point)
{
	const struct diary_entry entry = { line, "point", point->ref,
		"raised" };
	const bool is_short = record->subject.len <= POINT_TITLE_SAID_BYTES;

	return diary_add(keeper, entry, "%s raised point %s with %s%s%.*s.",
	    side == SIDE_US ? "This side" : line->name, point->ref,
	    side == SIDE_US ? line->name : "this side", is_short ? ": " : "",
	    is_short ? (int)record->subject.len : 0, record->subject.data);
}

static int
note_standing(struct keeper *keeper, const struct post_line *line,
    enum side side, const struct record *record)
{
	struct diary_entry entry = { line, "point", NULL, "standing" };
	struct point point;
	int64_t row;
	int rc;

	if ((rc = find_id(keeper, line, STMT_POINT_FIND_ID, record->re,
		 &row)) != OK ||
	    (rc = point_get(keeper, row, &point)) != OK)
		return rc;
	entry.ref = point.ref;
	return diary_add(keeper, entry, "%s now stands at \"%s\" on point %s.",
	    side == SIDE_US ? "This side" : line->name,
	    word_name(&record_standings, record->standing), point.ref);
}

static int
note_public(struct keeper *keeper, const struct post_line *line, enum side side,
    int64_t row)
{
	struct diary_entry entry = { line, "point", NULL, "public" };
	struct point point;
	int rc;

	if ((rc = point_get_public(keeper, row, &point)) != OK)
		return rc;
	entry.ref = point.ref;
	return diary_add(keeper, entry,
	    "%s entered as %s what was said in public; it was not said to "
	    "this line.",
	    side == SIDE_US ? "This side" : line->name, point.ref);
}

static int
note_reading(struct keeper *keeper, const struct post_line *line,
    enum side side, const struct record *record)
{
	struct diary_entry entry = { line, "point", NULL, "reading" };
	struct point point;
	int64_t row;
	int rc;

	if ((rc = find_id(keeper, line, STMT_PUBLIC_FIND_ID, record->re,
		 &row)) != OK ||
	    (rc = point_get_public(keeper, row, &point)) != OK)
		return rc;
	entry.ref = point.ref;
	return diary_add(keeper, entry, "%s %s its reading of %s.",
	    side == SIDE_US ? "This side" : line->name,
	    record->text_bytes > 0 ? "wrote" : "took back", point.ref);
}

int
point_note(struct keeper *keeper, const struct post_line *line, enum side side,
    const struct record *record, int64_t row)
{
	struct point point;
	int rc;

	if (record->kind == RECORD_STANDING)
		return note_standing(keeper, line, side, record);
	if (record->kind == RECORD_PUBLIC)
		return note_public(keeper, line, side, row);
	if (record->kind == RECORD_READING)
		return note_reading(keeper, line, side, record);
	assert(record->kind == RECORD_POINT);
	if ((rc = point_get(keeper, row, &point)) != OK)
		return rc;
	return note_point(keeper, line, side, record, &point);
}

/* -- deadlines --------------------------------------------------------------- */

/* One that is near or has passed. */
struct due {
	struct keeper *keeper;
	const struct post_line *line;
	struct point point;
	enum side side; /* whose deadline */
	int64_t deadline_ms;
};

static int
find_due(struct keeper *keeper, struct due *due)
{
	struct query q = store_query(&keeper->store, STMT_POINT_DUE);
	int64_t row = 0;
	int rc;

	query_bind_int(&q, keeper->now.wall_ms);
	if (query_next(&q)) {
		row = query_int(&q);
		due->side = query_int(&q) == SIDE_US ? SIDE_US : SIDE_THEM;
		due->deadline_ms = query_int(&q);
	}
	if ((rc = query_end(&q)) != OK)
		return rc;
	return row != 0 ? point_get(keeper, row, &due->point) : ERR_NOT_FOUND;
}

static int
find_due_line(struct due *due)
{
	struct query q = store_query(&due->keeper->store, STMT_POINT_GET);
	int64_t line;
	int rc;

	query_bind_int(&q, due->point.row);
	rc = query_one(&q, &line);
	due->line = post_find_line(due->keeper, (uint32_t)line);
	return rc;
}

static int
raise_alarm(const struct due *due, const char *say)
{
	const struct alarm_cause cause = { .what = ALARM_DEADLINE,
		.line = due->line,
		.ref = due->point.ref,
		.say = say };

	return due->side == SIDE_US ? alarm_raise(due->keeper, &cause) : OK;
}

static int
tell_due(void *ctx)
{
	const struct due *due = ctx;
	struct keeper *keeper = due->keeper;
	const bool passed = due->deadline_ms <= keeper->now.wall_ms;
	struct query q = store_query(&keeper->store, STMT_POINT_TOLD);
	char at[CLOCK_TEXT_BYTES], say[POST_SAY_BYTES];
	int rc;

	query_bind_int(&q, passed ? 2 : 1);
	query_bind_int(&q, due->point.row);
	query_bind_int(&q, due->side);
	if ((rc = query_run(&q)) != OK || due->line == NULL)
		return rc;
	clock_format(at, due->deadline_ms);
	snprintf(say, sizeof(say),
	    "The deadline of %s on point %s %s: %.10s %.5s UTC.",
	    due->side == SIDE_US ? "this side" : due->line->name,
	    due->point.ref, passed ? "has passed" : "is near", at, at + 11);
	rc = diary_add(keeper,
	    (struct diary_entry){ due->line, "point", due->point.ref,
		passed ? "deadline-passed" : "deadline-near" },
	    "%s", say);
	return rc == OK && passed ? raise_alarm(due, say) : rc;
}

/* When somebody must look again, by the wall clock; INT64_MAX: never. */
static int
find_next(struct keeper *keeper)
{
	struct query q = store_query(&keeper->store, STMT_POINT_DUE_NEXT);
	int64_t next_ms;
	int rc = query_one(&q, &next_ms);

	keeper->deadline_ms = next_ms > 0 ? next_ms : INT64_MAX;
	return rc;
}

uint64_t
point_next_ns(const struct keeper *keeper)
{
	const int64_t left_ms = keeper->deadline_ms - keeper->now.wall_ms;

	if (keeper->deadline_ms == INT64_MAX || keeper->store.failed)
		return UINT64_MAX;
	if (left_ms <= 0)
		return keeper->now.now_ns;
	/* The wall clock may be set meanwhile. */
	return keeper->now.now_ns +
	    (uint64_t)(left_ms < POINT_LOOK_MS ? left_ms : POINT_LOOK_MS) *
	    CLOCK_NS_PER_MS;
}

void
point_on_time(struct keeper *keeper)
{
	struct due due = { .keeper = keeper };
	int rc = OK;

	if (keeper->deadline_ms > keeper->now.wall_ms || keeper->store.failed)
		return;
	for (int i = 0; rc == OK && i < POINT_TOLD_MAX; i++) {
		if ((rc = find_due(keeper, &due)) != OK ||
		    (rc = find_due_line(&due)) != OK)
			break;
		rc = store_transact(&keeper->store, STORE_RECORD, tell_due,
		    &due);
	}
	diary_tell(keeper);
	if (rc == OK || rc == ERR_NOT_FOUND)
		rc = find_next(keeper);
	/* A full disk: again when there may be room. */
	if (rc != OK) {
		keeper->deadline_ms = keeper->now.wall_ms + POINT_LOOK_MS;
		log_warnx("deadlines are not told (%s)", err_str(rc));
	}
}
