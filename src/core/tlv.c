#include "core/tlv.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

/* How a value stands in its record, and in its bytes. */
enum shape {
	SHAPE_WORD,   /* an enum; one byte, from least to most */
	SHAPE_FLAG,   /* a bool; one byte, 1 */
	SHAPE_NUMBER, /* uint32_t, from least to most */
	SHAPE_LONG,   /* 64 bits, from least to most */
	SHAPE_LABEL,  /* record_text, 1 to most bytes, a label */
	SHAPE_TOKEN,  /* the same, a token */
	SHAPE_BYTES,  /* the same, any bytes */
	SHAPE_ID,     /* RECORD_ID_BYTES, and whether it is there */
	SHAPE_OWN,    /* by functions of its own */
};

struct row {
	enum shape shape;
	size_t at;  /* in struct record */
	size_t has; /* of an id: where it says that it is there; 0: always */
	uint64_t least;
	uint64_t most;
	bool (*is_said)(const struct record *record);
	void (*put)(struct writer *w, const struct record *record);
	int (*get)(struct reader *r, struct record *record);
};

static struct record_text
get_text(struct reader *r, size_t len)
{
	const uint8_t *slice = buf_get_slice(r, len);

	return (struct record_text){ (const char *)slice, slice ? len : 0 };
}

static void
put_head(struct writer *w, enum tlv type, size_t len)
{
	buf_put_u8(w, (uint8_t)type);
	buf_put_u16(w, (uint16_t)len);
}

/* -- attachments ------------------------------------------------------------ */

static bool
is_attachment(const struct record_attachment *a)
{
	return a->bytes <= ATTACHMENT_BYTES_MAX && a->name.len >= 1 &&
	    a->name.len <= ATTACHMENT_NAME_BYTES_MAX &&
	    record_is_file_name(a->name.data, a->name.len) &&
	    a->type.len >= 1 && a->type.len <= ATTACHMENT_TYPE_BYTES_MAX &&
	    record_is_token(a->type.data, a->type.len);
}

static bool
has_attachments(const struct record *record)
{
	return record->attachments > 0;
}

