#include "sky.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { DATAGRAMS = 20000, BYTES = 1200, SEED = 7 };

static void
judge_all(struct sky *sky, struct sky_fate *fates, size_t count)
{
	memset(fates, 0, count * sizeof(*fates));
	for (size_t i = 0; i < count; i++)
		sky_judge(sky, SKY_A_TO_B, BYTES, &fates[i]);
}

static void
sky_repeats_itself_for_a_seed(void **state)
{
	static struct sky_fate one[500], two[500];
	struct sky sky;

	(void)state;
	sky_init(&sky, SEED);
	assert_int_equal(sky_obey(&sky, "loss 20"), OK);
	assert_int_equal(sky_obey(&sky, "jitter 30"), OK);
	judge_all(&sky, one, 500);
	sky_init(&sky, SEED);
	assert_int_equal(sky_obey(&sky, "loss 20"), OK);
	assert_int_equal(sky_obey(&sky, "jitter 30"), OK);
	judge_all(&sky, two, 500);
	assert_memory_equal(one, two, sizeof(one));

	sky_init(&sky, SEED + 1);
	assert_int_equal(sky_obey(&sky, "loss 20"), OK);
	judge_all(&sky, two, 500);
	assert_memory_not_equal(one, two, sizeof(one));
}

static void
sky_passes_everything_in_fair_weather(void **state)
{
	struct sky_fate fate;
	struct sky sky;

	(void)state;
	sky_init(&sky, SEED);
	for (int i = 0; i < 1000; i++) {
		sky_judge(&sky, SKY_B_TO_A, BYTES, &fate);
		assert_int_equal(fate.copies, 1);
		assert_int_equal(fate.copy[0].delay_ns, 0);
		assert_false(fate.copy[0].corrupt);
		assert_false(fate.reflect);
		assert_false(fate.replay);
	}
}

static void
sky_loses_about_what_it_was_told(void **state)
{
	struct sky_fate fate;
	struct sky sky;
	int lost = 0, twice = 0, corrupt = 0;

	(void)state;
	sky_init(&sky, SEED);
	assert_int_equal(sky_obey(&sky, "loss 20"), OK);
	assert_int_equal(sky_obey(&sky, "dup 10"), OK);
	assert_int_equal(sky_obey(&sky, "corrupt 5"), OK);
	for (int i = 0; i < DATAGRAMS; i++) {
		sky_judge(&sky, SKY_A_TO_B, BYTES, &fate);
		lost += fate.copies == 0;
		twice += fate.copies == 2;
		corrupt += fate.copy[0].corrupt;
		assert_true(fate.copy[0].bit < BYTES * 8);
	}
	assert_in_range(lost, DATAGRAMS * 18 / 100, DATAGRAMS * 22 / 100);
	assert_in_range(twice, DATAGRAMS * 7 / 100, DATAGRAMS * 9 / 100);
	assert_in_range(corrupt, DATAGRAMS * 4 / 100, DATAGRAMS * 6 / 100);
}

static void
sky_changes_one_fault_without_another(void **state)
{
	static struct sky_fate one[500], two[500];
	struct sky sky;

	(void)state;
	sky_init(&sky, SEED);
	judge_all(&sky, one, 500);
	sky_init(&sky, SEED);
	assert_int_equal(sky_obey(&sky, "corrupt 50"), OK);
	judge_all(&sky, two, 500);
	for (int i = 0; i < 500; i++) {
		assert_int_equal(one[i].copies, two[i].copies);
		assert_int_equal(one[i].copy[0].bit, two[i].copy[0].bit);
	}
}

static void
sky_cuts_one_way_only(void **state)
{
	struct sky_fate fate;
	struct sky sky;

	(void)state;
	sky_init(&sky, SEED);
	assert_int_equal(sky_obey(&sky, "cut ab"), OK);
	sky_judge(&sky, SKY_A_TO_B, BYTES, &fate);
	assert_int_equal(fate.copies, 0);
	sky_judge(&sky, SKY_B_TO_A, BYTES, &fate);
	assert_int_equal(fate.copies, 1);
	assert_int_equal(sky_obey(&sky, "heal"), OK);
	sky_judge(&sky, SKY_A_TO_B, BYTES, &fate);
	assert_int_equal(fate.copies, 1);
}

static void
sky_keeps_delay_within_its_bounds(void **state)
{
	struct sky_fate fate;
	struct sky sky;

	(void)state;
	sky_init(&sky, SEED);
	assert_int_equal(sky_obey(&sky, "delay 40"), OK);
	assert_int_equal(sky_obey(&sky, "jitter 20 ab"), OK);
	for (int i = 0; i < 1000; i++) {
		sky_judge(&sky, SKY_A_TO_B, BYTES, &fate);
		assert_in_range(fate.copy[0].delay_ns, 40000000, 60000000);
		sky_judge(&sky, SKY_B_TO_A, BYTES, &fate);
		assert_int_equal(fate.copy[0].delay_ns, 40000000);
	}
}

