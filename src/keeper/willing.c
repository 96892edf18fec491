#include "keeper/willing.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/wipe.h"
#include "keeper/diary.h"
#include "keeper/outbox.h"
#include "keeper/phrase.h"
#include "keeper/round.h"

/* -- what arrives ------------------------------------------------------------- */

/* Something of the peer's that changes nothing. */
static int
pass_over(struct keeper *keeper, const struct post_line *line, const char *why)
{
	return diary_add(keeper,
	    (struct diary_entry){ .line = line,
		.kind = "fault",
		.what = "passed-over" },
	    "A step of a question of willingness came from %s and was passed "
	    "over: %s.",
	    line->name, why);
}

/* What a question of theirs meets: may it be taken?  *ends: the round of `live`
 * becomes that, for it. */
struct meeting {
	bool taken;
	bool void_at_once;
	enum willing_state ends; /* WILLING_RUNNING: live stays */
	const char *why;	 /* not taken */
};

static struct meeting
meet(const struct post_line *line, const struct round *live, bool has_live,
    uint32_t day, int64_t last_day)
{
	static const struct meeting begins = { .taken = true };
	static const struct meeting ends_it = { .taken = true,
		.ends = WILLING_EXPIRED };
	static const struct meeting ours_is_void = { .taken = true,
		.ends = WILLING_VOID };
	static const struct meeting theirs_is_void = { .taken = true,
		.void_at_once = true };
	static const struct meeting second = {
		.why = "one round may begin on a day (UTC), and there was one"
	};
	static const struct meeting answered = {
		.why = "they have answered this side's question, which runs"
	};

	if (!has_live)
		return day > last_day ? begins : second;
	/* Who begins another knows that his last one has ended. */
	if (live->asker == SIDE_THEM)
		return day > live->day ? ends_it : second;
	if (day > live->day + 1)
		return ends_it;
	if (live->steps > 1)
		return answered;
	/* They crossed: A's counts. */
	return post_line_role(line) == ROLE_A ? theirs_is_void : ours_is_void;
}

/* The state in which their question begins. */
static enum willing_state
judge_question(struct keeper *keeper, const struct post_line *line,
    struct round *round, const struct record *record)
{
	struct willing_round bound;

	if (round_is_over(keeper, round))
		return WILLING_EXPIRED;
	round_bind(&bound, line, round);
	if (willing_take(&round->talk, &bound, NULL,
		(const uint8_t *)record->data.data, record->data.len) != OK)
		return WILLING_REFUSED;
	return WILLING_RUNNING;
}

static int
add_theirs(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival, bool is_void)
{
	const struct record *record = arrival->record;
	struct round round = { .asker = SIDE_THEM,
		.day = (uint32_t)(record->time_ms / ROUND_DAY_MS),
		.asked_ms = record->time_ms,
		.question_len = arrival->text.len };
	enum willing_state state = WILLING_VOID;
	int rc;

	assert(arrival->text.len <= WILLING_QUESTION_BYTES_MAX);
	memcpy(round.id, record->id, RECORD_ID_BYTES);
	memcpy(round.question, arrival->text.data, arrival->text.len);
	if (!is_void)
		state = judge_question(keeper, line, &round, record);
	if (state != WILLING_RUNNING)
		round_stop(keeper, &round, state);
	if ((rc = round_add(keeper, line, &round)) != OK)
		return rc;
	return round_note(keeper, line, &round,
	    state == WILLING_RUNNING ? "asked"
				     : word_name(&willing_states, state),
	    state == WILLING_RUNNING
		? ""
		: "They asked whether both sides are willing. ");
}

static int
take_question(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival)
{
	const int64_t day = arrival->record->time_ms / ROUND_DAY_MS;
	struct meeting meeting;
	struct round live;
	int64_t last_day;
	int rc;

	/* A clock may be wrong by a day, and no more. */
	if (day > (int64_t)round_today(keeper) + 1)
		return pass_over(keeper, line,
		    "by its date it is of a day to come; one of the two clocks "
		    "is wrong");
	rc = round_last_day(keeper, line, &last_day);
	if (rc != OK)
		return rc;
	rc = round_load_live(keeper, line, &live);
	if (rc != OK && rc != ERR_NOT_FOUND)
		return rc;
	meeting = meet(line, &live, rc == OK, (uint32_t)day, last_day);
	rc = OK;
	if (!meeting.taken)
		rc = pass_over(keeper, line, meeting.why);
	else if (meeting.ends != WILLING_RUNNING)
		rc = round_end(keeper, line, &live, meeting.ends);
	if (rc == OK && meeting.taken)
		rc = add_theirs(keeper, line, arrival, meeting.void_at_once);
	wipe(&live, sizeof(live));
	return rc;
}

