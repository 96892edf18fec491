#include "desk/take.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/wipe.h"
#include "desk/body.h"
#include "desk/route.h"
#include "proc/field.h"

/* One value on its way into a member. */
struct taking {
	struct body *body;
	const struct field *field;
	json_t *value;
	bool is_string; /* whatever it stands for */
	void *into;
};

static void *
at(const struct taking *t)
{
	return (char *)t->into + t->field->offset;
}

static int
must_be(const struct taking *t, const char *what)
{
	return body_refuse(t->body, ERR_FORMAT, "\"%s\" must be %s",
	    t->field->name, what);
}

/* Brings what people give to Unicode's NFC, where it stands: what looks alike is
 * alike, whichever keys it was typed with. */
static int
normalise(const struct taking *t)
{
	const utf8proc_uint8_t *text =
	    (const utf8proc_uint8_t *)json_string_value(t->value);
	utf8proc_uint8_t *composed = NULL;
	const utf8proc_ssize_t len =
	    utf8proc_map(text, (utf8proc_ssize_t)json_string_length(t->value),
		&composed, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	int rc = -1;

	if (len >= 0)
		rc = json_string_setn(t->value, (const char *)composed,
		    (size_t)len);
	if (composed != NULL)
		wipe(composed, (size_t)len);
	free(composed);
	return rc == 0 ? OK : body_refuse(t->body, ERR_LIMIT, "no memory");
}

static int
take_text(const struct taking *t)
{
	struct text text;
	int rc;

	if (!json_is_string(t->value))
		return must_be(t, "a string");
	if ((rc = normalise(t)) != OK)
		return rc;
	text = (struct text){ json_string_value(t->value),
		json_string_length(t->value) };
	if (text.len > t->field->most)
		return body_refuse(t->body, ERR_SIZE,
		    "the %s is %zu bytes; at most %zu fit", t->field->name,
		    text.len, (size_t)t->field->most);
	if (text.len == 0 && t->field->must)
		return body_refuse(t->body, ERR_FORMAT, "the %s is empty",
		    t->field->name);
	memcpy(at(t), &text, sizeof(text));
	return OK;
}

static int
take_ref(const struct taking *t)
{
	const char *text = json_string_value(t->value);

	if (text == NULL || !route_is_ref(text))
		return must_be(t,
		    "a reference such as us/12, them/p3 or 16 hex digits");
	snprintf(at(t), REQUEST_REF_BYTES, "%.*s", REQUEST_REF_BYTES - 1, text);
	return OK;
}

/* Digits only; false where they are not, or beyond what JSON has here. */
static bool
read_digits(uint64_t *number, const char *digits)
{
	uint64_t value = 0;

	if (*digits == '\0')
		return false;
	for (; *digits != '\0'; digits++) {
		if (*digits < '0' || *digits > '9' ||
		    value > (INT64_MAX - 9) / 10)
			return false;
		value = value * 10 + (uint64_t)(*digits - '0');
	}
	*number = value;
	return true;
}

static int
take_number(const struct taking *t)
{
	const uint64_t most = t->field->most == 0 ? INT64_MAX : t->field->most;
	uint64_t number = 0;
	char what[64];
	bool is_one;

	if (t->is_string) {
		is_one = read_digits(&number, json_string_value(t->value));
	} else {
		is_one = json_is_integer(t->value) &&
		    json_integer_value(t->value) >= 0;
		number = is_one ? (uint64_t)json_integer_value(t->value) : 0;
	}
	if (!is_one || number > most) {
		if (t->field->most == 0)
			return must_be(t, "a number");
		snprintf(what, sizeof(what), "a number up to %llu",
		    (unsigned long long)most);
		return must_be(t, what);
	}
	memcpy(at(t), &number, sizeof(number));
	return OK;
}

static int
take_time(const struct taking *t)
{
	const char *text = json_string_value(t->value);
	int64_t ms = 0;

	if (text == NULL || clock_parse(&ms, text) != OK || ms == 0)
		return must_be(t, "a time such as 2026-11-22T18:00:00Z");
	memcpy(at(t), &ms, sizeof(ms));
	return OK;
}

static int
take_bool(const struct taking *t)
{
	const char *text = json_string_value(t->value);
	bool yes = json_is_true(t->value);

	if (!t->is_string && !json_is_boolean(t->value))
		return must_be(t, "true or false");
	if (t->is_string) {
		if (strcmp(text, "0") != 0 && strcmp(text, "1") != 0)
			return must_be(t, "0 or 1");
		yes = *text == '1';
	}
	memcpy(at(t), &yes, sizeof(yes));
	return OK;
}

static int
refuse_word(const struct taking *t, const char *before)
{
	char choice[BODY_SAY_BYTES / 2];

	word_choice(t->field->words, choice, sizeof(choice));
	return body_refuse(t->body, ERR_FORMAT, "\"%s\" must be %s%s",
	    t->field->name, before, choice);
}

static int
take_word(const struct taking *t)
{
	const char *text = json_string_value(t->value);
	const int found = text == NULL ? -1 : word_find(t->field->words, text);
	uint8_t number;

	if (found < 0)
		return refuse_word(t, "");
	number = (uint8_t)found;
	memcpy(at(t), &number, sizeof(number));
	return OK;
}

/* A word of a set, with what is in it so far. */
static int
add_word(const struct taking *t, uint32_t *set, const char *word)
{
	const int found = word == NULL ? -1 : word_find(t->field->words, word);

	if (found < 0)
		return refuse_word(t, "a list of ");
	*set |= UINT32_C(1) << found;
	return OK;
}

static int
split_words(const struct taking *t, uint32_t *set, char *words)
{
	char *rest = NULL;
	int rc = OK;

	for (char *word = strtok_r(words, ",", &rest); word != NULL && rc == OK;
	     word = strtok_r(NULL, ",", &rest))
		rc = add_word(t, set, word);
	return rc;
}

static int
take_set(const struct taking *t)
{
	uint32_t set = 0;
	int rc = OK;

	if (t->is_string) {
		char *copy = strdup(json_string_value(t->value));

		rc = copy == NULL ? body_refuse(t->body, ERR_LIMIT, "no memory")
				  : split_words(t, &set, copy);
		free(copy);
	} else if (!json_is_array(t->value)) {
		rc = refuse_word(t, "a list of ");
	}
	for (size_t i = 0;
	     !t->is_string && rc == OK && i < json_array_size(t->value); i++)
		rc = add_word(t, &set,
		    json_string_value(json_array_get(t->value, i)));
	if (rc == OK)
		memcpy(at(t), &set, sizeof(set));
	return rc;
}

static int
take_id(const struct taking *t)
{
	const char *text = json_string_value(t->value);

	if (text == NULL || hex_decode(at(t), FIELD_ID_BYTES, text) != OK)
		return must_be(t, "32 hex digits");
	return OK;
}

static int take_value(const struct taking *t);

/* One item: an object, or where the items' only field has no name, a value. */
static int
take_item(const struct taking *t, void *item, json_t *value)
{
	const struct layout *of = t->field->of;
	struct field bare = of->field[0];
	const struct taking inner = { .body = t->body,
		.field = &bare,
		.value = value,
		.into = item };

	if (bare.name != NULL)
		return take_object(t->body, of, item, value);
	bare.name = t->field->name;
	return take_value(&inner);
}

static int
take_list(const struct taking *t)
{
	const size_t count = json_array_size(t->value);
	int rc = OK;

	if (!json_is_array(t->value))
		return must_be(t, "a list");
	if (count > t->field->most)
		return body_refuse(t->body, ERR_SIZE,
		    "%zu in \"%s\"; at most %zu fit", count, t->field->name,
		    (size_t)t->field->most);
	for (size_t i = 0; i < count && rc == OK; i++)
		rc = take_item(t, (char *)at(t) + i * t->field->of->bytes,
		    json_array_get(t->value, i));
	if (rc == OK)
		memcpy((char *)t->into + t->field->count, &count,
		    sizeof(count));
	return rc;
}

static int
take_value(const struct taking *t)
{
	switch (t->field->kind) {
	case FIELD_TEXT:
		return take_text(t);
	case FIELD_REF:
		return take_ref(t);
	case FIELD_NUMBER:
		return take_number(t);
	case FIELD_TIME:
		return take_time(t);
	case FIELD_BOOL:
		return take_bool(t);
	case FIELD_WORD:
		return take_word(t);
	case FIELD_SET:
		return take_set(t);
	case FIELD_ID:
		return take_id(t);
	case FIELD_LIST:
		return take_list(t);
	}
	return ERR_FORMAT;
}

static const struct field *
find_field(const struct layout *layout, const char *name)
{
	for (size_t i = 0; layout != NULL && i < layout->fields; i++)
		if (strcmp(layout->field[i].name, name) == 0)
			return &layout->field[i];
	return NULL;
}

static int
take_all(struct body *body, const struct layout *layout, void *into,
    json_t *object, bool is_string)
{
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return body_refuse(body, ERR_FORMAT,
		    "a JSON object was expected");
	json_object_foreach(object, name, value)
	{
		const struct taking t = { .body = body,
			.field = find_field(layout, name),
			.value = value,
			.is_string = is_string,
			.into = into };
		int rc;

		if (t.field == NULL)
			return body_refuse(body, ERR_FORMAT,
			    "the field \"%.64s\" is not known here", name);
		if (json_is_null(value) && !t.field->must)
			continue;
		if ((rc = take_value(&t)) != OK)
			return rc;
	}
	for (size_t i = 0; layout != NULL && i < layout->fields; i++)
		if (layout->field[i].must &&
		    json_object_get(object, layout->field[i].name) == NULL)
			return body_refuse(body, ERR_FORMAT,
			    "the field \"%s\" is missing",
			    layout->field[i].name);
	return OK;
}

int
take_object(struct body *body, const struct layout *layout, void *into,
    json_t *object)
{
	return take_all(body, layout, into, object, false);
}

int
take_strings(struct body *body, const struct layout *layout, void *into,
    json_t *object)
{
	return take_all(body, layout, into, object, true);
}

/* One "name=value" of len bytes; room holds as many. */
static int
take_pair(struct body *body, json_t *object, const char *pair, size_t len,
    char *room)
{
	const char *equals = memchr(pair, '=', len);
	const size_t name_len = equals == NULL ? 0 : (size_t)(equals - pair);
	json_t *value;

	if (name_len == 0 ||
	    route_decode(room, len + 1, equals + 1, len - name_len - 1) != OK ||
	    (value = json_string(room)) == NULL)
		return body_refuse(body, ERR_FORMAT,
		    "what stands after the question mark is malformed");
	memcpy(room, pair, name_len);
	room[name_len] = '\0';
	if (json_object_get(object, room) != NULL) {
		json_decref(value);
		return body_refuse(body, ERR_FORMAT,
		    "the field \"%.64s\" stands twice after the question mark",
		    room);
	}
	return json_object_set_new(object, room, value) == 0
	    ? OK
	    : body_refuse(body, ERR_FORMAT,
		  "what stands after the question mark is malformed");
}

json_t *
take_query(struct body *body, const char *query)
{
	json_t *object = json_object();
	char *room = malloc(query == NULL ? 1 : strlen(query) + 1);
	int rc = OK;

	if (object == NULL || room == NULL) {
		(void)body_refuse(body, ERR_LIMIT, "no memory");
		json_decref(object);
		free(room);
		return NULL;
	}
	if (query != NULL && *query == '\0')
		query = NULL;
	while (rc == OK && query != NULL) {
		const size_t len = strcspn(query, "&");

		rc = take_pair(body, object, query, len, room);
		query = query[len] == '&' ? query + len + 1 : NULL;
	}
	free(room);
	if (rc == OK)
		return object;
	json_decref(object);
	return NULL;
}
