#include "desk/tell.h"

#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "proc/field.h"

static json_t *
tell_text(const void *at)
{
	struct text text;
	json_t *value = NULL;

	memcpy(&text, at, sizeof(text));
	if (text.len > 0)
		value = json_stringn(text.data, text.len);
	return value != NULL ? value : json_null();
}

/* Beyond what JSON's integers are here it stays the most. */
static json_t *
tell_number(uint64_t value, bool zero_is_null)
{
	if (value == 0 && zero_is_null)
		return json_null();
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static json_t *
tell_time(int64_t wall_ms)
{
	char text[CLOCK_TEXT_BYTES];

	if (wall_ms == 0)
		return json_null();
	clock_format(text, wall_ms);
	return json_string(text);
}

static json_t *
tell_word(const struct field *field, uint8_t word)
{
	if (word == 0 && field->zero_is_null)
		return json_null();
	return json_string(word_name(field->words, word));
}

static json_t *
tell_set(const struct word_list *words, uint32_t set)
{
	json_t *list = json_array();

	for (size_t i = 0; i < words->count && i < 32; i++)
		if ((set >> i & 1) != 0)
			json_array_append_new(list,
			    json_string(words->words[i]));
	return list;
}

static json_t *
tell_id(const uint8_t *id)
{
	static const uint8_t zeros[FIELD_ID_BYTES];
	char text[2 * FIELD_ID_BYTES + 1];

	if (memcmp(id, zeros, sizeof(zeros)) == 0)
		return json_null();
	hex_encode(text, id, FIELD_ID_BYTES);
	return json_string(text);
}

static json_t *tell_field(const struct field *field, const void *in);

static json_t *
tell_list(const struct field *field, const void *in)
{
	const struct layout *of = field->of;
	const char *item = field_at(field, in);
	json_t *list = json_array();
	size_t count;

	memcpy(&count, (const char *)in + field->count, sizeof(count));
	for (size_t i = 0; i < count; i++, item += of->bytes)
		json_array_append_new(list,
		    of->field[0].name == NULL ? tell_field(&of->field[0], item)
					      : tell_view("", of, item, 0));
	return list;
}

static json_t *
tell_field(const struct field *field, const void *in)
{
	const void *at = field_at(field, in);

	switch (field->kind) {
	case FIELD_TEXT:
		return tell_text(at);
	case FIELD_REF:
		return *(const char *)at != '\0' ? json_string(at)
						 : json_null();
	case FIELD_NUMBER:
		return tell_number(*(const uint64_t *)at, field->zero_is_null);
	case FIELD_TIME:
		return tell_time(*(const int64_t *)at);
	case FIELD_BOOL:
		return json_boolean(*(const bool *)at);
	case FIELD_WORD:
		return tell_word(field, *(const uint8_t *)at);
	case FIELD_SET:
		return tell_set(field->words, *(const uint32_t *)at);
	case FIELD_ID:
		return tell_id(at);
	case FIELD_LIST:
		return tell_list(field, in);
	}
	return NULL;
}

static bool
has_field(const struct layout *layout, const char *name)
{
	for (size_t i = 0; i < layout->fields; i++)
		if (strcmp(layout->field[i].name, name) == 0)
			return true;
	return false;
}

json_t *
tell_view(const char *line, const struct layout *layout, const void *view,
    uint64_t cursor)
{
	json_t *object = json_object();

	/* Without memory a field is missing. */
	if (*line != '\0' && !has_field(layout, "line"))
		(void)json_object_set_new(object, "line", json_string(line));
	for (size_t i = 0; i < layout->fields; i++)
		(void)json_object_set_new(object, layout->field[i].name,
		    tell_field(&layout->field[i], view));
	if (cursor != 0)
		(void)json_object_set_new(object, "cursor",
		    tell_number(cursor, false));
	return object;
}
