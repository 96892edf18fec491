#include "cli/waiting.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/show.h"

struct listing {
	const struct cli *cli;
	size_t count;
};

void
waiting_print(const json_t *item)
{
	char *say = show_visible(show_text_of(item, "say"), false);
	char *who = show_visible(show_text_of(item, "who"), false);
	char since[SHOW_BYTES], due[SHOW_BYTES];

	show_time(since, show_text_of(item, "since"));
	printf("%-20s  %-8s  %s", since, show_text_of(item, "kind"), say);
	if (*show_text_of(item, "due") != '\0') {
		show_until(due, show_text_of(item, "due"));
		printf(" Due %s.", due);
	}
	printf(" To act: %s.\n", who);
	free(say);
	free(who);
}

static int
on_item(void *ctx, json_t *item)
{
	struct listing *listing = ctx;

	listing->count++;
	if (listing->cli->json)
		show_json(item);
	else
		waiting_print(item);
	return CLI_DONE;
}

int
waiting_run(struct cli *cli, int argc, char **argv)
{
	struct listing listing = { .cli = cli };
	int code;

	if (cli_parse(cli, argc, argv, NULL, 0, 0, 0) == -1)
		return CLI_USAGE;
	code = client_list(cli, cli_format("/v1/waiting?limit=0"), on_item,
	    &listing);
	if (code == CLI_DONE && listing.count == 0 && !cli->json)
		printf("Nothing waits for anybody here.\n");
	return code;
}
