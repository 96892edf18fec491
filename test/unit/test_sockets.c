#include "proc/sockets.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/log.h"
#include "limits.h"
#include "proc/address.h"
#include "proc/seeker.h"

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Loopback is wide: each run of this test has addresses of its own. */
static char here[ADDRESS_TEXT_BYTES];
static char there[ADDRESS_TEXT_BYTES];

static void
choose_addresses(void)
{
	const unsigned pid = (unsigned)getpid();

	(void)snprintf(here, sizeof(here), "127.%u.%u.1:17411", pid >> 8 & 0xff,
	    pid & 0xff);
	(void)snprintf(there, sizeof(there), "127.%u.%u.1:17412",
	    pid >> 8 & 0xff, pid & 0xff);
}

/* Wire and keeper as the sockets see them. */
struct ear {
	struct loop loop;
	struct sockets sockets;
	unsigned told;
	unsigned given;
	unsigned stopped;
	unsigned said;
	int err;
	int fd; /* as given last; ours */
	struct origin peer;
	enum pmsg_kind kind;
	char at[PMSG_ENDPOINT_BYTES_MAX + 1];
	/* The loop stops at so many. */
	unsigned troubles;
	unsigned stop_given;
	unsigned stop_troubles;
};

static void
on_peer(void *ctx, uint32_t line, const struct pmsg_peer *peer)
{
	struct ear *ear = ctx;

	(void)line;
	ear->told++;
	ear->peer = peer->at;
	ear->kind = peer->kind;
}

static void
on_give(void *ctx, uint32_t line, unsigned path, int fd)
{
	struct ear *ear = ctx;

	(void)line;
	(void)path;
	ear->given++;
	if (ear->fd >= 0)
		(void)close(ear->fd);
	ear->fd = fd;
	if (ear->given == ear->stop_given)
		loop_stop(&ear->loop);
}

static void
on_stop(void *ctx, uint32_t line, unsigned path)
{
	struct ear *ear = ctx;

	(void)line;
	(void)path;
	ear->stopped++;
}

static void
on_say(void *ctx, uint32_t line, const struct pmsg_bound *bound)
{
	struct ear *ear = ctx;

	(void)line;
	ear->said++;
	ear->err = bound->err;
	memset(ear->at, 0, sizeof(ear->at));
	if (bound->at.len > 0)
		memcpy(ear->at, bound->at.data, bound->at.len);
	if (bound->err != OK && ++ear->troubles == ear->stop_troubles)
		loop_stop(&ear->loop);
	/* What hinders is said, and only that. */
	assert_int_equal(bound->err == OK, bound->say.len == 0);
}

static const struct sockets_ops ops = { on_peer, on_give, on_stop, on_say };

static void
open_ear(struct ear *ear)
{
	memset(ear, 0, sizeof(*ear));
	ear->fd = -1;
	loop_init(&ear->loop);
	sockets_init(&ear->sockets, &ear->loop, WALLS_NONE, &ops, ear);
}

static void
close_ear(struct ear *ear)
{
	sockets_close(&ear->sockets);
	loop_close(&ear->loop);
	if (ear->fd >= 0)
		(void)close(ear->fd);
}

static void
want(struct ear *ear, uint32_t line, const char *listen, const char *endpoint)
{
	struct pmsg_way wanted = { .listen = { listen, strlen(listen) },
		.endpoint = { endpoint, strlen(endpoint) } };

	sockets_want(&ear->sockets, line, &wanted);
}

static int
get_option(int fd, int level, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);

	assert_int_equal(getsockopt(fd, level, option, &value, &len), 0);
	return value;
}

static void
numeric_peer_is_given_at_once(void **state)
{
	struct address peer;
	struct ear ear;
	char text[ADDRESS_TEXT_BYTES];

	(void)state;
	open_ear(&ear);
	want(&ear, 1, here, "127.0.0.1:9");
	assert_int_equal(ear.given, 1);
	assert_int_equal(ear.err, OK);
	assert_string_equal(ear.at, here);
	assert_int_equal(address_from_origin(&peer, &ear.peer), OK);
	address_format(text, &peer);
	assert_string_equal(text, "127.0.0.1:9");
	close_ear(&ear);
}

