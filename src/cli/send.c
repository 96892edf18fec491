#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/rng.h"
#include "base/utf8.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/fill.h"
#include "cli/input.h"
#include "cli/progress.h"
#include "cli/show.h"
#include "cli/speak.h"
#include "limits.h"

enum {
	WAIT_PAUSE_US = 250 * 1000,
	/* Below, the arrival goes without saying. */
	ARRIVAL_SAY_MS = 10000,
};

struct sending {
	struct cli *cli;
	struct client *client;
	const char *line;
	const char *subject;
	const char *precedence;
	const char *re;
	const char *withdraws;
	const char *mark;
	const char *language;
	const char *wait;
	const char *timeout;
	const char *files[ATTACHMENTS_MAX];
	const char *points[RECORD_POINTS_MAX];
	size_t point_count;
	size_t file_count;
	uint64_t timeout_ms; /* UINT64_MAX: none */
	struct speak speak;
	struct fill fill;
	json_t *sent;
};

/* Ctrl-C ends the waiting, not the message. */
static volatile sig_atomic_t interrupted;

static void
on_interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

/* Types by a file name's end, so that terms that take only images can tell. */
static const char *
guess_type(const char *name)
{
	static const struct {
		const char *end;
		const char *type;
	} types[] = {
		{ ".txt", "text/plain" },
		{ ".md", "text/markdown" },
		{ ".csv", "text/csv" },
		{ ".html", "text/html" },
		{ ".json", "application/json" },
		{ ".pdf", "application/pdf" },
		{ ".png", "image/png" },
		{ ".jpg", "image/jpeg" },
		{ ".jpeg", "image/jpeg" },
		{ ".gif", "image/gif" },
		{ ".webp", "image/webp" },
		{ ".tif", "image/tiff" },
		{ ".tiff", "image/tiff" },
		{ ".svg", "image/svg+xml" },
		{ ".zip", "application/zip" },
		{ ".gz", "application/gzip" },
		{ ".tar", "application/x-tar" },
	};
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t end = strlen(types[i].end);

		if (len > end &&
		    strcasecmp(name + len - end, types[i].end) == 0)
			return types[i].type;
	}
	return "application/octet-stream";
}

/* Puts the field unless it is absent: false, after saying so, where it is no
 * UTF-8. */
static bool
put_text(json_t *body, const char *name, const char *text)
{
	if (text == NULL)
		return true;
	if (!utf8_is_valid(text, strlen(text))) {
		cli_error("the %s is not valid UTF-8", name);
		return false;
	}
	json_object_set_new(body, name, json_string(text));
	return true;
}

static json_t *
upload(struct sending *sending, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	FILE *file;
	char *shown = show_visible(name, false);
	char *what = cli_format("uploading %s", shown);
	struct progress progress = { .what = what,
		.is_on = !sending->cli->json && isatty(STDERR_FILENO) == 1 };
	json_t *answer = NULL, *use = NULL;
	struct stat st;
	int code;

	if ((file = fopen(path, "re")) == NULL ||
	    fstat(fileno(file), &st) == -1) {
		cli_error("%s cannot be read (%s)", path, strerror(errno));
	} else if (S_ISDIR(st.st_mode)) {
		cli_error("%s is a folder; pack it into one file first", path);
	} else if (!utf8_is_valid(name, strlen(name))) {
		cli_error("the name of %s is not valid UTF-8", shown);
	} else {
		code = client_upload(sending->client, file,
		    S_ISREG(st.st_mode) ? (uint64_t)st.st_size : UINT64_MAX,
		    progress_show, &progress, &answer);
		progress_end(&progress);
		if (code == CLI_DONE)
			use = json_pack("{s:O,s:s,s:s}", "upload",
			    json_object_get(answer, "upload"), "name", name,
			    "type", guess_type(name));
	}
	json_decref(answer);
	if (file != NULL)
		(void)fclose(file);
	free(what);
	free(shown);
	return use;
}

/* What it says: a text, or a form's fields. */
static bool
put_said(json_t *body, const struct sending *sending, const char *text)
{
	char *filled;
	bool done;

	if (sending->fill.form == NULL)
		return put_text(body, "text", text);
	json_object_set_new(body, "form",
	    json_integer(strtoll(sending->fill.form, NULL, 10)));
	filled = fill_text(&sending->fill);
	done = put_text(body, "text", filled);
	free(filled);
	return done;
}

