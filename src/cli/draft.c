#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/diff.h"
#include "cli/show.h"

/* A number from 1; 0: it is none. */
static uint64_t
read_number(const char *text)
{
	if (*text < '1' || *text > '9' || strlen(text) > 18 ||
	    strspn(text, "0123456789") != strlen(text))
		return 0;
	return strtoull(text, NULL, 10);
}

static char *
draft_path(uint64_t n, const char *rest)
{
	return cli_format("/v1/drafts/%" PRIu64 "%s", n, rest);
}

static void
print_text(const char *before, const char *text, const char *after)
{
	char *shown = show_visible(text, false);

	printf("%s%s%s", before, shown, after);
	free(shown);
}

/* "Draft 3 to oslo, message, version 2 by drafter, 2026-...: waiting" */
static void
print_head(const json_t *draft)
{
	char at[SHOW_BYTES];

	show_time(at, show_text_of(draft, "written"));
	printf("%sDraft %" PRIu64 "%s", show_strong(),
	    show_number_of(draft, "draft"), show_plain());
	print_text(" to ", show_text_of(draft, "line"), "");
	print_text(" (", show_text_of(draft, "kind"), "), ");
	printf("version %" PRIu64 " of %" PRIu64,
	    show_number_of(draft, "version"),
	    show_number_of(draft, "versions"));
	print_text(" by ", show_text_of(draft, "who"), "");
	printf(", %s: %s\n", at, show_text_of(draft, "state"));
}

static void
print_content(const json_t *draft)
{
	const json_t *files = json_object_get(draft, "files");
	const json_t *lines = json_object_get(draft, "content");
	const char *text = show_text_of(draft, "text");
	char bytes[SHOW_BYTES], *shown;
	const json_t *one;
	size_t i;

	json_array_foreach(lines, i, one)
	{
		if (strcmp(show_text_of(one, "value"), "none") == 0)
			continue;
		print_text("  ", show_text_of(one, "name"), ": ");
		print_text("", show_text_of(one, "value"), "\n");
	}
	json_array_foreach(files, i, one)
	{
		show_bytes(bytes, show_number_of(one, "bytes"));
		print_text("  file: ", show_text_of(one, "name"), " (");
		print_text("", show_text_of(one, "type"), "");
		printf(", %s, BLAKE2b-256 %s)\n", bytes,
		    show_text_of(one, "blake2b"));
	}
	if (*text != '\0') {
		shown = show_visible(text, true);
		printf("\n%s\n\n", shown);
		free(shown);
	}
}

static void
print_draft(const json_t *draft)
{
	print_head(draft);
	print_content(draft);
	print_text("", show_text_of(draft, "say"), "\n");
}

static int
show_answer(const struct cli *cli, int code, json_t *draft)
{
	if (code == CLI_DONE && cli->json)
		show_json(draft);
	else if (code == CLI_DONE)
		print_draft(draft);
	json_decref(draft);
	return code;
}

/* -- list ----------------------------------------------------------------- */

struct listing {
	const struct cli *cli;
	size_t count;
};

static int
on_draft(void *ctx, json_t *draft)
{
	struct listing *listing = ctx;

	if (draft == NULL)
		return CLI_DONE;
	listing->count++;
	if (listing->cli->json) {
		show_json(draft);
		return CLI_DONE;
	}
	print_head(draft);
	if (*show_text_of(draft, "title") != '\0')
		print_text("  ", show_text_of(draft, "title"), "\n");
	print_text("  ", show_text_of(draft, "say"), "\n");
	return CLI_DONE;
}

int
draft_list_run(struct cli *cli, int argc, char **argv)
{
	bool all = false;
	const struct cli_option options[] = { { .name = "all", .flag = &all } };
	const int count = cli_parse(cli, argc, argv, options, 1, 0, 1);
	struct listing listing = { .cli = cli };
	char *line, *path;
	int code;

	if (count == -1)
		return CLI_USAGE;
	line = client_encode(count == 1 ? argv[0] : "");
	path = cli_format("/v1/drafts?limit=0&all=%s%s%s", all ? "1" : "0",
	    count == 1 ? "&line=" : "", line);
	free(line);
	code = client_list(cli, path, on_draft, &listing);
	if (code == CLI_DONE && listing.count == 0 && !cli->json)
		printf(all ? "There are no drafts.\n" : "No draft waits.\n");
	return code;
}

