#include "desk/body.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/wipe.h"
#include "desk/route.h"
#include "desk/take.h"
#include "desk/word.h"

/* One field of an object: how its value is taken, and into what. */
struct body_field {
	const char *name;
	bool must;
	int (*take)(struct body *body, void *into, const json_t *value,
	    const struct body_field *field);
	size_t offset; /* in the struct that the fields fill */
	size_t bytes_max;
	const struct word_list *words;
};

int
body_refuse(struct body *body, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(body->say, sizeof(body->say), format, args);
	va_end(args);
	return err;
}

static void *
at(void *into, const struct body_field *field)
{
	return (char *)into + field->offset;
}

static int
take_text(struct body *body, void *into, const json_t *value,
    const struct body_field *field)
{
	struct text *text = at(into, field);
	size_t len = json_string_length(value);

	if (!json_is_string(value))
		return body_refuse(body, ERR_FORMAT, "\"%s\" must be a string",
		    field->name);
	if (len > field->bytes_max)
		return body_refuse(body, ERR_SIZE,
		    "the %s is %zu bytes; at most %zu fit%s", field->name, len,
		    field->bytes_max,
		    field->bytes_max == TEXT_BYTES_MAX
			? ": send it as a file instead"
			: "");
	*text = (struct text){ json_string_value(value), len };
	return OK;
}

/* Never empty: a client that has lost a value, such as its proxy, must not reach
 * the peer by another way than it was told. */
static int
take_place(struct body *body, void *into, const json_t *value,
    const struct body_field *field)
{
	int rc = take_text(body, into, value, field);

	if (rc == OK && json_string_length(value) == 0)
		return body_refuse(body, ERR_FORMAT,
		    "\"%s\" is empty; give it a value, or leave it out",
		    field->name);
	return rc;
}

static int
take_ref(struct body *body, void *into, const json_t *value,
    const struct body_field *field)
{
	int rc = take_text(body, into, value, field);

	if (rc == OK && !route_is_ref(json_string_value(value)))
		return body_refuse(body, ERR_FORMAT,
		    "\"%s\" must be a reference "
		    "such as us/12, them/7 or 16 hex digits",
		    field->name);
	return rc;
}

static int
take_word(struct body *body, void *into, const json_t *value,
    const struct body_field *field)
{
	uint8_t *number = at(into, field);
	char choice[BODY_SAY_BYTES / 2];
	int found = -1;

	if (json_is_string(value))
		found = word_find(field->words, json_string_value(value));
	if (found < 0) {
		word_choice(field->words, choice, sizeof(choice));
		return body_refuse(body, ERR_FORMAT, "\"%s\" must be %s",
		    field->name, choice);
	}
	*number = (uint8_t)found;
	return OK;
}

static int
take_bool(struct body *body, void *into, const json_t *value,
    const struct body_field *field)
{
	bool *yes = at(into, field);

	if (!json_is_boolean(value))
		return body_refuse(body, ERR_FORMAT,
		    "\"%s\" must be true or false", field->name);
	*yes = json_is_true(value);
	return OK;
}

static int
take_carried(struct body *body, void *into, const json_t *value,
    const struct body_field *field)
{
	bool *by_hand = at(into, field);
	const char *word = json_string_value(value);

	if (word == NULL ||
	    (strcmp(word, "hand") != 0 && strcmp(word, "other") != 0))
		return body_refuse(body, ERR_FORMAT,
		    "\"%s\" must be \"hand\" or \"other\"", field->name);
	*by_hand = strcmp(word, "hand") == 0;
	return OK;
}

static int
take_cadence(struct body *body, void *into, const json_t *value,
    const struct body_field *field)
{
	int rc = ERR_FORMAT;

	if (json_is_string(value))
		rc = cadence_parse(at(into, field), json_string_value(value));
	if (rc == ERR_LIMIT)
		return body_refuse(body, ERR_SIZE,
		    "a cadence has %d to %d bytes a "
		    "frame and 0.25 to 2000 ms a slot",
		    FRAME_BYTES_MIN, FRAME_BYTES_MAX);
	if (rc != OK)
		return body_refuse(body, ERR_FORMAT,
		    "\"%s\" must be trickle, talk, "
		    "desk, bulk or BYTES@MILLISECONDS",
		    field->name);
	return OK;
}

/* A cadence to change to; "cancel" takes back what was proposed. */
static int
take_change(struct body *body, void *into, const json_t *value,
    const struct body_field *field)
{
	struct cadence *cadence = at(into, field);
	const char *text = json_string_value(value);

	if (text == NULL || strcmp(text, "cancel") != 0)
		return take_cadence(body, into, value, field);
	*cadence = (struct cadence){ 0 };
	return OK;
}

