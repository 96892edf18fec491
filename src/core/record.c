#include "core/record.h"

#include <assert.h>
#include <string.h>

#include <utf8proc.h>

enum tlv {
	TLV_KIND = 1,
	TLV_ID = 2,
	TLV_PRECEDENCE = 3,
	TLV_TIME = 4,
	TLV_SERIAL = 5,
	TLV_SUBJECT = 6,
	TLV_LANGUAGE = 7,
	TLV_MARK = 8,
	TLV_RE = 9,
	TLV_WITHDRAWS = 10,
	TLV_ATTACHMENT = 11,
	TLV_TEXT_LENGTH = 12,
	TLV_RECEIPT = 13,
	TLV_NUMBER = 14,
	TLV_CADENCE = 15,
	TLV_DAY = 16,
	TLV_KNOWN_COUNT,
	TLV_SKIPPED_MIN = 128,
};

/* What a header of each kind must have, and what it may have. */
#define HAS(tlv) (1u << (tlv))
enum {
	NEEDS_ALL = HAS(TLV_KIND) | HAS(TLV_ID) | HAS(TLV_TIME),
	NEEDS_MESSAGE = NEEDS_ALL | HAS(TLV_PRECEDENCE) | HAS(TLV_SERIAL) |
	    HAS(TLV_TEXT_LENGTH),
	TAKES_MESSAGE = NEEDS_MESSAGE | HAS(TLV_SUBJECT) | HAS(TLV_LANGUAGE) |
	    HAS(TLV_MARK) | HAS(TLV_RE) | HAS(TLV_WITHDRAWS) |
	    HAS(TLV_ATTACHMENT),
	NEEDS_RECEIPT = NEEDS_ALL | HAS(TLV_RE) | HAS(TLV_RECEIPT),
	NEEDS_TERMS = NEEDS_ALL | HAS(TLV_NUMBER),
	TAKES_TERMS = NEEDS_TERMS | HAS(TLV_RE) | HAS(TLV_CADENCE),
	NEEDS_DRILL = NEEDS_ALL,
	NEEDS_ANSWER = NEEDS_ALL | HAS(TLV_RE),
	NEEDS_DAY = NEEDS_ALL | HAS(TLV_DAY),
};

enum record_class
record_class(enum record_kind kind, enum precedence precedence)
{
	if (kind != RECORD_MESSAGE)
		return CLASS_NOTES;
	switch (precedence) {
	case PRECEDENCE_ROUTINE:
		return CLASS_ROUTINE;
	case PRECEDENCE_PRIORITY:
		return CLASS_PRIORITY;
	case PRECEDENCE_IMMEDIATE:
		return CLASS_IMMEDIATE;
	case PRECEDENCE_FLASH:
		return CLASS_FLASH;
	case PRECEDENCE_COUNT:
		break;
	}
	assert(false);
	return CLASS_ROUTINE;
}

/* Control characters and what breaks lines. */
static bool
is_control(utf8proc_int32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 ||
	    c == 0x2029;
}

static bool
is_utf8_without(const char *data, size_t len, bool controls)
{
	const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)data;
	utf8proc_int32_t c;
	utf8proc_ssize_t step;
	size_t pos = 0;

	while (pos < len) {
		step = utf8proc_iterate(bytes + pos,
		    (utf8proc_ssize_t)(len - pos), &c);
		if (step <= 0 || c == 0 || (controls && is_control(c)))
			return false;
		pos += (size_t)step;
	}
	return true;
}

bool
record_is_label(const char *data, size_t len)
{
	return is_utf8_without(data, len, true);
}

bool
record_is_text(const char *data, size_t len)
{
	return is_utf8_without(data, len, false);
}

bool
record_is_token(const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] <= ' ' || data[i] > '~')
			return false;
	}
	return true;
}

bool
record_is_file_name(const char *data, size_t len)
{
	if (!record_is_label(data, len) || memchr(data, '/', len) != NULL)
		return false;
	return !(len == 1 && data[0] == '.') &&
	    !(len == 2 && data[0] == '.' && data[1] == '.');
}

bool
record_is_day(const struct day *day)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < DAY_PART_COUNT; i++)
		sum += day->seconds[i];
	return day->date <= DATE_MAX && sum >= 1 && sum <= DAY_SECONDS;
}

static bool
is_subject(struct record_text text)
{
	return text.len >= 1 && text.len <= SUBJECT_BYTES_MAX &&
	    record_is_label(text.data, text.len);
}

static bool
is_language(struct record_text text)
{
	return text.len >= 1 && text.len <= LANGUAGE_BYTES_MAX &&
	    record_is_token(text.data, text.len);
}

