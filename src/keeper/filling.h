/* Owns what a form is filled in with: checked, as a message's text, and shown. */
#ifndef KEEPER_FILLING_H
#define KEEPER_FILLING_H

#include "base/buf.h"
#include "keeper/form.h"

/* What is filled in, in the order of the form's fields. */
struct filling {
	struct text value[FORM_FIELDS_MAX];
};

/* A field as somebody gives it. */
struct filling_given {
	struct text name;
	struct text value;
};

/* Writes what was given as the text of a message: a line "name=value" a field,
 * in the form's order.  ERR_FORMAT: something is missing, too much, twice, or not
 * of its kind. */
MUST_CHECK int filling_compose(struct writer *w, const struct form *form,
    const struct filling_given *given, size_t count, struct form_fault *fault);

/* Reads such a text.  ERR_FORMAT: it is not exactly what filling_compose writes. */
MUST_CHECK int filling_read(struct filling *filling, const struct form *form,
    const char *data, size_t len, struct form_fault *fault);

/* Writes a title or a text of the form, filled in; at most FORM_SAID_BYTES_MAX. */
void filling_render(struct writer *w, const struct form *form,
    const struct form_words *words, struct text text,
    const struct filling *filling);

#endif
