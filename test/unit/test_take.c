/* What people give, into a struct by its table: bodies and queries. */
#include "desk/take.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "desk/body.h"
#include "proc/field.h"

enum { TEXT_MAX = 8, ITEMS_MAX = 2 };

static const char *const colours[] = { "red", "green", "blue" };
static const struct word_list colour_words = WORD_LIST(colours);

struct item {
	char ref[REQUEST_REF_BYTES];
};

struct pair {
	uint64_t n;
};

struct thing {
	struct text text;
	char ref[REQUEST_REF_BYTES];
	uint64_t number;
	uint64_t any;
	int64_t time_ms;
	bool yes;
	uint8_t colour;
	uint32_t set;
	uint8_t id[FIELD_ID_BYTES];
	struct item item[ITEMS_MAX];
	size_t items;
	struct pair pair[ITEMS_MAX];
	size_t pairs;
};

#define AT(member) .offset = offsetof(struct thing, member)

static const struct field item_fields[] = {
	{ .kind = FIELD_REF, .offset = offsetof(struct item, ref) },
};
static const struct layout item_layout = LAYOUT(item_fields, struct item);
static const struct field pair_fields[] = {
	{ .name = "n",
	    .kind = FIELD_NUMBER,
	    .must = true,
	    .offset = offsetof(struct pair, n) },
};
static const struct layout pair_layout = LAYOUT(pair_fields, struct pair);

static const struct field thing_fields[] = {
	{ .name = "text",
	    .kind = FIELD_TEXT,
	    .must = true,
	    AT(text),
	    .most = TEXT_MAX },
	{ .name = "ref", .kind = FIELD_REF, AT(ref) },
	{ .name = "number", .kind = FIELD_NUMBER, AT(number), .most = 100 },
	{ .name = "any", .kind = FIELD_NUMBER, AT(any) },
	{ .name = "time", .kind = FIELD_TIME, AT(time_ms) },
	{ .name = "yes", .kind = FIELD_BOOL, AT(yes) },
	{ .name = "colour",
	    .kind = FIELD_WORD,
	    AT(colour),
	    .words = &colour_words },
	{ .name = "set", .kind = FIELD_SET, AT(set), .words = &colour_words },
	{ .name = "id", .kind = FIELD_ID, AT(id) },
	{ .name = "items",
	    .kind = FIELD_LIST,
	    AT(item),
	    .most = ITEMS_MAX,
	    .of = &item_layout,
	    .count = offsetof(struct thing, items) },
	{ .name = "pairs",
	    .kind = FIELD_LIST,
	    AT(pair),
	    .most = ITEMS_MAX,
	    .of = &pair_layout,
	    .count = offsetof(struct thing, pairs) },
};
static const struct layout thing_layout = LAYOUT(thing_fields, struct thing);

static struct body body;

static int
take(struct thing *thing, const char *json)
{
	body_wipe(&body);
	memset(thing, 0, sizeof(*thing));
	return body_parse_layout(&body, &thing_layout, thing, json,
	    strlen(json));
}

static int
ask(struct thing *thing, const char *query)
{
	json_t *object;
	int rc;

	body_wipe(&body);
	memset(thing, 0, sizeof(*thing));
	if ((object = take_query(&body, query)) == NULL)
		return ERR_FORMAT;
	rc = body_parse_query(&body, &thing_layout, thing, object);
	json_decref(object);
	return rc;
}

static int
teardown(void **state)
{
	(void)state;
	body_wipe(&body);
	return 0;
}

