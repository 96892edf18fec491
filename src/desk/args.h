/* Owns reading the part of a URI after its question mark. */
#ifndef DESK_ARGS_H
#define DESK_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { ARGS_VALUE_BYTES = 64 };

/* A field that a route knows, and what the request gave for it. */
struct args_field {
	const char *name;
	bool given;
	char value[ARGS_VALUE_BYTES];
};

/*
 * Fills the fields from "name=value&...", values percent encoded.  OK, or
 * ERR_FORMAT for an unknown or repeated name or a value out of form; NULL and
 * "" give nothing.
 */
MUST_CHECK int args_parse(struct args_field *fields, size_t count,
    const char *query);

/* The value as a number from 0 to max, digits only: OK or ERR_FORMAT.  Leaves
 * *number alone where the field was not given. */
MUST_CHECK int args_number(uint64_t *number, const struct args_field *field,
    uint64_t max);

#endif
