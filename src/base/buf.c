#include "base/buf.h"

#include <assert.h>
#include <string.h>

enum {
	VARINT_BITS = 7,
	VARINT_MORE = 0x80,
	/* 64 bits in groups of seven. */
	VARINT_BYTES_MAX = 10,
};

/* Lends the next len bytes to write to, or fails. */
static uint8_t *
take_room(struct writer *w, size_t len)
{
	uint8_t *room;

	assert(w->len <= w->cap);
	if (w->failed || len > w->cap - w->len) {
		w->failed = true;
		return NULL;
	}
	room = w->data + w->len;
	w->len += len;
	return room;
}

/* A number as it is written, least byte first; the compiler makes one store of
 * this, and one load of what is below. */
static void
spread(uint8_t all[8], uint64_t value)
{
	all[0] = (uint8_t)value;
	all[1] = (uint8_t)(value >> 8);
	all[2] = (uint8_t)(value >> 16);
	all[3] = (uint8_t)(value >> 24);
	all[4] = (uint8_t)(value >> 32);
	all[5] = (uint8_t)(value >> 40);
	all[6] = (uint8_t)(value >> 48);
	all[7] = (uint8_t)(value >> 56);
}

static uint64_t
gather(const uint8_t all[8])
{
	return (uint64_t)all[0] | (uint64_t)all[1] << 8 |
	    (uint64_t)all[2] << 16 | (uint64_t)all[3] << 24 |
	    (uint64_t)all[4] << 32 | (uint64_t)all[5] << 40 |
	    (uint64_t)all[6] << 48 | (uint64_t)all[7] << 56;
}

/* The low `bytes` bytes of value, least first. */
static inline void
put_number(struct writer *w, uint64_t value, size_t bytes)
{
	uint8_t *room = take_room(w, bytes);
	uint8_t all[sizeof(value)];

	if (room == NULL)
		return;
	spread(all, value);
	memcpy(room, all, bytes);
}

/* A number of as many bytes.  Each is read at its own width: to load at once
 * what was stored in parts is slow. */
static inline uint64_t
get_number(struct reader *r, size_t bytes)
{
	const uint8_t *src = buf_get_slice(r, bytes);
	uint64_t value = 0;

	if (src == NULL)
		return 0;
	if (bytes == sizeof(value))
		return gather(src);
	for (size_t i = 0; i < bytes; i++)
		value |= (uint64_t)src[i] << (8 * i);
	return value;
}

void
buf_write(struct writer *w, void *data, size_t cap)
{
	assert(data != NULL || cap == 0);
	w->data = data;
	w->cap = cap;
	w->len = 0;
	w->failed = false;
}

void
buf_put_u8(struct writer *w, uint8_t value)
{
	put_number(w, value, sizeof(value));
}

void
buf_put_bool(struct writer *w, bool value)
{
	buf_put_u8(w, value ? 1 : 0);
}

void
buf_put_u16(struct writer *w, uint16_t value)
{
	put_number(w, value, sizeof(value));
}

void
buf_put_u32(struct writer *w, uint32_t value)
{
	put_number(w, value, sizeof(value));
}

void
buf_put_u64(struct writer *w, uint64_t value)
{
	put_number(w, value, sizeof(value));
}

void
buf_put_varint(struct writer *w, uint64_t value)
{
	uint8_t bytes[VARINT_BYTES_MAX];
	size_t len = 0;

	if (value < VARINT_MORE) {
		buf_put_u8(w, (uint8_t)value);
		return;
	}
	while (value >= VARINT_MORE) {
		bytes[len++] = (uint8_t)(value | VARINT_MORE);
		value >>= VARINT_BITS;
	}
	bytes[len++] = (uint8_t)value;
	buf_put_bytes(w, bytes, len);
}

void
buf_put_bytes(struct writer *w, const void *src, size_t len)
{
	uint8_t *room = take_room(w, len);

	assert(src != NULL || len == 0);
	if (room != NULL && len > 0)
		memcpy(room, src, len);
}

