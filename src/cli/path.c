#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/show.h"
#include "cli/way.h"

static void
print(const json_t *path)
{
	char *sentence = way_sentence(path, clock_wall_ms());

	printf("%s\n", sentence);
	free(sentence);
}

static void
print_added(const char *line, const json_t *path)
{
	char *sentence = way_added_sentence(path);

	printf("%s\nIt comes up when the other side has added its end of it "
	       "too: quietline path list %s\n",
	    sentence, line);
	free(sentence);
}

int
path_add_run(struct cli *cli, int argc, char **argv)
{
	struct way way = { .endpoint = NULL };
	struct cli_option options[WAY_OPTIONS];
	struct client *client;
	json_t *body, *answer;
	char *path;
	int code;

	way_options(options, &way);
	if (cli_parse(cli, argc, argv, options, WAY_OPTIONS, 1, 1) == -1)
		return CLI_USAGE;
	body = json_object();
	if ((code = way_put(body, &way)) != CLI_DONE) {
		json_decref(body);
		return code;
	}
	client = client_new(cli);
	path = client_path(argv[0], "/paths");
	code = client_post(client, path, body, CLIENT_ONCE, &answer);
	client_free(client);
	free(path);
	if (code == CLI_DONE && cli->json)
		show_json(answer);
	else if (code == CLI_DONE)
		print_added(argv[0], answer);
	json_decref(answer);
	return code;
}

int
path_list_run(struct cli *cli, int argc, char **argv)
{
	struct client *client;
	json_t *answer, *path;
	char *at;
	size_t i;
	int code;

	if (cli_parse(cli, argc, argv, NULL, 0, 1, 1) == -1)
		return CLI_USAGE;
	client = client_new(cli);
	at = client_path(argv[0], "/paths");
	code = client_get(client, at, &answer);
	client_free(client);
	free(at);
	if (code != CLI_DONE)
		return code;
	json_array_foreach(json_object_get(answer, "paths"), i, path)
	{
		if (cli->json)
			show_json(path);
		else
			print(path);
	}
	json_decref(answer);
	return CLI_DONE;
}

int
path_remove_run(struct cli *cli, int argc, char **argv)
{
	struct client *client;
	json_t *answer;
	char *path, *rest;
	size_t digits;
	int code;

	if (cli_parse(cli, argc, argv, NULL, 0, 2, 2) == -1)
		return CLI_USAGE;
	digits = strspn(argv[1], "0123456789");
	if (digits == 0 || digits > 3 || argv[1][digits] != '\0' ||
	    argv[1][0] == '0')
		return cli_usage(cli,
		    "a path has a number, which `quietline path list` shows");
	client = client_new(cli);
	rest = cli_format("/paths/%s/remove", argv[1]);
	path = client_path(argv[0], rest);
	code = client_post(client, path, NULL, CLIENT_ONCE, &answer);
	client_free(client);
	free(path);
	free(rest);
	if (code == CLI_DONE && cli->json)
		show_json(answer);
	else if (code == CLI_DONE)
		printf("Path %s is removed; the line goes on by the others.\n",
		    argv[1]);
	json_decref(answer);
	return code;
}
