/* Owns naming the post's folder. */
#ifndef CLI_FOLDER_H
#define CLI_FOLDER_H

#include "cli/cli.h"

/* --post, else $QUIETLINE_POST, else $XDG_DATA_HOME/quietline, else
 * $HOME/.local/share/quietline; the caller frees.  Ends the program with
 * CLI_USAGE where none of them says. */
char *folder_name(const struct cli *cli);

bool folder_has_post(const char *folder);

/* Makes the folders above it, for this user only: OK or ERR_IO (errno). */
MUST_CHECK int folder_make_above(const char *folder);

#endif
