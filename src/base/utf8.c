#include "base/utf8.h"

/* Sets how long the form that lead starts is, and its least value. */
static size_t
form(unsigned char lead, uint32_t *value, uint32_t *least)
{
	if (lead < 0x80) {
		*value = lead;
		*least = 0;
		return 1;
	}
	if (lead >= 0xc2 && lead <= 0xdf) {
		*value = lead & 0x1fu;
		*least = 0x80;
		return 2;
	}
	if (lead >= 0xe0 && lead <= 0xef) {
		*value = lead & 0x0fu;
		*least = 0x800;
		return 3;
	}
	if (lead >= 0xf0 && lead <= 0xf4) {
		*value = lead & 0x07u;
		*least = 0x10000;
		return 4;
	}
	return 0;
}

size_t
utf8_next(uint32_t *character, const char *text, size_t len)
{
	uint32_t value = 0;
	uint32_t least = 0;
	size_t bytes;

	*character = 0;
	if (len == 0)
		return 0;
	bytes = form((unsigned char)text[0], &value, &least);
	if (bytes == 0 || bytes > len)
		return 0;
	for (size_t i = 1; i < bytes; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (c & 0x3fu);
	}
	if (value < least || value > 0x10ffff ||
	    (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*character = value;
	return bytes;
}

bool
utf8_is_valid(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len) {
		uint32_t character;
		size_t bytes = utf8_next(&character, text + i, len - i);

		if (bytes == 0)
			return false;
		i += bytes;
	}
	return true;
}

bool
utf8_is_sly(uint32_t character)
{
	static const struct {
		uint32_t first, last;
	} sly[] = {
		{ 0x00, 0x08 }, { 0x0b, 0x1f }, { 0x7f, 0x9f },
		{ 0xad, 0xad },	    /* soft hyphen */
		{ 0x061c, 0x061c }, /* Arabic letter mark */
		{ 0x115f, 0x1160 }, /* Hangul fillers */
		{ 0x180e, 0x180e }, /* Mongolian vowel separator */
		{ 0x200b, 0x200b }, /* zero width space; joiners are letters' */
		{ 0x200e, 0x200f }, /* direction marks */
		{ 0x2028, 0x202e }, /* separators, embeddings, overrides */
		{ 0x2060, 0x206f }, /* word joiner to digit shapes; isolates */
		{ 0x3164, 0x3164 }, /* Hangul filler */
		{ 0xfeff, 0xfeff }, /* byte order mark */
		{ 0xfff9, 0xfffb }, /* annotations */
		{ 0xe0000, 0xe007f }, /* tags */
	};

	for (size_t i = 0; i < sizeof(sly) / sizeof(sly[0]); i++)
		if (character >= sly[i].first && character <= sly[i].last)
			return true;
	return false;
}
