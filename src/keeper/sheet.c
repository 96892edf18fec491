#include "keeper/sheet.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hex.h"
#include "proc/field.h"

enum {
	NAME_BYTES = 96, /* "attachments.255.upload" and more */
	VALUE_BYTES = 512,
};

/* -- which requests, and their fields ------------------------------------- */

static const char *const kinds[REQUEST_COUNT] = {
	[REQUEST_SEND] = "message",
	[REQUEST_TRANSLATE] = "translation",
	[REQUEST_PASS] = "passing on",
	[REQUEST_FORM_PROPOSE] = "form",
	[REQUEST_FORM_ANSWER] = "answer to a form",
	[REQUEST_WILLING_ASK] = "willingness",
	[REQUEST_WILLING_ANSWER] = "answer of willingness",
	[REQUEST_POINT_RAISE] = "point",
	[REQUEST_POINT_STAND] = "standing",
	[REQUEST_PUBLIC_ADD] = "public",
	[REQUEST_PUBLIC_READING] = "reading",
};

/* What stands in the path of a route; the colon keeps it apart from the fields
 * of a body. */
static const struct field head_fields[] = {
	{ .name = ":line",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct request, line),
	    .most = DESK_LINE_NAME_BYTES_MAX },
	{ .name = ":ref",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct request, ref),
	    .most = REQUEST_REF_BYTES - 1 },
	{ .name = ":name",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct request, name),
	    .most = REQUEST_NAME_BYTES_MAX },
	{ .name = ":number",
	    .kind = FIELD_NUMBER,
	    .offset = offsetof(struct request, n) },
};

static const struct layout head = LAYOUT(head_fields, struct request);

#define FILE_AT(member) offsetof(struct upload_use, member)

static const struct field file_fields[] = {
	{ .name = "upload", .kind = FIELD_NUMBER, .offset = FILE_AT(upload) },
	{ .name = "name",
	    .kind = FIELD_TEXT,
	    .offset = FILE_AT(name),
	    .most = ATTACHMENT_NAME_BYTES_MAX },
	{ .name = "type",
	    .kind = FIELD_TEXT,
	    .offset = FILE_AT(type),
	    .most = ATTACHMENT_TYPE_BYTES_MAX },
};

static const struct layout file = LAYOUT(file_fields, struct upload_use);

/* A reference by itself. */
static const struct field point_fields[] = {
	{ .kind = FIELD_TEXT, .offset = 0, .most = REQUEST_REF_BYTES - 1 },
};
static const struct layout point = LAYOUT(point_fields, struct text);

#define SEND_AT(member) offsetof(struct request, send.member)

static const struct field send_fields[] = {
	{ .name = "subject",
	    .kind = FIELD_TEXT,
	    .offset = SEND_AT(subject),
	    .most = SUBJECT_BYTES_MAX },
	{ .name = "text",
	    .kind = FIELD_TEXT,
	    .offset = SEND_AT(text),
	    .most = TEXT_BYTES_MAX },
	{ .name = "language",
	    .kind = FIELD_TEXT,
	    .offset = SEND_AT(language),
	    .most = LANGUAGE_BYTES_MAX },
	{ .name = "precedence",
	    .kind = FIELD_WORD,
	    .offset = SEND_AT(precedence),
	    .words = &record_precedences },
	{ .name = "mark",
	    .kind = FIELD_WORD,
	    .offset = SEND_AT(mark),
	    .words = &record_marks },
	{ .name = "re",
	    .kind = FIELD_TEXT,
	    .offset = SEND_AT(re),
	    .most = REQUEST_REF_BYTES - 1 },
	{ .name = "withdraws",
	    .kind = FIELD_TEXT,
	    .offset = SEND_AT(withdraws),
	    .most = REQUEST_REF_BYTES - 1 },
	{ .name = "attachments",
	    .kind = FIELD_LIST,
	    .offset = SEND_AT(attachment),
	    .most = ATTACHMENTS_MAX,
	    .of = &file,
	    .count = SEND_AT(attachments) },
	{ .name = "points",
	    .kind = FIELD_LIST,
	    .offset = SEND_AT(point),
	    .most = RECORD_POINTS_MAX,
	    .of = &point,
	    .count = SEND_AT(points) },
	{ .name = "form",
	    .kind = FIELD_NUMBER,
	    .offset = SEND_AT(form),
	    .most = UINT32_MAX },
};

static const struct layout send = LAYOUT(send_fields, struct request);

const char *
sheet_word(enum request_kind kind)
{
	return kinds[kind];
}

