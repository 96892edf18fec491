/* Owns the text that a command is given. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <stdbool.h>

/*
 * A copy of an argument, or of all of standard input where it is "-"; NULL where
 * it is NULL.  The caller frees.  False, after having said why, where it cannot be
 * read or is no text.
 */
bool input_text(const char *argument, char **text);

#endif
