#include "keeper/drill.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "keeper/alarm.h"
#include "keeper/cause.h"
#include "keeper/delegate.h"
#include "keeper/diary.h"
#include "keeper/journal.h"
#include "keeper/month.h"
#include "keeper/outbox.h"
#include "keeper/passages.h"
#include "keeper/ref.h"
#include "keeper/schedule.h"

/* What could not be kept is tried again after this. */
enum { RETRY_S = 60 };

/* -- rows -------------------------------------------------------------------- */

/* One drill of either side, as the store has it. */
struct drill {
	int64_t row;
	enum side side;
	int64_t asked_ms;
	enum drill_state state;
	int64_t acknowledged_ms;
};

static int
add_row(struct keeper *keeper, const struct post_line *line, enum side side,
    const uint8_t id[RECORD_ID_BYTES], bool planned, enum drill_state state,
    const char *cause)
{
	struct query q = store_query(&keeper->store, STMT_DRILL_ADD);
	int rc;

	query_bind_int(&q, line->id);
	query_bind_int(&q, side);
	query_bind_blob(&q, id, RECORD_ID_BYTES);
	query_bind_int(&q, month_of(keeper->now.wall_ms));
	query_bind_int(&q, keeper->now.wall_ms);
	query_bind_int(&q, planned);
	query_bind_int(&q, side == SIDE_US ? schedule_within_ms(line) : 0);
	query_bind_int(&q, state);
	query_bind_text(&q, cause, strlen(cause));
	if ((rc = query_run(&q)) != OK)
		return rc;
	q = store_query(&keeper->store, STMT_DRILL_TRIM);
	query_bind_int(&q, line->id);
	query_bind_int(&q, line->id);
	query_bind_int(&q, DRILLS_KEPT_MAX);
	return query_run(&q);
}

/* ERR_NOT_FOUND: there is no such drill. */
static int
find_row(struct keeper *keeper, const struct post_line *line,
    const uint8_t id[RECORD_ID_BYTES], struct drill *drill)
{
	struct query q = store_query(&keeper->store, STMT_DRILL_FIND);
	bool found;
	int rc;

	query_bind_int(&q, line->id);
	query_bind_blob(&q, id, RECORD_ID_BYTES);
	if ((found = query_next(&q))) {
		drill->row = query_int(&q);
		drill->side = query_int(&q) == SIDE_US ? SIDE_US : SIDE_THEM;
		drill->asked_ms = query_int(&q);
		drill->state = (enum drill_state)query_int(&q);
		drill->acknowledged_ms = query_int(&q);
	}
	if ((rc = query_end(&q)) != OK)
		return rc;
	return found ? OK : ERR_NOT_FOUND;
}

static int
set_row(struct keeper *keeper, int64_t row, enum drill_state state,
    uint64_t took_ms, const char *cause)
{
	struct query q = store_query(&keeper->store, STMT_DRILL_SET);

	query_bind_int(&q, state);
	query_bind_int(&q, (int64_t)took_ms);
	query_bind_text(&q, cause, strlen(cause));
	query_bind_int(&q, row);
	return query_run(&q);
}

static int
set_acknowledged(struct keeper *keeper, int64_t row, int64_t wall_ms,
    const char *who)
{
	struct query q = store_query(&keeper->store, STMT_DRILL_ACK);

	/* 0 is "not yet", whatever the clocks say. */
	query_bind_int(&q, wall_ms > 0 ? wall_ms : 1);
	query_bind_text(&q, who, strlen(who));
	query_bind_int(&q, row);
	return query_run(&q);
}

/* -- what waits for its answer ----------------------------------------------- */

static uint64_t
until_ns(const struct keeper *keeper, int64_t within_ms)
{
	return keeper->now.now_ns + (uint64_t)within_ms * CLOCK_NS_PER_MS;
}

static struct drill_wait *
find_wait(struct keeper *keeper, uint32_t line,
    const uint8_t id[RECORD_ID_BYTES])
{
	for (size_t i = 0; i < DRILLS_MAX; i++) {
		struct drill_wait *wait = &keeper->drills[i];

		if (wait->line != 0 && (line == 0 || wait->line == line) &&
		    memcmp(wait->id, id, RECORD_ID_BYTES) == 0)
			return wait;
	}
	return NULL;
}

bool
drill_waits(const struct keeper *keeper, const struct post_line *line)
{
	for (size_t i = 0; i < DRILLS_MAX; i++) {
		if (keeper->drills[i].line == line->id)
			return true;
	}
	return false;
}

