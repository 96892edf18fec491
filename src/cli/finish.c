#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ceremony.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/show.h"

static void
print_words(const json_t *answer)
{
	const json_t *word;
	size_t i;

	printf("\n    %s", show_strong());
	json_array_foreach(json_object_get(answer, "check_words"), i, word)
	    printf("%s%s", i == 0 ? "" : "  ", json_string_value(word));
	printf("%s\n\n", show_plain());
}

static void
explain(const json_t *answer, const char *peer, const char *reveal)
{
	printf("The line to %s has its check words; read these five to the "
	       "other side.\n",
	    peer);
	print_words(answer);
	printf("What to do next:\n");
	if (reveal != NULL)
		printf("  - Give %s to the other side; they run: quietline "
		       "line finish NAME %s\n",
		    reveal, reveal);
	printf(
	    "  - Call them, or meet: over something where you know the "
	    "voice or the face.\n"
	    "    Read them your five words, and hear theirs, which are "
	    "others.\n"
	    "  - Type what you heard: quietline line confirm %s WORD WORD WORD "
	    "WORD WORD\n"
	    "The line comes up once both sides have. If words do not match, "
	    "somebody\n"
	    "is in between: close the line, and hold the ceremony again.\n",
	    peer);
}

/* The answer as it is printed for programs: the file by its name. */
static void
print_json(json_t *answer, const char *reveal)
{
	json_object_set_new(answer, "file",
	    reveal == NULL ? json_null() : json_string(reveal));
	show_json(answer);
}

static int
write_reveal(const json_t *answer, const char *out, const char *peer,
    char **reveal)
{
	if (!json_is_string(json_object_get(answer, "file")))
		return CLI_DONE;
	*reveal = ceremony_prepare(out, peer, "reveal");
	return *reveal == NULL ? CLI_FAILED : ceremony_write(*reveal, answer);
}

int
finish_run(struct cli *cli, int argc, char **argv)
{
	const char *out = NULL, *carried = "other";
	const struct cli_option options[] = {
		{ .name = "output", .letter = 'o', .value = &out },
		{ .name = "carried", .value = &carried },
	};
	struct client *client;
	json_t *file, *answer = NULL;
	char *path, *reveal = NULL, *peer;
	int code;

	if (cli_parse(cli, argc, argv, options, 2, 2, 2) == -1)
		return CLI_USAGE;
	if (strcmp(carried, "hand") != 0 && strcmp(carried, "other") != 0)
		return cli_usage(cli, "--carried is hand or other");
	if (out != NULL) {
		char *checked = ceremony_prepare(out, argv[0], "reveal");

		if (checked == NULL)
			return CLI_FAILED;
		free(checked);
	}
	if ((file = ceremony_read(argv[1])) == NULL)
		return CLI_FAILED;
	client = client_new(cli);
	path = client_path(argv[0], "/finish");
	code = client_post(client, path,
	    json_pack("{s:o,s:s}", "file", file, "carried", carried),
	    CLIENT_ONCE, &answer);
	client_free(client);
	free(path);
	if (code == CLI_DONE)
		code = write_reveal(answer, out, argv[0], &reveal);
	if (code == CLI_DONE && cli->json) {
		print_json(answer, reveal);
	} else if (code == CLI_DONE) {
		peer = show_visible(argv[0], false);
		explain(answer, peer, reveal);
		ceremony_offer_delete(cli, argv[1]);
		free(peer);
	}
	json_decref(answer);
	free(reveal);
	return code;
}
