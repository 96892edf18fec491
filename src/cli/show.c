#include "cli/show.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "cli/cli.h"

enum { SLY_BYTES = 12 }; /* "<U+10FFFF>" and the NUL */

/* Writes the character, or its name in brackets, and returns the length. */
static size_t
put_visible(char *out, const char *text, size_t bytes, uint32_t character,
    bool lines)
{
	bool is_layout = character == '\n' || character == '\t';

	if (bytes == 0)
		return (size_t)snprintf(out, SLY_BYTES, "<%02X>",
		    (unsigned char)*text);
	if (utf8_is_sly(character) || (is_layout && !lines))
		return (size_t)snprintf(out, SLY_BYTES, "<U+%04" PRIX32 ">",
		    character);
	memcpy(out, text, bytes);
	return bytes;
}

char *
show_visible(const char *text, bool lines)
{
	size_t len = strlen(text);
	char *shown = malloc(len * SLY_BYTES + 1);
	size_t used = 0;

	if (shown == NULL) {
		cli_error("no memory");
		exit(CLI_FAILED);
	}
	for (size_t i = 0; i < len;) {
		uint32_t character;
		size_t bytes = utf8_next(&character, text + i, len - i);

		used += put_visible(shown + used, text + i, bytes, character,
		    lines);
		i += bytes == 0 ? 1 : bytes;
	}
	shown[used] = '\0';
	return shown;
}

void
show_bytes(char text[SHOW_BYTES], uint64_t bytes)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB", "PB" };
	double value = (double)bytes;
	size_t unit = 0;

	if (bytes < 1000) {
		snprintf(text, SHOW_BYTES, "%" PRIu64 " byte%s", bytes,
		    bytes == 1 ? "" : "s");
		return;
	}
	for (value /= 1000; value >= 999.95 && unit < 4; value /= 1000)
		unit++;
	snprintf(text, SHOW_BYTES, "%.1f %s", value, units[unit]);
}

void
show_duration(char text[SHOW_BYTES], uint64_t ms)
{
	uint64_t s = ms / 1000;
	uint64_t days = s / 86400;

	if (ms < 10000)
		snprintf(text, SHOW_BYTES, "%" PRIu64 ".%" PRIu64 " s", s,
		    ms % 1000 / 100);
	else if (s < 60)
		snprintf(text, SHOW_BYTES, "%" PRIu64 " s", s);
	else if (s < 3600)
		snprintf(text, SHOW_BYTES, "%" PRIu64 " min %" PRIu64 " s",
		    s / 60, s % 60);
	else if (s < 86400)
		snprintf(text, SHOW_BYTES, "%" PRIu64 " h %" PRIu64 " min",
		    s / 3600, s % 3600 / 60);
	else
		snprintf(text, SHOW_BYTES, "%" PRIu64 " day%s %" PRIu64 " h",
		    days, days == 1 ? "" : "s", s % 86400 / 3600);
}

void
show_time(char text[SHOW_BYTES], const char *time)
{
	size_t len;

	if (time == NULL || *time == '\0') {
		snprintf(text, SHOW_BYTES, "-");
		return;
	}
	len = strcspn(time, ".Z");
	snprintf(text, SHOW_BYTES, "%.*sZ",
	    (int)(len < SHOW_BYTES - 2 ? len : SHOW_BYTES - 2), time);
}

void
show_cadence(char text[SHOW_BYTES], uint64_t frame_bytes, double slot_ms)
{
	char day[SHOW_BYTES];
	double per_s = slot_ms > 0 ? (double)frame_bytes * 1000 / slot_ms : 0;
	double kbit = per_s * 8 / 1000;

	show_bytes(day, (uint64_t)(per_s * 86400));
	if (kbit < 1000)
		snprintf(text, SHOW_BYTES,
		    "%.*f kbit/s, about %.12s a day "
		    "each way",
		    kbit < 10 ? 1 : 0, kbit, day);
	else
		snprintf(text, SHOW_BYTES,
		    "%.1f Mbit/s, about %.12s a day "
		    "each way",
		    kbit / 1000, day);
}

const char *
show_text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text == NULL ? "" : text;
}

uint64_t
show_number_of(const json_t *object, const char *name)
{
	json_int_t value = json_integer_value(json_object_get(object, name));

	return value < 0 ? 0 : (uint64_t)value;
}

