/* Owns one way for a line's frames: its sockets and its slot clock. */
#include "wire/path.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/wipe.h"
#include "proc/address.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The longest datagram: behind a frame it has no room. */
enum { DATAGRAM_BYTES_MAX = 65507 };

/* Whoever is at the other end of the connection that we dialed. */
static const struct origin dialed = { .bytes = { 't', 'c', 'p' }, .len = 3 };

void
path_init(struct path *path, unsigned number)
{
	*path = (struct path){ .number = number, .fd = -1 };
}

void
path_wipe(struct path *path)
{
	unsigned number = path->number;

	path_close_inlets(path);
	wipe(path, sizeof(*path));
	path_init(path, number);
}

bool
path_is_ready(const struct path *path)
{
	return path->has_told && path->has_peer;
}

void
path_read_way(const struct path *path, struct line_way *way)
{
	assert(path_is_ready(path));
	memset(way, 0, sizeof(*way));
	switch (path->peer.kind) {
	case PMSG_KIND_UDP:
		way->peer = path->peer.at;
		way->last = path->told.last;
		/* A relay is where it is. */
		way->roams = path->told.roams && !path->told.has_ticket;
		break;
	case PMSG_KIND_DIALED:
		way->peer = dialed;
		break;
	case PMSG_KIND_ACCEPTED:
		way->last = path->told.last;
		/* A peer that dials again has another connection. */
		way->roams = true;
		break;
	case PMSG_KIND_COUNT:
		break;
	}
}