static void
peer_without_endpoint_is_to_be_learned(void **state)
{
	struct ear ear;

	(void)state;
	open_ear(&ear);
	want(&ear, 1, here, "");
	assert_int_equal(ear.given, 1);
	assert_int_equal(ear.peer.len, 0);
	close_ear(&ear);
}

static void
frames_are_never_cut(void **state)
{
	struct ear ear;

	(void)state;
	open_ear(&ear);
	want(&ear, 1, here, "");
	assert_int_equal(get_option(ear.fd, IPPROTO_IP, IP_MTU_DISCOVER),
	    IP_PMTUDISC_PROBE);
	close_ear(&ear);
}

static void
asking_again_changes_nothing(void **state)
{
	struct ear ear;

	(void)state;
	open_ear(&ear);
	want(&ear, 1, "", "127.0.0.1:9");
	assert_int_equal(ear.given, 1);
	/* A keeper that starts asks again, maybe for what it was told. */
	want(&ear, 1, "", "127.0.0.1:9");
	want(&ear, 1, ear.at, "127.0.0.1:9");
	assert_int_equal(ear.given, 1);
	assert_int_equal(ear.stopped, 1);
	assert_int_equal(ear.err, OK);
	assert_true(ear.said >= 3);
	close_ear(&ear);
}

static void
endpoint_that_becomes_known_is_given(void **state)
{
	struct ear ear;
	char at[PMSG_ENDPOINT_BYTES_MAX + 1];

	(void)state;
	open_ear(&ear);
	want(&ear, 1, "", "");
	assert_int_equal(ear.peer.len, 0);
	memcpy(at, ear.at, sizeof(at));
	want(&ear, 1, "", "127.0.0.1:9");
	assert_int_equal(ear.given, 2);
	assert_int_equal(ear.stopped, 2);
	assert_int_not_equal(ear.peer.len, 0);
	/* The socket is the same. */
	assert_string_equal(ear.at, at);
	close_ear(&ear);
}

static void
other_listen_makes_another_socket(void **state)
{
	struct ear ear;

	(void)state;
	open_ear(&ear);
	want(&ear, 1, here, "");
	want(&ear, 1, there, "");
	assert_int_equal(ear.given, 2);
	assert_string_equal(ear.at, there);
	/* The first one's port is free again once wire lets go, too. */
	close_ear(&ear);
}

static void
lines_have_ports_of_their_own(void **state)
{
	struct ear ear;
	char first[PMSG_ENDPOINT_BYTES_MAX + 1];

	(void)state;
	open_ear(&ear);
	want(&ear, 1, "", "");
	assert_int_equal(ear.err, OK);
	memcpy(first, ear.at, sizeof(first));
	want(&ear, 2, "", "");
	assert_int_equal(ear.err, OK);
	assert_string_not_equal(ear.at, first);
	close_ear(&ear);
}

static void
address_in_use_is_said_and_tried_again(void **state)
{
	struct ear ear;

	(void)state;
	open_ear(&ear);
	want(&ear, 1, here, "");
	want(&ear, 2, here, "");
	assert_int_equal(ear.err, ERR_IO);
	assert_int_equal(ear.given, 1);
	assert_string_equal(ear.at, "");
	sockets_drop(&ear.sockets, 1, 0);
	(void)close(ear.fd);
	ear.fd = -1;
	/* The loop would, a second later. */
	assert_true(ear.sockets.socket[1].retry.at_ns != UINT64_MAX);
	want(&ear, 2, here, "");
	assert_int_equal(ear.err, OK);
	assert_int_equal(ear.given, 2);
	close_ear(&ear);
}

static void
listen_that_is_no_address_is_refused(void **state)
{
	static const char *const bad[] = { "127.0.0.1", "localhost:17411",
		"127.0.0.1:0", "[::1:7411", "17411" };
	struct ear ear;
	size_t i;

	(void)state;
	open_ear(&ear);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		want(&ear, 1, bad[i], "");
		assert_int_equal(ear.err, ERR_FORMAT);
	}
	assert_int_equal(ear.given, 0);
	close_ear(&ear);
}

