/* Owns the words that the API uses for the choices of older requests. */
#ifndef DESK_WORD_H
#define DESK_WORD_H

#include "base/word.h"

extern const struct word_list word_accept; /* text, images, any */
extern const struct word_list word_watch;  /* enum watch_state */
extern const struct word_list word_post;   /* enum post_state */
extern const struct word_list word_store;  /* enum store_state */

#endif
