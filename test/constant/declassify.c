/*
 * The one place where a secret becomes public.  Each function here stands
 * between a caller and the function of its name (ld --wrap for ours, symbol
 * interposition for libsodium's), opens up what the protocol makes public there,
 * and says why.  Nothing else of the tested code is changed.
 */
#include <assert.h>
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/card.h"
#include "core/frame.h"
#include "crypto/aead.h"
#include "crypto/dh.h"
#include "crypto/kem.h"
#include "crypto/proof.h"
#include "crypto/stretch.h"
#include "crypto/willing.h"
#include "secret.h"

/* -- libsodium ---------------------------------------------------------------- */

int crypto_verify_16(const unsigned char *x, const unsigned char *y);
int sodium_is_zero(const unsigned char *n, size_t len);
int crypto_scalarmult_curve25519(unsigned char *q, const unsigned char *n,
    const unsigned char *p);
int crypto_scalarmult_ristretto255(unsigned char *q, const unsigned char *n,
    const unsigned char *p);
int crypto_core_ristretto255_add(unsigned char *r, const unsigned char *p,
    const unsigned char *q);
int crypto_core_ristretto255_sub(unsigned char *r, const unsigned char *p,
    const unsigned char *q);

static void
find(void *function, const char *name)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	assert(symbol != NULL);
	memcpy(function, &symbol, sizeof(symbol));
}

/* Whether a tag fits: a frame that does not is dropped, which is to be seen. */
int
crypto_verify_16(const unsigned char *x, const unsigned char *y)
{
	int (*real)(const unsigned char *, const unsigned char *);
	int rc;

	find(&real, "crypto_verify_16");
	rc = real(x, y);
	open_up(&rc, sizeof(rc));
	return rc;
}

/* Whether a scalar times the generator is the identity: for none that we draw,
 * but once in 2^252, and then it is drawn anew. */
int
sodium_is_zero(const unsigned char *n, size_t len)
{
	int (*real)(const unsigned char *, size_t);
	int rc;

	find(&real, "sodium_is_zero");
	rc = real(n, len);
	open_up(&rc, sizeof(rc));
	return rc;
}

/* Whether X25519 gave zeros: it does for a peer's key of small order alone,
 * whatever our secret is.  The peer's key is public. */
int
crypto_scalarmult_curve25519(unsigned char *q, const unsigned char *n,
    const unsigned char *p)
{
	int (*real)(unsigned char *, const unsigned char *,
	    const unsigned char *);
	int rc;

	find(&real, "crypto_scalarmult_curve25519");
	open_up(p, DH_BYTES);
	rc = real(q, n, p);
	open_up(&rc, sizeof(rc));
	return rc;
}

/* A copy of an element of which the library may ask whether it is one: of the
 * peer's this is public, and of those that we make ourselves it always is. */
static bool
open_element(unsigned char copy[WILLING_PART_BYTES],
    const unsigned char *element)
{
	memcpy(copy, element, WILLING_PART_BYTES);
	if (!is_secret(copy, WILLING_PART_BYTES))
		return false;
	open_up(copy, WILLING_PART_BYTES);
	return true;
}

int
crypto_scalarmult_ristretto255(unsigned char *q, const unsigned char *n,
    const unsigned char *p)
{
	int (*real)(unsigned char *, const unsigned char *,
	    const unsigned char *);
	unsigned char element[WILLING_PART_BYTES];
	bool kept = open_element(element, p);
	int rc;

	find(&real, "crypto_scalarmult_ristretto255");
	rc = real(q, n, element);
	open_up(&rc, sizeof(rc));
	if (kept)
		secret(q, WILLING_PART_BYTES);
	return rc;
}

static int
combine(const char *name, unsigned char *r, const unsigned char *p,
    const unsigned char *q)
{
	int (*real)(unsigned char *, const unsigned char *,
	    const unsigned char *);
	unsigned char first[WILLING_PART_BYTES], second[WILLING_PART_BYTES];
	bool kept = open_element(first, p);

	kept |= open_element(second, q);
	find(&real, name);
	if (real(r, first, second) != 0)
		return -1;
	if (kept)
		secret(r, WILLING_PART_BYTES);
	return 0;
}

int
crypto_core_ristretto255_add(unsigned char *r, const unsigned char *p,
    const unsigned char *q)
{
	return combine("crypto_core_ristretto255_add", r, p, q);
}

