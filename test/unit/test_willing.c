#include "keeper/willing.h"

#include "crypto/willing.h"
#include "forge.h"

enum { DAY_MS = DAY_SECONDS * 1000 };

static const char question[] = "Would you accept talks?";

/* -- two honest posts --------------------------------------------------------- */

static struct twin_reply *
ask_text(struct twin_side *side, struct text text, bool yes)
{
	struct request request = twin_request(side, REQUEST_WILLING_ASK);

	request.ask.willing.question = text;
	request.ask.willing.answer = yes;
	return twin_ask(side, &request);
}

static struct twin_reply *
ask(struct twin_side *side, bool yes)
{
	return ask_text(side, twin_text(question), yes);
}

static struct twin_reply *
answer(struct twin_side *side, uint64_t n, bool yes)
{
	struct request request = twin_request(side, REQUEST_WILLING_ANSWER);

	request.n = n;
	request.ask.willing.answer = yes;
	return twin_ask(side, &request);
}

static struct willing_view
look(struct twin_side *side, uint64_t n)
{
	struct request request = twin_request(side, REQUEST_WILLING_SHOW);
	struct twin_reply *reply;

	request.n = n;
	reply = twin_ask(side, &request);
	assert_int_equal(reply->reply.kind, REPLY_VIEW);
	return reply->reply.view.willing;
}

static enum willing_state
state_of(struct twin_side *side, uint64_t n)
{
	return look(side, n).state;
}

static void
assert_refused(const struct twin_reply *reply, int err, const char *says)
{
	assert_int_equal(reply->reply.kind, REPLY_ERROR);
	assert_int_equal(reply->reply.err, err);
	if (strstr(reply->say, says) == NULL)
		fail_msg("'%s' does not say '%s'", reply->say, says);
}

static uint64_t
steps_of_ours(struct twin_side *side)
{
	return forge_line(side)->journal.end;
}

/* Nothing is left of what a side said. */
static void
assert_forgotten(struct twin_side *side, uint64_t n)
{
	struct query q = store_query(&side->keeper->store, STMT_WILLING_GET);
	size_t len;

	query_bind_int(&q, side->line);
	query_bind_int(&q, (int64_t)n);
	assert_true(query_next(&q));
	for (int i = 0; i < 10; i++)
		(void)query_blob(&q, &len);
	(void)query_blob(&q, &len);
	assert_int_equal(len, 0);
	(void)query_blob(&q, &len);
	assert_int_equal(len, 0);
	assert_int_equal(query_end(&q), OK);
}

static void
play(struct twin *twin, int asker, bool asker_yes, bool other_yes)
{
	const enum willing_state expected =
	    asker_yes && other_yes ? WILLING_BOTH : WILLING_NOT_BOTH;
	struct twin_side *a = &twin->side[asker];
	struct twin_side *b = &twin->side[1 - asker];

	assert_int_equal(ask(a, asker_yes)->reply.kind, REPLY_VIEW);
	twin_run(twin);
	assert_int_equal(look(a, 1).waits_for, WILLING_THEM);
	assert_int_equal(look(b, 1).waits_for, WILLING_US);
	assert_int_equal(answer(b, 1, other_yes)->reply.kind, REPLY_VIEW);
	twin_run(twin);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(state_of(&twin->side[i], 1), expected);
		assert_int_equal(steps_of_ours(&twin->side[i]), 2);
		assert_int_equal(look(&twin->side[i], 1).steps, 4);
		assert_int_equal(look(&twin->side[i], 1).waits_for,
		    WILLING_NOBODY);
		assert_forgotten(&twin->side[i], 1);
		assert_int_equal(forge_count(&twin->side[i], "willing",
				     expected == WILLING_BOTH ? "both"
							      : "not-both"),
		    1);
		assert_false(
		    twin_has_event(&twin->side[i], "fault", "passed-over"));
	}
}

#define PLAYS(name, asker, asker_yes, other_yes) \
	static void name(void **state) \
	{ \
		play(*state, asker, asker_yes, other_yes); \
	}