/* The body of the request, files uploaded; NULL: said why not. */
static json_t *
compose(struct sending *sending, const char *text)
{
	json_t *body = json_object();
	json_t *files = json_array();
	json_t *points = json_array();
	uint8_t id[RECORD_ID_BYTES];
	char id_text[2 * RECORD_ID_BYTES + 1];

	json_object_set_new(body, "attachments", files);
	if (!put_text(body, "subject", sending->subject) ||
	    !put_said(body, sending, text) ||
	    !put_text(body, "language", sending->language) ||
	    !put_text(body, "precedence", sending->precedence) ||
	    !put_text(body, "mark", sending->mark) ||
	    !put_text(body, "re", sending->re) ||
	    !put_text(body, "withdraws", sending->withdraws))
		goto fail;
	for (size_t i = 0; i < sending->file_count; i++) {
		json_t *use = upload(sending, sending->files[i]);

		if (use == NULL)
			goto fail;
		json_array_append_new(files, use);
	}
	for (size_t i = 0; i < sending->point_count; i++)
		json_array_append_new(points, json_string(sending->points[i]));
	json_object_set_new(body, "points", points);
	/* The message's own name: told twice, it is sent once. */
	rng_fill(rng_kernel(), id, sizeof(id));
	hex_encode(id_text, id, sizeof(id));
	json_object_set_new(body, "id", json_string(id_text));
	return body;
fail:
	json_decref(points);
	json_decref(body);
	return NULL;
}

static void
print_sent(const struct sending *sending)
{
	const json_t *sent = sending->sent;
	const json_t *arrives = json_object_get(sent, "arrives_in_ms");
	char *watch = show_watch_sentence(sent);
	char *peer = show_visible(sending->line, false);
	char took[SHOW_BYTES], bytes[SHOW_BYTES], at[CLOCK_TEXT_BYTES],
	    shown[SHOW_BYTES];
	uint64_t ms = show_number_of(sent, "arrives_in_ms");

	printf("Accepted as %s%s%s: it is stored here, and goes to %s.\n",
	    show_strong(), show_text_of(sent, "ref"), show_plain(), peer);
	if (json_is_null(json_object_get(sent, "serial")))
		printf("It gets its number when their post is heard again.\n");
	if (json_is_integer(arrives) && ms >= ARRIVAL_SAY_MS) {
		show_bytes(bytes, show_number_of(sent, "bytes_ahead"));
		show_duration(took, ms);
		clock_format(at, clock_wall_ms() + (int64_t)ms);
		show_time(shown, at);
		printf("With what goes before it, %s: about %s at this "
		       "cadence, so it arrives about %s.\n",
		    bytes, took, shown);
	}
	if (watch != NULL)
		printf("%s\n", watch);
	free(watch);
	(void)fflush(stdout);
	free(peer);
}

/* Nobody shall think that it is on its way where nothing goes now. */
static void
print_if_down(const struct sending *sending)
{
	char *path = client_path(sending->line, "");
	json_t *line;
	const char *state;

	if (client_get(sending->client, path, &line) == CLI_DONE) {
		state = show_text_of(line, "state");
		if (strcmp(state, "up") != 0)
			printf("The line is not up now, it is %s: the message "
			       "goes out by itself once it is up.\n",
			    strcmp(state, "booting") == 0 ? "starting" : state);
		(void)fflush(stdout);
	}
	json_decref(line);
	free(path);
}

/* The time of the receipt waited for; "" not yet. */
static const char *
receipt_of(const json_t *message, const char *name)
{
	return show_text_of(json_object_get(message, "receipts"), name);
}

static void
show_transfer(struct progress *progress, const json_t *message)
{
	const json_t *held = json_object_get(message, "progress");

	if (*receipt_of(message, "delivered") == '\0')
		progress_show(progress, show_number_of(held, "bytes_held"),
		    show_number_of(held, "bytes_total"));
}

/* Looks again and again until the receipt is there. */
static int
await_receipt(struct sending *sending, json_t **message)
{
	struct progress progress = { .what = "held by their post",
		.is_on = !sending->cli->json && isatty(STDERR_FILENO) == 1 };
	uint64_t start_ms = clock_now_ns() / CLOCK_NS_PER_MS;
	char ref[17];
	char *path;
	int code = CLI_DONE;

	/* The id is a reference from the first moment. */
	snprintf(ref, sizeof(ref), "%.16s", show_text_of(sending->sent, "id"));
	path = client_message_path(sending->line, ref, "");
	while (code == CLI_DONE && interrupted == 0) {
		json_t *now;

		if ((code = client_get(sending->client, path, &now)) !=
		    CLI_DONE)
			break;
		json_decref(*message);
		*message = now;
		if (*receipt_of(now, sending->wait) != '\0')
			break;
		show_transfer(&progress, now);
		if (clock_now_ns() / CLOCK_NS_PER_MS - start_ms >=
		    sending->timeout_ms)
			code = CLI_TIMEOUT;
		else
			(void)usleep(WAIT_PAUSE_US);
	}
	progress_end(&progress);
	free(path);
	return code;
}

