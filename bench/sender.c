/*
 * Owns sending messages to a post as fast as it accepts them, on connections
 * that stay.
 *
 *   sender SOCKET LINE SENDERS COUNT BYTES
 *
 * SENDERS processes send COUNT messages of BYTES each, one after the other.
 * Prints messages accepted a second, all together.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api.h"
#include "base/clock.h"
#include "base/log.h"

enum { SENDERS_MAX = 64, COUNT_MAX = 1000000 };

struct work {
	const char *path;
	const char *line;
	unsigned long count;
	unsigned long text_bytes;
	int gate; /* closed when all may begin */
};

static _Noreturn void
run(const struct work *work)
{
	struct api api;
	char byte;

	api_open(&api, work->path);
	/* The first request of a connection pays for its making. */
	api_send(&api, work->line, work->text_bytes);
	if (read(work->gate, &byte, 1) == -1)
		fatal("gate");
	for (unsigned long i = 0; i < work->count; i++)
		api_send(&api, work->line, work->text_bytes);
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
	struct work work = { 0 };
	unsigned long senders;
	uint64_t began_ns;
	int gate[2];

	if (argc != 6)
		fatalx("usage: sender SOCKET LINE SENDERS COUNT BYTES");
	work.path = argv[1];
	work.line = argv[2];
	senders = number_of(argv[3], SENDERS_MAX);
	work.count = number_of(argv[4], COUNT_MAX);
	work.text_bytes = number_of(argv[5], API_TEXT_BYTES_MAX);
	if (pipe(gate) == -1)
		fatal("pipe");
	work.gate = gate[0];
	for (unsigned long i = 0; i < senders; i++) {
		pid_t pid = fork();

		if (pid == -1)
			fatal("fork");
		if (pid == 0) {
			(void)close(gate[1]);
			run(&work);
		}
	}
	/* Long enough that all stand at the gate. */
	(void)usleep(300000);
	began_ns = clock_now_ns();
	(void)close(gate[1]);
	await_all(senders);
	printf("%.1f\n",
	    (double)(senders * work.count) * 1e9 /
		(double)(clock_now_ns() - began_ns));
	return 0;
}
