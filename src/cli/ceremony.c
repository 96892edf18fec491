#include "cli/ceremony.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/wipe.h"
#include "cli/show.h"
#include "limits.h"

json_t *
ceremony_read(const char *file)
{
	uint8_t *bytes = wipe_new(DESK_CEREMONY_FILE_BYTES_MAX + 1);
	char *text = NULL;
	json_t *value = NULL;
	FILE *in = fopen(file, "re");
	size_t len;

	if (in == NULL) {
		cli_error("%s cannot be read (%s)", file, strerror(errno));
		goto out;
	}
	len = fread(bytes, 1, DESK_CEREMONY_FILE_BYTES_MAX + 1, in);
	if (ferror(in) != 0) {
		cli_error("%s cannot be read (%s)", file, strerror(errno));
		goto out;
	}
	if (len > DESK_CEREMONY_FILE_BYTES_MAX) {
		cli_error("%s is too large to be a ceremony's file", file);
		goto out;
	}
	text = wipe_new(base64_text_bytes(len));
	base64_encode(text, bytes, len);
	value = json_string(text);
	wipe_free(text, base64_text_bytes(len));
out:
	if (in != NULL)
		(void)fclose(in);
	wipe_free(bytes, DESK_CEREMONY_FILE_BYTES_MAX + 1);
	return value;
}

/* A file name out of a peer's: nothing that names another folder. */
static char *
name_file(const char *peer, const char *suffix)
{
	char *name = cli_format("%s.%s", peer, suffix);

	for (char *c = name; *c != '\0'; c++)
		if (*c == '/' || (unsigned char)*c < ' ')
			*c = '_';
	if (name[0] == '.')
		name[0] = '_';
	return name;
}

char *
ceremony_prepare(const char *file, const char *peer, const char *suffix)
{
	char *name =
	    file != NULL ? cli_format("%s", file) : name_file(peer, suffix);
	char *slash = strrchr(name, '/');
	char *folder = slash == NULL
	    ? cli_format(".")
	    : cli_format("%.*s/", (int)(slash - name), name);
	struct stat st;

	if (file == NULL && lstat(name, &st) == 0)
		cli_error("%s is there already; give another name with -o",
		    name);
	else if (access(folder, W_OK) == -1)
		cli_error("%s cannot be written (%s)", name, strerror(errno));
	else {
		free(folder);
		return name;
	}
	free(folder);
	free(name);
	return NULL;
}

/* Whole on the disk under its name, or not there at all. */
static int
write_whole(const char *file, const uint8_t *bytes, size_t len)
{
	struct stat st;
	bool direct = stat(file, &st) == 0 && !S_ISREG(st.st_mode);
	char *part = direct ? cli_format("%s", file)
			    : cli_format("%s.%ld.part", file, (long)getpid());
	int fd = open(part,
	    direct ? O_WRONLY | O_CLOEXEC
		   : O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    0600);
	int rc = ERR_IO;

	if (fd != -1 && write(fd, bytes, len) == (ssize_t)len &&
	    (direct || fsync(fd) == 0) && (direct || rename(part, file) == 0))
		rc = OK;
	if (rc != OK)
		cli_error("%s cannot be written (%s)", file, strerror(errno));
	if (rc != OK && fd != -1 && !direct)
		(void)unlink(part);
	if (fd != -1)
		(void)close(fd);
	free(part);
	return rc;
}

int
ceremony_write(const char *file, const json_t *answer)
{
	const json_t *value = json_object_get(answer, "file");
	size_t text_len = json_string_length(value);
	uint8_t *bytes = wipe_new(text_len + 1);
	size_t len;
	int code = CLI_FAILED;

	if (!json_is_string(value) ||
	    base64_decode(bytes, text_len, &len, json_string_value(value),
		text_len) != OK)
		cli_error("the post gave no file");
	else if (write_whole(file, bytes, len) == OK)
		code = CLI_DONE;
	wipe_free(bytes, text_len + 1);
	return code;
}

void
ceremony_offer_delete(const struct cli *cli, const char *file)
{
	char *question;

	if (!cli_has_person(cli))
		return;
	question = cli_format("%s is a key, and of no more use here. "
			      "Delete it now?",
	    file);
	if (cli_agrees(cli, question) && unlink(file) == -1)
		cli_error("%s cannot be deleted (%s)", file, strerror(errno));
	free(question);
}

void
ceremony_print_terms(const json_t *answer)
{
	const json_t *cadence = json_object_get(answer, "cadence");
	const char *accept = show_text_of(answer, "accept");
	double slot_ms = json_number_value(json_object_get(cadence, "slot_ms"));
	char *name = show_visible(show_text_of(answer, "peer_name"), false);
	char rate[SHOW_BYTES];

	if (*name != '\0')
		printf("They call themselves: %s\n", name);
	free(name);
	if (cadence == NULL || slot_ms <= 0)
		return;
	show_cadence(rate, show_number_of(cadence, "frame_bytes"), slot_ms);
	printf("Cadence: %s, which is %" PRIu64 " bytes every %g ms, always: "
	       "%s.\n",
	    show_text_of(cadence, "name"),
	    show_number_of(cadence, "frame_bytes"), slot_ms, rate);
	printf("Terms: %s.\n",
	    strcmp(accept, "any") == 0		? "text, and files of any type"
		: strcmp(accept, "images") == 0 ? "text, and images"
						: "text alone, no files");
}
