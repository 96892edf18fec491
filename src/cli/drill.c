#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/show.h"

enum { DRILL_TIMEOUT_MS = 60000 };

struct drilling {
	struct cli *cli;
	struct client *client; /* to send, while another follows events */
	const char *line;
	json_t *sent;
	json_t *answered;
};

static int
start(struct drilling *drilling)
{
	char *path = client_path(drilling->line, "/drill");
	char *peer = show_visible(drilling->line, false);
	int code = client_post(drilling->client, path, NULL, CLIENT_ONCE,
	    &drilling->sent);

	if (code == CLI_DONE && !drilling->cli->json) {
		printf("A drill is on its way to %s; their post answers by "
		       "itself.\n",
		    peer);
		(void)fflush(stdout);
	}
	free(path);
	free(peer);
	return code;
}

static int
on_event(void *ctx, json_t *event)
{
	struct drilling *drilling = ctx;

	/* The first beat: an answer cannot be missed from here on. */
	if (event == NULL)
		return drilling->sent != NULL ? CLI_DONE : start(drilling);
	if (drilling->sent == NULL ||
	    strcmp(show_text_of(event, "line"), drilling->line) != 0 ||
	    strcmp(show_text_of(event, "kind"), "drill") != 0 ||
	    strcmp(show_text_of(event, "what"), "answered") != 0 ||
	    strcmp(show_text_of(event, "ref"),
		show_text_of(drilling->sent, "ref")) != 0)
		return CLI_DONE;
	drilling->answered = json_incref(event);
	return CLIENT_STOP;
}

/* The line as it prints: what was sent, and when it was answered. */
static void
tell(struct drilling *drilling, int code)
{
	char *say;

	if (drilling->cli->json && drilling->sent != NULL) {
		json_object_set_new(drilling->sent, "answered",
		    drilling->answered == NULL
			? json_null()
			: json_incref(
			      json_object_get(drilling->answered, "time")));
		show_json(drilling->sent);
	} else if (drilling->answered != NULL) {
		say = show_visible(show_text_of(drilling->answered, "say"),
		    false);
		printf("%s\n", say);
		free(say);
	}
	if (code == CLI_TIMEOUT)
		cli_error("no answer in time; the drill stays on its way, and "
			  "events will show the answer");
}

int
drill_run(struct cli *cli, int argc, char **argv)
{
	struct drilling drilling = { .cli = cli };
	const char *timeout = NULL;
	const struct cli_option options[] = {
		{ .name = "timeout", .value = &timeout },
	};
	uint64_t timeout_ms = DRILL_TIMEOUT_MS;
	struct client *events;
	int code;

	if (cli_parse(cli, argc, argv, options, 1, 1, 1) == -1)
		return CLI_USAGE;
	if (timeout != NULL && cli_seconds(&timeout_ms, timeout) != OK)
		return cli_usage(cli, "--timeout takes seconds");
	drilling.line = argv[0];
	drilling.client = client_new(cli);
	events = client_new(cli);
	code = client_lines(events, "/v1/events?after=now&follow=1", on_event,
	    &drilling, clock_now_ns() / CLOCK_NS_PER_MS + timeout_ms);
	/* A stream of events ends only with the post's parts. */
	if (code == CLI_DONE && drilling.answered == NULL)
		code = CLI_FAILED;
	tell(&drilling, code);
	client_free(events);
	client_free(drilling.client);
	json_decref(drilling.sent);
	json_decref(drilling.answered);
	return code;
}
