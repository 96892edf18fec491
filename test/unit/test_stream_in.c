#include "core/stream_in.h"

#include <stdlib.h>
#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/rng.h"

static const struct cadence fastest = { FRAME_BYTES_MAX, SLOT_US_MIN };
static struct stream_in in;
static _Alignas(struct chunk)
    uint8_t memory[CHUNKS_MAX * (sizeof(struct chunk) + CHUNK_BYTES_MAX + 8)];
static struct have have;
static uint64_t partial_n[CLASS_COUNT];
static uint8_t bytes[CHUNK_BYTES_MAX];

static void
begin(void)
{
	memset(&have, 0, sizeof(have));
	memset(partial_n, 0, sizeof(partial_n));
	stream_in_init(&in, memory, fastest);
	stream_in_on_attach(&in, &have, partial_n);
}

/* Byte `offset` of record n that comes after another. */
static uint8_t
byte_of(uint64_t n, uint64_t after, uint64_t offset)
{
	if (offset < 8)
		return (uint8_t)(after >> 8 * offset);
	return (uint8_t)(n * 31 + offset);
}

static int
chunk(enum record_class class, uint64_t n, uint64_t after, uint64_t offset,
    size_t len, bool fin)
{
	struct piece piece = { class, n, offset, fin, bytes, len };

	for (size_t i = 0; i < len; i++)
		bytes[i] = byte_of(n, after, offset + i);
	return stream_in_on_chunk(&in, &piece);
}

/* The next piece: its n, checked; 0 for none. */
static uint64_t
next(uint64_t after, uint64_t *end)
{
	struct piece piece;
	int rc = stream_in_next_piece(&in, &piece);

	if (rc != OK) {
		assert_int_equal(rc, ERR_NOT_FOUND);
		return 0;
	}
	for (size_t i = 0; i < piece.len; i++)
		assert_int_equal(piece.data[i],
		    byte_of(piece.n, after, piece.offset + i));
	*end = piece.offset + piece.len;
	return piece.n;
}

static void
stream_in_hands_over_in_order(void **state)
{
	uint64_t end;

	(void)state;
	begin();
	assert_int_equal(chunk(CLASS_ROUTINE, 4, 2, 100, 50, true), OK);
	assert_int_equal(next(0, &end), 0);
	assert_int_equal(chunk(CLASS_ROUTINE, 4, 2, 0, 100, false), OK);
	assert_int_equal(next(0, &end), 0);
	assert_int_equal(chunk(CLASS_ROUTINE, 2, 0, 0, 60, true), OK);
	assert_int_equal(next(0, &end), 2);
	assert_int_equal(end, 60);
	assert_int_equal(next(2, &end), 4);
	assert_int_equal(end, 100);
	assert_int_equal(next(2, &end), 4);
	assert_int_equal(end, 150);
	assert_int_equal(next(4, &end), 0);
}

static void
stream_in_hands_over_a_higher_class_first(void **state)
{
	uint64_t end;

	(void)state;
	begin();
	assert_int_equal(chunk(CLASS_ROUTINE, 1, 0, 0, 60, false), OK);
	assert_int_equal(chunk(CLASS_FLASH, 3, 0, 0, 60, true), OK);
	assert_int_equal(chunk(CLASS_NOTES, 9, 0, 0, 60, true), OK);
	assert_int_equal(next(0, &end), 9);
	assert_int_equal(next(0, &end), 3);
	assert_int_equal(next(0, &end), 1);
}

/* Cut in any way, in any order, again and again: each byte once. */
static void
stream_in_puts_any_cuts_together(void **state)
{
	enum { LEN = 5000 };
	struct rng_seeded seeded;
	struct rng rng = rng_from_seed(&seeded, 1);
	uint64_t end, done;

	(void)state;
	for (unsigned round = 0; round < 60; round++) {
		begin();
		done = 0;
		for (unsigned i = 0; done < LEN; i++) {
			uint64_t offset = rng_below(rng, LEN);
			size_t len = 1 + (size_t)rng_below(rng, 900);

			assert_true(i < 100000);
			/* A record's first chunk holds what it comes after. */
			if (offset < 8)
				offset = 0;
			if (offset == 0 && len < 8)
				len = 8;
			if (offset + len > LEN)
				len = (size_t)(LEN - offset);
			assert_int_equal(chunk(CLASS_ROUTINE, 5, 0, offset, len,
					     offset + len == LEN),
			    OK);
			while (next(0, &end) == 5) {
				assert_true(end > done);
				done = end;
			}
		}
		assert_int_equal(in.class[CLASS_ROUTINE].handed.n, 5);
		/* Late ones find nothing to do. */
		assert_int_equal(chunk(CLASS_ROUTINE, 5, 0, 0, 900, false), OK);
		assert_int_equal(next(0, &end), 0);
	}
}