static struct drill_wait *
find_free(struct keeper *keeper)
{
	for (size_t i = 0; i < DRILLS_MAX; i++) {
		if (keeper->drills[i].line == 0)
			return &keeper->drills[i];
	}
	return NULL;
}

int
drill_load(struct keeper *keeper)
{
	struct query q = store_query(&keeper->store, STMT_DRILL_OPEN);
	struct drill_wait *wait;

	memset(keeper->drills, 0, sizeof(keeper->drills));
	while ((wait = find_free(keeper)) != NULL && query_next(&q)) {
		wait->line = (uint32_t)query_int(&q);
		query_bytes(&q, wait->id, sizeof(wait->id));
		wait->until_ns = until_ns(keeper, query_int(&q));
	}
	return query_end(&q);
}

/* -- asking ------------------------------------------------------------------ */

struct asking {
	struct keeper *keeper;
	struct post_line *line;
	bool planned;
	uint8_t *id;
	char cause[CAUSE_BYTES];
};

/* How many were missed one after the other, and when the first was asked. */
static int
count_missed(struct keeper *keeper, const struct post_line *line,
    int64_t *count, int64_t *since_ms)
{
	struct query q = store_query(&keeper->store, STMT_DRILL_ROW);

	query_bind_int(&q, line->id);
	query_bind_int(&q, line->id);
	if (query_next(&q)) {
		*count = query_int(&q);
		*since_ms = query_int(&q);
	}
	return query_end(&q);
}

/* A row of them is one alarm, which counts them. */
static int
alarm_missed(struct keeper *keeper, const struct post_line *line,
    const char *one, const char *cause)
{
	char many[ALARM_SAY_BYTES_MAX], since[CLOCK_TEXT_BYTES];
	struct alarm_cause alarm = { .what = ALARM_DRILL,
		.line = line,
		.say = one };
	int64_t count = 0, since_ms = 0;
	int rc;

	if ((rc = count_missed(keeper, line, &count, &since_ms)) != OK)
		return rc;
	if (count < 2)
		return alarm_raise(keeper, &alarm);
	clock_format(since, since_ms);
	snprintf(many, sizeof(many),
	    "%" PRId64 " drills to %s in a row were not answered in time, the "
	    "first of %s. The likely cause: %s.",
	    count, line->name, since, cause);
	alarm.say = many;
	rc = alarm_resay(keeper, &alarm);
	return rc == ERR_NOT_FOUND ? alarm_raise(keeper, &alarm) : rc;
}

static int
miss(struct keeper *keeper, const struct post_line *line, const char *ref,
    const char *cause)
{
	char say[ALARM_SAY_BYTES_MAX];
	int rc;

	snprintf(say, sizeof(say),
	    "A drill to %s was not answered in time. The likely cause: %s.",
	    line->name, cause);
	rc = diary_add(keeper,
	    (struct diary_entry){ line, "drill", ref, "missed" }, "%s", say);
	if (rc != OK)
		return rc;
	return alarm_missed(keeper, line, say, cause);
}

static int
append(void *ctx)
{
	struct asking *asking = ctx;
	struct keeper *keeper = asking->keeper;
	struct record record = { .kind = RECORD_DRILL };
	struct query q = store_query(&keeper->store, STMT_DRILL_COUNT);
	struct journal_place place;
	const char *text;
	int64_t count;
	int rc;

	if ((rc = query_one(&q, &count)) != OK)
		return rc;
	text = passages_text((uint64_t)count);
	rc = journal_append_said(keeper, asking->line, &record,
	    (struct record_text){ text, strlen(text) }, &place);
	if (rc != OK)
		return rc;
	memcpy(asking->id, record.id, RECORD_ID_BYTES);
	return add_row(keeper, asking->line, SIDE_US, record.id,
	    asking->planned, DRILL_OPEN, "");
}

/* A drill that would only queue up behind others is not said at all. */
static int
append_missed(void *ctx)
{
	struct asking *asking = ctx;
	int rc;

	rng_fill(asking->keeper->rng, asking->id, RECORD_ID_BYTES);
	rc = add_row(asking->keeper, asking->line, SIDE_US, asking->id,
	    asking->planned, DRILL_MISSED, asking->cause);
	if (rc != OK)
		return rc;
	return miss(asking->keeper, asking->line, NULL, asking->cause);
}

/* The one before is on its way still, to a line that is not up. */
static bool
is_in_vain(const struct post_line *line)
{
	return line->plan.missed &&
	    (!line->has_report || line->report.state != LINE_UP);
}

