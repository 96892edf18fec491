/* Owns the JSON of a struct by its table of fields. */
#ifndef DESK_TELL_H
#define DESK_TELL_H

#include <stdint.h>

struct json_t;
struct layout;

/* A new object that the caller owns: "line" first where it is not "" and the table
 * has none, then the fields in the table's order, then "cursor" where it is not
 * 0.  NULL only without memory. */
struct json_t *tell_view(const char *line, const struct layout *layout,
    const void *view, uint64_t cursor);

#endif
