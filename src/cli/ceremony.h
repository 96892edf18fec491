/* Owns the files of a ceremony on this machine's disk. */
#ifndef CLI_CEREMONY_H
#define CLI_CEREMONY_H

#include "cli/cli.h"

struct json_t;

/* The file as a JSON string of base64, or NULL after having said why not. */
struct json_t *ceremony_read(const char *file);

/*
 * Checks that the file can be written, before the post changes anything; file
 * NULL: a name made from peer and suffix in the working folder, which must not
 * exist yet.  The name to use, for the caller to free; NULL: said why not.
 */
char *ceremony_prepare(const char *file, const char *peer, const char *suffix);

/* Writes the answer's "file", readable for this user only: an enum cli_exit. */
int ceremony_write(const char *file, const struct json_t *answer);

/* Offers a person to delete the file, which is a key. */
void ceremony_offer_delete(const struct cli *cli, const char *file);

/* Prints what the line will look like: cadence in words, and terms. */
void ceremony_print_terms(const struct json_t *answer);

#endif