static void
stream_in_refuses_records_out_of_order(void **state)
{
	struct piece piece;

	(void)state;
	/* After itself, after a later one, after one before the last. */
	begin();
	assert_int_equal(chunk(CLASS_FLASH, 3, 3, 0, 20, true), OK);
	assert_int_equal(stream_in_next_piece(&in, &piece), ERR_PEER);
	begin();
	assert_int_equal(chunk(CLASS_FLASH, 3, 7, 0, 20, true), OK);
	assert_int_equal(stream_in_next_piece(&in, &piece), ERR_PEER);
	begin();
	assert_int_equal(chunk(CLASS_FLASH, 3, 0, 0, 20, true), OK);
	assert_int_equal(stream_in_next_piece(&in, &piece), OK);
	assert_int_equal(chunk(CLASS_FLASH, 5, 2, 0, 20, true), OK);
	assert_int_equal(stream_in_next_piece(&in, &piece), ERR_PEER);
	/* One between two of which the later was begun. */
	begin();
	assert_int_equal(chunk(CLASS_FLASH, 5, 0, 0, 20, false), OK);
	assert_int_equal(stream_in_next_piece(&in, &piece), OK);
	assert_int_equal(chunk(CLASS_FLASH, 3, 0, 0, 20, true), OK);
	assert_int_equal(stream_in_next_piece(&in, &piece), ERR_PEER);
	/* It ends before it has said what it comes after. */
	begin();
	assert_int_equal(chunk(CLASS_FLASH, 5, 0, 0, 7, true), OK);
	assert_int_equal(stream_in_next_piece(&in, &piece), ERR_PEER);
	begin();
	assert_int_equal(chunk(CLASS_FLASH, 5, 0, 0, 3, false), OK);
	assert_int_equal(chunk(CLASS_FLASH, 5, 0, 3, 4, true), OK);
	assert_int_equal(stream_in_next_piece(&in, &piece), ERR_PEER);
	/* Cut, it is out of order all the same. */
	begin();
	assert_int_equal(chunk(CLASS_FLASH, 5, 6, 0, 3, false), OK);
	assert_int_equal(chunk(CLASS_FLASH, 5, 6, 3, 20, true), OK);
	assert_int_equal(stream_in_next_piece(&in, &piece), ERR_PEER);
}

/* What a record comes after may itself come in bits, last first. */
static void
stream_in_waits_for_all_of_after(void **state)
{
	uint64_t end;

	(void)state;
	begin();
	assert_int_equal(chunk(CLASS_FLASH, 2, 0, 0, 20, true), OK);
	assert_int_equal(next(0, &end), 2);
	assert_int_equal(chunk(CLASS_FLASH, 5, 2, 7, 13, true), OK);
	assert_int_equal(next(2, &end), 0);
	assert_int_equal(chunk(CLASS_FLASH, 6, 5, 0, 20, true), OK);
	assert_int_equal(chunk(CLASS_FLASH, 5, 2, 0, 1, false), OK);
	assert_int_equal(next(2, &end), 0);
	assert_int_equal(chunk(CLASS_FLASH, 5, 2, 1, 5, false), OK);
	assert_int_equal(next(2, &end), 0);
	assert_int_equal(chunk(CLASS_FLASH, 5, 2, 6, 1, false), OK);
	for (uint64_t at = 0; at < 20; at = end)
		assert_int_equal(next(2, &end), 5);
	assert_int_equal(next(5, &end), 6);
}