static void
take_fills_what_is_given(void **state)
{
	struct thing thing;

	(void)state;
	assert_int_equal(take(&thing,
			     "{\"text\":\"12345678\",\"ref\":\"them/p3\","
			     "\"number\":100,\"any\":9223372036854775807,"
			     "\"time\":\"1970-01-01T00:00:01Z\",\"yes\":true,"
			     "\"colour\":\"blue\",\"set\":[\"red\",\"blue\"],"
			     "\"id\":\"000102030405060708090a0b0c0d0e0f\","
			     "\"items\":[\"us/1\",\"0011223344556677\"],"
			     "\"pairs\":[{\"n\":7}]}"),
	    OK);
	assert_int_equal(thing.text.len, 8);
	assert_string_equal(thing.ref, "them/p3");
	assert_int_equal(thing.number, 100);
	assert_true(thing.any == INT64_MAX);
	assert_int_equal(thing.time_ms, 1000);
	assert_true(thing.yes);
	assert_int_equal(thing.colour, 2);
	assert_int_equal(thing.set, 5);
	assert_int_equal(thing.id[15], 15);
	assert_int_equal(thing.items, 2);
	assert_string_equal(thing.item[1].ref, "0011223344556677");
	assert_int_equal(thing.pairs, 1);
	assert_int_equal(thing.pair[0].n, 7);
}

static void
take_brings_texts_to_one_form(void **state)
{
	struct thing thing;

	(void)state;
	/* e and a combining accent; the parts of a Korean syllable. */
	assert_int_equal(take(&thing, "{\"text\":\"e\\u0301\"}"), OK);
	assert_int_equal(thing.text.len, 2);
	assert_memory_equal(thing.text.data, "\xc3\xa9", 2);
	assert_int_equal(take(&thing, "{\"text\":\"\\u1112\\u1161\\u11ab\"}"),
	    OK);
	assert_int_equal(thing.text.len, 3);
	assert_memory_equal(thing.text.data, "\xed\x95\x9c", 3);
	assert_int_equal(ask(&thing, "text=e%CC%81"), OK);
	assert_int_equal(thing.text.len, 2);
	/* The limit is of what it becomes: three bytes that are six, twice. */
	assert_int_equal(take(&thing, "{\"text\":\"\\u0958\\u0958\"}"),
	    ERR_SIZE);
}

static void
take_leaves_the_rest_as_nothing(void **state)
{
	struct thing thing;

	(void)state;
	assert_int_equal(take(&thing,
			     "{\"text\":\"x\",\"ref\":null,\"number\":null,"
			     "\"time\":null,\"items\":null}"),
	    OK);
	assert_string_equal(thing.ref, "");
	assert_int_equal(thing.items, 0);
}

static void
take_refuses_what_the_table_has_not(void **state)
{
	static const struct {
		const char *json;
		const char *say;
	} rows[] = {
		{ "", "\"text\" is missing" },
		{ "{}", "\"text\" is missing" },
		{ "[]", "object was expected" },
		{ "{\"text\":\"x\"", "not JSON" },
		{ "{\"text\":\"x\",\"text\":\"y\"}", "not JSON" },
		{ "{\"text\":null}", "must be a string" },
		{ "{\"text\":\"\"}", "is empty" },
		{ "{\"text\":7}", "must be a string" },
		{ "{\"text\":\"x\",\"more\":1}", "\"more\" is not known" },
		{ "{\"text\":\"x\",\"ref\":\"us/0\"}", "a reference" },
		{ "{\"text\":\"x\",\"ref\":\"us/p\"}", "a reference" },
		{ "{\"text\":\"x\",\"ref\":\"us/p01\"}", "a reference" },
		{ "{\"text\":\"x\",\"ref\":7}", "a reference" },
		{ "{\"text\":\"x\",\"number\":101}", "up to 100" },
		{ "{\"text\":\"x\",\"number\":-1}", "up to 100" },
		{ "{\"text\":\"x\",\"number\":\"7\"}", "up to 100" },
		{ "{\"text\":\"x\",\"number\":1.5}", "up to 100" },
		{ "{\"text\":\"x\",\"any\":-1}", "a number" },
		{ "{\"text\":\"x\",\"any\":9223372036854775808}", "not JSON" },
		{ "{\"text\":\"x\",\"time\":\"soon\"}", "a time" },
		{ "{\"text\":\"x\",\"time\":1}", "a time" },
		{ "{\"text\":\"x\",\"time\":\"1970-01-01T00:00:00Z\"}",
		    "a time" },
		{ "{\"text\":\"x\",\"yes\":1}", "true or false" },
		{ "{\"text\":\"x\",\"yes\":\"1\"}", "true or false" },
		{ "{\"text\":\"x\",\"colour\":\"pink\"}",
		    "red, green or blue" },
		{ "{\"text\":\"x\",\"colour\":1}", "red, green or blue" },
		{ "{\"text\":\"x\",\"set\":\"red\"}", "a list of" },
		{ "{\"text\":\"x\",\"set\":[\"pink\"]}", "a list of" },
		{ "{\"text\":\"x\",\"set\":[null]}", "a list of" },
		{ "{\"text\":\"x\",\"id\":\"00\"}", "32 hex digits" },
		{ "{\"text\":\"x\",\"id\":null,\"items\":[\"x\"]}",
		    "a reference" },
		{ "{\"text\":\"x\",\"items\":\"us/1\"}", "a list" },
		{ "{\"text\":\"x\",\"items\":[null]}", "a reference" },
		{ "{\"text\":\"x\",\"pairs\":[7]}", "object was expected" },
		{ "{\"text\":\"x\",\"pairs\":[{}]}", "\"n\" is missing" },
		{ "{\"text\":\"x\",\"pairs\":[{\"n\":1,\"m\":1}]}",
		    "\"m\" is not known" },
	};
	struct thing thing;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (take(&thing, rows[i].json) != ERR_FORMAT ||
		    strstr(body.say, rows[i].say) == NULL)
			fail_msg("%s: %s", rows[i].json, body.say);
	}
}

