/* Owns internet addresses: as text, as the kernel's, as the core's origins. */
#ifndef PROC_ADDRESS_H
#define PROC_ADDRESS_H

#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"
#include "core/line.h"
#include "proc/request.h"

enum address_sizes {
	/* The longest name of a host, and the NUL. */
	ADDRESS_HOST_BYTES = 254,
	/* "[", an IPv6 address with its zone, "]:65535" and the NUL. */
	ADDRESS_TEXT_BYTES = 80,
};

struct address {
	struct sockaddr_storage at;
	socklen_t len;
};

/* Parts "HOST:PORT" or "[HOST]:PORT": OK or ERR_FORMAT.  A host with colons
 * needs the brackets; port 0 is refused. */
MUST_CHECK int address_split(char host[ADDRESS_HOST_BYTES], uint16_t *port,
    struct text text);

/* Reads a numeric "ADDR:PORT" or "[ADDR]:PORT": OK, or ERR_FORMAT (also for a
 * name). */
MUST_CHECK int address_parse(struct address *address, struct text text);

/* Any address of that family, AF_INET or AF_INET6. */
void address_any(struct address *address, int family, uint16_t port);

/* "192.0.2.1:7411" (also where written as IPv6), "[2001:db8::1]:7411". */
void address_format(char text[ADDRESS_TEXT_BYTES],
    const struct address *address);

/* One origin for one address: what does not tell peers apart is zeroed. */
void address_to_origin(struct origin *origin, const struct address *address);
/* OK, or ERR_FORMAT for bytes that are no address. */
MUST_CHECK int address_from_origin(struct address *address,
    const struct origin *origin);

/* Makes it reachable from a socket of that family (an IPv4 address is written
 * as IPv6 for a socket that serves both): OK, or ERR_NOT_FOUND. */
MUST_CHECK int address_fit(struct address *address, int family);

#endif