int
crypto_core_ristretto255_sub(unsigned char *r, const unsigned char *p,
    const unsigned char *q)
{
	return combine("crypto_core_ristretto255_sub", r, p, q);
}

/* -- ML-KEM ------------------------------------------------------------------- */

#if !KEM_IN_SODIUM
void __real_PQCLEAN_MLKEM768_CLEAN_kyber_shake128_absorb(void *state,
    const uint8_t *seed, uint8_t x, uint8_t y);
void __wrap_PQCLEAN_MLKEM768_CLEAN_kyber_shake128_absorb(void *state,
    const uint8_t *seed, uint8_t x, uint8_t y);

/* rho, of which the matrix A comes by rejection: it is part of the public key. */
void
__wrap_PQCLEAN_MLKEM768_CLEAN_kyber_shake128_absorb(void *state,
    const uint8_t *seed, uint8_t x, uint8_t y)
{
	uint8_t rho[32];

	memcpy(rho, seed, sizeof(rho));
	open_up(rho, sizeof(rho));
	__real_PQCLEAN_MLKEM768_CLEAN_kyber_shake128_absorb(state, rho, x, y);
}
#endif

int __real_kem_encaps(uint8_t *cipher, uint8_t *shared,
    const uint8_t *public_key, const uint8_t *m);
int __wrap_kem_encaps(uint8_t *cipher, uint8_t *shared,
    const uint8_t *public_key, const uint8_t *m);

/* An encapsulation key is public by name; that it travels sealed hides it from
 * nobody who could use it. */
int
__wrap_kem_encaps(uint8_t *cipher, uint8_t *shared, const uint8_t *public_key,
    const uint8_t *m)
{
	open_up(public_key, KEM_PUBLIC_BYTES);
	return __real_kem_encaps(cipher, shared, public_key, m);
}

/* -- our crypto --------------------------------------------------------------- */

void __real_dh_keygen(uint8_t *key, uint8_t *public_key, struct rng rng);
void __wrap_dh_keygen(uint8_t *key, uint8_t *public_key, struct rng rng);
void __real_dh_public(uint8_t *public_key, const uint8_t *key);
void __wrap_dh_public(uint8_t *public_key, const uint8_t *key);

/* Public keys are sent in the clear, or stand on a card. */
void
__wrap_dh_keygen(uint8_t *key, uint8_t *public_key, struct rng rng)
{
	__real_dh_keygen(key, public_key, rng);
	open_up(public_key, DH_BYTES);
}

void
__wrap_dh_public(uint8_t *public_key, const uint8_t *key)
{
	__real_dh_public(public_key, key);
	open_up(public_key, DH_BYTES);
}

void __real_proof_keygen(uint8_t *key, uint8_t *public_key, struct rng rng);
void __wrap_proof_keygen(uint8_t *key, uint8_t *public_key, struct rng rng);

void
__wrap_proof_keygen(uint8_t *key, uint8_t *public_key, struct rng rng)
{
	__real_proof_keygen(key, public_key, rng);
	open_up(public_key, PROOF_PUBLIC_BYTES);
}

void __real_proof_sign(uint8_t *proof, const uint8_t *key, const char *label,
    const void *data, size_t len, struct rng rng);
void __wrap_proof_sign(uint8_t *proof, const uint8_t *key, const char *label,
    const void *data, size_t len, struct rng rng);

/* A proof is shown to whoever is to believe it. */
void
__wrap_proof_sign(uint8_t *proof, const uint8_t *key, const char *label,
    const void *data, size_t len, struct rng rng)
{
	__real_proof_sign(proof, key, label, data, len, rng);
	open_up(proof, PROOF_BYTES);
}

void __real_willing_make(struct willing_talk *talk,
    const struct willing_round *round, const struct willing_secret *answer);
void __wrap_willing_make(struct willing_talk *talk,
    const struct willing_round *round, const struct willing_secret *answer);

/* A step is sent. */
void
__wrap_willing_make(struct willing_talk *talk,
    const struct willing_round *round, const struct willing_secret *answer)
{
	__real_willing_make(talk, round, answer);
	open_up(talk->step[talk->count - 1], WILLING_STEP_BYTES_MAX);
}

void __real_card_encode(uint8_t *bytes, const struct card *card,
    const uint8_t *key, struct rng rng);
void __wrap_card_encode(uint8_t *bytes, const struct card *card,
    const uint8_t *key, struct rng rng);

