#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/delegate.h"
#include "cli/folder.h"
#include "cli/session.h"
#include "cli/show.h"

/* The post's folder, for the file that keeps the token; -1: said. */
static int
open_folder(const struct cli *cli)
{
	char *folder = folder_name(cli);
	int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1)
		cli_error("%s: %s", folder, strerror(errno));
	free(folder);
	return fd;
}

static void
print_session(const json_t *session)
{
	char *say = delegate_sentence(session);
	char time[SHOW_BYTES];

	printf("You speak as %s", say);
	if (*show_text_of(session, "until") != '\0') {
		show_until(time, show_text_of(session, "until"));
		printf(", until %s.\n", time);
	} else {
		printf(", as the user that runs the post.\n");
	}
	free(say);
}

/* Keeps what signing in gave, and says who is signed in. */
static int
keep(const struct cli *cli, json_t *session, bool prints)
{
	const char *token = show_text_of(session, "token");
	int fd, rc;

	if (prints) {
		printf("%s\n", token);
		return CLI_DONE;
	}
	if (cli->json) {
		show_json(session);
		return CLI_DONE;
	}
	if ((fd = open_folder(cli)) == -1)
		return CLI_FAILED;
	rc = session_keep(fd, token);
	if (rc != OK)
		cli_error("the session cannot be kept in the post's folder "
			  "(%s); sign in with --print",
		    strerror(errno));
	else
		print_session(session);
	(void)close(fd);
	return rc == OK ? CLI_DONE : CLI_FAILED;
}

int
sign_in_run(struct cli *cli, int argc, char **argv)
{
	const char *file = NULL;
	bool prints = false;
	const struct cli_option options[] = {
		{ .name = "passphrase-file", .value = &file },
		{ .name = "print", .flag = &prints },
	};
	char *passphrase;
	json_t *body, *session = NULL;
	int code = CLI_FAILED;

	if (cli_parse(cli, argc, argv, options, 2, 1, 1) == -1)
		return CLI_USAGE;
	if ((passphrase = delegate_passphrase(argv[0], file, DELEGATE_ITS)) ==
	    NULL)
		return CLI_FAILED;
	body = json_pack("{s:s}", "title", argv[0]);
	if (delegate_put_passphrase(body, "passphrase", passphrase) == OK)
		code = client_ask(cli, cli_format("/v1/sessions"), body,
		    CLIENT_ONCE, &session);
	else
		json_decref(body);
	delegate_forget(passphrase);
	if (code == CLI_DONE)
		code = keep(cli, session, prints);
	json_decref(session);
	return code;
}

/* Asked of a session that has ended, the post refuses; the token goes anyway. */
int
sign_out_run(struct cli *cli, int argc, char **argv)
{
	bool everywhere = false;
	const struct cli_option options[] = {
		{ .name = "everywhere", .flag = &everywhere },
	};
	json_t *answer;
	int code, fd;

	if (cli_parse(cli, argc, argv, options, 1, 0, 0) == -1)
		return CLI_USAGE;
	code = client_ask(cli, cli_format("/v1/sessions/end"),
	    json_pack("{s:b}", "everywhere", everywhere), CLIENT_ONCE, &answer);
	if (code == CLI_NOT_RUNNING || (fd = open_folder(cli)) == -1)
		return code;
	/* Another's, given for this command alone, is not the one that is kept. */
	if (getenv("QUIETLINE_SESSION") == NULL)
		session_forget(fd);
	(void)close(fd);
	if (code == CLI_DONE && cli->json)
		show_json(answer);
	else if (code == CLI_DONE)
		printf("Signed out%s.\n", everywhere ? " everywhere" : "");
	json_decref(answer);
	return code;
}

int
who_run(struct cli *cli, int argc, char **argv)
{
	json_t *session;
	int code;

	if (cli_parse(cli, argc, argv, NULL, 0, 0, 0) == -1)
		return CLI_USAGE;
	code = client_look(cli, cli_format("/v1/who"), &session);
	if (code == CLI_DONE && cli->json)
		show_json(session);
	else if (code == CLI_DONE)
		print_session(session);
	json_decref(session);
	return code;
}
