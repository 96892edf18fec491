/* Owns the check words: one list of 256, a word a byte. */
#ifndef CORE_WORDS_H
#define CORE_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum words_sizes {
	WORDS_COUNT = 256,
	WORDS_LETTERS_MIN = 4,
	WORDS_LETTERS_MAX = 7
};

/* The word of a byte: lower case, no two share their first four letters. */
const char *words_text(uint8_t value);
/* The byte of a word as a person types it: case does not matter, nor space
 * around it.  ERR_NOT_FOUND where it is not in the list. */
MUST_CHECK int words_value(uint8_t *value, const char *text);

#endif