/* What became of the waiting, for people. */
static int
tell_wait(const struct sending *sending, const json_t *message, int code)
{
	const char *ref = message == NULL ? show_text_of(sending->sent, "ref")
					  : show_text_of(message, "ref");
	char at[SHOW_BYTES];

	if (interrupted != 0) {
		cli_error("stopped waiting; %s stays accepted, and quietline "
			  "read shows how far it is",
		    ref);
		return CLI_FAILED;
	}
	if (code == CLI_TIMEOUT) {
		cli_error("%s was not %s in time; it stays accepted, and "
			  "quietline read shows how far it is",
		    ref, sending->wait);
		return code;
	}
	if (code == CLI_DONE && !sending->cli->json) {
		show_time(at, receipt_of(message, sending->wait));
		printf("%s was %s %s.\n", ref, sending->wait, at);
	}
	return code;
}

static int
wait_for(struct sending *sending)
{
	struct sigaction action = { .sa_handler = on_interrupt };
	json_t *message = NULL;
	int code;

	(void)sigaction(SIGINT, &action, NULL);
	code = await_receipt(sending, &message);
	if (message != NULL && sending->cli->json) {
		json_object_set(sending->sent, "serial",
		    json_object_get(message, "serial"));
		json_object_set(sending->sent, "ref",
		    json_object_get(message, "ref"));
		json_object_set(sending->sent, "receipts",
		    json_object_get(message, "receipts"));
	}
	if (sending->cli->json)
		show_json(sending->sent);
	code = tell_wait(sending, message, code);
	json_decref(message);
	return code;
}

static int
check(struct sending *sending, int count, char **argv)
{
	const struct cli *cli = sending->cli;

	sending->line = argv[0];
	sending->timeout_ms = UINT64_MAX;
	if (count == 2 && sending->fill.form != NULL)
		return cli_usage(cli, "a form takes fields, and no TEXT");
	if (count < 2 && sending->file_count == 0 &&
	    sending->withdraws == NULL && sending->fill.form == NULL)
		return cli_usage(cli,
		    "what to send? give TEXT, or - for "
		    "standard input, or --file");
	if (sending->wait != NULL && strcmp(sending->wait, "delivered") != 0 &&
	    strcmp(sending->wait, "acknowledged") != 0)
		return cli_usage(cli, "--wait is delivered or acknowledged");
	if (sending->wait != NULL && sending->speak.draft)
		return cli_usage(cli,
		    "a draft waits to be released: there is nothing to --wait "
		    "for");
	if (sending->timeout != NULL && sending->wait == NULL)
		return cli_usage(cli, "--timeout needs --wait");
	if (sending->timeout != NULL &&
	    cli_seconds(&sending->timeout_ms, sending->timeout) != OK)
		return cli_usage(cli, "--timeout takes seconds");
	if (fill_check(cli, &sending->fill) != CLI_DONE)
		return CLI_USAGE;
	return speak_check(cli, &sending->speak);
}

static int
deliver(struct sending *sending, const char *text)
{
	json_t *body;
	char *path;
	int code;

	if ((body = compose(sending, text)) == NULL)
		return CLI_FAILED;
	path = speak_path(&sending->speak,
	    client_path(sending->line, "/messages"));
	code = client_post(sending->client, path, body, CLIENT_AGAIN,
	    &sending->sent);
	free(path);
	if (code != CLI_DONE)
		return code;
	if (speak_show(sending->cli, &sending->speak, sending->sent))
		return CLI_DONE;
	if (!sending->cli->json) {
		print_sent(sending);
		print_if_down(sending);
	} else if (sending->wait == NULL) {
		show_json(sending->sent);
	}
	return sending->wait == NULL ? CLI_DONE : wait_for(sending);
}

int
send_run(struct cli *cli, int argc, char **argv)
{
	struct sending s = { .cli = cli };
	const struct cli_option options[] = {
		{ .name = "subject", .letter = 's', .value = &s.subject },
		{ .name = "file",
		    .letter = 'f',
		    .value = s.files,
		    .count = &s.file_count,
		    .count_max = ATTACHMENTS_MAX },
		{ .name = "precedence", .letter = 'p', .value = &s.precedence },
		{ .name = "re", .value = &s.re },
		{ .name = "withdraws", .value = &s.withdraws },
		{ .name = "point",
		    .value = s.points,
		    .count = &s.point_count,
		    .count_max = RECORD_POINTS_MAX },
		{ .name = "mark", .value = &s.mark },
		{ .name = "language", .value = &s.language },
		FILL_OPTIONS(&s.fill),
		{ .name = "wait", .value = &s.wait },
		{ .name = "timeout", .value = &s.timeout },
		SPEAK_OPTIONS(&s.speak),
	};
	int count = cli_parse(cli, argc, argv, options,
	    sizeof(options) / sizeof(options[0]), 1, 2);
	char *input;
	int code;

	if (count == -1)
		return CLI_USAGE;
	if ((code = check(&s, count, argv)) != CLI_DONE)
		return code;
	if (!input_text(count == 2 ? argv[1] : NULL, &input))
		return CLI_FAILED;
	s.client = client_new(cli);
	code = deliver(&s, input);
	client_free(s.client);
	json_decref(s.sent);
	free(input);
	return code;
}
