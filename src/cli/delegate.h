/* Owns how delegates are asked for, and written for people. */
#ifndef CLI_DELEGATE_H
#define CLI_DELEGATE_H

#include <stdbool.h>

#include "base/err.h"

struct json_t;

enum delegate_which {
	DELEGATE_ITS, /* to sign in by */
	DELEGATE_OLD,
	DELEGATE_NEW, /* asked twice */
};

/* A delegate's passphrase, from a file or (NULL) the terminal; NULL after having
 * said what is wrong.  For delegate_forget. */
char *delegate_passphrase(const char *title, const char *file,
    enum delegate_which which);
/* Wipes and frees; NULL is fine. */
void delegate_forget(char *passphrase);
/* The passphrase as that field of a body; ERR_FORMAT, said. */
MUST_CHECK int delegate_put_passphrase(struct json_t *body, const char *field,
    const char *passphrase);

/* "watch (A. Person): watch, reader"; the caller frees. */
char *delegate_sentence(const struct json_t *delegate);

#endif
