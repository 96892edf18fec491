#include "proc/channel.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct ends {
	struct channel a; /* takes no descriptors */
	struct channel b; /* takes descriptors */
};

static void
open_ends(struct ends *ends)
{
	int fds[2];

	assert_int_equal(channel_pair(fds), OK);
	channel_init(&ends->a);
	channel_init(&ends->b);
	channel_open(&ends->a, fds[0], false);
	channel_open(&ends->b, fds[1], true);
}

static void
close_ends(struct ends *ends)
{
	channel_close(&ends->a);
	channel_close(&ends->b);
}

static int
open_null(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void
message_comes_through_whole(void **state)
{
	static const uint8_t body[] = "body";
	struct ends ends;
	struct pmsg msg;

	(void)state;
	open_ends(&ends);
	assert_int_equal(channel_send(&ends.a, PMSG_EVENT, 7, body,
			     sizeof(body), -1),
	    OK);
	assert_int_equal(channel_flush(&ends.a), OK);
	assert_int_equal(channel_waiting(&ends.a), 0);
	assert_int_equal(channel_fill(&ends.b), OK);
	assert_int_equal(channel_next(&ends.b, &msg), OK);
	assert_int_equal(msg.type, PMSG_EVENT);
	assert_int_equal(msg.line, 7);
	assert_int_equal(msg.len, sizeof(body));
	assert_memory_equal(msg.body, body, sizeof(body));
	channel_drop(&ends.b);
	assert_int_equal(channel_next(&ends.b, &msg), ERR_AGAIN);
	assert_int_equal(channel_fill(&ends.b), ERR_AGAIN);
	close_ends(&ends);
}

static void
message_in_single_bytes_comes_through(void **state)
{
	static const uint8_t bytes[] = { PMSG_ORDER, 0, 3, 0, 0, 0, 9, 0, 0, 0,
		'a', 'b', 'c' };
	struct ends ends;
	struct pmsg msg;
	size_t i;

	(void)state;
	open_ends(&ends);
	for (i = 0; i < sizeof(bytes); i++) {
		assert_int_equal(channel_next(&ends.b, &msg), ERR_AGAIN);
		assert_int_equal(send(ends.a.fd, bytes + i, 1, 0), 1);
		assert_int_equal(channel_fill(&ends.b), OK);
	}
	assert_int_equal(channel_next(&ends.b, &msg), OK);
	assert_int_equal(msg.type, PMSG_ORDER);
	assert_int_equal(msg.line, 9);
	assert_memory_equal(msg.body, "abc", 3);
	close_ends(&ends);
}

static void
many_long_messages_keep_their_order(void **state)
{
	static uint8_t body[100000];
	struct ends ends;
	struct pmsg msg;
	uint32_t sent, got = 0;
	int rc;

	(void)state;
	open_ends(&ends);
	for (sent = 0; sent < 100; sent++) {
		memset(body, (int)sent, sizeof(body));
		assert_int_equal(channel_send(&ends.a, PMSG_REPLY, sent, body,
				     sizeof(body) - sent, -1),
		    OK);
	}
	while (got < sent) {
		assert_int_equal(channel_flush(&ends.a), OK);
		rc = channel_fill(&ends.b);
		assert_true(rc == OK || rc == ERR_AGAIN);
		while (channel_next(&ends.b, &msg) == OK) {
			assert_int_equal(msg.line, got);
			assert_int_equal(msg.len, sizeof(body) - got);
			assert_int_equal(msg.body[0], (uint8_t)got);
			assert_int_equal(msg.body[msg.len - 1], (uint8_t)got);
			channel_drop(&ends.b);
			got++;
		}
	}
	assert_int_equal(channel_waiting(&ends.a), 0);
	close_ends(&ends);
}

static void
descriptors_come_with_their_messages(void **state)
{
	struct ends ends;
	struct pmsg msg;
	int fd, i;

	(void)state;
	open_ends(&ends);
	/* What waits before and between them must not shift them. */
	assert_int_equal(channel_send(&ends.a, PMSG_READY, 0, NULL, 0, -1), OK);
	for (i = 0; i < 3; i++) {
		assert_int_equal(channel_send(&ends.a, PMSG_LISTEN, 1, "x", 1,
				     open_null()),
		    OK);
		assert_int_equal(channel_send(&ends.a, PMSG_READY, 2, NULL, 0,
				     -1),
		    OK);
	}
	assert_int_equal(channel_flush(&ends.a), OK);
	while (channel_fill(&ends.b) == OK)
		;
	assert_int_equal(channel_next(&ends.b, &msg), OK);
	channel_drop(&ends.b);
	for (i = 0; i < 3; i++) {
		assert_int_equal(channel_next(&ends.b, &msg), OK);
		assert_int_equal(msg.type, PMSG_LISTEN);
		fd = channel_take_fd(&ends.b);
		assert_true(fd >= 0);
		assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
		(void)close(fd);
		channel_drop(&ends.b);
		assert_int_equal(channel_next(&ends.b, &msg), OK);
		assert_int_equal(msg.type, PMSG_READY);
		channel_drop(&ends.b);
	}
	assert_int_equal(channel_take_fd(&ends.b), -1);
	close_ends(&ends);
}

static void
descriptor_that_nobody_asked_for_is_refused(void **state)
{
	struct ends ends;

	(void)state;
	open_ends(&ends);
	assert_int_equal(channel_send(&ends.b, PMSG_LISTEN, 0, NULL, 0,
			     open_null()),
	    OK);
	assert_int_equal(channel_flush(&ends.b), OK);
	assert_int_equal(channel_fill(&ends.a), ERR_FORMAT);
	assert_int_equal(channel_take_fd(&ends.a), -1);
	close_ends(&ends);
}

static void
descriptors_over_the_limit_are_refused(void **state)
{
	struct ends ends;
	int fd, i;

	(void)state;
	open_ends(&ends);
	for (i = 0; i < CHANNEL_FDS_MAX; i++)
		assert_int_equal(channel_send(&ends.a, PMSG_LISTEN, 0, NULL, 0,
				     open_null()),
		    OK);
	fd = open_null();
	assert_int_equal(channel_send(&ends.a, PMSG_LISTEN, 0, NULL, 0, fd),
	    ERR_FULL);
	/* Not taken: still the caller's. */
	assert_int_not_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(channel_flush(&ends.a), OK);
	assert_int_equal(channel_send(&ends.a, PMSG_LISTEN, 0, NULL, 0, fd),
	    OK);
	assert_int_equal(channel_flush(&ends.a), OK);
	for (i = 0; i < CHANNEL_FDS_MAX; i++)
		assert_int_equal(channel_fill(&ends.b), OK);
	assert_int_equal(channel_fill(&ends.b), ERR_FORMAT);
	close_ends(&ends);
}

static void
header_out_of_bounds_is_refused(void **state)
{
	static const uint8_t type[PMSG_HEAD_BYTES] = { PMSG_TYPE_COUNT };
	static const uint8_t high[PMSG_HEAD_BYTES] = { 0, 1 };
	static const uint8_t length[PMSG_HEAD_BYTES] = { 1, 0, 0, 0, 0, 0x80 };
	static const uint8_t *const bad[] = { type, high, length };
	struct ends ends;
	struct pmsg msg;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		open_ends(&ends);
		assert_int_equal(send(ends.a.fd, bad[i], PMSG_HEAD_BYTES, 0),
		    PMSG_HEAD_BYTES);
		assert_int_equal(channel_fill(&ends.b), OK);
		assert_int_equal(channel_next(&ends.b, &msg), ERR_FORMAT);
		close_ends(&ends);
	}
}

