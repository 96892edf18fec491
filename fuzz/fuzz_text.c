/* The small decoders of text, one named by the first byte: what each takes means
 * the same when it is written and read again. */
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/hex.h"
#include "base/utf8.h"
#include "core/cadence.h"
#include "core/card.h"
#include "core/words.h"
#include "proc/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_BYTES = 512 };

static void
check(bool holds)
{
	if (!holds)
		abort();
}

static void
try_base64(const char *text, size_t len)
{
	uint8_t bytes[TEXT_BYTES];
	char again[2 * TEXT_BYTES];
	size_t count;

	if (base64_decode(bytes, sizeof(bytes), &count, text, len) != OK)
		return;
	check(base64_text_bytes(count) == len + 1);
	base64_encode(again, bytes, count);
	check(memcmp(again, text, len) == 0 && again[len] == '\0');
}

static void
try_hex(const char *text, size_t len)
{
	uint8_t bytes[TEXT_BYTES], twice[TEXT_BYTES];
	char again[TEXT_BYTES + 1];

	if (hex_decode(bytes, len / 2, text) != OK)
		return;
	check(len % 2 == 0);
	hex_encode(again, bytes, len / 2);
	check(hex_decode(twice, len / 2, again) == OK);
	check(memcmp(bytes, twice, len / 2) == 0);
}

/* Character by character the same verdict as of the whole. */
static void
try_utf8(const char *text, size_t len)
{
	size_t at = 0, step;
	uint32_t character;

	while (at < len &&
	    (step = utf8_next(&character, text + at, len - at)) != 0) {
		check(step <= 4 && step <= len - at && character <= 0x10ffff);
		(void)utf8_is_sly(character);
		at += step;
	}
	check(utf8_is_valid(text, len) == (at == len));
}

static void
try_words(const char *text)
{
	uint8_t value, again;

	if (words_value(&value, text) != OK)
		return;
	check(words_value(&again, words_text(value)) == OK);
	check(value == again);
}

static void
try_cadence(const char *text)
{
	char again[CADENCE_TEXT_BYTES];
	struct cadence cadence, twice;

	if (cadence_parse(&cadence, text) != OK)
		return;
	check(cadence_check(cadence) == OK);
	cadence_format(again, cadence);
	check(cadence_parse(&twice, again) == OK);
	check(cadence.frame_bytes == twice.frame_bytes &&
	    cadence.slot_us == twice.slot_us);
}

static void
try_address(const char *text, size_t len)
{
	char host[ADDRESS_HOST_BYTES], again[ADDRESS_TEXT_BYTES];
	struct address address, twice;
	struct origin origin;
	uint16_t port;

	if (address_split(host, &port, (struct text){ text, len }) == OK)
		check(port != 0 && strlen(host) < sizeof(host));
	if (address_parse(&address, (struct text){ text, len }) != OK)
		return;
	address_format(again, &address);
	check(
	    address_parse(&twice, (struct text){ again, strlen(again) }) == OK);
	address_to_origin(&origin, &address);
	check(address_from_origin(&twice, &origin) == OK);
}

/* Bytes in place of an origin. */
static void
try_origin(const char *text, size_t len)
{
	struct address address;
	struct origin origin = { .len = 0 }, again;

	if (len > sizeof(origin.bytes))
		return;
	memcpy(origin.bytes, text, len);
	origin.len = (uint8_t)len;
	if (address_from_origin(&address, &origin) != OK)
		return;
	check(address.len <= sizeof(address.at));
	address_to_origin(&again, &address);
	check(again.len == origin.len);
}

/* A card's name and endpoint: on one line, and nothing sly in it. */
static void
try_card(const char *text, size_t len)
{
	if (card_check_name(text, len) == OK)
		check(len > 0 && len <= CARD_NAME_BYTES_MAX &&
		    utf8_is_valid(text, len) &&
		    memchr(text, '\n', len) == NULL);
	if (card_check_endpoint(text, len) == OK && len > 0)
		check(
		    memchr(text, ':', len) != NULL && utf8_is_valid(text, len));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;
	size_t len;

	if (size < 1 || size > TEXT_BYTES)
		return 0;
	/* To its size, so that a byte too far is seen. */
	len = size - 1;
	if ((text = malloc(len + 1)) == NULL)
		return 0;
	memcpy(text, data + 1, len);
	text[len] = '\0';
	switch (data[0] % 8) {
	case 0:
		try_base64(text, len);
		break;
	case 1:
		try_hex(text, strlen(text));
		break;
	case 2:
		try_utf8(text, len);
		break;
	case 3:
		try_words(text);
		break;
	case 4:
		try_cadence(text);
		break;
	case 5:
		try_address(text, len);
		break;
	case 6:
		try_origin(text, len);
		break;
	default:
		try_card(text, len);
		break;
	}
	free(text);
	return 0;
}
