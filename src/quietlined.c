/* Owns the daemon's command line: which role this process plays, and how. */
#include "base/log.h"
#include "base/wipe.h"
#include "bell/config.h"
#include "bell/room.h"
#include "bell/runner.h"
#include "desk/room.h"
#include "keeper/keeper.h"
#include "keeper/keyring.h"
#include "keeper/room.h"
#include "limits.h"
#include "proc/lock.h"
#include "proc/parent.h"
#include "proc/room.h"
#include "proc/sandbox.h"
#include "proc/seeker.h"
#include "proc/spawn.h"
#include "wire/room.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum exit_code { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2 };

enum {
	SAY_BYTES = 1024,
	/* Where the daemon keeps the launcher's pipe; no other stays open. */
	DAEMON_READY_FD = 3,
	LISTEN_BACKLOG = 64,
};

static const char usage[] =
    "usage: quietlined --post DIR --passphrase-fd N [--foreground]\n"
    "                  [--ready-fd N] [--without-walls]\n"
    "       quietlined --init --post DIR --name NAME --passphrase-fd N\n"
    "                  [--delegate TITLE]\n"
    "\n"
    "Runs, or makes, one side's post. People type `quietline up` and\n"
    "`quietline init NAME`, which call this.\n"
    "\n"
    "  --post DIR          the post's folder\n"
    "  --passphrase-fd N   read the passphrase from this descriptor, up to its\n"
    "                      end or the end of the line\n"
    "  --foreground        stay, and log to standard error; otherwise the post\n"
    "                      runs detached and logs to DIR/log\n"
    "  --ready-fd N        write one line to this descriptor: \"ready\", or why\n"
    "                      the post cannot run\n"
    "  --without-walls     run although this kernel has no Landlock or no\n"
    "                      seccomp: the processes keep all the rights of the\n"
    "                      user that they run as\n"
    "  --init --name NAME  make a post of that name, and end\n"
    "  --delegate TITLE    of its first delegate, a head; without it: head\n"
    "  --version, --help\n"
    "\n"
    "DIR/lock names the processes of a post that runs, one a line.\n"
    "SIGTERM says goodbye on every line, then ends.\n"
    "Exit codes: 0 done, 1 refused or failed, 2 wrong usage.\n";

struct options {
	const char *post;
	const char *name;
	const char *delegate; /* the first; NULL: "head" */
	int passphrase_fd;
	int ready_fd;
	bool foreground;
	bool init;
	enum walls walls;
	bool is_daemon;	    /* standard error is the log */
	struct doors doors; /* of the walls, as configured */
};

struct passphrase {
	uint8_t bytes[PASSPHRASE_BYTES_MAX + 2]; /* one too many, and "\n" */
	size_t len;
};

/* One clear line for whoever waits: on ready_fd, or on standard error. */
PRINTF_LIKE(2, 3)
static int
refuse(const struct options *options, const char *format, ...)
{
	char say[SAY_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(say, sizeof(say), format, args);
	va_end(args);
	if (options->is_daemon)
		log_error("%s", say);
	else if (options->ready_fd < 0)
		(void)fprintf(stderr, "quietlined: %s\n", say);
	parent_say_ready(options->ready_fd, say);
	return EXIT_REFUSED;
}

static int
read_fd_option(int *fd, const char *text)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || value < 0 ||
	    value > 65535 || fcntl((int)value, F_GETFD) == -1)
		return ERR_FORMAT;
	*fd = (int)value;
	return OK;
}

enum option_value {
	OPTION_POST = 256,
	OPTION_NAME,
	OPTION_DELEGATE,
	OPTION_PASSPHRASE_FD,
	OPTION_READY_FD,
	OPTION_FOREGROUND,
	OPTION_INIT,
	OPTION_WITHOUT_WALLS,
	OPTION_VERSION,
	OPTION_HELP,
};

