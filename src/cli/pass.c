#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/input.h"
#include "cli/show.h"
#include "cli/speak.h"

struct passing {
	const char *mark;
	const char *text;
	const char *subject;
	const char *language;
	const char *precedence;
	struct speak speak;
};

static int
on_passed(void *ctx, json_t *passed)
{
	const struct cli *cli = ctx;
	char at[SHOW_BYTES];
	char *to, *who;

	if (passed == NULL)
		return CLI_DONE;
	if (cli->json) {
		show_json(passed);
		return CLI_DONE;
	}
	to = show_visible(show_text_of(passed, "to"), false);
	who = show_visible(show_text_of(passed, "who"), false);
	show_time(at, show_text_of(passed, "time"));
	printf("%s  %s was passed on to %s as %s, %s, %s; by %s.\n", at,
	    show_text_of(passed, "ref"), to, show_text_of(passed, "as"),
	    json_is_true(json_object_get(passed, "in_own_words"))
		? "in own words"
		: "as it stands",
	    show_text_of(passed, "mark"), who);
	free(to);
	free(who);
	return CLI_DONE;
}

static void
print_passed(const struct cli *cli, char **argv, const json_t *sent)
{
	char *to = show_visible(argv[2], false);

	if (cli->json)
		show_json(sent);
	else
		printf("Accepted as %s: %s goes to %s, without its files. Only "
		       "this side knows where it came from.\n",
		    show_text_of(sent, "ref"), argv[1], to);
	free(to);
}

static int
pass_on(const struct cli *cli, const struct passing *passing, char **argv,
    const char *text)
{
	json_t *body = json_pack("{s:s,s:s,s:s,s:s?,s:s?,s:s?,s:s?}", "from",
	    argv[0], "ref", argv[1], "mark", passing->mark, "text", text,
	    "subject", passing->subject, "language", passing->language,
	    "precedence", passing->precedence);
	json_t *answer;
	int code;

	if (body == NULL)
		return cli_usage(cli, "that is not valid UTF-8");
	code = client_ask(cli,
	    speak_path(&passing->speak, client_path(argv[2], "/pass")), body,
	    CLIENT_ONCE, &answer);
	if (code == CLI_DONE && !speak_show(cli, &passing->speak, answer))
		print_passed(cli, argv, answer);
	json_decref(answer);
	return code;
}

int
pass_run(struct cli *cli, int argc, char **argv)
{
	struct passing passing = { .mark = NULL };
	const struct cli_option options[] = {
		{ .name = "mark", .letter = 'm', .value = &passing.mark },
		{ .name = "text", .letter = 't', .value = &passing.text },
		{ .name = "subject", .letter = 's', .value = &passing.subject },
		{ .name = "language", .value = &passing.language },
		{ .name = "precedence",
		    .letter = 'p',
		    .value = &passing.precedence },
		SPEAK_OPTIONS(&passing.speak),
	};
	int count = cli_parse(cli, argc, argv, options,
	    sizeof(options) / sizeof(options[0]), 1, 3);
	char *text;
	int code;

	if (count == -1)
		return CLI_USAGE;
	if ((code = speak_check(cli, &passing.speak)) != CLI_DONE)
		return code;
	if (count == 1)
		return client_list(cli, client_path(argv[0], "/passed"),
		    on_passed, cli);
	if (count == 2)
		return cli_usage(cli, "to which line? pass LINE REF TO");
	if (passing.mark == NULL)
		return cli_usage(cli,
		    "how may it be handled? name its mark with --mark, as "
		    "quietline read shows it, or --mark none");
	if (!input_text(passing.text, &text))
		return CLI_FAILED;
	code = pass_on(cli, &passing, argv, text);
	free(text);
	return code;
}
