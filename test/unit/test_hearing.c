#include "core/hearing.h"

#include <string.h>

#include "base/clock.h"

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct cadence talk = { 1200, 100000 };

enum { S = SILENCE_S };

static uint64_t
seconds(uint64_t s)
{
	return (1000 + s) * CLOCK_NS_PER_S;
}

static struct hearing
booting(void)
{
	struct hearing hearing;

	hearing_init(&hearing, talk, seconds(0));
	return hearing;
}

static struct hearing
in_session(void)
{
	struct hearing hearing = booting();

	hearing_on_session(&hearing, seconds(0));
	hearing_on_frame(&hearing, seconds(0));
	return hearing;
}

static struct line_report
report_of(const struct hearing *hearing, enum line_state state, uint64_t at_ns)
{
	struct line_report report;

	memset(&report, 0, sizeof(report));
	hearing_read(hearing, &report, state, at_ns);
	return report;
}

static void
hearing_of_a_boot_has_its_words(void **state)
{
	struct hearing hearing = booting();

	(void)state;
	assert_int_equal(hearing_state_of_boot(&hearing, false, seconds(S)),
	    LINE_BOOTING);
	assert_int_equal(hearing_state_of_boot(&hearing, false, seconds(S) + 1),
	    LINE_SILENT);
	/* The first frame after a silence gives the peer time to answer. */
	hearing_on_boot_frame(&hearing, seconds(100));
	assert_int_equal(hearing_state_of_boot(&hearing, false, seconds(100)),
	    LINE_BOOTING);
	hearing_on_boot_frame(&hearing, seconds(100 + S));
	hearing_on_boot_frame(&hearing, seconds(101 + S));
	assert_int_equal(hearing_state_of_boot(&hearing, false,
			     seconds(101 + S)),
	    LINE_ONE_WAY);
	assert_int_equal(hearing_state_of_boot(&hearing, true,
			     seconds(101 + S)),
	    LINE_BOOTING);
}

static void
hearing_of_a_session_has_its_words(void **state)
{
	struct hearing hearing = booting();

	(void)state;
	hearing_on_session(&hearing, seconds(0));
	assert_int_equal(hearing_state_of_session(&hearing, seconds(S)),
	    LINE_BOOTING);
	assert_int_equal(hearing_state_of_session(&hearing, seconds(S) + 1),
	    LINE_SILENT);
	hearing_on_frame(&hearing, seconds(10));
	assert_int_equal(hearing_state_of_session(&hearing, seconds(10 + S)),
	    LINE_UP);
	assert_int_equal(hearing_state_of_session(&hearing,
			     seconds(10 + S) + 1),
	    LINE_SILENT);
	hearing_on_status(&hearing, S * 1000);
	assert_int_equal(hearing_state_of_session(&hearing, seconds(10)),
	    LINE_UP);
	hearing_on_status(&hearing, S * 1000 + 1);
	assert_int_equal(hearing_state_of_session(&hearing, seconds(10)),
	    LINE_ONE_WAY);
	hearing_on_goodbye(&hearing, WHY_SEALED);
	assert_int_equal(hearing_state_of_session(&hearing, seconds(10)),
	    LINE_SILENT);
	assert_int_equal(report_of(&hearing, LINE_SILENT, seconds(10)).why,
	    WHY_SEALED);
	/* What the last session's peer said is not this one's. */
	hearing_on_session(&hearing, seconds(20));
	hearing_on_frame(&hearing, seconds(20));
	assert_int_equal(hearing_state_of_session(&hearing, seconds(20)),
	    LINE_UP);
}

static void
hearing_counts_slots_where_they_are_long(void **state)
{
	const struct cadence slow = { 256, 2000000 };
	struct hearing hearing;

	(void)state;
	hearing_init(&hearing, slow, seconds(0));
	hearing_on_session(&hearing, seconds(0));
	hearing_on_frame(&hearing, seconds(0));
	assert_int_equal(hearing_state_of_session(&hearing,
			     seconds(2 * SILENCE_SLOTS)),
	    LINE_UP);
	assert_int_equal(hearing_state_of_session(&hearing,
			     seconds(2 * SILENCE_SLOTS) + 1),
	    LINE_SILENT);
}

static void
hearing_says_when_the_peer_lived(void **state)
{
	struct hearing hearing = booting();

	(void)state;
	assert_true(
	    report_of(&hearing, LINE_BOOTING, seconds(1)).heard_ms_ago ==
	    UINT64_MAX);
	/* A recording could have sent it. */
	hearing_on_boot_frame(&hearing, seconds(1));
	assert_true(
	    report_of(&hearing, LINE_BOOTING, seconds(1)).heard_ms_ago ==
	    UINT64_MAX);
	hearing_on_answer(&hearing, seconds(2));
	assert_int_equal(report_of(&hearing, LINE_BOOTING, seconds(3))
			     .heard_ms_ago,
	    1000);
	hearing_on_session(&hearing, seconds(4));
	assert_true(hearing_last_ns(&hearing) == seconds(4));
	hearing_on_frame(&hearing, seconds(6));
	assert_true(hearing_last_ns(&hearing) == seconds(6));
	assert_int_equal(report_of(&hearing, LINE_UP, seconds(8)).heard_ms_ago,
	    2000);
}

static void
hearing_is_told_once_a_second_and_when_it_changes(void **state)
{
	struct hearing hearing = in_session();
	struct line_report report = report_of(&hearing, LINE_UP, seconds(0));

	(void)state;
	assert_true(hearing_is_news(&hearing, &report, seconds(0)));
	assert_false(hearing_is_news(&hearing, &report, seconds(1) - 1));
	assert_true(hearing_is_news(&hearing, &report, seconds(1)));
	assert_false(hearing_is_news(&hearing, &report, seconds(1)));
	report.state = LINE_ONE_WAY;
	assert_true(hearing_is_news(&hearing, &report, seconds(1)));
	assert_false(hearing_is_news(&hearing, &report, seconds(1)));
	hearing_tell_again(&hearing);
	assert_true(hearing_is_news(&hearing, &report, seconds(1)));
}

static void
hearing_forgets_whose_fault_the_last_silence_was(void **state)
{
	struct hearing hearing = booting();
	struct line_report report;

	(void)state;
	hearing_on_peer_boot(&hearing, true, seconds(0));
	report = report_of(&hearing, LINE_BOOTING, seconds(0));
	assert_true(hearing_is_news(&hearing, &report, seconds(0)));
	assert_true(report.was_post);
	report = report_of(&hearing, LINE_SILENT, seconds(9));
	assert_true(hearing_is_news(&hearing, &report, seconds(9)));
	assert_false(report.was_post);
	assert_false(report_of(&hearing, LINE_UP, seconds(9)).was_post);
	/* Known while it lasts, it stays. */
	hearing_on_peer_boot(&hearing, true, seconds(10));
	report = report_of(&hearing, LINE_SILENT, seconds(10));
	(void)hearing_is_news(&hearing, &report, seconds(10));
	assert_true(report.was_post);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hearing_of_a_boot_has_its_words),
		cmocka_unit_test(hearing_of_a_session_has_its_words),
		cmocka_unit_test(hearing_counts_slots_where_they_are_long),
		cmocka_unit_test(hearing_says_when_the_peer_lived),
		cmocka_unit_test(
		    hearing_is_told_once_a_second_and_when_it_changes),
		cmocka_unit_test(
		    hearing_forgets_whose_fault_the_last_silence_was),
	};

	return cmocka_run_group_tests_name("hearing", tests, NULL, NULL);
}
