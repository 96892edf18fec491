/* Owns what the commands share that speak for this side: they can be kept as a
 * draft, or be an emergency. */
#ifndef CLI_SPEAK_H
#define CLI_SPEAK_H

#include <stdbool.h>

#include "cli/cli.h"

struct json_t;

struct speak {
	bool draft;
	const char *version_of; /* --draft=N */
	bool emergency;
};

/* Two rows for the options of a command that speaks. */
#define SPEAK_OPTIONS(speak) \
	{ .name = "draft", \
		.flag = &(speak)->draft, \
		.value = &(speak)->version_of }, \
	{ \
		.name = "emergency", .flag = &(speak)->emergency \
	}

/* What --help says of them. */
#define SPEAK_HELP \
	"  --draft[=N]           keep it as a draft, or as a new version of draft N,\n" \
	"                        for others to release\n" \
	"  --emergency           let it go alone, where the rule of the line lets; both\n" \
	"                        sides see that\n"

/* CLI_DONE, or CLI_USAGE after having said what is wrong. */
MUST_CHECK int speak_check(const struct cli *cli, const struct speak *speak);
/* The path with what the options ask for; takes path. */
char *speak_path(const struct speak *speak, char *path);
/* Shows the draft that the answer is, where one was asked for: true. */
bool speak_show(const struct cli *cli, const struct speak *speak,
    const struct json_t *answer);

#endif
