/*
 * What a relay costs: datagrams forwarded in a second of processor time, beside
 * a forwarder that does nothing but recvmmsg and sendmmsg, under the same load;
 * memory of a line, ten thousand held; the time that its slots add.  Whole
 * programs over the loopback.  All posts are this one: a relay does not mind
 * that they share an address.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/rng.h"
#include "core/ticket.h"
#include "crypto/crypto.h"
#include "figure.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum {
	BATCH = 64,
	UNIT_BYTES_MAX = FRAME_BYTES_MAX + TICKET_TOKEN_BYTES,
	/* What one call with UDP_SEGMENT may hold. */
	BURST_BYTES_MAX = 65000,
	HELD_LINES = 10000,
	LOADS = 7,
	LOAD_S = 2,
	DELAY_SLOTS = 500,
};

static const uint8_t secret[TICKET_SECRET_BYTES] = { 7 };

/* A program that forwards, and how it is reached. */
struct forwarder {
	pid_t pid;
	int log_fd; /* -1: none */
	struct sockaddr_in at;
};

/* Legs of lines, all at one socket: the one of each, then the other. */
struct load {
	int fd;
	struct ticket *ticket;
	size_t count;
	uint64_t sent;
	struct rng rng;
};

/* ---- the reference */

/* Whatever comes goes back: no line, no token, no slot. */
_Noreturn static void
forward_bare(int fd, _Atomic uint64_t *forwarded)
{
	static uint8_t bytes[BATCH][UNIT_BYTES_MAX];
	static struct sockaddr_in from[BATCH];
	struct mmsghdr head[BATCH] = { 0 };
	struct iovec iov[BATCH];
	int i, count;

	for (i = 0; i < BATCH; i++) {
		head[i].msg_hdr.msg_iov = &iov[i];
		head[i].msg_hdr.msg_iovlen = 1;
		head[i].msg_hdr.msg_name = &from[i];
	}
	for (;;) {
		for (i = 0; i < BATCH; i++) {
			iov[i] = (struct iovec){ bytes[i], UNIT_BYTES_MAX };
			head[i].msg_hdr.msg_namelen = sizeof(from[i]);
		}
		count = recvmmsg(fd, head, BATCH, MSG_WAITFORONE, NULL);
		for (i = 0; i < count; i++)
			iov[i].iov_len = head[i].msg_len - TICKET_TOKEN_BYTES;
		count = sendmmsg(fd, head, (unsigned)count, 0);
		*forwarded += count > 0 ? (unsigned)count : 0;
	}
}

static struct sockaddr_in
loopback(uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };

	at.sin_port = htons(port);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return at;
}

