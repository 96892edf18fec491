#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/disclose.h"
#include "cli/show.h"

static const char roaming_on[] =
    "The line follows its peer to any address that an authentic frame comes "
    "from.\n"
    "What that gives up: whoever copies their frames and sends the copies from "
    "another\n"
    "address, sooner than the frames themselves arrive, draws yours there until "
    "the next\n"
    "frame; so where this side sends is no longer beyond an attacker's "
    "influence. It can\n"
    "read nothing and forge nothing. `quietline line set LINE roaming off` ends "
    "it.\n";

static const char roaming_off[] =
    "The line does not follow its peer to other addresses while it is heard.\n";

static int
set_roaming(struct cli *cli, const char *line, const char *value)
{
	const bool on = strcmp(value, "on") == 0;
	struct client *client;
	json_t *answer;
	char *path;
	int code;

	if (!on && strcmp(value, "off") != 0)
		return cli_usage(cli, "roaming is on or off");
	client = client_new(cli);
	path = client_path(line, "/roaming");
	code = client_post(client, path, json_pack("{s:b}", "roaming", on),
	    CLIENT_AGAIN, &answer);
	client_free(client);
	free(path);
	if (code == CLI_DONE && cli->json)
		show_json(answer);
	else if (code == CLI_DONE)
		printf("%s", on ? roaming_on : roaming_off);
	json_decref(answer);
	return code;
}

static int
set_cadence(struct cli *cli, const char *line, const char *value)
{
	struct client *client;
	json_t *answer;
	char *path, *say;
	int code;

	client = client_new(cli);
	path = client_path(line, "/cadence");
	code = client_post(client, path, json_pack("{s:s}", "cadence", value),
	    CLIENT_ONCE, &answer);
	client_free(client);
	free(path);
	if (code == CLI_DONE && cli->json) {
		show_json(answer);
	} else if (code == CLI_DONE) {
		say = show_visible(show_text_of(answer, "say"), false);
		printf("%s\n",
		    *say != '\0' ? say : "The line keeps its cadence.");
		free(say);
	}
	json_decref(answer);
	return code;
}

int
line_set_run(struct cli *cli, int argc, char **argv)
{
	if (cli_parse(cli, argc, argv, NULL, 0, 3, 3) == -1)
		return CLI_USAGE;
	if (strcmp(argv[1], "roaming") == 0)
		return set_roaming(cli, argv[0], argv[2]);
	if (strcmp(argv[1], "cadence") == 0)
		return set_cadence(cli, argv[0], argv[2]);
	if (strcmp(argv[1], "disclose") == 0)
		return disclose_set(cli, argv[0], argv[2]);
	return cli_usage(cli,
	    "what can be set is roaming, cadence or disclose");
}
