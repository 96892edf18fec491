#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/daemon.h"
#include "cli/folder.h"
#include "cli/show.h"

/* What it says once it is ready: "ready", or why it is not. */
static int
await_ready(int fd, pid_t pid, const char *folder, const struct cli *cli)
{
	char line[1024];
	FILE *ready = fdopen(fd, "r");
	int status;

	if (ready == NULL || fgets(line, sizeof(line), ready) == NULL)
		line[0] = '\0';
	if (ready != NULL)
		(void)fclose(ready);
	line[strcspn(line, "\n")] = '\0';
	/* What was started has handed over to the daemon by now, or ended. */
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	if (strcmp(line, "ready") != 0) {
		cli_error("%s",
		    *line == '\0' ? "the post did not start; see its log"
				  : line);
		return CLI_FAILED;
	}
	if (cli->json)
		printf("{\"up\":true}\n");
	else
		printf("The post is up, in %s.\n", folder);
	return CLI_DONE;
}

static int
start_detached(const struct cli *cli, char **argv, const char *folder,
    int passphrase_fd)
{
	char number[16];
	char ready_is[] = "--ready-fd";
	int ends[2];
	int keep[2];
	size_t at = 0;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) == -1) {
		cli_error("pipe: %s", strerror(errno));
		return CLI_FAILED;
	}
	snprintf(number, sizeof(number), "%d", ends[1]);
	while (argv[at] != NULL)
		at++;
	argv[at++] = ready_is;
	argv[at++] = number;
	argv[at] = NULL;
	keep[0] = passphrase_fd;
	keep[1] = ends[1];
	pid = daemon_start(argv, keep, 2);
	(void)close(ends[1]);
	if (pid == -1) {
		(void)close(ends[0]);
		return CLI_FAILED;
	}
	return await_ready(ends[0], pid, folder, cli);
}

/* Asked before the passphrase is: it would be typed for nothing. */
static bool
is_running(const struct cli *cli)
{
	struct client *client = client_new(cli);
	bool is_there = client_is_there(client);

	client_free(client);
	return is_there;
}

/* The folder of a post that can be started, to be freed; NULL: there is none. */
static char *
find_post(const struct cli *cli)
{
	char *folder = folder_name(cli);
	struct stat st;

	if (stat(folder, &st) == -1) {
		cli_error("there is no post in %s; make one with: "
			  "quietline init NAME",
		    folder);
		free(folder);
		return NULL;
	}
	if (is_running(cli)) {
		cli_error("the post in %s is running already", folder);
		free(folder);
		return NULL;
	}
	return folder;
}

int
up_run(struct cli *cli, int argc, char **argv)
{
	const char *file = NULL;
	bool foreground = false, without_walls = false;
	const struct cli_option options[] = {
		{ .name = "passphrase-file", .value = &file },
		{ .name = "foreground", .letter = 'f', .flag = &foreground },
		{ .name = "without-walls", .flag = &without_walls },
	};
	char program[] = "quietlined", post[] = "--post",
	     fd_is[] = "--passphrase-fd", in_front[] = "--foreground",
	     no_walls[] = "--without-walls";
	char number[16];
	char *daemon_argv[10] = { program, post, NULL, fd_is, number };
	size_t at = 5;
	char *folder;
	int fd, code;

	if (cli_parse(cli, argc, argv, options, 3, 0, 0) == -1)
		return CLI_USAGE;
	if ((folder = find_post(cli)) == NULL)
		return CLI_FAILED;
	if ((fd = daemon_passphrase(file, "The post's passphrase: ", false)) ==
	    -1) {
		free(folder);
		return CLI_FAILED;
	}
	snprintf(number, sizeof(number), "%d", fd);
	daemon_argv[2] = folder;
	if (without_walls)
		daemon_argv[at++] = no_walls;
	if (foreground) {
		daemon_argv[at++] = in_front;
		code = fcntl(fd, F_SETFD, 0) == -1 ? CLI_FAILED
						   : daemon_become(daemon_argv);
	} else {
		code = start_detached(cli, daemon_argv, folder, fd);
		if (code == CLI_DONE && without_walls && !cli->json)
			printf("It runs without walls, as it was told.\n");
	}
	(void)close(fd);
	free(folder);
	return code;
}
