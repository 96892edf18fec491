#include "keeper/willing.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/wipe.h"
#include "crypto/willing.h"
#include "keeper/diary.h"
#include "keeper/journal.h"
#include "keeper/outbox.h"
#include "keeper/phrase.h"

enum {
	DAY_MS = DAY_SECONDS * 1000,
	TALK_BYTES_MAX = WILLING_STEPS * WILLING_STEP_BYTES_MAX,
	SECRET_BYTES = WILLING_SEED_BYTES + 1,
	WHEN_BYTES = 32,
};

_Static_assert((int)WILLING_STEP_BYTES_MAX <= (int)WILLING_DATA_BYTES_MAX,
    "a step fits into a record");

/* One round, as the store has it. */
struct round {
	uint32_t line;
	uint64_t n;
	uint8_t id[RECORD_ID_BYTES];
	enum side asker;
	uint32_t day;
	char question[WILLING_QUESTION_BYTES_MAX + 1];
	size_t question_len;
	enum willing_state state;
	unsigned steps;
	int64_t asked_ms;
	int64_t ended_ms;
	/* While it runs. */
	struct willing_talk talk;
	bool answered; /* by this side */
	struct willing_secret secret;
};

static uint32_t
today(const struct keeper *keeper)
{
	return keeper->now.wall_ms > 0
	    ? (uint32_t)(keeper->now.wall_ms / DAY_MS)
	    : 0;
}

/* It runs to the end of the day after the one on which it began. */
static int64_t
ends_ms(const struct round *round)
{
	return ((int64_t)round->day + 2) * DAY_MS;
}

static bool
is_over(const struct keeper *keeper, const struct round *round)
{
	return today(keeper) > round->day + 1;
}

/* Odd steps are the asker's. */
static enum side
side_of_step(const struct round *round, unsigned step)
{
	const enum side other = round->asker == SIDE_US ? SIDE_THEM : SIDE_US;

	return step % 2 == 1 ? round->asker : other;
}

/* -- the store ---------------------------------------------------------------- */

static void
take_talk(struct query *q, struct round *round)
{
	size_t len, at = 0;
	const uint8_t *bytes = query_blob(q, &len);
	unsigned step;

	if (round->state != WILLING_RUNNING || q->rc != OK)
		return;
	for (step = 1; step <= round->steps; step++)
		at += willing_step_bytes(step);
	if (at != len) {
		q->rc = ERR_FORMAT;
		return;
	}
	for (step = 1; step <= round->steps; step++) {
		memcpy(round->talk.step[step - 1], bytes,
		    willing_step_bytes(step));
		bytes += willing_step_bytes(step);
	}
	round->talk.count = round->steps;
}

static void
take_secret(struct query *q, struct round *round)
{
	size_t len;
	const uint8_t *bytes = query_blob(q, &len);

	if (len != SECRET_BYTES)
		return;
	round->answered = true;
	memcpy(round->secret.seed, bytes, WILLING_SEED_BYTES);
	round->secret.yes = bytes[WILLING_SEED_BYTES];
}

/* The columns of every statement that reads rounds. */
static int
take_round(struct query *q, struct round *round)
{
	const void *question;

	*round = (struct round){ .line = (uint32_t)query_int(q) };
	round->n = (uint64_t)query_int(q);
	query_bytes(q, round->id, sizeof(round->id));
	round->asker = (enum side)query_int(q);
	round->day = (uint32_t)query_int(q);
	question = query_blob(q, &round->question_len);
	if (round->question_len > WILLING_QUESTION_BYTES_MAX)
		return q->rc = ERR_FORMAT;
	memcpy(round->question, question, round->question_len);
	round->state = (enum willing_state)query_int(q);
	round->steps = (unsigned)query_int(q);
	round->asked_ms = query_int(q);
	round->ended_ms = query_int(q);
	if (round->steps > WILLING_STEPS)
		return q->rc = ERR_FORMAT;
	take_talk(q, round);
	take_secret(q, round);
	return q->rc;
}

