#include "keeper/terms.h"

#include "forge.h"

/* talk is what twins begin with. */
static const struct cadence desk = { 1200, 20000 };
static const struct cadence bulk = { 1200, 1000 };
static const struct cadence trickle = { 256, 1000000 };
static const struct cadence cancel = { 0, 0 };

static struct twin_reply *
set(struct twin_side *side, struct cadence cadence)
{
	struct request request = twin_request(side, REQUEST_CADENCE);

	request.cadence = cadence;
	return twin_ask(side, &request);
}

static void
assert_set(struct twin_side *side, struct cadence cadence,
    enum terms_state state)
{
	const struct twin_reply *reply = set(side, cadence);

	assert_int_equal(reply->reply.kind, REPLY_TERMS);
	assert_int_equal(reply->reply.terms.state, state);
}

static void
assert_refused(struct twin_side *side, struct cadence cadence, int err)
{
	const uint64_t end = forge_line(side)->journal.end;
	const struct twin_reply *reply = set(side, cadence);

	assert_int_equal(reply->reply.kind, REPLY_ERROR);
	assert_int_equal(reply->reply.err, err);
	assert_true(strlen(reply->say) > 0);
	assert_int_equal(forge_line(side)->journal.end, end);
}

/* What keeper and wire have. */
static void
assert_terms(struct twin_side *side, unsigned number, struct cadence cadence,
    uint16_t also)
{
	const struct terms *terms = &forge_line(side)->terms;

	assert_int_equal(terms->number, number);
	assert_int_equal(terms->cadence.frame_bytes, cadence.frame_bytes);
	assert_int_equal(terms->cadence.slot_us, cadence.slot_us);
	assert_int_equal(terms->also_frame_bytes, also);
	assert_int_equal(side->config.terms, number % TERMS_NUMBERS);
	assert_int_equal(side->config.cadence.frame_bytes, cadence.frame_bytes);
	assert_int_equal(side->config.cadence.slot_us, cadence.slot_us);
	assert_int_equal(side->config.also_frame_bytes, also);
}

static void
assert_settled(struct twin_side *side)
{
	const struct terms *terms = &forge_line(side)->terms;

	assert_false(terms->ours.open || terms->theirs.open || terms->agreed);
}

static void
hear_boot(struct twin_side *side, unsigned terms)
{
	struct line_event event = { .kind = LINE_EVENT_TERMS };

	event.terms = (uint8_t)terms;
	keeper_on_line_event(side->keeper, side->line, &event, side->twin->now);
}

/* A keeper computes for a boot. */
static void
make_boot(struct twin_side *side)
{
	struct line_event event = { .kind = LINE_EVENT_FINISH_2 };

	if (forge_line(side)->ceremony.role == ROLE_B)
		event.kind = LINE_EVENT_ANSWER_1;
	event.attempt.kind = HANDSHAKE_BOOT;
	event.attempt.number = 9;
	keeper_on_line_event(side->keeper, side->line, &event, side->twin->now);
}

static void
prove_boot(struct twin_side *side)
{
	struct line_event event = { .kind = LINE_EVENT_PROVED };

	event.attempt.kind = HANDSHAKE_BOOT;
	event.attempt.number = 9;
	keeper_on_line_event(side->keeper, side->line, &event, side->twin->now);
}

/* Both wires boot and hear each other; with equal terms a session comes of it. */
static void
meet(struct twin *twin)
{
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const unsigned a_terms = a->config.terms, b_terms = b->config.terms;

	if (a_terms != b_terms) {
		hear_boot(a, b_terms);
		hear_boot(b, a_terms);
	}
	twin_run(twin);
	if (a->config.terms != b->config.terms)
		return;
	make_boot(a);
	make_boot(b);
	prove_boot(a);
	prove_boot(b);
	twin_want(a);
	twin_want(b);
	twin_run(twin);
}

static const char *
say_of(const struct twin_side *side, const char *what)
{
	for (size_t i = side->event_count; i > 0; i--) {
		if (strcmp(side->events[i - 1].what, what) == 0)
			return side->events[i - 1].say;
	}
	fail_msg("no event %s", what);
	return "";
}

