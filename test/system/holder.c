/*
 * Owns two posts that hold the tickets of a relay's line, and know nothing else
 * of quietline:
 *
 *   holder [--tcp-a] [--tcp-b] WHAT TICKET TICKET SLOTS
 *
 * Each end sends a sealed frame in each slot, as WHAT has it:
 *
 *   both      both ends do
 *   lonely    b stops after a quarter of the slots
 *   gaps      every third frame of a is lost before it is sent
 *   deaf      a sends, and never reads
 *   stranger  somebody else sends a second time, from elsewhere, what a sent
 *   crowd     a hundred others connect by TCP first, and say nothing
 *   junk      somebody else sends 50 datagrams of any bytes in each slot
 *
 * At the end, for each end and for somebody else (x), one line of what came
 * there: all datagrams, frames that the other end sealed, the same ones again,
 * and the mean time they took in slots; of the crowd, how many were ended.
 */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/rng.h"
#include "core/ticket.h"
#include "crypto/aead.h"
#include "crypto/crypto.h"
#include "proc/address.h"

enum {
	UNIT_BYTES_MAX = FRAME_BYTES_MAX + TICKET_TOKEN_BYTES,
	PLAIN_BYTES_MAX = FRAME_BYTES_MAX - AEAD_NONCE_BYTES - AEAD_TAG_BYTES,
	SLOTS_MAX = 100000,
	CROWD_COUNT = 100,
	JUNK_PER_SLOT = 50,
	/* What is sent in the last slots is still on its way. */
	SLOTS_AFTER = 4,
};

/* The scenario searches the relay's memory for these. */
static const uint8_t key[AEAD_KEY_BYTES] = "the key of this line, of 32 byte";
static const char plain_text[] = "What only the two ends may read.";

enum what { BOTH, LONELY, GAPS, DEAF, STRANGER, CROWD, JUNK, WHAT_COUNT };
static const char *const what_names[WHAT_COUNT] = { "both", "lonely", "gaps",
	"deaf", "stranger", "crowd", "junk" };

struct end {
	int fd;
	bool is_tcp;
	char name;
	struct ticket ticket;
	uint8_t unit[UNIT_BYTES_MAX]; /* the last that was sent */
	uint8_t in[UNIT_BYTES_MAX];   /* of a stream, not whole yet */
	size_t have;
	uint32_t sent, got, said, again;
	uint64_t delay_ns; /* the sum */
	bool seen[SLOTS_MAX];
};

static struct rng rng;

_Noreturn static void
give_up(const char *why)
{
	(void)fprintf(stderr, "holder: %s: %s\n", why, strerror(errno));
	exit(1);
}

static int
open_socket(const char *endpoint, bool is_tcp)
{
	const struct text text = { endpoint, strlen(endpoint) };
	const int yes = 1;
	struct address at;
	int fd;

	if (address_parse(&at, text) != OK)
		give_up("no address");
	fd = socket(at.at.ss_family, is_tcp ? SOCK_STREAM : SOCK_DGRAM, 0);
	if (fd == -1 ||
	    connect(fd, (const struct sockaddr *)&at.at, at.len) == -1)
		give_up("connect");
	if (is_tcp)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes,
		    sizeof(yes));
	return fd;
}

static size_t
frame_bytes(const struct end *end)
{
	return end->ticket.is.cadence.frame_bytes;
}

/* ---- sending */

static void
make_unit(struct end *end)
{
	uint8_t plain[PLAIN_BYTES_MAX];
	const size_t len = frame_bytes(end) - AEAD_NONCE_BYTES - AEAD_TAG_BYTES;
	struct writer w;

	buf_write(&w, plain, len);
	buf_put_bytes(&w, plain_text, sizeof(plain_text));
	buf_put_u8(&w, (uint8_t)end->name);
	buf_put_u32(&w, end->sent);
	buf_put_u64(&w, clock_now_ns());
	buf_put_zeros(&w, buf_room(&w));
	rng_fill(rng, end->unit, AEAD_NONCE_BYTES);
	aead_seal(end->unit + AEAD_NONCE_BYTES, plain, len, NULL, 0, end->unit,
	    key);
	ticket_seal(end->unit + frame_bytes(end), &end->ticket, end->unit);
	end->sent++;
}

