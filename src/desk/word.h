/* Owns the words that the API uses for choices. */
#ifndef DESK_WORD_H
#define DESK_WORD_H

#include <stddef.h>

struct word_list {
	const char *const *words;
	size_t count;
};

extern const struct word_list word_precedence; /* routine ... flash */
extern const struct word_list word_accept;     /* text, images, any */
/* As struct request numbers them; 0 is "none". */
extern const struct word_list word_mark;
extern const struct word_list word_watch; /* enum watch_state */
extern const struct word_list word_post;  /* enum post_state */
extern const struct word_list word_store; /* enum store_state */

/* The word's number, or -1. */
int word_find(const struct word_list *list, const char *word);
/* The number's word; "unknown" out of the list. */
const char *word_name(const struct word_list *list, size_t number);
/* Writes "a, b or c" into text, cut to cap bytes. */
void word_choice(const struct word_list *list, char *text, size_t cap);

#endif
