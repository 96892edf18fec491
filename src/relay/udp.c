#include "relay/udp.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

_Static_assert(sizeof(struct sockaddr_in6) == PLACE_BYTES_MAX,
    "a place holds any address");

static void
lay_out(struct udp *udp)
{
	size_t i;

	for (i = 0; i < RELAY_BATCH_MAX; i++) {
		udp->in_bytes[i] =
		    (struct iovec){ udp->datagram[i], UDP_BYTES };
		udp->in[i].msg_hdr.msg_iov = &udp->in_bytes[i];
		udp->in[i].msg_hdr.msg_iovlen = 1;
		udp->in[i].msg_hdr.msg_name = udp->from[i].bytes;
		udp->out[i].msg_hdr.msg_iov = &udp->out_bytes[i];
		udp->out[i].msg_hdr.msg_iovlen = 1;
	}
}

/* Both families by one socket, where the address is any. */
static void
set_options(int fd, int family)
{
	const int bytes = RELAY_RECV_BYTES, no = 0;

	if (family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no,
		    sizeof(no));
	/* As much as the kernel grants, where it was started without the right to
	 * more. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) ==
	    -1)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes,
		    sizeof(bytes));
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) ==
	    -1)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes,
		    sizeof(bytes));
}

int
udp_open(struct udp *udp, const struct address *at)
{
	const int family = at->at.ss_family;

	memset(udp, 0, sizeof(*udp));
	lay_out(udp);
	udp->fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (udp->fd == -1)
		return ERR_IO;
	set_options(udp->fd, family);
	if (bind(udp->fd, (const struct sockaddr *)&at->at, at->len) == 0)
		return OK;
	udp_close(udp);
	return ERR_IO;
}

void
udp_close(struct udp *udp)
{
	const int kept = errno;

	if (udp->fd >= 0)
		(void)close(udp->fd);
	udp->fd = -1;
	errno = kept;
}

bool
udp_is_place(const struct place *place)
{
	return place->len == sizeof(struct sockaddr_in) ||
	    place->len == sizeof(struct sockaddr_in6);
}

/* What does not tell posts apart is not kept. */
static void
clean_place(struct place *place, socklen_t len)
{
	struct sockaddr_in6 in6;

	place->len = (uint8_t)len;
	if (len != sizeof(in6))
		return;
	memcpy(&in6, place->bytes, sizeof(in6));
	in6.sin6_flowinfo = 0;
	memcpy(place->bytes, &in6, sizeof(in6));
}

size_t
udp_read(struct udp *udp, struct relay *relay, uint64_t now_ns)
{
	uint32_t leg;
	int i, count;

	for (i = 0; i < RELAY_BATCH_MAX; i++)
		udp->in[i].msg_hdr.msg_namelen = PLACE_BYTES_MAX;
	count = recvmmsg(udp->fd, udp->in, RELAY_BATCH_MAX, MSG_DONTWAIT, NULL);
	for (i = 0; i < count; i++) {
		clean_place(&udp->from[i], udp->in[i].msg_hdr.msg_namelen);
		/* Counted there; nobody is told. */
		(void)!relay_on_datagram(relay, &leg, udp->datagram[i],
		    udp->in[i].msg_len, &udp->from[i], now_ns);
	}
	return count > 0 ? (size_t)count : 0;
}

void
udp_push(struct udp *udp, const struct relay_out *out)
{
	struct msghdr *head = &udp->out[udp->out_count].msg_hdr;

	assert(udp->out_count < RELAY_BATCH_MAX && udp_is_place(out->to));
	/* The kernel only reads what these point to. */
	head->msg_name = (void *)(uintptr_t)out->to->bytes;
	head->msg_namelen = out->to->len;
	head->msg_iov->iov_base = (void *)(uintptr_t)out->bytes;
	head->msg_iov->iov_len = out->len;
	udp->out_count++;
}

void
udp_flush(struct udp *udp)
{
	size_t at = 0;
	int sent;

	while (at < udp->out_count) {
		sent = sendmmsg(udp->fd, udp->out + at,
		    (unsigned)(udp->out_count - at),
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent > 0)
			at += (size_t)sent;
		else if (errno == EAGAIN || errno == ENOBUFS)
			break;
		else
			at++; /* that one goes nowhere; the others do */
	}
	udp->out_count = 0;
}
