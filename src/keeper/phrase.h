/* Owns words that people hand in: a checked copy of them, in Unicode NFC, so that
 * what looks alike is alike. */
#ifndef KEEPER_PHRASE_H
#define KEEPER_PHRASE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "core/record.h"
#include "proc/text.h"

/* Zeros: no words. */
struct phrase {
	char *data;
	size_t len;
};

/*
 * Copies words of at most `most` bytes: a text, or a label (one line, no control
 * characters).  None are fine.  ERR_FORMAT: they are not that, or no UTF-8;
 * ERR_LIMIT: too long, as they are or as they become.  Wiped by the caller.
 */
MUST_CHECK int phrase_text(struct phrase *phrase, struct text words,
    size_t most);
MUST_CHECK int phrase_label(struct phrase *phrase, struct text words,
    size_t most);
/* Nothing in it that nobody sees tells it from another: no space at an end or
 * beside another, none but the plain one, and nothing that turns or hides text. */
bool phrase_is_plain(const struct phrase *phrase);
void phrase_wipe(struct phrase *phrase);

/* As a record takes them; good as long as the phrase. */
struct record_text phrase_said(const struct phrase *phrase);

#endif
