/* Owns what all subcommands share: exit codes, options, errors. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum cli_exit {
	CLI_DONE = 0,
	CLI_FAILED = 1,	     /* refused or failed, said on standard error */
	CLI_USAGE = 2,	     /* wrong usage */
	CLI_NOT_RUNNING = 3, /* the post is not running */
	CLI_LOCKED = 4,	     /* the post is locked or sealed */
	CLI_TIMEOUT = 5,     /* timed out while waiting */
};

/* What every command knows. */
struct cli {
	const struct command *command;
	const char *post; /* --post; NULL: the environment says */
	bool json;
};

/* One row of the table of subcommands. */
struct command {
	const char *name;    /* "line offer" is two words */
	const char *usage;   /* what follows the name */
	const char *summary; /* one line */
	const char *help;    /* what it does, its options, an example */
	/* Gets what follows the name; returns an enum cli_exit. */
	int (*run)(struct cli *cli, int argc, char **argv);
};

/* One option of a command: a flag, one value, or a list of values; a flag and a
 * value: --draft, or --draft=12. */
struct cli_option {
	const char *name; /* without the dashes */
	char letter;	  /* 0: none */
	bool *flag;
	const char **value;
	size_t *count; /* value has room for count_max */
	size_t count_max;
};

/*
 * Reads the options, those of every command too, and moves the rest of argv to
 * its front: their number, from least to most, or -1 after having said what is
 * wrong (the exit code is then CLI_USAGE).  --help prints the help and exits.
 */
int cli_parse(struct cli *cli, int argc, char **argv,
    const struct cli_option *options, size_t count, int least, int most);

/* One line on standard error, "quietline: ...". */
void cli_error(const char *format, ...) PRINTF_LIKE(1, 2);
/* The same, with a hint at the command's help; returns CLI_USAGE. */
int cli_usage(const struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3);

/* The usage, summary and help of a command, to standard output. */
void cli_print_help(const struct command *command);

/* Asks on the terminal, default no; true where there is none to ask or
 * answers are for programs. */
bool cli_agrees(const struct cli *cli, const char *question);
/* A person sits at both ends of this command. */
bool cli_has_person(const struct cli *cli);

/* Reads seconds, "90" or "1.5", as milliseconds: OK or ERR_FORMAT. */
MUST_CHECK int cli_seconds(uint64_t *ms, const char *text);
/* Reads a time to come, RFC 3339 or "18:00" (the next one, UTC): OK or
 * ERR_FORMAT. */
MUST_CHECK int cli_until(int64_t *until_ms, const char *text, int64_t now_ms);
/* Never NULL: ends the program without memory. */
char *cli_format(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
