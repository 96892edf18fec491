#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/utf8.h"
#include "cli/command.h"
#include "cli/daemon.h"
#include "cli/folder.h"
#include "cli/show.h"

/* quietlined makes the post: it alone handles keys. */
static int
make_post(const char *folder, const char *name, const char *delegate,
    int passphrase_fd)
{
	char *fd = cli_format("%d", passphrase_fd);
	char *copy = cli_format("%s", name);
	char *where = cli_format("%s", folder);
	char *head = cli_format("%s", delegate == NULL ? "head" : delegate);
	char program[] = "quietlined", init[] = "--init", post[] = "--post",
	     name_is[] = "--name", head_is[] = "--delegate",
	     fd_is[] = "--passphrase-fd";
	char *argv[] = { program, init, post, where, name_is, copy, head_is,
		head, fd_is, fd, NULL };
	pid_t pid = daemon_start(argv, &passphrase_fd, 1);
	int status = -1;

	while (pid != -1 && waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	free(fd);
	free(copy);
	free(where);
	free(head);
	return pid != -1 && WIFEXITED(status) ? WEXITSTATUS(status)
					      : CLI_FAILED;
}

int
init_run(struct cli *cli, int argc, char **argv)
{
	const char *file = NULL, *delegate = NULL;
	const struct cli_option options[] = {
		{ .name = "delegate", .value = &delegate },
		{ .name = "passphrase-file", .value = &file },
	};
	char *folder, *name;
	int fd, code = CLI_FAILED;

	if (cli_parse(cli, argc, argv, options, 2, 1, 1) == -1)
		return CLI_USAGE;
	if (*argv[0] == '\0' || !utf8_is_valid(argv[0], strlen(argv[0])))
		return cli_usage(cli, "a post's name is UTF-8 text, not empty");
	folder = folder_name(cli);
	if (folder_make_above(folder) != OK) {
		cli_error("the folder above %s cannot be made (%s)", folder,
		    strerror(errno));
		goto out;
	}
	if (folder_has_post(folder)) {
		cli_error("there is a post in %s already", folder);
		goto out;
	}
	if ((fd = daemon_passphrase(file,
		 "A passphrase for this post: ", true)) == -1)
		goto out;
	code = make_post(folder, argv[0], delegate, fd);
	(void)close(fd);
	if (code != CLI_DONE)
		goto out;
	if (cli->json) {
		json_t *made =
		    json_pack("{s:s,s:s}", "post", argv[0], "folder", folder);

		show_json(made);
		json_decref(made);
	} else {
		name = show_visible(argv[0], false);
		printf("The post %s is made, in %s.\n"
		       "Its passphrase cannot be recovered: keep it well.\n"
		       "Next: quietline up, then quietline line offer PEER "
		       "(or accept).\n",
		    name, folder);
		free(name);
	}
out:
	free(folder);
	return code;
}
