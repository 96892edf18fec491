/* The bytes of a record's head. */
#include "core/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct bytes {
	uint8_t data[RECORD_HEAD_BYTES_MAX];
	size_t len;
};

static struct record_text
text(const char *string)
{
	return (struct record_text){ string, strlen(string) };
}

/* A message that has all there is. */
static struct record
full_message(void)
{
	struct record record = {
		.after = 7,
		.kind = RECORD_MESSAGE,
		.precedence = PRECEDENCE_FLASH,
		.time_ms = 1795000000000,
		.serial = 12,
		.subject = text("회담 제안"),
		.language = text("ko"),
		.mark = MARK_IN_SUBSTANCE,
		.has_re = true,
		.has_withdraws = true,
		.attachments = 2,
		.text_bytes = 100,
	};

	memset(record.id, 0x11, RECORD_ID_BYTES);
	memset(record.re, 0x22, RECORD_ID_BYTES);
	memset(record.withdraws, 0x33, RECORD_ID_BYTES);
	record.attachment[0] = (struct record_attachment){ 65537,
		text("map.pdf"), text("application/pdf") };
	record.attachment[1] =
	    (struct record_attachment){ 0, text("empty"), text("text/plain") };
	return record;
}

static struct bytes
encode(const struct record *record)
{
	struct bytes bytes;
	struct writer w;

	buf_write(&w, bytes.data, sizeof(bytes.data));
	record_encode_head(&w, record);
	assert_true(buf_is_sound(&w));
	bytes.len = w.len;
	return bytes;
}

/* A head by hand: after 0, and what is put. */
struct forge {
	struct bytes bytes;
	struct writer w;
};

static void
forge_begin(struct forge *forge)
{
	buf_write(&forge->w, forge->bytes.data, sizeof(forge->bytes.data));
	buf_put_zeros(&forge->w, RECORD_FIXED_BYTES);
}

static void
forge_put(struct forge *forge, uint8_t type, const void *value, size_t len)
{
	buf_put_u8(&forge->w, type);
	buf_put_u16(&forge->w, (uint16_t)len);
	buf_put_bytes(&forge->w, value, len);
}

static void
forge_number(struct forge *forge, uint8_t type, uint64_t value, size_t len)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
	forge_put(forge, type, bytes, len);
}

static int
forge_end(struct forge *forge)
{
	const size_t header = forge->w.len - RECORD_FIXED_BYTES;
	struct record record;

	assert_true(buf_is_sound(&forge->w));
	forge->bytes.data[8] = (uint8_t)header;
	forge->bytes.data[9] = (uint8_t)(header >> 8);
	return record_decode_head(&record, forge->bytes.data, forge->w.len);
}

static const uint8_t an_id[RECORD_ID_BYTES] = { 1, 2, 3 };

/* What every record has, up to its time. */
static void
forge_start(struct forge *forge, enum record_kind kind)
{
	forge_begin(forge);
	forge_number(forge, 1, kind, 1);
	forge_put(forge, 2, an_id, sizeof(an_id));
	if (kind == RECORD_MESSAGE)
		forge_number(forge, 3, 0, 1);
	forge_number(forge, 4, 1000, 8);
	if (kind == RECORD_MESSAGE)
		forge_number(forge, 5, 1, 8);
}

static void
record_comes_back_as_it_was(void **state)
{
	const struct record record = full_message();
	const struct bytes bytes = encode(&record);
	struct record_layout layout;
	struct record back;

	(void)state;
	assert_int_equal(record_head_bytes(bytes.data, bytes.len), bytes.len);
	assert_int_equal(record_decode_head(&back, bytes.data, bytes.len), OK);
	assert_int_equal(back.after, 7);
	assert_int_equal(back.kind, RECORD_MESSAGE);
	assert_memory_equal(back.id, record.id, RECORD_ID_BYTES);
	assert_int_equal(back.precedence, PRECEDENCE_FLASH);
	assert_int_equal(back.time_ms, record.time_ms);
	assert_int_equal(back.serial, 12);
	assert_int_equal(back.subject.len, record.subject.len);
	assert_memory_equal(back.subject.data, record.subject.data,
	    back.subject.len);
	assert_int_equal(back.mark, MARK_IN_SUBSTANCE);
	assert_true(back.has_re && back.has_withdraws);
	assert_memory_equal(back.withdraws, record.withdraws, RECORD_ID_BYTES);
	assert_int_equal(back.attachments, 2);
	assert_int_equal(back.attachment[0].bytes, 65537);
	assert_memory_equal(back.attachment[1].name.data, "empty", 5);
	assert_int_equal(back.text_bytes, 100);
	record_lay_out(&layout, &back, bytes.len);
	assert_int_equal(layout.text, bytes.len);
	assert_int_equal(layout.attachment[0], bytes.len + 100);
	assert_int_equal(layout.attachment[1], bytes.len + 100 + 65537);
	assert_int_equal(layout.trailer, layout.attachment[1]);
	assert_int_equal(layout.total, layout.trailer + 64);
}

static void
record_of_each_kind_comes_back(void **state)
{
	static const enum record_kind kinds[] = { RECORD_RECEIPT, RECORD_DRILL,
		RECORD_DRILL_ANSWER };
	struct record record, back;
	struct bytes bytes;

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		record = (struct record){ .kind = kinds[i],
			.receipt = RECEIPT_ACKNOWLEDGED,
			.has_re = kinds[i] != RECORD_DRILL };
		bytes = encode(&record);
		assert_int_equal(record_decode_head(&back, bytes.data,
				     bytes.len),
		    OK);
		assert_int_equal(back.kind, kinds[i]);
		assert_int_equal(record_class(back.kind, back.precedence),
		    CLASS_NOTES);
	}
}

