#include "keeper/alarm.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "keeper/delegate.h"
#include "keeper/diary.h"
#include "keeper/ref.h"
#include "keeper/ringing.h"
#include "keeper/wake.h"

enum { TRIM_EVERY = 64 };

/* What rings first where several do. */
static const uint8_t ranks[ALARM_WHAT_COUNT] = {
	[ALARM_FLASH] = 0,
	[ALARM_TEST] = 1, /* somebody waits for it */
	[ALARM_IMMEDIATE] = 2,
	[ALARM_SILENT] = 3,
	[ALARM_DRILL] = 4,
	[ALARM_FAULT] = 5,
	[ALARM_DEADLINE] = 6,
	[ALARM_PRIORITY] = 7,
	[ALARM_ROUTINE] = 8,
};

static int64_t
wall_ms(const struct keeper *keeper)
{
	/* 0 is "not yet", whatever the clocks say. */
	return keeper->now.wall_ms > 0 ? keeper->now.wall_ms : 1;
}

static uint32_t
line_id(const struct alarm_cause *cause)
{
	return cause->line != NULL ? cause->line->id : 0;
}

static const char *
line_name(const struct alarm_cause *cause)
{
	return cause->line != NULL ? cause->line->name : "";
}

/* OK: it is live already; ERR_NOT_FOUND: it is not. */
static int
find_live(struct keeper *keeper, const struct alarm_cause *cause)
{
	struct query q = store_query(&keeper->store, STMT_ALARM_FIND);
	const char *ref = cause->ref != NULL ? cause->ref : "";
	int64_t one;

	query_bind_int(&q, line_id(cause));
	query_bind_int(&q, cause->what);
	query_bind_text(&q, ref, strlen(ref));
	return query_one(&q, &one);
}

/* One that has rung once, and that nobody saw to, rings once more where the same
 * comes again.  ERR_NOT_FOUND: there is none. */
static int
ring_again(struct keeper *keeper, const struct alarm_cause *cause)
{
	struct query q = store_query(&keeper->store, STMT_ALARM_AGAIN);
	const char *ref = cause->ref != NULL ? cause->ref : "";
	int64_t number;

	query_bind_int(&q, wall_ms(keeper));
	query_bind_int(&q, line_id(cause));
	query_bind_int(&q, cause->what);
	query_bind_text(&q, ref, strlen(ref));
	query_bind_text(&q, cause->say, strlen(cause->say));
	return query_one(&q, &number);
}

static int
trim(struct keeper *keeper, int64_t number)
{
	struct query q;

	if (number % TRIM_EVERY != 0 || number <= ALARM_KEPT_MAX)
		return OK;
	q = store_query(&keeper->store, STMT_ALARM_TRIM);
	query_bind_int(&q, number - ALARM_KEPT_MAX);
	return query_run(&q);
}

static int
add(struct keeper *keeper, const struct alarm_cause *cause)
{
	const uint8_t rings = keeper->alarms.wake.rings[cause->what];
	const char *ref = cause->ref != NULL ? cause->ref : "";
	struct query q = store_query(&keeper->store, STMT_ALARM_ADD);
	int rc;

	query_bind_int(&q, cause->what);
	query_bind_int(&q, ranks[cause->what]);
	query_bind_int(&q, rings);
	query_bind_int(&q, line_id(cause));
	query_bind_text(&q, line_name(cause), strlen(line_name(cause)));
	query_bind_blob(&q, cause->id, cause->id != NULL ? RECORD_ID_BYTES : 0);
	query_bind_text(&q, ref, strlen(ref));
	query_bind_text(&q, cause->say, strlen(cause->say));
	query_bind_int(&q, wall_ms(keeper));
	if ((rc = query_run(&q)) != OK)
		return rc;
	return trim(keeper, store_last_row(&keeper->store, STORE_RECORD));
}

int
alarm_raise(struct keeper *keeper, const struct alarm_cause *cause)
{
	int rc;

	if (keeper->alarms.wake.rings[cause->what] == ALARM_RINGS_NOT)
		return OK;
	rc = cause->what == ALARM_TEST ? ERR_NOT_FOUND
				       : find_live(keeper, cause);
	if (rc != ERR_NOT_FOUND)
		return rc;
	rc = cause->what == ALARM_TEST ? ERR_NOT_FOUND
				       : ring_again(keeper, cause);
	if (rc == ERR_NOT_FOUND)
		rc = add(keeper, cause);
	if (rc != OK)
		return rc;
	ringing_renew(keeper);
	return diary_add(keeper,
	    (struct diary_entry){ cause->line, "alarm", cause->ref,
		word_name(&alarm_whats, cause->what) },
	    "Alarm: %s", cause->say);
}

