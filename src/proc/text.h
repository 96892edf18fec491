/* Owns what a text is where it travels between the rooms. */
#ifndef PROC_TEXT_H
#define PROC_TEXT_H

#include <stddef.h>

/* UTF-8, not terminated, lent for the call; len 0 with data NULL is absent. */
struct text {
	const char *data;
	size_t len;
};

/* A reference and its NUL: "them/p18446744073709551615". */
enum { REQUEST_REF_BYTES = 48 };

#endif
