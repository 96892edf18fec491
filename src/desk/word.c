#include "desk/word.h"

#include <stdio.h>
#include <string.h>

#include "core/event.h"

#define LIST(words) \
	{ \
		words, sizeof(words) / sizeof((words)[0]) \
	}

static const char *const precedences[] = {
	"routine",
	"priority",
	"immediate",
	"flash",
};
static const char *const accepts[] = { "text", "images", "any" };
static const char *const marks[] = {
	"none",
	"you only",
	"principal",
	"in substance",
	"may be quoted",
};
static const char *const watches[] = {
	[WATCH_UNKNOWN] = "unknown",
	[WATCH_ON] = "on",
	[WATCH_OFF] = "off",
	[WATCH_DECLINED] = "declined",
};
static const char *const posts[] = {
	[POST_OPEN] = "open",
	[POST_LOCKED] = "locked",
	[POST_SEALED] = "sealed",
};
static const char *const stores[] = {
	[STORE_WELL] = "well",
	[STORE_NEARLY_FULL] = "nearly full",
	[STORE_FULL] = "full",
};

const struct word_list word_precedence = LIST(precedences);
const struct word_list word_accept = LIST(accepts);
const struct word_list word_mark = LIST(marks);
const struct word_list word_watch = LIST(watches);
const struct word_list word_post = LIST(posts);
const struct word_list word_store = LIST(stores);

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
