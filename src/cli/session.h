/* Owns keeping a session's token between commands. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "base/err.h"

/*
 * The token that speaks for this command: $QUIETLINE_SESSION, where it is set
 * (empty: none), else the one kept in the post's folder; NULL: none.  The caller
 * gives it to session_free.
 */
char *session_token(int folder_fd);
/* Wipes and frees; NULL is fine. */
void session_free(char *token);

/* Keeps it in the folder, for this user only: OK or ERR_IO (errno). */
MUST_CHECK int session_keep(int folder_fd, const char *token);
void session_forget(int folder_fd);

#endif
