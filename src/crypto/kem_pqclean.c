#include "crypto/kem_library.h"

#include <assert.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>

#include <mlkem768/kem.h>
#include <mlkem768/randombytes.h>

#include "base/log.h"
#include "base/wipe.h"
#include "crypto/kem.h"

_Static_assert(PQCLEAN_MLKEM768_CLEAN_CRYPTO_PUBLICKEYBYTES == KEM_PUBLIC_BYTES,
    "public");
_Static_assert(PQCLEAN_MLKEM768_CLEAN_CRYPTO_SECRETKEYBYTES == KEM_SECRET_BYTES,
    "secret");
_Static_assert(PQCLEAN_MLKEM768_CLEAN_CRYPTO_CIPHERTEXTBYTES ==
	KEM_CIPHER_BYTES,
    "cipher");
_Static_assert(PQCLEAN_MLKEM768_CLEAN_CRYPTO_BYTES == KEM_SHARED_BYTES,
    "shared");

void
kem_library_expand(uint8_t *public_key, uint8_t *secret, const uint8_t *seed)
{
	int rc;

	rc = PQCLEAN_MLKEM768_CLEAN_crypto_kem_keypair_derand(public_key,
	    secret, seed);
	assert(rc == 0);
}

void
kem_library_encaps(uint8_t *cipher, uint8_t *shared, const uint8_t *public_key,
    const uint8_t *m)
{
	int rc;

	rc = PQCLEAN_MLKEM768_CLEAN_crypto_kem_enc_derand(cipher, shared,
	    public_key, m);
	assert(rc == 0);
}

void
kem_library_decaps(uint8_t *shared, const uint8_t *cipher,
    const uint8_t *secret)
{
	int rc;

	rc = PQCLEAN_MLKEM768_CLEAN_crypto_kem_dec(shared, cipher, secret);
	assert(rc == 0);
}

/* The library asks here for randomness.  It must not: all of ours is handed in,
 * and a call that does not fail could go unnoticed. */
int
PQCLEAN_randombytes(uint8_t *output, size_t n)
{
	(void)output;
	(void)n;
	fatalx("kem: the library drew randomness of its own");
}

/* The library keeps hash states, secrets in them, on the heap, and is built to
 * take and leave them here, since it does not wipe them itself. */
struct heap_block {
	size_t len;
	alignas(max_align_t) uint8_t data[];
};

void *kem_library_malloc(size_t len);
void kem_library_free(void *data);

void *
kem_library_malloc(size_t len)
{
	struct heap_block *block;

	assert(len <= SIZE_MAX - sizeof(*block));
	block = malloc(sizeof(*block) + len);
	if (block == NULL)
		fatal("kem: no memory");
	block->len = len;
	return block->data;
}

void
kem_library_free(void *data)
{
	struct heap_block *block;

	if (data == NULL)
		return;
	block = (struct heap_block *)(void *)((uint8_t *)data -
	    offsetof(struct heap_block, data));
	wipe(block->data, block->len);
	free(block);
}
