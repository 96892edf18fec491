#include "base/hex.h"

#include <string.h>

/* The digit's value, or -1. */
static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

void
hex_encode(char *text, const void *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *src = bytes;

	for (size_t i = 0; i < len; i++) {
		*text++ = digits[src[i] >> 4];
		*text++ = digits[src[i] & 15];
	}
	*text = '\0';
}

int
hex_decode(void *bytes, size_t len, const char *text)
{
	uint8_t *dst = bytes;

	for (size_t i = 0; i < len; i++) {
		int high = digit_value(text[2 * i]);
		/* Never looks past a NUL in the first place. */
		int low = high < 0 ? -1 : digit_value(text[2 * i + 1]);

		if (low < 0)
			goto refuse;
		dst[i] = (uint8_t)(high << 4 | low);
	}
	if (text[2 * len] == '\0')
		return OK;
refuse:
	if (len > 0)
		memset(bytes, 0, len);
	return ERR_FORMAT;
}