static void
terms_change_by_consent(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const struct cadence talk = a->config.cadence;
	size_t attached;

	assert_set(b, desk, TERMS_PROPOSED);
	assert_true(twin_has_event(b, "line", "ours-proposed"));
	twin_run(twin);
	assert_non_null(strstr(say_of(a, "cadence-proposed"),
	    "quietline line set bravo cadence desk"));
	assert_terms(a, 0, talk, 0);
	assert_terms(b, 0, talk, 0);
	attached = a->orders[LINE_ORDER_ATTACH];
	assert_set(a, desk, TERMS_AGREED);
	assert_terms(a, 0, talk, 0);
	twin_run(twin);
	/* Who proposed is first; who agreed follows when it hears of it. */
	assert_terms(b, 1, desk, 0);
	assert_terms(a, 0, talk, 0);
	assert_int_equal(a->orders[LINE_ORDER_ATTACH], attached);
	meet(twin);
	assert_terms(a, 1, desk, 0);
	assert_int_equal(a->orders[LINE_ORDER_ATTACH], attached + 1);
	assert_int_equal(forge_count(a, "line", "cadence-changed"), 1);
	assert_int_equal(forge_count(b, "line", "cadence-changed"), 1);
	assert_settled(a);
	assert_settled(b);
	assert_int_equal(forge_count(a, "fault", "fault"), 0);
	/* And back, by the other. */
	assert_set(a, talk, TERMS_PROPOSED);
	twin_run(twin);
	assert_set(b, talk, TERMS_AGREED);
	twin_run(twin);
	meet(twin);
	assert_terms(a, 2, talk, 0);
	assert_terms(b, 2, talk, 0);
	/* Messages go as before. */
	assert_int_equal(twin_send(a, "x", 0)->reply.kind, REPLY_SENT);
	twin_run(twin);
	assert_int_equal(twin_read(b), 1);
}

static void
terms_take_frames_of_both_sizes_meanwhile(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const struct cadence talk = a->config.cadence;
	const size_t attached = b->orders[LINE_ORDER_ATTACH];

	assert_set(a, trickle, TERMS_PROPOSED);
	twin_run(twin);
	assert_terms(b, 0, talk, 0);
	assert_set(b, trickle, TERMS_AGREED);
	/* The session goes on: nothing else is new to wire. */
	assert_terms(b, 0, talk, 256);
	assert_int_equal(b->orders[LINE_ORDER_ATTACH], attached);
	twin_run(twin);
	assert_terms(a, 1, trickle, 1200);
	/* A session of before does not end it. */
	prove_boot(b);
	assert_terms(b, 0, talk, 256);
	hear_boot(b, 1);
	assert_terms(b, 1, trickle, 1200);
	meet(twin);
	assert_terms(a, 1, trickle, 0);
	assert_terms(b, 1, trickle, 0);
}

/* Who is told so late of the session that brought the agreement would not hear
 * the other side any more, which still sends frames of the size before. */
static void
terms_are_not_proved_by_a_session_before(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	assert_set(a, trickle, TERMS_PROPOSED);
	twin_run(twin);
	assert_set(b, trickle, TERMS_AGREED);
	twin_run(twin);
	assert_terms(a, 1, trickle, 1200);
	prove_boot(a);
	assert_terms(a, 1, trickle, 1200);
	meet(twin);
	assert_terms(a, 1, trickle, 0);
	assert_terms(b, 1, trickle, 0);
}

static void
terms_told_twice_are_no_fault(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	assert_set(a, desk, TERMS_PROPOSED);
	twin_run(twin);
	assert_set(b, desk, TERMS_AGREED);
	twin_run(twin);
	hear_boot(b, 1);
	hear_boot(b, 1);
	assert_terms(b, 1, desk, 0);
	assert_int_equal(forge_count(b, "fault", "fault"), 0);
}

/* Else it would be mute until they notice that it is. */
static void
terms_begin_where_the_peer_is(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct line_report report = { .state = LINE_UP };

	/* Only the first names where it is: the other is learned. */
	report.path[0].peer.len = 7;
	forge_report(a, report);
	assert_int_equal(a->way[0].way.last.len, 0);
	assert_set(a, desk, TERMS_PROPOSED);
	twin_run(twin);
	assert_set(b, desk, TERMS_AGREED);
	twin_run(twin);
	assert_terms(a, 1, desk, 0);
	assert_int_equal(a->way[0].way.last.len, 7);
}

static void
terms_can_be_taken_back(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	assert_set(a, desk, TERMS_PROPOSED);
	twin_run(twin);
	assert_set(a, cancel, TERMS_SETTLED);
	assert_true(twin_has_event(a, "line", "ours-withdrawn"));
	twin_run(twin);
	assert_true(twin_has_event(b, "line", "cadence-withdrawn"));
	assert_settled(a);
	assert_settled(b);
	/* The same word is a proposal now. */
	assert_set(b, desk, TERMS_PROPOSED);
	twin_run(twin);
	assert_set(a, desk, TERMS_AGREED);
	twin_run(twin);
	meet(twin);
	assert_terms(a, 1, desk, 0);
	assert_terms(b, 1, desk, 0);
}

