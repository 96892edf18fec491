#include "core/ticket.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/wipe.h"
#include "core/card.h"
#include "crypto/hash.h"
#include "crypto/kdf.h"

enum {
	TICKET_VERSION = 1,
	TICKET_CHECK_BYTES = 4,
	/* version, id, mask, key: what the check is made of, with the endpoint. */
	TICKET_CHECKED_BYTES = 1 + TICKET_ID_BYTES + 2 * SHORT_KEY_BYTES,
	TICKET_BYTES = TICKET_CHECKED_BYTES + TICKET_CHECK_BYTES,
	/* Whole groups of three: base64 without padding. */
	TICKET_DIGITS = TICKET_BYTES / 3 * 4,
	/* number(31) leg(1) frame bytes(11) slot(21). */
	ID_SLOT_BITS = 21,
	ID_FRAME_BITS = 11,
	/* What of a frame a token is made of: its random beginning, and its
	 * seal's end. */
	FRAME_HEAD_BYTES = FRAME_NONCE_BYTES,
	FRAME_TAIL_BYTES = FRAME_TAG_BYTES,
};

static const char prefix[] = "quietline-ticket:";
enum { PREFIX_BYTES = sizeof(prefix) - 1 };

_Static_assert(TICKET_BYTES % 3 == 0, "no padding");
_Static_assert(FRAME_BYTES_MAX < 1 << ID_FRAME_BITS &&
	SLOT_US_MAX < 1 << ID_SLOT_BITS,
    "any cadence stands in an id");
_Static_assert(PREFIX_BYTES + CARD_ENDPOINT_BYTES_MAX + 1 + TICKET_DIGITS + 1 <=
	TICKET_TEXT_BYTES,
    "a ticket of the longest endpoint");

/* ---- ids */

int
ticket_encode_id(uint8_t id[TICKET_ID_BYTES], const struct ticket_id *is)
{
	struct writer w;
	uint64_t packed;

	if (is->number > TICKET_NUMBER_MAX || is->leg >= TICKET_LEGS ||
	    cadence_check(is->cadence) != OK)
		return ERR_LIMIT;
	packed = is->number;
	packed = packed << 1 | is->leg;
	packed = packed << ID_FRAME_BITS | is->cadence.frame_bytes;
	packed = packed << ID_SLOT_BITS | is->cadence.slot_us;
	buf_write(&w, id, TICKET_ID_BYTES);
	buf_put_u64(&w, packed);
	return OK;
}

int
ticket_decode_id(struct ticket_id *is, const uint8_t id[TICKET_ID_BYTES])
{
	const uint64_t frame_mask = (1u << ID_FRAME_BITS) - 1;
	const uint64_t slot_mask = (1u << ID_SLOT_BITS) - 1;
	struct reader r;
	uint64_t packed;

	buf_read(&r, id, TICKET_ID_BYTES);
	packed = buf_get_u64(&r);
	is->cadence.slot_us = (uint32_t)(packed & slot_mask);
	packed >>= ID_SLOT_BITS;
	is->cadence.frame_bytes = (uint16_t)(packed & frame_mask);
	packed >>= ID_FRAME_BITS;
	is->leg = packed & 1;
	is->number = (uint32_t)(packed >> 1);
	return cadence_check(is->cadence) == OK ? OK : ERR_FORMAT;
}

/* ---- tokens */

static void
mask_id(uint8_t out[TICKET_ID_BYTES], const uint8_t in[TICKET_ID_BYTES],
    const uint8_t mask[SHORT_KEY_BYTES], const uint8_t *frame)
{
	uint8_t pad[SHORT_BYTES];
	size_t i;

	short_tag(pad, mask, frame, FRAME_HEAD_BYTES);
	for (i = 0; i < TICKET_ID_BYTES; i++)
		out[i] = in[i] ^ pad[i];
}

static void
tag_frame(uint8_t tag[SHORT_BYTES], const uint8_t id[TICKET_ID_BYTES],
    const uint8_t key[SHORT_KEY_BYTES], const uint8_t *frame,
    size_t frame_bytes)
{
	uint8_t bytes[TICKET_ID_BYTES + FRAME_HEAD_BYTES + FRAME_TAIL_BYTES];

	memcpy(bytes, id, TICKET_ID_BYTES);
	memcpy(bytes + TICKET_ID_BYTES, frame, FRAME_HEAD_BYTES);
	memcpy(bytes + TICKET_ID_BYTES + FRAME_HEAD_BYTES,
	    frame + frame_bytes - FRAME_TAIL_BYTES, FRAME_TAIL_BYTES);
	short_tag(tag, key, bytes, sizeof(bytes));
}

