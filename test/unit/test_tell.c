/* A struct as JSON, by its table. */
#include "desk/tell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "proc/field.h"

static const char *const colours[] = { "red", "green", "blue" };
static const struct word_list colour_words = WORD_LIST(colours);

struct item {
	char ref[REQUEST_REF_BYTES];
};

struct thing {
	struct text text;
	char ref[REQUEST_REF_BYTES];
	uint64_t number;
	uint64_t other;
	int64_t time_ms;
	bool yes;
	uint8_t colour;
	uint8_t shade;
	uint32_t set;
	uint8_t id[FIELD_ID_BYTES];
	struct item item[2];
	size_t items;
	struct item bare[2];
	size_t bares;
};

#define AT(member) .offset = offsetof(struct thing, member)

static const struct field item_fields[] = {
	{ .name = "ref", .kind = FIELD_REF, .offset = 0 },
};
static const struct layout item_layout = LAYOUT(item_fields, struct item);
static const struct field bare_fields[] = {
	{ .kind = FIELD_REF, .offset = 0 },
};
static const struct layout bare_layout = LAYOUT(bare_fields, struct item);

static const struct field thing_fields[] = {
	{ .name = "text", .kind = FIELD_TEXT, AT(text), .most = 100 },
	{ .name = "ref", .kind = FIELD_REF, AT(ref) },
	{ .name = "number", .kind = FIELD_NUMBER, AT(number) },
	{ .name = "other",
	    .kind = FIELD_NUMBER,
	    .zero_is_null = true,
	    AT(other) },
	{ .name = "time", .kind = FIELD_TIME, AT(time_ms) },
	{ .name = "yes", .kind = FIELD_BOOL, AT(yes) },
	{ .name = "colour",
	    .kind = FIELD_WORD,
	    AT(colour),
	    .words = &colour_words },
	{ .name = "shade",
	    .kind = FIELD_WORD,
	    .zero_is_null = true,
	    AT(shade),
	    .words = &colour_words },
	{ .name = "set", .kind = FIELD_SET, AT(set), .words = &colour_words },
	{ .name = "id", .kind = FIELD_ID, AT(id) },
	{ .name = "items",
	    .kind = FIELD_LIST,
	    AT(item),
	    .most = 2,
	    .of = &item_layout,
	    .count = offsetof(struct thing, items) },
	{ .name = "bare",
	    .kind = FIELD_LIST,
	    AT(bare),
	    .most = 2,
	    .of = &bare_layout,
	    .count = offsetof(struct thing, bares) },
};
static const struct layout thing_layout = LAYOUT(thing_fields, struct thing);

static const struct field line_fields[] = {
	{ .name = "line", .kind = FIELD_TEXT, AT(text), .most = 100 },
};
static const struct layout line_layout = LAYOUT(line_fields, struct thing);

static void
assert_tells(const char *line, const struct layout *layout,
    const struct thing *thing, uint64_t cursor, const char *want)
{
	json_t *object = tell_view(line, layout, thing, cursor);
	char *text = json_dumps(object, JSON_COMPACT);

	assert_string_equal(text, want);
	free(text);
	json_decref(object);
}

static void
tell_says_everything_in_the_tables_order(void **state)
{
	const struct thing thing = { .text = { "x\"\n", 3 },
		.ref = "them/p3",
		.number = UINT64_MAX,
		.other = 1,
		.time_ms = 1000,
		.yes = true,
		.colour = 2,
		.shade = 1,
		.set = 5,
		.id = { 0xab },
		.item = { { "us/1" }, { "us/2" } },
		.items = 2,
		.bare = { { "us/3" } },
		.bares = 1 };

	(void)state;
	assert_tells("oslo", &thing_layout, &thing, 7,
	    "{\"line\":\"oslo\",\"text\":\"x\\\"\\n\",\"ref\":\"them/p3\","
	    "\"number\":9223372036854775807,\"other\":1,"
	    "\"time\":\"1970-01-01T00:00:01.000Z\",\"yes\":true,"
	    "\"colour\":\"blue\",\"shade\":\"green\",\"set\":[\"red\",\"blue\"],"
	    "\"id\":\"ab000000000000000000000000000000\","
	    "\"items\":[{\"ref\":\"us/1\"},{\"ref\":\"us/2\"}],"
	    "\"bare\":[\"us/3\"],\"cursor\":7}");
}

static void
tell_says_null_for_nothing(void **state)
{
	const struct thing thing = { 0 };

	(void)state;
	assert_tells("", &thing_layout, &thing, 0,
	    "{\"text\":null,\"ref\":null,\"number\":0,\"other\":null,"
	    "\"time\":null,\"yes\":false,\"colour\":\"red\",\"shade\":null,"
	    "\"set\":[],\"id\":null,\"items\":[],\"bare\":[]}");
}

static void
tell_says_null_for_what_is_no_text(void **state)
{
	const struct thing thing = { .text = { "\xff", 1 } };

	(void)state;
	assert_tells("", &line_layout, &thing, 0, "{\"line\":null}");
}

static void
tell_says_the_line_once(void **state)
{
	const struct thing thing = { .text = { "bern", 4 } };

	(void)state;
	assert_tells("oslo", &line_layout, &thing, 0, "{\"line\":\"bern\"}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tell_says_everything_in_the_tables_order),
		cmocka_unit_test(tell_says_null_for_nothing),
		cmocka_unit_test(tell_says_null_for_what_is_no_text),
		cmocka_unit_test(tell_says_the_line_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
