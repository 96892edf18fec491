/* Owns reading vector files.  A file that is not what it should be ends the
 * program with code 2 and one line that says where. */
#ifndef VECTORS_LOAD_H
#define VECTORS_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

/* Where the files are, seen from the source folder. */
#define LOAD_DATA "test/vectors/data"

struct bytes {
	uint8_t *data;
	size_t len;
};

struct load_block;

/* Everything read from one file; free gives it all back. */
struct load {
	const char *path;
	json_t *root;
	size_t at; /* the case looked at, for messages */
	struct load_block *blocks;
};

/* JSON, no field twice. */
void load_json(struct load *load, const char *path);
/* Lines "name = value" or "name=value"; blocks between empty lines.  The root
 * is a list of objects of strings.  Names that are not [A-Za-z0-9_]+ are left
 * out. */
void load_text(struct load *load, const char *path);
void load_free(struct load *load);

/* "file: case N: what", and the end. */
_Noreturn void load_fail(const struct load *load, const char *what,
    const char *field);

/* The field, of the type asked for. */
json_t *load_array(const struct load *load, const json_t *object,
    const char *field);
const char *load_string(const struct load *load, const json_t *object,
    const char *field);
/* Hexadecimal of either case. */
struct bytes load_bytes(struct load *load, const json_t *object,
    const char *field);
/* The same, exactly len bytes. */
const uint8_t *load_exact(struct load *load, const json_t *object,
    const char *field, size_t len);
bool load_has(const json_t *object, const char *field);
/* A string of hexadecimal that is no field. */
struct bytes load_hex(struct load *load, const char *text, const char *field);

#endif
