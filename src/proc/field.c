#include "proc/field.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"

enum { LIST_COUNT_BYTES = 2, TEXT_LEN_BYTES = 4 };

static bool
is_within(const struct field *field, uint64_t value)
{
	return field->most == 0 || value <= field->most;
}

static void
put_text(struct writer *w, const struct field *field, struct text text)
{
	if (text.len > field->most)
		w->failed = true;
	buf_put_blob32(w, text.data, text.len);
}

static void
put_list(struct writer *w, const struct field *field, const void *in)
{
	const char *items = field_at(field, in);
	size_t count;

	memcpy(&count, (const char *)in + field->count, sizeof(count));
	if (count > field->most) {
		w->failed = true;
		return;
	}
	buf_put_u16(w, (uint16_t)count);
	for (size_t i = 0; i < count; i++)
		field_encode(w, field->of, items + i * field->of->bytes);
}

static void
put_number(struct writer *w, const struct field *field, uint64_t value)
{
	if (!is_within(field, value))
		w->failed = true;
	buf_put_u64(w, value);
}

static void
put_word(struct writer *w, const struct field *field, uint8_t value)
{
	if (value >= field->words->count)
		w->failed = true;
	buf_put_u8(w, value);
}

static void
put_field(struct writer *w, const struct field *field, const void *in)
{
	const void *at = field_at(field, in);
	struct text text;

	switch (field->kind) {
	case FIELD_TEXT:
		memcpy(&text, at, sizeof(text));
		put_text(w, field, text);
		break;
	case FIELD_REF:
		buf_put_blob32(w, at, strnlen(at, REQUEST_REF_BYTES - 1));
		break;
	case FIELD_NUMBER:
		put_number(w, field, *(const uint64_t *)at);
		break;
	case FIELD_TIME:
		buf_put_u64(w, (uint64_t) * (const int64_t *)at);
		break;
	case FIELD_BOOL:
		buf_put_bool(w, *(const bool *)at);
		break;
	case FIELD_WORD:
		put_word(w, field, *(const uint8_t *)at);
		break;
	case FIELD_SET:
		buf_put_u32(w, *(const uint32_t *)at);
		break;
	case FIELD_ID:
		buf_put_bytes(w, at, FIELD_ID_BYTES);
		break;
	case FIELD_LIST:
		put_list(w, field, in);
		break;
	}
}

void
field_encode(struct writer *w, const struct layout *layout, const void *from)
{
	for (size_t i = 0; i < layout->fields; i++)
		put_field(w, &layout->field[i], from);
}

/* A text of at most `most` bytes; a longer one fails the reader. */
static struct text
get_text(struct reader *r, uint64_t most)
{
	struct text text;
	const uint8_t *data = buf_get_blob32(r, &text.len);

	if (text.len > most)
		r->failed = true;
	if (r->failed || text.len == 0)
		return (struct text){ NULL, 0 };
	text.data = (const char *)data;
	return text;
}

static void
get_ref(struct reader *r, char ref[REQUEST_REF_BYTES])
{
	const struct text text = get_text(r, REQUEST_REF_BYTES - 1);

	if (text.len > 0)
		memcpy(ref, text.data, text.len);
	/* Whatever stands behind a NUL would be lost unseen. */
	if (strlen(ref) != text.len)
		r->failed = true;
}

static uint64_t
get_number(struct reader *r, const struct field *field)
{
	const uint64_t value = buf_get_u64(r);

	if (!is_within(field, value))
		r->failed = true;
	return value;
}

static uint32_t
get_set(struct reader *r, const struct field *field)
{
	const uint32_t set = buf_get_u32(r);

	if (field->words->count < 32 && set >> field->words->count != 0)
		r->failed = true;
	return set;
}

static void
get_list(struct reader *r, const struct field *field, char *items, void *into)
{
	size_t count = buf_get_u16(r);

	if (count > field->most)
		r->failed = true;
	if (r->failed)
		count = 0;
	for (size_t i = 0; i < count && !r->failed; i++)
		if (field_decode(r, field->of, items + i * field->of->bytes) !=
		    OK)
			count = 0;
	memcpy((char *)into + field->count, &count, sizeof(count));
}

static void
get_field(struct reader *r, const struct field *field, void *into)
{
	void *at = (char *)into + field->offset;
	struct text text;

	switch (field->kind) {
	case FIELD_TEXT:
		text = get_text(r, field->most);
		memcpy(at, &text, sizeof(text));
		break;
	case FIELD_REF:
		get_ref(r, at);
		break;
	case FIELD_NUMBER:
		*(uint64_t *)at = get_number(r, field);
		break;
	case FIELD_TIME:
		*(int64_t *)at = (int64_t)buf_get_u64(r);
		break;
	case FIELD_BOOL:
		*(bool *)at = buf_get_bool(r);
		break;
	case FIELD_WORD:
		*(uint8_t *)at =
		    (uint8_t)buf_get_choice(r, (unsigned)field->words->count);
		break;
	case FIELD_SET:
		*(uint32_t *)at = get_set(r, field);
		break;
	case FIELD_ID:
		buf_get_bytes(r, at, FIELD_ID_BYTES);
		break;
	case FIELD_LIST:
		get_list(r, field, at, into);
		break;
	}
}

int
field_decode(struct reader *r, const struct layout *layout, void *into)
{
	memset(into, 0, layout->bytes);
	for (size_t i = 0; i < layout->fields; i++)
		get_field(r, &layout->field[i], into);
	if (buf_is_readable(r))
		return OK;
	memset(into, 0, layout->bytes);
	return ERR_FORMAT;
}

static uint64_t
bytes_max(const struct field *field)
{
	switch (field->kind) {
	case FIELD_TEXT:
		return TEXT_LEN_BYTES + field->most;
	case FIELD_REF:
		return TEXT_LEN_BYTES + REQUEST_REF_BYTES - 1;
	case FIELD_NUMBER:
	case FIELD_TIME:
		return sizeof(uint64_t);
	case FIELD_BOOL:
	case FIELD_WORD:
		return 1;
	case FIELD_SET:
		return sizeof(uint32_t);
	case FIELD_ID:
		return FIELD_ID_BYTES;
	case FIELD_LIST:
		return LIST_COUNT_BYTES +
		    field->most * field_bytes_max(field->of);
	}
	return 0;
}

uint64_t
field_bytes_max(const struct layout *layout)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < layout->fields; i++)
		sum += bytes_max(&layout->field[i]);
	return sum;
}
