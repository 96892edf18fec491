#include "crypto/aead.h"

#include <assert.h>

#include <sodium.h>

#include "base/wipe.h"

_Static_assert(AEAD_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    "key");
_Static_assert(AEAD_NONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    "nonce");
_Static_assert(AEAD_TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES,
    "tag");

void
aead_seal(uint8_t *out, const uint8_t *plain, size_t len, const void *ad,
    size_t ad_len, const uint8_t nonce[AEAD_NONCE_BYTES],
    const uint8_t key[AEAD_KEY_BYTES])
{
	int rc;

	rc = crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, plain, len,
	    ad, ad_len, NULL, nonce, key);
	assert(rc == 0);
}

int
aead_unseal(uint8_t *out, const uint8_t *sealed, size_t len, const void *ad,
    size_t ad_len, const uint8_t nonce[AEAD_NONCE_BYTES],
    const uint8_t key[AEAD_KEY_BYTES])
{
	if (len < AEAD_TAG_BYTES)
		return ERR_SIZE;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed,
		len, ad, ad_len, nonce, key) != 0) {
		if (out != sealed)
			wipe(out, len - AEAD_TAG_BYTES);
		return ERR_CRYPTO;
	}
	return OK;
}