/* A step that is right: what follows from it. */
static int
follow(struct keeper *keeper, struct post_line *line, struct round *round)
{
	struct willing_round bound;
	bool both;
	int rc = OK;

	if (round->talk.count == 2) {
		if ((rc = round_append_step(keeper, line, round)) != OK ||
		    (rc = round_put(keeper, round)) != OK)
			return rc;
		return round_note(keeper, line, round, "answered", "");
	}
	round_bind(&bound, line, round);
	both = willing_both(&round->talk, &bound, &round->secret,
	    round->asker == SIDE_US);
	if (round->talk.count < WILLING_STEPS)
		rc = round_append_step(keeper, line, round);
	if (rc != OK)
		return rc;
	return round_end(keeper, line, round,
	    both ? WILLING_BOTH : WILLING_NOT_BOTH);
}

static int
take_step(struct keeper *keeper, struct post_line *line,
    const struct record *record, struct round *round)
{
	struct willing_round bound;

	if (round_is_over(keeper, round))
		return round_end(keeper, line, round, WILLING_EXPIRED);
	if (record->step != round->steps + 1 ||
	    round_side_of_step(round, record->step) != SIDE_THEM)
		return pass_over(keeper, line,
		    "it is not the step that comes next");
	assert(round->answered);
	round_bind(&bound, line, round);
	if (willing_take(&round->talk, &bound, &round->secret,
		(const uint8_t *)record->data.data, record->data.len) != OK)
		return round_end(keeper, line, round, WILLING_REFUSED);
	return follow(keeper, line, round);
}

/* A step of no round that runs. */
static int
take_stray(struct keeper *keeper, const struct post_line *line,
    const struct record *record)
{
	struct query q = store_query(&keeper->store, STMT_WILLING_FIND);
	int64_t n;
	int rc;

	query_bind_int(&q, line->id);
	query_bind_blob(&q, record->re, RECORD_ID_BYTES);
	if ((rc = query_one(&q, &n)) == ERR_NOT_FOUND)
		return arrival_is_about_nothing(keeper, line,
		    "it is a step of a question that is not here");
	return rc == OK
	    ? pass_over(keeper, line, "the question has ended here before")
	    : rc;
}

int
willing_on_record(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival)
{
	const struct record *record = arrival->record;
	struct round round;
	int rc;

	if (record->step == 1)
		return take_question(keeper, line, arrival);
	rc = round_load_live(keeper, line, &round);
	if (rc == ERR_NOT_FOUND ||
	    (rc == OK && memcmp(round.id, record->re, RECORD_ID_BYTES) != 0))
		rc = take_stray(keeper, line, record);
	else if (rc == OK)
		rc = take_step(keeper, line, record, &round);
	wipe(&round, sizeof(round));
	return rc;
}

/* -- time --------------------------------------------------------------------- */

/* One round that is over, to be ended in a transaction. */
struct expiry {
	struct keeper *keeper;
	struct round round;
};

static int
do_expire(void *ctx)
{
	struct expiry *expiry = ctx;
	struct keeper *keeper = expiry->keeper;
	const struct post_line *line =
	    post_find_line(keeper, expiry->round.line);

	if (line != NULL)
		return round_end(keeper, line, &expiry->round, WILLING_EXPIRED);
	round_stop(keeper, &expiry->round, WILLING_EXPIRED);
	return round_put(keeper, &expiry->round);
}

static int
expire_all(struct keeper *keeper)
{
	struct expiry expiry = { .keeper = keeper };
	struct query q;
	int rc;

	for (;;) {
		q = store_query(&keeper->store, STMT_WILLING_OVER);
		query_bind_int(&q, (int64_t)round_today(keeper) - 1);
		if ((rc = round_load_one(&q, &expiry.round)) == OK)
			rc = store_transact(&keeper->store, STORE_RECORD,
			    do_expire, &expiry);
		wipe(&expiry.round, sizeof(expiry.round));
		if (rc != OK)
			break;
	}
	diary_tell(keeper);
	return rc == ERR_NOT_FOUND ? OK : rc;
}

/* When the first of those that run is over; the wall clock may be set, so that it
 * is looked at every hour. */
static int
find_due(struct keeper *keeper)
{
	struct query q = store_query(&keeper->store, STMT_WILLING_FIRST_DAY);
	int64_t day, wait_ms;
	int rc;

	if ((rc = query_one(&q, &day)) != OK)
		return rc;
	keeper->rounds_due_ns = UINT64_MAX;
	if (day < 0)
		return OK;
	wait_ms = (day + 2) * ROUND_DAY_MS - keeper->now.wall_ms;
	if (wait_ms < 0)
		wait_ms = 0;
	if (wait_ms > WILLING_LOOK_EVERY_MS)
		wait_ms = WILLING_LOOK_EVERY_MS;
	keeper->rounds_due_ns =
	    keeper->now.now_ns + (uint64_t)wait_ms * CLOCK_NS_PER_MS;
	return OK;
}

