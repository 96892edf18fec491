/* Owns randomness that is written beforehand: what a vector says was drawn. */
#ifndef VECTORS_SCRIPT_H
#define VECTORS_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"

enum { SCRIPT_BYTES_MAX = 128 };

struct script {
	uint8_t bytes[SCRIPT_BYTES_MAX];
	size_t len;
	size_t pos;
	bool failed; /* more was drawn than is written */
};

void script_init(struct script *script);
void script_append(struct script *script, const uint8_t *bytes, size_t len);
/* Borrows the script. */
struct rng script_rng(struct script *script);
/* Exactly what is written was drawn. */
bool script_is_spent(const struct script *script);

#endif
