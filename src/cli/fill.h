/* Owns the fields of a form as a command's options give them. */
#ifndef CLI_FILL_H
#define CLI_FILL_H

#include <stddef.h>

#include "base/err.h"
#include "cli/cli.h"
#include "limits.h"

/* --form N --field NAME=VALUE..., of a message. */
struct fill {
	const char *form; /* NULL: by none */
	const char *fields[FORM_FIELDS_MAX];
	size_t count;
};

/* Two rows of options. */
#define FILL_OPTIONS(fill) \
	{ .name = "form", .value = &(fill)->form }, \
	{ \
		.name = "field", .value = (fill)->fields, \
		.count = &(fill)->count, .count_max = FORM_FIELDS_MAX \
	}

/* What --help says of them. */
#define FILL_HELP \
	"  --form N              by a form of the line, instead of a text\n" \
	"  --field NAME=VALUE    of that form; once for each of its fields\n"

/* CLI_DONE, or CLI_USAGE after having said what is wrong. */
MUST_CHECK int fill_check(const struct cli *cli, const struct fill *fill);
/* A line a field, as the API takes them; the caller frees. */
char *fill_text(const struct fill *fill);

#endif
