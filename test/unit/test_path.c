#include "wire/path.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proc/address.h"

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct cadence cadence = { 256, 1000 };
static const struct origin nowhere = { .len = 0 };

static int
open_end(void)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
			     fds),
	    0);
	/* The other end is of no interest here, and stays open. */
	return fds[0];
}

static void
init(struct path *path, enum pmsg_kind kind)
{
	path_init(path, 2);
	path->has_told = path->has_peer = true;
	path->peer.kind = kind;
}

static void
way_of_each_kind_says_where_the_peer_is(void **state)
{
	struct path path;
	struct line_way way;

	(void)state;
	init(&path, PMSG_KIND_UDP);
	path.told.roams = true;
	path.told.last = (struct origin){ .bytes = { 9 }, .len = 1 };
	path.peer.at = (struct origin){ .bytes = { 8 }, .len = 1 };
	path_read_way(&path, &way);
	assert_memory_equal(&way.peer, &path.peer.at, sizeof(way.peer));
	assert_memory_equal(&way.last, &path.told.last, sizeof(way.last));
	assert_true(way.roams);
	/* A relay is where it is. */
	path.told.has_ticket = true;
	path_read_way(&path, &way);
	assert_false(way.roams);

	init(&path, PMSG_KIND_DIALED);
	path.told.roams = true;
	path.told.last = (struct origin){ .bytes = { 9 }, .len = 1 };
	path_read_way(&path, &way);
	assert_int_equal(way.peer.len, 3);
	assert_memory_equal(way.peer.bytes, "tcp", 3);
	assert_int_equal(way.last.len, 0);
	assert_false(way.roams);

	/* A peer that dials again is another connection. */
	init(&path, PMSG_KIND_ACCEPTED);
	path.told.last = (struct origin){ .bytes = { 9 }, .len = 1 };
	path_read_way(&path, &way);
	assert_int_equal(way.peer.len, 0);
	assert_memory_equal(&way.last, &path.told.last, sizeof(way.last));
	assert_true(way.roams);
}

static unsigned
accept_one(struct path *path, const struct origin *destination)
{
	unsigned inlet = path_pick_inlet(path, destination);

	path_open_inlet(path, inlet, open_end(), 1);
	return inlet;
}

static void
newest_connections_are_kept_and_the_peers_one(void **state)
{
	struct origin peer, seen[PATH_INLETS_MAX];
	struct path path;
	unsigned i, inlet;
	int fd;

	(void)state;
	init(&path, PMSG_KIND_ACCEPTED);
	for (i = 0; i < PATH_INLETS_MAX; i++) {
		assert_int_equal(accept_one(&path, &nowhere), i);
		seen[i] = path.streams[i].origin;
		assert_int_equal(seen[i].bytes[0], 'c');
	}
	/* Nobody has shown who it is: the oldest goes. */
	fd = path_inlet_fd(&path, 0);
	assert_int_equal(accept_one(&path, &nowhere), 0);
	assert_int_not_equal(path_inlet_fd(&path, 0), fd);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	/* Never the one by which frames go out. */
	peer = path.streams[1].origin;
	for (i = 0; i < 100; i++) {
		inlet = accept_one(&path, &peer);
		assert_int_not_equal(inlet, 1);
	}
	assert_memory_equal(&path.streams[1].origin, &peer, sizeof(peer));
	/* No connection is called as one before it. */
	for (i = 0; i < PATH_INLETS_MAX; i++) {
		if (i != 1)
			assert_memory_not_equal(&path.streams[i].origin,
			    &seen[i], sizeof(seen[i]));
	}
	path_wipe(&path);
	assert_null(path.streams);
}

static void
connection_that_is_dialed_takes_the_place_of_the_last(void **state)
{
	struct path path;
	int fd;

	(void)state;
	init(&path, PMSG_KIND_DIALED);
	assert_int_equal(accept_one(&path, &nowhere), 0);
	fd = path_inlet_fd(&path, 0);
	assert_int_equal(accept_one(&path, &nowhere), 0);
	assert_int_not_equal(path_inlet_fd(&path, 0), fd);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	path_close_inlets(&path);
	assert_int_equal(path_inlet_fd(&path, 0), -1);
	path_wipe(&path);
}

static void
connection_of_a_line_that_does_not_run_is_ended(void **state)
{
	struct batch batch;
	struct path path;

	(void)state;
	init(&path, PMSG_KIND_DIALED);
	(void)accept_one(&path, &nowhere);
	assert_int_equal(path_recv(&path, 0, &batch), ERR_IO);
	path_wipe(&path);
}