int
drill_send(struct keeper *keeper, struct post_line *line, bool planned,
    uint8_t id[RECORD_ID_BYTES])
{
	struct asking asking = { .keeper = keeper,
		.line = line,
		.planned = planned,
		.id = id };
	struct drill_wait *wait = find_free(keeper);
	int rc;

	memset(id, 0, RECORD_ID_BYTES);
	if (planned && is_in_vain(line)) {
		cause_of_missed(keeper, line, id, asking.cause);
		return post_commit(keeper, line, append_missed, &asking);
	}
	if (wait == NULL)
		return ERR_LIMIT;
	if ((rc = post_commit(keeper, line, append, &asking)) != OK)
		return rc;
	wait->line = line->id;
	memcpy(wait->id, id, RECORD_ID_BYTES);
	wait->asked_ns = keeper->now.now_ns;
	wait->until_ns = until_ns(keeper, schedule_within_ms(line));
	post_tell_status(keeper, line);
	return OK;
}

void
drill_on_request(struct keeper *keeper, const struct request *request)
{
	struct reply reply = { .kind = REPLY_SENT, .id = request->id };
	struct post_line *line = post_find_name(keeper, request->line);
	int rc;

	if (line == NULL || !post_line_is_active(line)) {
		post_reply_no_line(keeper, request->id);
		return;
	}
	rc = drill_send(keeper, line, false, reply.sent.id);
	if (rc == ERR_LIMIT) {
		post_reply_error(keeper, request->id, rc,
		    "%d drills wait for their answer already.", DRILLS_MAX);
		return;
	}
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		return;
	}
	reply.sent.cadence = post_line_cadence(line);
	reply.sent.peer = line->peer;
	post_reply(keeper, &reply);
	outbox_push(keeper, line);
}

/* -- what was not answered in time ------------------------------------------- */

struct missing_drill {
	struct keeper *keeper;
	struct post_line *line;
	const struct drill_wait *wait;
	char cause[CAUSE_BYTES];
};

static int
put_missed(void *ctx)
{
	struct missing_drill *missing = ctx;
	struct keeper *keeper = missing->keeper;
	char ref[REQUEST_REF_BYTES] = "";
	struct drill drill;
	int rc;

	rc = find_row(keeper, missing->line, missing->wait->id, &drill);
	if (rc == ERR_NOT_FOUND)
		return OK; /* so many came behind it that it is forgotten */
	if (rc != OK)
		return rc;
	ref_format(ref, SIDE_US, 0, missing->wait->id);
	rc = set_row(keeper, drill.row, DRILL_MISSED, 0, missing->cause);
	if (rc != OK)
		return rc;
	return miss(keeper, missing->line, ref, missing->cause);
}

static void
on_missed(struct keeper *keeper, struct drill_wait *wait)
{
	struct missing_drill missing = { .keeper = keeper, .wait = wait };
	int rc;

	missing.line = post_find_line(keeper, wait->line);
	if (missing.line == NULL || !post_line_is_active(missing.line)) {
		wait->line = 0;
		return;
	}
	cause_of_missed(keeper, missing.line, wait->id, missing.cause);
	rc = post_commit(keeper, missing.line, put_missed, &missing);
	if (rc != OK) {
		log_warnx("line %u: a missed drill was not kept (%s)",
		    missing.line->id, err_str(rc));
		wait->until_ns =
		    keeper->now.now_ns + (uint64_t)RETRY_S * CLOCK_NS_PER_S;
		return;
	}
	missing.line->plan.missed = true;
	wait->line = 0;
}

uint64_t
drill_next_ns(const struct keeper *keeper)
{
	uint64_t next_ns = UINT64_MAX;

	for (size_t i = 0; i < DRILLS_MAX; i++) {
		if (keeper->drills[i].line != 0 &&
		    keeper->drills[i].until_ns < next_ns)
			next_ns = keeper->drills[i].until_ns;
	}
	return next_ns;
}

void
drill_on_time(struct keeper *keeper)
{
	for (size_t i = 0; i < DRILLS_MAX; i++) {
		if (keeper->drills[i].line != 0 &&
		    keeper->drills[i].until_ns <= keeper->now.now_ns)
			on_missed(keeper, &keeper->drills[i]);
	}
}

/* -- what the peer says ------------------------------------------------------ */

