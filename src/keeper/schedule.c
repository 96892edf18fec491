#include "keeper/schedule.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "keeper/diary.h"
#include "keeper/drill.h"
#include "keeper/outbox.h"

#define DAY_MS ((int64_t)DAY_SECONDS * 1000)

enum { AT_BYTES = DRILL_AT_BYTES + 1, MINUTE_MS = 60 * 1000 };

/* -- moments ----------------------------------------------------------------- */

int64_t
schedule_moment(const struct drill_plan *plan, int64_t wall_ms)
{
	int64_t since_ms = (wall_ms - plan->at_ms) % plan->every_ms;

	if (since_ms < 0)
		since_ms += plan->every_ms;
	return wall_ms - since_ms;
}

int64_t
schedule_within_ms(const struct post_line *line)
{
	return line->plan.every_ms != 0 ? line->plan.within_ms
					: (int64_t)DRILL_WITHIN_S * 1000;
}

static int64_t
next_ms(const struct keeper *keeper, const struct post_line *line)
{
	const struct drill_plan *plan = &line->plan;
	const int64_t moment_ms = schedule_moment(plan, keeper->now.wall_ms);

	return moment_ms > plan->last_ms ? moment_ms
					 : moment_ms + plan->every_ms;
}

static bool
has_plan(const struct post_line *line)
{
	return post_line_is_active(line) && line->plan.every_ms != 0;
}

uint64_t
schedule_next_ns(const struct keeper *keeper)
{
	uint64_t earliest_ns = UINT64_MAX, at_ns;
	int64_t left_ms;

	for (size_t i = 0; i < LINES_MAX; i++) {
		const struct post_line *line = &keeper->lines[i];

		if (!has_plan(line))
			continue;
		left_ms = next_ms(keeper, line) - keeper->now.wall_ms;
		at_ns = keeper->now.now_ns +
		    (left_ms > 0 ? (uint64_t)left_ms * CLOCK_NS_PER_MS : 0);
		if (at_ns < earliest_ns)
			earliest_ns = at_ns;
	}
	return earliest_ns;
}

/* -- the store --------------------------------------------------------------- */

int
schedule_load(struct keeper *keeper, struct post_line *line)
{
	struct query q = store_query(&keeper->store, STMT_PLAN_GET);

	/* Of a line that is in memory already, another thing changed. */
	if (line->plan.loaded)
		return query_end(&q);
	line->plan = (struct drill_plan){ .loaded = true };
	query_bind_int(&q, line->id);
	if (query_next(&q)) {
		line->plan.every_ms = query_int(&q);
		line->plan.at_ms = query_int(&q);
		line->plan.within_ms = query_int(&q);
		line->plan.last_ms = query_int(&q);
	}
	return query_end(&q);
}

struct putting {
	struct keeper *keeper;
	const struct post_line *line;
	struct drill_plan plan;
	const char *what; /* NULL: nothing to tell */
	const char *say;
};

static int
put(void *ctx)
{
	const struct putting *putting = ctx;
	const struct drill_plan *plan = &putting->plan;
	struct query q = store_query(&putting->keeper->store, STMT_PLAN_PUT);
	int rc;

	query_bind_int(&q, putting->line->id);
	query_bind_int(&q, plan->every_ms);
	query_bind_int(&q, plan->at_ms);
	query_bind_int(&q, plan->within_ms);
	query_bind_int(&q, plan->last_ms);
	if ((rc = query_run(&q)) != OK || putting->what == NULL)
		return rc;
	return diary_add(putting->keeper,
	    (struct diary_entry){ putting->line, "drill", NULL, putting->what },
	    "%s", putting->say);
}

/* -- time -------------------------------------------------------------------- */

/* The moment is done with; is_late: and nothing came of it. */
static void
keep(struct keeper *keeper, struct post_line *line, bool is_late)
{
	char say[POST_SAY_BYTES];
	struct putting putting = { .keeper = keeper,
		.line = line,
		.plan = line->plan,
		.what = is_late ? "passed-over" : NULL,
		.say = say };
	int rc;

	snprintf(say, sizeof(say),
	    "A moment for a drill to %s passed while this post did not run, or "
	    "its clock was set; it is passed over.",
	    line->name);
	rc = store_transact(&keeper->store, STORE_RECORD, put, &putting);
	if (rc != OK)
		log_warnx("line %u: the schedule of drills was not kept (%s)",
		    line->id, err_str(rc));
	else
		diary_tell(keeper);
}

static void
fire(struct keeper *keeper, struct post_line *line)
{
	uint8_t id[RECORD_ID_BYTES];
	int rc;

	line->plan.fired_ns = keeper->now.now_ns;
	keep(keeper, line, false);
	if ((rc = drill_send(keeper, line, true, id)) != OK)
		log_warnx("line %u: a drill was not sent (%s)", line->id,
		    err_str(rc));
	outbox_push(keeper, line);
}

