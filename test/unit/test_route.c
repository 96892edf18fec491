#include "desk/route.h"

#include <stdlib.h>
#include <string.h>

#include "desk/api.h"
#include "desk/args.h"

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct route_match match;

static int
find(const char *method, const char *path)
{
	return route_find(&match, api_routes, api_route_count, method, path);
}

static void
route_finds_each_of_the_api(void **state)
{
	(void)state;
	for (size_t i = 0; i < api_route_count; i++) {
		char path[256] = "";
		const char *c = api_routes[i].pattern;

		/* Variables become values. */
		while (*c != '\0') {
			if (strncmp(c, "{line}", 6) == 0) {
				strcat(path, "oslo");
				c += 6;
			} else if (strncmp(c, "{ref}", 5) == 0) {
				strcat(path, "them/7");
				c += 5;
			} else if (strncmp(c, "{name}", 6) == 0) {
				strcat(path, "a%20name");
				c += 6;
			} else if (strncmp(c, "{n}", 3) == 0) {
				strcat(path, "2");
				c += 3;
			} else {
				strncat(path, c++, 1);
			}
		}
		assert_int_equal(find(api_routes[i].method, path), OK);
		assert_ptr_equal(match.route, &api_routes[i]);
		assert_non_null(match.route->ask);
		assert_non_null(match.route->on_reply);
	}
}

static void
route_takes_variables(void **state)
{
	(void)state;
	assert_int_equal(find("GET",
			     "/v1/lines/a%20b/messages/us/12/attachments/3"),
	    OK);
	assert_string_equal(match.line, "a b");
	assert_string_equal(match.ref, "us/12");
	assert_int_equal(match.n, 3);
	assert_int_equal(find("POST",
			     "/v1/lines/x/messages/0123456789abcdef/ack"),
	    OK);
	assert_string_equal(match.ref, "0123456789abcdef");
	/* A line may be called as a word of the API. */
	assert_int_equal(find("GET", "/v1/lines/messages/messages"), OK);
	assert_string_equal(match.line, "messages");
	assert_int_equal(find("GET", "/v1/lines/us/messages/us/1"), OK);
	assert_string_equal(match.line, "us");
}

static void
route_refuses_other_paths(void **state)
{
	static const char *const paths[] = { "", "v1/status", "/", "//", "/v1",
		"/v1/", "/v1/status/", "//v1/status", "/v1//status",
		"/v2/status", "/v1/statu", "/v1/statuss", "/V1/status",
		"/v1/status?", "/v1/lines/", "/v1/lines/a/b",
		"/v1/lines/a/messages/us/1/attachments",
		"/v1/lines/a/messages/us/1/2/3",
		"/v1/a/b/c/d/e/f/g/h/i/j/k/l/m" };

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_equal(find("GET", paths[i]), ERR_NOT_FOUND);
}

static void
route_tells_other_methods_apart(void **state)
{
	(void)state;
	assert_int_equal(find("POST", "/v1/status"), ERR_STATE);
	assert_int_equal(find("get", "/v1/status"), ERR_STATE);
	assert_int_equal(find("HEAD", "/v1/status"), ERR_STATE);
	assert_int_equal(find("GET", "/v1/lines/a/offer"), ERR_STATE);
	assert_int_equal(find("PUT", "/v1/lines/a/messages"), ERR_STATE);
}

static void
route_refuses_malformed_variables(void **state)
{
	static const char *const paths[] = { "/v1/lines/%", "/v1/lines/%4",
		"/v1/lines/%zz", "/v1/lines/%00", "/v1/lines/%c0%80",
		"/v1/lines/%ff", "/v1/lines/a/messages/us",
		"/v1/lines/a/messages/us/", "/v1/lines/a/messages/us/0",
		"/v1/lines/a/messages/us/01", "/v1/lines/a/messages/us/x",
		"/v1/lines/a/messages/us/18446744073709551616",
		"/v1/lines/a/messages/7",
		"/v1/lines/a/messages/0123456789ABCDEF",
		"/v1/lines/a/messages/0123456789abcde",
		"/v1/lines/a/messages/us/1/attachments/0",
		"/v1/lines/a/messages/us/1/attachments/9223372036854775808",
		"/v1/lines/a/messages/us/1/attachments/-1" };

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		int rc = find("GET", paths[i]);

		if (rc != ERR_FORMAT && rc != ERR_NOT_FOUND)
			fail_msg("%s is taken", paths[i]);
	}
}

