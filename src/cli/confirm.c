#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/show.h"

enum { CONFIRM_WORDS = 5, CONFIRM_ARGS_MAX = 64 };

/* Words may come one by one or in one argument, in any case. */
static json_t *
gather_words(int argc, char **argv)
{
	json_t *words = json_array();

	for (int i = 0; i < argc; i++) {
		char *rest = NULL;

		if (!utf8_is_valid(argv[i], strlen(argv[i])))
			continue;
		for (char *c = argv[i]; *c != '\0'; c++)
			*c = (char)tolower((unsigned char)*c);
		for (char *word = strtok_r(argv[i], " ,", &rest); word != NULL;
		     word = strtok_r(NULL, " ,", &rest))
			json_array_append_new(words, json_string(word));
	}
	return words;
}

int
confirm_run(struct cli *cli, int argc, char **argv)
{
	struct client *client;
	json_t *words, *answer;
	char *path, *peer;
	int count = cli_parse(cli, argc, argv, NULL, 0, 2, CONFIRM_ARGS_MAX);
	int code;

	if (count == -1)
		return CLI_USAGE;
	words = gather_words(count - 1, argv + 1);
	if (json_array_size(words) != CONFIRM_WORDS) {
		json_decref(words);
		return cli_usage(cli,
		    "the other side reads five words; type "
		    "those five");
	}
	client = client_new(cli);
	path = client_path(argv[0], "/confirm");
	code = client_post(client, path, json_pack("{s:o}", "words", words),
	    CLIENT_ONCE, &answer);
	client_free(client);
	free(path);
	if (code == CLI_DONE && cli->json) {
		show_json(answer);
	} else if (code == CLI_DONE) {
		peer = show_visible(argv[0], false);
		printf("The words match: nobody is in between. The line to %s "
		       "comes up as soon as they have confirmed too.\n"
		       "Delete every copy of the ceremony's files now.\n",
		    peer);
		free(peer);
	}
	json_decref(answer);
	return code;
}
