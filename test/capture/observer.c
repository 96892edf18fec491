/*
 * Owns looking at the wire: takes every frame that two posts send off their
 * links, judges it as it passes, and says at its end what it saw.
 *
 *   observer FRAME_BYTES[@SLOT_MS] LINK HOST PEER LINK HOST PEER
 *
 * For each post: the link at whose end it is, its address, and the address that
 * its frames are meant for, "ADDR:PORT", IPv4.  Ends when told to (TERM); what
 * it prints then is one line a finding.  Whatever leaves HOST for anywhere but
 * PEER is a stray: nothing answers junk.  With the length of a slot it judges
 * the moments too: told to (USR1) it prints how they were since it was last
 * told, and a line "told".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "judge.h"
#include "rhythm.h"

enum observer_limits {
	POSTS = 2,
	PACKET_BYTES_MAX = 2048,
	/* Seconds of the fastest line, while others run. */
	QUEUE_BYTES = 64 * 1024 * 1024,
	TURN_MAX = 64,
};

struct watch {
	const char *link;
	int fd;
	struct in_addr host;
	struct in_addr peer;
	uint16_t peer_port;
	uint64_t strays;
	uint64_t lost; /* not seen: the observer was too slow */
	struct judge *judge;
	struct rhythm rhythm;
};

static volatile sig_atomic_t stopped, asked;

static void
on_signal(int number)
{
	if (number == SIGUSR1)
		asked = 1;
	else
		stopped = 1;
}

static struct in_addr
address_of(const char *text)
{
	struct in_addr addr;

	if (inet_pton(AF_INET, text, &addr) != 1)
		fatalx("%s: not an address", text);
	return addr;
}

static void
read_peer(struct watch *watch, const char *text)
{
	char host[INET_ADDRSTRLEN];
	const char *colon = strchr(text, ':');
	size_t len = colon == NULL ? 0 : (size_t)(colon - text);

	if (len == 0 || len >= sizeof(host))
		fatalx("%s: not ADDR:PORT", text);
	memcpy(host, text, len);
	host[len] = '\0';
	watch->peer = address_of(host);
	watch->peer_port = (uint16_t)atoi(colon + 1);
}

/* A socket that gets what comes in over the link, and nothing that goes out. */
static void
open_link(struct watch *watch)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP) };
	int bytes = QUEUE_BYTES, on = 1;

	at.sll_ifindex = (int)if_nametoindex(watch->link);
	if (at.sll_ifindex == 0)
		fatal("%s", watch->link);
	watch->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (watch->fd == -1 ||
	    bind(watch->fd, (struct sockaddr *)&at, sizeof(at)) == -1)
		fatal("%s: cannot look", watch->link);
	if (setsockopt(watch->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on,
		sizeof(on)) == -1)
		fatal("no stamps");
	if (setsockopt(watch->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes,
		sizeof(bytes)) == -1)
		(void)setsockopt(watch->fd, SOL_SOCKET, SO_RCVBUF, &bytes,
		    sizeof(bytes));
}

/* An IPv4 packet that came over the link, at this moment. */
static void
take_packet(struct watch *watch, const uint8_t *packet, size_t len,
    uint64_t at_ns)
{
	struct iphdr ip;
	struct udphdr udp;
	size_t head;

	if (len < sizeof(ip))
		return;
	memcpy(&ip, packet, sizeof(ip));
	if (ip.saddr != watch->host.s_addr)
		return;
	head = (size_t)ip.ihl * 4;
	if (ip.protocol != IPPROTO_UDP || ip.daddr != watch->peer.s_addr ||
	    (ntohs(ip.frag_off) & (IP_MF | IP_OFFMASK)) != 0 ||
	    len < head + sizeof(udp)) {
		watch->strays++;
		return;
	}
	memcpy(&udp, packet + head, sizeof(udp));
	if (ntohs(udp.dest) != watch->peer_port ||
	    ntohs(udp.len) < sizeof(udp) || ntohs(udp.len) > len - head) {
		watch->strays++;
		return;
	}
	judge_take(watch->judge, packet + head + sizeof(udp),
	    ntohs(udp.len) - sizeof(udp));
	if (watch->rhythm.slot_ns > 0)
		rhythm_take(&watch->rhythm, at_ns);
}

/* The kernel stamps by the wall's clock, slots count by the other one. */
static uint64_t
moment_of(struct msghdr *message)
{
	const struct cmsghdr *head = CMSG_FIRSTHDR(message);
	struct timespec stamp, wall;
	uint64_t now_ns = clock_now_ns();

	if (head == NULL || head->cmsg_type != SO_TIMESTAMPNS ||
	    clock_gettime(CLOCK_REALTIME, &wall) == -1)
		fatalx("a packet without a stamp");
	memcpy(&stamp, CMSG_DATA(head), sizeof(stamp));
	return now_ns -
	    (uint64_t)((wall.tv_sec - stamp.tv_sec) * (int64_t)CLOCK_NS_PER_S +
		(wall.tv_nsec - stamp.tv_nsec));
}

