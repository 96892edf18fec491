/* Owns the sockets of the lines' paths, and where their peers are. */
#include "proc/sockets.h"

#include "base/clock.h"
#include "base/log.h"
#include "proc/address.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static void proceed(struct path_socket *socket);

static struct text
text_of(const char *string)
{
	return (struct text){ string, strlen(string) };
}

static void
say(struct path_socket *socket, int err, const char *why)
{
	const struct pmsg_bound bound = {
		.path = socket->path,
		.err = err,
		.at = text_of(socket->bound.at),
		.say = text_of(why),
	};

	socket->in_trouble = err != OK;
	socket->sockets->ops->say(socket->sockets->ctx, socket->line, &bound);
}

static void
set_timer(struct path_socket *socket, uint64_t wait_ms)
{
	loop_timer_set(&socket->retry,
	    clock_now_ns() + wait_ms * CLOCK_NS_PER_MS);
}

/* Twice as long each time, from one second to a minute. */
static void
try_again(struct path_socket *socket)
{
	uint64_t wait_ms = RESOLVE_MS_MIN;
	unsigned i;

	for (i = 0; i < socket->tries && wait_ms < RESOLVE_MS_MAX; i++)
		wait_ms *= 2;
	if (wait_ms > RESOLVE_MS_MAX)
		wait_ms = RESOLVE_MS_MAX;
	socket->tries++;
	set_timer(socket, wait_ms);
}

static void
tell_peer(struct path_socket *socket)
{
	const struct pmsg_peer peer = {
		.path = socket->path,
		.kind = socket->kind,
		.at = socket->peer,
	};

	socket->sockets->ops->peer(socket->sockets->ctx, socket->line, &peer);
}

/* What wire is to have of a path that works. */
static void
give(struct path_socket *socket)
{
	struct sockets *sockets = socket->sockets;
	int fd;

	tell_peer(socket);
	if (socket->kind != PMSG_KIND_UDP)
		return;
	fd = fcntl(socket->bound.fd, F_DUPFD_CLOEXEC, 0);
	if (fd == -1)
		fatal("socket: dup");
	sockets->ops->give(sockets->ctx, socket->line, socket->path, fd);
}

static bool
is_named(const struct path_socket *socket)
{
	struct address address;

	return socket->endpoint[0] != '\0' &&
	    address_parse(&address, text_of(socket->endpoint)) != OK;
}

/* That address as this socket reaches it: OK, or ERR_NOT_FOUND where it cannot. */
static int
fit_peer(const struct path_socket *socket, struct origin *peer,
    const struct address *address)
{
	struct address fitted = *address;

	if (address_fit(&fitted, socket->bound.family) != OK)
		return ERR_NOT_FOUND;
	address_to_origin(peer, &fitted);
	return OK;
}

/* -- names, of UDP paths --------------------------------------------------- */

/* The peer's address, unless it is where it was: then nothing.  False: none of
 * them is of use. */
static bool
choose_peer(struct path_socket *socket, const struct origin *origins,
    size_t count)
{
	struct origin peer, first = { .len = 0 };
	struct address address;
	size_t i;

	for (i = 0; i < count; i++) {
		if (address_from_origin(&address, &origins[i]) != OK ||
		    fit_peer(socket, &peer, &address) != OK)
			continue;
		if (socket->has_peer && peer.len == socket->peer.len &&
		    memcmp(peer.bytes, socket->peer.bytes, peer.len) == 0)
			return true;
		if (first.len == 0)
			first = peer;
	}
	if (first.len > 0)
		socket->peer = first;
	return first.len > 0;
}

static void
on_found(void *ctx, const struct origin *origins, size_t count)
{
	struct path_socket *socket = ctx;
	const struct origin before = socket->peer;
	bool had_peer = socket->has_peer;

	if (choose_peer(socket, origins, count)) {
		socket->has_peer = true;
		if (!had_peer) {
			proceed(socket);
		} else if (memcmp(&before, &socket->peer, sizeof(before)) !=
		    0) {
			log_info("line %u: path %u: the peer's name has moved",
			    socket->line, socket->path + 1);
			tell_peer(socket);
		}
		return;
	}
	/* A name that is gone leaves the peer where it was. */
	if (had_peer)
		return;
	log_warnx("line %u: the peer's name is not found (trying again)",
	    socket->line);
	say(socket, ERR_NOT_FOUND,
	    "the name of the peer's endpoint is not found; trying again");
	try_again(socket);
}

