/* Owns how a request that speaks for this side is written down in the store. */
#ifndef KEEPER_SHEET_H
#define KEEPER_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "limits.h"
#include "proc/request.h"

/*
 * A draft may wait for weeks, and the post be brought up to date meanwhile.  So
 * a sheet holds no number that a later version could give another meaning:
 * every field by its name at the API, every value as text, absent where it says
 * nothing.
 *
 *   version(1)=1, then for each field: name (blob of 16 bits), value (of 32)
 *
 * What a later version no longer knows is refused, never dropped: people must
 * not release less than they read.
 */
enum { SHEET_VERSION = 1 };

/* What people call a request that speaks; NULL for one that does not. */
const char *sheet_word(enum request_kind kind);

/* Fails the writer where there is no room.  Drafts and emergencies, ids and the
 * request's own number are not part of what is said. */
void sheet_write(struct writer *w, const struct request *request);
/* Reads into views of the bytes.  ERR_VERSION: by another version, or no sheet
 * at all. */
MUST_CHECK int sheet_read(struct request *request, const uint8_t *bytes,
    size_t len);
/* The fields for people, at most cap; returns how many.  Without the text, the
 * files, and what says where it goes. */
size_t sheet_list(struct draft_line *lines, size_t cap, const uint8_t *bytes,
    size_t len);
/* The field's value, lent by the sheet; len 0: it is not there. */
struct text sheet_find(const uint8_t *bytes, size_t len, const char *name);
/* The one field of a kind that may be too long to stand in a line: whether it has
 * one of these names, and its value. */
bool sheet_is_text(struct text name);
struct text sheet_text(const uint8_t *bytes, size_t len);

#endif
