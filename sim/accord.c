#include "sim/accord.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "proc/request.h"
#include "sim/content.h"
#include "sim/rite.h"
#include "sim/run.h"

enum {
	FORMS_MAX = 64,
	MESSAGES_MAX = 512,
	TEXT_BYTES = 400,
	ROUNDS_MAX = 64,
	QUESTION_BYTES = 48,
	YES_PERMILLE = 700,
	/* Those that a person knows of. */
	RECENT = 6,
};

static struct text
text_of(const char *text)
{
	return (struct text){ text, strlen(text) };
}

/* --- what people do --------------------------------------------------------- */

/* That it is too late is for keeper to say. */
static void
on_done(void *ctx, const struct reply *reply)
{
	struct people *people = ctx;

	if (reply == NULL || reply->kind != REPLY_ERROR ||
	    reply->err == ERR_STATE || reply->err == ERR_LIMIT ||
	    reply->err == ERR_EXISTS ||
	    post_may_refuse(&people->run->post[people->post], reply->err))
		return;
	run_fail(people->run, CHECK_PEACE, "post %u refuses (%.*s)",
	    people->post, (int)reply->say.len, reply->say.data);
}

static void
ask(struct people *people, struct request *request)
{
	request->line = rite_peer_name(people->post);
	(void)post_ask(&people->run->post[people->post], request, on_done,
	    people);
}

void
accord_disclose(struct people *people)
{
	struct request request = { .kind = REQUEST_DISCLOSURE_SET };

	request.ask.disclosure.wanted = (uint32_t)dice_between(&people->dice, 0,
	    (1u << DISCLOSED_COUNT) - 1);
	ask(people, &request);
}

void
accord_propose_form(struct people *people)
{
	static const char *const names[] = { "test", "regret" };
	struct request request = { .kind = REQUEST_FORM_PROPOSE };
	struct form_propose_ask *asked = &request.ask.form_propose;

	asked->shipped = text_of(names[dice_between(&people->dice, 0, 1)]);
	asked->languages = 2;
	asked->language[0] = text_of("en");
	asked->language[1] = text_of("ko");
	ask(people, &request);
}

/* --- what a post shows ------------------------------------------------------ */

struct form_seen {
	uint64_t number;
	bool ours;
	uint8_t state;
	int64_t time_ms;
	int64_t answered_ms;
	int64_t ended_ms;
};

struct message_seen {
	char ref[REQUEST_REF_BYTES];
	uint8_t id[RECORD_ID_BYTES];
	/* Of the ids of its translations, whatever their order. */
	uint64_t translations;
};

struct round_seen {
	uint64_t n;
	char question[QUESTION_BYTES];
	uint8_t asked_by;
	uint8_t state;
	uint64_t steps;
};

struct shown {
	struct disclosure_view disclosure;
	struct round_seen round[ROUNDS_MAX];
	size_t rounds;
	struct form_seen form[FORMS_MAX];
	size_t forms;
	struct message_seen message[MESSAGES_MAX];
	size_t messages;
	size_t at; /* the message whose translations are read */
	uint64_t after;
	bool cut;
	bool failed;
};

static void
take_form(struct shown *shown, const struct form_view *view)
{
	if (shown->forms == FORMS_MAX)
		return;
	shown->form[shown->forms++] = (struct form_seen){
		.number = view->number,
		.ours = view->by == PACT_BY_US,
		.state = view->state,
		.time_ms = view->time_ms,
		.answered_ms = view->answered_ms,
		.ended_ms = view->ended_ms,
	};
}

static void
take_message(struct shown *shown, const struct message_view *view)
{
	struct message_seen *seen;

	if (view->arriving || view->serial == 0 ||
	    shown->messages == MESSAGES_MAX)
		return;
	seen = &shown->message[shown->messages++];
	*seen = (struct message_seen){ .translations = 0 };
	snprintf(seen->ref, sizeof(seen->ref), "%s/%" PRIu64,
	    view->from_us ? "us" : "them", view->serial);
	memcpy(seen->id, view->id, sizeof(seen->id));
}

static void
take_translation(struct shown *shown, const struct translation_view *view)
{
	uint64_t part;

	memcpy(&part, view->id, sizeof(part));
	shown->message[shown->at].translations += part;
}