/* Runs a statement of at most one round; ERR_NOT_FOUND: none. */
static int
load_one(struct query *q, struct round *round)
{
	bool found = query_next(q);
	int rc;

	if (found)
		(void)take_round(q, round);
	rc = query_end(q);
	return rc == OK && !found ? ERR_NOT_FOUND : rc;
}

static int
load_live(struct keeper *keeper, const struct post_line *line,
    struct round *round)
{
	struct query q = store_query(&keeper->store, STMT_WILLING_LIVE);

	query_bind_int(&q, line->id);
	return load_one(&q, round);
}

static int
load_numbered(struct keeper *keeper, const struct post_line *line, uint64_t n,
    struct round *round)
{
	struct query q = store_query(&keeper->store, STMT_WILLING_GET);

	query_bind_int(&q, line->id);
	query_bind_int(&q, n <= INT64_MAX ? (int64_t)n : 0);
	return load_one(&q, round);
}

static int
ask_store(struct keeper *keeper, const struct post_line *line, enum stmt stmt,
    int64_t *value)
{
	struct query q = store_query(&keeper->store, stmt);

	query_bind_int(&q, line->id);
	return query_one(&q, value);
}

/* What is kept of a round that runs, or nothing. */
static void
bind_talk(struct query *q, const struct round *round,
    uint8_t talk[TALK_BYTES_MAX], uint8_t secret[SECRET_BYTES])
{
	const bool runs = round->state == WILLING_RUNNING;
	size_t at = 0;
	unsigned step;

	for (step = 1; runs && step <= round->talk.count; step++) {
		memcpy(talk + at, round->talk.step[step - 1],
		    willing_step_bytes(step));
		at += willing_step_bytes(step);
	}
	query_bind_blob(q, talk, at);
	memcpy(secret, round->secret.seed, WILLING_SEED_BYTES);
	secret[WILLING_SEED_BYTES] = round->secret.yes;
	query_bind_blob(q, secret, runs && round->answered ? SECRET_BYTES : 0);
}

/* Within a transaction: a new round, with the next number. */
static int
add_round(struct keeper *keeper, const struct post_line *line,
    struct round *round)
{
	uint8_t talk[TALK_BYTES_MAX], secret[SECRET_BYTES];
	struct query q;
	int64_t last;
	int rc;

	rc = ask_store(keeper, line, STMT_WILLING_LAST_NUMBER, &last);
	if (rc != OK)
		return rc;
	round->line = line->id;
	round->n = (uint64_t)last + 1;
	round->steps = round->talk.count;
	keeper->rounds_due_ns = keeper->now.now_ns;
	q = store_query(&keeper->store, STMT_WILLING_ADD);
	query_bind_int(&q, line->id);
	query_bind_int(&q, (int64_t)round->n);
	query_bind_blob(&q, round->id, sizeof(round->id));
	query_bind_int(&q, round->asker);
	query_bind_int(&q, round->day);
	query_bind_blob(&q, round->question, round->question_len);
	query_bind_int(&q, round->state);
	query_bind_int(&q, round->steps);
	query_bind_int(&q, round->asked_ms);
	query_bind_int(&q, round->ended_ms);
	bind_talk(&q, round, talk, secret);
	rc = query_run(&q);
	wipe(secret, sizeof(secret));
	return rc;
}

/* Within a transaction: what has become of it. */
static int
put_round(struct keeper *keeper, struct round *round)
{
	uint8_t talk[TALK_BYTES_MAX], secret[SECRET_BYTES];
	struct query q = store_query(&keeper->store, STMT_WILLING_PUT);
	int rc;

	if (round->talk.count > round->steps)
		round->steps = round->talk.count;
	keeper->rounds_due_ns = keeper->now.now_ns;
	query_bind_int(&q, round->state);
	query_bind_int(&q, round->steps);
	query_bind_int(&q, round->ended_ms);
	bind_talk(&q, round, talk, secret);
	query_bind_int(&q, round->line);
	query_bind_int(&q, (int64_t)round->n);
	rc = query_run(&q);
	wipe(secret, sizeof(secret));
	return rc;
}

