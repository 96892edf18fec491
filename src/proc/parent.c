/* Owns the parent of the rooms: starts, connects and restarts them. */
#include "proc/parent.h"

#include "base/clock.h"
#include "base/log.h"
#include "proc/link.h"
#include "proc/loop.h"
#include "proc/room.h"
#include "proc/sockets.h"
#include "proc/spawn.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum parent_state {
	PARENT_STARTING, /* not every room works yet; a failure is final */
	PARENT_UP,
	PARENT_LEAVING, /* goodbyes are being said */
	PARENT_ENDING,	/* rooms end; nothing starts again */
	PARENT_STATE_COUNT,
};

#define TO(state) (1u << (state))
static const uint8_t parent_moves[PARENT_STATE_COUNT] = {
	[PARENT_STARTING] = TO(PARENT_UP) | TO(PARENT_ENDING),
	[PARENT_UP] = TO(PARENT_LEAVING) | TO(PARENT_ENDING),
	[PARENT_LEAVING] = TO(PARENT_ENDING),
	[PARENT_ENDING] = 0,
};

struct parent;

/* One room as its parent sees it. */
struct ward {
	struct parent *parent;
	enum proc_role role;
	pid_t pid; /* 0: does not run */
	bool ready;
	uint32_t generation; /* how often it was started */
	unsigned tries;	     /* ends in a row that came soon */
	uint64_t started_ns;
	struct link link;
	struct loop_timer restart;
};

struct parent {
	const struct parent_config *config;
	enum parent_state state;
	struct loop loop;
	struct loop_source signals;
	struct loop_timer deadline;   /* of leaving, then of ending */
	struct ward ward[PROC_COUNT]; /* of the rooms, and the runner */
	struct sockets sockets;
	char why[PMSG_SAY_BYTES_MAX + 1]; /* a room's last words */
	bool came_up;
	bool said; /* every goodbye */
	int exit_code;
};

static const enum proc_role rooms[] = { PROC_WIRE, PROC_KEEPER, PROC_DESK,
	PROC_BELL };
enum { ROOM_COUNT = sizeof(rooms) / sizeof(rooms[0]) };

/* Who speaks with whom: desk never reaches wire. */
static const enum proc_role pairs[][2] = {
	{ PROC_WIRE, PROC_KEEPER },
	{ PROC_KEEPER, PROC_DESK },
	{ PROC_KEEPER, PROC_BELL },
	{ PROC_BELL, PROC_RUNNER },
};
enum { PAIR_COUNT = sizeof(pairs) / sizeof(pairs[0]) };

static const char *
state_name(enum parent_state state)
{
	static const char *const names[PARENT_STATE_COUNT] = {
		[PARENT_STARTING] = "starting",
		[PARENT_UP] = "up",
		[PARENT_LEAVING] = "saying goodbye",
		[PARENT_ENDING] = "ending",
	};

	return names[state];
}

/* The only writer of parent->state. */
static void
enter(struct parent *parent, enum parent_state next)
{
	assert(parent->state < PARENT_STATE_COUNT);
	assert((parent_moves[parent->state] & TO(next)) != 0);
	log_info("post: %s", state_name(next));
	parent->state = next;
}

void
parent_say_ready(int ready_fd, const char *say)
{
	if (ready_fd < 0)
		return;
	(void)!write(ready_fd, say, strlen(say));
	(void)!write(ready_fd, "\n", 1);
	(void)close(ready_fd);
}

static bool
is_running(const struct ward *ward)
{
	return ward->pid != 0 && link_is_open(&ward->link);
}

static void
write_lock(struct parent *parent)
{
	pid_t pids[PROC_COUNT] = { [PROC_PARENT] = getpid() };
	size_t i;

	for (i = 0; i < ROOM_COUNT; i++)
		pids[rooms[i]] = parent->ward[rooms[i]].pid;
	pids[PROC_RUNNER] = parent->ward[PROC_RUNNER].pid;
	lock_write(parent->config->lock, pids);
}

static void
kill_room(struct ward *ward)
{
	if (ward->pid != 0)
		(void)kill(ward->pid, SIGKILL);
}

/* Rooms see their channels close, and end in good order. */
static void
end_all(struct parent *parent)
{
	size_t i;
	bool alive = false;

	/* It ends when it sees that; nothing waits for it. */
	link_close(&parent->ward[PROC_RUNNER].link);
	if (parent->state != PARENT_ENDING) {
		enter(parent, PARENT_ENDING);
		loop_timer_set(&parent->deadline,
		    clock_now_ns() + (uint64_t)END_MS_MAX * CLOCK_NS_PER_MS);
	}
	for (i = 0; i < ROOM_COUNT; i++) {
		loop_timer_set(&parent->ward[rooms[i]].restart, UINT64_MAX);
		link_close(&parent->ward[rooms[i]].link);
		alive = alive || parent->ward[rooms[i]].pid != 0;
	}
	if (!alive)
		loop_stop(&parent->loop);
}

