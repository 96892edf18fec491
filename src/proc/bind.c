/* Owns making sockets: where they are bound, and how they treat frames. */
#include "proc/bind.h"

#include "base/log.h"
#include "limits.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void
set_option(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)) == -1)
		log_warn("socket: option %d of level %d", option, level);
}

/*
 * Frames have one size and always the bit that forbids to cut them; what the
 * network says about sizes is not heard, so that nobody can silence a slot.
 */
static void
set_udp_options(int fd, int family)
{
	set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
	if (family == AF_INET6)
		set_option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER,
		    IPV6_PMTUDISC_PROBE);
	set_option(fd, SOL_SOCKET, SO_RCVBUF, SOCKET_RECV_BYTES);
	set_option(fd, SOL_SOCKET, SO_SNDBUF, SOCKET_SEND_BYTES);
}

/* Each frame leaves at once; few wait that have not left; an end that does not
 * answer is given up, since it may have moved. */
static void
set_tcp_options(int fd)
{
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, TCP_UNSENT_BYTES);
	set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, TCP_SILENT_MS);
}

/* dual: IPv4 comes to it too. */
static int
prepare(int fd, const struct address *address, bool tcp, bool dual)
{
	int v6_only = dual ? 0 : 1, reuse = 1;

	if (address->at.ss_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only,
		sizeof(v6_only)) == -1)
		return -1;
	/* Connections of before, on their way out, do not hold the port. */
	if (tcp &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse)) ==
		-1)
		return -1;
	if (bind(fd, (const struct sockaddr *)&address->at, address->len) == -1)
		return -1;
	if (!tcp)
		set_udp_options(fd, address->at.ss_family);
	return tcp ? listen(fd, TCP_BACKLOG) : 0;
}

/* A bound socket, or -1 with errno. */
static int
open_bound(const struct address *address, bool tcp, bool dual)
{
	int fd, kept;

	fd = socket(address->at.ss_family,
	    (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1 || prepare(fd, address, tcp, dual) == 0)
		return fd;
	kept = errno;
	(void)close(fd);
	errno = kept;
	return -1;
}

/* Every address of this machine, IPv6 and IPv4, or IPv4 where there is no
 * other. */
static int
open_any(uint16_t port, bool tcp, int *family)
{
	struct address any;
	int fd;

	*family = AF_INET6;
	address_any(&any, AF_INET6, port);
	fd = open_bound(&any, tcp, true);
	if (fd != -1 || errno == EADDRINUSE)
		return fd;
	*family = AF_INET;
	address_any(&any, AF_INET, port);
	return open_bound(&any, tcp, false);
}

static int
open_first_free(bool tcp, int *family)
{
	unsigned i;
	int fd = -1;

	for (i = 0; i < PORTS_TRIED_MAX && fd == -1; i++) {
		fd = open_any((uint16_t)(PORT_FIRST + i), tcp, family);
		if (fd == -1 && errno != EADDRINUSE)
			break;
	}
	return fd;
}

static bool
is_any_v6(const struct address *address)
{
	struct sockaddr_in6 in6;

	if (address->at.ss_family != AF_INET6)
		return false;
	memcpy(&in6, &address->at, sizeof(in6));
	return IN6_IS_ADDR_UNSPECIFIED(&in6.sin6_addr);
}

int
bind_open(struct bound *bound, bool tcp, struct text listen)
{
	struct address address = { .len = sizeof(address.at) };

	if (listen.len == 0) {
		bound->fd = open_first_free(tcp, &bound->family);
	} else {
		if (address_parse(&address, listen) != OK)
			return ERR_FORMAT;
		bound->family = address.at.ss_family;
		bound->fd = open_bound(&address, tcp, is_any_v6(&address));
	}
	if (bound->fd == -1)
		return ERR_IO;
	address.len = sizeof(address.at);
	if (getsockname(bound->fd, (struct sockaddr *)&address.at,
		&address.len) == -1)
		fatal("socket: getsockname");
	address_format(bound->at, &address);
	return OK;
}

void
bind_close(struct bound *bound)
{
	if (bound->fd != -1)
		(void)close(bound->fd);
	bound->fd = -1;
	bound->at[0] = '\0';
}

int
bind_accept(const struct bound *bound)
{
	int fd;

	fd = accept4(bound->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd != -1)
		set_tcp_options(fd);
	return fd;
}

static bool
has_option(int fd, int option, int value)
{
	int is = -1;
	socklen_t len = sizeof(is);

	return getsockopt(fd, SOL_SOCKET, option, &is, &len) == 0 &&
	    is == value;
}

int
bind_tame(int fd)
{
	if (!has_option(fd, SO_TYPE, SOCK_STREAM) ||
	    !has_option(fd, SO_PROTOCOL, IPPROTO_TCP) ||
	    !has_option(fd, SO_ACCEPTCONN, 0))
		return ERR_FORMAT;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		return ERR_FORMAT;
	set_tcp_options(fd);
	return OK;
}
