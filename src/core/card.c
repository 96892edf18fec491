#include "core/card.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "base/wipe.h"

static const char proof_label[] = "quietline/v1 card";
static const char tcp_prefix[] = "tcp:";

enum card_layout {
	CARD_PROOF_AT = 73,
	/* Fields, both lengths, both texts at their longest. */
	CARD_FIELDS_BYTES_MAX =
	    153 + 1 + CARD_NAME_BYTES_MAX + 1 + CARD_ENDPOINT_BYTES_MAX,
	ENDPOINT_HOST_BYTES_MAX = 253, /* of a DNS name */
	ENDPOINT_PORT_DIGITS_MAX = 5,
};

_Static_assert((int)CARD_FIELDS_BYTES_MAX <= (int)CARD_BYTES,
    "a card holds its fields");

int
card_check_name(const char *name, size_t len)
{
	uint32_t character;
	size_t at, step;

	if (len == 0 || len > CARD_NAME_BYTES_MAX)
		return ERR_SIZE;
	if (name[0] == ' ' || name[len - 1] == ' ')
		return ERR_FORMAT;
	for (at = 0; at < len; at += step) {
		step = utf8_next(&character, name + at, len - at);
		if (step == 0 || utf8_is_sly(character))
			return ERR_FORMAT;
		/* A name stands on one line. */
		if (character == '\n' || character == '\t')
			return ERR_FORMAT;
	}
	return OK;
}

static bool
is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z');
}

static bool
is_host(const char *host, size_t len)
{
	size_t i;

	if (len == 0 || len > ENDPOINT_HOST_BYTES_MAX)
		return false;
	if (!is_alphanumeric(host[0]) || !is_alphanumeric(host[len - 1]))
		return false;
	for (i = 0; i < len; i++) {
		if (!is_alphanumeric(host[i]) && host[i] != '-' &&
		    host[i] != '.')
			return false;
		if (host[i] == '.' && host[i - 1] == '.')
			return false;
	}
	return true;
}

static bool
is_ipv6(const char *address, size_t len)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr parsed;

	if (len >= sizeof(text))
		return false;
	memcpy(text, address, len);
	text[len] = '\0';
	return inet_pton(AF_INET6, text, &parsed) == 1;
}

static bool
is_port(const char *port, size_t len)
{
	unsigned int value = 0;
	size_t i;

	if (len == 0 || len > ENDPOINT_PORT_DIGITS_MAX || port[0] == '0')
		return false;
	for (i = 0; i < len; i++) {
		if (port[i] < '0' || port[i] > '9')
			return false;
		value = value * 10 + (unsigned int)(port[i] - '0');
	}
	return value <= UINT16_MAX;
}

bool
card_is_tcp(const char *endpoint, size_t len)
{
	return len >= strlen(tcp_prefix) &&
	    memcmp(endpoint, tcp_prefix, strlen(tcp_prefix)) == 0;
}

const char *
card_host(const char *endpoint)
{
	return card_is_tcp(endpoint, strlen(endpoint))
	    ? endpoint + strlen(tcp_prefix)
	    : endpoint;
}

int
card_check_endpoint(const char *endpoint, size_t len)
{
	const char *colon;
	size_t host_len;

	if (len == 0)
		return OK;
	if (len > CARD_ENDPOINT_BYTES_MAX)
		return ERR_SIZE;
	if (card_is_tcp(endpoint, len)) {
		endpoint += strlen(tcp_prefix);
		len -= strlen(tcp_prefix);
	}
	if (memchr(endpoint, '\0', len) != NULL)
		return ERR_FORMAT;
	colon = memrchr(endpoint, ':', len);
	if (colon == NULL)
		return ERR_FORMAT;
	host_len = (size_t)(colon - endpoint);
	if (!is_port(colon + 1, len - host_len - 1))
		return ERR_FORMAT;
	if (host_len > 2 && endpoint[0] == '[' && endpoint[host_len - 1] == ']')
		return is_ipv6(endpoint + 1, host_len - 2) ? OK : ERR_FORMAT;
	return is_host(endpoint, host_len) ? OK : ERR_FORMAT;
}

int
card_check_terms(uint32_t frame_bytes, uint32_t slot_us, uint32_t accept)
{
	if (frame_bytes < FRAME_BYTES_MIN || frame_bytes > FRAME_BYTES_MAX)
		return ERR_LIMIT;
	if (slot_us < SLOT_US_MIN || slot_us > SLOT_US_MAX)
		return ERR_LIMIT;
	return accept < ACCEPT_COUNT ? OK : ERR_LIMIT;
}

