/* Owns searching another process's memory: seek PID HEX..., prints how often
 * each of these was found in what that process can write to. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"

enum { PATTERNS_MAX = 8, PATTERN_BYTES_MAX = 64, MAPPED_BYTES_MAX = 1 << 30 };

struct pattern {
	uint8_t bytes[PATTERN_BYTES_MAX];
	size_t len;
	unsigned found;
};

static void
search(struct pattern *pattern, const uint8_t *memory, size_t len)
{
	const uint8_t *at = memory, *end = memory + len;

	while ((at = memmem(at, (size_t)(end - at), pattern->bytes,
		    pattern->len)) != NULL) {
		pattern->found++;
		at++;
	}
}

/* One mapping, by pages: some of them nobody may read. */
static size_t
read_mapping(int fd, uint8_t *memory, uint64_t from, uint64_t to)
{
	const size_t step = 1 << 16;
	size_t len = 0;

	for (; from < to; from += step) {
		const size_t most =
		    to - from < step ? (size_t)(to - from) : step;
		const ssize_t got = pread(fd, memory + len, most, (off_t)from);

		len += got > 0 ? (size_t)got : 0;
	}
	return len;
}

int
main(int argc, char **argv)
{
	struct pattern pattern[PATTERNS_MAX] = { 0 };
	const int count = argc - 2;
	char path[64], row[512], rights[8];
	size_t total = 0, len;
	uint64_t from, to;
	uint8_t *memory;
	FILE *maps;
	int fd;

	if (count < 1 || count > PATTERNS_MAX)
		return 2;
	for (int i = 0; i < count; i++) {
		pattern[i].len = strlen(argv[i + 2]) / 2;
		if (pattern[i].len > PATTERN_BYTES_MAX ||
		    hex_decode(pattern[i].bytes, pattern[i].len, argv[i + 2]) !=
			OK)
			return 2;
	}
	(void)snprintf(path, sizeof(path), "/proc/%s/maps", argv[1]);
	maps = fopen(path, "r");
	(void)snprintf(path, sizeof(path), "/proc/%s/mem", argv[1]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	memory = malloc(MAPPED_BYTES_MAX);
	if (maps == NULL || fd == -1 || memory == NULL) {
		perror("seek");
		return 1;
	}
	while (fgets(row, sizeof(row), maps) != NULL) {
		if (sscanf(row, "%" SCNx64 "-%" SCNx64 " %7s", &from, &to,
			rights) != 3 ||
		    rights[1] != 'w' || to - from > MAPPED_BYTES_MAX)
			continue;
		len = read_mapping(fd, memory, from, to);
		total += len;
		for (int i = 0; i < count; i++)
			search(&pattern[i], memory, len);
	}
	printf("bytes %zu\n", total);
	for (int i = 0; i < count; i++)
		printf("found %u\n", pattern[i].found);
	free(memory);
	(void)fclose(maps);
	(void)close(fd);
	return 0;
}
