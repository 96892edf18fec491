/* Owns reading what people give into a struct, by its table of fields. */
#ifndef DESK_TAKE_H
#define DESK_TAKE_H

#include <stdint.h>

#include "base/err.h"

struct body;
struct json_t;
struct layout;

/*
 * Fills `into` from the members of a JSON object.  Unknown fields, those of
 * another type, out of their limits or missing refuse the whole: ERR_FORMAT or
 * ERR_SIZE, with the reason in body->say.  Texts are lent from the object.
 */
MUST_CHECK int take_object(struct body *body, const struct layout *layout,
    void *into, struct json_t *object);
/* The same of values that all are strings, as a query has them: numbers and times
 * in digits, 0 or 1, words parted by commas. */
MUST_CHECK int take_strings(struct body *body, const struct layout *layout,
    void *into, struct json_t *object);
/* A new object of the names and values of "name=value&...", which the caller owns;
 * NULL (with the reason in body->say) where they are malformed or come twice. */
struct json_t *take_query(struct body *body, const char *query);

#endif