/* "they were last heard 3 s ago", or that they never were. */
static void
put_heard(char *text, size_t cap, const json_t *line, int64_t now_ms)
{
	const char *heard = show_text_of(line, "last_heard");
	char ago[SHOW_BYTES];
	int64_t heard_ms;

	if (*heard == '\0' || clock_parse(&heard_ms, heard) != OK) {
		snprintf(text, cap, "they have not been heard yet");
		return;
	}
	show_duration(ago,
	    now_ms > heard_ms ? (uint64_t)(now_ms - heard_ms) : 0);
	snprintf(text, cap, "they were last heard %s ago", ago);
}

char *
show_line_sentence(const json_t *line, int64_t now_ms)
{
	const char *state = show_text_of(line, "state");
	const char *why = show_text_of(line, "why");
	const char *next = show_text_of(line, "next_step");
	char *name = show_visible(show_text_of(line, "line"), false);
	char *sentence;
	char heard[2 * SHOW_BYTES];

	put_heard(heard, sizeof(heard), line, now_ms);
	if (json_is_true(json_object_get(line, "closed")))
		sentence = cli_format("The line to %s is closed.", name);
	else if (strcmp(state, "up") == 0)
		sentence = cli_format("The line to %s is up; %s.", name, heard);
	else if (strcmp(state, "one-way") == 0)
		sentence =
		    cli_format("The line to %s is one-way: we hear them, "
			       "they do not hear us; %s.",
			name, heard);
	else if (strcmp(state, "booting") == 0)
		sentence = cli_format("The line to %s is starting: the posts "
				      "have no session yet; %s.",
		    name, heard);
	else if (strcmp(state, "unconfirmed") == 0)
		sentence = cli_format("The line to %s is not confirmed yet%s%s",
		    name, *next != '\0' ? ": " : ".", next);
	else if (strcmp(why, "goodbye") == 0)
		sentence = cli_format("The line to %s is silent: their post "
				      "was stopped, and said goodbye; %s.",
		    name, heard);
	else if (strcmp(why, "sealed") == 0)
		sentence = cli_format("The line to %s is silent: their post "
				      "is sealed, and said so; %s.",
		    name, heard);
	else
		sentence = cli_format(
		    "The line to %s is silent: the path is "
		    "cut or their post has stopped, and nobody can tell which "
		    "while it lasts; %s.",
		    name, heard);
	free(name);
	return sentence;
}

void
show_until(char text[SHOW_BYTES], const char *time)
{
	snprintf(text, SHOW_BYTES, "%.10s %.5s UTC", time,
	    strlen(time) > 11 ? time + 11 : "");
}

char *
show_watch_sentence(const json_t *object)
{
	const char *watch = show_text_of(object, "watch");
	const char *until = show_text_of(object, "declined_until");
	char at[SHOW_BYTES];

	if (strcmp(watch, "off") == 0)
		return cli_format("Nobody is on watch there: their post stores "
				  "what is sent, and it waits for a reader.");
	if (strcmp(watch, "declined") != 0)
		return NULL;
	if (*until == '\0')
		return cli_format("Their watch declines for now: their post "
				  "stores what is sent, and it waits for a "
				  "reader.");
	show_until(at, until);
	return cli_format("Their watch declines until %s: their post stores "
			  "what is sent; expect no answer before.",
	    at);
}

const char *
show_action_sentence(const json_t *line)
{
	const char *state = show_text_of(line, "state");
	const char *why = show_text_of(line, "why");
	const char *watch = show_text_of(line, "watch");

	if (strcmp(state, "one-way") == 0)
		return "On this side first: see to the network here, since "
		       "what this post sends is lost. If it is well, they see "
		       "to theirs.";
	if (strcmp(why, "goodbye") == 0)
		return "On their side: they start their post with `quietline "
		       "up`.";
	if (strcmp(why, "sealed") == 0)
		return "On their side: they open their post.";
	if (strcmp(state, "silent") == 0)
		return "On this side first: see to the network here. If it is "
		       "well, reach them another way and ask whether their "
		       "post runs.";
	if (strcmp(watch, "off") == 0 || strcmp(watch, "declined") == 0)
		return "On their side: somebody goes on watch. For what cannot "
		       "wait, reach them another way.";
	return NULL;
}

