/* Owns the bytes and descriptors between two processes; never blocks. */
#include "proc/channel.h"

#include "base/log.h"
#include "base/wipe.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* A queue that grew beyond this gives its memory back when empty. */
	QUEUE_KEEP_BYTES = 256 * 1024,
	/* Keys pass where nothing waits before them: that much never reaches
	 * the swap.  No more, since what may be locked is little. */
	QUEUE_LOCKED_BYTES = 128 * 1024,
};

_Static_assert((size_t)CHANNEL_IN_BYTES >=
	(size_t)PMSG_BODY_BYTES_MAX + PMSG_HEAD_BYTES,
    "the longest message fits");

/* Address space only: pages come as they are touched. */
static void
queue_open(struct channel_queue *queue, size_t cap)
{
	void *data;

	data = mmap(NULL, cap, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (data == MAP_FAILED)
		fatal("channel: no memory");
	(void)madvise(data, cap, MADV_DONTDUMP);
	(void)mlock2(data, QUEUE_LOCKED_BYTES, MLOCK_ONFAULT);
	*queue = (struct channel_queue){ .data = data, .cap = cap };
}

static void
queue_close(struct channel_queue *queue)
{
	if (queue->data == NULL)
		return;
	wipe(queue->data, queue->most);
	(void)munmap(queue->data, queue->cap);
	*queue = (struct channel_queue){ 0 };
}

static size_t
queue_len(const struct channel_queue *queue)
{
	return queue->tail - queue->head;
}

/* Makes room at the end: what waits moves to the front. */
static void
queue_compact(struct channel_queue *queue)
{
	size_t len = queue_len(queue);

	if (queue->head == 0)
		return;
	memmove(queue->data, queue->data + queue->head, len);
	wipe(queue->data + len, queue->tail - len);
	queue->head = 0;
	queue->tail = len;
}

static void
queue_grow(struct channel_queue *queue, size_t len)
{
	assert(len <= queue->cap - queue->tail);
	queue->tail += len;
	if (queue->most < queue->tail)
		queue->most = queue->tail;
}

/* Wiped before forgotten: keys pass here. */
static void
queue_take(struct channel_queue *queue, size_t len)
{
	assert(len <= queue_len(queue));
	wipe(queue->data + queue->head, len);
	queue->head += len;
	if (queue->head < queue->tail)
		return;
	queue->head = queue->tail = 0;
	if (queue->most > QUEUE_KEEP_BYTES) {
		(void)madvise(queue->data, queue->cap, MADV_DONTNEED);
		queue->most = 0;
	}
}

int
channel_pair(int fds[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
		fds) == -1)
		return ERR_IO;
	return OK;
}

void
channel_init(struct channel *channel)
{
	*channel = (struct channel){ .fd = -1 };
}

void
channel_open(struct channel *channel, int fd, bool takes_fds)
{
	assert(fd >= 0);
	*channel = (struct channel){ .fd = fd, .takes_fds = takes_fds };
	queue_open(&channel->in, CHANNEL_IN_BYTES);
	queue_open(&channel->out, CHANNEL_OUT_BYTES_MAX);
}

static void
close_fds(struct channel_fds *fds)
{
	size_t i;

	for (i = 0; i < fds->count; i++)
		(void)close(fds->fd[i]);
	fds->count = 0;
}

void
channel_close(struct channel *channel)
{
	if (channel->fd < 0)
		return;
	close_fds(&channel->fds_in);
	close_fds(&channel->fds_out);
	queue_close(&channel->in);
	queue_close(&channel->out);
	(void)close(channel->fd);
	channel_init(channel);
}

bool
channel_is_open(const struct channel *channel)
{
	return channel->fd >= 0;
}