/* -- words -------------------------------------------------------------------- */

/* "23 November", for the last day of a round. */
static void
format_day(char text[WHEN_BYTES], int64_t ms)
{
	char time[CLOCK_TEXT_BYTES];

	clock_format(time, ms);
	snprintf(text, WHEN_BYTES, "%.10s", time);
}

static enum willing_side
waits_for(const struct round *round)
{
	if (round->state != WILLING_RUNNING)
		return WILLING_NOBODY;
	return side_of_step(round, round->steps + 1) == SIDE_US ? WILLING_US
								: WILLING_THEM;
}

/* Where a round that runs stands, and what is to be done. */
static void
say_running(char say[WILLING_SAY_BYTES], const struct round *round,
    const char *name)
{
	char day[WHEN_BYTES];

	format_day(day, ends_ms(round) - 1);
	if (waits_for(round) == WILLING_US && round->steps == 1)
		snprintf(say, WILLING_SAY_BYTES,
		    "%s asks, and waits for this side's answer, to the end of "
		    "%s UTC. They learn of it only whether both sides say yes.",
		    name, day);
	else if (round->steps == 1)
		snprintf(say, WILLING_SAY_BYTES,
		    "The answer of %s is missing, to the end of %s UTC. Until "
		    "then nobody knows anything.",
		    name, day);
	else if (round->steps == 2)
		snprintf(say, WILLING_SAY_BYTES,
		    "Both sides have answered; the next step, of the post of "
		    "%s, is missing, to the end of %s UTC.",
		    name, day);
	else
		snprintf(say, WILLING_SAY_BYTES,
		    "Both sides have answered; the last step, of the post of "
		    "%s, is missing, to the end of %s UTC. They may know the "
		    "result already, and this side does not.",
		    name, day);
}

static void
say_round(char say[WILLING_SAY_BYTES], const struct round *round,
    const char *name)
{
	static const char *const ended[WILLING_STATE_COUNT] = {
		[WILLING_BOTH] = "Both sides said yes.",
		[WILLING_NOT_BOTH] = "Not both sides said yes.",
		[WILLING_VOID] =
		    "Both sides asked at once, and the question of the side "
		    "that once offered the line counts: this one is void, and "
		    "says nothing.",
		[WILLING_EXPIRED] =
		    "It was not finished within its time: nothing is known.",
		[WILLING_REFUSED] =
		    "A step came that did not prove what it must: the other "
		    "post is broken, or cheats. This says nothing of what "
		    "either side wants.",
	};

	if (round->state == WILLING_RUNNING)
		say_running(say, round, name);
	else
		snprintf(say, WILLING_SAY_BYTES, "%s", ended[round->state]);
}

static void
show(const struct round *round, const char *name, struct willing_view *view,
    char say[WILLING_SAY_BYTES])
{
	say_round(say, round, name);
	*view = (struct willing_view){
		.n = round->n,
		.asked_by = round->asker == SIDE_US ? WILLING_US : WILLING_THEM,
		.question = { round->question, round->question_len },
		.state = (uint8_t)round->state,
		.steps = round->steps,
		.waits_for = (uint8_t)waits_for(round),
		.asked_ms = round->asked_ms,
		.ends_ms = ends_ms(round),
		.ended_ms = round->ended_ms,
		.say = text_of(say),
	};
}

/* An event, named by the state or by what was done. */
static int
note(struct keeper *keeper, const struct post_line *line, const char *what,
    const char *say)
{
	return diary_add(keeper,
	    (struct diary_entry){ line, "willing", NULL, what }, "%s", say);
}

