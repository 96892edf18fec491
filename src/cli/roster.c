#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/show.h"
#include "limits.h"

/* -- showing ----------------------------------------------------------------- */

static void
print_places(const json_t *roster)
{
	const json_t *places = json_object_get(roster, "places"), *place;
	char from[SHOW_BYTES], until[SHOW_BYTES];
	size_t i;

	if (json_array_size(places) == 0)
		printf("There is no watch list here; `quietline roster set` "
		       "makes one.\n");
	json_array_foreach(places, i, place)
	{
		const char *hours = show_text_of(place, "hours");
		char *title = show_visible(show_text_of(place, "title"), false);

		printf("%2zu  %s%s%s%s%s", i + 1, show_strong(), title,
		    show_plain(), *hours != '\0' ? ", " : ", at all hours",
		    hours);
		free(title);
		if (*hours != '\0')
			printf(" UTC");
		show_until(from, show_text_of(place, "from"));
		show_until(until, show_text_of(place, "until"));
		if (*show_text_of(place, "from") != '\0')
			printf(", from %s", from);
		if (*show_text_of(place, "until") != '\0')
			printf(", until %s", until);
		printf("\n");
	}
}

static void
print_heard(const char *line, const json_t *heard)
{
	char *text = show_visible(show_text_of(heard, "text"), true);
	char *name = show_visible(line, false);
	char time[SHOW_BYTES];

	show_until(time, show_text_of(heard, "time"));
	if (*text == '\0')
		printf("%s tells us no watch list; what each side tells is "
		       "agreed on the line.\n",
		    name);
	else
		printf("As %s told it, %s:\n%s", name, time, text);
	free(name);
	free(text);
}

int
roster_show_run(struct cli *cli, int argc, char **argv)
{
	const int args = cli_parse(cli, argc, argv, NULL, 0, 0, 1);
	json_t *answer;
	int code;

	if (args == -1)
		return CLI_USAGE;
	code = client_look(cli,
	    args > 0 ? client_path(argv[0], "/roster")
		     : cli_format("/v1/roster"),
	    &answer);
	if (code == CLI_DONE && cli->json)
		show_json(answer);
	else if (code == CLI_DONE && args > 0)
		print_heard(argv[0], answer);
	else if (code == CLI_DONE)
		print_places(answer);
	json_decref(answer);
	return code;
}

/* -- setting ----------------------------------------------------------------- */

/* "FROM..UNTIL", each a time or nothing. */
static int
read_span(json_t *place, char *span)
{
	char *until = strstr(span, "..");
	int64_t wall_ms;

	if (until == NULL)
		return ERR_FORMAT;
	*until = '\0';
	until += 2;
	if (*span != '\0' && clock_parse(&wall_ms, span) != OK)
		return ERR_FORMAT;
	if (*until != '\0' && clock_parse(&wall_ms, until) != OK)
		return ERR_FORMAT;
	if (*span != '\0')
		json_object_set_new(place, "from", json_string(span));
	if (*until != '\0')
		json_object_set_new(place, "until", json_string(until));
	return OK;
}

/* "TITLE", "TITLE@22:00-06:00", "TITLE@FROM..UNTIL", or both. */
static json_t *
read_place(char *text)
{
	json_t *place = json_object();
	char *part;

	while ((part = strrchr(text, '@')) != NULL) {
		*part++ = '\0';
		if (strlen(part) == ROSTER_HOURS_BYTES && part[5] == '-')
			json_object_set_new(place, "hours", json_string(part));
		else if (read_span(place, part) != OK) {
			json_decref(place);
			return NULL;
		}
	}
	json_object_set_new(place, "title", json_string(text));
	return place;
}

static int
set(const struct cli *cli, json_t *places)
{
	json_t *answer;
	int code;

	code = client_ask(cli, cli_format("/v1/roster"),
	    json_pack("{s:o}", "places", places), CLIENT_AGAIN, &answer);
	if (code == CLI_DONE && cli->json)
		show_json(answer);
	else if (code == CLI_DONE)
		print_places(answer);
	json_decref(answer);
	return code;
}

int
roster_set_run(struct cli *cli, int argc, char **argv)
{
	const int args = cli_parse(cli, argc, argv, NULL, 0, 1, ROSTER_MAX);
	json_t *places, *place;

	if (args == -1)
		return CLI_USAGE;
	places = json_array();
	for (int i = 0; i < args; i++) {
		if ((place = read_place(argv[i])) == NULL) {
			json_decref(places);
			return cli_usage(cli,
			    "a place is TITLE, TITLE@22:00-06:00 or "
			    "TITLE@2026-12-24T00:00:00Z..2026-12-27T00:00:00Z");
		}
		json_array_append_new(places, place);
	}
	return set(cli, places);
}

int
roster_clear_run(struct cli *cli, int argc, char **argv)
{
	if (cli_parse(cli, argc, argv, NULL, 0, 0, 0) == -1)
		return CLI_USAGE;
	return set(cli, json_array());
}
