/* What an API may answer, as it is shown to people: any JSON ends in sentences,
 * and whatever a peer wrote reaches the terminal without a control in it. */
#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "cli/line.h"
#include "cli/show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW_MS = 1000000 };

/* Valid, and nothing sly in it, but for what lines need. */
static void
check_tame(const char *text, size_t len, bool lines)
{
	uint32_t character;
	size_t step;

	for (size_t at = 0; at < len; at += step) {
		step = utf8_next(&character, text + at, len - at);
		assert(step > 0);
		assert(lines || (character != '\n' && character != '\t'));
		assert(!utf8_is_sly(character));
	}
}

static void
try_visible(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *shown;

	assert(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	shown = show_visible(text, false);
	check_tame(shown, strlen(shown), false);
	free(shown);
	shown = show_visible(text, true);
	check_tame(shown, strlen(shown), true);
	free(shown);
	free(text);
}

/* The fields of a message that are the peer's, in a message that is not. */
static void
show_foreign(const json_t *foreign)
{
	static const char *const fields[] = { "text", "subject",
		"attachments" };
	json_t *message = json_pack("{s:s, s:s, s:s}", "ref", "them/1",
	    "precedence", "routine", "time_sent", "2026-11-22T09:30:00Z");

	assert(message != NULL);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		json_t *value = json_object_get(foreign, fields[i]);

		if (value != NULL)
			(void)json_object_set(message, fields[i], value);
	}
	show_message(message);
	json_decref(message);
}

static void
show_all(const json_t *answer)
{
	free(show_line_sentence(answer, NOW_MS));
	free(show_outbox_sentence(answer));
	free(show_receipts(answer));
	(void)show_percent(answer);
	line_print(answer, NOW_MS);
	show_message(answer);
	show_json(answer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *const screen = stdout;
	char *printed = NULL;
	size_t len = 0;
	json_t *answer;

	try_visible(data, size);
	answer = json_loadb((const char *)data, size, 0, NULL);
	if (answer == NULL)
		return 0;
	stdout = open_memstream(&printed, &len);
	assert(stdout != NULL);
	show_foreign(answer);
	(void)fflush(stdout);
	check_tame(printed, len, true);
	show_all(answer);
	(void)fclose(stdout);
	stdout = screen;
	free(printed);
	json_decref(answer);
	return 0;
}