static void
terms_of_the_last_proposal_count(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	assert_set(a, desk, TERMS_PROPOSED);
	assert_set(a, bulk, TERMS_PROPOSED);
	twin_run(twin);
	assert_int_equal(forge_line(b)->terms.theirs.cadence.slot_us,
	    bulk.slot_us);
	assert_set(b, desk, TERMS_PROPOSED);
	twin_run(twin);
	/* Each has the other's; who agrees takes his own back. */
	assert_set(b, bulk, TERMS_AGREED);
	twin_run(twin);
	meet(twin);
	assert_terms(a, 1, bulk, 0);
	assert_terms(b, 1, bulk, 0);
	assert_settled(a);
	assert_settled(b);
}

static void
terms_that_both_propose_at_once_are_agreed(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	assert_set(a, trickle, TERMS_PROPOSED);
	assert_set(b, trickle, TERMS_PROPOSED);
	twin_run(twin);
	assert_true(twin_has_event(b, "line", "cadence-agreed"));
	assert_int_equal(forge_count(a, "line", "cadence-proposed"), 0);
	assert_int_equal(forge_count(b, "line", "cadence-proposed"), 0);
	meet(twin);
	assert_terms(a, 1, trickle, 0);
	assert_terms(b, 1, trickle, 0);
	assert_settled(a);
	assert_settled(b);
}

static void
terms_taken_back_under_an_equal_proposal_are_not_agreed(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const struct cadence talk = a->config.cadence;

	assert_set(a, trickle, TERMS_PROPOSED);
	assert_set(b, trickle, TERMS_PROPOSED);
	assert_set(a, cancel, TERMS_SETTLED);
	twin_run(twin);
	meet(twin);
	assert_terms(a, 0, talk, 0);
	assert_terms(b, 0, talk, 0);
	assert_false(forge_line(b)->terms.agreed);
	/* B took its own back when it agreed, and A knows. */
	assert_settled(a);
	assert_settled(b);
	assert_set(a, trickle, TERMS_PROPOSED);
}

static void
terms_of_agreements_that_cross_are_void(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const struct cadence talk = a->config.cadence;

	assert_set(a, desk, TERMS_PROPOSED);
	assert_set(b, trickle, TERMS_PROPOSED);
	twin_run(twin);
	assert_set(a, trickle, TERMS_AGREED);
	assert_set(b, desk, TERMS_AGREED);
	assert_terms(a, 0, talk, 256);
	twin_run(twin);
	assert_int_equal(forge_count(a, "line", "cadence-void"), 1);
	assert_int_equal(forge_count(b, "line", "cadence-void"), 1);
	assert_settled(a);
	assert_settled(b);
	meet(twin);
	assert_terms(a, 0, talk, 0);
	assert_terms(b, 0, talk, 0);
	/* Either can begin again. */
	assert_set(b, desk, TERMS_PROPOSED);
	twin_run(twin);
	assert_set(a, desk, TERMS_AGREED);
	twin_run(twin);
	meet(twin);
	assert_terms(a, 1, desk, 0);
	assert_terms(b, 1, desk, 0);
}

static void
terms_taken_back_while_they_are_agreed_are_void(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const struct cadence talk = a->config.cadence;

	assert_set(a, trickle, TERMS_PROPOSED);
	twin_run(twin);
	assert_set(b, trickle, TERMS_AGREED);
	assert_set(a, cancel, TERMS_SETTLED);
	assert_terms(b, 0, talk, 256);
	twin_run(twin);
	assert_int_equal(forge_count(a, "line", "cadence-void"), 1);
	assert_int_equal(forge_count(b, "line", "cadence-void"), 1);
	assert_settled(a);
	assert_settled(b);
	assert_terms(a, 0, talk, 0);
	assert_terms(b, 0, talk, 0);
}

static void
terms_replaced_while_they_are_agreed_stay_proposed(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	assert_set(a, trickle, TERMS_PROPOSED);
	twin_run(twin);
	assert_set(b, trickle, TERMS_AGREED);
	assert_set(a, desk, TERMS_PROPOSED);
	twin_run(twin);
	assert_int_equal(forge_count(b, "line", "cadence-void"), 1);
	assert_false(forge_line(b)->terms.agreed);
	assert_int_equal(forge_line(a)->terms.number, 0);
	assert_set(b, desk, TERMS_AGREED);
	twin_run(twin);
	meet(twin);
	assert_terms(a, 1, desk, 0);
	assert_terms(b, 1, desk, 0);
}

