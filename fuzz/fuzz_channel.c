/* What one room writes to another's channel, in pieces of any length: whole
 * messages come out, in order and within their bounds, or the channel is done
 * with. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proc/channel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_BYTES_MAX = 1 << 16 };

static void
check(bool holds)
{
	if (!holds)
		abort();
}

/* Takes what is whole; false where a header broke its bounds. */
static bool
take_all(struct channel *channel, size_t *taken)
{
	static volatile uint8_t sum;
	struct pmsg msg;
	int rc;

	while ((rc = channel_next(channel, &msg)) == OK) {
		check(msg.type < PMSG_TYPE_COUNT);
		check(msg.len <= PMSG_BODY_BYTES_MAX && msg.fd == -1);
		for (size_t i = 0; i < msg.len; i++)
			sum = (uint8_t)(sum + msg.body[i]);
		*taken += PMSG_HEAD_BYTES + msg.len;
		channel_drop(channel);
	}
	check(rc == ERR_AGAIN || rc == ERR_FORMAT);
	return rc == ERR_AGAIN;
}

/* What was posted comes out at the other end as it went in. */
static void
turn(struct channel *to, const uint8_t *data, size_t size)
{
	struct channel from;
	struct pmsg msg;
	int fds[2];

	channel_init(&from);
	if (channel_pair(fds) != OK)
		abort();
	channel_open(&from, fds[0], false);
	channel_open(to, fds[1], false);
	check(channel_send(&from, PMSG_REQUEST, 7, data, size, -1) == OK);
	check(channel_flush(&from) == OK);
	while (channel_next(to, &msg) == ERR_AGAIN)
		check(channel_fill(to) == OK && channel_flush(&from) == OK);
	check(msg.type == PMSG_REQUEST && msg.line == 7 && msg.len == size);
	check(size == 0 || memcmp(msg.body, data, size) == 0);
	channel_drop(to);
	channel_close(&from);
	channel_close(to);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct channel channel;
	size_t at = 1, step, taken = 0;
	int fds[2];

	if (size < 1 || size > INPUT_BYTES_MAX)
		return 0;
	channel_init(&channel);
	if (data[0] == 0) {
		turn(&channel, data + 1, size - 1);
		return 0;
	}
	if (channel_pair(fds) != OK)
		abort();
	channel_open(&channel, fds[1], false);
	while (at < size) {
		step = size - at < data[0] ? size - at : data[0];
		check(send(fds[0], data + at, step, 0) == (ssize_t)step);
		at += step;
		check(channel_fill(&channel) == OK);
		if (!take_all(&channel, &taken))
			break;
	}
	check(taken < size);
	close(fds[0]);
	channel_close(&channel);
	return 0;
}