/* A card is shown, its nonce with it. */
void
__wrap_card_encode(uint8_t *bytes, const struct card *card, const uint8_t *key,
    struct rng rng)
{
	__real_card_encode(bytes, card, key, rng);
	open_up(bytes, CARD_BYTES);
}

void __real_aead_seal(uint8_t *out, const uint8_t *plain, size_t len,
    const void *ad, size_t ad_len, const uint8_t *nonce, const uint8_t *key);
void __wrap_aead_seal(uint8_t *out, const uint8_t *plain, size_t len,
    const void *ad, size_t ad_len, const uint8_t *nonce, const uint8_t *key);
int __real_aead_unseal(uint8_t *out, const uint8_t *sealed, size_t len,
    const void *ad, size_t ad_len, const uint8_t *nonce, const uint8_t *key);
int __wrap_aead_unseal(uint8_t *out, const uint8_t *sealed, size_t len,
    const void *ad, size_t ad_len, const uint8_t *nonce, const uint8_t *key);

/* What is sealed is sent, or written to disk. */
void
__wrap_aead_seal(uint8_t *out, const uint8_t *plain, size_t len, const void *ad,
    size_t ad_len, const uint8_t *nonce, const uint8_t *key)
{
	secret_on_seal(nonce, plain, len);
	__real_aead_seal(out, plain, len, ad, ad_len, nonce, key);
	open_up(out, len + AEAD_TAG_BYTES);
}

/* What comes out is as secret as what went in: a text is, a length is not. */
int
__wrap_aead_unseal(uint8_t *out, const uint8_t *sealed, size_t len,
    const void *ad, size_t ad_len, const uint8_t *nonce, const uint8_t *key)
{
	int rc;

	rc = __real_aead_unseal(out, sealed, len, ad, ad_len, nonce, key);
	if (rc == OK)
		secret_on_unseal(nonce, out, len - AEAD_TAG_BYTES);
	return rc;
}

int __real_stretch(uint8_t *key, const void *passphrase, size_t len,
    const uint8_t *salt, uint64_t passes, uint64_t memory_bytes);
int __wrap_stretch(uint8_t *key, const void *passphrase, size_t len,
    const uint8_t *salt, uint64_t passes, uint64_t memory_bytes);

/* Argon2id reads memory at addresses that follow from the passphrase, after its
 * first half pass: that is how it is made (RFC 9106), and what "id" trades. */
int
__wrap_stretch(uint8_t *key, const void *passphrase, size_t len,
    const uint8_t *salt, uint64_t passes, uint64_t memory_bytes)
{
	int rc;

	open_up(passphrase, len);
	rc = __real_stretch(key, passphrase, len, salt, passes, memory_bytes);
	secret(passphrase, len);
	secret(key, STRETCH_KEY_BYTES);
	return rc;
}

/* -- base and core ------------------------------------------------------------ */

bool __real_wipe_equal(const void *a, const void *b, size_t len);
bool __wrap_wipe_equal(const void *a, const void *b, size_t len);

/* Whether two secrets are the same is what was asked; where they differ, not. */
bool
__wrap_wipe_equal(const void *a, const void *b, size_t len)
{
	bool same = __real_wipe_equal(a, b, len);

	open_up(&same, sizeof(same));
	return same;
}

void __real_frame_nonce_draw(const struct frame_nonces *nonces, uint64_t now_ns,
    uint64_t ctr, unsigned path, uint8_t *nonce);
void __wrap_frame_nonce_draw(const struct frame_nonces *nonces, uint64_t now_ns,
    uint64_t ctr, unsigned path, uint8_t *nonce);

/* A nonce stands in front of its frame. */
void
__wrap_frame_nonce_draw(const struct frame_nonces *nonces, uint64_t now_ns,
    uint64_t ctr, unsigned path, uint8_t *nonce)
{
	__real_frame_nonce_draw(nonces, now_ns, ctr, path, nonce);
	open_up(nonce, FRAME_NONCE_BYTES);
}

void __real_handshake_hint(uint8_t *hint, const uint8_t *continuity);
void __wrap_handshake_hint(uint8_t *hint, const uint8_t *continuity);

/* A hint names a secret without giving it away: boot frames carry it. */
void
__wrap_handshake_hint(uint8_t *hint, const uint8_t *continuity)
{
	__real_handshake_hint(hint, continuity);
	open_up(hint, HINT_BYTES);
}