static void
record_of_a_day_comes_back_and_has_no_more_than_a_day(void **state)
{
	struct record record = { .kind = RECORD_DAY, .time_ms = 1 }, back;
	struct bytes bytes;
	uint8_t bad[4 + 4 * DAY_PART_COUNT] = { 0 };
	struct forge forge;

	(void)state;
	record.day.date = DATE_MAX;
	for (uint32_t i = 0; i < DAY_PART_COUNT; i++)
		record.day.seconds[i] = i;
	record.day.seconds[DAY_UP] = DAY_SECONDS - 28;
	assert_true(record_is_day(&record.day));
	bytes = encode(&record);
	assert_int_equal(record_decode_head(&back, bytes.data, bytes.len), OK);
	assert_memory_equal(&back.day, &record.day, sizeof(back.day));
	assert_int_equal(record_class(back.kind, back.precedence), CLASS_NOTES);
	record.day.seconds[DAY_DOWN]++;
	assert_false(record_is_day(&record.day));
	record.day.seconds[DAY_DOWN] = UINT32_MAX;
	assert_false(record_is_day(&record.day));

	bad[4] = 1;
	forge_start(&forge, RECORD_DAY);
	forge_put(&forge, 16, bad, sizeof(bad));
	assert_int_equal(forge_end(&forge), OK);
	for (size_t len = 0; len < sizeof(bad); len++) {
		forge_start(&forge, RECORD_DAY);
		forge_put(&forge, 16, bad, len);
		assert_int_equal(forge_end(&forge), ERR_FORMAT);
	}
	bad[4] = 0; /* of nothing */
	forge_start(&forge, RECORD_DAY);
	forge_put(&forge, 16, bad, sizeof(bad));
	assert_int_equal(forge_end(&forge), ERR_FORMAT);
	bad[6] = 2; /* 131072 seconds */
	forge_start(&forge, RECORD_DAY);
	forge_put(&forge, 16, bad, sizeof(bad));
	assert_int_equal(forge_end(&forge), ERR_FORMAT);
	bad[6] = 0;
	bad[4] = 1;
	bad[3] = 1; /* beyond the last date */
	forge_start(&forge, RECORD_DAY);
	forge_put(&forge, 16, bad, sizeof(bad));
	assert_int_equal(forge_end(&forge), ERR_FORMAT);
	bad[3] = 0;
	forge_start(&forge, RECORD_DRILL);
	forge_put(&forge, 16, bad, sizeof(bad));
	assert_int_equal(forge_end(&forge), ERR_FORMAT);
	forge_start(&forge, RECORD_DAY);
	assert_int_equal(forge_end(&forge), ERR_FORMAT);
}

static void
record_goes_by_the_class_of_its_precedence(void **state)
{
	(void)state;
	assert_int_equal(record_class(RECORD_MESSAGE, PRECEDENCE_FLASH),
	    CLASS_FLASH);
	assert_int_equal(record_class(RECORD_MESSAGE, PRECEDENCE_IMMEDIATE),
	    CLASS_IMMEDIATE);
	assert_int_equal(record_class(RECORD_MESSAGE, PRECEDENCE_PRIORITY),
	    CLASS_PRIORITY);
	assert_int_equal(record_class(RECORD_MESSAGE, PRECEDENCE_ROUTINE),
	    CLASS_ROUTINE);
	assert_int_equal(record_class(RECORD_DRILL, PRECEDENCE_FLASH),
	    CLASS_NOTES);
}

static void
record_refuses_every_other_length(void **state)
{
	const struct record record = full_message();
	const struct bytes bytes = encode(&record);
	uint8_t *longer = calloc(1, bytes.len + 1);
	struct record back;

	(void)state;
	for (size_t len = 0; len < bytes.len; len++)
		assert_int_not_equal(record_decode_head(&back, bytes.data, len),
		    OK);
	memcpy(longer, bytes.data, bytes.len);
	assert_int_not_equal(record_decode_head(&back, longer, bytes.len + 1),
	    OK);
	free(longer);
	assert_int_equal(record_head_bytes(bytes.data, RECORD_FIXED_BYTES - 1),
	    0);
}

static void
record_refuses_a_header_over_its_limit(void **state)
{
	uint8_t *bytes = calloc(1, RECORD_HEAD_BYTES_MAX + 1);
	struct record back;

	(void)state;
	bytes[8] = 0x01;
	bytes[9] = 0x80; /* 32 KiB and one */
	assert_int_equal(record_head_bytes(bytes, 10),
	    RECORD_HEAD_BYTES_MAX + 1);
	assert_int_equal(record_decode_head(&back, bytes,
			     RECORD_HEAD_BYTES_MAX + 1),
	    ERR_LIMIT);
	free(bytes);
}

/* A flipped bit gives an error or another record, never harm. */
static void
record_withstands_each_bit_flipped(void **state)
{
	const struct record record = full_message();
	const struct bytes bytes = encode(&record);
	struct bytes bad;
	struct record back;

	(void)state;
	for (size_t bit = 0; bit < bytes.len * 8; bit++) {
		bad = bytes;
		bad.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		if (record_decode_head(&back, bad.data, bad.len) != OK)
			assert_int_equal(back.kind, 0);
	}
}

static void
record_refuses_types_out_of_order(void **state)
{
	struct forge forge;

	(void)state;
	forge_begin(&forge);
	forge_put(&forge, 2, an_id, sizeof(an_id));
	forge_number(&forge, 1, RECORD_DRILL, 1);
	forge_number(&forge, 4, 1000, 8);
	assert_int_equal(forge_end(&forge), ERR_FORMAT);
	forge_start(&forge, RECORD_DRILL);
	forge_number(&forge, 4, 1000, 8);
	assert_int_equal(forge_end(&forge), ERR_FORMAT);
}

