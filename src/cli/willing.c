#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/show.h"
#include "cli/speak.h"

enum { ANSWER_BYTES = 16 };

static const char worth[] =
    "What this is worth: each side learns whether both said yes, and nothing\n"
    "else. Who said no learns nothing of the other side; who said yes, and reads\n"
    "that not both did, knows that they said no. The side that answers knows the\n"
    "result first, and its post could keep the last step back. A side can say yes\n"
    "and not mean it, to learn what the other says: hence one question a day.\n";

/* "yes" or "no" as it was typed, or read from standard input for "-", where no
 * list of processes shows it. */
static int
take_answer(const struct cli *cli, const char *typed, char answer[ANSWER_BYTES])
{
	char line[ANSWER_BYTES] = "";

	if (strcmp(typed, "-") == 0) {
		if (cli_has_person(cli))
			fprintf(stderr, "yes or no? ");
		if (fgets(line, sizeof(line), stdin) == NULL)
			line[0] = '\0';
		line[strcspn(line, "\r\n")] = '\0';
		typed = line;
	}
	if (strcmp(typed, "yes") != 0 && strcmp(typed, "no") != 0)
		return cli_usage(cli, "the answer is yes or no");
	snprintf(answer, ANSWER_BYTES, "%s", typed);
	return CLI_DONE;
}

static void
print_round(const json_t *round)
{
	char *question = show_visible(show_text_of(round, "question"), false);
	char *say = show_visible(show_text_of(round, "say"), false);
	char at[SHOW_BYTES];

	show_time(at, show_text_of(round, "asked"));
	printf("%4" PRIu64 "  %s  asked by %s: %s%s%s\n      %s\n",
	    show_number_of(round, "n"), at, show_text_of(round, "asked_by"),
	    show_strong(), question, show_plain(), say);
	free(question);
	free(say);
}

/* Says a round to the peer: the question, or the answer to theirs. */
static int
say_round(struct cli *cli, const struct speak *speak, char *path, json_t *body,
    const char *done)
{
	json_t *answer;
	int code;

	code = client_ask(cli, speak_path(speak, path), body, CLIENT_ONCE,
	    &answer);
	if (code == CLI_DONE && !speak_show(cli, speak, answer)) {
		if (cli->json) {
			show_json(answer);
		} else {
			printf("%s\n", done);
			print_round(answer);
		}
	}
	json_decref(answer);
	return code;
}

int
willing_ask_run(struct cli *cli, int argc, char **argv)
{
	struct speak speak = { .draft = false };
	const struct cli_option options[] = { SPEAK_OPTIONS(&speak) };
	char answer[ANSWER_BYTES];
	int code;

	if (cli_parse(cli, argc, argv, options, 2, 3, 3) == -1)
		return CLI_USAGE;
	if ((code = speak_check(cli, &speak)) != CLI_DONE ||
	    (code = take_answer(cli, argv[2], answer)) != CLI_DONE)
		return code;
	return say_round(cli, &speak, client_path(argv[0], "/willing"),
	    json_pack("{s:s, s:s}", "question", argv[1], "answer", answer),
	    "Asked. This side's answer is sealed in it; nobody can read it out "
	    "of it, and it is not shown again.");
}

/* -- answering ----------------------------------------------------------------- */

/* The question that waits for this side. */
static int
find_theirs(void *ctx, json_t *round)
{
	json_t **found = ctx;

	if (strcmp(show_text_of(round, "waits_for"), "us") != 0)
		return CLI_DONE;
	json_decref(*found);
	*found = json_incref(round);
	return CLI_DONE;
}

/* Its number, after it was shown: nobody answers what was not read. */
static int
find_question(const struct cli *cli, const char *line, uint64_t *n)
{
	json_t *found = NULL;
	int code;

	code = client_list(cli, client_path(line, "/willing?limit=0"),
	    find_theirs, &found);
	if (code == CLI_DONE && found == NULL) {
		cli_error("no question of theirs waits for an answer");
		code = CLI_FAILED;
	}
	if (code == CLI_DONE) {
		*n = show_number_of(found, "n");
		if (!cli->json)
			print_round(found);
	}
	json_decref(found);
	return code;
}

static int
read_number(const struct cli *cli, const char *text, uint64_t *n)
{
	char *end;

	*n = strtoull(text, &end, 10);
	if (*text < '1' || *text > '9' || *end != '\0')
		return cli_usage(cli, "%s is no question's number", text);
	return CLI_DONE;
}

int
willing_answer_run(struct cli *cli, int argc, char **argv)
{
	struct speak speak = { .draft = false };
	const struct cli_option options[] = { SPEAK_OPTIONS(&speak) };
	char answer[ANSWER_BYTES];
	char *rest, *path;
	uint64_t n = 0;
	int args, code;

	args = cli_parse(cli, argc, argv, options, 2, 2, 3);
	if (args == -1)
		return CLI_USAGE;
	if ((code = speak_check(cli, &speak)) != CLI_DONE)
		return code;
	code = args == 3 ? read_number(cli, argv[1], &n)
			 : find_question(cli, argv[0], &n);
	if (code != CLI_DONE ||
	    (code = take_answer(cli, argv[args - 1], answer)) != CLI_DONE)
		return code;
	rest = cli_format("/willing/%" PRIu64, n);
	path = client_path(argv[0], rest);
	free(rest);
	return say_round(cli, &speak, path,
	    json_pack("{s:s}", "answer", answer),
	    "Answered. The answer is not shown again.");
}

/* -- showing ------------------------------------------------------------------ */

struct listing {
	const struct cli *cli;
	size_t count;
};

static int
list_round(void *ctx, json_t *round)
{
	struct listing *listing = ctx;

	listing->count++;
	if (listing->cli->json)
		show_json(round);
	else
		print_round(round);
	return CLI_DONE;
}

static int
show_one(struct cli *cli, const char *line, uint64_t n, struct listing *listing)
{
	char *rest = cli_format("/willing/%" PRIu64, n);
	json_t *answer;
	int code;

	code = client_look(cli, client_path(line, rest), &answer);
	free(rest);
	if (code == CLI_DONE)
		(void)list_round(listing, answer);
	json_decref(answer);
	return code;
}

int
willing_show_run(struct cli *cli, int argc, char **argv)
{
	struct listing listing = { .cli = cli };
	uint64_t n = 0;
	int args, code;

	args = cli_parse(cli, argc, argv, NULL, 0, 1, 2);
	if (args == -1)
		return CLI_USAGE;
	if (args == 2) {
		if ((code = read_number(cli, argv[1], &n)) != CLI_DONE)
			return code;
		code = show_one(cli, argv[0], n, &listing);
	} else {
		code =
		    client_list(cli, client_path(argv[0], "/willing?limit=0"),
			list_round, &listing);
	}
	if (code != CLI_DONE || cli->json)
		return code;
	if (listing.count == 0)
		printf("Nobody has asked yet.\n");
	printf("\n%s", worth);
	return CLI_DONE;
}
