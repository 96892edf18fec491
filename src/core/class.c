#include "core/class.h"

#include <assert.h>
#include <stdbool.h>

const char *
class_name(enum record_class class)
{
	switch (class) {
	case CLASS_NOTES:
		return "notes";
	case CLASS_FLASH:
		return "flash";
	case CLASS_IMMEDIATE:
		return "immediate";
	case CLASS_PRIORITY:
		return "priority";
	case CLASS_ROUTINE:
		return "routine";
	case CLASS_COUNT:
		break;
	}
	assert(false);
	return "";
}

int
position_compare(struct position a, struct position b)
{
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	if (a.offset != b.offset)
		return a.offset < b.offset ? -1 : 1;
	return 0;
}
