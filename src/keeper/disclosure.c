#include "keeper/disclosure.h"

uint32_t
disclosure_of(const struct post_line *line)
{
	return line->discloses;
}
