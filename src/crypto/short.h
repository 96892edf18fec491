/* Owns short tags: SipHash-2-4, for what is many and lives briefly. */
#ifndef CRYPTO_SHORT_H
#define CRYPTO_SHORT_H

#include <stddef.h>
#include <stdint.h>

enum short_sizes { SHORT_KEY_BYTES = 16, SHORT_BYTES = 8 };

/* SipHash-2-4 of data.  Without the key nobody makes a right one but by trying
 * 2^64; no tag for anything that must outlive a moment. */
void short_tag(uint8_t tag[SHORT_BYTES], const uint8_t key[SHORT_KEY_BYTES],
    const void *data, size_t len);

#endif