PLAYS(both_yes_is_known_to_both, 0, true, true)
PLAYS(both_yes_is_known_to_both_when_b_asks, 1, true, true)
PLAYS(yes_and_no_is_not_both, 0, true, false)
PLAYS(no_and_yes_is_not_both, 0, false, true)
PLAYS(no_and_no_is_not_both, 1, false, false)

static void
whose_step_is_missing_is_shown_at_both_ends(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	ask(a, true);
	twin_run(twin);
	/* The answer does not get through. */
	b->mute = true;
	answer(b, 1, true);
	twin_run(twin);
	assert_int_equal(look(b, 1).waits_for, WILLING_THEM);
	assert_int_equal(look(b, 1).steps, 2);
	assert_int_equal(look(a, 1).waits_for, WILLING_THEM);
	assert_int_equal(look(a, 1).steps, 1);
	/* Then the asker's next step does not. */
	b->mute = false;
	a->mute = true;
	twin_reboot(twin);
	assert_int_equal(look(a, 1).steps, 3);
	assert_int_equal(look(a, 1).waits_for, WILLING_THEM);
	assert_int_equal(look(b, 1).waits_for, WILLING_THEM);
	a->mute = false;
	twin_reboot(twin);
	assert_int_equal(state_of(a, 1), WILLING_BOTH);
	assert_int_equal(state_of(b, 1), WILLING_BOTH);
}

/* -- refusals ----------------------------------------------------------------- */

static void
second_round_of_a_day_is_refused(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	play(twin, 0, true, false);
	assert_refused(ask(a, true), ERR_LIMIT, "The next may begin on");
	assert_refused(ask(b, true), ERR_LIMIT, "The next may begin on");
	forge_wait(twin, DAY_MS);
	assert_int_equal(ask(b, true)->reply.kind, REPLY_VIEW);
	twin_run(twin);
	answer(a, 2, true);
	twin_run(twin);
	assert_int_equal(state_of(a, 2), WILLING_BOTH);
	assert_int_equal(state_of(b, 2), WILLING_BOTH);
	assert_int_equal(state_of(b, 1), WILLING_NOT_BOTH);
}

static void
second_round_is_refused_while_one_runs(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	ask(a, true);
	twin_run(twin);
	assert_refused(ask(a, true), ERR_EXISTS, "is missing");
	assert_refused(ask(b, true), ERR_EXISTS, "waits for this side's");
	forge_wait(twin, DAY_MS);
	assert_refused(ask(a, true), ERR_EXISTS, "is missing");
	assert_int_equal(steps_of_ours(b), 0);
}

/* A clock that was put back gives no second round. */
static void
clock_put_back_gives_no_round(void **state)
{
	struct twin *twin = *state;

	play(twin, 0, true, false);
	twin->now.wall_ms -= DAY_MS;
	assert_refused(ask(&twin->side[0], true), ERR_LIMIT, "The next may");
}

static void
question_must_be_a_short_text(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	char text[WILLING_QUESTION_BYTES_MAX + 1];

	memset(text, 'x', sizeof(text));
	assert_refused(ask_text(a, (struct text){ NULL, 0 }, true), ERR_FORMAT,
	    "1 to 1024");
	assert_refused(ask_text(a, (struct text){ text, sizeof(text) }, true),
	    ERR_LIMIT, "1 to 1024");
	assert_refused(ask_text(a, (struct text){ "a\0b", 3 }, true),
	    ERR_FORMAT, "1 to 1024");
	assert_refused(ask_text(a, twin_text("\xff"), true), ERR_FORMAT,
	    "1 to 1024");
	assert_int_equal(steps_of_ours(a), 0);
	assert_int_equal(ask_text(a, (struct text){ text, sizeof(text) - 1 },
			     true)
			     ->reply.kind,
	    REPLY_VIEW);
}