/* The fields of a body, and where in the request they are. */
static const struct layout *
body_of(struct request *request, void **body)
{
	static const struct layout none = { .field = NULL };
	const struct layout *ask = request_ask_layout(request->kind);

	*body = request->kind == REQUEST_SEND ? (void *)request
					      : (void *)&request->ask;
	if (request->kind == REQUEST_SEND)
		return &send;
	return ask != NULL ? ask : &none;
}

/* -- writing -------------------------------------------------------------- */

struct sheet_name {
	char text[NAME_BYTES];
};

/* "attachments.0" and "type"; a bare value of a list has the list's name. */
static struct sheet_name
join(const char *before, const char *name)
{
	struct sheet_name joined;
	int len;

	if (name == NULL)
		len = snprintf(joined.text, NAME_BYTES, "%s", before);
	else
		len = snprintf(joined.text, NAME_BYTES, "%s%s%s", before,
		    *before == '\0' ? "" : ".", name);
	assert(len > 0 && len < NAME_BYTES);
	return joined;
}

static struct sheet_name
join_number(const char *before, size_t i)
{
	char number[24];

	snprintf(number, sizeof(number), "%zu", i);
	return join(before, number);
}

static void
put_line(struct writer *w, const char *name, const void *value, size_t len)
{
	buf_put_blob16(w, name, strlen(name));
	buf_put_blob32(w, value, len);
}

static void
put_string(struct writer *w, const char *name, const char *value)
{
	put_line(w, name, value, strlen(value));
}

static void
put_number(struct writer *w, const char *name, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	put_string(w, name, text);
}

static void
put_set(struct writer *w, const char *name, const struct field *field,
    uint32_t set)
{
	char text[VALUE_BYTES] = "";
	size_t len = 0;

	for (size_t i = 0; i < field->words->count; i++) {
		if ((set >> i & 1) == 0)
			continue;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
		    len > 0 ? "," : "", field->words->words[i]);
		assert(len < sizeof(text));
	}
	put_string(w, name, text);
}

static void
put_id(struct writer *w, const char *name, const uint8_t id[FIELD_ID_BYTES])
{
	static const uint8_t zeros[FIELD_ID_BYTES];
	char text[2 * FIELD_ID_BYTES + 1];

	if (memcmp(id, zeros, FIELD_ID_BYTES) == 0)
		return;
	hex_encode(text, id, FIELD_ID_BYTES);
	put_string(w, name, text);
}

static void
put_time(struct writer *w, const char *name, int64_t wall_ms)
{
	char text[CLOCK_TEXT_BYTES];

	if (wall_ms == 0)
		return;
	clock_format(text, wall_ms);
	put_string(w, name, text);
}

static void put_fields(struct writer *w, const char *before,
    const struct layout *layout, const void *in);

/* How many there are goes first, by the list's name and "#". */
static void
put_list(struct writer *w, const char *name, const struct field *field,
    const void *in)
{
	const char *items = field_at(field, in);
	char counted[NAME_BYTES + 1];
	size_t count;

	memcpy(&count, (const char *)in + field->count, sizeof(count));
	assert(count <= field->most);
	if (count == 0)
		return;
	snprintf(counted, sizeof(counted), "%s#", name);
	put_number(w, counted, count);
	for (size_t i = 0; i < count; i++)
		put_fields(w, join_number(name, i).text, field->of,
		    items + i * field->of->bytes);
}

static void
put_field(struct writer *w, const char *name, const struct field *field,
    const void *in)
{
	const void *at = field_at(field, in);
	struct text text;

	switch (field->kind) {
	case FIELD_TEXT:
		memcpy(&text, at, sizeof(text));
		if (text.len > 0)
			put_line(w, name, text.data, text.len);
		break;
	case FIELD_REF:
		if (*(const char *)at != '\0')
			put_string(w, name, at);
		break;
	case FIELD_NUMBER:
		if (*(const uint64_t *)at != 0)
			put_number(w, name, *(const uint64_t *)at);
		break;
	case FIELD_TIME:
		put_time(w, name, *(const int64_t *)at);
		break;
	case FIELD_BOOL:
		if (*(const bool *)at)
			put_string(w, name, "yes");
		break;
	case FIELD_WORD:
		/* Of 0 too: what a word's absence means may change. */
		put_string(w, name,
		    word_name(field->words, *(const uint8_t *)at));
		break;
	case FIELD_SET:
		if (*(const uint32_t *)at != 0)
			put_set(w, name, field, *(const uint32_t *)at);
		break;
	case FIELD_ID:
		put_id(w, name, at);
		break;
	case FIELD_LIST:
		put_list(w, name, field, in);
		break;
	}
}