/* The post never came up: whoever waits is told why. */
static void
fail_start(struct parent *parent)
{
	if (parent->why[0] == '\0')
		(void)snprintf(parent->why, sizeof(parent->why),
		    "the post does not start; its log says why");
	log_error("%s", parent->why);
	parent->exit_code = 1;
	end_all(parent);
}

/* Goodbye on every line, then the end; a second call does not wait. */
static void
leave(struct parent *parent, bool ask_keeper)
{
	struct ward *keeper = &parent->ward[PROC_KEEPER];

	if (parent->state != PARENT_UP ||
	    !is_running(&parent->ward[PROC_WIRE]) || !is_running(keeper)) {
		end_all(parent);
		return;
	}
	enter(parent, PARENT_LEAVING);
	if (ask_keeper)
		link_send(&keeper->link, PMSG_GOODBYE, 0, NULL, 0);
	if (parent->said) {
		end_all(parent);
		return;
	}
	loop_timer_set(&parent->deadline,
	    clock_now_ns() + (uint64_t)GOODBYE_MS_MAX * CLOCK_NS_PER_MS);
}

static void
on_deadline(void *ctx)
{
	struct parent *parent = ctx;
	size_t i;

	if (parent->state == PARENT_ENDING) {
		for (i = 0; i < ROOM_COUNT; i++)
			kill_room(&parent->ward[rooms[i]]);
		return;
	}
	log_warnx("post: goodbye not said in time");
	end_all(parent);
}

/* Gives both ends of a new channel to two rooms that run. */
static void
connect_pair(struct parent *parent, enum proc_role a, enum proc_role b)
{
	struct ward *wards[2] = { &parent->ward[a], &parent->ward[b] };
	uint8_t body[PMSG_END_BYTES];
	struct pmsg_end end;
	struct writer w;
	int fds[2], i;

	if (!is_running(wards[0]) || !is_running(wards[1]))
		return;
	if (channel_pair(fds) != OK)
		fatal("parent: no channel");
	for (i = 0; i < 2; i++) {
		end.role = wards[1 - i]->role;
		end.generation = wards[1 - i]->generation;
		buf_write(&w, body, sizeof(body));
		pmsg_encode_end(&w, &end);
		link_send_fd(&wards[i]->link, PMSG_CHANNEL, 0, body, w.len,
		    fds[i]);
	}
}

static int
copy_fd(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (copy == -1)
		fatal("parent: dup");
	return copy;
}

static void
send_fields(struct ward *ward, enum pmsg_type type, const struct layout *layout,
    const void *from)
{
	struct writer w;

	link_compose(&ward->link, &w);
	field_encode(&w, layout, from);
	link_post(&ward->link, type, 0, &w);
}

/* What a room needs beside its channels. */
static void
equip(struct parent *parent, struct ward *ward)
{
	static const struct bell_config nothing = { .words = 0 };

	if (ward->role == PROC_BELL)
		send_fields(ward, PMSG_BELL_CONFIG, &say_bell_config,
		    parent->config->bell != NULL ? parent->config->bell
						 : &nothing);
	if (ward->role == PROC_WIRE)
		sockets_give_all(&parent->sockets);
	if (ward->role == PROC_KEEPER)
		link_send(&ward->link, PMSG_UNLOCK, 0, parent->config->unlock,
		    PMSG_UNLOCK_BYTES);
	if (ward->role == PROC_DESK)
		link_send_fd(&ward->link, PMSG_LISTEN, 0, NULL, 0,
		    copy_fd(parent->config->listen_fd));
}

/* From the first end at once, then 100 ms, 200 ms ... */
static void
start_again(struct ward *ward)
{
	uint64_t now_ns = clock_now_ns(), wait_ms = 0;
	unsigned i;

	if (now_ns - ward->started_ns >
	    (uint64_t)RESTART_CALM_MS * CLOCK_NS_PER_MS)
		ward->tries = 0;
	if (ward->tries > 0)
		wait_ms = RESTART_MS_MIN;
	for (i = 1; i < ward->tries && wait_ms < RESTART_MS_MAX; i++)
		wait_ms *= 2;
	if (wait_ms > RESTART_MS_MAX)
		wait_ms = RESTART_MS_MAX;
	ward->tries++;
	loop_timer_set(&ward->restart, now_ns + wait_ms * CLOCK_NS_PER_MS);
}