int
drill_answer(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival)
{
	const struct record note = { .kind = RECORD_DRILL_ANSWER };
	const struct record *drill = arrival->record;
	uint8_t id[RECORD_ID_BYTES];
	char ref[REQUEST_REF_BYTES] = "";
	int rc;

	/* Whoever tests a full disk again and again must not fill it up. */
	if (disk_state(&keeper->disk) == STORE_FULL)
		return OK;
	rc = journal_append_note(keeper, line, &note, drill->id, id);
	if (rc != OK)
		return rc;
	rc = add_row(keeper, line, SIDE_THEM, drill->id, false, DRILL_ANSWERED,
	    "");
	if (rc != OK)
		return rc;
	ref_format(ref, SIDE_THEM, 0, drill->id);
	return diary_add(keeper,
	    (struct diary_entry){ line, "drill", ref, "received" },
	    "A drill came from %s, and was answered.", line->name);
}

/* How long the answer took: by the wall clock where this process did not ask. */
static uint64_t
measure(struct keeper *keeper, const struct drill_wait *wait,
    const struct drill *drill)
{
	if (wait != NULL && wait->asked_ns != 0)
		return (keeper->now.now_ns - wait->asked_ns) / CLOCK_NS_PER_MS;
	if (drill->asked_ms >= keeper->now.wall_ms)
		return 1; /* 0 is "not" */
	return (uint64_t)(keeper->now.wall_ms - drill->asked_ms);
}

int
drill_take_answer(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival)
{
	const uint8_t *re = arrival->record->re;
	struct drill_wait *wait = find_wait(keeper, line->id, re);
	char ref[REQUEST_REF_BYTES] = "";
	struct drill drill;
	uint64_t took_ms;
	int rc;

	rc = find_row(keeper, line, re, &drill);
	if (rc == ERR_NOT_FOUND || (rc == OK && drill.side != SIDE_US))
		return arrival_is_about_nothing(keeper, line,
		    "it answers a drill that is not here");
	if (rc != OK)
		return rc;
	if (drill.state != DRILL_OPEN && drill.state != DRILL_MISSED)
		return OK; /* once is enough */
	ref_format(ref, SIDE_US, 0, re);
	took_ms = measure(keeper, wait, &drill);
	rc = set_row(keeper, drill.row,
	    drill.state == DRILL_OPEN ? DRILL_ANSWERED : DRILL_LATE, took_ms,
	    "");
	if (rc != OK)
		return rc;
	/* Where the transaction fails the answer comes again, and is timed by the
	 * wall clock. */
	if (wait != NULL)
		wait->line = 0;
	line->plan.missed = false;
	return diary_add(keeper,
	    (struct diary_entry){ line, "drill", ref, "answered" },
	    drill.state == DRILL_OPEN
		? "The drill to %s was answered in %" PRIu64 " ms."
		: "The drill to %s that was missed is answered now, after "
		  "%" PRIu64 " ms.",
	    line->name, took_ms);
}

int
drill_take_receipt(struct keeper *keeper, struct post_line *line,
    const struct record *receipt)
{
	char ref[REQUEST_REF_BYTES] = "";
	struct drill drill;
	int rc;

	if (receipt->receipt != RECEIPT_ACKNOWLEDGED)
		return OK;
	rc = find_row(keeper, line, receipt->re, &drill);
	if (rc == ERR_NOT_FOUND)
		return OK;
	if (rc != OK || drill.side != SIDE_US || drill.acknowledged_ms != 0)
		return rc;
	rc = set_acknowledged(keeper, drill.row, keeper->now.wall_ms, "");
	if (rc != OK)
		return rc;
	ref_format(ref, SIDE_US, 0, receipt->re);
	return diary_add(keeper,
	    (struct diary_entry){ line, "drill", ref, "acknowledged" },
	    "A person at %s has acknowledged the drill, %" PRIu64
	    " s after it was sent.",
	    line->name, measure(keeper, NULL, &drill) / 1000);
}

/* -- a person here acknowledges one of theirs -------------------------------- */

struct acking {
	struct keeper *keeper;
	struct post_line *line;
	uint8_t id[RECORD_ID_BYTES];
	struct drill drill;
};

static int
find_last(struct acking *acking)
{
	struct query q = store_query(&acking->keeper->store, STMT_DRILL_LAST);
	bool found;
	int rc;

	query_bind_int(&q, acking->line->id);
	if ((found = query_next(&q)))
		query_bytes(&q, acking->id, sizeof(acking->id));
	if ((rc = query_end(&q)) != OK)
		return rc;
	return found ? OK : ERR_NOT_FOUND;
}