static void
answer_must_be_waited_for(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	assert_refused(answer(b, 1, true), ERR_NOT_FOUND, "no question 1");
	assert_refused(answer(b, UINT64_MAX, true), ERR_NOT_FOUND, "no quest");
	ask(a, true);
	twin_run(twin);
	assert_refused(answer(a, 1, true), ERR_STATE, "does not wait");
	b->mute = true;
	answer(b, 1, false);
	assert_refused(answer(b, 1, true), ERR_STATE, "does not wait");
	b->mute = false;
	twin_reboot(twin);
	assert_int_equal(state_of(a, 1), WILLING_NOT_BOTH);
	assert_refused(answer(b, 1, true), ERR_STATE, "Not both");
}

/* -- crossing ----------------------------------------------------------------- */

static void
rounds_that_cross_leave_that_of_a(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	ask(b, true);
	ask(a, true);
	twin_run(twin);
	/* Each counts as it saw them. */
	assert_int_equal(state_of(a, 1), WILLING_RUNNING);
	assert_int_equal(state_of(a, 2), WILLING_VOID);
	assert_int_equal(state_of(b, 1), WILLING_VOID);
	assert_int_equal(state_of(b, 2), WILLING_RUNNING);
	assert_forgotten(b, 1);
	answer(b, 2, true);
	twin_run(twin);
	assert_int_equal(state_of(a, 1), WILLING_BOTH);
	assert_int_equal(state_of(b, 2), WILLING_BOTH);
	assert_refused(ask(b, true), ERR_LIMIT, "The next may begin");
}

/* -- time --------------------------------------------------------------------- */

static void
round_ends_with_the_next_day(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	ask(a, true);
	twin_run(twin);
	twin->now.wall_ms = look(a, 1).ends_ms - 2000;
	forge_wait(twin, 1000);
	assert_int_equal(state_of(a, 1), WILLING_RUNNING);
	assert_int_equal(state_of(b, 1), WILLING_RUNNING);
	/* The clock was set: it is looked at every hour. */
	forge_wait(twin, 2 * WILLING_LOOK_EVERY_MS);
	assert_int_equal(state_of(a, 1), WILLING_EXPIRED);
	assert_int_equal(state_of(b, 1), WILLING_EXPIRED);
	assert_int_equal(forge_count(a, "willing", "expired"), 1);
	assert_forgotten(a, 1);
	assert_refused(answer(b, 1, true), ERR_STATE, "nothing is known");
	assert_int_equal(ask(b, true)->reply.kind, REPLY_VIEW);
}

static void
answer_that_comes_too_late_changes_nothing(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	ask(a, true);
	twin_run(twin);
	b->mute = true;
	answer(b, 1, true);
	forge_wait(twin, 3 * (uint64_t)DAY_MS);
	b->mute = false;
	twin_reboot(twin);
	assert_int_equal(state_of(a, 1), WILLING_EXPIRED);
	assert_int_equal(state_of(b, 1), WILLING_EXPIRED);
	assert_true(twin_has_event(a, "fault", "passed-over"));
	assert_int_equal(steps_of_ours(a), 1);
}

/* -- restarts ----------------------------------------------------------------- */

static void
restart_both(struct twin *twin)
{
	twin_cut(twin);
	twin_restart(&twin->side[0]);
	twin_restart(&twin->side[1]);
	twin_reboot(twin);
}

static void
round_survives_restarts_at_each_step(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	a->mute = true;
	ask(a, true);
	restart_both(twin);
	a->mute = false;
	b->mute = true;
	restart_both(twin);
	answer(b, 1, true);
	restart_both(twin);
	b->mute = false;
	a->mute = true;
	restart_both(twin);
	assert_int_equal(look(a, 1).steps, 3);
	a->mute = false;
	b->mute = true;
	restart_both(twin);
	assert_int_equal(state_of(b, 1), WILLING_BOTH);
	assert_int_equal(look(a, 1).waits_for, WILLING_THEM);
	b->mute = false;
	restart_both(twin);
	assert_int_equal(state_of(a, 1), WILLING_BOTH);
	/* Each step was made once. */
	assert_int_equal(steps_of_ours(a), 2);
	assert_int_equal(steps_of_ours(b), 2);
	assert_forgotten(a, 1);
	assert_forgotten(b, 1);
}

/* One thing happens: a letter comes, or a keeper's time does.  False: all is
 * quiet. */
