/* Owns one TCP connection that carries frames, back to back. */
#include "wire/stream.h"

#include "base/wipe.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Read at once: cut into the smallest frames in both ways, they fit a batch. */
enum {
	STREAM_READ_BYTES =
	    (BATCH_MAX / STREAM_SIZES_MAX - 1) * FRAME_BYTES_MIN,
};

void
stream_init(struct stream *stream)
{
	*stream = (struct stream){ .fd = -1 };
}

void
stream_open(struct stream *stream, int fd, const struct origin *origin,
    uint64_t now_ns)
{
	stream_close(stream);
	stream->fd = fd;
	stream->origin = *origin;
	stream->heard_ns = now_ns;
}

void
stream_close(struct stream *stream)
{
	if (stream->fd >= 0)
		(void)close(stream->fd);
	wipe(stream, sizeof(*stream));
	stream_init(stream);
}

/* How much of it the kernel took. */
static size_t
hand_over(const struct stream *stream, const uint8_t *bytes, size_t len)
{
	ssize_t taken;

	taken = send(stream->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	return taken > 0 ? (size_t)taken : 0;
}

void
stream_send(struct stream *stream, const uint8_t *unit, size_t bytes)
{
	size_t taken;

	assert(bytes <= sizeof(stream->out));
	if (stream->out_bytes > 0) {
		taken = hand_over(stream, stream->out, stream->out_bytes);
		stream->out_bytes -= taken;
		memmove(stream->out, stream->out + taken, stream->out_bytes);
	}
	if (stream->out_bytes > 0)
		return;
	taken = hand_over(stream, unit, bytes);
	/* None of it: lost whole, and the stream stays in step. */
	if (taken == 0)
		return;
	stream->out_bytes = bytes - taken;
	memcpy(stream->out, unit + taken, stream->out_bytes);
}

static void
cut(struct cutter *cutter, size_t frame_bytes, const struct origin *from,
    const uint8_t *bytes, size_t len, struct batch *batch)
{
	size_t part;

	/* One that began with frames of another size. */
	if (cutter->bytes >= frame_bytes)
		cutter->bytes = 0;
	while (len > 0) {
		part = frame_bytes - cutter->bytes;
		if (part > len)
			part = len;
		memcpy(cutter->begun + cutter->bytes, bytes, part);
		cutter->bytes += part;
		bytes += part;
		len -= part;
		if (cutter->bytes < frame_bytes)
			break;
		assert(batch->count < BATCH_MAX);
		memcpy(batch->datagram[batch->count], cutter->begun,
		    frame_bytes);
		batch->len[batch->count] = frame_bytes;
		batch->from[batch->count++] = *from;
		cutter->bytes = 0;
	}
}

int
stream_recv(struct stream *stream, const struct stream_sizes *sizes,
    struct batch *batch)
{
	uint8_t bytes[STREAM_READ_BYTES];
	ssize_t len;
	size_t i;

	batch->count = 0;
	len = recv(stream->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (len == -1 && (errno == EAGAIN || errno == EINTR))
		return OK;
	if (len <= 0)
		return ERR_IO;
	for (i = 0; i < STREAM_SIZES_MAX; i++) {
		if (sizes->frame_bytes[i] == 0)
			continue;
		assert(sizes->frame_bytes[i] >= FRAME_BYTES_MIN &&
		    sizes->frame_bytes[i] <= FRAME_BYTES_MAX);
		cut(&stream->cutter[i], sizes->frame_bytes[i], &stream->origin,
		    bytes, (size_t)len, batch);
	}
	return OK;
}
