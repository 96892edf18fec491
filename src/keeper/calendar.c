#include "keeper/calendar.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "keeper/journal.h"
#include "keeper/outbox.h"

/* Silence of which nobody can say yet what it is; shown as untold. */
enum { PART_PENDING = DAY_PART_COUNT, PARTS, PART_NONE };

#define DAY_MS ((int64_t)DAY_SECONDS * 1000)

/* One row, in milliseconds. */
struct row {
	int64_t date;
	int64_t ms[PARTS];
	bool said; /* to the peer, as it is */
};

static int64_t
date_of(int64_t wall_ms)
{
	const int64_t date = wall_ms < 0 ? 0 : wall_ms / DAY_MS;

	return date < DATE_MAX ? date : DATE_MAX;
}

/* -- rows ------------------------------------------------------------------- */

static void
read_row(struct query *q, struct row *row)
{
	row->date = query_int(q);
	for (size_t i = 0; i < PARTS; i++)
		row->ms[i] = query_int(q);
	row->said = query_int(q) != 0;
}

static int
get_row(struct keeper *keeper, const struct post_line *line, enum side side,
    int64_t date, struct row *row)
{
	struct query q = store_query(&keeper->store, STMT_DAY_GET);

	*row = (struct row){ .date = date };
	query_bind_int(&q, line->id);
	query_bind_int(&q, side);
	query_bind_int(&q, date);
	if (query_next(&q))
		read_row(&q, row);
	return query_end(&q);
}

/* The oldest go, so that as many stay as are promised. */
static int
put_row(struct keeper *keeper, const struct post_line *line, enum side side,
    const struct row *row)
{
	struct query q = store_query(&keeper->store, STMT_DAY_PUT);
	int rc;

	query_bind_int(&q, line->id);
	query_bind_int(&q, side);
	query_bind_int(&q, row->date);
	for (size_t i = 0; i < PARTS; i++)
		query_bind_int(&q, row->ms[i]);
	query_bind_int(&q, row->said);
	if ((rc = query_run(&q)) != OK)
		return rc;
	q = store_query(&keeper->store, STMT_DAY_TRIM);
	query_bind_int(&q, line->id);
	query_bind_int(&q, side);
	query_bind_int(&q, CALENDAR_DAYS_MAX);
	return query_run(&q);
}

static int64_t
sum_of(const struct row *row)
{
	int64_t sum = 0;

	for (size_t i = 0; i < PARTS; i++)
		sum += row->ms[i];
	return sum;
}

/* Books ms of one day, as far as there is room in it. */
static int
book_day(struct keeper *keeper, struct post_line *line, int64_t date,
    unsigned part, int64_t ms)
{
	struct row row;
	int64_t left;
	int rc;

	if ((rc = get_row(keeper, line, SIDE_US, date, &row)) != OK)
		return rc;
	left = DAY_MS - sum_of(&row);
	if (ms > left)
		ms = left;
	if (ms <= 0)
		return OK;
	row.ms[part] += ms;
	row.said = false;
	if (date != date_of(keeper->now.wall_ms))
		line->calendar.unsaid = true;
	return put_row(keeper, line, SIDE_US, &row);
}

/* Books the ms that ended at wall_ms on the days that they are of. */
static int
book(struct keeper *keeper, struct post_line *line, unsigned part, int64_t ms,
    int64_t wall_ms)
{
	int64_t date = date_of(wall_ms), here_ms;
	int rc = OK;

	if (wall_ms < 0)
		return OK;
	here_ms = wall_ms - date * DAY_MS;
	for (int days = 0; rc == OK && ms > 0 && days < CALENDAR_DAYS_MAX;
	     days++) {
		if (here_ms > ms || date == 0)
			here_ms = ms;
		rc = book_day(keeper, line, date, part, here_ms);
		ms -= here_ms;
		here_ms = DAY_MS;
		if (date-- == 0)
			break;
	}
	return rc;
}

static int
put_until(struct keeper *keeper, const struct post_line *line, int64_t wall_ms)
{
	struct query q = store_query(&keeper->store, STMT_CALENDAR_PUT);

	query_bind_int(&q, line->id);
	query_bind_int(&q, wall_ms);
	return query_run(&q);
}

/* -- booking ---------------------------------------------------------------- */

