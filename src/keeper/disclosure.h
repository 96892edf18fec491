/* Owns what the peer of a line learns beyond delivery and a person's
 * acknowledgement. */
#ifndef KEEPER_DISCLOSURE_H
#define KEEPER_DISCLOSURE_H

#include <stdint.h>

#include "core/record.h"
#include "keeper/post.h"

/* Bits: what each side tells the other, where both agreed to it. */
enum disclosure {
	/* Of the delegate who says something. */
	DISCLOSE_TITLES = 1 << DISCLOSED_TITLES,
	/* That a person read a message. */
	DISCLOSE_READ = 1 << DISCLOSED_READ,
	/* Who is on watch, and when. */
	DISCLOSE_ROSTER = 1 << DISCLOSED_ROSTER,
	DISCLOSE_ALL = DISCLOSE_TITLES | DISCLOSE_READ | DISCLOSE_ROSTER,
};

/* What the line discloses now; none by default. */
uint32_t disclosure_of(const struct post_line *line);

enum { DISCLOSURE_WORDS_BYTES = 64 };

/* "titles, read", or "nothing more". */
const char *disclosure_format(char text[DISCLOSURE_WORDS_BYTES], uint32_t bits);

/* Answers REQUEST_DISCLOSURE. */
void disclosure_on_show(struct keeper *keeper, const struct request *request);
/*
 * Answers REQUEST_DISCLOSURE_SET: what is wanted and not agreed is agreed to where
 * they proposed it, else proposed; what is not wanted ends at once, as far as this
 * side can end it: it is taken back, declined, or agreed no more.
 */
void disclosure_on_set(struct keeper *keeper, const struct request *request);

#endif
