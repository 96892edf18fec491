#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/show.h"
#include "limits.h"

static const char record_default[] = "10";

/* -- drill set --------------------------------------------------------------- */

/* "90", "90s", "10m", "12h", "7d" as seconds. */
static int
read_span(uint64_t *seconds, const char *text)
{
	static const struct {
		char letter;
		uint64_t seconds;
	} units[] = { { '\0', 1 }, { 's', 1 }, { 'm', 60 }, { 'h', 3600 },
		{ 'd', DAY_SECONDS } };
	char *end;

	if (*text < '0' || *text > '9')
		return ERR_FORMAT;
	*seconds = strtoull(text, &end, 10);
	if (*seconds > DRILL_EVERY_S_MAX || (*end != '\0' && end[1] != '\0'))
		return ERR_FORMAT;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (*end != units[i].letter)
			continue;
		*seconds *= units[i].seconds;
		return OK;
	}
	return ERR_FORMAT;
}

static void
print_plan(const char *line, const json_t *plan)
{
	const uint64_t every_s = show_number_of(plan, "every");
	char *name = show_visible(line, false);
	char every[SHOW_BYTES], within[SHOW_BYTES], next[SHOW_BYTES];

	show_duration(every, every_s * 1000);
	show_duration(within, show_number_of(plan, "within") * 1000);
	show_time(next, show_text_of(plan, "next"));
	if (every_s == 0)
		printf("Drills go to %s only by hand; `quietline drill set %s "
		       "--every 12h --at 06:00` makes a schedule.\n",
		    name, name);
	else
		printf(
		    "A drill goes to %s every %s, counted from %s UTC; the "
		    "next one %s.\nWhat is not answered within %s is missed, "
		    "and an alarm.\n",
		    name, every, show_text_of(plan, "at"), next, within);
	free(name);
}

/* OK, and body is what to ask: NULL for showing what there is. */
static int
compose(const char *every, const char *at, const char *within, json_t **body)
{
	uint64_t every_s = 0, within_s = 0;

	*body = NULL;
	if (every == NULL)
		return at == NULL && within == NULL ? OK : ERR_FORMAT;
	if (strcmp(every, "off") != 0 && read_span(&every_s, every) != OK)
		return ERR_FORMAT;
	if (within != NULL && read_span(&within_s, within) != OK)
		return ERR_FORMAT;
	*body = json_pack("{s:I}", "every", (json_int_t)every_s);
	if (at != NULL)
		json_object_set_new(*body, "at", json_string(at));
	if (within != NULL)
		json_object_set_new(*body, "within",
		    json_integer((json_int_t)within_s));
	return OK;
}

int
drill_set_run(struct cli *cli, int argc, char **argv)
{
	const char *every = NULL, *at = NULL, *within = NULL;
	const struct cli_option options[] = {
		{ .name = "every", .value = &every },
		{ .name = "at", .value = &at },
		{ .name = "within", .value = &within },
	};
	json_t *body, *answer;
	char *path;
	int code;

	if (cli_parse(cli, argc, argv, options, 3, 1, 1) == -1)
		return CLI_USAGE;
	if (compose(every, at, within, &body) != OK)
		return cli_usage(cli,
		    "--every takes off, or a span such as 12h, and --within one "
		    "such as 10m");
	path = client_path(argv[0], "/drill/schedule");
	code = body == NULL
	    ? client_look(cli, path, &answer)
	    : client_ask(cli, path, body, CLIENT_AGAIN, &answer);
	if (code == CLI_DONE && cli->json)
		show_json(answer);
	else if (code == CLI_DONE)
		print_plan(argv[0], answer);
	json_decref(answer);
	return code;
}

/* -- drill ack --------------------------------------------------------------- */

int
drill_ack_run(struct cli *cli, int argc, char **argv)
{
	const int args = cli_parse(cli, argc, argv, NULL, 0, 1, 2);
	json_t *body = NULL, *answer;
	int code;

	if (args == -1)
		return CLI_USAGE;
	if (args > 1)
		body = json_pack("{s:s}", "ref", argv[1]);
	code = client_ask(cli, client_path(argv[0], "/drill/ack"), body,
	    CLIENT_AGAIN, &answer);
	if (code == CLI_DONE && cli->json)
		show_json(answer);
	else if (code == CLI_DONE)
		printf(
		    "The drill is acknowledged; the other side learns that a "
		    "person saw it.\n");
	json_decref(answer);
	return code;
}

