#include "core/record.h"

#include <assert.h>
#include <string.h>

#include <utf8proc.h>

#include "core/tlv.h"

#define HAS TLV_HAS

/* What a header of each kind must have, and what else it may have; the bytes of
 * its text; the class it goes by, where that is not its precedence's; and what
 * its values must be to each other.  A text that may be empty has no length
 * then, but for a message's. */
struct kind {
	uint64_t needs;
	uint64_t takes;
	uint32_t text_least;
	uint32_t text_most;
	enum record_class class;
	bool (*is_sound)(const struct record *record);
};

enum {
	ID_BITS = 1u << TLV_KIND | 1u << TLV_ID | 1u << TLV_TIME,
};
#define NEEDS_ALL ((uint64_t)ID_BITS)
/* Of whatever is said to the other side by people. */
#define TAKES_SPOKEN (HAS(TLV_AUTHOR) | HAS(TLV_EMERGENCY))

static bool
terms_say_one_thing(const struct record *record)
{
	return !record->has_re || record->cadence.slot_us == 0;
}

/* A form has all of its own, a disclosure nothing but what is disclosed. */
static bool
pact_is_of_one_kind(const struct record *record)
{
	const bool is_form = record->pact == PACT_FORM;

	return (record->form != 0) == is_form &&
	    (record->subject.len > 0) == is_form &&
	    (record->language.len > 0) == is_form &&
	    (record->language_b.len > 0) == is_form &&
	    (record->text_bytes > 0) == is_form;
}

/* The first step asks, the others answer it. */
static bool
willing_asks_or_answers(const struct record *record)
{
	return record->has_re == (record->step > 1) &&
	    (record->text_bytes > 0) == (record->step == 1);
}

static const struct kind kinds[RECORD_KIND_COUNT] = {
	[RECORD_MESSAGE] = {
	    .needs = NEEDS_ALL | HAS(TLV_PRECEDENCE) | HAS(TLV_SERIAL) |
		HAS(TLV_TEXT_LENGTH),
	    .takes = TAKES_SPOKEN | HAS(TLV_SUBJECT) | HAS(TLV_LANGUAGE) |
		HAS(TLV_MARK) | HAS(TLV_RE) | HAS(TLV_WITHDRAWS) |
		HAS(TLV_ATTACHMENT) | HAS(TLV_POINT) | HAS(TLV_FORM),
	    .text_most = TEXT_BYTES_MAX,
	},
	[RECORD_RECEIPT] = {
	    .needs = NEEDS_ALL | HAS(TLV_RE) | HAS(TLV_RECEIPT),
	    .takes = HAS(TLV_AUTHOR),
	},
	[RECORD_TERMS] = {
	    .needs = NEEDS_ALL | HAS(TLV_NUMBER),
	    .takes = HAS(TLV_RE) | HAS(TLV_CADENCE) | HAS(TLV_AUTHOR),
	    .is_sound = terms_say_one_thing,
	},
	[RECORD_DRILL] = {
	    .needs = NEEDS_ALL,
	    .takes = HAS(TLV_TEXT_LENGTH) | HAS(TLV_AUTHOR),
	    .text_most = DRILL_TEXT_BYTES_MAX,
	},
	[RECORD_DRILL_ANSWER] = { .needs = NEEDS_ALL | HAS(TLV_RE) },
	[RECORD_DAY] = { .needs = NEEDS_ALL | HAS(TLV_DAY) },
	[RECORD_POINT] = {
	    .needs = NEEDS_ALL | HAS(TLV_SUBJECT),
	    .takes = TAKES_SPOKEN | HAS(TLV_LANGUAGE) | HAS(TLV_TEXT_LENGTH) |
		HAS(TLV_DEADLINE),
	    .text_most = NOTE_TEXT_BYTES_MAX,
	},
	[RECORD_STANDING] = {
	    .needs = NEEDS_ALL | HAS(TLV_RE) | HAS(TLV_STANDING),
	    .takes = TAKES_SPOKEN | HAS(TLV_LANGUAGE) | HAS(TLV_TEXT_LENGTH) |
		HAS(TLV_DEADLINE),
	    .text_most = NOTE_TEXT_BYTES_MAX,
	},
	[RECORD_PUBLIC] = {
	    .needs = NEEDS_ALL | HAS(TLV_SAID) | HAS(TLV_SOURCE) |
		HAS(TLV_SPEAKER),
	    .takes = TAKES_SPOKEN | HAS(TLV_LANGUAGE) | HAS(TLV_RE) |
		HAS(TLV_TEXT_LENGTH),
	    .text_most = NOTE_TEXT_BYTES_MAX,
	},
	/* Of no text: taken back. */
	[RECORD_READING] = {
	    .needs = NEEDS_ALL | HAS(TLV_RE),
	    .takes = TAKES_SPOKEN | HAS(TLV_LANGUAGE) | HAS(TLV_TEXT_LENGTH),
	    .text_most = NOTE_TEXT_BYTES_MAX,
	},
	[RECORD_TRANSLATION] = {
	    .needs = NEEDS_ALL | HAS(TLV_LANGUAGE) | HAS(TLV_RE) |
		HAS(TLV_TEXT_LENGTH),
	    .takes = TAKES_SPOKEN,
	    .text_least = 1,
	    .text_most = TEXT_BYTES_MAX,
	    .class = CLASS_ROUTINE,
	},
	[RECORD_PACT] = {
	    .needs = NEEDS_ALL | HAS(TLV_PACT),
	    .takes = TAKES_SPOKEN | HAS(TLV_SUBJECT) | HAS(TLV_LANGUAGE) |
		HAS(TLV_TEXT_LENGTH) | HAS(TLV_FORM) | HAS(TLV_DISCLOSURE) |
		HAS(TLV_LANGUAGE_B),
	    .text_most = FORM_TEXT_BYTES_MAX,
	    .is_sound = pact_is_of_one_kind,
	},
	[RECORD_CONSENT] = {
	    .needs = NEEDS_ALL | HAS(TLV_RE) | HAS(TLV_VERDICT),
	    .takes = TAKES_SPOKEN | HAS(TLV_TEXT_LENGTH),
	    .text_most = NOTE_TEXT_BYTES_MAX,
	},
	[RECORD_ROSTER] = {
	    .needs = NEEDS_ALL,
	    .takes = HAS(TLV_TEXT_LENGTH) | HAS(TLV_AUTHOR),
	    .text_most = NOTE_TEXT_BYTES_MAX,
	},
	[RECORD_MONTH] = { .needs = NEEDS_ALL | HAS(TLV_MONTH) },
	[RECORD_SERVICE] = {
	    .needs = NEEDS_ALL | HAS(TLV_TEXT_LENGTH),
	    .takes = HAS(TLV_AUTHOR),
	    .text_least = 1,
	    .text_most = SERVICE_TEXT_BYTES_MAX,
	    .class = CLASS_ROUTINE,
	},
	[RECORD_WILLING] = {
	    .needs = NEEDS_ALL | HAS(TLV_STEP) | HAS(TLV_DATA),
	    .takes = TAKES_SPOKEN | HAS(TLV_RE) | HAS(TLV_TEXT_LENGTH),
	    .text_most = WILLING_QUESTION_BYTES_MAX,
	    .is_sound = willing_asks_or_answers,
	},
};

