#include "keeper/pact.h"

#include "forge.h"
#include "keeper/disclosure.h"
#include "keeper/formed.h"
#include "keeper/journal.h"
#include "keeper/outbox.h"
#include "keeper/waiting.h"

#define FORM \
	"quietline form 1\nname: notice\nfield: begins time\n" \
	"field: how choice loud soft\n" \
	"\n[en] Notice\nhow.loud: loudly\nhow.soft: softly\n" \
	"We begin at {begins}, {how}.\n" \
	"\n[fr] Avis\nhow.loud: fort\nhow.soft: doucement\n" \
	"{how}: {begins}\n"

/* -- what people ask ------------------------------------------------------------ */

static struct twin_reply *
propose(struct twin_side *side, const char *file)
{
	struct request request = twin_request(side, REQUEST_FORM_PROPOSE);

	request.ask.form_propose.file = twin_text(file);
	return twin_ask(side, &request);
}

static struct twin_reply *
answer(struct twin_side *side, uint64_t number, enum pact_answer answer)
{
	struct request request = twin_request(side, REQUEST_FORM_ANSWER);

	request.n = number;
	request.ask.form_answer.answer = (uint8_t)answer;
	return twin_ask(side, &request);
}

static struct twin_reply *
send_form(struct twin_side *side, uint32_t number, const char *lines)
{
	struct request request = twin_request(side, REQUEST_SEND);

	request.send.form = number;
	request.send.text = twin_text(lines);
	return twin_ask(side, &request);
}

static struct twin_reply *
disclose(struct twin_side *side, uint32_t bits)
{
	struct request request = twin_request(side, REQUEST_DISCLOSURE_SET);

	request.ask.disclosure.wanted = bits;
	return twin_ask(side, &request);
}

static uint32_t
disclosed(struct twin_side *side)
{
	return disclosure_of(forge_line(side));
}

/* The state of a form of that number; PACT_STATE_NONE: there is none. */
static enum pact_state
state_of(struct twin_side *side, uint32_t number)
{
	struct pact pact;
	const int rc = pact_find_form(side->keeper, side->line, number, &pact);

	if (rc == ERR_NOT_FOUND)
		return PACT_STATE_NONE;
	assert_int_equal(rc, OK);
	return pact.state;
}

static void
assert_state(struct twin *twin, uint32_t number, enum pact_state state)
{
	assert_int_equal(state_of(&twin->side[0], number), state);
	assert_int_equal(state_of(&twin->side[1], number), state);
}

static void
assert_refused(const struct twin_reply *reply, const char *why)
{
	assert_int_equal(reply->reply.kind, REPLY_ERROR);
	if (strstr(reply->say, why) == NULL)
		fail_msg("%s; not: %s", reply->say, why);
}

/* Form 1 of A, to which both agreed. */
static void
agree_on_form(struct twin *twin)
{
	assert_int_equal(propose(&twin->side[0], FORM)->reply.kind, REPLY_VIEW);
	twin_run(twin);
	assert_int_equal(answer(&twin->side[1], 1, PACT_AGREE)->reply.kind,
	    REPLY_VIEW);
	twin_run(twin);
	assert_state(twin, 1, PACT_AGREED);
}

/* -- the rule --------------------------------------------------------------------- */

static void
no_of_either_side_outlasts_every_yes(void **state)
{
	const unsigned agree = PACT_SAID(VERDICT_AGREE);
	const unsigned decline = PACT_SAID(VERDICT_DECLINE);
	const unsigned withdraw = PACT_SAID(VERDICT_WITHDRAW);
	const unsigned all = agree | decline | withdraw;

	(void)state;
	assert_int_equal(pact_judge(0, 0), PACT_PROPOSED);
	assert_int_equal(pact_judge(0, agree), PACT_AGREED);
	assert_int_equal(pact_judge(0, decline), PACT_DECLINED);
	assert_int_equal(pact_judge(withdraw, 0), PACT_WITHDRAWN);
	assert_int_equal(pact_judge(withdraw, agree), PACT_RETIRED);
	assert_int_equal(pact_judge(0, agree | withdraw), PACT_RETIRED);
	/* Whoever proposes cannot agree for the other. */
	assert_int_equal(pact_judge(agree, 0), PACT_PROPOSED);
	/* Whoever has not agreed has nothing to end. */
	assert_int_equal(pact_judge(0, withdraw), PACT_PROPOSED);
	for (unsigned a = 0; a <= all; a += 2) {
		for (unsigned b = 0; b <= all; b += 2) {
			if (pact_judge(a, b) == PACT_AGREED)
				assert_true((b & agree) &&
				    !((a | b) & withdraw) && !(b & decline));
		}
	}
}

