#include "base/buf.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
writer_puts_numbers_least_byte_first(void **state)
{
	static const uint8_t want[] = { 1, 3, 2, 7, 6, 5, 4, 15, 14, 13, 12, 11,
		10, 9, 8 };
	uint8_t data[sizeof(want)];
	struct writer w;

	(void)state;
	buf_write(&w, data, sizeof(data));
	buf_put_u8(&w, 1);
	buf_put_u16(&w, 0x0203);
	buf_put_u32(&w, 0x04050607);
	buf_put_u64(&w, 0x08090a0b0c0d0e0f);
	assert_true(buf_is_sound(&w));
	assert_int_equal(buf_room(&w), 0);
	assert_memory_equal(data, want, sizeof(want));
}

static void
reader_gets_back_what_writer_put(void **state)
{
	uint8_t data[128], bytes[3], zeros[2];
	const uint8_t *blob;
	struct writer w;
	struct reader r;
	size_t len;

	(void)state;
	buf_write(&w, data, sizeof(data));
	buf_put_u8(&w, 0xff);
	buf_put_u16(&w, 0xfffe);
	buf_put_u32(&w, 0xfffefdfc);
	buf_put_u64(&w, UINT64_MAX);
	buf_put_bytes(&w, "abc", 3);
	buf_put_zeros(&w, 2);
	buf_put_blob16(&w, "de", 2);
	buf_put_blob32(&w, "fgh", 3);
	buf_put_blob16(&w, NULL, 0);
	assert_true(buf_is_sound(&w));

	buf_read(&r, data, w.len);
	assert_int_equal(buf_get_u8(&r), 0xff);
	assert_int_equal(buf_get_u16(&r), 0xfffe);
	assert_int_equal(buf_get_u32(&r), 0xfffefdfc);
	assert_true(buf_get_u64(&r) == UINT64_MAX);
	buf_get_bytes(&r, bytes, sizeof(bytes));
	assert_memory_equal(bytes, "abc", 3);
	buf_get_bytes(&r, zeros, sizeof(zeros));
	assert_memory_equal(zeros, "\0\0", 2);
	blob = buf_get_blob16(&r, &len);
	assert_int_equal(len, 2);
	assert_memory_equal(blob, "de", 2);
	blob = buf_get_blob32(&r, &len);
	assert_int_equal(len, 3);
	assert_memory_equal(blob, "fgh", 3);
	assert_non_null(buf_get_blob16(&r, &len));
	assert_int_equal(len, 0);
	assert_int_equal(buf_left(&r), 0);
	assert_int_equal(buf_is_spent(&r), OK);
}

static void
writer_refuses_one_byte_too_many(void **state)
{
	uint8_t data[8];
	struct writer w;

	(void)state;
	for (size_t cap = 0; cap < 8; cap++) {
		memset(data, 0xaa, sizeof(data));
		buf_write(&w, data, cap);
		buf_put_u64(&w, 0);
		assert_false(buf_is_sound(&w));
		for (size_t i = 0; i < sizeof(data); i++)
			assert_int_equal(data[i], 0xaa);
	}
	buf_write(&w, data, 8);
	buf_put_u64(&w, 0);
	assert_true(buf_is_sound(&w));
	buf_put_u8(&w, 0);
	assert_false(buf_is_sound(&w));
}

static void
writer_stays_failed(void **state)
{
	uint8_t data[4] = { 0 };
	struct writer w;

	(void)state;
	buf_write(&w, data, sizeof(data));
	buf_put_zeros(&w, 5);
	assert_int_equal(buf_room(&w), 0);
	buf_put_u8(&w, 0xff);
	buf_put_bytes(&w, "a", 1);
	buf_put_varint(&w, 1);
	assert_false(buf_is_sound(&w));
	assert_int_equal(w.len, 0);
	assert_memory_equal(data, "\0\0\0\0", 4);
}

static void
writer_refuses_length_that_would_wrap(void **state)
{
	uint8_t data[4];
	struct writer w;

	(void)state;
	buf_write(&w, data, sizeof(data));
	buf_put_u8(&w, 1);
	buf_put_zeros(&w, SIZE_MAX);
	assert_false(buf_is_sound(&w));
}

