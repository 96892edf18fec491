/* Owns telling UTF-8 from other bytes, and characters from each other. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decodes the character at text, of which len bytes are there, and returns how
 * many bytes it takes: 1 to 4, or 0 where there is none (too short, overlong,
 * a surrogate, over U+10FFFF, len 0).
 */
size_t utf8_next(uint32_t *character, const char *text, size_t len);

/* Valid as a whole; nothing at all is. */
bool utf8_is_valid(const char *text, size_t len);

/*
 * A character that must not reach a terminal or a reader's eye as it is: a
 * control (but not a line feed or a tab), a change of text direction, or one
 * without width or shape.
 */
bool utf8_is_sly(uint32_t character);

#endif