static void
take_round(struct shown *shown, const struct willing_view *view)
{
	struct round_seen *seen;

	if (shown->rounds == ROUNDS_MAX || view->question.len >= QUESTION_BYTES)
		return;
	seen = &shown->round[shown->rounds++];
	*seen = (struct round_seen){ .n = view->n,
		.asked_by = view->asked_by,
		.state = view->state,
		.steps = view->steps };
	memcpy(seen->question, view->question.data, view->question.len);
}

static void
on_row(void *ctx, const struct reply *reply)
{
	struct shown *shown = ctx;

	shown->failed |= reply == NULL || reply->kind == REPLY_ERROR;
	if (reply == NULL)
		return;
	shown->cut = reply->kind == REPLY_DONE && reply->cut;
	if (reply->kind == REPLY_MESSAGE)
		take_message(shown, &reply->message);
	if (reply->kind != REPLY_VIEW)
		return;
	shown->after = reply->cursor;
	if (reply->about == REQUEST_TRANSLATION_LIST ||
	    reply->about == REQUEST_TRANSLATE)
		take_translation(shown, &reply->view.translation);
	else if (reply->about == REQUEST_DISCLOSURE ||
	    reply->about == REQUEST_DISCLOSURE_SET)
		shown->disclosure = reply->view.disclosure;
	else if (reply->about == REQUEST_WILLING_SHOW ||
	    reply->about == REQUEST_WILLING_LIST)
		take_round(shown, &reply->view.willing);
	else
		take_form(shown, &reply->view.form);
}

/* Reading needs no time: all replies come at once. */
static void
read_all(struct shown *shown, struct post *post, struct request *request)
{
	request->line = rite_peer_name(post->index);
	request->page.limit = MESSAGES_MAX;
	request->page.after = 0;
	do {
		shown->cut = false;
		if (!post_ask(post, request, on_row, shown))
			shown->failed = true;
		request->page.after = shown->after;
	} while (shown->cut && !shown->failed);
}

static void
read_messages(struct shown *shown, struct post *post)
{
	struct request request = { .kind = REQUEST_READ,
		.read = { .since_ms = INT64_MIN } };

	read_all(shown, post, &request);
}

static void
read_forms(struct shown *shown, struct post *post)
{
	struct request request = { .kind = REQUEST_FORM_LIST };

	read_all(shown, post, &request);
}

static void
read_rounds(struct shown *shown, struct post *post)
{
	struct request request = { .kind = REQUEST_WILLING_LIST };

	read_all(shown, post, &request);
}

static void
read_shown(struct shown *shown, struct post *post)
{
	struct request request = { .kind = REQUEST_DISCLOSURE };

	drive_look_on(post->drive, true);
	read_all(shown, post, &request);
	read_forms(shown, post);
	read_rounds(shown, post);
	read_messages(shown, post);
	request.kind = REQUEST_TRANSLATION_LIST;
	for (shown->at = 0; shown->at < shown->messages; shown->at++) {
		request.ref = text_of(shown->message[shown->at].ref);
		read_all(shown, post, &request);
	}
	drive_look_on(post->drive, false);
}

static struct shown *
shown_new(void)
{
	struct shown *shown = calloc(1, sizeof(*shown));

	if (shown == NULL)
		fatal("accord: no memory");
	return shown;
}

void
accord_answer_form(struct people *people)
{
	struct shown *shown = shown_new();
	struct request request = { .kind = REQUEST_FORM_ANSWER };

	read_forms(shown, &people->run->post[people->post]);
	if (shown->forms > 0) {
		request.n =
		    shown
			->form[dice_between(&people->dice, 0, shown->forms - 1)]
			.number;
		request.ask.form_answer.answer =
		    (uint8_t)dice_between(&people->dice, 0,
			PACT_ANSWER_COUNT - 1);
		ask(people, &request);
	}
	free(shown);
}

void
accord_translate(struct people *people)
{
	struct shown *shown = shown_new();
	struct request request = { .kind = REQUEST_TRANSLATE };
	char text[TEXT_BYTES];
	size_t len = (size_t)dice_spread(&people->dice, 1, TEXT_BYTES);
	size_t first;

	read_messages(shown, &people->run->post[people->post]);
	if (shown->messages > 0) {
		first = shown->messages > RECENT ? shown->messages - RECENT : 0;
		content_text(text, len, rng_u64(dice_rng(&people->dice)));
		request.ref = text_of(shown
					  ->message[dice_between(&people->dice,
					      first, shown->messages - 1)]
					  .ref);
		request.ask.translation.language = text_of("en");
		request.ask.translation.text = (struct text){ text, len };
		ask(people, &request);
	}
	free(shown);
}

