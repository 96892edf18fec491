/*
 * Owns the thief's view: finds the key of a slot clock in the memory of a wire
 * room, so that the judge can say by how much each frame missed its moment.
 *
 *   slotkey PID CADENCE
 *
 * For whoever owns the machine.  Prints the key in hex, one path a line; fails
 * where there is none.  No guess is printed: the moments that lie beside a key
 * must be the key's.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/log.h"
#include "core/cadence.h"
#include "wire/pacer.h"

enum { READ_BYTES = 1024 * 1024, ALIGN = 8 };

static bool
is_clock(const struct pacer *pacer, struct cadence cadence)
{
	return pacer->cadence.frame_bytes == cadence.frame_bytes &&
	    pacer->cadence.slot_us == cadence.slot_us &&
	    pacer->waiting <= PACER_WAITING_MAX &&
	    pacer->moment_ns[0] ==
	    cadence_moment_ns(cadence, pacer->key, pacer->slot);
}

static unsigned
search(const uint8_t *memory, size_t len, struct cadence cadence)
{
	char text[2 * CADENCE_KEY_BYTES + 1];
	struct pacer pacer;
	unsigned found = 0;

	for (size_t at = 0; at + sizeof(pacer) <= len; at += ALIGN) {
		memcpy(&pacer, memory + at, sizeof(pacer));
		if (!is_clock(&pacer, cadence))
			continue;
		hex_encode(text, pacer.key, sizeof(pacer.key));
		printf("%s\n", text);
		found++;
	}
	return found;
}

/* A stretch of memory, in pieces that overlap by a clock. */
static unsigned
search_range(int fd, uint64_t from, uint64_t to, struct cadence cadence)
{
	static uint8_t memory[READ_BYTES];
	const uint64_t step = READ_BYTES - sizeof(struct pacer) + ALIGN -
	    sizeof(struct pacer) % ALIGN;
	unsigned found = 0;
	ssize_t len;

	for (; from < to; from += step & ~(uint64_t)(ALIGN - 1)) {
		uint64_t bytes =
		    to - from < READ_BYTES ? to - from : READ_BYTES;

		len = pread(fd, memory, (size_t)bytes, (off_t)from);
		if (len > 0)
			found += search(memory, (size_t)len, cadence);
	}
	return found;
}

int
main(int argc, char **argv)
{
	char path[64], line[512], rights[8];
	struct cadence cadence;
	uint64_t from, to;
	unsigned found = 0;
	FILE *maps;
	int fd;

	if (argc != 3 || cadence_parse(&cadence, argv[2]) != OK)
		fatalx("usage: slotkey PID CADENCE");
	(void)snprintf(path, sizeof(path), "/proc/%d/mem", atoi(argv[1]));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	(void)snprintf(path, sizeof(path), "/proc/%d/maps", atoi(argv[1]));
	maps = fopen(path, "re");
	if (fd == -1 || maps == NULL)
		fatal("process %s", argv[1]);
	while (fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &from, &to,
			rights) == 3 &&
		    strncmp(rights, "rw", 2) == 0)
			found += search_range(fd, from, to, cadence);
	}
	(void)fclose(maps);
	(void)close(fd);
	return found > 0 ? 0 : 1;
}