void
channel_compose(struct channel *channel, struct writer *w)
{
	struct channel_queue *queue = &channel->out;
	size_t room;

	assert(channel->fd >= 0);
	/* Moving is rare: only once the end comes near. */
	if (queue->cap - queue->tail < PMSG_HEAD_BYTES + PMSG_BODY_BYTES_MAX)
		queue_compact(queue);
	room = queue->cap - queue->tail;
	if (room < PMSG_HEAD_BYTES) {
		buf_write(w, NULL, 0);
		return;
	}
	room -= PMSG_HEAD_BYTES;
	if (room > PMSG_BODY_BYTES_MAX)
		room = PMSG_BODY_BYTES_MAX;
	buf_write(w, queue->data + queue->tail + PMSG_HEAD_BYTES, room);
}

/* What a body that was not sent left behind is no longer needed. */
static int
refuse(const struct writer *w)
{
	int rc = w->cap < PMSG_BODY_BYTES_MAX ? ERR_FULL : ERR_SIZE;

	if (w->data != NULL)
		wipe(w->data, w->len);
	return rc;
}

int
channel_post(struct channel *channel, enum pmsg_type type, uint32_t line,
    const struct writer *w, int fd)
{
	struct channel_queue *queue = &channel->out;
	struct channel_fds *fds = &channel->fds_out;
	struct writer head;

	if (!buf_is_sound(w) || queue->cap - queue->tail < PMSG_HEAD_BYTES)
		return refuse(w);
	if (fd >= 0 && fds->count == CHANNEL_FDS_MAX) {
		(void)refuse(w);
		return ERR_FULL;
	}
	assert(w->len == 0 ||
	    w->data == queue->data + queue->tail + PMSG_HEAD_BYTES);
	buf_write(&head, queue->data + queue->tail, PMSG_HEAD_BYTES);
	buf_put_u16(&head, (uint16_t)type);
	buf_put_u32(&head, (uint32_t)w->len);
	buf_put_u32(&head, line);
	assert(buf_is_sound(&head));

	if (fd >= 0) {
		fds->fd[fds->count] = fd;
		fds->at[fds->count] = channel->queued;
		fds->count++;
	}
	queue_grow(queue, PMSG_HEAD_BYTES + w->len);
	channel->queued += PMSG_HEAD_BYTES + w->len;
	return OK;
}

int
channel_send(struct channel *channel, enum pmsg_type type, uint32_t line,
    const void *body, size_t len, int fd)
{
	struct writer w;

	channel_compose(channel, &w);
	buf_put_bytes(&w, body, len);
	return channel_post(channel, type, line, &w, fd);
}

/* Room for control data, aligned as the kernel wants it. */
union control {
	struct cmsghdr header;
	uint8_t bytes[CMSG_SPACE(CHANNEL_FDS_MAX * sizeof(int))];
};

static void
attach_fd(struct msghdr *msg, union control *control, int fd)
{
	struct cmsghdr *cmsg;

	memset(control, 0, sizeof(*control));
	msg->msg_control = control->bytes;
	msg->msg_controllen = CMSG_SPACE(sizeof(int));
	cmsg = CMSG_FIRSTHDR(msg);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
}

static void
detach_first(struct channel_fds *fds)
{
	fds->count--;
	memmove(fds->fd, fds->fd + 1, fds->count * sizeof(fds->fd[0]));
	memmove(fds->at, fds->at + 1, fds->count * sizeof(fds->at[0]));
}

