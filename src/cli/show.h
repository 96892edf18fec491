/* Owns how things are written for people. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_t;

enum { SHOW_BYTES = 48 };

/*
 * A copy of text in which every sly character (control, direction override,
 * invisible) is written out as <U+202E>, and every byte that is not UTF-8 as
 * <FF>; the caller frees.  Where lines is false, line feeds and tabs too.
 */
char *show_visible(const char *text, bool lines);

/* "999 bytes", "1.2 kB", "104.9 MB". */
void show_bytes(char text[SHOW_BYTES], uint64_t bytes);
/* "0.4 s", "42 s", "3 min 20 s", "2 h 5 min", "3 days 4 h". */
void show_duration(char text[SHOW_BYTES], uint64_t ms);
/* "2026-11-22T09:30:00Z", from an API's time; "-" for NULL. */
void show_time(char text[SHOW_BYTES], const char *time);
/* "2026-11-22 18:00 UTC", from an API's time. */
void show_until(char text[SHOW_BYTES], const char *time);
/* "96 kbit/s, about 1.0 GB a day each way". */
void show_cadence(char text[SHOW_BYTES], uint64_t frame_bytes, double slot_ms);

/*
 * Sentences about an object of the API, for the caller to free.  now_ms is the
 * wall clock, for "3 s ago".
 */
char *show_line_sentence(const struct json_t *line, int64_t now_ms);
/* Who is on watch at the other side, where that is nobody; else NULL.  The object
 * has the fields "watch" and "declined_until". */
char *show_watch_sentence(const struct json_t *object);
/* "On their side: ...", what to do and who, for a line that needs it; else NULL. */
const char *show_action_sentence(const struct json_t *line);
/* What is left undelivered on it: "Nothing is left to deliver.", "2 messages ...". */
char *show_outbox_sentence(const struct json_t *line);
/* "delivered 2026-...; acknowledged ...", or how far it is. */
char *show_receipts(const struct json_t *message);
/* "35 % here", from the bytes of its attachments. */
unsigned show_percent(const struct json_t *message);

/* The message as `read` prints it, several lines. */
void show_message(const struct json_t *message);

/* One translation of a message, with whose it is: several lines. */
void show_translation(const struct json_t *translation);

/* Fields of an object; "" and 0 where they are absent or null. */
const char *show_text_of(const struct json_t *object, const char *name);
uint64_t show_number_of(const struct json_t *object, const char *name);

/* One object a line, for programs. */
void show_json(const struct json_t *object);

/* Colour, where standard output is a terminal; never the only sign. */
const char *show_strong(void);
const char *show_plain(void);

#endif
