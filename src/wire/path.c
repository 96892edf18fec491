/* Owns one way for a line's frames: a UDP socket and its slot clock. */
#include "wire/path.h"

#include "base/wipe.h"
#include "proc/address.h"

#include <assert.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A path is one of the line's; there is one. */
enum { PATH_NUMBER = 0 };

void
path_init(struct path *path)
{
	*path = (struct path){ .fd = -1 };
}

void
path_open(struct path *path, int fd)
{
	path_close(path);
	path->fd = fd;
}

void
path_close(struct path *path)
{
	if (path->fd >= 0)
		(void)close(path->fd);
	path->fd = -1;
}

void
path_start(struct path *path, struct cadence cadence, struct rng rng,
    uint64_t now_ns)
{
	uint8_t key[CADENCE_KEY_BYTES];

	rng_fill(rng, key, sizeof(key));
	pacer_init(&path->pacer, cadence, key, now_ns);
	path->made = path->sent = 0;
	wipe(key, sizeof(key));
}

void
path_stop(struct path *path)
{
	pacer_wipe(&path->pacer);
	wipe(path->sealed, sizeof(path->sealed));
}

uint64_t
path_next_make_ns(const struct path *path)
{
	return pacer_next_make_ns(&path->pacer);
}

uint64_t
path_next_send_ns(const struct path *path)
{
	return pacer_next_send_ns(&path->pacer);
}

void
path_make(struct path *path, struct line *line, uint64_t now_ns)
{
	line_prepare(line, PATH_NUMBER, path->sealed[path->made++ & 1], now_ns);
	pacer_on_made(&path->pacer);
}

void
path_send(struct path *path, const struct line *line)
{
	const uint8_t *frame = path->sealed[path->sent++ & 1];
	struct address to;

	if (path->fd >= 0 &&
	    address_from_origin(&to, line_destination(line, PATH_NUMBER)) == OK)
		(void)!sendto(path->fd, frame, path->pacer.cadence.frame_bytes,
		    MSG_DONTWAIT | MSG_NOSIGNAL,
		    (const struct sockaddr *)&to.at, to.len);
	pacer_on_sent(&path->pacer);
}

void
path_recv(struct path *path, struct path_batch *batch)
{
	struct mmsghdr headers[PATH_BATCH_MAX];
	struct iovec bytes[PATH_BATCH_MAX];
	struct address from[PATH_BATCH_MAX];
	int i, count;

	memset(headers, 0, sizeof(headers));
	for (i = 0; i < PATH_BATCH_MAX; i++) {
		bytes[i].iov_base = batch->datagram[i];
		bytes[i].iov_len = sizeof(batch->datagram[i]);
		headers[i].msg_hdr.msg_iov = &bytes[i];
		headers[i].msg_hdr.msg_iovlen = 1;
		headers[i].msg_hdr.msg_name = &from[i].at;
		headers[i].msg_hdr.msg_namelen = sizeof(from[i].at);
	}
	count = recvmmsg(path->fd, headers, PATH_BATCH_MAX, MSG_DONTWAIT, NULL);
	batch->count = count > 0 ? (size_t)count : 0;
	for (i = 0; i < count; i++) {
		from[i].len = headers[i].msg_hdr.msg_namelen;
		batch->len[i] = headers[i].msg_len;
		address_to_origin(&batch->from[i], &from[i]);
	}
}
