/* Owns the start of a room: this very program again, in another role. */
#include "proc/spawn.h"

#include "base/log.h"
#include "proc/channel.h"
#include "proc/room.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
	/* Above the fixed descriptors while they are put in their places. */
	SPARE_FD_MIN = 16,
	FIRST_LOOSE_FD = ROOM_LOCK_FD + 1,
};

static void
place_fd(int from, int to)
{
	if (dup2(from, to) == -1)
		fatal("spawn: dup2");
}

/* Puts descriptors where room.h says, and closes every other. */
static void
place_fds(int channel_fd, int lock_fd)
{
	int null_fd, spare_fd, spare_lock_fd = -1;

	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	spare_fd = fcntl(channel_fd, F_DUPFD_CLOEXEC, SPARE_FD_MIN);
	if (lock_fd >= 0)
		spare_lock_fd = fcntl(lock_fd, F_DUPFD_CLOEXEC, SPARE_FD_MIN);
	if (null_fd == -1 || spare_fd == -1)
		fatal("spawn: no descriptors");
	place_fd(null_fd, STDIN_FILENO);
	place_fd(null_fd, STDOUT_FILENO);
	place_fd(spare_fd, ROOM_PARENT_FD);
	if (spare_lock_fd >= 0)
		place_fd(spare_lock_fd, ROOM_LOCK_FD);
	else
		(void)close(ROOM_LOCK_FD);
	if (close_range(FIRST_LOOSE_FD, ~0u, 0) == -1)
		fatal("spawn: close_range");
}

_Noreturn static void
become(enum proc_role role, enum walls walls, int channel_fd, int lock_fd,
    pid_t parent)
{
	char program[] = "quietlined";
	char name[16], without[32];
	char *argv[] = { program, name, NULL, NULL };
	sigset_t none;

	(void)snprintf(name, sizeof(name), "%s", proc_role_name(role));
	(void)snprintf(without, sizeof(without), "%s", sandbox_without);
	if (walls == WALLS_NONE)
		argv[2] = without;
	/* A parent that is gone already will not be seen to go. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1 ||
	    getppid() != parent)
		_exit(1);
	place_fds(channel_fd, lock_fd);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execv("/proc/self/exe", argv);
	fatal("spawn: %s", name);
}

int
spawn_role(enum proc_role role, enum walls walls, int lock_fd, pid_t *pid,
    int *channel_fd)
{
	pid_t parent = getpid();
	int fds[2];

	if (channel_pair(fds) != OK)
		return ERR_IO;
	*pid = fork();
	if (*pid == 0)
		become(role, walls, fds[1], lock_fd, parent);
	(void)close(fds[1]);
	if (*pid == -1) {
		(void)close(fds[0]);
		return ERR_IO;
	}
	*channel_fd = fds[0];
	return OK;
}
