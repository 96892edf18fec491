/* Owns the forms of a line: which were proposed and agreed, and messages by them. */
#ifndef KEEPER_FORMS_H
#define KEEPER_FORMS_H

#include "keeper/phrase.h"
#include "keeper/post.h"
#include "proc/say_form.h"

/* A message by a form, as people read it in each of its languages. */
struct forms_said {
	size_t languages; /* 0: it is no message of that form */
	struct form_words_view words[FORM_AGREED_LANGUAGES_MAX];
	char why[FORM_SAY_BYTES_MAX]; /* it is none; "": it is one */
	uint8_t *bytes;		      /* that the views are of */
	size_t len;
};

/* Reads the text of a message by the form of that number on a line.  Where no
 * such form was ever agreed, or the text is not of it, says->why says so: it is to
 * be shown as it is. */
MUST_CHECK int forms_say(struct keeper *keeper, uint32_t line, uint32_t number,
    struct text text, struct forms_said *said);
void forms_forget(struct forms_said *said);

/* Fills in the form of that number from lines "name=value" in any order, as the
 * text of a message.  ERR_NOT_FOUND, ERR_STATE, ERR_FORMAT: why says it in words;
 * else the store's error. */
MUST_CHECK int forms_fill(struct keeper *keeper, const struct post_line *line,
    uint64_t number, struct text lines, struct phrase *text,
    char why[FORM_SAY_BYTES_MAX]);

/* Answers the requests of that name. */
void forms_on_shipped(struct keeper *keeper, const struct request *request);
void forms_on_shipped_show(struct keeper *keeper,
    const struct request *request);
void forms_on_propose(struct keeper *keeper, const struct request *request);
void forms_on_list(struct keeper *keeper, const struct request *request);
void forms_on_show(struct keeper *keeper, const struct request *request);
void forms_on_answer(struct keeper *keeper, const struct request *request);

#endif
