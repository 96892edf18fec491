#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/show.h"
#include "limits.h"

enum {
	/* A test is over when its command is: looked for this often. */
	TEST_LOOK_MS = 100,
	TEST_MS_MAX = ALARM_COMMAND_MS_MAX + ALARM_COMMAND_END_MS + 10000,
};

/* "terminal and sound", of a list of words; the caller frees. */
static char *
say_means(const json_t *means)
{
	const size_t count = json_array_size(means);
	char *say = cli_format("%s", count == 0 ? "nothing" : "");
	char *longer;
	const json_t *word;
	size_t i;

	json_array_foreach(means, i, word)
	{
		longer = cli_format("%s%s%s", say,
		    i == 0		 ? ""
			: i + 1 == count ? " and "
					 : ", ",
		    json_string_value(word));
		free(say);
		say = longer;
	}
	return say;
}

/* -- listing ---------------------------------------------------------------- */

struct listing {
	const struct cli *cli;
	size_t count;
};

static void
print_state(const json_t *alarm)
{
	const char *state = show_text_of(alarm, "state");
	const char *by = show_text_of(alarm, "by");
	const char *wakes = show_text_of(alarm, "wakes");
	const unsigned long long times =
	    (unsigned long long)show_number_of(alarm, "times");
	char at[SHOW_BYTES];
	char *name;

	if (strcmp(state, "live") != 0) {
		show_time(at, show_text_of(alarm, "ended"));
		name = show_visible(by, false);
		printf("    %s %s%s%s\n", state, at, *by != '\0' ? " by " : "",
		    name);
		free(name);
		return;
	}
	if (times > 0 && strcmp(show_text_of(alarm, "rings"), "once") == 0) {
		printf("    rang once, and waits for a person; quietline alarm "
		       "ack %llu\n",
		    (unsigned long long)show_number_of(alarm, "number"));
		return;
	}
	printf("    rang %llu time%s", times, times == 1 ? "" : "s");
	if (*wakes != '\0') {
		name = show_visible(wakes, false);
		printf("; wakes %s", name);
		free(name);
	}
	printf("; quietline alarm ack %llu\n",
	    (unsigned long long)show_number_of(alarm, "number"));
}

static int
print_alarm(void *ctx, json_t *alarm)
{
	struct listing *listing = ctx;
	char *say, *trouble;
	char at[SHOW_BYTES];

	listing->count++;
	if (listing->cli->json) {
		show_json(alarm);
		return CLI_DONE;
	}
	show_time(at, show_text_of(alarm, "since"));
	say = show_visible(show_text_of(alarm, "say"), false);
	printf("%4llu  %s  %s%s%s  %s\n",
	    (unsigned long long)show_number_of(alarm, "number"), at,
	    show_strong(), show_text_of(alarm, "what"), show_plain(), say);
	free(say);
	print_state(alarm);
	trouble = show_visible(show_text_of(alarm, "trouble"), false);
	if (*trouble != '\0')
		printf("    trouble: %s\n", trouble);
	free(trouble);
	return CLI_DONE;
}

/* Until when nothing but flash rings, where somebody wanted that. */
static int
say_silence(const struct cli *cli)
{
	char at[SHOW_BYTES];
	const char *until;
	json_t *rules;
	int code;

	code = client_look(cli, cli_format("/v1/alarms/rules"), &rules);
	until = show_text_of(rules, "silenced_until");
	if (code == CLI_DONE && *until != '\0') {
		show_time(at, until);
		printf("Alarms are silenced until %s: only a flash message and "
		       "a test ring.\n",
		    at);
	}
	json_decref(rules);
	return code;
}

int
alarm_list_run(struct cli *cli, int argc, char **argv)
{
	bool all = false;
	const struct cli_option options[] = {
		{ .name = "all", .flag = &all },
	};
	struct listing listing = { .cli = cli };
	int code;

	if (cli_parse(cli, argc, argv, options, 1, 0, 0) == -1)
		return CLI_USAGE;
	if (!cli->json && (code = say_silence(cli)) != CLI_DONE)
		return code;
	code = client_list(cli,
	    cli_format("/v1/alarms?limit=%d%s", ALARM_LIST_MAX,
		all ? "&all=1" : ""),
	    print_alarm, &listing);
	if (code == CLI_DONE && listing.count == 0 && !cli->json)
		printf("No alarm rings or waits for a person.\n");
	return code;
}

/* -- acknowledging ---------------------------------------------------------- */

static int
acknowledge(const struct cli *cli, const char *number)
{
	char *end;
	unsigned long long n = 0;
	json_t *answer;
	int code;

	if (number != NULL) {
		n = strtoull(number, &end, 10);
		if (*number < '1' || *number > '9' || *end != '\0')
			return cli_usage(cli, "%s is no alarm's number",
			    number);
	}
	code = client_ask(cli,
	    number != NULL ? cli_format("/v1/alarms/%llu/ack", n)
			   : cli_format("/v1/alarms/ack"),
	    NULL, CLIENT_AGAIN, &answer);
	if (code == CLI_DONE && cli->json)
		show_json(answer);
	json_decref(answer);
	return code;
}

