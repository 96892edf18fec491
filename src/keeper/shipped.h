/* Owns the forms that come with the post; the build makes them of forms/. */
#ifndef KEEPER_SHIPPED_H
#define KEEPER_SHIPPED_H

#include <stddef.h>

/* A file as keeper/form.h has it; not terminated. */
struct shipped_form {
	const char *data;
	size_t len;
};

extern const struct shipped_form shipped_forms[];
extern const size_t shipped_forms_count;

#endif
