/* Owns standing inside of each room and trying what its walls forbid. */
#include "crypto/crypto.h"
#include "desk/http.h"
#include "keeper/store.h"
#include "proc/landlock.h"
#include "proc/room.h"
#include "proc/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * inside FOLDER: for every act and role, a child enters the room as the daemon
 * does and tries the act: it must end by SIGSYS or be told no, and where the
 * room needs the act it must work.  Before that each act is tried outside of
 * any room, where it must work: else its refusal would prove nothing.
 */

enum { PATH_BYTES = 4096 };

/* What an act is tried on. */
struct scene {
	pid_t victim; /* another room of the same user */
	int udp;      /* a socket that was handed over */
	int pipe;     /* something that takes an ioctl */
	uint64_t secret;
	char keys[PATH_BYTES]; /* below the folder */
	char link[PATH_BYTES];
	char made[PATH_BYTES]; /* beside it */
	char prey[PATH_BYTES];
};

/* A child's exit code. */
enum outcome { WORKED, TOLD_NO, NOT_ENTERED };

/* The same in every child. */
static struct scene scene;

static enum outcome
outcome_of(long rc)
{
	return rc == -1 ? TOLD_NO : WORKED;
}

static enum outcome
try_open(const char *path, int flags)
{
	return outcome_of(open(path, flags | O_CLOEXEC, 0600));
}

static enum outcome
read_outside(void)
{
	return try_open("/etc/passwd", O_RDONLY);
}

static enum outcome
read_keys(void)
{
	return try_open(scene.keys, O_RDONLY);
}

static enum outcome
write_keys(void)
{
	return try_open(scene.keys, O_RDWR);
}

static enum outcome
make_file_outside(void)
{
	return try_open(scene.made, O_WRONLY | O_CREAT);
}

static enum outcome
remove_file_outside(void)
{
	if (unlink(scene.prey) == -1)
		return TOLD_NO;
	return try_open(scene.prey, O_WRONLY | O_CREAT);
}

static enum outcome
make_link(void)
{
	if (symlink("/etc", scene.link) == -1)
		return TOLD_NO;
	return outcome_of(unlink(scene.link));
}

static enum outcome
start_program(void)
{
	char name[] = "true";
	char *argv[] = { name, NULL };

	return outcome_of(execve("/bin/true", argv, NULL));
}

static enum outcome
start_itself(void)
{
	char name[] = "inside";
	char *argv[] = { name, NULL };

	return outcome_of(execve("/proc/self/exe", argv, NULL));
}

static enum outcome
make_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return outcome_of(pid);
}

static enum outcome
make_udp_socket(void)
{
	return outcome_of(socket(AF_INET, SOCK_DGRAM, 0));
}

static enum outcome
make_udp6_socket(void)
{
	return outcome_of(socket(AF_INET6, SOCK_DGRAM, 0));
}

static enum outcome
make_unix_socket(void)
{
	return outcome_of(socket(AF_UNIX, SOCK_STREAM, 0));
}

static enum outcome
make_packet_socket(void)
{
	return outcome_of(socket(AF_PACKET, SOCK_DGRAM, 0));
}

/* Nobody listens there: to be told so is to have got through. */
static enum outcome
reach_by_tcp(void)
{
	const struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd == -1)
		return TOLD_NO;
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0 ||
	    errno == ECONNREFUSED || errno == ENETUNREACH)
		return WORKED;
	return TOLD_NO;
}

static enum outcome
listen_for_tcp(void)
{
	const struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd == -1 ||
	    bind(fd, (const struct sockaddr *)&at, sizeof(at)) == -1)
		return TOLD_NO;
	return outcome_of(listen(fd, 1));
}

static enum outcome
change_socket(void)
{
	const int bytes = 4096;

	return outcome_of(setsockopt(scene.udp, SOL_SOCKET, SO_SNDBUF, &bytes,
	    sizeof(bytes)));
}

static enum outcome
send_datagram(void)
{
	const struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};

	if (sendto(scene.udp, "x", 1, 0, (const struct sockaddr *)&to,
		sizeof(to)) == 1 ||
	    errno == ENETUNREACH)
		return WORKED;
	return TOLD_NO;
}

static enum outcome
trace_room(void)
{
	if (ptrace(PTRACE_ATTACH, scene.victim, NULL, NULL) == -1)
		return TOLD_NO;
	(void)waitpid(scene.victim, NULL, 0);
	return outcome_of(ptrace(PTRACE_DETACH, scene.victim, NULL, NULL));
}

/* The secret lies at the same place in every child. */
static enum outcome
read_room_memory(void)
{
	uint64_t stolen;
	const struct iovec here = { &stolen, sizeof(stolen) };
	const struct iovec there = { (void *)(uintptr_t)&scene.secret,
		sizeof(scene.secret) };

	return outcome_of(
	    process_vm_readv(scene.victim, &here, 1, &there, 1, 0));
}

static enum outcome
open_room_memory(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)scene.victim);
	return try_open(path, O_RDONLY);
}

static enum outcome
signal_room(void)
{
	return outcome_of(kill(scene.victim, SIGWINCH));
}