static void
peer_of_the_other_ip_version_is_refused(void **state)
{
	struct ear ear;

	(void)state;
	open_ear(&ear);
	want(&ear, 1, here, "[::1]:9");
	assert_int_equal(ear.given, 0);
	assert_int_equal(ear.err, ERR_NOT_FOUND);
	close_ear(&ear);
}

static void
new_wire_is_given_everything(void **state)
{
	struct ear ear;

	(void)state;
	open_ear(&ear);
	want(&ear, 1, "", "");
	want(&ear, 2, "", "127.0.0.1:9");
	want(&ear, 3, "no address", "");
	ear.given = 0;
	sockets_give_all(&ear.sockets);
	assert_int_equal(ear.given, 2);
	sockets_drop(&ear.sockets, 1, 0);
	ear.given = 0;
	sockets_give_all(&ear.sockets);
	assert_int_equal(ear.given, 1);
	close_ear(&ear);
}

static void
lines_over_the_limit_get_no_socket(void **state)
{
	struct ear ear;
	uint32_t line;

	(void)state;
	open_ear(&ear);
	for (line = 1; line <= LINES_MAX + 1; line++)
		want(&ear, line, "", "");
	assert_int_equal(ear.given, LINES_MAX);
	close_ear(&ear);
}

static void
each_path_of_each_line_has_a_socket(void **state)
{
	struct pmsg_way wanted = { .listen = { NULL, 0 } };
	struct ear ear;
	uint32_t line;

	(void)state;
	open_ear(&ear);
	for (line = 1; line <= LINES_MAX; line++)
		for (wanted.path = 0; wanted.path < LINE_PATHS_MAX;
		     wanted.path++)
			sockets_want(&ear.sockets, line, &wanted);
	assert_int_equal(ear.given, LINES_MAX * LINE_PATHS_MAX);
	/* One more line has none, and one path less leaves the others. */
	sockets_drop(&ear.sockets, 3, 2);
	wanted.path = 2;
	sockets_want(&ear.sockets, LINES_MAX + 1, &wanted);
	assert_int_equal(ear.given, LINES_MAX * LINE_PATHS_MAX);
	sockets_want(&ear.sockets, 3, &wanted);
	assert_int_equal(ear.given, LINES_MAX * LINE_PATHS_MAX + 1);
	ear.given = 0;
	sockets_give_all(&ear.sockets);
	assert_int_equal(ear.given, LINES_MAX * LINE_PATHS_MAX);
	close_ear(&ear);
}

/* -- TCP -------------------------------------------------------------------- */

static void
want_tcp(struct ear *ear, const char *listen, const char *endpoint,
    const char *proxy)
{
	struct pmsg_way wanted = { .path = 1,
		.tcp = true,
		.listen = { listen, strlen(listen) },
		.endpoint = { endpoint, strlen(endpoint) },
		.proxy = { proxy, strlen(proxy) } };

	sockets_want(&ear->sockets, 1, &wanted);
}

/* Listens on loopback: "127.0.0.1:PORT" in at. */
static int
listen_here(char at[ADDRESS_TEXT_BYTES])
{
	struct address address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(address_parse(&address,
			     (struct text){ "127.0.0.1:1", 11 }),
	    OK);
	((struct sockaddr_in *)(void *)&address.at)->sin_port = 0;
	assert_int_equal(bind(fd, (struct sockaddr *)&address.at, address.len),
	    0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address.at,
			     &address.len),
	    0);
	address_format(at, &address);
	return fd;
}

static int
connect_there(const char *at)
{
	struct address address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(address_parse(&address,
			     (struct text){ at, strlen(at) }),
	    OK);
	assert_int_equal(connect(fd, (struct sockaddr *)&address.at,
			     address.len),
	    0);
	return fd;
}

