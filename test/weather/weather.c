/*
 * Owns the weather: a forwarder of datagrams between two posts that makes the
 * faults of a bad network, and notes what an observer of the wire sees.
 *
 * It is for tests and for the demo.  It sends to the two addresses that it is
 * given and to nobody else, and takes only addresses of this machine or of a
 * private network.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "sky.h"

enum weather_limits {
	DATAGRAM_BYTES_MAX = 2048,
	/* Both ways of a fast line for some seconds. */
	WAITING_MAX = 16384,
	/* Recent datagrams of a way, to be replayed now and then. */
	RECENT_MAX = 512,
	/* What was heard of a way, to be played back: a minute at 2 ms. */
	RECORD_MAX = 32768,
	/* Datagrams taken or made in one turn, so that none starves. */
	TURN_MAX = 64,
	/* Who asks has its command ready. */
	CONTROL_WAIT_MS = 200,
	TELL_WAIT_S = 10,
};

/* One of the two posts, as the weather reaches it. */
struct side {
	int fd;		 /* what its peer looks like to it */
	int stranger_fd; /* what an unknown sender looks like */
	struct sockaddr_storage peer;
	socklen_t peer_len;
	bool learns; /* the port: whatever it last sent from */
	bool known;
};

struct datagram {
	size_t len;
	uint8_t bytes[DATAGRAM_BYTES_MAX];
};

struct waiting {
	uint64_t due_ns;
	uint64_t order; /* first come, first served within a moment */
	struct side *to;
	struct datagram datagram;
};

/* What happened to the datagrams of one way. */
struct tally {
	uint64_t seen;
	uint64_t bytes_least;
	uint64_t bytes_most;
	uint64_t lost;
	uint64_t doubled;
	uint64_t corrupted;
	uint64_t reflected;
	uint64_t truncated;
	uint64_t replayed;
	uint64_t played;
	uint64_t junk;
	uint64_t sent;
	uint64_t unsent;    /* nowhere to, no room, or the kernel refused */
	uint64_t strangers; /* from another address than the peer's: dropped */
	uint64_t
	    answered; /* what came back to the stranger: there must be none */
};

struct weather {
	struct sky sky;
	struct side side[SKY_WAYS]; /* by the way that its datagrams go */
	struct tally tally[SKY_WAYS];
	struct waiting *heap[WAITING_MAX];
	size_t waiting;
	uint64_t order;
	struct datagram record[SKY_WAYS][RECORD_MAX];
	uint64_t junk_next_ns[SKY_WAYS];
	uint64_t playback_next_ns[SKY_WAYS];
	int control_fd;
	FILE *capture;
	bool done;
};

static volatile sig_atomic_t stopped;

static void
on_signal(int signo)
{
	(void)signo;
	stopped = 1;
}

static const char *
way_name(enum sky_way way)
{
	return way == SKY_A_TO_B ? "ab" : "ba";
}

/* This machine, or a network that is not the internet. */
static bool
is_near(const struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET) {
		struct sockaddr_in in;
		uint32_t ip;

		memcpy(&in, addr, sizeof(in));
		ip = ntohl(in.sin_addr.s_addr);
		return ip >> 24 == 127 || ip >> 24 == 10 || ip >> 20 == 0xac1 ||
		    ip >> 16 == 0xc0a8;
	} else {
		struct sockaddr_in6 in6;

		memcpy(&in6, addr, sizeof(in6));
		return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr) ||
		    (in6.sin6_addr.s6_addr[0] & 0xfe) == 0xfc;
	}
}

/* Reads "ADDR:PORT" or "[ADDR]:PORT", numbers only; ends the program if it is
 * anything else, or far. */
static socklen_t
read_address(struct sockaddr_storage *addr, const char *text)
{
	struct addrinfo hints = { 0 }, *found;
	char host[INET6_ADDRSTRLEN + 3];
	const char *colon = strrchr(text, ':');
	socklen_t len;
	size_t n;

	if (colon == NULL || (n = (size_t)(colon - text)) >= sizeof(host))
		fatalx("%s: not ADDR:PORT", text);
	memcpy(host, text, n);
	host[n] = '\0';
	if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
		memmove(host, host + 1, n - 2);
		host[n - 2] = '\0';
	}
	hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
	hints.ai_socktype = SOCK_DGRAM;
	if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
		fatalx("%s: not ADDR:PORT", text);
	assert(found->ai_addrlen <= sizeof(*addr));
	memset(addr, 0, sizeof(*addr));
	memcpy(addr, found->ai_addr, found->ai_addrlen);
	len = found->ai_addrlen;
	freeaddrinfo(found);
	if (!is_near(addr))
		fatalx("%s: not on this machine or a private network", text);
	return len;
}

