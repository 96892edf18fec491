#include "keeper/forms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/form.h"
#include "keeper/formed.h"
#include "keeper/outbox.h"
#include "keeper/pact.h"
#include "keeper/phrase.h"
#include "keeper/shipped.h"
#include "keeper/snippet.h"

/* -- replies ------------------------------------------------------------------- */

/* Lists have no texts: a page of them stays small. */
static void
show_form(struct form_view *view, const struct form *form, bool whole)
{
	view->name = form->name;
	view->languages = form->languages;
	for (size_t i = 0; i < form->languages; i++) {
		const struct form_words *words = &form->words[i];

		view->words[i] = (struct form_words_view){
			.language = words->language,
			.is_unreviewed = words->is_unreviewed,
			.title = words->title,
			.text = whole ? words->text : (struct text){ NULL, 0 },
		};
	}
	view->fields = form->fields;
	for (size_t i = 0; i < form->fields; i++) {
		const struct form_field *field = &form->field[i];

		view->field[i].name = field->name;
		view->field[i].kind = (uint8_t)field->kind;
		view->field[i].choices = field->choices;
		memcpy(view->field[i].choice, field->choice,
		    sizeof(field->choice));
	}
}

static struct reply *
reply_new(struct keeper *keeper, const struct request *request)
{
	struct reply *reply = calloc(1, sizeof(*reply));

	if (reply == NULL) {
		post_reply_store(keeper, request->id, ERR_LIMIT);
		return NULL;
	}
	reply->kind = REPLY_VIEW;
	reply->id = request->id;
	reply->about = request->kind;
	return reply;
}

static void
format_say(char text[FORM_SAY_BYTES_MAX], const struct post_line *line,
    const struct pact *pact)
{
	const bool ours = pact->side == SIDE_US;
	const bool is_plain =
	    strpbrk(line->name, " \"'\\$`&;()<>|*?[]#~") == NULL;
	const char *quote = is_plain ? "" : "'";

	text[0] = '\0';
	switch (pact->state) {
	case PACT_PROPOSED:
		if (ours)
			snprintf(text, FORM_SAY_BYTES_MAX,
			    "It waits for %s to agree.", line->name);
		else
			snprintf(text, FORM_SAY_BYTES_MAX,
			    "They propose it. Let somebody read it in each "
			    "language, then agree or decline: quietline form "
			    "agree %s%s%s %u.",
			    quote, line->name, quote, (unsigned)pact->number);
		break;
	case PACT_AGREED:
		snprintf(text, FORM_SAY_BYTES_MAX,
		    "Both sides agreed to it: either may send it, as quietline "
		    "send %s%s%s --form %u --field NAME=VALUE.",
		    quote, line->name, quote, (unsigned)pact->number);
		break;
	case PACT_DECLINED:
		snprintf(text, FORM_SAY_BYTES_MAX, "%s declined it.",
		    ours ? line->name : "This side");
		break;
	case PACT_WITHDRAWN:
		snprintf(text, FORM_SAY_BYTES_MAX,
		    "It was taken back before it was agreed to.");
		break;
	case PACT_RETIRED:
		snprintf(text, FORM_SAY_BYTES_MAX,
		    "It is not sent any more; messages by it stay as they "
		    "were.");
		break;
	case PACT_STATE_NONE:
	case PACT_STATE_COUNT:
		break;
	}
}

static int
reply_form(struct keeper *keeper, const struct post_line *line,
    const struct pact *pact, struct reply *reply, bool whole)
{
	struct form_view *view = &reply->view.form;
	char text[FORM_SAY_BYTES_MAX];
	struct formed stored;
	int rc;

	if ((rc = formed_load(keeper, pact, &stored)) != OK)
		return rc;
	memset(view, 0, sizeof(*view));
	show_form(view, &stored.form, whole);
	view->number = pact->number;
	view->by = pact->side == SIDE_US ? PACT_BY_US : PACT_BY_THEM;
	view->state = (uint8_t)pact->state;
	view->time_ms = pact->time_ms;
	view->answered_ms = pact->answered_ms;
	view->ended_ms = pact->ended_ms;
	if (whole)
		view->file = (struct text){ stored.text, stored.len };
	format_say(text, line, pact);
	view->say = text_of(text);
	post_reply(keeper, reply);
	formed_free(&stored);
	return OK;
}