struct booking {
	struct keeper *keeper;
	struct post_line *line;
	unsigned part;
	int64_t ms;
	int64_t wall_ms; /* when it ended */
};

static int
put_booking(void *ctx)
{
	const struct booking *b = ctx;
	int rc;

	rc = book(b->keeper, b->line, b->part, b->ms, b->wall_ms);
	return rc == OK ? put_until(b->keeper, b->line, b->wall_ms) : rc;
}

/* Of no journal, and not worth the reserve. */
static void
commit(struct keeper *keeper, const struct post_line *line,
    int (*fn)(void *ctx), void *ctx)
{
	const int rc = store_transact(&keeper->store, STORE_RECORD, fn, ctx);

	if (rc != OK)
		log_warnx("line %u: its calendar was not kept (%s)", line->id,
		    err_str(rc));
}

/* Books what has gone by since the mark, as it was until `seen`. */
static void
book_until_seen(struct keeper *keeper, struct post_line *line)
{
	struct calendar *calendar = &line->calendar;
	struct booking b = { keeper, line, calendar->part,
		(int64_t)((calendar->seen.now_ns - calendar->mark_ns) /
		    CLOCK_NS_PER_MS),
		calendar->seen.wall_ms };

	if (b.part == PART_NONE)
		calendar->mark_ns = calendar->seen.now_ns;
	if (b.part == PART_NONE || b.ms == 0)
		return;
	/* The rest of a millisecond is of the next booking. */
	calendar->mark_ns += (uint64_t)b.ms * CLOCK_NS_PER_MS;
	commit(keeper, line, put_booking, &b);
}

/* Where nobody looked for long, as in a machine that slept, or where the wall
 * clock jumped, what was before is booked by what the clocks showed then. */
static void
look(struct keeper *keeper, struct post_line *line)
{
	struct calendar *calendar = &line->calendar;
	const int64_t gap_ms =
	    (int64_t)((keeper->now.now_ns - calendar->seen.now_ns) /
		CLOCK_NS_PER_MS);
	const int64_t wall_ms = keeper->now.wall_ms - calendar->seen.wall_ms;
	const bool slept = gap_ms > (int64_t)CALENDAR_GAP_S * 1000;
	const unsigned part = calendar->part;

	if (!slept && wall_ms - gap_ms < CALENDAR_JUMP_MS &&
	    gap_ms - wall_ms < CALENDAR_JUMP_MS) {
		calendar->seen = keeper->now;
		return;
	}
	book_until_seen(keeper, line);
	calendar->seen = keeper->now;
	if (!slept || part == PART_NONE)
		return;
	calendar->part = DAY_DOWN;
	book_until_seen(keeper, line);
	calendar->part = part;
}

void
calendar_flush(struct keeper *keeper, struct post_line *line)
{
	look(keeper, line);
	book_until_seen(keeper, line);
	line->calendar.due_ns =
	    keeper->now.now_ns + (uint64_t)CALENDAR_BOOK_S * CLOCK_NS_PER_S;
}

/* -- what a silence was ----------------------------------------------------- */

struct verdict {
	struct keeper *keeper;
	struct post_line *line;
	enum day_part part;
};

/* All rows at once: a silence may have lasted for days. */
static int
settle(void *ctx)
{
	static const enum stmt stmts[DAY_PART_COUNT] = {
		[DAY_PATH] = STMT_DAY_WAS_PATH,
		[DAY_POST] = STMT_DAY_WAS_POST,
		[DAY_UNTOLD] = STMT_DAY_WAS_UNTOLD,
	};
	const struct verdict *verdict = ctx;
	struct query q =
	    store_query(&verdict->keeper->store, stmts[verdict->part]);

	query_bind_int(&q, verdict->line->id);
	return query_run(&q);
}

static void
judge(struct keeper *keeper, struct post_line *line, enum day_part part)
{
	struct verdict verdict = { keeper, line, part };

	if (!line->calendar.pends)
		return;
	commit(keeper, line, settle, &verdict);
	line->calendar.unsaid = true;
	line->calendar.pends = false;
}

static unsigned
part_of(const struct line_report *report)
{
	switch (report->state) {
	case LINE_UP:
		return DAY_UP;
	case LINE_ONE_WAY:
		return DAY_ONE_WAY;
	case LINE_BOOTING:
		return DAY_STARTING;
	case LINE_SILENT:
		return report->why == WHY_PATH_OR_POST ? (unsigned)PART_PENDING
						       : DAY_GOODBYE;
	case LINE_UNCONFIRMED:
	case LINE_STATE_COUNT:
		break;
	}
	return PART_NONE;
}