/* It closed its channel, or broke a rule: it is ended, and its end restarts
 * it. */
static void
on_lost(void *ctx, struct link *link, int why)
{
	struct ward *ward = ctx;

	(void)link;
	if (why != ERR_IO)
		log_warnx("%s: broke the rules (%s)",
		    proc_role_name(ward->role), err_str(why));
	kill_room(ward);
}

static int
on_ready(void *ctx, const struct pmsg *msg)
{
	struct ward *ward = ctx;
	struct parent *parent = ward->parent;
	size_t i;

	(void)msg;
	ward->ready = true;
	log_info("%s: ready", proc_role_name(ward->role));
	for (i = 0; i < ROOM_COUNT; i++) {
		if (!parent->ward[rooms[i]].ready)
			return OK;
	}
	if (parent->state != PARENT_STARTING)
		return OK;
	enter(parent, PARENT_UP);
	parent->came_up = true;
	parent_say_ready(parent->config->ready_fd, "ready");
	return OK;
}

static int
on_cannot(void *ctx, const struct pmsg *msg)
{
	struct ward *ward = ctx;
	struct parent *parent = ward->parent;
	size_t i;

	memcpy(parent->why, msg->body, msg->len);
	parent->why[msg->len] = '\0';
	/* It is one line of the log and of a terminal. */
	for (i = 0; i < msg->len; i++) {
		if ((unsigned char)parent->why[i] < ' ')
			parent->why[i] = '?';
	}
	return OK;
}

/* A room says that another broke the rules.  One that has been restarted since
 * is not to blame. */
static int
on_lost_room(void *ctx, const struct pmsg *msg)
{
	struct ward *ward = ctx;
	struct pmsg_end end;
	size_t i;
	int rc;

	if ((rc = pmsg_decode_end(&end, msg->body, msg->len)) != OK)
		return rc;
	for (i = 0; i < PAIR_COUNT; i++) {
		if ((pairs[i][0] == ward->role && pairs[i][1] == end.role) ||
		    (pairs[i][1] == ward->role && pairs[i][0] == end.role))
			break;
	}
	if (i == PAIR_COUNT)
		return ERR_DENIED;
	ward = &ward->parent->ward[end.role];
	if (ward->generation == end.generation)
		kill_room(ward);
	return OK;
}

static int
on_socket_want(void *ctx, const struct pmsg *msg)
{
	struct ward *ward = ctx;
	struct pmsg_way wanted;
	int rc;

	if ((rc = pmsg_decode_way(&wanted, msg->body, msg->len)) != OK)
		return rc;
	sockets_want(&ward->parent->sockets, msg->line, &wanted);
	return OK;
}

static int
on_socket_drop(void *ctx, const struct pmsg *msg)
{
	struct ward *ward = ctx;
	unsigned path;

	if (pmsg_decode_number(&path, msg->body, msg->len) != OK)
		return ERR_FORMAT;
	sockets_drop(&ward->parent->sockets, msg->line, path);
	return OK;
}

static int
on_socket_gone(void *ctx, const struct pmsg *msg)
{
	struct ward *ward = ctx;
	unsigned path;

	if (pmsg_decode_number(&path, msg->body, msg->len) != OK)
		return ERR_FORMAT;
	sockets_on_gone(&ward->parent->sockets, msg->line, path);
	return OK;
}

/* Keeper has ordered the goodbyes: a person asked, or the parent itself. */
static int
on_down(void *ctx, const struct pmsg *msg)
{
	struct ward *ward = ctx;

	(void)msg;
	if (ward->parent->state == PARENT_UP)
		leave(ward->parent, false);
	return OK;
}

static int
on_said(void *ctx, const struct pmsg *msg)
{
	struct ward *ward = ctx;

	(void)msg;
	/* Wire may be quicker than keeper, which tells us to leave. */
	ward->parent->said = true;
	if (ward->parent->state == PARENT_LEAVING)
		end_all(ward->parent);
	return OK;
}

#define FROM_ROOM(role) \
	{ PMSG_READY, role, 0, PMSG_EXACT, on_ready }, \
	    { PMSG_CANNOT, role, PMSG_SAY_BYTES_MAX, 0, on_cannot }, \
	{ \
		PMSG_LOST, role, PMSG_END_BYTES, PMSG_EXACT, on_lost_room \
	}

