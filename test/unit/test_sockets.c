#include "proc/sockets.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proc/address.h"

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

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
	want(&ear, 1, "127.0.0.1:17411", "127.0.0.1:9");
	assert_int_equal(ear.given, 1);
	assert_int_equal(ear.err, OK);
	assert_string_equal(ear.at, "127.0.0.1:17411");
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
	want(&ear, 1, "127.0.0.1:17411", "");
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
	want(&ear, 1, "127.0.0.1:17411", "");
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
	want(&ear, 1, "127.0.0.1:17411", "");
	want(&ear, 1, "127.0.0.1:17412", "");
	assert_int_equal(ear.given, 2);
	assert_string_equal(ear.at, "127.0.0.1:17412");
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
	want(&ear, 1, "127.0.0.1:17411", "");
	want(&ear, 2, "127.0.0.1:17411", "");
	assert_int_equal(ear.err, ERR_IO);
	assert_int_equal(ear.given, 1);
	assert_string_equal(ear.at, "");
	sockets_drop(&ear.sockets, 1, 0);
	(void)close(ear.fd);
	ear.fd = -1;
	/* The loop would, a second later. */
	assert_true(ear.sockets.socket[1].retry.at_ns != UINT64_MAX);
	want(&ear, 2, "127.0.0.1:17411", "");
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
	want(&ear, 1, "127.0.0.1:17411", "[::1]:9");
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

int
main(void)
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