/* -- forms ------------------------------------------------------------------------ */

static void
form_is_proposed_agreed_to_and_sent(void **state)
{
	static const char wanted[] = "begins=2026-11-22T09:30Z\nhow=soft\n";
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct formed_said said;
	struct text text;

	assert_int_equal(propose(a, FORM)->reply.view.form.number, 1);
	assert_int_equal(forge_count(a, "form", "ours-proposed"), 1);
	twin_run(twin);
	assert_state(twin, 1, PACT_PROPOSED);
	assert_int_equal(forge_count(b, "form", "proposed"), 1);
	assert_refused(send_form(a, 1, wanted), "proposed");
	assert_refused(send_form(b, 1, wanted), "proposed");
	assert_int_equal(answer(b, 1, PACT_AGREE)->reply.view.form.state,
	    PACT_AGREED);
	twin_run(twin);
	assert_state(twin, 1, PACT_AGREED);
	assert_int_equal(forge_count(a, "form", "agreed"), 1);
	/* In any order it is one message. */
	assert_int_equal(send_form(a, 1, "how=soft\nbegins=2026-11-22T09:30Z")
			     ->reply.kind,
	    REPLY_SENT);
	twin_run(twin);
	assert_int_equal(twin_read(b), 1);
	assert_int_equal(b->replies[0].file_len, strlen(wanted));
	assert_memory_equal(b->replies[0].file, wanted, strlen(wanted));
	assert_int_equal(b->replies[0].reply.message.more.form, 1);
	assert_int_equal(b->replies[0].reply.message.more.said, 2);
	text = twin_text(wanted);
	assert_int_equal(formed_say(b->keeper, b->line, 1, text, &said), OK);
	assert_int_equal(said.languages, 2);
	assert_memory_equal(said.words[0].text.data,
	    "We begin at 2026-11-22T09:30Z, softly.", said.words[0].text.len);
	assert_memory_equal(said.words[1].text.data,
	    "doucement: 2026-11-22T09:30Z", said.words[1].text.len);
	assert_string_equal(said.why, "");
	formed_forget(&said);
}

static void
numbers_are_odd_on_one_side_and_even_on_the_other(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	/* At once, before either hears of the other. */
	assert_int_equal(propose(a, FORM)->reply.view.form.number, 1);
	assert_int_equal(propose(b, FORM)->reply.view.form.number, 2);
	assert_int_equal(propose(b, FORM)->reply.view.form.number, 4);
	twin_run(twin);
	assert_int_equal(propose(a, FORM)->reply.view.form.number, 3);
	twin_run(twin);
	for (uint32_t n = 1; n <= 4; n++)
		assert_state(twin, n, PACT_PROPOSED);
	assert_state(twin, 5, PACT_STATE_NONE);
}

static void
withdrawal_that_crosses_an_agreement_stands_on_both_sides(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	propose(a, FORM);
	twin_run(twin);
	assert_int_equal(answer(b, 1, PACT_AGREE)->reply.kind, REPLY_VIEW);
	assert_int_equal(answer(a, 1, PACT_WITHDRAW)->reply.kind, REPLY_VIEW);
	assert_int_equal(state_of(a, 1), PACT_WITHDRAWN);
	assert_int_equal(state_of(b, 1), PACT_AGREED);
	twin_run(twin);
	assert_state(twin, 1, PACT_RETIRED);
	assert_refused(send_form(b, 1, "x=y"), "retired");
}

