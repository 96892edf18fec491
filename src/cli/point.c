#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/input.h"
#include "cli/show.h"
#include "cli/speak.h"

/* -- what is typed ----------------------------------------------------------- */

/* "2026-11-22" or all of a time, as the API writes it. */
static bool
parse_time(char at[CLOCK_TEXT_BYTES], const char *text)
{
	char *whole = cli_format("%s%s", text,
	    strlen(text) == strlen("2026-11-22") ? "T00:00:00Z" : "");
	int64_t wall_ms;
	const bool good = clock_parse(&wall_ms, whole) == OK;

	if (good)
		clock_format(at, wall_ms);
	free(whole);
	return good;
}

/* A time to come: those, or "18:00". */
static bool
parse_deadline(char at[CLOCK_TEXT_BYTES], const char *text)
{
	int64_t until_ms;

	if (parse_time(at, text))
		return true;
	if (cli_until(&until_ms, text, clock_wall_ms()) != OK)
		return false;
	clock_format(at, until_ms);
	return true;
}

static bool
is_point(const char *text)
{
	return strncmp(text, "us/", 3) == 0 || strncmp(text, "them/", 5) == 0;
}

/* The path of a point or an entry, and what follows it. */
static char *
ref_path(const char *line, const char *noun, const char *ref, const char *rest)
{
	const bool plain =
	    strspn(ref, "abcdefghijklmnopqrstuvwxyz0123456789/") == strlen(ref);
	char *encoded = plain ? cli_format("%s", ref) : client_encode(ref);
	char *tail = cli_format("/%s/%s%s", noun, encoded, rest);
	char *path = client_path(line, tail);

	free(tail);
	free(encoded);
	return path;
}

static void
set(json_t *body, const char *name, const char *value)
{
	if (value != NULL && *value != '\0')
		json_object_set_new(body, name, json_string(value));
}

/* -- what is shown ----------------------------------------------------------- */

/* "2026-11-22 18:00 UTC"; empty where there is none. */
static void
format_until(char text[SHOW_BYTES], const char *time)
{
	text[0] = '\0';
	if (*time != '\0')
		show_until(text, time);
}

static void
print_words(const char *indent, const char *words)
{
	char *visible = show_visible(words, true);
	char *line = visible, *end;

	for (; line != NULL && *line != '\0'; line = end) {
		end = strchr(line, '\n');
		if (end != NULL)
			*end++ = '\0';
		printf("%s%s\n", indent, line);
	}
	free(visible);
}

static void
print_side(const char *who, const char *standing, const char *deadline,
    const char *note)
{
	char at[SHOW_BYTES];

	format_until(at, deadline);
	printf("  %-7s %s%s%s\n", who, standing,
	    *at != '\0' ? "; deadline " : "", at);
	print_words("          ", note);
}

/* "us/p3  stop testing". */
static void
print_title(const json_t *point)
{
	char *title = show_visible(show_text_of(point, "title"), false);

	printf("%s%s%s  %s%s\n", show_strong(), show_text_of(point, "ref"),
	    show_plain(), title,
	    json_is_true(json_object_get(point, "open")) ? "" : "  (closed)");
	free(title);
}

static void
print_delivery(const json_t *object)
{
	if (strcmp(show_text_of(object, "delivered"), "no") == 0)
		printf("  not yet stored by their post\n");
}

static void
print_point(const json_t *point)
{
	print_title(point);
	if (json_is_true(json_object_get(point, "emergency")))
		printf("  released by one person alone, in an emergency\n");
	print_words("  ", show_text_of(point, "text"));
	print_side("us:", show_text_of(point, "our_standing"),
	    show_text_of(point, "our_deadline"),
	    show_text_of(point, "our_note"));
	print_side("them:", show_text_of(point, "their_standing"),
	    show_text_of(point, "their_deadline"),
	    show_text_of(point, "their_note"));
	print_delivery(point);
}

static void
print_reading(const char *who, const char *reading)
{
	if (*reading == '\0')
		return;
	printf("    %s read it so:\n", who);
	print_words("      ", reading);
}

static void
print_public(const json_t *entry)
{
	char at[SHOW_BYTES];
	char *speaker = show_visible(show_text_of(entry, "speaker"), false);
	char *source = show_visible(show_text_of(entry, "source"), false);

	show_until(at, show_text_of(entry, "said"));
	printf("  %s  %s: %s (%s); not said to this line\n",
	    show_text_of(entry, "ref"), at, speaker, source);
	print_words("    ", show_text_of(entry, "text"));
	print_reading("we", show_text_of(entry, "our_reading"));
	print_reading("they", show_text_of(entry, "their_reading"));
	print_delivery(entry);
	free(speaker);
	free(source);
}