/* -- show ----------------------------------------------------------------- */

static int
get_version(const struct cli *cli, uint64_t n, uint64_t version, json_t **draft)
{
	char *path =
	    cli_format("/v1/drafts/%" PRIu64 "?version=%" PRIu64, n, version);

	return client_look(cli, path, draft);
}

/* All fields and files of a draft as lines, so that a change of any shows. */
static char *
all_of(const json_t *draft)
{
	char *all = cli_format("%s", ""), *more;
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(draft, "content"), i, one)
	{
		more = cli_format("%s%s: %s\n", all, show_text_of(one, "name"),
		    show_text_of(one, "value"));
		free(all);
		all = more;
	}
	json_array_foreach(json_object_get(draft, "files"), i, one)
	{
		more = cli_format("%sfile: %s (%s, %s)\n", all,
		    show_text_of(one, "name"), show_text_of(one, "type"),
		    show_text_of(one, "blake2b"));
		free(all);
		all = more;
	}
	more = cli_format("%s%s", all, show_text_of(draft, "text"));
	free(all);
	return more;
}

static int
show_diff(struct cli *cli, uint64_t n, uint64_t version)
{
	json_t *draft = NULL, *before = NULL;
	char *was, *is;
	int code;

	code = get_version(cli, n, version, &draft);
	if (code == CLI_DONE && show_number_of(draft, "version") == 1) {
		cli_error("version 1 is the first: there is nothing before it");
		code = CLI_FAILED;
	}
	if (code == CLI_DONE)
		code = get_version(cli, n, show_number_of(draft, "version") - 1,
		    &before);
	if (code == CLI_DONE && cli->json) {
		show_json(before);
		show_json(draft);
	} else if (code == CLI_DONE) {
		print_head(draft);
		was = all_of(before);
		is = all_of(draft);
		diff_print(was, is);
		free(was);
		free(is);
		print_text("", show_text_of(draft, "say"), "\n");
	}
	json_decref(before);
	json_decref(draft);
	return code;
}

static int
on_act(void *ctx, json_t *act)
{
	char at[SHOW_BYTES];

	(void)ctx;
	if (act == NULL)
		return CLI_DONE;
	show_time(at, show_text_of(act, "when"));
	printf("  %s version %" PRIu64 " %s", at,
	    show_number_of(act, "version"), show_text_of(act, "act"));
	print_text(" by ", show_text_of(act, "who"), "");
	if (*show_text_of(act, "text") != '\0')
		print_text(": ", show_text_of(act, "text"), "");
	printf("\n");
	return CLI_DONE;
}

int
draft_show_run(struct cli *cli, int argc, char **argv)
{
	const char *asked = NULL;
	bool diff = false;
	const struct cli_option options[] = {
		{ .name = "version", .value = &asked },
		{ .name = "diff", .flag = &diff },
	};
	uint64_t n, version = 0;
	json_t *draft = NULL;
	int code;

	if (cli_parse(cli, argc, argv, options, 2, 1, 1) == -1)
		return CLI_USAGE;
	if ((n = read_number(argv[0])) == 0)
		return cli_usage(cli, "a draft is named by its number");
	if (asked != NULL && (version = read_number(asked)) == 0)
		return cli_usage(cli, "--version takes a number");
	if (diff)
		return show_diff(cli, n, version);
	code = get_version(cli, n, version, &draft);
	code = show_answer(cli, code, draft);
	if (code == CLI_DONE && !cli->json)
		code = client_list(cli, draft_path(n, "/history?limit=0"),
		    on_act, cli);
	return code;
}