static void
form_is_declined_taken_back_and_retired(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	agree_on_form(twin);
	assert_int_equal(answer(b, 1, PACT_RETIRE)->reply.kind, REPLY_VIEW);
	twin_run(twin);
	assert_state(twin, 1, PACT_RETIRED);
	assert_int_equal(forge_count(a, "form", "retired"), 1);
	propose(a, FORM);
	twin_run(twin);
	assert_int_equal(answer(b, 3, PACT_DECLINE)->reply.kind, REPLY_VIEW);
	twin_run(twin);
	assert_state(twin, 3, PACT_DECLINED);
	propose(b, FORM);
	twin_run(twin);
	assert_int_equal(answer(b, 2, PACT_WITHDRAW)->reply.kind, REPLY_VIEW);
	twin_run(twin);
	assert_state(twin, 2, PACT_WITHDRAWN);
	assert_int_equal(forge_count(a, "form", "withdrawn"), 1);
}

static void
answer_out_of_place_is_refused(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	propose(a, FORM);
	twin_run(twin);
	assert_refused(answer(a, 1, PACT_AGREE), "Only what they propose");
	assert_refused(answer(a, 1, PACT_DECLINE), "Only what they propose");
	assert_refused(answer(a, 1, PACT_RETIRE), "both sides agreed");
	assert_refused(answer(b, 1, PACT_WITHDRAW), "Only what this side");
	assert_refused(answer(b, 1, PACT_RETIRE), "both sides agreed");
	assert_refused(answer(b, 2, PACT_AGREE), "no form of that number");
	assert_refused(answer(b, 0, PACT_AGREE), "no form of that number");
	assert_refused(answer(b, UINT64_MAX, PACT_AGREE), "no form");
	answer(b, 1, PACT_AGREE);
	twin_run(twin);
	assert_refused(answer(b, 1, PACT_AGREE), "agreed");
	assert_refused(answer(b, 1, PACT_DECLINE), "agreed");
	assert_refused(answer(a, 1, PACT_WITHDRAW), "agreed");
	assert_state(twin, 1, PACT_AGREED);
}

static void
file_that_is_no_form_is_refused_with_its_line(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_FORM_PROPOSE);

	assert_refused(propose(a, "hello"), "line 1");
	assert_refused(propose(a, ""), "one of the two");
	assert_refused(propose(a,
			   "quietline form 1\nname: a\n[en] T\nx\n[fr] T\nx\n"
			   "[ko] T\nx\n"),
	    "one or two");
	request.ask.form_propose.shipped = twin_text("nonesuch");
	assert_refused(twin_ask(a, &request), "No form of that name");
	request.ask.form_propose.shipped = twin_text("test");
	assert_refused(twin_ask(a, &request), "one or two");
	request.ask.form_propose.languages = 2;
	request.ask.form_propose.language[0] = twin_text("en");
	request.ask.form_propose.language[1] = twin_text("de");
	assert_refused(twin_ask(a, &request), "one or two");
	request.ask.form_propose.language[1] = twin_text("EN");
	assert_refused(twin_ask(a, &request), "one or two");
	request.ask.form_propose.language[1] = twin_text("ko");
	assert_int_equal(twin_ask(a, &request)->reply.view.form.number, 1);
	request.ask.form_propose.languages = 1;
	assert_int_equal(twin_ask(a, &request)->reply.view.form.number, 3);
	twin_run(twin);
	assert_state(twin, 3, PACT_PROPOSED);
}

static void
message_that_does_not_fill_the_form_in_is_not_sent(void **state)
{
	static const struct {
		const char *lines;
		const char *why;
	} cases[] = {
		{ "", "begins is missing" },
		{ "how=soft", "begins is missing" },
		{ "begins=2026-11-22T09:30Z\nhow=soft\nhow=loud",
		    "given twice" },
		{ "begins=2026-11-22T09:30Z\nhow=soft\nx=1", "no field x" },
		{ "begins=2026-11-22T09:30Z\nhow=quick", "one of the words" },
		{ "begins=tomorrow\nhow=soft", "a time in UTC" },
		{ "begins=2026-11-22T09:30Z\nhow=\xe2\x80\xaesoft",
		    "one line" },
		{ "begins=2026-11-22T09:30Z\n\nhow=soft", "no field" },
		{ "a\na\na\na\na\na\na\na\na\na\na\na\na\na\na\na\na\n",
		    "more fields" },
	};
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	agree_on_form(twin);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_refused(send_form(a, 1, cases[i].lines), cases[i].why);
	assert_refused(send_form(a, 2, "x=y"), "no form 2");
	assert_refused(send_form(a, UINT32_MAX, "x=y"), "no form");
	twin_run(twin);
	assert_int_equal(twin_read(b), 0);
}

