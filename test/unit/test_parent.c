#include "proc/parent.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "proc/address.h"
#include "proc/room.h"
#include "proc/say_bell.h"
#include "proc/seeker.h"
#include "proc/spawn.h"

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/*
 * The parent's rooms are this program again, in another role: here, rooms that
 * do no more than keep the rules, or break them on SIGUSR1.  What they see they
 * leave behind as files of the folder $PARENT_TEST_FOLDER.
 */

/* Far more than a slow machine needs; nothing here waits for all of it. */
enum { PATIENCE_MS = 20000, POLL_MS = 5 };
/* Mostly enough for a goodbye to be said meanwhile; where it is not, the test
 * shows nothing, and fails nobody. */
enum { SAID_MS = 200 };

static const char folder_variable[] = "PARENT_TEST_FOLDER";
static const char plan_variable[] = "PARENT_TEST_PLAN";

struct fake {
	struct room room;
	struct loop_source signals;
};

static bool
plan_is(const char *plan)
{
	const char *set = getenv(plan_variable);

	return set != NULL && strcmp(set, plan) == 0;
}

static void
leave_note(const char *what, const char *more)
{
	char path[512];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s.%s", getenv(folder_variable),
	    what, more);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd == -1)
		fatal("note");
	(void)close(fd);
}

static void
leave_note_pid(const char *what)
{
	char pid[16];

	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	leave_note(what, pid);
}

/* -- a wire ---------------------------------------------------------------- */

static int
wire_on_peer(void *ctx, const struct pmsg *msg)
{
	struct address address = { .len = 0 };
	char text[ADDRESS_TEXT_BYTES] = "learned";
	struct pmsg_peer peer;

	(void)ctx;
	if (pmsg_decode_peer(&peer, msg->body, msg->len) != OK)
		return ERR_FORMAT;
	if (peer.at.len > 0) {
		if (address_from_origin(&address, &peer.at) != OK)
			return ERR_FORMAT;
		address_format(text, &address);
	}
	leave_note("peer", text);
	return OK;
}

static int
wire_on_socket(void *ctx, const struct pmsg *msg)
{
	(void)ctx;
	(void)close(msg->fd);
	leave_note_pid("socket");
	return OK;
}

static int
wire_on_goodbye(void *ctx, const struct pmsg *msg)
{
	struct fake *fake = ctx;

	(void)msg;
	leave_note("goodbye", "said");
	room_send(&fake->room, PROC_PARENT, PMSG_SAID, 0, NULL, 0);
	return OK;
}

static int
ignore(void *ctx, const struct pmsg *msg)
{
	(void)ctx;
	(void)msg;
	return OK;
}

static const struct pmsg_rule wire_rules[] = {
	{ PMSG_PEER, PROC_PARENT, PMSG_PEER_BYTES_MAX, 0, wire_on_peer },
	{ PMSG_SOCKET, PROC_PARENT, PMSG_PATH_NUMBER_BYTES,
	    PMSG_EXACT | PMSG_WITH_FD, wire_on_socket },
	{ PMSG_SOCKET_STOP, PROC_PARENT, PMSG_PATH_NUMBER_BYTES, PMSG_EXACT,
	    ignore },
	{ PMSG_GOODBYE, PROC_KEEPER, 0, PMSG_EXACT, wire_on_goodbye },
};

/* -- a keeper -------------------------------------------------------------- */

static void
keeper_want(struct fake *fake, uint32_t line, const char *endpoint)
{
	const struct pmsg_way way = { .endpoint = { endpoint,
					  strlen(endpoint) } };
	struct writer w;

	room_compose(&fake->room, PROC_PARENT, &w);
	pmsg_encode_way(&w, &way);
	room_post(&fake->room, PROC_PARENT, PMSG_SOCKET_WANT, line, &w);
}