static const struct option long_options[] = {
	{ "post", required_argument, NULL, OPTION_POST },
	{ "name", required_argument, NULL, OPTION_NAME },
	{ "delegate", required_argument, NULL, OPTION_DELEGATE },
	{ "passphrase-fd", required_argument, NULL, OPTION_PASSPHRASE_FD },
	{ "ready-fd", required_argument, NULL, OPTION_READY_FD },
	{ "foreground", no_argument, NULL, OPTION_FOREGROUND },
	{ "init", no_argument, NULL, OPTION_INIT },
	{ "without-walls", no_argument, NULL, OPTION_WITHOUT_WALLS },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

_Noreturn static void
wrong_usage(const char *what)
{
	(void)fprintf(stderr, "quietlined: %s\nTry: quietlined --help\n", what);
	exit(EXIT_USAGE);
}

static void
take_option(struct options *options, int option)
{
	switch (option) {
	case OPTION_POST:
		options->post = optarg;
		break;
	case OPTION_NAME:
		options->name = optarg;
		break;
	case OPTION_DELEGATE:
		options->delegate = optarg;
		break;
	case OPTION_PASSPHRASE_FD:
		if (read_fd_option(&options->passphrase_fd, optarg) != OK)
			wrong_usage("--passphrase-fd: no open descriptor");
		break;
	case OPTION_READY_FD:
		if (read_fd_option(&options->ready_fd, optarg) != OK)
			wrong_usage("--ready-fd: no open descriptor");
		break;
	case OPTION_FOREGROUND:
		options->foreground = true;
		break;
	case OPTION_INIT:
		options->init = true;
		break;
	case OPTION_WITHOUT_WALLS:
		options->walls = WALLS_NONE;
		break;
	case OPTION_VERSION:
		(void)printf("quietlined %s\n", QUIETLINE_VERSION);
		exit(EXIT_DONE);
	case OPTION_HELP:
		(void)fputs(usage, stdout);
		exit(EXIT_DONE);
	default:
		wrong_usage("no such option, or an argument is missing");
	}
}

static void
read_options(struct options *options, int argc, char **argv)
{
	int option;

	*options = (struct options){ .passphrase_fd = -1, .ready_fd = -1 };
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		take_option(options, option);
	if (optind != argc)
		wrong_usage("an argument too many");
	if (options->post == NULL)
		wrong_usage("--post DIR is missing");
	if (options->passphrase_fd == -1)
		wrong_usage("--passphrase-fd N is missing");
	if (options->init != (options->name != NULL))
		wrong_usage("--init and --name NAME go together");
	if (options->delegate != NULL && !options->init)
		wrong_usage("--delegate TITLE goes with --init");
}

/* Up to the end of the file or the line: OK, ERR_IO, or ERR_SIZE for an empty
 * or too long one. */
static int
read_passphrase(int fd, struct passphrase *passphrase)
{
	const uint8_t *end;
	ssize_t rc;

	passphrase->len = 0;
	do {
		rc = read(fd, passphrase->bytes + passphrase->len,
		    sizeof(passphrase->bytes) - passphrase->len);
		if (rc == -1 && errno == EINTR)
			continue;
		if (rc == -1)
			return ERR_IO;
		passphrase->len += (size_t)rc;
		end = memchr(passphrase->bytes, '\n', passphrase->len);
		if (end != NULL) {
			passphrase->len = (size_t)(end - passphrase->bytes);
			break;
		}
	} while (rc != 0 && passphrase->len < sizeof(passphrase->bytes));
	if (passphrase->len == 0 || passphrase->len > PASSPHRASE_BYTES_MAX)
		return ERR_SIZE;
	return OK;
}

static int
refuse_passphrase(const struct options *options, int why)
{
	if (why == ERR_IO)
		return refuse(options, "the passphrase cannot be read");
	return refuse(options,
	    "the passphrase is empty or longer than %d bytes",
	    PASSPHRASE_BYTES_MAX);
}

static int
say_created(const struct options *options, int rc)
{
	switch (rc) {
	case OK:
		return EXIT_DONE;
	case ERR_EXISTS:
		return refuse(options, "there is a post in %s already",
		    options->post);
	case ERR_SIZE:
	case ERR_FORMAT:
		return refuse(options,
		    "a post's name is 1 to 255 bytes of plain text (UTF-8, "
		    "without control characters)");
	case ERR_LIMIT:
		return refuse(options,
		    "this machine has not the memory that the passphrase's "
		    "protection takes (%d MiB)",
		    KEYRING_MEMORY_BYTES / (1024 * 1024));
	case ERR_FULL:
		return refuse(options, "the disk of %s is full", options->post);
	default:
		return refuse(options, "cannot make a post in %s (%s)",
		    options->post,
		    rc == ERR_IO && errno != 0 ? strerror(errno) : err_str(rc));
	}
}

static int
run_init(const struct options *options)
{
	struct passphrase *passphrase = wipe_new(sizeof(*passphrase));
	int rc;

	room_settle(PROC_PARENT);
	rc = read_passphrase(options->passphrase_fd, passphrase);
	if (rc != OK) {
		rc = refuse_passphrase(options, rc);
	} else {
		rc = keeper_create(options->post, options->name,
		    options->delegate, passphrase->bytes, passphrase->len,
		    keyring_cost_default(), rng_kernel());
		rc = say_created(options, rc);
	}
	wipe_free(passphrase, sizeof(*passphrase));
	return rc;
}

/* The post's folder becomes the working folder: an exit code. */
static int
enter_folder(const struct options *options)
{
	struct stat st;

	if (chdir(options->post) == -1 || stat(".", &st) == -1)
		return refuse(options, "%s: %s%s", options->post,
		    strerror(errno),
		    errno == ENOENT ? "; make a post first: quietline init NAME"
				    : "");
	if (st.st_uid != geteuid())
		return refuse(options,
		    "%s belongs to another user: a post runs as its owner",
		    options->post);
	if ((st.st_mode & 077) != 0)
		return refuse(options,
		    "%s may be entered by others: chmod 700 it first",
		    options->post);
	return EXIT_DONE;
}

static int
refuse_keys(const struct options *options, int why)
{
	switch (why) {
	case ERR_DENIED:
		return refuse(options, "wrong passphrase");
	case ERR_NOT_FOUND:
		return refuse(options,
		    "no post in %s; make one first: quietline init NAME",
		    options->post);
	case ERR_VERSION:
		return refuse(options,
		    "the post in %s was made by a later version of quietline",
		    options->post);
	case ERR_FORMAT:
		return refuse(options,
		    "%s/keys is damaged: put a backup of it in its place",
		    options->post);
	default:
		return refuse(options, "%s/keys does not open (%s)",
		    options->post, err_str(why));
	}
}

/* The store's keys, in the form that keeper is handed them. */
static int
unlock(const struct options *options, uint8_t *keys_out)
{
	struct passphrase *passphrase = wipe_new(sizeof(*passphrase));
	struct store_keys *keys = wipe_new(sizeof(*keys));
	struct writer w;
	int rc;

	rc = read_passphrase(options->passphrase_fd, passphrase);
	(void)close(options->passphrase_fd);
	if (rc != OK) {
		rc = refuse_passphrase(options, rc);
		goto out;
	}
	rc = keyring_open(".", passphrase->bytes, passphrase->len, keys);
	if (rc != OK) {
		rc = refuse_keys(options, rc);
		goto out;
	}
	buf_write(&w, keys_out, PMSG_UNLOCK_BYTES);
	buf_put_bytes(&w, keys->line, sizeof(keys->line));
	buf_put_bytes(&w, keys->record, sizeof(keys->record));
	rc = buf_is_sound(&w) ? EXIT_DONE : EXIT_REFUSED;
out:
	wipe_free(keys, sizeof(*keys));
	wipe_free(passphrase, sizeof(*passphrase));
	return rc;
}

/* Desk's door: the folder's mode and this socket's let the owner in alone. */
static int
open_door(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = "sock" };
	int fd;

	(void)unlink(at.sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) == -1 ||
	    chmod(at.sun_path, 0600) == -1 ||
	    listen(fd, LISTEN_BACKLOG) == -1) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* Around the parent, and so around all that it starts. */