static int
take_file(struct body *body, void *into, const json_t *value,
    const struct body_field *field)
{
	struct text *file = at(into, field);
	size_t text_len = json_string_length(value);
	size_t len;

	if (!json_is_string(value))
		return body_refuse(body, ERR_FORMAT,
		    "\"%s\" must be a string of "
		    "base64",
		    field->name);
	if (text_len > field->bytes_max / 3 * 4)
		return body_refuse(body, ERR_SIZE,
		    "a ceremony file has at most "
		    "%zu bytes: this is another file",
		    field->bytes_max);
	if ((body->file = malloc(field->bytes_max)) == NULL)
		return body_refuse(body, ERR_LIMIT, "no memory");
	if (base64_decode(body->file, field->bytes_max, &len,
		json_string_value(value), text_len) != OK)
		return body_refuse(body, ERR_FORMAT, "\"%s\" is not base64",
		    field->name);
	*file = (struct text){ (const char *)body->file, len };
	return OK;
}

static int
take_id(struct body *body, void *into, const json_t *value,
    const struct body_field *field)
{
	const char *text = json_string_value(value);

	if (text == NULL ||
	    hex_decode(at(into, field), RECORD_ID_BYTES, text) != OK)
		return body_refuse(body, ERR_FORMAT,
		    "\"%s\" must be 32 hex digits", field->name);
	return OK;
}

static int
take_upload(struct body *body, void *into, const json_t *value,
    const struct body_field *field)
{
	uint64_t *upload = at(into, field);

	if (!json_is_integer(value) || json_integer_value(value) <= 0)
		return body_refuse(body, ERR_FORMAT,
		    "\"%s\" must be the number "
		    "that POST /v1/uploads gave",
		    field->name);
	*upload = (uint64_t)json_integer_value(value);
	return OK;
}

static int
take_words(struct body *body, void *into, const json_t *value,
    const struct body_field *field)
{
	struct text *words = at(into, field);

	if (!json_is_array(value) || json_array_size(value) != REQUEST_WORDS)
		return body_refuse(body, ERR_FORMAT,
		    "\"%s\" must be the list of %d words that you heard",
		    field->name, REQUEST_WORDS);
	for (size_t i = 0; i < REQUEST_WORDS; i++) {
		struct body_field word = *field;
		int rc;

		word.offset = 0;
		rc =
		    take_text(body, &words[i], json_array_get(value, i), &word);
		if (rc != OK)
			return rc;
	}
	return OK;
}

static int
take_watch(struct body *body, void *into, const json_t *value,
    const struct body_field *field)
{
	enum watch_state *state = at(into, field);
	const char *word = json_string_value(value);
	int found = word == NULL ? -1 : word_find(&word_watch, word);

	if (found != WATCH_ON && found != WATCH_OFF && found != WATCH_DECLINED)
		return body_refuse(body, ERR_FORMAT,
		    "\"%s\" must be on, off or declined", field->name);
	*state = (enum watch_state)found;
	return OK;
}

static int
take_until(struct body *body, void *into, const json_t *value,
    const struct body_field *field)
{
	int64_t *until_ms = at(into, field);
	const char *text = json_string_value(value);

	if (text == NULL || clock_parse(until_ms, text) != OK || *until_ms == 0)
		return body_refuse(body, ERR_FORMAT,
		    "\"%s\" must be a time such as 2026-11-22T18:00:00Z",
		    field->name);
	return OK;
}

/* References of the points that a message belongs to. */
static int
take_points(struct body *body, void *into, const json_t *value,
    const struct body_field *field)
{
	struct request *request = into;
	const struct body_field each = { .name = field->name,
		.bytes_max = REQUEST_REF_BYTES - 1 };
	size_t count = json_array_size(value);
	int rc = OK;

	if (!json_is_array(value) || count > RECORD_POINTS_MAX)
		return body_refuse(body, ERR_FORMAT,
		    "\"%s\" must be a list of at most %d references such as "
		    "us/p3",
		    field->name, RECORD_POINTS_MAX);
	for (size_t i = 0; rc == OK && i < count; i++)
		rc = take_ref(body, &request->send.point[i],
		    json_array_get(value, i), &each);
	request->send.points = count;
	return rc;
}

static int
take_form(struct body *body, void *into, const json_t *value,
    const struct body_field *field)
{
	uint64_t *form = at(into, field);

	if (!json_is_integer(value) || json_integer_value(value) < 1 ||
	    json_integer_value(value) > UINT32_MAX)
		return body_refuse(body, ERR_FORMAT,
		    "\"%s\" must be the number of a form", field->name);
	*form = (uint64_t)json_integer_value(value);
	return OK;
}

static int take_attachments(struct body *body, void *into, const json_t *value,
    const struct body_field *field);

