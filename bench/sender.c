/*
 * Owns sending messages to a post as fast as it accepts them: what `quietline
 * send` asks of the API, on connections that stay.
 *
 *   sender SOCKET LINE SENDERS COUNT BYTES
 *
 * SENDERS processes send COUNT messages of BYTES each, one after the other;
 * each answer is awaited, and must name the message's number.  Prints messages
 * accepted a second, all together.
 */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/rng.h"

enum sender_limits {
	SENDERS_MAX = 64,
	TEXT_MAX = 4096,
	REQUEST_MAX = TEXT_MAX + 1024,
	ANSWER_MAX = 4096,
	ID_BYTES = 16,
};

struct sender {
	const char *line;
	int fd;
	size_t text_bytes;
	char answer[ANSWER_MAX + 1];
	size_t answer_len;
};

static int
connect_to(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path))
		fatalx("%s: too long", path);
	memcpy(addr.sun_path, path, strlen(path) + 1);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1 ||
	    connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == -1)
		fatal("%s", path);
	return fd;
}

static void
write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			fatal("the post does not take a request");
		data += n;
		len -= (size_t)n;
	}
}

/* The whole answer is there: its bytes, else 0. */
static size_t
answer_bytes(const struct sender *sender)
{
	static const char field[] = "Content-Length: ";
	const char *end = strstr(sender->answer, "\r\n\r\n");
	const char *at = strcasestr(sender->answer, field);
	size_t bytes;

	if (end == NULL || at == NULL || at > end)
		return 0;
	bytes = (size_t)(end + 4 - sender->answer) +
	    strtoul(at + strlen(field), NULL, 10);
	return sender->answer_len >= bytes ? bytes : 0;
}

static void
take_answer(struct sender *sender)
{
	sender->answer_len = 0;
	do {
		ssize_t n =
		    recv(sender->fd, sender->answer + sender->answer_len,
			ANSWER_MAX - sender->answer_len, 0);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			fatal("the post does not answer");
		sender->answer_len += (size_t)n;
		sender->answer[sender->answer_len] = '\0';
	} while (answer_bytes(sender) == 0);
	if (strncmp(sender->answer, "HTTP/1.1 20", 11) != 0 ||
	    strstr(sender->answer, "us/") == NULL)
		fatalx("not accepted: %s", sender->answer);
}

static void
send_one(struct sender *sender)
{
	char body[REQUEST_MAX], request[2 * REQUEST_MAX];
	char id_text[2 * ID_BYTES + 1], text[TEXT_MAX + 1];
	uint8_t id[ID_BYTES];
	int body_len, len;

	memset(text, 'm', sender->text_bytes);
	text[sender->text_bytes] = '\0';
	rng_fill(rng_kernel(), id, sizeof(id));
	hex_encode(id_text, id, sizeof(id));
	body_len = snprintf(body, sizeof(body),
	    "{\"attachments\":[],\"text\":\"%s\",\"id\":\"%s\"}", text,
	    id_text);
	len = snprintf(request, sizeof(request),
	    "POST /v1/lines/%s/messages HTTP/1.1\r\nHost: localhost\r\n"
	    "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
	    sender->line, body_len, body);
	assert(len > 0 && (size_t)len < sizeof(request));
	write_all(sender->fd, request, (size_t)len);
	take_answer(sender);
}

/* Waits until the gate closes, then sends: never returns. */
static _Noreturn void
run(struct sender *sender, const char *path, unsigned long count, int gate)
{
	char byte;

	sender->fd = connect_to(path);
	/* The first request of a connection pays for its making. */
	send_one(sender);
	if (read(gate, &byte, 1) == -1)
		fatal("gate");
	while (count-- > 0)
		send_one(sender);
	_exit(0);
}

static unsigned long
number_of(const char *text, unsigned long most)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end != '\0' || value == 0 || value > most)
		fatalx("%s: not a number from 1 to %lu", text, most);
	return value;
}

static void
await_all(unsigned long senders)
{
	int status;

	for (unsigned long i = 0; i < senders; i++) {
		if (wait(&status) == -1 || status != 0)
			fatalx("a sender failed");
	}
}

int
main(int argc, char **argv)
{
	static struct sender sender;
	unsigned long senders, count;
	uint64_t began_ns, took_ns;
	int gate[2];

	if (argc != 6)
		fatalx("usage: sender SOCKET LINE SENDERS COUNT BYTES");
	sender.line = argv[2];
	senders = number_of(argv[3], SENDERS_MAX);
	count = number_of(argv[4], 1000000);
	sender.text_bytes = number_of(argv[5], TEXT_MAX);
	if (pipe(gate) == -1)
		fatal("pipe");
	for (unsigned long i = 0; i < senders; i++) {
		pid_t pid = fork();

		if (pid == -1)
			fatal("fork");
		if (pid == 0) {
			(void)close(gate[1]);
			run(&sender, argv[1], count, gate[0]);
		}
	}
	/* Long enough that all stand at the gate. */
	(void)usleep(300000);
	began_ns = clock_now_ns();
	(void)close(gate[1]);
	await_all(senders);
	took_ns = clock_now_ns() - began_ns;
	printf("%.1f\n", (double)(senders * count) * 1e9 / (double)took_ns);
	return 0;
}
