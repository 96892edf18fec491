/* Owns the UDP sockets of the lines, and where their peers are. */
#include "proc/sockets.h"

#include "base/clock.h"
#include "base/log.h"
#include "proc/address.h"
#include "proc/spawn.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

_Static_assert(sizeof(((struct line_socket *)0)->at) >= ADDRESS_TEXT_BYTES,
    "an address as text fits");

static void proceed(struct line_socket *socket);

static struct text
text_of(const char *string)
{
	return (struct text){ string, strlen(string) };
}

static void
say(struct line_socket *socket, int err, const char *why)
{
	const struct pmsg_bound bound = {
		.err = err,
		.at = text_of(socket->at),
		.say = text_of(why),
	};

	socket->sockets->ops->say(socket->sockets->ctx, socket->line, &bound);
}

/* Twice as long each time, from one second to a minute. */
static void
try_again(struct line_socket *socket)
{
	uint64_t wait_ms = RESOLVE_MS_MIN;
	unsigned i;

	for (i = 0; i < socket->tries && wait_ms < RESOLVE_MS_MAX; i++)
		wait_ms *= 2;
	if (wait_ms > RESOLVE_MS_MAX)
		wait_ms = RESOLVE_MS_MAX;
	socket->tries++;
	loop_timer_set(&socket->retry,
	    clock_now_ns() + wait_ms * CLOCK_NS_PER_MS);
}

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
set_options(int fd, int family)
{
	set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
	if (family == AF_INET6)
		set_option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER,
		    IPV6_PMTUDISC_PROBE);
	set_option(fd, SOL_SOCKET, SO_RCVBUF, SOCKET_RECV_BYTES);
	set_option(fd, SOL_SOCKET, SO_SNDBUF, SOCKET_SEND_BYTES);
}

/* A bound socket, or -1 with errno.  dual: IPv4 comes to it too. */
static int
open_bound(const struct address *address, bool dual)
{
	int family = address->at.ss_family;
	int fd, kept, v6_only = dual ? 0 : 1;

	fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	if (family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only,
		sizeof(v6_only)) == -1)
		goto fail;
	if (bind(fd, (const struct sockaddr *)&address->at, address->len) == -1)
		goto fail;
	set_options(fd, family);
	return fd;
fail:
	kept = errno;
	(void)close(fd);
	errno = kept;
	return -1;
}

/* Every address of this machine, IPv6 and IPv4, or IPv4 where there is no
 * other. */
static int
open_any(uint16_t port, int *family)
{
	struct address any;
	int fd;

	*family = AF_INET6;
	address_any(&any, AF_INET6, port);
	fd = open_bound(&any, true);
	if (fd != -1 || errno == EADDRINUSE)
		return fd;
	*family = AF_INET;
	address_any(&any, AF_INET, port);
	return open_bound(&any, false);
}