static uint16_t
port_of(const struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, addr, sizeof(in));
		return ntohs(in.sin_port);
	} else {
		struct sockaddr_in6 in6;

		memcpy(&in6, addr, sizeof(in6));
		return ntohs(in6.sin6_port);
	}
}

static bool
is_same_host(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	if (a->ss_family != b->ss_family)
		return false;
	if (a->ss_family == AF_INET) {
		struct sockaddr_in ina, inb;

		memcpy(&ina, a, sizeof(ina));
		memcpy(&inb, b, sizeof(inb));
		return ina.sin_addr.s_addr == inb.sin_addr.s_addr;
	} else {
		struct sockaddr_in6 ina, inb;

		memcpy(&ina, a, sizeof(ina));
		memcpy(&inb, b, sizeof(inb));
		return IN6_ARE_ADDR_EQUAL(&ina.sin6_addr, &inb.sin6_addr);
	}
}

static int
socket_bound(const struct sockaddr_storage *addr, socklen_t len)
{
	int room = 4 * 1024 * 1024;
	int fd = socket(addr->ss_family,
	    SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fatal("socket");
	/* A fast line's burst must not be lost here: only the sky loses. */
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	if (bind(fd, (const struct sockaddr *)addr, len) != 0)
		fatal("bind");
	return fd;
}

static void
side_open(struct side *side, const char *at, const char *peer)
{
	struct sockaddr_storage addr;
	socklen_t len = read_address(&addr, at);

	side->fd = socket_bound(&addr, len);
	if (addr.ss_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, &addr, sizeof(in));
		in.sin_port = 0;
		memcpy(&addr, &in, sizeof(in));
	} else {
		struct sockaddr_in6 in6;

		memcpy(&in6, &addr, sizeof(in6));
		in6.sin6_port = 0;
		memcpy(&addr, &in6, sizeof(in6));
	}
	side->stranger_fd = socket_bound(&addr, len);
	side->peer_len = read_address(&side->peer, peer);
	side->learns = port_of(&side->peer) == 0;
	side->known = !side->learns;
}

static struct side *
side_opposite(struct weather *weather, enum sky_way way)
{
	return &weather->side[way == SKY_A_TO_B ? SKY_B_TO_A : SKY_A_TO_B];
}

/* A binary heap: the earliest is heap[0]. */
static bool
is_before(const struct waiting *a, const struct waiting *b)
{
	return a->due_ns != b->due_ns ? a->due_ns < b->due_ns
				      : a->order < b->order;
}

static void
waiting_push(struct weather *weather, struct waiting *one)
{
	size_t i = weather->waiting++;

	while (i > 0 && is_before(one, weather->heap[(i - 1) / 2])) {
		weather->heap[i] = weather->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	weather->heap[i] = one;
}

static struct waiting *
waiting_pop(struct weather *weather)
{
	struct waiting *first = weather->heap[0];
	struct waiting *last = weather->heap[--weather->waiting];
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= weather->waiting)
			break;
		if (child + 1 < weather->waiting &&
		    is_before(weather->heap[child + 1], weather->heap[child]))
			child++;
		if (!is_before(weather->heap[child], last))
			break;
		weather->heap[i] = weather->heap[child];
		i = child;
	}
	weather->heap[i] = last;
	return first;
}

static void
send_now(const struct side *to, struct tally *tally,
    const struct datagram *datagram, int fd)
{
	ssize_t n = -1;

	if (to->known)
		n = sendto(fd, datagram->bytes, datagram->len, 0,
		    (const struct sockaddr *)&to->peer, to->peer_len);
	if (n < 0)
		tally->unsent++;
	else
		tally->sent++;
}

static void
send_later(struct weather *weather, struct side *to, struct tally *tally,
    const struct datagram *datagram, uint64_t due_ns)
{
	struct waiting *one;

	if (weather->waiting == WAITING_MAX ||
	    (one = malloc(sizeof(*one))) == NULL) {
		tally->unsent++;
		return;
	}
	one->due_ns = due_ns;
	one->order = weather->order++;
	one->to = to;
	one->datagram.len = datagram->len;
	memcpy(one->datagram.bytes, datagram->bytes, datagram->len);
	waiting_push(weather, one);
}

