#include "keeper/form.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"

/* -- pieces of text --------------------------------------------------------- */

static bool
is_equal(struct text a, struct text b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static bool
is_word(struct text text, const char *word)
{
	return text.len == strlen(word) &&
	    memcmp(text.data, word, text.len) == 0;
}

static struct text
from(struct text text, size_t at)
{
	/* Nothing has no place to count from. */
	return at == 0 ? text : (struct text){ text.data + at, text.len - at };
}

static struct text
trim(struct text text)
{
	while (text.len > 0 && text.data[0] == ' ')
		text = from(text, 1);
	while (text.len > 0 && text.data[text.len - 1] == ' ')
		text.len--;
	return text;
}

struct text
form_cut(struct text text, char mark, struct text *rest)
{
	const char *end =
	    text.len > 0 ? memchr(text.data, mark, text.len) : NULL;
	struct text first = text;

	if (end == NULL) {
		*rest = from(text, text.len);
		return first;
	}
	first.len = (size_t)(end - text.data);
	*rest = from(text, first.len + 1);
	return first;
}

static bool
starts_with(struct text text, const char *start)
{
	const size_t len = strlen(start);

	return text.len >= len && memcmp(text.data, start, len) == 0;
}

/* A name of a field or a choice. */
static bool
is_name(struct text text)
{
	if (text.len == 0 || text.len > FORM_FIELD_BYTES_MAX ||
	    text.data[0] < 'a' || text.data[0] > 'z')
		return false;
	for (size_t i = 0; i < text.len; i++) {
		const char c = text.data[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '_')
			return false;
	}
	return true;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Where text is not UTF-8, or has what no reader sees, or what turns the direction
 * of reading; text.len: nowhere. */
static size_t
find_sly(struct text text, bool lines)
{
	uint32_t character;
	size_t step;

	for (size_t i = 0; i < text.len; i += step) {
		step = utf8_next(&character, text.data + i, text.len - i);
		if (step == 0 || utf8_is_sly(character) || character == '\t' ||
		    (!lines && character == '\n'))
			return i;
	}
	return text.len;
}

/* -- reading a file --------------------------------------------------------- */

struct source {
	struct text left;
	struct text line;
	unsigned number; /* of the line */
	bool is_end;	 /* behind the last line */
	struct form_fault *fault;
	struct form *form;
};

static void set_fault(struct form_fault *fault, unsigned line,
    const char *format, ...) PRINTF_LIKE(3, 4);

static void
set_fault(struct form_fault *fault, unsigned line, const char *format, ...)
{
	va_list args;

	fault->line = line;
	va_start(args, format);
	vsnprintf(fault->why, sizeof(fault->why), format, args);
	va_end(args);
}

/* Names in what is wrong: at most as long as they may be. */
static int
shown(struct text text)
{
	return (int)(text.len < 40 ? text.len : 40);
}

static int
refuse(struct source *source, const char *why)
{
	set_fault(source->fault, source->number, "%s", why);
	return ERR_FORMAT;
}

static int
refuse_name(struct source *source, const char *format, struct text name)
{
	char why[FORM_WHY_BYTES];

	snprintf(why, sizeof(why), "%.*s", shown(name), name.data);
	set_fault(source->fault, source->number, "%s: %s", format, why);
	return ERR_FORMAT;
}

static void
step(struct source *source)
{
	source->is_end = source->left.len == 0;
	if (source->is_end)
		return;
	source->number++;
	source->line = form_cut(source->left, '\n', &source->left);
}

/* Passes over remarks and empty lines. */
static void
skip(struct source *source)
{
	while (!source->is_end &&
	    (trim(source->line).len == 0 || source->line.data[0] == '#'))
		step(source);
}

static bool
is_section(const struct source *source)
{
	return !source->is_end && source->line.len > 0 &&
	    source->line.data[0] == '[';
}

/* The field of that name; form->fields: there is none. */
static size_t
find_field(const struct form *form, struct text name)
{
	size_t i = 0;

	while (i < form->fields && !is_equal(form->field[i].name, name))
		i++;
	return i;
}

static size_t
find_choice(const struct form_field *field, struct text name)
{
	size_t i = 0;

	while (i < field->choices && !is_equal(field->choice[i], name))
		i++;
	return i;
}

static int
take_choices(struct source *source, struct form_field *field, struct text rest)
{
	struct text word;

	for (rest = trim(rest); rest.len > 0; rest = trim(rest)) {
		word = form_cut(rest, ' ', &rest);
		if (field->choices == FORM_CHOICES_MAX)
			return refuse(source, "these are too many choices");
		if (!is_name(word))
			return refuse_name(source,
			    "a choice is letters, digits and _, in lower case",
			    word);
		if (find_choice(field, word) < field->choices)
			return refuse_name(source,
			    "this choice stands here twice", word);
		field->choice[field->choices++] = word;
	}
	if ((field->choices > 0) != (field->kind == FORM_CHOICE))
		return refuse(source,
		    field->choices > 0 ? "only a choice is followed by words"
				       : "a choice is followed by its words");
	return OK;
}

/* "NAME KIND", and words for a choice. */
static int
take_field(struct source *source, struct text rest)
{
	struct form *form = source->form;
	struct form_field *field;
	struct text kind;
	struct text name = form_cut(trim(rest), ' ', &rest);

	kind = form_cut(trim(rest), ' ', &rest);
	if (form->fields == FORM_FIELDS_MAX)
		return refuse(source, "these are too many fields");
	if (!is_name(name))
		return refuse_name(source,
		    "a field's name is letters, digits and _, in lower case",
		    name);
	if (find_field(form, name) < form->fields)
		return refuse_name(source, "this field stands here twice",
		    name);
	field = &form->field[form->fields];
	field->name = name;
	field->kind = FORM_TEXT;
	while (field->kind < FORM_KIND_COUNT &&
	    !is_word(kind, word_name(&form_kinds, field->kind)))
		field->kind++;
	if (field->kind == FORM_KIND_COUNT)
		return refuse(source,
		    "a field is text, time, number, place or choice");
	form->fields++;
	return take_choices(source, field, rest);
}

static bool
is_form_name(struct text name)
{
	if (name.len == 0 || name.len > FORM_NAME_BYTES_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		const char c = name.data[i];

		if (!(c >= 'a' && c <= 'z') && !is_digit(c) && c != '-')
			return false;
	}
	return true;
}

static int
take_head(struct source *source)
{
	static const char name_is[] = "name:", field_is[] = "field:";
	struct form *form = source->form;
	int rc = OK;

	skip(source);
	if (source->is_end || !is_word(source->line, "quietline form 1"))
		return refuse(source,
		    "a form begins with the line: quietline form 1");
	step(source);
	skip(source);
	if (source->is_end || !starts_with(source->line, name_is))
		return refuse(source,
		    "here the form's name stands, as name: X");
	form->name = trim(from(source->line, strlen(name_is)));
	if (!is_form_name(form->name))
		return refuse(source,
		    "a form's name is letters, digits and -, in lower case, at "
		    "most 40");
	for (step(source); rc == OK; step(source)) {
		skip(source);
		if (source->is_end || is_section(source))
			return OK;
		if (!starts_with(source->line, field_is))
			return refuse(source,
			    "here a field stands, as field: NAME KIND, or a "
			    "language, as [en] TITLE");
		rc = take_field(source, from(source->line, strlen(field_is)));
	}
	return rc;
}

static bool
is_language(struct text text)
{
	if (text.len == 0 || text.len > LANGUAGE_BYTES_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		const char c = text.data[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !is_digit(c) && c != '-')
			return false;
	}
	return true;
}

size_t
form_find_language(const struct form *form, struct text language)
{
	size_t i = 0;

	while (i < form->languages &&
	    (form->words[i].language.len != language.len ||
		strncasecmp(form->words[i].language.data, language.data,
		    language.len) != 0))
		i++;
	return i;
}

/* "[en] TITLE" or "[en unreviewed] TITLE". */
static int
take_title(struct source *source, struct form_words *words)
{
	struct text rest, flag;
	struct text mark = form_cut(from(source->line, 1), ']', &rest);

	words->language = form_cut(mark, ' ', &flag);
	words->title = trim(rest);
	words->is_unreviewed = is_word(flag, "unreviewed");
	if (!is_language(words->language))
		return refuse(source,
		    "a language stands as its tag, such as [en]");
	if (flag.len > 0 && !words->is_unreviewed)
		return refuse(source,
		    "behind the language only unreviewed may stand");
	if (words->title.len == 0 || words->title.len > FORM_TITLE_BYTES_MAX)
		return refuse(source,
		    "behind the language its title stands, at most 200 bytes");
	if (form_find_language(source->form, words->language) <
	    source->form->languages)
		return refuse_name(source, "this language stands here twice",
		    words->language);
	return OK;
}

/* "FIELD.CHOICE: WORDS"; *taken: the line is of that kind. */
static int
take_said(struct source *source, struct form_words *words, bool *taken)
{
	const struct form *form = source->form;
	struct text said, choice;
	struct text mark = form_cut(source->line, ':', &said);
	struct text name = form_cut(mark, '.', &choice);
	size_t i, k;

	*taken = said.len > 0 && is_name(name) && is_name(choice);
	if (!*taken)
		return OK;
	if ((i = find_field(form, name)) == form->fields)
		return refuse_name(source, "there is no such field", name);
	if ((k = find_choice(&form->field[i], choice)) ==
	    form->field[i].choices)
		return refuse_name(source, "there is no such choice", choice);
	if (words->said[i][k].len > 0)
		return refuse_name(source, "this choice has words already",
		    choice);
	said = trim(said);
	if (said.len == 0 || said.len > FORM_VALUE_BYTES_MAX)
		return refuse(source, "a choice has words, at most 500 bytes");
	words->said[i][k] = said;
	return OK;
}

/* All to the next language, but for empty lines around it. */
static int
take_text(struct source *source, struct form_words *words)
{
	const char *begin, *end;

	if (source->is_end || is_section(source))
		return refuse(source, "this language has no text");
	begin = end = source->line.data;
	for (; !source->is_end && !is_section(source); step(source)) {
		if (source->line.len > 0 && source->line.data[0] == '#')
			return refuse(source,
			    "within a text no line may begin with #");
		if (trim(source->line).len > 0)
			end = source->line.data + source->line.len;
	}
	words->text = (struct text){ begin, (size_t)(end - begin) };
	if (words->text.len > FORM_BODY_BYTES_MAX)
		return refuse(source, "this text is longer than 4096 bytes");
	return OK;
}

/* The fields that stand in a text, as bits; counts their places. */
static int
find_places(struct source *source, struct text text, uint32_t *found,
    size_t *places)
{
	const struct form *form = source->form;
	struct text name;
	size_t i;

	while (text.len > 0) {
		if (text.data[0] == '}')
			return refuse(source,
			    "a } stands only behind a field's name");
		if (text.data[0] != '{') {
			text = from(text, 1);
			continue;
		}
		if (memchr(text.data, '}', text.len) == NULL)
			return refuse(source, "a { ends with a }");
		name = form_cut(from(text, 1), '}', &text);
		if ((i = find_field(form, name)) == form->fields)
			return refuse_name(source, "there is no such field",
			    name);
		*found |= UINT32_C(1) << i;
		++*places;
	}
	return OK;
}

/* Every field and every choice has its words. */
static int
check_words(struct source *source, const struct form_words *words)
{
	const struct form *form = source->form;
	uint32_t found = 0;
	size_t places = 0;

	if (find_places(source, words->title, &found, &places) != OK ||
	    find_places(source, words->text, &found, &places) != OK)
		return ERR_FORMAT;
	if (places > FORM_PLACES_MAX)
		return refuse(source, "fields stand in this text too often");
	for (size_t i = 0; i < form->fields; i++) {
		const struct form_field *field = &form->field[i];

		if ((found & UINT32_C(1) << i) == 0)
			return refuse_name(source,
			    "the text above has no such field", field->name);
		for (size_t k = 0; k < field->choices; k++) {
			if (words->said[i][k].len == 0)
				return refuse_name(source,
				    "the language above has no words for the "
				    "choice",
				    field->choice[k]);
		}
	}
	return OK;
}

static int
take_language(struct source *source)
{
	struct form *form = source->form;
	struct form_words *words = &form->words[form->languages];
	bool taken = true;
	int rc;

	if (form->languages == FORM_LANGUAGES_MAX)
		return refuse(source, "these are too many languages");
	rc = take_title(source, words);
	while (rc == OK && taken) {
		step(source);
		skip(source);
		taken = false;
		if (!source->is_end && !is_section(source))
			rc = take_said(source, words, &taken);
	}
	if (rc != OK || (rc = take_text(source, words)) != OK)
		return rc;
	if ((rc = check_words(source, words)) == OK)
		form->languages++;
	return rc;
}

/* The number of the line that a byte is in. */
static unsigned
line_of(struct text text, size_t at)
{
	unsigned number = 1;

	for (size_t i = 0; i < at; i++)
		number += text.data[i] == '\n';
	return number;
}

int
form_parse(struct form *form, const char *data, size_t len,
    struct form_fault *fault)
{
	const struct text all = { data, len };
	struct source source = { .left = all, .fault = fault, .form = form };
	int rc;

	memset(form, 0, sizeof(*form));
	if (len == 0 || len > FORM_TEXT_BYTES_MAX)
		return refuse(&source, "a form has 1 to 16384 bytes");
	if (find_sly(all, true) < len) {
		source.number = line_of(all, find_sly(all, true));
		return refuse(&source,
		    "a character that is not UTF-8, or that no reader sees, or "
		    "that turns the direction of reading");
	}
	step(&source);
	if ((rc = take_head(&source)) != OK)
		return rc;
	if (source.is_end)
		return refuse(&source, "a form has at least one language");
	while (rc == OK && is_section(&source))
		rc = take_language(&source);
	return rc;
}

/* -- writing a file --------------------------------------------------------- */

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

static void
write_field(struct writer *w, const struct form_field *field)
{
	put(w, "field: ");
	put_text(w, field->name);
	put(w, " ");
	put(w, word_name(&form_kinds, field->kind));
	for (size_t k = 0; k < field->choices; k++) {
		put(w, " ");
		put_text(w, field->choice[k]);
	}
	put(w, "\n");
}

static void
write_words(struct writer *w, const struct form *form,
    const struct form_words *words)
{
	put(w, "\n[");
	put_text(w, words->language);
	put(w, words->is_unreviewed ? " unreviewed] " : "] ");
	put_text(w, words->title);
	put(w, "\n");
	for (size_t i = 0; i < form->fields; i++) {
		for (size_t k = 0; k < form->field[i].choices; k++) {
			put_text(w, form->field[i].name);
			put(w, ".");
			put_text(w, form->field[i].choice[k]);
			put(w, ": ");
			put_text(w, words->said[i][k]);
			put(w, "\n");
		}
	}
	put_text(w, words->text);
	put(w, "\n");
}

void
form_write(struct writer *w, const struct form *form, const size_t *languages,
    size_t count)
{
	put(w, "quietline form 1\nname: ");
	put_text(w, form->name);
	put(w, "\n");
	for (size_t i = 0; i < form->fields; i++)
		write_field(w, &form->field[i]);
	for (size_t i = 0; i < count; i++) {
		assert(languages[i] < form->languages);
		write_words(w, form, &form->words[languages[i]]);
	}
}

/* -- what is filled in ------------------------------------------------------ */

/* Reads so many digits as a number. */
static bool
take_digits(struct text *text, size_t digits, unsigned *value)
{
	*value = 0;
	if (text->len < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (!is_digit(text->data[i]))
			return false;
		*value = *value * 10 + (unsigned)(text->data[i] - '0');
	}
	*text = from(*text, digits);
	return true;
}

static bool
take_char(struct text *text, char c)
{
	if (text->len == 0 || text->data[0] != c)
		return false;
	*text = from(*text, 1);
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

	while (n < text->len && is_digit(text->data[n]))
		n++;
	*text = from(*text, n);
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
	text = trim(form_cut(text, '@', &at));
	at = trim(at);
	return text.len > 0 && take_degrees(&at, 90) && take_char(&at, ',') &&
	    take_degrees(&at, 180) && at.len == 0;
}

static bool
is_chosen(const struct form_field *field, struct text value)
{
	return find_choice(field, value) < field->choices;
}

/* NULL: the value is of the field's kind; else what it must be. */
static const char *
judge_value(const struct form_field *field, struct text value)
{
	if (value.len == 0 || value.len > FORM_VALUE_BYTES_MAX)
		return "must have 1 to 500 bytes";
	if (find_sly(value, false) < value.len)
		return "must be one line of UTF-8, without characters that no "
		       "reader sees or that turn the direction of reading";
	if (trim(value).len != value.len)
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
	set_fault(fault, 0, "the field %.*s %s", shown(name), name.data, why);
	return ERR_FORMAT;
}

/* The given value of a field, of which there must be one. */
static int
pick(const struct form_field *field, const struct form_given *given,
    size_t count, struct text *value, struct form_fault *fault)
{
	const struct form_given *found = NULL;
	const char *why;

	for (size_t i = 0; i < count; i++) {
		if (!is_equal(given[i].name, field->name))
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

int
form_compose(struct writer *w, const struct form *form,
    const struct form_given *given, size_t count, struct form_fault *fault)
{
	struct text value;

	for (size_t i = 0; i < count; i++) {
		if (find_field(form, given[i].name) == form->fields) {
			set_fault(fault, 0, "the form has no field %.*s",
			    shown(given[i].name), given[i].name.data);
			return ERR_FORMAT;
		}
	}
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
form_read(struct form_values *values, const struct form *form, const char *data,
    size_t len, struct form_fault *fault)
{
	struct text left = { data, len };
	struct text line, value;
	const char *why;

	memset(values, 0, sizeof(*values));
	for (size_t i = 0; i < form->fields; i++) {
		const struct form_field *field = &form->field[i];

		line = form_cut(left, '\n', &left);
		if (!is_equal(form_cut(line, '=', &value), field->name))
			return refuse_field(fault, field->name,
			    "is not where it must be");
		if ((why = judge_value(field, value)) != NULL)
			return refuse_field(fault, field->name, why);
		values->value[i] = value;
	}
	/* The last line ends as all do. */
	if (left.len > 0 || (len > 0 && data[len - 1] != '\n')) {
		set_fault(fault, 0, "there is more than the form's fields");
		return ERR_FORMAT;
	}
	return OK;
}

/* -- filled in -------------------------------------------------------------- */

static void
put_value(struct writer *w, const struct form *form,
    const struct form_words *words, size_t i, const struct form_values *values)
{
	const struct form_field *field = &form->field[i];
	const struct text value = values->value[i];

	put_text(w,
	    field->kind == FORM_CHOICE
		? words->said[i][find_choice(field, value)]
		: value);
}

void
form_render(struct writer *w, const struct form *form,
    const struct form_words *words, struct text text,
    const struct form_values *values)
{
	struct text plain, name;

	while (text.len > 0) {
		plain = form_cut(text, '{', &text);
		put_text(w, plain);
		/* A form that was parsed has no { but around its fields. */
		if (text.len > 0) {
			name = form_cut(text, '}', &text);
			put_value(w, form, words, find_field(form, name),
			    values);
		}
	}
}
