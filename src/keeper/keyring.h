/* Owns the `keys` file: the store's keys behind a passphrase. */
#ifndef KEEPER_KEYRING_H
#define KEEPER_KEYRING_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"

enum keyring_sizes { STORE_KEY_BYTES = 32 };

/* Raw keys of the two database files.  They are kept apart so that `record` can
 * be locked while `line` keeps the wire going. */
struct store_keys {
	uint8_t line[STORE_KEY_BYTES];
	uint8_t record[STORE_KEY_BYTES];
};

/* What Argon2id costs whoever tries a passphrase; stored in the file. */
struct keyring_cost {
	uint64_t passes;
	uint64_t memory_bytes;
};

/* The cost of a real post (limits.h), and the least that is taken, for tests. */
struct keyring_cost keyring_cost_default(void);
struct keyring_cost keyring_cost_least(void);

/*
 * Draws the store's keys and writes FOLDER/keys, synced, mode 0600.
 * ERR_EXISTS: there is one; ERR_SIZE: the passphrase is empty or too long;
 * ERR_LIMIT: the machine has not the memory; ERR_IO.
 */
MUST_CHECK int keyring_create(const char *folder, const void *passphrase,
    size_t len, struct keyring_cost cost, struct rng rng,
    struct store_keys *keys);

/*
 * Reads FOLDER/keys; takes about a second, on purpose.  ERR_DENIED: wrong
 * passphrase; ERR_NOT_FOUND: no post here, or one whose
 * making was not finished; ERR_VERSION, ERR_FORMAT: the file is
 * of a later version, or damaged.  keys are zeroed on failure; the caller wipes
 * them.
 */
MUST_CHECK int keyring_open(const char *folder, const void *passphrase,
    size_t len, struct store_keys *keys);

#endif
