#include "core/parcel.h"

#include <assert.h>
#include <string.h>

enum { PARTS_MAX = 31 }; /* so that all bits of missing fit */

unsigned
parcel_parts(const struct parcel *parcel)
{
	return (unsigned)((parcel->len + parcel->part_bytes - 1) /
	    parcel->part_bytes);
}

void
parcel_expect(struct parcel *parcel, size_t len, size_t part_bytes)
{
	assert(len <= sizeof(parcel->data) && part_bytes > 0);
	memset(parcel, 0, sizeof(*parcel));
	parcel->len = len;
	parcel->part_bytes = part_bytes;
	assert(parcel_parts(parcel) <= PARTS_MAX);
	parcel->missing = (UINT32_C(1) << parcel_parts(parcel)) - 1;
}

void
parcel_load(struct parcel *parcel, const uint8_t *data, size_t len,
    size_t part_bytes)
{
	parcel_expect(parcel, len, part_bytes);
	memcpy(parcel->data, data, len);
	parcel->missing = 0;
}

bool
parcel_is_whole(const struct parcel *parcel)
{
	return parcel->len > 0 && parcel->missing == 0;
}

const uint8_t *
parcel_part(const struct parcel *parcel, unsigned part, size_t *len)
{
	size_t start = part * parcel->part_bytes;

	assert(part < parcel_parts(parcel));
	*len = parcel->len - start;
	if (*len > parcel->part_bytes)
		*len = parcel->part_bytes;
	return parcel->data + start;
}

int
parcel_take(struct parcel *parcel, unsigned part, unsigned parts,
    const uint8_t *data, size_t len)
{
	size_t expected;

	assert(parcel->len > 0);
	if (parts != parcel_parts(parcel) || part >= parts)
		return ERR_FORMAT;
	(void)parcel_part(parcel, part, &expected);
	if (len != expected)
		return ERR_FORMAT;
	if (!(parcel->missing & UINT32_C(1) << part))
		return OK;
	memcpy(parcel->data + part * parcel->part_bytes, data, len);
	parcel->missing &= ~(UINT32_C(1) << part);
	return OK;
}