/* The keeper refused what it was handed: the next session brings it anew. */
static void
stream_in_keeps_nothing_of_a_fault(void **state)
{
	const struct have stands = {
		.at = { [CLASS_FLASH] = { 2, 0 }, [CLASS_PRIORITY] = { 3, 8 } }
	};
	const uint64_t parts[CLASS_COUNT] = { [CLASS_PRIORITY] = 7 };
	uint64_t end;

	(void)state;
	begin();
	assert_int_equal(chunk(CLASS_FLASH, 2, 0, 0, 20, true), OK);
	assert_int_equal(next(0, &end), 2);
	assert_int_equal(chunk(CLASS_FLASH, 5, 2, 0, 20, false), OK);
	assert_int_equal(next(2, &end), 5);
	assert_int_equal(chunk(CLASS_FLASH, 6, 5, 0, 20, true), OK);
	stream_in_on_fault(&in, &stands, parts);
	assert_int_equal(in.pool.list[CLASS_FLASH].count, 0);
	assert_int_equal(next(2, &end), 0);
	stream_in_on_session(&in);
	assert_int_equal(chunk(CLASS_FLASH, 2, 0, 0, 20, true), OK);
	assert_int_equal(next(2, &end), 0);
	assert_int_equal(chunk(CLASS_FLASH, 5, 2, 0, 20, true), OK);
	assert_int_equal(next(2, &end), 5);
	assert_int_equal(end, 20);
	assert_int_equal(chunk(CLASS_PRIORITY, 7, 3, 8, 20, true), OK);
	assert_int_equal(next(3, &end), 7);
	assert_int_equal(end, 28);
}

static void
stream_in_takes_no_record_again_that_was_handed(void **state)
{
	uint64_t end;

	(void)state;
	begin();
	assert_int_equal(chunk(CLASS_FLASH, 3, 0, 0, 20, true), OK);
	assert_int_equal(next(0, &end), 3);
	have.at[CLASS_FLASH].n = 3;
	stream_in_on_synced(&in, &have, partial_n);
	assert_int_equal(chunk(CLASS_FLASH, 3, 0, 0, 20, true), OK);
	assert_int_equal(chunk(CLASS_FLASH, 2, 0, 0, 20, true), OK);
	assert_int_equal(in.pool.list[CLASS_FLASH].count, 0);
	assert_int_equal(next(3, &end), 0);
}

static void
stream_in_waits_for_its_keeper(void **state)
{
	uint64_t end;

	(void)state;
	begin();
	stream_in_on_keeper_lost(&in);
	assert_int_equal(chunk(CLASS_FLASH, 3, 0, 0, 20, true), OK);
	assert_int_equal(next(0, &end), 0);
	stream_in_on_attach(&in, &have, partial_n);
	assert_int_equal(next(0, &end), 3);
	/* It was not synced: the next keeper gets it again. */
	stream_in_on_keeper_lost(&in);
	stream_in_on_attach(&in, &have, partial_n);
	assert_int_equal(next(0, &end), 3);
	have.at[CLASS_FLASH].n = 3;
	stream_in_on_keeper_lost(&in);
	stream_in_on_attach(&in, &have, partial_n);
	assert_int_equal(next(0, &end), 0);
	assert_int_equal(in.pool.list[CLASS_FLASH].count, 0);
}

static void
stream_in_frees_what_is_synced(void **state)
{
	uint64_t end;

	(void)state;
	begin();
	for (uint64_t i = 0; i < 10; i++)
		assert_int_equal(chunk(CLASS_ROUTINE, 2, 0, i * 100, 100,
				     i == 9),
		    OK);
	assert_int_equal(chunk(CLASS_ROUTINE, 7, 2, 0, 100, true), OK);
	while (next(0, &end) == 2 && end < 1000)
		;
	/* 350 bytes of record 2: three chunks and a half. */
	have.at[CLASS_ROUTINE] = (struct position){ 0, 350 };
	partial_n[CLASS_ROUTINE] = 2;
	stream_in_on_synced(&in, &have, partial_n);
	assert_int_equal(in.pool.list[CLASS_ROUTINE].count, 8);
	have.at[CLASS_ROUTINE] = (struct position){ 2, 0 };
	partial_n[CLASS_ROUTINE] = 0;
	stream_in_on_synced(&in, &have, partial_n);
	assert_int_equal(in.pool.list[CLASS_ROUTINE].count, 1);
	assert_int_equal(next(2, &end), 7);
	have.at[CLASS_ROUTINE].n = 7;
	stream_in_on_synced(&in, &have, partial_n);
	assert_int_equal(in.pool.list[CLASS_ROUTINE].count, 0);
}

