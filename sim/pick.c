#include "sim/pick.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char none[] = "none";

bool
pick_has(const struct pick *pick, unsigned number)
{
	assert(number < PICK_MAX);
	return !pick->some || pick->has[number];
}

bool
pick_parse(struct pick *pick, const char *list)
{
	pick->some = true;
	memset(pick->has, 0, sizeof(pick->has));
	if (strcmp(list, none) == 0)
		return true;
	for (;;) {
		char *end;
		unsigned long number = strtoul(list, &end, 10);

		if (end == list || number >= PICK_MAX)
			return false;
		pick->has[number] = true;
		if (*end == '\0')
			return true;
		if (*end != ',')
			return false;
		list = end + 1;
	}
}

void
pick_print(const struct pick *pick, char *out, size_t cap)
{
	size_t len = 0;

	assert(cap > sizeof(none));
	memcpy(out, none, sizeof(none));
	for (unsigned i = 0; i < PICK_MAX && len + 1 < cap; i++) {
		if (!pick_has(pick, i))
			continue;
		len += (size_t)snprintf(out + len, cap - len, "%s%u",
		    len > 0 ? "," : "", i);
	}
	assert(len + 1 < cap);
}