char *
show_outbox_sentence(const json_t *line)
{
	const json_t *outbox = json_object_get(line, "outbox");
	uint64_t messages = show_number_of(outbox, "messages");
	bool paused = json_is_true(json_object_get(outbox, "paused"));
	char bytes[SHOW_BYTES];

	if (messages == 0)
		return cli_format("Nothing is left to deliver.");
	show_bytes(bytes, show_number_of(outbox, "bytes"));
	return cli_format("%" PRIu64 " message%s (%s) %s not delivered yet%s.",
	    messages, messages == 1 ? "" : "s", bytes,
	    messages == 1 ? "is" : "are",
	    paused ? ": their disk is full, it goes on by itself when it is not"
		   : "");
}

unsigned
show_percent(const json_t *message)
{
	const json_t *progress = json_object_get(message, "progress");
	uint64_t held = show_number_of(progress, "bytes_held");
	uint64_t total = show_number_of(progress, "bytes_total");
	const json_t *file;
	size_t i;

	if (total == 0) {
		held = 0;
		json_array_foreach(json_object_get(message, "attachments"), i,
		    file)
		{
			held += show_number_of(file, "bytes_here");
			total += show_number_of(file, "bytes");
		}
	}
	if (total == 0 || held == 0)
		return 0;
	/* 100 is for what is whole. */
	return held >= total ? 99
			     : (unsigned)((double)held / (double)total * 100);
}

char *
show_receipts(const json_t *message)
{
	const json_t *receipts = json_object_get(message, "receipts");
	const char *delivered = show_text_of(receipts, "delivered");
	const char *acknowledged = show_text_of(receipts, "acknowledged");
	bool from_us = strcmp(show_text_of(message, "from"), "us") == 0;
	char at[SHOW_BYTES], acked[SHOW_BYTES];

	show_time(at, delivered);
	show_time(acked, acknowledged);
	if (json_is_true(json_object_get(message, "arriving")))
		return cli_format("%s is arriving, %u %%",
		    show_text_of(message, "ref"), show_percent(message));
	if (*acknowledged != '\0' && from_us && *delivered != '\0')
		return cli_format("delivered %s; acknowledged %s", at, acked);
	if (*acknowledged != '\0')
		return cli_format("acknowledged %s", acked);
	if (!from_us)
		return cli_format("not acknowledged yet");
	if (*delivered != '\0')
		return cli_format("delivered %s; not acknowledged yet", at);
	if (show_percent(message) > 0)
		return cli_format("not delivered yet; they hold %u %%",
		    show_percent(message));
	return cli_format("not delivered yet");
}

void
show_json(const json_t *object)
{
	/* As desk said it: no digits that it did not say. */
	(void)json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
	(void)putchar('\n');
	(void)fflush(stdout);
}

const char *
show_strong(void)
{
	return isatty(STDOUT_FILENO) == 1 ? "\033[1m" : "";
}

const char *
show_plain(void)
{
	return isatty(STDOUT_FILENO) == 1 ? "\033[0m" : "";
}

/* Each line of text, indented; nothing for an empty one. */
static void
print_indented(const char *text)
{
	char *shown = show_visible(text, true);

	for (char *line = shown; *line != '\0';) {
		size_t len = strcspn(line, "\n");

		printf("    %.*s\n", (int)len, line);
		line += len + (line[len] == '\n');
	}
	free(shown);
}

static void
print_attachments(const json_t *message)
{
	const json_t *file;
	size_t i;

	json_array_foreach(json_object_get(message, "attachments"), i, file)
	{
		char *name = show_visible(show_text_of(file, "name"), false);
		char *type = show_visible(show_text_of(file, "type"), false);
		char bytes[SHOW_BYTES];

		show_bytes(bytes, show_number_of(file, "bytes"));
		printf("    file %" PRIu64 ": %s (%s%s%s)\n",
		    show_number_of(file, "n"), name, type,
		    *type == '\0' ? "" : ", ", bytes);
		free(name);
		free(type);
	}
}

/* A line of its own: nobody shall take it for what still stands. */
static void
print_withdrawn(const json_t *message)
{
	const char *replaced = show_text_of(message, "replaced_by");
	char at[SHOW_BYTES];

	if (*show_text_of(message, "withdrawn_by") == '\0')
		return;
	show_time(at, show_text_of(message, "withdrawn"));
	if (*replaced != '\0')
		printf("    %sWITHDRAWN %s, replaced by %s%s\n", show_strong(),
		    at, replaced, show_plain());
	else
		printf("    %sWITHDRAWN %s by %s%s\n", show_strong(), at,
		    show_text_of(message, "withdrawn_by"), show_plain());
}

