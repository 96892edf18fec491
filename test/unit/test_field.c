/* A struct's table, and the bytes between the rooms. */
#include "proc/field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

enum { TEXT_MAX = 8, ITEMS_MAX = 3, MARKS_MAX = 2 };

static const char *const colours[] = { "red", "green", "blue" };
static const struct word_list colour_words = WORD_LIST(colours);

struct item {
	uint64_t n;
};

struct mark {
	char ref[REQUEST_REF_BYTES];
};

struct thing {
	struct text text;
	char ref[REQUEST_REF_BYTES];
	uint64_t number;
	int64_t time_ms;
	bool yes;
	uint8_t colour;
	uint32_t set;
	uint8_t id[FIELD_ID_BYTES];
	struct item item[ITEMS_MAX];
	size_t items;
	struct mark mark[MARKS_MAX];
	size_t marks;
};

static const struct field item_fields[] = {
	{ .name = "n",
	    .kind = FIELD_NUMBER,
	    .offset = offsetof(struct item, n) },
};
static const struct layout item_layout = LAYOUT(item_fields, struct item);

static const struct field mark_fields[] = {
	{ .kind = FIELD_REF, .offset = offsetof(struct mark, ref) },
};
static const struct layout mark_layout = LAYOUT(mark_fields, struct mark);

static const struct field thing_fields[] = {
	{ .name = "text",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct thing, text),
	    .most = TEXT_MAX },
	{ .name = "ref",
	    .kind = FIELD_REF,
	    .offset = offsetof(struct thing, ref) },
	{ .name = "number",
	    .kind = FIELD_NUMBER,
	    .offset = offsetof(struct thing, number),
	    .most = 100 },
	{ .name = "time",
	    .kind = FIELD_TIME,
	    .offset = offsetof(struct thing, time_ms) },
	{ .name = "yes",
	    .kind = FIELD_BOOL,
	    .offset = offsetof(struct thing, yes) },
	{ .name = "colour",
	    .kind = FIELD_WORD,
	    .offset = offsetof(struct thing, colour),
	    .words = &colour_words },
	{ .name = "set",
	    .kind = FIELD_SET,
	    .offset = offsetof(struct thing, set),
	    .words = &colour_words },
	{ .name = "id",
	    .kind = FIELD_ID,
	    .offset = offsetof(struct thing, id) },
	{ .name = "items",
	    .kind = FIELD_LIST,
	    .offset = offsetof(struct thing, item),
	    .most = ITEMS_MAX,
	    .of = &item_layout,
	    .count = offsetof(struct thing, items) },
	{ .name = "marks",
	    .kind = FIELD_LIST,
	    .offset = offsetof(struct thing, mark),
	    .most = MARKS_MAX,
	    .of = &mark_layout,
	    .count = offsetof(struct thing, marks) },
};
static const struct layout thing_layout = LAYOUT(thing_fields, struct thing);

static uint8_t bytes[1024];

static struct thing
full(void)
{
	struct thing thing = { .text = { "12345678", TEXT_MAX },
		.ref = "them/p18446744073709551615",
		.number = 100,
		.time_ms = -1,
		.yes = true,
		.colour = 2,
		.set = 7,
		.item = { { 1 }, { 2 }, { UINT64_MAX } },
		.items = ITEMS_MAX,
		.mark = { { "us/1" }, { "us/p2" } },
		.marks = MARKS_MAX };

	memset(thing.id, 0xa5, sizeof(thing.id));
	return thing;
}

static size_t
encode(const struct thing *thing)
{
	struct writer w;

	buf_write(&w, bytes, sizeof(bytes));
	field_encode(&w, &thing_layout, thing);
	return buf_is_sound(&w) ? w.len : 0;
}

static int
decode(struct thing *thing, size_t len)
{
	struct reader r;
	int rc;

	buf_read(&r, bytes, len);
	rc = field_decode(&r, &thing_layout, thing);
	return rc != OK ? rc : buf_is_spent(&r);
}

static void
field_reads_what_it_wrote(void **state)
{
	const struct thing want = full();
	struct thing got;

	(void)state;
	memset(&got, 0xff, sizeof(got));
	assert_int_equal(decode(&got, encode(&want)), OK);
	assert_int_equal(got.text.len, TEXT_MAX);
	assert_memory_equal(got.text.data, "12345678", TEXT_MAX);
	assert_string_equal(got.ref, want.ref);
	assert_int_equal(got.number, 100);
	assert_int_equal(got.time_ms, -1);
	assert_true(got.yes);
	assert_int_equal(got.colour, 2);
	assert_int_equal(got.set, 7);
	assert_memory_equal(got.id, want.id, sizeof(want.id));
	assert_int_equal(got.items, ITEMS_MAX);
	assert_true(got.item[2].n == UINT64_MAX);
	assert_int_equal(got.marks, MARKS_MAX);
	assert_string_equal(got.mark[1].ref, "us/p2");
}

