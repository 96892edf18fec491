#include "relay/key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/rng.h"
#include "base/wipe.h"
#include "limits.h"

/* Hexadecimal digits and the end of the line. */
enum { KEY_TEXT_BYTES = 2 * TICKET_SECRET_BYTES + 1 };

static int
write_key(int fd)
{
	uint8_t secret[TICKET_SECRET_BYTES];
	char text[KEY_TEXT_BYTES + 1];
	ssize_t written;

	rng_fill(rng_kernel(), secret, sizeof(secret));
	hex_encode(text, secret, sizeof(secret));
	text[KEY_TEXT_BYTES - 1] = '\n';
	written = write(fd, text, KEY_TEXT_BYTES);
	wipe(secret, sizeof(secret));
	wipe(text, sizeof(text));
	if (written != KEY_TEXT_BYTES) {
		if (written >= 0)
			errno = ENOSPC;
		return ERR_IO;
	}
	return fsync(fd) == 0 ? OK : ERR_IO;
}

int
key_make(const char *path)
{
	int fd, rc, why;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (fd == -1)
		return errno == EEXIST ? ERR_EXISTS : ERR_IO;
	rc = write_key(fd);
	why = errno;
	if (close(fd) == -1 && rc == OK) {
		why = errno;
		rc = ERR_IO;
	}
	if (rc != OK)
		(void)unlink(path);
	errno = why;
	return rc;
}

/* Up to cap bytes of a file: how many, or -1 with errno. */
static ssize_t
read_all(int fd, char *text, size_t cap)
{
	size_t len = 0;
	ssize_t rc;

	while (len < cap && (rc = read(fd, text + len, cap - len)) != 0) {
		if (rc == -1)
			return -1;
		len += (size_t)rc;
	}
	return (ssize_t)len;
}

static int
decode_key(uint8_t secret[TICKET_SECRET_BYTES], char *text, size_t len)
{
	if (len == KEY_TEXT_BYTES && text[len - 1] == '\n')
		len--;
	if (len != KEY_TEXT_BYTES - 1)
		return ERR_FORMAT;
	text[len] = '\0';
	return hex_decode(secret, TICKET_SECRET_BYTES, text);
}

int
key_read(uint8_t secret[TICKET_SECRET_BYTES], const char *path)
{
	char text[KEY_TEXT_BYTES + 1];
	struct stat st;
	ssize_t len;
	int fd, rc = ERR_IO;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return ERR_IO;
	if (fstat(fd, &st) == -1)
		goto out;
	/* A group is the owner's affair; also, an access list shows as one. */
	if ((st.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
		rc = ERR_DENIED;
		goto out;
	}
	len = read_all(fd, text, sizeof(text));
	if (len >= 0)
		rc = decode_key(secret, text, (size_t)len);
out:
	wipe(text, sizeof(text));
	(void)close(fd);
	return rc;
}

int
key_read_number(uint32_t *number, const char *text, size_t len)
{
	uint64_t value = 0;
	size_t i;

	/* Ten digits hold it, and cannot overflow 64 bits. */
	if (len == 0 || len > 10)
		return ERR_FORMAT;
	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return ERR_FORMAT;
		value = value * 10 + (uint64_t)(text[i] - '0');
	}
	if (value > TICKET_NUMBER_MAX)
		return ERR_FORMAT;
	*number = (uint32_t)value;
	return OK;
}

/* ---- the numbers that are refused */

/* What stands on a line but for blanks and a remark. */
static void
trim(const char **text, size_t *len)
{
	const char *remark = memchr(*text, '#', *len);

	if (remark != NULL)
		*len = (size_t)(remark - *text);
	for (; *len > 0 && strchr(" \t\r", **text) != NULL; (*len)--)
		(*text)++;
	while (*len > 0 && strchr(" \t\r", (*text)[*len - 1]) != NULL)
		(*len)--;
}

static int
compare_numbers(const void *a, const void *b)
{
	const uint32_t one = *(const uint32_t *)a, two = *(const uint32_t *)b;

	return (one > two) - (one < two);
}

static int
decode_refused(uint32_t *numbers, size_t *count, unsigned *line,
    const char *text, size_t len)
{
	const char *end;
	size_t line_len;

	*count = 0;
	for (*line = 1; len > 0; (*line)++) {
		const char *number = text;

		end = memchr(text, '\n', len);
		line_len = end == NULL ? len : (size_t)(end - text);
		text += line_len + (end != NULL);
		len -= line_len + (end != NULL);
		trim(&number, &line_len);
		if (line_len == 0)
			continue;
		if (*count == RELAY_REFUSED_MAX)
			return ERR_LIMIT;
		if (key_read_number(&numbers[*count], number, line_len) != OK)
			return ERR_FORMAT;
		++*count;
	}
	qsort(numbers, *count, sizeof(*numbers), compare_numbers);
	return OK;
}

int
key_read_refused(uint32_t **numbers, size_t *count, unsigned *line,
    const char *path)
{
	char *text = malloc(RELAY_REFUSED_FILE_BYTES_MAX + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = ERR_IO;
	ssize_t len;

	*line = 0;
	*numbers = calloc(RELAY_REFUSED_MAX, sizeof(**numbers));
	if (fd == -1)
		goto out;
	rc = ERR_LIMIT;
	if (text == NULL || *numbers == NULL)
		goto out;
	len = read_all(fd, text, RELAY_REFUSED_FILE_BYTES_MAX + 1);
	if (len < 0)
		rc = ERR_IO;
	else if (len <= RELAY_REFUSED_FILE_BYTES_MAX)
		rc = decode_refused(*numbers, count, line, text, (size_t)len);
out:
	if (rc != OK) {
		free(*numbers);
		*numbers = NULL;
	}
	free(text);
	if (fd != -1)
		(void)close(fd);
	return rc;
}