static void
body_over_the_limit_is_not_sent(void **state)
{
	static uint8_t body[PMSG_BODY_BYTES_MAX + 1];
	struct ends ends;

	(void)state;
	open_ends(&ends);
	assert_int_equal(channel_send(&ends.a, PMSG_REPLY, 0, body,
			     sizeof(body), -1),
	    ERR_SIZE);
	assert_int_equal(channel_waiting(&ends.a), 0);
	assert_int_equal(channel_send(&ends.a, PMSG_REPLY, 0, body,
			     sizeof(body) - 1, -1),
	    OK);
	close_ends(&ends);
}

static void
queue_at_its_limit_refuses_and_recovers(void **state)
{
	static uint8_t body[PMSG_BODY_BYTES_MAX];
	struct ends ends;
	struct pmsg msg;
	size_t sent = 0, got = 0;

	(void)state;
	open_ends(&ends);
	assert_false(channel_is_backed_up(&ends.a));
	while (
	    channel_send(&ends.a, PMSG_REPLY, 0, body, sizeof(body), -1) == OK)
		sent++;
	assert_true(sent >= CHANNEL_OUT_BYTES_MAX / sizeof(body) - 1);
	assert_true(channel_is_backed_up(&ends.a));
	assert_int_equal(channel_send(&ends.a, PMSG_REPLY, 0, body,
			     sizeof(body), -1),
	    ERR_FULL);
	while (got < sent) {
		assert_int_equal(channel_flush(&ends.a), OK);
		(void)!channel_fill(&ends.b);
		while (channel_next(&ends.b, &msg) == OK) {
			assert_int_equal(msg.len, sizeof(body));
			channel_drop(&ends.b);
			got++;
		}
	}
	assert_false(channel_is_backed_up(&ends.a));
	assert_int_equal(channel_send(&ends.a, PMSG_REPLY, 0, body,
			     sizeof(body), -1),
	    OK);
	close_ends(&ends);
}

