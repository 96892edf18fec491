#include "core/parcel.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static uint8_t whole[HANDSHAKE_1_BYTES];

static void
fill(void)
{
	for (size_t i = 0; i < sizeof(whole); i++)
		whole[i] = (uint8_t)(i * 7 + i / 256);
}

static void
parcel_carries_any_cut_in_any_order(void **state)
{
	static const size_t cuts[] = { 136, 156, 416, 1080, 1247, 1248, 4000 };
	struct parcel out, in;

	(void)state;
	fill();
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		unsigned parts;

		parcel_load(&out, whole, sizeof(whole), cuts[i]);
		parcel_expect(&in, sizeof(whole), cuts[i]);
		assert_true(parcel_is_whole(&out));
		parts = parcel_parts(&out);
		assert_int_equal(parts, (1247 + cuts[i]) / cuts[i]);
		for (unsigned part = parts; part-- > 0;) {
			size_t len;
			const uint8_t *data = parcel_part(&out, part, &len);

			assert_false(parcel_is_whole(&in));
			assert_int_equal(parcel_take(&in, part, parts, data,
					     len),
			    OK);
		}
		assert_true(parcel_is_whole(&in));
		assert_memory_equal(in.data, whole, sizeof(whole));
	}
}

static void
parcel_keeps_the_part_that_came_first(void **state)
{
	static const uint8_t other[156];
	struct parcel in;

	(void)state;
	fill();
	parcel_expect(&in, sizeof(whole), 156);
	assert_int_equal(parcel_take(&in, 0, 8, whole, 156), OK);
	assert_int_equal(parcel_take(&in, 0, 8, other, 156), OK);
	assert_memory_equal(in.data, whole, 156);
}

static void
parcel_refuses_what_it_does_not_expect(void **state)
{
	struct parcel in;

	(void)state;
	fill();
	parcel_expect(&in, sizeof(whole), 156);
	assert_int_equal(parcel_take(&in, 0, 7, whole, 156), ERR_FORMAT);
	assert_int_equal(parcel_take(&in, 0, 9, whole, 156), ERR_FORMAT);
	assert_int_equal(parcel_take(&in, 0, 0, whole, 156), ERR_FORMAT);
	assert_int_equal(parcel_take(&in, 8, 8, whole, 156), ERR_FORMAT);
	assert_int_equal(parcel_take(&in, 255, 8, whole, 156), ERR_FORMAT);
	assert_int_equal(parcel_take(&in, 0, 8, whole, 155), ERR_FORMAT);
	assert_int_equal(parcel_take(&in, 0, 8, whole, 157), ERR_FORMAT);
	assert_int_equal(parcel_take(&in, 0, 8, whole, 0), ERR_FORMAT);
	/* 8 * 156 is all of it. */
	assert_int_equal(parcel_take(&in, 7, 8, whole, 155), ERR_FORMAT);
	assert_int_equal(in.missing, 0xff);
	assert_int_equal(parcel_take(&in, 7, 8, whole, 156), OK);
	assert_int_equal(in.missing, 0x7f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parcel_carries_any_cut_in_any_order),
		cmocka_unit_test(parcel_keeps_the_part_that_came_first),
		cmocka_unit_test(parcel_refuses_what_it_does_not_expect),
	};

	return cmocka_run_group_tests_name("parcel", tests, NULL, NULL);
}
