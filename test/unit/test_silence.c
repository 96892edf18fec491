#include "keeper/silence.h"

#include "forge.h"

static struct line_report
in(enum line_state state, enum line_why why)
{
	return (struct line_report){ .state = state, .why = why };
}

static struct line_report
up(bool judged, bool was_post)
{
	return (struct line_report){ .state = LINE_UP,
		.judged = judged,
		.was_post = was_post };
}

static void
silence_has_a_word_for_each_state(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	static const struct {
		enum line_state state;
		enum line_why why;
		const char *what;
		const char *says;
	} rows[] = {
		{ LINE_UP, WHY_NONE, "up", "is up" },
		{ LINE_ONE_WAY, WHY_NONE, "one-way", "do not hear us" },
		{ LINE_SILENT, WHY_PATH_OR_POST, "silent",
		    "nobody can tell which yet" },
		{ LINE_BOOTING, WHY_NONE, "booting", "is starting" },
		{ LINE_SILENT, WHY_GOODBYE, "goodbye", "said goodbye" },
		{ LINE_SILENT, WHY_SEALED, "sealed", "is sealed" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const size_t before = a->event_count;

		forge_report(a, in(rows[i].state, rows[i].why));
		assert_int_equal(a->event_count, before + 1);
		assert_string_equal(forge_last(a)->kind, "line");
		assert_string_equal(forge_last(a)->what, rows[i].what);
		assert_non_null(strstr(forge_last(a)->say, rows[i].says));
		/* Once. */
		forge_report(a, in(rows[i].state, rows[i].why));
		assert_int_equal(a->event_count, before + 1);
	}
}

static void
silence_is_told_afterwards_which_it_was(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	forge_report(a, up(false, false));
	for (int was_post = 0; was_post < 2; was_post++) {
		const char *what = was_post ? "was-post" : "was-path";

		forge_report(a, in(LINE_SILENT, WHY_PATH_OR_POST));
		forge_wait(twin, 95 * 1000);
		forge_report(a, in(LINE_BOOTING, WHY_NONE));
		/* Heard again, and nobody knows yet. */
		forge_report(a, up(false, was_post != 0));
		assert_int_equal(forge_count(a, "line", what), 0);
		forge_wait(twin, 2000);
		forge_report(a, up(true, was_post != 0));
		assert_int_equal(forge_count(a, "line", what), 1);
		assert_non_null(strstr(forge_last(a)->say, "1 min 35 s"));
		forge_report(a, up(true, was_post != 0));
		assert_int_equal(forge_count(a, "line", what), 1);
	}
}

static void
silence_is_counted_from_the_last_frame(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct line_report silent = in(LINE_SILENT, WHY_PATH_OR_POST);

	silent.heard_ms_ago = 5000;
	forge_wait(twin, 10 * 1000);
	forge_report(a, silent);
	forge_wait(twin, 1000);
	forge_report(a, up(true, false));
	assert_non_null(strstr(forge_last(a)->say, " 6 s."));
	/* Never heard: as long as anybody knows. */
	silent.heard_ms_ago = UINT64_MAX;
	forge_report(a, silent);
	forge_wait(twin, 3000);
	forge_report(a, up(true, false));
	assert_non_null(strstr(forge_last(a)->say, " 3 s."));
}

static void
silence_that_was_announced_asks_nothing(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	forge_report(a, up(false, false));
	forge_report(a, in(LINE_SILENT, WHY_GOODBYE));
	forge_report(a, up(true, true));
	forge_report(a, in(LINE_ONE_WAY, WHY_NONE));
	forge_report(a, up(true, true));
	assert_int_equal(forge_count(a, "line", "was-post"), 0);
	assert_int_equal(forge_count(a, "line", "was-path"), 0);
}

static void
silence_that_follows_another_is_its_own(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	forge_report(a, in(LINE_SILENT, WHY_PATH_OR_POST));
	forge_wait(twin, 60 * 1000);
	forge_report(a, up(false, false));
	/* Gone again before they could say. */
	forge_wait(twin, 1000);
	forge_report(a, in(LINE_SILENT, WHY_PATH_OR_POST));
	forge_wait(twin, 7000);
	forge_report(a, up(true, true));
	assert_int_equal(forge_count(a, "line", "was-post"), 1);
	assert_non_null(strstr(forge_last(a)->say, " 7 s."));
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, forge_setup, forge_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(silence_has_a_word_for_each_state),
		TEST(silence_is_told_afterwards_which_it_was),
		TEST(silence_is_counted_from_the_last_frame),
		TEST(silence_that_was_announced_asks_nothing),
		TEST(silence_that_follows_another_is_its_own),
	};

	return cmocka_run_group_tests_name("silence", tests, NULL, NULL);
}
