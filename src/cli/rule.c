#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/show.h"
#include "limits.h"

static const char *const whats[] = { "routine", "priority", "immediate",
	"flash", "other" };

enum { WHATS = sizeof(whats) / sizeof(whats[0]) };

static int
print_rule(const struct cli *cli, const json_t *rule)
{
	char *say;

	if (cli->json) {
		show_json(rule);
		return CLI_DONE;
	}
	say = show_visible(show_text_of(rule, "say"), false);
	printf("%-10s %s\n", show_text_of(rule, "what"), say);
	free(say);
	return CLI_DONE;
}

static int
on_rule(void *ctx, json_t *rule)
{
	return rule == NULL ? CLI_DONE : print_rule(ctx, rule);
}

int
rule_show_run(struct cli *cli, int argc, char **argv)
{
	if (cli_parse(cli, argc, argv, NULL, 0, 1, 1) == -1)
		return CLI_USAGE;
	return client_list(cli, client_path(argv[0], "/rules"), on_rule, cli);
}

/* Takes needs. */
static int
put_rule(const struct cli *cli, const char *line, const char *what,
    json_t *needs, bool emergency)
{
	json_t *answer = NULL;
	int code;

	code = client_ask(cli, client_path(line, "/rules"),
	    json_pack("{s:s,s:o,s:b}", "what", what, "needs", needs,
		"emergency", emergency),
	    CLIENT_ONCE, &answer);
	if (code == CLI_DONE)
		(void)print_rule(cli, answer);
	json_decref(answer);
	return code;
}

/* "releaser=2"; NULL: it is no such thing. */
static json_t *
read_need(const char *text)
{
	const char *equals = strchr(text, '=');

	if (equals == NULL || equals == text || strlen(equals) != 2 ||
	    equals[1] < '1' || equals[1] > '0' + RULE_COUNT_MAX)
		return NULL;
	return json_pack("{s:s%,s:i}", "role", text, (size_t)(equals - text),
	    "count", equals[1] - '0');
}

int
rule_set_run(struct cli *cli, int argc, char **argv)
{
	bool emergency = false;
	const struct cli_option options[] = { { .name = "emergency",
	    .flag = &emergency } };
	const int count =
	    cli_parse(cli, argc, argv, options, 1, 3, 2 + RULE_NEEDS_MAX);
	json_t *needs, *need;

	if (count == -1)
		return CLI_USAGE;
	needs = json_array();
	for (int i = 2; i < count; i++) {
		if ((need = read_need(argv[i])) == NULL) {
			json_decref(needs);
			return cli_usage(cli,
			    "what a rule asks for is ROLE=N, such as "
			    "releaser=2, N from 1 to %d",
			    RULE_COUNT_MAX);
		}
		json_array_append_new(needs, need);
	}
	return put_rule(cli, argv[0], argv[1], needs, emergency);
}

int
rule_clear_run(struct cli *cli, int argc, char **argv)
{
	const int count = cli_parse(cli, argc, argv, NULL, 0, 1, 2);
	int code = CLI_DONE;

	if (count == -1)
		return CLI_USAGE;
	if (count == 2)
		return put_rule(cli, argv[0], argv[1], json_array(), false);
	for (size_t i = 0; code == CLI_DONE && i < WHATS; i++)
		code = put_rule(cli, argv[0], whats[i], json_array(), false);
	return code;
}
