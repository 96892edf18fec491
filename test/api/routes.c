/* Lists every route of the desk, an object of JSON a line: method and pattern, and
 * of a route by tables what its tables say.  For the test that holds doc/api.yaml
 * against them. */
#include <jansson.h>
#include <stdio.h>

#include "desk/answer.h"
#include "desk/api.h"
#include "desk/say.h"
#include "keeper/rights.h"
#include "proc/field.h"

static const char *const kinds[] = {
	[FIELD_TEXT] = "text",
	[FIELD_REF] = "ref",
	[FIELD_NUMBER] = "number",
	[FIELD_TIME] = "time",
	[FIELD_BOOL] = "bool",
	[FIELD_WORD] = "word",
	[FIELD_SET] = "set",
	[FIELD_ID] = "id",
	[FIELD_LIST] = "list",
};

static const char *const answers[] = {
	[ROUTE_ONE] = "one",
	[ROUTE_DONE] = "done",
	[ROUTE_LIST] = "list",
};

static json_t *
fields_of(const struct layout *layout)
{
	json_t *list = json_array();

	for (size_t i = 0; layout != NULL && i < layout->fields; i++) {
		const struct field *field = &layout->field[i];
		json_t *words = json_array();

		for (size_t j = 0;
		     field->words != NULL && j < field->words->count; j++)
			json_array_append_new(words,
			    json_string(field->words->words[j]));
		json_array_append_new(list,
		    json_pack("{s:s?,s:s,s:b,s:b,s:I,s:o,s:o}", "name",
			field->name, "kind", kinds[field->kind], "must",
			field->must, "zero_is_null", field->zero_is_null,
			"most", (json_int_t)field->most, "words", words, "of",
			fields_of(field->of)));
	}
	return list;
}

static json_t *
route_object(const struct route *route)
{
	json_t *object = json_pack("{s:s,s:s}", "method", route->method,
	    "pattern", route->pattern);
	const struct layout *view;

	if (route->ask != say_ask)
		return object;
	view = request_view_layout(route->kind);
	json_object_update(object,
	    json_pack("{s:s,s:i,s:i,s:b,s:b,s:o,s:o}", "answers",
		answers[route->answers], "status", (int)route->status, "kind",
		(int)route->kind, "speaks", rights_speaks(route->kind),
		"has_view", view != NULL, "ask",
		fields_of(request_ask_layout(route->kind)), "view",
		fields_of(view)));
	return object;
}

static void
print(json_t *object)
{
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

int
main(void)
{
	for (size_t i = 0; i < api_route_count; i++)
		print(route_object(&api_routes[i]));
	print(json_pack("{s:o}", "message", fields_of(&say_message_more)));
	/* Each error has one status and one word. */
	for (int err = -1; err > -64; err--)
		print(json_pack("{s:i,s:s}", "status", (int)answer_status(err),
		    "word", answer_word(err)));
	return 0;
}
