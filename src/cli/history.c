#include "cli/history.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/show.h"
#include "limits.h"

/* The API's names, the letter in a bar, and the word beside it. */
static const struct kind {
	const char *name;
	char letter;
	const char *word;
} kinds[] = {
	{ "up", '#', "up" },
	{ "one_way", '>', "one-way" },
	{ "starting", 's', "starting" },
	{ "path", 'p', "path" },
	{ "post", 'x', "other post" },
	{ "untold", '?', "untold" },
	{ "goodbye", 'g', "goodbye" },
	{ "down", '-', "own post" },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* The seconds of each kind, and their sum. */
static uint64_t
read_parts(const json_t *parts, uint64_t seconds[KINDS])
{
	uint64_t sum = 0;

	for (size_t i = 0; i < KINDS; i++) {
		seconds[i] = show_number_of(parts, kinds[i].name);
		if (seconds[i] > DAY_SECONDS)
			seconds[i] = DAY_SECONDS;
		sum += seconds[i];
	}
	return sum;
}

void
history_bar(char bar[HISTORY_BAR_CHARS + 1], const json_t *parts)
{
	uint64_t seconds[KINDS], letters[KINDS], used = 0;
	size_t at = 0, most = 0;

	(void)read_parts(parts, seconds);
	for (size_t i = 0; i < KINDS; i++) {
		letters[i] =
		    (seconds[i] * HISTORY_BAR_CHARS + DAY_SECONDS / 2) /
		    DAY_SECONDS;
		if (letters[i] == 0 && seconds[i] > 0)
			letters[i] = 1;
		if (letters[i] > letters[most])
			most = i;
		used += letters[i];
	}
	/* What rounding added goes where it is missed least. */
	while (used > HISTORY_BAR_CHARS) {
		for (size_t i = 0; i < KINDS; i++)
			most = letters[i] > letters[most] ? i : most;
		letters[most]--;
		used--;
	}
	memset(bar, ' ', HISTORY_BAR_CHARS);
	bar[HISTORY_BAR_CHARS] = '\0';
	for (size_t i = 0; i < KINDS; i++)
		for (uint64_t j = 0; j < letters[i]; j++)
			bar[at++] = kinds[i].letter;
}

char *
history_shares(const json_t *parts)
{
	uint64_t seconds[KINDS];
	const uint64_t sum = read_parts(parts, seconds);
	char *text = cli_format("%s", "");

	for (size_t i = 0; i < KINDS; i++) {
		const double share =
		    sum == 0 ? 0 : (double)seconds[i] * 100 / (double)sum;
		char *longer;

		if (seconds[i] == 0)
			continue;
		/* 100 is for what was all of it. */
		longer = cli_format("%s%s%s %s%.1f %%", text,
		    *text == '\0' ? "" : ", ", kinds[i].word,
		    share < 0.1 ? "under " : "",
		    share < 0.1			      ? 0.1
			: share > 99.9 && share < 100 ? 99.9
						      : share);
		free(text);
		text = longer;
	}
	return text;
}

static void
print_side(const char *date, const char *side, const json_t *parts)
{
	char bar[HISTORY_BAR_CHARS + 1];
	char *shares;

	if (!json_is_object(parts)) {
		printf("%-10s %-4s  nothing recorded, or not told yet\n", date,
		    side);
		return;
	}
	history_bar(bar, parts);
	shares = history_shares(parts);
	printf("%-10s %-4s |%s| %s\n", date, side, bar, shares);
	free(shares);
}

/* Over all days, of what this side recorded. */
static void
print_sum(const json_t *days)
{
	json_t *sum = json_object();
	uint64_t seconds[KINDS], all[KINDS] = { 0 }, total = 0;
	const json_t *day;
	size_t i;

	json_array_foreach(days, i, day)
	{
		total += read_parts(json_object_get(day, "ours"), seconds);
		for (size_t j = 0; j < KINDS; j++)
			all[j] += seconds[j];
	}
	/* As of one day, which is what the shares are made of. */
	for (size_t j = 0; j < KINDS && total > 0; j++)
		json_object_set_new(sum, kinds[j].name,
		    json_integer(
			(json_int_t)((all[j] * DAY_SECONDS + total / 2) /
			    total)));
	if (total > 0) {
		char *shares = history_shares(sum);

		printf("In all, as this side found it: %s.\n", shares);
		free(shares);
	}
	json_decref(sum);
}

void
history_print(const json_t *history)
{
	const json_t *days = json_object_get(history, "days");
	char *name = show_visible(show_text_of(history, "line"), false);
	const json_t *day;
	size_t i;

	printf("The line to %s, by UTC days: as this side found it, and as "
	       "they did.\n",
	    name);
	free(name);
	if (json_array_size(days) == 0) {
		printf("Nothing is recorded of these days.\n");
		return;
	}
	json_array_foreach(days, i, day)
	{
		print_side(show_text_of(day, "date"), "us",
		    json_object_get(day, "ours"));
		print_side("", "them", json_object_get(day, "theirs"));
	}
	print_sum(days);
	printf("A bar is 24 hours, each kind together and not by the clock: "
	       "# up, > one-way,\ns starting; silent: p the path, x the other "
	       "post, ? not known which, g goodbye;\n- its own post did not "
	       "run; blank: not recorded.\n");
}
