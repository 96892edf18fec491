#include "cli/delegate.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/wipe.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/daemon.h"
#include "cli/show.h"
#include "limits.h"

enum { ROLES_MAX = 6 };

char *
delegate_passphrase(const char *title, const char *file,
    enum delegate_which which)
{
	static const char *const questions[] = {
		[DELEGATE_ITS] = "The passphrase",
		[DELEGATE_OLD] = "The old passphrase",
		[DELEGATE_NEW] = "A new passphrase",
	};
	char *name = show_visible(title, false);
	char *question = cli_format("%s of %s: ", questions[which], name);
	int fd = daemon_passphrase(file, question, which == DELEGATE_NEW);
	char *text;
	ssize_t len;

	free(name);
	free(question);
	if (fd == -1)
		return NULL;
	text = wipe_new(PASSPHRASE_BYTES_MAX + 1);
	len = read(fd, text, PASSPHRASE_BYTES_MAX);
	(void)close(fd);
	if (len > 0)
		return text;
	cli_error("the passphrase cannot be read (%s)", strerror(errno));
	wipe_free(text, PASSPHRASE_BYTES_MAX + 1);
	return NULL;
}

void
delegate_forget(char *passphrase)
{
	wipe_free(passphrase, PASSPHRASE_BYTES_MAX + 1);
}

int
delegate_put_passphrase(struct json_t *body, const char *field,
    const char *passphrase)
{
	if (json_object_set_new(body, field, json_string(passphrase)) == 0)
		return OK;
	cli_error("the passphrase is not UTF-8 text");
	return ERR_FORMAT;
}

/* "head, releaser" */
static char *
role_list(const json_t *delegate)
{
	const json_t *roles = json_object_get(delegate, "roles");
	char *text = cli_format("%s", "");

	for (size_t i = 0; i < json_array_size(roles); i++) {
		const char *role = json_string_value(json_array_get(roles, i));
		char *longer = cli_format("%s%s%s", text, i == 0 ? "" : ", ",
		    role == NULL ? "" : role);

		free(text);
		text = longer;
	}
	return text;
}

char *
delegate_sentence(const struct json_t *delegate)
{
	char *title = show_visible(show_text_of(delegate, "title"), false);
	char *name = show_visible(show_text_of(delegate, "name"), false);
	char *roles = role_list(delegate);
	char *say = cli_format("%s%s%s%s: %s", title, *name == '\0' ? "" : " (",
	    name, *name == '\0' ? "" : ")", roles);

	free(title);
	free(name);
	free(roles);
	return say;
}

static void
print_delegate(const json_t *delegate)
{
	char *say = delegate_sentence(delegate);
	char time[SHOW_BYTES];

	printf("%s", say);
	if (*show_text_of(delegate, "revoked") != '\0') {
		show_until(time, show_text_of(delegate, "revoked"));
		printf("; revoked %s", time);
	}
	if (json_is_true(json_object_get(delegate, "owner")))
		printf("; the post's user");
	if (json_is_true(json_object_get(delegate, "passphrase")))
		printf("; has a passphrase");
	if (show_number_of(delegate, "sessions") > 0)
		printf("; signed in");
	printf("\n");
	free(say);
}

/* Prints what was answered; takes it. */
static int
show_answer(const struct cli *cli, int code, json_t *answer)
{
	if (code == CLI_DONE && cli->json)
		show_json(answer);
	else if (code == CLI_DONE)
		print_delegate(answer);
	json_decref(answer);
	return code;
}

static char *
delegate_path(const char *title, const char *rest)
{
	char *name = client_encode(title);
	char *path = cli_format("/v1/delegates/%s%s", name, rest);

	free(name);
	return path;
}

static json_t *
role_array(const char *const *roles, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(roles[i]));
	return list;
}

int
delegate_add_run(struct cli *cli, int argc, char **argv)
{
	const char *roles[ROLES_MAX], *name = NULL, *file = NULL;
	size_t count = 0;
	const struct cli_option options[] = {
		{ .name = "role",
		    .value = roles,
		    .count = &count,
		    .count_max = ROLES_MAX },
		{ .name = "name", .value = &name },
		{ .name = "passphrase-file", .value = &file },
	};
	char *passphrase;
	json_t *body, *answer = NULL;
	int code = CLI_FAILED;

	if (cli_parse(cli, argc, argv, options, 3, 1, 1) == -1)
		return CLI_USAGE;
	if (count == 0)
		return cli_usage(cli, "which --role does %s have?", argv[0]);
	if ((passphrase = delegate_passphrase(argv[0], file, DELEGATE_NEW)) ==
	    NULL)
		return CLI_FAILED;
	body = json_pack("{s:s,s:o}", "title", argv[0], "roles",
	    role_array(roles, count));
	if (name != NULL)
		json_object_set_new(body, "name", json_string(name));
	if (delegate_put_passphrase(body, "passphrase", passphrase) == OK)
		code = client_ask(cli, cli_format("/v1/delegates"), body,
		    CLIENT_ONCE, &answer);
	else
		json_decref(body);
	delegate_forget(passphrase);
	return show_answer(cli, code, answer);
}

static int
on_delegate(void *ctx, json_t *delegate)
{
	const struct cli *cli = ctx;

	if (cli->json)
		show_json(delegate);
	else
		print_delegate(delegate);
	return CLI_DONE;
}

