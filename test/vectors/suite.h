/* Owns the patterns and hashes of Noise that vectors use and a release does
 * not: enough to show that the engine reads patterns right. */
#ifndef VECTORS_SUITE_H
#define VECTORS_SUITE_H

#include <stdbool.h>

#include "crypto/noise.h"

struct suite {
	struct noise_pattern pattern;
	struct noise_protocol protocol;
	bool hybrid;
};

/* Reads a whole protocol name: "Noise_KKpsk0+psk2_25519_ChaChaPoly_BLAKE2s".
 * False where a part of it is not known.  name and suite must stay. */
bool suite_parse(struct suite *suite, const char *name);

/* NULL where not known. */
const struct noise_hash *suite_find_hash(const char *name);

#endif