static bool
go_one_step(struct twin *twin)
{
	struct twin_letter *letter;
	uint64_t next_ns = UINT64_MAX;

	if (twin->head < twin->tail) {
		letter = &twin->queue[twin->head++ % TWIN_QUEUE_MAX];
		keeper_on_line_event(letter->to->keeper, letter->to->line,
		    &letter->event, twin->now);
		free(letter->data);
		return true;
	}
	for (int i = 0; i < 2; i++)
		if (keeper_next_ns(twin->side[i].keeper) < next_ns)
			next_ns = keeper_next_ns(twin->side[i].keeper);
	if (next_ns > twin->now.now_ns + CLOCK_NS_PER_S / 2)
		return false;
	if (next_ns > twin->now.now_ns)
		twin->now.now_ns = next_ns;
	for (int i = 0; i < 2; i++)
		keeper_on_time(twin->side[i].keeper, twin->now);
	return true;
}

/* Both posts die after that many steps; false: all had happened before. */
static bool
die_after(struct twin *twin, unsigned steps)
{
	bool happens = true;

	for (unsigned i = 0; happens && i < steps; i++)
		happens = go_one_step(twin);
	restart_both(twin);
	return happens;
}

/* The posts die once between question and answer, and once after it; each time a
 * step later. */
static void
round_survives_a_death_at_any_step(void **state)
{
	struct twin *twin;
	bool first = true, second = true;

	(void)state;
	for (unsigned steps = 0; first || second; steps++) {
		twin = twin_new_line();
		assert_int_equal(ask(&twin->side[0], true)->reply.kind,
		    REPLY_VIEW);
		first = die_after(twin, steps);
		assert_int_equal(answer(&twin->side[1], 1, true)->reply.kind,
		    REPLY_VIEW);
		second = die_after(twin, steps);
		for (int i = 0; i < 2; i++) {
			assert_int_equal(state_of(&twin->side[i], 1),
			    WILLING_BOTH);
			assert_int_equal(steps_of_ours(&twin->side[i]), 2);
			assert_forgotten(&twin->side[i], 1);
		}
		twin_free(twin);
		assert_true(steps < 200);
	}
}

/* Asked before the post knows what the peer holds: it has no number yet. */
static void
round_may_begin_before_the_journal_has_numbers(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	twin_cut(twin);
	twin_restart(a);
	assert_int_equal(ask(a, true)->reply.kind, REPLY_VIEW);
	twin_reboot(twin);
	answer(b, 1, true);
	twin_run(twin);
	assert_int_equal(state_of(a, 1), WILLING_BOTH);
}

/* -- a peer that cheats ------------------------------------------------------- */

/* What side B would do, by hand. */
struct cheat {
	struct twin_side *a;
	struct willing_round round;
	struct willing_talk talk;
	struct willing_secret secret;
	uint8_t seed; /* of the id of the next record */
};

/* Hands a step in as B's next record. */
static void
bring(struct cheat *cheat, unsigned step, const uint8_t *bytes, size_t len,
    int64_t time_ms)
{
	struct twin_side *a = cheat->a;
	struct record record = forge_record(RECORD_WILLING, ++cheat->seed);
	struct line_event event = { .kind = LINE_EVENT_DATA };
	uint8_t stream[RECORD_HEAD_BYTES_MAX + sizeof(question)];
	struct writer w;

	record.after = forge_line(a)->inbox[CLASS_NOTES].last;
	record.time_ms = time_ms;
	record.step = step;
	record.data = (struct record_text){ (const char *)bytes, len };
	if (step > 1)
		forge_about(&record, cheat->round.id);
	else
		memcpy(record.id, cheat->round.id, RECORD_ID_BYTES);
	record.text_bytes = step == 1 ? sizeof(question) - 1 : 0;
	buf_write(&w, stream, sizeof(stream));
	record_encode_head(&w, &record);
	buf_put_bytes(&w, question, record.text_bytes);
	assert_true(buf_is_sound(&w));
	event.piece = (struct piece){ .class = CLASS_NOTES,
		.n = record.after + 1,
		.data = stream,
		.len = w.len,
		.fin = true };
	keeper_on_line_event(a->keeper, a->line, &event, a->twin->now);
	twin_run(a->twin);
}

