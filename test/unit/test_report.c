#include "proc/report.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
report_comes_back_and_refuses_others(void **state)
{
	const struct line_report report = { .state = LINE_ONE_WAY,
		.why = WHY_GOODBYE,
		.heard_ms_ago = UINT64_MAX,
		.rtt_us = 7,
		.frames_sent = 8,
		.frames_taken = 9,
		.frames_refused = 10,
		.sessions = 11,
		.slots_missed = 12,
		.was_post = true,
		.judged = true,
		.path = { { PATH_UP, 1, 2, { .len = 0 } },
		    { PATH_ONE_WAY, 3, 4, { .len = 0 } } } };
	struct line_report back = { .state = LINE_UP };
	uint8_t bytes[128];
	struct writer w;
	struct reader r;
	size_t len;

	(void)state;
	buf_write(&w, bytes, sizeof(bytes));
	report_encode(&w, &report);
	assert_true(buf_is_sound(&w));
	len = w.len;
	buf_read(&r, bytes, len);
	report_decode(&r, &back);
	assert_int_equal(buf_is_spent(&r), OK);
	assert_memory_equal(&back, &report, sizeof(report));

	for (size_t cut = 0; cut < len; cut++) {
		buf_read(&r, bytes, cut);
		report_decode(&r, &back);
		assert_false(buf_is_readable(&r));
		buf_write(&w, bytes, cut);
		report_encode(&w, &report);
		assert_false(buf_is_sound(&w));
	}
	bytes[0] = LINE_STATE_COUNT;
	buf_read(&r, bytes, len);
	report_decode(&r, &back);
	assert_false(buf_is_readable(&r));
	bytes[0] = LINE_UP;
	/* The first path's state stands behind judged. */
	bytes[56] = PATH_STATE_COUNT;
	buf_read(&r, bytes, len);
	report_decode(&r, &back);
	assert_false(buf_is_readable(&r));
	bytes[56] = PATH_UP;
	bytes[1] = WHY_COUNT;
	buf_read(&r, bytes, len);
	report_decode(&r, &back);
	assert_false(buf_is_readable(&r));
}

static void
status_comes_back_and_refuses_others(void **state)
{
	const struct status status = { 5, 6, WATCH_DECLINED, POST_LOCKED,
		STORE_FULL, 1795000000000, 4711 };
	struct status back;
	uint8_t bytes[32];
	struct writer w;
	struct reader r;
	size_t len;

	(void)state;
	buf_write(&w, bytes, sizeof(bytes));
	report_encode_status(&w, &status);
	assert_true(buf_is_sound(&w));
	len = w.len;
	buf_read(&r, bytes, len);
	memset(&back, 0, sizeof(back));
	report_decode_status(&r, &back);
	assert_int_equal(buf_is_spent(&r), OK);
	assert_int_equal(back.journal_end, 5);
	assert_int_equal(back.heard_ms_ago, 6);
	assert_int_equal(back.watch, WATCH_DECLINED);
	assert_int_equal(back.post, POST_LOCKED);
	assert_int_equal(back.store, STORE_FULL);
	assert_int_equal(back.declined_until_ms, 1795000000000);
	assert_int_equal(back.running_ms, 4711);

	/* The three words stand before the times. */
	for (size_t at = len - 15; at < len - 12; at++) {
		const uint8_t was = bytes[at];

		bytes[at] = 9;
		buf_read(&r, bytes, len);
		report_decode_status(&r, &back);
		assert_false(buf_is_readable(&r));
		bytes[at] = was;
	}
	buf_read(&r, bytes, len - 1);
	report_decode_status(&r, &back);
	assert_false(buf_is_readable(&r));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(report_comes_back_and_refuses_others),
		cmocka_unit_test(status_comes_back_and_refuses_others),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