static void
put_attachments(struct writer *w, const struct record *record)
{
	assert(record->attachments <= ATTACHMENTS_MAX);
	for (size_t i = 0; i < record->attachments; i++) {
		const struct record_attachment *a = &record->attachment[i];

		assert(is_attachment(a));
		put_head(w, TLV_ATTACHMENT, 10 + a->name.len + a->type.len);
		buf_put_u64(w, a->bytes);
		buf_put_u8(w, (uint8_t)a->name.len);
		buf_put_bytes(w, a->name.data, a->name.len);
		buf_put_u8(w, (uint8_t)a->type.len);
		buf_put_bytes(w, a->type.data, a->type.len);
	}
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

/* -- points ----------------------------------------------------------------- */

static bool
has_points(const struct record *record)
{
	return record->points > 0;
}

static bool
has_point(const struct record *record, size_t points, const uint8_t *id)
{
	for (size_t i = 0; i < points; i++) {
		if (memcmp(record->point[i], id, RECORD_ID_BYTES) == 0)
			return true;
	}
	return false;
}

static void
put_points(struct writer *w, const struct record *record)
{
	assert(record->points <= RECORD_POINTS_MAX);
	for (size_t i = 0; i < record->points; i++) {
		assert(!has_point(record, i, record->point[i]));
		put_head(w, TLV_POINT, RECORD_ID_BYTES);
		buf_put_bytes(w, record->point[i], RECORD_ID_BYTES);
	}
}

static int
get_point(struct reader *r, struct record *record)
{
	uint8_t id[RECORD_ID_BYTES];

	if (record->points == RECORD_POINTS_MAX)
		return ERR_LIMIT;
	buf_get_bytes(r, id, sizeof(id));
	if (has_point(record, record->points, id))
		return ERR_FORMAT;
	memcpy(record->point[record->points++], id, sizeof(id));
	return OK;
}

/* -- structs of numbers ------------------------------------------------------ */

static bool
has_cadence(const struct record *record)
{
	return record->cadence.slot_us != 0;
}

static void
put_cadence(struct writer *w, const struct record *record)
{
	assert(cadence_check(record->cadence) == OK);
	put_head(w, TLV_CADENCE, 6);
	buf_put_u16(w, record->cadence.frame_bytes);
	buf_put_u32(w, record->cadence.slot_us);
}

static int
get_cadence(struct reader *r, struct record *record)
{
	record->cadence.frame_bytes = buf_get_u16(r);
	record->cadence.slot_us = buf_get_u32(r);
	return cadence_check(record->cadence);
}

static bool
has_day(const struct record *record)
{
	return record->kind == RECORD_DAY;
}

static void
put_day(struct writer *w, const struct record *record)
{
	assert(record_is_day(&record->day));
	put_head(w, TLV_DAY, 4 + 4 * DAY_PART_COUNT);
	buf_put_u32(w, record->day.date);
	for (size_t i = 0; i < DAY_PART_COUNT; i++)
		buf_put_u32(w, record->day.seconds[i]);
}

static int
get_day(struct reader *r, struct record *record)
{
	struct day *day = &record->day;

	day->date = buf_get_u32(r);
	for (size_t i = 0; i < DAY_PART_COUNT; i++)
		day->seconds[i] = buf_get_u32(r);
	return buf_is_readable(r) && record_is_day(day) ? OK : ERR_FORMAT;
}

static bool
has_month(const struct record *record)
{
	return record->kind == RECORD_MONTH;
}

static void
put_month(struct writer *w, const struct record *record)
{
	const struct month *month = &record->month;

	assert(record_is_month(month));
	put_head(w, TLV_MONTH, 28);
	buf_put_u32(w, month->month);
	buf_put_u32(w, month->sent);
	buf_put_u32(w, month->answered);
	buf_put_u32(w, month->missed);
	buf_put_u32(w, month->median_ms);
	buf_put_u32(w, month->worst_ms);
	buf_put_u32(w, month->acknowledged);
}

static int
get_month(struct reader *r, struct record *record)
{
	struct month *month = &record->month;

	month->month = buf_get_u32(r);
	month->sent = buf_get_u32(r);
	month->answered = buf_get_u32(r);
	month->missed = buf_get_u32(r);
	month->median_ms = buf_get_u32(r);
	month->worst_ms = buf_get_u32(r);
	month->acknowledged = buf_get_u32(r);
	return buf_is_readable(r) && record_is_month(month) ? OK : ERR_FORMAT;
}

/* "Nothing" is something that a pact may say of what is disclosed. */
static bool
has_disclosure(const struct record *record)
{
	return record->pact == PACT_DISCLOSURE;
}

static void
put_disclosure(struct writer *w, const struct record *record)
{
	assert(record->discloses < 1u << DISCLOSED_COUNT);
	put_head(w, TLV_DISCLOSURE, 4);
	buf_put_u32(w, record->discloses);
}

static int
get_disclosure(struct reader *r, struct record *record)
{
	record->discloses = buf_get_u32(r);
	return record->discloses < 1u << DISCLOSED_COUNT ? OK : ERR_FORMAT;
}

/* -- all -------------------------------------------------------------------- */

#define AT(field) .at = offsetof(struct record, field)
#define WORD(field, from, count) \
	{ \
		.shape = SHAPE_WORD, AT(field), .least = (from), \
		.most = (count)-1 \
	}
#define LABEL(field, bytes) \
	{ \
		.shape = SHAPE_LABEL, AT(field), .most = (bytes) \
	}

static const struct row rows[TLV_COUNT] = {
	[TLV_KIND] = WORD(kind, 1, RECORD_KIND_COUNT),
	[TLV_ID] = { .shape = SHAPE_ID, AT(id) },
	[TLV_PRECEDENCE] = WORD(precedence, 0, PRECEDENCE_COUNT),
	[TLV_TIME] = { .shape = SHAPE_LONG, AT(time_ms), .most = INT64_MAX },
	[TLV_SERIAL] = { .shape = SHAPE_LONG,
	    AT(serial),
	    .least = 1,
	    .most = INT64_MAX },
	[TLV_SUBJECT] = LABEL(subject, SUBJECT_BYTES_MAX),
	[TLV_LANGUAGE] = { .shape = SHAPE_TOKEN,
	    AT(language),
	    .most = LANGUAGE_BYTES_MAX },
	[TLV_MARK] = WORD(mark, 1, MARK_COUNT),
	[TLV_RE] = { .shape = SHAPE_ID,
	    AT(re),
	    .has = offsetof(struct record, has_re) },
	[TLV_WITHDRAWS] = { .shape = SHAPE_ID,
	    AT(withdraws),
	    .has = offsetof(struct record, has_withdraws) },
	[TLV_ATTACHMENT] = { .shape = SHAPE_OWN,
	    .is_said = has_attachments,
	    .put = put_attachments,
	    .get = get_attachment },
	/* The most is of the kind. */
	[TLV_TEXT_LENGTH] = { .shape = SHAPE_NUMBER,
	    AT(text_bytes),
	    .most = UINT32_MAX },
	[TLV_RECEIPT] =
	    WORD(receipt, RECEIPT_DELIVERED, RECEIPT_ACKNOWLEDGED + 1),
	[TLV_NUMBER] = { .shape = SHAPE_NUMBER,
	    AT(number),
	    .least = 1,
	    .most = UINT32_MAX },
	[TLV_CADENCE] = { .shape = SHAPE_OWN,
	    .is_said = has_cadence,
	    .put = put_cadence,
	    .get = get_cadence },
	[TLV_DAY] = { .shape = SHAPE_OWN,
	    .is_said = has_day,
	    .put = put_day,
	    .get = get_day },
	[TLV_POINT] = { .shape = SHAPE_OWN,
	    .is_said = has_points,
	    .put = put_points,
	    .get = get_point },
	[TLV_STANDING] = WORD(standing, STANDING_RAISED, STANDING_COUNT),
	[TLV_DEADLINE] = { .shape = SHAPE_LONG,
	    AT(deadline_ms),
	    .least = 1,
	    .most = WATCH_UNTIL_MS_MAX },
	[TLV_SAID] = { .shape = SHAPE_LONG,
	    AT(said_ms),
	    .least = 1,
	    .most = WATCH_UNTIL_MS_MAX },
	[TLV_SOURCE] = LABEL(source, LABEL_BYTES_MAX),
	[TLV_SPEAKER] = LABEL(speaker, LABEL_BYTES_MAX),
	[TLV_AUTHOR] = LABEL(author, LABEL_BYTES_MAX),
	[TLV_EMERGENCY] = { .shape = SHAPE_FLAG, AT(is_emergency) },
	[TLV_FORM] = { .shape = SHAPE_NUMBER,
	    AT(form),
	    .least = 1,
	    .most = UINT32_MAX },
	[TLV_PACT] = WORD(pact, PACT_FORM, PACT_KIND_COUNT),
	[TLV_VERDICT] = WORD(verdict, VERDICT_AGREE, VERDICT_COUNT),
	[TLV_DISCLOSURE] = { .shape = SHAPE_OWN,
	    .is_said = has_disclosure,
	    .put = put_disclosure,
	    .get = get_disclosure },
	[TLV_MONTH] = { .shape = SHAPE_OWN,
	    .is_said = has_month,
	    .put = put_month,
	    .get = get_month },
	[TLV_STEP] = { .shape = SHAPE_NUMBER,
	    AT(step),
	    .least = 1,
	    .most = WILLING_STEPS },
	[TLV_DATA] = { .shape = SHAPE_BYTES,
	    AT(data),
	    .most = WILLING_DATA_BYTES_MAX },
	[TLV_LANGUAGE_B] = { .shape = SHAPE_TOKEN,
	    AT(language_b),
	    .most = LANGUAGE_BYTES_MAX },
};

static const void *
field(const struct record *record, size_t at)
{
	return (const uint8_t *)record + at;
}

static struct record_text
text_of(const struct record *record, const struct row *row)
{
	struct record_text text;

	memcpy(&text, field(record, row->at), sizeof(text));
	return text;
}

/* A value of any of the shapes that are numbers. */
static uint64_t
number_of(const struct record *record, const struct row *row)
{
	uint32_t narrow;
	uint64_t wide;
	bool flag;

	if (row->shape == SHAPE_LONG) {
		memcpy(&wide, field(record, row->at), sizeof(wide));
		return wide;
	}
	if (row->shape == SHAPE_FLAG) {
		memcpy(&flag, field(record, row->at), sizeof(flag));
		return flag;
	}
	memcpy(&narrow, field(record, row->at), sizeof(narrow));
	return narrow;
}

static bool
is_good_text(const struct row *row, struct record_text text)
{
	if (text.len < 1 || text.len > row->most)
		return false;
	if (row->shape == SHAPE_LABEL)
		return record_is_label(text.data, text.len);
	if (row->shape == SHAPE_TOKEN)
		return record_is_token(text.data, text.len);
	return true;
}

bool
tlv_is_said(const struct record *record, enum tlv type)
{
	const struct row *row = &rows[type];
	bool has = true;

	switch (row->shape) {
	case SHAPE_OWN:
		return row->is_said(record);
	case SHAPE_ID:
		if (row->has != 0)
			memcpy(&has, field(record, row->has), sizeof(has));
		return has;
	case SHAPE_LABEL:
	case SHAPE_TOKEN:
	case SHAPE_BYTES:
		return text_of(record, row).len > 0;
	case SHAPE_WORD:
	case SHAPE_FLAG:
	case SHAPE_NUMBER:
	case SHAPE_LONG:
		break;
	}
	return number_of(record, row) != 0;
}

static void
put_number(struct writer *w, enum tlv type, const struct row *row,
    uint64_t value)
{
	assert(row->shape == SHAPE_FLAG ||
	    (value >= row->least && value <= row->most));
	if (row->shape == SHAPE_LONG) {
		put_head(w, type, 8);
		buf_put_u64(w, value);
	} else if (row->shape == SHAPE_NUMBER) {
		put_head(w, type, 4);
		buf_put_u32(w, (uint32_t)value);
	} else {
		put_head(w, type, 1);
		buf_put_u8(w, (uint8_t)value);
	}
}

void
tlv_put(struct writer *w, const struct record *record, enum tlv type)
{
	const struct row *row = &rows[type];
	struct record_text text;

	switch (row->shape) {
	case SHAPE_OWN:
		row->put(w, record);
		break;
	case SHAPE_ID:
		put_head(w, type, RECORD_ID_BYTES);
		buf_put_bytes(w, field(record, row->at), RECORD_ID_BYTES);
		break;
	case SHAPE_LABEL:
	case SHAPE_TOKEN:
	case SHAPE_BYTES:
		text = text_of(record, row);
		assert(is_good_text(row, text));
		put_head(w, type, text.len);
		buf_put_bytes(w, text.data, text.len);
		break;
	case SHAPE_WORD:
	case SHAPE_FLAG:
	case SHAPE_NUMBER:
	case SHAPE_LONG:
		put_number(w, type, row, number_of(record, row));
		break;
	}
}

static int
get_number(struct reader *r, struct record *record, const struct row *row)
{
	uint8_t *at = (uint8_t *)record + row->at;
	const bool flag = true;
	uint64_t value;
	uint32_t narrow;

	if (row->shape == SHAPE_FLAG) {
		memcpy(at, &flag, sizeof(flag));
		return buf_get_u8(r) == 1 ? OK : ERR_FORMAT;
	}
	if (row->shape == SHAPE_LONG) {
		value = buf_get_u64(r);
		memcpy(at, &value, sizeof(value));
	} else {
		narrow =
		    row->shape == SHAPE_WORD ? buf_get_u8(r) : buf_get_u32(r);
		memcpy(at, &narrow, sizeof(narrow));
		value = narrow;
	}
	return value >= row->least && value <= row->most ? OK : ERR_FORMAT;
}

static int
get_id(struct reader *r, struct record *record, const struct row *row)
{
	const bool has = true;

	if (row->has != 0)
		memcpy((uint8_t *)record + row->has, &has, sizeof(has));
	buf_get_bytes(r, (uint8_t *)record + row->at, RECORD_ID_BYTES);
	return OK;
}

int
tlv_get(struct reader *r, struct record *record, enum tlv type)
{
	const struct row *row = &rows[type];
	struct record_text text;
	int rc = ERR_FORMAT;

	switch (row->shape) {
	case SHAPE_OWN:
		rc = row->get(r, record);
		break;
	case SHAPE_ID:
		rc = get_id(r, record, row);
		break;
	case SHAPE_LABEL:
	case SHAPE_TOKEN:
	case SHAPE_BYTES:
		text = get_text(r, buf_left(r));
		memcpy((uint8_t *)record + row->at, &text, sizeof(text));
		rc = is_good_text(row, text) ? OK : ERR_FORMAT;
		break;
	case SHAPE_WORD:
	case SHAPE_FLAG:
	case SHAPE_NUMBER:
	case SHAPE_LONG:
		rc = get_number(r, record, row);
		break;
	}
	return rc == OK ? buf_is_spent(r) : rc;
}

bool
tlv_may_repeat(unsigned type)
{
	return type == TLV_ATTACHMENT || type == TLV_POINT;
}

/* Words are read and written as numbers of this size. */
_Static_assert(sizeof(enum record_kind) == 4 && sizeof(enum precedence) == 4 &&
	sizeof(enum mark) == 4 && sizeof(enum receipt_kind) == 4 &&
	sizeof(enum standing) == 4 && sizeof(enum pact_kind) == 4 &&
	sizeof(enum pact_verdict) == 4,
    "an enum is a number of four bytes");