static void
stream_in_hands_again_from_the_middle_of_a_record(void **state)
{
	uint64_t end;

	(void)state;
	begin();
	for (uint64_t i = 0; i < 5; i++)
		assert_int_equal(chunk(CLASS_ROUTINE, 2, 0, i * 100, 100,
				     i == 4),
		    OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(next(0, &end), 2);
	have.at[CLASS_ROUTINE].offset = 150;
	partial_n[CLASS_ROUTINE] = 2;
	stream_in_on_keeper_lost(&in);
	stream_in_on_attach(&in, &have, partial_n);
	/* The chunk it is in, which the keeper trims, and all after it. */
	for (uint64_t i = 2; i <= 5; i++) {
		assert_int_equal(next(0, &end), 2);
		assert_int_equal(end, i * 100);
	}
	assert_int_equal(next(0, &end), 0);
}

static void
stream_in_forgets_at_a_boot_what_was_not_handed(void **state)
{
	uint64_t end;

	(void)state;
	begin();
	assert_int_equal(chunk(CLASS_ROUTINE, 2, 0, 0, 100, false), OK);
	assert_int_equal(chunk(CLASS_ROUTINE, 2, 0, 300, 100, true), OK);
	assert_int_equal(chunk(CLASS_ROUTINE, 5, 2, 0, 100, true), OK);
	assert_int_equal(next(0, &end), 2);
	stream_in_on_session(&in);
	assert_int_equal(in.pool.list[CLASS_ROUTINE].count, 1);
	/* The same bytes, cut otherwise. */
	assert_int_equal(chunk(CLASS_ROUTINE, 2, 0, 0, 250, false), OK);
	assert_int_equal(next(0, &end), 2);
	assert_int_equal(end, 250);
	assert_int_equal(chunk(CLASS_ROUTINE, 2, 0, 250, 150, true), OK);
	assert_int_equal(next(0, &end), 2);
	assert_int_equal(end, 400);
}

static void
stream_in_refuses_what_finds_no_room(void **state)
{
	uint64_t end;

	(void)state;
	for (size_t c = 0; c < CLASS_COUNT; c++) {
		enum record_class class = (enum record_class)c;
		unsigned max = chunk_class_max(fastest, class);

		begin();
		/* All but the first, which everything waits for. */
		for (uint64_t i = 1; i < max; i++)
			assert_int_equal(chunk(class, 1, 0, i * 10, 10, false),
			    OK);
		assert_int_equal(chunk(class, 1, 0, 0, 10, false), OK);
		assert_int_equal(chunk(class, 1, 0, max * 10, 10, false),
		    ERR_LIMIT);
		/* What is held is no matter of room. */
		assert_int_equal(chunk(class, 1, 0, 20, 10, false), OK);
		/* Other classes have their own. */
		assert_int_equal(chunk((enum record_class)(
					   (c + 1) % CLASS_COUNT),
				     2, 0, 0, 10, true),
		    OK);
		while (next(0, &end) != 0)
			;
		have.at[c].offset = 10;
		partial_n[c] = 1;
		stream_in_on_synced(&in, &have, partial_n);
		assert_int_equal(chunk(class, 1, 0, max * 10, 10, false), OK);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stream_in_hands_over_in_order),
		cmocka_unit_test(stream_in_hands_over_a_higher_class_first),
		cmocka_unit_test(stream_in_puts_any_cuts_together),
		cmocka_unit_test(stream_in_refuses_records_out_of_order),
		cmocka_unit_test(stream_in_waits_for_all_of_after),
		cmocka_unit_test(stream_in_keeps_nothing_of_a_fault),
		cmocka_unit_test(
		    stream_in_takes_no_record_again_that_was_handed),
		cmocka_unit_test(stream_in_waits_for_its_keeper),
		cmocka_unit_test(stream_in_frees_what_is_synced),
		cmocka_unit_test(
		    stream_in_hands_again_from_the_middle_of_a_record),
		cmocka_unit_test(
		    stream_in_forgets_at_a_boot_what_was_not_handed),
		cmocka_unit_test(stream_in_refuses_what_finds_no_room),
	};

	return cmocka_run_group_tests_name("stream_in", tests, NULL, NULL);
}