/* Turns the loop until something is given, or said to be wrong. */
static void
run_until(struct ear *ear, unsigned given, unsigned troubles)
{
	ear->stop_given = given;
	ear->stop_troubles = troubles;
	loop_run(&ear->loop);
}

static void
listening_path_gives_who_dials(void **state)
{
	struct ear ear;
	int fd;

	(void)state;
	open_ear(&ear);
	want_tcp(&ear, here, "", "");
	assert_int_equal(ear.told, 1);
	assert_int_equal(ear.kind, PMSG_KIND_ACCEPTED);
	assert_int_equal(ear.given, 0);
	assert_string_equal(ear.at, here);
	fd = connect_there(here);
	run_until(&ear, 1, 1);
	assert_int_equal(ear.given, 1);
	assert_int_equal(get_option(ear.fd, IPPROTO_TCP, TCP_NODELAY), 1);
	assert_int_equal(get_option(ear.fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT),
	    TCP_UNSENT_BYTES);
	(void)close(fd);
	close_ear(&ear);
}

static void
few_who_dial_are_let_in_at_once(void **state)
{
	struct ear ear;
	int fd[TCP_ACCEPTED_MAX + 2];
	size_t i;

	(void)state;
	open_ear(&ear);
	want_tcp(&ear, here, "", "");
	for (i = 0; i < TCP_ACCEPTED_MAX + 2; i++)
		fd[i] = connect_there(here);
	run_until(&ear, TCP_ACCEPTED_MAX, 1);
	assert_int_equal(ear.sockets.socket[0].accepts, 0);
	/* One more, and no sooner than its time. */
	assert_true(ear.sockets.socket[0].retry.at_ns != UINT64_MAX);
	run_until(&ear, TCP_ACCEPTED_MAX + 1, 1);
	assert_int_equal(ear.sockets.socket[0].accepts, 0);
	for (i = 0; i < TCP_ACCEPTED_MAX + 2; i++)
		(void)close(fd[i]);
	close_ear(&ear);
}

static void
peer_is_dialed_and_dialed_again(void **state)
{
	char at[ADDRESS_TEXT_BYTES];
	int door = listen_here(at), i;
	struct ear ear;

	(void)state;
	open_ear(&ear);
	want_tcp(&ear, "", at, "");
	/* Wire's slots begin at once, connected or not. */
	assert_int_equal(ear.told, 1);
	assert_int_equal(ear.kind, PMSG_KIND_DIALED);
	for (i = 0; i < 2; i++) {
		run_until(&ear, (unsigned)i + 1, 1);
		assert_int_equal(ear.given, i + 1);
		(void)close(accept(door, NULL, NULL));
		sockets_on_gone(&ear.sockets, 1, 1);
		assert_true(ear.sockets.socket[0].retry.at_ns != UINT64_MAX);
	}
	/* A new wire has no connection. */
	sockets_give_all(&ear.sockets);
	assert_int_equal(ear.told, 2);
	run_until(&ear, 3, 1);
	/* One that is gone already is not gone once more. */
	sockets_on_gone(&ear.sockets, 1, 0);
	sockets_on_gone(&ear.sockets, 2, 1);
	assert_int_equal(ear.sockets.socket[0].retry.at_ns, UINT64_MAX);
	(void)close(door);
	close_ear(&ear);
}

static void
peer_that_does_not_listen_is_said_and_tried_again(void **state)
{
	char at[ADDRESS_TEXT_BYTES];
	int door = listen_here(at);
	struct ear ear;

	(void)state;
	(void)close(door);
	open_ear(&ear);
	want_tcp(&ear, "", at, "");
	run_until(&ear, 1, 1);
	assert_int_equal(ear.given, 0);
	assert_int_equal(ear.err, ERR_NOT_FOUND);
	assert_true(ear.sockets.socket[0].retry.at_ns != UINT64_MAX);
	close_ear(&ear);
}