static void
print_standing(const json_t *step)
{
	char at[SHOW_BYTES], until[SHOW_BYTES];
	char *author = show_visible(show_text_of(step, "author"), false);

	show_until(at, show_text_of(step, "time"));
	format_until(until, show_text_of(step, "deadline"));
	printf("  %s  %-5s %s%s%s%s%s%s\n", at,
	    json_is_true(json_object_get(step, "ours")) ? "us" : "them",
	    show_text_of(step, "standing"), *until != '\0' ? ", deadline " : "",
	    until, *author != '\0' ? "  (" : "", author,
	    *author != '\0' ? ")" : "");
	print_words("      ", show_text_of(step, "note"));
	free(author);
}

/* -- acts -------------------------------------------------------------------- */

/* Asks for an act that speaks, and shows what came of it; takes path and body. */
static int
act(const struct cli *cli, const struct speak *speak, char *path, json_t *body,
    void (*print)(const json_t *))
{
	json_t *answer;
	int code;

	code = client_ask(cli, speak_path(speak, path), body, CLIENT_AGAIN,
	    &answer);
	if (code == CLI_DONE && !speak_show(cli, speak, answer)) {
		if (cli->json)
			show_json(answer);
		else
			print(answer);
	}
	json_decref(answer);
	return code;
}

/* A body with the text of an argument as `name`; NULL: it cannot be read. */
static json_t *
body_with(const char *name, const char *argument)
{
	json_t *body;
	char *text;

	if (!input_text(argument, &text))
		return NULL;
	body = json_object();
	set(body, name, text);
	free(text);
	return body;
}

int
point_raise_run(struct cli *cli, int argc, char **argv)
{
	struct speak speak = { 0 };
	const char *deadline = NULL, *language = NULL;
	const struct cli_option options[] = {
		{ .name = "deadline", .value = &deadline },
		{ .name = "language", .letter = 'l', .value = &language },
		SPEAK_OPTIONS(&speak),
	};
	const int args = cli_parse(cli, argc, argv, options,
	    sizeof(options) / sizeof(options[0]), 2, 3);
	char at[CLOCK_TEXT_BYTES];
	json_t *body;

	if (args == -1 || speak_check(cli, &speak) != CLI_DONE)
		return CLI_USAGE;
	if (deadline != NULL && !parse_deadline(at, deadline))
		return cli_usage(cli,
		    "--deadline takes a time such as 2026-12-01 or 18:00, in "
		    "UTC");
	if ((body = body_with("text", args == 3 ? argv[2] : NULL)) == NULL)
		return CLI_FAILED;
	set(body, "title", argv[1]);
	set(body, "language", language);
	set(body, "deadline", deadline != NULL ? at : NULL);
	return act(cli, &speak, client_path(argv[0], "/points"), body,
	    print_point);
}

/* "under-study" is the API's "under study". */
static char *
standing_of(const char *typed)
{
	char *standing = cli_format("%s", typed);

	for (char *c = standing; *c != '\0'; c++) {
		if (*c == '-')
			*c = ' ';
	}
	return standing;
}

int
point_stand_run(struct cli *cli, int argc, char **argv)
{
	struct speak speak = { 0 };
	const char *deadline = NULL, *language = NULL;
	const struct cli_option options[] = {
		{ .name = "deadline", .value = &deadline },
		{ .name = "language", .letter = 'l', .value = &language },
		SPEAK_OPTIONS(&speak),
	};
	const int args = cli_parse(cli, argc, argv, options,
	    sizeof(options) / sizeof(options[0]), 3, 4);
	const bool none = deadline != NULL && strcmp(deadline, "none") == 0;
	char at[CLOCK_TEXT_BYTES];
	char *standing;
	json_t *body;

	if (args == -1 || speak_check(cli, &speak) != CLI_DONE)
		return CLI_USAGE;
	if (deadline != NULL && !none && !parse_deadline(at, deadline))
		return cli_usage(cli,
		    "--deadline takes a time such as 2026-12-01 or 18:00, in "
		    "UTC, or none");
	if ((body = body_with("note", args == 4 ? argv[3] : NULL)) == NULL)
		return CLI_FAILED;
	standing = standing_of(argv[2]);
	json_object_set_new(body, "standing", json_string(standing));
	free(standing);
	set(body, "language", language);
	set(body, "deadline", deadline != NULL && !none ? at : NULL);
	if (none)
		json_object_set_new(body, "no_deadline", json_true());
	return act(cli, &speak,
	    ref_path(argv[0], "points", argv[1], "/standing"), body,
	    print_point);
}

