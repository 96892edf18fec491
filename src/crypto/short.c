#include "crypto/short.h"

#include <sodium.h>

_Static_assert(crypto_shorthash_siphash24_KEYBYTES == SHORT_KEY_BYTES &&
	crypto_shorthash_siphash24_BYTES == SHORT_BYTES,
    "SipHash-2-4 as its paper has it");

void
short_tag(uint8_t tag[SHORT_BYTES], const uint8_t key[SHORT_KEY_BYTES],
    const void *data, size_t len)
{
	(void)crypto_shorthash_siphash24(tag, data, len, key);
}
