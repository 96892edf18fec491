#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/line.h"
#include "cli/show.h"

static void
print_store(const json_t *status)
{
	const char *store = show_text_of(status, "store");

	if (strcmp(store, "nearly full") == 0)
		printf("The disk is nearly full: make room soon.\n");
	else if (strcmp(store, "full") == 0)
		printf("The disk is full: nothing more can be sent or taken "
		       "until there is room.\n");
}

static void
print_status(const json_t *status)
{
	const json_t *lines = json_object_get(status, "lines");
	char *name = show_visible(show_text_of(status, "post"), false);
	const json_t *line;
	size_t i;

	printf("The post %s%s%s is %s, with %zu line%s.\n", show_strong(), name,
	    show_plain(), show_text_of(status, "state"), json_array_size(lines),
	    json_array_size(lines) == 1 ? "" : "s");
	free(name);
	if (json_is_false(json_object_get(status, "walls")))
		printf(
		    "It runs without walls: who takes over one of its processes has "
		    "the rights of\nits user.\n");
	print_store(status);
	json_array_foreach(lines, i, line) line_print(line, clock_wall_ms());
	if (json_array_size(lines) == 0)
		printf("Next: quietline line offer PEER, or quietline line "
		       "accept PEER FILE.\n");
}

int
status_run(struct cli *cli, int argc, char **argv)
{
	struct client *client;
	json_t *status;
	int code;

	if (cli_parse(cli, argc, argv, NULL, 0, 0, 0) == -1)
		return CLI_USAGE;
	client = client_new(cli);
	code = client_get(client, "/v1/status", &status);
	client_free(client);
	if (code == CLI_DONE && cli->json)
		show_json(status);
	else if (code == CLI_DONE)
		print_status(status);
	json_decref(status);
	return code;
}
