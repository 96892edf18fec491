#include "core/cadence.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "limits.h"

static void
cadence_reads_names_and_numbers(void **state)
{
	static const struct {
		const char *text;
		uint16_t frame_bytes;
		uint32_t slot_us;
		const char *again;
	} good[] = {
		{ "trickle", 256, 1000000, "trickle" },
		{ "talk", 1200, 100000, "talk" },
		{ "desk", 1200, 20000, "desk" },
		{ "bulk", 1200, 1000, "bulk" },
		{ "1200@100", 1200, 100000, "talk" },
		{ "1200@1", 1200, 1000, "bulk" },
		{ "256@0.25", 256, 250, "256@0.25" },
		{ "1232@2000", 1232, 2000000, "1232@2000" },
		{ "500@2.5", 500, 2500, "500@2.5" },
		{ "500@2.500", 500, 2500, "500@2.5" },
		{ "500@2.05", 500, 2050, "500@2.05" },
		{ "500@2.005", 500, 2005, "500@2.005" },
		{ "0500@0010", 500, 10000, "500@10" },
	};
	char text[CADENCE_TEXT_BYTES];
	struct cadence cadence;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(cadence_parse(&cadence, good[i].text), OK);
		assert_int_equal(cadence.frame_bytes, good[i].frame_bytes);
		assert_int_equal(cadence.slot_us, good[i].slot_us);
		assert_int_equal(cadence_check(cadence), OK);
		cadence_format(text, cadence);
		assert_string_equal(text, good[i].again);
	}
}

static void
cadence_refuses_what_is_no_cadence(void **state)
{
	static const char *bad[] = { "", "@", "1200", "1200@", "@100", "Talk",
		"talk ", " talk", "1200@100 ", "1200@100ms", "1200@-1",
		"-1200@100", "1200@1.", "1200@.5", "1200@1.0001", "1200@1.2.3",
		"1200@@1", "0x500@1", "1200@1e2", "1234567@1", "1200@1234567",
		"99999999999999999999@1" };
	struct cadence cadence;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(cadence_parse(&cadence, bad[i]), ERR_FORMAT);
}

static void
cadence_refuses_what_is_out_of_bounds(void **state)
{
	static const char *bad[] = { "255@100", "1233@100", "0@100", "1200@0",
		"1200@0.249", "1200@2000.001", "1200@999999", "65536@100",
		"66736@100" };
	struct cadence cadence;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(cadence_parse(&cadence, bad[i]), ERR_LIMIT);
	assert_int_equal(cadence_check((struct cadence){ 0, 0 }), ERR_LIMIT);
}

static void
cadence_puts_one_moment_into_each_slot(void **state)
{
	static const uint8_t key[CADENCE_KEY_BYTES] = { 1 };
	static const struct cadence cadences[] = { { 1200, SLOT_US_MIN },
		{ 1200, 100000 }, { 256, SLOT_US_MAX } };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const uint64_t slot_ns = cadence_slot_ns(cadences[i]);
		uint64_t eighths[8] = { 0 };

		for (uint64_t slot = 1000; slot < 9000; slot++) {
			uint64_t at_ns =
			    cadence_moment_ns(cadences[i], key, slot);

			assert_true(
			    cadence_slot_at(cadences[i], at_ns) == slot);
			eighths[(at_ns - slot * slot_ns) * 8 / slot_ns]++;
		}
		/* 1000 expected; a fair draw stays within five sigma. */
		for (int j = 0; j < 8; j++)
			assert_in_range(eighths[j], 850, 1150);
	}
}

static void
cadence_follows_from_key_and_slot_alone(void **state)
{
	const struct cadence cadence = { 1200, 100000 };
	const uint8_t key[CADENCE_KEY_BYTES] = { 1 };
	const uint8_t other[CADENCE_KEY_BYTES] = { 2 };
	unsigned same = 0;

	(void)state;
	for (uint64_t slot = 0; slot < 100; slot++) {
		assert_true(cadence_moment_ns(cadence, key, slot) ==
		    cadence_moment_ns(cadence, key, slot));
		same += cadence_moment_ns(cadence, key, slot) ==
		    cadence_moment_ns(cadence, other, slot);
	}
	assert_in_range(same, 0, 1);
}

static void
cadence_guards_a_quarter_of_a_slot_at_the_most(void **state)
{
	(void)state;
	assert_int_equal(cadence_guard_ns((struct cadence){ 1200, 250 }),
	    62500);
	assert_int_equal(cadence_guard_ns((struct cadence){ 1200, 8000 }),
	    2000000);
	assert_int_equal(cadence_guard_ns((struct cadence){ 1200, 8001 }),
	    2000000);
	assert_int_equal(cadence_guard_ns((struct cadence){ 256, 2000000 }),
	    2000000);
}

static void
cadence_takes_the_longer_of_seconds_and_slots(void **state)
{
	const struct cadence slow = { 256, 2000000 }, fast = { 1200, 1000 };

	(void)state;
	assert_int_equal(cadence_longer_ns(slow, 5, 10), UINT64_C(20000000000));
	assert_int_equal(cadence_longer_ns(slow, 20, 10),
	    UINT64_C(20000000000));
	assert_int_equal(cadence_longer_ns(fast, 5, 10), UINT64_C(5000000000));
	assert_int_equal(cadence_longer_ns(fast, 0, 10), UINT64_C(10000000));
	assert_int_equal(cadence_longer_ns(fast, 0, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cadence_takes_the_longer_of_seconds_and_slots),
		cmocka_unit_test(cadence_reads_names_and_numbers),
		cmocka_unit_test(cadence_refuses_what_is_no_cadence),
		cmocka_unit_test(cadence_refuses_what_is_out_of_bounds),
		cmocka_unit_test(cadence_puts_one_moment_into_each_slot),
		cmocka_unit_test(cadence_follows_from_key_and_slot_alone),
		cmocka_unit_test(
		    cadence_guards_a_quarter_of_a_slot_at_the_most),
	};

	return cmocka_run_group_tests_name("cadence", tests, NULL, NULL);
}