int
alarm_resay(struct keeper *keeper, const struct alarm_cause *cause)
{
	struct query q = store_query(&keeper->store, STMT_ALARM_RESAY);
	int64_t number;

	query_bind_text(&q, cause->say, strlen(cause->say));
	query_bind_int(&q, line_id(cause));
	query_bind_int(&q, cause->what);
	return query_one(&q, &number);
}

struct note {
	struct keeper *keeper;
	const struct alarm_cause *cause;
};

static int
raise_note(void *ctx)
{
	const struct note *note = ctx;

	return alarm_raise(note->keeper, note->cause);
}

void
alarm_note(struct keeper *keeper, const struct alarm_cause *cause)
{
	struct note note = { keeper, cause };
	int rc;

	rc = store_transact(&keeper->store, STORE_RECORD, raise_note, &note);
	if (rc != OK)
		log_warnx("alarms: one was not kept (%s)", err_str(rc));
	diary_tell(keeper);
}

int
alarm_on_message(struct keeper *keeper, const struct post_line *line,
    const struct record *record, const char *ref)
{
	const enum alarm_what what = (enum alarm_what)record->precedence;
	char say[POST_SAY_BYTES];

	snprintf(say, sizeof(say), "Message %s of %s, %s%s, awaits a person.",
	    ref, line->name, word_name(&alarm_whats, what),
	    ref_marked(record->mark));
	return alarm_raise(keeper,
	    &(struct alarm_cause){ .what = what,
		.line = line,
		.id = record->id,
		.ref = ref,
		.say = say });
}

/* -- the end ---------------------------------------------------------------- */

/* Begins a statement that ends some. */
static struct query
end_query(struct keeper *keeper, enum stmt stmt, enum alarm_state how)
{
	struct query q = store_query(&keeper->store, stmt);
	const char *who = how == ALARM_ACKNOWLEDGED ? keeper_who(keeper) : "";

	query_bind_int(&q, how);
	query_bind_int(&q, wall_ms(keeper));
	query_bind_text(&q, who, strlen(who));
	return q;
}

/* And runs it: how many there were. */
static int
end_run(struct keeper *keeper, struct query *q, size_t *ended)
{
	*ended = 0;
	while (query_next(q))
		++*ended;
	if (*ended > 0)
		ringing_renew(keeper);
	return query_end(q);
}

int
alarm_on_acknowledged(struct keeper *keeper, const struct post_line *line,
    const uint8_t id[RECORD_ID_BYTES])
{
	struct query q =
	    end_query(keeper, STMT_ALARM_END_ABOUT, ALARM_ACKNOWLEDGED);
	size_t ended;

	query_bind_int(&q, line->id);
	query_bind_blob(&q, id, RECORD_ID_BYTES);
	return end_run(keeper, &q, &ended);
}

struct over {
	struct keeper *keeper;
	const struct post_line *line;
	enum alarm_what what; /* ALARM_WHAT_COUNT: whatever it is */
};

static int
end_of(void *ctx)
{
	const struct over *over = ctx;
	struct query q = end_query(over->keeper,
	    over->what != ALARM_WHAT_COUNT ? STMT_ALARM_END_OF
					   : STMT_ALARM_END_LINE,
	    ALARM_OVER);
	size_t ended;
	int rc;

	query_bind_int(&q, over->line->id);
	if (over->what != ALARM_WHAT_COUNT)
		query_bind_int(&q, over->what);
	if ((rc = end_run(over->keeper, &q, &ended)) != OK || ended == 0)
		return rc;
	return diary_add(over->keeper,
	    (struct diary_entry){ over->line, "alarm", NULL, "over" },
	    "What the alarm of %s was about is over.", over->line->name);
}

/* What such alarms of the line were about has ended: so have they. */
static void
end_alarms(struct keeper *keeper, const struct post_line *line,
    enum alarm_what what)
{
	struct over over = { keeper, line, what };
	int rc;

	rc = store_transact(&keeper->store, STORE_RECORD, end_of, &over);
	if (rc != OK)
		log_warnx("alarms: the end of one was not kept (%s)",
		    err_str(rc));
	diary_tell(keeper);
}

void
alarm_on_close(struct keeper *keeper, const struct post_line *line)
{
	end_alarms(keeper, line, ALARM_WHAT_COUNT);
}

/* For how long the line has been silent, as far as this post knows: one that it
 * has not heard since its own start is missed from its first look on, where there
 * ever was a session.  Whoever said goodbye is not missed. */
