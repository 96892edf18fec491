/* Owns references: how people name a message. */
#ifndef KEEPER_REF_H
#define KEEPER_REF_H

#include "base/err.h"
#include "keeper/post.h"

/* "us/12", "them/7", or, where serial is 0, the id's first 16 hex digits. */
void ref_format(char ref[REQUEST_REF_BYTES], enum side side, uint64_t serial,
    const uint8_t id[RECORD_ID_BYTES]);

/* Digits without a leading zero, within SQL's integers; 0: not that. */
int64_t ref_number(const char *digits);

/* How a sentence that names a message goes on, so that nobody reads it without its
 * mark: ", marked you only"; "" where it has none. */
const char *ref_marked(enum mark mark);

/* The line of that name: the open one, or the last that was closed.
 * ERR_NOT_FOUND. */
MUST_CHECK int ref_find_line(struct keeper *keeper, struct text name,
    uint32_t *line);

/* The record that a reference names on a line.  ERR_FORMAT: no reference;
 * ERR_NOT_FOUND. */
MUST_CHECK int ref_find(struct keeper *keeper, uint32_t line, struct text ref,
    int64_t *row);

/* The reference of a record known by its id; its first digits where it is not
 * there. */
MUST_CHECK int ref_of_id(struct keeper *keeper, uint32_t line,
    const uint8_t id[RECORD_ID_BYTES], char ref[REQUEST_REF_BYTES]);

#endif
