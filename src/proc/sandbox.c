/* Owns the walls of each room: what it may still ask of the kernel. */
#include "proc/sandbox.h"

#include "base/log.h"
#include "proc/landlock.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

const char sandbox_without[] = "--without-walls";

#define ANY(call) \
	{ \
		call, FILTER_ANY, 0, 0 \
	}
#define IS(call, arg, value) \
	{ \
		call, FILTER_IS, arg, value \
	}
#define LACKS(call, arg, bits) \
	{ \
		call, FILTER_LACKS, arg, bits \
	}

/*
 * The tables: what `test/system/calls` shows each room to use over the whole
 * system test, and beside it the other names under which the C libraries and
 * machines that this runs on ask for the same.
 */

/* Every room: its loop, its channels, its memory, its log, its end. */
static const struct filter_row common[] = {
	ANY("brk"),
	ANY("clock_gettime"), /* where the kernel gives time by calls only */
	ANY("close"),
	ANY("epoll_ctl"),
	ANY("epoll_pwait"), /* as arm64 waits */
	ANY("epoll_wait"),
	ANY("exit_group"),
	ANY("gettimeofday"),
	ANY("madvise"),
	ANY("mlock2"), /* a channel's beginning */
	LACKS("mmap", 2, PROT_EXEC),
	ANY("munmap"),
	ANY("read"),
	ANY("recvmsg"),
	LACKS("sendmsg", 2, MSG_FASTOPEN), /* which connects */
	ANY("shutdown"), /* a channel that is not read any more */
	ANY("timerfd_settime"),
	ANY("write"),
	/* An assertion that fails ends by its own signal. */
	ANY("getpid"),
	ANY("gettid"),
	ANY("rt_sigprocmask"),
	{ "tgkill", FILTER_SELF, 0, 0 },
};

static const struct filter_row wire_rows[] = {
	ANY("getrandom"), ANY("mlock"), /* a line's keys */
	ANY("recvfrom"), ANY("recvmmsg"),
	LACKS("sendto", 3, MSG_FASTOPEN), /* which connects */
};

static const struct filter_row keeper_rows[] = {
	ANY("dup"),
	ANY("faccessat"),
	ANY("faccessat2"),
	ANY("fallocate"),
	ANY("fchmod"),
	ANY("fchown"),
	IS("fcntl", 1, F_GETFD),
	IS("fcntl", 1, F_SETFD),
	IS("fcntl", 1, F_GETFL),
	IS("fcntl", 1, F_GETLK),
	IS("fcntl", 1, F_SETLK),
	ANY("fstat"),
	ANY("fstatfs"),
	ANY("fsync"),
	ANY("ftruncate"),
	ANY("getcwd"),
	ANY("getdents64"),
	ANY("geteuid"),
	ANY("getrandom"),
	ANY("mkdirat"),
	ANY("mlock"),
	ANY("mremap"),
	ANY("newfstatat"),
	ANY("openat"),
	ANY("poll"), /* until its last words are read */
	ANY("ppoll"),
	ANY("pread64"),
	ANY("pwrite64"),
	ANY("readlink"),
	ANY("readlinkat"),
	ANY("restart_syscall"), /* poll, after a stop */
	ANY("unlink"),
	ANY("unlinkat"),
};

static const struct filter_row desk_rows[] = {
	ANY("accept4"),
	ANY("epoll_create1"),
	IS("fcntl", 1, F_GETFL),
	IS("fcntl", 1, F_SETFL),
	ANY("getrandom"), /* a message's id, where its sender drew none */
	ANY("getsockname"),
	ANY("getsockopt"), /* who called */
	ANY("getuid"),
	ANY("mremap"),
	ANY("poll"),
	ANY("ppoll"),
	ANY("recvfrom"),
	ANY("restart_syscall"),
	ANY("sendto"),
	IS("setsockopt", 1, IPPROTO_TCP),
	ANY("writev"),
};

/* Names are looked up by the C library and whatever the machine's owner has
 * told it to ask; peers are dialed. */