int
delegate_list_run(struct cli *cli, int argc, char **argv)
{
	if (cli_parse(cli, argc, argv, NULL, 0, 0, 0) == -1)
		return CLI_USAGE;
	return client_list(cli, cli_format("/v1/delegates?limit=0"),
	    on_delegate, cli);
}

int
delegate_show_run(struct cli *cli, int argc, char **argv)
{
	json_t *answer;
	int code;

	if (cli_parse(cli, argc, argv, NULL, 0, 1, 1) == -1)
		return CLI_USAGE;
	code = client_look(cli, delegate_path(argv[0], ""), &answer);
	return show_answer(cli, code, answer);
}

int
delegate_set_run(struct cli *cli, int argc, char **argv)
{
	const char *roles[ROLES_MAX], *name = NULL;
	size_t count = 0;
	const struct cli_option options[] = {
		{ .name = "role",
		    .value = roles,
		    .count = &count,
		    .count_max = ROLES_MAX },
		{ .name = "name", .value = &name },
	};
	json_t *body, *answer;
	int code;

	if (cli_parse(cli, argc, argv, options, 2, 1, 1) == -1)
		return CLI_USAGE;
	if (count == 0 && name == NULL)
		return cli_usage(cli, "what is to be set? --role or --name");
	body = json_object();
	if (count > 0)
		json_object_set_new(body, "roles", role_array(roles, count));
	if (name != NULL)
		json_object_set_new(body, "name", json_string(name));
	code = client_ask(cli, delegate_path(argv[0], ""), body, CLIENT_ONCE,
	    &answer);
	return show_answer(cli, code, answer);
}

/* Whether title is that of whoever is signed in here: their old passphrase is asked
 * for.  CLI_DONE, or else said. */
static int
is_signed_in(struct cli *cli, const char *title, bool *is)
{
	json_t *who = NULL;
	const int code = client_look(cli, cli_format("/v1/who"), &who);

	*is = code == CLI_DONE && *show_text_of(who, "until") != '\0' &&
	    strcmp(show_text_of(who, "title"), title) == 0;
	json_decref(who);
	return code;
}

/* A passphrase into that field, out of its file or the terminal. */
static int
put_asked(json_t *body, const char *field, const char *title, const char *file,
    enum delegate_which which)
{
	char *passphrase = delegate_passphrase(title, file, which);
	int code = CLI_FAILED;

	if (passphrase != NULL &&
	    delegate_put_passphrase(body, field, passphrase) == OK)
		code = CLI_DONE;
	delegate_forget(passphrase);
	return code;
}

int
delegate_passphrase_run(struct cli *cli, int argc, char **argv)
{
	const char *file = NULL, *old_file = NULL;
	bool none = false, asks_old = false;
	const struct cli_option options[] = {
		{ .name = "passphrase-file", .value = &file },
		{ .name = "old-passphrase-file", .value = &old_file },
		{ .name = "none", .flag = &none },
	};
	json_t *body, *answer = NULL;
	int code = CLI_DONE;

	if (cli_parse(cli, argc, argv, options, 3, 1, 1) == -1)
		return CLI_USAGE;
	if (none && file != NULL)
		return cli_usage(cli, "--none goes without a file");
	if (old_file == NULL)
		code = is_signed_in(cli, argv[0], &asks_old);
	body = json_object();
	if (code == CLI_DONE && (asks_old || old_file != NULL))
		code = put_asked(body, "old", argv[0], old_file, DELEGATE_OLD);
	if (code == CLI_DONE && !none)
		code =
		    put_asked(body, "passphrase", argv[0], file, DELEGATE_NEW);
	if (code == CLI_DONE)
		code = client_ask(cli, delegate_path(argv[0], "/passphrase"),
		    body, CLIENT_ONCE, &answer);
	else
		json_decref(body);
	return show_answer(cli, code, answer);
}

int
delegate_revoke_run(struct cli *cli, int argc, char **argv)
{
	json_t *answer;
	int code;

	if (cli_parse(cli, argc, argv, NULL, 0, 1, 1) == -1)
		return CLI_USAGE;
	if (!cli_agrees(cli, "Revoking cannot be undone. Revoke?"))
		return CLI_FAILED;
	code = client_ask(cli, delegate_path(argv[0], "/revoke"), NULL,
	    CLIENT_ONCE, &answer);
	return show_answer(cli, code, answer);
}

int
delegate_owner_run(struct cli *cli, int argc, char **argv)
{
	bool none = false;
	const struct cli_option options[] = {
		{ .name = "none", .flag = &none },
	};
	json_t *body, *answer;
	char *title;
	int args, code;

	if ((args = cli_parse(cli, argc, argv, options, 1, 0, 1)) == -1)
		return CLI_USAGE;
	if ((args == 1) == none)
		return cli_usage(cli, "give a TITLE, or --none");
	body = none ? json_object() : json_pack("{s:s}", "title", argv[0]);
	code = client_ask(cli, cli_format("/v1/owner"), body, CLIENT_ONCE,
	    &answer);
	if (code == CLI_DONE && cli->json) {
		show_json(answer);
	} else if (code == CLI_DONE && none) {
		printf("The post's user speaks as nobody now: each command "
		       "needs a session.\nSign in with: quietline sign-in "
		       "TITLE\n");
	} else if (code == CLI_DONE) {
		title = show_visible(argv[0], false);
		printf("The post's user speaks as %s now, without signing "
		       "in.\n",
		    title);
		free(title);
	}
	json_decref(answer);
	return code;
}