int
alarm_ack_run(struct cli *cli, int argc, char **argv)
{
	bool all = false;
	const struct cli_option options[] = {
		{ .name = "all", .flag = &all },
	};
	int args, code = CLI_DONE;

	args = cli_parse(cli, argc, argv, options, 1, 0, ALARM_LIST_MAX);
	if (args == -1)
		return CLI_USAGE;
	if (all == (args > 0))
		return cli_usage(cli, "give alarms' numbers, or --all");
	if (all)
		code = acknowledge(cli, NULL);
	for (int i = 0; i < args && code == CLI_DONE; i++)
		code = acknowledge(cli, argv[i]);
	if (code == CLI_DONE && !cli->json)
		printf("Acknowledged here. The other side is told of a message "
		       "only by `quietline ack`.\n");
	return code;
}

/* -- testing ---------------------------------------------------------------- */

static bool
is_heard(const json_t *alarm)
{
	return json_array_size(json_object_get(alarm, "heard")) > 0;
}

/* It has rung, and how that went is known. */
static bool
is_over(const json_t *alarm)
{
	return is_heard(alarm) || *show_text_of(alarm, "trouble") != '\0';
}

static void
wait_a_moment(void)
{
	const struct timespec moment = { .tv_nsec =
					     TEST_LOOK_MS * CLOCK_NS_PER_MS };

	(void)nanosleep(&moment, NULL);
}

static int
say_test(const struct cli *cli, const json_t *alarm)
{
	char *means = say_means(json_object_get(alarm, "heard"));
	char *trouble = show_visible(show_text_of(alarm, "trouble"), false);

	if (cli->json)
		show_json(alarm);
	else if (is_heard(alarm))
		printf("The alarm rang by %s.\n", means);
	if (!is_heard(alarm))
		cli_error("nobody can have heard it: %s",
		    *trouble != '\0' ? trouble : "the bell does not answer");
	else if (*trouble != '\0' && !cli->json)
		printf("But: %s.\n", trouble);
	free(means);
	free(trouble);
	return is_heard(alarm) ? CLI_DONE : CLI_FAILED;
}

int
alarm_test_run(struct cli *cli, int argc, char **argv)
{
	unsigned long long n;
	json_t *alarm;
	int code;

	if (cli_parse(cli, argc, argv, NULL, 0, 0, 0) == -1)
		return CLI_USAGE;
	code = client_ask(cli, cli_format("/v1/alarms/test"), NULL, CLIENT_ONCE,
	    &alarm);
	if (code != CLI_DONE)
		return code;
	n = (unsigned long long)show_number_of(alarm, "number");
	for (int ms = 0; ms < TEST_MS_MAX && !is_over(alarm);
	     ms += TEST_LOOK_MS) {
		wait_a_moment();
		json_decref(alarm);
		code =
		    client_look(cli, cli_format("/v1/alarms/%llu", n), &alarm);
		if (code != CLI_DONE)
			return code;
	}
	code = say_test(cli, alarm);
	json_decref(alarm);
	return code;
}

/* -- rules ------------------------------------------------------------------ */

static const char *const whats[] = { "flash", "immediate", "priority",
	"routine", "drill", "fault", "silent", "deadline" };
enum { WHATS = sizeof(whats) / sizeof(whats[0]) };

static void
print_span(const json_t *rules, const char *name, const char *format)
{
	char text[SHOW_BYTES];

	show_duration(text, show_number_of(rules, name) * 1000);
	printf(format, text);
}

static void
print_rules(const json_t *rules)
{
	const json_t *wake = json_object_get(rules, "wake"), *title;
	const char *until = show_text_of(rules, "silenced_until");
	char at[SHOW_BYTES];
	char *name;
	size_t i;

	for (i = 0; i < WHATS; i++)
		printf("%-10s rings %s\n", whats[i],
		    show_text_of(rules, whats[i]));
	print_span(rules, "repeat_s",
	    "Every %s, until a person acknowledges.\n");
	print_span(rules, "step_s", "After each %s the next one is to wake.\n");
	print_span(rules, "silent_s",
	    "A line is silent for too long after %s.\n");
	json_array_foreach(wake, i, title)
	{
		name = show_visible(json_string_value(title), false);
		printf("%s%s%s",
		    i == 0 ? "To wake, where no roster says: " : ", then ",
		    name, i + 1 == json_array_size(wake) ? "\n" : "");
		free(name);
	}
	if (*until == '\0')
		return;
	show_until(at, until);
	printf("All but flash is silenced until %s.\n", at);
}

