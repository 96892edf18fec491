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
	hearing_on_status(&hearing, S * 1000, UINT32_MAX, seconds(0));
	assert_int_equal(hearing_state_of_session(&hearing, seconds(10)),
	    LINE_UP);
	hearing_on_status(&hearing, S * 1000 + 1, UINT32_MAX, seconds(0));
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

/* The peer has been running for so many seconds; what came of it. */
static struct line_report
judged(struct hearing *hearing, uint64_t at_s, uint32_t running_s)
{
	hearing_on_frame(hearing, seconds(at_s));
	hearing_on_status(hearing, 0, running_s * 1000, seconds(at_s));
	return report_of(hearing, LINE_UP, seconds(at_s));
}

static void
hearing_tells_the_path_from_the_post_afterwards(void **state)
{
	struct hearing hearing = in_session();

	(void)state;
	/* The same session, after a silence: it ran all the time. */
	assert_false(judged(&hearing, 100, 3000).was_post);
	assert_true(judged(&hearing, 200, 3100).judged);
	/* Longer than any session lives: both boot, whatever it was. */
	hearing_on_boot(&hearing, seconds(200));
	hearing_on_session(&hearing, seconds(900));
	assert_false(judged(&hearing, 900, 3800).was_post);
	hearing_on_boot(&hearing, seconds(900));
	hearing_on_session(&hearing, seconds(1800));
	assert_true(judged(&hearing, 1800, 30).was_post);
	/* It has been told once: what follows is of no break. */
	assert_true(judged(&hearing, 1801, 31).was_post);
	assert_true(judged(&hearing, 1802, 5000).was_post);
	/* Our session was ended by their silence, not by ours: no restart. */
	hearing_on_peer_boot(&hearing, true, seconds(1803));
	hearing_on_boot(&hearing, seconds(1803));
	hearing_on_session(&hearing, seconds(1804));
	assert_false(judged(&hearing, 1804, 5000).was_post);
	/* As long as can be said, or longer. */
	hearing_on_frame(&hearing, seconds(2000));
	hearing_on_status(&hearing, 0, UINT32_MAX, seconds(2000));
	assert_false(report_of(&hearing, LINE_UP, seconds(2000)).was_post);
}

static void
hearing_judges_no_break_that_was_none(void **state)
{
	struct hearing hearing = booting();
	struct line_report report;

	(void)state;
	/* The first session, at once. */
	hearing_on_session(&hearing, seconds(1));
	assert_false(judged(&hearing, 1, 0).judged);
	assert_false(judged(&hearing, 2, 0).was_post);
	/* The first session, after a silence that people were told of. */
	hearing = booting();
	report = report_of(&hearing, LINE_SILENT, seconds(60));
	assert_true(hearing_is_news(&hearing, &report, seconds(60)));
	hearing_on_session(&hearing, seconds(80));
	report = judged(&hearing, 80, 5);
	assert_true(report.judged);
	assert_true(report.was_post);
	/* That it is known now is news. */
	assert_true(hearing_is_news(&hearing, &report, seconds(80)));
	assert_false(hearing_is_news(&hearing, &report, seconds(80)));
	report.judged = false;
	assert_true(hearing_is_news(&hearing, &report, seconds(80)));
	/* A new silence is another question. */
	report = report_of(&hearing, LINE_SILENT, seconds(99));
	assert_true(hearing_is_news(&hearing, &report, seconds(99)));
	assert_false(report.judged);
	/* Until they have said so, nobody knows. */
	hearing_on_frame(&hearing, seconds(120));
	assert_false(report_of(&hearing, LINE_UP, seconds(120)).judged);
}

/* Each change is an event, on disk, and the peer may say so with each frame. */
static void
hearing_blames_no_peer_for_what_was_before_the_first_frame(void **state)
{
	/* Nothing came for 90 s, then boot frames, for 10 s; then it turns out for
	 * how long they ran. */
	static const struct {
		uint32_t ran_s;
		bool was_post;
	} cases[] = { { 3600, false }, { 99, false }, { 10 + S + 1, false },
		{ 10 + S - 1, true }, { 0, true } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hearing hearing = booting();
		struct line_report report =
		    report_of(&hearing, LINE_SILENT, seconds(50));

		assert_true(hearing_is_news(&hearing, &report, seconds(50)));
		hearing_on_boot_frame(&hearing, seconds(90));
		hearing_on_session(&hearing, seconds(100));
		hearing_on_frame(&hearing, seconds(100));
		hearing_on_status(&hearing, 0, cases[i].ran_s * 1000,
		    seconds(100));
		report = report_of(&hearing, LINE_UP, seconds(100));
		assert_true(report.judged);
		assert_int_equal(report.was_post, cases[i].was_post);
	}
}

static void
hearing_is_not_changed_by_lies_more_often_than_once_a_second(void **state)
{
	struct hearing hearing = in_session();
	struct line_report report;
	unsigned up = 0, one_way = 0;
	uint64_t now_ns = 0;
	size_t i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		now_ns = seconds(1) + i * (CLOCK_NS_PER_S / 100);
		hearing_on_frame(&hearing, now_ns);
		hearing_on_status(&hearing, i % 2 == 0 ? 60000 : 0, 0, now_ns);
		report = report_of(&hearing,
		    hearing_state_of_session(&hearing, now_ns), now_ns);
		if (!hearing_is_news(&hearing, &report, now_ns))
			continue;
		up += report.state == LINE_UP;
		one_way += report.state == LINE_ONE_WAY;
	}
	assert_in_range(up, 0, 11);
	assert_in_range(one_way, 8, 22);
	/* What is true is told all the same. */
	now_ns += REPORT_EVERY_MS * CLOCK_NS_PER_MS;
	hearing_on_frame(&hearing, now_ns);
	report = report_of(&hearing, LINE_UP, now_ns);
	assert_true(hearing_is_news(&hearing, &report, now_ns));
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
		cmocka_unit_test(
		    hearing_tells_the_path_from_the_post_afterwards),
		cmocka_unit_test(hearing_judges_no_break_that_was_none),
		cmocka_unit_test(
		    hearing_blames_no_peer_for_what_was_before_the_first_frame),
		cmocka_unit_test(
		    hearing_is_not_changed_by_lies_more_often_than_once_a_second),
	};

	return cmocka_run_group_tests_name("hearing", tests, NULL, NULL);
}
