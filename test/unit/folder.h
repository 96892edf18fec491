/* Owns a folder of its own for a test, and what is in it. */
#ifndef TEST_FOLDER_H
#define TEST_FOLDER_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct folder {
	char path[64];
	int fd;
};

static inline int
folder_setup(void **state)
{
	struct folder *folder = calloc(1, sizeof(*folder));

	strcpy(folder->path, "/tmp/quietline-test-XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	folder->fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(folder->fd >= 0);
	*state = folder;
	return 0;
}

static inline int
folder_teardown(void **state)
{
	struct folder *folder = *state;
	char command[128];

	close(folder->fd);
	snprintf(command, sizeof(command), "rm -rf %s", folder->path);
	assert_int_equal(system(command), 0);
	free(folder);
	return 0;
}

static inline bool
folder_has(const struct folder *folder, const char *name)
{
	return faccessat(folder->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* The whole of a file, to be freed. */
static inline uint8_t *
folder_read(const struct folder *folder, const char *name, size_t *len)
{
	const int fd = openat(folder->fd, name, O_RDONLY | O_CLOEXEC);
	struct stat about;
	uint8_t *bytes;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &about), 0);
	*len = (size_t)about.st_size;
	bytes = malloc(*len + 1);
	assert_int_equal(read(fd, bytes, *len), (ssize_t)*len);
	close(fd);
	return bytes;
}

/* Makes the file what it is to be. */
static inline void
folder_write(const struct folder *folder, const char *name, const void *bytes,
    size_t len)
{
	const int fd = openat(folder->fd, name,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	close(fd);
}

static inline void
folder_flip(const struct folder *folder, const char *name, size_t byte,
    unsigned bit)
{
	size_t len;
	uint8_t *bytes = folder_read(folder, name, &len);

	assert_true(byte < len);
	bytes[byte] = (uint8_t)(bytes[byte] ^ (1u << bit));
	folder_write(folder, name, bytes, len);
	free(bytes);
}

#endif