/* Who wrote it, what it belongs to, and how often it went further. */
static void
print_origin(const json_t *message)
{
	const uint64_t passed = show_number_of(message, "passed");
	char *author = show_visible(show_text_of(message, "author"), false);
	const json_t *point;
	size_t i;

	if (*author != '\0')
		printf("    written by %s\n", author);
	if (json_is_true(json_object_get(message, "emergency")))
		printf("    released by one person alone, in an emergency\n");
	json_array_foreach(json_object_get(message, "points"), i, point)
	{
		printf("    belongs to the point %s\n",
		    json_string_value(point));
	}
	if (passed > 0)
		printf("    passed on %" PRIu64 " time%s; `quietline pass LINE`"
		       " shows where\n",
		    passed, passed == 1 ? "" : "s");
	free(author);
}

/* "routine, in ko, you only, about us/3". */
static void
print_heading(const json_t *message)
{
	const char *precedence = show_text_of(message, "precedence");
	const char *mark = show_text_of(message, "mark");
	const char *re = show_text_of(message, "re");
	char *language = show_visible(show_text_of(message, "language"), false);
	char at[SHOW_BYTES];

	show_time(at, show_text_of(message, "time_sent"));
	printf("%s%s%s  %s  %s", show_strong(), show_text_of(message, "ref"),
	    show_plain(), at, precedence);
	if (json_is_true(json_object_get(message, "drill")))
		printf(", drill");
	if (*language != '\0')
		printf(", in %s", language);
	if (*mark != '\0')
		printf(", %s", mark);
	if (*re != '\0')
		printf(", about %s", re);
	if (show_number_of(message, "form") > 0)
		printf(", form %" PRIu64, show_number_of(message, "form"));
	if (*show_text_of(message, "withdraws") != '\0')
		printf(", withdraws %s", show_text_of(message, "withdraws"));
	printf("\n");
	free(language);
	print_withdrawn(message);
	print_origin(message);
}

void
show_translation(const json_t *translation)
{
	const bool from_us =
	    strcmp(show_text_of(translation, "from"), "us") == 0;
	char *language =
	    show_visible(show_text_of(translation, "language"), false);
	char *author = show_visible(show_text_of(translation, "author"), false);
	char at[SHOW_BYTES];

	show_time(at, show_text_of(translation, "time_sent"));
	printf("    Translation of %s into %s, unofficial, by %s%s%s%s, %s:\n",
	    show_text_of(translation, "ref"), language, from_us ? "us" : "them",
	    *author != '\0' ? " (" : "", author, *author != '\0' ? ")" : "",
	    at);
	print_indented(show_text_of(translation, "text"));
	printf("\n");
	free(language);
	free(author);
}

/* What it says; by a form, in each language of that. */
static void
print_said(const json_t *message)
{
	const json_t *said = json_object_get(message, "said");
	const json_t *words;
	char *note;
	size_t i;

	json_array_foreach(said, i, words)
	{
		char *language =
		    show_visible(show_text_of(words, "language"), false);
		char *title = show_visible(show_text_of(words, "title"), false);

		printf("    [%s] %s%s%s%s\n", language, show_strong(), title,
		    show_plain(),
		    json_is_true(json_object_get(words, "unreviewed"))
			? " (unreviewed)"
			: "");
		print_indented(show_text_of(words, "text"));
		free(language);
		free(title);
	}
	if (json_array_size(said) > 0)
		return;
	print_indented(show_text_of(message, "text"));
	note = show_visible(show_text_of(message, "form_note"), false);
	if (*note != '\0')
		printf("    (%s)\n", note);
	free(note);
}

void
show_message(const json_t *message)
{
	char *subject = show_visible(show_text_of(message, "subject"), false);
	char *receipts = show_receipts(message);

	print_heading(message);
	if (*subject != '\0')
		printf("    %s%s%s\n", show_strong(), subject, show_plain());
	print_said(message);
	print_attachments(message);
	printf("    (%s)\n\n", receipts);
	free(subject);
	free(receipts);
}