/* At fixed times, whatever is heard or not, so that nothing shows by it. */
static void
look_up_again(struct path_socket *socket)
{
	set_timer(socket, RESOLVE_AGAIN_MS);
	seek_resolve(&socket->seek, text_of(socket->endpoint));
}

static void
find_peer(struct path_socket *socket)
{
	struct address address;

	if (is_named(socket)) {
		set_timer(socket, RESOLVE_TIMEOUT_MS);
		seek_resolve(&socket->seek, text_of(socket->endpoint));
		return;
	}
	memset(&socket->peer, 0, sizeof(socket->peer));
	if (socket->endpoint[0] == '\0' ||
	    (address_parse(&address, text_of(socket->endpoint)) == OK &&
		fit_peer(socket, &socket->peer, &address) == OK)) {
		socket->has_peer = true;
		return;
	}
	log_warnx("line %u: its socket cannot reach the peer's address",
	    socket->line);
	say(socket, ERR_NOT_FOUND,
	    "the peer's address is of the other IP version than the one that "
	    "this line listens on: close the line, and make it anew with "
	    "another --listen");
}

/* -- connections ----------------------------------------------------------- */

static void
say_not_dialed(struct path_socket *socket, enum pmsg_undialed why)
{
	static const char *const words[PMSG_UNDIALED_COUNT] = {
		[PMSG_UNDIALED_NOT] = "this machine did not get so far",
		[PMSG_UNDIALED_NO_NAME] = "its name is not found",
		[PMSG_UNDIALED_REFUSED] = "nobody listens there",
		[PMSG_UNDIALED_UNREACHED] = "no answer from there",
		[PMSG_UNDIALED_NO_PROXY] = "the proxy cannot be reached",
		[PMSG_UNDIALED_BY_PROXY] = "the proxy could not reach it",
	};
	char text[PMSG_SAY_BYTES_MAX];

	(void)snprintf(text, sizeof(text),
	    "cannot connect to %s: %s; trying "
	    "again",
	    socket->endpoint, words[why]);
	/* The log lies on the disk as it is: it names no peer. */
	log_warnx("line %u: path %u: cannot connect: %s; trying again",
	    socket->line, socket->path + 1, words[why]);
	say(socket, ERR_NOT_FOUND, text);
}

static void
on_failed(void *ctx, enum pmsg_undialed why)
{
	struct path_socket *socket = ctx;

	if (socket->kind == PMSG_KIND_DIALED) {
		say_not_dialed(socket, why);
		try_again(socket);
	} else if (!socket->has_peer) {
		try_again(socket);
	}
}

static void
on_dialed(void *ctx, int fd)
{
	struct path_socket *socket = ctx;
	struct sockets *sockets = socket->sockets;

	/* It comes from where strangers' bytes are read. */
	if (bind_tame(fd) != OK) {
		(void)close(fd);
		on_failed(socket, PMSG_UNDIALED_NOT);
		return;
	}
	loop_timer_set(&socket->retry, UINT64_MAX);
	log_info("line %u: path %u: connected", socket->line, socket->path + 1);
	socket->connected = true;
	socket->since_ns = clock_now_ns();
	if (socket->in_trouble)
		say(socket, OK, "");
	sockets->ops->give(sockets->ctx, socket->line, socket->path, fd);
}

static const struct seek_ops seek_ops = {
	.found = on_found,
	.dialed = on_dialed,
	.failed = on_failed,
};

static void
dial(struct path_socket *socket)
{
	const struct pmsg_way way = {
		.tcp = true,
		.endpoint = text_of(socket->endpoint),
		.proxy = text_of(socket->proxy),
	};

	set_timer(socket, DIAL_TIMEOUT_MS);
	seek_dial(&socket->seek, &way);
}

/* So many at once, and one more each second: strangers cost no more. */
static void
on_knock(void *ctx, uint32_t events)
{
	struct path_socket *socket = ctx;
	struct sockets *sockets = socket->sockets;
	int fd;

	(void)events;
	fd = bind_accept(&socket->bound);
	if (fd == -1)
		return;
	log_debug("line %u: path %u: a connection was accepted", socket->line,
	    socket->path + 1);
	sockets->ops->give(sockets->ctx, socket->line, socket->path, fd);
	if (--socket->accepts == 0)
		loop_change(sockets->loop, &socket->source, 0);
	if (socket->retry.at_ns == UINT64_MAX)
		set_timer(socket, ACCEPT_EVERY_MS);
}