static void
take_refuses_too_much(void **state)
{
	struct thing thing;

	(void)state;
	assert_int_equal(take(&thing, "{\"text\":\"123456789\"}"), ERR_SIZE);
	assert_non_null(strstr(body.say, "9 bytes; at most 8 fit"));
	assert_int_equal(take(&thing,
			     "{\"text\":\"x\",\"items\":[\"us/1\",\"us/2\","
			     "\"us/3\"]}"),
	    ERR_SIZE);
}

static void
take_reads_queries_alike(void **state)
{
	struct thing thing;

	(void)state;
	assert_int_equal(ask(&thing,
			     "text=a%20b&number=7&yes=1&colour=green"
			     "&set=red,blue&time=1970-01-01T00:00:01Z"
			     "&ref=us/p3"),
	    OK);
	assert_int_equal(thing.text.len, 3);
	assert_memory_equal(thing.text.data, "a b", 3);
	assert_int_equal(thing.number, 7);
	assert_true(thing.yes);
	assert_int_equal(thing.colour, 1);
	assert_int_equal(thing.set, 5);
	assert_string_equal(thing.ref, "us/p3");
	assert_int_equal(ask(&thing, "text=x&any=9223372036854775799"), OK);
}

static void
take_refuses_queries_out_of_form(void **state)
{
	static const char *const wrong[] = { "", "text", "=x", "text=%", "&",
		"text=%00", "text=%ff", "text=x&", "text=x&&number=1",
		"text=x&text=y", "text=x&more=1",
		"text=x&number=", "text=x&number=1x", "text=x&number=-1",
		"text=x&number=101", "text=x&any=9223372036854775808",
		"text=x&yes=true",
		"text=x&yes=", "text=x&colour=", "text=x&set=red,pink",
		"text=x&time=", "text=x&ref=us%2F0", "text=x&id=0",
		"text=x&items=us/1", "te%78t=x" };
	struct thing thing;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (ask(&thing, wrong[i]) != ERR_FORMAT)
			fail_msg("%s is taken", wrong[i]);
	assert_int_equal(ask(&thing, NULL), ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(take_fills_what_is_given),
		cmocka_unit_test(take_brings_texts_to_one_form),
		cmocka_unit_test(take_leaves_the_rest_as_nothing),
		cmocka_unit_test(take_refuses_what_the_table_has_not),
		cmocka_unit_test(take_refuses_too_much),
		cmocka_unit_test(take_reads_queries_alike),
		cmocka_unit_test(take_refuses_queries_out_of_form),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
