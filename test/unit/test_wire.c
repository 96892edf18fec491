#include "wire/room.h"

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "proc/address.h"
#include "proc/channel.h"
#include "proc/spawn.h"

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/*
 * The real wire room in a process of its own; this test is its parent, its
 * keeper and the network.  It counts frames, and waits only for what must come.
 */
enum { LINE = 3, FRAME_BYTES = 256, PATIENCE_MS = 20000, FRAMES = 200 };

struct stage {
	pid_t pid;
	struct channel parent; /* our end */
	struct channel keeper; /* our end */
	int peer_fd;	       /* where the line's frames go */
	struct address wire_at;
	uint32_t generation;
};

static int
open_udp(struct address *at)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	at->len = sizeof(at->at);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at->at, &at->len),
	    0);
	return fd;
}

static void
await_input(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&poll_fd, 1, PATIENCE_MS), 1);
}

/* The next message of that type on a channel; others are passed over. */
static struct pmsg
await_message(struct channel *channel, enum pmsg_type type)
{
	struct pmsg msg;
	int rc;

	for (;;) {
		while ((rc = channel_next(channel, &msg)) == OK) {
			if (msg.type == type)
				return msg;
			channel_drop(channel);
		}
		assert_int_equal(rc, ERR_AGAIN);
		await_input(channel->fd);
		rc = channel_fill(channel);
		assert_true(rc == OK || rc == ERR_AGAIN);
	}
}

static void
say(struct channel *channel, enum pmsg_type type, uint32_t line,
    const void *body, size_t len, int fd)
{
	assert_int_equal(channel_send(channel, type, line, body, len, fd), OK);
	assert_int_equal(channel_flush(channel), OK);
}

static void
give_keeper(struct stage *stage)
{
	struct pmsg_end end = { PROC_KEEPER, ++stage->generation };
	uint8_t body[PMSG_END_BYTES];
	struct writer w;
	int fds[2];

	assert_int_equal(channel_pair(fds), OK);
	buf_write(&w, body, sizeof(body));
	pmsg_encode_end(&w, &end);
	say(&stage->parent, PMSG_CHANNEL, 0, body, w.len, fds[1]);
	channel_close(&stage->keeper);
	channel_open(&stage->keeper, fds[0], false);
}

static void
give_socket(struct stage *stage)
{
	struct pmsg_peer peer = { .kind = PMSG_KIND_UDP };
	uint8_t body[PMSG_PEER_BYTES_MAX], path = 0;
	struct address peer_at;
	struct writer w;

	stage->peer_fd = open_udp(&peer_at);
	address_to_origin(&peer.at, &peer_at);
	buf_write(&w, body, sizeof(body));
	pmsg_encode_peer(&w, &peer);
	say(&stage->parent, PMSG_PEER, LINE, body, w.len, -1);
	say(&stage->parent, PMSG_SOCKET, LINE, &path, sizeof(path),
	    open_udp(&stage->wire_at));
}

static void
announce_line(struct stage *stage)
{
	struct line_config config = { .role = ROLE_A,
		.cadence = { FRAME_BYTES, 1000 } };
	struct line_order order = { .kind = LINE_ORDER_ATTACH };
	const struct pmsg_path path = { .path = 0 };
	uint8_t body[PMSG_LINE_BYTES_MAX];
	struct writer w;

	memset(config.boot_send, 1, LINE_KEY_BYTES);
	memset(config.boot_recv, 2, LINE_KEY_BYTES);
	buf_write(&w, body, sizeof(body));
	pmsg_encode_line(&w, &config);
	say(&stage->keeper, PMSG_LINE_ADD, LINE, body, w.len, -1);
	buf_write(&w, body, sizeof(body));
	pmsg_encode_path(&w, &path);
	say(&stage->keeper, PMSG_PATH, LINE, body, w.len, -1);
	buf_write(&w, body, sizeof(body));
	pmsg_encode_order(&w, &order);
	say(&stage->keeper, PMSG_ORDER, LINE, body, w.len, -1);
	say(&stage->keeper, PMSG_LINES_DONE, 0, NULL, 0, -1);
}