static const struct pmsg_rule rules[] = {
	FROM_ROOM(PROC_WIRE),
	FROM_ROOM(PROC_KEEPER),
	FROM_ROOM(PROC_DESK),
	FROM_ROOM(PROC_BELL),
	FROM_ROOM(PROC_RUNNER),
	{ PMSG_SOCKET_WANT, PROC_KEEPER, PMSG_WAY_BYTES_MAX, 0,
	    on_socket_want },
	{ PMSG_SOCKET_DROP, PROC_KEEPER, PMSG_PATH_NUMBER_BYTES, PMSG_EXACT,
	    on_socket_drop },
	{ PMSG_SOCKET_GONE, PROC_WIRE, PMSG_PATH_NUMBER_BYTES, PMSG_EXACT,
	    on_socket_gone },
	{ PMSG_DOWN, PROC_KEEPER, 0, PMSG_EXACT, on_down },
	{ PMSG_SAID, PROC_WIRE, 0, PMSG_EXACT, on_said },
};

static void
start(struct ward *ward)
{
	const struct pmsg_rules table = { rules,
		sizeof(rules) / sizeof(rules[0]) };
	struct parent *parent = ward->parent;
	struct pmsg_end end = { .role = ward->role };
	size_t i;
	int fd;

	assert(ward->pid == 0);
	ward->started_ns = clock_now_ns();
	if (spawn_role(ward->role, parent->config->walls,
		parent->config->lock->fd, &ward->pid, &fd) != OK) {
		log_warn("%s: does not start", proc_role_name(ward->role));
		ward->pid = 0;
		start_again(ward);
		return;
	}
	end.generation = ++ward->generation;
	ward->ready = false;
	link_open(&ward->link, &parent->loop, fd, end, table, ward);
	link_set_lost(&ward->link, on_lost, ward);
	equip(parent, ward);
	for (i = 0; i < PAIR_COUNT; i++) {
		if (pairs[i][0] == ward->role || pairs[i][1] == ward->role)
			connect_pair(parent, pairs[i][0], pairs[i][1]);
	}
	write_lock(parent);
	log_info("%s: started (process %d)", proc_role_name(ward->role),
	    (int)ward->pid);
}

/* Once: what is started inside of the walls could run no command. */
static void
take_runner(struct parent *parent)
{
	const struct pmsg_rules table = { rules,
		sizeof(rules) / sizeof(rules[0]) };
	const struct pmsg_end end = { .role = PROC_RUNNER, .generation = 1 };
	struct ward *ward = &parent->ward[PROC_RUNNER];

	if (parent->config->runner_pid == 0)
		return;
	ward->pid = parent->config->runner_pid;
	ward->generation = end.generation;
	link_open(&ward->link, &parent->loop, parent->config->runner_fd, end,
	    table, ward);
	link_set_lost(&ward->link, on_lost, ward);
	send_fields(ward, PMSG_COMMAND, &say_bell_command,
	    parent->config->bell);
	log_info("runner: started (process %d)", (int)ward->pid);
}

static void
on_restart(void *ctx)
{
	start(ctx);
}

static void
log_end(const struct ward *ward, int status)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		log_warnx("%s: asked the kernel for what its walls forbid; "
			  "ended",
		    proc_role_name(ward->role));
	else if (WIFSIGNALED(status))
		log_warnx("%s: ended by signal %d", proc_role_name(ward->role),
		    WTERMSIG(status));
	else
		log_info("%s: ended (%d)", proc_role_name(ward->role),
		    WEXITSTATUS(status));
}

static void
on_room_end(struct parent *parent, struct ward *ward)
{
	link_close(&ward->link);
	ward->pid = 0;
	ward->ready = false;
	switch (parent->state) {
	case PARENT_STARTING:
		fail_start(parent);
		break;
	case PARENT_UP:
		start_again(ward);
		break;
	case PARENT_LEAVING:
		/* Without these two nothing more is said. */
		if (ward->role == PROC_WIRE || ward->role == PROC_KEEPER)
			end_all(parent);
		break;
	case PARENT_ENDING:
		end_all(parent);
		break;
	case PARENT_STATE_COUNT:
		break;
	}
	write_lock(parent);
}

static void
on_runner_end(struct parent *parent, int status)
{
	struct ward *ward = &parent->ward[PROC_RUNNER];

	log_end(ward, status);
	if (parent->state == PARENT_STARTING || parent->state == PARENT_UP)
		log_warnx("runner: the alarms' command is not run until the "
			  "post is started again");
	link_close(&ward->link);
	ward->pid = 0;
	write_lock(parent);
}

