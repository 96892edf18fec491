#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/show.h"
#include "cli/speak.h"
#include "limits.h"

/* -- how a form is shown ------------------------------------------------------- */

static void
print_indented(const char *text)
{
	char *shown = show_visible(text, true);
	char *line = shown, *end;

	while (*line != '\0') {
		end = line + strcspn(line, "\n");
		printf("    %.*s\n", (int)(end - line), line);
		line = *end == '\n' ? end + 1 : end;
	}
	free(shown);
}

static bool
is_unreviewed(const json_t *words)
{
	return json_is_true(json_object_get(words, "unreviewed"));
}

/* "[en] Notice; also [ko], [fr], unreviewed". */
static void
print_languages(const json_t *form)
{
	const json_t *words;
	size_t i;

	json_array_foreach(json_object_get(form, "languages"), i, words)
	{
		char *title = show_visible(show_text_of(words, "title"), false);
		char *language =
		    show_visible(show_text_of(words, "language"), false);

		printf("%s[%s]%s%s%s", i > 0 ? ", " : "", language,
		    i > 0 ? "" : " ", i > 0 ? "" : title,
		    is_unreviewed(words) ? " unreviewed" : "");
		free(title);
		free(language);
	}
	printf("\n");
}

/* "6 time, force choice (land, sea)". */
static void
print_fields(const json_t *form)
{
	const json_t *field, *choice;
	size_t i, k;

	json_array_foreach(json_object_get(form, "fields"), i, field)
	{
		printf("    {%s} %s", show_text_of(field, "name"),
		    show_text_of(field, "kind"));
		json_array_foreach(json_object_get(field, "choices"), k, choice)
		{
			printf("%s%s", k == 0 ? ": " : ", ",
			    json_string_value(choice));
		}
		printf("\n");
	}
}

/* "3  notice  agreed, proposed by us 2026-11-22T09:30:00Z", without its end. */
static void
print_heading(const json_t *form)
{
	char *name = show_visible(show_text_of(form, "name"), false);
	char at[SHOW_BYTES];

	if (show_number_of(form, "number") == 0) {
		printf("%s%s%s", show_strong(), name, show_plain());
	} else {
		show_time(at, show_text_of(form, "time_proposed"));
		printf("%4" PRIu64 "  %s%s%s  %s, proposed by %s %s",
		    show_number_of(form, "number"), show_strong(), name,
		    show_plain(), show_text_of(form, "state"),
		    show_text_of(form, "by"), at);
	}
	free(name);
}

static void
print_whole(const json_t *form)
{
	const json_t *words;
	char *shown;
	size_t i;

	print_heading(form);
	printf("\n");
	print_fields(form);
	json_array_foreach(json_object_get(form, "languages"), i, words)
	{
		char *language =
		    show_visible(show_text_of(words, "language"), false);

		shown = show_visible(show_text_of(words, "title"), false);
		printf("\n  [%s] %s%s%s\n", language, show_strong(), shown,
		    show_plain());
		if (is_unreviewed(words))
			printf(
			    "  (No native speaker has reviewed this text.)\n");
		print_indented(show_text_of(words, "text"));
		free(shown);
		free(language);
	}
	shown = show_visible(show_text_of(form, "say"), false);
	if (*shown != '\0')
		printf("\n%s\n", shown);
	free(shown);
}

/* What became of it; whoever answers has seen its text. */
static void
print_result(const json_t *form)
{
	char *shown = show_visible(show_text_of(form, "say"), false);

	print_heading(form);
	printf("\n%s%s", shown, *shown != '\0' ? "\n" : "");
	free(shown);
}

/* -- listing ------------------------------------------------------------------- */

struct listing {
	const struct cli *cli;
	size_t count;
};

static int
on_form(void *ctx, json_t *form)
{
	struct listing *listing = ctx;

	listing->count++;
	if (listing->cli->json) {
		show_json(form);
		return CLI_DONE;
	}
	print_heading(form);
	printf("  ");
	print_languages(form);
	return CLI_DONE;
}

int
form_list_run(struct cli *cli, int argc, char **argv)
{
	const int count = cli_parse(cli, argc, argv, NULL, 0, 0, 1);
	struct listing listing = { .cli = cli };
	int code;

	if (count == -1)
		return CLI_USAGE;
	code = client_list(cli,
	    count == 1 ? client_path(argv[0], "/forms?limit=0")
		       : cli_format("/v1/forms?limit=0"),
	    on_form, &listing);
	if (code == CLI_DONE && listing.count == 0 && !cli->json)
		printf("No form was proposed on this line; quietline form list "
		       "shows those that came with the post.\n");
	return code;
}

/* -- showing ------------------------------------------------------------------- */

/* "/forms/N" of a line; takes nothing; NULL after having said what is wrong. */
static char *
number_path(const struct cli *cli, const char *line, const char *number)
{
	char *end, *rest, *path;
	unsigned long n = strtoul(number, &end, 10);

	if (*number < '1' || *number > '9' || *end != '\0' ||
	    n > FORM_NUMBER_MAX) {
		(void)cli_usage(cli, "%s is no form's number", number);
		return NULL;
	}
	rest = cli_format("/forms/%lu", n);
	path = client_path(line, rest);
	free(rest);
	return path;
}