static void
record_skips_high_unknown_types_and_refuses_low_ones(void **state)
{
	struct forge forge;

	(void)state;
	forge_start(&forge, RECORD_DRILL);
	assert_int_equal(forge_end(&forge), OK);
	forge_start(&forge, RECORD_DRILL);
	forge_put(&forge, 128, "new", 3);
	forge_put(&forge, 255, "", 0);
	assert_int_equal(forge_end(&forge), OK);
	forge_start(&forge, RECORD_DRILL);
	forge_put(&forge, 14, "new", 3);
	assert_int_equal(forge_end(&forge), ERR_FORMAT);
	forge_start(&forge, RECORD_DRILL);
	forge_put(&forge, 127, "new", 3);
	assert_int_equal(forge_end(&forge), ERR_FORMAT);
	forge_begin(&forge);
	forge_put(&forge, 0, "", 0);
	assert_int_equal(forge_end(&forge), ERR_FORMAT);
	/* Twice the same is once too much, also of an unknown one. */
	forge_start(&forge, RECORD_DRILL);
	forge_put(&forge, 200, "a", 1);
	forge_put(&forge, 200, "b", 1);
	assert_int_equal(forge_end(&forge), ERR_FORMAT);
}

static void
record_refuses_what_its_kind_lacks_or_has_too_much(void **state)
{
	struct forge forge;

	(void)state;
	forge_start(&forge, RECORD_MESSAGE);
	assert_int_equal(forge_end(&forge), ERR_FORMAT); /* no text length */
	forge_start(&forge, RECORD_MESSAGE);
	forge_number(&forge, 12, 0, 4);
	assert_int_equal(forge_end(&forge), OK);
	forge_start(&forge, RECORD_MESSAGE);
	forge_number(&forge, 12, 0, 4);
	forge_number(&forge, 13, 1, 1);
	assert_int_equal(forge_end(&forge), ERR_FORMAT);
	forge_start(&forge, RECORD_RECEIPT);
	forge_number(&forge, 13, 1, 1);
	assert_int_equal(forge_end(&forge), ERR_FORMAT); /* about nothing */
	forge_start(&forge, RECORD_RECEIPT);
	forge_put(&forge, 9, an_id, sizeof(an_id));
	assert_int_equal(forge_end(&forge), ERR_FORMAT);
	forge_start(&forge, RECORD_DRILL);
	forge_put(&forge, 6, "subject", 7);
	assert_int_equal(forge_end(&forge), ERR_FORMAT);
	forge_start(&forge, RECORD_DRILL_ANSWER);
	assert_int_equal(forge_end(&forge), ERR_FORMAT);
	forge_begin(&forge);
	assert_int_equal(forge_end(&forge), ERR_FORMAT);
}

/* A message with one value more, at its place. */
static int
decode_with(uint8_t type, const void *value, size_t len)
{
	struct forge forge;

	forge_start(&forge, RECORD_MESSAGE);
	forge_put(&forge, type, value, len);
	if (type != 12)
		forge_number(&forge, 12, 0, 4);
	return forge_end(&forge);
}

static void
record_refuses_values_out_of_bounds(void **state)
{
	static const uint8_t large[] = { 1, 0, 16, 0 };
	static const uint8_t most[] = { 0, 0, 16, 0 };
	static const uint8_t marks[] = { 0, MARK_COUNT, 255 };
	char *subject = malloc(SUBJECT_BYTES_MAX + 1);

	(void)state;
	memset(subject, 's', SUBJECT_BYTES_MAX + 1);
	assert_int_equal(decode_with(6, subject, SUBJECT_BYTES_MAX), OK);
	assert_int_equal(decode_with(6, subject, SUBJECT_BYTES_MAX + 1),
	    ERR_FORMAT);
	assert_int_equal(decode_with(6, "", 0), ERR_FORMAT);
	assert_int_equal(decode_with(6, "a\nb", 3), ERR_FORMAT);
	assert_int_equal(decode_with(6, "a\x1b[2J", 5), ERR_FORMAT);
	assert_int_equal(decode_with(6, "\xff", 1), ERR_FORMAT);
	assert_int_equal(decode_with(6, "\xc2\x85", 2), ERR_FORMAT);
	assert_int_equal(decode_with(6, "\xe2\x80\xa8", 3), ERR_FORMAT);
	assert_int_equal(decode_with(7, "ar", 2), OK);
	assert_int_equal(decode_with(7, "a r", 3), ERR_FORMAT);
	assert_int_equal(decode_with(7, subject, LANGUAGE_BYTES_MAX + 1),
	    ERR_FORMAT);
	for (size_t i = 0; i < sizeof(marks); i++)
		assert_int_equal(decode_with(8, &marks[i], 1), ERR_FORMAT);
	assert_int_equal(decode_with(9, an_id, 16), OK);
	assert_int_equal(decode_with(9, an_id, 15), ERR_FORMAT);
	assert_int_equal(decode_with(12, most, 4), OK);
	assert_int_equal(decode_with(12, large, 4), ERR_LIMIT);
	assert_int_equal(decode_with(12, most, 3), ERR_FORMAT);
	free(subject);
}

static int
decode_attachment(uint64_t bytes, const char *name, size_t name_len,
    const char *type)
{
	uint8_t value[600];
	struct writer w;

	buf_write(&w, value, sizeof(value));
	buf_put_u64(&w, bytes);
	buf_put_u8(&w, (uint8_t)name_len);
	buf_put_bytes(&w, name, name_len);
	buf_put_u8(&w, (uint8_t)strlen(type));
	buf_put_bytes(&w, type, strlen(type));
	return decode_with(11, value, w.len);
}