static int
keeper_on_unlock(void *ctx, const struct pmsg *msg)
{
	struct fake *fake = ctx;
	size_t i;

	if (plan_is("cannot"))
		room_cannot(&fake->room, "the store is on\nfire");
	for (i = 0; i < msg->len; i++) {
		if (msg->body[i] != i)
			room_cannot(&fake->room, "not those keys");
	}
	leave_note_pid("unlocked");
	if (plan_is("sockets")) {
		keeper_want(fake, 1, "127.0.0.1:9");
		keeper_want(fake, 2, "localhost:9");
		keeper_want(fake, 3, "");
	}
	room_say_ready(&fake->room);
	return OK;
}

static int
keeper_on_goodbye(void *ctx, const struct pmsg *msg)
{
	struct fake *fake = ctx;

	(void)msg;
	room_send(&fake->room, PROC_WIRE, PMSG_GOODBYE, 0, NULL, 0);
	room_send(&fake->room, PROC_PARENT, PMSG_DOWN, 0, NULL, 0);
	return OK;
}

static int
keeper_on_say(void *ctx, const struct pmsg *msg)
{
	struct pmsg_bound bound;

	(void)ctx;
	if (pmsg_decode_bound(&bound, msg->body, msg->len) != OK)
		return ERR_FORMAT;
	leave_note("say", bound.err == OK ? "bound" : "not");
	return OK;
}

static const struct pmsg_rule keeper_rules[] = {
	{ PMSG_UNLOCK, PROC_PARENT, PMSG_UNLOCK_BYTES, PMSG_EXACT,
	    keeper_on_unlock },
	{ PMSG_GOODBYE, PROC_PARENT, 0, PMSG_EXACT, keeper_on_goodbye },
	{ PMSG_SOCKET_SAY, PROC_PARENT, PMSG_BOUND_BYTES_MAX, 0,
	    keeper_on_say },
};

/* -- a desk ---------------------------------------------------------------- */

static int
desk_on_listen(void *ctx, const struct pmsg *msg)
{
	struct fake *fake = ctx;

	(void)close(msg->fd);
	room_say_ready(&fake->room);
	return OK;
}

static const struct pmsg_rule desk_rules[] = {
	{ PMSG_LISTEN, PROC_PARENT, 0, PMSG_EXACT | PMSG_WITH_FD,
	    desk_on_listen },
};

/* -- a bell, and what runs its command -------------------------------------- */

static int
bell_on_config(void *ctx, const struct pmsg *msg)
{
	struct fake *fake = ctx;
	struct bell_config config;
	struct reader r;

	buf_read(&r, msg->body, msg->len);
	if (field_decode(&r, &say_bell_config, &config) != OK ||
	    buf_is_spent(&r) != OK)
		return ERR_FORMAT;
	leave_note_pid(config.runs ? "runs" : "configured");
	room_say_ready(&fake->room);
	return OK;
}

static const struct pmsg_rule bell_rules[] = {
	{ PMSG_BELL_CONFIG, PROC_PARENT, PMSG_ALARM_BYTES_MAX, 0,
	    bell_on_config },
};

static int
runner_on_command(void *ctx, const struct pmsg *msg)
{
	struct bell_config config = { .words = 0 };
	struct reader r;

	(void)ctx;
	buf_read(&r, msg->body, msg->len);
	if (field_decode(&r, &say_bell_command, &config) != OK ||
	    buf_is_spent(&r) != OK || config.words != 1)
		return ERR_FORMAT;
	leave_note_pid("command");
	return OK;
}

static const struct pmsg_rule runner_rules[] = {
	{ PMSG_COMMAND, PROC_PARENT, PMSG_COMMAND_BYTES_MAX, 0,
	    runner_on_command },
};

/* -- what they have in common ---------------------------------------------- */

/* SIGUSR1: says to whom it may what it must not. */
static void
misbehave(void *ctx, uint32_t events)
{
	struct fake *fake = ctx;
	struct signalfd_siginfo info;

	(void)events;
	(void)!read(fake->signals.fd, &info, sizeof(info));
	if (plan_is("down") && fake->room.role == PROC_KEEPER) {
		room_send(&fake->room, PROC_WIRE, PMSG_GOODBYE, 0, NULL, 0);
		(void)poll(NULL, 0, SAID_MS);
		room_send(&fake->room, PROC_PARENT, PMSG_DOWN, 0, NULL, 0);
		return;
	}
	room_send(&fake->room,
	    fake->room.role == PROC_KEEPER ? PROC_WIRE : PROC_KEEPER,
	    PMSG_UNLOCK, 0, NULL, 0);
}

