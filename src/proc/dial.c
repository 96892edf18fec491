/* Owns connecting by TCP, through a proxy where there is one. */
#include "proc/dial.h"

#include "proc/address.h"
#include "proc/socks.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* For each address, and for each word of a proxy: it may be far away. */
enum { CONNECT_MS_MAX = 10000, PROXY_MS_MAX = 60000 };

static bool
await(int fd, short events, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };
	int rc;

	do
		rc = poll(&poll_fd, 1, timeout_ms);
	while (rc == -1 && errno == EINTR);
	return rc == 1;
}

static enum pmsg_undialed
undialed_of(int error)
{
	return error == ECONNREFUSED ? PMSG_UNDIALED_REFUSED
				     : PMSG_UNDIALED_UNREACHED;
}

static enum pmsg_undialed
connect_to(int *fd, const struct addrinfo *at)
{
	int error = 0;
	socklen_t len = sizeof(error);

	*fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (*fd == -1)
		return PMSG_UNDIALED_UNREACHED;
	if (connect(*fd, at->ai_addr, at->ai_addrlen) == 0)
		return PMSG_UNDIALED_NOT;
	if (errno != EINPROGRESS)
		error = errno;
	else if (!await(*fd, POLLOUT, CONNECT_MS_MAX) ||
	    getsockopt(*fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		error = ETIMEDOUT;
	if (error == 0)
		return PMSG_UNDIALED_NOT;
	(void)close(*fd);
	*fd = -1;
	return undialed_of(error);
}

/* One address after another. */
static enum pmsg_undialed
connect_by_name(int *fd, struct text endpoint)
{
	const struct addrinfo wanted = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV,
	};
	enum pmsg_undialed why = PMSG_UNDIALED_NO_NAME;
	struct addrinfo *found = NULL, *at;
	char host[ADDRESS_HOST_BYTES], service[8];
	unsigned tried = 0;
	uint16_t port;

	*fd = -1;
	if (address_split(host, &port, endpoint) != OK)
		return PMSG_UNDIALED_NO_NAME;
	(void)snprintf(service, sizeof(service), "%u", port);
	if (getaddrinfo(host, service, &wanted, &found) != 0)
		return PMSG_UNDIALED_NO_NAME;
	for (at = found; at != NULL && *fd == -1 && tried < DIAL_FOUND_MAX;
	     at = at->ai_next, tried++)
		why = connect_to(fd, at);
	freeaddrinfo(found);
	return why;
}

static int
say(int fd, const struct writer *w)
{
	size_t done = 0;
	ssize_t rc;

	if (!buf_is_sound(w))
		return ERR_SIZE;
	while (done < w->len) {
		if (!await(fd, POLLOUT, PROXY_MS_MAX))
			return ERR_IO;
		rc = send(fd, w->data + done, w->len - done, MSG_NOSIGNAL);
		if (rc <= 0)
			return ERR_IO;
		done += (size_t)rc;
	}
	return OK;
}

/* Exactly so many: what follows may be a frame. */
static int
hear(int fd, uint8_t *bytes, size_t len)
{
	size_t done = 0;
	ssize_t rc;

	while (done < len) {
		if (!await(fd, POLLIN, PROXY_MS_MAX))
			return ERR_IO;
		rc = recv(fd, bytes + done, len - done, 0);
		if (rc <= 0)
			return ERR_IO;
		done += (size_t)rc;
	}
	return OK;
}

static int
ask_proxy(int fd, const char *host, uint16_t port)
{
	uint8_t out[SOCKS_CONNECT_BYTES_MAX], in[SOCKS_REPLY_BYTES_MAX];
	size_t have = 0, need;
	struct writer w;
	int rc;

	buf_write(&w, out, sizeof(out));
	socks_encode_hello(&w);
	if ((rc = say(fd, &w)) != OK ||
	    (rc = hear(fd, in, SOCKS_CHOICE_BYTES)) != OK ||
	    (rc = socks_decode_choice(in)) != OK)
		return rc;
	buf_write(&w, out, sizeof(out));
	socks_encode_connect(&w, host, port);
	if ((rc = say(fd, &w)) != OK)
		return rc;
	while ((rc = socks_decode_reply(in, have, &need)) == ERR_AGAIN) {
		if ((rc = hear(fd, in + have, need - have)) != OK)
			return rc;
		have = need;
	}
	return rc;
}

enum pmsg_undialed
dial_open(int *fd, const struct pmsg_way *way)
{
	char host[ADDRESS_HOST_BYTES];
	enum pmsg_undialed why;
	uint16_t port;

	if (way->proxy.len == 0)
		return connect_by_name(fd, way->endpoint);
	*fd = -1;
	if (address_split(host, &port, way->endpoint) != OK)
		return PMSG_UNDIALED_NO_NAME;
	why = connect_by_name(fd, way->proxy);
	if (why != PMSG_UNDIALED_NOT)
		return PMSG_UNDIALED_NO_PROXY;
	if (ask_proxy(*fd, host, port) == OK)
		return PMSG_UNDIALED_NOT;
	(void)close(*fd);
	*fd = -1;
	return PMSG_UNDIALED_BY_PROXY;
}
