#include "keeper/rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "keeper/delegate.h"
#include "keeper/rights.h"

enum {
	HEAD = 1 << DELEGATE_HEAD,
	RELEASER = 1 << DELEGATE_RELEASER,
	BOTH = HEAD | RELEASER,
	READER = 1 << DELEGATE_READER,
};

static const struct rule two_releasers = { .needs = 1,
	.need = { { DELEGATE_RELEASER, 2 } } };
static const struct rule one_of_each = { .needs = 2,
	.need = { { DELEGATE_HEAD, 1 }, { DELEGATE_RELEASER, 1 } } };
static const struct rule none = { .needs = 0 };

/* Whether people of these roles are enough. */
static bool
met(const struct rule *rule, uint32_t a, uint32_t b, uint32_t c)
{
	const uint32_t people[] = { a, b, c };

	return rule_is_met(rule, people, 3);
}

static void
no_rule_is_met_by_anybody(void **state)
{
	(void)state;
	assert_true(rule_is_met(&none, NULL, 0));
	assert_true(met(&none, READER, 0, 0));
}

static void
a_rule_counts_people_of_its_role(void **state)
{
	(void)state;
	assert_false(rule_is_met(&two_releasers, NULL, 0));
	assert_false(met(&two_releasers, RELEASER, 0, 0));
	assert_false(met(&two_releasers, RELEASER, HEAD, READER));
	assert_true(met(&two_releasers, RELEASER, HEAD, RELEASER));
	assert_true(met(&two_releasers, BOTH, BOTH, 0));
}

static void
a_person_of_two_roles_counts_once(void **state)
{
	(void)state;
	assert_false(met(&one_of_each, BOTH, 0, 0));
	assert_false(met(&one_of_each, HEAD, HEAD, 0));
	assert_false(met(&one_of_each, RELEASER, RELEASER, READER));
	assert_true(met(&one_of_each, BOTH, HEAD, 0));
	assert_true(met(&one_of_each, RELEASER, BOTH, 0));
	assert_true(met(&one_of_each, BOTH, BOTH, 0));
}

/* Against every way to share so many people out among the needs. */
static bool
can_share(const struct rule *rule, const uint32_t *people, size_t count,
    struct rule left)
{
	bool done = true;

	for (size_t i = 0; i < rule->needs; i++)
		done = done && left.need[i].count == 0;
	if (done)
		return true;
	if (count == 0)
		return false;
	for (size_t i = 0; i < rule->needs; i++) {
		struct rule next = left;

		if (left.need[i].count == 0 ||
		    (people[0] >> rule->need[i].role & 1) == 0)
			continue;
		next.need[i].count--;
		if (can_share(rule, people + 1, count - 1, next))
			return true;
	}
	return can_share(rule, people + 1, count - 1, left);
}

static void
a_rule_is_met_where_people_can_be_shared_out(void **state)
{
	enum { PEOPLE = 4, ROLES = 3 };
	uint32_t people[PEOPLE];
	struct rule rule = { .needs = ROLES };

	(void)state;
	for (unsigned counts = 0; counts < 27; counts++) {
		for (unsigned i = 0, n = counts; i < ROLES; i++, n /= 3)
			rule.need[i] = (struct rule_need){ (uint8_t)i, n % 3 };
		for (unsigned set = 0; set < 1u << (PEOPLE * ROLES); set++) {
			for (unsigned i = 0; i < PEOPLE; i++)
				people[i] = set >> (i * ROLES) & 7;
			if (rule_is_met(&rule, people, PEOPLE) !=
			    can_share(&rule, people, PEOPLE, rule))
				fail_msg("counts %u, people %#x", counts, set);
		}
	}
}

static void
a_rule_wants_its_roles_alone(void **state)
{
	(void)state;
	assert_true(rule_wants(&two_releasers, BOTH));
	assert_false(rule_wants(&two_releasers, HEAD));
	assert_false(rule_wants(&two_releasers, 0));
	assert_true(rule_wants(&one_of_each, HEAD));
	assert_false(rule_wants(&none, UINT32_MAX));
}

static void
a_rule_reads_as_people_say_it(void **state)
{
	char say[RULE_SAY_BYTES];

	(void)state;
	rule_describe(&none, say);
	assert_string_equal(say, "nobody else");
	rule_describe(&two_releasers, say);
	assert_string_equal(say, "2 releasers");
	rule_describe(&one_of_each, say);
	assert_string_equal(say, "1 head and 1 releaser");
}

static void
a_request_is_under_the_rule_of_its_precedence(void **state)
{
	struct request request = { .kind = REQUEST_SEND };

	(void)state;
	for (uint8_t i = 0; i < PRECEDENCE_COUNT; i++) {
		request.kind = REQUEST_SEND;
		request.send.precedence = i;
		assert_int_equal(rule_what(&request), i);
		memset(&request.ask, 0, sizeof(request.ask));
		request.kind = REQUEST_PASS;
		request.ask.pass.precedence = i;
		assert_int_equal(rule_what(&request), i);
	}
	for (int kind = 0; kind < REQUEST_COUNT; kind++) {
		request.kind = (enum request_kind)kind;
		if (kind != REQUEST_SEND && kind != REQUEST_PASS)
			assert_int_equal(rule_what(&request), RULE_OTHER);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_rule_is_met_by_anybody),
		cmocka_unit_test(a_rule_counts_people_of_its_role),
		cmocka_unit_test(a_person_of_two_roles_counts_once),
		cmocka_unit_test(a_rule_is_met_where_people_can_be_shared_out),
		cmocka_unit_test(a_rule_wants_its_roles_alone),
		cmocka_unit_test(a_rule_reads_as_people_say_it),
		cmocka_unit_test(a_request_is_under_the_rule_of_its_precedence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
