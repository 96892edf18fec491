#include "cli/session.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/wipe.h"
#include "cli/cli.h"
#include "limits.h"

static const char file_name[] = "session";
static const char file_new[] = "session.new";

enum { TOKEN_DIGITS = 2 * SESSION_TOKEN_BYTES };

/* A token is hex; whatever else stood there must not become a header. */
static bool
is_token(const char *text)
{
	return strlen(text) == TOKEN_DIGITS &&
	    strspn(text, "0123456789abcdef") == TOKEN_DIGITS;
}

char *
session_token(int folder_fd)
{
	const char *given = getenv("QUIETLINE_SESSION");
	char *token = cli_format("%*s", TOKEN_DIGITS, "");
	ssize_t len;
	int fd;

	if (given != NULL) {
		snprintf(token, TOKEN_DIGITS + 1, "%s",
		    is_token(given) ? given : "");
	} else {
		fd = openat(folder_fd, file_name,
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		len = fd == -1 ? 0 : read(fd, token, TOKEN_DIGITS);
		token[len < 0 ? 0 : len] = '\0';
		if (fd != -1)
			(void)close(fd);
	}
	if (given != NULL && *given != '\0' && *token == '\0')
		cli_error("$QUIETLINE_SESSION is no session; the post is asked "
			  "as if you were not signed in");
	if (is_token(token))
		return token;
	session_free(token);
	return NULL;
}

void
session_free(char *token)
{
	if (token != NULL)
		wipe(token, strlen(token));
	free(token);
}

int
session_keep(int folder_fd, const char *token)
{
	int fd = openat(folder_fd, file_new,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool written;

	if (fd == -1)
		return ERR_IO;
	written = write(fd, token, strlen(token)) == (ssize_t)strlen(token);
	if (close(fd) == 0 && written &&
	    renameat(folder_fd, file_new, folder_fd, file_name) == 0)
		return OK;
	(void)unlinkat(folder_fd, file_new, 0);
	return ERR_IO;
}

void
session_forget(int folder_fd)
{
	(void)unlinkat(folder_fd, file_name, 0);
}
