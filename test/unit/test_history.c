#include "cli/history.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "limits.h"

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
assert_bar(const char *json, const char *want)
{
	json_t *parts = json_loads(json, 0, NULL);
	char bar[HISTORY_BAR_CHARS + 1];

	assert_non_null(parts);
	history_bar(bar, parts);
	assert_string_equal(bar, want);
	json_decref(parts);
}

static void
assert_shares(const char *json, const char *want)
{
	json_t *parts = json_loads(json, 0, NULL);
	char *shares = history_shares(parts);

	assert_string_equal(shares, want);
	free(shares);
	json_decref(parts);
}

static void
history_draws_a_day_by_its_parts(void **state)
{
	(void)state;
	assert_bar("{\"up\":86400}",
	    "################################################");
	assert_bar("{\"up\":43200,\"path\":21600}",
	    "########################pppppppppppp            ");
	assert_bar("{}", "                                                ");
	/* A second of it is seen, and takes from the largest. */
	assert_bar("{\"up\":86393,\"one_way\":1,\"starting\":1,\"path\":1,"
		   "\"post\":1,\"untold\":1,\"goodbye\":1,\"down\":1}",
	    "#########################################>spx?g-");
	/* Whatever it says, it stays within its bounds. */
	assert_bar("{\"up\":999999999999,\"path\":999999999999,"
		   "\"down\":-5}",
	    "########################pppppppppppppppppppppppp");
}

static void
history_says_the_shares_of_what_was_recorded(void **state)
{
	(void)state;
	assert_shares("{}", "");
	assert_shares("{\"up\":60}", "up 100.0 %");
	assert_shares("{\"up\":998,\"path\":2}", "up 99.8 %, path 0.2 %");
	assert_shares("{\"up\":86399,\"post\":1}",
	    "up 99.9 %, other post under 0.1 %");
	assert_shares("{\"one_way\":1,\"down\":1}",
	    "one-way 50.0 %, own post 50.0 %");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(history_draws_a_day_by_its_parts),
		cmocka_unit_test(history_says_the_shares_of_what_was_recorded),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
