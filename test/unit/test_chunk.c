#include "core/chunk.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/rng.h"

static const struct cadence fastest = { FRAME_BYTES_MAX, SLOT_US_MIN };
static struct chunk_pool pool;
static _Alignas(struct chunk)
    uint8_t memory[CHUNKS_MAX * (sizeof(struct chunk) + CHUNK_BYTES_MAX + 8)];

/* Order, count and ends of every list; nothing is in two, nothing is lost. */
static void
is_sound(void)
{
	unsigned total = 0, free = 0;
	uint16_t at;

	for (size_t c = 0; c < CLASS_COUNT; c++) {
		uint16_t last = CHUNK_NONE, count = 0;

		for (at = pool.list[c].first; at != CHUNK_NONE;
		     at = chunk_at(&pool, at)->next) {
			assert_int_equal(chunk_at(&pool, at)->class, c);
			assert_true(last == CHUNK_NONE ||
			    chunk_at(&pool, last)->n <= chunk_at(&pool, at)->n);
			last = at;
			count++;
		}
		assert_int_equal(pool.list[c].last, last);
		assert_int_equal(pool.list[c].count, count);
		total += count;
	}
	for (at = pool.free; at != CHUNK_NONE; at = chunk_at(&pool, at)->next)
		free++;
	assert_int_equal(total + free, CHUNKS_MAX);
}

static void
chunk_lists_stay_sound(void **state)
{
	struct rng_seeded seeded;
	struct rng rng = rng_from_seed(&seeded, 1);

	(void)state;
	chunk_pool_init(&pool, memory, fastest);
	is_sound();
	for (unsigned i = 0; i < 4000; i++) {
		enum record_class class =
		    (enum record_class)rng_below(rng, CLASS_COUNT);
		uint64_t n = rng_below(rng, 100);
		uint16_t before = CHUNK_NONE, at = pool.list[class].first;

		for (; at != CHUNK_NONE && chunk_at(&pool, at)->n < n;
		     at = chunk_at(&pool, at)->next)
			before = at;
		if (rng_below(rng, 3) > 0) {
			at = chunk_insert(&pool, class, before);
			if (at != CHUNK_NONE)
				chunk_at(&pool, at)->n = n;
			else
				assert_int_equal(pool.list[class].count,
				    chunk_class_max(fastest, class));
		} else if (at != CHUNK_NONE) {
			chunk_remove_after(&pool, class, before);
		}
		if (i % 16 == 0)
			is_sound();
	}
	for (size_t c = 0; c < CLASS_COUNT; c++)
		chunk_clear(&pool, (enum record_class)c);
	is_sound();
	assert_int_equal(pool.list[0].count, 0);
}

static void
chunk_classes_have_room_of_their_own(void **state)
{
	(void)state;
	chunk_pool_init(&pool, memory, fastest);
	for (size_t c = 0; c < CLASS_COUNT; c++) {
		enum record_class class = (enum record_class)c;

		for (unsigned i = 0; i < chunk_class_max(fastest, class); i++)
			assert_int_not_equal(chunk_insert(&pool, class,
						 CHUNK_NONE),
			    CHUNK_NONE);
		assert_int_equal(chunk_insert(&pool, class, CHUNK_NONE),
		    CHUNK_NONE);
	}
	is_sound();
	assert_int_equal(pool.free, CHUNK_NONE);
}

static void
chunk_classes_have_room_as_the_cadence_needs(void **state)
{
	const struct cadence talk = { 1200, 100000 }, desk = { 1200, 20000 };
	const struct cadence slowest = { FRAME_BYTES_MIN, SLOT_US_MAX };

	(void)state;
	assert_int_equal(chunk_class_max(slowest, CLASS_NOTES),
	    CHUNKS_NOTES_MIN);
	assert_int_equal(chunk_class_max(talk, CLASS_ROUTINE),
	    CHUNKS_ROUTINE_MIN);
	assert_int_equal(chunk_class_max(desk, CLASS_ROUTINE), 200);
	assert_int_equal(chunk_class_max(desk, CLASS_PRIORITY),
	    CHUNKS_PRIORITY_MAX);
	assert_int_equal(chunk_class_max(fastest, CLASS_ROUTINE),
	    CHUNKS_ROUTINE_MAX);
	assert_true(chunk_pool_bytes(fastest) <= sizeof(memory));
	assert_true(chunk_pool_bytes(slowest) < 60000);
}

