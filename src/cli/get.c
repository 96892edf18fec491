#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/show.h"

/* Bytes of a path up to and with its last slash. */
static int
folder_bytes(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? 0 : (int)(slash + 1 - path);
}

/* The sender chose the name: only its last part, nothing hidden, nothing sly. */
static char *
safe_name(const char *name)
{
	const char *slash = strrchr(name, '/');
	char *safe = show_visible(slash == NULL ? name : slash + 1, false);

	if (safe[0] == '\0') {
		free(safe);
		return cli_format("attachment");
	}
	for (char *c = safe; *c != '\0'; c++)
		if (*c == '/' || (c == safe && (*c == '.' || *c == '-')))
			*c = '_';
	return safe;
}

/* Where it goes while it is not whole: beside its place, or directly there. */
struct target {
	char *name;
	char *part; /* NULL: written directly */
	FILE *file;
};

static int
open_target(struct target *target, const char *out, const char *sent_name)
{
	struct stat st;
	int fd;

	if (out != NULL && strcmp(out, "-") == 0) {
		target->file = stdout;
		return CLI_DONE;
	}
	target->name =
	    out != NULL ? cli_format("%s", out) : safe_name(sent_name);
	if (out == NULL && lstat(target->name, &st) == 0) {
		cli_error("%s is there already; give another name with -o",
		    target->name);
		return CLI_FAILED;
	}
	if (stat(target->name, &st) == 0 && !S_ISREG(st.st_mode)) {
		target->file = fopen(target->name, "we");
	} else {
		/* Beside it, under a short name: its own may be as long as a
		 * name can be. */
		target->part = cli_format("%.*sget-%ld.part",
		    folder_bytes(target->name), target->name, (long)getpid());
		fd = open(target->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		    0600);
		target->file = fd == -1 ? NULL : fdopen(fd, "w");
	}
	if (target->file == NULL) {
		cli_error("%s cannot be written (%s)", target->name,
		    strerror(errno));
		return CLI_FAILED;
	}
	return CLI_DONE;
}

/* Puts what is whole in its place; takes away what is not. */
static int
close_target(struct target *target, int code)
{
	bool failed = target->file != NULL && fflush(target->file) != 0;

	if (target->file != NULL && target->file != stdout)
		failed |= fclose(target->file) != 0;
	if (code == CLI_DONE && !failed && target->part != NULL)
		failed = rename(target->part, target->name) == -1;
	if (code == CLI_DONE && failed) {
		cli_error("%s cannot be written (%s)",
		    target->name == NULL ? "standard output" : target->name,
		    strerror(errno));
		code = CLI_FAILED;
	}
	if (code != CLI_DONE && target->part != NULL && target->file != NULL)
		(void)unlink(target->part);
	free(target->part);
	return code;
}

static int
find_attachment(struct client *client, const char *line, const char *ref,
    uint64_t n, json_t **message, const json_t **found)
{
	char *path = client_message_path(line, ref, "");
	int code = client_get(client, path, message);
	const json_t *files;

	free(path);
	if (code != CLI_DONE)
		return code;
	files = json_object_get(*message, "attachments");
	*found = json_array_get(files, n - 1);
	if (*found == NULL) {
		cli_error("%s has %zu file%s", ref, json_array_size(files),
		    json_array_size(files) == 1 ? "" : "s");
		return CLI_FAILED;
	}
	return CLI_DONE;
}

static int
fetch(struct client *client, const struct cli *cli, const char *path,
    const json_t *file, const char *out)
{
	struct progress progress = { .what = "fetching",
		.is_on = !cli->json && isatty(STDERR_FILENO) == 1 };
	struct target target = { NULL, NULL, NULL };
	char bytes[SHOW_BYTES];
	int code = open_target(&target, out, show_text_of(file, "name"));

	if (code == CLI_DONE)
		code = client_download(client, path, target.file, progress_show,
		    &progress);
	progress_end(&progress);
	code = close_target(&target, code);
	if (code == CLI_DONE && cli->json && target.file != stdout) {
		json_t *got = json_pack("{s:s,s:O,s:O}", "file", target.name,
		    "bytes", json_object_get(file, "bytes"), "blake2b",
		    json_object_get(file, "blake2b"));

		show_json(got);
		json_decref(got);
	} else if (code == CLI_DONE && target.name != NULL) {
		show_bytes(bytes, show_number_of(file, "bytes"));
		printf("%s is here, %s. Its BLAKE2b-256 is %s.\n", target.name,
		    bytes, show_text_of(file, "blake2b"));
	}
	free(target.name);
	return code;
}

static bool
is_number(const char *text)
{
	return *text >= '1' && *text <= '9' && strlen(text) <= 9 &&
	    strspn(text, "0123456789") == strlen(text);
}

int
draft_get_run(struct cli *cli, int argc, char **argv)
{
	const char *out = NULL;
	const struct cli_option options[] = {
		{ .name = "output", .letter = 'o', .value = &out },
	};
	const int count = cli_parse(cli, argc, argv, options, 1, 1, 2);
	const char *number;
	struct client *client;
	json_t *draft = NULL;
	const json_t *file;
	char *path;
	int code;

	if (count == -1)
		return CLI_USAGE;
	number = count == 2 ? argv[1] : "1";
	if (!is_number(argv[0]) || !is_number(number))
		return cli_usage(cli,
		    "drafts and their files are numbered from 1");
	client = client_new(cli);
	path = cli_format("/v1/drafts/%s", argv[0]);
	code = client_get(client, path, &draft);
	free(path);
	file = json_array_get(json_object_get(draft, "files"),
	    strtoul(number, NULL, 10) - 1);
	if (code == CLI_DONE && file == NULL) {
		cli_error("draft %s has no file of that number", argv[0]);
		code = CLI_FAILED;
	}
	path = cli_format("/v1/drafts/%s/files/%s", argv[0], number);
	if (code == CLI_DONE)
		code = fetch(client, cli, path, file, out);
	free(path);
	client_free(client);
	json_decref(draft);
	return code;
}

int
get_run(struct cli *cli, int argc, char **argv)
{
	const char *out = NULL;
	const struct cli_option options[] = {
		{ .name = "output", .letter = 'o', .value = &out },
	};
	int count = cli_parse(cli, argc, argv, options, 1, 2, 3);
	struct client *client;
	json_t *message = NULL;
	const json_t *file = NULL;
	unsigned long n;
	char *rest, *path, *end;
	int code;

	if (count == -1)
		return CLI_USAGE;
	n = count == 3 ? strtoul(argv[2], &end, 10) : 1;
	if (count == 3 && (n == 0 || n > UINT32_MAX || *end != '\0'))
		return cli_usage(cli, "attachments are numbered from 1");
	client = client_new(cli);
	rest = cli_format("/attachments/%lu", n);
	path = client_message_path(argv[0], argv[1], rest);
	code = find_attachment(client, argv[0], argv[1], n, &message, &file);
	if (code == CLI_DONE)
		code = fetch(client, cli, path, file, out);
	client_free(client);
	json_decref(message);
	free(rest);
	free(path);
	return code;
}
