#include "relay/tcp.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/wipe.h"

/* A place: the connection's number and generation. */
enum { TCP_PLACE_BYTES = 8 };

static struct place
place_of(const struct connection *connection)
{
	struct place place = { .len = TCP_PLACE_BYTES };

	memcpy(place.bytes, &connection->number, sizeof(uint32_t));
	memcpy(place.bytes + sizeof(uint32_t), &connection->generation,
	    sizeof(uint32_t));
	return place;
}

static struct connection *
find_connection(struct tcp *tcp, const struct place *place)
{
	struct connection *connection;
	uint32_t number, generation;

	if (place->len != TCP_PLACE_BYTES)
		return NULL;
	memcpy(&number, place->bytes, sizeof(number));
	memcpy(&generation, place->bytes + sizeof(number), sizeof(generation));
	assert(number < tcp->count);
	connection = &tcp->connection[number];
	if (connection->source.fd == -1 || connection->generation != generation)
		return NULL;
	return connection;
}

/* ---- strangers */

static void
drop_stranger(struct tcp *tcp, uint32_t number)
{
	uint32_t i;

	for (i = 0; i < tcp->strangers && tcp->stranger[i] != number; i++)
		continue;
	assert(i < tcp->strangers);
	tcp->strangers--;
	memmove(&tcp->stranger[i], &tcp->stranger[i + 1],
	    (tcp->strangers - i) * sizeof(tcp->stranger[0]));
}

static void
end_connection(struct connection *connection)
{
	struct tcp *tcp = connection->tcp;
	const struct place place = place_of(connection);
	const uint32_t number = connection->number;
	const uint32_t generation = connection->generation;
	const int fd = connection->source.fd;

	if (connection->is_known)
		relay_leave(tcp->relay, connection->leg, &place);
	else
		drop_stranger(tcp, number);
	loop_remove(tcp->loop, &connection->source);
	(void)close(fd);
	wipe(connection, sizeof(*connection));
	connection->tcp = tcp;
	connection->number = number;
	connection->generation = generation + 1;
	connection->source.fd = -1;
	tcp->free_list[tcp->free_count++] = number;
}

/* ---- what comes */

/* The first of what was read: OK, ERR_AGAIN until it is whole, or what is wrong
 * with it. */
static int
take_unit(struct connection *connection, uint64_t now_ns)
{
	struct tcp *tcp = connection->tcp;
	const struct place place = place_of(connection);
	uint32_t leg;
	int rc;

	if (connection->have < connection->unit_bytes)
		return ERR_AGAIN;
	rc = relay_on_datagram(tcp->relay, &leg, connection->in,
	    connection->unit_bytes, &place, now_ns);
	connection->have -= connection->unit_bytes;
	memmove(connection->in, connection->in + connection->unit_bytes,
	    connection->have);
	if (rc != OK)
		return rc;
	if (!connection->is_known)
		drop_stranger(tcp, connection->number);
	connection->is_known = true;
	connection->leg = leg;
	connection->heard_ns = now_ns;
	return OK;
}

/* Of what size units are, their own tokens tell. */
static int
find_size(struct connection *connection, size_t tried)
{
	connection->unit_bytes = relay_find_end(connection->tcp->relay,
	    connection->in, connection->have, tried);
	if (connection->unit_bytes > 0)
		return OK;
	return connection->have < TCP_UNIT_BYTES_MAX ? ERR_AGAIN : ERR_CRYPTO;
}

/* All whole units that were read: OK, or that the connection is to end. */
static int
take_units(struct connection *connection, size_t tried, uint64_t now_ns)
{
	int rc = OK;

	if (connection->unit_bytes == 0)
		rc = find_size(connection, tried);
	/* What came too late, or while the post is heard elsewhere, is lost as
	 * it would be on UDP. */
	while (rc == OK || rc == ERR_REPLAY || rc == ERR_STATE)
		rc = take_unit(connection, now_ns);
	return rc == ERR_AGAIN ? OK : rc;
}

static void
on_readable(void *ctx, uint32_t events)
{
	struct connection *connection = ctx;
	const size_t tried = connection->have;
	const size_t most = connection->unit_bytes > 0 ? connection->unit_bytes
						       : TCP_UNIT_BYTES_MAX;
	ssize_t len;

	(void)events;
	len = recv(connection->source.fd, connection->in + tried, most - tried,
	    MSG_DONTWAIT);
	if (len == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len <= 0) {
		end_connection(connection);
		return;
	}
	connection->have += (size_t)len;
	if (take_units(connection, tried, clock_now_ns()) != OK)
		end_connection(connection);
}

/* ---- who comes */