static bool
is_attachment(const struct record_attachment *a)
{
	return a->bytes <= ATTACHMENT_BYTES_MAX && a->name.len >= 1 &&
	    a->name.len <= ATTACHMENT_NAME_BYTES_MAX &&
	    record_is_file_name(a->name.data, a->name.len) &&
	    a->type.len >= 1 && a->type.len <= ATTACHMENT_TYPE_BYTES_MAX &&
	    record_is_token(a->type.data, a->type.len);
}

static void
put_head(struct writer *w, enum tlv type, size_t len)
{
	buf_put_u8(w, (uint8_t)type);
	buf_put_u16(w, (uint16_t)len);
}

static void
put_u8(struct writer *w, enum tlv type, unsigned value)
{
	put_head(w, type, 1);
	buf_put_u8(w, (uint8_t)value);
}

static void
put_u64(struct writer *w, enum tlv type, uint64_t value)
{
	put_head(w, type, 8);
	buf_put_u64(w, value);
}

static void
put_bytes(struct writer *w, enum tlv type, const void *data, size_t len)
{
	put_head(w, type, len);
	buf_put_bytes(w, data, len);
}

static void
put_attachment(struct writer *w, const struct record_attachment *a)
{
	assert(is_attachment(a));
	put_head(w, TLV_ATTACHMENT, 10 + a->name.len + a->type.len);
	buf_put_u64(w, a->bytes);
	buf_put_u8(w, (uint8_t)a->name.len);
	buf_put_bytes(w, a->name.data, a->name.len);
	buf_put_u8(w, (uint8_t)a->type.len);
	buf_put_bytes(w, a->type.data, a->type.len);
}

static void
put_day(struct writer *w, const struct day *day)
{
	assert(record_is_day(day));
	put_head(w, TLV_DAY, 4 + 4 * DAY_PART_COUNT);
	buf_put_u32(w, day->date);
	for (size_t i = 0; i < DAY_PART_COUNT; i++)
		buf_put_u32(w, day->seconds[i]);
}

static void
put_message(struct writer *w, const struct record *record)
{
	assert(record->serial > 0 && record->text_bytes <= TEXT_BYTES_MAX);
	assert(record->attachments <= ATTACHMENTS_MAX);
	put_u64(w, TLV_SERIAL, record->serial);
	if (record->subject.len > 0) {
		assert(is_subject(record->subject));
		put_bytes(w, TLV_SUBJECT, record->subject.data,
		    record->subject.len);
	}
	if (record->language.len > 0) {
		assert(is_language(record->language));
		put_bytes(w, TLV_LANGUAGE, record->language.data,
		    record->language.len);
	}
	if (record->mark != MARK_NONE)
		put_u8(w, TLV_MARK, record->mark);
	if (record->has_re)
		put_bytes(w, TLV_RE, record->re, RECORD_ID_BYTES);
	if (record->has_withdraws)
		put_bytes(w, TLV_WITHDRAWS, record->withdraws, RECORD_ID_BYTES);
	for (size_t i = 0; i < record->attachments; i++)
		put_attachment(w, &record->attachment[i]);
	put_head(w, TLV_TEXT_LENGTH, 4);
	buf_put_u32(w, record->text_bytes);
}

static void
put_terms(struct writer *w, const struct record *record)
{
	const bool proposes = record->cadence.slot_us != 0;

	assert(record->number > 0 && !(record->has_re && proposes));
	if (record->has_re)
		put_bytes(w, TLV_RE, record->re, RECORD_ID_BYTES);
	put_head(w, TLV_NUMBER, 4);
	buf_put_u32(w, record->number);
	if (!proposes)
		return;
	assert(cadence_check(record->cadence) == OK);
	put_head(w, TLV_CADENCE, 6);
	buf_put_u16(w, record->cadence.frame_bytes);
	buf_put_u32(w, record->cadence.slot_us);
}

static void
put_header(struct writer *w, const struct record *record)
{
	put_u8(w, TLV_KIND, record->kind);
	put_bytes(w, TLV_ID, record->id, RECORD_ID_BYTES);
	if (record->kind == RECORD_MESSAGE)
		put_u8(w, TLV_PRECEDENCE, record->precedence);
	put_u64(w, TLV_TIME, (uint64_t)record->time_ms);
	switch (record->kind) {
	case RECORD_MESSAGE:
		put_message(w, record);
		break;
	case RECORD_RECEIPT:
		assert(record->has_re);
		put_bytes(w, TLV_RE, record->re, RECORD_ID_BYTES);
		put_u8(w, TLV_RECEIPT, record->receipt);
		break;
	case RECORD_TERMS:
		put_terms(w, record);
		break;
	case RECORD_DRILL:
		break;
	case RECORD_DRILL_ANSWER:
		assert(record->has_re);
		put_bytes(w, TLV_RE, record->re, RECORD_ID_BYTES);
		break;
	case RECORD_DAY:
		put_day(w, &record->day);
		break;
	}
}