static void
look(struct keeper *keeper, struct post_line *line)
{
	struct drill_plan *plan = &line->plan;
	const int64_t moment_ms = schedule_moment(plan, keeper->now.wall_ms);
	const uint64_t half_ns = (uint64_t)plan->every_ms / 2 * CLOCK_NS_PER_MS;
	const bool was_set_back = plan->last_ms > keeper->now.wall_ms;
	const bool is_late =
	    keeper->now.wall_ms - moment_ms > (int64_t)DRILL_LATE_MS;

	if (moment_ms == plan->last_ms)
		return;
	/* Done with, whatever comes of it: nothing is due twice. */
	plan->last_ms = moment_ms;
	if (was_set_back || is_late ||
	    (plan->fired_ns != 0 &&
		keeper->now.now_ns - plan->fired_ns < half_ns))
		keep(keeper, line, is_late && !was_set_back);
	else
		fire(keeper, line);
}

void
schedule_on_time(struct keeper *keeper)
{
	for (size_t i = 0; i < LINES_MAX; i++) {
		if (has_plan(&keeper->lines[i]))
			look(keeper, &keeper->lines[i]);
	}
}

/* -- what people ask --------------------------------------------------------- */

static void
show(struct keeper *keeper, const struct request *request,
    const struct post_line *line)
{
	const struct drill_plan *plan = &line->plan;
	struct reply reply = { .kind = REPLY_VIEW,
		.id = request->id,
		.about = request->kind };
	char at[AT_BYTES + 8] = "";

	if (plan->every_ms != 0) {
		snprintf(at, sizeof(at), "%02u:%02u",
		    (unsigned)(plan->at_ms / MINUTE_MS / 60 % 24),
		    (unsigned)(plan->at_ms / MINUTE_MS % 60));
		reply.view.plan.every_s = (uint64_t)plan->every_ms / 1000;
		reply.view.plan.within_s = (uint64_t)plan->within_ms / 1000;
		reply.view.plan.next_ms = next_ms(keeper, line);
	}
	reply.view.plan.at = text_of(at);
	post_reply(keeper, &reply);
}

void
schedule_on_show(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_ask_line(keeper, request);

	if (line != NULL)
		show(keeper, request, line);
}

/* "06:00" as milliseconds of a day. */
static int
read_at(struct text at, int64_t *at_ms)
{
	int hour, minute;

	*at_ms = 0;
	if (at.len == 0)
		return OK;
	if (at.len != DRILL_AT_BYTES)
		return ERR_FORMAT;
	for (size_t i = 0; i < DRILL_AT_BYTES; i++) {
		if (i == 2 ? at.data[i] != ':'
			   : at.data[i] < '0' || at.data[i] > '9')
			return ERR_FORMAT;
	}
	hour = (at.data[0] - '0') * 10 + at.data[1] - '0';
	minute = (at.data[3] - '0') * 10 + at.data[4] - '0';
	if (hour > 23 || minute > 59)
		return ERR_FORMAT;
	*at_ms = (int64_t)(hour * 60 + minute) * MINUTE_MS;
	return OK;
}

static int
read_plan(const struct keeper *keeper, const struct plan_ask *ask,
    struct drill_plan *plan)
{
	int64_t within_s = (int64_t)ask->within_s;

	if (read_at(ask->at, &plan->at_ms) != OK ||
	    (ask->every_s != 0 && ask->every_s < DRILL_EVERY_S_MIN) ||
	    ask->every_s > DRILL_EVERY_S_MAX || ask->within_s > ask->every_s)
		return ERR_FORMAT;
	plan->every_ms = (int64_t)ask->every_s * 1000;
	if (within_s == 0)
		within_s = plan->every_ms / 2000 < DRILL_WITHIN_S
		    ? plan->every_ms / 2000
		    : DRILL_WITHIN_S;
	plan->within_ms = within_s * 1000;
	/* The first one is that which comes next. */
	if (plan->every_ms != 0)
		plan->last_ms = schedule_moment(plan, keeper->now.wall_ms);
	return OK;
}

void
schedule_on_set(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_ask_active(keeper, request);
	char say[POST_SAY_BYTES];
	struct putting putting = { .keeper = keeper,
		.line = line,
		.what = "schedule",
		.say = say };
	int rc;

	if (line == NULL)
		return;
	putting.plan = line->plan;
	if (read_plan(keeper, &request->ask.plan, &putting.plan) != OK) {
		post_reply_error(keeper, request->id, ERR_FORMAT,
		    "A schedule has a time of day such as 06:00 (UTC), an "
		    "interval from %d s to %d days, or 0 for none, and a time "
		    "to answer that is no longer than the interval.",
		    DRILL_EVERY_S_MIN, DRILL_EVERY_S_MAX / DAY_SECONDS);
		return;
	}
	snprintf(say, sizeof(say),
	    putting.plan.every_ms != 0
		? "Drills go to %s by a new schedule."
		: "Drills go to %s by no schedule any more.",
	    line->name);
	rc = post_commit(keeper, line, put, &putting);
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		return;
	}
	line->plan = putting.plan;
	show(keeper, request, line);
}
