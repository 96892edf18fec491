/* Owns lists of words that stand for numbers. */
#ifndef BASE_WORD_H
#define BASE_WORD_H

#include <stddef.h>

/* The word at i means i. */
struct word_list {
	const char *const *words;
	size_t count;
};

/* Of an array of words. */
#define WORD_LIST(array) \
	{ \
		.words = (array), .count = sizeof(array) / sizeof((array)[0]) \
	}

/* The word's number, or -1. */
int word_find(const struct word_list *list, const char *word);
/* The number's word; "unknown" out of the list. */
const char *word_name(const struct word_list *list, size_t number);
/* Writes "a, b or c" into text, cut to cap bytes. */
void word_choice(const struct word_list *list, char *text, size_t cap);

#endif