/* As it was agreed, for a file; a terminal gets nothing that turns text around. */
static void
print_file(const char *file)
{
	char *shown = show_visible(file, true);

	printf("%s", isatty(STDOUT_FILENO) == 1 ? shown : file);
	free(shown);
}

int
form_show_run(struct cli *cli, int argc, char **argv)
{
	bool file = false;
	const struct cli_option options[] = {
		{ .name = "file", .flag = &file },
	};
	const int count = cli_parse(cli, argc, argv, options, 1, 1, 2);
	json_t *form;
	char *path, *name;
	int code;

	if (count == -1)
		return CLI_USAGE;
	if (count == 2) {
		path = number_path(cli, argv[0], argv[1]);
		if (path == NULL)
			return CLI_USAGE;
	} else {
		name = client_encode(argv[0]);
		path = cli_format("/v1/forms/%s", name);
		free(name);
	}
	code = client_look(cli, path, &form);
	if (code == CLI_DONE && cli->json)
		show_json(form);
	else if (code == CLI_DONE && file)
		print_file(show_text_of(form, "file"));
	else if (code == CLI_DONE)
		print_whole(form);
	json_decref(form);
	return code;
}

/* -- proposing ----------------------------------------------------------------- */

/* A whole file, or standard input for "-"; NULL after having said why not. */
static char *
read_file(const char *name)
{
	FILE *from = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
	char *text = malloc(FORM_TEXT_BYTES_MAX + 2);
	size_t len = 0;

	if (text != NULL && from != NULL) {
		len = fread(text, 1, FORM_TEXT_BYTES_MAX + 1, from);
		text[len] = '\0';
	}
	if (text == NULL)
		cli_error("no memory");
	else if (from == NULL || ferror(from) != 0)
		cli_error("%s cannot be read (%s)", name, strerror(errno));
	else if (len > FORM_TEXT_BYTES_MAX || strlen(text) != len)
		cli_error("%s is no form: it must be a text of at most %d "
			  "bytes",
		    name, FORM_TEXT_BYTES_MAX);
	else
		goto out;
	free(text);
	text = NULL;
out:
	if (from != NULL && from != stdin)
		(void)fclose(from);
	return text;
}

/* "en,ko" as a list. */
static json_t *
split_languages(const char *text)
{
	json_t *list = json_array();

	while (text != NULL && *text != '\0') {
		const size_t len = strcspn(text, ",");

		(void)json_array_append_new(list, json_stringn(text, len));
		text += len + (text[len] == ',' ? 1 : 0);
	}
	return list;
}

/* What was done, or the draft that it is kept in. */
static int
say(struct cli *cli, const struct speak *speak, char *path, json_t *body,
    void (*print)(const json_t *form))
{
	json_t *answer;
	int code;

	code = client_ask(cli, speak_path(speak, path), body, CLIENT_ONCE,
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

int
form_propose_run(struct cli *cli, int argc, char **argv)
{
	struct speak speak = { .draft = false };
	const char *shipped = NULL, *languages = NULL;
	const struct cli_option options[] = {
		{ .name = "shipped", .value = &shipped },
		{ .name = "languages", .value = &languages },
		SPEAK_OPTIONS(&speak),
	};
	const int count = cli_parse(cli, argc, argv, options, 4, 1, 2);
	json_t *body;
	char *text;
	int code;

	if (count == -1)
		return CLI_USAGE;
	if ((count == 2) == (shipped != NULL))
		return cli_usage(cli,
		    "name a file, or a form that came with the post: one of "
		    "the two");
	if ((code = speak_check(cli, &speak)) != CLI_DONE)
		return code;
	body = json_pack("{s:o}", "languages", split_languages(languages));
	if (count == 2) {
		if ((text = read_file(argv[1])) == NULL) {
			json_decref(body);
			return CLI_FAILED;
		}
		if (json_object_set_new(body, "file", json_string(text)) != 0) {
			cli_error("%s is no UTF-8", argv[1]);
			json_decref(body);
			free(text);
			return CLI_FAILED;
		}
		free(text);
	} else {
		(void)json_object_set_new(body, "shipped",
		    json_string(shipped));
	}
	return say(cli, &speak, client_path(argv[0], "/forms"), body,
	    print_whole);
}

/* -- answering ----------------------------------------------------------------- */

static int
answer(struct cli *cli, int argc, char **argv, const char *word)
{
	struct speak speak = { .draft = false };
	const struct cli_option options[] = { SPEAK_OPTIONS(&speak) };
	char *path;
	int code;

	if (cli_parse(cli, argc, argv, options, 2, 2, 2) == -1)
		return CLI_USAGE;
	if ((code = speak_check(cli, &speak)) != CLI_DONE)
		return code;
	if ((path = number_path(cli, argv[0], argv[1])) == NULL)
		return CLI_USAGE;
	return say(cli, &speak, path, json_pack("{s:s}", "answer", word),
	    print_result);
}

int
form_agree_run(struct cli *cli, int argc, char **argv)
{
	return answer(cli, argc, argv, "agree");
}

int
form_decline_run(struct cli *cli, int argc, char **argv)
{
	return answer(cli, argc, argv, "decline");
}

int
form_withdraw_run(struct cli *cli, int argc, char **argv)
{
	return answer(cli, argc, argv, "withdraw");
}

int
form_retire_run(struct cli *cli, int argc, char **argv)
{
	return answer(cli, argc, argv, "retire");
}