/* It lies on the disk as it is. */
static void
log_does_not_say_whom_a_line_calls(void **state)
{
	char at[ADDRESS_TEXT_BYTES], text[LOG_LINE_BYTES_MAX + 1];
	int door = listen_here(at), fds[2];
	struct ear ear;
	ssize_t len;

	(void)state;
	(void)close(door);
	assert_int_equal(pipe(fds), 0);
	log_open(fds[1], "test", LOG_LEVEL_DEBUG);
	open_ear(&ear);
	want_tcp(&ear, "", at, "");
	run_until(&ear, 1, 1);
	close_ear(&ear);
	log_open(STDERR_FILENO, "quietline", LOG_LEVEL_INFO);
	len = read(fds[0], text, sizeof(text) - 1);
	assert_true(len > 0);
	text[len] = '\0';
	assert_non_null(strstr(text, "nobody listens there"));
	assert_null(strstr(text, at));
	assert_null(strstr(text, "127.0.0.1"));
	(void)close(fds[0]);
	(void)close(fds[1]);
}

/* A proxy that reads what it should, and says `reply`. */
_Noreturn static void
run_proxy(int door, const void *reply, size_t len)
{
	static const char wanted[] = "\5\1\0\3\12oslo.onion\34\363";
	char bytes[64];
	int fd = accept(door, NULL, NULL);

	if (recv(fd, bytes, 3, MSG_WAITALL) != 3 ||
	    memcmp(bytes, "\5\1\0", 3) != 0 || send(fd, "\5\0", 2, 0) != 2)
		_exit(1);
	if (recv(fd, bytes, sizeof(wanted) - 1, MSG_WAITALL) !=
		(ssize_t)sizeof(wanted) - 1 ||
	    memcmp(bytes, wanted, sizeof(wanted) - 1) != 0)
		_exit(2);
	(void)!send(fd, reply, len, 0);
	(void)!recv(fd, bytes, 1, MSG_WAITALL);
	_exit(0);
}

static void
dial_by_proxy(struct ear *ear, const void *reply, size_t len)
{
	char at[ADDRESS_TEXT_BYTES];
	int door = listen_here(at);
	pid_t pid;

	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		run_proxy(door, reply, len);
	(void)close(door);
	open_ear(ear);
	want_tcp(ear, "", "oslo.onion:7411", at);
	run_until(ear, 1, 1);
}

static void
proxy_is_given_the_name_and_keeps_out_of_the_stream(void **state)
{
	static const char reply[] = "\5\0\0\1\1\2\3\4\0\1FRAME";
	struct ear ear;
	char bytes[8];
	int flags;

	(void)state;
	dial_by_proxy(&ear, reply, sizeof(reply) - 1);
	assert_int_equal(ear.given, 1);
	flags = fcntl(ear.fd, F_GETFL);
	assert_int_equal(fcntl(ear.fd, F_SETFL, flags & ~O_NONBLOCK), 0);
	/* Not one byte of what follows is gone. */
	assert_int_equal(recv(ear.fd, bytes, 5, MSG_WAITALL), 5);
	assert_memory_equal(bytes, "FRAME", 5);
	close_ear(&ear);
}

static void
proxy_that_refuses_or_babbles_is_said(void **state)
{
	static const char refused[] = "\5\5\0\1\0\0\0\0\0\0";
	static const char babble[] = "HTTP/1.1 400 Bad Request";
	struct ear ear;

	(void)state;
	dial_by_proxy(&ear, refused, sizeof(refused) - 1);
	assert_int_equal(ear.given, 0);
	assert_int_equal(ear.err, ERR_NOT_FOUND);
	close_ear(&ear);
	dial_by_proxy(&ear, babble, sizeof(babble) - 1);
	assert_int_equal(ear.given, 0);
	assert_int_equal(ear.err, ERR_NOT_FOUND);
	close_ear(&ear);
}

static void
other_transport_is_another_path(void **state)
{
	struct pmsg_way wanted = { .path = 1,
		.listen = { here, strlen(here) } };
	struct ear ear;

	(void)state;
	open_ear(&ear);
	sockets_want(&ear.sockets, 1, &wanted);
	assert_int_equal(ear.kind, PMSG_KIND_UDP);
	assert_int_equal(ear.stopped, 1);
	want_tcp(&ear, here, "", "");
	assert_int_equal(ear.kind, PMSG_KIND_ACCEPTED);
	assert_int_equal(ear.stopped, 2);
	assert_int_equal(ear.err, OK);
	want_tcp(&ear, here, "", "");
	assert_int_equal(ear.stopped, 2);
	close_ear(&ear);
}