int
willing_load(struct keeper *keeper)
{
	return find_due(keeper);
}

uint64_t
willing_next_ns(const struct keeper *keeper)
{
	return keeper->rounds_due_ns;
}

void
willing_on_time(struct keeper *keeper)
{
	int rc;

	if (keeper->now.now_ns < keeper->rounds_due_ns)
		return;
	if ((rc = expire_all(keeper)) == OK)
		rc = find_due(keeper);
	if (rc == OK)
		return;
	log_warnx("rounds: those that are over stay open (%s)", err_str(rc));
	keeper->rounds_due_ns = keeper->now.now_ns +
	    (uint64_t)WILLING_LOOK_EVERY_MS * CLOCK_NS_PER_MS;
}

/* -- people ------------------------------------------------------------------- */

static int
note(struct keeper *keeper, const struct post_line *line, const char *what,
    const char *say)
{
	return diary_add(keeper,
	    (struct diary_entry){ .line = line,
		.kind = "willing",
		.what = what },
	    "%s", say);
}

/* One thing that a person does, in a transaction. */
struct act {
	struct keeper *keeper;
	struct post_line *line;
	struct round round;
};

static void
reply_round(struct keeper *keeper, const struct request *request,
    const struct post_line *line, const struct round *round)
{
	struct reply reply = { .kind = REPLY_VIEW,
		.about = request->kind,
		.id = request->id,
		.cursor = round->n };
	char say[WILLING_SAY_BYTES];

	round_show(round, line->name, &reply.view.willing, say);
	post_reply(keeper, &reply);
}

/* Runs fn, and answers with what has become of the round. */
static void
commit(struct keeper *keeper, const struct request *request, struct act *act,
    int (*fn)(void *ctx))
{
	const int rc = post_commit(keeper, act->line, fn, act);

	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		return;
	}
	reply_round(keeper, request, act->line, &act->round);
	post_tell_status(keeper, act->line);
	outbox_push(keeper, act->line);
}

static int
do_ask(void *ctx)
{
	struct act *act = ctx;
	int rc;

	act->round.talk.count = 0;
	if ((rc = round_append_step(act->keeper, act->line, &act->round)) !=
		OK ||
	    (rc = round_add(act->keeper, act->line, &act->round)) != OK)
		return rc;
	return note(act->keeper, act->line, "ours-asked",
	    "This side asked whether both are willing.");
}

/* Whether a round may begin now; replies where not. */
static bool
may_begin(struct keeper *keeper, const struct request *request,
    const struct post_line *line)
{
	char say[WILLING_SAY_BYTES], day[ROUND_DATE_BYTES];
	struct round live;
	int64_t last_day;
	int rc;

	rc = round_load_live(keeper, line, &live);
	if (rc == OK) {
		round_say(say, &live, line->name);
		post_reply_error(keeper, request->id, ERR_EXISTS,
		    "One question runs on the line to %s. %s", line->name, say);
		wipe(&live, sizeof(live));
		return false;
	}
	if (rc == ERR_NOT_FOUND)
		rc = round_last_day(keeper, line, &last_day);
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		return false;
	}
	if ((int64_t)round_today(keeper) > last_day)
		return true;
	round_format_date(day, (last_day + 1) * ROUND_DAY_MS);
	post_reply_error(keeper, request->id, ERR_LIMIT,
	    "One question may begin on a day (UTC) of the line to %s, by either "
	    "side, and there was one. The next may begin on %s.",
	    line->name, day);
	return false;
}

static void
begin(struct keeper *keeper, const struct request *request,
    struct post_line *line, const struct phrase *question)
{
	struct act act = { .keeper = keeper,
		.line = line,
		.round = { .asker = SIDE_US,
		    .day = round_today(keeper),
		    .asked_ms = keeper->now.wall_ms,
		    .question_len = question->len } };

	rng_fill(keeper->rng, act.round.id, RECORD_ID_BYTES);
	memcpy(act.round.question, question->data, question->len);
	round_answer(keeper, &act.round, request->ask.willing.answer);
	commit(keeper, request, &act, do_ask);
	wipe(&act, sizeof(act));
}

void
willing_on_ask(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_ask_active(keeper, request);
	struct phrase question = { 0 };
	int rc;

	if (line == NULL)
		return;
	rc = phrase_text(&question, request->ask.willing.question,
	    WILLING_QUESTION_BYTES_MAX);
	if (rc != OK || question.len == 0) {
		post_reply_error(keeper, request->id,
		    rc != OK ? rc : ERR_FORMAT,
		    "The question must be text of 1 to %d bytes.",
		    WILLING_QUESTION_BYTES_MAX);
	} else {
		if (expire_all(keeper) != OK)
			log_warnx("rounds: those that are over stay open");
		if (may_begin(keeper, request, line))
			begin(keeper, request, line, &question);
	}
	phrase_wipe(&question);
}