static void
field_reads_nothing_as_nothing(void **state)
{
	const struct thing want = { 0 };
	struct thing got;

	(void)state;
	memset(&got, 0xff, sizeof(got));
	assert_int_equal(decode(&got, encode(&want)), OK);
	assert_null(got.text.data);
	assert_string_equal(got.ref, "");
	assert_int_equal(got.items, 0);
	assert_int_equal(got.marks, 0);
}

static void
field_takes_no_more_than_it_says(void **state)
{
	const struct thing want = full();
	const size_t len = encode(&want);

	(void)state;
	assert_true(len > 0);
	assert_true(len <= field_bytes_max(&thing_layout));
}

static void
field_refuses_each_length_but_its_own(void **state)
{
	const struct thing want = full();
	const size_t len = encode(&want);
	struct thing got;

	(void)state;
	for (size_t i = 0; i < len; i++)
		assert_int_equal(decode(&got, i), ERR_FORMAT);
	assert_int_equal(decode(&got, len + 1), ERR_FORMAT);
}

static void
field_leaves_nothing_of_what_it_refuses(void **state)
{
	const struct thing want = full();
	const struct thing nothing = { 0 };
	struct thing got;

	(void)state;
	assert_int_equal(decode(&got, encode(&want) - 1), ERR_FORMAT);
	assert_memory_equal(&got, &nothing, sizeof(got));
}

static void
field_writes_nothing_beyond_its_bounds(void **state)
{
	struct thing thing = full();

	(void)state;
	thing.text = (struct text){ "123456789", TEXT_MAX + 1 };
	assert_int_equal(encode(&thing), 0);
	thing = full();
	thing.number = 101;
	assert_int_equal(encode(&thing), 0);
	thing = full();
	thing.colour = 3;
	assert_int_equal(encode(&thing), 0);
	thing = full();
	thing.items = ITEMS_MAX + 1;
	assert_int_equal(encode(&thing), 0);
}

/* Encodes thing, and gives the byte at `at` another value. */
static int
bent(const struct thing *thing, size_t at, uint8_t value)
{
	const size_t len = encode(thing);
	struct thing got;

	assert_true(at < len);
	bytes[at] = value;
	return decode(&got, len);
}

static void
field_refuses_what_its_table_does_not_allow(void **state)
{
	const struct thing none = { 0 };
	/* Where each field of a thing of nothing stands. */
	enum { NUMBER = 8, YES = 24, COLOUR = 25, SET = 26, ITEMS = 46 };

	(void)state;
	assert_int_equal(bent(&none, NUMBER, 100), OK);
	assert_int_equal(bent(&none, NUMBER, 101), ERR_FORMAT);
	assert_int_equal(bent(&none, NUMBER + 7, 1), ERR_FORMAT);
	assert_int_equal(bent(&none, YES, 2), ERR_FORMAT);
	assert_int_equal(bent(&none, COLOUR, 2), OK);
	assert_int_equal(bent(&none, COLOUR, 3), ERR_FORMAT);
	assert_int_equal(bent(&none, SET, 8), ERR_FORMAT);
	assert_int_equal(bent(&none, SET + 3, 0x80), ERR_FORMAT);
	assert_int_equal(bent(&none, ITEMS, ITEMS_MAX + 1), ERR_FORMAT);
	assert_int_equal(bent(&none, ITEMS + 1, 1), ERR_FORMAT);
	/* An item that is announced and not there. */
	assert_int_equal(bent(&none, ITEMS, 1), ERR_FORMAT);
}

static void
field_refuses_texts_that_are_too_long(void **state)
{
	struct thing got;
	struct writer w;

	(void)state;
	buf_write(&w, bytes, sizeof(bytes));
	buf_put_blob32(&w, "123456789", TEXT_MAX + 1);
	buf_put_zeros(&w, 256);
	assert_int_equal(decode(&got, w.len), ERR_FORMAT);
	assert_null(got.text.data);
}

static void
field_refuses_a_reference_with_a_tail(void **state)
{
	struct thing got;
	struct writer w;

	(void)state;
	buf_write(&w, bytes, sizeof(bytes));
	buf_put_blob32(&w, NULL, 0);
	buf_put_blob32(&w, "us/1\0us/2", 9);
	buf_put_zeros(&w, 42);
	assert_int_equal(decode(&got, w.len), ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(field_reads_what_it_wrote),
		cmocka_unit_test(field_reads_nothing_as_nothing),
		cmocka_unit_test(field_takes_no_more_than_it_says),
		cmocka_unit_test(field_refuses_each_length_but_its_own),
		cmocka_unit_test(field_leaves_nothing_of_what_it_refuses),
		cmocka_unit_test(field_writes_nothing_beyond_its_bounds),
		cmocka_unit_test(field_refuses_what_its_table_does_not_allow),
		cmocka_unit_test(field_refuses_texts_that_are_too_long),
		cmocka_unit_test(field_refuses_a_reference_with_a_tail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