static bool
is_origin(const struct origin *a, const struct origin *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

static void
name_accepted(struct origin *origin, uint64_t number)
{
	struct writer w;

	memset(origin, 0, sizeof(*origin));
	buf_write(&w, origin->bytes, sizeof(origin->bytes));
	buf_put_u8(&w, 'c');
	buf_put_u64(&w, number);
	assert(buf_is_sound(&w));
	origin->len = (uint8_t)w.len;
}

unsigned
path_pick_inlet(const struct path *path, const struct origin *destination)
{
	const struct stream *stream;
	unsigned i, oldest = PATH_INLETS_MAX;

	if (path->peer.kind != PMSG_KIND_ACCEPTED || path->streams == NULL)
		return 0;
	for (i = 0; i < PATH_INLETS_MAX; i++) {
		stream = &path->streams[i];
		if (stream->fd == -1)
			return i;
		if (is_origin(&stream->origin, destination))
			continue;
		/* They were named in order. */
		if (oldest == PATH_INLETS_MAX ||
		    memcmp(stream->origin.bytes,
			path->streams[oldest].origin.bytes,
			stream->origin.len) < 0)
			oldest = i;
	}
	assert(oldest < PATH_INLETS_MAX);
	return oldest;
}

static void
make_streams(struct path *path)
{
	unsigned i;

	/* What they hold is sealed or anybody's: no secrets. */
	path->streams = calloc(PATH_INLETS_MAX, sizeof(*path->streams));
	if (path->streams == NULL)
		fatal("path: no memory");
	for (i = 0; i < PATH_INLETS_MAX; i++)
		stream_init(&path->streams[i]);
}

/* The parent has the same socket.  A wire that was killed may have left a frame
 * there that the kernel held back, and the next would leave with it, both as one
 * datagram.  What would make it longer than any is refused, and all that is held
 * is dropped; where nothing is, it lacks an address and is refused for that. */
static void
drop_held(int fd)
{
	static const uint8_t nothing[DATAGRAM_BYTES_MAX];

	(void)!send(fd, nothing, sizeof(nothing),
	    MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE);
}

void
path_open_inlet(struct path *path, unsigned inlet, int fd, uint64_t now_ns)
{
	struct origin origin = dialed;

	assert(inlet < PATH_INLETS_MAX);
	path_close_inlet(path, inlet);
	if (path->peer.kind == PMSG_KIND_UDP) {
		assert(inlet == 0);
		drop_held(fd);
		path->fd = fd;
		return;
	}
	if (path->streams == NULL)
		make_streams(path);
	if (path->peer.kind == PMSG_KIND_ACCEPTED)
		name_accepted(&origin, path->accepted++);
	stream_open(&path->streams[inlet], fd, &origin, now_ns);
}

void
path_close_inlet(struct path *path, unsigned inlet)
{
	assert(inlet < PATH_INLETS_MAX);
	if (path->streams != NULL)
		stream_close(&path->streams[inlet]);
	if (inlet > 0 || path->fd == -1)
		return;
	(void)close(path->fd);
	path->fd = -1;
	path->is_loaded = false;
}

void
path_close_inlets(struct path *path)
{
	unsigned i;

	for (i = 0; i < PATH_INLETS_MAX; i++)
		path_close_inlet(path, i);
	free(path->streams);
	path->streams = NULL;
}

bool
path_is_inlet(const struct path *path, unsigned inlet,
    const struct origin *origin)
{
	return path->streams != NULL && path->streams[inlet].fd >= 0 &&
	    is_origin(&path->streams[inlet].origin, origin);
}

int
path_inlet_fd(const struct path *path, unsigned inlet)
{
	if (path->streams != NULL)
		return path->streams[inlet].fd;
	return inlet == 0 ? path->fd : -1;
}

void
path_start(struct path *path, struct cadence cadence, struct rng rng,
    uint64_t now_ns)
{
	uint8_t key[CADENCE_KEY_BYTES];

	rng_fill(rng, key, sizeof(key));
	pacer_init(&path->pacer, cadence, key, now_ns);
	path->sizes = (struct stream_sizes){ { cadence.frame_bytes, 0 } };
	path->made = path->sent = 0;
	path->is_open = true;
	wipe(key, sizeof(key));
}

void
path_allow_size(struct path *path, size_t frame_bytes)
{
	path->sizes.frame_bytes[1] =
	    frame_bytes == path->sizes.frame_bytes[0] ? 0 : frame_bytes;
}

void
path_stop(struct path *path)
{
	path->is_open = false;
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
	unsigned i = path->made++ & 1;
	size_t bytes = path->pacer.cadence.frame_bytes;

	line_prepare(line, path->number, path->sealed[i], now_ns);
	if (path->told.has_ticket) {
		ticket_seal(path->sealed[i] + bytes, &path->told.ticket,
		    path->sealed[i]);
		bytes += TICKET_TOKEN_BYTES;
	}
	path->sealed_bytes[i] = bytes;
	pacer_on_made(&path->pacer);
}

/* flags: MSG_MORE, for the kernel to hold it back; true: it has it. */
static bool
send_datagram(const struct path *path, const struct origin *destination,
    int flags)
{
	const unsigned i = path->sent & 1;
	struct address to;

	return path->fd >= 0 && address_from_origin(&to, destination) == OK &&
	    sendto(path->fd, path->sealed[i], path->sealed_bytes[i],
		MSG_DONTWAIT | MSG_NOSIGNAL | flags,
		(const struct sockaddr *)&to.at, to.len) >= 0;
}

static struct stream *
find_stream(const struct path *path, const struct origin *origin)
{
	unsigned i;

	for (i = 0; path->streams != NULL && i < PATH_INLETS_MAX; i++) {
		if (path_is_inlet(path, i, origin))
			return &path->streams[i];
	}
	return NULL;
}

void
path_load(struct path *path, const struct line *line)
{
	if (path->peer.kind == PMSG_KIND_UDP)
		path->is_loaded = send_datagram(path,
		    line_destination(line, path->number), MSG_MORE);
}

void
path_send(struct path *path, const struct line *line)
{
	const struct origin *to = line_destination(line, path->number);
	const unsigned i = path->sent & 1;
	struct stream *stream;

	if (path->is_loaded)
		(void)!sendto(path->fd, NULL, 0, MSG_DONTWAIT | MSG_NOSIGNAL,
		    NULL, 0);
	else if (path->peer.kind == PMSG_KIND_UDP)
		(void)send_datagram(path, to, 0);
	else if ((stream = find_stream(path, to)) != NULL)
		stream_send(stream, path->sealed[i], path->sealed_bytes[i]);
	path->is_loaded = false;
	path->sent++;
	pacer_on_sent(&path->pacer);
}

static void
recv_datagrams(const struct path *path, struct batch *batch)
{
	struct mmsghdr headers[BATCH_MAX];
	struct iovec bytes[BATCH_MAX];
	struct address from[BATCH_MAX];
	int i, count;

	memset(headers, 0, sizeof(headers));
	for (i = 0; i < BATCH_MAX; i++) {
		bytes[i].iov_base = batch->datagram[i];
		bytes[i].iov_len = sizeof(batch->datagram[i]);
		headers[i].msg_hdr.msg_iov = &bytes[i];
		headers[i].msg_hdr.msg_iovlen = 1;
		headers[i].msg_hdr.msg_name = &from[i].at;
		headers[i].msg_hdr.msg_namelen = sizeof(from[i].at);
	}
	count = recvmmsg(path->fd, headers, BATCH_MAX, MSG_DONTWAIT, NULL);
	batch->count = count > 0 ? (size_t)count : 0;
	for (i = 0; i < count; i++) {
		from[i].len = headers[i].msg_hdr.msg_namelen;
		batch->len[i] = headers[i].msg_len;
		address_to_origin(&batch->from[i], &from[i]);
	}
}

int
path_recv(struct path *path, unsigned inlet, struct batch *batch)
{
	batch->count = 0;
	if (path->peer.kind == PMSG_KIND_UDP) {
		recv_datagrams(path, batch);
		return OK;
	}
	assert(path->streams != NULL);
	/* Where frames begin is known from the first byte on, or never. */
	if (!path->is_open)
		return ERR_IO;
	return stream_recv(&path->streams[inlet], &path->sizes, batch);
}

void
path_on_heard(struct path *path, unsigned inlet, uint64_t now_ns)
{
	if (path->streams != NULL)
		path->streams[inlet].heard_ns = now_ns;
}

bool
path_is_stale(const struct path *path, uint64_t now_ns)
{
	const struct stream *stream = path->streams;

	return path->is_open && path->peer.kind == PMSG_KIND_DIALED &&
	    stream != NULL && stream->fd >= 0 &&
	    now_ns - stream->heard_ns > cadence_longer_ns(path->pacer.cadence,
					    SESSION_SILENT_S,
					    SESSION_SILENT_SLOTS);
}
