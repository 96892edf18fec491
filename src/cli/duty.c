#include "cli/duty.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/show.h"
#include "cli/waiting.h"

static const char log_default[] = "10";

void
duty_print(const json_t *watch)
{
	const uint64_t waiting = show_number_of(watch, "waiting");
	char *who = show_visible(show_text_of(watch, "on_watch"), false);
	char *to = show_visible(show_text_of(watch, "handed_over_to"), false);
	char since[SHOW_BYTES];

	if (*who == '\0') {
		printf("Nobody has the watch here");
	} else {
		show_until(since, show_text_of(watch, "since"));
		printf("%s%s%s has the watch here, since %s", show_strong(),
		    who, show_plain(), since);
		if (*to != '\0')
			printf(", and hands it over to %s", to);
	}
	if (waiting == 0)
		printf("; nothing waits.\n");
	else
		printf("; %" PRIu64 " thing%s wait%s (quietline waiting).\n",
		    waiting, waiting == 1 ? "" : "s", waiting == 1 ? "s" : "");
	free(who);
	free(to);
}

static int
show(const struct cli *cli, int code, json_t *watch)
{
	if (code == CLI_DONE && cli->json)
		show_json(watch);
	else if (code == CLI_DONE)
		duty_print(watch);
	json_decref(watch);
	return code;
}

/* -- from hand to hand ------------------------------------------------------- */

static int
act(const struct cli *cli, const char *verb, const char *to, const char *note)
{
	json_t *body = json_object(), *answer;
	int code;

	if (to != NULL)
		json_object_set_new(body, "to", json_string(to));
	if (note != NULL)
		json_object_set_new(body, "note", json_string(note));
	code = client_ask(cli, cli_format("/v1/watch/%s", verb), body,
	    CLIENT_ONCE, &answer);
	return show(cli, code, answer);
}

int
watch_take_run(struct cli *cli, int argc, char **argv)
{
	const int args = cli_parse(cli, argc, argv, NULL, 0, 0, 1);

	if (args == -1)
		return CLI_USAGE;
	return act(cli, "take", NULL, args > 0 ? argv[0] : NULL);
}

int
watch_hand_over_run(struct cli *cli, int argc, char **argv)
{
	const int args = cli_parse(cli, argc, argv, NULL, 0, 1, 2);

	if (args == -1)
		return CLI_USAGE;
	return act(cli, "hand-over", argv[0], args > 1 ? argv[1] : NULL);
}

int
watch_leave_run(struct cli *cli, int argc, char **argv)
{
	const int args = cli_parse(cli, argc, argv, NULL, 0, 0, 1);

	if (args == -1)
		return CLI_USAGE;
	return act(cli, "leave", NULL, args > 0 ? argv[0] : NULL);
}

int
watch_show_run(struct cli *cli, int argc, char **argv)
{
	json_t *answer;
	int code;

	if (cli_parse(cli, argc, argv, NULL, 0, 0, 0) == -1)
		return CLI_USAGE;
	code = client_look(cli, cli_format("/v1/watch"), &answer);
	return show(cli, code, answer);
}

/* -- the log ----------------------------------------------------------------- */

struct listing {
	const struct cli *cli;
	size_t count;
};

static void
print_what(const json_t *entry)
{
	const char *what = show_text_of(entry, "what");
	char *who = show_visible(show_text_of(entry, "who"), false);
	char *other = show_visible(show_text_of(entry, "other"), false);

	if (strcmp(what, "taken") == 0)
		printf("%s took the watch%s%s.", who,
		    *other != '\0' ? " from " : "", other);
	else if (strcmp(what, "left") == 0)
		printf("%s left the watch to nobody.", who);
	else
		printf("%s handed the watch over to %s.", who, other);
	free(who);
	free(other);
}

static void
print_entry(const json_t *entry)
{
	const json_t *open = json_object_get(entry, "open"), *item;
	const uint64_t waiting = show_number_of(entry, "waiting");
	char *note = show_visible(show_text_of(entry, "note"), true);
	char time[SHOW_BYTES];
	size_t i;

	show_time(time, show_text_of(entry, "time"));
	printf("%s  ", time);
	print_what(entry);
	printf(" %" PRIu64 " thing%s waited.\n", waiting,
	    waiting == 1 ? "" : "s");
	if (*note != '\0')
		printf("    %s\n", note);
	free(note);
	json_array_foreach(open, i, item)
	{
		printf("    ");
		waiting_print(item);
	}
	if (json_array_size(open) > 0 && json_array_size(open) < waiting)
		printf("    and %" PRIu64 " more.\n",
		    waiting - json_array_size(open));
}

static int
on_entry(void *ctx, json_t *entry)
{
	struct listing *listing = ctx;

	listing->count++;
	if (listing->cli->json)
		show_json(entry);
	else
		print_entry(entry);
	return CLI_DONE;
}

int
watch_log_run(struct cli *cli, int argc, char **argv)
{
	const char *last = NULL;
	const struct cli_option options[] = {
		{ .name = "last", .value = &last },
	};
	struct listing listing = { .cli = cli };
	char *value;
	int code;

	if (cli_parse(cli, argc, argv, options, 1, 0, 0) == -1)
		return CLI_USAGE;
	value = client_encode(last != NULL ? last : log_default);
	code =
	    client_list(cli, cli_format("/v1/watch/log?limit=0&last=%s", value),
		on_entry, &listing);
	free(value);
	if (code == CLI_DONE && listing.count == 0 && !cli->json)
		printf("Nobody has taken the watch here yet.\n");
	return code;
}
