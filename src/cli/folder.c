#include "cli/folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *
environment(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

char *
folder_name(const struct cli *cli)
{
	const char *post = environment("QUIETLINE_POST");
	const char *data = environment("XDG_DATA_HOME");
	const char *home = environment("HOME");

	if (cli->post != NULL && *cli->post != '\0')
		return cli_format("%s", cli->post);
	if (post != NULL)
		return cli_format("%s", post);
	if (data != NULL)
		return cli_format("%s/quietline", data);
	if (home != NULL)
		return cli_format("%s/.local/share/quietline", home);
	exit(cli_usage(cli, "which post? give --post DIR"));
}

bool
folder_has_post(const char *folder)
{
	char *keys = cli_format("%s/keys", folder);
	char *unfinished = cli_format("%s/unfinished", folder);
	bool has = access(keys, F_OK) == 0 && access(unfinished, F_OK) != 0;

	free(keys);
	free(unfinished);
	return has;
}

int
folder_make_above(const char *folder)
{
	char *path = cli_format("%s", folder);
	int rc = OK;

	for (char *slash = strchr(path + 1, '/'); slash != NULL && rc == OK;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) == -1 && errno != EEXIST)
			rc = ERR_IO;
		*slash = '/';
	}
	free(path);
	return rc;
}
