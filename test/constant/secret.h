/* Owns telling memcheck what is secret, and asking it what it saw. */
#ifndef CONSTANT_SECRET_H
#define CONSTANT_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/rng.h"

/*
 * To memcheck a secret is memory that was never set: it follows each bit through
 * every copy and sum, and reports where one decides a jump or an address, which
 * is what a clock or a cache can tell from outside.
 */

/* From here on these bytes are secret. */
void secret(const void *data, size_t len);
/* From here on they are not; the caller says why. */
void open_up(const void *data, size_t len);
/* Some bit of these bytes is secret, or follows from a secret. */
bool is_secret(const void *data, size_t len);
/* A generator all of whose bytes are secret. */
struct rng secret_rng(void);

/* Reports so far. */
unsigned secret_reports(void);

/* Remembers which bits of what was sealed are secret, by the nonce, and marks
 * what was opened alike: sealing and opening make nothing more or less so. */
void secret_on_seal(const unsigned char *nonce, const void *plain, size_t len);
void secret_on_unseal(const unsigned char *nonce, void *plain, size_t len);

#endif