static void
connection_that_brings_nothing_grows_stale(void **state)
{
	const uint64_t silent_ns =
	    cadence_longer_ns(cadence, SESSION_SILENT_S, SESSION_SILENT_SLOTS);
	struct rng_seeded seed;
	struct rng rng = rng_from_seed(&seed, 1);
	struct path path;

	(void)state;
	init(&path, PMSG_KIND_DIALED);
	path_start(&path, cadence, rng, 1);
	assert_false(path_is_stale(&path, 2 * silent_ns));
	(void)accept_one(&path, &nowhere);
	assert_false(path_is_stale(&path, 1 + silent_ns));
	assert_true(path_is_stale(&path, 2 + silent_ns));
	path_on_heard(&path, 0, silent_ns);
	assert_false(path_is_stale(&path, 2 * silent_ns));
	/* What was accepted is the peer's to give up. */
	path.peer.kind = PMSG_KIND_ACCEPTED;
	assert_false(path_is_stale(&path, 9 * silent_ns));
	path_wipe(&path);
}

static void
other_size_is_allowed_and_forbidden(void **state)
{
	struct rng_seeded seed;
	struct rng rng = rng_from_seed(&seed, 1);
	struct path path;

	(void)state;
	init(&path, PMSG_KIND_DIALED);
	path_start(&path, cadence, rng, 1);
	assert_int_equal(path.sizes.frame_bytes[0], 256);
	assert_int_equal(path.sizes.frame_bytes[1], 0);
	path_allow_size(&path, 512);
	assert_int_equal(path.sizes.frame_bytes[1], 512);
	path_allow_size(&path, 256);
	assert_int_equal(path.sizes.frame_bytes[1], 0);
	path_wipe(&path);
}

static int
open_udp(const char *ip, struct address *at)
{
	char text[ADDRESS_TEXT_BYTES];
	int fd;

	(void)snprintf(text, sizeof(text), "%s:1", ip);
	assert_int_equal(address_parse(at, (struct text){ text, strlen(text) }),
	    OK);
	/* Any port: it stands in the same place in both families. */
	((struct sockaddr_in *)(void *)&at->at)->sin_port = 0;
	fd = socket(at->at.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at->at, at->len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at->at, &at->len),
	    0);
	return fd;
}

/* A wire that was killed had handed the kernel a frame, and not let it go. */
static void
drop_what_is_left_behind(const char *ip)
{
	uint8_t frame[256] = { 1 }, bytes[1024];
	struct address peer_at, at;
	struct path path;
	int peer = open_udp(ip, &peer_at), fd = open_udp(ip, &at);
	const struct sockaddr *to = (const struct sockaddr *)&peer_at.at;

	assert_int_equal(sendto(fd, frame, sizeof(frame), MSG_MORE, to,
			     peer_at.len),
	    sizeof(frame));
	init(&path, PMSG_KIND_UDP);
	path_open_inlet(&path, 0, fd, 1);
	for (frame[0] = 2; frame[0] < 4; frame[0]++) {
		assert_int_equal(sendto(fd, frame, sizeof(frame), 0, to,
				     peer_at.len),
		    sizeof(frame));
		assert_int_equal(recv(peer, bytes, sizeof(bytes), 0),
		    sizeof(frame));
		assert_int_equal(bytes[0], frame[0]);
	}
	assert_int_equal(recv(peer, bytes, sizeof(bytes), MSG_DONTWAIT), -1);
	path_wipe(&path);
	(void)close(peer);
}

static void
frame_that_a_dead_wire_left_behind_joins_no_other(void **state)
{
	(void)state;
	drop_what_is_left_behind("127.0.0.1");
	drop_what_is_left_behind("[::1]");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(way_of_each_kind_says_where_the_peer_is),
		cmocka_unit_test(newest_connections_are_kept_and_the_peers_one),
		cmocka_unit_test(
		    connection_that_is_dialed_takes_the_place_of_the_last),
		cmocka_unit_test(
		    connection_of_a_line_that_does_not_run_is_ended),
		cmocka_unit_test(connection_that_brings_nothing_grows_stale),
		cmocka_unit_test(other_size_is_allowed_and_forbidden),
		cmocka_unit_test(
		    frame_that_a_dead_wire_left_behind_joins_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
