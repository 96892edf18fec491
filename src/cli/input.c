#include "cli/input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "cli/cli.h"
#include "limits.h"

/* All of standard input, or NULL after having said why not. */
static char *
read_input(void)
{
	char *text = malloc(TEXT_BYTES_MAX + 2);
	size_t len;

	if (text == NULL) {
		cli_error("no memory");
		return NULL;
	}
	len = fread(text, 1, TEXT_BYTES_MAX + 1, stdin);
	text[len] = '\0';
	if (ferror(stdin) != 0)
		cli_error("standard input cannot be read (%s)",
		    strerror(errno));
	else if (len > TEXT_BYTES_MAX)
		cli_error("the text is over %d bytes; send it as a file "
			  "instead: --file",
		    TEXT_BYTES_MAX);
	else if (strlen(text) != len)
		cli_error("the text holds a zero byte; send it as a file "
			  "instead: --file");
	else
		return text;
	free(text);
	return NULL;
}

bool
input_text(const char *argument, char **text)
{
	*text = NULL;
	if (argument == NULL)
		return true;
	*text = strcmp(argument, "-") == 0 ? read_input()
					   : cli_format("%s", argument);
	if (*text == NULL)
		return false;
	if (utf8_is_valid(*text, strlen(*text)))
		return true;
	cli_error("the text is not valid UTF-8");
	free(*text);
	*text = NULL;
	return false;
}