static void
put_fields(struct writer *w, const char *before, const struct layout *layout,
    const void *in)
{
	for (size_t i = 0; i < layout->fields; i++) {
		const struct field *field = &layout->field[i];

		put_field(w, join(before, field->name).text, field, in);
	}
}

void
sheet_write(struct writer *w, const struct request *request)
{
	struct request copy = *request;
	const struct layout *layout;
	void *body;

	assert(sheet_word(request->kind) != NULL);
	layout = body_of(&copy, &body);
	buf_put_u8(w, SHEET_VERSION);
	put_string(w, ":kind", sheet_word(request->kind));
	put_fields(w, "", &head, &copy);
	put_fields(w, "", layout, body);
}

/* -- reading -------------------------------------------------------------- */

/* A value as a string; false where it is longer than any that is looked for. */
static bool
take_string(char string[VALUE_BYTES], struct text value)
{
	if (value.len >= VALUE_BYTES ||
	    memchr(value.data, '\0', value.len) != NULL)
		return false;
	memcpy(string, value.data, value.len);
	string[value.len] = '\0';
	return true;
}

static bool
take_number(uint64_t *number, struct text value, uint64_t most)
{
	*number = 0;
	if (value.len == 0 || value.len > 20)
		return false;
	for (size_t i = 0; i < value.len; i++) {
		const uint64_t digit = (uint64_t)(uint8_t)value.data[i] - '0';

		if (digit > 9 || *number > (UINT64_MAX - digit) / 10)
			return false;
		*number = *number * 10 + digit;
	}
	return most == 0 || *number <= most;
}

static bool
take_word(uint8_t *number, struct text value, const struct word_list *words)
{
	char string[VALUE_BYTES];
	int found;

	if (!take_string(string, value) ||
	    (found = word_find(words, string)) < 0)
		return false;
	*number = (uint8_t)found;
	return true;
}

static bool
take_set(uint32_t *set, struct text value, const struct word_list *words)
{
	size_t from = 0;
	uint8_t number;

	*set = 0;
	for (size_t i = 0; i <= value.len; i++) {
		if (i < value.len && value.data[i] != ',')
			continue;
		if (!take_word(&number,
			(struct text){ value.data + from, i - from }, words))
			return false;
		*set |= UINT32_C(1) << number;
		from = i + 1;
	}
	return true;
}

static bool
take_value(const struct field *field, void *at, struct text value)
{
	char string[VALUE_BYTES];

	switch (field->kind) {
	case FIELD_TEXT:
		memcpy(at, &value, sizeof(value));
		return value.len > 0 && value.len <= field->most;
	case FIELD_REF:
		if (value.len >= REQUEST_REF_BYTES ||
		    !take_string(string, value))
			return false;
		memcpy(at, string, value.len + 1);
		return true;
	case FIELD_NUMBER:
		return take_number(at, value, field->most);
	case FIELD_TIME:
		return take_string(string, value) &&
		    clock_parse(at, string) == OK;
	case FIELD_BOOL:
		*(bool *)at = true;
		return value.len == 3 && memcmp(value.data, "yes", 3) == 0;
	case FIELD_WORD:
		return take_word(at, value, field->words);
	case FIELD_SET:
		return take_set(at, value, field->words);
	case FIELD_ID:
		return take_string(string, value) &&
		    hex_decode(at, FIELD_ID_BYTES, string) == OK;
	case FIELD_LIST:
		break;
	}
	return false;
}

static const struct field *
find_field(const struct layout *layout, struct text name)
{
	for (size_t i = 0; i < layout->fields; i++) {
		const char *known = layout->field[i].name;

		if (known == NULL ? name.len == 0
				  : strlen(known) == name.len &&
			    memcmp(known, name.data, name.len) == 0)
			return &layout->field[i];
	}
	return NULL;
}

/* The name up to a dot, and what stands behind it. */
static struct text
cut(struct text *rest)
{
	struct text first = { rest->data, 0 };

	while (first.len < rest->len && rest->data[first.len] != '.')
		first.len++;
	rest->data += first.len;
	rest->len -= first.len;
	if (rest->len > 0) {
		rest->data++;
		rest->len--;
	}
	return first;
}

static bool
take_count(const struct layout *layout, void *into, struct text name,
    struct text value)
{
	const struct field *field;
	uint64_t count;
	size_t stored;

	name.len--;
	field = find_field(layout, name);
	if (field == NULL || field->kind != FIELD_LIST ||
	    !take_number(&count, value, field->most))
		return false;
	stored = (size_t)count;
	memcpy((char *)into + field->count, &stored, sizeof(stored));
	return true;
}