#define IN_CEREMONY(member) offsetof(struct request, ceremony.member)
#define IN_WAY(member) offsetof(struct request, way.member)
#define IN_SEND(member) offsetof(struct request, send.member)
#define IN_WATCH(member) offsetof(struct request, watch.member)
#define IN_USE(member) offsetof(struct upload_use, member)

/* How the peer is reached, or reaches this side. */
#define WAY_FIELDS \
	{ .name = "listen", \
		.take = take_place, \
		.offset = IN_WAY(listen), \
		.bytes_max = DESK_ADDRESS_BYTES_MAX }, \
	    { .name = "endpoint", \
		    .take = take_place, \
		    .offset = IN_WAY(endpoint), \
		    .bytes_max = DESK_ADDRESS_BYTES_MAX }, \
	    { .name = "tcp", .take = take_bool, .offset = IN_WAY(tcp) }, \
	    { .name = "proxy", \
		    .take = take_place, \
		    .offset = IN_WAY(proxy), \
		    .bytes_max = DESK_ADDRESS_BYTES_MAX }, \
	{ \
		.name = "relay", .take = take_place, .offset = IN_WAY(ticket), \
		.bytes_max = DESK_TICKET_BYTES_MAX \
	}

static const struct body_field offer_fields[] = {
	{ .name = "cadence",
	    .take = take_cadence,
	    .offset = IN_CEREMONY(cadence) },
	{ .name = "accept",
	    .take = take_word,
	    .offset = IN_CEREMONY(accept),
	    .words = &word_accept },
	WAY_FIELDS,
};

static const struct body_field accept_fields[] = {
	{ .name = "file",
	    .must = true,
	    .take = take_file,
	    .offset = IN_CEREMONY(file),
	    .bytes_max = DESK_CEREMONY_FILE_BYTES_MAX },
	WAY_FIELDS,
	{ .name = "look", .take = take_bool, .offset = IN_CEREMONY(look) },
};

static const struct body_field finish_fields[] = {
	{ .name = "file",
	    .must = true,
	    .take = take_file,
	    .offset = IN_CEREMONY(file),
	    .bytes_max = DESK_CEREMONY_FILE_BYTES_MAX },
	{ .name = "carried",
	    .take = take_carried,
	    .offset = IN_CEREMONY(by_hand) },
};

static const struct body_field confirm_fields[] = {
	{ .name = "words",
	    .must = true,
	    .take = take_words,
	    .offset = IN_CEREMONY(words),
	    .bytes_max = DESK_WORD_BYTES_MAX },
};

static const struct body_field path_fields[] = { WAY_FIELDS };

static const struct body_field roaming_fields[] = {
	{ .name = "roaming",
	    .must = true,
	    .take = take_bool,
	    .offset = offsetof(struct request, roams) },
};

static const struct body_field cadence_fields[] = {
	{ .name = "cadence",
	    .must = true,
	    .take = take_change,
	    .offset = offsetof(struct request, cadence) },
};

static const struct body_field send_fields[] = {
	{ .name = "id", .take = take_id, .offset = IN_SEND(id) },
	{ .name = "subject",
	    .take = take_text,
	    .offset = IN_SEND(subject),
	    .bytes_max = SUBJECT_BYTES_MAX },
	{ .name = "text",
	    .take = take_text,
	    .offset = IN_SEND(text),
	    .bytes_max = TEXT_BYTES_MAX },
	{ .name = "language",
	    .take = take_text,
	    .offset = IN_SEND(language),
	    .bytes_max = LANGUAGE_BYTES_MAX },
	{ .name = "precedence",
	    .take = take_word,
	    .offset = IN_SEND(precedence),
	    .words = &record_precedences },
	{ .name = "mark",
	    .take = take_word,
	    .offset = IN_SEND(mark),
	    .words = &record_marks },
	{ .name = "re",
	    .take = take_ref,
	    .offset = IN_SEND(re),
	    .bytes_max = REQUEST_REF_BYTES - 1 },
	{ .name = "withdraws",
	    .take = take_ref,
	    .offset = IN_SEND(withdraws),
	    .bytes_max = REQUEST_REF_BYTES - 1 },
	{ .name = "attachments", .take = take_attachments },
	{ .name = "points", .take = take_points },
	{ .name = "form", .take = take_form, .offset = IN_SEND(form) },
};

static const struct body_field watch_fields[] = {
	{ .name = "watch",
	    .must = true,
	    .take = take_watch,
	    .offset = IN_WATCH(state) },
	{ .name = "until", .take = take_until, .offset = IN_WATCH(until_ms) },
};

static const struct body_field attachment_fields[] = {
	{ .name = "upload",
	    .must = true,
	    .take = take_upload,
	    .offset = IN_USE(upload) },
	{ .name = "name",
	    .must = true,
	    .take = take_text,
	    .offset = IN_USE(name),
	    .bytes_max = ATTACHMENT_NAME_BYTES_MAX },
	{ .name = "type",
	    .take = take_text,
	    .offset = IN_USE(type),
	    .bytes_max = ATTACHMENT_TYPE_BYTES_MAX },
};