static void
forms_are_listed_by_pages_without_their_texts(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_FORM_LIST);
	const struct form_view *view = &a->replies[0].reply.view.form;

	for (int i = 0; i < 5; i++)
		propose(a, FORM);
	request.page.limit = 2;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 3);
	assert_int_equal(view->number, 1);
	assert_int_equal(view->languages, 2);
	assert_int_equal(view->words[0].text.len, 0);
	assert_int_equal(view->file.len, 0);
	assert_true(a->replies[2].reply.cut);
	request.page.after = a->replies[1].reply.cursor;
	request.page.limit = 9;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 4);
	assert_int_equal(view->number, 5);
	assert_false(a->replies[3].reply.cut);
	request.page.after = INT64_MAX;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 1);
	request = twin_request(a, REQUEST_FORM_SHIPPED);
	request.page.limit = 100;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 13);
	request.page.after = 11;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 2);
	request.page.after = UINT64_MAX;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 1);
}

static int
do_propose_last(void *ctx)
{
	struct twin_side *side = ctx;
	struct record record = { .kind = RECORD_PACT,
		.pact = PACT_FORM,
		.form = FORM_NUMBER_MAX,
		.subject = { "notice", 6 },
		.language = { "en", 2 },
		.language_b = { "fr", 2 } };

	return pact_propose(side->keeper, forge_line(side), &record,
	    (struct record_text){ FORM, strlen(FORM) });
}

static void
numbers_come_to_an_end(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	assert_int_equal(post_commit(a->keeper, forge_line(a), do_propose_last,
			     a),
	    OK);
	assert_refused(propose(a, FORM), "no room");
	/* Theirs do not. */
	assert_int_equal(propose(b, FORM)->reply.view.form.number, 2);
}

/* -- a peer that says what it should not --------------------------------------------- */

struct forged {
	struct twin_side *side;
	struct record *record;
	const char *text;
};

static int
do_forge(void *ctx)
{
	struct forged *forged = ctx;
	struct journal_place place;

	return journal_append_said(forged->side->keeper,
	    forge_line(forged->side), forged->record,
	    (struct record_text){ forged->text,
		forged->text != NULL ? strlen(forged->text) : 0 },
	    &place);
}

/* The keeper of a side says it without looking at what it says. */
static void
forge_said(struct twin_side *side, struct record *record, const char *text)
{
	struct forged forged = { side, record, text };

	assert_int_equal(post_commit(side->keeper, forge_line(side), do_forge,
			     &forged),
	    OK);
	outbox_push(side->keeper, forge_line(side));
	twin_run(side->twin);
}

static struct record
forged_form(uint32_t number, const char *name, const char *language,
    const char *language_b)
{
	return (struct record){ .kind = RECORD_PACT,
		.pact = PACT_FORM,
		.form = number,
		.subject = { name, strlen(name) },
		.language = { language, strlen(language) },
		.language_b = { language_b, strlen(language_b) } };
}

