/* Owns talking to the post's API, like any other client. */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/cli.h"

struct client;
struct json_t;

/* Asked twice is done once: the client may try again when the post's own parts
 * restart under it. */
enum client_again { CLIENT_ONCE, CLIENT_AGAIN };

/* Called as bytes move; total 0: not known. */
typedef void client_progress(void *ctx, uint64_t done, uint64_t total);

/* What a client_line returns to end a stream that has given what was wanted. */
enum { CLIENT_STOP = -1 };

/* One line of a stream; NULL: the beat of a stream that follows.  Anything but
 * CLI_DONE ends the stream, with that as its result (CLIENT_STOP: CLI_DONE). */
typedef int client_line(void *ctx, struct json_t *object);

/* A client of the post that cli names; ends the program (CLI_USAGE) where no
 * folder can be named. */
struct client *client_new(const struct cli *cli);
void client_free(struct client *client);
/* Whether the last answer was that whoever asks is not known, or may not: asking
 * again is of no use. */
bool client_is_denied(struct client *client);

/*
 * All return an enum cli_exit, after having said on standard error what is
 * wrong; *answer is the caller's, and NULL unless CLI_DONE.  Paths are built
 * with client_path.
 */
MUST_CHECK int client_get(struct client *client, const char *path,
    struct json_t **answer);
/* Takes body; NULL: none. */
MUST_CHECK int client_post(struct client *client, const char *path,
    struct json_t *body, enum client_again again, struct json_t **answer);
/* A stream of lines.  until_ms (CLOCK_BOOTTIME; UINT64_MAX: never): ends with
 * CLI_TIMEOUT then, unsaid. */
MUST_CHECK int client_lines(struct client *client, const char *path,
    client_line *on_line, void *ctx, uint64_t until_ms);
/* bytes UINT64_MAX: as many as come. */
MUST_CHECK int client_upload(struct client *client, FILE *file, uint64_t bytes,
    client_progress *progress, void *ctx, struct json_t **answer);
MUST_CHECK int client_download(struct client *client, const char *path,
    FILE *file, client_progress *progress, void *ctx);

/*
 * One question, by a client of its own.  Each takes path (as client_path or
 * cli_format make it) and body; the rest is as above.
 */
MUST_CHECK int client_look(const struct cli *cli, char *path,
    struct json_t **answer);
MUST_CHECK int client_ask(const struct cli *cli, char *path,
    struct json_t *body, enum client_again again, struct json_t **answer);
MUST_CHECK int client_list(const struct cli *cli, char *path,
    client_line *on_line, void *ctx);

/* Whether anything answers at the post's socket; says nothing. */
bool client_is_there(struct client *client);

/* "/v1/lines/LINE" and what follows, the name encoded; the caller frees. */
char *client_path(const char *line, const char *rest);
/* The path of one message, and what follows it; the caller frees. */
char *client_message_path(const char *line, const char *ref, const char *rest);
/* Percent-encodes one value of a query; the caller frees. */
char *client_encode(const char *value);

#endif