static const struct filter_row seeker_rows[] = {
	ANY("access"),
	ANY("bind"), /* of netlink */
	ANY("clock_nanosleep"),
	ANY("connect"),
	ANY("faccessat"),
	ANY("faccessat2"),
	ANY("fcntl"),
	ANY("fstat"),
	ANY("futex"),
	ANY("getegid"),
	ANY("geteuid"),
	ANY("getgid"),
	ANY("getppid"),
	ANY("getrandom"),
	ANY("getsockname"),
	ANY("getsockopt"),
	ANY("getuid"),
	ANY("ioctl"), /* how long an answer is */
	ANY("lseek"),
	ANY("mmap"), /* a module of the library may be loaded */
	ANY("mprotect"),
	ANY("mremap"),
	ANY("newfstatat"),
	ANY("openat"),
	ANY("poll"),
	ANY("ppoll"),
	ANY("pread64"),
	ANY("prlimit64"),
	ANY("readlink"),
	ANY("readlinkat"),
	ANY("recvfrom"),
	ANY("recvmmsg"),
	ANY("rt_sigaction"),
	ANY("rt_sigreturn"),
	ANY("sendmmsg"),
	ANY("sendto"),
	ANY("setsockopt"),
	IS("socket", 0, AF_INET),
	IS("socket", 0, AF_INET6),
	IS("socket", 0, AF_NETLINK),
	IS("socket", 0, AF_UNIX),
	ANY("uname"),
	ANY("writev"),
};

/* A sound device is opened, set up and written to by a library, which reads its
 * configuration before each time.  It was loaded before the walls were up. */
static const struct filter_row bell_rows[] = {
	ANY("access"),
	ANY("faccessat"),
	ANY("faccessat2"),
	ANY("fcntl"),
	ANY("fstat"),
	ANY("futex"),
	ANY("getdents64"),
	ANY("getrandom"), /* a delay */
	ANY("ioctl"),
	ANY("lseek"),
	ANY("mremap"),
	ANY("newfstatat"),
	ANY("openat"),
	ANY("poll"),
	ANY("ppoll"),
	ANY("readlink"),
	ANY("readlinkat"),
	ANY("restart_syscall"),
	ANY("uname"),
};

/* What the parent does itself. */
static const struct filter_row parent_rows[] = {
	ANY("accept4"), /* a peer that dials */
	ANY("bind"),
	IS("clone", 0,
	    CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | (uint32_t)SIGCHLD),
	ANY("execve"), /* of nothing but itself: Landlock's part */
	ANY("fcntl"),
	ANY("ftruncate"),
	ANY("getppid"),
	ANY("getsockname"),
	ANY("getsockopt"), /* what a seeker handed over */
	ANY("kill"),
	ANY("listen"),
	ANY("openat"),
	ANY("pwrite64"),
	ANY("restart_syscall"),
	ANY("rt_sigreturn"),
	ANY("setsockopt"),
	ANY("signalfd4"),
	IS("socket", 0, AF_INET),
	IS("socket", 0, AF_INET6),
	IS("socketpair", 0, AF_UNIX),
	/* Of a room that is born in these walls; its own let it signal itself. */
	ANY("tgkill"),
	ANY("timerfd_create"),
	ANY("unlink"),
	ANY("unlinkat"),
	ANY("wait4"),
};

/* What a room does from its first instruction to its own walls: its program is
 * loaded, it takes its place, and builds them. */
static const struct filter_row birth_rows[] = {
	ANY("access"),
	ANY("arch_prctl"),
	ANY("capget"),
	ANY("capset"),
	ANY("chdir"),
	ANY("close_range"),
	ANY("dup2"),
	ANY("dup3"),
	ANY("epoll_create1"),
	ANY("faccessat"),
	ANY("fstat"),
	ANY("landlock_add_rule"),
	ANY("landlock_create_ruleset"),
	ANY("landlock_restrict_self"),
	ANY("lseek"),
	ANY("mlock"),
	ANY("mmap"),
	ANY("mprotect"),
	ANY("newfstatat"),
	ANY("pread64"),
	ANY("prctl"),
	ANY("prlimit64"),
	ANY("readlink"),
	ANY("readlinkat"),
	ANY("rseq"),
	ANY("rt_sigaction"),
	ANY("sched_setattr"),
	ANY("seccomp"),
	ANY("set_robust_list"),
	ANY("set_tid_address"),
	ANY("setpriority"),
	ANY("setrlimit"),
	ANY("timerfd_create"),
	ANY("umask"),
};

#define LIST(rows) \
	(struct filter_list) \
	{ \
		rows, sizeof(rows) / sizeof((rows)[0]) \
	}

size_t
sandbox_lists(enum proc_role role, struct filter_list lists[SANDBOX_LISTS_MAX],
    enum filter_else *otherwise)
{
	size_t count = 0;

