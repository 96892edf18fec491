#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/input.h"
#include "cli/show.h"
#include "cli/speak.h"

static void
print_given(const struct cli *cli, const char *line, const json_t *given)
{
	char *peer = show_visible(line, false);

	if (cli->json)
		show_json(given);
	else
		printf("The translation of %s is stored here beside the "
		       "original, and goes to %s; both sides see that it is "
		       "unofficial.\n",
		    show_text_of(given, "ref"), peer);
	free(peer);
}

static int
give(const struct cli *cli, const struct speak *speak, char **argv,
    const char *language, const char *text)
{
	json_t *body =
	    json_pack("{s:s,s:s}", "language", language, "text", text);
	json_t *answer;
	char *path;
	int code;

	if (body == NULL)
		return cli_usage(cli, "--language takes a tag such as ko");
	path = speak_path(speak,
	    client_message_path(argv[0], argv[1], "/translations"));
	code = client_ask(cli, path, body, CLIENT_ONCE, &answer);
	if (code == CLI_DONE && !speak_show(cli, speak, answer))
		print_given(cli, argv[0], answer);
	json_decref(answer);
	return code;
}

static int
on_translation(void *ctx, json_t *translation)
{
	const struct cli *cli = ctx;

	if (translation == NULL)
		return CLI_DONE;
	if (cli->json)
		show_json(translation);
	else
		show_translation(translation);
	return CLI_DONE;
}

int
translate_run(struct cli *cli, int argc, char **argv)
{
	struct speak speak = { 0 };
	const char *language = NULL;
	const struct cli_option options[] = {
		{ .name = "language", .letter = 'l', .value = &language },
		SPEAK_OPTIONS(&speak),
	};
	int count = cli_parse(cli, argc, argv, options,
	    sizeof(options) / sizeof(options[0]), 2, 3);
	char *text;
	int code;

	if (count == -1)
		return CLI_USAGE;
	if ((code = speak_check(cli, &speak)) != CLI_DONE)
		return code;
	if (count == 2 && language != NULL)
		return cli_usage(cli,
		    "what is the translation? give TEXT, or - for standard "
		    "input");
	if (count == 2)
		return client_list(cli,
		    client_message_path(argv[0], argv[1], "/translations"),
		    on_translation, cli);
	if (language == NULL)
		return cli_usage(cli, "into which language? --language ko");
	if (!input_text(argv[2], &text))
		return CLI_FAILED;
	code = give(cli, &speak, argv, language, text);
	free(text);
	return code;
}