static void
form_that_is_none_has_no_effect(void **state)
{
	static const struct {
		uint32_t number;
		const char *name, *language, *language_b, *text;
	} cases[] = {
		{ 1, "notice", "en", "fr", "hello" },
		{ 1, "other", "en", "fr", FORM },
		{ 1, "notice", "fr", "en", FORM },
		{ 1, "notice", "en", "de", FORM },
		{ 1, "notice", "en", "en", FORM },
		{ 2, "notice", "en", "fr", FORM }, /* B's number */
		{ 10001, "notice", "en", "fr", FORM },
		{ 1, "notice", "en", "fr", FORM "[ko] T\n{begins}{how}\n" },
	};
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct record record;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		record = forged_form(cases[i].number, cases[i].name,
		    cases[i].language, cases[i].language_b);
		forge_said(a, &record, cases[i].text);
		assert_int_equal(forge_count(b, "fault", "about-nothing"),
		    i + 1);
		assert_int_equal(state_of(b, cases[i].number), PACT_STATE_NONE);
	}
	record = forged_form(1, "notice", "en", "fr");
	forge_said(a, &record, FORM);
	assert_int_equal(state_of(b, 1), PACT_PROPOSED);
	/* The same number again. */
	record = forged_form(1, "notice", "en", "fr");
	forge_said(a, &record, FORM);
	assert_int_equal(forge_count(b, "fault", "about-nothing"),
	    sizeof(cases) / sizeof(cases[0]) + 1);
}

static void
answer_to_nothing_has_no_effect(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct record record = { .kind = RECORD_CONSENT,
		.verdict = VERDICT_AGREE,
		.has_re = true };

	memset(record.re, 7, sizeof(record.re));
	forge_said(a, &record, NULL);
	assert_int_equal(forge_count(b, "fault", "about-nothing"), 1);
}

static void
peer_cannot_agree_to_its_own_proposal(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct record record = { .kind = RECORD_CONSENT,
		.verdict = VERDICT_AGREE,
		.has_re = true };
	struct pact pact;

	propose(a, FORM);
	twin_run(twin);
	assert_int_equal(pact_find_form(b->keeper, b->line, 1, &pact), OK);
	memcpy(record.re, pact.id, sizeof(record.re));
	forge_said(a, &record, NULL);
	assert_int_equal(state_of(b, 1), PACT_PROPOSED);
	record.verdict = VERDICT_DECLINE;
	memset(record.id, 0, sizeof(record.id));
	forge_said(a, &record, NULL);
	assert_int_equal(state_of(b, 1), PACT_PROPOSED);
}

/* What b's people are told of a text that came as form 1. */
static void
assert_shown_as_it_came(struct twin_side *side, uint32_t number,
    const char *text, const char *why)
{
	struct formed_said said;

	assert_int_equal(formed_say(side->keeper, side->line, number,
			     twin_text(text), &said),
	    OK);
	assert_int_equal(said.languages, 0);
	if (strstr(said.why, why) == NULL)
		fail_msg("%s; not: %s", said.why, why);
	formed_forget(&said);
}

static void
message_by_no_form_is_shown_as_it_came_and_says_so(void **state)
{
	static const char *const texts[] = {
		"",
		"hello",
		"how=soft\nbegins=2026-11-22T09:30Z\n",
		"begins=2026-11-22T09:30Z\nhow=soft\nhow=soft\n",
		"begins=2026-11-22T09:30Z\nhow=soft\nx=1\n",
		"begins=2026-11-22T09:30Z\nhow=\xe2\x80\xae\n",
		"begins=2026-11-22T09:30Z\n",
	};
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	propose(a, FORM);
	twin_run(twin);
	assert_shown_as_it_came(b, 1, "begins=2026-11-22T09:30Z\nhow=soft\n",
	    "not agreed");
	assert_shown_as_it_came(b, 2, "x=y\n", "not agreed");
	assert_shown_as_it_came(b, 0, "x=y\n", "not agreed");
	answer(b, 1, PACT_AGREE);
	twin_run(twin);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_shown_as_it_came(b, 1, texts[i], "as it came");
}

static void
message_stays_readable_when_its_form_is_retired(void **state)
{
	struct twin *twin = *state;
	struct twin_side *b = &twin->side[1];
	struct formed_said said;

	agree_on_form(twin);
	answer(b, 1, PACT_RETIRE);
	twin_run(twin);
	assert_int_equal(formed_say(b->keeper, b->line, 1,
			     twin_text("begins=2026-11-22T09:30Z\nhow=soft\n"),
			     &said),
	    OK);
	assert_int_equal(said.languages, 2);
	formed_forget(&said);
}

/* -- disclosure ----------------------------------------------------------------------- */

