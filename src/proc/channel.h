/* Owns the bytes and descriptors between two processes; never blocks. */
#ifndef PROC_CHANNEL_H
#define PROC_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "limits.h"
#include "proc/pmsg.h"

/* One end of a nonblocking stream socket pair, with a bounded queue each way.
 * What has passed is wiped: keys go this way too. */
struct channel_queue {
	uint8_t *data;
	size_t cap;
	size_t head; /* first byte not yet taken */
	size_t tail; /* first byte free */
	size_t most; /* highest tail since the memory was given back */
};

struct channel_fds {
	int fd[CHANNEL_FDS_MAX];
	uint64_t at[CHANNEL_FDS_MAX]; /* sending: byte of the stream it is on */
	size_t count;
};

struct channel {
	int fd; /* -1: closed */
	bool takes_fds;
	struct channel_queue in;
	struct channel_queue out;
	struct channel_fds fds_in;
	struct channel_fds fds_out;
	uint64_t sent;	 /* bytes of the stream that left */
	uint64_t queued; /* bytes of the stream that were queued */
	size_t taken;	 /* of `in`: the message lent by channel_next */
};

/* Two connected ends, close-on-exec: OK or ERR_IO. */
MUST_CHECK int channel_pair(int fds[2]);

/* Takes fd.  takes_fds: descriptors may arrive, else they break the layout. */
void channel_open(struct channel *channel, int fd, bool takes_fds);
/* Closes, wipes and forgets; a closed one is fine. */
void channel_close(struct channel *channel);
/* Before the first channel_open. */
void channel_init(struct channel *channel);
bool channel_is_open(const struct channel *channel);

/* Lends the room for the body of the next message. */
void channel_compose(struct channel *channel, struct writer *w);
/*
 * Queues what was composed.  Takes fd (-1: none) when it returns OK.  ERR_FULL:
 * the queue is at its limit; ERR_SIZE: the body did not fit; nothing is queued.
 */
MUST_CHECK int channel_post(struct channel *channel, enum pmsg_type type,
    uint32_t line, const struct writer *w, int fd);
/* Composes and queues a body that is there already. */
MUST_CHECK int channel_send(struct channel *channel, enum pmsg_type type,
    uint32_t line, const void *body, size_t len, int fd);

/* Hands the kernel what it takes now: OK, or ERR_IO when the other end is gone. */
MUST_CHECK int channel_flush(struct channel *channel);
/* Bytes queued and not yet handed over. */
size_t channel_waiting(const struct channel *channel);
/* More waits than should: ask the other end for less until it has read. */
bool channel_is_backed_up(const struct channel *channel);

/* Reads once: OK, ERR_AGAIN for nothing there, ERR_IO for the other end gone,
 * ERR_FORMAT for descriptors that nobody asked for. */
MUST_CHECK int channel_fill(struct channel *channel);
/* Lends the next whole message (from and fd are the caller's to set): OK,
 * ERR_AGAIN, or ERR_FORMAT for a header out of all bounds. */
MUST_CHECK int channel_next(struct channel *channel, struct pmsg *msg);
/* The oldest descriptor that arrived, now the caller's; -1: none. */
int channel_take_fd(struct channel *channel);
/* The lent message is done with. */
void channel_drop(struct channel *channel);

#endif
