#include "cli/way.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "cli/show.h"
#include "limits.h"

void
way_options(struct cli_option options[WAY_OPTIONS], struct way *way)
{
	const struct cli_option own[WAY_OPTIONS] = {
		{ .name = "listen", .value = &way->listen },
		{ .name = "endpoint", .value = &way->endpoint },
		{ .name = "proxy", .value = &way->proxy },
		{ .name = "relay", .value = &way->relay },
		{ .name = "tcp", .flag = &way->tcp },
	};

	memcpy(options, own, sizeof(own));
}

static void
put(json_t *body, const char *name, const char *value)
{
	if (value != NULL)
		json_object_set_new(body, name, json_string(value));
}

/* The first line of a file, which a relay's operator sent. */
static int
put_ticket_of(json_t *body, const char *name)
{
	char line[DESK_TICKET_BYTES_MAX + 2] = "";
	FILE *file = fopen(name, "re");

	if (file == NULL) {
		cli_error("%s: %s", name, strerror(errno));
		return CLI_FAILED;
	}
	if (fgets(line, sizeof(line), file) == NULL)
		line[0] = '\0';
	(void)fclose(file);
	line[strcspn(line, "\r\n")] = '\0';
	if (line[0] == '\0') {
		cli_error("%s: there is no ticket in it", name);
		return CLI_FAILED;
	}
	put(body, "relay", line);
	wipe(line, sizeof(line));
	return CLI_DONE;
}

int
way_put(json_t *body, const struct way *way)
{
	put(body, "listen", way->listen);
	put(body, "endpoint", way->endpoint);
	put(body, "proxy", way->proxy);
	if (way->tcp)
		json_object_set_new(body, "tcp", json_true());
	if (way->relay != NULL && way->relay[0] == '@')
		return put_ticket_of(body, way->relay + 1);
	put(body, "relay", way->relay);
	return CLI_DONE;
}

/* "by UDP to post.example:7411", "by TCP, which they dial at [::]:7411". */
static char *
course(const json_t *path)
{
	const bool tcp = strcmp(show_text_of(path, "name"), "tcp") == 0;
	const char *by = tcp ? "TCP" : "UDP";
	char *endpoint = show_visible(show_text_of(path, "endpoint"), false);
	char *peer = show_visible(show_text_of(path, "peer"), false);
	char *listen = show_visible(show_text_of(path, "listen"), false);
	char *proxy = show_visible(show_text_of(path, "proxy"), false);
	const char *here = *listen == '\0' ? "(no socket)" : listen;
	char *text;

	if (json_is_true(json_object_get(path, "relay")))
		text = cli_format("by %s and the relay %s%s%s", by, endpoint,
		    *proxy != '\0' ? " through the proxy " : "", proxy);
	else if (tcp && *endpoint != '\0')
		text = cli_format("by TCP to %s%s%s", endpoint,
		    *proxy != '\0' ? " through the proxy " : "", proxy);
	else if (tcp)
		text = cli_format("by TCP, called by them at %s", here);
	else if (*endpoint == '\0' && *peer == '\0')
		text = cli_format("by UDP from %s, to where they will be "
				  "heard from",
		    here);
	else if (*endpoint == '\0')
		text = cli_format("by UDP from %s to %s, where they were heard",
		    here, peer);
	else
		text = cli_format("by UDP from %s to %s%s%s%s", here, endpoint,
		    strcmp(peer, endpoint) == 0 ? "" : " (",
		    strcmp(peer, endpoint) == 0 ? "" : peer,
		    strcmp(peer, endpoint) == 0 ? "" : ")");
	free(endpoint);
	free(peer);
	free(listen);
	free(proxy);
	return text;
}

static const char *
state_words(const char *state)
{
	if (strcmp(state, "one-way") == 0)
		return "one-way (we hear them by it, they don't hear us)";
	if (strcmp(state, "closed") == 0)
		return "not open yet";
	return state;
}

char *
way_added_sentence(const json_t *path)
{
	char *way = course(path);
	char *sentence = cli_format("Path %" PRIu64 " is added: %s.",
	    show_number_of(path, "path"), way);

	free(way);
	return sentence;
}

/* A relay forwards between the two tickets of one line, and tells nobody that one
 * of them is missing. */
static const char *
unheard_words(const json_t *path)
{
	return json_is_true(json_object_get(path, "relay"))
	    ? "they have not been heard by it yet (they need the other of the "
	      "relay's two tickets)"
	    : "they have not been heard by it yet";
}

char *
way_sentence(const json_t *path, int64_t now_ms)
{
	const char *heard = show_text_of(path, "last_heard");
	char *fault = show_visible(show_text_of(path, "fault"), false);
	char *way = course(path);
	char *sentence, ago[SHOW_BYTES] = "";
	int64_t heard_ms;

	if (*heard != '\0' && clock_parse(&heard_ms, heard) == OK)
		show_duration(ago,
		    now_ms > heard_ms ? (uint64_t)(now_ms - heard_ms) : 0);
	sentence = cli_format("Path %" PRIu64 " is %s: %s; %s%s%s.%s%s",
	    show_number_of(path, "path"),
	    state_words(show_text_of(path, "state")), way,
	    *ago == '\0' ? unheard_words(path) : "they were last heard by it ",
	    ago, *ago == '\0' ? "" : " ago",
	    *fault == '\0' ? "" : " It has no socket: ", fault);
	free(fault);
	free(way);
	return sentence;
}