/* -- names ------------------------------------------------------------------ */

static struct origin
origin_of(const char *at)
{
	struct address address;
	struct origin origin;

	assert_int_equal(address_parse(&address,
			     (struct text){ at, strlen(at) }),
	    OK);
	address_to_origin(&origin, &address);
	return origin;
}

static void
name_that_moves_moves_the_peer(void **state)
{
	struct origin answer[2] = { origin_of("127.0.0.2:9"),
		origin_of("127.0.0.1:9") };
	struct path_socket *socket;
	struct ear ear;

	(void)state;
	open_ear(&ear);
	want(&ear, 1, here, "localhost:9");
	socket = &ear.sockets.socket[0];
	/* As the seeker would say. */
	seek_end(&socket->seek);
	socket->seek.ops->found(socket, &answer[1], 1);
	assert_int_equal(ear.given, 1);
	assert_memory_equal(&ear.peer, &answer[1], sizeof(ear.peer));
	assert_true(socket->retry.at_ns != UINT64_MAX);
	/* It is still among the answers: it stays. */
	socket->seek.ops->found(socket, answer, 2);
	assert_int_equal(ear.told, 1);
	/* It is not any more. */
	socket->seek.ops->found(socket, answer, 1);
	assert_int_equal(ear.told, 2);
	assert_memory_equal(&ear.peer, &answer[0], sizeof(ear.peer));
	/* The socket is the same, and nothing was stopped. */
	assert_int_equal(ear.given, 1);
	assert_int_equal(ear.stopped, 1);
	/* No answer, and no name: all stays as it is. */
	socket->seek.ops->found(socket, answer, 0);
	socket->seek.ops->failed(socket, PMSG_UNDIALED_NOT);
	assert_int_equal(ear.told, 2);
	assert_int_equal(ear.err, OK);
	close_ear(&ear);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numeric_peer_is_given_at_once),
		cmocka_unit_test(peer_without_endpoint_is_to_be_learned),
		cmocka_unit_test(frames_are_never_cut),
		cmocka_unit_test(asking_again_changes_nothing),
		cmocka_unit_test(endpoint_that_becomes_known_is_given),
		cmocka_unit_test(other_listen_makes_another_socket),
		cmocka_unit_test(lines_have_ports_of_their_own),
		cmocka_unit_test(address_in_use_is_said_and_tried_again),
		cmocka_unit_test(listen_that_is_no_address_is_refused),
		cmocka_unit_test(peer_of_the_other_ip_version_is_refused),
		cmocka_unit_test(new_wire_is_given_everything),
		cmocka_unit_test(lines_over_the_limit_get_no_socket),
		cmocka_unit_test(each_path_of_each_line_has_a_socket),
		cmocka_unit_test(listening_path_gives_who_dials),
		cmocka_unit_test(few_who_dial_are_let_in_at_once),
		cmocka_unit_test(peer_is_dialed_and_dialed_again),
		cmocka_unit_test(log_does_not_say_whom_a_line_calls),
		cmocka_unit_test(
		    peer_that_does_not_listen_is_said_and_tried_again),
		cmocka_unit_test(
		    proxy_is_given_the_name_and_keeps_out_of_the_stream),
		cmocka_unit_test(proxy_that_refuses_or_babbles_is_said),
		cmocka_unit_test(other_transport_is_another_path),
		cmocka_unit_test(name_that_moves_moves_the_peer),
	};

	/* The seekers that are started are this program, in their role. */
	if (argc >= 2 && strcmp(argv[1], "seeker") == 0)
		return seeker_main(WALLS_NONE);
	choose_addresses();

	return cmocka_run_group_tests(tests, NULL, NULL);
}