static uint64_t
silent_ms(const struct keeper *keeper, struct post_line *line)
{
	const struct line_report *report = &line->report;

	if (report->heard_ms_ago != UINT64_MAX)
		line->unheard_ns = 0;
	else if (line->unheard_ns == 0)
		line->unheard_ns = keeper->now.now_ns;
	if (report->state != LINE_SILENT || report->why != WHY_PATH_OR_POST)
		return 0;
	if (line->unheard_ns == 0)
		return report->heard_ms_ago;
	return line->continuity.done.number == 0
	    ? 0
	    : (keeper->now.now_ns - line->unheard_ns) / CLOCK_NS_PER_MS;
}

void
alarm_look(struct keeper *keeper, struct post_line *line)
{
	const uint64_t ms = silent_ms(keeper, line);
	char say[POST_SAY_BYTES];

	if (ms / 1000 >= keeper->alarms.wake.silent_s &&
	    line->mute != MUTE_IS) {
		snprintf(say, sizeof(say),
		    "The line to %s is silent for %" PRIu64
		    " min: the path is cut or their post has stopped.",
		    line->name, ms / 60000);
		line->mute = MUTE_IS;
		alarm_note(keeper,
		    &(struct alarm_cause){ .what = ALARM_SILENT,
			.line = line,
			.say = say });
	} else if (line->report.state == LINE_UP && line->mute != MUTE_NOT) {
		line->mute = MUTE_NOT;
		end_alarms(keeper, line, ALARM_SILENT);
	}
}

/* -- people ----------------------------------------------------------------- */

static void
take_view(struct query *q, struct alarm_view *view)
{
	struct text ref;

	memset(view, 0, sizeof(*view));
	view->number = (uint64_t)query_int(q);
	view->what = (uint8_t)query_int(q);
	view->rings = (uint8_t)query_int(q);
	view->state = (uint8_t)query_int(q);
	view->line.data = query_text(q, &view->line.len);
	ref.data = query_text(q, &ref.len);
	if (ref.len > 0 && ref.len < sizeof(view->ref))
		memcpy(view->ref, ref.data, ref.len);
	view->say.data = query_text(q, &view->say.len);
	view->since_ms = query_int(q);
	view->rang_ms = query_int(q);
	view->times = (uint64_t)query_int(q);
	view->step = (uint64_t)query_int(q);
	view->heard = (uint32_t)query_int(q);
	view->trouble.data = query_text(q, &view->trouble.len);
	view->ended_ms = query_int(q);
	view->by.data = query_text(q, &view->by.len);
}

/* Those after one number, and up to another. */
static struct query
list_query(struct keeper *keeper, uint64_t after, int64_t upto, bool all,
    int64_t limit)
{
	struct query q = store_query(&keeper->store, STMT_ALARM_LIST);

	query_bind_int(&q, after > INT64_MAX ? INT64_MAX : (int64_t)after);
	query_bind_int(&q, upto);
	query_bind_int(&q, all);
	query_bind_int(&q, limit);
	return q;
}

/* Answers with as many of them as the query has, up to limit. */
static int
reply_views(struct keeper *keeper, const struct request *request,
    struct query *q, uint32_t limit, bool is_list, uint32_t *count, bool *cut)
{
	struct reply reply = { .kind = REPLY_VIEW,
		.about = request->kind,
		.id = request->id,
		.more = is_list };
	char title[POST_NAME_BYTES];

	*count = 0;
	while (*count < limit && query_next(q)) {
		take_view(q, &reply.view.alarm);
		if (reply.view.alarm.state == ALARM_LIVE &&
		    wake_title(keeper, reply.view.alarm.step, title))
			reply.view.alarm.wakes = text_of(title);
		reply.cursor = reply.view.alarm.number;
		post_reply(keeper, &reply);
		++*count;
	}
	*cut = *count == limit && query_next(q);
	return query_end(q);
}

void
alarm_on_list(struct keeper *keeper, const struct request *request)
{
	uint32_t limit = request->page.limit, count;
	struct query q;
	bool cut;
	int rc;

	if (limit == 0 || limit > ALARM_LIST_MAX)
		limit = ALARM_LIST_MAX;
	q = list_query(keeper, request->page.after, INT64_MAX,
	    request->ask.alarm_list.all, (int64_t)limit + 1);
	rc = reply_views(keeper, request, &q, limit, true, &count, &cut);
	post_reply_list(keeper, request, rc, cut);
}

