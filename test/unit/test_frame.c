#include "core/frame.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const uint8_t key[FRAME_KEY_BYTES] = { 1, 2, 3 };
static const uint8_t nonce[FRAME_NONCE_BYTES] = { 9, 8, 7 };

static void
frame_opens_under_its_key(void **state)
{
	static const size_t sizes[] = { FRAME_BYTES_MIN, 1200,
		FRAME_BYTES_MAX };
	uint8_t plain[FRAME_PLAIN_BYTES_MAX], frame[FRAME_BYTES_MAX];
	uint8_t again[FRAME_PLAIN_BYTES_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)i;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(frame_plain_bytes(sizes[i]), sizes[i] - 40);
		frame_seal(frame, sizes[i], nonce, key, plain);
		assert_memory_equal(frame, nonce, sizeof(nonce));
		assert_int_equal(frame_unseal(again, frame, sizes[i], key), OK);
		assert_memory_equal(again, plain, sizes[i] - 40);
	}
}

static void
frame_refuses_any_bit_changed(void **state)
{
	const uint8_t plain[FRAME_PLAIN_BYTES_MAX] = { 1 };
	uint8_t frame[FRAME_BYTES_MIN], again[FRAME_PLAIN_BYTES_MAX];
	uint8_t other[FRAME_KEY_BYTES];

	(void)state;
	frame_seal(frame, sizeof(frame), nonce, key, plain);
	for (size_t i = 0; i < sizeof(frame) * 8; i++) {
		frame[i / 8] ^= (uint8_t)(1u << i % 8);
		assert_int_equal(frame_unseal(again, frame, sizeof(frame), key),
		    ERR_CRYPTO);
		frame[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	for (size_t i = 0; i < sizeof(key) * 8; i++) {
		memcpy(other, key, sizeof(key));
		other[i / 8] ^= (uint8_t)(1u << i % 8);
		assert_int_equal(frame_unseal(again, frame, sizeof(frame),
				     other),
		    ERR_CRYPTO);
	}
	assert_int_equal(frame_unseal(again, frame, sizeof(frame), key), OK);
}

/* Each thing that goes into a nonce changes it, also alone: a machine resumed
 * twice repeats all but one of them. */
static void
frame_nonce_depends_on_all_that_it_is_drawn_from(void **state)
{
	uint8_t drawn[6][FRAME_NONCE_BYTES];
	struct frame_nonces nonces;
	struct rng_seeded seeded;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		frame_nonces_init(&nonces,
		    rng_from_seed(&seeded, i == 4 ? 2 : 1));
		if (i == 5)
			(void)rng_u64(nonces.rng);
		frame_nonce_draw(&nonces, i == 1 ? 8 : 7, i == 2 ? 5 : 4,
		    i == 3 ? 1 : 0, drawn[i]);
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(drawn[i], drawn[j],
			    FRAME_NONCE_BYTES);
	}
	frame_nonces_init(&nonces, rng_from_seed(&seeded, 1));
	frame_nonce_draw(&nonces, 7, 4, 0, drawn[1]);
	assert_memory_equal(drawn[0], drawn[1], FRAME_NONCE_BYTES);
	frame_nonces_wipe(&nonces);
}

static bool
put_record(struct writer *w, enum frame_record_type type, size_t len)
{
	struct writer body = frame_record_begin(w);

	for (size_t i = 0; i < len; i++)
		buf_put_u8(&body, (uint8_t)(type * 16 + i));
	return frame_record_end(w, &body, type);
}

static void
frame_carries_records_up_to_its_end(void **state)
{
	uint8_t bytes[64];
	struct frame_record record;
	struct writer w;
	struct reader r;

	(void)state;
	memset(bytes, 0, sizeof(bytes));
	buf_write(&w, bytes, sizeof(bytes));
	assert_true(put_record(&w, FRAME_ACK, 10));
	assert_true(put_record(&w, FRAME_CTRL, 0));
	/* 48 left: a head of 3, and 45. */
	assert_false(put_record(&w, FRAME_CHUNK, 46));
	assert_int_equal(w.len, 16);
	assert_true(put_record(&w, FRAME_CHUNK, 45));
	assert_false(put_record(&w, FRAME_CTRL, 0));
	assert_true(buf_is_sound(&w));

	buf_read(&r, bytes, sizeof(bytes));
	assert_int_equal(frame_next_record(&r, &record), OK);
	assert_int_equal(record.type, FRAME_ACK);
	assert_int_equal(record.len, 10);
	assert_int_equal(record.body[9], 25);
	assert_int_equal(frame_next_record(&r, &record), OK);
	assert_int_equal(record.type, FRAME_CTRL);
	assert_int_equal(record.len, 0);
	assert_int_equal(frame_next_record(&r, &record), OK);
	assert_int_equal(record.len, 45);
	assert_int_equal(frame_next_record(&r, &record), ERR_NOT_FOUND);
}

static void
frame_refuses_records_that_overrun_it(void **state)
{
	static const uint8_t bad[][8] = { { FRAME_ACK, 6, 0 },
		{ FRAME_ACK, 0xff, 0xff }, { 200, 6, 0 },
		{ FRAME_CTRL, 2, 0, 1, 1, FRAME_CTRL, 1, 0 } };
	struct frame_record record;
	struct reader r;
	int rc;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		buf_read(&r, bad[i], sizeof(bad[i]));
		while ((rc = frame_next_record(&r, &record)) == OK)
			;
		assert_int_equal(rc, ERR_FORMAT);
	}
	/* A head that is cut. */
	for (size_t len = 1; len < 3; len++) {
		buf_read(&r, bad[0], len);
		assert_int_equal(frame_next_record(&r, &record), ERR_FORMAT);
	}
	/* Nothing, and padding. */
	buf_read(&r, bad[0], 0);
	assert_int_equal(frame_next_record(&r, &record), ERR_NOT_FOUND);
	buf_read(&r, "\0\1\2", 3);
	assert_int_equal(frame_next_record(&r, &record), ERR_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frame_opens_under_its_key),
		cmocka_unit_test(frame_refuses_any_bit_changed),
		cmocka_unit_test(
		    frame_nonce_depends_on_all_that_it_is_drawn_from),
		cmocka_unit_test(frame_carries_records_up_to_its_end),
		cmocka_unit_test(frame_refuses_records_that_overrun_it),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
