#include "crypto/kdf.h"

#include <assert.h>
#include <string.h>

#include "crypto/hash.h"

static const char *const labels[KDF_LABEL_COUNT] = {
	[KDF_ROOT] = "root",
	[KDF_PSK] = "psk",
	[KDF_BOOT_A_TO_B] = "boot a>b",
	[KDF_BOOT_B_TO_A] = "boot b>a",
	[KDF_CONTINUITY_0] = "continuity 0",
	[KDF_LINE_ID] = "line id",
	[KDF_CHECK] = "check",
	[KDF_BOOT] = "boot",
	[KDF_HINT] = "hint",
	[KDF_REKEY] = "rekey",
	[KDF_POUCH] = "pouch",
	[KDF_A_TO_B] = "a>b",
	[KDF_B_TO_A] = "b>a",
	[KDF_EXPORT] = "export",
	[KDF_CONTINUITY] = "continuity",
	[KDF_RELAY_MASK] = "relay mask",
	[KDF_RELAY_LEG] = "relay leg",
};

void
kdf(uint8_t out[KDF_BYTES], const uint8_t *key, size_t key_len,
    enum kdf_label label, const void *ctx, size_t ctx_len)
{
	static const char domain[] = "quietline1";
	const char *text = kdf_label_text(label);
	uint8_t text_len = (uint8_t)strlen(text);
	const struct hash_part parts[] = {
		{ domain, sizeof(domain) - 1 },
		/* Behind its length no label is another's beginning. */
		{ &text_len, 1 },
		{ text, text_len },
		{ ctx, ctx_len },
	};

	assert(key_len == 32 || key_len == 64);
	hash_keyed(out, KDF_BYTES, key, key_len, parts, 4);
}

const char *
kdf_label_text(enum kdf_label label)
{
	assert(label < KDF_LABEL_COUNT);
	return labels[label];
}