/* -- what the peer is told -------------------------------------------------- */

struct saying {
	struct keeper *keeper;
	struct post_line *line;
	bool more;
};

static int
append_day(struct keeper *keeper, struct post_line *line, struct row *row)
{
	struct record note = { .kind = RECORD_DAY,
		.day.date = (uint32_t)row->date };
	uint8_t id[RECORD_ID_BYTES];
	int rc;

	for (size_t i = 0; i < DAY_PART_COUNT; i++)
		note.day.seconds[i] = (uint32_t)(row->ms[i] / 1000);
	row->said = true;
	if ((rc = put_row(keeper, line, SIDE_US, row)) != OK ||
	    !record_is_day(&note.day))
		return rc;
	return journal_append_note(keeper, line, &note, NULL, id);
}

/* Days that have ended, and were not told as they are. */
static int
append_days(void *ctx)
{
	struct saying *saying = ctx;
	struct keeper *keeper = saying->keeper;
	struct query q;
	struct row row;
	int rc;

	for (int i = 0; i < CALENDAR_SAY_MAX; i++) {
		q = store_query(&keeper->store, STMT_DAY_UNSAID);
		query_bind_int(&q, saying->line->id);
		query_bind_int(&q, date_of(keeper->now.wall_ms));
		saying->more = query_next(&q);
		if (saying->more)
			read_row(&q, &row);
		if ((rc = query_end(&q)) != OK || !saying->more)
			return rc;
		rc = append_day(keeper, saying->line, &row);
		if (rc != OK)
			return rc;
	}
	return OK;
}

/* Once a day has ended, and whenever an earlier one got to be known better. */
static void
say(struct keeper *keeper, struct post_line *line)
{
	struct calendar *calendar = &line->calendar;
	struct saying saying = { keeper, line, false };
	const int64_t today = date_of(keeper->now.wall_ms);

	if (line->report.state != LINE_UP || calendar->pends ||
	    disk_state(&keeper->disk) == STORE_FULL ||
	    (!calendar->unsaid && calendar->said_date == today) ||
	    post_commit(keeper, line, append_days, &saying) != OK)
		return;
	calendar->said_date = today;
	calendar->unsaid = saying.more;
	post_tell_status(keeper, line);
	outbox_push(keeper, line);
}

/* -- events ----------------------------------------------------------------- */

int
calendar_load(struct keeper *keeper, struct post_line *line)
{
	struct calendar *calendar = &line->calendar;
	struct query q = store_query(&keeper->store, STMT_CALENDAR_GET);
	int64_t until_ms;
	int rc;

	/* Of a line that is in memory already, another thing changed. */
	if (calendar->loaded)
		return OK;
	*calendar = (struct calendar){ .loaded = true, .part = PART_NONE };
	calendar->seen = keeper->now;
	calendar->mark_ns = keeper->now.now_ns;
	query_bind_int(&q, line->id);
	rc = query_one(&q, &until_ms);
	if (rc == ERR_NOT_FOUND)
		return OK;
	if (rc != OK)
		return rc;
	calendar->part = DAY_DOWN;
	calendar->down_ms = keeper->now.wall_ms - until_ms;
	/* What was pending may still be told, and what was unsaid is. */
	calendar->pends = calendar->unsaid = true;
	return OK;
}

/* The first look after a start: the post was down until then.  Only the wall
 * clock knows for how long, and it may know nothing. */
static void
book_down(struct keeper *keeper, struct post_line *line)
{
	struct calendar *calendar = &line->calendar;
	struct booking b = { keeper, line, DAY_DOWN, calendar->down_ms,
		calendar->seen.wall_ms };

	if (b.ms > 0)
		commit(keeper, line, put_booking, &b);
	calendar->down_ms = 0;
}

/* From here on, a post that does not run is down. */
static void
begin(struct keeper *keeper, struct post_line *line)
{
	struct booking b = { keeper, line, DAY_UP, 0,
		line->calendar.seen.wall_ms };

	commit(keeper, line, put_booking, &b);
}

