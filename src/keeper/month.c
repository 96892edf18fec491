#include "keeper/month.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "keeper/diary.h"
#include "keeper/drill.h"
#include "keeper/journal.h"
#include "keeper/outbox.h"

enum { MONTH_TEXT_BYTES = 8 };

uint32_t
month_of(int64_t wall_ms)
{
	char time[CLOCK_TEXT_BYTES]; /* "2026-11-22T..." */
	char *rest;
	unsigned long year;

	clock_format(time, wall_ms > 0 ? wall_ms : 0);
	year = strtoul(time, &rest, 10);
	return (uint32_t)(year * 12 + strtoul(rest + 1, NULL, 10) - 1);
}

/* -- counting ---------------------------------------------------------------- */

static int
count_rank(struct keeper *keeper, const struct post_line *line, uint32_t month,
    uint32_t rank, uint32_t *took_ms)
{
	struct query q = store_query(&keeper->store, STMT_MONTH_RANK);
	int64_t value;
	int rc;

	query_bind_int(&q, line->id);
	query_bind_int(&q, month);
	query_bind_int(&q, rank);
	if ((rc = query_one(&q, &value)) != OK)
		return rc;
	*took_ms = value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
	return OK;
}

/* From the drills that this side has sent. */
static int
count(struct keeper *keeper, const struct post_line *line, struct month *month)
{
	struct query q = store_query(&keeper->store, STMT_MONTH_COUNT);
	int rc;

	query_bind_int(&q, line->id);
	query_bind_int(&q, month->month);
	if (query_next(&q)) {
		month->sent = (uint32_t)query_int(&q);
		month->answered = (uint32_t)query_int(&q);
		month->missed = (uint32_t)query_int(&q);
		month->acknowledged = (uint32_t)query_int(&q);
	}
	if ((rc = query_end(&q)) != OK || month->answered == 0)
		return rc;
	rc = count_rank(keeper, line, month->month, (month->answered - 1) / 2,
	    &month->median_ms);
	if (rc != OK)
		return rc;
	return count_rank(keeper, line, month->month, month->answered - 1,
	    &month->worst_ms);
}

static int
put(struct keeper *keeper, const struct post_line *line, enum side side,
    const struct month *month)
{
	struct query q = store_query(&keeper->store, STMT_MONTH_PUT);

	query_bind_int(&q, line->id);
	query_bind_int(&q, side);
	query_bind_int(&q, month->month);
	query_bind_int(&q, month->sent);
	query_bind_int(&q, month->answered);
	query_bind_int(&q, month->missed);
	query_bind_int(&q, month->median_ms);
	query_bind_int(&q, month->worst_ms);
	query_bind_int(&q, month->acknowledged);
	return query_run(&q);
}

/* -- what the peer is told --------------------------------------------------- */

struct saying {
	struct keeper *keeper;
	struct post_line *line;
	bool more;
};

static int
say_one(struct saying *saying, uint32_t month)
{
	struct record note = { .kind = RECORD_MONTH, .month.month = month };
	struct keeper *keeper = saying->keeper;
	uint8_t id[RECORD_ID_BYTES];
	int rc;

	if ((rc = count(keeper, saying->line, &note.month)) != OK ||
	    (rc = put(keeper, saying->line, SIDE_US, &note.month)) != OK ||
	    !record_is_month(&note.month))
		return rc;
	return journal_append_note(keeper, saying->line, &note, NULL, id);
}

static int
say(void *ctx)
{
	struct saying *saying = ctx;
	struct query q = store_query(&saying->keeper->store, STMT_MONTH_UNSAID);
	int64_t month;
	int rc;

	query_bind_int(&q, saying->line->id);
	query_bind_int(&q, month_of(saying->keeper->now.wall_ms));
	rc = query_one(&q, &month);
	saying->more = rc == OK;
	if (rc != OK)
		return rc == ERR_NOT_FOUND ? OK : rc;
	return say_one(saying, (uint32_t)month);
}

void
month_look(struct keeper *keeper, struct post_line *line)
{
	const uint32_t now = month_of(keeper->now.wall_ms);
	struct saying saying = { keeper, line, true };

	if (line->report.state != LINE_UP || line->month_said == now ||
	    disk_state(&keeper->disk) == STORE_FULL)
		return;
	/* One a report: whatever was left is told by and by. */
	if (post_commit(keeper, line, say, &saying) != OK)
		return;
	if (!saying.more) {
		if (!drill_waits(keeper, line))
			line->month_said = now;
		return;
	}
	post_tell_status(keeper, line);
	outbox_push(keeper, line);
}

