/* Owns the post's lock: one daemon a folder, and who its processes are. */
#include "proc/lock.h"

#include "base/clock.h"
#include "limits.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { LOCK_TEXT_BYTES = 256, LOCK_POLL_MS = 20 };

static const char lock_name[] = "lock";

static pid_t
read_holder(int fd)
{
	static const char first[] = "parent ";
	char text[LOCK_TEXT_BYTES], *end;
	ssize_t len;
	long pid;

	len = pread(fd, text, sizeof(text) - 1, 0);
	text[len < 0 ? 0 : len] = '\0';
	if (strncmp(text, first, strlen(first)) != 0)
		return 0;
	pid = strtol(text + strlen(first), &end, 10);
	return *end == '\n' && pid > 0 && pid <= INT32_MAX ? (pid_t)pid : 0;
}

/* Rooms of a parent that was killed end within milliseconds. */
static int
wait_for_lock(int fd)
{
	uint64_t end_ns;

	end_ns = clock_now_ns() + (uint64_t)LOCK_WAIT_MS * CLOCK_NS_PER_MS;
	while (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK)
			return ERR_IO;
		if (clock_now_ns() >= end_ns)
			return ERR_EXISTS;
		(void)poll(NULL, 0, LOCK_POLL_MS);
	}
	return OK;
}

int
lock_take(struct lock *lock, pid_t *holder)
{
	int rc;

	*holder = 0;
	lock->write_fd =
	    open(lock_name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	lock->fd = open(lock_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	rc = lock->fd == -1 || lock->write_fd == -1 ? ERR_IO
						    : wait_for_lock(lock->fd);
	if (rc == OK)
		return OK;
	if (rc == ERR_EXISTS)
		*holder = read_holder(lock->fd);
	if (lock->fd != -1)
		(void)close(lock->fd);
	if (lock->write_fd != -1)
		(void)close(lock->write_fd);
	return rc;
}

void
lock_write(struct lock *lock, const pid_t pids[PROC_COUNT])
{
	char text[LOCK_TEXT_BYTES];
	size_t len = 0;
	unsigned role;
	int rc;

	for (role = 0; role < PROC_COUNT; role++) {
		if (pids[role] == 0)
			continue;
		rc = snprintf(text + len, sizeof(text) - len, "%s %d\n",
		    proc_role_name((enum proc_role)role), (int)pids[role]);
		if (rc > 0 && (size_t)rc < sizeof(text) - len)
			len += (size_t)rc;
	}
	/* For people and tests only: a disk that is full may cost it. */
	if (pwrite(lock->write_fd, text, len, 0) == (ssize_t)len)
		(void)!ftruncate(lock->write_fd, (off_t)len);
}

void
lock_drop(struct lock *lock)
{
	(void)!ftruncate(lock->write_fd, 0);
	(void)close(lock->write_fd);
	(void)close(lock->fd);
}