static void
record_refuses_bad_attachments(void **state)
{
	char type[ATTACHMENT_TYPE_BYTES_MAX + 2];
	char name[ATTACHMENT_NAME_BYTES_MAX];

	(void)state;
	memset(type, 't', sizeof(type));
	type[ATTACHMENT_TYPE_BYTES_MAX + 1] = '\0';
	memset(name, 'n', sizeof(name));
	assert_int_equal(decode_attachment(5, "a", 1, "text/plain"), OK);
	assert_int_equal(decode_attachment(5, name, sizeof(name), "t"), OK);
	assert_int_equal(decode_attachment(ATTACHMENT_BYTES_MAX, "a", 1, "t"),
	    OK);
	assert_int_equal(decode_attachment(ATTACHMENT_BYTES_MAX + 1, "a", 1,
			     "t"),
	    ERR_LIMIT);
	assert_int_equal(decode_attachment(UINT64_MAX, "a", 1, "t"), ERR_LIMIT);
	assert_int_equal(decode_attachment(5, "", 0, "t"), ERR_FORMAT);
	assert_int_equal(decode_attachment(5, "a/b", 3, "t"), ERR_FORMAT);
	assert_int_equal(decode_attachment(5, "..", 2, "t"), ERR_FORMAT);
	assert_int_equal(decode_attachment(5, "a\0b", 3, "t"), ERR_FORMAT);
	assert_int_equal(decode_attachment(5, "a", 1, ""), ERR_FORMAT);
	assert_int_equal(decode_attachment(5, "a", 1, "a b"), ERR_FORMAT);
	assert_int_equal(decode_attachment(5, "a", 1, type), ERR_FORMAT);
}

static void
record_refuses_one_attachment_too_many(void **state)
{
	static const uint8_t one[] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 'a', 1, 't' };
	struct forge forge;

	(void)state;
	for (int extra = 0; extra < 2; extra++) {
		forge_start(&forge, RECORD_MESSAGE);
		for (int i = 0; i < ATTACHMENTS_MAX + extra; i++)
			forge_put(&forge, 11, one, sizeof(one));
		forge_number(&forge, 12, 0, 4);
		assert_int_equal(forge_end(&forge), extra ? ERR_LIMIT : OK);
	}
}

static void
record_knows_names_that_are_only_names(void **state)
{
	(void)state;
	assert_true(record_is_file_name("...", 3));
	assert_true(record_is_file_name("보고서.pdf", strlen("보고서.pdf")));
	assert_false(record_is_file_name(".", 1));
	assert_false(record_is_file_name("/", 1));
	assert_false(record_is_file_name("a\x7f", 2));
	assert_true(record_is_file_name(".a", 2));
	assert_true(record_is_file_name("a.", 2));
	assert_true(record_is_file_name("\xc2\xa0", 2));
	assert_false(record_is_file_name("\xc2\x9f", 2));
	assert_false(record_is_file_name("a\xe2\x80\xa8", 4));
	assert_false(record_is_file_name("a\xe2\x80\xa9", 4));
	assert_true(record_is_text("a\tb\r\n", 5));
	assert_false(record_is_text("\xf4\x90\x80\x80", 4));
	assert_false(record_is_text("\xc0\x80", 2));
	assert_false(record_is_text("a\0", 2));
}

/* What is put of terms, by hand; re and cadence where they are wanted. */
static int
forge_terms(uint64_t number, size_t number_bytes, bool about,
    uint64_t frame_bytes, uint64_t slot_us)
{
	struct forge forge;
	uint8_t cadence[6];

	forge_begin(&forge);
	forge_number(&forge, 1, RECORD_TERMS, 1);
	forge_put(&forge, 2, an_id, sizeof(an_id));
	forge_number(&forge, 4, 1, 8);
	if (about)
		forge_put(&forge, 9, an_id, sizeof(an_id));
	if (number_bytes > 0)
		forge_number(&forge, 14, number, number_bytes);
	for (size_t i = 0; i < 2; i++)
		cadence[i] = (uint8_t)(frame_bytes >> (8 * i));
	for (size_t i = 0; i < 4; i++)
		cadence[2 + i] = (uint8_t)(slot_us >> (8 * i));
	if (frame_bytes > 0)
		forge_put(&forge, 15, cadence, sizeof(cadence));
	return forge_end(&forge);
}

static void
record_takes_terms_of_three_kinds(void **state)
{
	struct record record = { .kind = RECORD_TERMS, .number = UINT32_MAX };
	struct record back;
	struct bytes bytes;

	(void)state;
	record.cadence = (struct cadence){ FRAME_BYTES_MAX, SLOT_US_MAX };
	bytes = encode(&record);
	assert_int_equal(record_decode_head(&back, bytes.data, bytes.len), OK);
	assert_int_equal(back.number, UINT32_MAX);
	assert_int_equal(back.cadence.frame_bytes, FRAME_BYTES_MAX);
	assert_int_equal(back.cadence.slot_us, SLOT_US_MAX);
	assert_false(back.has_re);
	record.cadence = (struct cadence){ 0, 0 };
	bytes = encode(&record);
	assert_int_equal(record_decode_head(&back, bytes.data, bytes.len), OK);
	assert_int_equal(back.cadence.slot_us, 0);
	record.has_re = true;
	bytes = encode(&record);
	assert_int_equal(record_decode_head(&back, bytes.data, bytes.len), OK);
	assert_true(back.has_re);
	assert_int_equal(record_class(RECORD_TERMS, PRECEDENCE_FLASH),
	    CLASS_NOTES);
}

