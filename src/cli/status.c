#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/duty.h"
#include "cli/history.h"
#include "cli/line.h"
#include "cli/show.h"

static void
print_store(const json_t *status)
{
	const char *store = show_text_of(status, "store");

	if (strcmp(store, "nearly full") == 0)
		printf("The disk is nearly full: make room soon.\n");
	else if (strcmp(store, "full") == 0)
		printf("The disk is full: nothing more can be sent or taken "
		       "until there is room.\n");
}

static void
print_alarms(const json_t *status)
{
	const json_t *alarms = json_object_get(status, "alarms");
	const uint64_t live = show_number_of(alarms, "live");
	char *why = show_visible(show_text_of(alarms, "unheard"), false);

	if (live > 0)
		printf("%s%llu alarm%s for a person%s: quietline alarm "
		       "list.\n",
		    show_strong(), (unsigned long long)live,
		    live == 1 ? " waits" : "s wait", show_plain());
	if (*why != '\0')
		printf("Alarms: nobody will hear you (%s).\n", why);
	free(why);
}

static void
print_status(const json_t *status)
{
	const json_t *lines = json_object_get(status, "lines");
	char *name = show_visible(show_text_of(status, "post"), false);
	const json_t *line;
	size_t i;

	printf("The post %s%s%s is %s, with %zu line%s.\n", show_strong(), name,
	    show_plain(), show_text_of(status, "state"), json_array_size(lines),
	    json_array_size(lines) == 1 ? "" : "s");
	free(name);
	if (json_is_false(json_object_get(status, "walls")))
		printf(
		    "It runs without walls: who takes over one of its processes has "
		    "the rights of\nits user.\n");
	print_store(status);
	print_alarms(status);
	json_array_foreach(lines, i, line) line_print(line, clock_wall_ms());
	if (json_array_size(lines) == 0)
		printf("Next: quietline line offer PEER, or quietline line "
		       "accept PEER FILE.\n");
}

static int
show_history(struct client *client, const struct cli *cli, const char *line,
    const char *days)
{
	char *value = client_encode(days != NULL ? days : "");
	char *rest =
	    cli_format("/history%s%s", days != NULL ? "?days=" : "", value);
	char *path = client_path(line, rest);
	json_t *history;
	int code = client_get(client, path, &history);

	if (code == CLI_DONE && cli->json)
		show_json(history);
	else if (code == CLI_DONE)
		history_print(history);
	json_decref(history);
	free(path);
	free(rest);
	free(value);
	return code;
}

/* Of one line, or of each. */
static int
show_histories(struct client *client, const struct cli *cli, const char *line,
    const char *days)
{
	json_t *answer, *each;
	size_t i;
	int code;

	if (line != NULL)
		return show_history(client, cli, line, days);
	if ((code = client_get(client, "/v1/lines", &answer)) != CLI_DONE)
		return code;
	if (json_array_size(json_object_get(answer, "lines")) == 0 &&
	    !cli->json)
		printf("This post has no line yet.\n");
	json_array_foreach(json_object_get(answer, "lines"), i, each)
	{
		if (i > 0 && !cli->json)
			printf("\n");
		code =
		    show_history(client, cli, show_text_of(each, "line"), days);
		if (code != CLI_DONE)
			break;
	}
	json_decref(answer);
	return code;
}

/* Who has the watch here, and how much waits. */
static int
show_watch(struct client *client)
{
	json_t *watch;
	int code = client_get(client, "/v1/watch", &watch);

	if (code == CLI_DONE)
		duty_print(watch);
	json_decref(watch);
	return code;
}

static int
show_status(struct client *client, const struct cli *cli)
{
	json_t *status;
	int code = client_get(client, "/v1/status", &status);

	if (code == CLI_DONE && cli->json)
		show_json(status);
	else if (code == CLI_DONE)
		print_status(status);
	json_decref(status);
	return code == CLI_DONE && !cli->json ? show_watch(client) : code;
}

int
status_run(struct cli *cli, int argc, char **argv)
{
	const char *days = NULL;
	bool history = false;
	const struct cli_option options[] = {
		{ .name = "history", .flag = &history },
		{ .name = "days", .value = &days },
	};
	struct client *client;
	int args, code;

	args = cli_parse(cli, argc, argv, options, 2, 0, 1);
	if (args == -1)
		return CLI_USAGE;
	if (!history && (args > 0 || days != NULL))
		return cli_usage(cli, "LINE and --days go with --history");
	client = client_new(cli);
	code = history
	    ? show_histories(client, cli, args > 0 ? argv[0] : NULL, days)
	    : show_status(client, cli);
	client_free(client);
	return code;
}
