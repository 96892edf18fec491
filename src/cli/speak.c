#include "cli/speak.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/show.h"

int
speak_check(const struct cli *cli, const struct speak *speak)
{
	const char *n = speak->version_of;

	if (n != NULL &&
	    (*n < '1' || *n > '9' || strspn(n, "0123456789") != strlen(n)))
		return cli_usage(cli,
		    "--draft=N takes the number of a draft, which "
		    "`quietline draft list` shows");
	if (speak->draft && speak->emergency)
		return cli_usage(cli,
		    "a draft is no emergency yet: say so when it is released");
	return CLI_DONE;
}

char *
speak_path(const struct speak *speak, char *path)
{
	char *with = path;

	if (speak->version_of != NULL)
		with = cli_format("%s?draft=%s", path, speak->version_of);
	else if (speak->draft)
		with = cli_format("%s?draft=new", path);
	else if (speak->emergency)
		with = cli_format("%s?emergency=1", path);
	if (with != path)
		free(path);
	return with;
}

bool
speak_show(const struct cli *cli, const struct speak *speak,
    const struct json_t *answer)
{
	char *say;

	if (!speak->draft || answer == NULL)
		return false;
	if (cli->json) {
		show_json(answer);
		return true;
	}
	say = show_visible(show_text_of(answer, "say"), false);
	printf("Kept as draft %s%" PRIu64 "%s, version %" PRIu64 ". %s\n",
	    show_strong(), show_number_of(answer, "draft"), show_plain(),
	    show_number_of(answer, "version"), say);
	free(say);
	return true;
}