static void
record_refuses_terms_that_say_two_things_or_none(void **state)
{
	(void)state;
	assert_int_equal(forge_terms(1, 4, false, 1200, 20000), OK);
	assert_int_equal(forge_terms(1, 4, true, 0, 0), OK);
	assert_int_equal(forge_terms(1, 4, true, 1200, 20000), ERR_FORMAT);
	assert_int_equal(forge_terms(1, 0, false, 1200, 20000), ERR_FORMAT);
	assert_int_equal(forge_terms(1, 0, true, 0, 0), ERR_FORMAT);
	assert_int_equal(forge_terms(0, 4, false, 1200, 20000), ERR_FORMAT);
	assert_int_equal(forge_terms(1, 3, false, 1200, 20000), ERR_FORMAT);
	assert_int_equal(forge_terms(1, 5, false, 1200, 20000), ERR_FORMAT);
	assert_int_equal(forge_terms(1, 4, false, FRAME_BYTES_MIN - 1, 20000),
	    ERR_LIMIT);
	assert_int_equal(forge_terms(1, 4, false, FRAME_BYTES_MAX + 1, 20000),
	    ERR_LIMIT);
	assert_int_equal(forge_terms(1, 4, false, 1200, SLOT_US_MIN - 1),
	    ERR_LIMIT);
	assert_int_equal(forge_terms(1, 4, false, 1200, 0), ERR_LIMIT);
	assert_int_equal(forge_terms(1, 4, false, 1200, UINT32_MAX), ERR_LIMIT);
}

/* What doc/protocol.md says of each kind: what it needs, and what it may have;
 * and how long its text may be, 0 for none. */
static const struct {
	enum record_kind kind;
	const char *needs;
	const char *takes;
	uint32_t text_least;
	uint32_t text_most;
	enum record_class class;
} each[] = {
	{ RECORD_MESSAGE, "1 2 3 4 5 12", "6 7 8 9 10 11 17 23 24 25", 0,
	    TEXT_BYTES_MAX, CLASS_ROUTINE },
	{ RECORD_RECEIPT, "1 2 4 9 13", "23", 0, 0, CLASS_NOTES },
	{ RECORD_DRILL, "1 2 4", "12 23", 0, DRILL_TEXT_BYTES_MAX,
	    CLASS_NOTES },
	{ RECORD_DRILL_ANSWER, "1 2 4 9", "", 0, 0, CLASS_NOTES },
	{ RECORD_DAY, "1 2 4 16", "", 0, 0, CLASS_NOTES },
	{ RECORD_POINT, "1 2 4 6", "7 12 19 23 24", 0, NOTE_TEXT_BYTES_MAX,
	    CLASS_NOTES },
	{ RECORD_STANDING, "1 2 4 9 18", "7 12 19 23 24", 0,
	    NOTE_TEXT_BYTES_MAX, CLASS_NOTES },
	{ RECORD_PUBLIC, "1 2 4 20 21 22", "7 9 12 23 24", 0,
	    NOTE_TEXT_BYTES_MAX, CLASS_NOTES },
	{ RECORD_READING, "1 2 4 9", "7 12 23 24", 0, NOTE_TEXT_BYTES_MAX,
	    CLASS_NOTES },
	{ RECORD_TRANSLATION, "1 2 4 7 9 12", "23 24", 1, TEXT_BYTES_MAX,
	    CLASS_ROUTINE },
	{ RECORD_CONSENT, "1 2 4 9 27", "12 23 24", 0, NOTE_TEXT_BYTES_MAX,
	    CLASS_NOTES },
	{ RECORD_ROSTER, "1 2 4", "12 23", 0, NOTE_TEXT_BYTES_MAX,
	    CLASS_NOTES },
	{ RECORD_MONTH, "1 2 4 29", "", 0, 0, CLASS_NOTES },
	{ RECORD_SERVICE, "1 2 4 12", "23", 1, SERVICE_TEXT_BYTES_MAX,
	    CLASS_ROUTINE },
};

enum { EACH_COUNT = sizeof(each) / sizeof(each[0]), TYPES = 32 };

static bool
is_in(const char *list, unsigned type)
{
	char *end;

	while (*list != '\0') {
		if (strtoul(list, &end, 10) == type)
			return true;
		list = end;
	}
	return false;
}

/* Some good value of a type. */
static void
forge_sample(struct forge *forge, unsigned type, enum record_kind kind,
    uint32_t text_bytes)
{
	static const uint8_t attachment[] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 'a', 1,
		't' };
	uint8_t some[4 + 4 * DAY_PART_COUNT] = { 0 };

	switch (type) {
	case 1:
		forge_number(forge, 1, kind, 1);
		break;
	case 2:
	case 9:
	case 10:
	case 17:
		forge_put(forge, (uint8_t)type, an_id, sizeof(an_id));
		break;
	case 4:
	case 5:
	case 19:
	case 20:
		forge_number(forge, (uint8_t)type, 1, 8);
		break;
	case 6:
	case 7:
	case 21:
	case 22:
	case 23:
	case 31:
	case 32:
		forge_put(forge, (uint8_t)type, "en", 2);
		break;
	case 11:
		forge_put(forge, 11, attachment, sizeof(attachment));
		break;
	case 12:
		forge_number(forge, 12, text_bytes, 4);
		break;
	case 14:
	case 25:
	case 28:
	case 30:
		forge_number(forge, (uint8_t)type, 1, 4);
		break;
	case 15:
		some[0] = 0xb0; /* 1200 bytes every 20 ms */
		some[1] = 0x04;
		some[2] = 0x20;
		some[3] = 0x4e;
		forge_put(forge, 15, some, 6);
		break;
	case 16:
		some[4] = 1;
		forge_put(forge, 16, some, sizeof(some));
		break;
	case 29:
		some[0] = 0x58; /* 1970-01 */
		some[1] = 0x5c;
		forge_put(forge, 29, some, 28);
		break;
	default:
		forge_number(forge, (uint8_t)type, 1, 1);
		break;
	}
}

/* A record of each[i] that has what it needs, and also those of `with`, but not
 * `without`. */