static void
bring_made(struct cheat *cheat, unsigned step)
{
	bring(cheat, step, cheat->talk.step[step - 1], willing_step_bytes(step),
	    cheat->a->twin->now.wall_ms);
}

/* Reads A's own step of that number out of its store. */
static void
overhear(struct cheat *cheat, unsigned step)
{
	struct query q =
	    store_query(&cheat->a->keeper->store, STMT_WILLING_GET);
	const uint8_t *bytes;
	size_t len, at = 0;

	query_bind_int(&q, cheat->a->line);
	query_bind_int(&q, 1);
	assert_true(query_next(&q));
	for (int i = 0; i < 10; i++)
		(void)query_blob(&q, &len);
	bytes = query_blob(&q, &len);
	for (unsigned i = 1; i < step; i++)
		at += willing_step_bytes(i);
	assert_true(at + willing_step_bytes(step) <= len);
	assert_int_equal(willing_take(&cheat->talk, &cheat->round,
			     &cheat->secret, bytes + at,
			     willing_step_bytes(step)),
	    OK);
	assert_int_equal(query_end(&q), OK);
}

static void
bind_cheat(struct cheat *cheat, struct twin *twin, bool asked_by_b)
{
	const struct hash_part part = { question, sizeof(question) - 1 };
	struct willing_round *round = &cheat->round;

	*cheat = (struct cheat){ .a = &twin->side[0], .secret.yes = 1 };
	memcpy(round->line, forge_line(cheat->a)->ceremony.roots.line_id,
	    sizeof(round->line));
	hash_parts(round->question, &part, 1);
	round->day = (uint32_t)(twin->now.wall_ms / DAY_MS);
	round->asked_by_b = asked_by_b;
	memset(round->id, 0xc5, sizeof(round->id));
	/* The real B hears and says nothing. */
	twin->side[0].mute = true;
}

/* A asks, and B has its first step. */
static void
asked_by_a(struct cheat *cheat, struct twin *twin)
{
	struct query q;

	bind_cheat(cheat, twin, false);
	assert_int_equal(ask(cheat->a, true)->reply.kind, REPLY_VIEW);
	q = store_query(&cheat->a->keeper->store, STMT_WILLING_GET);
	query_bind_int(&q, cheat->a->line);
	query_bind_int(&q, 1);
	assert_true(query_next(&q));
	(void)query_int(&q);
	(void)query_int(&q);
	query_bytes(&q, cheat->round.id, WILLING_ID_BYTES);
	assert_int_equal(query_end(&q), OK);
	overhear(cheat, 1);
}

static void
cheat_that_does_all_right_is_a_peer(void **state)
{
	struct cheat cheat;

	asked_by_a(&cheat, *state);
	willing_make(&cheat.talk, &cheat.round, &cheat.secret);
	bring_made(&cheat, 2);
	overhear(&cheat, 3);
	assert_true(
	    willing_both(&cheat.talk, &cheat.round, &cheat.secret, false));
	willing_make(&cheat.talk, &cheat.round, &cheat.secret);
	bring_made(&cheat, 4);
	assert_int_equal(state_of(cheat.a, 1), WILLING_BOTH);
}

static void
wrong_proof_ends_the_round(void **state)
{
	struct cheat cheat;
	struct willing_talk bent;

	asked_by_a(&cheat, *state);
	willing_make(&cheat.talk, &cheat.round, &cheat.secret);
	bent = cheat.talk;
	bent.step[1][willing_step_bytes(2) - 32] ^= 1;
	bring(&cheat, 2, bent.step[1], willing_step_bytes(2),
	    cheat.a->twin->now.wall_ms);
	assert_int_equal(state_of(cheat.a, 1), WILLING_REFUSED);
	assert_int_equal(forge_count(cheat.a, "willing", "refused"), 1);
	assert_forgotten(cheat.a, 1);
	/* What is right comes too late. */
	bring_made(&cheat, 2);
	assert_int_equal(state_of(cheat.a, 1), WILLING_REFUSED);
	assert_int_equal(steps_of_ours(cheat.a), 1);
	assert_refused(ask(cheat.a, true), ERR_LIMIT, "The next may begin");
}

