#include "keeper/round.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "keeper/diary.h"
#include "keeper/journal.h"

enum {
	TALK_BYTES_MAX = WILLING_STEPS * WILLING_STEP_BYTES_MAX,
	SECRET_BYTES = WILLING_SEED_BYTES + 1,
};

_Static_assert((int)WILLING_STEP_BYTES_MAX <= (int)WILLING_DATA_BYTES_MAX,
    "a step fits into a record");

/* -- time --------------------------------------------------------------------- */

uint32_t
round_today(const struct keeper *keeper)
{
	return keeper->now.wall_ms > 0
	    ? (uint32_t)(keeper->now.wall_ms / ROUND_DAY_MS)
	    : 0;
}

int64_t
round_ends_ms(const struct round *round)
{
	return ((int64_t)round->day + 2) * ROUND_DAY_MS;
}

bool
round_is_over(const struct keeper *keeper, const struct round *round)
{
	return round_today(keeper) > round->day + 1;
}

enum side
round_side_of_step(const struct round *round, unsigned step)
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

int
round_take(struct query *q, struct round *round)
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

int
round_load_one(struct query *q, struct round *round)
{
	bool found = query_next(q);
	int rc;

	if (found)
		q->rc = round_take(q, round);
	rc = query_end(q);
	return rc == OK && !found ? ERR_NOT_FOUND : rc;
}

int
round_load_live(struct keeper *keeper, const struct post_line *line,
    struct round *round)
{
	struct query q = store_query(&keeper->store, STMT_WILLING_LIVE);

	query_bind_int(&q, line->id);
	return round_load_one(&q, round);
}

int
round_load(struct keeper *keeper, const struct post_line *line, uint64_t n,
    struct round *round)
{
	struct query q = store_query(&keeper->store, STMT_WILLING_GET);

	query_bind_int(&q, line->id);
	query_bind_int(&q, n <= INT64_MAX ? (int64_t)n : 0);
	return round_load_one(&q, round);
}

static int
ask_store(struct keeper *keeper, const struct post_line *line, enum stmt stmt,
    int64_t *value)
{
	struct query q = store_query(&keeper->store, stmt);

	query_bind_int(&q, line->id);
	return query_one(&q, value);
}

int
round_last_day(struct keeper *keeper, const struct post_line *line,
    int64_t *day)
{
	return ask_store(keeper, line, STMT_WILLING_LAST_DAY, day);
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

int
round_add(struct keeper *keeper, const struct post_line *line,
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

int
round_put(struct keeper *keeper, struct round *round)
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

void
round_format_date(char text[ROUND_DATE_BYTES], int64_t wall_ms)
{
	char time[CLOCK_TEXT_BYTES];

	clock_format(time, wall_ms);
	snprintf(text, ROUND_DATE_BYTES, "%.10s", time);
}

enum willing_side
round_waits_for(const struct round *round)
{
	if (round->state != WILLING_RUNNING)
		return WILLING_NOBODY;
	return round_side_of_step(round, round->steps + 1) == SIDE_US
	    ? WILLING_US
	    : WILLING_THEM;
}

/* Where a round that runs stands, and what is to be done. */
static void
say_running(char say[WILLING_SAY_BYTES], const struct round *round,
    const char *name)
{
	char day[ROUND_DATE_BYTES];

	round_format_date(day, round_ends_ms(round) - 1);
	if (round_waits_for(round) == WILLING_US && round->steps == 1)
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

void
round_say(char say[WILLING_SAY_BYTES], const struct round *round,
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

void
round_show(const struct round *round, const char *name,
    struct willing_view *view, char say[WILLING_SAY_BYTES])
{
	round_say(say, round, name);
	*view = (struct willing_view){
		.n = round->n,
		.asked_by = round->asker == SIDE_US ? WILLING_US : WILLING_THEM,
		.question = { round->question, round->question_len },
		.state = (uint8_t)round->state,
		.steps = round->steps,
		.waits_for = (uint8_t)round_waits_for(round),
		.asked_ms = round->asked_ms,
		.ends_ms = round_ends_ms(round),
		.ended_ms = round->ended_ms,
		.say = text_of(say),
	};
}

int
round_note(struct keeper *keeper, const struct post_line *line,
    const struct round *round, const char *what, const char *before)
{
	char say[WILLING_SAY_BYTES];

	round_say(say, round, line->name);
	return diary_add(keeper,
	    (struct diary_entry){ .line = line,
		.kind = "willing",
		.what = what },
	    "%s%s", before, say);
}

/* -- its end, and its steps --------------------------------------------------- */

void
round_stop(struct keeper *keeper, struct round *round, enum willing_state state)
{
	round->state = state;
	round->ended_ms = keeper->now.wall_ms;
	round->answered = false;
	willing_secret_wipe(&round->secret);
}

int
round_end(struct keeper *keeper, const struct post_line *line,
    struct round *round, enum willing_state state)
{
	char before[POST_NAME_BYTES + 64];
	int rc;

	round_stop(keeper, round, state);
	if ((rc = round_put(keeper, round)) != OK)
		return rc;
	snprintf(before, sizeof(before), "%s question to %s has ended. ",
	    round->asker == SIDE_US ? "This side's" : "Their",
	    round->asker == SIDE_US ? line->name : "this side");
	return round_note(keeper, line, round,
	    word_name(&willing_states, state), before);
}

void
round_bind(struct willing_round *bound, const struct post_line *line,
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

int
round_append_step(struct keeper *keeper, struct post_line *line,
    struct round *round)
{
	struct journal_entry entry = { .record = { .kind = RECORD_WILLING } };
	struct record *record = &entry.record;
	struct journal_place place;
	struct willing_round bound;
	unsigned step;

	round_bind(&bound, line, round);
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

void
round_answer(struct keeper *keeper, struct round *round, uint8_t answer)
{
	rng_fill(keeper->rng, round->secret.seed, WILLING_SEED_BYTES);
	round->secret.yes = answer == WILLING_YES;
	round->answered = true;
}