/* A socket on any port, which is written to *at. */
static int
bind_any(struct sockaddr_in *at)
{
	const int bytes = RELAY_RECV_BYTES;
	socklen_t len = sizeof(*at);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	*at = loopback(0);
	if (fd == -1 ||
	    bind(fd, (const struct sockaddr *)at, sizeof(*at)) == -1 ||
	    getsockname(fd, (struct sockaddr *)at, &len) == -1)
		figure_fail("no socket");
	/* As the relay asks for it. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) ==
	    -1)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes,
		    sizeof(bytes));
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) ==
	    -1)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes,
		    sizeof(bytes));
	return fd;
}

static struct forwarder
start_bare(_Atomic uint64_t *forwarded)
{
	struct forwarder bare = { .log_fd = -1 };
	const int fd = bind_any(&bare.at);

	bare.pid = fork();
	if (bare.pid == -1)
		figure_fail("no process");
	if (bare.pid == 0)
		forward_bare(fd, forwarded);
	(void)close(fd);
	return bare;
}

/* ---- the relay */

static const char *
write_key(void)
{
	static char path[64];
	char text[2 * TICKET_SECRET_BYTES + 2];
	int fd;

	(void)snprintf(path, sizeof(path), "/tmp/quietline-bench.XXXXXX");
	fd = mkstemp(path);
	for (size_t i = 0; i < TICKET_SECRET_BYTES; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", secret[i]);
	if (fd == -1 ||
	    write(fd, text, 2 * TICKET_SECRET_BYTES) != 2 * TICKET_SECRET_BYTES)
		figure_fail("no key file");
	(void)close(fd);
	return path;
}

/* Up to the line that has this word in it. */
static void
read_log(int fd, char *line, size_t bytes, const char *word)
{
	size_t len = 0;

	do {
		if (len == bytes - 1)
			len = 0;
		if (read(fd, line + len, 1) != 1)
			figure_fail("the relay ended");
		line[++len] = '\0';
		if (line[len - 1] == '\n' && strstr(line, word) == NULL)
			len = 0;
	} while (len == 0 || line[len - 1] != '\n');
}

static struct forwarder
start_relay(const char *lines)
{
	const char *build = getenv("QUIETLINE_BUILD");
	const char *key = write_key();
	struct forwarder relay;
	char path[4096], at[32], line[512];
	int pipe_fds[2];

	(void)close(bind_any(&relay.at));
	(void)snprintf(at, sizeof(at), "127.0.0.1:%u",
	    ntohs(relay.at.sin_port));
	(void)snprintf(path, sizeof(path), "%s/quietline-relay",
	    build == NULL ? "build" : build);
	if (pipe(pipe_fds) == -1 || (relay.pid = fork()) == -1)
		figure_fail("no process");
	if (relay.pid == 0) {
		(void)dup2(pipe_fds[1], STDERR_FILENO);
		(void)close(pipe_fds[0]);
		(void)close(pipe_fds[1]);
		(void)execl(path, path, "run", "--key", key, "--listen", at,
		    "--lines", lines, (char *)NULL);
		_exit(127);
	}
	(void)close(pipe_fds[1]);
	relay.log_fd = pipe_fds[0];
	read_log(relay.log_fd, line, sizeof(line), "forwards");
	(void)unlink(key);
	return relay;
}

static void
stop(struct forwarder *forwarder)
{
	(void)kill(forwarder->pid, SIGKILL);
	(void)waitpid(forwarder->pid, NULL, 0);
	if (forwarder->log_fd != -1)
		(void)close(forwarder->log_fd);
}

/* What the relay counted: frames of the other leg that it sent, random bytes in
 * their place, and slots it did not get to. */
struct counted {
	uint64_t lines, said, unsaid, missed;
};

static struct counted
ask_counts(const struct forwarder *relay)
{
	struct counted counted = { 0 };
	char line[512], *at;

	(void)kill(relay->pid, SIGUSR1);
	read_log(relay->log_fd, line, sizeof(line), "lines held");
	at = strstr(line, "info: ");
	if (at != NULL)
		counted.lines = strtoull(at + strlen("info: "), NULL, 10);
	at = strstr(line, "sent ");
	if (at != NULL)
		counted.said = strtoull(at + strlen("sent "), &at, 10);
	if (at != NULL && (at = strstr(at, "and ")) != NULL)
		counted.unsaid = strtoull(at + strlen("and "), NULL, 10);
	read_log(relay->log_fd, line, sizeof(line), "missed");
	counted.missed =
	    strtoull(strstr(line, "missed") + strlen("missed "), NULL, 10);
	return counted;
}

/* Nanoseconds on a processor. */
static double
used_ns(pid_t pid)
{
	char path[64], text[128] = "";
	FILE *file;
	double ns = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
	file = fopen(path, "r");
	if (file == NULL || fgets(text, sizeof(text), file) == NULL)
		figure_fail("this kernel has no schedstat");
	ns = strtod(text, NULL);
	(void)fclose(file);
	return ns;
}

/* ---- load */

static struct load
open_load(const struct forwarder *to, size_t lines, struct cadence cadence)
{
	static struct rng_seeded seeded;
	struct load load = { .count = lines * TICKET_LEGS };
	struct ticket_mint mint;
	struct sockaddr_in any;

	load.fd = bind_any(&any);
	load.rng = rng_from_seed(&seeded, 1);
	if (connect(load.fd, (const struct sockaddr *)&to->at,
		sizeof(to->at)) == -1)
		figure_fail("connect");
	load.ticket = calloc(load.count, sizeof(*load.ticket));
	if (load.ticket == NULL)
		figure_fail("no memory");
	ticket_mint_init(&mint, secret);
	for (size_t i = 0; i < load.count; i++) {
		const struct ticket_id is = { (uint32_t)(i % lines),
			(unsigned)(i / lines), cadence };

		if (ticket_issue(&load.ticket[i], &mint, &is, "r:1") != OK)
			figure_fail("no ticket");
	}
	return load;
}

static void
close_load(struct load *load)
{
	(void)close(load->fd);
	free(load->ticket);
}

/* A frame like any other: nobody here could open it. */
static void
make_unit(struct load *load, uint8_t *unit, const struct ticket *ticket)
{
	const size_t bytes = ticket->is.cadence.frame_bytes;

	memset(unit, 0x5a, bytes);
	load->sent++;
	memcpy(unit, &load->sent, sizeof(load->sent));
	ticket_seal(unit + bytes, ticket, unit);
}

/* The next count legs' datagrams, by few calls. */
static void
send_burst(struct load *load, size_t from, size_t count)
{
	static uint8_t burst[BURST_BYTES_MAX];
	const size_t bytes =
	    load->ticket[0].is.cadence.frame_bytes + TICKET_TOKEN_BYTES;
	const size_t most = BURST_BYTES_MAX / bytes;
	const int segment = (int)bytes;

	(void)setsockopt(load->fd, IPPROTO_UDP, UDP_SEGMENT, &segment,
	    sizeof(segment));
	while (count > 0) {
		const size_t now = count < most ? count : most;

		for (size_t i = 0; i < now; i++)
			make_unit(load, burst + i * bytes,
			    &load->ticket[(from + i) % load->count]);
		(void)!send(load->fd, burst, now * bytes, MSG_DONTWAIT);
		from += now;
		count -= now;
	}
}

/* Lets go of what came, so that it is delivered and not dropped. */
static void
drain(const struct load *load)
{
	static uint8_t bytes[BATCH][8];
	struct mmsghdr head[BATCH] = { 0 };
	struct iovec iov[BATCH];

	for (size_t i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ bytes[i], sizeof(bytes[i]) };
		head[i].msg_hdr.msg_iov = &iov[i];
		head[i].msg_hdr.msg_iovlen = 1;
	}
	while (recvmmsg(load->fd, head, BATCH, MSG_DONTWAIT, NULL) == BATCH)
		continue;
}

/* Each leg once a slot, evenly, for so long. */
static void
run_load(struct load *load, uint64_t run_ns)
{
	const uint64_t slot_ns = cadence_slot_ns(load->ticket[0].is.cadence);
	const uint64_t start_ns = clock_now_ns();
	uint64_t now_ns, due, done = 0;

	while ((now_ns = clock_now_ns()) - start_ns < run_ns) {
		due = (now_ns - start_ns) * load->count / slot_ns;
		/* What this machine did not get to is not made up for. */
		if (due - done > load->count)
			done = due - load->count;
		if (due - done >= BATCH / 2) {
			send_burst(load, done % load->count, due - done);
			done = due;
		}
		drain(load);
	}
}

/* ---- datagrams a second */

static double
measure_bare(size_t lines, struct cadence cadence)
{
	_Atomic uint64_t *forwarded = mmap(NULL, sizeof(*forwarded),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct forwarder bare;
	struct load load;
	uint64_t before;
	double ns;

	if (forwarded == MAP_FAILED)
		figure_fail("no memory");
	bare = start_bare(forwarded);
	load = open_load(&bare, lines, cadence);
	run_load(&load, CLOCK_NS_PER_S / 2);
	before = *forwarded;
	ns = used_ns(bare.pid);
	run_load(&load, (uint64_t)LOAD_S * CLOCK_NS_PER_S);
	ns = used_ns(bare.pid) - ns;
	before = *forwarded - before;
	close_load(&load);
	stop(&bare);
	return (double)before / ns * 1e9;
}

/* Datagrams that left; where the machine keeps the relay from running, fewer of
 * them are frames and more are random, which costs it as much. */
static double
measure_relay(size_t lines, struct cadence cadence)
{
	struct forwarder relay = start_relay("10000");
	struct load load = open_load(&relay, lines, cadence);
	struct counted from, to;
	char text[160];
	double ns, said, sent;

	run_load(&load, CLOCK_NS_PER_S / 2);
	from = ask_counts(&relay);
	ns = used_ns(relay.pid);
	run_load(&load, (uint64_t)LOAD_S * CLOCK_NS_PER_S);
	ns = used_ns(relay.pid) - ns;
	to = ask_counts(&relay);
	said = (double)(to.said - from.said);
	sent = said + (double)(to.unsaid - from.unsaid);
	(void)snprintf(text, sizeof(text),
	    "%zu lines: %.0f a second, %.0f %% of them frames, %.0f %% of a "
	    "processor, %.0f %% of slots missed",
	    lines, sent / LOAD_S, 100 * said / sent, ns / LOAD_S / 1e7,
	    100.0 * (double)(to.missed - from.missed) /
		(sent + (double)(to.missed - from.missed)));
	figure_progress(text);
	close_load(&load);
	stop(&relay);
	return sent / ns * 1e9;
}

static void
bench_rate(void)
{
	/* The most that a processor keeps up with lies somewhere here. */
	static const size_t lines[LOADS] = { 300, 600, 800, 900, 1000, 900,
		800 };
	const struct cadence cadence = { 1200, 10000 };
	double relay[LOADS], bare[LOADS];
	struct figure figure = {
		.name = "relay, datagrams",
		.unit = "k/s",
		.reference = "a bare recvmmsg and sendmmsg forwarder",
		.goal = FIGURE_RATIO_AT_LEAST,
		.bound = 0.7,
	};

	/* Both do better by the batch: the best of each. */
	for (size_t i = 0; i < LOADS; i++) {
		bare[i] = measure_bare(lines[i], cadence) / 1000;
		relay[i] = measure_relay(lines[i], cadence) / 1000;
	}
	figure.value = figure_quantile(relay, LOADS, 1);
	figure.reference_value = figure_quantile(bare, LOADS, 1);
	figure_print(&figure);
}

/* ---- memory */

/* Bytes of its own. */
static double
resident(pid_t pid)
{
	char path[64], row[512];
	unsigned long kib;
	double total = 0;
	FILE *smaps;

	(void)snprintf(path, sizeof(path), "/proc/%d/smaps", (int)pid);
	smaps = fopen(path, "r");
	if (smaps == NULL)
		figure_fail("memory cannot be read here: it takes root");
	while (fgets(row, sizeof(row), smaps) != NULL)
		if (sscanf(row, "Private_Dirty: %lu kB", &kib) == 1)
			total += (double)kib;
	(void)fclose(smaps);
	return 1024 * total;
}

/* Frames wait only where both ends are: first one end of each line comes, and all
 * that grows is the line's. */
static void
bench_memory(void)
{
	const uint64_t run_ns = (uint64_t)LOAD_S * CLOCK_NS_PER_S;
	const struct cadence cadence = { 256, 1000000 };
	struct forwarder relay = start_relay("10000");
	struct load load = open_load(&relay, HELD_LINES, cadence);
	const double before = resident(relay.pid);
	struct figure held = {
		.name = "relay, lines held",
		.unit = "lines",
		.reference = "asked for",
		.reference_value = HELD_LINES,
		.goal = FIGURE_RATIO_AT_LEAST,
		.bound = 1,
	};
	struct figure memory = {
		.name = "relay, memory of a line",
		.unit = "B",
		.reference = "with the frames that wait",
		.goal = FIGURE_VALUE_AT_MOST,
		.bound = 1024,
	};

	load.count = HELD_LINES;
	run_load(&load, run_ns);
	memory.value = (resident(relay.pid) - before) / HELD_LINES;
	load.count = HELD_LINES * TICKET_LEGS;
	run_load(&load, run_ns);
	held.value = (double)ask_counts(&relay).lines;
	memory.reference_value = (resident(relay.pid) - before) / HELD_LINES;
	figure_print(&held);
	figure_print(&memory);
	close_load(&load);
	stop(&relay);
}

/* ---- delay */

/* Mean time from a frame's moment to its arrival, in slots; its number leads to
 * when it was sent. */
static double
measure_delay(const struct forwarder *to)
{
	const struct cadence cadence = { 1200, 10000 };
	const uint64_t slot_ns = cadence_slot_ns(cadence);
	static uint64_t sent_ns[TICKET_LEGS * DELAY_SLOTS + 1];
	struct load load = open_load(to, 1, cadence);
	const uint64_t start_ns = clock_now_ns();
	uint8_t unit[UNIT_BYTES_MAX], came[UNIT_BYTES_MAX];
	uint64_t number, moment_ns, sum_ns = 0, said = 0;
	size_t i;

	for (i = 0; i < TICKET_LEGS * DELAY_SLOTS; i++) {
		/* The two ends in turn, each somewhere in its half slot. */
		moment_ns = start_ns + i * slot_ns / TICKET_LEGS +
		    rng_below(load.rng, slot_ns / TICKET_LEGS);
		while (clock_now_ns() < moment_ns) {
			if (recv(load.fd, came, sizeof(came), MSG_DONTWAIT) <
			    (ssize_t)sizeof(number))
				continue;
			memcpy(&number, came, sizeof(number));
			if (number == 0 || number > i)
				continue; /* random bytes */
			sum_ns += clock_now_ns() - sent_ns[number];
			said++;
		}
		make_unit(&load, unit, &load.ticket[i % TICKET_LEGS]);
		sent_ns[load.sent] = clock_now_ns();
		(void)!send(load.fd, unit,
		    cadence.frame_bytes + TICKET_TOKEN_BYTES, MSG_DONTWAIT);
	}
	close_load(&load);
	if (said == 0)
		figure_fail("nothing was forwarded");
	return (double)sum_ns / (double)said / (double)slot_ns;
}

static void
bench_delay(void)
{
	static _Atomic uint64_t forwarded;
	struct forwarder bare = start_bare(&forwarded);
	struct forwarder relay = start_relay("1");
	struct figure figure = {
		.name = "relay, delay added",
		.unit = "slots",
		.reference = "a bare recvmmsg and sendmmsg forwarder",
	};

	figure.value = measure_delay(&relay);
	figure.reference_value = measure_delay(&bare);
	figure_print(&figure);
	stop(&relay);
	stop(&bare);
}

int
main(void)
{
	crypto_init();
	(void)signal(SIGPIPE, SIG_IGN);
	/* Two that are kept from running by others would be compared by how. */
	(void)setpriority(PRIO_PROCESS, 0, -15);
	bench_rate();
	bench_memory();
	bench_delay();
	return 0;
}
