#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/show.h"

static const char show_default[] = "20";

struct listening {
	const struct cli *cli;
	const char *line;
	const char *last;
	uint64_t cursor; /* of what was shown last */
	bool began;
	size_t count;
};

static void
print_said(const json_t *said)
{
	const bool is_ours = strcmp(show_text_of(said, "side"), "us") == 0;
	char *who = show_visible(show_text_of(said, "who"), false);
	char *text = show_visible(show_text_of(said, "text"), true);
	char time[SHOW_BYTES];

	show_time(time, show_text_of(said, "time"));
	printf("%s  %s%s%s: %s%s\n", time, is_ours ? "us" : "them",
	    *who != '\0' ? ", " : "", who, text,
	    is_ours && !json_is_true(json_object_get(said, "delivered"))
		? "  (on its way)"
		: "");
	(void)fflush(stdout);
	free(who);
	free(text);
}

static int
on_said(void *ctx, json_t *said)
{
	struct listening *listening = ctx;

	listening->cursor = show_number_of(said, "cursor");
	listening->count++;
	if (listening->cli->json)
		show_json(said);
	else
		print_said(said);
	return CLI_DONE;
}

/* What was said lately, or behind what was shown already. */
static int
list(struct listening *listening)
{
	char *last = client_encode(listening->last);
	char *rest = listening->cursor == 0
	    ? cli_format("/service?limit=0&last=%s", last)
	    : cli_format("/service?limit=0&after=%" PRIu64, listening->cursor);
	int code;

	listening->began = true;
	code = client_list(listening->cli, client_path(listening->line, rest),
	    on_said, listening);
	free(rest);
	free(last);
	return code;
}

static int
on_event(void *ctx, json_t *event)
{
	struct listening *listening = ctx;

	/* The first beat: nothing can be missed from here on. */
	if (event == NULL)
		return !listening->began ? list(listening) : CLI_DONE;
	if (strcmp(show_text_of(event, "kind"), "service") != 0 ||
	    strcmp(show_text_of(event, "line"), listening->line) != 0)
		return CLI_DONE;
	return list(listening);
}

static int
follow(struct cli *cli, struct listening *listening)
{
	struct client *events = client_new(cli);
	const int code = client_lines(events, "/v1/events?after=now&follow=1",
	    on_event, listening, UINT64_MAX);

	client_free(events);
	/* A stream of events ends only with the post's parts. */
	return code == CLI_DONE ? CLI_FAILED : code;
}

static int
say(const struct cli *cli, const char *line, const char *text)
{
	json_t *answer;
	int code;

	code = client_ask(cli, client_path(line, "/service"),
	    json_pack("{s:s}", "text", text), CLIENT_ONCE, &answer);
	if (code == CLI_DONE && cli->json)
		show_json(answer);
	else if (code == CLI_DONE)
		printf("Said on the service channel; it is no part of the "
		       "record, and is forgotten in a week.\n");
	json_decref(answer);
	return code;
}

int
service_run(struct cli *cli, int argc, char **argv)
{
	const char *last = NULL;
	bool follows = false;
	const struct cli_option options[] = {
		{ .name = "last", .value = &last },
		{ .name = "follow", .letter = 'f', .flag = &follows },
	};
	const int args = cli_parse(cli, argc, argv, options, 2, 1, 2);
	struct listening listening = { .cli = cli, .last = show_default };
	int code;

	if (args == -1)
		return CLI_USAGE;
	if (last != NULL)
		listening.last = last;
	if (args > 1 && (follows || last != NULL))
		return cli_usage(cli, "say something, or look, one at a time");
	if (args > 1)
		return say(cli, argv[0], argv[1]);
	listening.line = argv[0];
	code = follows ? follow(cli, &listening) : list(&listening);
	if (code == CLI_DONE && listening.count == 0 && !cli->json)
		printf("Nothing was said on the service channel lately.\n");
	return code;
}
