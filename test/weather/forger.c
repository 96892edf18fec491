/*
 * Owns what somebody who is on the path, or beside it, can make up: datagrams
 * from any address, as fast as a processor can, and errors of the network that
 * never happened.
 *
 *   forger flood FROM TO BYTES     random datagrams
 *   forger knock FROM TO BYTES     TCP connections to TO, all that it lets be
 *                                  open, with random bytes on each
 *   forger errors FROM TO BYTES RATE
 *                                  ICMP errors of every kind, RATE a second,
 *                                  about frames that TO has sent to FROM
 *
 * FROM and TO are "ADDR:PORT", IPv4; port 0 and address 0.0.0.0 of FROM are any
 * (of 172.16.0.0/12).  Ends when told to (TERM) and prints how many it sent.
 * Only addresses of this machine or of a private network are taken.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
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
#include "base/rng.h"

enum forger_limits {
	BYTES_MAX = 1472,
	HEAD_BYTES = sizeof(struct iphdr) + sizeof(struct udphdr),
	TTL = 64,
	RATE_MAX = 100000,
	KNOCKS_MAX = 16,
	KNOCK_AGAIN_MS = 250,
};

struct end {
	struct in_addr host;
	uint16_t port;
};

struct forger {
	int fd;
	struct rng_seeded dice;
	struct rng rng;
	struct end from;
	struct end to;
	size_t bytes;
	uint64_t sent;
};

static volatile sig_atomic_t stopped;

static void
on_signal(int number)
{
	(void)number;
	stopped = 1;
}

static bool
is_near(struct in_addr host)
{
	uint32_t ip = ntohl(host.s_addr);

	return ip >> 24 == 127 || ip >> 24 == 10 || ip >> 20 == 0xac1 ||
	    ip >> 16 == 0xc0a8;
}

static struct end
read_end(const char *text, bool may_be_any)
{
	char host[INET_ADDRSTRLEN];
	const char *colon = strchr(text, ':');
	size_t len = colon == NULL ? 0 : (size_t)(colon - text);
	struct end end;

	if (len == 0 || len >= sizeof(host))
		fatalx("%s: not ADDR:PORT", text);
	memcpy(host, text, len);
	host[len] = '\0';
	if (inet_pton(AF_INET, host, &end.host) != 1)
		fatalx("%s: not an address", host);
	if (!(may_be_any && end.host.s_addr == 0) && !is_near(end.host))
		fatalx("%s: not on this machine or a private network", host);
	end.port = (uint16_t)atoi(colon + 1);
	return end;
}

/* FROM, or whoever it stands for this time. */
static struct end
draw_from(struct forger *forger)
{
	struct end from = forger->from;

	if (from.host.s_addr == 0)
		from.host.s_addr = htonl(
		    0xac100000 | (uint32_t)rng_below(forger->rng, 1U << 20));
	if (from.port == 0)
		from.port = (uint16_t)(1024 + rng_below(forger->rng, 60000));
	return from;
}

static uint16_t
checksum(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static void
write_ip(uint8_t *packet, size_t len, uint8_t protocol, struct in_addr from,
    struct in_addr to)
{
	struct iphdr ip = {
		.version = 4,
		.ihl = sizeof(ip) / 4,
		.tot_len = htons((uint16_t)len),
		.frag_off = htons(IP_DF),
		.ttl = TTL,
		.protocol = protocol,
		.saddr = from.s_addr,
		.daddr = to.s_addr,
	};

	memcpy(packet, &ip, sizeof(ip));
	ip.check = checksum(packet, sizeof(ip));
	memcpy(packet, &ip, sizeof(ip));
}

/* Both heads; a UDP checksum of zero is none. */
static void
write_heads(uint8_t *packet, struct end from, struct end to, size_t bytes)
{
	struct udphdr udp = {
		.source = htons(from.port),
		.dest = htons(to.port),
		.len = htons((uint16_t)(sizeof(udp) + bytes)),
	};

	write_ip(packet, HEAD_BYTES + bytes, IPPROTO_UDP, from.host, to.host);
	memcpy(packet + sizeof(struct iphdr), &udp, sizeof(udp));
}

static void
send_packet(struct forger *forger, const uint8_t *packet, size_t len)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr = forger->to.host };

	if (sendto(forger->fd, packet, len, 0, (struct sockaddr *)&at,
		sizeof(at)) == (ssize_t)len)
		forger->sent++;
	else if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
		fatal("send");
}

static void
flood(struct forger *forger)
{
	uint8_t packet[HEAD_BYTES + BYTES_MAX];

	rng_fill(forger->rng, packet, sizeof(packet));
	while (stopped == 0) {
		write_heads(packet, draw_from(forger), forger->to,
		    forger->bytes);
		/* What looks like a nonce is new each time. */
		rng_fill(forger->rng, packet + HEAD_BYTES,
		    forger->bytes < 32 ? forger->bytes : 32);
		send_packet(forger, packet, HEAD_BYTES + forger->bytes);
	}
}