static void
step_of_another_length_ends_the_round(void **state)
{
	struct cheat cheat;

	asked_by_a(&cheat, *state);
	willing_make(&cheat.talk, &cheat.round, &cheat.secret);
	bring(&cheat, 2, cheat.talk.step[1], willing_step_bytes(2) - 1,
	    cheat.a->twin->now.wall_ms);
	assert_int_equal(state_of(cheat.a, 1), WILLING_REFUSED);
}

static void
step_that_is_replayed_is_passed_over(void **state)
{
	struct cheat cheat;

	asked_by_a(&cheat, *state);
	willing_make(&cheat.talk, &cheat.round, &cheat.secret);
	bring_made(&cheat, 2);
	bring_made(&cheat, 2);
	assert_int_equal(forge_count(cheat.a, "fault", "passed-over"), 1);
	assert_int_equal(look(cheat.a, 1).steps, 3);
	assert_int_equal(steps_of_ours(cheat.a), 2);
	overhear(&cheat, 3);
	willing_make(&cheat.talk, &cheat.round, &cheat.secret);
	bring_made(&cheat, 4);
	bring_made(&cheat, 4);
	assert_int_equal(state_of(cheat.a, 1), WILLING_BOTH);
	assert_int_equal(forge_count(cheat.a, "willing", "both"), 1);
	assert_int_equal(forge_count(cheat.a, "fault", "passed-over"), 2);
}

static void
step_out_of_order_is_passed_over(void **state)
{
	struct cheat cheat;
	uint8_t zeros[WILLING_STEP_BYTES_MAX] = { 0 };

	asked_by_a(&cheat, *state);
	willing_make(&cheat.talk, &cheat.round, &cheat.secret);
	bring(&cheat, 4, zeros, willing_step_bytes(4),
	    cheat.a->twin->now.wall_ms);
	/* A step that is A's own. */
	bring(&cheat, 3, zeros, willing_step_bytes(3),
	    cheat.a->twin->now.wall_ms);
	assert_int_equal(forge_count(cheat.a, "fault", "passed-over"), 2);
	assert_int_equal(state_of(cheat.a, 1), WILLING_RUNNING);
	bring_made(&cheat, 2);
	assert_int_equal(look(cheat.a, 1).steps, 3);
}

static void
step_of_no_round_is_told(void **state)
{
	struct cheat cheat;

	asked_by_a(&cheat, *state);
	willing_make(&cheat.talk, &cheat.round, &cheat.secret);
	memset(cheat.round.id, 0x11, sizeof(cheat.round.id));
	bring_made(&cheat, 2);
	assert_int_equal(forge_count(cheat.a, "fault", "about-nothing"), 1);
	assert_int_equal(look(cheat.a, 1).steps, 1);
}

/* The clock was set, and nobody has looked since. */
static void
step_after_the_end_is_not_followed(void **state)
{
	struct cheat cheat;
	struct twin *twin = *state;

	asked_by_a(&cheat, twin);
	willing_make(&cheat.talk, &cheat.round, &cheat.secret);
	twin->now.wall_ms = look(cheat.a, 1).ends_ms;
	bring_made(&cheat, 2);
	assert_int_equal(state_of(cheat.a, 1), WILLING_EXPIRED);
	assert_int_equal(steps_of_ours(cheat.a), 1);
}

/* It may know, and this side does not: that is said. */
static void
peer_that_stops_before_the_last_step_is_shown(void **state)
{
	struct cheat cheat;
	struct twin *twin = *state;

	asked_by_a(&cheat, twin);
	willing_make(&cheat.talk, &cheat.round, &cheat.secret);
	bring_made(&cheat, 2);
	assert_int_equal(look(cheat.a, 1).waits_for, WILLING_THEM);
	assert_non_null(strstr(forge_last(cheat.a)->say,
	    "They may know the result already"));
	forge_wait(twin, 2 * (uint64_t)DAY_MS);
	assert_int_equal(state_of(cheat.a, 1), WILLING_EXPIRED);
	assert_non_null(strstr(forge_last(cheat.a)->say, "nothing is known"));
}

