#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/show.h"

/* What is typed, and how the API says it. */
static const struct {
	const char *typed;
	const char *watch;
	const char *say;
	const char *all;
} choices[] = {
	{ "on", "on", "Somebody is on watch here, on", "all lines" },
	{ "off", "off", "Nobody is on watch here, on", "any line" },
	{ "decline", "declined", "The watch here declines, on", "all lines" },
};

static void
print_done(const char *line, size_t choice, const char *until)
{
	char *name = line == NULL ? cli_format("%s", choices[choice].all)
				  : show_visible(line, false);

	printf("%s %s%s", choices[choice].say,
	    line == NULL ? "" : "the line to ", name);
	if (until != NULL)
		printf(", until %.10s %.5s UTC", until, until + 11);
	printf(".\nThe other side is told at once, or when it is heard again; "
	       "what it sends is stored here.\n");
	free(name);
}

static json_t *
compose(size_t choice, const char *until)
{
	json_t *body = json_object();

	json_object_set_new(body, "watch", json_string(choices[choice].watch));
	if (until != NULL)
		json_object_set_new(body, "until", json_string(until));
	return body;
}

static int
ask(struct cli *cli, const char *line, size_t choice, const char *until)
{
	struct client *client = client_new(cli);
	char *path = line == NULL ? cli_format("/v1/watch")
				  : client_path(line, "/watch");
	json_t *answer;
	int code = client_post(client, path, compose(choice, until),
	    CLIENT_AGAIN, &answer);

	client_free(client);
	free(path);
	if (code == CLI_DONE && cli->json)
		show_json(answer);
	else if (code == CLI_DONE)
		print_done(line, choice, until);
	json_decref(answer);
	return code;
}

int
watch_run(struct cli *cli, int argc, char **argv)
{
	const char *until = NULL;
	const struct cli_option options[] = {
		{ .name = "until", .value = &until },
	};
	const size_t count = sizeof(choices) / sizeof(choices[0]);
	char at[CLOCK_TEXT_BYTES];
	int64_t until_ms;
	size_t choice = 0;
	int args;

	if ((args = cli_parse(cli, argc, argv, options, 1, 1, 2)) == -1)
		return CLI_USAGE;
	while (choice < count &&
	    strcmp(argv[args - 1], choices[choice].typed) != 0)
		choice++;
	if (choice == count)
		return cli_usage(cli, "a watch is on, off or decline");
	if (until != NULL && strcmp(choices[choice].typed, "decline") != 0)
		return cli_usage(cli, "--until goes with decline");
	if (until != NULL && cli_until(&until_ms, until, clock_wall_ms()) != OK)
		return cli_usage(cli,
		    "--until takes a time such as 2026-11-22T18:00:00Z, or "
		    "18:00 in UTC");
	if (until != NULL)
		clock_format(at, until_ms);
	return ask(cli, args == 2 ? argv[0] : NULL, choice,
	    until != NULL ? at : NULL);
}
