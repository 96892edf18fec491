#include "base/base64.h"

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* -1 where c is no digit. */
static int
digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

size_t
base64_text_bytes(size_t len)
{
	return (len + 2) / 3 * 4 + 1;
}

void
base64_encode(char *text, const void *bytes, size_t len)
{
	const uint8_t *b = bytes;

	for (size_t i = 0; i < len; i += 3) {
		uint32_t group = (uint32_t)b[i] << 16;

		if (i + 1 < len)
			group |= (uint32_t)b[i + 1] << 8;
		if (i + 2 < len)
			group |= b[i + 2];
		*text++ = digits[group >> 18];
		*text++ = digits[group >> 12 & 63];
		*text++ = i + 1 < len ? digits[group >> 6 & 63] : '=';
		*text++ = i + 2 < len ? digits[group & 63] : '=';
	}
	*text = '\0';
}

/* One group of four into at most three bytes; pad is 0, 1 or 2. */
static int
decode_group(uint8_t out[3], const char *text, size_t pad)
{
	uint32_t group = 0;

	for (size_t i = 0; i < 4; i++) {
		int value = i >= 4 - pad ? 0 : digit_value(text[i]);

		if (value < 0)
			return ERR_FORMAT;
		group = group << 6 | (uint32_t)value;
	}
	/* Unused bits would give one value several texts. */
	if ((pad == 1 && (group & 0xff) != 0) ||
	    (pad == 2 && (group & 0xffff) != 0))
		return ERR_FORMAT;
	out[0] = (uint8_t)(group >> 16);
	out[1] = (uint8_t)(group >> 8);
	out[2] = (uint8_t)group;
	return OK;
}

int
base64_decode(uint8_t *bytes, size_t cap, size_t *len, const char *text,
    size_t text_len)
{
	size_t used = 0;

	*len = 0;
	if (text_len % 4 != 0)
		return ERR_FORMAT;
	for (size_t i = 0; i < text_len; i += 4) {
		uint8_t out[3];
		size_t pad = 0;
		int rc;

		if (i + 4 == text_len && text[i + 3] == '=')
			pad = text[i + 2] == '=' ? 2 : 1;
		if ((rc = decode_group(out, text + i, pad)) != OK)
			return rc;
		if (cap - used < 3 - pad)
			return ERR_SIZE;
		for (size_t j = 0; j < 3 - pad; j++)
			bytes[used++] = out[j];
	}
	*len = used;
	return OK;
}
