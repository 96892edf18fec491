#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/show.h"

int
ack_run(struct cli *cli, int argc, char **argv)
{
	struct client *client;
	json_t *answer;
	char *path, *peer;
	int code;

	if (cli_parse(cli, argc, argv, NULL, 0, 2, 2) == -1)
		return CLI_USAGE;
	client = client_new(cli);
	path = client_message_path(argv[0], argv[1], "/ack");
	code = client_post(client, path, NULL, CLIENT_AGAIN, &answer);
	client_free(client);
	if (code == CLI_DONE && cli->json) {
		show_json(answer);
	} else if (code == CLI_DONE) {
		peer = show_visible(argv[0], false);
		printf("You acknowledged %s; %s will see it.\n", argv[1], peer);
		free(peer);
	}
	json_decref(answer);
	free(path);
	return code;
}
