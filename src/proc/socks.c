/* Owns what is said to a SOCKS5 proxy (RFC 1928), as bytes. */
#include "proc/socks.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

enum {
	SOCKS_VERSION = 5,
	SOCKS_NO_PROOF = 0, /* neither name nor password */
	SOCKS_CONNECT = 1,
	SOCKS_GRANTED = 0,
};

enum socks_address { SOCKS_IPV4 = 1, SOCKS_NAME = 3, SOCKS_IPV6 = 4 };

enum { IPV4_BYTES = 4, IPV6_BYTES = 16, PORT_BYTES = 2, NAME_BYTES_MAX = 255 };

void
socks_encode_hello(struct writer *w)
{
	buf_put_u8(w, SOCKS_VERSION);
	buf_put_u8(w, 1); /* method */
	buf_put_u8(w, SOCKS_NO_PROOF);
}

int
socks_decode_choice(const uint8_t choice[SOCKS_CHOICE_BYTES])
{
	if (choice[0] != SOCKS_VERSION)
		return ERR_FORMAT;
	return choice[1] == SOCKS_NO_PROOF ? OK : ERR_DENIED;
}

static void
put_name(struct writer *w, const char *host)
{
	size_t len = strlen(host);

	if (len == 0 || len > NAME_BYTES_MAX) {
		w->failed = true;
		return;
	}
	buf_put_u8(w, SOCKS_NAME);
	buf_put_u8(w, (uint8_t)len);
	buf_put_bytes(w, host, len);
}

void
socks_encode_connect(struct writer *w, const char *host, uint16_t port)
{
	uint8_t address[IPV6_BYTES];

	buf_put_u8(w, SOCKS_VERSION);
	buf_put_u8(w, SOCKS_CONNECT);
	buf_put_u8(w, 0);
	if (inet_pton(AF_INET, host, address) == 1) {
		buf_put_u8(w, SOCKS_IPV4);
		buf_put_bytes(w, address, IPV4_BYTES);
	} else if (inet_pton(AF_INET6, host, address) == 1) {
		buf_put_u8(w, SOCKS_IPV6);
		buf_put_bytes(w, address, IPV6_BYTES);
	} else {
		put_name(w, host);
	}
	buf_put_u8(w, (uint8_t)(port >> 8));
	buf_put_u8(w, (uint8_t)port);
}

/* Bytes of the address where the proxy connects from: of no use to us. */
static int
find_address_bytes(uint8_t type, uint8_t first, size_t *bytes)
{
	switch (type) {
	case SOCKS_IPV4:
		*bytes = IPV4_BYTES;
		return OK;
	case SOCKS_NAME:
		*bytes = 1 + (size_t)first;
		return OK;
	case SOCKS_IPV6:
		*bytes = IPV6_BYTES;
		return OK;
	default:
		return ERR_FORMAT;
	}
}

int
socks_decode_reply(const uint8_t *reply, size_t len, size_t *need)
{
	struct reader r;
	uint8_t version, code, type;
	size_t bytes;
	int rc;

	*need = SOCKS_REPLY_BYTES_MIN;
	if (len < *need)
		return ERR_AGAIN;
	buf_read(&r, reply, len);
	version = buf_get_u8(&r);
	code = buf_get_u8(&r);
	(void)buf_get_u8(&r);
	type = buf_get_u8(&r);
	if (version != SOCKS_VERSION)
		return ERR_FORMAT;
	if (code != SOCKS_GRANTED)
		return ERR_DENIED;
	if ((rc = find_address_bytes(type, buf_get_u8(&r), &bytes)) != OK)
		return rc;
	*need = SOCKS_REPLY_BYTES_MIN - 1 + bytes + PORT_BYTES;
	assert(*need <= SOCKS_REPLY_BYTES_MAX);
	if (len < *need)
		return ERR_AGAIN;
	return len == *need ? OK : ERR_FORMAT;
}
