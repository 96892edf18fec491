/* Owns what a form is: a text with fields, in several languages, as a file that
 * people read and write. */
#ifndef KEEPER_FORM_H
#define KEEPER_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "limits.h"
#include "proc/say_form.h"

/*
 *   # What follows a # is for whoever reads the file.
 *   quietline form 1
 *   name: exercise
 *   field: begins time
 *   field: force choice land sea
 *
 *   [en] Exercise
 *   force.land: on land
 *   force.sea: at sea
 *   We hold an exercise {force} from {begins} on.
 *
 *   [fr unreviewed] Exercice
 *   ...
 *
 * The head names the fields.  Each language says the same: a title, words for
 * each choice, then the text, in which every field stands at least once.
 * "unreviewed": nobody who speaks it as a first language has looked at it.
 */
struct form_field {
	struct text name; /* a letter, then letters, digits and _; lower case */
	enum form_kind kind;
	size_t choices;
	struct text choice[FORM_CHOICES_MAX];
};

/* The form in one language. */
struct form_words {
	struct text language; /* BCP 47 */
	bool is_unreviewed;
	struct text title;
	struct text text;
	struct text said[FORM_FIELDS_MAX][FORM_CHOICES_MAX];
};

/* Views of the file that it was parsed from. */
struct form {
	struct text name;
	size_t fields;
	struct form_field field[FORM_FIELDS_MAX];
	size_t languages;
	struct form_words words[FORM_LANGUAGES_MAX];
};

enum form_sizes { FORM_WHY_BYTES = 256 };

/* What is wrong with a file or with what was filled in. */
struct form_fault {
	unsigned line; /* from 1; 0: of no line */
	char why[FORM_WHY_BYTES];
};

/* Says what is wrong; a line of 0 is none. */
void form_refuse(struct form_fault *fault, unsigned line, const char *format,
    ...) PRINTF_LIKE(3, 4);

/* Reads a file.  ERR_FORMAT: it is none, and *fault says where and why. */
MUST_CHECK int form_parse(struct form *form, const char *data, size_t len,
    struct form_fault *fault);

/* It can be the name of a field or of a choice. */
bool form_is_name(struct text text);
/* The field of that name; form->fields: there is none such. */
size_t form_find_field(const struct form *form, struct text name);
/* The choice of that name; field->choices: there is none such. */
size_t form_find_choice(const struct form_field *field, struct text name);
/* The number of a language in the form; form->languages: it has none such. */
size_t form_find_language(const struct form *form, struct text language);

/* Writes a file of those languages of a form, without remarks: the same form
 * always gives the same bytes. */
void form_write(struct writer *w, const struct form *form,
    const size_t *languages, size_t count);

#endif