static void
route_bounds_names(void **state)
{
	char path[400];
	size_t at = strlen("/v1/lines/");

	(void)state;
	strcpy(path, "/v1/lines/");
	memset(path + at, 'a', 300);
	path[at + DESK_LINE_NAME_BYTES_MAX] = '\0';
	assert_int_equal(find("GET", path), OK);
	path[at + DESK_LINE_NAME_BYTES_MAX] = 'a';
	path[at + DESK_LINE_NAME_BYTES_MAX + 1] = '\0';
	assert_int_equal(find("GET", path), ERR_FORMAT);
}

static void
route_knows_references(void **state)
{
	(void)state;
	assert_true(route_is_ref("us/1"));
	assert_true(route_is_ref("them/18446744073709551615"));
	assert_true(route_is_ref("0123456789abcdef"));
	assert_true(route_is_ref("them/p1"));
	assert_true(route_is_ref("us/e2"));
	assert_false(route_is_ref("us/e0"));
	assert_false(route_is_ref("us/e"));
	assert_false(route_is_ref("us/x2"));
	assert_false(route_is_ref(""));
	assert_false(route_is_ref("us"));
	assert_false(route_is_ref("us/"));
	assert_false(route_is_ref("us/0"));
	assert_false(route_is_ref("us/1 "));
	assert_false(route_is_ref("US/1"));
	assert_false(route_is_ref("they/1"));
	assert_false(route_is_ref("12"));
	assert_false(route_is_ref("0123456789abcdeg"));
	assert_false(route_is_ref("0123456789abcdef0"));
}

static void
args_fill_what_is_given(void **state)
{
	struct args_field fields[] = { { .name = "a" }, { .name = "bc" } };
	uint64_t number = 5;

	(void)state;
	assert_int_equal(args_parse(fields, 2, NULL), OK);
	assert_int_equal(args_parse(fields, 2, ""), OK);
	assert_false(fields[0].given);
	assert_int_equal(args_number(&number, &fields[0], 9), OK);
	assert_int_equal(number, 5);
	assert_int_equal(args_parse(fields, 2, "bc=us%2F1&a=9"), OK);
	assert_string_equal(fields[1].value, "us/1");
	assert_int_equal(args_number(&number, &fields[0], 9), OK);
	assert_int_equal(number, 9);
	assert_int_equal(args_number(&number, &fields[0], 8), ERR_FORMAT);
	assert_int_equal(args_number(&number, &fields[1], 8), ERR_FORMAT);
}

static void
args_refuse(void **state)
{
	static const char *const queries[] = { "x=1", "a", "a=1&", "&a=1",
		"a=1&a=2", "a=%", "a=%00", "=1", "a=1&&bc=2", "A=1",
		("a=0123456789012345678901234567890123456789"
		 "01234567890123456789012345") };

	(void)state;
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		struct args_field fields[] = { { .name = "a" },
			{ .name = "bc" } };

		assert_int_equal(args_parse(fields, 2, queries[i]), ERR_FORMAT);
	}
}

static void
args_refuse_numbers_out_of_bounds(void **state)
{
	static const char *const numbers[] = { "", "-1", "+1", "1x", "0x1",
		" 1", "11", "18446744073709551616" };
	uint64_t number = 3;

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct args_field field = { .name = "a", .given = true };

		strcpy(field.value, numbers[i]);
		assert_int_equal(args_number(&number, &field, 10), ERR_FORMAT);
		assert_int_equal(number, 3);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(route_finds_each_of_the_api),
		cmocka_unit_test(route_takes_variables),
		cmocka_unit_test(route_refuses_other_paths),
		cmocka_unit_test(route_tells_other_methods_apart),
		cmocka_unit_test(route_refuses_malformed_variables),
		cmocka_unit_test(route_bounds_names),
		cmocka_unit_test(route_knows_references),
		cmocka_unit_test(args_fill_what_is_given),
		cmocka_unit_test(args_refuse),
		cmocka_unit_test(args_refuse_numbers_out_of_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