/* A silence began with the last frame, and not when it was noticed. */
static void
date_back(struct post_line *line)
{
	struct calendar *calendar = &line->calendar;
	const uint64_t open_ms =
	    (calendar->seen.now_ns - calendar->mark_ns) / CLOCK_NS_PER_MS;
	const uint64_t ago_ms = line->report.heard_ms_ago < open_ms
	    ? line->report.heard_ms_ago
	    : open_ms;

	calendar->seen.now_ns -= ago_ms * CLOCK_NS_PER_MS;
	calendar->seen.wall_ms -= (int64_t)ago_ms;
}

void
calendar_on_report(struct keeper *keeper, struct post_line *line)
{
	struct calendar *calendar = &line->calendar;
	const struct line_report *report = &line->report;
	const unsigned part = part_of(report);

	if (calendar->down_ms != 0)
		book_down(keeper, line);
	/* A wire that is new heard nothing of the silence before; one that has
	 * nothing to judge has judged it. */
	if (!calendar->attached &&
	    (report->sessions == 0 ||
		(report->state == LINE_UP && !report->judged)))
		judge(keeper, line, DAY_UNTOLD);
	calendar->attached = true;
	look(keeper, line);
	if (part == PART_PENDING && calendar->part < PART_PENDING) {
		date_back(line);
		book_until_seen(keeper, line);
		calendar->seen = keeper->now;
		calendar->part = part;
	}
	if (part != calendar->part || keeper->now.now_ns >= calendar->due_ns)
		calendar_flush(keeper, line);
	if (calendar->part == PART_NONE && part != PART_NONE)
		begin(keeper, line);
	calendar->part = part;
	calendar->pends |= part == PART_PENDING;
	if (report->state == LINE_UP && report->judged)
		judge(keeper, line, report->was_post ? DAY_POST : DAY_PATH);
	say(keeper, line);
}

void
calendar_on_wire_lost(struct keeper *keeper, struct post_line *line)
{
	struct calendar *calendar = &line->calendar;

	if (!calendar->attached)
		return;
	calendar_flush(keeper, line);
	judge(keeper, line, DAY_UNTOLD);
	calendar->part = DAY_DOWN;
	calendar->attached = false;
}

int
calendar_take(struct keeper *keeper, const struct post_line *line,
    const struct day *day)
{
	struct row row = { .date = day->date, .said = true };

	for (size_t i = 0; i < DAY_PART_COUNT; i++)
		row.ms[i] = (int64_t)day->seconds[i] * 1000;
	return put_row(keeper, line, SIDE_THEM, &row);
}

/* -- telling people --------------------------------------------------------- */

static void
view_row(const struct row *row, struct day *day)
{
	day->date = (uint32_t)row->date;
	for (size_t i = 0; i < DAY_PART_COUNT; i++)
		day->seconds[i] = (uint32_t)(row->ms[i] / 1000);
	day->seconds[DAY_UNTOLD] += (uint32_t)(row->ms[PART_PENDING] / 1000);
}

/* Rows come by date, ours before theirs. */
static void
list(struct keeper *keeper, const struct request *request, struct query *q)
{
	struct reply reply = { .kind = REPLY_DAY,
		.id = request->id,
		.more = true };
	struct day_view *view = &reply.day;
	struct row row;
	bool any = false;

	while (query_next(q)) {
		const bool is_theirs = query_int(q) == SIDE_THEM;

		read_row(q, &row);
		if (any && view->date != (uint32_t)row.date) {
			post_reply(keeper, &reply);
			memset(view, 0, sizeof(*view));
		}
		any = true;
		view->date = (uint32_t)row.date;
		*(is_theirs ? &view->has_theirs : &view->has_ours) = true;
		view_row(&row, is_theirs ? &view->theirs : &view->ours);
	}
	if (any)
		post_reply(keeper, &reply);
}

void
calendar_on_request(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_ask_line(keeper, request);
	struct query q;

	if (line == NULL)
		return;
	calendar_flush(keeper, line);
	q = store_query(&keeper->store, STMT_DAY_LIST);
	query_bind_int(&q, line->id);
	query_bind_int(&q,
	    date_of(keeper->now.wall_ms) - (int64_t)request->days);
	list(keeper, request, &q);
	if (query_end(&q) != OK)
		post_reply_store(keeper, request->id, ERR_IO);
	else
		post_reply_done(keeper, request->id);
}