static void
begin_connection(struct tcp *tcp, int fd, uint64_t now_ns)
{
	struct connection *connection;

	/* The newest may be a post; the oldest had its time. */
	if (tcp->strangers > 0 &&
	    (tcp->free_count == 0 || tcp->strangers == RELAY_STRANGERS_MAX))
		end_connection(&tcp->connection[tcp->stranger[0]]);
	if (tcp->free_count == 0) {
		(void)close(fd);
		return;
	}
	connection = &tcp->connection[tcp->free_list[--tcp->free_count]];
	connection->heard_ns = now_ns;
	tcp->stranger[tcp->strangers++] = connection->number;
	loop_add(tcp->loop, &connection->source, fd, EPOLLIN, on_readable,
	    connection);
}

static void
on_incoming(void *ctx, uint32_t events)
{
	struct tcp *tcp = ctx;
	int fd, i;

	(void)events;
	for (i = 0; i < RELAY_ACCEPTS_MAX; i++) {
		fd = accept4(tcp->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			begin_connection(tcp, fd, clock_now_ns());
			continue;
		}
		/* Out of descriptors or memory: tried again in a second. */
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM)
			loop_change(tcp->loop, &tcp->listener, 0);
		return;
	}
}

void
tcp_sweep(struct tcp *tcp, uint64_t now_ns)
{
	const uint64_t stranger_ns =
	    (uint64_t)RELAY_STRANGER_S * CLOCK_NS_PER_S;
	const uint64_t known_ns = (uint64_t)RELAY_SEND_S * CLOCK_NS_PER_S;
	uint32_t i;

	loop_change(tcp->loop, &tcp->listener, EPOLLIN);
	for (i = 0; i < tcp->count; i++) {
		struct connection *connection = &tcp->connection[i];
		const uint64_t most =
		    connection->is_known ? known_ns : stranger_ns;

		if (connection->source.fd != -1 &&
		    now_ns - connection->heard_ns >= most)
			end_connection(connection);
	}
}

/* ---- what goes */

/* Whether all of it is the kernel's now. */
static bool
send_rest(struct connection *connection)
{
	ssize_t len;

	if (connection->rest_bytes == 0)
		return true;
	len =
	    send(connection->source.fd, connection->rest + connection->rest_at,
		connection->rest_bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (len > 0) {
		connection->rest_at += (size_t)len;
		connection->rest_bytes -= (size_t)len;
	}
	return connection->rest_bytes == 0;
}

void
tcp_send(struct tcp *tcp, const struct relay_out *out)
{
	struct connection *connection = find_connection(tcp, out->to);
	ssize_t len;

	if (connection == NULL || !send_rest(connection))
		return;
	len = send(connection->source.fd, out->bytes, out->len,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
	/* A connection that failed is seen to when it is read. */
	if (len <= 0 || (size_t)len == out->len)
		return;
	connection->rest_at = 0;
	connection->rest_bytes = out->len - (size_t)len;
	memcpy(connection->rest, out->bytes + len, connection->rest_bytes);
}

/* ---- the socket */

static int
open_listener(const struct address *at)
{
	const int family = at->at.ss_family, yes = 1, no = 0;
	const int bytes = RELAY_TCP_SEND_BYTES;
	int fd;

	fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	if (family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no,
		    sizeof(no));
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	/* Those accepted inherit these. */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if (bind(fd, (const struct sockaddr *)&at->at, at->len) == 0 &&
	    listen(fd, RELAY_BACKLOG) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static int
make_room(struct tcp *tcp, uint32_t count)
{
	tcp->count = count;
	tcp->connection = calloc(count, sizeof(*tcp->connection));
	tcp->free_list = calloc(count, sizeof(*tcp->free_list));
	if (tcp->connection == NULL || tcp->free_list == NULL)
		return ERR_LIMIT;
	for (uint32_t i = 0; i < count; i++) {
		tcp->connection[i].tcp = tcp;
		tcp->connection[i].number = i;
		tcp->connection[i].source.fd = -1;
		tcp->free_list[i] = count - 1 - i;
	}
	tcp->free_count = count;
	return OK;
}

int
tcp_open(struct tcp *tcp, struct loop *loop, struct relay *relay,
    const struct address *at, uint32_t count)
{
	int rc;

	assert(count > 0);
	*tcp = (struct tcp){ .loop = loop, .relay = relay };
	tcp->fd = open_listener(at);
	if (tcp->fd == -1)
		return ERR_IO;
	if ((rc = make_room(tcp, count)) != OK) {
		tcp->count = 0;
		tcp_close(tcp);
		return rc;
	}
	loop_add(loop, &tcp->listener, tcp->fd, EPOLLIN, on_incoming, tcp);
	return OK;
}

void
tcp_close(struct tcp *tcp)
{
	uint32_t i;

	for (i = 0; i < tcp->count; i++)
		if (tcp->connection[i].source.fd != -1)
			end_connection(&tcp->connection[i]);
	if (tcp->fd != -1) {
		if (tcp->listener.on_ready != NULL)
			loop_remove(tcp->loop, &tcp->listener);
		(void)close(tcp->fd);
	}
	free(tcp->connection);
	free(tcp->free_list);
	*tcp = (struct tcp){ .fd = -1 };
}
