#include "cli/line.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/disclose.h"
#include "cli/show.h"
#include "cli/way.h"

static bool
is_word(const json_t *object, const char *name, const char *word)
{
	return strcmp(show_text_of(object, name), word) == 0;
}

/* Those that fail where others go on. */
static void
print_failing_paths(const json_t *line, int64_t now_ms)
{
	const json_t *paths = json_object_get(line, "paths");
	const json_t *path;
	char *sentence;
	size_t i;

	if (json_array_size(paths) < 2 || is_word(line, "state", "unconfirmed"))
		return;
	json_array_foreach(paths, i, path)
	{
		if (is_word(path, "state", "up"))
			continue;
		sentence = way_sentence(path, now_ms);
		printf("    %s\n", sentence);
		free(sentence);
	}
}

/* Who is on watch, at both ends. */
static void
print_watch(const json_t *line)
{
	const char *until = show_text_of(line, "our_declined_until");
	char *theirs = show_watch_sentence(line);
	char at[SHOW_BYTES];

	if (theirs != NULL)
		printf("    %s\n", theirs);
	free(theirs);
	if (is_word(line, "our_watch", "off")) {
		printf("    They are told that nobody is on watch here.\n");
	} else if (is_word(line, "our_watch", "declined")) {
		show_until(at, until);
		printf("    They are told that our watch declines%s%s.\n",
		    *until == '\0' ? " for now" : " until ",
		    *until == '\0' ? "" : at);
	}
}

static void
print_missing(const json_t *line)
{
	const json_t *missing = json_object_get(line, "missing");
	uint64_t records = show_number_of(missing, "records");

	if (records > 0)
		printf("    They have raised %" PRIu64 " record%s that %s not "
		       "here yet.\n",
		    records, records == 1 ? "" : "s",
		    records == 1 ? "is" : "are");
}

void
line_print(const json_t *line, int64_t now_ms)
{
	const json_t *peer = json_object_get(line, "peer");
	char *sentence = show_line_sentence(line, now_ms);
	char *outbox = show_outbox_sentence(line);
	char *fault = show_visible(show_text_of(line, "fault"), false);
	char *change =
	    show_visible(show_text_of(json_object_get(line, "change"), "say"),
		false);
	const char *action = show_action_sentence(line);

	printf("%s", sentence);
	if (!is_word(line, "state", "unconfirmed"))
		printf(" %s", outbox);
	printf("\n");
	if (*fault != '\0')
		printf("    Fault: %s.\n", fault);
	if (*change != '\0')
		printf("    %s\n", change);
	print_failing_paths(line, now_ms);
	print_watch(line);
	if (is_word(peer, "store", "full"))
		printf("    Their disk is full.\n");
	if (json_is_true(json_object_get(line, "was_post")))
		printf("    The last silence was their post stopping, not the "
		       "path.\n");
	print_missing(line);
	if (action != NULL)
		printf("    To do: %s\n", action);
	free(sentence);
	free(outbox);
	free(fault);
	free(change);
}

static void
print_paths(const json_t *line)
{
	const json_t *path;
	char *sentence;
	size_t i;

	json_array_foreach(json_object_get(line, "paths"), i, path)
	{
		sentence = way_sentence(path, clock_wall_ms());
		printf("    %s  %s\n", i == 0 ? "paths   " : "        ",
		    sentence);
		free(sentence);
	}
	if (json_is_true(json_object_get(line, "roaming")))
		printf("    roaming   on: it follows them to any address\n");
}

static void
print_details(const json_t *line)
{
	const json_t *cadence = json_object_get(line, "cadence");
	const json_t *frames = json_object_get(line, "frames");
	const char *accept = show_text_of(line, "accept");
	double slot_ms = json_number_value(json_object_get(cadence, "slot_ms"));
	char rate[SHOW_BYTES];

	line_print(line, clock_wall_ms());
	show_cadence(rate, show_number_of(cadence, "frame_bytes"), slot_ms);
	printf("    cadence   %s: %" PRIu64 " bytes every %g ms (%s)\n",
	    show_text_of(cadence, "name"),
	    show_number_of(cadence, "frame_bytes"), slot_ms, rate);
	printf("    accepts   %s\n",
	    strcmp(accept, "any") == 0		? "text and files of any type"
		: strcmp(accept, "images") == 0 ? "text and images"
						: "text only");
	print_paths(line);
	printf("    ceremony  this side %s; the files went %s\n",
	    show_text_of(line, "role"),
	    is_word(line, "carried", "hand") ? "by hand" : "some other way");
	printf("    frames    %" PRIu64 " sent, %" PRIu64 " taken, %" PRIu64
	       " refused; %" PRIu64 " key change%s\n",
	    show_number_of(frames, "sent"), show_number_of(frames, "taken"),
	    show_number_of(frames, "refused"),
	    show_number_of(frames, "sessions"),
	    show_number_of(frames, "sessions") == 1 ? "" : "s");
}

int
line_list_run(struct cli *cli, int argc, char **argv)
{
	struct client *client;
	json_t *answer, *lines, *line;
	size_t i;
	int code;

	if (cli_parse(cli, argc, argv, NULL, 0, 0, 0) == -1)
		return CLI_USAGE;
	client = client_new(cli);
	code = client_get(client, "/v1/lines", &answer);
	client_free(client);
	if (code != CLI_DONE)
		return code;
	lines = json_object_get(answer, "lines");
	if (!cli->json)
		printf("This post has %zu line%s.\n", json_array_size(lines),
		    json_array_size(lines) == 1 ? "" : "s");
	json_array_foreach(lines, i, line)
	{
		if (cli->json)
			show_json(line);
		else
			line_print(line, clock_wall_ms());
	}
	json_decref(answer);
	return CLI_DONE;
}

int
line_show_run(struct cli *cli, int argc, char **argv)
{
	struct client *client;
	json_t *line;
	char *path;
	int code;

	if (cli_parse(cli, argc, argv, NULL, 0, 1, 1) == -1)
		return CLI_USAGE;
	client = client_new(cli);
	path = client_path(argv[0], "");
	code = client_get(client, path, &line);
	client_free(client);
	free(path);
	if (code == CLI_DONE && cli->json)
		show_json(line);
	else if (code == CLI_DONE) {
		print_details(line);
		if (strcmp(show_text_of(line, "state"), "unconfirmed") != 0)
			code = disclose_show(cli, argv[0]);
	}
	json_decref(line);
	return code;
}

int
line_close_run(struct cli *cli, int argc, char **argv)
{
	struct client *client;
	json_t *answer;
	char *path, *name, *question;
	bool agreed;
	int code;

	if (cli_parse(cli, argc, argv, NULL, 0, 1, 1) == -1)
		return CLI_USAGE;
	name = show_visible(argv[0], false);
	question = cli_format("Close the line to %s for good? A new one needs "
			      "a new ceremony.",
	    name);
	agreed = cli_agrees(cli, question);
	free(question);
	if (!agreed) {
		printf("Nothing was changed.\n");
		free(name);
		return CLI_FAILED;
	}
	client = client_new(cli);
	path = client_path(argv[0], "/close");
	code = client_post(client, path, NULL, CLIENT_ONCE, &answer);
	client_free(client);
	free(path);
	if (code == CLI_DONE && cli->json)
		show_json(answer);
	else if (code == CLI_DONE)
		printf(
		    "The line to %s is closed. What was said stays readable, "
		    "until another\nline takes that name; a new line needs a "
		    "new ceremony.\n",
		    name);
	free(name);
	json_decref(answer);
	return code;
}
