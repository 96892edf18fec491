#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/show.h"

enum { DOWN_WAIT_MS = 20000, DOWN_PAUSE_MS = 100 };

int
down_run(struct cli *cli, int argc, char **argv)
{
	struct client *client;
	json_t *answer;
	int code;

	if (cli_parse(cli, argc, argv, NULL, 0, 0, 0) == -1)
		return CLI_USAGE;
	client = client_new(cli);
	code = client_post(client, "/v1/down", NULL, CLIENT_AGAIN, &answer);
	json_decref(answer);
	/* It says goodbye on each line first. */
	for (unsigned ms = 0; code == CLI_DONE && client_is_there(client);
	     ms += DOWN_PAUSE_MS) {
		if (ms >= DOWN_WAIT_MS) {
			cli_error("the post was told to go down and has not "
				  "gone yet; see its log");
			code = CLI_TIMEOUT;
			break;
		}
		(void)usleep(DOWN_PAUSE_MS * 1000);
	}
	client_free(client);
	if (code == CLI_DONE && cli->json)
		printf("{\"down\":true}\n");
	else if (code == CLI_DONE)
		printf("The post is down; its lines have said goodbye.\n");
	return code;
}
