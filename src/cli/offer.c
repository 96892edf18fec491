#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ceremony.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/show.h"

static void
put(json_t *object, const char *name, const char *value)
{
	if (value != NULL)
		json_object_set_new(object, name, json_string(value));
}

static void
explain(const json_t *answer, const char *peer, const char *file,
    const char *endpoint)
{
	const char *listen = show_text_of(answer, "listen");

	printf("The offer to %s is in %s.\n", peer, file);
	ceremony_print_terms(answer);
	if (*listen != '\0')
		printf("This side listens on %s.\n", listen);
	if (endpoint == NULL)
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
	const char *out = NULL, *cadence = NULL, *listen = NULL,
		   *endpoint = NULL, *accept = NULL;
	const struct cli_option options[] = {
		{ .name = "output", .letter = 'o', .value = &out },
		{ .name = "cadence", .value = &cadence },
		{ .name = "listen", .value = &listen },
		{ .name = "endpoint", .value = &endpoint },
		{ .name = "accept", .value = &accept },
	};
	struct client *client;
	json_t *body, *answer;
	char *file, *path, *peer;
	int code;

	if (cli_parse(cli, argc, argv, options, 5, 1, 1) == -1)
		return CLI_USAGE;
	if ((file = ceremony_prepare(out, argv[0], "offer")) == NULL)
		return CLI_FAILED;
	body = json_object();
	put(body, "cadence", cadence);
	put(body, "listen", listen);
	put(body, "endpoint", endpoint);
	put(body, "accept", accept);
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
		explain(answer, peer, file, endpoint);
		free(peer);
	}
	json_decref(answer);
	free(file);
	return code;
}