static void
reply_number(struct keeper *keeper, const struct request *request,
    const struct post_line *line, uint32_t number)
{
	struct reply *reply = reply_new(keeper, request);
	struct pact pact;
	int rc;

	if (reply == NULL)
		return;
	rc = pact_find_form(keeper, line->id, number, &pact);
	if (rc == OK)
		rc = reply_form(keeper, line, &pact, reply, true);
	if (rc != OK)
		post_reply_store(keeper, request->id, rc);
	free(reply);
}

/* -- the forms that came with the post ------------------------------------------ */

static bool
parse_shipped(size_t i, struct form *form)
{
	struct form_fault fault;

	return form_parse(form, shipped_forms[i].data, shipped_forms[i].len,
		   &fault) == OK;
}

/* The shipped form of that name; shipped_forms_count: there is none. */
static size_t
find_shipped(struct text name, struct form *form)
{
	size_t i = 0;

	while (i < shipped_forms_count &&
	    !(parse_shipped(i, form) && snippet_is(form->name, name)))
		i++;
	return i;
}

void
forms_on_shipped(struct keeper *keeper, const struct request *request)
{
	struct reply *reply = reply_new(keeper, request);
	uint64_t i = request->page.after;
	uint32_t left = request->page.limit;
	struct form form;

	if (reply == NULL)
		return;
	reply->more = true;
	for (; i < shipped_forms_count && left > 0; i++, left--) {
		if (!parse_shipped((size_t)i, &form))
			continue;
		memset(&reply->view, 0, sizeof(reply->view));
		show_form(&reply->view.form, &form, false);
		reply->cursor = i + 1;
		post_reply(keeper, reply);
	}
	post_reply_list(keeper, request, OK, i < shipped_forms_count);
	free(reply);
}

static void
reply_no_shipped(struct keeper *keeper, const struct request *request)
{
	post_reply_error(keeper, request->id, ERR_NOT_FOUND,
	    "No form of that name came with the post; `quietline form list` "
	    "shows which did.");
}

void
forms_on_shipped_show(struct keeper *keeper, const struct request *request)
{
	struct reply *reply;
	struct form form;
	const size_t i = find_shipped(request->name, &form);

	if (i == shipped_forms_count) {
		reply_no_shipped(keeper, request);
		return;
	}
	if ((reply = reply_new(keeper, request)) == NULL)
		return;
	show_form(&reply->view.form, &form, true);
	reply->view.form.file =
	    (struct text){ shipped_forms[i].data, shipped_forms[i].len };
	post_reply(keeper, reply);
	free(reply);
}

/* -- proposing ------------------------------------------------------------------- */

struct proposal_step {
	struct keeper *keeper;
	struct post_line *line;
	struct record record;
	char text[FORM_TEXT_BYTES_MAX];
	size_t len;
};

static int
do_propose(void *ctx)
{
	struct proposal_step *step = ctx;
	int rc;

	rc = pact_next_number(step->keeper, step->line, &step->record.form);
	if (rc != OK)
		return rc;
	if (step->record.form == 0)
		return ERR_STATE;
	return pact_propose(step->keeper, step->line, &step->record,
	    (struct record_text){ step->text, step->len });
}

/* Which languages are to be agreed to; replies where it is not clear. */
static bool
choose(struct keeper *keeper, const struct request *request,
    const struct form *form, size_t languages[FORM_AGREED_LANGUAGES_MAX],
    size_t *count)
{
	const struct form_propose_ask *ask = &request->ask.form_propose;
	bool is_clear = true;

	*count = ask->languages;
	if (ask->languages == 0) {
		*count = form->languages;
		is_clear = form->languages <= FORM_AGREED_LANGUAGES_MAX;
	}
	for (size_t i = 0; is_clear && i < *count; i++) {
		languages[i] = ask->languages == 0
		    ? i
		    : form_find_language(form, ask->language[i]);
		is_clear = languages[i] < form->languages &&
		    (i == 0 || languages[0] != languages[i]);
	}
	if (!is_clear)
		post_reply_error(keeper, request->id, ERR_FORMAT,
		    "Name one or two different languages that the form has, "
		    "such as --languages %.*s; both sides agree to just those.",
		    (int)form->words[0].language.len,
		    form->words[0].language.data);
	return is_clear;
}