static int
open_first_free(int *family)
{
	unsigned i;
	int fd = -1;

	for (i = 0; i < PORTS_TRIED_MAX && fd == -1; i++) {
		fd = open_any((uint16_t)(PORT_FIRST + i), family);
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

/* Binds: OK, ERR_FORMAT for no address, ERR_IO with errno. */
static int
bind_socket(struct line_socket *socket)
{
	struct address address = { .len = sizeof(address.at) };

	if (socket->listen[0] == '\0') {
		socket->fd = open_first_free(&socket->family);
	} else {
		if (address_parse(&address, text_of(socket->listen)) != OK)
			return ERR_FORMAT;
		socket->family = address.at.ss_family;
		socket->fd = open_bound(&address, is_any_v6(&address));
	}
	if (socket->fd == -1)
		return ERR_IO;
	address.len = sizeof(address.at);
	if (getsockname(socket->fd, (struct sockaddr *)&address.at,
		&address.len) == -1)
		fatal("socket: getsockname");
	address_format(socket->at, &address);
	log_info("line %u: socket at %s", socket->line, socket->at);
	return OK;
}

static void
give(struct line_socket *socket)
{
	int fd;

	assert(socket->fd >= 0 && socket->has_peer);
	fd = fcntl(socket->fd, F_DUPFD_CLOEXEC, 0);
	if (fd == -1)
		fatal("socket: dup");
	socket->sockets->ops->give(socket->sockets->ctx, socket->line, fd,
	    &socket->peer);
}

/* The peer is at that address, or not: OK, or ERR_NOT_FOUND where this socket
 * cannot reach it. */
static int
take_peer(struct line_socket *socket, const struct address *address)
{
	struct address fitted = *address;

	if (address_fit(&fitted, socket->family) != OK)
		return ERR_NOT_FOUND;
	address_to_origin(&socket->peer, &fitted);
	socket->has_peer = true;
	return OK;
}

static void
end_resolver(struct line_socket *socket)
{
	link_close(&socket->resolver);
	if (socket->resolver_pid != 0)
		(void)kill(socket->resolver_pid, SIGKILL);
}

/* What the name server said: parsed by the resolver, checked here. */
static int
on_resolved(void *ctx, const struct pmsg *msg)
{
	struct line_socket *socket = ctx;
	struct origin origins[PMSG_RESOLVED_MAX];
	struct address address;
	size_t i, count;

	if (pmsg_decode_origins(origins, &count, msg->body, msg->len) != OK)
		return ERR_FORMAT;
	for (i = 0; i < count && !socket->has_peer; i++) {
		if (address_from_origin(&address, &origins[i]) == OK)
			(void)take_peer(socket, &address);
	}
	end_resolver(socket);
	if (socket->has_peer) {
		proceed(socket);
		return OK;
	}
	log_warnx("line %u: the peer's name is not found (trying again)",
	    socket->line);
	say(socket, ERR_NOT_FOUND,
	    "the name of the peer's endpoint is not found; trying again");
	try_again(socket);
	return OK;
}

static const struct pmsg_rule resolver_rules[] = {
	{ PMSG_RESOLVED, PROC_RESOLVER, PMSG_RESOLVED_BYTES_MAX, 0,
	    on_resolved },
};

static void
on_resolver_lost(void *ctx, struct link *link, int why)
{
	struct line_socket *socket = ctx;

	(void)link;
	(void)why;
	if (socket->resolver_pid != 0)
		(void)kill(socket->resolver_pid, SIGKILL);
	if (!socket->has_peer)
		try_again(socket);
}

static void
start_resolver(struct line_socket *socket)
{
	const struct pmsg_end end = { .role = PROC_RESOLVER };
	const struct pmsg_rules rules = { resolver_rules, 1 };
	int fd;

	/* One that hangs was given its time. */
	end_resolver(socket);
	if (spawn_role(PROC_RESOLVER, socket->sockets->walls, -1,
		&socket->resolver_pid, &fd) != OK) {
		log_warn("line %u: no resolver", socket->line);
		socket->resolver_pid = 0;
		try_again(socket);
		return;
	}
	link_open(&socket->resolver, socket->sockets->loop, fd, end, rules,
	    socket);
	link_set_lost(&socket->resolver, on_resolver_lost, socket);
	link_send(&socket->resolver, PMSG_RESOLVE, 0, socket->endpoint,
	    strlen(socket->endpoint));
	loop_timer_set(&socket->retry,
	    clock_now_ns() + (uint64_t)RESOLVE_TIMEOUT_MS * CLOCK_NS_PER_MS);
}

static void
find_peer(struct line_socket *socket)
{
	struct address address;

	if (socket->endpoint[0] == '\0') {
		memset(&socket->peer, 0, sizeof(socket->peer));
		socket->has_peer = true;
		return;
	}
	if (address_parse(&address, text_of(socket->endpoint)) != OK) {
		start_resolver(socket);
		return;
	}
	if (take_peer(socket, &address) == OK)
		return;
	log_warnx("line %u: its socket cannot reach the peer's address",
	    socket->line);
	say(socket, ERR_NOT_FOUND,
	    "the peer's address is of the other IP version than the one that "
	    "this line listens on: close the line, and make it anew with "
	    "another --listen");
}

static void
say_not_bound(struct line_socket *socket, int err, int kept_errno)
{
	char why[PMSG_SAY_BYTES_MAX];

	socket->at[0] = '\0';
	if (err == ERR_FORMAT)
		(void)snprintf(why, sizeof(why),
		    "\"%s\" is no address to listen on: it must read "
		    "ADDR:PORT, with numbers",
		    socket->listen);
	else
		(void)snprintf(why, sizeof(why), "cannot listen on %s: %s",
		    socket->listen[0] == '\0' ? "any port from 7411"
					      : socket->listen,
		    strerror(kept_errno));
	log_warnx("line %u: %s", socket->line, why);
	say(socket, err, why);
}

/* The next step towards a socket and a peer that wire can be given. */
static void
proceed(struct line_socket *socket)
{
	int rc;

	loop_timer_set(&socket->retry, UINT64_MAX);
	if (socket->fd == -1) {
		if ((rc = bind_socket(socket)) != OK) {
			say_not_bound(socket, rc, errno);
			if (rc == ERR_IO)
				try_again(socket);
			return;
		}
		say(socket, OK, "");
	}
	if (!socket->has_peer)
		find_peer(socket);
	if (!socket->has_peer)
		return;
	if (socket->tries > 0)
		say(socket, OK, "");
	socket->tries = 0;
	give(socket);
}

static void
on_retry(void *ctx)
{
	proceed(ctx);
}

void
sockets_init(struct sockets *sockets, struct loop *loop, enum walls walls,
    const struct sockets_ops *ops, void *ctx)
{
	size_t i;

	*sockets = (struct sockets){
		.loop = loop,
		.walls = walls,
		.ops = ops,
		.ctx = ctx,
	};
	for (i = 0; i < LINES_MAX; i++) {
		sockets->socket[i].sockets = sockets;
		sockets->socket[i].fd = -1;
		link_init(&sockets->socket[i].resolver);
	}
}

static struct line_socket *
find_socket(struct sockets *sockets, uint32_t line)
{
	size_t i;

	for (i = 0; i < LINES_MAX; i++) {
		if (line != 0 && sockets->socket[i].line == line)
			return &sockets->socket[i];
	}
	return NULL;
}

static struct line_socket *
make_socket(struct sockets *sockets, uint32_t line)
{
	struct line_socket *socket;
	size_t i;

	for (i = 0; line != 0 && i < LINES_MAX; i++) {
		socket = &sockets->socket[i];
		/* A resolver of the line before may still be on its way out. */
		if (socket->line != 0 || socket->resolver_pid != 0)
			continue;
		socket->line = line;
		loop_timer_init(sockets->loop, &socket->retry, on_retry,
		    socket);
		return socket;
	}
	return NULL;
}

static void
close_fd(struct line_socket *socket)
{
	if (socket->fd != -1)
		(void)close(socket->fd);
	socket->fd = -1;
	socket->at[0] = '\0';
}

static void
free_socket(struct line_socket *socket)
{
	end_resolver(socket);
	close_fd(socket);
	loop_timer_close(&socket->retry);
	socket->line = 0;
	socket->listen[0] = socket->endpoint[0] = '\0';
	socket->has_peer = false;
	socket->tries = 0;
}

void
sockets_close(struct sockets *sockets)
{
	size_t i;

	for (i = 0; i < LINES_MAX; i++) {
		if (sockets->socket[i].line != 0)
			free_socket(&sockets->socket[i]);
	}
}

static bool
is_text(const char *string, struct text text)
{
	return strlen(string) == text.len &&
	    (text.len == 0 || memcmp(string, text.data, text.len) == 0);
}

static void
copy_text(char *string, struct text text)
{
	assert(text.len <= PMSG_ENDPOINT_BYTES_MAX);
	if (text.len > 0)
		memcpy(string, text.data, text.len);
	string[text.len] = '\0';
}

void
sockets_want(struct sockets *sockets, uint32_t line,
    const struct pmsg_way *wanted)
{
	struct line_socket *socket = find_socket(sockets, line);
	bool same_listen, same_peer;

	if (socket == NULL && (socket = make_socket(sockets, line)) == NULL) {
		log_warnx("line %u: too many lines", line);
		return;
	}
	/* Asking for what it is bound to is asking for nothing new. */
	same_listen = socket->fd != -1 &&
	    (is_text(socket->listen, wanted->listen) ||
		is_text(socket->at, wanted->listen));
	same_peer = is_text(socket->endpoint, wanted->endpoint);
	if (same_listen && same_peer && socket->has_peer) {
		say(socket, OK, "");
		return;
	}
	sockets->ops->stop(sockets->ctx, line);
	end_resolver(socket);
	if (!same_listen) {
		close_fd(socket);
		copy_text(socket->listen, wanted->listen);
	}
	copy_text(socket->endpoint, wanted->endpoint);
	socket->has_peer = false;
	socket->tries = 0;
	proceed(socket);
}

void
sockets_drop(struct sockets *sockets, uint32_t line)
{
	struct line_socket *socket = find_socket(sockets, line);

	if (socket != NULL)
		free_socket(socket);
}

void
sockets_give_all(struct sockets *sockets)
{
	struct line_socket *socket;
	size_t i;

	for (i = 0; i < LINES_MAX; i++) {
		socket = &sockets->socket[i];
		if (socket->line != 0 && socket->fd != -1 && socket->has_peer)
			give(socket);
	}
}

bool
sockets_on_child(struct sockets *sockets, pid_t pid)
{
	size_t i;

	for (i = 0; i < LINES_MAX; i++) {
		if (sockets->socket[i].resolver_pid == pid) {
			sockets->socket[i].resolver_pid = 0;
			return true;
		}
	}
	return false;
}