void
ticket_seal(uint8_t token[TICKET_TOKEN_BYTES], const struct ticket *ticket,
    const uint8_t *frame)
{
	mask_id(token, ticket->id, ticket->mask, frame);
	tag_frame(token + TICKET_ID_BYTES, ticket->id, ticket->key, frame,
	    ticket->is.cadence.frame_bytes);
}

int
ticket_peek(uint8_t id[TICKET_ID_BYTES], struct ticket_id *is,
    const struct ticket_mint *mint, const uint8_t *datagram, size_t len)
{
	size_t frame_bytes;

	if (len < FRAME_BYTES_MIN + TICKET_TOKEN_BYTES ||
	    len > FRAME_BYTES_MAX + TICKET_TOKEN_BYTES)
		return ERR_SIZE;
	frame_bytes = len - TICKET_TOKEN_BYTES;
	mask_id(id, datagram + frame_bytes, mint->mask, datagram);
	if (ticket_decode_id(is, id) != OK)
		return ERR_FORMAT;
	return is->cadence.frame_bytes == frame_bytes ? OK : ERR_SIZE;
}

int
ticket_open(const uint8_t id[TICKET_ID_BYTES],
    const uint8_t key[SHORT_KEY_BYTES], const uint8_t *datagram, size_t len)
{
	uint8_t tag[SHORT_BYTES];

	assert(len >= FRAME_BYTES_MIN + TICKET_TOKEN_BYTES);
	tag_frame(tag, id, key, datagram, len - TICKET_TOKEN_BYTES);
	return wipe_equal(tag, datagram + len - SHORT_BYTES, SHORT_BYTES)
	    ? OK
	    : ERR_CRYPTO;
}

/* ---- the relay's secret */

void
ticket_mint_init(struct ticket_mint *mint,
    const uint8_t secret[TICKET_SECRET_BYTES])
{
	uint8_t derived[KDF_BYTES];

	memcpy(mint->secret, secret, TICKET_SECRET_BYTES);
	kdf(derived, secret, TICKET_SECRET_BYTES, KDF_RELAY_MASK, NULL, 0);
	memcpy(mint->mask, derived, SHORT_KEY_BYTES);
	wipe(derived, sizeof(derived));
}

void
ticket_mint_wipe(struct ticket_mint *mint)
{
	wipe(mint, sizeof(*mint));
}

void
ticket_key(uint8_t key[SHORT_KEY_BYTES], const struct ticket_mint *mint,
    const uint8_t id[TICKET_ID_BYTES])
{
	uint8_t derived[KDF_BYTES];

	kdf(derived, mint->secret, TICKET_SECRET_BYTES, KDF_RELAY_LEG, id,
	    TICKET_ID_BYTES);
	memcpy(key, derived, SHORT_KEY_BYTES);
	wipe(derived, sizeof(derived));
}

/* HOST:PORT alone: a ticket serves UDP and TCP, so it names neither. */
static bool
is_endpoint(const char *text, size_t len)
{
	if (len == 0 || card_check_endpoint(text, len) != OK)
		return false;
	return text[0] == '[' ||
	    memchr(text, ':', len) == memrchr(text, ':', len);
}

int
ticket_issue(struct ticket *ticket, const struct ticket_mint *mint,
    const struct ticket_id *is, const char *endpoint)
{
	const size_t len = strlen(endpoint);
	struct ticket made = { .is = *is };

	if (!is_endpoint(endpoint, len))
		return ERR_FORMAT;
	if (ticket_encode_id(made.id, is) != OK)
		return ERR_LIMIT;
	memcpy(made.endpoint, endpoint, len + 1);
	memcpy(made.mask, mint->mask, sizeof(made.mask));
	ticket_key(made.key, mint, made.id);
	*ticket = made;
	ticket_wipe(&made);
	return OK;
}

/* ---- the text */

/* Of the whole text before it, so that a mistyped host shows too. */
static void
make_check(uint8_t check[TICKET_CHECK_BYTES], const char *endpoint, size_t len,
    const uint8_t checked[TICKET_CHECKED_BYTES])
{
	const struct hash_part parts[] = {
		{ prefix, PREFIX_BYTES },
		{ endpoint, len },
		{ checked, TICKET_CHECKED_BYTES },
	};
	uint8_t hash[HASH_BYTES];

	hash_parts(hash, parts, sizeof(parts) / sizeof(parts[0]));
	memcpy(check, hash, TICKET_CHECK_BYTES);
}

