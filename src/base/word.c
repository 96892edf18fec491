#include "base/word.h"

#include <stdio.h>
#include <string.h>

int
word_find(const struct word_list *list, const char *word)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->words[i], word) == 0)
			return (int)i;
	return -1;
}

const char *
word_name(const struct word_list *list, size_t number)
{
	return number < list->count ? list->words[number] : "unknown";
}

void
word_choice(const struct word_list *list, char *text, size_t cap)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < list->count && used < cap; i++) {
		const char *before = i == 0 ? ""
		    : i + 1 == list->count  ? " or "
					    : ", ";
		int len = snprintf(text + used, cap - used, "%s%s", before,
		    list->words[i]);

		used += len > 0 ? (size_t)len : 0;
	}
}