void
record_encode_head(struct writer *w, const struct record *record)
{
	uint8_t header[RECORD_HEADER_BYTES_MAX];
	struct writer inner;

	buf_write(&inner, header, sizeof(header));
	put_header(&inner, record);
	assert(buf_is_sound(&inner));
	buf_put_u64(w, record->after);
	buf_put_u16(w, (uint16_t)inner.len);
	buf_put_bytes(w, header, inner.len);
}

size_t
record_head_bytes(const uint8_t *bytes, size_t len)
{
	struct reader r;

	if (len < RECORD_FIXED_BYTES)
		return 0;
	buf_read(&r, bytes, len);
	buf_get_u64(&r);
	return (size_t)RECORD_FIXED_BYTES + buf_get_u16(&r);
}

static struct record_text
get_text(struct reader *r, size_t len)
{
	const uint8_t *slice = buf_get_slice(r, len);

	return (struct record_text){ (const char *)slice, slice ? len : 0 };
}

/* A number of one byte within [least, most]. */
static int
get_choice(struct reader *r, unsigned least, unsigned most, unsigned *value)
{
	*value = buf_get_u8(r);
	return *value >= least && *value <= most ? OK : ERR_FORMAT;
}

static int
get_kind(struct reader *r, enum record_kind *kind)
{
	const uint8_t value = buf_get_u8(r);

	if (value != RECORD_MESSAGE && value != RECORD_RECEIPT &&
	    value != RECORD_TERMS && value != RECORD_DRILL &&
	    value != RECORD_DRILL_ANSWER && value != RECORD_DAY)
		return ERR_FORMAT;
	*kind = (enum record_kind)value;
	return OK;
}

static int
get_attachment(struct reader *r, struct record *record)
{
	struct record_attachment *a;

	if (record->attachments == ATTACHMENTS_MAX)
		return ERR_LIMIT;
	a = &record->attachment[record->attachments++];
	a->bytes = buf_get_u64(r);
	a->name = get_text(r, buf_get_u8(r));
	a->type = get_text(r, buf_get_u8(r));
	if (!buf_is_readable(r))
		return ERR_FORMAT;
	if (a->bytes > ATTACHMENT_BYTES_MAX)
		return ERR_LIMIT;
	return is_attachment(a) ? OK : ERR_FORMAT;
}

static int
get_day(struct reader *r, struct day *day)
{
	day->date = buf_get_u32(r);
	for (size_t i = 0; i < DAY_PART_COUNT; i++)
		day->seconds[i] = buf_get_u32(r);
	return buf_is_readable(r) && record_is_day(day) ? OK : ERR_FORMAT;
}

static int
get_known(struct reader *r, enum tlv type, struct record *record)
{
	unsigned value = 0;
	int rc = OK;

	switch (type) {
	case TLV_KIND:
		return get_kind(r, &record->kind);
	case TLV_ID:
		buf_get_bytes(r, record->id, RECORD_ID_BYTES);
		return OK;
	case TLV_PRECEDENCE:
		rc = get_choice(r, 0, PRECEDENCE_COUNT - 1, &value);
		record->precedence = (enum precedence)value;
		return rc;
	case TLV_TIME:
		record->time_ms = (int64_t)buf_get_u64(r);
		return record->time_ms >= 0 ? OK : ERR_FORMAT;
	case TLV_SERIAL:
		record->serial = buf_get_u64(r);
		return record->serial >= 1 && record->serial <= INT64_MAX
		    ? OK
		    : ERR_FORMAT;
	case TLV_SUBJECT:
		record->subject = get_text(r, buf_left(r));
		return is_subject(record->subject) ? OK : ERR_FORMAT;
	case TLV_LANGUAGE:
		record->language = get_text(r, buf_left(r));
		return is_language(record->language) ? OK : ERR_FORMAT;
	case TLV_MARK:
		rc = get_choice(r, 1, MARK_COUNT - 1, &value);
		record->mark = (enum mark)value;
		return rc;
	case TLV_RE:
		record->has_re = true;
		buf_get_bytes(r, record->re, RECORD_ID_BYTES);
		return OK;
	case TLV_WITHDRAWS:
		record->has_withdraws = true;
		buf_get_bytes(r, record->withdraws, RECORD_ID_BYTES);
		return OK;
	case TLV_ATTACHMENT:
		return get_attachment(r, record);
	case TLV_TEXT_LENGTH:
		record->text_bytes = buf_get_u32(r);
		return record->text_bytes <= TEXT_BYTES_MAX ? OK : ERR_LIMIT;
	case TLV_RECEIPT:
		rc = get_choice(r, RECEIPT_DELIVERED, RECEIPT_ACKNOWLEDGED,
		    &value);
		record->receipt = (enum receipt_kind)value;
		return rc;
	case TLV_NUMBER:
		record->number = buf_get_u32(r);
		return record->number >= 1 ? OK : ERR_FORMAT;
	case TLV_CADENCE:
		record->cadence.frame_bytes = buf_get_u16(r);
		record->cadence.slot_us = buf_get_u32(r);
		return cadence_check(record->cadence);
	case TLV_DAY:
		return get_day(r, &record->day);
	case TLV_KNOWN_COUNT:
	case TLV_SKIPPED_MIN:
		break;
	}
	return ERR_FORMAT;
}

