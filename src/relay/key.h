/* Owns the relay's files: its secret, and the numbers that it refuses. */
#ifndef RELAY_KEY_H
#define RELAY_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/ticket.h"

/* Makes a new secret in a new file, of which nobody else may read: OK,
 * ERR_EXISTS, or ERR_IO with errno. */
MUST_CHECK int key_make(const char *path);
/* OK; ERR_DENIED for a file that anybody may read; ERR_FORMAT for one that holds
 * no key; ERR_IO with errno. */
MUST_CHECK int key_read(uint8_t secret[TICKET_SECRET_BYTES], const char *path);

/* Reads a ticket's number, in decimal: OK or ERR_FORMAT. */
MUST_CHECK int key_read_number(uint32_t *number, const char *text, size_t len);

/*
 * Reads numbers, one a line; what follows a # is not looked at.  *numbers, in
 * ascending order, is the caller's to free.  OK; ERR_FORMAT with the *line that
 * is no number; ERR_LIMIT for too many; ERR_IO with errno.
 */
MUST_CHECK int key_read_refused(uint32_t **numbers, size_t *count,
    unsigned *line, const char *path);

#endif