	lists[count++] = LIST(common);
	*otherwise = FILTER_KILL;
	switch (role) {
	case PROC_WIRE:
		lists[count++] = LIST(wire_rows);
		break;
	case PROC_KEEPER:
		lists[count++] = LIST(keeper_rows);
		break;
	case PROC_DESK:
		lists[count++] = LIST(desk_rows);
		break;
	case PROC_SEEKER:
		lists[count++] = LIST(seeker_rows);
		*otherwise = FILTER_REFUSE;
		break;
	case PROC_BELL:
		/* A library may ask for what only some devices need. */
		lists[count++] = LIST(bell_rows);
		*otherwise = FILTER_REFUSE;
		break;
	case PROC_PARENT:
		/* Its filter holds for all of them, and for a program's start,
		 * where a library that asks for something new must be told that
		 * this kernel has it not. */
		lists[count++] = LIST(parent_rows);
		lists[count++] = LIST(birth_rows);
		lists[count++] = LIST(wire_rows);
		lists[count++] = LIST(keeper_rows);
		lists[count++] = LIST(desk_rows);
		lists[count++] = LIST(seeker_rows);
		lists[count++] = LIST(bell_rows);
		*otherwise = FILTER_REFUSE;
		break;
	case PROC_RUNNER: /* no walls: it runs what its owner wants run */
	case PROC_COUNT:
		break;
	}
	assert(count <= SANDBOX_LISTS_MAX);
	return count;
}

enum {
	EVERY_RIGHT = LANDLOCK_READ | LANDLOCK_WRITE | LANDLOCK_EXECUTE |
	    LANDLOCK_LISTEN | LANDLOCK_CONNECT,
};

/* Wire and desk: no file at all, and no network but what they are handed. */
static int
wall_off(struct landlock *landlock)
{
	return landlock_init(landlock, EVERY_RIGHT);
}

static int
wall_keeper(struct landlock *landlock)
{
	int rc;

	if ((rc = landlock_init(landlock, EVERY_RIGHT)) != OK)
		return rc;
	return landlock_allow(landlock, ".", LANDLOCK_READ | LANDLOCK_WRITE);
}

/* What says how names are looked up lies in these; links in them are
 * followed.  Peers and proxies may have any port. */
static int
wall_seeker(struct landlock *landlock)
{
	static const char *const paths[] = { "/etc", "/run", "/usr", "/lib",
		"/lib64", "/etc/resolv.conf", "/etc/hosts",
		"/etc/nsswitch.conf" };
	size_t i;
	int rc;

	rc = landlock_init(landlock, EVERY_RIGHT & ~(unsigned)LANDLOCK_CONNECT);
	for (i = 0; rc == OK && i < sizeof(paths) / sizeof(paths[0]); i++)
		rc = landlock_allow(landlock, paths[i], LANDLOCK_READ);
	return rc;
}

static const char sound_devices[] = "/dev/snd";

static int
open_doors(struct landlock *landlock, const struct doors *doors)
{
	int rc = OK;

	if (doors == NULL)
		return OK;
	if (doors->terminal != NULL)
		rc = landlock_allow(landlock, doors->terminal, LANDLOCK_DEVICE);
	if (rc == OK && doors->sound)
		rc = landlock_allow(landlock, sound_devices, LANDLOCK_DEVICE);
	if (rc == OK && doors->sound)
		rc = landlock_allow(landlock, "/dev/null", LANDLOCK_WRITE);
	return rc;
}

/* What says how sound devices are used lies in these. */
static int
wall_bell(struct landlock *landlock, const struct doors *doors)
{
	static const char *const paths[] = { "/etc/asound.conf", "/etc/alsa",
		"/usr/share/alsa", "/proc/asound" };
	size_t i;
	int rc;

	if ((rc = landlock_init(landlock, EVERY_RIGHT)) != OK)
		return rc;
	if (doors != NULL && doors->sound)
		for (i = 0; rc == OK && i < sizeof(paths) / sizeof(paths[0]);
		     i++)
			rc = landlock_allow(landlock, paths[i], LANDLOCK_READ);
	return rc == OK ? open_doors(landlock, doors) : rc;
}

/* The program that the kernel starts this one by, of its first object. */
static int
find_loader(struct dl_phdr_info *info, size_t bytes, void *ctx)
{
	const char **loader = ctx;
	unsigned i;

	(void)bytes;
	for (i = 0; i < info->dlpi_phnum; i++) {
		if (info->dlpi_phdr[i].p_type == PT_INTERP)
			*loader = (const char *)(info->dlpi_addr +
			    info->dlpi_phdr[i].p_vaddr);
	}
	return 1;
}

