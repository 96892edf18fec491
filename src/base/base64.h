/* Owns base64 text (RFC 4648, section 4: padded, one form for each value). */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Bytes that encoding len bytes takes, NUL included. */
size_t base64_text_bytes(size_t len);
/* Writes base64_text_bytes(len) bytes to text. */
void base64_encode(char *text, const void *bytes, size_t len);
/*
 * Reads text_len characters into bytes, which hold cap, and sets *len.  OK;
 * ERR_FORMAT for anything but whole, padded groups whose unused bits are zero;
 * ERR_SIZE where cap is too small.
 */
MUST_CHECK int base64_decode(uint8_t *bytes, size_t cap, size_t *len,
    const char *text, size_t text_len);

#endif