/* -- a peer that asks --------------------------------------------------------- */

static void
bring_question(struct cheat *cheat, int64_t time_ms)
{
	cheat->talk.count = 0;
	cheat->round.day = (uint32_t)(time_ms / DAY_MS);
	cheat->round.id[0]++;
	willing_make(&cheat->talk, &cheat->round, &cheat->secret);
	bring(cheat, 1, cheat->talk.step[0], willing_step_bytes(1), time_ms);
}

static void
question_with_a_wrong_proof_takes_no_answer(void **state)
{
	struct cheat cheat;
	struct twin *twin = *state;

	bind_cheat(&cheat, twin, true);
	willing_make(&cheat.talk, &cheat.round, &cheat.secret);
	cheat.talk.step[0][willing_step_bytes(1) - 32] ^= 1;
	bring_made(&cheat, 1);
	assert_int_equal(state_of(cheat.a, 1), WILLING_REFUSED);
	assert_refused(answer(cheat.a, 1, true), ERR_STATE,
	    "broken, or cheats");
	assert_int_equal(steps_of_ours(cheat.a), 0);
}

static void
second_question_of_a_day_is_passed_over(void **state)
{
	struct cheat cheat;
	struct twin *twin = *state;
	const int64_t now_ms = twin->now.wall_ms;

	bind_cheat(&cheat, twin, true);
	bring_question(&cheat, now_ms);
	bring_question(&cheat, now_ms);
	assert_int_equal(forge_count(cheat.a, "fault", "passed-over"), 1);
	assert_int_equal(state_of(cheat.a, 1), WILLING_RUNNING);
	/* A day ahead is what a wrong clock gives; two are not. */
	bring_question(&cheat, now_ms + 2 * (int64_t)DAY_MS);
	assert_int_equal(forge_count(cheat.a, "fault", "passed-over"), 2);
	bring_question(&cheat, now_ms + DAY_MS);
	assert_int_equal(state_of(cheat.a, 1), WILLING_EXPIRED);
	assert_int_equal(state_of(cheat.a, 2), WILLING_RUNNING);
	/* And a day that is past is a second one of that day. */
	bring_question(&cheat, now_ms - DAY_MS);
	assert_int_equal(forge_count(cheat.a, "fault", "passed-over"), 3);
	assert_refused(ask(cheat.a, true), ERR_EXISTS, "waits for this side's");
}

static void
second_question_is_passed_over_when_the_first_has_ended(void **state)
{
	struct cheat cheat;
	struct twin *twin = *state;

	bind_cheat(&cheat, twin, true);
	willing_make(&cheat.talk, &cheat.round, &cheat.secret);
	cheat.talk.step[0][willing_step_bytes(1) - 32] ^= 1;
	bring_made(&cheat, 1);
	assert_int_equal(state_of(cheat.a, 1), WILLING_REFUSED);
	bring_question(&cheat, twin->now.wall_ms);
	assert_int_equal(forge_count(cheat.a, "fault", "passed-over"), 1);
	twin->now.wall_ms += DAY_MS;
	bring_question(&cheat, twin->now.wall_ms);
	assert_int_equal(state_of(cheat.a, 2), WILLING_RUNNING);
}

static void
question_that_comes_late_has_expired(void **state)
{
	struct cheat cheat;
	struct twin *twin = *state;

	bind_cheat(&cheat, twin, true);
	bring_question(&cheat, twin->now.wall_ms - 2 * (int64_t)DAY_MS);
	assert_int_equal(state_of(cheat.a, 1), WILLING_EXPIRED);
	assert_refused(answer(cheat.a, 1, true), ERR_STATE, "within its time");
}

