#include "relay/walls.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "proc/landlock.h"

#define ANY(call) \
	{ \
		call, FILTER_ANY, 0, 0 \
	}

static const struct filter_row rows[] = {
	ANY("accept4"),
	ANY("brk"),
	ANY("clock_gettime"), /* where the kernel gives time by calls only */
	ANY("close"),
	ANY("epoll_ctl"),
	ANY("epoll_pwait"), /* as arm64 waits */
	ANY("epoll_wait"),
	ANY("exit_group"),
	ANY("getrandom"),
	ANY("gettimeofday"),
	ANY("madvise"),
	{ "mmap", FILTER_LACKS, 2, PROT_EXEC },
	ANY("munmap"),
	ANY("read"),
	ANY("recvfrom"),
	ANY("recvmmsg"),
	ANY("sendmmsg"),
	ANY("sendto"),
	ANY("timerfd_settime"),
	ANY("write"),
	/* An assertion that fails ends by its own signal. */
	ANY("getpid"),
	ANY("gettid"),
	ANY("rt_sigprocmask"),
	{ "tgkill", FILTER_SELF, 0, 0 },
};

struct filter_list
walls_list(void)
{
	return (struct filter_list){ rows, sizeof(rows) / sizeof(rows[0]) };
}

static void
drop_capabilities(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {
		{ 0, 0, 0 },
		{ 0, 0, 0 },
	};

	if (syscall(SYS_capset, &head, none) == -1)
		fatal("capabilities");
}

void
walls_settle(void)
{
	const struct rlimit none = { 0, 0 };

	(void)umask(077);
	(void)setrlimit(RLIMIT_CORE, &none);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		fatal("prctl");
	drop_capabilities();
}

static int
cannot(char why[WALLS_WHY_BYTES], const char *what, int rc)
{
	if (rc == ERR_NOT_FOUND)
		(void)snprintf(why, WALLS_WHY_BYTES,
		    "this kernel has no %s to wall the relay in; "
		    "--without-walls runs it without",
		    what);
	else
		(void)snprintf(why, WALLS_WHY_BYTES,
		    "%s refuses to wall the relay in (%s); "
		    "--without-walls runs it without",
		    what, strerror(errno));
	return ERR_NOT_FOUND;
}

int
walls_enter(char why[WALLS_WHY_BYTES])
{
	const struct filter_list list = walls_list();
	struct landlock landlock;
	scmp_filter_ctx filter;
	int rc;

	rc = landlock_init(&landlock,
	    LANDLOCK_READ | LANDLOCK_WRITE | LANDLOCK_EXECUTE);
	if (rc == OK)
		rc = landlock_enter(&landlock);
	if (rc != OK) {
		landlock_drop(&landlock);
		return cannot(why, "Landlock", rc);
	}
	filter = filter_new(&list, 1, FILTER_KILL, 0);
	if (filter == NULL)
		return cannot(why, "seccomp", ERR_IO);
	rc = filter_enter(filter);
	seccomp_release(filter);
	return rc == OK ? OK : cannot(why, "seccomp", rc);
}