static const enum record_class precedence_class[PRECEDENCE_COUNT] = {
	[PRECEDENCE_ROUTINE] = CLASS_ROUTINE,
	[PRECEDENCE_PRIORITY] = CLASS_PRIORITY,
	[PRECEDENCE_IMMEDIATE] = CLASS_IMMEDIATE,
	[PRECEDENCE_FLASH] = CLASS_FLASH,
};

static const char *const precedences[] = {
	[PRECEDENCE_ROUTINE] = "routine",
	[PRECEDENCE_PRIORITY] = "priority",
	[PRECEDENCE_IMMEDIATE] = "immediate",
	[PRECEDENCE_FLASH] = "flash",
};
static const char *const marks[] = {
	[MARK_NONE] = "none",
	[MARK_YOU_ONLY] = "you only",
	[MARK_PRINCIPAL] = "principal",
	[MARK_IN_SUBSTANCE] = "in substance",
	[MARK_MAY_BE_QUOTED] = "may be quoted",
};
static const char *const standings[] = {
	[STANDING_NONE] = "none",
	[STANDING_RAISED] = "raised",
	[STANDING_HEARD] = "heard",
	[STANDING_UNDER_STUDY] = "under study",
	[STANDING_ACCEPTED] = "accepted",
	[STANDING_DECLINED] = "declined",
	[STANDING_RESERVED] = "reserved",
	[STANDING_CLOSED] = "closed",
};
static const char *const pacts[] = {
	[PACT_NONE] = "none",
	[PACT_FORM] = "form",
	[PACT_DISCLOSURE] = "disclosure",
};
static const char *const verdicts[] = {
	[VERDICT_NONE] = "none",
	[VERDICT_AGREE] = "agree",
	[VERDICT_DECLINE] = "decline",
	[VERDICT_WITHDRAW] = "withdraw",
};
static const char *const disclosures[] = {
	[DISCLOSED_TITLES] = "titles",
	[DISCLOSED_READ] = "read",
	[DISCLOSED_ROSTER] = "roster",
};