static void
forward(struct weather *weather, enum sky_way way, struct datagram *datagram,
    uint64_t now_ns)
{
	struct tally *tally = &weather->tally[way];
	struct side *to = side_opposite(weather, way);
	struct datagram *record = weather->record[way];
	const size_t whole = datagram->len;
	struct sky_fate fate;

	sky_judge(&weather->sky, way, datagram->len, &fate);
	tally->lost += fate.copies == 0;
	tally->doubled += fate.copies == 2;
	for (unsigned i = 0; i < fate.copies; i++) {
		uint8_t *byte = &datagram->bytes[fate.copy[i].bit / 8];
		uint8_t bit = (uint8_t)(1U << fate.copy[i].bit % 8);

		if (fate.copy[i].corrupt) {
			*byte ^= bit;
			tally->corrupted++;
		}
		if (fate.copy[i].truncate) {
			datagram->len = fate.copy[i].len;
			tally->truncated++;
		}
		if (fate.copy[i].delay_ns == 0)
			send_now(to, tally, datagram, to->fd);
		else
			send_later(weather, to, tally, datagram,
			    now_ns + fate.copy[i].delay_ns);
		if (fate.copy[i].corrupt)
			*byte ^= bit;
		datagram->len = whole;
	}
	if (fate.reflect) {
		tally->reflected++;
		send_now(&weather->side[way], tally, datagram,
		    weather->side[way].fd);
	}
	if (fate.replay) {
		uint64_t back = 1 + fate.replay_pick % RECENT_MAX;

		if (back < tally->seen) {
			tally->replayed++;
			send_now(to, tally,
			    &record[(tally->seen - back) % RECORD_MAX], to->fd);
		}
	}
	record[tally->seen % RECORD_MAX] = *datagram;
}

static void
side_on_readable(struct weather *weather, enum sky_way way)
{
	struct side *from = &weather->side[way];
	struct tally *tally = &weather->tally[way];
	struct datagram datagram;

	for (int turn = 0; turn < TURN_MAX; turn++) {
		struct sockaddr_storage sender;
		socklen_t len = sizeof(sender);
		uint64_t now_ns;
		ssize_t n;

		n = recvfrom(from->fd, datagram.bytes, sizeof(datagram.bytes),
		    0, (struct sockaddr *)&sender, &len);
		if (n < 0)
			return;
		if (n == 0)
			continue;
		if (!is_same_host(&sender, &from->peer) ||
		    (!from->learns &&
			port_of(&sender) != port_of(&from->peer))) {
			tally->strangers++;
			continue;
		}
		if (from->learns) {
			from->peer = sender;
			from->peer_len = len;
			from->known = true;
		}
		now_ns = clock_now_ns();
		datagram.len = (size_t)n;
		tally->seen++;
		if (tally->bytes_least == 0 ||
		    datagram.len < tally->bytes_least)
			tally->bytes_least = datagram.len;
		if (datagram.len > tally->bytes_most)
			tally->bytes_most = datagram.len;
		if (weather->capture != NULL)
			fprintf(weather->capture, "%llu %s %zu\n",
			    (unsigned long long)now_ns, way_name(way),
			    datagram.len);
		forward(weather, way, &datagram, now_ns);
	}
}

/* Counts what a post sends to the stranger whose junk came this way. */
static void
stranger_on_readable(struct weather *weather, enum sky_way way)
{
	const struct side *to = side_opposite(weather, way);
	uint8_t byte;

	while (recv(to->stranger_fd, &byte, sizeof(byte), MSG_TRUNC) > 0)
		weather->tally[way].answered++;
}

/* How many of a stream of `rate` a second are due, at most TURN_MAX; *next_ns is
 * when the next one is. */
static int
due_of(uint32_t rate, uint64_t *next_ns, uint64_t now_ns)
{
	int due = 0;

	if (rate == 0) {
		*next_ns = now_ns;
		return 0;
	}
	for (; due < TURN_MAX && *next_ns <= now_ns; due++)
		*next_ns += CLOCK_NS_PER_S / rate;
	return due;
}