/* One value; `seen` collects which there were, `last` keeps them ascending. */
static int
get_value(struct reader *r, struct record *record, unsigned *last,
    unsigned *seen)
{
	const unsigned type = buf_get_u8(r);
	const size_t len = buf_get_u16(r);
	const uint8_t *value = buf_get_slice(r, len);
	struct reader inner;
	int rc;

	if (value == NULL || type < *last ||
	    (type == *last && type != TLV_ATTACHMENT))
		return ERR_FORMAT;
	*last = type;
	if (type >= TLV_SKIPPED_MIN)
		return OK;
	if (type == 0 || type >= TLV_KNOWN_COUNT)
		return ERR_FORMAT;
	*seen |= HAS(type);
	buf_read(&inner, value, len);
	if ((rc = get_known(&inner, (enum tlv)type, record)) != OK)
		return rc;
	return buf_is_spent(&inner);
}

static bool
is_complete(enum record_kind kind, unsigned seen)
{
	unsigned needs = 0, takes = 0;

	switch (kind) {
	case RECORD_MESSAGE:
		needs = NEEDS_MESSAGE;
		takes = TAKES_MESSAGE;
		break;
	case RECORD_RECEIPT:
		needs = takes = NEEDS_RECEIPT;
		break;
	case RECORD_TERMS:
		needs = NEEDS_TERMS;
		takes = TAKES_TERMS;
		if ((seen & HAS(TLV_RE)) != 0 && (seen & HAS(TLV_CADENCE)) != 0)
			return false;
		break;
	case RECORD_DRILL:
		needs = takes = NEEDS_DRILL;
		break;
	case RECORD_DRILL_ANSWER:
		needs = takes = NEEDS_ANSWER;
		break;
	case RECORD_DAY:
		needs = takes = NEEDS_DAY;
		break;
	}
	return needs != 0 && (seen & needs) == needs && (seen & ~takes) == 0;
}

int
record_decode_head(struct record *record, const uint8_t *bytes, size_t len)
{
	struct reader r;
	unsigned last = 0, seen = 0;
	int rc = ERR_FORMAT;

	memset(record, 0, sizeof(*record));
	if (len > RECORD_HEAD_BYTES_MAX)
		return ERR_LIMIT;
	if (record_head_bytes(bytes, len) != len)
		return ERR_FORMAT;
	buf_read(&r, bytes, len);
	record->after = buf_get_u64(&r);
	buf_get_u16(&r);
	while (buf_left(&r) > 0) {
		if ((rc = get_value(&r, record, &last, &seen)) != OK)
			goto out;
	}
	rc = ERR_FORMAT;
	if (record->after <= INT64_MAX && is_complete(record->kind, seen))
		rc = OK;
out:
	if (rc != OK)
		memset(record, 0, sizeof(*record));
	return rc;
}

void
record_lay_out(struct record_layout *layout, const struct record *record,
    size_t head_bytes)
{
	uint64_t at;

	memset(layout, 0, sizeof(*layout));
	layout->text = head_bytes;
	at = layout->text + record->text_bytes;
	layout->attachments = record->attachments;
	for (size_t i = 0; i < record->attachments; i++) {
		layout->attachment[i] = at;
		at += record->attachment[i].bytes;
	}
	layout->trailer = at;
	layout->total = at + record->attachments * RECORD_TRAILER_EACH_BYTES;
}
