#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/show.h"

enum { READ_DEFAULT = 20, READ_PAUSE_US = 500 * 1000, ID_BYTES = 33 };

/* Ids printed as whole: each message once. */
struct seen {
	char (*ids)[ID_BYTES];
	size_t count;
	size_t cap;
};

/* Serials of theirs, to tell which are still missing between them. */
struct serials {
	uint64_t *list;
	size_t count;
	size_t cap;
};

struct reading {
	struct cli *cli;
	struct client *client; /* for messages, while another follows events */
	const char *line;
	char *first; /* the path of the first read */
	bool follow;
	bool since; /* not all were asked for */
	bool began; /* the first read is through */
	uint64_t count;
	uint64_t after; /* the last event seen; 0: none */
	struct seen seen;
	struct serials theirs;
};

static void *
grow(void *list, size_t *cap, size_t count, size_t size)
{
	if (count < *cap)
		return list;
	*cap = *cap == 0 ? 64 : 2 * *cap;
	if ((list = realloc(list, *cap * size)) == NULL) {
		cli_error("no memory");
		exit(CLI_FAILED);
	}
	return list;
}

/* True the first time. */
static bool
is_new(struct seen *seen, const char *id)
{
	for (size_t i = seen->count; i > 0; i--)
		if (strcmp(seen->ids[i - 1], id) == 0)
			return false;
	seen->ids = grow(seen->ids, &seen->cap, seen->count, ID_BYTES);
	snprintf(seen->ids[seen->count++], ID_BYTES, "%s", id);
	return true;
}

static void
remember(struct reading *reading, const json_t *message)
{
	struct serials *theirs = &reading->theirs;
	uint64_t serial = show_number_of(message, "serial");

	if (serial == 0 || strcmp(show_text_of(message, "from"), "them") != 0)
		return;
	theirs->list = grow(theirs->list, &theirs->cap, theirs->count,
	    sizeof(*theirs->list));
	theirs->list[theirs->count++] = serial;
}

static void
print_heading(struct reading *reading)
{
	char *peer = show_visible(reading->line, false);

	if (reading->count == 0)
		printf("Messages with %s, oldest first; times are UTC.\n\n",
		    peer);
	free(peer);
}

static int
on_translation(void *ctx, json_t *translation)
{
	(void)ctx;
	if (translation != NULL)
		show_translation(translation);
	return CLI_DONE;
}

/* Beside the original, never instead of it. */
static void
print_translations(const struct reading *reading, const json_t *message)
{
	char *path;

	if (show_number_of(message, "translations") == 0)
		return;
	path = client_message_path(reading->line, show_text_of(message, "ref"),
	    "/translations");
	/* Why they cannot be had is said where that is so. */
	if (client_list(reading->cli, path, on_translation, NULL) != CLI_DONE)
		printf("    (its translations are not shown)\n\n");
}

/* A person read it, which the line tells the peer. */
static int
tell_reading(const struct reading *reading, const json_t *message)
{
	json_t *answer;
	int code;

	if (reading->cli->json ||
	    !json_is_true(json_object_get(message, "reading_is_told")))
		return CLI_DONE;
	code = client_ask(reading->cli,
	    client_message_path(reading->line, show_text_of(message, "ref"),
		"/read"),
	    NULL, CLIENT_AGAIN, &answer);
	json_decref(answer);
	return code;
}

static int
on_message(void *ctx, json_t *message)
{
	struct reading *reading = ctx;
	bool arriving = json_is_true(json_object_get(message, "arriving"));

	if (message == NULL)
		return CLI_DONE;
	/* One that is arriving is shown again when it is whole. */
	if (reading->follow && !arriving &&
	    !is_new(&reading->seen, show_text_of(message, "id")))
		return CLI_DONE;
	if (reading->cli->json) {
		show_json(message);
	} else {
		print_heading(reading);
		show_message(message);
		print_translations(reading, message);
		(void)fflush(stdout);
		remember(reading, message);
	}
	reading->count++;
	return tell_reading(reading, message);
}

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a;
	const uint64_t *y = b;

	return (*x > *y) - (*x < *y);
}

/* A higher precedence overtakes: what is between two of theirs and not here is
 * still on its way. */