static void
line_discloses_nothing_until_both_agree(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	assert_int_equal(disclosed(a), 0);
	disclose(a, DISCLOSE_TITLES | DISCLOSE_READ);
	twin_run(twin);
	assert_int_equal(disclosed(a), 0);
	assert_int_equal(disclosed(b), 0);
	assert_int_equal(forge_line(b)->disclosure.theirs,
	    DISCLOSE_TITLES | DISCLOSE_READ);
	disclose(b, DISCLOSE_READ);
	assert_int_equal(disclosed(b), DISCLOSE_READ);
	twin_run(twin);
	assert_int_equal(disclosed(a), DISCLOSE_READ);
	assert_int_equal(forge_line(a)->disclosure.ours, 0);
	assert_int_equal(forge_count(a, "disclosure", "changed"), 1);
	twin_restart(a);
	assert_int_equal(disclosed(a), DISCLOSE_READ);
}

static void
what_both_propose_at_once_is_agreed(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	size_t waiting;

	disclose(a, DISCLOSE_ALL);
	disclose(b, DISCLOSE_TITLES);
	twin_run(twin);
	assert_int_equal(disclosed(a), DISCLOSE_TITLES);
	assert_int_equal(disclosed(b), DISCLOSE_TITLES);
	/* For a's people nothing is left to answer, for b's what b did not want. */
	assert_int_equal(waiting_count(a->keeper, &waiting), OK);
	assert_int_equal(waiting, 0);
	assert_int_equal(waiting_count(b->keeper, &waiting), OK);
	assert_int_equal(waiting, 2);
}

static void
either_side_ends_disclosure_alone_and_at_once(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	disclose(a, DISCLOSE_ALL);
	twin_run(twin);
	disclose(b, DISCLOSE_ALL);
	twin_run(twin);
	assert_int_equal(disclosed(a), DISCLOSE_ALL);
	disclose(b, DISCLOSE_ROSTER);
	assert_int_equal(disclosed(b), DISCLOSE_ROSTER);
	twin_run(twin);
	assert_int_equal(disclosed(a), DISCLOSE_ROSTER);
	disclose(a, 0);
	assert_int_equal(disclosed(a), 0);
	twin_run(twin);
	assert_int_equal(disclosed(b), 0);
	/* What was proposed at once ends in the same way. */
	disclose(a, DISCLOSE_READ);
	disclose(b, DISCLOSE_READ);
	twin_run(twin);
	assert_int_equal(disclosed(a), DISCLOSE_READ);
	disclose(a, 0);
	assert_int_equal(disclosed(a), 0);
	twin_run(twin);
	assert_int_equal(disclosed(b), 0);
}

static void
peer_may_propose_bits_together_that_end_together(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct record record = { .kind = RECORD_PACT,
		.pact = PACT_DISCLOSURE,
		.discloses = DISCLOSE_READ | DISCLOSE_TITLES };
	struct forged forged = { a, &record, NULL };

	assert_int_equal(post_commit(a->keeper, forge_line(a), do_forge,
			     &forged),
	    OK);
	outbox_push(a->keeper, forge_line(a));
	twin_run(twin);
	disclose(b, DISCLOSE_ALL);
	assert_int_equal(disclosed(b), DISCLOSE_READ | DISCLOSE_TITLES);
	disclose(b, DISCLOSE_READ);
	/* It is proposed anew, by itself. */
	assert_int_equal(disclosed(b), 0);
	assert_int_equal(forge_line(b)->disclosure.ours, DISCLOSE_READ);
}

static void
no_ends_all_that_was_agreed_however_often(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	for (int i = 0; i < DISCLOSURE_ANSWERS_MAX + 6; i++) {
		struct record record = { .kind = RECORD_PACT,
			.pact = PACT_DISCLOSURE,
			.discloses = DISCLOSE_TITLES };

		forge_said(a, &record, NULL);
	}
	disclose(b, DISCLOSE_TITLES);
	disclose(b, DISCLOSE_TITLES);
	assert_int_equal(disclosed(b), DISCLOSE_TITLES);
	disclose(b, 0);
	assert_int_equal(disclosed(b), 0);
	twin_run(twin);
	assert_int_equal(disclosed(a), 0);
}