static struct record_text
record_text_of(struct text text)
{
	return (struct record_text){ text.data, text.len };
}

static void
propose(struct keeper *keeper, const struct request *request,
    struct post_line *line, const struct form *form)
{
	size_t languages[FORM_AGREED_LANGUAGES_MAX] = { 0 };
	struct proposal_step *step;
	struct writer w;
	size_t count;
	int rc;

	if (!choose(keeper, request, form, languages, &count))
		return;
	if ((step = calloc(1, sizeof(*step))) == NULL) {
		post_reply_store(keeper, request->id, ERR_LIMIT);
		return;
	}
	step->keeper = keeper;
	step->line = line;
	buf_write(&w, step->text, sizeof(step->text));
	form_write(&w, form, languages, count);
	step->len = w.len;
	step->record = (struct record){
		.kind = RECORD_PACT,
		.pact = PACT_FORM,
		.subject = record_text_of(form->name),
		.language = record_text_of(form->words[languages[0]].language),
		.language_b =
		    record_text_of(form->words[languages[count - 1]].language),
	};
	rc = buf_is_sound(&w) ? post_commit(keeper, line, do_propose, step)
			      : ERR_STATE;
	if (rc == ERR_STATE)
		post_reply_error(keeper, request->id, ERR_LIMIT,
		    "There is no room for it: a form has 16384 bytes at most, "
		    "and a side %d numbers.",
		    FORM_NUMBER_MAX / 2);
	else if (rc != OK)
		post_reply_store(keeper, request->id, rc);
	else {
		reply_number(keeper, request, line, step->record.form);
		post_tell_status(keeper, line);
		outbox_push(keeper, line);
	}
	free(step);
}

static void
propose_file(struct keeper *keeper, const struct request *request,
    struct post_line *line)
{
	const struct text file = request->ask.form_propose.file;
	struct phrase phrase = { NULL, 0 };
	struct form_fault fault = { .line = 0 };
	struct form form;

	if (phrase_text(&phrase, file, FORM_TEXT_BYTES_MAX) != OK)
		post_reply_error(keeper, request->id, ERR_FORMAT,
		    "This file is no form: it must be UTF-8, of at most 16384 "
		    "bytes.");
	else if (form_parse(&form, phrase.data, phrase.len, &fault) != OK)
		post_reply_error(keeper, request->id, ERR_FORMAT,
		    "This file is no form; line %u: %s.", fault.line,
		    fault.why);
	else
		propose(keeper, request, line, &form);
	phrase_wipe(&phrase);
}

void
forms_on_propose(struct keeper *keeper, const struct request *request)
{
	const struct form_propose_ask *ask = &request->ask.form_propose;
	struct post_line *line = post_ask_active(keeper, request);
	struct form form;

	if (line == NULL)
		return;
	if ((ask->file.len > 0) == (ask->shipped.len > 0))
		post_reply_error(keeper, request->id, ERR_FORMAT,
		    "Give a form's file, or name one that came with the post: "
		    "one of the two.");
	else if (ask->file.len > 0)
		propose_file(keeper, request, line);
	else if (find_shipped(ask->shipped, &form) == shipped_forms_count)
		reply_no_shipped(keeper, request);
	else
		propose(keeper, request, line, &form);
}

/* -- what was proposed ----------------------------------------------------------- */