static void
open_stage(struct stage *stage)
{
	int fd;

	memset(stage, 0, sizeof(*stage));
	channel_init(&stage->parent);
	channel_init(&stage->keeper);
	stage->peer_fd = -1;
	assert_int_equal(spawn_role(PROC_WIRE, WALLS_NONE, -1, &stage->pid,
			     &fd),
	    OK);
	channel_open(&stage->parent, fd, false);
	(void)await_message(&stage->parent, PMSG_READY);
	channel_drop(&stage->parent);
	give_keeper(stage);
}

/* The parent's channel closes: the room ends in good order. */
static void
close_stage(struct stage *stage)
{
	int status;

	channel_close(&stage->parent);
	assert_int_equal(waitpid(stage->pid, &status, 0), stage->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	channel_close(&stage->keeper);
	if (stage->peer_fd >= 0)
		(void)close(stage->peer_fd);
}

/* Each of one size, from one place, and new. */
static void
count_frames(struct stage *stage, unsigned frames)
{
	uint8_t bytes[FRAME_BYTES_MAX + 1], last[FRAME_BYTES] = { 0 };
	struct sockaddr_in from, wire_at;
	socklen_t len;

	memcpy(&wire_at, &stage->wire_at.at, sizeof(wire_at));
	for (; frames > 0; frames--) {
		await_input(stage->peer_fd);
		len = sizeof(from);
		assert_int_equal(recvfrom(stage->peer_fd, bytes, sizeof(bytes),
				     0, (struct sockaddr *)&from, &len),
		    FRAME_BYTES);
		assert_int_equal(from.sin_port, wire_at.sin_port);
		assert_memory_not_equal(bytes, last, FRAME_BYTES);
		memcpy(last, bytes, sizeof(last));
	}
}

static void
drain_frames(struct stage *stage)
{
	uint8_t bytes[FRAME_BYTES_MAX + 1];

	while (recv(stage->peer_fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

static void
frames_go_once_keys_and_socket_are_there(void **state)
{
	struct stage stage;
	struct line_event event;
	struct pmsg msg;

	(void)state;
	open_stage(&stage);
	announce_line(&stage);
	give_socket(&stage);
	count_frames(&stage, FRAMES);
	msg = await_message(&stage.keeper, PMSG_EVENT);
	assert_int_equal(msg.line, LINE);
	assert_int_equal(pmsg_decode_event(&event, msg.body, msg.len), OK);
	channel_drop(&stage.keeper);
	close_stage(&stage);
}

static void
frames_go_on_without_a_keeper(void **state)
{
	struct stage stage;

	(void)state;
	open_stage(&stage);
	give_socket(&stage);
	announce_line(&stage);
	count_frames(&stage, 20);
	channel_close(&stage.keeper);
	drain_frames(&stage);
	count_frames(&stage, FRAMES);
	/* A new one finds the line where it was. */
	give_keeper(&stage);
	announce_line(&stage);
	(void)await_message(&stage.keeper, PMSG_EVENT);
	channel_drop(&stage.keeper);
	count_frames(&stage, 20);
	close_stage(&stage);
}

static void
line_that_a_new_keeper_does_not_name_ends(void **state)
{
	struct stage stage;
	struct pollfd poll_fd;

	(void)state;
	open_stage(&stage);
	give_socket(&stage);
	announce_line(&stage);
	count_frames(&stage, 20);
	give_keeper(&stage);
	say(&stage.keeper, PMSG_LINES_DONE, 0, NULL, 0, -1);
	say(&stage.keeper, PMSG_GOODBYE, 0, NULL, 0, -1);
	/* With no line left, leave is taken at once. */
	(void)await_message(&stage.parent, PMSG_SAID);
	channel_drop(&stage.parent);
	drain_frames(&stage);
	poll_fd = (struct pollfd){ .fd = stage.peer_fd, .events = POLLIN };
	assert_int_equal(poll(&poll_fd, 1, 50), 0);
	close_stage(&stage);
}

static void
junk_costs_no_frame(void **state)
{
	uint8_t junk[FRAME_BYTES];
	struct stage stage;
	unsigned i;
	int fd;

	(void)state;
	open_stage(&stage);
	give_socket(&stage);
	announce_line(&stage);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	memset(junk, 0x55, sizeof(junk));
	for (i = 0; i < 20; i++) {
		unsigned burst;

		for (burst = 0; burst < 500; burst++)
			(void)!sendto(fd, junk, burst % sizeof(junk) + 1,
			    MSG_DONTWAIT, (struct sockaddr *)&stage.wire_at.at,
			    stage.wire_at.len);
		count_frames(&stage, 10);
	}
	(void)close(fd);
	close_stage(&stage);
}

/* However much comes in, no more leave than slots have gone by. */
static void
junk_makes_no_frame_leave(void **state)
{
	uint8_t junk[FRAME_BYTES] = { 0x55 }, bytes[FRAME_BYTES_MAX + 1];
	const uint64_t slot_ns = CLOCK_NS_PER_MS;
	struct stage stage;
	uint64_t began_ns, frames = 0;
	int fd;

	(void)state;
	open_stage(&stage);
	give_socket(&stage);
	/* Frames leave from here on, however late this process is to look. */
	began_ns = clock_now_ns();
	announce_line(&stage);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	while (frames < FRAMES) {
		(void)!sendto(fd, junk, sizeof(junk), MSG_DONTWAIT,
		    (struct sockaddr *)&stage.wire_at.at, stage.wire_at.len);
		while (
		    recv(stage.peer_fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
			frames++;
	}
	/* One of the slot before, one of this. */
	assert_true(frames <= (clock_now_ns() - began_ns) / slot_ns + 2);
	(void)close(fd);
	close_stage(&stage);
}

/* -- streams ---------------------------------------------------------------- */

/* Says what path 1 (the second) is, and returns our end of a connection. */
static int
give_stream(struct stage *stage, enum pmsg_kind kind)
{
	const struct pmsg_peer peer = { .path = 1, .kind = kind };
	uint8_t body[PMSG_PEER_BYTES_MAX], path = 1;
	struct writer w;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
			     fds),
	    0);
	buf_write(&w, body, sizeof(body));
	pmsg_encode_peer(&w, &peer);
	say(&stage->parent, PMSG_PEER, LINE, body, w.len, -1);
	say(&stage->parent, PMSG_SOCKET, LINE, &path, sizeof(path), fds[1]);
	return fds[0];
}

static void
announce_path(struct stage *stage, const struct pmsg_path *path)
{
	uint8_t body[PMSG_PATH_BYTES_MAX];
	struct writer w;

	buf_write(&w, body, sizeof(body));
	pmsg_encode_path(&w, path);
	say(&stage->keeper, PMSG_PATH, LINE, body, w.len, -1);
}

/* Each whole, and new. */
static void
count_units(int fd, size_t bytes, unsigned units)
{
	uint8_t unit[FRAME_BYTES_MAX + 64], last[FRAME_BYTES] = { 0 };

	for (; units > 0; units--) {
		await_input(fd);
		assert_int_equal(recv(fd, unit, bytes, MSG_WAITALL), bytes);
		assert_memory_not_equal(unit, last, FRAME_BYTES);
		memcpy(last, unit, sizeof(last));
	}
}

static void
two_paths_each_carry_every_slot(void **state)
{
	const struct pmsg_path path = { .path = 1 };
	struct stage stage;
	int fd;

	(void)state;
	open_stage(&stage);
	give_socket(&stage);
	fd = give_stream(&stage, PMSG_KIND_DIALED);
	announce_line(&stage);
	announce_path(&stage, &path);
	count_units(fd, FRAME_BYTES, FRAMES);
	drain_frames(&stage);
	count_frames(&stage, FRAMES);
	(void)close(fd);
	close_stage(&stage);
}

static void
connection_that_ends_is_told_and_replaced(void **state)
{
	const struct pmsg_path path = { .path = 1 };
	struct stage stage;
	struct pmsg msg;
	unsigned i, number;
	int fd;

	(void)state;
	open_stage(&stage);
	fd = give_stream(&stage, PMSG_KIND_DIALED);
	announce_line(&stage);
	announce_path(&stage, &path);
	for (i = 0; i < 3; i++) {
		count_units(fd, FRAME_BYTES, 20);
		(void)close(fd);
		msg = await_message(&stage.parent, PMSG_SOCKET_GONE);
		assert_int_equal(msg.line, LINE);
		assert_int_equal(pmsg_decode_number(&number, msg.body, msg.len),
		    OK);
		assert_int_equal(number, 1);
		channel_drop(&stage.parent);
		fd = give_stream(&stage, PMSG_KIND_DIALED);
	}
	(void)close(fd);
	close_stage(&stage);
}

/* Whoever dials hears nothing before it has shown who it is. */
static void
strangers_hear_nothing(void **state)
{
	const struct pmsg_path path = { .path = 1 };
	uint8_t junk[FRAME_BYTES] = { 0x55 };
	struct pollfd poll_fd;
	struct stage stage;
	int fds[6];
	size_t i;

	(void)state;
	open_stage(&stage);
	give_socket(&stage);
	announce_line(&stage);
	announce_path(&stage, &path);
	for (i = 0; i < 6; i++) {
		fds[i] = give_stream(&stage, PMSG_KIND_ACCEPTED);
		assert_int_equal(send(fds[i], junk, sizeof(junk), MSG_NOSIGNAL),
		    sizeof(junk));
	}
	count_frames(&stage, FRAMES);
	for (i = 0; i < 6; i++) {
		poll_fd = (struct pollfd){ .fd = fds[i], .events = POLLIN };
		/* The two oldest gave way to the newest. */
		assert_int_equal(poll(&poll_fd, 1, 0), i < 2 ? 1 : 0);
		if (i < 2)
			assert_true(recv(fds[i], junk, sizeof(junk), 0) <= 0);
		(void)close(fds[i]);
	}
	count_frames(&stage, 20);
	close_stage(&stage);
}

static void
frames_by_a_relay_carry_its_token(void **state)
{
	const struct ticket_id is = { 7, 0, { FRAME_BYTES, 1000 } };
	struct pmsg_path path = { .path = 1, .has_ticket = true };
	uint8_t unit[FRAME_BYTES + TICKET_TOKEN_BYTES];
	uint8_t token[TICKET_TOKEN_BYTES];
	struct stage stage;
	unsigned i;
	int fd;

	(void)state;
	assert_int_equal(ticket_encode_id(path.ticket.id, &is), OK);
	memset(path.ticket.mask, 1, sizeof(path.ticket.mask));
	memset(path.ticket.key, 2, sizeof(path.ticket.key));
	path.ticket.is = is;
	open_stage(&stage);
	fd = give_stream(&stage, PMSG_KIND_DIALED);
	announce_line(&stage);
	announce_path(&stage, &path);
	for (i = 0; i < FRAMES; i++) {
		await_input(fd);
		assert_int_equal(recv(fd, unit, sizeof(unit), MSG_WAITALL),
		    sizeof(unit));
		ticket_seal(token, &path.ticket, unit);
		assert_memory_equal(unit + FRAME_BYTES, token, sizeof(token));
	}
	(void)close(fd);
	close_stage(&stage);
}

static void
path_that_is_dropped_says_no_more(void **state)
{
	const struct pmsg_path path = { .path = 1 };
	const uint8_t number = 1;
	uint8_t unit[FRAME_BYTES];
	struct stage stage;
	int fd;

	(void)state;
	open_stage(&stage);
	give_socket(&stage);
	fd = give_stream(&stage, PMSG_KIND_DIALED);
	announce_line(&stage);
	announce_path(&stage, &path);
	count_units(fd, FRAME_BYTES, 20);
	say(&stage.keeper, PMSG_PATH_DROP, LINE, &number, 1, -1);
	say(&stage.parent, PMSG_SOCKET_STOP, LINE, &number, 1, -1);
	/* Up to its end, whole frames. */
	for (;;) {
		await_input(fd);
		if (recv(fd, unit, sizeof(unit), MSG_WAITALL) !=
		    (ssize_t)sizeof(unit))
			break;
	}
	drain_frames(&stage);
	count_frames(&stage, FRAMES);
	(void)close(fd);
	close_stage(&stage);
}

/* It was on its way when the keeper closed the line: nobody's fault. */
static void
connection_for_a_line_that_was_closed_is_let_go(void **state)
{
	const struct pmsg_path path = { .path = 1 };
	uint8_t number = 1, byte;
	struct stage stage;
	struct pollfd poll_fd;
	int fds[2], first;

	(void)state;
	open_stage(&stage);
	first = give_stream(&stage, PMSG_KIND_ACCEPTED);
	announce_line(&stage);
	announce_path(&stage, &path);
	say(&stage.keeper, PMSG_LINE_DROP, LINE, NULL, 0, -1);
	/* The line is gone when its connection has ended. */
	await_input(first);
	assert_int_equal(recv(first, &byte, 1, 0), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
			     fds),
	    0);
	say(&stage.parent, PMSG_SOCKET, LINE, &number, 1, fds[1]);
	poll_fd = (struct pollfd){ .fd = fds[0], .events = POLLIN };
	assert_int_equal(poll(&poll_fd, 1, PATIENCE_MS), 1);
	assert_int_equal(recv(fds[0], &byte, 1, 0), 0);
	/* Wire lives. */
	give_socket(&stage);
	announce_line(&stage);
	count_frames(&stage, 20);
	(void)close(first);
	(void)close(fds[0]);
	close_stage(&stage);
}

/* What only a keeper may say: nothing is safe if the parent says it. */
static void
parent_that_breaks_a_rule_ends_the_room(void **state)
{
	struct stage stage;
	int status;

	(void)state;
	open_stage(&stage);
	say(&stage.parent, PMSG_LINE_DROP, LINE, NULL, 0, -1);
	assert_int_equal(waitpid(stage.pid, &status, 0), stage.pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	channel_close(&stage.parent);
	channel_close(&stage.keeper);
}

static void
goodbye_is_reported_once_it_is_said(void **state)
{
	struct line_order order = { .kind = LINE_ORDER_GOODBYE,
		.why = WHY_GOODBYE };
	uint8_t body[16];
	struct stage stage;
	struct writer w;

	(void)state;
	open_stage(&stage);
	give_socket(&stage);
	announce_line(&stage);
	count_frames(&stage, 20);
	buf_write(&w, body, sizeof(body));
	pmsg_encode_order(&w, &order);
	say(&stage.keeper, PMSG_ORDER, LINE, body, w.len, -1);
	say(&stage.keeper, PMSG_GOODBYE, 0, NULL, 0, -1);
	(void)await_message(&stage.parent, PMSG_SAID);
	channel_drop(&stage.parent);
	close_stage(&stage);
}

/* The keeper is to blame, and wire lives on. */
static void
keeper_out_of_rule_is_denounced(enum pmsg_type type, const void *body,
    size_t len)
{
	struct stage stage;
	struct pmsg_end end;
	struct pmsg msg;

	open_stage(&stage);
	give_socket(&stage);
	announce_line(&stage);
	count_frames(&stage, 20);
	say(&stage.keeper, type, LINE, body, len, -1);
	msg = await_message(&stage.parent, PMSG_LOST);
	assert_int_equal(pmsg_decode_end(&end, msg.body, msg.len), OK);
	assert_int_equal(end.role, PROC_KEEPER);
	assert_int_equal(end.generation, stage.generation);
	channel_drop(&stage.parent);
	count_frames(&stage, 20);
	close_stage(&stage);
}

static void
keeper_that_breaks_a_rule_is_denounced(void **state)
{
	(void)state;
	keeper_out_of_rule_is_denounced(PMSG_UNLOCK, NULL, 0);
	keeper_out_of_rule_is_denounced(PMSG_ORDER, "\377", 1);
	keeper_out_of_rule_is_denounced(PMSG_LINE_ADD, "short", 5);
	keeper_out_of_rule_is_denounced(PMSG_LINE_DROP, "long", 4);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_go_once_keys_and_socket_are_there),
		cmocka_unit_test(frames_go_on_without_a_keeper),
		cmocka_unit_test(line_that_a_new_keeper_does_not_name_ends),
		cmocka_unit_test(junk_costs_no_frame),
		cmocka_unit_test(junk_makes_no_frame_leave),
		cmocka_unit_test(two_paths_each_carry_every_slot),
		cmocka_unit_test(connection_that_ends_is_told_and_replaced),
		cmocka_unit_test(strangers_hear_nothing),
		cmocka_unit_test(frames_by_a_relay_carry_its_token),
		cmocka_unit_test(path_that_is_dropped_says_no_more),
		cmocka_unit_test(
		    connection_for_a_line_that_was_closed_is_let_go),
		cmocka_unit_test(parent_that_breaks_a_rule_ends_the_room),
		cmocka_unit_test(goodbye_is_reported_once_it_is_said),
		cmocka_unit_test(keeper_that_breaks_a_rule_is_denounced),
	};

	if (argc >= 2 && strcmp(argv[1], "wire") == 0)
		return wire_main(WALLS_NONE);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