static int
note_round(struct keeper *keeper, const struct post_line *line,
    const struct round *round, const char *what, const char *before)
{
	char say[WILLING_SAY_BYTES];

	say_round(say, round, line->name);
	return diary_add(keeper,
	    (struct diary_entry){ line, "willing", NULL, what }, "%s%s", before,
	    say);
}

/* Something of the peer's that changes nothing. */
static int
pass_over(struct keeper *keeper, const struct post_line *line, const char *why)
{
	return diary_add(keeper,
	    (struct diary_entry){ line, "fault", NULL, "passed-over" },
	    "A step of a question of willingness came from %s and was passed "
	    "over: %s.",
	    line->name, why);
}

/* -- rounds ------------------------------------------------------------------- */

/* Nothing that a round was made of is kept beyond it. */
static void
end_round(struct keeper *keeper, struct round *round, enum willing_state state)
{
	round->state = state;
	round->ended_ms = keeper->now.wall_ms;
	round->answered = false;
	willing_secret_wipe(&round->secret);
}

static int
end_and_put(struct keeper *keeper, const struct post_line *line,
    struct round *round, enum willing_state state)
{
	char before[POST_NAME_BYTES + 64];
	int rc;

	end_round(keeper, round, state);
	if ((rc = put_round(keeper, round)) != OK)
		return rc;
	snprintf(before, sizeof(before), "%s question to %s has ended. ",
	    round->asker == SIDE_US ? "This side's" : "Their",
	    round->asker == SIDE_US ? line->name : "this side");
	return note_round(keeper, line, round,
	    word_name(&willing_states, state), before);
}

/* What every proof of the round is bound to. */
static void
bind_round(struct willing_round *bound, const struct post_line *line,
    const struct round *round)
{
	const struct hash_part part = { round->question, round->question_len };
	const bool we_are_b = post_line_role(line) == ROLE_B;

	memcpy(bound->line, line->ceremony.roots.line_id, sizeof(bound->line));
	memcpy(bound->id, round->id, sizeof(bound->id));
	hash_parts(bound->question, &part, 1);
	bound->day = round->day;
	bound->asked_by_b = (round->asker == SIDE_US) == we_are_b;
}

/* Within a transaction: makes this side's next step, and appends it. */
static int
append_step(struct keeper *keeper, struct post_line *line, struct round *round)
{
	struct journal_entry entry = { .record = { .kind = RECORD_WILLING } };
	struct record *record = &entry.record;
	struct journal_place place;
	struct willing_round bound;
	unsigned step;

	bind_round(&bound, line, round);
	willing_make(&round->talk, &bound, &round->secret);
	step = round->talk.count;
	record->step = step;
	record->time_ms = keeper->now.wall_ms > 0 ? keeper->now.wall_ms : 0;
	record->data = (struct record_text){
		(const char *)round->talk.step[step - 1],
		willing_step_bytes(step),
	};
	if (step == 1) {
		memcpy(record->id, round->id, RECORD_ID_BYTES);
		record->text_bytes = (uint32_t)round->question_len;
		entry.text = round->question;
	} else {
		rng_fill(keeper->rng, record->id, RECORD_ID_BYTES);
		record->has_re = true;
		memcpy(record->re, round->id, RECORD_ID_BYTES);
	}
	return journal_append(keeper, line, &entry, &place);
}

static void
take_answer(struct keeper *keeper, struct round *round, uint8_t answer)
{
	rng_fill(keeper->rng, round->secret.seed, WILLING_SEED_BYTES);
	round->secret.yes = answer == WILLING_YES;
	round->answered = true;
}

