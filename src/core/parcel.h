/* Owns one handshake message while it travels in parts. */
#ifndef CORE_PARCEL_H
#define CORE_PARCEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/event.h"

/* Every part is part_bytes long but the last; both sides know the length of the
 * whole and of a part, so that nothing about the cut is negotiated. */
struct parcel {
	uint8_t data[HANDSHAKE_BYTES_MAX];
	size_t len; /* of the whole */
	size_t part_bytes;
	uint32_t missing; /* a bit for each part still to come */
};

/* Ready to collect a message of len bytes: parts 0 to parcel_parts - 1. */
void parcel_expect(struct parcel *parcel, size_t len, size_t part_bytes);

/* Holds a whole message, to be sent in parts. */
void parcel_load(struct parcel *parcel, const uint8_t *data, size_t len,
    size_t part_bytes);

unsigned parcel_parts(const struct parcel *parcel);
bool parcel_is_whole(const struct parcel *parcel);

/* Takes a part; one that was there already changes nothing.  ERR_FORMAT where
 * number, count or length are not as expected. */
MUST_CHECK int parcel_take(struct parcel *parcel, unsigned part, unsigned parts,
    const uint8_t *data, size_t len);

/* Lends part number `part` and sets *len. */
const uint8_t *parcel_part(const struct parcel *parcel, unsigned part,
    size_t *len);

#endif
