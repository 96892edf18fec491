#include "keeper/phrase.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/wipe.h"

static int
take(struct phrase *phrase, struct text words, size_t most,
    bool (*is_sound)(const char *data, size_t len))
{
	utf8proc_uint8_t *out = NULL;
	utf8proc_ssize_t len;

	*phrase = (struct phrase){ NULL, 0 };
	if (words.len == 0)
		return OK;
	if (words.len > most)
		return ERR_LIMIT;
	if (!is_sound(words.data, words.len))
		return ERR_FORMAT;
	len = utf8proc_map((const utf8proc_uint8_t *)words.data,
	    (utf8proc_ssize_t)words.len, &out,
	    UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	if (len < 0)
		return len == UTF8PROC_ERROR_NOMEM ? ERR_LIMIT : ERR_FORMAT;
	*phrase = (struct phrase){ (char *)out, (size_t)len };
	if (phrase->len <= most)
		return OK;
	phrase_wipe(phrase);
	return ERR_LIMIT;
}

int
phrase_text(struct phrase *phrase, struct text words, size_t most)
{
	return take(phrase, words, most, record_is_text);
}

int
phrase_label(struct phrase *phrase, struct text words, size_t most)
{
	return take(phrase, words, most, record_is_label);
}

static bool
is_seen(utf8proc_int32_t c)
{
	return utf8proc_category(c) != UTF8PROC_CATEGORY_CF &&
	    utf8proc_category(c) != UTF8PROC_CATEGORY_ZS &&
	    !utf8proc_get_property(c)->ignorable;
}

bool
phrase_is_plain(const struct phrase *phrase)
{
	const utf8proc_uint8_t *data = (const utf8proc_uint8_t *)phrase->data;
	utf8proc_int32_t c, before = ' ';

	for (size_t at = 0; at < phrase->len; before = c) {
		const utf8proc_ssize_t step = utf8proc_iterate(data + at,
		    (utf8proc_ssize_t)(phrase->len - at), &c);

		if (step <= 0 || (c == ' ' ? before == ' ' : !is_seen(c)))
			return false;
		at += (size_t)step;
	}
	return phrase->len == 0 || before != ' ';
}

void
phrase_wipe(struct phrase *phrase)
{
	if (phrase->data != NULL)
		wipe(phrase->data, phrase->len);
	free(phrase->data);
	*phrase = (struct phrase){ NULL, 0 };
}

struct record_text
phrase_said(const struct phrase *phrase)
{
	return (struct record_text){ phrase->data, phrase->len };
}
