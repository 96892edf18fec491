/* Owns messages by a form of their line: filled in, and read in its languages. */
#ifndef KEEPER_FORMED_H
#define KEEPER_FORMED_H

#include "base/err.h"
#include "keeper/form.h"
#include "keeper/pact.h"
#include "keeper/phrase.h"
#include "keeper/post.h"
#include "proc/say_form.h"

/* A form as the store has it. */
struct formed {
	char *text;
	size_t len;
	struct form form; /* views of the text */
};

/* Reads the form that was proposed, for formed_free where OK is the result;
 * ERR_LIMIT: there is not the memory. */
MUST_CHECK int formed_load(struct keeper *keeper, const struct pact *pact,
    struct formed *formed);
void formed_free(struct formed *formed);

/* A message by a form, as people read it in each of its languages. */
struct formed_said {
	size_t languages; /* 0: it is no message of that form */
	struct form_words_view words[FORM_AGREED_LANGUAGES_MAX];
	char why[FORM_SAY_BYTES_MAX]; /* it is none; "": it is one */
	uint8_t *bytes;		      /* that the views are of */
	size_t len;
};

/* Reads the text of a message by the form of that number on a line.  Where no
 * such form was ever agreed, or the text is not of it, says->why says so: it is to
 * be shown as it is. */
MUST_CHECK int formed_say(struct keeper *keeper, uint32_t line, uint32_t number,
    struct text text, struct formed_said *said);
void formed_forget(struct formed_said *said);

/* Fills in the form of that number from lines "name=value" in any order, as the
 * text of a message.  ERR_NOT_FOUND, ERR_STATE, ERR_FORMAT: why says it in words;
 * else the store's error. */
MUST_CHECK int formed_fill(struct keeper *keeper, const struct post_line *line,
    uint64_t number, struct text lines, struct phrase *text,
    char why[FORM_SAY_BYTES_MAX]);

#endif
