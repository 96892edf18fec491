#include "sim/debate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "sim/rite.h"
#include "sim/run.h"

enum {
	/* One of these many, so that some are spoken of often. */
	CHOICES = 12,
	ON_POINT_PERMILLE = 700,
	DEADLINE_PERMILLE = 300,
};

/* 2100-01-01: ahead of any clock. */
static const int64_t far_ms = INT64_C(4102444800000);

static struct text
text_of(const char *text)
{
	return (struct text){ text, strlen(text) };
}

/* --- what there is to speak of --- */

struct choice {
	char ref[REQUEST_REF_BYTES];
	uint8_t id[RECORD_ID_BYTES];
};

struct choices {
	struct choice choice[CHOICES];
	size_t count;
};

static void
on_choice(void *ctx, const struct reply *reply)
{
	struct choices *choices = ctx;
	struct choice *choice;

	if (reply == NULL || reply->kind != REPLY_VIEW ||
	    choices->count == CHOICES)
		return;
	choice = &choices->choice[choices->count++];
	if (reply->about == REQUEST_POINT_SHOW) {
		memcpy(choice->ref, reply->view.point.ref, sizeof(choice->ref));
		memcpy(choice->id, reply->view.point.id, sizeof(choice->id));
	} else {
		memcpy(choice->ref, reply->view.public.ref,
		    sizeof(choice->ref));
		memcpy(choice->id, reply->view.public.id, sizeof(choice->id));
	}
}

/* False: there is none. */
static bool
choose(struct people *people, enum request_kind kind, struct choice *choice)
{
	struct choices choices = { .count = 0 };
	struct request request = { .kind = kind,
		.line = rite_peer_name(people->post),
		.page.limit = CHOICES };

	(void)post_ask(&people->run->post[people->post], &request, on_choice,
	    &choices);
	if (choices.count == 0)
		return false;
	*choice =
	    choices.choice[dice_between(&people->dice, 0, choices.count - 1)];
	return true;
}

void
debate_pick_point(struct people *people, char ref[REQUEST_REF_BYTES])
{
	struct choice choice = { .ref = "" };

	(void)choose(people, REQUEST_POINT_LIST, &choice);
	memcpy(ref, choice.ref, REQUEST_REF_BYTES);
}

/* --- doing --- */

/* A move whose answer is awaited. */
struct doing {
	struct run *run;
	long move;
};

static void
on_done(void *ctx, const struct reply *reply)
{
	struct doing *doing = ctx;
	struct run *run = doing->run;
	struct move *move = &run->agenda.move[doing->move];

	if (reply == NULL)
		move->state = SAID_UNSURE;
	else if (reply->kind != REPLY_ERROR)
		move->state = SAID_ACCEPTED;
	else if (post_may_refuse(&run->post[move->post], reply->err))
		move->state = reply->err == ERR_FULL ? SAID_NEVER : SAID_UNSURE;
	else
		run_fail(run, CHECK_PEACE, "post %u refuses move %ld (%.*s)",
		    move->post, doing->move, (int)reply->say.len,
		    reply->say.data);
	free(doing);
}

static void
fill(struct request *request, const struct move *move, struct text words)
{
	union request_ask *ask = &request->ask;

	if (move->kind == RECORD_POINT) {
		request->kind = REQUEST_POINT_RAISE;
		memcpy(ask->raise.id, move->id, RECORD_ID_BYTES);
		ask->raise.title = text_of("a point");
		ask->raise.text = words;
		ask->raise.deadline_ms = move->deadline_ms;
	} else if (move->kind == RECORD_STANDING) {
		request->kind = REQUEST_POINT_STAND;
		memcpy(ask->stand.id, move->id, RECORD_ID_BYTES);
		ask->stand.standing = (uint8_t)move->standing;
		ask->stand.note = words;
		ask->stand.deadline_ms = move->deadline_ms;
	} else if (move->kind == RECORD_PUBLIC) {
		request->kind = REQUEST_PUBLIC_ADD;
		memcpy(ask->public.id, move->id, RECORD_ID_BYTES);
		ask->public.said_ms = 1;
		ask->public.speaker = text_of("a speaker");
		ask->public.source = text_of("a paper");
		ask->public.text = words;
	} else {
		request->kind = REQUEST_PUBLIC_READING;
		memcpy(ask->reading.id, move->id, RECORD_ID_BYTES);
		ask->reading.text = words;
	}
}

/* Does it, on what `ref` names; "" is nothing. */
static void
act(struct people *people, struct move *move, const char *ref)
{
	struct run *run = people->run;
	struct doing *doing = malloc(sizeof(*doing));
	struct request request = { .line = rite_peer_name(people->post) };
	char words[MOVE_WORDS_BYTES];
	size_t len;

	if (doing == NULL)
		fatal("debate: no memory");
	rng_fill(dice_rng(&people->dice), move->id, RECORD_ID_BYTES);
	move->post = people->post;
	move->seed = rng_u64(dice_rng(&people->dice));
	move->text_bytes =
	    (size_t)dice_spread(&people->dice, 0, MOVE_TEXT_BYTES_MAX);
	*doing = (struct doing){ run, agenda_append(&run->agenda, move) };
	len = agenda_words(words, doing->move, move);
	fill(&request, move, (struct text){ words, len });
	if (move->kind == RECORD_PUBLIC)
		memcpy(request.ask.public.point, ref, REQUEST_REF_BYTES);
	else
		request.ref = text_of(ref);
	if (!post_ask(&run->post[people->post], &request, on_done, doing)) {
		run->agenda.move[doing->move].state = SAID_NEVER;
		free(doing);
	}
}

static int64_t
draw_deadline(struct people *people)
{
	if (!dice_chance(&people->dice, DEADLINE_PERMILLE))
		return 0;
	return far_ms + (int64_t)dice_between(&people->dice, 0, 1000000);
}

void
debate_raise(struct people *people)
{
	struct move move = { .kind = RECORD_POINT,
		.standing = STANDING_RAISED };

	move.deadline_ms = draw_deadline(people);
	act(people, &move, "");
}

void
debate_stand(struct people *people)
{
	struct move move = { .kind = RECORD_STANDING };
	struct choice choice;

	if (!choose(people, REQUEST_POINT_LIST, &choice)) {
		debate_raise(people);
		return;
	}
	move.standing = (enum standing)dice_between(&people->dice,
	    STANDING_RAISED, STANDING_COUNT - 1);
	if (move.standing != STANDING_CLOSED)
		move.deadline_ms = draw_deadline(people);
	memcpy(move.about, choice.id, RECORD_ID_BYTES);
	act(people, &move, choice.ref);
}

void
debate_enter(struct people *people)
{
	struct move move = { .kind = RECORD_PUBLIC };
	struct choice choice = { .ref = "" };

	if (dice_chance(&people->dice, ON_POINT_PERMILLE))
		(void)choose(people, REQUEST_POINT_LIST, &choice);
	memcpy(move.about, choice.id, RECORD_ID_BYTES);
	act(people, &move, choice.ref);
}

void
debate_read(struct people *people)
{
	struct move move = { .kind = RECORD_READING };
	struct choice choice;

	if (!choose(people, REQUEST_PUBLIC_LIST, &choice)) {
		debate_enter(people);
		return;
	}
	memcpy(move.about, choice.id, RECORD_ID_BYTES);
	act(people, &move, choice.ref);
}