/* One write, up to the next descriptor or with it: bytes taken, or -1. */
static ssize_t
write_some(struct channel *channel)
{
	struct channel_fds *fds = &channel->fds_out;
	union control control;
	struct iovec bytes;
	struct msghdr msg = { .msg_iov = &bytes, .msg_iovlen = 1 };
	bool with_fd = false;
	size_t until;
	ssize_t rc;

	bytes.iov_base = channel->out.data + channel->out.head;
	bytes.iov_len = queue_len(&channel->out);
	if (fds->count > 0 && fds->at[0] > channel->sent) {
		until = (size_t)(fds->at[0] - channel->sent);
		if (bytes.iov_len > until)
			bytes.iov_len = until;
	} else if (fds->count > 0) {
		/* The descriptor rides on the head of its own message, alone:
		 * a read never mixes it with a later one. */
		with_fd = true;
		bytes.iov_len = PMSG_HEAD_BYTES;
		attach_fd(&msg, &control, fds->fd[0]);
	}
	do
		rc = sendmsg(channel->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (rc == -1 && errno == EINTR);
	if (rc > 0 && with_fd) {
		(void)close(fds->fd[0]);
		detach_first(fds);
	}
	return rc;
}

int
channel_flush(struct channel *channel)
{
	ssize_t rc;

	while (queue_len(&channel->out) > 0) {
		rc = write_some(channel);
		if (rc == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return OK;
		if (rc <= 0)
			return ERR_IO;
		channel->sent += (uint64_t)rc;
		queue_take(&channel->out, (size_t)rc);
	}
	return OK;
}

size_t
channel_waiting(const struct channel *channel)
{
	return queue_len(&channel->out);
}

bool
channel_is_backed_up(const struct channel *channel)
{
	return queue_len(&channel->out) > CHANNEL_OUT_BYTES_HIGH;
}

/* Keeps the descriptors of one read; too many, or any where none may come:
 * closed and refused. */
static int
keep_fds(struct channel *channel, struct msghdr *msg)
{
	struct channel_fds *fds = &channel->fds_in;
	struct cmsghdr *cmsg;
	size_t i, count;
	int fd, rc = OK;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg != NULL;
	     cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		count = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < count; i++) {
			memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(int),
			    sizeof(fd));
			if (channel->takes_fds && fds->count < CHANNEL_FDS_MAX)
				fds->fd[fds->count++] = fd;
			else {
				(void)close(fd);
				rc = ERR_FORMAT;
			}
		}
	}
	if ((msg->msg_flags & MSG_CTRUNC) != 0)
		rc = ERR_FORMAT;
	return rc;
}

int
channel_fill(struct channel *channel)
{
	struct channel_queue *queue = &channel->in;
	union control control;
	struct iovec bytes;
	struct msghdr msg = { .msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control) };
	ssize_t rc;

	assert(channel->taken == 0);
	if (queue->cap - queue->tail < CHANNEL_READ_BYTES)
		queue_compact(queue);
	bytes.iov_base = queue->data + queue->tail;
	bytes.iov_len = queue->cap - queue->tail;
	if (bytes.iov_len > CHANNEL_READ_BYTES)
		bytes.iov_len = CHANNEL_READ_BYTES;
	/* Whole messages wait to be taken first. */
	if (bytes.iov_len == 0)
		return ERR_AGAIN;
	do
		rc =
		    recvmsg(channel->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (rc == -1 && errno == EINTR);
	if (rc == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return ERR_AGAIN;
	if (rc <= 0)
		return ERR_IO;
	queue_grow(queue, (size_t)rc);
	return keep_fds(channel, &msg);
}

int
channel_next(struct channel *channel, struct pmsg *msg)
{
	struct channel_queue *queue = &channel->in;
	struct reader r;
	unsigned type;
	size_t len;

	assert(channel->taken == 0);
	if (queue_len(queue) < PMSG_HEAD_BYTES)
		return ERR_AGAIN;
	buf_read(&r, queue->data + queue->head, PMSG_HEAD_BYTES);
	type = buf_get_u16(&r);
	len = buf_get_u32(&r);
	if (type >= PMSG_TYPE_COUNT || len > PMSG_BODY_BYTES_MAX)
		return ERR_FORMAT;
	if (queue_len(queue) < PMSG_HEAD_BYTES + len)
		return ERR_AGAIN;
	*msg = (struct pmsg){
		.type = (enum pmsg_type)type,
		.line = buf_get_u32(&r),
		.body = queue->data + queue->head + PMSG_HEAD_BYTES,
		.len = len,
		.fd = -1,
	};
	channel->taken = PMSG_HEAD_BYTES + len;
	return OK;
}

int
channel_take_fd(struct channel *channel)
{
	struct channel_fds *fds = &channel->fds_in;
	int fd;

	if (fds->count == 0)
		return -1;
	fd = fds->fd[0];
	detach_first(fds);
	return fd;
}

void
channel_drop(struct channel *channel)
{
	queue_take(&channel->in, channel->taken);
	channel->taken = 0;
}
