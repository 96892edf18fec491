#include "load.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"

struct load_block {
	struct load_block *next;
	uint8_t data[];
};

void
load_fail(const struct load *load, const char *what, const char *field)
{
	fflush(stdout);
	fprintf(stderr, "%s: case %zu: %s: %s\n", load->path, load->at, field,
	    what);
	exit(2);
}

static void *
keep(struct load *load, size_t len)
{
	struct load_block *block = malloc(sizeof(*block) + len);

	if (block == NULL)
		load_fail(load, "no memory", "file");
	block->next = load->blocks;
	load->blocks = block;
	return block->data;
}

void
load_json(struct load *load, const char *path)
{
	json_error_t error;

	*load = (struct load){ .path = path };
	load->root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (load->root == NULL) {
		fprintf(stderr, "%s: line %d: %s\n", path, error.line,
		    error.text);
		exit(2);
	}
}

/* Splits at the first '='; false where the line has none or an odd name. */
static bool
split(char *line, char **value)
{
	char *end = strchr(line, '=');
	char *p;

	if (end == NULL)
		return false;
	*value = end + 1 + strspn(end + 1, " ");
	while (end > line && end[-1] == ' ')
		end--;
	*end = '\0';
	for (p = line; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && *p != '_')
			return false;
	line = *value + strcspn(*value, "\r\n");
	*line = '\0';
	return true;
}

void
load_text(struct load *load, const char *path)
{
	FILE *file = fopen(path, "re");
	json_t *block = NULL;
	char *line = NULL;
	size_t room = 0;
	char *value;

	*load = (struct load){ .path = path, .root = json_array() };
	if (file == NULL)
		load_fail(load, "cannot be opened", "file");
	while (getline(&line, &room, file) > 0) {
		if (line[strspn(line, " \r\n")] == '\0') {
			block = NULL;
			continue;
		}
		if (!split(line, &value))
			continue;
		if (block == NULL) {
			block = json_object();
			json_array_append_new(load->root, block);
		}
		if (json_object_get(block, line) == NULL)
			json_object_set_new(block, line, json_string(value));
	}
	free(line);
	fclose(file);
}

void
load_free(struct load *load)
{
	struct load_block *block, *next;

	for (block = load->blocks; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	json_decref(load->root);
}

json_t *
load_array(const struct load *load, const json_t *object, const char *field)
{
	json_t *value = json_object_get(object, field);

	if (!json_is_array(value))
		load_fail(load, "no such list", field);
	return value;
}

const char *
load_string(const struct load *load, const json_t *object, const char *field)
{
	const char *text = json_string_value(json_object_get(object, field));

	if (text == NULL)
		load_fail(load, "no such text", field);
	return text;
}

struct bytes
load_hex(struct load *load, const char *text, const char *field)
{
	struct bytes bytes;

	bytes.len = strlen(text) / 2;
	bytes.data = keep(load, bytes.len);
	if (strlen(text) % 2 != 0 ||
	    hex_decode(bytes.data, bytes.len, text) != OK)
		load_fail(load, "not hexadecimal", field);
	return bytes;
}

struct bytes
load_bytes(struct load *load, const json_t *object, const char *field)
{
	return load_hex(load, load_string(load, object, field), field);
}

const uint8_t *
load_exact(struct load *load, const json_t *object, const char *field,
    size_t len)
{
	struct bytes bytes = load_bytes(load, object, field);

	if (bytes.len != len)
		load_fail(load, "of a wrong length", field);
	return bytes.data;
}

bool
load_has(const json_t *object, const char *field)
{
	return json_object_get(object, field) != NULL;
}
