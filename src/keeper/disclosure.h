/* Owns what the peer of a line learns beyond delivery and a person's
 * acknowledgement. */
#ifndef KEEPER_DISCLOSURE_H
#define KEEPER_DISCLOSURE_H

#include <stdint.h>

#include "keeper/post.h"

/* Bits: what each side tells the other, where both agreed to it. */
enum disclosure {
	DISCLOSE_TITLES = 1 << 0, /* of the delegate who says something */
	DISCLOSE_READ = 1 << 1,	  /* that a person read a message */
	DISCLOSE_ROSTER = 1 << 2, /* who is on watch, and when */
	DISCLOSE_ALL = DISCLOSE_TITLES | DISCLOSE_READ | DISCLOSE_ROSTER,
};

/* What the line discloses now; none by default. */
uint32_t disclosure_of(const struct post_line *line);

#endif