/* -- drill record ------------------------------------------------------------ */

struct listing {
	const struct cli *cli;
	size_t count;
};

/* Answers come in milliseconds, where all is well. */
static void
show_took(char text[SHOW_BYTES], uint64_t ms)
{
	if (ms < 10000)
		snprintf(text, SHOW_BYTES, "%" PRIu64 " ms", ms);
	else
		show_duration(text, ms);
}

static void
print_month(const json_t *month)
{
	char median[SHOW_BYTES], worst[SHOW_BYTES];

	show_took(median, show_number_of(month, "median_ms"));
	show_took(worst, show_number_of(month, "worst_ms"));
	printf("%s  %-4s  %" PRIu64 " sent, %" PRIu64
	       " answered in time, %" PRIu64 " missed",
	    show_text_of(month, "month"), show_text_of(month, "side"),
	    show_number_of(month, "sent"), show_number_of(month, "answered"),
	    show_number_of(month, "missed"));
	if (show_number_of(month, "answered") > 0)
		printf("; half within %s, the slowest %s", median, worst);
	printf("; %" PRIu64 " acknowledged by a person",
	    show_number_of(month, "acknowledged"));
	printf("%s.\n",
	    json_is_true(json_object_get(month, "told")) ? ""
							 : " (not told yet)");
}

static void
print_ours(const json_t *drill)
{
	const char *state = show_text_of(drill, "state");
	char took[SHOW_BYTES];
	char *cause;

	show_took(took, show_number_of(drill, "took_ms"));
	if (strcmp(state, "answered") == 0)
		printf("answered in %s", took);
	else if (strcmp(state, "late") == 0)
		printf("missed; answered after %s", took);
	else if (strcmp(state, "open") == 0)
		printf("not answered yet");
	else {
		cause = show_visible(show_text_of(drill, "cause"), false);
		printf("missed; the likely cause: %s", cause);
		free(cause);
	}
}

static void
print_drill(const json_t *drill)
{
	const char *acknowledged = show_text_of(drill, "acknowledged");
	const bool is_ours = strcmp(show_text_of(drill, "side"), "us") == 0;
	char time[SHOW_BYTES], at[SHOW_BYTES];
	char *who;

	show_time(time, show_text_of(drill, "time"));
	printf("%s  %s  %s, ", time, show_text_of(drill, "ref"),
	    is_ours ? "ours" : "theirs");
	if (is_ours)
		print_ours(drill);
	else
		printf("answered by the post");
	if (*acknowledged != '\0') {
		show_time(at, acknowledged);
		who = show_visible(show_text_of(drill, "who"), false);
		printf("; acknowledged by %s %s",
		    is_ours	       ? "a person there"
			: *who != '\0' ? who
				       : "a person here",
		    at);
		free(who);
	}
	printf(".\n");
}

static int
on_month(void *ctx, json_t *month)
{
	struct listing *listing = ctx;

	listing->count++;
	if (listing->cli->json)
		show_json(month);
	else
		print_month(month);
	return CLI_DONE;
}

static int
on_drill(void *ctx, json_t *drill)
{
	struct listing *listing = ctx;

	listing->count++;
	if (listing->cli->json)
		show_json(drill);
	else
		print_drill(drill);
	return CLI_DONE;
}

int
drill_record_run(struct cli *cli, int argc, char **argv)
{
	const char *last = NULL;
	const struct cli_option options[] = {
		{ .name = "last", .value = &last },
	};
	struct listing listing = { .cli = cli };
	char *value, *rest;
	int code;

	if (cli_parse(cli, argc, argv, options, 1, 1, 1) == -1)
		return CLI_USAGE;
	code = client_list(cli, client_path(argv[0], "/drill/months?limit=0"),
	    on_month, &listing);
	if (code != CLI_DONE)
		return code;
	value = client_encode(last != NULL ? last : record_default);
	rest = cli_format("/drills?limit=0&last=%s", value);
	free(value);
	code = client_list(cli, client_path(argv[0], rest), on_drill, &listing);
	free(rest);
	if (code == CLI_DONE && listing.count == 0 && !cli->json)
		printf("No drill went over this line yet.\n");
	return code;
}
