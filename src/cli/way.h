/* Owns the options that say how a peer is reached. */
#ifndef CLI_WAY_H
#define CLI_WAY_H

#include <stdint.h>

#include "cli/cli.h"

struct json_t;

/* As given; NULL and false where they were not. */
struct way {
	const char *listen;
	const char *endpoint;
	const char *proxy;
	const char *relay; /* a ticket, or @FILE */
	bool tcp;
};

enum { WAY_OPTIONS = 5 };

/* Fills so many options, which write into way. */
void way_options(struct cli_option options[WAY_OPTIONS], struct way *way);

/* Puts what was given into a request's body; CLI_FAILED after having said why a
 * ticket's file cannot be read. */
MUST_CHECK int way_put(struct json_t *body, const struct way *way);

/* That a path was added, in one sentence, for the caller to free. */
char *way_added_sentence(const struct json_t *path);
/* How a path is, in one sentence, for the caller to free. */
char *way_sentence(const struct json_t *path, int64_t now_ms);

#endif
