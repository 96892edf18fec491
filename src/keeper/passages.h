/* Owns the texts that drills carry. */
#ifndef KEEPER_PASSAGES_H
#define KEEPER_PASSAGES_H

#include <stddef.h>
#include <stdint.h>

/*
 * Written for this: two or three sentences each, of seasons, rivers, crafts, birds
 * and bread.  Nothing in them can be read as politics, as a threat or as a code, and
 * which of them a drill carries says only how many came before it.
 */
size_t passages_count(void);
/* The text of the drill that has this number; static storage. */
const char *passages_text(uint64_t number);

#endif