static void
send_unit(struct end *end)
{
	(void)!send(end->fd, end->unit, frame_bytes(end) + TICKET_TOKEN_BYTES,
	    MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void
send_junk(int fd, size_t unit_bytes)
{
	uint8_t junk[UNIT_BYTES_MAX];

	for (unsigned i = 0; i < JUNK_PER_SLOT; i++) {
		rng_fill(rng, junk, sizeof(junk));
		(void)!send(fd, junk,
		    i & 1 ? unit_bytes
			  : (size_t)rng_below(rng, sizeof(junk) + 1),
		    MSG_DONTWAIT);
	}
}

/* ---- receiving */

static void
take_frame(struct end *end, const uint8_t *frame)
{
	uint8_t plain[PLAIN_BYTES_MAX];
	const size_t len = frame_bytes(end) - AEAD_NONCE_BYTES;
	struct reader r;
	uint32_t serial;

	end->got++;
	if (aead_unseal(plain, frame + AEAD_NONCE_BYTES, len, NULL, 0, frame,
		key) != OK)
		return;
	buf_read(&r, plain + sizeof(plain_text), len - sizeof(plain_text));
	if (buf_get_u8(&r) == (uint8_t)end->name)
		give_up("its own frame came back");
	serial = buf_get_u32(&r);
	if (serial >= SLOTS_MAX || end->seen[serial]) {
		end->again++;
		return;
	}
	end->seen[serial] = true;
	end->said++;
	end->delay_ns += clock_now_ns() - buf_get_u64(&r);
}

static void
take_stream(struct end *end)
{
	ssize_t len = recv(end->fd, end->in + end->have,
	    frame_bytes(end) - end->have, MSG_DONTWAIT);

	if (len == 0)
		give_up("the relay ended a connection");
	end->have += len > 0 ? (size_t)len : 0;
	if (end->have < frame_bytes(end))
		return;
	take_frame(end, end->in);
	end->have = 0;
}

static void
take_datagram(struct end *end)
{
	uint8_t datagram[UNIT_BYTES_MAX + 1];
	ssize_t len = recv(end->fd, datagram, sizeof(datagram), MSG_DONTWAIT);

	if (len < 0)
		return;
	if ((size_t)len != frame_bytes(end))
		give_up("a datagram of another size came");
	take_frame(end, datagram);
}

/* Until then, whatever comes. */
static void
receive_until(struct end *ends, size_t count, uint64_t end_ns)
{
	struct pollfd fds[3];
	uint64_t now_ns;

	while ((now_ns = clock_now_ns()) < end_ns) {
		struct timespec left = { 0, (long)(end_ns - now_ns) };

		left.tv_sec = left.tv_nsec / CLOCK_NS_PER_S;
		left.tv_nsec %= CLOCK_NS_PER_S;
		for (size_t i = 0; i < count; i++)
			fds[i] = (struct pollfd){ ends[i].fd, POLLIN, 0 };
		if (ppoll(fds, (nfds_t)count, &left, NULL) <= 0)
			continue;
		for (size_t i = 0; i < count; i++) {
			if (fds[i].revents == 0)
				continue;
			if (ends[i].is_tcp)
				take_stream(&ends[i]);
			else
				take_datagram(&ends[i]);
		}
	}
}

/* ---- what is played */

static bool
does_send(enum what what, size_t end, uint32_t slot, uint32_t slots)
{
	if (what == LONELY && end == 1)
		return slot < slots / 4;
	/* Lost on its way: made, and never sent. */
	return !(what == GAPS && end == 0 && slot % 3 == 0);
}

static void
play_slot(struct end ends[3], enum what what, uint32_t slot, uint32_t slots)
{
	for (size_t i = 0; i < 2; i++) {
		if (!does_send(what, i, slot, slots))
			continue;
		make_unit(&ends[i]);
		send_unit(&ends[i]);
	}
	if (what == STRANGER && slot > 0) {
		memcpy(ends[2].unit, ends[0].unit, sizeof(ends[2].unit));
		send_unit(&ends[2]);
	}
	if (what == JUNK)
		send_junk(ends[2].fd,
		    frame_bytes(&ends[0]) + TICKET_TOKEN_BYTES);
}

static void
play(struct end ends[3], enum what what, uint32_t slots)
{
	const uint64_t slot_ns = cadence_slot_ns(ends[0].ticket.is.cadence);
	const uint64_t start_ns = clock_now_ns();
	/* Who is deaf reads nothing. */
	const size_t first = what == DEAF ? 1 : 0;
	uint32_t slot;

	for (slot = 0; slot < slots; slot++) {
		play_slot(ends, what, slot, slots);
		receive_until(ends + first, 3 - first,
		    start_ns + (slot + 1) * slot_ns);
	}
	receive_until(ends + first, 3 - first,
	    start_ns + (slots + SLOTS_AFTER) * slot_ns);
}

static void
print_end(const struct end *end)
{
	const uint64_t slot_ns = cadence_slot_ns(end->ticket.is.cadence);
	const double delay = end->said == 0
	    ? 0
	    : (double)end->delay_ns / (double)end->said / (double)slot_ns;

	printf("%c sent %" PRIu32 " got %" PRIu32 " said %" PRIu32
	       " again %" PRIu32 " delay %.3f\n",
	    end->name, end->sent, end->got, end->said, end->again, delay);
}

static void
open_end(struct end *end, char name, const char *ticket, bool is_tcp)
{
	if (ticket_parse(&end->ticket, ticket, strlen(ticket)) != OK)
		give_up("no ticket");
	end->name = name;
	end->is_tcp = is_tcp;
	end->fd = open_socket(end->ticket.endpoint, is_tcp);
}

static void
open_crowd(int crowd[CROWD_COUNT], const char *ticket)
{
	struct ticket read;

	if (ticket_parse(&read, ticket, strlen(ticket)) != OK)
		give_up("no ticket");
	for (size_t i = 0; i < CROWD_COUNT; i++)
		crowd[i] = open_socket(read.endpoint, true);
}

static void
print_crowd(const int crowd[CROWD_COUNT])
{
	unsigned ended = 0;
	uint8_t byte;

	for (size_t i = 0; i < CROWD_COUNT; i++) {
		const ssize_t len = recv(crowd[i], &byte, 1, MSG_DONTWAIT);

		if (len > 0)
			give_up("a stranger was sent something");
		ended += len == 0 || errno == ECONNRESET;
	}
	printf("crowd ended %u\n", ended);
}

int
main(int argc, char **argv)
{
	static struct end ends[3];
	int crowd[CROWD_COUNT];
	bool tcp_a = false, tcp_b = false;
	unsigned what = 0;
	int slots;

	crypto_init();
	rng = rng_kernel();
	for (; argc > 1 && argv[1][0] == '-'; argc--, argv++) {
		tcp_a |= strcmp(argv[1], "--tcp-a") == 0;
		tcp_b |= strcmp(argv[1], "--tcp-b") == 0;
	}
	if (argc != 5)
		return 2;
	while (what < WHAT_COUNT && strcmp(argv[1], what_names[what]) != 0)
		what++;
	slots = atoi(argv[4]);
	if (what == WHAT_COUNT || slots < 1 || slots > SLOTS_MAX)
		return 2;
	if (what == CROWD)
		open_crowd(crowd, argv[2]);
	open_end(&ends[0], 'a', argv[2], tcp_a);
	open_end(&ends[1], 'b', argv[3], tcp_b);
	/* Somebody else, who recorded a. */
	open_end(&ends[2], 'x', argv[2], false);
	play(ends, (enum what)what, (uint32_t)slots);
	for (size_t i = 0; i < 3; i++)
		print_end(&ends[i]);
	if (what == CROWD)
		print_crowd(crowd);
	return 0;
}
