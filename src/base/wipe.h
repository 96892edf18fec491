/* Owns forgetting and comparing secrets, and the memory they live in. */
#ifndef BASE_WIPE_H
#define BASE_WIPE_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroes len bytes; the compiler may not leave it out. */
void wipe(void *secret, size_t len);
/* Equal or not, in time that depends on len only. */
bool wipe_equal(const void *a, const void *b, size_t len);
/* Zeroed memory for secrets: locked, kept out of core dumps, page aligned.
 * Ends the program if the kernel gives none. */
void *wipe_new(size_t len);
/* Wipes and gives back what wipe_new gave; NULL is fine. */
void wipe_free(void *secret, size_t len);

#endif
