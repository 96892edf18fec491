/* A form as anybody may write it, and behind a NUL what is said to be filled in:
 * whatever is taken is written and read again as it was, and is shown within its
 * bounds, with nothing in it that no reader sees. */
#include <assert.h>
#include <string.h>

#include "base/utf8.h"
#include "keeper/filling.h"
#include "keeper/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const size_t all[FORM_LANGUAGES_MAX] = { 0, 1, 2, 3, 4, 5, 6, 7 };

static void
check_tame(const char *text, size_t len)
{
	uint32_t character;
	size_t step;

	for (size_t at = 0; at < len; at += step) {
		step = utf8_next(&character, text + at, len - at);
		assert(step > 0 && !utf8_is_sly(character));
	}
}

static void
try_written(const struct form *form)
{
	static uint8_t out[2 * FORM_TEXT_BYTES_MAX];
	static uint8_t again[2 * FORM_TEXT_BYTES_MAX];
	struct form_fault fault;
	struct form other;
	struct writer w, v;

	buf_write(&w, out, sizeof(out));
	form_write(&w, form, all, form->languages);
	assert(buf_is_sound(&w));
	if (w.len > FORM_TEXT_BYTES_MAX)
		return; /* spaces that were left out are back */
	assert(form_parse(&other, (const char *)out, w.len, &fault) == OK);
	buf_write(&v, again, sizeof(again));
	form_write(&v, &other, all, other.languages);
	assert(v.len == w.len && memcmp(again, out, w.len) == 0);
}

static void
try_filled(const struct form *form, const char *message, size_t len)
{
	static uint8_t out[FORM_SAID_BYTES_MAX];
	struct filling filling;
	struct form_fault fault;
	struct writer w;

	if (filling_read(&filling, form, message, len, &fault) != OK)
		return;
	for (size_t i = 0; i < form->languages; i++) {
		const struct form_words *words = &form->words[i];

		buf_write(&w, out, sizeof(out));
		filling_render(&w, form, words, words->title, &filling);
		assert(buf_is_sound(&w));
		check_tame((const char *)out, w.len);
		buf_write(&w, out, sizeof(out));
		filling_render(&w, form, words, words->text, &filling);
		assert(buf_is_sound(&w));
		check_tame((const char *)out, w.len);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size > 0 ? memchr(data, '\0', size) : NULL;
	const size_t len = end != NULL ? (size_t)(end - data) : size;
	struct form_fault fault;
	struct form form;

	if (form_parse(&form, (const char *)data, len, &fault) != OK) {
		assert(strlen(fault.why) > 0);
		return 0;
	}
	try_written(&form);
	if (end != NULL)
		try_filled(&form, (const char *)end + 1, size - len - 1);
	return 0;
}
