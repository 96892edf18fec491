#include "cli/fill.h"

#include <stdlib.h>
#include <string.h>

int
fill_check(const struct cli *cli, const struct fill *fill)
{
	if (fill->form == NULL)
		return fill->count == 0
		    ? CLI_DONE
		    : cli_usage(cli, "--field needs --form");
	if (*fill->form < '1' || *fill->form > '9' ||
	    strspn(fill->form, "0123456789") != strlen(fill->form) ||
	    strtoul(fill->form, NULL, 10) > FORM_NUMBER_MAX)
		return cli_usage(cli, "%s is no form's number", fill->form);
	for (size_t i = 0; i < fill->count; i++) {
		if (strchr(fill->fields[i], '=') == NULL)
			return cli_usage(cli,
			    "a field is given as NAME=VALUE, not as %s",
			    fill->fields[i]);
		if (strchr(fill->fields[i], '\n') != NULL)
			return cli_usage(cli, "a field is one line");
	}
	return CLI_DONE;
}

char *
fill_text(const struct fill *fill)
{
	char *text = cli_format("%s", ""), *more;

	for (size_t i = 0; i < fill->count; i++) {
		more = cli_format("%s%s\n", text, fill->fields[i]);
		free(text);
		text = more;
	}
	return text;
}
