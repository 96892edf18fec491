#include "proc/say_form.h"

static const char *const states[] = { "none", "proposed", "agreed", "declined",
	"withdrawn", "retired" };
const struct word_list pact_states = WORD_LIST(states);

static const char *const answers[] = { "agree", "decline", "withdraw",
	"retire" };
const struct word_list pact_answers = WORD_LIST(answers);

static const char *const sides[] = { "none", "us", "them" };
static const struct word_list pact_sides = WORD_LIST(sides);

static const char *const kinds[] = { "text", "time", "number", "place",
	"choice" };
const struct word_list form_kinds = WORD_LIST(kinds);

_Static_assert(sizeof(states) / sizeof(states[0]) == PACT_STATE_COUNT,
    "every state has a word");
_Static_assert(sizeof(answers) / sizeof(answers[0]) == PACT_ANSWER_COUNT,
    "every answer has a word");
_Static_assert(sizeof(sides) / sizeof(sides[0]) == PACT_BY_COUNT,
    "both sides have a word");
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == FORM_KIND_COUNT,
    "every kind has a word");

static const struct field language_fields[] = {
	{ .kind = FIELD_TEXT, .most = LANGUAGE_BYTES_MAX },
};
static const struct layout language_layout =
    LAYOUT(language_fields, struct text);

static const struct field propose_fields[] = {
	{ .name = "file",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct form_propose_ask, file),
	    .most = FORM_TEXT_BYTES_MAX },
	{ .name = "shipped",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct form_propose_ask, shipped),
	    .most = FORM_NAME_BYTES_MAX },
	{ .name = "languages",
	    .kind = FIELD_LIST,
	    .offset = offsetof(struct form_propose_ask, language),
	    .most = FORM_AGREED_LANGUAGES_MAX,
	    .of = &language_layout,
	    .count = offsetof(struct form_propose_ask, languages) },
};
const struct layout say_form_propose =
    LAYOUT(propose_fields, struct form_propose_ask);

static const struct field answer_fields[] = {
	{ .name = "answer",
	    .kind = FIELD_WORD,
	    .must = true,
	    .offset = offsetof(struct form_answer_ask, answer),
	    .words = &pact_answers },
};
const struct layout say_form_answer =
    LAYOUT(answer_fields, struct form_answer_ask);

static const struct field choice_fields[] = {
	{ .kind = FIELD_TEXT, .most = FORM_FIELD_BYTES_MAX },
};
static const struct layout choice_layout = LAYOUT(choice_fields, struct text);

static const struct field field_fields[] = {
	{ .name = "name",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct form_field_view, name),
	    .most = FORM_FIELD_BYTES_MAX },
	{ .name = "kind",
	    .kind = FIELD_WORD,
	    .offset = offsetof(struct form_field_view, kind),
	    .words = &form_kinds },
	{ .name = "choices",
	    .kind = FIELD_LIST,
	    .offset = offsetof(struct form_field_view, choice),
	    .most = FORM_CHOICES_MAX,
	    .of = &choice_layout,
	    .count = offsetof(struct form_field_view, choices) },
};
static const struct layout field_layout =
    LAYOUT(field_fields, struct form_field_view);

static const struct field words_fields[] = {
	{ .name = "language",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct form_words_view, language),
	    .most = LANGUAGE_BYTES_MAX },
	{ .name = "unreviewed",
	    .kind = FIELD_BOOL,
	    .offset = offsetof(struct form_words_view, is_unreviewed) },
	{ .name = "title",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct form_words_view, title),
	    .most = FORM_SAID_BYTES_MAX },
	{ .name = "text",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct form_words_view, text),
	    .most = FORM_SAID_BYTES_MAX },
};
const struct layout say_form_words =
    LAYOUT(words_fields, struct form_words_view);

static const struct field view_fields[] = {
	{ .name = "number",
	    .kind = FIELD_NUMBER,
	    .zero_is_null = true,
	    .offset = offsetof(struct form_view, number),
	    .most = FORM_NUMBER_MAX },
	{ .name = "name",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct form_view, name),
	    .most = FORM_NAME_BYTES_MAX },
	{ .name = "by",
	    .kind = FIELD_WORD,
	    .zero_is_null = true,
	    .offset = offsetof(struct form_view, by),
	    .words = &pact_sides },
	{ .name = "state",
	    .kind = FIELD_WORD,
	    .zero_is_null = true,
	    .offset = offsetof(struct form_view, state),
	    .words = &pact_states },
	{ .name = "time_proposed",
	    .kind = FIELD_TIME,
	    .offset = offsetof(struct form_view, time_ms) },
	{ .name = "time_answered",
	    .kind = FIELD_TIME,
	    .offset = offsetof(struct form_view, answered_ms) },
	{ .name = "time_ended",
	    .kind = FIELD_TIME,
	    .offset = offsetof(struct form_view, ended_ms) },
	{ .name = "languages",
	    .kind = FIELD_LIST,
	    .offset = offsetof(struct form_view, words),
	    .most = FORM_LANGUAGES_MAX,
	    .of = &say_form_words,
	    .count = offsetof(struct form_view, languages) },
	{ .name = "fields",
	    .kind = FIELD_LIST,
	    .offset = offsetof(struct form_view, field),
	    .most = FORM_FIELDS_MAX,
	    .of = &field_layout,
	    .count = offsetof(struct form_view, fields) },
	{ .name = "file",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct form_view, file),
	    .most = FORM_TEXT_BYTES_MAX },
	{ .name = "say",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct form_view, say),
	    .most = FORM_SAY_BYTES_MAX },
};
const struct layout say_form_view = LAYOUT(view_fields, struct form_view);
