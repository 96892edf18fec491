#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ceremony.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/show.h"
#include "cli/way.h"

static void
put(json_t *object, const char *name, const char *value)
{
	if (value != NULL)
		json_object_set_new(object, name, json_string(value));
}

static void
explain(const json_t *answer, const char *peer, const char *file,
    const struct way *way)
{
	const char *listen = show_text_of(answer, "listen");

	printf("The offer to %s is in %s.\n", peer, file);
	ceremony_print_terms(answer);
	if (*listen != '\0')
		printf("This side listens on %s.\n", listen);
	if (way->relay != NULL)
		printf("This side goes by the relay; the other must too, with "
		       "the relay's other ticket: --relay.\n");
	else if (way->endpoint == NULL)
		printf("It does not say where it can be reached, so the other "
		       "side must: --endpoint.\n");
	printf(
	    "\nWhat to do next:\n"
	    "  1. Give %s to the other side: by hand is best (a stick, a\n"
	    "     card), since files that nobody else saw also protect the\n"
	    "     line against a quantum computer. Any other way works too.\n"
	    "  2. They answer with: quietline line accept NAME %s\n"
	    "  3. With their reply: quietline line finish %s REPLY\n"
	    "The files are keys: delete every copy when the line is up.\n",
	    file, file, peer);
}

int
offer_run(struct cli *cli, int argc, char **argv)
{
	const char *out = NULL, *cadence = NULL, *accept = NULL;
	struct way way = { .endpoint = NULL };
	struct cli_option options[3 + WAY_OPTIONS] = {
		{ .name = "output", .letter = 'o', .value = &out },
		{ .name = "cadence", .value = &cadence },
		{ .name = "accept", .value = &accept },
	};
	struct client *client;
	json_t *body, *answer;
	char *file, *path, *peer;
	int code;

	way_options(options + 3, &way);
	if (cli_parse(cli, argc, argv, options, 3 + WAY_OPTIONS, 1, 1) == -1)
		return CLI_USAGE;
	if ((file = ceremony_prepare(out, argv[0], "offer")) == NULL)
		return CLI_FAILED;
	body = json_object();
	put(body, "cadence", cadence);
	put(body, "accept", accept);
	if ((code = way_put(body, &way)) != CLI_DONE) {
		json_decref(body);
		free(file);
		return code;
	}
	client = client_new(cli);
	path = client_path(argv[0], "/offer");
	code = client_post(client, path, body, CLIENT_ONCE, &answer);
	client_free(client);
	free(path);
	if (code == CLI_DONE)
		code = ceremony_write(file, answer);
	if (code == CLI_DONE && cli->json) {
		json_object_set_new(answer, "file", json_string(file));
		show_json(answer);
	} else if (code == CLI_DONE) {
		peer = show_visible(argv[0], false);
		explain(answer, peer, file, &way);
		free(peer);
	}
	json_decref(answer);
	free(file);
	return code;
}
