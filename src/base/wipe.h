/* Owns forgetting and comparing secrets, and the memory they live in. */
#ifndef BASE_WIPE_H
#define BASE_WIPE_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroes len bytes; the compiler may not leave it out. */
void wipe(void *secret, size_t len);
/* Equal or not, in time that depends on len only. */
bool wipe_equal(const void *a, const void *b, size_t len);
/* Zeroed memory for secrets: locked, kept out of core dumps, zeros again in a
 * child of fork, page aligned.  Ends the program if the kernel gives none. */
void *wipe_new(size_t len);
/* As wipe_new, for what lies there long: where the kernel can, nobody reaches it
 * through the kernel either (memfd_secret), and a child of fork has no such
 * memory at all. */
void *wipe_new_hidden(size_t len);
/* Wipes and gives back what these two gave; NULL is fine. */
void wipe_free(void *secret, size_t len);

#endif