static void
make_junk(struct weather *weather, enum sky_way way, int count)
{
	struct side *to = side_opposite(weather, way);
	struct tally *tally = &weather->tally[way];
	struct datagram datagram;

	for (; count > 0; count--) {
		datagram.len = sky_junk_bytes(&weather->sky, way);
		rng_fill(weather->sky.rng, datagram.bytes, datagram.len);
		send_now(to, tally, &datagram,
		    weather->sky.junk[way].stranger ? to->stranger_fd : to->fd);
		tally->junk++;
	}
}

/* From the oldest that is still there to the newest, and again. */
static void
play_back(struct weather *weather, enum sky_way way, int count)
{
	struct side *to = side_opposite(weather, way);
	struct tally *tally = &weather->tally[way];
	const uint64_t held =
	    tally->seen < RECORD_MAX ? tally->seen : RECORD_MAX;
	const uint64_t first = tally->seen - held + 1;

	for (; count > 0 && held > 0; count--) {
		uint64_t at = first + tally->played++ % held;

		send_now(to, tally, &weather->record[way][at % RECORD_MAX],
		    weather->sky.playback[way].stranger ? to->stranger_fd
							: to->fd);
	}
}

/* Sends what is due, makes junk; says when to come back, at most in a second. */
static int
turn(struct weather *weather, uint64_t now_ns)
{
	uint64_t next_ns = now_ns + CLOCK_NS_PER_S;

	while (weather->waiting > 0 && weather->heap[0]->due_ns <= now_ns) {
		struct waiting *one = waiting_pop(weather);
		enum sky_way way = one->to == &weather->side[SKY_B_TO_A]
		    ? SKY_A_TO_B
		    : SKY_B_TO_A;

		send_now(one->to, &weather->tally[way], &one->datagram,
		    one->to->fd);
		free(one);
	}
	if (weather->waiting > 0 && weather->heap[0]->due_ns < next_ns)
		next_ns = weather->heap[0]->due_ns;

	for (enum sky_way way = 0; way < SKY_WAYS; way++) {
		const struct sky *sky = &weather->sky;
		uint64_t *junk_ns = &weather->junk_next_ns[way];
		uint64_t *playback_ns = &weather->playback_next_ns[way];

		make_junk(weather, way,
		    due_of(sky->junk[way].rate, junk_ns, now_ns));
		play_back(weather, way,
		    due_of(sky->playback[way].rate, playback_ns, now_ns));
		if (sky->junk[way].rate > 0 && *junk_ns < next_ns)
			next_ns = *junk_ns;
		if (sky->playback[way].rate > 0 && *playback_ns < next_ns)
			next_ns = *playback_ns;
	}
	if (next_ns <= now_ns)
		return 0;
	return (
	    int)((next_ns - now_ns + CLOCK_NS_PER_MS - 1) / CLOCK_NS_PER_MS);
}

static void
print_stats(const struct weather *weather, FILE *out)
{
	for (unsigned way = 0; way < SKY_WAYS; way++) {
		const struct tally *tally = &weather->tally[way];
		const char *name = way_name((enum sky_way)way);
		const struct {
			const char *what;
			uint64_t count;
		} rows[] = {
			{ "seen", tally->seen },
			{ "bytes_least", tally->bytes_least },
			{ "bytes_most", tally->bytes_most },
			{ "lost", tally->lost },
			{ "doubled", tally->doubled },
			{ "corrupted", tally->corrupted },
			{ "truncated", tally->truncated },
			{ "reflected", tally->reflected },
			{ "replayed", tally->replayed },
			{ "played", tally->played },
			{ "junk", tally->junk },
			{ "sent", tally->sent },
			{ "unsent", tally->unsent },
			{ "strangers", tally->strangers },
			{ "answered", tally->answered },
		};

		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			fprintf(out, "%s %s %llu\n", name, rows[i].what,
			    (unsigned long long)rows[i].count);
	}
}

static void
print_ports(const struct weather *weather, FILE *out)
{
	for (unsigned way = 0; way < SKY_WAYS; way++) {
		struct sockaddr_storage addr;
		socklen_t len = sizeof(addr);

		if (getsockname(weather->side[way].fd, (struct sockaddr *)&addr,
			&len) != 0)
			fatal("getsockname");
		fprintf(out, "%c %u\n", way == SKY_A_TO_B ? 'a' : 'b',
		    port_of(&addr));
	}
}