static int
raise_walls(const struct options *options)
{
	struct sandbox sandbox;

	if (options->walls == WALLS_NONE) {
		log_warnx("post: runs without walls, as it was told: who takes "
			  "over a room has the rights of this user");
		return EXIT_DONE;
	}
	if (sandbox_enter(PROC_PARENT, &options->doors, &sandbox) != OK)
		return refuse(options, "%s", sandbox.why);
	log_info("post: walls up (Landlock %d, seccomp)", sandbox.landlock);
	return EXIT_DONE;
}

/* Before the walls: what is started inside of them runs no commands. */
static int
start_runner(const struct options *options, struct parent_config *config)
{
	if (!config->bell->runs)
		return EXIT_DONE;
	if (spawn_role(PROC_RUNNER, options->walls, -1, &config->runner_pid,
		&config->runner_fd) != OK)
		return refuse(options, "cannot start what runs the command");
	return EXIT_DONE;
}

static int
run_locked(const struct options *options, struct lock *lock,
    const struct bell_config *bell, uint8_t *keys)
{
	struct parent_config config = {
		.lock = lock,
		.ready_fd = options->ready_fd,
		.walls = options->walls,
		.bell = bell,
		.unlock = keys,
	};
	int rc;

	if ((rc = unlock(options, keys)) != EXIT_DONE)
		return rc;
	log_info("post: unlocked");
	config.listen_fd = open_door();
	if (config.listen_fd == -1)
		return refuse(options, "cannot listen on %s/sock: %s",
		    options->post, strerror(errno));
	if ((rc = start_runner(options, &config)) == EXIT_DONE &&
	    (rc = raise_walls(options)) == EXIT_DONE)
		rc = parent_run(&config);
	(void)unlink("sock");
	(void)close(config.listen_fd);
	return rc;
}

