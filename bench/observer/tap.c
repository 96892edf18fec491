/*
 * Owns the tap: writes down every datagram that comes in over two links, each
 * with the kernel's own stamp, for the judge to read.
 *
 *   tap FILE LINK LINK
 *
 * FILE gets one struct sighting after the other.  Ends when told to (TERM); then
 * it prints "unseen N", datagrams that it was too slow for, and "offset N", how
 * far the wall clock (which stamps are of) is before the clock of slots.
 */
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <arpa/inet.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

enum tap_limits {
	LINKS = 2,
	PACKET_BYTES_MAX = 2048,
	PAYLOAD_BYTES_MAX = 1232,
	/* Seconds of the fastest line, while others run. */
	QUEUE_BYTES = 64 * 1024 * 1024,
	/* Whoever looks must not be seen: stamps are the kernel's, so that reading
	 * can wait until there is much to read. */
	REST_US = 200 * 1000,
	OFFSET_TRIES = 64,
};

/* As the judge reads it: little-endian, no gaps. */
struct sighting {
	uint64_t stamp_ns; /* wall clock */
	uint16_t bytes;	   /* of the packet, from its IP header on */
	uint16_t payload_bytes;
	uint16_t id;
	uint16_t fragment;
	uint8_t link;
	uint8_t ttl;
	uint8_t tos;
	uint8_t protocol;
	uint16_t port_from;
	uint16_t port_to;
	uint8_t payload[PAYLOAD_BYTES_MAX]; /* zeros behind its end */
};
_Static_assert(sizeof(struct sighting) == 24 + PAYLOAD_BYTES_MAX,
    "no gaps in what is written");

struct tap {
	FILE *file;
	int fd[LINKS];
	uint64_t unseen;
};

static volatile sig_atomic_t stopped;

static void
on_signal(int number)
{
	(void)number;
	stopped = 1;
}

/* A socket that gets what comes in over the link, and nothing that goes out. */
static int
open_link(const char *link)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP) };
	int bytes = QUEUE_BYTES, on = 1;
	int fd;

	at.sll_ifindex = (int)if_nametoindex(link);
	if (at.sll_ifindex == 0)
		fatal("%s", link);
	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || bind(fd, (struct sockaddr *)&at, sizeof(at)) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) == -1)
		fatal("%s: cannot look", link);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) ==
	    -1)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes,
		    sizeof(bytes));
	return fd;
}

static uint64_t
stamp_of(struct msghdr *msg)
{
	struct cmsghdr *part;
	struct timespec at;

	for (part = CMSG_FIRSTHDR(msg); part != NULL;
	     part = CMSG_NXTHDR(msg, part)) {
		if (part->cmsg_level != SOL_SOCKET ||
		    part->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&at, CMSG_DATA(part), sizeof(at));
		return (uint64_t)at.tv_sec * CLOCK_NS_PER_S +
		    (uint64_t)at.tv_nsec;
	}
	fatalx("the kernel does not stamp what comes in");
}

/* Whatever it is, it is written down: what is no frame is a finding too. */
static void
write_down(struct tap *tap, struct sighting *seen, const uint8_t *packet,
    size_t len)
{
	struct iphdr ip = { 0 };
	struct udphdr udp = { 0 };
	size_t head;

	if (len >= sizeof(ip))
		memcpy(&ip, packet, sizeof(ip));
	head = (size_t)ip.ihl * 4;
	seen->bytes = (uint16_t)len;
	seen->id = ntohs(ip.id);
	seen->fragment = ntohs(ip.frag_off);
	seen->ttl = ip.ttl;
	seen->tos = ip.tos;
	seen->protocol = ip.protocol;
	if (ip.protocol == IPPROTO_UDP && len >= head + sizeof(udp)) {
		memcpy(&udp, packet + head, sizeof(udp));
		seen->port_from = ntohs(udp.source);
		seen->port_to = ntohs(udp.dest);
		head += sizeof(udp);
		seen->payload_bytes = (uint16_t)(len - head);
		len = len - head < PAYLOAD_BYTES_MAX ? len - head
						     : PAYLOAD_BYTES_MAX;
		memcpy(seen->payload, packet + head, len);
	}
	if (fwrite(seen, sizeof(*seen), 1, tap->file) != 1)
		fatal("the recording");
}

static bool
look(struct tap *tap, unsigned link)
{
	struct sighting seen = { .link = (uint8_t)link };
	uint8_t packet[PACKET_BYTES_MAX];
	union {
		struct cmsghdr align;
		char bytes[256];
	} control;
	struct iovec part = { packet, sizeof(packet) };
	struct msghdr msg = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	ssize_t len = recvmsg(tap->fd[link], &msg, MSG_DONTWAIT | MSG_TRUNC);

	if (len == -1)
		return false;
	if ((size_t)len > sizeof(packet))
		len = sizeof(packet);
	seen.stamp_ns = stamp_of(&msg);
	write_down(tap, &seen, packet, (size_t)len);
	return true;
}

static uint64_t
wall_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * CLOCK_NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* Of several readings, the one that was least disturbed. */
static int64_t
find_offset(void)
{
	uint64_t before, wall, after, least = UINT64_MAX;
	int64_t offset = 0;

	for (int i = 0; i < OFFSET_TRIES; i++) {
		before = clock_now_ns();
		wall = wall_ns();
		after = clock_now_ns();
		if (after - before < least) {
			least = after - before;
			offset = (int64_t)(wall - before - least / 2);
		}
	}
	return offset;
}

static void
tell_unseen(struct tap *tap)
{
	struct tpacket_stats stats;
	socklen_t len;

	for (unsigned i = 0; i < LINKS; i++) {
		len = sizeof(stats);
		if (getsockopt(tap->fd[i], SOL_PACKET, PACKET_STATISTICS,
			&stats, &len) == -1)
			fatal("what was not seen");
		tap->unseen += stats.tp_drops;
	}
	printf("unseen %" PRIu64 "\n", tap->unseen);
}

int
main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct tap tap = { 0 };

	if (argc != 2 + LINKS)
		fatalx("usage: tap FILE LINK LINK");
	tap.file = fopen(argv[1], "wbe");
	if (tap.file == NULL)
		fatal("%s", argv[1]);
	for (int i = 0; i < LINKS; i++)
		tap.fd[i] = open_link(argv[2 + i]);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGINT, &action, NULL);
	printf("looking\n");
	(void)fflush(stdout);
	while (!stopped) {
		(void)usleep(REST_US);
		for (unsigned i = 0; i < LINKS; i++) {
			while (look(&tap, i))
				;
		}
	}
	if (fclose(tap.file) != 0)
		fatal("the recording");
	tell_unseen(&tap);
	printf("offset %" PRId64 "\n", find_offset());
	return 0;
}