static int
do_answer(void *ctx)
{
	struct act *act = ctx;
	int rc;

	/* Where the disk was full it is tried again. */
	act->round.talk.count = act->round.steps = 1;
	if ((rc = round_append_step(act->keeper, act->line, &act->round)) !=
		OK ||
	    (rc = round_put(act->keeper, &act->round)) != OK)
		return rc;
	return note(act->keeper, act->line, "ours-answered",
	    "This side answered whether it is willing.");
}

void
willing_on_answer(struct keeper *keeper, const struct request *request)
{
	struct act act = { .keeper = keeper };
	char say[WILLING_SAY_BYTES];
	int rc;

	act.line = post_ask_active(keeper, request);
	if (act.line == NULL)
		return;
	if (expire_all(keeper) != OK)
		log_warnx("rounds: those that are over stay open");
	rc = round_load(keeper, act.line, request->n, &act.round);
	if (rc == ERR_NOT_FOUND) {
		post_reply_error(keeper, request->id, rc,
		    "There is no question %llu on the line to %s.",
		    (unsigned long long)request->n, act.line->name);
	} else if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
	} else if (act.round.state != WILLING_RUNNING ||
	    act.round.asker == SIDE_US || act.round.steps != 1) {
		round_say(say, &act.round, act.line->name);
		post_reply_error(keeper, request->id, ERR_STATE,
		    "Question %llu does not wait for an answer of this side. "
		    "%s",
		    (unsigned long long)request->n, say);
	} else {
		round_answer(keeper, &act.round, request->ask.willing.answer);
		commit(keeper, request, &act, do_answer);
	}
	wipe(&act, sizeof(act));
}

void
willing_on_show(struct keeper *keeper, const struct request *request)
{
	const struct post_line *line = post_ask_line(keeper, request);
	struct round round = { 0 };
	int rc;

	if (line == NULL)
		return;
	rc = round_load(keeper, line, request->n, &round);
	if (rc == OK)
		reply_round(keeper, request, line, &round);
	else if (rc == ERR_NOT_FOUND)
		post_reply_error(keeper, request->id, rc,
		    "There is no question %llu on the line to %s.",
		    (unsigned long long)request->n, line->name);
	else
		post_reply_store(keeper, request->id, rc);
	wipe(&round, sizeof(round));
}

static void
tell_row(struct keeper *keeper, const struct request *request,
    const struct post_line *line, const struct round *round)
{
	struct reply reply = { .kind = REPLY_VIEW,
		.about = request->kind,
		.id = request->id,
		.more = true,
		.cursor = round->n };
	char say[WILLING_SAY_BYTES];

	round_show(round, line->name, &reply.view.willing, say);
	post_reply(keeper, &reply);
}

void
willing_on_list(struct keeper *keeper, const struct request *request)
{
	const struct post_line *line = post_ask_line(keeper, request);
	struct round round = { 0 };
	struct query q;
	uint32_t left = request->page.limit;
	bool cut = false;

	if (line == NULL)
		return;
	if (left > WILLING_PAGE_ROWS)
		left = WILLING_PAGE_ROWS;
	q = store_query(&keeper->store, STMT_WILLING_LIST);
	query_bind_int(&q, line->id);
	query_bind_int(&q, post_list_after(request));
	/* One more says whether there are more. */
	query_bind_int(&q, (int64_t)left + 1);
	while (query_next(&q)) {
		if (left-- == 0) {
			cut = true;
			break;
		}
		if (round_take(&q, &round) != OK)
			break;
		tell_row(keeper, request, line, &round);
	}
	wipe(&round, sizeof(round));
	post_reply_list(keeper, request, query_end(&q), cut);
}

int
willing_waiting(struct keeper *keeper, struct waiting_list *list)
{
	struct query q = store_query(&keeper->store, STMT_WILLING_ALL_LIVE);
	const struct post_line *line;
	struct round round = { 0 };
	char ref[REQUEST_REF_BYTES];

	while (query_next(&q)) {
		if (round_take(&q, &round) != OK)
			break;
		line = post_find_line(keeper, round.line);
		if (line == NULL || round_waits_for(&round) != WILLING_US)
			continue;
		snprintf(ref, sizeof(ref), "%llu", (unsigned long long)round.n);
		if (!waiting_add(list,
			&(struct waiting_about){ .kind = WAITING_ROUND,
			    .line = line,
			    .ref = ref,
			    .who = "a releaser",
			    .since_ms = round.asked_ms,
			    .due_ms = round_ends_ms(&round) },
			"%s asks whether both sides are willing; this side's "
			"answer is missing.",
			line->name))
			break;
	}
	wipe(&round, sizeof(round));
	return query_end(&q);
}