static int
find_ref(struct acking *acking, struct text ref)
{
	struct query q;
	int64_t row;
	int rc;

	rc = ref_find(acking->keeper, acking->line->id, ref, &row);
	if (rc != OK)
		return rc;
	q = store_query(&acking->keeper->store, STMT_DRILL_ID);
	query_bind_int(&q, row);
	rc = ERR_NOT_FOUND;
	if (query_next(&q)) {
		query_bytes(&q, acking->id, sizeof(acking->id));
		rc = OK;
	}
	return query_end(&q) != OK ? ERR_IO : rc;
}

static int
put_ack(void *ctx)
{
	const struct record note = { .kind = RECORD_RECEIPT,
		.receipt = RECEIPT_ACKNOWLEDGED };
	struct acking *acking = ctx;
	struct keeper *keeper = acking->keeper;
	uint8_t id[RECORD_ID_BYTES];
	char ref[REQUEST_REF_BYTES] = "";
	int rc;

	rc = set_acknowledged(keeper, acking->drill.row, keeper->now.wall_ms,
	    keeper_who(keeper));
	if (rc != OK)
		return rc;
	rc = journal_append_note(keeper, acking->line, &note, acking->id, id);
	if (rc != OK)
		return rc;
	ref_format(ref, SIDE_THEM, 0, acking->id);
	return diary_add(keeper,
	    (struct diary_entry){ acking->line, "drill", ref,
		"ours-acknowledged" },
	    "%s has acknowledged the drill of %s, %" PRIu64 " s after it came.",
	    keeper_who(keeper), acking->line->name,
	    measure(keeper, NULL, &acking->drill) / 1000);
}

void
drill_on_ack(struct keeper *keeper, const struct request *request)
{
	const struct text ref = request->ask.drill_ack.ref;
	struct acking acking = { .keeper = keeper };
	int rc;

	if ((acking.line = post_ask_active(keeper, request)) == NULL)
		return;
	rc = ref.len > 0 ? find_ref(&acking, ref) : find_last(&acking);
	if (rc == OK)
		rc = find_row(keeper, acking.line, acking.id, &acking.drill);
	if (rc == ERR_FORMAT || rc == ERR_NOT_FOUND ||
	    (rc == OK && acking.drill.side != SIDE_THEM)) {
		post_reply_error(keeper, request->id, ERR_NOT_FOUND,
		    "There is no drill of theirs to acknowledge%s.",
		    ref.len > 0 ? " of that reference" : "");
		return;
	}
	/* Twice is once. */
	if (rc == OK && acking.drill.acknowledged_ms == 0)
		rc = post_commit(keeper, acking.line, put_ack, &acking);
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		return;
	}
	post_reply_done(keeper, request->id);
	post_tell_status(keeper, acking.line);
	outbox_push(keeper, acking.line);
}

/* -- for people -------------------------------------------------------------- */

static struct text
take_text(struct query *q)
{
	struct text text;

	text.data = query_text(q, &text.len);
	return text;
}

static void
read_view(struct query *q, struct drill_view *view)
{
	uint8_t id[RECORD_ID_BYTES];

	memset(view, 0, sizeof(*view));
	query_bytes(q, id, sizeof(id));
	view->side = (uint8_t)query_int(q);
	ref_format(view->ref, SIDE_THEM, 0, id);
	view->time_ms = query_int(q);
	view->planned = query_int(q) != 0;
	view->state = (uint8_t)query_int(q);
	view->within_ms = (uint64_t)query_int(q);
	view->took_ms = (uint64_t)query_int(q);
	view->acknowledged_ms = query_int(q);
	view->who = take_text(q);
	view->cause = take_text(q);
	view->text.data = query_blob(q, &view->text.len);
}

void
drill_on_list(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_ask_line(keeper, request);
	struct reply reply = { .kind = REPLY_VIEW,
		.id = request->id,
		.about = request->kind,
		.more = true };
	struct query q;
	uint32_t rows = 0;
	int rc;

	if (line == NULL ||
	    !post_list_last(keeper, line, request,
		(struct post_last){ STMT_DRILL_BACK, DRILLS_KEPT_MAX,
		    STMT_DRILL_LIST },
		&q))
		return;
	while (query_next(&q)) {
		reply.cursor = (uint64_t)query_int(&q);
		read_view(&q, &reply.view.drill);
		post_reply(keeper, &reply);
		rows++;
	}
	rc = query_end(&q);
	post_reply_list(keeper, request, rc, rows == request->page.limit);
}
