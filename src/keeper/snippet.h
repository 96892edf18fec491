/* Owns cutting a text into pieces and telling them from each other. */
#ifndef KEEPER_SNIPPET_H
#define KEEPER_SNIPPET_H

#include <stdbool.h>
#include <stddef.h>

#include "proc/text.h"

/* By its bytes: is it that text, that word, does it start so, is it a digit? */
bool snippet_is(struct text a, struct text b);
bool snippet_is_word(struct text text, const char *word);
bool snippet_starts(struct text text, const char *start);
bool snippet_is_digit(char c);

/* All from that byte on. */
struct text snippet_from(struct text text, size_t at);
/* Without the spaces around it. */
struct text snippet_trim(struct text text);
/* What stands before the first `mark`, or all of it; *rest: what stands behind
 * that. */
struct text snippet_cut(struct text text, char mark, struct text *rest);

/* Its first characters, whole ones, of at most so many bytes. */
struct text snippet_head(struct text text, size_t most);

/* The byte at which a text is not UTF-8, or has what no reader sees, or what turns
 * the direction of reading, or a tab, or (where lines is false) a line's end;
 * text.len: none. */
size_t snippet_find_sly(struct text text, bool lines);

#endif
