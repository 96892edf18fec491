/* Owns how a line's days are drawn for people. */
#ifndef CLI_HISTORY_H
#define CLI_HISTORY_H

struct json_t;

enum { HISTORY_BAR_CHARS = 48 };

/*
 * Draws one side's day, an object of seconds, as letters: each kind together,
 * whatever the hour; blank where nothing was recorded.  What was at all has one
 * letter at least.
 */
void history_bar(char bar[HISTORY_BAR_CHARS + 1], const struct json_t *parts);

/* "up 99.8 %, path 0.2 %", of what was recorded; the caller frees. */
char *history_shares(const struct json_t *parts);

/* Draws what the API answered about one line. */
void history_print(const struct json_t *history);

#endif
