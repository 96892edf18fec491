#include "cli/disclose.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/show.h"

/* "titles,read" or "none" as a list. */
static json_t *
split(const char *text)
{
	json_t *list = json_array();

	if (strcmp(text, "none") == 0)
		return list;
	while (*text != '\0') {
		const size_t len = strcspn(text, ",");

		(void)json_array_append_new(list, json_stringn(text, len));
		text += len + (text[len] == ',' ? 1 : 0);
	}
	return list;
}

int
disclose_set(struct cli *cli, const char *line, const char *value)
{
	json_t *answer;
	char *say;
	int code;

	code = client_ask(cli, client_path(line, "/disclosure"),
	    json_pack("{s:o}", "discloses", split(value)), CLIENT_AGAIN,
	    &answer);
	if (code == CLI_DONE && cli->json) {
		show_json(answer);
	} else if (code == CLI_DONE) {
		say = show_visible(show_text_of(answer, "say"), false);
		printf("%s\n", say);
		free(say);
	}
	json_decref(answer);
	return code;
}

int
disclose_show(struct cli *cli, const char *line)
{
	json_t *answer;
	char *say;
	int code;

	code = client_look(cli, client_path(line, "/disclosure"), &answer);
	if (code == CLI_DONE) {
		say = show_visible(show_text_of(answer, "say"), false);
		printf("    tells     %s\n", say);
		free(say);
	}
	json_decref(answer);
	return code;
}
