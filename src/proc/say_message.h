/* Owns what desk and keeper say to each other of messages beside sending and reading
 * them: translations, and passing on to another line. */
#ifndef PROC_SAY_MESSAGE_H
#define PROC_SAY_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/record.h"
#include "limits.h"
#include "proc/field.h"
#include "proc/say_form.h"

/* A reference in a list. */
struct message_point {
	char ref[REQUEST_REF_BYTES];
};

/* What a message has beside what it says. */
struct message_more {
	int64_t withdrawn_ms; /* by its sender's clock; 0: it stands */
	char replaced_by[REQUEST_REF_BYTES];
	uint64_t translations;
	uint64_t passed;    /* how often, to other lines of this post */
	struct text author; /* ours, or as their post says; absent: unknown */
	bool is_emergency;  /* released by one person alone */
	uint64_t form;	    /* its number; 0: none */
	/* By a form, in each of its languages; none: note says why the text is
	 * shown as it came. */
	size_t said;
	struct form_words_view said_in[FORM_AGREED_LANGUAGES_MAX];
	struct text form_note;
	/* The peer is to learn that whoever asks has read it. */
	bool is_to_be_told;
	size_t points;
	struct message_point point[RECORD_POINTS_MAX];
};

struct translation_ask {
	struct text language;
	struct text text;
};

/* One translation of a message, beside the original. */
struct translation_view {
	char ref[REQUEST_REF_BYTES]; /* of the message */
	uint8_t from;		     /* whose it is: 0 us, 1 them */
	uint8_t id[FIELD_ID_BYTES];
	int64_t sent_ms;
	struct text language;
	struct text text;
	struct text author;
};

/* Passes a message of one line on to another, which the request names. */
struct pass_ask {
	struct text from;	     /* the name of the line that it is on */
	char ref[REQUEST_REF_BYTES]; /* of the message there */
	uint8_t mark;		     /* its own, named by who passes it on */
	uint8_t precedence;	     /* with which it goes on */
	struct text subject;	     /* own words, with `text` only */
	struct text text; /* own words, instead of what the message says */
	struct text language;
};

/* What was passed on, where and by whom. */
struct passed_view {
	char ref[REQUEST_REF_BYTES]; /* the message */
	struct text to;		     /* the line that it went to */
	char as[REQUEST_REF_BYTES];  /* what it is there */
	uint8_t mark;
	bool in_own_words;
	int64_t wall_ms;
	struct text who;
};

extern const struct word_list message_sides; /* us, them */

extern const struct layout say_message_more;
extern const struct layout say_translate;
extern const struct layout say_translation_view;
extern const struct layout say_pass;
extern const struct layout say_passed_view;

#endif