void
buf_put_zeros(struct writer *w, size_t len)
{
	uint8_t *room = take_room(w, len);

	if (room != NULL && len > 0)
		memset(room, 0, len);
}

void
buf_put_blob16(struct writer *w, const void *src, size_t len)
{
	if (len > UINT16_MAX) {
		w->failed = true;
		return;
	}
	buf_put_u16(w, (uint16_t)len);
	buf_put_bytes(w, src, len);
}

void
buf_put_blob32(struct writer *w, const void *src, size_t len)
{
	if (len > UINT32_MAX) {
		w->failed = true;
		return;
	}
	buf_put_u32(w, (uint32_t)len);
	buf_put_bytes(w, src, len);
}

size_t
buf_room(const struct writer *w)
{
	assert(w->len <= w->cap);
	return w->failed ? 0 : w->cap - w->len;
}

bool
buf_is_sound(const struct writer *w)
{
	return !w->failed;
}

void
buf_read(struct reader *r, const void *data, size_t len)
{
	assert(data != NULL || len == 0);
	r->data = data;
	r->len = len;
	r->pos = 0;
	r->failed = false;
}

uint8_t
buf_get_u8(struct reader *r)
{
	return (uint8_t)get_number(r, sizeof(uint8_t));
}

unsigned
buf_get_choice(struct reader *r, unsigned count)
{
	const unsigned value = buf_get_u8(r);

	if (value < count)
		return value;
	r->failed = true;
	return 0;
}

bool
buf_get_bool(struct reader *r)
{
	return buf_get_choice(r, 2) == 1;
}

uint16_t
buf_get_u16(struct reader *r)
{
	return (uint16_t)get_number(r, sizeof(uint16_t));
}

uint32_t
buf_get_u32(struct reader *r)
{
	return (uint32_t)get_number(r, sizeof(uint32_t));
}

uint64_t
buf_get_u64(struct reader *r)
{
	return get_number(r, sizeof(uint64_t));
}

uint64_t
buf_get_varint(struct reader *r)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < VARINT_BYTES_MAX; i++) {
		uint8_t byte = buf_get_u8(r);

		if (r->failed)
			return 0;
		/* The tenth byte has room for one bit. */
		if (i == VARINT_BYTES_MAX - 1 && byte > 1)
			break;
		value |= (uint64_t)(byte & ~VARINT_MORE) << (VARINT_BITS * i);
		if (byte & VARINT_MORE)
			continue;
		/* A last byte of zero is a longer form than needed. */
		if (byte == 0 && i > 0)
			break;
		return value;
	}
	r->failed = true;
	return 0;
}

void
buf_get_bytes(struct reader *r, void *dst, size_t len)
{
	const uint8_t *src = buf_get_slice(r, len);

	assert(dst != NULL || len == 0);
	if (len == 0)
		return;
	if (src != NULL)
		memcpy(dst, src, len);
	else
		memset(dst, 0, len);
}

const uint8_t *
buf_get_slice(struct reader *r, size_t len)
{
	const uint8_t *src;

	assert(r->pos <= r->len);
	if (r->failed || len > r->len - r->pos) {
		r->failed = true;
		return NULL;
	}
	src = r->data + r->pos;
	r->pos += len;
	return src;
}

const uint8_t *
buf_get_blob16(struct reader *r, size_t *len)
{
	const uint8_t *src;

	*len = buf_get_u16(r);
	src = buf_get_slice(r, *len);
	if (r->failed)
		*len = 0;
	return src;
}

const uint8_t *
buf_get_blob32(struct reader *r, size_t *len)
{
	const uint8_t *src;

	*len = buf_get_u32(r);
	src = buf_get_slice(r, *len);
	if (r->failed)
		*len = 0;
	return src;
}

size_t
buf_left(const struct reader *r)
{
	assert(r->pos <= r->len);
	return r->failed ? 0 : r->len - r->pos;
}

bool
buf_is_readable(const struct reader *r)
{
	return !r->failed;
}

int
buf_is_spent(const struct reader *r)
{
	return !r->failed && r->pos == r->len ? OK : ERR_FORMAT;
}
