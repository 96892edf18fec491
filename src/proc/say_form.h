/* Owns what desk and keeper say to each other of forms. */
#ifndef PROC_SAY_FORM_H
#define PROC_SAY_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/record.h"
#include "limits.h"
#include "proc/field.h"
#include "proc/text.h"

/* Where a proposal stands. */
enum pact_state {
	PACT_STATE_NONE,
	PACT_PROPOSED,
	PACT_AGREED,
	PACT_DECLINED,
	PACT_WITHDRAWN,
	PACT_RETIRED, /* both had agreed, and one no more */
	PACT_STATE_COUNT,
};

/* What people answer to a proposal. */
enum pact_answer {
	PACT_AGREE,
	PACT_DECLINE,
	PACT_WITHDRAW, /* our own, that they have not answered */
	PACT_RETIRE,   /* one that both agreed to */
	PACT_ANSWER_COUNT,
};

enum pact_by { PACT_BY_NONE, PACT_BY_US, PACT_BY_THEM, PACT_BY_COUNT };

/* What a field takes. */
enum form_kind {
	FORM_TEXT,
	FORM_TIME,   /* 2026-11-22T09:30Z */
	FORM_NUMBER, /* -12.5 */
	FORM_PLACE,  /* a name, or a name @ 37.956,126.677 */
	FORM_CHOICE, /* one of the words that the form names */
	FORM_KIND_COUNT,
};

/* A form to propose: a file, or one that came with the post. */
struct form_propose_ask {
	struct text file;
	struct text shipped;
	/* Of those that it has, one or two; none: all, if they are so few. */
	size_t languages;
	struct text language[FORM_AGREED_LANGUAGES_MAX];
};

struct form_answer_ask {
	uint8_t answer; /* enum pact_answer */
};

struct form_field_view {
	struct text name;
	uint8_t kind; /* enum form_kind */
	size_t choices;
	struct text choice[FORM_CHOICES_MAX];
};

/* A form, or a message by one, in one language. */
struct form_words_view {
	struct text language;
	bool is_unreviewed;
	struct text title;
	struct text text;
};

struct form_view {
	uint64_t number; /* 0: not proposed, but shipped */
	struct text name;
	uint8_t by;	 /* enum pact_by */
	uint8_t state;	 /* enum pact_state */
	int64_t time_ms; /* of its proposal, by whoever proposed it */
	int64_t answered_ms;
	int64_t ended_ms;
	size_t languages;
	struct form_words_view words[FORM_LANGUAGES_MAX];
	size_t fields;
	struct form_field_view field[FORM_FIELDS_MAX];
	struct text file; /* as it was agreed; not in lists */
	struct text say;
};

extern const struct word_list pact_states;
extern const struct word_list pact_answers;
extern const struct word_list form_kinds;

extern const struct layout say_form_propose;
extern const struct layout say_form_answer;
extern const struct layout say_form_view;
extern const struct layout say_form_words;

#endif
