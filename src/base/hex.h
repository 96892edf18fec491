/* Owns hexadecimal text. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Writes 2*len lower-case digits and a NUL to text (2*len + 1 bytes). */
void hex_encode(char *text, const void *bytes, size_t len);
/* Reads exactly 2*len digits of either case, then a NUL: OK or ERR_FORMAT;
 * bytes are zeroed on failure. */
MUST_CHECK int hex_decode(void *bytes, size_t len, const char *text);

#endif