/* A peer that has answered cannot ask of its own. */
static void
question_into_a_round_that_runs_is_passed_over(void **state)
{
	struct cheat cheat;
	struct twin *twin = *state;

	asked_by_a(&cheat, twin);
	willing_make(&cheat.talk, &cheat.round, &cheat.secret);
	bring_made(&cheat, 2);
	cheat.round.asked_by_b = true;
	bring_question(&cheat, twin->now.wall_ms);
	assert_int_equal(forge_count(cheat.a, "fault", "passed-over"), 1);
	assert_int_equal(state_of(cheat.a, 1), WILLING_RUNNING);
}

/* -- lists -------------------------------------------------------------------- */

static void
list_gives_pages(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request;

	for (int i = 0; i < 3; i++) {
		assert_int_equal(ask(a, true)->reply.kind, REPLY_VIEW);
		forge_wait(twin, 3 * (uint64_t)DAY_MS);
	}
	request = twin_request(a, REQUEST_WILLING_LIST);
	request.page.limit = 2;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 3);
	assert_int_equal(a->replies[0].reply.view.willing.n, 1);
	assert_true(a->replies[2].reply.cut);
	request.page.after = a->replies[1].reply.cursor;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 2);
	assert_int_equal(a->replies[0].reply.view.willing.n, 3);
	assert_false(a->replies[1].reply.cut);
}

static void
question_of_theirs_waits_for_a_person(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct waiting_list list = { .most = 10 };

	ask(a, true);
	twin_run(twin);
	assert_int_equal(willing_waiting(a->keeper, &list), OK);
	assert_int_equal(list.count, 0);
	assert_int_equal(willing_waiting(b->keeper, &list), OK);
	assert_int_equal(list.count, 1);
	list.count = 0;
	answer(b, 1, true);
	assert_int_equal(willing_waiting(b->keeper, &list), OK);
	assert_int_equal(list.count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FORGE_CLAIM(both_yes_is_known_to_both),
		FORGE_CLAIM(both_yes_is_known_to_both_when_b_asks),
		FORGE_CLAIM(yes_and_no_is_not_both),
		FORGE_CLAIM(no_and_yes_is_not_both),
		FORGE_CLAIM(no_and_no_is_not_both),
		FORGE_CLAIM(whose_step_is_missing_is_shown_at_both_ends),
		FORGE_CLAIM(second_round_of_a_day_is_refused),
		FORGE_CLAIM(second_round_is_refused_while_one_runs),
		FORGE_CLAIM(clock_put_back_gives_no_round),
		FORGE_CLAIM(question_must_be_a_short_text),
		FORGE_CLAIM(answer_must_be_waited_for),
		FORGE_CLAIM(rounds_that_cross_leave_that_of_a),
		FORGE_CLAIM(round_ends_with_the_next_day),
		FORGE_CLAIM(answer_that_comes_too_late_changes_nothing),
		FORGE_CLAIM(round_survives_restarts_at_each_step),
		cmocka_unit_test(round_survives_a_death_at_any_step),
		FORGE_CLAIM(round_may_begin_before_the_journal_has_numbers),
		FORGE_CLAIM(cheat_that_does_all_right_is_a_peer),
		FORGE_CLAIM(wrong_proof_ends_the_round),
		FORGE_CLAIM(step_of_another_length_ends_the_round),
		FORGE_CLAIM(step_that_is_replayed_is_passed_over),
		FORGE_CLAIM(step_out_of_order_is_passed_over),
		FORGE_CLAIM(step_of_no_round_is_told),
		FORGE_CLAIM(peer_that_stops_before_the_last_step_is_shown),
		FORGE_CLAIM(question_with_a_wrong_proof_takes_no_answer),
		FORGE_CLAIM(second_question_of_a_day_is_passed_over),
		FORGE_CLAIM(
		    second_question_is_passed_over_when_the_first_has_ended),
		FORGE_CLAIM(step_after_the_end_is_not_followed),
		FORGE_CLAIM(question_that_comes_late_has_expired),
		FORGE_CLAIM(question_into_a_round_that_runs_is_passed_over),
		FORGE_CLAIM(list_gives_pages),
		FORGE_CLAIM(question_of_theirs_waits_for_a_person),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