static void
print_gaps(struct serials *theirs)
{
	if (theirs->count == 0)
		return;
	qsort(theirs->list, theirs->count, sizeof(*theirs->list), compare);
	for (size_t i = 1; i < theirs->count; i++) {
		uint64_t first = theirs->list[i - 1] + 1;
		uint64_t last = theirs->list[i] - 1;

		if (theirs->list[i] <= first)
			continue;
		if (first == last)
			printf("them/%" PRIu64 " is still on its way.\n",
			    first);
		else
			printf("them/%" PRIu64 " to them/%" PRIu64
			       " are still on their way.\n",
			    first, last);
	}
}

static int
read_first(struct reading *reading)
{
	char *peer;
	int code = client_lines(reading->client, reading->first, on_message,
	    reading, UINT64_MAX);

	reading->began = true;
	if (code != CLI_DONE || reading->cli->json)
		return code;
	print_gaps(&reading->theirs);
	if (reading->count == 0) {
		peer = show_visible(reading->line, false);
		printf("No messages with %s %s.\n", peer,
		    reading->since ? "since then" : "yet");
		free(peer);
	}
	(void)fflush(stdout);
	return code;
}

static int
read_one(struct reading *reading, const char *ref)
{
	json_t *message;
	char *path = client_message_path(reading->line, ref, "");
	int code = client_get(reading->client, path, &message);

	if (code == CLI_DONE &&
	    !json_is_true(json_object_get(message, "arriving")))
		code = on_message(reading, message);
	json_decref(message);
	free(path);
	return code;
}

static int
on_event(void *ctx, json_t *event)
{
	struct reading *reading = ctx;
	const char *kind = show_text_of(event, "kind");
	const char *ref = show_text_of(event, "ref");

	/* The first beat: from here on nothing is missed. */
	if (event == NULL)
		return reading->began ? CLI_DONE : read_first(reading);
	reading->after = show_number_of(event, "seq");
	if (strcmp(show_text_of(event, "line"), reading->line) != 0 ||
	    *ref == '\0')
		return CLI_DONE;
	if (strcmp(kind, "message") == 0)
		return read_one(reading, ref);
	if (strcmp(kind, "receipt") == 0 && !reading->cli->json) {
		char *say = show_visible(show_text_of(event, "say"), false);

		printf("%s\n\n", say);
		(void)fflush(stdout);
		free(say);
	}
	return CLI_DONE;
}

/* Follows until the post goes; a desk that restarts is met again. */
static int
follow(struct reading *reading)
{
	int code;

	for (;;) {
		struct client *events = client_new(reading->cli);
		char *path = reading->after == 0
		    ? cli_format("/v1/events?after=now&follow=1")
		    : cli_format("/v1/events?after=%" PRIu64 "&follow=1",
			  reading->after);

		bool denied;

		code =
		    client_lines(events, path, on_event, reading, UINT64_MAX);
		denied = client_is_denied(events);
		client_free(events);
		free(path);
		if (code != CLI_DONE && !reading->began)
			return code;
		if (code == CLI_NOT_RUNNING || code == CLI_LOCKED || denied)
			return code;
		(void)usleep(READ_PAUSE_US);
	}
}

int
read_run(struct cli *cli, int argc, char **argv)
{
	const char *since = NULL, *limit = NULL;
	struct reading reading = { .cli = cli };
	const struct cli_option options[] = {
		{ .name = "since", .value = &since },
		{ .name = "limit", .letter = 'n', .value = &limit },
		{ .name = "follow", .letter = 'f', .flag = &reading.follow },
	};
	char *rest, *encoded;
	int code;

	if (cli_parse(cli, argc, argv, options, 3, 1, 1) == -1)
		return CLI_USAGE;
	if (limit != NULL &&
	    (*limit == '\0' || strspn(limit, "0123456789") != strlen(limit)))
		return cli_usage(cli, "--limit takes a number; 0 is all");
	encoded = client_encode(since == NULL ? "" : since);
	if (limit == NULL && since == NULL)
		rest = cli_format("/messages?limit=%d", READ_DEFAULT);
	else if (since == NULL)
		rest = cli_format("/messages?limit=%s", limit);
	else
		rest = cli_format("/messages?since=%s&limit=%s", encoded,
		    limit == NULL ? "0" : limit);
	reading.line = argv[0];
	reading.since = since != NULL;
	reading.first = client_path(argv[0], rest);
	reading.client = client_new(cli);
	code = reading.follow ? follow(&reading) : read_first(&reading);
	client_free(reading.client);
	free(reading.first);
	free(reading.seen.ids);
	free(reading.theirs.list);
	free(rest);
	free(encoded);
	return code;
}