static void
other_end_gone_is_told(void **state)
{
	struct ends ends;

	(void)state;
	open_ends(&ends);
	assert_int_equal(channel_send(&ends.a, PMSG_READY, 0, NULL, 0, -1), OK);
	assert_int_equal(channel_flush(&ends.a), OK);
	channel_close(&ends.a);
	assert_false(channel_is_open(&ends.a));
	/* What was sent before still arrives. */
	assert_int_equal(channel_fill(&ends.b), OK);
	assert_int_equal(channel_fill(&ends.b), ERR_IO);
	assert_int_equal(channel_send(&ends.b, PMSG_READY, 0, NULL, 0, -1), OK);
	assert_int_equal(channel_flush(&ends.b), ERR_IO);
	channel_close(&ends.a);
	close_ends(&ends);
}

static void
what_has_passed_is_wiped(void **state)
{
	static const uint8_t secret[] = "the store's key";
	static uint8_t zeros[sizeof(secret)];
	struct ends ends;
	struct pmsg msg;

	(void)state;
	open_ends(&ends);
	assert_int_equal(channel_send(&ends.a, PMSG_UNLOCK, 0, secret,
			     sizeof(secret), -1),
	    OK);
	assert_int_equal(channel_flush(&ends.a), OK);
	assert_memory_equal(ends.a.out.data + PMSG_HEAD_BYTES, zeros,
	    sizeof(secret));
	assert_int_equal(channel_fill(&ends.b), OK);
	assert_int_equal(channel_next(&ends.b, &msg), OK);
	assert_memory_equal(msg.body, secret, sizeof(secret));
	channel_drop(&ends.b);
	assert_memory_equal(ends.b.in.data + PMSG_HEAD_BYTES, zeros,
	    sizeof(secret));
	close_ends(&ends);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_comes_through_whole),
		cmocka_unit_test(message_in_single_bytes_comes_through),
		cmocka_unit_test(many_long_messages_keep_their_order),
		cmocka_unit_test(descriptors_come_with_their_messages),
		cmocka_unit_test(descriptor_that_nobody_asked_for_is_refused),
		cmocka_unit_test(descriptors_over_the_limit_are_refused),
		cmocka_unit_test(header_out_of_bounds_is_refused),
		cmocka_unit_test(body_over_the_limit_is_not_sent),
		cmocka_unit_test(queue_at_its_limit_refuses_and_recovers),
		cmocka_unit_test(other_end_gone_is_told),
		cmocka_unit_test(what_has_passed_is_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