/* Either keeper dies behind each step, and what was on its way is lost. */
static void
terms_outlast_a_crash_behind_each_step(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const struct cadence talk = a->config.cadence;

	assert_set(a, trickle, TERMS_PROPOSED);
	twin_cut(twin);
	twin_restart(a);
	assert_true(forge_line(a)->terms.ours.open);
	twin_reboot(twin);
	assert_true(forge_line(b)->terms.theirs.open);
	twin_restart(b);
	assert_set(b, trickle, TERMS_AGREED);
	twin_cut(twin);
	twin_restart(b);
	assert_terms(b, 0, talk, 256);
	assert_true(forge_line(b)->terms.agreed);
	twin_restart(a);
	twin_reboot(twin);
	assert_terms(a, 1, trickle, 1200);
	twin_restart(a);
	assert_terms(a, 1, trickle, 1200);
	assert_terms(b, 0, talk, 256);
	hear_boot(b, 1);
	twin_restart(b);
	assert_terms(b, 1, trickle, 1200);
	meet(twin);
	twin_restart(a);
	twin_restart(b);
	assert_terms(a, 1, trickle, 0);
	assert_terms(b, 1, trickle, 0);
	assert_int_equal(forge_count(a, "line", "cadence-changed"), 1);
	assert_int_equal(forge_count(b, "line", "cadence-changed"), 1);
}

static void
terms_that_make_no_sense_are_refused(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const struct cadence talk = a->config.cadence;

	assert_refused(a, cancel, ERR_STATE);
	assert_refused(a, talk, ERR_STATE);
	assert_refused(a, (struct cadence){ 1200, 1 }, ERR_LIMIT);
	assert_refused(a, (struct cadence){ FRAME_BYTES_MIN - 1, 1000 },
	    ERR_LIMIT);
	assert_refused(a, (struct cadence){ FRAME_BYTES_MAX + 1, 1000 },
	    ERR_LIMIT);
	assert_set(a, desk, TERMS_PROPOSED);
	assert_refused(a, desk, ERR_EXISTS);
	twin_run(twin);
	/* What they proposed is theirs to take back. */
	assert_refused(b, cancel, ERR_STATE);
	assert_set(b, desk, TERMS_AGREED);
	assert_refused(b, cancel, ERR_STATE);
	assert_refused(b, desk, ERR_STATE);
	assert_refused(b, bulk, ERR_STATE);
}

static void
terms_need_an_open_line(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_CADENCE);

	request.cadence = desk;
	request.line = twin_text("nobody");
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_NOT_FOUND);
	request = twin_request(a, REQUEST_LINE_CLOSE);
	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_DONE);
	assert_int_equal(set(a, desk)->reply.err, ERR_NOT_FOUND);
}

static void
terms_need_a_line_that_is_confirmed(void **state)
{
	struct twin *twin = twin_new();
	struct twin_side *a = &twin->side[0];

	(void)state;
	twin_ask_file(a, REQUEST_OFFER, NULL, 0);
	assert_int_equal(set(a, desk)->reply.err, ERR_STATE);
	twin_free(twin);
}

static struct record
forge_terms(uint8_t seed, uint32_t number, struct cadence cadence)
{
	struct record record = forge_record(RECORD_TERMS, seed);

	record.number = number;
	record.cadence = cadence;
	return record;
}

static void
terms_of_another_number_are_passed_over(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record record = forge_terms(1, 2, desk);
	struct record same = forge_terms(2, 1, a->config.cadence);

	forge_arrive(a, &record, 1);
	forge_arrive(a, &same, 2);
	assert_settled(a);
	assert_false(twin_has_event(a, "fault", "fault"));
	assert_false(twin_has_event(a, "line", "cadence-proposed"));
}

static void
terms_nobody_proposed_are_not_agreed(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record record = forge_terms(1, 1, cancel);
	const uint8_t unknown[RECORD_ID_BYTES] = { 7 };
	const uint8_t zeros[RECORD_ID_BYTES] = { 0 };

	forge_about(&record, unknown);
	forge_arrive(a, &record, 1);
	assert_terms(a, 0, a->config.cadence, 0);
	assert_int_equal(forge_count(a, "line", "cadence-void"), 1);
	/* An id of zeros is that of no proposal. */
	memset(record.id, 2, sizeof(record.id));
	forge_about(&record, zeros);
	forge_arrive(a, &record, 2);
	assert_terms(a, 0, a->config.cadence, 0);
	/* Nor does it take back what was never said. */
	record = forge_terms(3, 1, cancel);
	forge_arrive(a, &record, 3);
	assert_false(twin_has_event(a, "line", "cadence-withdrawn"));
	assert_false(twin_has_event(a, "fault", "fault"));
}