/* Puts "drill=once" into the rules. */
static int
take_rule(const struct cli *cli, json_t *rules, const char *rule)
{
	const char *equals = strchr(rule, '=');

	for (size_t i = 0; equals != NULL && i < WHATS; i++) {
		if (strlen(whats[i]) != (size_t)(equals - rule) ||
		    strncmp(whats[i], rule, (size_t)(equals - rule)) != 0)
			continue;
		json_object_set_new(rules, whats[i], json_string(equals + 1));
		return CLI_DONE;
	}
	return cli_usage(cli,
	    "%s: say what and how, such as drill=once; a what is flash, "
	    "immediate, priority, routine, drill, fault, silent or deadline",
	    rule);
}

static int
take_span(const struct cli *cli, json_t *rules, const char *name,
    const char *text)
{
	uint64_t ms;

	if (text == NULL)
		return CLI_DONE;
	if (cli_seconds(&ms, text) != OK || ms % 1000 != 0)
		return cli_usage(cli, "%s is no number of whole seconds", text);
	json_object_set_new(rules, name, json_integer((json_int_t)(ms / 1000)));
	return CLI_DONE;
}

struct changes {
	const char *repeat, *step, *silent;
	const char *wake[ALARM_TITLES_MAX];
	size_t wakes;
	bool wake_nobody;
};

static int
compose(const struct cli *cli, json_t *rules, const struct changes *changes,
    char **argv)
{
	json_t *titles = json_array();
	int code = CLI_DONE;

	json_object_del(rules, "silenced_until");
	for (size_t i = 0; i < changes->wakes; i++)
		json_array_append_new(titles, json_string(changes->wake[i]));
	if (changes->wakes > 0 || changes->wake_nobody)
		json_object_set(rules, "wake", titles);
	json_decref(titles);
	for (; *argv != NULL && code == CLI_DONE; argv++)
		code = take_rule(cli, rules, *argv);
	if (code == CLI_DONE)
		code = take_span(cli, rules, "repeat_s", changes->repeat);
	if (code == CLI_DONE)
		code = take_span(cli, rules, "step_s", changes->step);
	if (code == CLI_DONE)
		code = take_span(cli, rules, "silent_s", changes->silent);
	return code;
}

static int
show_rules(const struct cli *cli, json_t *rules)
{
	if (cli->json)
		show_json(rules);
	else
		print_rules(rules);
	json_decref(rules);
	return CLI_DONE;
}

int
alarm_set_run(struct cli *cli, int argc, char **argv)
{
	struct changes changes = { .wakes = 0 };
	const struct cli_option options[] = {
		{ .name = "repeat", .value = &changes.repeat },
		{ .name = "step", .value = &changes.step },
		{ .name = "silent", .value = &changes.silent },
		{ .name = "wake",
		    .value = changes.wake,
		    .count = &changes.wakes,
		    .count_max = ALARM_TITLES_MAX },
		{ .name = "wake-nobody", .flag = &changes.wake_nobody },
	};
	json_t *rules, *answer;
	int args, code;

	args = cli_parse(cli, argc, argv, options, 5, 0, WHATS);
	if (args == -1)
		return CLI_USAGE;
	if (changes.wakes > 0 && changes.wake_nobody)
		return cli_usage(cli,
		    "--wake and --wake-nobody exclude each other");
	code = client_look(cli, cli_format("/v1/alarms/rules"), &rules);
	if (code != CLI_DONE)
		return code;
	if (args == 0 && changes.repeat == NULL && changes.step == NULL &&
	    changes.silent == NULL && changes.wakes == 0 &&
	    !changes.wake_nobody)
		return show_rules(cli, rules);
	code = compose(cli, rules, &changes, argv);
	if (code != CLI_DONE) {
		json_decref(rules);
		return code;
	}
	code = client_ask(cli, cli_format("/v1/alarms/rules"), rules,
	    CLIENT_AGAIN, &answer);
	return code == CLI_DONE ? show_rules(cli, answer) : code;
}

int
alarm_silence_run(struct cli *cli, int argc, char **argv)
{
	const char *until = NULL;
	bool off = false;
	const struct cli_option options[] = {
		{ .name = "until", .value = &until },
		{ .name = "off", .flag = &off },
	};
	json_t *body, *answer;
	char at[CLOCK_TEXT_BYTES];
	int64_t until_ms;
	int code;

	if (cli_parse(cli, argc, argv, options, 2, 0, 0) == -1)
		return CLI_USAGE;
	if (off == (until != NULL))
		return cli_usage(cli, "say --until when, or --off");
	if (until != NULL && cli_until(&until_ms, until, clock_wall_ms()) != OK)
		return cli_usage(cli,
		    "--until takes a time such as 2026-11-22T18:00:00Z, or "
		    "18:00 in UTC");
	body = json_object();
	if (until != NULL) {
		clock_format(at, until_ms);
		json_object_set_new(body, "until", json_string(at));
	}
	code = client_ask(cli, cli_format("/v1/alarms/silence"), body,
	    CLIENT_AGAIN, &answer);
	return code == CLI_DONE ? show_rules(cli, answer) : code;
}
