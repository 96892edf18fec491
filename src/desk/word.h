/* Owns the words that the API uses for the choices of older requests. */
#ifndef DESK_WORD_H
#define DESK_WORD_H

#include "base/word.h"

extern const struct word_list word_precedence; /* routine ... flash */
extern const struct word_list word_accept;     /* text, images, any */
/* As struct request numbers them; 0 is "none". */
extern const struct word_list word_mark;
extern const struct word_list word_watch; /* enum watch_state */
extern const struct word_list word_post;  /* enum post_state */
extern const struct word_list word_store; /* enum store_state */

#endif