/* The folder that the loader lies in: the file itself is another one as soon as the
 * machine's C library is renewed, and rooms must start after that too. */
static int
allow_loader(struct landlock *landlock)
{
	const char *loader = NULL;
	char *path, *slash;
	int rc = OK;

	(void)dl_iterate_phdr(find_loader, &loader);
	if (loader == NULL || (path = realpath(loader, NULL)) == NULL)
		return OK;
	slash = strrchr(path, '/');
	if (slash != NULL && slash != path) {
		*slash = '\0';
		rc = landlock_allow(landlock, path, LANDLOCK_EXECUTE);
	}
	free(path);
	return rc;
}

/* The parent starts its own program again (and what lies beside the loader, where
 * no commands lie), and writes below the post's folder alone.  Reading stays: every
 * start of a room reads libraries, and each room gives it up for itself.  TCP stays:
 * the parent listens, and its seekers dial; no other room does either. */
static int
wall_parent(struct landlock *landlock, const struct doors *doors)
{
	int rc;

	rc = landlock_init(landlock, LANDLOCK_WRITE | LANDLOCK_EXECUTE);
	if (rc == OK)
		rc = landlock_allow(landlock, "/proc/self/exe",
		    LANDLOCK_EXECUTE);
	if (rc == OK)
		rc = allow_loader(landlock);
	if (rc == OK)
		rc = landlock_allow(landlock, "/dev/null", LANDLOCK_WRITE);
	if (rc == OK)
		rc = landlock_allow(landlock, ".", LANDLOCK_WRITE);
	return rc == OK ? open_doors(landlock, doors) : rc;
}

static int
make_ruleset(enum proc_role role, const struct doors *doors,
    struct landlock *landlock)
{
	switch (role) {
	case PROC_WIRE:
	case PROC_DESK:
		return wall_off(landlock);
	case PROC_KEEPER:
		return wall_keeper(landlock);
	case PROC_SEEKER:
		return wall_seeker(landlock);
	case PROC_BELL:
		return wall_bell(landlock, doors);
	case PROC_PARENT:
		return wall_parent(landlock, doors);
	case PROC_RUNNER:
	case PROC_COUNT:
		break;
	}
	assert(!"a role");
	return ERR_STATE;
}

static int
cannot(struct sandbox *sandbox, const char *what, int rc)
{
	if (rc == ERR_NOT_FOUND)
		(void)snprintf(sandbox->why, sizeof(sandbox->why),
		    "this kernel has no %s to wall the rooms in; "
		    "`quietline up --without-walls` runs the post without",
		    what);
	else
		(void)snprintf(sandbox->why, sizeof(sandbox->why),
		    "%s refuses to wall a room in (%s); "
		    "`quietline up --without-walls` runs the post without",
		    what, strerror(errno));
	return ERR_NOT_FOUND;
}

int
sandbox_enter(enum proc_role role, const struct doors *doors,
    struct sandbox *sandbox)
{
	struct filter_list lists[SANDBOX_LISTS_MAX];
	enum filter_else otherwise;
	struct landlock landlock;
	scmp_filter_ctx filter;
	size_t i, count;
	int rc;

	*sandbox = (struct sandbox){ 0, 0, "" };
	rc = make_ruleset(role, doors, &landlock);
	sandbox->landlock = landlock.version;
	if (rc == OK)
		rc = landlock_enter(&landlock);
	if (rc != OK) {
		landlock_drop(&landlock);
		return cannot(sandbox, "Landlock", rc);
	}
	count = sandbox_lists(role, lists, &otherwise);
	for (i = 0; i < count; i++)
		sandbox->rows += (unsigned)lists[i].count;
	filter = filter_new(lists, count, otherwise, 0);
	if (filter == NULL)
		return cannot(sandbox, "seccomp", ERR_IO);
	rc = filter_enter(filter);
	seccomp_release(filter);
	return rc == OK ? OK : cannot(sandbox, "seccomp", rc);
}

/* The parent binds ports below 1024 and lets wire go before others, where it
 * was started with the right to. */
void
sandbox_drop_capabilities(enum proc_role role)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	const uint32_t kept = role == PROC_PARENT
	    ? 1u << CAP_NET_BIND_SERVICE | 1u << CAP_SYS_NICE
	    : 0;
	size_t i;

	if (syscall(SYS_capget, &head, data) == -1)
		fatal("capabilities");
	for (i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		data[i].permitted &= i == 0 ? kept : 0;
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &head, data) == -1)
		fatal("capabilities");
}
