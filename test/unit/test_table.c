#include "relay/table.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "crypto/crypto.h"

enum { LINES = 64, NUMBERS = 200, STEPS = 20000 };

static const struct cadence talk = { 1200, 100000 };

static struct ticket_id
number(uint32_t of)
{
	return (struct ticket_id){ of, 0, talk };
}

static void
open_table(struct table *table, uint32_t lines)
{
	static struct rng_seeded seeded;

	assert_int_equal(table_open(table, lines, rng_from_seed(&seeded, 5)),
	    OK);
}

static void
both_legs_have_one_line(void **state)
{
	struct ticket_id is = number(7);
	struct table table;
	uint32_t line;

	(void)state;
	open_table(&table, LINES);
	line = table_add(&table, &is);
	assert_int_not_equal(line, TABLE_NONE);
	assert_int_equal(table_find(&table, &is), line);
	is.leg = 1;
	assert_int_equal(table_find(&table, &is), line);
	table_close(&table);
}

static void
what_differs_in_anything_else_is_not_found(void **state)
{
	struct ticket_id is = number(7);
	struct table table;

	(void)state;
	open_table(&table, LINES);
	assert_int_equal(table_find(&table, &is), TABLE_NONE);
	assert_int_not_equal(table_add(&table, &is), TABLE_NONE);
	is.number = 8;
	assert_int_equal(table_find(&table, &is), TABLE_NONE);
	is = number(7);
	is.cadence.frame_bytes--;
	assert_int_equal(table_find(&table, &is), TABLE_NONE);
	is = number(7);
	is.cadence.slot_us++;
	assert_int_equal(table_find(&table, &is), TABLE_NONE);
	table_close(&table);
}

static void
a_full_table_takes_none(void **state)
{
	struct ticket_id is;
	struct table table;
	uint32_t first;

	(void)state;
	open_table(&table, 3);
	is = number(0);
	first = table_add(&table, &is);
	for (uint32_t i = 1; i < 3; i++) {
		is = number(i);
		assert_int_not_equal(table_add(&table, &is), TABLE_NONE);
	}
	is = number(3);
	assert_int_equal(table_add(&table, &is), TABLE_NONE);
	assert_int_equal(table_find(&table, &is), TABLE_NONE);
	table_remove(&table, first);
	assert_int_equal(table_add(&table, &is), first);
	table_close(&table);
}

static void
a_line_that_is_removed_leaves_nothing(void **state)
{
	struct ticket_id is = number(7);
	struct table_line none;
	struct table table;
	uint32_t line;

	(void)state;
	memset(&none, 0, sizeof(none));
	open_table(&table, LINES);
	line = table_add(&table, &is);
	table_remove(&table, line);
	assert_int_equal(table_find(&table, &is), TABLE_NONE);
	assert_memory_equal(&table.line[line], &none, sizeof(none));
	table_close(&table);
}

/* As a list would, however their hashes meet. */
static void
lines_come_and_go(void **state)
{
	uint32_t naive[NUMBERS];
	struct rng_seeded seeded;
	struct rng rng = rng_from_seed(&seeded, 11);
	struct table table;
	struct ticket_id is;
	unsigned held = 0;

	(void)state;
	open_table(&table, LINES);
	memset(naive, 0xff, sizeof(naive));
	for (unsigned i = 0; i < STEPS; i++) {
		const uint32_t n = (uint32_t)rng_below(rng, NUMBERS);

		is = number(n);
		assert_int_equal(table_find(&table, &is), naive[n]);
		if (naive[n] != TABLE_NONE) {
			table_remove(&table, naive[n]);
			naive[n] = TABLE_NONE;
			held--;
		} else {
			naive[n] = table_add(&table, &is);
			assert_int_equal(naive[n] == TABLE_NONE, held == LINES);
			held += naive[n] != TABLE_NONE;
		}
		is = number((uint32_t)rng_below(rng, NUMBERS));
		assert_int_equal(table_find(&table, &is), naive[is.number]);
	}
	table_close(&table);
}

static int
setup(void **state)
{
	(void)state;
	crypto_init();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_legs_have_one_line),
		cmocka_unit_test(what_differs_in_anything_else_is_not_found),
		cmocka_unit_test(a_full_table_takes_none),
		cmocka_unit_test(a_line_that_is_removed_leaves_nothing),
		cmocka_unit_test(lines_come_and_go),
	};

	return cmocka_run_group_tests_name("table", tests, setup, NULL);
}
