#include "cli/cli.h"

#include "base/clock.h"

#include <assert.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DAY_MS = 24 * 60 * 60 * 1000, MINUTE_MS = 60 * 1000 };

enum {
	OPTIONS_MAX = 24,
	OPTION_POST = 256,
	OPTION_JSON,
	OPTION_HELP,
	OPTION_FIRST
};

void
cli_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)fputs("quietline: ", stderr);
	(void)vfprintf(stderr, format, args);
	(void)fputc('\n', stderr);
	va_end(args);
}

int
cli_usage(const struct cli *cli, const char *format, ...)
{
	const char *name = cli->command == NULL ? "" : cli->command->name;
	va_list args;

	va_start(args, format);
	(void)fputs("quietline: ", stderr);
	(void)vfprintf(stderr, format, args);
	(void)fprintf(stderr, " (see: quietline %s%s--help)\n", name,
	    *name == '\0' ? "" : " ");
	va_end(args);
	return CLI_USAGE;
}

void
cli_print_help(const struct command *command)
{
	printf(
	    "%s\n\nusage: quietline %s%s%s\n\n%s"
	    "\nEvery command takes --post DIR (default $QUIETLINE_POST, else\n"
	    "quietline in $XDG_DATA_HOME or ~/.local/share), --json and --help.\n",
	    command->summary, command->name, *command->usage == '\0' ? "" : " ",
	    command->usage, command->help);
}

/* getopt's tables, made from ours. */
struct tables {
	struct option longs[OPTIONS_MAX];
	char shorts[2 * OPTIONS_MAX + 3];
};

static void
make_tables(struct tables *tables, const struct cli_option *options,
    size_t count)
{
	const struct option common[] = {
		{ "post", required_argument, NULL, OPTION_POST },
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "help", no_argument, NULL, OPTION_HELP },
	};
	size_t used = sizeof(common) / sizeof(common[0]);
	char *shorts = tables->shorts;

	assert(count + used + 1 <= OPTIONS_MAX);
	memcpy(tables->longs, common, sizeof(common));
	*shorts++ = ':';
	*shorts++ = 'h';
	for (size_t i = 0; i < count; i++) {
		const bool is_flag = options[i].flag != NULL;
		const bool has_value = options[i].value != NULL;

		tables->longs[used + i] = (struct option){ options[i].name,
			!is_flag	? required_argument
			    : has_value ? optional_argument
					: no_argument,
			NULL, OPTION_FIRST + (int)i };
		if (options[i].letter != '\0') {
			*shorts++ = options[i].letter;
			if (!is_flag)
				*shorts++ = ':';
		}
	}
}

static const struct cli_option *
find_option(const struct cli_option *options, size_t count, int code)
{
	if (code >= OPTION_FIRST)
		return &options[code - OPTION_FIRST];
	for (size_t i = 0; i < count; i++)
		if (options[i].letter == code)
			return &options[i];
	return NULL;
}

static int
take_option(struct cli *cli, const struct cli_option *option)
{
	if (option->flag != NULL) {
		*option->flag = true;
		if (option->value != NULL)
			*option->value = optarg;
	} else if (option->count == NULL) {
		*option->value = optarg;
	} else if (*option->count < option->count_max) {
		option->value[(*option->count)++] = optarg;
	} else {
		(void)cli_usage(cli, "--%s at most %zu times", option->name,
		    option->count_max);
		return -1;
	}
	return 0;
}

/* A letter stands in optopt, for getopt may not be past its word yet. */
static void
say_unknown(const struct cli *cli, char *const *argv)
{
	if (optopt > 0 && optopt < OPTION_POST)
		(void)cli_usage(cli,
		    "unknown option -%c; a text that begins with - comes "
		    "after --",
		    optopt);
	else
		(void)cli_usage(cli, "unknown option %s", argv[optind - 1]);
}

int
cli_parse(struct cli *cli, int argc, char **argv,
    const struct cli_option *options, size_t count, int least, int most)
{
	struct tables tables = { 0 };
	int code;

	make_tables(&tables, options, count);
	opterr = 0;
	optind = 0;
	/* argv[0] is the command's name, as getopt wants it. */
	while ((code = getopt_long(argc, argv, tables.shorts, tables.longs,
		    NULL)) != -1) {
		const struct cli_option *option = NULL;

		if (code == OPTION_POST) {
			cli->post = optarg;
		} else if (code == OPTION_JSON) {
			cli->json = true;
		} else if (code == OPTION_HELP || code == 'h') {
			cli_print_help(cli->command);
			exit(CLI_DONE);
		} else if (code == ':') {
			(void)cli_usage(cli, "%s needs a value",
			    argv[optind - 1]);
			return -1;
		} else if (code == '?') {
			say_unknown(cli, argv);
			return -1;
		} else if ((option = find_option(options, count, code)) ==
			NULL ||
		    take_option(cli, option) != 0) {
			return -1;
		}
	}
	argc -= optind;
	if (argc < least || argc > most) {
		(void)cli_usage(cli,
		    argc < least ? "%s: something is missing: "
				   "%s"
				 : "%s: too much is given: %s",
		    cli->command->name, cli->command->usage);
		return -1;
	}
	memmove(argv, argv + optind, (size_t)argc * sizeof(*argv));
	argv[argc] = NULL;
	return argc;
}

bool
cli_has_person(const struct cli *cli)
{
	return !cli->json && isatty(STDIN_FILENO) == 1 &&
	    isatty(STDERR_FILENO) == 1;
}

bool
cli_agrees(const struct cli *cli, const char *question)
{
	char line[16];

	if (!cli_has_person(cli))
		return true;
	(void)fprintf(stderr, "%s [y/N] ", question);
	return fgets(line, sizeof(line), stdin) != NULL &&
	    (line[0] == 'y' || line[0] == 'Y');
}

int
cli_seconds(uint64_t *ms, const char *text)
{
	uint64_t value = 0;
	unsigned scale = 1000;
	bool fraction = false;

	if (*text < '0' || *text > '9')
		return ERR_FORMAT;
	for (; *text != '\0'; text++) {
		if (*text == '.' && !fraction) {
			fraction = true;
			continue;
		}
		if (*text < '0' || *text > '9' || value > UINT32_MAX)
			return ERR_FORMAT;
		if (fraction && scale == 1)
			continue;
		value = value * 10 + (uint64_t)(*text - '0');
		if (fraction)
			scale /= 10;
	}
	*ms = value * scale;
	return OK;
}

char *
cli_format(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) == -1) {
		cli_error("no memory");
		exit(CLI_FAILED);
	}
	va_end(args);
	return text;
}

/* "18:00": minutes of the day; -1: not of that form. */
static int
minute_of(const char *text)
{
	static const char digits[] = "0123456789";
	int hour, minute;

	if (strspn(text, digits) != 2 || text[2] != ':' ||
	    strspn(text + 3, digits) != 2 || text[5] != '\0')
		return -1;
	hour = (text[0] - '0') * 10 + text[1] - '0';
	minute = (text[3] - '0') * 10 + text[4] - '0';
	return hour > 23 || minute > 59 ? -1 : hour * 60 + minute;
}

int
cli_until(int64_t *until_ms, const char *text, int64_t now_ms)
{
	const int minute = minute_of(text);

	if (minute < 0)
		return clock_parse(until_ms, text);
	*until_ms = now_ms - now_ms % DAY_MS + (int64_t)minute * MINUTE_MS;
	if (*until_ms <= now_ms)
		*until_ms += DAY_MS;
	return OK;
}