static enum outcome
map_code(void)
{
	void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return code == MAP_FAILED ? TOLD_NO : WORKED;
}

static enum outcome
turn_data_into_code(void)
{
	void *data = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (data == MAP_FAILED)
		return NOT_ENTERED;
	return outcome_of(mprotect(data, 4096, PROT_READ | PROT_EXEC));
}

static enum outcome
control_device(void)
{
	int waiting;

	return outcome_of(ioctl(scene.pipe, FIONREAD, &waiting));
}

static enum outcome
become_dumpable(void)
{
	return outcome_of(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static enum outcome
make_memory_file(void)
{
	return outcome_of(memfd_create("code", 0));
}

static enum outcome
watch_files(void)
{
	return outcome_of(syscall(SYS_inotify_init1, 0));
}

static enum outcome
hold_process(void)
{
	return outcome_of(syscall(SYS_pidfd_open, scene.victim, 0));
}

#define IN(role) (1u << (role))
enum {
	NOBODY = 0,
	WIRE = IN(PROC_WIRE),
	KEEPER = IN(PROC_KEEPER),
	DESK = IN(PROC_DESK),
	BELL = IN(PROC_BELL),
	SEEKER = IN(PROC_SEEKER),
	PARENT = IN(PROC_PARENT),
	LOOKS_UP = SEEKER | PARENT,
};

struct act {
	const char *name;
	enum outcome (*try)(void);
	unsigned may; /* the roles whose work it is */
	/* Seeker, bell and parent are held by Landlock alone, from this
	 * version. */
	int landlock;
};

static const struct act acts[] = {
	{ "read a file outside of the folder", read_outside, LOOKS_UP, 0 },
	{ "read the post's keys", read_keys, KEEPER | PARENT, 1 },
	{ "write the post's keys", write_keys, KEEPER | PARENT, 1 },
	{ "make a file outside of the folder", make_file_outside, NOBODY, 1 },
	{ "remove a file outside", remove_file_outside, NOBODY, 1 },
	{ "make a link in the folder", make_link, NOBODY, 1 },
	{ "start a program", start_program, NOBODY, 1 },
	{ "start its own program", start_itself, PARENT, 1 },
	{ "make a process", make_process, PARENT, 0 },
	{ "make a UDP socket", make_udp_socket, LOOKS_UP, 0 },
	{ "make a UDP socket for IPv6", make_udp6_socket, LOOKS_UP, 0 },
	{ "make a Unix socket", make_unix_socket, LOOKS_UP, 0 },
	{ "make a packet socket", make_packet_socket, NOBODY, 0 },
	{ "reach a program by TCP", reach_by_tcp, LOOKS_UP, 0 },
	{ "listen for others by TCP", listen_for_tcp, PARENT, 0 },
	{ "change a socket", change_socket, LOOKS_UP, 0 },
	{ "send a datagram", send_datagram, WIRE | DESK | LOOKS_UP, 0 },
	{ "trace another room", trace_room, NOBODY, 0 },
	{ "read another room's memory", read_room_memory, NOBODY, 0 },
	{ "open another room's memory", open_room_memory, NOBODY, 0 },
	{ "signal what is not its child", signal_room, NOBODY, 6 },
	{ "map code that it can write", map_code, LOOKS_UP, 0 },
	{ "turn data into code", turn_data_into_code, LOOKS_UP, 0 },
	{ "control a device", control_device, LOOKS_UP | BELL, 0 },
	{ "let itself be dumped", become_dumpable, PARENT, 0 },
	{ "make a file in memory", make_memory_file, NOBODY, 0 },
	{ "watch files", watch_files, NOBODY, 0 },
	{ "take hold of a process", hold_process, NOBODY, 0 },
};
enum { ACTS = sizeof(acts) / sizeof(acts[0]) };

static const enum proc_role roles[] = { PROC_WIRE, PROC_KEEPER, PROC_DESK,
	PROC_SEEKER, PROC_BELL, PROC_PARENT };
enum {
	ROLES = sizeof(roles) / sizeof(roles[0]),
	ROOMS = ROLES - 1, /* those that the parent starts */
};

/* As quietlined does before it reads its first byte from outside. */
static bool
enter(enum proc_role role)
{
	struct sandbox sandbox;

	room_settle(role);
	crypto_init();
	if (role == PROC_KEEPER)
		store_prepare();
	if (role == PROC_DESK)
		http_prepare();
	if (sandbox_enter(role, NULL, &sandbox) == OK)
		return true;
	(void)fprintf(stderr, "%s\n", sandbox.why);
	return false;
}

/* PROC_COUNT: in no room. */
static pid_t
try_in(const struct act *act, enum proc_role role)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (role != PROC_COUNT && !enter(role))
			_exit(NOT_ENTERED);
		_exit((int)act->try());
	}
	return pid;
}

/* How it ended, in a word. */
static const char *
await(pid_t pid)
{
	int status;

	if (pid == -1 || waitpid(pid, &status, 0) != pid)
		return "lost";
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ? "killed" : "ended";
	switch (WEXITSTATUS(status)) {
	case WORKED:
		return "works";
	case TOLD_NO:
		return "told no";
	default:
		return "not entered";
	}
}