static void
terms_that_the_peer_boots_under_alone_are_a_fault(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const struct cadence talk = a->config.cadence;

	hear_boot(a, 1);
	assert_terms(a, 0, talk, 0);
	assert_int_equal(forge_count(a, "fault", "fault"), 1);
	/* An agreement is to the next terms, not to any. */
	assert_set(a, desk, TERMS_PROPOSED);
	twin_run(twin);
	assert_set(b, desk, TERMS_AGREED);
	hear_boot(b, 2);
	assert_terms(b, 0, talk, 0);
	assert_int_equal(forge_count(b, "fault", "fault"), 1);
	twin_run(twin);
	/* They are behind, as who agreed is: no fault. */
	hear_boot(a, 0);
	assert_int_equal(forge_count(a, "fault", "fault"), 1);
	meet(twin);
	assert_terms(b, 1, desk, 0);
}

static void
terms_go_round_in_frames(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const struct cadence talk = a->config.cadence;

	for (unsigned i = 1; i <= TERMS_NUMBERS + 1; i++) {
		const struct cadence next = i % 2 == 1 ? trickle : talk;

		assert_set(a, next, TERMS_PROPOSED);
		twin_run(twin);
		assert_set(b, next, TERMS_AGREED);
		twin_run(twin);
		meet(twin);
		assert_terms(a, i, next, 0);
		assert_terms(b, i, next, 0);
	}
}

static void
terms_are_shown_in_words(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct terms_shown shown;
	struct terms_view view;

	terms_show(forge_line(a), &view, &shown);
	assert_int_equal(view.state, TERMS_SETTLED);
	assert_null(view.say.data);
	assert_set(a, desk, TERMS_PROPOSED);
	assert_set(b, bulk, TERMS_PROPOSED);
	twin_run(twin);
	terms_show(forge_line(a), &view, &shown);
	assert_int_equal(view.ours.slot_us, desk.slot_us);
	assert_int_equal(view.theirs.slot_us, bulk.slot_us);
	assert_non_null(
	    strstr(shown.say, "quietline line set bravo cadence bulk"));
	assert_non_null(
	    strstr(shown.say, "quietline line set bravo cadence cancel"));
	assert_set(a, bulk, TERMS_AGREED);
	terms_show(forge_line(a), &view, &shown);
	assert_int_equal(view.ours.slot_us, 0);
	assert_non_null(strstr(shown.say, "Both sides agree"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FORGE_CLAIM(terms_change_by_consent),
		FORGE_CLAIM(terms_take_frames_of_both_sizes_meanwhile),
		FORGE_CLAIM(terms_are_not_proved_by_a_session_before),
		FORGE_CLAIM(terms_told_twice_are_no_fault),
		FORGE_CLAIM(terms_begin_where_the_peer_is),
		FORGE_CLAIM(terms_can_be_taken_back),
		FORGE_CLAIM(terms_of_the_last_proposal_count),
		FORGE_CLAIM(terms_that_both_propose_at_once_are_agreed),
		FORGE_CLAIM(
		    terms_taken_back_under_an_equal_proposal_are_not_agreed),
		FORGE_CLAIM(terms_of_agreements_that_cross_are_void),
		FORGE_CLAIM(terms_taken_back_while_they_are_agreed_are_void),
		FORGE_CLAIM(terms_replaced_while_they_are_agreed_stay_proposed),
		FORGE_CLAIM(terms_outlast_a_crash_behind_each_step),
		FORGE_CLAIM(terms_that_make_no_sense_are_refused),
		FORGE_CLAIM(terms_need_an_open_line),
		cmocka_unit_test(terms_need_a_line_that_is_confirmed),
		FORGE_CLAIM(terms_of_another_number_are_passed_over),
		FORGE_CLAIM(terms_nobody_proposed_are_not_agreed),
		FORGE_CLAIM(terms_that_the_peer_boots_under_alone_are_a_fault),
		FORGE_CLAIM(terms_go_round_in_frames),
		FORGE_CLAIM(terms_are_shown_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