static void
on_joined(void *ctx, enum proc_role role)
{
	struct fake *fake = ctx;
	char pair[64];

	(void)snprintf(pair, sizeof(pair), "%s-%d", proc_role_name(role),
	    (int)getpid());
	leave_note(proc_role_name(fake->room.role), pair);
}

static int
run_fake(enum proc_role role)
{
	static const int signals[] = { SIGUSR1, 0 };
	static const struct pmsg_rules tables[PROC_COUNT] = {
		[PROC_WIRE] = { wire_rules, 4 },
		[PROC_KEEPER] = { keeper_rules, 3 },
		[PROC_DESK] = { desk_rules, 1 },
		[PROC_BELL] = { bell_rules, 1 },
		[PROC_RUNNER] = { runner_rules, 1 },
	};
	const struct room_hooks hooks = { .on_joined = on_joined };
	struct fake fake;

	if (role == PROC_SEEKER)
		return seeker_main(WALLS_NONE);
	room_init(&fake.room, role, tables[role], hooks, &fake);
	loop_add(&fake.room.loop, &fake.signals, loop_open_signals(signals),
	    EPOLLIN, misbehave, &fake);
	if (role == PROC_WIRE)
		room_say_ready(&fake.room);
	return room_run(&fake.room);
}

/* -- the tests' side ------------------------------------------------------- */

struct post {
	char folder[64];
	pid_t pid;
	int ready_fd;
	pid_t pids[PROC_COUNT];
};

_Noreturn static void
run_parent(int ready_fd)
{
	uint8_t keys[PMSG_UNLOCK_BYTES];
	int fds[2];
	struct lock lock;
	pid_t holder;
	struct parent_config config = { .lock = &lock,
		.ready_fd = ready_fd,
		.walls = WALLS_NONE,
		.unlock = keys };
	const struct bell_config bell = { .runs = true,
		.command = { { { "/bin/true", 9 } } },
		.words = 1 };
	size_t i;
	int rc;

	for (i = 0; i < sizeof(keys); i++)
		keys[i] = (uint8_t)i;
	log_open(STDERR_FILENO, "parent", LOG_LEVEL_WARN);
	if (lock_take(&lock, &holder) != OK ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == -1)
		_exit(99);
	config.listen_fd = fds[0];
	if (plan_is("runner")) {
		config.bell = &bell;
		if (spawn_role(PROC_RUNNER, WALLS_NONE, -1, &config.runner_pid,
			&config.runner_fd) != OK)
			_exit(97);
	}
	rc = parent_run(&config);
	lock_drop(&lock);
	_exit(rc);
}

static void
start_post(struct post *post, const char *plan)
{
	int fds[2];

	memset(post, 0, sizeof(*post));
	(void)snprintf(post->folder, sizeof(post->folder),
	    "/tmp/parent-test-XXXXXX");
	assert_non_null(mkdtemp(post->folder));
	assert_int_equal(setenv(folder_variable, post->folder, 1), 0);
	assert_int_equal(setenv(plan_variable, plan, 1), 0);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	post->pid = fork();
	assert_true(post->pid >= 0);
	if (post->pid == 0) {
		if (chdir(post->folder) == -1)
			_exit(98);
		(void)close(fds[0]);
		/* Rooms log what they are made to do here. */
		(void)!dup2(open("log", O_WRONLY | O_CREAT, 0600), 2);
		run_parent(fds[1]);
	}
	(void)close(fds[1]);
	post->ready_fd = fds[0];
}

/* The one line, or what there is of it. */
static void
read_ready(struct post *post, char *say, size_t bytes)
{
	size_t len = 0;
	ssize_t rc;

	while ((rc = read(post->ready_fd, say + len, bytes - 1 - len)) > 0)
		len += (size_t)rc;
	say[len] = '\0';
}

static void
await_ready(struct post *post)
{
	char say[256];

	read_ready(post, say, sizeof(say));
	assert_string_equal(say, "ready\n");
}