int
point_public_run(struct cli *cli, int argc, char **argv)
{
	struct speak speak = { 0 };
	const char *said = NULL, *who = NULL, *source = NULL, *language = NULL;
	const struct cli_option options[] = {
		{ .name = "said", .value = &said },
		{ .name = "who", .value = &who },
		{ .name = "source", .value = &source },
		{ .name = "language", .letter = 'l', .value = &language },
		SPEAK_OPTIONS(&speak),
	};
	const int args = cli_parse(cli, argc, argv, options,
	    sizeof(options) / sizeof(options[0]), 1, 3);
	const bool on_point = args > 1 && is_point(argv[1]);
	const int text = on_point ? 2 : 1;
	char at[CLOCK_TEXT_BYTES];
	json_t *body;

	if (args == -1 || speak_check(cli, &speak) != CLI_DONE)
		return CLI_USAGE;
	if (args > text + 1)
		return cli_usage(cli, "%s is no point; it reads like us/p3",
		    argv[1]);
	if (said == NULL || who == NULL || source == NULL)
		return cli_usage(cli,
		    "when, by whom and where was it said? --said, --who and "
		    "--source");
	if (!parse_time(at, said))
		return cli_usage(cli,
		    "--said takes a time such as 2026-11-22T18:00:00Z or "
		    "2026-11-22");
	body = body_with("text", args > text ? argv[text] : NULL);
	if (body == NULL)
		return CLI_FAILED;
	set(body, "point", on_point ? argv[1] : NULL);
	set(body, "said", at);
	set(body, "speaker", who);
	set(body, "source", source);
	set(body, "language", language);
	return act(cli, &speak, client_path(argv[0], "/public"), body,
	    print_public);
}

int
point_reading_run(struct cli *cli, int argc, char **argv)
{
	struct speak speak = { 0 };
	const char *language = NULL;
	const struct cli_option options[] = {
		{ .name = "language", .letter = 'l', .value = &language },
		SPEAK_OPTIONS(&speak),
	};
	json_t *body;

	if (cli_parse(cli, argc, argv, options,
		sizeof(options) / sizeof(options[0]), 3, 3) == -1 ||
	    speak_check(cli, &speak) != CLI_DONE)
		return CLI_USAGE;
	if ((body = body_with("text", argv[2])) == NULL)
		return CLI_FAILED;
	set(body, "language", language);
	return act(cli, &speak,
	    ref_path(argv[0], "public", argv[1], "/reading"), body,
	    print_public);
}

/* -- looking ----------------------------------------------------------------- */

/* What rows of a list are shown with, below a headline where there are any. */
struct listing {
	const struct cli *cli;
	const char *headline;
	void (*print)(const json_t *row);
	size_t count;
};

static int
on_row(void *ctx, json_t *row)
{
	struct listing *listing = ctx;

	if (row == NULL)
		return CLI_DONE;
	if (listing->cli->json)
		show_json(row);
	else {
		if (listing->count == 0 && listing->headline != NULL)
			printf("%s\n", listing->headline);
		listing->print(row);
	}
	listing->count++;
	return CLI_DONE;
}

int
point_list_run(struct cli *cli, int argc, char **argv)
{
	bool open = false, mine = false, due = false;
	const struct cli_option options[] = {
		{ .name = "open", .flag = &open },
		{ .name = "mine", .flag = &mine },
		{ .name = "due", .flag = &due },
	};
	struct listing listing = { .cli = cli, .print = print_point };
	char *rest;
	int code;

	if (cli_parse(cli, argc, argv, options,
		sizeof(options) / sizeof(options[0]), 1, 1) == -1)
		return CLI_USAGE;
	rest = cli_format("/points?limit=0%s%s%s", open ? "&open=1" : "",
	    mine ? "&mine=1" : "", due ? "&due=1" : "");
	code = client_list(cli, client_path(argv[0], rest), on_row, &listing);
	free(rest);
	if (code == CLI_DONE && listing.count == 0 && !cli->json)
		printf("There is no such point.\n");
	return code;
}

static void
print_ref(const json_t *message)
{
	printf("  %s\n", show_text_of(message, "ref"));
}

/* One list of what a point has. */
static int
list_of(const struct cli *cli, char *path, const char *headline,
    void (*print)(const json_t *))
{
	struct listing listing = { .cli = cli,
		.headline = headline,
		.print = print };

	return client_list(cli, path, on_row, &listing);
}

int
point_show_run(struct cli *cli, int argc, char **argv)
{
	const char *line, *ref;
	char *encoded, *rest;
	json_t *point;
	int code;

	if (cli_parse(cli, argc, argv, NULL, 0, 2, 2) == -1)
		return CLI_USAGE;
	line = argv[0];
	ref = argv[1];
	code = client_look(cli, ref_path(line, "points", ref, ""), &point);
	if (code != CLI_DONE)
		return code;
	if (cli->json)
		show_json(point);
	else
		print_point(point);
	json_decref(point);
	encoded = client_encode(ref);
	rest = cli_format("/public?limit=0&point=%s", encoded);
	code = list_of(cli, ref_path(line, "points", ref, "/history?limit=0"),
	    "History", print_standing);
	if (code == CLI_DONE)
		code = list_of(cli, client_path(line, rest), "Said in public",
		    print_public);
	if (code == CLI_DONE)
		code = list_of(cli,
		    ref_path(line, "points", ref, "/messages?limit=0"),
		    "Messages", print_ref);
	free(encoded);
	free(rest);
	return code;
}
