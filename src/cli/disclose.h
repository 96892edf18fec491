/* Owns `line set LINE disclose`: what each side of a line tells the other. */
#ifndef CLI_DISCLOSE_H
#define CLI_DISCLOSE_H

#include "base/err.h"
#include "cli/cli.h"

/* value: "titles,read,roster", some of them, or "none"; an enum cli_exit. */
MUST_CHECK int disclose_set(struct cli *cli, const char *line,
    const char *value);
/* Says in a line what each side tells the other now; an enum cli_exit. */
MUST_CHECK int disclose_show(struct cli *cli, const char *line);

#endif