static void
capture_set(struct weather *weather, const char *path, FILE *out)
{
	FILE *capture = NULL;

	if (strcmp(path, "off") != 0 && (capture = fopen(path, "we")) == NULL) {
		fprintf(out, "error: %s: %s\n", path, strerror(errno));
		return;
	}
	if (weather->capture != NULL)
		fclose(weather->capture);
	weather->capture = capture;
	/* Whole lines only, for whoever reads along. */
	if (capture != NULL)
		setvbuf(capture, NULL, _IOLBF, BUFSIZ);
	fputs("ok\n", out);
}

static void
obey(struct weather *weather, char *command, FILE *out)
{
	int rc;

	command[strcspn(command, "\n")] = '\0';
	if (strcmp(command, "stats") == 0) {
		print_stats(weather, out);
	} else if (strcmp(command, "ports") == 0) {
		print_ports(weather, out);
	} else if (strncmp(command, "capture ", 8) == 0) {
		capture_set(weather, command + 8, out);
	} else if (strcmp(command, "quit") == 0) {
		weather->done = true;
		fputs("ok\n", out);
	} else if ((rc = sky_obey(&weather->sky, command)) != OK) {
		fprintf(out, "error: %s: %s\n", command, err_str(rc));
	} else {
		fputs("ok\n", out);
	}
}

static void
control_on_readable(struct weather *weather)
{
	char command[SKY_COMMAND_BYTES_MAX];
	struct pollfd ready;
	FILE *out;
	ssize_t n;
	int fd = accept4(weather->control_fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	ready = (struct pollfd){ .fd = fd, .events = POLLIN };
	if (poll(&ready, 1, CONTROL_WAIT_MS) != 1 ||
	    (n = read(fd, command, sizeof(command) - 1)) <= 0 ||
	    (out = fdopen(fd, "w")) == NULL) {
		close(fd);
		return;
	}
	command[n] = '\0';
	obey(weather, command, out);
	fclose(out);
}

static void
control_address(struct sockaddr_un *addr, const char *path)
{
	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(addr->sun_path))
		fatalx("%s: too long for a socket's path", path);
	strcpy(addr->sun_path, path);
}

static int
control_open(const char *path)
{
	struct sockaddr_un addr;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	control_address(&addr, path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 ||
	    listen(fd, 16) != 0)
		fatal("%s", path);
	return fd;
}

/* The other use: `weather tell SOCKET WORD...` */
static int
tell(int argc, char **argv)
{
	char command[SKY_COMMAND_BYTES_MAX] = "", answer[4096];
	struct timeval wait = { .tv_sec = TELL_WAIT_S };
	struct sockaddr_un addr;
	bool first = true, refused = false;
	ssize_t n;
	int fd;

	for (int i = 1; i < argc; i++) {
		if (strlen(command) + strlen(argv[i]) + 2 >= sizeof(command))
			fatalx("the command is too long");
		if (i > 1)
			strcat(command, " ");
		strcat(command, argv[i]);
	}
	strcat(command, "\n");
	control_address(&addr, argv[0]);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) != 0 ||
	    connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 ||
	    write(fd, command, strlen(command)) < 0)
		fatal("%s", argv[0]);
	while ((n = read(fd, answer, sizeof(answer))) > 0) {
		if (first)
			refused = strncmp(answer, "error", 5) == 0;
		first = false;
		fwrite(answer, 1, (size_t)n, refused ? stderr : stdout);
	}
	if (n < 0 || first)
		fatalx("%s: no answer", argv[0]);
	close(fd);
	return refused ? 1 : 0;
}

static void
run(struct weather *weather)
{
	int wait_ms = 0;

	while (!weather->done && !stopped) {
		struct pollfd fds[] = {
			{ .fd = weather->side[SKY_A_TO_B].fd,
			    .events = POLLIN },
			{ .fd = weather->side[SKY_B_TO_A].fd,
			    .events = POLLIN },
			{ .fd = weather->control_fd, .events = POLLIN },
			{ .fd = weather->side[SKY_A_TO_B].stranger_fd,
			    .events = POLLIN },
			{ .fd = weather->side[SKY_B_TO_A].stranger_fd,
			    .events = POLLIN },
		};

		if (poll(fds, sizeof(fds) / sizeof(fds[0]), wait_ms) < 0 &&
		    errno != EINTR)
			fatal("poll");
		/* POLLERR too: a post that is down answers with an ICMP, and
		 * the error is taken by reading. */
		if (fds[0].revents != 0)
			side_on_readable(weather, SKY_A_TO_B);
		if (fds[1].revents != 0)
			side_on_readable(weather, SKY_B_TO_A);
		if (fds[2].revents != 0)
			control_on_readable(weather);
		if (fds[3].revents != 0)
			stranger_on_readable(weather, SKY_B_TO_A);
		if (fds[4].revents != 0)
			stranger_on_readable(weather, SKY_A_TO_B);
		wait_ms = turn(weather, clock_now_ns());
	}
}

