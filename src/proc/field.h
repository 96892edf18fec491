/* Owns the tables that say which fields a struct has. */
#ifndef PROC_FIELD_H
#define PROC_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/word.h"
#include "proc/text.h"

struct reader;
struct writer;

enum field_kind {
	FIELD_TEXT, /* struct text, at most `most` bytes; empty is null */
	FIELD_REF, /* char[REQUEST_REF_BYTES]: us/12, them/p3, hex; "" is null */
	FIELD_NUMBER, /* uint64_t, at most `most`; most 0: any */
	FIELD_TIME,   /* int64_t, ms since 1970; 0 is null */
	FIELD_BOOL,   /* bool */
	FIELD_WORD,   /* uint8_t, the number of a word of `words` */
	FIELD_SET,    /* uint32_t, a bit a word; in JSON a list of words */
	FIELD_ID,     /* uint8_t[FIELD_ID_BYTES], hex; all zero is null */
	FIELD_LIST,   /* an array of `of`, at most `most`, their number a size_t
			 at `count`; where `of` is one field without a name, a
			 list of bare values */
};

enum { FIELD_ID_BYTES = 16 };

/*
 * One member of a struct.  The same table writes and reads it as bytes between
 * the rooms, and as JSON at the API, where `name` is its name.
 */
struct field {
	const char *name;
	enum field_kind kind;
	bool must;	   /* in a body or a query it may not be left out */
	bool zero_is_null; /* of a number or a word */
	size_t offset;
	uint64_t most;
	const struct word_list *words;
	const struct layout *of;
	size_t count;
};

/* The fields of a struct of that many bytes. */
struct layout {
	const struct field *field;
	size_t fields;
	size_t bytes;
};

#define LAYOUT(table, type) \
	{ \
		.field = (table), \
		.fields = sizeof(table) / sizeof((table)[0]), \
		.bytes = sizeof(type) \
	}

/* Writes what `from` holds; fails the writer where there is no room, or where it
 * holds more than the table allows. */
void field_encode(struct writer *w, const struct layout *layout,
    const void *from);
/*
 * Reads into `into`, all of which is written.  Texts are views of the reader's
 * bytes.  OK, or ERR_FORMAT (and the reader has failed) for what the table does
 * not allow.
 */
MUST_CHECK int field_decode(struct reader *r, const struct layout *layout,
    void *into);

/* Bytes that field_encode may write at most. */
uint64_t field_bytes_max(const struct layout *layout);

/* The member itself. */
static inline const void *
field_at(const struct field *field, const void *in)
{
	return (const char *)in + field->offset;
}

#endif