/* Keeper goes there by its whole name, and without root's right to pass. */
static int
check_way(const struct options *options)
{
	char *way = realpath(".", NULL);
	bool open = way != NULL && access(way, R_OK | W_OK | X_OK) == 0;

	free(way);
	if (open)
		return EXIT_DONE;
	return refuse(options,
	    "%s lies where its owner may not go: move it, or open the "
	    "folders on the way to it",
	    options->post);
}

/* What the bell opens, the walls around it let through. */
static struct doors
find_doors(const struct bell_config *bell)
{
	struct doors doors = { .sound = bell->sound.len > 0 };

	if (bell->terminal.len > 0 &&
	    strcmp(bell->terminal.data, BELL_FOREGROUND) != 0)
		doors.terminal = bell->terminal.data;
	return doors;
}

static int
run_configured(struct options *options, struct lock *lock)
{
	struct config config;
	uint8_t *keys;
	int rc;

	if (config_read(&config) != OK)
		return refuse(options, "%s/%s", options->post, config.say);
	options->doors = find_doors(&config.bell);
	keys = wipe_new_hidden(PMSG_UNLOCK_BYTES);
	rc = run_locked(options, lock, &config.bell, keys);
	wipe_free(keys, PMSG_UNLOCK_BYTES);
	config_close(&config);
	return rc;
}

/* This process is the post's parent from here on. */
static int
run_post(struct options *options)
{
	struct lock lock;
	pid_t holder;
	int rc;

	log_open(STDERR_FILENO, "parent", LOG_LEVEL_INFO);
	room_settle(PROC_PARENT);
	if ((rc = check_way(options)) != EXIT_DONE)
		return rc;
	rc = lock_take(&lock, &holder);
	if (rc == ERR_EXISTS)
		return refuse(options,
		    "this post is running already (process %d)", (int)holder);
	if (rc != OK)
		return refuse(options, "%s/lock: %s", options->post,
		    strerror(errno));
	rc = run_configured(options, &lock);
	lock_drop(&lock);
	return rc;
}