static void
chunk_wipes_what_it_frees(void **state)
{
	static const uint8_t zeros[CHUNK_BYTES_MAX];
	uint16_t at;

	(void)state;
	chunk_pool_init(&pool, memory, fastest);
	at = chunk_insert(&pool, CLASS_FLASH, CHUNK_NONE);
	memset(chunk_at(&pool, at)->data, 0x5a, CHUNK_BYTES_MAX);
	chunk_remove_after(&pool, CLASS_FLASH, CHUNK_NONE);
	assert_memory_equal(chunk_at(&pool, at)->data, zeros, sizeof(zeros));
}

static size_t
encode(uint8_t *bytes, size_t cap, size_t len)
{
	struct chunk *chunk = (struct chunk *)(void *)memory;
	struct writer w;

	*chunk = (struct chunk){ .n = 7,
		.offset = 300,
		.len = 100,
		.class = CLASS_ROUTINE,
		.fin = true };
	memset(chunk->data, 0x33, CHUNK_BYTES_MAX);
	buf_write(&w, bytes, cap);
	chunk_encode(&w, chunk, len);
	assert_true(buf_is_sound(&w));
	return w.len;
}

static void
chunk_carries_what_it_holds(void **state)
{
	uint8_t bytes[200];
	struct piece piece;
	size_t len = encode(bytes, sizeof(bytes), 100);

	(void)state;
	assert_int_equal(len, CHUNK_HEAD_BYTES - FRAME_RECORD_HEAD_BYTES + 100);
	/* Stream id 2n. */
	assert_int_equal(bytes[0], 14);
	assert_int_equal(chunk_decode(&piece, bytes, len), OK);
	assert_int_equal(piece.n, 7);
	assert_int_equal(piece.offset, 300);
	assert_int_equal(piece.class, CLASS_ROUTINE);
	assert_int_equal(piece.len, 100);
	assert_true(piece.fin);
	assert_int_equal(piece.data[99], 0x33);
	/* A part of it is not the end. */
	len = encode(bytes, sizeof(bytes), 99);
	assert_int_equal(chunk_decode(&piece, bytes, len), OK);
	assert_false(piece.fin);
	assert_int_equal(piece.len, 99);
}

static void
chunk_refuses_what_breaks_its_layout(void **state)
{
	static uint8_t long_one[17 + CHUNK_BYTES_MAX + 1];
	uint8_t bytes[200];
	struct piece piece;
	size_t len = encode(bytes, sizeof(bytes), 100);

	(void)state;
	for (size_t i = 0; i <= 17; i++)
		assert_int_equal(chunk_decode(&piece, bytes, i), ERR_FORMAT);
	assert_int_equal(chunk_decode(&piece, bytes, 18), OK);
	/* Streams 0 and 2n + 1. */
	bytes[0] = 15;
	assert_int_equal(chunk_decode(&piece, bytes, len), ERR_FORMAT);
	bytes[0] = 0;
	assert_int_equal(chunk_decode(&piece, bytes, len), ERR_FORMAT);
	bytes[0] = 14;
	for (unsigned flags = 0; flags < 256; flags++) {
		bytes[16] = (uint8_t)flags;
		assert_int_equal(chunk_decode(&piece, bytes, len),
		    flags >> 1 < CLASS_COUNT ? OK : ERR_FORMAT);
	}
	/* An end beyond the last number. */
	bytes[16] = 0;
	memset(bytes + 8, 0xff, 8);
	assert_int_equal(chunk_decode(&piece, bytes, len), ERR_FORMAT);
	bytes[8] = (uint8_t)(0xff - 100);
	assert_int_equal(chunk_decode(&piece, bytes, len), OK);
	bytes[8]++;
	assert_int_equal(chunk_decode(&piece, bytes, len), ERR_FORMAT);
	long_one[0] = 2;
	assert_int_equal(chunk_decode(&piece, long_one, sizeof(long_one) - 1),
	    OK);
	assert_int_equal(chunk_decode(&piece, long_one, sizeof(long_one)),
	    ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chunk_lists_stay_sound),
		cmocka_unit_test(chunk_classes_have_room_of_their_own),
		cmocka_unit_test(chunk_classes_have_room_as_the_cadence_needs),
		cmocka_unit_test(chunk_wipes_what_it_frees),
		cmocka_unit_test(chunk_carries_what_it_holds),
		cmocka_unit_test(chunk_refuses_what_breaks_its_layout),
	};

	return cmocka_run_group_tests_name("chunk", tests, NULL, NULL);
}
