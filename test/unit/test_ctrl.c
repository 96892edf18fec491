#include "core/ctrl.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static size_t
encode(uint8_t bytes[256], const struct ctrl *ctrl)
{
	struct writer w;

	buf_write(&w, bytes, 256);
	ctrl_encode(&w, ctrl);
	assert_true(buf_is_sound(&w));
	return w.len;
}

/* Every shorter and every longer body is refused. */
static void
refuses_other_lengths(uint8_t bytes[256], size_t len)
{
	struct ctrl ctrl;

	bytes[len] = 0;
	assert_int_equal(ctrl_decode(&ctrl, bytes, len + 1), ERR_FORMAT);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(ctrl_decode(&ctrl, bytes, i), ERR_FORMAT);
}

static void
ctrl_carries_have(void **state)
{
	struct ctrl ctrl = { .kind = CTRL_HAVE }, again;
	uint8_t bytes[256];
	size_t len;

	(void)state;
	for (uint64_t i = 0; i < CLASS_COUNT; i++) {
		ctrl.have.at[i].n = i == 4 ? UINT64_MAX : 100 * i;
		ctrl.have.at[i].offset = i == 3 ? UINT64_MAX : i * i * 1000;
	}
	ctrl.have.credit = UINT64_MAX;
	len = encode(bytes, &ctrl);
	assert_int_equal(ctrl_decode(&again, bytes, len), OK);
	assert_int_equal(again.kind, CTRL_HAVE);
	assert_memory_equal(&again.have, &ctrl.have, sizeof(ctrl.have));
	refuses_other_lengths(bytes, len);
	/* Of another side than the reader's. */
	bytes[1] = 1;
	assert_int_equal(ctrl_decode(&again, bytes, len), ERR_FORMAT);
	/* Whatever it says, it fits the smallest frame beside an ACK. */
	for (size_t i = 0; i < CLASS_COUNT; i++)
		ctrl.have.at[i] = (struct position){ UINT64_MAX, UINT64_MAX };
	assert_in_range(encode(bytes, &ctrl), 1,
	    FRAME_BYTES_MIN - FRAME_OVERHEAD_BYTES - ACK_BYTES_MAX -
		2 * FRAME_RECORD_HEAD_BYTES);
}

static void
ctrl_carries_status(void **state)
{
	struct ctrl ctrl = { .kind = CTRL_STATUS,
		.number = 7,
		.status = { 77, 12345, WATCH_DECLINED, POST_SEALED, STORE_FULL,
		    WATCH_UNTIL_MS_MAX, 4711 } };
	struct ctrl again;
	uint8_t bytes[256];
	size_t len;

	(void)state;
	len = encode(bytes, &ctrl);
	assert_int_equal(ctrl_decode(&again, bytes, len), OK);
	assert_int_equal(again.number, 7);
	assert_int_equal(again.status.journal_end, 77);
	assert_int_equal(again.status.heard_ms_ago, 12345);
	assert_int_equal(again.status.watch, WATCH_DECLINED);
	assert_int_equal(again.status.post, POST_SEALED);
	assert_true(again.status.declined_until_ms == WATCH_UNTIL_MS_MAX);
	assert_int_equal(again.status.running_ms, 4711);
	assert_int_equal(again.status.store, STORE_FULL);
	refuses_other_lengths(bytes, len);
	for (size_t i = len - 15; i < len - 12; i++) {
		uint8_t last = bytes[i];

		bytes[i] = (uint8_t)(last + 1);
		assert_int_equal(ctrl_decode(&again, bytes, len), ERR_FORMAT);
		bytes[i] = 0xff;
		assert_int_equal(ctrl_decode(&again, bytes, len), ERR_FORMAT);
		bytes[i] = last;
	}
}

static void
ctrl_says_until_when_only_where_the_watch_declined(void **state)
{
	struct ctrl ctrl = { .kind = CTRL_STATUS, .number = 1 }, again;
	uint8_t bytes[256];
	size_t len;

	(void)state;
	for (unsigned watch = 0; watch <= WATCH_DECLINED; watch++) {
		ctrl.status.watch = (enum watch_state)watch;
		ctrl.status.declined_until_ms = 0;
		len = encode(bytes, &ctrl);
		assert_int_equal(ctrl_decode(&again, bytes, len), OK);
		ctrl.status.declined_until_ms = 1795000000000;
		len = encode(bytes, &ctrl);
		assert_int_equal(ctrl_decode(&again, bytes, len),
		    watch == WATCH_DECLINED ? OK : ERR_FORMAT);
	}
	ctrl.status.declined_until_ms = WATCH_UNTIL_MS_MAX + 1;
	len = encode(bytes, &ctrl);
	assert_int_equal(ctrl_decode(&again, bytes, len), ERR_FORMAT);
	ctrl.status.declined_until_ms = -1;
	len = encode(bytes, &ctrl);
	assert_int_equal(ctrl_decode(&again, bytes, len), ERR_FORMAT);
}

static void
ctrl_carries_goodbye(void **state)
{
	struct ctrl ctrl = { .kind = CTRL_GOODBYE, .why = WHY_SEALED }, again;
	uint8_t bytes[256];
	size_t len = encode(bytes, &ctrl);

	(void)state;
	assert_int_equal(ctrl_decode(&again, bytes, len), OK);
	assert_int_equal(again.why, WHY_SEALED);
	refuses_other_lengths(bytes, len);
	for (unsigned why = 0; why < 256; why++) {
		bytes[1] = (uint8_t)why;
		assert_int_equal(ctrl_decode(&again, bytes, len),
		    why == WHY_GOODBYE || why == WHY_SEALED ? OK : ERR_FORMAT);
	}
}

static void
ctrl_skips_other_kinds(void **state)
{
	uint8_t bytes[4] = { 0 };
	struct ctrl ctrl;

	(void)state;
	for (unsigned kind = 0; kind < 256; kind++) {
		if (kind >= CTRL_HAVE && kind <= CTRL_GOODBYE)
			continue;
		bytes[0] = (uint8_t)kind;
		for (size_t len = 1; len <= sizeof(bytes); len++)
			assert_int_equal(ctrl_decode(&ctrl, bytes, len),
			    ERR_NOT_FOUND);
	}
	assert_int_equal(ctrl_decode(&ctrl, bytes, 0), ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ctrl_carries_have),
		cmocka_unit_test(ctrl_carries_status),
		cmocka_unit_test(
		    ctrl_says_until_when_only_where_the_watch_declined),
		cmocka_unit_test(ctrl_carries_goodbye),
		cmocka_unit_test(ctrl_skips_other_kinds),
	};

	return cmocka_run_group_tests_name("ctrl", tests, NULL, NULL);
}
