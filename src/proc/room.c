/* Owns what the rooms have in common: start, channels, end. */
#include "proc/room.h"

#include "base/log.h"

#include <assert.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	/* How long a room that cannot start tries to say why. */
	CANNOT_TIMEOUT_MS = 1000,
	/* Deeper than handshakes go, which are the deepest with keys in them. */
	STACK_LOCKED_BYTES = 128 * 1024,
};

static void
on_lost(void *ctx, struct link *link, int why)
{
	struct room *room = ctx;
	enum proc_role role = link->end.role;
	uint8_t body[PMSG_END_BYTES];
	struct writer w;

	if (role == PROC_PARENT) {
		if (why != ERR_IO)
			fatalx("parent: lost (%s)", err_str(why));
		loop_stop(&room->loop);
		return;
	}
	if (why != ERR_IO) {
		log_warnx("%s: broke the rules (%s)", proc_role_name(role),
		    err_str(why));
		buf_write(&w, body, sizeof(body));
		pmsg_encode_end(&w, &link->end);
		room_send(room, PROC_PARENT, PMSG_LOST, 0, body, w.len);
	}
	log_info("%s: lost", proc_role_name(role));
	if (room->hooks.on_lost != NULL)
		room->hooks.on_lost(room->ctx, role);
}

/* A new channel takes the place of the one before. */
static int
on_channel(void *ctx, const struct pmsg *msg)
{
	struct room *room = ctx;
	struct pmsg_end end;
	struct link *link;

	if (pmsg_decode_end(&end, msg->body, msg->len) != OK ||
	    end.role == PROC_PARENT || end.role == room->role) {
		(void)close(msg->fd);
		return ERR_FORMAT;
	}
	link = &room->link[end.role];
	if (link_is_open(link)) {
		link_close(link);
		if (room->hooks.on_lost != NULL)
			room->hooks.on_lost(room->ctx, end.role);
	}
	link_open(link, &room->loop, msg->fd, end, room->rules, room->ctx);
	link_set_lost(link, on_lost, room);
	log_debug("%s: joined", proc_role_name(end.role));
	if (room->hooks.on_joined != NULL)
		room->hooks.on_joined(room->ctx, end.role);
	return OK;
}

static const struct pmsg_rule own_rules[] = {
	{ PMSG_CHANNEL, PROC_PARENT, PMSG_END_BYTES, PMSG_EXACT | PMSG_WITH_FD,
	    on_channel },
};

/* As sched_setattr(2) wants it; the C library has no name for it. */
struct rank {
	uint32_t size;
	uint32_t policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t slice_ns;
	uint64_t deadline_ns;
	uint64_t period_ns;
};

static int
ask_rank(uint32_t policy, int nice, uint32_t priority)
{
	const struct rank rank = {
		.size = sizeof(rank),
		.policy = policy,
		.nice = nice,
		.priority = priority,
		.slice_ns = policy == SCHED_OTHER ? RANK_SLICE_NS : 0,
	};

	return (int)syscall(SYS_sched_setattr, 0, &rank, 0);
}

/*
 * Nothing that people or the machine do may keep wire from a moment: it goes
 * before all others where that is allowed; else ahead of them; else, which
 * always is, it asks for short turns, that come soon, and keeper and desk step
 * back.  The bell comes last of all.
 */
static void
take_rank(enum proc_role role)
{
	if (role == PROC_WIRE && ask_rank(SCHED_FIFO, 0, 1) == -1 &&
	    ask_rank(SCHED_OTHER, RANK_WIRE_NICE, 0) == -1)
		(void)ask_rank(SCHED_OTHER, 0, 0);
	if (role == PROC_KEEPER || role == PROC_DESK)
		(void)setpriority(PRIO_PROCESS, 0, RANK_OTHERS_NICE);
	if (role == PROC_BELL || role == PROC_RUNNER)
		(void)setpriority(PRIO_PROCESS, 0, RANK_BELL_NICE);
}

/* The pages that calls will use, from here on down. */
static void
lock_stack(void)
{
	volatile uint8_t stack[STACK_LOCKED_BYTES];

	/* It grows by being touched at its far end. */
	stack[0] = 0;
	(void)mlock2((const void *)(uintptr_t)stack, sizeof(stack),
	    MLOCK_ONFAULT);
}

/* Secrets live in locked memory: as much of it as is granted. */
static void
take_memory(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) == -1)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_MEMLOCK, &limit);
	lock_stack();
}