/* -- what arrives ------------------------------------------------------------- */

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

	if (is_over(keeper, round))
		return WILLING_EXPIRED;
	bind_round(&bound, line, round);
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
		.day = (uint32_t)(record->time_ms / DAY_MS),
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
		end_round(keeper, &round, state);
	if ((rc = add_round(keeper, line, &round)) != OK)
		return rc;
	return note_round(keeper, line, &round,
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
	const int64_t day = arrival->record->time_ms / DAY_MS;
	struct meeting meeting;
	struct round live;
	int64_t last_day;
	int rc;

	/* A clock may be wrong by a day, and no more. */
	if (day > (int64_t)today(keeper) + 1)
		return pass_over(keeper, line,
		    "by its date it is of a day to come; one of the two clocks "
		    "is wrong");
	rc = ask_store(keeper, line, STMT_WILLING_LAST_DAY, &last_day);
	if (rc != OK)
		return rc;
	rc = load_live(keeper, line, &live);
	if (rc != OK && rc != ERR_NOT_FOUND)
		return rc;
	meeting = meet(line, &live, rc == OK, (uint32_t)day, last_day);
	rc = OK;
	if (!meeting.taken)
		rc = pass_over(keeper, line, meeting.why);
	else if (meeting.ends != WILLING_RUNNING)
		rc = end_and_put(keeper, line, &live, meeting.ends);
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
		if ((rc = append_step(keeper, line, round)) != OK ||
		    (rc = put_round(keeper, round)) != OK)
			return rc;
		return note_round(keeper, line, round, "answered", "");
	}
	bind_round(&bound, line, round);
	both = willing_both(&round->talk, &bound, &round->secret,
	    round->asker == SIDE_US);
	if (round->talk.count < WILLING_STEPS)
		rc = append_step(keeper, line, round);
	if (rc != OK)
		return rc;
	return end_and_put(keeper, line, round,
	    both ? WILLING_BOTH : WILLING_NOT_BOTH);
}

static int
take_step(struct keeper *keeper, struct post_line *line,
    const struct record *record, struct round *round)
{
	struct willing_round bound;

	if (is_over(keeper, round))
		return end_and_put(keeper, line, round, WILLING_EXPIRED);
	if (record->step != round->steps + 1 ||
	    side_of_step(round, record->step) != SIDE_THEM)
		return pass_over(keeper, line,
		    "it is not the step that comes next");
	assert(round->answered);
	bind_round(&bound, line, round);
	if (willing_take(&round->talk, &bound, &round->secret,
		(const uint8_t *)record->data.data, record->data.len) != OK)
		return end_and_put(keeper, line, round, WILLING_REFUSED);
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
	rc = load_live(keeper, line, &round);
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
		return end_and_put(keeper, line, &expiry->round,
		    WILLING_EXPIRED);
	end_round(keeper, &expiry->round, WILLING_EXPIRED);
	return put_round(keeper, &expiry->round);
}