void
card_encode(uint8_t bytes[CARD_BYTES], const struct card *card,
    const uint8_t signing_secret[PROOF_SECRET_BYTES], struct rng rng)
{
	const size_t name_len = strlen(card->name);
	const size_t endpoint_len = strlen(card->endpoint);
	uint8_t proof[PROOF_BYTES];
	struct writer w;

	assert(card_check_name(card->name, name_len) == OK);
	assert(card_check_endpoint(card->endpoint, endpoint_len) == OK);
	assert(card_check_terms(card->frame_bytes, card->slot_us,
		   (uint32_t)card->accept) == OK);

	buf_write(&w, bytes, CARD_BYTES);
	buf_put_u8(&w, CARD_VERSION);
	buf_put_u8(&w, (uint8_t)card->role);
	buf_put_u8(&w, (uint8_t)card->accept);
	buf_put_u16(&w, card->frame_bytes);
	buf_put_u32(&w, card->slot_us);
	buf_put_bytes(&w, card->dh_public, sizeof(card->dh_public));
	buf_put_bytes(&w, card->signing_public, sizeof(card->signing_public));
	assert(w.len == CARD_PROOF_AT);
	buf_put_zeros(&w, PROOF_BYTES);
	buf_put_bytes(&w, card->nonce, sizeof(card->nonce));
	buf_put_u8(&w, (uint8_t)name_len);
	buf_put_bytes(&w, card->name, name_len);
	buf_put_u8(&w, (uint8_t)endpoint_len);
	buf_put_bytes(&w, card->endpoint, endpoint_len);
	buf_put_zeros(&w, buf_room(&w));
	assert(buf_is_sound(&w));

	proof_sign(proof, signing_secret, proof_label, bytes, CARD_BYTES, rng);
	memcpy(bytes + CARD_PROOF_AT, proof, sizeof(proof));
}

static int
decode_texts(struct card *card, struct reader *r)
{
	size_t len;
	int rc;

	len = buf_get_u8(r);
	buf_get_bytes(r, card->name, len);
	if ((rc = card_check_name(card->name, len)) != OK)
		return rc;
	len = buf_get_u8(r);
	buf_get_bytes(r, card->endpoint, len);
	return card_check_endpoint(card->endpoint, len);
}

static int
decode_fields(struct card *card, struct reader *r)
{
	uint8_t role, accept;
	int rc;

	if (buf_get_u8(r) != CARD_VERSION)
		return ERR_VERSION;
	role = buf_get_u8(r);
	if (role != ROLE_A && role != ROLE_B)
		return ERR_FORMAT;
	card->role = (enum line_role)role;
	accept = buf_get_u8(r);
	card->frame_bytes = buf_get_u16(r);
	card->slot_us = buf_get_u32(r);
	rc = card_check_terms(card->frame_bytes, card->slot_us, accept);
	if (rc != OK)
		return rc;
	card->accept = (enum accept)accept;
	buf_get_bytes(r, card->dh_public, sizeof(card->dh_public));
	buf_get_bytes(r, card->signing_public, sizeof(card->signing_public));
	buf_get_bytes(r, card->proof, sizeof(card->proof));
	buf_get_bytes(r, card->nonce, sizeof(card->nonce));
	if ((rc = decode_texts(card, r)) != OK)
		return rc;
	/* One card has one form: what is left over is zero. */
	while (buf_left(r) > 0)
		if (buf_get_u8(r) != 0)
			return ERR_FORMAT;
	return buf_is_spent(r);
}

int
card_decode(struct card *card, const uint8_t bytes[CARD_BYTES])
{
	uint8_t bare[CARD_BYTES];
	struct reader r;
	int rc;

	memset(card, 0, sizeof(*card));
	buf_read(&r, bytes, CARD_BYTES);
	if ((rc = decode_fields(card, &r)) != OK)
		goto out;
	memcpy(bare, bytes, sizeof(bare));
	memset(bare + CARD_PROOF_AT, 0, PROOF_BYTES);
	rc = proof_verify(card->proof, card->signing_public, proof_label, bare,
	    sizeof(bare));
out:
	if (rc != OK)
		wipe(card, sizeof(*card));
	return rc;
}

bool
card_accepts(enum accept accept, const char *type, size_t len)
{
	static const char image[] = "image/";

	switch (accept) {
	case ACCEPT_TEXT:
		return false;
	case ACCEPT_IMAGES:
		return len > strlen(image) &&
		    memcmp(type, image, strlen(image)) == 0;
	case ACCEPT_ANY:
		return true;
	case ACCEPT_COUNT:
		break;
	}
	return false;
}