struct shape {
	const struct body_field *fields;
	size_t count;
};

#define SHAPE(fields) \
	{ \
		fields, sizeof(fields) / sizeof((fields)[0]) \
	}

static const struct shape shapes[BODY_SHAPE_COUNT] = {
	[BODY_NOTHING] = { NULL, 0 },
	[BODY_OFFER] = SHAPE(offer_fields),
	[BODY_ACCEPT] = SHAPE(accept_fields),
	[BODY_FINISH] = SHAPE(finish_fields),
	[BODY_CONFIRM] = SHAPE(confirm_fields),
	[BODY_PATH] = SHAPE(path_fields),
	[BODY_ROAMING] = SHAPE(roaming_fields),
	[BODY_CADENCE] = SHAPE(cadence_fields),
	[BODY_SEND] = SHAPE(send_fields),
	[BODY_WATCH] = SHAPE(watch_fields),
};

static const struct shape attachment_shape = SHAPE(attachment_fields);

static const struct body_field *
find_field(const struct shape *shape, const char *name)
{
	for (size_t i = 0; i < shape->count; i++)
		if (strcmp(shape->fields[i].name, name) == 0)
			return &shape->fields[i];
	return NULL;
}

/* Every member of object is a field of shape, and what must be there is. */
static int
take_members(struct body *body, void *into, json_t *object,
    const struct shape *shape)
{
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return body_refuse(body, ERR_FORMAT,
		    "a JSON object was expected");
	json_object_foreach(object, name, value)
	{
		const struct body_field *field = find_field(shape, name);
		int rc;

		if (field == NULL)
			return body_refuse(body, ERR_FORMAT,
			    "the field \"%.64s\" is not known here", name);
		if (json_is_null(value) && !field->must)
			continue;
		if ((rc = field->take(body, into, value, field)) != OK)
			return rc;
	}
	for (size_t i = 0; i < shape->count; i++)
		if (shape->fields[i].must &&
		    json_object_get(object, shape->fields[i].name) == NULL)
			return body_refuse(body, ERR_FORMAT,
			    "the field \"%s\" is missing",
			    shape->fields[i].name);
	return OK;
}

static int
take_attachments(struct body *body, void *into, const json_t *value,
    const struct body_field *field)
{
	struct request *request = into;
	size_t count = json_array_size(value);

	if (!json_is_array(value))
		return body_refuse(body, ERR_FORMAT, "\"%s\" must be a list",
		    field->name);
	if (count > ATTACHMENTS_MAX)
		return body_refuse(body, ERR_SIZE,
		    "%zu files; at most %d go with one message", count,
		    ATTACHMENTS_MAX);
	for (size_t i = 0; i < count; i++) {
		int rc = take_members(body, &request->send.attachment[i],
		    json_array_get(value, i), &attachment_shape);

		if (rc != OK)
			return rc;
	}
	request->send.attachments = count;
	return OK;
}

/* The bytes as JSON, in body->root. */
static int
load(struct body *body, const void *bytes, size_t len)
{
	json_error_t error;

	memset(body, 0, sizeof(*body));
	body->root = len == 0
	    ? json_object()
	    : json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error);
	if (body->root == NULL && len == 0)
		return body_refuse(body, ERR_LIMIT, "no memory");
	if (body->root == NULL &&
	    json_error_code(&error) == json_error_invalid_utf8)
		return body_refuse(body, ERR_FORMAT,
		    "the body is not valid UTF-8");
	if (body->root == NULL)
		return body_refuse(body, ERR_FORMAT, "the body is not JSON: %s",
		    error.text);
	return OK;
}

int
body_parse(struct body *body, struct request *request, enum body_shape shape,
    const void *bytes, size_t len)
{
	struct request filled = *request;
	int rc = load(body, bytes, len);

	if (rc == OK)
		rc = take_members(body, &filled, body->root, &shapes[shape]);
	if (rc == OK)
		*request = filled;
	return rc;
}

int
body_parse_layout(struct body *body, const struct layout *layout, void *into,
    const void *bytes, size_t len)
{
	const int rc = load(body, bytes, len);

	return rc != OK ? rc : take_object(body, layout, into, body->root);
}

int
body_parse_query(struct body *body, const struct layout *layout, void *into,
    json_t *query)
{
	memset(body, 0, sizeof(*body));
	body->root = json_incref(query);
	return take_strings(body, layout, into, body->root);
}

void
body_wipe(struct body *body)
{
	json_decref(body->root);
	if (body->file != NULL)
		wipe(body->file, DESK_CEREMONY_FILE_BYTES_MAX);
	free(body->file);
	memset(body, 0, sizeof(*body));
}
