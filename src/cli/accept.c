#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ceremony.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/show.h"
#include "cli/way.h"

struct accepting {
	struct cli *cli;
	struct client *client;
	const char *path;
	struct way way;
	json_t *offer; /* base64 */
};

/* Asks the post: only to look at the terms, or to answer. */
static int
ask(struct accepting *accepting, bool look, json_t **answer)
{
	json_t *body = json_object();
	int code;

	if ((code = way_put(body, &accepting->way)) != CLI_DONE) {
		json_decref(body);
		*answer = NULL;
		return code;
	}
	json_object_set(body, "file", accepting->offer);
	json_object_set_new(body, "look", json_boolean(look));
	return client_post(accepting->client, accepting->path, body,
	    look ? CLIENT_AGAIN : CLIENT_ONCE, answer);
}

/* Shows what is offered; true: go on. */
static bool
agrees(struct accepting *accepting, const char *peer, int *code)
{
	json_t *answer;
	bool agreed = false;

	*code = ask(accepting, true, &answer);
	if (*code == CLI_DONE && !accepting->cli->json) {
		printf("An offer of a line, to be called %s here.\n", peer);
		ceremony_print_terms(answer);
		(void)fflush(stdout);
	}
	if (*code == CLI_DONE) {
		agreed =
		    cli_agrees(accepting->cli, "Answer it on these terms?");
		*code = agreed ? CLI_DONE : CLI_FAILED;
		if (!agreed)
			printf("Nothing was answered, and nothing changed.\n");
	}
	json_decref(answer);
	return agreed;
}

static void
explain(const json_t *answer, const char *peer, const char *file,
    const struct way *way)
{
	const char *listen = show_text_of(answer, "listen");

	printf("\nThe reply is in %s.\n", file);
	if (*listen != '\0')
		printf("This side listens on %s.\n", listen);
	if (way->relay != NULL)
		printf("This side goes by the relay, as the other must.\n");
	else if (way->endpoint == NULL)
		printf("It does not say where it can be reached, so the offer "
		       "must have: --endpoint.\n");
	printf("\nWhat to do next:\n"
	       "  1. Give %s to the other side, as the offer came.\n"
	       "  2. They finish, and give you a third file, the reveal.\n"
	       "  3. With it: quietline line finish %s REVEAL\n"
	       "The files are keys: delete every copy when the line is up.\n",
	    file, peer);
}

int
accept_run(struct cli *cli, int argc, char **argv)
{
	const char *out = NULL;
	struct accepting accepting = { .cli = cli };
	struct cli_option options[1 + WAY_OPTIONS] = {
		{ .name = "output", .letter = 'o', .value = &out },
	};
	json_t *answer = NULL;
	char *file, *path, *peer;
	int code = CLI_FAILED;

	way_options(options + 1, &accepting.way);
	if (cli_parse(cli, argc, argv, options, 1 + WAY_OPTIONS, 2, 2) == -1)
		return CLI_USAGE;
	if ((accepting.offer = ceremony_read(argv[1])) == NULL)
		return CLI_FAILED;
	if ((file = ceremony_prepare(out, argv[0], "reply")) == NULL) {
		json_decref(accepting.offer);
		return CLI_FAILED;
	}
	path = client_path(argv[0], "/accept");
	peer = show_visible(argv[0], false);
	accepting.path = path;
	accepting.client = client_new(cli);
	if (agrees(&accepting, peer, &code))
		code = ask(&accepting, false, &answer);
	if (answer != NULL && code == CLI_DONE)
		code = ceremony_write(file, answer);
	if (code == CLI_DONE && cli->json) {
		json_object_set_new(answer, "file", json_string(file));
		show_json(answer);
	} else if (code == CLI_DONE) {
		explain(answer, peer, file, &accepting.way);
		ceremony_offer_delete(cli, argv[1]);
	}
	client_free(accepting.client);
	json_decref(accepting.offer);
	json_decref(answer);
	free(path);
	free(peer);
	free(file);
	return code;
}