void
accord_ask_willing(struct people *people)
{
	struct request request = { .kind = REQUEST_WILLING_ASK };
	const bool yes = dice_chance(&people->dice, YES_PERMILLE);
	const bool theirs = dice_chance(&people->dice, YES_PERMILLE);
	char question[QUESTION_BYTES];

	snprintf(question, sizeof(question), "%c%c %016" PRIx64,
	    yes ? 'y' : 'n', theirs ? 'y' : 'n',
	    rng_u64(dice_rng(&people->dice)));
	request.ask.willing.question = text_of(question);
	request.ask.willing.answer = yes ? WILLING_YES : WILLING_NO;
	ask(people, &request);
}

void
accord_answer_willing(struct people *people)
{
	struct shown *shown = shown_new();
	struct request request = { .kind = REQUEST_WILLING_ANSWER };

	read_rounds(shown, &people->run->post[people->post]);
	for (size_t i = 0; i < shown->rounds; i++) {
		const struct round_seen *round = &shown->round[i];

		if (round->asked_by != WILLING_THEM || round->steps != 1 ||
		    round->state != WILLING_RUNNING)
			continue;
		request.n = round->n;
		request.ask.willing.answer =
		    round->question[1] == 'y' ? WILLING_YES : WILLING_NO;
		ask(people, &request);
		break;
	}
	free(shown);
}

void
accord_chat(struct people *people)
{
	struct request request = { .kind = REQUEST_SERVICE_SAY };
	char text[TEXT_BYTES];
	size_t len = (size_t)dice_spread(&people->dice, 1, TEXT_BYTES);

	content_text(text, len, rng_u64(dice_rng(&people->dice)));
	request.ask.service.text = (struct text){ text, len };
	ask(people, &request);
}

/* --- comparing ---------------------------------------------------------------- */

static const char *
compare_forms(const struct shown *a, const struct shown *b)
{
	if (a->forms != b->forms)
		return "a form is at one post only";
	for (size_t i = 0; i < a->forms; i++) {
		const struct form_seen *x = &a->form[i], *y = &b->form[i];

		if (x->number != y->number || x->ours == y->ours ||
		    x->state != y->state || x->time_ms != y->time_ms ||
		    x->answered_ms != y->answered_ms ||
		    x->ended_ms != y->ended_ms)
			return "a form is not the same at both posts";
	}
	return NULL;
}

static const char *
compare_translations(const struct shown *a, const struct shown *b)
{
	for (size_t i = 0; i < a->messages; i++) {
		for (size_t k = 0; k < b->messages; k++) {
			if (memcmp(a->message[i].id, b->message[k].id,
				RECORD_ID_BYTES) == 0 &&
			    a->message[i].translations !=
				b->message[k].translations)
				return "a message has not the same "
				       "translations at both posts";
		}
	}
	return NULL;
}

/* Who took the last step knows of it first; nobody knows it otherwise than it
 * is. */
static const char *
find_false_round(const struct shown *shown)
{
	for (size_t i = 0; i < shown->rounds; i++) {
		const struct round_seen *round = &shown->round[i];
		const bool both =
		    round->question[0] == 'y' && round->question[1] == 'y';

		if (round->state == WILLING_REFUSED)
			return "a step of a round is refused";
		if ((round->state == WILLING_BOTH && !both) ||
		    (round->state == WILLING_NOT_BOTH && both))
			return "a round came to what was not said";
	}
	return NULL;
}

static const char *
compare(const struct shown *a, const struct shown *b)
{
	const char *why;

	if (a->failed || b->failed)
		return "what is agreed cannot be read";
	if (a->disclosure.agreed != b->disclosure.agreed ||
	    a->disclosure.ours != b->disclosure.theirs ||
	    a->disclosure.theirs != b->disclosure.ours)
		return "the posts do not agree on what is disclosed";
	if ((why = compare_forms(a, b)) != NULL ||
	    (why = find_false_round(a)) != NULL ||
	    (why = find_false_round(b)) != NULL)
		return why;
	return compare_translations(a, b);
}

const char *
accord_find_difference(struct post post[PLAN_POSTS])
{
	struct shown *shown[PLAN_POSTS];
	const char *why;

	for (unsigned i = 0; i < PLAN_POSTS; i++) {
		shown[i] = shown_new();
		read_shown(shown[i], &post[i]);
	}
	why = compare(shown[0], shown[1]);
	for (unsigned i = 0; i < PLAN_POSTS; i++)
		free(shown[i]);
	return why;
}