static bool
take_line(const struct layout *layout, void *into, struct text name,
    struct text value)
{
	const struct field *field;
	struct text first, place;
	uint64_t i;
	size_t count;
	char *at;

	if (name.len > 0 && name.data[name.len - 1] == '#')
		return take_count(layout, into, name, value);
	first = cut(&name);
	if ((field = find_field(layout, first)) == NULL)
		return false;
	at = (char *)into + field->offset;
	if (field->kind != FIELD_LIST)
		return name.len == 0 && take_value(field, at, value);
	place = cut(&name);
	memcpy(&count, (char *)into + field->count, sizeof(count));
	if (!take_number(&i, place, 0) || i >= count)
		return false;
	return take_line(field->of, at + i * field->of->bytes, name, value);
}

static bool
next_line(struct reader *r, struct draft_line *line)
{
	if (!buf_is_readable(r) || buf_left(r) == 0)
		return false;
	line->name.data = (const char *)buf_get_blob16(r, &line->name.len);
	line->value.data = (const char *)buf_get_blob32(r, &line->value.len);
	return buf_is_readable(r) && line->name.len > 0;
}

static bool
is_name(const struct draft_line *line, const char *name)
{
	return line->name.len == strlen(name) &&
	    memcmp(line->name.data, name, line->name.len) == 0;
}

/* The kind goes first. */
static bool
take_kind(struct reader *r, struct request *request)
{
	struct draft_line line;

	if (buf_get_u8(r) != SHEET_VERSION || !next_line(r, &line) ||
	    !is_name(&line, ":kind"))
		return false;
	for (int i = 0; i < REQUEST_COUNT; i++) {
		const char *word = sheet_word((enum request_kind)i);

		if (word != NULL && strlen(word) == line.value.len &&
		    memcmp(word, line.value.data, line.value.len) == 0) {
			request->kind = (enum request_kind)i;
			return true;
		}
	}
	return false;
}

int
sheet_read(struct request *request, const uint8_t *bytes, size_t len)
{
	const struct layout *layout;
	struct draft_line line;
	struct reader r;
	bool is_ours;
	void *body;

	memset(request, 0, sizeof(*request));
	buf_read(&r, bytes, len);
	if ((is_ours = take_kind(&r, request))) {
		layout = body_of(request, &body);
		while (is_ours && next_line(&r, &line))
			is_ours = line.name.data[0] == ':'
			    ? take_line(&head, request, line.name, line.value)
			    : take_line(layout, body, line.name, line.value);
	}
	if (is_ours && buf_is_spent(&r) == OK)
		return OK;
	memset(request, 0, sizeof(*request));
	return ERR_VERSION;
}

/* Of what is said, of a standing, of a form that is proposed. */
static const char *const texts[] = { "text", "note", "file" };

enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };

bool
sheet_is_text(struct text name)
{
	for (size_t i = 0; i < TEXTS; i++) {
		if (strlen(texts[i]) == name.len &&
		    memcmp(texts[i], name.data, name.len) == 0)
			return true;
	}
	return false;
}

/* What says where it goes, how many a list has, and what is shown apart. */
static bool
is_apart(const struct draft_line *line)
{
	static const char files[] = "attachments.";

	return is_name(line, ":kind") || is_name(line, ":line") ||
	    sheet_is_text(line->name) ||
	    line->name.data[line->name.len - 1] == '#' ||
	    (line->name.len >= sizeof(files) &&
		memcmp(line->name.data, files, sizeof(files) - 1) == 0);
}

size_t
sheet_list(struct draft_line *lines, size_t cap, const uint8_t *bytes,
    size_t len)
{
	struct draft_line line;
	struct reader r;
	size_t count = 0;

	buf_read(&r, bytes, len);
	buf_get_u8(&r);
	while (count < cap && next_line(&r, &line)) {
		if (is_apart(&line))
			continue;
		if (line.name.data[0] == ':') {
			line.name.data++;
			line.name.len--;
		}
		lines[count++] = line;
	}
	return count;
}

struct text
sheet_find(const uint8_t *bytes, size_t len, const char *name)
{
	struct draft_line line;
	struct reader r;

	buf_read(&r, bytes, len);
	buf_get_u8(&r);
	while (next_line(&r, &line)) {
		if (is_name(&line, name))
			return line.value;
	}
	return (struct text){ NULL, 0 };
}

struct text
sheet_text(const uint8_t *bytes, size_t len)
{
	struct text text = { NULL, 0 };

	for (size_t i = 0; text.len == 0 && i < TEXTS; i++)
		text = sheet_find(bytes, len, texts[i]);
	return text;
}
