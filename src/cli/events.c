#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/show.h"

enum { EVENTS_PAUSE_US = 500 * 1000 };

struct watching {
	struct cli *cli;
	uint64_t after;
	uint64_t count;
};

static void
print_event(const json_t *event)
{
	char *line = show_visible(show_text_of(event, "line"), false);
	char *say = show_visible(show_text_of(event, "say"), false);
	char at[SHOW_BYTES];

	show_time(at, show_text_of(event, "time"));
	printf("%s  %s%s%s\n", at, line, *line == '\0' ? "" : ": ", say);
	free(line);
	free(say);
}

static int
on_event(void *ctx, json_t *event)
{
	struct watching *watching = ctx;

	if (event == NULL)
		return CLI_DONE;
	watching->after = show_number_of(event, "seq");
	if (watching->cli->json) {
		show_json(event);
		return CLI_DONE;
	}
	if (watching->count++ == 0)
		printf("What happened at this post, oldest first; times are "
		       "UTC.\n");
	print_event(event);
	(void)fflush(stdout);
	return CLI_DONE;
}

int
events_run(struct cli *cli, int argc, char **argv)
{
	struct watching watching = { .cli = cli };
	bool follow = false, first = true;
	const struct cli_option options[] = {
		{ .name = "follow", .letter = 'f', .flag = &follow },
	};
	int code;

	if (cli_parse(cli, argc, argv, options, 1, 0, 0) == -1)
		return CLI_USAGE;
	do {
		struct client *client = client_new(cli);
		char *path =
		    cli_format("/v1/events?after=%" PRIu64 "&follow=%d",
			watching.after, follow ? 1 : 0);
		bool denied;

		if (!first)
			(void)usleep(EVENTS_PAUSE_US);
		code =
		    client_lines(client, path, on_event, &watching, UINT64_MAX);
		denied = client_is_denied(client);
		client_free(client);
		free(path);
		if (code == CLI_NOT_RUNNING || code == CLI_LOCKED || denied ||
		    (code != CLI_DONE && first))
			break;
		first = false;
	} while (follow);
	if (code == CLI_DONE && watching.count == 0 && !cli->json)
		printf("Nothing has happened at this post yet.\n");
	return code;
}