static void
read_pids(struct post *post)
{
	char path[128], role[32];
	int pid;
	FILE *file;

	memset(post->pids, 0, sizeof(post->pids));
	(void)snprintf(path, sizeof(path), "%s/lock", post->folder);
	file = fopen(path, "re");
	assert_non_null(file);
	while (fscanf(file, "%31s %d", role, &pid) == 2) {
		assert_true(proc_role_find(role) < PROC_COUNT);
		post->pids[proc_role_find(role)] = pid;
	}
	(void)fclose(file);
}

static bool
has_note(const struct post *post, const char *what, const char *more)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s.%s", post->folder, what,
	    more);
	return access(path, F_OK) == 0;
}

static void
await_note(const struct post *post, const char *what, const char *more)
{
	int ms;

	for (ms = 0; ms < PATIENCE_MS && !has_note(post, what, more);
	     ms += POLL_MS)
		(void)poll(NULL, 0, POLL_MS);
	assert_true(has_note(post, what, more));
}

static void
await_pair(const struct post *post, enum proc_role self, enum proc_role other)
{
	char pair[64];

	(void)snprintf(pair, sizeof(pair), "%s-%d", proc_role_name(other),
	    (int)post->pids[self]);
	await_note(post, proc_role_name(self), pair);
}

/* Of a room that lives on, its next channel to the other is waited for. */
static void
forget_pair(const struct post *post, enum proc_role self, enum proc_role other)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s.%s-%d", post->folder,
	    proc_role_name(self), proc_role_name(other), (int)post->pids[self]);
	(void)unlink(path);
}

/* Until a room's process is another one than `old`. */
static void
await_restart(struct post *post, enum proc_role role, pid_t old)
{
	int ms;

	for (ms = 0; ms < PATIENCE_MS; ms += POLL_MS) {
		read_pids(post);
		if (post->pids[role] != 0 && post->pids[role] != old)
			return;
		(void)poll(NULL, 0, POLL_MS);
	}
	fail();
}

static void
end_post(struct post *post)
{
	struct dirent *entry;
	char path[512];
	DIR *dir;

	(void)close(post->ready_fd);
	dir = opendir(post->folder);
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		(void)snprintf(path, sizeof(path), "%s/%s", post->folder,
		    entry->d_name);
		(void)unlink(path);
	}
	(void)closedir(dir);
	assert_int_equal(rmdir(post->folder), 0);
}