static int
open_log(void)
{
	return open("log",
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* Leaves terminal, session and whatever descriptors it was started with. */
static int
become_daemon(struct options *options, int log_fd, int ready_fd)
{
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	/* Two places that the moves below do not overwrite. */
	int high_ready_fd = fcntl(ready_fd, F_DUPFD_CLOEXEC, 16);
	int high_pass_fd = fcntl(options->passphrase_fd, F_DUPFD_CLOEXEC, 16);

	if (null_fd == -1 || high_ready_fd == -1 || high_pass_fd == -1 ||
	    setsid() == -1 || dup2(log_fd, STDERR_FILENO) == -1 ||
	    dup2(null_fd, STDIN_FILENO) == -1 ||
	    dup2(null_fd, STDOUT_FILENO) == -1 ||
	    dup3(high_ready_fd, DAEMON_READY_FD, O_CLOEXEC) == -1 ||
	    dup3(high_pass_fd, DAEMON_READY_FD + 1, O_CLOEXEC) == -1 ||
	    close_range(DAEMON_READY_FD + 2, ~0u, 0) == -1)
		fatal("daemon: descriptors");
	options->ready_fd = DAEMON_READY_FD;
	options->passphrase_fd = DAEMON_READY_FD + 1;
	options->is_daemon = true;
	return run_post(options);
}

/* Waits for the daemon's one line, and passes it on. */
static int
await_daemon(const struct options *options, int fd)
{
	char say[SAY_BYTES];
	size_t len = 0;
	ssize_t rc;
	char *end;

	do {
		rc = read(fd, say + len, sizeof(say) - 1 - len);
		if (rc == -1 && errno == EINTR)
			continue;
		len += rc > 0 ? (size_t)rc : 0;
	} while (
	    rc != 0 && len < sizeof(say) - 1 && memchr(say, '\n', len) == NULL);
	say[len] = '\0';
	end = strchr(say, '\n');
	if (end == NULL)
		return refuse(options,
		    "the post ended while it started; %s/log says more",
		    options->post);
	*end = '\0';
	if (strcmp(say, "ready") != 0)
		return refuse(options, "%s", say);
	parent_say_ready(options->ready_fd, say);
	return EXIT_DONE;
}

static int
run_detached(struct options *options)
{
	int fds[2], log_fd;
	pid_t pid;

	log_fd = open_log();
	if (log_fd == -1)
		return refuse(options, "%s/log: %s", options->post,
		    strerror(errno));
	if (pipe2(fds, O_CLOEXEC) == -1 || (pid = fork()) == -1)
		return refuse(options, "cannot start: %s", strerror(errno));
	if (pid == 0)
		return become_daemon(options, log_fd, fds[1]);
	(void)close(fds[1]);
	(void)close(log_fd);
	return await_daemon(options, fds[0]);
}

/* A room, started by spawn_role as `quietlined ROLE`. */
static int
run_role(enum proc_role role, enum walls walls)
{
	switch (role) {
	case PROC_WIRE:
		return wire_main(walls);
	case PROC_KEEPER:
		return keeper_main(walls);
	case PROC_DESK:
		return desk_main(walls);
	case PROC_SEEKER:
		return seeker_main(walls);
	case PROC_BELL:
		return bell_main(walls);
	case PROC_RUNNER:
		return runner_main();
	case PROC_PARENT:
	case PROC_COUNT:
		break;
	}
	wrong_usage("no such role");
}

/* As spawn_role says it. */
static enum walls
read_walls(int argc, char **argv)
{
	if (argc == 2)
		return WALLS_UP;
	if (argc > 3 || strcmp(argv[2], sandbox_without) != 0)
		wrong_usage("an argument too many");
	return WALLS_NONE;
}

int
main(int argc, char **argv)
{
	struct options options;
	int rc;

	log_open(STDERR_FILENO, "quietlined", LOG_LEVEL_INFO);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)umask(077);
	if (argc >= 2 && argv[1][0] != '-')
		return run_role(proc_role_find(argv[1]),
		    read_walls(argc, argv));
	read_options(&options, argc, argv);
	if (options.init)
		return run_init(&options);
	if ((rc = enter_folder(&options)) != EXIT_DONE)
		return rc;
	return options.foreground ? run_post(&options) : run_detached(&options);
}