static bool
is_as_it_should(const struct act *act, enum proc_role role, const char *how)
{
	if ((act->may & IN(role)) != 0)
		return strcmp(how, "works") == 0;
	if (((LOOKS_UP | BELL) & IN(role)) != 0 &&
	    landlock_version() < act->landlock)
		return true;
	return strcmp(how, "killed") == 0 || strcmp(how, "told no") == 0;
}

/* One line of TAP, and what happened in each room. */
static bool
judge(unsigned number, const struct act *act)
{
	const char *how = await(try_in(act, PROC_COUNT));
	bool right = strcmp(how, "works") == 0;
	char told[256];
	size_t i, len = 0;

	for (i = 0; i < ROLES; i++) {
		const char *in_room = await(try_in(act, roles[i]));

		right = is_as_it_should(act, roles[i], in_room) && right;
		len += (size_t)snprintf(told + len, sizeof(told) - len,
		    "; %s: %s", proc_role_name(roles[i]), in_room);
	}
	(void)printf("%sok %u - inside: %s (outside: %s%s)\n",
	    right ? "" : "not ", number, act->name, how, told);
	(void)fflush(stdout);
	return right;
}

/* A room that waits, as rooms do. */
static pid_t
start_victim(int ends[2])
{
	char byte;
	pid_t pid = fork();

	if (pid == 0) {
		(void)close(ends[1]);
		if (!enter(PROC_WIRE))
			_exit(NOT_ENTERED);
		_exit(read(ends[0], &byte, 1) == 0 ? WORKED : TOLD_NO);
	}
	return pid;
}

/* A room is born inside the parent's walls: what its own allow must pass both. */
static bool
aborts_by_its_own_signal(enum proc_role role)
{
	pid_t pid = fork(), room;
	int status;

	if (pid != 0)
		return strcmp(await(pid), "works") == 0;
	if (!enter(PROC_PARENT))
		_exit(NOT_ENTERED);
	room = fork();
	if (room == 0) {
		if (!enter(role))
			_exit(NOT_ENTERED);
		abort();
	}
	if (waitpid(room, &status, 0) != room)
		_exit(TOLD_NO);
	_exit(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT ? WORKED
								 : TOLD_NO);
}

static bool
set_scene(const char *folder, int ends[2])
{
	if (snprintf(scene.keys, PATH_BYTES, "%s/keys", folder) >= PATH_BYTES ||
	    snprintf(scene.link, PATH_BYTES, "%s/link", folder) >= PATH_BYTES ||
	    snprintf(scene.made, PATH_BYTES, "%s.made", folder) >= PATH_BYTES ||
	    snprintf(scene.prey, PATH_BYTES, "%s.prey", folder) >= PATH_BYTES)
		return false;
	if (chdir(folder) == -1 || pipe2(ends, O_CLOEXEC) == -1)
		return false;
	scene.pipe = ends[0];
	scene.udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	scene.victim = start_victim(ends);
	return scene.udp != -1 && scene.victim != -1 &&
	    try_open(scene.prey, O_WRONLY | O_CREAT) == WORKED &&
	    try_open(scene.keys, O_WRONLY | O_CREAT) == WORKED;
}

/* Every call that a role may still make, one a line. */
static int
print_calls(const char *name)
{
	enum proc_role role = proc_role_find(name);
	struct filter_list lists[SANDBOX_LISTS_MAX];
	enum filter_else otherwise;
	size_t i, j, count;

	if (role == PROC_COUNT)
		return 2;
	count = sandbox_lists(role, lists, &otherwise);
	for (i = 0; i < count; i++) {
		for (j = 0; j < lists[i].count; j++)
			(void)puts(lists[i].row[j].call);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	unsigned i, wrong = 0;
	int ends[2];

	/* Started by itself: that is all it was to show. */
	if (argc == 1)
		return 0;
	if (argc == 3 && strcmp(argv[1], "--calls") == 0)
		return print_calls(argv[2]);
	if (argc != 2 || argv[1][0] != '/' || !set_scene(argv[1], ends)) {
		(void)fprintf(stderr,
		    "usage: inside FOLDER (absolute)\n       inside --calls ROLE\n");
		return 2;
	}
	for (i = 0; i < ACTS; i++)
		wrong += judge(i + 1, &acts[i]) ? 0 : 1;
	(void)close(ends[1]);
	(void)printf("%sok %u - inside: the room that was tried on is whole\n",
	    strcmp(await(scene.victim), "works") == 0 ? "" : "not ", ACTS + 1);
	for (i = 0; i < ROOMS; i++) {
		bool right = aborts_by_its_own_signal(roles[i]);

		(void)printf(
		    "%sok %u - inside: a failed assertion of %s ends as one\n",
		    right ? "" : "not ", ACTS + 2 + i,
		    proc_role_name(roles[i]));
		wrong += right ? 0 : 1;
	}
	(void)printf("1..%u\n", ACTS + 1 + ROOMS);
	return wrong == 0 ? 0 : 1;
}