static void
look(struct watch *watch)
{
	uint8_t packet[PACKET_BYTES_MAX];
	union {
		char bytes[CMSG_SPACE(sizeof(struct timespec))];
		struct cmsghdr align;
	} control;

	for (int i = 0; i < TURN_MAX; i++) {
		struct iovec iov = { packet, sizeof(packet) };
		struct msghdr message = {
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control.bytes,
			.msg_controllen = sizeof(control.bytes),
		};
		ssize_t len =
		    recvmsg(watch->fd, &message, MSG_DONTWAIT | MSG_TRUNC);

		if (len == -1)
			return;
		/* Longer than any frame: as good as another size. */
		if ((size_t)len > sizeof(packet))
			len = sizeof(packet);
		take_packet(watch, packet, (size_t)len, moment_of(&message));
	}
}

/* How one post kept its rhythm since this was last asked. */
static void
tell_pace(struct watch *watch)
{
	struct pace pace = rhythm_decide(&watch->rhythm);

	printf("%s pace enough %d slots %" PRIu64 " frames %" PRIu64
	       " none-more %d (%" PRIu64 " ahead) fewer %" PRIu64
	       " uniform %d (%.1f) apart %d (%.1f) strays %" PRIu64 "\n",
	    watch->link, pace.enough, pace.slots, watch->rhythm.frames,
	    pace.none_more, watch->rhythm.most_ahead, pace.fewer, pace.uniform,
	    pace.spread, pace.apart, pace.pair_spread, watch->strays);
	rhythm_init(&watch->rhythm, watch->rhythm.slot_ns);
}

static void
look_until_told(struct watch watch[POSTS])
{
	struct pollfd fds[POSTS];

	for (int i = 0; i < POSTS; i++)
		fds[i] = (struct pollfd){ .fd = watch[i].fd, .events = POLLIN };
	while (stopped == 0) {
		if (poll(fds, POSTS, -1) == -1 && errno != EINTR)
			fatal("poll");
		for (int i = 0; i < POSTS; i++)
			look(&watch[i]);
		if (asked == 0 || watch->rhythm.slot_ns == 0)
			continue;
		asked = 0;
		for (int i = 0; i < POSTS; i++)
			tell_pace(&watch[i]);
		printf("told\n");
		(void)fflush(stdout);
	}
}

static void
tell(struct watch *watch)
{
	struct verdict verdict = judge_decide(watch->judge);
	struct tpacket_stats stats;
	socklen_t len = sizeof(stats);

	if (getsockopt(watch->fd, SOL_PACKET, PACKET_STATISTICS, &stats,
		&len) == 0)
		watch->lost = stats.tp_drops;
	printf("%s frames %" PRIu64 "\n", watch->link, watch->judge->frames);
	printf("%s enough %d\n", watch->link, verdict.enough);
	printf("%s one-size %d (%" PRIu64 " others)\n", watch->link,
	    verdict.one_size, watch->judge->odd_sizes);
	printf("%s uniform %d (%.1f at byte %zu to %.1f at byte %zu)\n",
	    watch->link, verdict.uniform, verdict.spread_least,
	    verdict.least_at, verdict.spread_most, verdict.most_at);
	printf("%s no-repeats %d (%" PRIu64 " repeated)\n", watch->link,
	    verdict.no_repeats, watch->judge->repeats);
	printf("%s strays %" PRIu64 "\n", watch->link, watch->strays);
	printf("%s unseen %" PRIu64 "\n", watch->link, watch->lost);
}

int
main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	static struct judge judge[POSTS];
	struct watch watch[POSTS] = { 0 };
	const char *slot_ms;
	size_t frame_bytes;

	if (argc != 2 + 3 * POSTS || (frame_bytes = (size_t)atoi(argv[1])) == 0)
		fatalx("usage: observer FRAME_BYTES[@SLOT_MS] LINK HOST PEER "
		       "LINK HOST PEER");
	slot_ms = strchr(argv[1], '@');
	for (int i = 0; i < POSTS; i++) {
		watch[i].link = argv[2 + 3 * i];
		watch[i].host = address_of(argv[3 + 3 * i]);
		read_peer(&watch[i], argv[4 + 3 * i]);
		watch[i].judge = &judge[i];
		judge_init(&judge[i], frame_bytes);
		open_link(&watch[i]);
		if (slot_ms != NULL)
			rhythm_init(&watch[i].rhythm,
			    (uint64_t)(atof(slot_ms + 1) * CLOCK_NS_PER_MS));
	}
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGUSR1, &action, NULL);
	printf("looking\n");
	(void)fflush(stdout);
	look_until_told(watch);
	for (int i = 0; i < POSTS; i++)
		tell(&watch[i]);
	return 0;
}