static void
reading_is_told_only_where_the_line_discloses_it(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct request request = twin_request(b, REQUEST_MARK_READ);

	twin_send(a, "hello", 0);
	twin_run(twin);
	request.ref = twin_text("them/1");
	assert_int_equal(twin_ask(b, &request)->reply.kind, REPLY_DONE);
	twin_run(twin);
	assert_int_equal(forge_count(a, "receipt", "read"), 0);
	disclose(a, DISCLOSE_READ);
	twin_run(twin);
	disclose(b, DISCLOSE_READ);
	twin_run(twin);
	assert_int_equal(twin_ask(b, &request)->reply.kind, REPLY_DONE);
	assert_int_equal(twin_ask(b, &request)->reply.kind, REPLY_DONE);
	twin_run(twin);
	assert_int_equal(forge_count(a, "receipt", "read"), 1);
	request.ref = twin_text("them/2");
	assert_refused(twin_ask(b, &request), "no message");
	request.ref = twin_text("us/1");
	twin_send(b, "hello", 0);
	assert_refused(twin_ask(b, &request), "your own");
}

/* -- whatever the order ------------------------------------------------------------------ */

enum { SAID_MAX = 24, PACTS = 6, ORDERS = 60 };

/* What both sides said, each in its own order. */
struct saying {
	struct record record;
	const char *text;
};

struct journals {
	struct saying said[2][SAID_MAX];
	size_t count[2];
};

static uint32_t
draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 16) % below;
}

static struct saying *
say(struct journals *journals, unsigned side, enum record_kind kind)
{
	struct saying *saying = &journals->said[side][journals->count[side]++];

	memset(saying, 0, sizeof(*saying));
	saying->record.kind = kind;
	saying->record.time_ms = 1795000000000 + (int64_t)journals->count[side];
	memset(saying->record.id, (int)(side * 100 + journals->count[side]),
	    RECORD_ID_BYTES);
	return saying;
}

/* Both propose, then say anything of anything, as liars would. */
static void
invent(struct journals *journals, uint32_t seed)
{
	uint8_t id[PACTS][RECORD_ID_BYTES];

	memset(journals, 0, sizeof(*journals));
	for (unsigned i = 0; i < PACTS; i++) {
		struct saying *saying = say(journals, i % 2, RECORD_PACT);

		memcpy(id[i], saying->record.id, RECORD_ID_BYTES);
		if (i < 2) {
			saying->record =
			    forged_form(i + 1, "notice", "en", "fr");
			memcpy(saying->record.id, id[i], RECORD_ID_BYTES);
			saying->text = FORM;
		} else {
			saying->record.pact = PACT_DISCLOSURE;
			saying->record.discloses =
			    1 + draw(&seed, DISCLOSE_ALL);
		}
	}
	for (unsigned i = 0; i < 16; i++) {
		struct saying *saying =
		    say(journals, draw(&seed, 2), RECORD_CONSENT);

		saying->record.has_re = true;
		memcpy(saying->record.re, id[draw(&seed, PACTS)],
		    RECORD_ID_BYTES);
		saying->record.verdict =
		    (enum pact_verdict)(1 + draw(&seed, 3));
	}
}

/* What one side comes to. */
struct outcome {
	enum pact_state form[2];
	uint32_t disclosed;
	uint32_t open[2]; /* of the first side, of the second */
};

struct applying {
	struct keeper *keeper;
	struct post_line *line;
	const struct journals *journals;
	unsigned us; /* which side this is */
	uint32_t seed;
	int64_t row;
};

static int
do_apply(void *ctx)
{
	struct applying *applying = ctx;
	const struct journals *journals = applying->journals;
	size_t next[2] = { 0, 0 };
	int rc = OK;

	while (rc == OK &&
	    (next[0] < journals->count[0] || next[1] < journals->count[1])) {
		unsigned side = draw(&applying->seed, 2);
		const struct saying *saying;

		if (next[side] == journals->count[side])
			side = 1 - side;
		saying = &journals->said[side][next[side]++];
		rc = pact_apply(applying->keeper, applying->line,
		    side == applying->us ? SIDE_US : SIDE_THEM, &saying->record,
		    (struct record_text){ saying->text,
			saying->text != NULL ? strlen(saying->text) : 0 },
		    ++applying->row);
	}
	return rc;
}