/* The error that tells of a frame from TO to FROM; `mtu` where it is asked for. */
static void
send_error(struct forger *forger, uint8_t type, uint8_t code, uint16_t mtu)
{
	uint8_t packet[sizeof(struct iphdr) + sizeof(struct icmphdr) +
	    HEAD_BYTES] = { 0 };
	uint8_t *message = packet + sizeof(struct iphdr);
	const size_t len = sizeof(packet) - sizeof(struct iphdr);
	struct icmphdr icmp = { .type = type, .code = code };
	struct end from = draw_from(forger);

	write_ip(packet, sizeof(packet), IPPROTO_ICMP, from.host,
	    forger->to.host);
	write_heads(message + sizeof(icmp), forger->to, from, forger->bytes);
	icmp.un.frag.mtu = htons(mtu);
	memcpy(message, &icmp, sizeof(icmp));
	icmp.checksum = checksum(message, len);
	memcpy(message, &icmp, sizeof(icmp));
	send_packet(forger, packet, sizeof(packet));
}

static void
make_errors(struct forger *forger, unsigned rate)
{
	static const struct {
		uint8_t type, code;
		uint16_t mtu;
	} kinds[] = {
		{ ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0 },
		{ ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 576 },
		{ ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 68 },
		{ ICMP_DEST_UNREACH, ICMP_PKT_FILTERED, 0 },
		{ ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0 },
		{ ICMP_DEST_UNREACH, ICMP_NET_UNREACH, 0 },
		{ ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0 },
		{ ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0 },
		{ ICMP_PARAMETERPROB, 0, 0 },
		{ ICMP_SOURCE_QUENCH, 0, 0 },
	};
	const size_t count = sizeof(kinds) / sizeof(kinds[0]);
	uint64_t next_ns = clock_now_ns();

	for (size_t i = 0; stopped == 0; i = (i + 1) % count) {
		uint64_t now_ns = clock_now_ns();

		if (now_ns < next_ns) {
			struct timespec rest = { .tv_nsec =
						     (long)(next_ns - now_ns) };

			(void)nanosleep(&rest, NULL);
		}
		send_error(forger, kinds[i].type, kinds[i].code, kinds[i].mtu);
		next_ns += CLOCK_NS_PER_S / rate;
	}
}

/* A connection that waits for nothing; -1: not to be had. */
static int
knock_once(struct forger *forger)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(forger->to.port),
		.sin_addr = forger->to.host };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		fatal("socket");
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) == -1 &&
	    errno != EINPROGRESS) {
		(void)close(fd);
		return -1;
	}
	forger->sent++;
	return fd;
}

/* Says something; false: it was closed. */
static bool
knock_on(struct forger *forger, int fd)
{
	uint8_t bytes[BYTES_MAX];
	ssize_t len;

	rng_fill(forger->rng, bytes, forger->bytes);
	if (send(fd, bytes, forger->bytes, MSG_NOSIGNAL) == -1 &&
	    errno != EAGAIN)
		return false;
	len = recv(fd, bytes, sizeof(bytes), 0);
	return len > 0 || (len == -1 && errno == EAGAIN);
}

static void
knock(struct forger *forger)
{
	const struct timespec rest = { .tv_nsec = KNOCK_AGAIN_MS *
		    (long)CLOCK_NS_PER_MS };
	int fds[KNOCKS_MAX];

	for (int i = 0; i < KNOCKS_MAX; i++)
		fds[i] = -1;
	while (stopped == 0) {
		for (int i = 0; i < KNOCKS_MAX; i++) {
			if (fds[i] != -1 && !knock_on(forger, fds[i])) {
				(void)close(fds[i]);
				fds[i] = -1;
			} else if (fds[i] == -1) {
				fds[i] = knock_once(forger);
			}
		}
		(void)nanosleep(&rest, NULL);
	}
	for (int i = 0; i < KNOCKS_MAX; i++)
		if (fds[i] != -1)
			(void)close(fds[i]);
}

int
main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct forger forger = { 0 };
	const char *word = argc > 1 ? argv[1] : "";
	bool floods = argc == 5 && strcmp(word, "flood") == 0;
	bool knocks = argc == 5 && strcmp(word, "knock") == 0;
	int rate = argc == 6 ? atoi(argv[5]) : 0;

	log_open(STDERR_FILENO, "forger", LOG_LEVEL_INFO);
	if (!floods && !knocks &&
	    (argc != 6 || strcmp(word, "errors") != 0 || rate < 2 ||
		rate > RATE_MAX))
		fatalx("usage: forger flood|knock FROM TO BYTES | "
		       "forger errors FROM TO BYTES RATE");
	forger.from = read_end(argv[2], true);
	forger.to = read_end(argv[3], false);
	forger.bytes = (size_t)atoi(argv[4]);
	if (forger.bytes > BYTES_MAX)
		fatalx("%s: more than %d bytes", argv[4], BYTES_MAX);
	forger.rng = rng_from_seed(&forger.dice, 1);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGINT, &action, NULL);
	if (!knocks &&
	    (forger.fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC,
		 IPPROTO_RAW)) == -1)
		fatal("no raw socket");
	if (knocks)
		knock(&forger);
	else if (floods)
		flood(&forger);
	else
		make_errors(&forger, (unsigned)rate);
	printf("%" PRIu64 "\n", forger.sent);
	return 0;
}
