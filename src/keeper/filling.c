#include "keeper/filling.h"

#include <assert.h>
#include <string.h>

#include "keeper/snippet.h"

static void
put(struct writer *w, const char *string)
{
	buf_put_bytes(w, string, strlen(string));
}

static void
put_text(struct writer *w, struct text text)
{
	buf_put_bytes(w, text.data, text.len);
}

/* -- a value of its kind ------------------------------------------------------ */

/* Reads so many digits as a number. */
static bool
take_digits(struct text *text, size_t digits, unsigned *value)
{
	*value = 0;
	if (text->len < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (!snippet_is_digit(text->data[i]))
			return false;
		*value = *value * 10 + (unsigned)(text->data[i] - '0');
	}
	*text = snippet_from(*text, digits);
	return true;
}

static bool
take_char(struct text *text, char c)
{
	if (text->len == 0 || text->data[0] != c)
		return false;
	*text = snippet_from(*text, 1);
	return true;
}

static unsigned
days_of(unsigned year, unsigned month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

static bool
is_time(struct text text)
{
	unsigned year, month, day, hour, minute;

	return take_digits(&text, 4, &year) && take_char(&text, '-') &&
	    take_digits(&text, 2, &month) && take_char(&text, '-') &&
	    take_digits(&text, 2, &day) && take_char(&text, 'T') &&
	    take_digits(&text, 2, &hour) && take_char(&text, ':') &&
	    take_digits(&text, 2, &minute) && take_char(&text, 'Z') &&
	    text.len == 0 && year >= 1970 && month >= 1 && month <= 12 &&
	    day >= 1 && day <= days_of(year, month) && hour <= 23 &&
	    minute <= 59;
}

/* Takes digits, of which some must be there; returns how many. */
static size_t
take_run(struct text *text)
{
	size_t n = 0;

	while (n < text->len && snippet_is_digit(text->data[n]))
		n++;
	*text = snippet_from(*text, n);
	return n;
}

enum { DIGITS_MAX = 15 };

/* "-12.5": no more digits than a reader, or a double, holds. */
static bool
is_number(struct text text)
{
	size_t whole, part = 1;

	(void)take_char(&text, '-');
	whole = take_run(&text);
	if (take_char(&text, '.'))
		part = take_run(&text);
	return text.len == 0 && whole >= 1 && part >= 1 &&
	    whole + part <= DIGITS_MAX;
}

/* A number of degrees, at most `most` either way, to a millionth. */
static bool
take_degrees(struct text *text, unsigned most)
{
	struct text digits;
	unsigned value;
	size_t part = 0;

	(void)take_char(text, '-');
	digits = *text;
	if ((digits.len = take_run(text)) < 1 || digits.len > 3 ||
	    !take_digits(&digits, digits.len, &value))
		return false;
	digits = *text;
	if (take_char(text, '.')) {
		digits = *text;
		if ((part = take_run(text)) < 1 || part > 6)
			return false;
	}
	if (value < most)
		return true;
	for (size_t i = 0; i < part; i++) {
		if (digits.data[i] != '0')
			return false;
	}
	return value == most;
}

static bool
is_place(struct text text)
{
	struct text at;

	if (memchr(text.data, '@', text.len) == NULL)
		return true;
	text = snippet_trim(snippet_cut(text, '@', &at));
	at = snippet_trim(at);
	return text.len > 0 && take_degrees(&at, 90) && take_char(&at, ',') &&
	    take_degrees(&at, 180) && at.len == 0;
}

static bool
is_chosen(const struct form_field *field, struct text value)
{
	return form_find_choice(field, value) < field->choices;
}

/* NULL: the value is of the field's kind; else what it must be. */
static const char *
judge_value(const struct form_field *field, struct text value)
{
	if (value.len == 0 || value.len > FORM_VALUE_BYTES_MAX)
		return "must have 1 to 500 bytes";
	if (snippet_find_sly(value, false) < value.len)
		return "must be one line of UTF-8, without characters that no "
		       "reader sees or that turn the direction of reading";
	if (snippet_trim(value).len != value.len)
		return "must not begin or end with a space";
	switch (field->kind) {
	case FORM_TEXT:
		return NULL;
	case FORM_TIME:
		return is_time(value)
		    ? NULL
		    : "must be a time in UTC, as 2026-11-22T09:30Z";
	case FORM_NUMBER:
		return is_number(value) ? NULL
					: "must be a number, as 12 or -3.5";
	case FORM_PLACE:
		return is_place(value)
		    ? NULL
		    : "must be a place, as a name or as NAME @ 37.956,126.677";
	case FORM_CHOICE:
		return is_chosen(field, value)
		    ? NULL
		    : "must be one of the words that the form names for it";
	case FORM_KIND_COUNT:
		break;
	}
	assert(false);
	return NULL;
}

static int
refuse_field(struct form_fault *fault, struct text name, const char *why)
{
	form_refuse(fault, 0, "the field %.*s %s", (int)name.len, name.data,
	    why);
	return ERR_FORMAT;
}

/* The given value of a field, of which there must be one. */
static int
pick(const struct form_field *field, const struct filling_given *given,
    size_t count, struct text *value, struct form_fault *fault)
{
	const struct filling_given *found = NULL;
	const char *why;

	for (size_t i = 0; i < count; i++) {
		if (!snippet_is(given[i].name, field->name))
			continue;
		if (found != NULL)
			return refuse_field(fault, field->name,
			    "is given twice");
		found = &given[i];
	}
	if (found == NULL)
		return refuse_field(fault, field->name, "is missing");
	if ((why = judge_value(field, found->value)) != NULL)
		return refuse_field(fault, field->name, why);
	*value = found->value;
	return OK;
}

/* Whatever the form has no field for; its name is shown where it can be one. */
static int
check_given(const struct form *form, const struct filling_given *given,
    size_t count, struct form_fault *fault)
{
	for (size_t i = 0; i < count; i++) {
		const struct text name = given[i].name;

		if (form_find_field(form, name) < form->fields)
			continue;
		if (form_is_name(name))
			form_refuse(fault, 0, "the form has no field %.*s",
			    (int)name.len, name.data);
		else
			form_refuse(fault, 0,
			    "the form has no field of such a name");
		return ERR_FORMAT;
	}
	return OK;
}

int
filling_compose(struct writer *w, const struct form *form,
    const struct filling_given *given, size_t count, struct form_fault *fault)
{
	struct text value;

	if (check_given(form, given, count, fault) != OK)
		return ERR_FORMAT;
	for (size_t i = 0; i < form->fields; i++) {
		if (pick(&form->field[i], given, count, &value, fault) != OK)
			return ERR_FORMAT;
		put_text(w, form->field[i].name);
		put(w, "=");
		put_text(w, value);
		put(w, "\n");
	}
	return OK;
}

int
filling_read(struct filling *filling, const struct form *form, const char *data,
    size_t len, struct form_fault *fault)
{
	struct text left = { data, len };
	struct text line, value;
	const char *why;

	memset(filling, 0, sizeof(*filling));
	for (size_t i = 0; i < form->fields; i++) {
		const struct form_field *field = &form->field[i];

		line = snippet_cut(left, '\n', &left);
		if (!snippet_is(snippet_cut(line, '=', &value), field->name))
			return refuse_field(fault, field->name,
			    "is not where it must be");
		if ((why = judge_value(field, value)) != NULL)
			return refuse_field(fault, field->name, why);
		filling->value[i] = value;
	}
	/* The last line ends as all do. */
	if (left.len > 0 || (len > 0 && data[len - 1] != '\n')) {
		form_refuse(fault, 0, "there is more than the form's fields");
		return ERR_FORMAT;
	}
	return OK;
}

/* -- filled in -------------------------------------------------------------- */

static void
put_value(struct writer *w, const struct form *form,
    const struct form_words *words, size_t i, const struct filling *filling)
{
	const struct form_field *field = &form->field[i];
	const struct text value = filling->value[i];

	put_text(w,
	    field->kind == FORM_CHOICE
		? words->said[i][form_find_choice(field, value)]
		: value);
}

void
filling_render(struct writer *w, const struct form *form,
    const struct form_words *words, struct text text,
    const struct filling *filling)
{
	struct text plain, name;

	while (text.len > 0) {
		plain = snippet_cut(text, '{', &text);
		put_text(w, plain);
		/* A form that was parsed has no { but around its fields. */
		if (text.len > 0) {
			name = snippet_cut(text, '}', &text);
			put_value(w, form, words, form_find_field(form, name),
			    filling);
		}
	}
}