const struct word_list record_precedences = { precedences, PRECEDENCE_COUNT };
const struct word_list record_marks = { marks, MARK_COUNT };
const struct word_list record_standings = { standings, STANDING_COUNT };
const struct word_list record_pacts = { pacts, PACT_KIND_COUNT };
const struct word_list record_verdicts = { verdicts, VERDICT_COUNT };
const struct word_list record_disclosures = { disclosures, DISCLOSED_COUNT };

enum record_class
record_class(enum record_kind kind, enum precedence precedence)
{
	assert(kind < RECORD_KIND_COUNT && precedence < PRECEDENCE_COUNT);
	return kind == RECORD_MESSAGE ? precedence_class[precedence]
				      : kinds[kind].class;
}

bool
record_is_spoken(enum record_kind kind)
{
	return (kinds[kind].takes & HAS(TLV_EMERGENCY)) != 0;
}

bool
record_takes_author(enum record_kind kind)
{
	assert(kind < RECORD_KIND_COUNT);
	return (kinds[kind].takes & HAS(TLV_AUTHOR)) != 0;
}

uint32_t
record_text_most(enum record_kind kind)
{
	assert(kind < RECORD_KIND_COUNT);
	return kinds[kind].text_most;
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

bool
record_is_month(const struct month *month)
{
	return month->month >= MONTH_MIN && month->month <= MONTH_MAX &&
	    month->answered <= month->sent &&
	    month->missed <= month->sent - month->answered &&
	    month->acknowledged <= month->sent &&
	    month->median_ms <= month->worst_ms;
}

/* The length of the text, and what else no single value shows. */
static int
check_whole(const struct record *record)
{
	const struct kind *kind = &kinds[record->kind];

	if (record->text_bytes > kind->text_most)
		return ERR_LIMIT;
	if (record->text_bytes < kind->text_least)
		return ERR_FORMAT;
	if (kind->is_sound != NULL && !kind->is_sound(record))
		return ERR_FORMAT;
	return OK;
}

static void
put_header(struct writer *w, const struct record *record)
{
	const struct kind *kind;

	assert(
	    record->kind >= RECORD_MESSAGE && record->kind < RECORD_KIND_COUNT);
	kind = &kinds[record->kind];
	assert(check_whole(record) == OK);
	for (unsigned type = 1; type < TLV_COUNT; type++) {
		if ((kind->needs & HAS(type)) != 0 ||
		    ((kind->takes & HAS(type)) != 0 &&
			tlv_is_said(record, (enum tlv)type)))
			tlv_put(w, record, (enum tlv)type);
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

/* One value; `seen` collects which there were, `last` keeps them ascending. */
static int
get_value(struct reader *r, struct record *record, unsigned *last,
    uint64_t *seen)
{
	const unsigned type = buf_get_u8(r);
	const size_t len = buf_get_u16(r);
	const uint8_t *value = buf_get_slice(r, len);
	struct reader inner;

	if (value == NULL || type < *last ||
	    (type == *last && !tlv_may_repeat(type)))
		return ERR_FORMAT;
	*last = type;
	if (type >= TLV_SKIPPED_MIN)
		return OK;
	if (type == 0 || type >= TLV_COUNT)
		return ERR_FORMAT;
	*seen |= HAS(type);
	buf_read(&inner, value, len);
	return tlv_get(&inner, record, (enum tlv)type);
}

/* All that its kind needs, and no more than it takes; nothing is said by a value
 * that could be left out. */
static int
check_complete(const struct record *record, uint64_t seen)
{
	const struct kind *kind = &kinds[record->kind];

	if (kind->needs == 0 || (seen & kind->needs) != kind->needs ||
	    (seen & ~(kind->needs | kind->takes)) != 0)
		return ERR_FORMAT;
	for (unsigned type = 1; type < TLV_COUNT; type++) {
		if ((kind->takes & HAS(type)) != 0 &&
		    ((seen & HAS(type)) != 0) !=
			tlv_is_said(record, (enum tlv)type))
			return ERR_FORMAT;
	}
	return check_whole(record);
}

int
record_decode_head(struct record *record, const uint8_t *bytes, size_t len)
{
	struct reader r;
	unsigned last = 0;
	uint64_t seen = 0;
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
	rc = record->after <= INT64_MAX ? check_complete(record, seen)
					: ERR_FORMAT;
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