static void
writer_refuses_blob_longer_than_its_length(void **state)
{
	static uint8_t data[UINT16_MAX + 16], blob[UINT16_MAX + 1];
	struct writer w;

	(void)state;
	buf_write(&w, data, sizeof(data));
	buf_put_blob16(&w, blob, UINT16_MAX + 1);
	assert_false(buf_is_sound(&w));
	buf_write(&w, data, sizeof(data));
	buf_put_blob16(&w, blob, UINT16_MAX);
	assert_true(buf_is_sound(&w));
}

static void
reader_refuses_one_byte_too_many(void **state)
{
	static const uint8_t data[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct reader r;

	(void)state;
	for (size_t len = 0; len < 8; len++) {
		buf_read(&r, data, len);
		assert_true(buf_get_u64(&r) == 0);
		assert_false(buf_is_readable(&r));
		assert_int_equal(buf_is_spent(&r), ERR_FORMAT);
		assert_int_equal(buf_left(&r), 0);
	}
	buf_read(&r, data, 1);
	assert_int_equal(buf_get_u16(&r), 0);
	buf_read(&r, data, 3);
	assert_int_equal(buf_get_u32(&r), 0);
	buf_read(&r, data, 0);
	assert_int_equal(buf_get_u8(&r), 0);
	assert_int_equal(buf_is_spent(&r), ERR_FORMAT);
}

static void
reader_stays_failed(void **state)
{
	static const uint8_t data[4] = { 1, 2, 3, 4 };
	uint8_t bytes[2] = { 9, 9 };
	struct reader r;
	size_t len = 7;

	(void)state;
	buf_read(&r, data, sizeof(data));
	assert_null(buf_get_slice(&r, 5));
	assert_null(buf_get_slice(&r, 1));
	assert_int_equal(buf_get_u8(&r), 0);
	buf_get_bytes(&r, bytes, sizeof(bytes));
	assert_memory_equal(bytes, "\0\0", 2);
	assert_null(buf_get_blob16(&r, &len));
	assert_int_equal(len, 0);
	assert_true(buf_get_varint(&r) == 0);
	assert_int_equal(buf_is_spent(&r), ERR_FORMAT);
}

static void
reader_refuses_length_that_would_wrap(void **state)
{
	static const uint8_t data[4] = { 1, 2, 3, 4 };
	struct reader r;

	(void)state;
	buf_read(&r, data, sizeof(data));
	(void)buf_get_u8(&r);
	assert_null(buf_get_slice(&r, SIZE_MAX));
	assert_false(buf_is_readable(&r));
}

static void
reader_refuses_what_is_left_over(void **state)
{
	static const uint8_t data[2] = { 1, 2 };
	struct reader r;

	(void)state;
	buf_read(&r, data, sizeof(data));
	assert_int_equal(buf_is_spent(&r), ERR_FORMAT);
	(void)buf_get_u8(&r);
	assert_int_equal(buf_left(&r), 1);
	assert_int_equal(buf_is_spent(&r), ERR_FORMAT);
	assert_true(buf_is_readable(&r));
}

static void
reader_refuses_blob_cut_short(void **state)
{
	static const uint8_t blob16[] = { 3, 0, 'a', 'b' };
	static const uint8_t blob32[] = { 0xff, 0xff, 0xff, 0xff, 'a' };
	struct reader r;
	size_t len;

	(void)state;
	for (size_t cut = 0; cut <= sizeof(blob16); cut++) {
		buf_read(&r, blob16, cut);
		assert_null(buf_get_blob16(&r, &len));
		assert_int_equal(len, 0);
	}
	for (size_t cut = 0; cut <= sizeof(blob32); cut++) {
		buf_read(&r, blob32, cut);
		assert_null(buf_get_blob32(&r, &len));
		assert_int_equal(len, 0);
	}
}

static void
varint_round_trips_at_every_length(void **state)
{
	uint8_t data[16];
	struct writer w;
	struct reader r;

	(void)state;
	for (unsigned bits = 0; bits < 64; bits++) {
		uint64_t edge = UINT64_C(1) << bits;
		uint64_t values[] = { edge - 1, edge, edge + 1 };

		for (size_t i = 0; i < 3; i++) {
			buf_write(&w, data, sizeof(data));
			buf_put_varint(&w, values[i]);
			buf_read(&r, data, w.len);
			assert_true(buf_get_varint(&r) == values[i]);
			assert_int_equal(buf_is_spent(&r), OK);
		}
	}
	buf_write(&w, data, sizeof(data));
	buf_put_varint(&w, UINT64_MAX);
	assert_int_equal(w.len, 10);
	buf_read(&r, data, w.len);
	assert_true(buf_get_varint(&r) == UINT64_MAX);
}

static void
varint_is_as_short_as_it_can_be(void **state)
{
	uint8_t data[16];
	struct writer w;

	(void)state;
	buf_write(&w, data, sizeof(data));
	buf_put_varint(&w, 127);
	assert_int_equal(w.len, 1);
	buf_put_varint(&w, 128);
	assert_int_equal(w.len, 3);
	assert_memory_equal(data, "\x7f\x80\x01", 3);
}

/* Each is refused whole. */
static void
refuse_varint(const char *bytes, size_t len)
{
	struct reader r;

	buf_read(&r, bytes, len);
	assert_true(buf_get_varint(&r) == 0);
	assert_false(buf_is_readable(&r));
}

static void
varint_refuses_longer_form_than_needed(void **state)
{
	(void)state;
	refuse_varint("\x80\x00", 2);
	refuse_varint("\xff\x80\x00", 3);
	refuse_varint("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 10);
}

static void
varint_refuses_more_than_64_bits(void **state)
{
	(void)state;
	refuse_varint("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10);
	refuse_varint("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10);
	refuse_varint("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x00", 11);
}

static void
varint_refuses_to_end_early(void **state)
{
	(void)state;
	refuse_varint("", 0);
	refuse_varint("\x80", 1);
	refuse_varint("\xff\xff\xff\xff\xff\xff\xff\xff\xff", 9);
}

static void
buf_reads_choices_and_refuses_others(void **state)
{
	uint8_t bytes[256];
	struct writer w;
	struct reader r;

	(void)state;
	buf_write(&w, bytes, 2);
	buf_put_bool(&w, true);
	buf_put_bool(&w, false);
	assert_true(buf_is_sound(&w));
	buf_read(&r, bytes, 2);
	assert_true(buf_get_bool(&r));
	assert_false(buf_get_bool(&r));
	assert_int_equal(buf_is_spent(&r), OK);
	for (unsigned value = 0; value < 256; value++) {
		bytes[0] = (uint8_t)value;
		buf_read(&r, bytes, 1);
		assert_int_equal(buf_get_choice(&r, 4), value < 4 ? value : 0);
		assert_int_equal(buf_is_readable(&r), value < 4);
		buf_read(&r, bytes, 1);
		assert_int_equal(buf_get_bool(&r), value == 1);
		assert_int_equal(buf_is_readable(&r), value < 2);
	}
	buf_read(&r, bytes, 0);
	assert_int_equal(buf_get_choice(&r, 4), 0);
	assert_false(buf_is_readable(&r));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buf_reads_choices_and_refuses_others),
		cmocka_unit_test(writer_puts_numbers_least_byte_first),
		cmocka_unit_test(reader_gets_back_what_writer_put),
		cmocka_unit_test(writer_refuses_one_byte_too_many),
		cmocka_unit_test(writer_stays_failed),
		cmocka_unit_test(writer_refuses_length_that_would_wrap),
		cmocka_unit_test(writer_refuses_blob_longer_than_its_length),
		cmocka_unit_test(reader_refuses_one_byte_too_many),
		cmocka_unit_test(reader_stays_failed),
		cmocka_unit_test(reader_refuses_length_that_would_wrap),
		cmocka_unit_test(reader_refuses_what_is_left_over),
		cmocka_unit_test(reader_refuses_blob_cut_short),
		cmocka_unit_test(varint_round_trips_at_every_length),
		cmocka_unit_test(varint_is_as_short_as_it_can_be),
		cmocka_unit_test(varint_refuses_longer_form_than_needed),
		cmocka_unit_test(varint_refuses_more_than_64_bits),
		cmocka_unit_test(varint_refuses_to_end_early),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