void
room_settle(enum proc_role role)
{
	const struct rlimit none = { 0, 0 };

	take_rank(role);
	take_memory();
	(void)umask(077);
	(void)signal(SIGPIPE, SIG_IGN);
	/* The terminal's signals are the parent's to answer, in good order. */
	if (role != PROC_PARENT) {
		(void)signal(SIGHUP, SIG_IGN);
		(void)signal(SIGINT, SIG_IGN);
	}
	/* The post's folder is the working folder, and keeper's alone. */
	if (role != PROC_KEEPER && role != PROC_PARENT && chdir("/") == -1)
		fatal("chdir");
	if (setrlimit(RLIMIT_CORE, &none) == -1)
		fatal("setrlimit");
	/* Else it would show as what it was started by: exe, of /proc/self. */
	(void)prctl(PR_SET_NAME, "quietlined", 0, 0, 0);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		fatal("prctl: dumpable");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		fatal("prctl: no new privileges");
	sandbox_drop_capabilities(role);
}

static void
check_born(void)
{
	struct stat st;

	if (fstat(ROOM_PARENT_FD, &st) == -1 || !S_ISSOCK(st.st_mode))
		fatalx("this is a part of quietlined and is started by it");
}

void
room_init(struct room *room, enum proc_role role, struct pmsg_rules rules,
    struct room_hooks hooks, void *ctx)
{
	const struct pmsg_end parent = { .role = PROC_PARENT };
	const struct pmsg_rules own = { own_rules, 1 };
	unsigned i;

	log_open(STDERR_FILENO, proc_role_name(role), LOG_LEVEL_INFO);
	check_born();
	*room = (struct room){
		.role = role,
		.rules = rules,
		.hooks = hooks,
		.ctx = ctx,
	};
	for (i = 0; i < PROC_COUNT; i++)
		link_init(&room->link[i]);
	loop_init(&room->loop);
	link_open(&room->link[PROC_PARENT], &room->loop, ROOM_PARENT_FD, parent,
	    rules, ctx);
	link_set_lost(&room->link[PROC_PARENT], on_lost, room);
	link_set_own(&room->link[PROC_PARENT], own, room);
	room_settle(role);
}

void
room_confine(struct room *room, enum walls walls)
{
	struct sandbox sandbox;

	if (walls == WALLS_NONE)
		return;
	if (sandbox_enter(room->role, room->doors, &sandbox) != OK)
		room_cannot(room, "%s", sandbox.why);
	log_debug("walls: up (Landlock %d, %u system calls)", sandbox.landlock,
	    sandbox.rows);
}

void
room_say_ready(struct room *room)
{
	room_send(room, PROC_PARENT, PMSG_READY, 0, NULL, 0);
}

void
room_cannot(struct room *room, const char *format, ...)
{
	char say[PMSG_SAY_BYTES_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(say, sizeof(say), format, args);
	va_end(args);
	room_send(room, PROC_PARENT, PMSG_CANNOT, 0, say, strlen(say));
	link_drain(&room->link[PROC_PARENT], CANNOT_TIMEOUT_MS);
	log_error("%s", say);
	exit(1);
}

int
room_run(struct room *room)
{
	unsigned i;

	loop_run(&room->loop);
	if (room->hooks.on_end != NULL)
		room->hooks.on_end(room->ctx);
	for (i = 0; i < PROC_COUNT; i++)
		link_close(&room->link[i]);
	loop_close(&room->loop);
	return 0;
}

bool
room_has(const struct room *room, enum proc_role role)
{
	return link_is_open(&room->link[role]);
}

bool
room_is_backed_up(const struct room *room, enum proc_role role)
{
	return link_is_backed_up(&room->link[role]);
}

void
room_cork(struct room *room, bool corked)
{
	for (unsigned i = 0; i < PROC_COUNT; i++)
		link_cork(&room->link[i], corked);
}

void
room_compose(struct room *room, enum proc_role role, struct writer *w)
{
	link_compose(&room->link[role], w);
}

void
room_post(struct room *room, enum proc_role role, enum pmsg_type type,
    uint32_t line, const struct writer *w)
{
	link_post(&room->link[role], type, line, w);
}

void
room_send(struct room *room, enum proc_role role, enum pmsg_type type,
    uint32_t line, const void *body, size_t len)
{
	link_send(&room->link[role], type, line, body, len);
}