int
month_take(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival)
{
	const struct month *month = &arrival->record->month;
	int rc;

	if ((rc = put(keeper, line, SIDE_THEM, month)) != OK)
		return rc;
	return diary_add(keeper,
	    (struct diary_entry){ line, "drill", NULL, "month" },
	    "%s tells of its drills of %04u-%02u: %" PRIu32 " sent, %" PRIu32
	    " answered in time, %" PRIu32 " missed.",
	    line->name, month->month / 12, month->month % 12 + 1, month->sent,
	    month->answered, month->missed);
}

/* -- for people -------------------------------------------------------------- */

/* A month that was told, or was heard of. */
static int
get(struct keeper *keeper, const struct post_line *line, enum side side,
    struct month *month)
{
	struct query q = store_query(&keeper->store, STMT_MONTH_GET);
	bool found;
	int rc;

	query_bind_int(&q, line->id);
	query_bind_int(&q, side);
	query_bind_int(&q, month->month);
	if ((found = query_next(&q))) {
		month->sent = (uint32_t)query_int(&q);
		month->answered = (uint32_t)query_int(&q);
		month->missed = (uint32_t)query_int(&q);
		month->median_ms = (uint32_t)query_int(&q);
		month->worst_ms = (uint32_t)query_int(&q);
		month->acknowledged = (uint32_t)query_int(&q);
	}
	if ((rc = query_end(&q)) != OK)
		return rc;
	return found ? OK : ERR_NOT_FOUND;
}

static void
show(struct keeper *keeper, struct reply *reply, enum side side, bool told,
    const struct month *month)
{
	char text[MONTH_TEXT_BYTES + 8];

	snprintf(text, sizeof(text), "%04u-%02u", month->month / 12,
	    month->month % 12 + 1);
	reply->view.month = (struct month_view){ .month = text_of(text),
		.side = (uint8_t)side,
		.told = told,
		.sent = month->sent,
		.answered = month->answered,
		.missed = month->missed,
		.median_ms = month->median_ms,
		.worst_ms = month->worst_ms,
		.acknowledged = month->acknowledged };
	reply->cursor = month->month;
	post_reply(keeper, reply);
}

/* What each side counted of it, ours first. */
static int
show_both(struct keeper *keeper, const struct post_line *line,
    struct reply *reply, uint32_t at)
{
	struct month month = { .month = at };
	int rc = get(keeper, line, SIDE_US, &month);
	const bool told = rc == OK;

	if (rc == ERR_NOT_FOUND)
		rc = count(keeper, line, &month);
	if (rc != OK)
		return rc;
	if (month.sent > 0)
		show(keeper, reply, SIDE_US, told, &month);
	month = (struct month){ .month = at };
	rc = get(keeper, line, SIDE_THEM, &month);
	if (rc == OK)
		show(keeper, reply, SIDE_THEM, true, &month);
	return rc == ERR_NOT_FOUND ? OK : rc;
}

static int
find_next(struct keeper *keeper, const struct post_line *line, uint64_t after,
    int64_t *month)
{
	struct query q = store_query(&keeper->store, STMT_MONTH_NEXT);
	const int64_t from = after > MONTH_MAX ? MONTH_MAX : (int64_t)after;
	int rc;

	query_bind_int(&q, line->id);
	query_bind_int(&q, from);
	rc = query_one(&q, month);
	return rc == OK && *month == 0 ? ERR_NOT_FOUND : rc;
}

void
month_on_list(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_ask_line(keeper, request);
	struct reply reply = { .kind = REPLY_VIEW,
		.id = request->id,
		.about = request->kind,
		.more = true };
	uint64_t after = request->page.after;
	uint32_t rows;
	int64_t month;
	int rc = OK;

	if (line == NULL)
		return;
	/* A page is of so many months; each has a row a side. */
	for (rows = 0; rc == OK && rows < request->page.limit; rows++) {
		rc = find_next(keeper, line, after, &month);
		if (rc == OK)
			rc = show_both(keeper, line, &reply, (uint32_t)month);
		after = (uint64_t)month;
	}
	post_reply_list(keeper, request, rc, rc == OK);
}