void
forms_on_list(struct keeper *keeper, const struct request *request)
{
	const struct post_line *line = post_ask_line(keeper, request);
	uint32_t left = request->page.limit;
	struct pact pact = { .number = FORM_NUMBER_MAX };
	struct reply *reply;
	int rc;

	if (line == NULL || (reply = reply_new(keeper, request)) == NULL)
		return;
	reply->more = true;
	if (request->page.after < FORM_NUMBER_MAX)
		pact.number = (uint32_t)request->page.after;
	rc = pact_next_form(keeper, line->id, pact.number, &pact);
	for (; rc == OK && left > 0; left--) {
		reply->cursor = pact.number;
		rc = reply_form(keeper, line, &pact, reply, false);
		if (rc == OK)
			rc = pact_next_form(keeper, line->id, pact.number,
			    &pact);
	}
	post_reply_list(keeper, request, rc, rc == OK);
	free(reply);
}

/* The form that a request names; replies where there is none. */
static bool
find_asked(struct keeper *keeper, const struct request *request,
    const struct post_line *line, struct pact *pact)
{
	int rc = request->n > FORM_NUMBER_MAX
	    ? ERR_NOT_FOUND
	    : pact_find_form(keeper, line->id, (uint32_t)request->n, pact);

	if (rc == ERR_NOT_FOUND)
		post_reply_error(keeper, request->id, rc,
		    "There is no form of that number on the line to %s; "
		    "`quietline form list LINE` shows them.",
		    line->name);
	else if (rc != OK)
		post_reply_store(keeper, request->id, rc);
	return rc == OK;
}

void
forms_on_show(struct keeper *keeper, const struct request *request)
{
	const struct post_line *line = post_ask_line(keeper, request);
	struct pact pact;

	if (line != NULL && find_asked(keeper, request, line, &pact))
		reply_number(keeper, request, line, pact.number);
}

/* -- answering ------------------------------------------------------------------- */

struct answer_step {
	struct keeper *keeper;
	struct post_line *line;
	struct pact pact;
	enum pact_verdict verdict;
};

static int
do_answer(void *ctx)
{
	struct answer_step *step = ctx;

	return pact_consent(step->keeper, step->line, &step->pact,
	    step->verdict);
}

/* When each answer may be given, and what it is as a verdict. */
static const struct {
	enum pact_verdict verdict;
	enum pact_state state;
	bool of_theirs, of_ours;
	const char *say; /* where it may not */
} answers[PACT_ANSWER_COUNT] = {
	[PACT_AGREE] = { VERDICT_AGREE, PACT_PROPOSED, true, false,
	    "Only what they propose, and what was not answered or taken back, "
	    "can be agreed to." },
	[PACT_DECLINE] = { VERDICT_DECLINE, PACT_PROPOSED, true, false,
	    "Only what they propose, and what was not answered or taken back, "
	    "can be declined." },
	[PACT_WITHDRAW] = { VERDICT_WITHDRAW, PACT_PROPOSED, false, true,
	    "Only what this side proposes, and they have not answered, can be "
	    "taken back." },
	[PACT_RETIRE] = { VERDICT_WITHDRAW, PACT_AGREED, true, true,
	    "Only a form to which both sides agreed can be retired." },
};

void
forms_on_answer(struct keeper *keeper, const struct request *request)
{
	const enum pact_answer answer =
	    (enum pact_answer)request->ask.form_answer.answer;
	struct answer_step step = { .keeper = keeper,
		.verdict = answers[answer].verdict };
	int rc;

	step.line = post_ask_active(keeper, request);
	if (step.line == NULL ||
	    !find_asked(keeper, request, step.line, &step.pact))
		return;
	if (step.pact.state != answers[answer].state ||
	    !(step.pact.side == SIDE_US ? answers[answer].of_ours
					: answers[answer].of_theirs)) {
		post_reply_error(keeper, request->id, ERR_STATE,
		    "Form %u is %s, by %s. %s", (unsigned)step.pact.number,
		    word_name(&pact_states, step.pact.state),
		    step.pact.side == SIDE_US ? "this side" : "theirs",
		    answers[answer].say);
		return;
	}
	rc = post_commit(keeper, step.line, do_answer, &step);
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		return;
	}
	reply_number(keeper, request, step.line, step.pact.number);
	post_tell_status(keeper, step.line);
	outbox_push(keeper, step.line);
}