static void
on_child(struct parent *parent, pid_t pid, int status)
{
	size_t i;

	if (pid == parent->ward[PROC_RUNNER].pid) {
		on_runner_end(parent, status);
		return;
	}

	if (sockets_on_child(&parent->sockets, pid))
		return;
	for (i = 0; i < ROOM_COUNT; i++) {
		if (parent->ward[rooms[i]].pid != pid)
			continue;
		/* What it said last is read before it is forgotten. */
		link_read(&parent->ward[rooms[i]].link);
		log_end(&parent->ward[rooms[i]], status);
		on_room_end(parent, &parent->ward[rooms[i]]);
	}
}

static void
reap(struct parent *parent)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		on_child(parent, pid, status);
}

static void
on_signal(void *ctx, uint32_t events)
{
	struct parent *parent = ctx;
	struct signalfd_siginfo info;

	(void)events;
	while (read(parent->signals.fd, &info, sizeof(info)) ==
	    (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			reap(parent);
		else if (parent->state == PARENT_ENDING)
			on_deadline(parent);
		else
			leave(parent, true);
	}
}

static void
op_peer(void *ctx, uint32_t line, const struct pmsg_peer *peer)
{
	struct parent *parent = ctx;
	uint8_t body[PMSG_PEER_BYTES_MAX];
	struct writer w;

	buf_write(&w, body, sizeof(body));
	pmsg_encode_peer(&w, peer);
	assert(buf_is_sound(&w));
	link_send(&parent->ward[PROC_WIRE].link, PMSG_PEER, line, body, w.len);
}

static void
op_give(void *ctx, uint32_t line, unsigned path, int fd)
{
	struct parent *parent = ctx;
	const uint8_t body = (uint8_t)path;

	link_send_fd(&parent->ward[PROC_WIRE].link, PMSG_SOCKET, line, &body,
	    sizeof(body), fd);
}

static void
op_stop(void *ctx, uint32_t line, unsigned path)
{
	struct parent *parent = ctx;
	const uint8_t body = (uint8_t)path;

	link_send(&parent->ward[PROC_WIRE].link, PMSG_SOCKET_STOP, line, &body,
	    sizeof(body));
}

static void
op_say(void *ctx, uint32_t line, const struct pmsg_bound *bound)
{
	struct parent *parent = ctx;
	uint8_t body[PMSG_BOUND_BYTES_MAX];
	struct writer w;

	buf_write(&w, body, sizeof(body));
	pmsg_encode_bound(&w, bound);
	assert(buf_is_sound(&w));
	link_send(&parent->ward[PROC_KEEPER].link, PMSG_SOCKET_SAY, line, body,
	    w.len);
}

static const struct sockets_ops sockets_ops = {
	.peer = op_peer,
	.give = op_give,
	.stop = op_stop,
	.say = op_say,
};

static void
parent_init(struct parent *parent, const struct parent_config *config)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD, 0 };
	struct ward *ward;
	size_t i;

	*parent = (struct parent){ .config = config };
	loop_init(&parent->loop);
	loop_add(&parent->loop, &parent->signals, loop_open_signals(signals),
	    EPOLLIN, on_signal, parent);
	loop_timer_init(&parent->loop, &parent->deadline, on_deadline, parent);
	sockets_init(&parent->sockets, &parent->loop, config->walls,
	    &sockets_ops, parent);
	for (i = 0; i < PROC_COUNT; i++)
		link_init(&parent->ward[i].link);
	for (i = 0; i < ROOM_COUNT; i++) {
		ward = &parent->ward[rooms[i]];
		ward->parent = parent;
		ward->role = rooms[i];
		loop_timer_init(&parent->loop, &ward->restart, on_restart,
		    ward);
	}
	parent->ward[PROC_RUNNER].parent = parent;
	parent->ward[PROC_RUNNER].role = PROC_RUNNER;
}

int
parent_run(const struct parent_config *config)
{
	struct parent parent;
	size_t i;

	parent_init(&parent, config);
	take_runner(&parent);
	for (i = 0; i < ROOM_COUNT; i++)
		start(&parent.ward[rooms[i]]);
	loop_run(&parent.loop);
	sockets_close(&parent.sockets);
	if (!parent.came_up)
		parent_say_ready(config->ready_fd,
		    parent.why[0] != '\0'
			? parent.why
			: "the post was stopped while it started");
	(void)close(parent.signals.fd);
	loop_close(&parent.loop);
	log_info("post: ended");
	return parent.exit_code;
}
