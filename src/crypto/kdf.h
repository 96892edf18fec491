/* Owns deriving one key from another: one function, one table of labels. */
#ifndef CRYPTO_KDF_H
#define CRYPTO_KDF_H

#include <stddef.h>
#include <stdint.h>

enum kdf_sizes { KDF_BYTES = 32 };

/* What a derived key is for; what it may be derived from stands behind it. */
enum kdf_label {
	KDF_ROOT,	  /* ceremony hash (64 bytes); ctx T */
	KDF_PSK,	  /* R */
	KDF_BOOT_A_TO_B,  /* R */
	KDF_BOOT_B_TO_A,  /* R */
	KDF_CONTINUITY_0, /* R */
	KDF_LINE_ID,	  /* R */
	KDF_CHECK,	  /* R */
	KDF_BOOT,	  /* P; ctx: the continuity secret used */
	KDF_HINT,	  /* C; the first 8 bytes count */
	KDF_REKEY,	  /* X */
	KDF_POUCH,	  /* X; ctx: id, 8 bytes */
	KDF_A_TO_B,	  /* M */
	KDF_B_TO_A,	  /* M */
	KDF_EXPORT,	  /* M */
	KDF_CONTINUITY,	  /* M */
	KDF_RELAY_MASK,	  /* a relay's secret */
	KDF_RELAY_LEG,	  /* a relay's secret; ctx: ticket id */
	KDF_LABEL_COUNT,
};

/* Keyed BLAKE2b-256 over "quietline1" || len8(label) || label || ctx.  key_len
 * is 32 or 64; ctx may be NULL where ctx_len is 0; out may be the key. */
void kdf(uint8_t out[KDF_BYTES], const uint8_t *key, size_t key_len,
    enum kdf_label label, const void *ctx, size_t ctx_len);

/* The label's text, as it is hashed. */
const char *kdf_label_text(enum kdf_label label);

#endif
