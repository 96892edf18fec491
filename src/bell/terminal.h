/* Owns ringing the bell of a terminal. */
#ifndef BELL_TERMINAL_H
#define BELL_TERMINAL_H

#include <stdbool.h>

#include "base/err.h"
#include "limits.h"
#include "proc/text.h"

enum { TERMINAL_SAY_BYTES = 256 };

struct terminal {
	bool foreground; /* that of standard error, if it is one */
	bool there;	 /* standard error was one at the start */
	char path[ALARM_CONFIG_TEXT_BYTES_MAX + 1]; /* else this; "": none */
	char say[TERMINAL_SAY_BYTES];		    /* why it cannot ring */
};

/* `name`: a path, BELL_FOREGROUND, or absent: none. */
void terminal_init(struct terminal *terminal, struct text name);
/* What it opens; NULL: nothing. */
const char *terminal_path(const struct terminal *terminal);
/* There is one to ring, as far as can be known without opening it. */
bool terminal_is_there(const struct terminal *terminal);
/* Rings: OK; ERR_NOT_FOUND: there is none, why in terminal->say ("" where none was
 * asked for); ERR_IO. */
MUST_CHECK int terminal_ring(struct terminal *terminal);

#endif