static int
expire_all(struct keeper *keeper)
{
	struct expiry expiry = { .keeper = keeper };
	struct query q;
	int rc;

	for (;;) {
		q = store_query(&keeper->store, STMT_WILLING_OVER);
		query_bind_int(&q, (int64_t)today(keeper) - 1);
		if ((rc = load_one(&q, &expiry.round)) == OK)
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
	wait_ms = (day + 2) * DAY_MS - keeper->now.wall_ms;
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

	show(round, line->name, &reply.view.willing, say);
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
	if ((rc = append_step(act->keeper, act->line, &act->round)) != OK ||
	    (rc = add_round(act->keeper, act->line, &act->round)) != OK)
		return rc;
	return note(act->keeper, act->line, "ours-asked",
	    "This side asked whether both are willing.");
}

/* Whether a round may begin now; replies where not. */
static bool
may_begin(struct keeper *keeper, const struct request *request,
    const struct post_line *line)
{
	char say[WILLING_SAY_BYTES], day[WHEN_BYTES];
	struct round live;
	int64_t last_day;
	int rc;

	rc = load_live(keeper, line, &live);
	if (rc == OK) {
		say_round(say, &live, line->name);
		post_reply_error(keeper, request->id, ERR_EXISTS,
		    "One question runs on the line to %s. %s", line->name, say);
		wipe(&live, sizeof(live));
		return false;
	}
	if (rc == ERR_NOT_FOUND)
		rc = ask_store(keeper, line, STMT_WILLING_LAST_DAY, &last_day);
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		return false;
	}
	if ((int64_t)today(keeper) > last_day)
		return true;
	format_day(day, (last_day + 1) * DAY_MS);
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
		    .day = today(keeper),
		    .asked_ms = keeper->now.wall_ms,
		    .question_len = question->len } };

	rng_fill(keeper->rng, act.round.id, RECORD_ID_BYTES);
	memcpy(act.round.question, question->data, question->len);
	take_answer(keeper, &act.round, request->ask.willing.answer);
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
	if ((rc = append_step(act->keeper, act->line, &act->round)) != OK ||
	    (rc = put_round(act->keeper, &act->round)) != OK)
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
	rc = load_numbered(keeper, act.line, request->n, &act.round);
	if (rc == ERR_NOT_FOUND) {
		post_reply_error(keeper, request->id, rc,
		    "There is no question %llu on the line to %s.",
		    (unsigned long long)request->n, act.line->name);
	} else if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
	} else if (act.round.state != WILLING_RUNNING ||
	    act.round.asker == SIDE_US || act.round.steps != 1) {
		say_round(say, &act.round, act.line->name);
		post_reply_error(keeper, request->id, ERR_STATE,
		    "Question %llu does not wait for an answer of this side. "
		    "%s",
		    (unsigned long long)request->n, say);
	} else {
		take_answer(keeper, &act.round, request->ask.willing.answer);
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
	rc = load_numbered(keeper, line, request->n, &round);
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

	show(round, line->name, &reply.view.willing, say);
	post_reply(keeper, &reply);
}

void
willing_on_list(struct keeper *keeper, const struct request *request)
{
	const struct post_line *line = post_ask_line(keeper, request);
	struct reply done = { .kind = REPLY_DONE, .id = request->id };
	struct round round = { 0 };
	struct query q;
	uint32_t left = request->page.limit;
	int rc;

	if (line == NULL)
		return;
	if (left > WILLING_PAGE_ROWS)
		left = WILLING_PAGE_ROWS;
	q = store_query(&keeper->store, STMT_WILLING_LIST);
	query_bind_int(&q, line->id);
	query_bind_int(&q, (int64_t)request->page.after);
	/* One more says whether there are more. */
	query_bind_int(&q, (int64_t)left + 1);
	while (query_next(&q)) {
		if (left-- == 0) {
			done.cut = true;
			break;
		}
		if (take_round(&q, &round) != OK)
			break;
		tell_row(keeper, request, line, &round);
	}
	wipe(&round, sizeof(round));
	if ((rc = query_end(&q)) != OK)
		post_reply_store(keeper, request->id, rc);
	else
		post_reply(keeper, &done);
}

int
willing_waiting(struct keeper *keeper, struct waiting_list *list)
{
	struct query q = store_query(&keeper->store, STMT_WILLING_ALL_LIVE);
	const struct post_line *line;
	struct round round = { 0 };
	char ref[REQUEST_REF_BYTES];

	while (query_next(&q)) {
		if (take_round(&q, &round) != OK)
			break;
		line = post_find_line(keeper, round.line);
		if (line == NULL || waits_for(&round) != WILLING_US)
			continue;
		snprintf(ref, sizeof(ref), "%llu", (unsigned long long)round.n);
		if (!waiting_add(list,
			&(struct waiting_about){ .kind = WAITING_ROUND,
			    .line = line,
			    .ref = ref,
			    .who = "whoever may speak",
			    .since_ms = round.asked_ms,
			    .due_ms = ends_ms(&round) },
			"%s asks whether both sides are willing; this side's "
			"answer is missing.",
			line->name))
			break;
	}
	wipe(&round, sizeof(round));
	return query_end(&q);
}
