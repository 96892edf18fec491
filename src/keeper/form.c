#include "keeper/form.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "keeper/snippet.h"

/* -- reading a file --------------------------------------------------------- */

bool
form_is_name(struct text text)
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

struct source {
	struct text left;
	struct text line;
	unsigned number; /* of the line */
	bool is_end;	 /* behind the last line */
	struct form_fault *fault;
	struct form *form;
};

void
form_refuse(struct form_fault *fault, unsigned line, const char *format, ...)
{
	va_list args;

	fault->line = line;
	va_start(args, format);
	vsnprintf(fault->why, sizeof(fault->why), format, args);
	va_end(args);
}

static int
refuse(struct source *source, const char *why)
{
	form_refuse(source->fault, source->number, "%s", why);
	return ERR_FORMAT;
}

/* Of a name that is wrong, so much is shown. */
enum { SHOWN_BYTES = 40 };

static int
refuse_name(struct source *source, const char *why, struct text name)
{
	const struct text head = snippet_head(name, SHOWN_BYTES);

	form_refuse(source->fault, source->number, "%s: %.*s", why,
	    (int)head.len, head.data);
	return ERR_FORMAT;
}

static void
step(struct source *source)
{
	source->is_end = source->left.len == 0;
	if (source->is_end)
		return;
	source->number++;
	source->line = snippet_cut(source->left, '\n', &source->left);
}

/* Passes over remarks and empty lines. */
static void
skip(struct source *source)
{
	while (!source->is_end &&
	    (snippet_trim(source->line).len == 0 ||
		source->line.data[0] == '#'))
		step(source);
}

static bool
is_section(const struct source *source)
{
	return !source->is_end && source->line.len > 0 &&
	    source->line.data[0] == '[';
}

size_t
form_find_field(const struct form *form, struct text name)
{
	size_t i = 0;

	while (i < form->fields && !snippet_is(form->field[i].name, name))
		i++;
	return i;
}

size_t
form_find_choice(const struct form_field *field, struct text name)
{
	size_t i = 0;

	while (i < field->choices && !snippet_is(field->choice[i], name))
		i++;
	return i;
}

static int
take_choices(struct source *source, struct form_field *field, struct text rest)
{
	struct text word;

	for (rest = snippet_trim(rest); rest.len > 0;
	     rest = snippet_trim(rest)) {
		word = snippet_cut(rest, ' ', &rest);
		if (field->choices == FORM_CHOICES_MAX)
			return refuse(source, "these are too many choices");
		if (!form_is_name(word))
			return refuse_name(source,
			    "a choice is letters, digits and _, in lower case",
			    word);
		if (form_find_choice(field, word) < field->choices)
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
	struct text name = snippet_cut(snippet_trim(rest), ' ', &rest);

	kind = snippet_cut(snippet_trim(rest), ' ', &rest);
	if (form->fields == FORM_FIELDS_MAX)
		return refuse(source, "these are too many fields");
	if (!form_is_name(name))
		return refuse_name(source,
		    "a field's name is letters, digits and _, in lower case",
		    name);
	if (form_find_field(form, name) < form->fields)
		return refuse_name(source, "this field stands here twice",
		    name);
	field = &form->field[form->fields];
	field->name = name;
	field->kind = FORM_TEXT;
	while (field->kind < FORM_KIND_COUNT &&
	    !snippet_is_word(kind, word_name(&form_kinds, field->kind)))
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

		if (!(c >= 'a' && c <= 'z') && !snippet_is_digit(c) && c != '-')
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
	if (source->is_end ||
	    !snippet_is_word(source->line, "quietline form 1"))
		return refuse(source,
		    "a form begins with the line: quietline form 1");
	step(source);
	skip(source);
	if (source->is_end || !snippet_starts(source->line, name_is))
		return refuse(source,
		    "here the form's name stands, as name: X");
	form->name = snippet_trim(snippet_from(source->line, strlen(name_is)));
	if (!is_form_name(form->name))
		return refuse(source,
		    "a form's name is letters, digits and -, in lower case, at "
		    "most 40");
	for (step(source); rc == OK; step(source)) {
		skip(source);
		if (source->is_end || is_section(source))
			return OK;
		if (!snippet_starts(source->line, field_is))
			return refuse(source,
			    "here a field stands, as field: NAME KIND, or a "
			    "language, as [en] TITLE");
		rc = take_field(source,
		    snippet_from(source->line, strlen(field_is)));
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
		    !snippet_is_digit(c) && c != '-')
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
	struct text mark =
	    snippet_cut(snippet_from(source->line, 1), ']', &rest);

	words->language = snippet_cut(mark, ' ', &flag);
	words->title = snippet_trim(rest);
	words->is_unreviewed = snippet_is_word(flag, "unreviewed");
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
	struct text mark = snippet_cut(source->line, ':', &said);
	struct text name = snippet_cut(mark, '.', &choice);
	size_t i, k;

	*taken = said.len > 0 && form_is_name(name) && form_is_name(choice);
	if (!*taken)
		return OK;
	if ((i = form_find_field(form, name)) == form->fields)
		return refuse_name(source, "there is no such field", name);
	if ((k = form_find_choice(&form->field[i], choice)) ==
	    form->field[i].choices)
		return refuse_name(source, "there is no such choice", choice);
	if (words->said[i][k].len > 0)
		return refuse_name(source, "this choice has words already",
		    choice);
	said = snippet_trim(said);
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
		if (snippet_trim(source->line).len > 0)
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
			text = snippet_from(text, 1);
			continue;
		}
		if (memchr(text.data, '}', text.len) == NULL)
			return refuse(source, "a { ends with a }");
		name = snippet_cut(snippet_from(text, 1), '}', &text);
		if ((i = form_find_field(form, name)) == form->fields)
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
	if (snippet_find_sly(all, true) < len) {
		source.number = line_of(all, snippet_find_sly(all, true));
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