/* -- acts ----------------------------------------------------------------- */

int
draft_comment_run(struct cli *cli, int argc, char **argv)
{
	json_t *answer = NULL;
	uint64_t n;
	int code;

	if (cli_parse(cli, argc, argv, NULL, 0, 2, 2) == -1)
		return CLI_USAGE;
	if ((n = read_number(argv[0])) == 0)
		return cli_usage(cli, "a draft is named by its number");
	code = client_ask(cli, draft_path(n, "/comments"),
	    json_pack("{s:s}", "text", argv[1]), CLIENT_ONCE, &answer);
	if (code == CLI_DONE && cli->json)
		show_json(answer);
	else if (code == CLI_DONE)
		printf("The comment stands beside draft %" PRIu64 ".\n", n);
	json_decref(answer);
	return code;
}

struct releasing {
	struct cli *cli;
	uint64_t n;
	uint64_t version; /* 0: the last one, which is shown */
	bool emergency;
	json_t *draft;
};

static void
print_what(const struct releasing *releasing)
{
	print_head(releasing->draft);
	print_content(releasing->draft);
}

static int
do_release(struct releasing *releasing)
{
	const struct cli *cli = releasing->cli;
	json_t *answer = NULL;
	const int code = client_ask(cli, draft_path(releasing->n, "/release"),
	    json_pack("{s:I,s:b}", "version", (json_int_t)releasing->version,
		"emergency", releasing->emergency),
	    CLIENT_ONCE, &answer);

	if (code == CLI_DONE && cli->json)
		show_json(answer);
	else if (code == CLI_DONE) {
		/* Where nobody was asked, what was released stands here. */
		if (releasing->draft != NULL && !cli_has_person(cli))
			print_what(releasing);
		print_text("", show_text_of(answer, "say"), "\n");
	}
	json_decref(answer);
	return code;
}

/* A person sees what they release, and is asked. */
static int
ask_and_release(struct releasing *releasing)
{
	const struct cli *cli = releasing->cli;
	int code = CLI_DONE;

	if (releasing->version == 0) {
		code = get_version(cli, releasing->n, 0, &releasing->draft);
		if (code != CLI_DONE)
			return code;
		releasing->version =
		    show_number_of(releasing->draft, "version");
		if (cli_has_person(cli))
			print_what(releasing);
	}
	if (!cli_agrees(cli,
		releasing->emergency ? "Release it alone, in an emergency?"
				     : "Release this version?"))
		return CLI_FAILED;
	return do_release(releasing);
}

int
draft_release_run(struct cli *cli, int argc, char **argv)
{
	struct releasing releasing = { .cli = cli };
	const char *asked = NULL;
	const struct cli_option options[] = {
		{ .name = "version", .value = &asked },
		{ .name = "emergency", .flag = &releasing.emergency },
	};
	int code;

	if (cli_parse(cli, argc, argv, options, 2, 1, 1) == -1)
		return CLI_USAGE;
	if ((releasing.n = read_number(argv[0])) == 0)
		return cli_usage(cli, "a draft is named by its number");
	if (asked != NULL && (releasing.version = read_number(asked)) == 0)
		return cli_usage(cli, "--version takes a number");
	code = ask_and_release(&releasing);
	json_decref(releasing.draft);
	return code;
}

int
draft_recall_run(struct cli *cli, int argc, char **argv)
{
	json_t *answer = NULL;
	uint64_t n;
	int code;

	if (cli_parse(cli, argc, argv, NULL, 0, 1, 1) == -1)
		return CLI_USAGE;
	if ((n = read_number(argv[0])) == 0)
		return cli_usage(cli, "a draft is named by its number");
	code = client_ask(cli, draft_path(n, "/recall"), NULL, CLIENT_ONCE,
	    &answer);
	if (code == CLI_DONE && cli->json)
		show_json(answer);
	else if (code == CLI_DONE)
		print_text("", show_text_of(answer, "say"), "\n");
	json_decref(answer);
	return code;
}