static void
usage(FILE *out)
{
	fprintf(out,
	    "weather: forwards datagrams between two posts, badly when told.\n\n"
	    "  weather --a ADDR:PORT --a-peer ADDR:PORT\n"
	    "          --b ADDR:PORT --b-peer ADDR:PORT\n"
	    "          [--control SOCKET] [--capture FILE] [--seed N]\n"
	    "  weather tell SOCKET COMMAND...\n\n"
	    "Post A sends to the address --a and is reached at --a-peer; the\n"
	    "same for B. Port 0 of --a and --b is any free port (tell ports), of\n"
	    "a peer whatever port it last sent from. --capture writes a line a\n"
	    "datagram as it arrives: monotonic nanoseconds, way, bytes.\n\n"
	    "Commands:\n"
	    "%s"
	    "  stats               counts, one a line: way, what, how many\n"
	    "  ports               the ports of --a and --b\n"
	    "  capture FILE|off    begin a new capture, end it\n"
	    "  quit\n",
	    sky_usage);
}

int
main(int argc, char **argv)
{
	enum {
		OPT_A = 1,
		OPT_A_PEER,
		OPT_B,
		OPT_B_PEER,
		OPT_CONTROL,
		OPT_CAPTURE,
		OPT_SEED,
		OPT_HELP
	};
	static const struct option options[] = {
		{ "a", required_argument, NULL, OPT_A },
		{ "a-peer", required_argument, NULL, OPT_A_PEER },
		{ "b", required_argument, NULL, OPT_B },
		{ "b-peer", required_argument, NULL, OPT_B_PEER },
		{ "control", required_argument, NULL, OPT_CONTROL },
		{ "capture", required_argument, NULL, OPT_CAPTURE },
		{ "seed", required_argument, NULL, OPT_SEED },
		{ "help", no_argument, NULL, OPT_HELP },
		{ NULL, 0, NULL, 0 },
	};
	const char *value[OPT_HELP + 1] = { NULL };
	struct sigaction action = { .sa_handler = on_signal };
	struct weather *weather;
	int opt;

	log_open(STDERR_FILENO, "weather", LOG_LEVEL_INFO);
	if (argc >= 4 && strcmp(argv[1], "tell") == 0)
		return tell(argc - 2, argv + 2);
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == OPT_HELP) {
			usage(stdout);
			return 0;
		}
		if (opt < OPT_A || opt > OPT_SEED) {
			usage(stderr);
			return 2;
		}
		value[opt] = optarg;
	}
	if (optind != argc || value[OPT_A] == NULL || value[OPT_B] == NULL ||
	    value[OPT_A_PEER] == NULL || value[OPT_B_PEER] == NULL) {
		usage(stderr);
		return 2;
	}

	if ((weather = calloc(1, sizeof(*weather))) == NULL)
		fatal("memory");
	sky_init(&weather->sky,
	    value[OPT_SEED] == NULL ? 1 : strtoull(value[OPT_SEED], NULL, 10));
	side_open(&weather->side[SKY_A_TO_B], value[OPT_A], value[OPT_A_PEER]);
	side_open(&weather->side[SKY_B_TO_A], value[OPT_B], value[OPT_B_PEER]);
	weather->control_fd = -1;
	if (value[OPT_CONTROL] != NULL)
		weather->control_fd = control_open(value[OPT_CONTROL]);
	if (value[OPT_CAPTURE] != NULL)
		capture_set(weather, value[OPT_CAPTURE], stdout);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);

	run(weather);

	print_stats(weather, stdout);
	if (weather->capture != NULL)
		fclose(weather->capture);
	if (value[OPT_CONTROL] != NULL)
		unlink(value[OPT_CONTROL]);
	while (weather->waiting > 0)
		free(waiting_pop(weather));
	free(weather);
	return 0;
}