static int
forge_each(size_t i, unsigned with, unsigned without, uint32_t text_bytes)
{
	struct forge forge;

	forge_begin(&forge);
	for (unsigned type = 1; type <= TYPES; type++) {
		if (type != without &&
		    (type == with || is_in(each[i].needs, type)))
			forge_sample(&forge, type, each[i].kind, text_bytes);
	}
	return forge_end(&forge);
}

static void
record_of_each_kind_has_what_it_needs_and_no_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < EACH_COUNT; i++) {
		assert_int_equal(forge_each(i, 0, 0, 1), OK);
		for (unsigned type = 1; type <= TYPES; type++) {
			const bool needs = is_in(each[i].needs, type);
			const bool takes = is_in(each[i].takes, type);

			assert_int_equal(forge_each(i, 0, type, 1),
			    needs ? ERR_FORMAT : OK);
			assert_int_equal(forge_each(i, type, 0, 1),
			    needs || takes ? OK : ERR_FORMAT);
		}
	}
}

static void
record_of_each_kind_has_a_text_of_its_size(void **state)
{
	const uint32_t empty = 0;

	(void)state;
	for (size_t i = 0; i < EACH_COUNT; i++) {
		const uint32_t most = each[i].text_most;

		assert_int_equal(record_text_most(each[i].kind), most);
		assert_int_equal(record_class(each[i].kind, PRECEDENCE_ROUTINE),
		    each[i].class);
		if (most == 0)
			continue;
		assert_int_equal(forge_each(i, 12, 0, most), OK);
		assert_int_equal(forge_each(i, 12, 0, most + 1), ERR_LIMIT);
		assert_int_equal(forge_each(i, 12, 0, UINT32_MAX), ERR_LIMIT);
		/* A text that may be left out is not said to be empty. */
		assert_int_equal(forge_each(i, 12, 0, empty),
		    each[i].kind == RECORD_MESSAGE ? OK : ERR_FORMAT);
	}
}

/* One value of a kind that takes it, in place of the sample. */
static int
forge_value(enum record_kind kind, unsigned type, const void *value, size_t len)
{
	struct forge forge;
	size_t i = 0;

	while (each[i].kind != kind)
		i++;
	forge_begin(&forge);
	for (unsigned t = 1; t <= TYPES; t++) {
		if (t == type)
			forge_put(&forge, (uint8_t)t, value, len);
		else if (is_in(each[i].needs, t))
			forge_sample(&forge, t, kind, 1);
	}
	return forge_end(&forge);
}

static void
record_refuses_words_and_times_that_are_none(void **state)
{
	static const uint8_t standings[] = { 0, STANDING_COUNT, 255 };
	static const uint8_t verdicts[] = { 0, VERDICT_COUNT, 255 };
	static const uint8_t flags[] = { 0, 2, 255 };
	const uint64_t times[] = { 0, (uint64_t)WATCH_UNTIL_MS_MAX + 1,
		UINT64_MAX };
	const uint64_t last = (uint64_t)WATCH_UNTIL_MS_MAX;
	char label[LABEL_BYTES_MAX + 1];

	(void)state;
	memset(label, 'l', sizeof(label));
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(forge_value(RECORD_STANDING, 18, &standings[i],
				     1),
		    ERR_FORMAT);
		assert_int_equal(forge_value(RECORD_CONSENT, 27, &verdicts[i],
				     1),
		    ERR_FORMAT);
		assert_int_equal(forge_value(RECORD_MESSAGE, 24, &flags[i], 1),
		    ERR_FORMAT);
		assert_int_equal(forge_value(RECORD_POINT, 19, &times[i], 8),
		    ERR_FORMAT);
		assert_int_equal(forge_value(RECORD_PUBLIC, 20, &times[i], 8),
		    ERR_FORMAT);
	}
	assert_int_equal(forge_value(RECORD_POINT, 19, &last, 8), OK);
	assert_int_equal(forge_value(RECORD_PUBLIC, 20, &last, 7), ERR_FORMAT);
	for (unsigned type = 21; type <= 23; type++) {
		assert_int_equal(forge_value(RECORD_PUBLIC, type, label,
				     LABEL_BYTES_MAX),
		    OK);
		assert_int_equal(forge_value(RECORD_PUBLIC, type, label,
				     LABEL_BYTES_MAX + 1),
		    ERR_FORMAT);
		assert_int_equal(forge_value(RECORD_PUBLIC, type, "", 0),
		    ERR_FORMAT);
		assert_int_equal(forge_value(RECORD_PUBLIC, type, "a\nb", 3),
		    ERR_FORMAT);
	}
}

static void
record_belongs_to_few_points_each_once(void **state)
{
	struct forge forge;
	uint8_t id[RECORD_ID_BYTES] = { 0 };

	(void)state;
	for (unsigned extra = 0; extra < 2; extra++) {
		forge_start(&forge, RECORD_MESSAGE);
		forge_number(&forge, 12, 0, 4);
		for (unsigned i = 0; i < RECORD_POINTS_MAX + extra; i++) {
			id[0] = (uint8_t)i;
			forge_put(&forge, 17, id, sizeof(id));
		}
		assert_int_equal(forge_end(&forge), extra ? ERR_LIMIT : OK);
	}
	forge_start(&forge, RECORD_MESSAGE);
	forge_number(&forge, 12, 0, 4);
	forge_put(&forge, 17, an_id, sizeof(an_id));
	forge_put(&forge, 17, an_id, sizeof(an_id));
	assert_int_equal(forge_end(&forge), ERR_FORMAT);
	assert_int_equal(forge_value(RECORD_MESSAGE, 17, an_id, 15),
	    ERR_FORMAT);
}

static int
forge_pact(unsigned kind, const char *types)
{
	struct forge forge;

	forge_begin(&forge);
	for (unsigned t = 1; t <= TYPES; t++) {
		if (t == 26)
			forge_number(&forge, 26, kind, 1);
		else if (is_in(types, t))
			forge_sample(&forge, t, RECORD_PACT, 100);
	}
	return forge_end(&forge);
}

