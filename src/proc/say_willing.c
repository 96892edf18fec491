#include "proc/say_willing.h"

static const char *const answer_words[WILLING_ANSWER_COUNT] = {
	[WILLING_NO] = "no",
	[WILLING_YES] = "yes",
};
static const char *const state_words[WILLING_STATE_COUNT] = {
	[WILLING_RUNNING] = "running",
	[WILLING_BOTH] = "both",
	[WILLING_NOT_BOTH] = "not-both",
	[WILLING_VOID] = "void",
	[WILLING_EXPIRED] = "expired",
	[WILLING_REFUSED] = "refused",
};
static const char *const side_words[WILLING_SIDE_COUNT] = {
	[WILLING_NOBODY] = "nobody",
	[WILLING_US] = "us",
	[WILLING_THEM] = "them",
};

const struct word_list willing_answers = WORD_LIST(answer_words);
const struct word_list willing_states = WORD_LIST(state_words);
const struct word_list willing_sides = WORD_LIST(side_words);

#define ASK(member) .offset = offsetof(struct willing_ask, member)
#define VIEW(member) .offset = offsetof(struct willing_view, member)

#define ANSWER \
	{ \
		.name = "answer", .kind = FIELD_WORD, .must = true, \
		ASK(answer), .words = &willing_answers \
	}

static const struct field question_fields[] = {
	{ .name = "question",
	    .kind = FIELD_TEXT,
	    .must = true,
	    ASK(question),
	    .most = WILLING_QUESTION_BYTES_MAX },
	ANSWER,
};
const struct layout say_willing_question =
    LAYOUT(question_fields, struct willing_ask);

static const struct field answer_fields[] = { ANSWER };
const struct layout say_willing_answer =
    LAYOUT(answer_fields, struct willing_ask);

static const struct field view_fields[] = {
	{ .name = "n", .kind = FIELD_NUMBER, VIEW(n) },
	{ .name = "asked_by",
	    .kind = FIELD_WORD,
	    VIEW(asked_by),
	    .words = &willing_sides },
	{ .name = "question",
	    .kind = FIELD_TEXT,
	    VIEW(question),
	    .most = WILLING_QUESTION_BYTES_MAX },
	{ .name = "state",
	    .kind = FIELD_WORD,
	    VIEW(state),
	    .words = &willing_states },
	{ .name = "steps", .kind = FIELD_NUMBER, VIEW(steps) },
	{ .name = "waits_for",
	    .kind = FIELD_WORD,
	    .zero_is_null = true,
	    VIEW(waits_for),
	    .words = &willing_sides },
	{ .name = "asked", .kind = FIELD_TIME, VIEW(asked_ms) },
	{ .name = "ends", .kind = FIELD_TIME, VIEW(ends_ms) },
	{ .name = "ended", .kind = FIELD_TIME, VIEW(ended_ms) },
	{ .name = "say",
	    .kind = FIELD_TEXT,
	    VIEW(say),
	    .most = WILLING_SAY_BYTES },
};
const struct layout say_willing_view = LAYOUT(view_fields, struct willing_view);