static void
sky_reads_junk_in_every_form(void **state)
{
	struct sky sky;

	(void)state;
	sky_init(&sky, SEED);
	assert_int_equal(sky_obey(&sky, "junk 1000 1200 ba stranger"), OK);
	assert_int_equal(sky.junk[SKY_A_TO_B].rate, 0);
	assert_int_equal(sky.junk[SKY_B_TO_A].rate, 1000);
	assert_int_equal(sky_junk_bytes(&sky, SKY_B_TO_A), 1200);
	assert_true(sky.junk[SKY_B_TO_A].stranger);
	assert_int_equal(sky_obey(&sky, "junk 10"), OK);
	assert_false(sky.junk[SKY_B_TO_A].stranger);
	for (int i = 0; i < 1000; i++)
		assert_in_range(sky_junk_bytes(&sky, SKY_A_TO_B), 1,
		    SKY_JUNK_BYTES_MAX);
	assert_int_equal(sky_obey(&sky, "fair"), OK);
	assert_int_equal(sky.junk[SKY_A_TO_B].rate, 0);
}

static void
sky_shortens_what_it_truncates(void **state)
{
	struct sky_fate fate;
	struct sky sky;
	int cut = 0;

	(void)state;
	sky_init(&sky, SEED);
	assert_int_equal(sky_obey(&sky, "truncate 30"), OK);
	for (int i = 0; i < DATAGRAMS; i++) {
		sky_judge(&sky, SKY_A_TO_B, BYTES, &fate);
		cut += fate.copy[0].truncate;
		assert_true(fate.copy[0].len < BYTES);
	}
	assert_in_range(cut, DATAGRAMS * 28 / 100, DATAGRAMS * 32 / 100);
}

static void
sky_reads_playback_in_every_form(void **state)
{
	struct sky sky;

	(void)state;
	sky_init(&sky, SEED);
	assert_int_equal(sky_obey(&sky, "playback 500 ba stranger"), OK);
	assert_int_equal(sky.playback[SKY_A_TO_B].rate, 0);
	assert_int_equal(sky.playback[SKY_B_TO_A].rate, 500);
	assert_true(sky.playback[SKY_B_TO_A].stranger);
	assert_int_equal(sky_obey(&sky, "playback 10"), OK);
	assert_int_equal(sky.playback[SKY_A_TO_B].rate, 10);
	assert_false(sky.playback[SKY_B_TO_A].stranger);
	assert_int_equal(sky_obey(&sky, "fair"), OK);
	assert_int_equal(sky.playback[SKY_A_TO_B].rate, 0);
}

static void
sky_reads_fractions_of_a_percent(void **state)
{
	struct sky sky;

	(void)state;
	sky_init(&sky, SEED);
	assert_int_equal(sky_obey(&sky, "loss 0.5%"), OK);
	assert_int_equal(sky.way[SKY_A_TO_B].loss, 5000);
	assert_int_equal(sky_obey(&sky, "delay 2.25"), OK);
	assert_int_equal(sky.way[SKY_B_TO_A].delay_us, 2250);
}

static void
sky_refuses_what_it_does_not_understand(void **state)
{
	static const char *const bad[] = { "", " ", "loss", "loss x", "loss -1",
		"loss 20 north", "loss 1.2.3", "snow 3", "cut sideways", "junk",
		"junk ten", "junk 10 20 30 40", "fair now",
		"loss 1 ab ba ab ba ab", "playback", "playback all",
		"playback 10 20", "truncate", "delay", "loss %", "heal 3" };
	struct sky sky, before;

	(void)state;
	sky_init(&sky, SEED);
	memcpy(&before, &sky, sizeof(sky));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(sky_obey(&sky, bad[i]), ERR_FORMAT);
	assert_memory_equal(&before, &sky, sizeof(sky));
}

static void
sky_refuses_values_out_of_bounds(void **state)
{
	static const char *const bad[] = { "loss 101", "loss 100.1",
		"dup 99999999999999999999", "delay 5001", "jitter 6000",
		"junk 20001", "junk 1 2001", "playback 20001", "truncate 101" };
	struct sky sky, before;

	(void)state;
	sky_init(&sky, SEED);
	memcpy(&before, &sky, sizeof(sky));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(sky_obey(&sky, bad[i]), ERR_LIMIT);
	assert_memory_equal(&before, &sky, sizeof(sky));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sky_repeats_itself_for_a_seed),
		cmocka_unit_test(sky_passes_everything_in_fair_weather),
		cmocka_unit_test(sky_loses_about_what_it_was_told),
		cmocka_unit_test(sky_changes_one_fault_without_another),
		cmocka_unit_test(sky_cuts_one_way_only),
		cmocka_unit_test(sky_keeps_delay_within_its_bounds),
		cmocka_unit_test(sky_reads_junk_in_every_form),
		cmocka_unit_test(sky_shortens_what_it_truncates),
		cmocka_unit_test(sky_reads_playback_in_every_form),
		cmocka_unit_test(sky_reads_fractions_of_a_percent),
		cmocka_unit_test(sky_refuses_what_it_does_not_understand),
		cmocka_unit_test(sky_refuses_values_out_of_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
