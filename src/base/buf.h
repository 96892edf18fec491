/* Owns bounded reading and writing of bytes: the only place that does it. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Both keep their bounds and a sticky error: after the first step outside the
 * bounds every later put does nothing and every later get gives zeros, so that
 * one check at the end (buf_is_sound, buf_is_spent) is enough.  All numbers are
 * little endian.  Neither owns its memory.
 */
struct writer {
	uint8_t *data;
	size_t cap;
	size_t len; /* bytes written so far */
	bool failed;
};

struct reader {
	const uint8_t *data;
	size_t len;
	size_t pos; /* bytes read so far */
	bool failed;
};

/* Writing starts at data[0]; cap is the room in bytes. */
void buf_write(struct writer *w, void *data, size_t cap);
void buf_put_u8(struct writer *w, uint8_t value);
void buf_put_bool(struct writer *w, bool value);
void buf_put_u16(struct writer *w, uint16_t value);
void buf_put_u32(struct writer *w, uint32_t value);
void buf_put_u64(struct writer *w, uint64_t value);
/* LEB128, 1 to 10 bytes, always the shortest form. */
void buf_put_varint(struct writer *w, uint64_t value);
void buf_put_bytes(struct writer *w, const void *src, size_t len);
void buf_put_zeros(struct writer *w, size_t len);
/* Length in two bytes, then the bytes; len over 65535 fails the writer. */
void buf_put_blob16(struct writer *w, const void *src, size_t len);
/* Length in four bytes, then the bytes. */
void buf_put_blob32(struct writer *w, const void *src, size_t len);
/* Bytes still free. */
size_t buf_room(const struct writer *w);
/* Nothing was written outside the bounds. */
bool buf_is_sound(const struct writer *w);

/* Reading starts at data[0]. */
void buf_read(struct reader *r, const void *data, size_t len);
uint8_t buf_get_u8(struct reader *r);
/* One byte, 0 or 1; anything else fails. */
bool buf_get_bool(struct reader *r);
/* One byte below count, as for an enum; 0 and a failure for any other. */
unsigned buf_get_choice(struct reader *r, unsigned count);
uint16_t buf_get_u16(struct reader *r);
uint32_t buf_get_u32(struct reader *r);
uint64_t buf_get_u64(struct reader *r);
/* Refuses more than 10 bytes, an overflow of 64 bits and a longer form than
 * needed: each value has exactly one encoding. */
uint64_t buf_get_varint(struct reader *r);
/* Copies len bytes to dst; zeros dst where they are not there. */
void buf_get_bytes(struct reader *r, void *dst, size_t len);
/* Lends len bytes in place, or NULL (and fails) where they are not there. */
const uint8_t *buf_get_slice(struct reader *r, size_t len);
/* Lends the bytes of a blob and sets *len; NULL and 0 on failure. */
const uint8_t *buf_get_blob16(struct reader *r, size_t *len);
const uint8_t *buf_get_blob32(struct reader *r, size_t *len);
/* Bytes not yet read; 0 after a failure. */
size_t buf_left(const struct reader *r);
/* No failure so far. */
bool buf_is_readable(const struct reader *r);
/* No failure, and nothing left over: OK, else ERR_FORMAT. */
MUST_CHECK int buf_is_spent(const struct reader *r);

#endif
