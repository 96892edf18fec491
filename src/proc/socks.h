/* Owns what is said to a SOCKS5 proxy (RFC 1928), as bytes. */
#ifndef PROC_SOCKS_H
#define PROC_SOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum socks_sizes {
	SOCKS_HELLO_BYTES = 3,
	SOCKS_CHOICE_BYTES = 2,
	/* version(1) command(1) 0(1) type(1) address(1+255) port(2) */
	SOCKS_CONNECT_BYTES_MAX = 262,
	SOCKS_REPLY_BYTES_MAX = 262,
	/* By these it is known how long a reply is. */
	SOCKS_REPLY_BYTES_MIN = 5,
};

/* We speak without a name and a password. */
void socks_encode_hello(struct writer *w);
/* OK, ERR_FORMAT for what is no SOCKS5, or ERR_DENIED: it wants more of us. */
MUST_CHECK int socks_decode_choice(const uint8_t choice[SOCKS_CHOICE_BYTES]);

/* Connect to host (a numeric address goes as one, anything else as a name, for
 * the proxy to look up) and port. */
void socks_encode_connect(struct writer *w, const char *host, uint16_t port);
/*
 * Reads a reply, of which len bytes are there.  OK: connected, and the stream
 * begins behind the reply; ERR_AGAIN: it has *need bytes in all; ERR_DENIED:
 * the proxy could not or would not; ERR_FORMAT: no reply, or more than one.
 */
MUST_CHECK int socks_decode_reply(const uint8_t *reply, size_t len,
    size_t *need);

#endif