int
alarm_waiting(struct keeper *keeper, struct waiting_list *list)
{
	struct query q =
	    list_query(keeper, 0, INT64_MAX, false, ALARM_LIST_MAX);
	struct waiting_about about = { .kind = WAITING_ALARM,
		.who = "the watch" };
	struct alarm_view view;
	char ref[REQUEST_REF_BYTES];
	bool more = true;

	while (more && query_next(&q)) {
		take_view(&q, &view);
		if (view.what <= ALARM_FLASH)
			continue;
		snprintf(ref, sizeof(ref), "%" PRIu64, view.number);
		about.line = post_find_name(keeper, view.line);
		about.ref = ref;
		about.since_ms = view.since_ms;
		more = waiting_add(list, &about, "Alarm: %.*s",
		    (int)view.say.len, view.say.data);
	}
	return query_end(&q);
}

static void
reply_no_alarm(struct keeper *keeper, const struct request *request)
{
	post_reply_error(keeper, request->id, ERR_NOT_FOUND,
	    "There is no such alarm, or it has ended; `quietline alarm list` "
	    "shows them.");
}

static void
reply_one(struct keeper *keeper, const struct request *request, uint64_t n)
{
	struct query q;
	uint32_t count;
	bool cut;
	int rc;

	if (n == 0 || n > INT64_MAX) {
		reply_no_alarm(keeper, request);
		return;
	}
	q = list_query(keeper, n - 1, (int64_t)n, true, 1);
	rc = reply_views(keeper, request, &q, 1, false, &count, &cut);
	if (rc != OK)
		post_reply_store(keeper, request->id, rc);
	else if (count == 0)
		reply_no_alarm(keeper, request);
}

void
alarm_on_show(struct keeper *keeper, const struct request *request)
{
	reply_one(keeper, request, request->n);
}

struct ack {
	struct keeper *keeper;
	uint64_t n; /* 0: all that are live */
	size_t ended;
};

static int
acknowledge(void *ctx)
{
	struct ack *ack = ctx;
	const char *who = keeper_who(ack->keeper);
	struct query q = end_query(ack->keeper,
	    ack->n != 0 ? STMT_ALARM_END : STMT_ALARM_END_ALL,
	    ALARM_ACKNOWLEDGED);
	int rc;

	query_bind_int(&q, ack->n != 0 ? (int64_t)ack->n : INT64_MAX);
	rc = end_run(ack->keeper, &q, &ack->ended);
	if (rc != OK || ack->ended == 0)
		return rc;
	if (ack->n == 0)
		return diary_add(ack->keeper,
		    (struct diary_entry){ NULL, "alarm", NULL, "acknowledged" },
		    "All alarms were acknowledged here (%zu)%s%.200s.",
		    ack->ended, *who != '\0' ? ", by " : "", who);
	return diary_add(ack->keeper,
	    (struct diary_entry){ NULL, "alarm", NULL, "acknowledged" },
	    "Alarm %" PRIu64 " was acknowledged here%s%.200s.", ack->n,
	    *who != '\0' ? ", by " : "", who);
}

void
alarm_on_ack(struct keeper *keeper, const struct request *request)
{
	struct ack ack = { .keeper = keeper, .n = request->n };
	int rc;

	if (ack.n > INT64_MAX) {
		reply_no_alarm(keeper, request);
		return;
	}
	rc = store_transact(&keeper->store, STORE_RECORD, acknowledge, &ack);
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		return;
	}
	if (ack.ended == 0 && ack.n != 0) {
		reply_no_alarm(keeper, request);
		return;
	}
	post_reply_done(keeper, request->id);
	diary_tell(keeper);
}

struct test {
	struct keeper *keeper;
	int64_t number;
};

static int
raise_test(void *ctx)
{
	struct test *test = ctx;
	const struct alarm_cause cause = { .what = ALARM_TEST,
		.say = "This is a test." };
	int rc;

	if ((rc = add(test->keeper, &cause)) != OK)
		return rc;
	test->number = store_last_row(&test->keeper->store, STORE_RECORD);
	ringing_renew(test->keeper);
	return diary_add(test->keeper,
	    (struct diary_entry){ NULL, "alarm", NULL, "test" },
	    "Alarm %" PRId64 " is a test.", test->number);
}

void
alarm_on_test(struct keeper *keeper, const struct request *request)
{
	struct test test = { .keeper = keeper };
	int rc;

	rc = store_transact(&keeper->store, STORE_RECORD, raise_test, &test);
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		return;
	}
	reply_one(keeper, request, (uint64_t)test.number);
	diary_tell(keeper);
}