/* Applies both journals, mixed in an order that follows from seed, to a line of
 * its own. */
static struct outcome
apply(struct twin_side *side, const struct journals *journals, unsigned us,
    uint32_t seed)
{
	static uint32_t lines = 1000;
	static int64_t rows = 1000000;
	struct post_line *line = malloc(sizeof(*line));
	struct applying applying = { side->keeper, line, journals, us, seed,
		rows };
	struct outcome outcome;
	struct pact pact;

	assert_non_null(line);
	memcpy(line, forge_line(side), sizeof(*line));
	line->id = ++lines;
	/* Which side counts odd is the ceremony's. */
	line->ceremony.role = us == 0 ? ROLE_A : ROLE_B;
	assert_int_equal(store_transact(&side->keeper->store, STORE_RECORD,
			     do_apply, &applying),
	    OK);
	rows = applying.row;
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(pact_find_form(side->keeper, line->id, i + 1,
				     &pact),
		    OK);
		outcome.form[i] = pact.state;
	}
	outcome.disclosed = line->disclosure.agreed;
	outcome.open[us] = line->disclosure.ours;
	outcome.open[1 - us] = line->disclosure.theirs;
	free(line);
	return outcome;
}

static void
both_sides_come_to_the_same_whatever_the_order(void **state)
{
	struct twin *twin = *state;
	struct twin_side *side = &twin->side[0];
	struct journals *journals = malloc(sizeof(*journals));
	unsigned disclosed_some = 0, agreed_some = 0;

	assert_non_null(journals);
	for (uint32_t story = 1; story <= 12; story++) {
		struct outcome first, other;

		invent(journals, story);
		memset(&first, 0, sizeof(first));
		memset(&other, 0, sizeof(other));
		first = apply(side, journals, 0, 1);
		disclosed_some += first.disclosed != 0;
		agreed_some += first.form[0] == PACT_AGREED ||
		    first.form[1] == PACT_AGREED;
		for (uint32_t order = 2; order < ORDERS; order++) {
			other = apply(side, journals, order % 2, order * 77);
			assert_memory_equal(&first, &other, sizeof(first));
		}
	}
	/* The stories are not all about nothing. */
	assert_true(disclosed_some > 0 || agreed_some > 0);
	free(journals);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_of_either_side_outlasts_every_yes),
		FORGE_CLAIM(form_is_proposed_agreed_to_and_sent),
		FORGE_CLAIM(numbers_are_odd_on_one_side_and_even_on_the_other),
		FORGE_CLAIM(
		    withdrawal_that_crosses_an_agreement_stands_on_both_sides),
		FORGE_CLAIM(form_is_declined_taken_back_and_retired),
		FORGE_CLAIM(answer_out_of_place_is_refused),
		FORGE_CLAIM(file_that_is_no_form_is_refused_with_its_line),
		FORGE_CLAIM(message_that_does_not_fill_the_form_in_is_not_sent),
		FORGE_CLAIM(forms_are_listed_by_pages_without_their_texts),
		FORGE_CLAIM(numbers_come_to_an_end),
		FORGE_CLAIM(form_that_is_none_has_no_effect),
		FORGE_CLAIM(answer_to_nothing_has_no_effect),
		FORGE_CLAIM(peer_cannot_agree_to_its_own_proposal),
		FORGE_CLAIM(message_by_no_form_is_shown_as_it_came_and_says_so),
		FORGE_CLAIM(message_stays_readable_when_its_form_is_retired),
		FORGE_CLAIM(line_discloses_nothing_until_both_agree),
		FORGE_CLAIM(what_both_propose_at_once_is_agreed),
		FORGE_CLAIM(either_side_ends_disclosure_alone_and_at_once),
		FORGE_CLAIM(peer_may_propose_bits_together_that_end_together),
		FORGE_CLAIM(no_ends_all_that_was_agreed_however_often),
		FORGE_CLAIM(reading_is_told_only_where_the_line_discloses_it),
		FORGE_CLAIM(both_sides_come_to_the_same_whatever_the_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