/* The alphabet of URLs (RFC 4648, section 5), which no shell and no mail
 * program stumbles over. */
static void
swap_digits(char *digits, const char from[2], const char to[2])
{
	size_t i;

	for (i = 0; i < TICKET_DIGITS; i++) {
		if (digits[i] == from[0])
			digits[i] = to[0];
		else if (digits[i] == from[1])
			digits[i] = to[1];
	}
}

void
ticket_format(char text[TICKET_TEXT_BYTES], const struct ticket *ticket)
{
	const size_t len = strlen(ticket->endpoint);
	uint8_t bytes[TICKET_BYTES];
	struct writer w;
	char *digits;

	assert(is_endpoint(ticket->endpoint, len));
	buf_write(&w, bytes, sizeof(bytes));
	buf_put_u8(&w, TICKET_VERSION);
	buf_put_bytes(&w, ticket->id, sizeof(ticket->id));
	buf_put_bytes(&w, ticket->mask, sizeof(ticket->mask));
	buf_put_bytes(&w, ticket->key, sizeof(ticket->key));
	make_check(bytes + TICKET_CHECKED_BYTES, ticket->endpoint, len, bytes);

	memcpy(text, prefix, PREFIX_BYTES);
	memcpy(text + PREFIX_BYTES, ticket->endpoint, len);
	digits = text + PREFIX_BYTES + len;
	*digits++ = ':';
	base64_encode(digits, bytes, sizeof(bytes));
	swap_digits(digits, "+/", "-_");
	wipe(bytes, sizeof(bytes));
}

static int
decode_digits(uint8_t bytes[TICKET_BYTES], const char *digits)
{
	char plain[TICKET_DIGITS];
	size_t len;
	int rc;

	memcpy(plain, digits, sizeof(plain));
	/* Each value has one text. */
	if (memchr(plain, '+', sizeof(plain)) != NULL ||
	    memchr(plain, '/', sizeof(plain)) != NULL)
		return ERR_FORMAT;
	swap_digits(plain, "-_", "+/");
	rc = base64_decode(bytes, TICKET_BYTES, &len, plain, sizeof(plain));
	wipe(plain, sizeof(plain));
	return rc == OK && len == TICKET_BYTES ? OK : ERR_FORMAT;
}

static int
decode_bytes(struct ticket *ticket, const uint8_t bytes[TICKET_BYTES])
{
	uint8_t check[TICKET_CHECK_BYTES];
	struct reader r;

	make_check(check, ticket->endpoint, strlen(ticket->endpoint), bytes);
	if (memcmp(check, bytes + TICKET_CHECKED_BYTES, sizeof(check)) != 0)
		return ERR_FORMAT;
	buf_read(&r, bytes, TICKET_CHECKED_BYTES);
	if (buf_get_u8(&r) != TICKET_VERSION)
		return ERR_VERSION;
	buf_get_bytes(&r, ticket->id, sizeof(ticket->id));
	buf_get_bytes(&r, ticket->mask, sizeof(ticket->mask));
	buf_get_bytes(&r, ticket->key, sizeof(ticket->key));
	return ticket_decode_id(&ticket->is, ticket->id);
}

int
ticket_parse(struct ticket *ticket, const char *text, size_t len)
{
	struct ticket read = { .endpoint = "" };
	uint8_t bytes[TICKET_BYTES];
	size_t endpoint_len;
	int rc = ERR_FORMAT;

	*ticket = read;
	if (len < PREFIX_BYTES + 1 + TICKET_DIGITS ||
	    len >= TICKET_TEXT_BYTES || memcmp(text, prefix, PREFIX_BYTES) != 0)
		return ERR_FORMAT;
	text += PREFIX_BYTES;
	endpoint_len = len - PREFIX_BYTES - 1 - TICKET_DIGITS;
	if (text[endpoint_len] != ':' || !is_endpoint(text, endpoint_len))
		return ERR_FORMAT;
	memcpy(read.endpoint, text, endpoint_len);
	if (decode_digits(bytes, text + endpoint_len + 1) == OK &&
	    (rc = decode_bytes(&read, bytes)) == OK)
		*ticket = read;
	wipe(bytes, sizeof(bytes));
	ticket_wipe(&read);
	return rc;
}

void
ticket_wipe(struct ticket *ticket)
{
	wipe(ticket, sizeof(*ticket));
}
