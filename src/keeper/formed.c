#include "keeper/formed.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "keeper/filling.h"
#include "keeper/snippet.h"

/* -- a form of a line, from the store ----------------------------------------- */

void
formed_free(struct formed *formed)
{
	free(formed->text);
	formed->text = NULL;
}

/* A copy of the text of a row; NULL: there is none, or no memory. */
static char *
copy_text(struct query *q, size_t *len)
{
	const void *text;
	char *copy;

	if (!query_next(q))
		return NULL;
	text = query_blob(q, len);
	if (*len == 0 || (copy = malloc(*len)) == NULL)
		return NULL;
	memcpy(copy, text, *len);
	return copy;
}

int
formed_load(struct keeper *keeper, const struct pact *pact,
    struct formed *formed)
{
	struct query q = store_query(&keeper->store, STMT_PACT_TEXT);
	struct form_fault fault;
	size_t len = 0;
	char *text;
	int rc;

	query_bind_int(&q, pact->row);
	text = copy_text(&q, &len);
	rc = query_end(&q);
	if (rc == OK && text == NULL)
		rc = ERR_LIMIT;
	if (rc == OK)
		rc = form_parse(&formed->form, text, len, &fault);
	if (rc != OK) {
		free(text);
		text = NULL;
	}
	formed->text = text;
	formed->len = len;
	return rc;
}

/* -- messages ------------------------------------------------------------------ */

static void explain(struct formed_said *said, const char *format, ...)
    PRINTF_LIKE(2, 3);

static void
explain(struct formed_said *said, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(said->why, sizeof(said->why), format, args);
	va_end(args);
}

/* What was written since `begin`. */
static struct text
written(const struct writer *w, size_t begin)
{
	return (struct text){ (const char *)w->data + begin, w->len - begin };
}

static void
render(struct writer *w, const struct form *form,
    const struct form_words *words, const struct filling *filling,
    struct form_words_view *view)
{
	size_t begin = w->len;

	buf_put_bytes(w, words->language.data, words->language.len);
	view->language = written(w, begin);
	begin = w->len;
	filling_render(w, form, words, words->title, filling);
	view->title = written(w, begin);
	begin = w->len;
	filling_render(w, form, words, words->text, filling);
	view->text = written(w, begin);
	view->is_unreviewed = words->is_unreviewed;
}

static int
say(const struct form *form, struct text text, uint32_t number,
    struct formed_said *said)
{
	enum { EACH = LANGUAGE_BYTES_MAX + 2 * FORM_SAID_BYTES_MAX };
	struct filling filling;
	struct form_fault fault;
	struct writer w;

	if (filling_read(&filling, form, text.data, text.len, &fault) != OK) {
		explain(said,
		    "This was sent as form %u, but is not what that form takes "
		    "(%s). It is shown as it came.",
		    (unsigned)number, fault.why);
		return OK;
	}
	said->bytes = malloc(form->languages * EACH);
	if (said->bytes == NULL)
		return ERR_LIMIT;
	buf_write(&w, said->bytes, form->languages * EACH);
	for (size_t i = 0; i < form->languages; i++)
		render(&w, form, &form->words[i], &filling, &said->words[i]);
	said->languages = form->languages;
	said->len = w.len;
	return OK;
}

int
formed_say(struct keeper *keeper, uint32_t line, uint32_t number,
    struct text text, struct formed_said *said)
{
	struct formed formed;
	struct pact pact;
	int rc;

	memset(said, 0, sizeof(*said));
	rc = pact_find_form(keeper, line, number, &pact);
	if (rc != OK && rc != ERR_NOT_FOUND)
		return rc;
	if (rc == ERR_NOT_FOUND ||
	    (pact.state != PACT_AGREED && pact.state != PACT_RETIRED)) {
		explain(said,
		    "This was sent as form %u, to which this line has not "
		    "agreed. It is shown as it came.",
		    (unsigned)number);
		return OK;
	}
	if ((rc = formed_load(keeper, &pact, &formed)) != OK)
		return rc;
	rc = say(&formed.form, text, number, said);
	formed_free(&formed);
	return rc;
}

void
formed_forget(struct formed_said *said)
{
	if (said->bytes != NULL)
		wipe(said->bytes, said->len);
	free(said->bytes);
	said->bytes = NULL;
	said->languages = 0;
}

/* -- sending --------------------------------------------------------------------- */

/* Takes lines "name=value"; ERR_LIMIT: more than a form has. */
static int
take_given(struct text lines, struct filling_given *given, size_t *count)
{
	struct text line, name;

	*count = 0;
	while (lines.len > 0) {
		line = snippet_cut(lines, '\n', &lines);
		if (*count == FORM_FIELDS_MAX)
			return ERR_LIMIT;
		name = snippet_cut(line, '=', &given[*count].value);
		given[(*count)++].name = name;
	}
	return OK;
}

static int
fill(const struct form *form, struct text lines, struct phrase *text,
    struct form_fault *fault)
{
	struct filling_given given[FORM_FIELDS_MAX];
	uint8_t bytes[FORM_TEXT_BYTES_MAX];
	struct filling filling;
	struct writer w;
	size_t count;

	buf_write(&w, bytes, sizeof(bytes));
	if (take_given(lines, given, &count) != OK) {
		snprintf(fault->why, sizeof(fault->why),
		    "there are more fields than any form has");
		return ERR_FORMAT;
	}
	if (filling_compose(&w, form, given, count, fault) != OK)
		return ERR_FORMAT;
	/* In NFC a value may be longer than it was. */
	if (phrase_text(text, (struct text){ (const char *)bytes, w.len },
		sizeof(bytes)) != OK) {
		snprintf(fault->why, sizeof(fault->why),
		    "the fields must be UTF-8");
		return ERR_FORMAT;
	}
	return filling_read(&filling, form, text->data, text->len, fault);
}

int
formed_fill(struct keeper *keeper, const struct post_line *line,
    uint64_t number, struct text lines, struct phrase *text,
    char why[FORM_SAY_BYTES_MAX])
{
	struct form_fault fault = { .line = 0 };
	struct formed formed;
	struct pact pact;
	int rc;

	rc = number > FORM_NUMBER_MAX
	    ? ERR_NOT_FOUND
	    : pact_find_form(keeper, line->id, (uint32_t)number, &pact);
	if (rc == ERR_NOT_FOUND)
		snprintf(why, FORM_SAY_BYTES_MAX,
		    "There is no form %" PRIu64
		    " on the line to %s; nothing was sent. "
		    "`quietline form list LINE` shows them.",
		    number, line->name);
	if (rc != OK)
		return rc;
	if (pact.state != PACT_AGREED) {
		snprintf(why, FORM_SAY_BYTES_MAX,
		    "Form %" PRIu64
		    " is %s; nothing was sent. Both sides must agree to "
		    "a form before it is used.",
		    number, word_name(&pact_states, pact.state));
		return ERR_STATE;
	}
	if (formed_load(keeper, &pact, &formed) != OK)
		return ERR_IO;
	rc = fill(&formed.form, lines, text, &fault);
	if (rc != OK)
		snprintf(why, FORM_SAY_BYTES_MAX,
		    "Nothing was sent: %s. `quietline form show` says what "
		    "form %" PRIu64 " takes.",
		    fault.why, number);
	formed_free(&formed);
	return rc;
}