static void
record_of_a_pact_is_a_form_or_a_disclosure(void **state)
{
	uint8_t set[4] = { 0 };
	struct forge forge;

	(void)state;
	assert_int_equal(forge_pact(PACT_FORM, "1 2 4 6 7 12 25 32"), OK);
	assert_int_equal(forge_pact(PACT_FORM, "1 2 4 6 7 12 23 24 25 32"), OK);
	assert_int_equal(forge_pact(PACT_DISCLOSURE, "1 2 4 28"), OK);
	assert_int_equal(forge_pact(PACT_FORM, "1 2 4 7 12 25 32"), ERR_FORMAT);
	assert_int_equal(forge_pact(PACT_FORM, "1 2 4 6 12 25 32"), ERR_FORMAT);
	assert_int_equal(forge_pact(PACT_FORM, "1 2 4 6 7 25 32"), ERR_FORMAT);
	assert_int_equal(forge_pact(PACT_FORM, "1 2 4 6 7 12 32"), ERR_FORMAT);
	assert_int_equal(forge_pact(PACT_FORM, "1 2 4 6 7 12 25"), ERR_FORMAT);
	assert_int_equal(forge_pact(PACT_FORM, "1 2 4 6 7 12 25 28 32"),
	    ERR_FORMAT);
	assert_int_equal(forge_pact(PACT_DISCLOSURE, "1 2 4"), ERR_FORMAT);
	assert_int_equal(forge_pact(PACT_DISCLOSURE, "1 2 4 6 28"), ERR_FORMAT);
	assert_int_equal(forge_pact(PACT_DISCLOSURE, "1 2 4 25 28"),
	    ERR_FORMAT);
	assert_int_equal(forge_pact(0, "1 2 4 28"), ERR_FORMAT);
	assert_int_equal(forge_pact(PACT_KIND_COUNT, "1 2 4 28"), ERR_FORMAT);
	/* Nothing is something that may be agreed; an unknown thing is not. */
	for (unsigned bits = 0; bits <= 1u << DISCLOSED_COUNT; bits++) {
		set[0] = (uint8_t)bits;
		forge_start(&forge, RECORD_PACT);
		forge_number(&forge, 26, PACT_DISCLOSURE, 1);
		forge_put(&forge, 28, set, sizeof(set));
		assert_int_equal(forge_end(&forge),
		    bits < 1u << DISCLOSED_COUNT ? OK : ERR_FORMAT);
	}
}

static int
forge_step(uint64_t step, const char *types, size_t data)
{
	uint8_t bytes[WILLING_DATA_BYTES_MAX + 1] = { 0 };
	struct forge forge;

	forge_begin(&forge);
	for (unsigned t = 1; t <= TYPES; t++) {
		if (t == 30)
			forge_number(&forge, 30, step, 4);
		else if (t == 31)
			forge_put(&forge, 31, bytes, data);
		else if (is_in(types, t))
			forge_sample(&forge, t, RECORD_WILLING, 10);
	}
	return forge_end(&forge);
}

static void
record_of_willingness_asks_first_and_answers_then(void **state)
{
	(void)state;
	assert_int_equal(forge_step(1, "1 2 4 12", 192), OK);
	assert_int_equal(forge_step(2, "1 2 4 9", WILLING_DATA_BYTES_MAX), OK);
	assert_int_equal(forge_step(WILLING_STEPS, "1 2 4 9", 1), OK);
	assert_int_equal(forge_step(1, "1 2 4", 192), ERR_FORMAT);
	assert_int_equal(forge_step(1, "1 2 4 9 12", 192), ERR_FORMAT);
	assert_int_equal(forge_step(2, "1 2 4", 192), ERR_FORMAT);
	assert_int_equal(forge_step(2, "1 2 4 9 12", 192), ERR_FORMAT);
	assert_int_equal(forge_step(0, "1 2 4 12", 192), ERR_FORMAT);
	assert_int_equal(forge_step(WILLING_STEPS + 1, "1 2 4 9", 192),
	    ERR_FORMAT);
	assert_int_equal(forge_step(2, "1 2 4 9", 0), ERR_FORMAT);
	assert_int_equal(forge_step(2, "1 2 4 9", WILLING_DATA_BYTES_MAX + 1),
	    ERR_FORMAT);
}

static void
record_of_a_month_has_no_more_answers_than_drills(void **state)
{
	struct record record = { .kind = RECORD_MONTH, .time_ms = 1 }, back;
	struct month *month = &record.month;
	struct bytes bytes;
	struct forge forge;
	uint8_t bad[28] = { 0x58, 0x5c }; /* 1970-01 */

	(void)state;
	*month = (struct month){ MONTH_MAX, 60, 57, 3, 800, 9000, 50 };
	assert_true(record_is_month(month));
	bytes = encode(&record);
	assert_int_equal(record_decode_head(&back, bytes.data, bytes.len), OK);
	assert_memory_equal(&back.month, month, sizeof(*month));
	*month = (struct month){ MONTH_MIN, 0, 0, 0, 0, 0, 0 };
	assert_true(record_is_month(month));
	*month = (struct month){ MONTH_MIN - 1, 60, 57, 3, 800, 9000, 50 };
	assert_false(record_is_month(month));
	*month = (struct month){ MONTH_MAX + 1, 60, 57, 3, 800, 9000, 50 };
	assert_false(record_is_month(month));
	*month = (struct month){ MONTH_MAX, 60, 58, 3, 800, 9000, 50 };
	assert_false(record_is_month(month));
	*month = (struct month){ MONTH_MAX, 60, 61, 0, 800, 9000, 50 };
	assert_false(record_is_month(month));
	*month = (struct month){ MONTH_MAX, 60, 57, UINT32_MAX, 8, 9, 50 };
	assert_false(record_is_month(month));
	*month = (struct month){ MONTH_MAX, 60, 57, 3, 9001, 9000, 50 };
	assert_false(record_is_month(month));
	*month = (struct month){ MONTH_MAX, 60, 57, 3, 800, 9000, 61 };
	assert_false(record_is_month(month));
	for (size_t len = 0; len <= sizeof(bad); len++) {
		forge_start(&forge, RECORD_MONTH);
		forge_put(&forge, 29, bad, len);
		assert_int_equal(forge_end(&forge),
		    len == sizeof(bad) ? OK : ERR_FORMAT);
	}
	bad[8] = 1; /* an answer to no drill */
	forge_start(&forge, RECORD_MONTH);
	forge_put(&forge, 29, bad, sizeof(bad));
	assert_int_equal(forge_end(&forge), ERR_FORMAT);
}