static int
await_end(const struct post *post)
{
	int status;

	assert_int_equal(waitpid(post->pid, &status, 0), post->pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
stop_post(struct post *post)
{
	assert_int_equal(kill(post->pid, SIGTERM), 0);
	return await_end(post);
}

static void
post_comes_up_and_says_goodbye(void **state)
{
	struct post post;
	unsigned role;

	(void)state;
	start_post(&post, "plain");
	await_ready(&post);
	read_pids(&post);
	assert_int_equal(post.pids[PROC_PARENT], post.pid);
	for (role = PROC_WIRE; role <= PROC_DESK; role++)
		assert_int_equal(kill(post.pids[role], 0), 0);
	assert_int_equal(stop_post(&post), 0);
	assert_true(has_note(&post, "goodbye", "said"));
	for (role = PROC_WIRE; role <= PROC_DESK; role++)
		assert_int_equal(kill(post.pids[role], 0), -1);
	read_pids(&post);
	assert_int_equal(post.pids[PROC_PARENT], 0);
	end_post(&post);
}

static void
killed_room_starts_again_and_others_stay(void **state)
{
	static const enum proc_role order[] = { PROC_KEEPER, PROC_DESK,
		PROC_WIRE, PROC_KEEPER };
	struct post post;
	pid_t before[PROC_COUNT];
	unsigned role;
	size_t i;

	(void)state;
	start_post(&post, "plain");
	await_ready(&post);
	read_pids(&post);
	for (i = 0; i < 4; i++) {
		memcpy(before, post.pids, sizeof(before));
		assert_int_equal(kill(before[order[i]], SIGKILL), 0);
		await_restart(&post, order[i], before[order[i]]);
		for (role = PROC_WIRE; role <= PROC_DESK; role++) {
			if (role != order[i])
				assert_int_equal(post.pids[role], before[role]);
		}
		/* Both ends have a new channel, and keeper its keys. */
		await_pair(&post, PROC_WIRE, PROC_KEEPER);
		await_pair(&post, PROC_KEEPER, PROC_WIRE);
		await_pair(&post, PROC_KEEPER, PROC_DESK);
		await_pair(&post, PROC_DESK, PROC_KEEPER);
	}
	assert_int_equal(stop_post(&post), 0);
	end_post(&post);
}

static void
room_that_breaks_a_rule_is_restarted(void **state)
{
	static const enum proc_role order[] = { PROC_KEEPER, PROC_DESK };
	struct post post;
	pid_t before[PROC_COUNT];
	size_t i;

	(void)state;
	start_post(&post, "plain");
	await_ready(&post);
	for (i = 0; i < 2; i++) {
		read_pids(&post);
		await_pair(&post, PROC_KEEPER, PROC_WIRE);
		await_pair(&post, PROC_DESK, PROC_KEEPER);
		memcpy(before, post.pids, sizeof(before));
		forget_pair(&post, PROC_DESK, PROC_KEEPER);
		assert_int_equal(kill(before[order[i]], SIGUSR1), 0);
		await_restart(&post, order[i], before[order[i]]);
		/* Never wire for another's fault. */
		assert_int_equal(post.pids[PROC_WIRE], before[PROC_WIRE]);
	}
	assert_int_equal(stop_post(&post), 0);
	end_post(&post);
}

static void
room_that_cannot_start_ends_the_post(void **state)
{
	struct post post;
	char say[256];
	int status;

	(void)state;
	start_post(&post, "cannot");
	read_ready(&post, say, sizeof(say));
	assert_string_equal(say, "the store is on?fire\n");
	assert_int_equal(waitpid(post.pid, &status, 0), post.pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	end_post(&post);
}

static void
second_post_on_a_folder_is_refused(void **state)
{
	struct post post;
	struct lock lock;
	char here[256];
	pid_t holder;

	(void)state;
	start_post(&post, "plain");
	await_ready(&post);
	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(post.folder), 0);
	assert_int_equal(lock_take(&lock, &holder), ERR_EXISTS);
	assert_int_equal(holder, post.pid);
	assert_int_equal(stop_post(&post), 0);
	assert_int_equal(lock_take(&lock, &holder), OK);
	lock_drop(&lock);
	assert_int_equal(chdir(here), 0);
	end_post(&post);
}

static void
rooms_end_with_their_parent(void **state)
{
	struct post post;
	struct lock lock;
	char here[256];
	pid_t holder;
	int status;

	(void)state;
	start_post(&post, "plain");
	await_ready(&post);
	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(post.folder), 0);
	assert_int_equal(kill(post.pid, SIGKILL), 0);
	assert_int_equal(waitpid(post.pid, &status, 0), post.pid);
	/* Rooms hold the lock too: it is free once they are gone. */
	assert_int_equal(lock_take(&lock, &holder), OK);
	lock_drop(&lock);
	assert_int_equal(chdir(here), 0);
	end_post(&post);
}

static void
sockets_reach_each_wire(void **state)
{
	struct post post;
	char pid[16];
	pid_t before;

	(void)state;
	start_post(&post, "sockets");
	await_ready(&post);
	await_note(&post, "say", "bound");
	await_note(&post, "peer", "learned");
	/* From a socket that serves IPv6 and IPv4, or where there is no IPv6,
	 * from one that serves IPv4. */
	if (!has_note(&post, "peer", "127.0.0.1:9"))
		await_note(&post, "peer", "[::ffff:127.0.0.1]:9");
	read_pids(&post);
	before = post.pids[PROC_WIRE];
	assert_int_equal(kill(before, SIGKILL), 0);
	await_restart(&post, PROC_WIRE, before);
	(void)snprintf(pid, sizeof(pid), "%d", (int)post.pids[PROC_WIRE]);
	await_note(&post, "socket", pid);
	assert_int_equal(stop_post(&post), 0);
	end_post(&post);
}

/* Wire is quicker than keeper: nobody waits for what was said already. */
static void
goodbye_that_was_said_before_it_was_told_of_counts(void **state)
{
	char path[128], text[8192];
	struct post post;
	size_t len;
	FILE *file;

	(void)state;
	start_post(&post, "down");
	await_ready(&post);
	read_pids(&post);
	await_pair(&post, PROC_KEEPER, PROC_WIRE);
	assert_int_equal(kill(post.pids[PROC_KEEPER], SIGUSR1), 0);
	assert_int_equal(await_end(&post), 0);
	(void)snprintf(path, sizeof(path), "%s/log", post.folder);
	file = fopen(path, "re");
	assert_non_null(file);
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	(void)fclose(file);
	assert_null(strstr(text, "goodbye not said in time"));
	end_post(&post);
}

/* Waits for the note that the process of that role leaves. */
static void
await_own_note(const struct post *post, const char *what, enum proc_role role)
{
	char pid[16];

	(void)snprintf(pid, sizeof(pid), "%d", (int)post->pids[role]);
	await_note(post, what, pid);
}

static void
bell_is_told_its_configuration_each_time(void **state)
{
	struct post post;
	pid_t before;

	(void)state;
	start_post(&post, "well");
	await_ready(&post);
	read_pids(&post);
	assert_int_equal(post.pids[PROC_RUNNER], 0);
	await_own_note(&post, "configured", PROC_BELL);
	await_pair(&post, PROC_BELL, PROC_KEEPER);
	before = post.pids[PROC_BELL];
	assert_int_equal(kill(before, SIGKILL), 0);
	await_restart(&post, PROC_BELL, before);
	await_own_note(&post, "configured", PROC_BELL);
	await_pair(&post, PROC_BELL, PROC_KEEPER);
	assert_int_equal(stop_post(&post), 0);
	end_post(&post);
}

static void
runner_is_told_its_command_and_never_started_again(void **state)
{
	struct post post;
	pid_t bell, runner;

	(void)state;
	start_post(&post, "runner");
	await_ready(&post);
	read_pids(&post);
	runner = post.pids[PROC_RUNNER];
	bell = post.pids[PROC_BELL];
	assert_true(runner != 0);
	await_own_note(&post, "command", PROC_RUNNER);
	await_own_note(&post, "runs", PROC_BELL);
	await_pair(&post, PROC_RUNNER, PROC_BELL);
	/* Another bell meets the same runner. */
	assert_int_equal(kill(bell, SIGKILL), 0);
	await_restart(&post, PROC_BELL, bell);
	await_pair(&post, PROC_BELL, PROC_RUNNER);
	assert_int_equal(post.pids[PROC_RUNNER], runner);
	/* Another runner there is not; the post goes on. */
	assert_int_equal(kill(runner, SIGKILL), 0);
	bell = post.pids[PROC_BELL];
	assert_int_equal(kill(bell, SIGKILL), 0);
	await_restart(&post, PROC_BELL, bell);
	await_own_note(&post, "runs", PROC_BELL);
	assert_int_equal(post.pids[PROC_RUNNER], 0);
	assert_int_equal(stop_post(&post), 0);
	end_post(&post);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(post_comes_up_and_says_goodbye),
		cmocka_unit_test(killed_room_starts_again_and_others_stay),
		cmocka_unit_test(room_that_breaks_a_rule_is_restarted),
		cmocka_unit_test(room_that_cannot_start_ends_the_post),
		cmocka_unit_test(second_post_on_a_folder_is_refused),
		cmocka_unit_test(rooms_end_with_their_parent),
		cmocka_unit_test(sockets_reach_each_wire),
		cmocka_unit_test(
		    goodbye_that_was_said_before_it_was_told_of_counts),
		cmocka_unit_test(bell_is_told_its_configuration_each_time),
		cmocka_unit_test(
		    runner_is_told_its_command_and_never_started_again),
	};

	if (argc >= 2 && proc_role_find(argv[1]) != PROC_COUNT)
		return run_fake(proc_role_find(argv[1]));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
