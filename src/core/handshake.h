/* Owns the handshake of a line and the key schedule around it. */
#ifndef CORE_HANDSHAKE_H
#define CORE_HANDSHAKE_H

#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"
#include "core/event.h"
#include "crypto/dh.h"
#include "crypto/hash.h"
#include "crypto/kdf.h"
#include "crypto/noise.h"

/*
 *   Noise_KKpsk0+hfs_25519+MLKEM768_ChaChaPoly_BLAKE2b
 *     -> s, <- s                       (from the ceremony)
 *     -> psk, e, es, e1, ss            message 1
 *     <- e, ee, ekem1, se              message 2
 *
 * Keeper's side of it; wire only carries the two messages.  No payload in
 * either: nothing is said before both are proved.
 */

enum handshake_sizes {
	HANDSHAKE_TRANSCRIPT_BYTES = 64, /* T */
};

/* What follows from a ceremony's root R, kept for the life of the line. */
struct handshake_roots {
	uint8_t psk[KDF_BYTES];		/* P */
	uint8_t boot_a_to_b[KDF_BYTES]; /* the key of A's boot frames */
	uint8_t boot_b_to_a[KDF_BYTES];
	uint8_t continuity[KDF_BYTES]; /* C0 */
	uint8_t line_id[KDF_BYTES];
};

/* What one side brings to one attempt.  All borrowed during the call only. */
struct handshake_terms {
	enum handshake_kind kind;
	uint64_t id;		      /* the attempt; a pouch's prekey */
	const uint8_t *transcript;    /* T, 64 bytes */
	const uint8_t *static_secret; /* ours, 32 bytes */
	const uint8_t *static_public; /* of it; NULL: made anew */
	const uint8_t *peer_static;   /* public, 32 bytes */
	/* boot: P; rekey and pouch: X, the exporter of the session replaced. */
	const uint8_t *secret;
	/* boot: C used, 32 bytes (zeros in a repair); otherwise not read. */
	const uint8_t *continuity;
};

/* What both sides end with: the leaves of M.  No M, Split or ephemeral stays. */
struct handshake_keys {
	uint8_t a_to_b[KDF_BYTES];
	uint8_t b_to_a[KDF_BYTES];
	uint8_t exporter[KDF_BYTES];   /* X of the next rekey */
	uint8_t continuity[KDF_BYTES]; /* C'; zeros for a pouch */
	uint8_t h[HASH_WIDE_BYTES];    /* handshake hash: names the session */
};

/* A's attempt, between message 1 and message 2. */
struct handshake {
	struct noise noise;
	enum handshake_kind kind;
};

/* A: opens an attempt and writes message 1.  The rng is borrowed until the
 * attempt ends.  ERR_CRYPTO: a static key is worthless; nothing is pending. */
MUST_CHECK int handshake_open(struct handshake *handshake,
    const struct handshake_terms *terms, struct rng rng,
    uint8_t message1[HANDSHAKE_1_BYTES]);

/* B: reads message 1, writes message 2 and has the keys.  ERR_CRYPTO: message 1
 * is not A's, or not for these terms; message2 and keys are then zeroed. */
MUST_CHECK int handshake_answer(const struct handshake_terms *terms,
    struct rng rng, const uint8_t message1[HANDSHAKE_1_BYTES],
    uint8_t message2[HANDSHAKE_2_BYTES], struct handshake_keys *keys);

/* A: reads message 2 and has the keys; the attempt is then wiped.  ERR_CRYPTO:
 * not the answer to this attempt, which stays open; keys are zeroed. */
MUST_CHECK int handshake_finish(struct handshake *handshake,
    const uint8_t message2[HANDSHAKE_2_BYTES], struct handshake_keys *keys);

void handshake_wipe(struct handshake *handshake);
void handshake_keys_wipe(struct handshake_keys *keys);

/* The leaves of R. */
void handshake_roots_derive(struct handshake_roots *roots,
    const uint8_t root[KDF_BYTES]);
void handshake_roots_wipe(struct handshake_roots *roots);

/* How a boot frame names a continuity secret without giving it away. */
void handshake_hint(uint8_t hint[HINT_BYTES],
    const uint8_t continuity[KDF_BYTES]);

#endif
