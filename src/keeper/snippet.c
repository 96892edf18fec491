#include "keeper/snippet.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

bool
snippet_is(struct text a, struct text b)
{
	return a.len == b.len &&
	    (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool
snippet_is_word(struct text text, const char *word)
{
	return snippet_is(text, (struct text){ word, strlen(word) });
}

bool
snippet_starts(struct text text, const char *start)
{
	const size_t len = strlen(start);

	return text.len >= len && memcmp(text.data, start, len) == 0;
}

bool
snippet_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

struct text
snippet_from(struct text text, size_t at)
{
	/* Nothing has no place to count from. */
	return at == 0 ? text : (struct text){ text.data + at, text.len - at };
}

struct text
snippet_trim(struct text text)
{
	while (text.len > 0 && text.data[0] == ' ')
		text = snippet_from(text, 1);
	while (text.len > 0 && text.data[text.len - 1] == ' ')
		text.len--;
	return text;
}

struct text
snippet_cut(struct text text, char mark, struct text *rest)
{
	const char *end =
	    text.len > 0 ? memchr(text.data, mark, text.len) : NULL;
	struct text first = text;

	if (end == NULL) {
		*rest = snippet_from(text, text.len);
		return first;
	}
	first.len = (size_t)(end - text.data);
	*rest = snippet_from(text, first.len + 1);
	return first;
}

struct text
snippet_head(struct text text, size_t most)
{
	uint32_t character;
	size_t len = 0, step = 0;

	do {
		len += step;
		step = utf8_next(&character, text.data + len, text.len - len);
	} while (step > 0 && len + step <= most);
	return (struct text){ text.data, len };
}

size_t
snippet_find_sly(struct text text, bool lines)
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
