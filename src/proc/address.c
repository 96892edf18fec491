/* Owns internet addresses: as text, as the kernel's, as the core's origins. */
#include "proc/address.h"

#include <arpa/inet.h>
#include <assert.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(struct sockaddr_in6) <= ORIGIN_BYTES_MAX,
    "an origin holds any internet address");

/* Decimal, no sign, no spare zeros, 1 to 65535; the text is not terminated. */
static int
parse_port(uint16_t *port, const char *text, size_t len)
{
	uint32_t value = 0;
	size_t i;

	if (len == 0 || len > 5 || text[0] == '0')
		return ERR_FORMAT;
	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return ERR_FORMAT;
		value = value * 10 + (uint32_t)(text[i] - '0');
	}
	if (value > UINT16_MAX)
		return ERR_FORMAT;
	*port = (uint16_t)value;
	return OK;
}

int
address_split(char host[ADDRESS_HOST_BYTES], uint16_t *port, struct text text)
{
	const char *colon, *start = text.data;
	size_t len;

	if (text.len == 0 || memchr(text.data, '\0', text.len) != NULL)
		return ERR_FORMAT;
	colon = memrchr(text.data, ':', text.len);
	if (colon == NULL)
		return ERR_FORMAT;
	len = (size_t)(colon - start);
	if (len >= 2 && start[0] == '[') {
		if (start[len - 1] != ']')
			return ERR_FORMAT;
		start++;
		len -= 2;
	} else if (memchr(start, ':', len) != NULL) {
		return ERR_FORMAT;
	}
	if (len == 0 || len >= ADDRESS_HOST_BYTES)
		return ERR_FORMAT;
	memcpy(host, start, len);
	host[len] = '\0';
	return parse_port(port, colon + 1,
	    text.len - (size_t)(colon - text.data) - 1);
}

/* "fe80::1%eth0" names its interface. */
static int
parse_v6(struct sockaddr_in6 *in6, char *host)
{
	char *zone = strchr(host, '%');

	if (zone != NULL) {
		*zone++ = '\0';
		in6->sin6_scope_id = if_nametoindex(zone);
		if (in6->sin6_scope_id == 0)
			return ERR_FORMAT;
	}
	return inet_pton(AF_INET6, host, &in6->sin6_addr) == 1 ? OK
							       : ERR_FORMAT;
}

int
address_parse(struct address *address, struct text text)
{
	char host[ADDRESS_HOST_BYTES];
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	uint16_t port;

	memset(address, 0, sizeof(*address));
	if (address_split(host, &port, text) != OK)
		return ERR_FORMAT;
	if (inet_pton(AF_INET, host, &in.sin_addr) == 1) {
		in.sin_port = htons(port);
		memcpy(&address->at, &in, sizeof(in));
		address->len = sizeof(in);
		return OK;
	}
	if (parse_v6(&in6, host) != OK)
		return ERR_FORMAT;
	in6.sin6_port = htons(port);
	memcpy(&address->at, &in6, sizeof(in6));
	address->len = sizeof(in6);
	return OK;
}

void
address_any(struct address *address, int family, uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(port) };

	memset(address, 0, sizeof(*address));
	if (family == AF_INET) {
		memcpy(&address->at, &in, sizeof(in));
		address->len = sizeof(in);
	} else {
		memcpy(&address->at, &in6, sizeof(in6));
		address->len = sizeof(in6);
	}
}

void
address_format(char text[ADDRESS_TEXT_BYTES], const struct address *address)
{
	char host[INET6_ADDRSTRLEN] = "?";
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (address->at.ss_family == AF_INET) {
		memcpy(&in, &address->at, sizeof(in));
		(void)inet_ntop(AF_INET, &in.sin_addr, host, sizeof(host));
		(void)snprintf(text, ADDRESS_TEXT_BYTES, "%s:%u", host,
		    ntohs(in.sin_port));
		return;
	}
	memcpy(&in6, &address->at, sizeof(in6));
	/* What a socket of both families hears of IPv4 is shown as such. */
	if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
		(void)inet_ntop(AF_INET, &in6.sin6_addr.s6_addr[12], host,
		    sizeof(host));
		(void)snprintf(text, ADDRESS_TEXT_BYTES, "%s:%u", host,
		    ntohs(in6.sin6_port));
		return;
	}
	(void)inet_ntop(AF_INET6, &in6.sin6_addr, host, sizeof(host));
	(void)snprintf(text, ADDRESS_TEXT_BYTES, "[%s]:%u", host,
	    ntohs(in6.sin6_port));
}

void
address_to_origin(struct origin *origin, const struct address *address)
{
	struct sockaddr_in in, clean = { .sin_family = AF_INET };
	struct sockaddr_in6 in6;

	memset(origin, 0, sizeof(*origin));
	if (address->at.ss_family == AF_INET) {
		memcpy(&in, &address->at, sizeof(in));
		clean.sin_port = in.sin_port;
		clean.sin_addr = in.sin_addr;
		memcpy(origin->bytes, &clean, sizeof(clean));
		origin->len = sizeof(clean);
	} else if (address->at.ss_family == AF_INET6) {
		memcpy(&in6, &address->at, sizeof(in6));
		in6.sin6_flowinfo = 0;
		memcpy(origin->bytes, &in6, sizeof(in6));
		origin->len = sizeof(in6);
	}
}

int
address_from_origin(struct address *address, const struct origin *origin)
{
	sa_family_t family;

	memset(address, 0, sizeof(*address));
	if (origin->len < sizeof(family))
		return ERR_FORMAT;
	memcpy(&family, origin->bytes, sizeof(family));
	if (!(family == AF_INET && origin->len == sizeof(struct sockaddr_in)) &&
	    !(family == AF_INET6 && origin->len == sizeof(struct sockaddr_in6)))
		return ERR_FORMAT;
	memcpy(&address->at, origin->bytes, origin->len);
	address->len = origin->len;
	return OK;
}

int
address_fit(struct address *address, int family)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct sockaddr_in in;
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	assert(family == AF_INET || family == AF_INET6);
	if (address->at.ss_family == family)
		return OK;
	if (address->at.ss_family != AF_INET)
		return ERR_NOT_FOUND;
	memcpy(&in, &address->at, sizeof(in));
	in6.sin6_port = in.sin_port;
	memcpy(in6.sin6_addr.s6_addr, mapped, sizeof(mapped));
	memcpy(in6.sin6_addr.s6_addr + sizeof(mapped), &in.sin_addr,
	    sizeof(in.sin_addr));
	memset(&address->at, 0, sizeof(address->at));
	memcpy(&address->at, &in6, sizeof(in6));
	address->len = sizeof(in6);
	return OK;
}
