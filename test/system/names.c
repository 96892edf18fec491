/* Owns a server of names that gives every name one address. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * names ADDRESS: answers on 127.0.0.1 port 53.  By UDP it says only that the
 * answer is too long, so that whoever asks must come by TCP.
 */

enum {
	HEAD_BYTES = 12,
	MESSAGE_BYTES_MAX = 512,
	TYPE_A = 1,
	ANSWER_BYTES = 16,
	FLAGS_ANSWER = 0x81,
	FLAG_CUT = 0x02,
};

/* Where the question ends: after its name, type and class; 0: it is none. */
static size_t
question_end(const uint8_t *message, size_t len)
{
	size_t at = HEAD_BYTES;

	while (at < len && message[at] != 0)
		at += (size_t)message[at] + 1;
	at += 5;
	return at <= len ? at : 0;
}

/* Turns the question into its answer: how long it is. */
static size_t
answer(uint8_t *message, size_t len, const struct in_addr *address, int cut)
{
	/* A name as before, type A, class IN, for a minute, four bytes. */
	static const uint8_t head[] = { 0xc0, HEAD_BYTES, 0, TYPE_A, 0, 1, 0, 0,
		0, 60, 0, 4 };
	size_t end = question_end(message, len);

	if (end == 0)
		return 0;
	message[2] = (uint8_t)(FLAGS_ANSWER | (cut ? FLAG_CUT : 0));
	message[3] = 0x80;
	memset(message + 6, 0, 6);
	if (cut || message[end - 3] != TYPE_A)
		return end;
	message[7] = 1;
	memcpy(message + end, head, sizeof(head));
	memcpy(message + end + sizeof(head), address, sizeof(*address));
	return end + ANSWER_BYTES;
}

static void
serve_udp(int fd, const struct in_addr *address)
{
	uint8_t message[MESSAGE_BYTES_MAX + ANSWER_BYTES];
	struct sockaddr_in from;
	socklen_t from_len = sizeof(from);
	ssize_t len = recvfrom(fd, message, MESSAGE_BYTES_MAX, 0,
	    (struct sockaddr *)&from, &from_len);
	size_t bytes;

	if (len < HEAD_BYTES)
		return;
	bytes = answer(message, (size_t)len, address, 1);
	(void)!sendto(fd, message, bytes, 0, (const struct sockaddr *)&from,
	    from_len);
}

/* One connection: every question on it, each behind its length. */
static void
serve_tcp(int listen_fd, const struct in_addr *address)
{
	uint8_t message[2 + MESSAGE_BYTES_MAX + ANSWER_BYTES];
	int fd = accept(listen_fd, NULL, NULL);
	size_t len, bytes;

	while (recv(fd, message, 2, MSG_WAITALL) == 2) {
		len = (size_t)message[0] << 8 | message[1];
		if (len < HEAD_BYTES || len > MESSAGE_BYTES_MAX ||
		    recv(fd, message + 2, len, MSG_WAITALL) != (ssize_t)len)
			break;
		bytes = answer(message + 2, len, address, 0);
		message[0] = (uint8_t)(bytes >> 8);
		message[1] = (uint8_t)bytes;
		if (send(fd, message, 2 + bytes, MSG_NOSIGNAL) == -1)
			break;
	}
	(void)close(fd);
}

int
main(int argc, char **argv)
{
	const struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons(53),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	int udp = socket(AF_INET, SOCK_DGRAM, 0);
	int tcp = socket(AF_INET, SOCK_STREAM, 0);
	struct in_addr address;

	if (argc != 2 || inet_pton(AF_INET, argv[1], &address) != 1) {
		(void)fprintf(stderr, "usage: names ADDRESS\n");
		return 2;
	}
	if (bind(udp, (const struct sockaddr *)&at, sizeof(at)) == -1 ||
	    bind(tcp, (const struct sockaddr *)&at, sizeof(at)) == -1 ||
	    listen(tcp, 4) == -1) {
		perror("names");
		return 1;
	}
	if (fork() == 0) {
		for (;;)
			serve_udp(udp, &address);
	}
	for (;;)
		serve_tcp(tcp, &address);
}
