/* Owns what the peer has raised, by its own word, and is not here yet. */
#ifndef KEEPER_MISSING_H
#define KEEPER_MISSING_H

#include "keeper/post.h"

/* Looks again how much that is: its STATUS came, or records of its. */
void missing_look(struct keeper *keeper, struct post_line *line);

/* Something of its journal came, or it is heard in another way: who waits, waits
 * anew. */
void missing_on_data(struct keeper *keeper, struct post_line *line);

/* When what is missing has been so for longer than it takes to send again;
 * UINT64_MAX: nothing is. */
uint64_t missing_next_ns(const struct keeper *keeper);
/* Tells of it, once.  Opens a transaction. */
void missing_on_time(struct keeper *keeper);

#endif