/* All that the kinds have, to the encoder and back. */
static void
record_of_what_people_say_comes_back(void **state)
{
	struct record record = { .kind = RECORD_PUBLIC,
		.time_ms = 5,
		.said_ms = 1795000000000,
		.speaker = text("their minister"),
		.source = text("evening news"),
		.author = text("night desk"),
		.language = text("ar"),
		.has_re = true,
		.is_emergency = true,
		.text_bytes = 12 };
	struct record_layout layout;
	struct record back;
	struct bytes bytes = encode(&record);

	(void)state;
	assert_int_equal(record_decode_head(&back, bytes.data, bytes.len), OK);
	assert_int_equal(back.said_ms, record.said_ms);
	assert_memory_equal(back.speaker.data, "their minister", 14);
	assert_memory_equal(back.source.data, "evening news", 12);
	assert_memory_equal(back.author.data, "night desk", 10);
	assert_true(back.has_re && back.is_emergency);
	record_lay_out(&layout, &back, bytes.len);
	assert_int_equal(layout.total, bytes.len + 12);
	record = full_message();
	record.points = 2;
	memset(record.point[0], 7, RECORD_ID_BYTES);
	record.form = 12;
	bytes = encode(&record);
	assert_int_equal(record_decode_head(&back, bytes.data, bytes.len), OK);
	assert_int_equal(back.points, 2);
	assert_memory_equal(back.point, record.point, 2 * RECORD_ID_BYTES);
	assert_int_equal(back.form, 12);
	record = (struct record){ .kind = RECORD_STANDING,
		.standing = STANDING_RESERVED,
		.deadline_ms = 9,
		.has_re = true };
	bytes = encode(&record);
	assert_int_equal(record_decode_head(&back, bytes.data, bytes.len), OK);
	assert_int_equal(back.standing, STANDING_RESERVED);
	assert_int_equal(back.deadline_ms, 9);
	assert_string_equal(word_name(&record_standings, back.standing),
	    "reserved");
}

static void
record_refuses_kinds_that_are_none(void **state)
{
	struct forge forge;

	(void)state;
	for (unsigned kind = RECORD_KIND_COUNT; kind < 256; kind++) {
		forge_start(&forge, (enum record_kind)kind);
		assert_int_equal(forge_end(&forge), ERR_FORMAT);
	}
	forge_start(&forge, (enum record_kind)0);
	assert_int_equal(forge_end(&forge), ERR_FORMAT);
}

static void
record_may_be_of_an_emergency_where_people_say_it(void **state)
{
	(void)state;
	for (int kind = RECORD_MESSAGE; kind < RECORD_KIND_COUNT; kind++) {
		const bool is_spoken = kind == RECORD_MESSAGE ||
		    (kind >= RECORD_POINT && kind <= RECORD_CONSENT) ||
		    kind == RECORD_WILLING;

		assert_int_equal(record_is_spoken((enum record_kind)kind),
		    is_spoken);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(record_comes_back_as_it_was),
		cmocka_unit_test(record_of_each_kind_comes_back),
		cmocka_unit_test(
		    record_of_a_day_comes_back_and_has_no_more_than_a_day),
		cmocka_unit_test(record_goes_by_the_class_of_its_precedence),
		cmocka_unit_test(record_refuses_every_other_length),
		cmocka_unit_test(record_refuses_a_header_over_its_limit),
		cmocka_unit_test(record_withstands_each_bit_flipped),
		cmocka_unit_test(record_refuses_types_out_of_order),
		cmocka_unit_test(
		    record_skips_high_unknown_types_and_refuses_low_ones),
		cmocka_unit_test(
		    record_refuses_what_its_kind_lacks_or_has_too_much),
		cmocka_unit_test(record_refuses_values_out_of_bounds),
		cmocka_unit_test(record_takes_terms_of_three_kinds),
		cmocka_unit_test(
		    record_refuses_terms_that_say_two_things_or_none),
		cmocka_unit_test(record_refuses_bad_attachments),
		cmocka_unit_test(record_refuses_one_attachment_too_many),
		cmocka_unit_test(record_knows_names_that_are_only_names),
		cmocka_unit_test(
		    record_of_each_kind_has_what_it_needs_and_no_more),
		cmocka_unit_test(record_of_each_kind_has_a_text_of_its_size),
		cmocka_unit_test(record_refuses_words_and_times_that_are_none),
		cmocka_unit_test(record_belongs_to_few_points_each_once),
		cmocka_unit_test(record_of_a_pact_is_a_form_or_a_disclosure),
		cmocka_unit_test(
		    record_of_willingness_asks_first_and_answers_then),
		cmocka_unit_test(
		    record_of_a_month_has_no_more_answers_than_drills),
		cmocka_unit_test(record_of_what_people_say_comes_back),
		cmocka_unit_test(record_refuses_kinds_that_are_none),
		cmocka_unit_test(
		    record_may_be_of_an_emergency_where_people_say_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