static void
accept_more(struct path_socket *socket)
{
	if (socket->accepts++ == 0)
		loop_change(socket->sockets->loop, &socket->source, EPOLLIN);
	if (socket->accepts < TCP_ACCEPTED_MAX)
		set_timer(socket, ACCEPT_EVERY_MS);
}

/* -- one path -------------------------------------------------------------- */

static void
say_not_bound(struct path_socket *socket, int err, int kept_errno)
{
	char why[PMSG_SAY_BYTES_MAX];

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

static int
open_socket(struct path_socket *socket)
{
	bool tcp = socket->kind == PMSG_KIND_ACCEPTED;
	int rc;

	rc = bind_open(&socket->bound, tcp, text_of(socket->listen));
	if (rc != OK) {
		say_not_bound(socket, rc, errno);
		if (rc == ERR_IO)
			try_again(socket);
		return rc;
	}
	log_info("line %u: path %u: %s at %s", socket->line, socket->path + 1,
	    tcp ? "listening" : "socket", socket->bound.at);
	if (tcp) {
		socket->accepts = TCP_ACCEPTED_MAX;
		loop_add(socket->sockets->loop, &socket->source,
		    socket->bound.fd, EPOLLIN, on_knock, socket);
	}
	say(socket, OK, "");
	return OK;
}

/* The next step towards what wire can be given. */
static void
proceed(struct path_socket *socket)
{
	loop_timer_set(&socket->retry, UINT64_MAX);
	if (socket->kind == PMSG_KIND_DIALED) {
		dial(socket);
		return;
	}
	if (socket->bound.fd == -1 && open_socket(socket) != OK)
		return;
	if (socket->kind == PMSG_KIND_ACCEPTED)
		socket->has_peer = true;
	if (!socket->has_peer)
		find_peer(socket);
	if (!socket->has_peer)
		return;
	if (socket->in_trouble)
		say(socket, OK, "");
	socket->tries = 0;
	give(socket);
	if (socket->kind == PMSG_KIND_UDP && is_named(socket))
		set_timer(socket, RESOLVE_AGAIN_MS);
}

static void
on_retry(void *ctx)
{
	struct path_socket *socket = ctx;

	if (socket->kind == PMSG_KIND_UDP && socket->has_peer)
		look_up_again(socket);
	else if (socket->kind == PMSG_KIND_ACCEPTED && socket->bound.fd != -1)
		accept_more(socket);
	else
		proceed(socket);
}

/* -- all of them ----------------------------------------------------------- */

void
sockets_init(struct sockets *sockets, struct loop *loop, enum walls walls,
    const struct sockets_ops *ops, void *ctx)
{
	struct path_socket *socket;
	size_t i;

	*sockets = (struct sockets){ .loop = loop, .ops = ops, .ctx = ctx };
	for (i = 0; i < PATH_SOCKETS_MAX; i++) {
		socket = &sockets->socket[i];
		socket->sockets = sockets;
		socket->bound.fd = socket->source.fd = -1;
		seek_init(&socket->seek, loop, walls, &seek_ops, socket);
	}
}

static struct path_socket *
find_socket(struct sockets *sockets, uint32_t line, unsigned path)
{
	struct path_socket *socket;
	size_t i;

	for (i = 0; line != 0 && i < PATH_SOCKETS_MAX; i++) {
		socket = &sockets->socket[i];
		if (socket->line == line && socket->path == path)
			return socket;
	}
	return NULL;
}

static bool
may_have_line(const struct sockets *sockets, uint32_t line)
{
	uint32_t seen[LINES_MAX] = { 0 };
	size_t i, j, count = 0;

	for (i = 0; i < PATH_SOCKETS_MAX; i++) {
		for (j = 0; j < count; j++) {
			if (seen[j] == sockets->socket[i].line)
				break;
		}
		if (sockets->socket[i].line != 0 && j == count) {
			assert(count < LINES_MAX);
			seen[count++] = sockets->socket[i].line;
		}
	}
	for (j = 0; j < count && seen[j] != line; j++)
		;
	return j < count || count < LINES_MAX;
}

static struct path_socket *
make_socket(struct sockets *sockets, uint32_t line, unsigned path)
{
	struct path_socket *socket;
	size_t i;

	if (line == 0 || !may_have_line(sockets, line))
		return NULL;
	for (i = 0; i < PATH_SOCKETS_MAX; i++) {
		socket = &sockets->socket[i];
		/* A seeker of the path before may still be on its way out. */
		if (socket->line != 0 || socket->seek.pid != 0)
			continue;
		socket->line = line;
		socket->path = path;
		loop_timer_init(sockets->loop, &socket->retry, on_retry,
		    socket);
		return socket;
	}
	return NULL;
}

static void
close_bound(struct path_socket *socket)
{
	loop_remove(socket->sockets->loop, &socket->source);
	bind_close(&socket->bound);
}

static void
forget_peer(struct path_socket *socket)
{
	seek_end(&socket->seek);
	loop_timer_set(&socket->retry, UINT64_MAX);
	memset(&socket->peer, 0, sizeof(socket->peer));
	socket->has_peer = socket->connected = false;
	socket->tries = 0;
}

static void
free_socket(struct path_socket *socket)
{
	forget_peer(socket);
	close_bound(socket);
	loop_timer_close(&socket->retry);
	socket->line = 0;
	socket->listen[0] = socket->endpoint[0] = socket->proxy[0] = '\0';
	socket->in_trouble = false;
}

void
sockets_close(struct sockets *sockets)
{
	size_t i;

	for (i = 0; i < PATH_SOCKETS_MAX; i++) {
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

static enum pmsg_kind
kind_of(const struct pmsg_way *way)
{
	if (!way->tcp)
		return PMSG_KIND_UDP;
	return way->endpoint.len > 0 ? PMSG_KIND_DIALED : PMSG_KIND_ACCEPTED;
}

void
sockets_want(struct sockets *sockets, uint32_t line,
    const struct pmsg_way *wanted)
{
	struct path_socket *socket = find_socket(sockets, line, wanted->path);
	enum pmsg_kind kind = kind_of(wanted);
	bool same_bound, same_peer;

	if (socket == NULL &&
	    (socket = make_socket(sockets, line, wanted->path)) == NULL) {
		log_warnx("line %u: too many lines", line);
		return;
	}
	/* Asking for what it is bound to is asking for nothing new. */
	same_bound = socket->kind == kind && socket->bound.fd != -1 &&
	    (is_text(socket->listen, wanted->listen) ||
		is_text(socket->bound.at, wanted->listen));
	same_peer = socket->kind == kind && socket->has_peer &&
	    is_text(socket->endpoint, wanted->endpoint) &&
	    is_text(socket->proxy, wanted->proxy);
	if (same_peer && (same_bound || kind == PMSG_KIND_DIALED)) {
		if (!socket->in_trouble)
			say(socket, OK, "");
		return;
	}
	sockets->ops->stop(sockets->ctx, line, wanted->path);
	forget_peer(socket);
	if (!same_bound) {
		close_bound(socket);
		copy_text(socket->listen, wanted->listen);
	}
	socket->kind = kind;
	copy_text(socket->endpoint, wanted->endpoint);
	copy_text(socket->proxy, wanted->proxy);
	/* Whom it is to dial is known; it need not be there to begin. */
	if (kind == PMSG_KIND_DIALED) {
		socket->has_peer = true;
		say(socket, OK, "");
		tell_peer(socket);
	}
	proceed(socket);
}

void
sockets_drop(struct sockets *sockets, uint32_t line, unsigned path)
{
	struct path_socket *socket = find_socket(sockets, line, path);

	if (socket == NULL)
		return;
	free_socket(socket);
	sockets->ops->stop(sockets->ctx, line, path);
}

void
sockets_on_gone(struct sockets *sockets, uint32_t line, unsigned path)
{
	struct path_socket *socket = find_socket(sockets, line, path);
	const uint64_t calm_ns = (uint64_t)DIAL_CALM_MS * CLOCK_NS_PER_MS;

	if (socket == NULL || !socket->connected)
		return;
	socket->connected = false;
	if (clock_now_ns() - socket->since_ns > calm_ns)
		socket->tries = 0;
	try_again(socket);
}

void
sockets_give_all(struct sockets *sockets)
{
	struct path_socket *socket;
	size_t i;

	for (i = 0; i < PATH_SOCKETS_MAX; i++) {
		socket = &sockets->socket[i];
		if (socket->line == 0 || !socket->has_peer)
			continue;
		give(socket);
		/* The connection of before went with the wire of before. */
		if (socket->kind == PMSG_KIND_DIALED) {
			socket->connected = false;
			proceed(socket);
		}
	}
}

bool
sockets_on_child(struct sockets *sockets, pid_t pid)
{
	size_t i;

	for (i = 0; i < PATH_SOCKETS_MAX; i++) {
		if (seek_on_child(&sockets->socket[i].seek, pid))
			return true;
	}
	return false;
}
