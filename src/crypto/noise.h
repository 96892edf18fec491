/* Owns the Noise engine: patterns are data, one step a token. */
#ifndef CRYPTO_NOISE_H
#define CRYPTO_NOISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/rng.h"
#include "crypto/dh.h"
#include "crypto/hash.h"
#include "crypto/kem.h"
#include "limits.h"

/*
 * The Noise Protocol Framework, revision 34, over X25519 and ChaCha20-Poly1305,
 * with pre-shared keys and, as e1 and ekem1, a KEM beside the ephemeral
 * exchange (the hfs extension with a KEM in place of its second DH).
 */

enum noise_sizes {
	NOISE_KEY_BYTES = 32,
	NOISE_TAG_BYTES = 16,
	NOISE_HASH_BYTES_MAX = 64,
	NOISE_BLOCK_BYTES_MAX = 128,
	NOISE_MESSAGES_MAX = 4,
	NOISE_TOKENS_MAX = 10,
	NOISE_PSKS_MAX = 2,
	NOISE_HMAC_PARTS_MAX = 2,
	NOISE_HKDF_OUTPUTS_MAX = 3,
};

/* The first letter of a DH token is the initiator's key, the second the
 * responder's. */
enum noise_token {
	NOISE_END, /* of a message; a message of nothing ends the pattern */
	NOISE_E,
	NOISE_S,
	NOISE_EE,
	NOISE_ES,
	NOISE_SE,
	NOISE_SS,
	NOISE_PSK,
	NOISE_E1,    /* the initiator's KEM key, sealed */
	NOISE_EKEM1, /* the responder's ciphertext for it, sealed */
};

/* Messages alternate, the initiator's first. */
struct noise_pattern {
	bool initiator_known; /* pre-message -> s */
	bool responder_known; /* pre-message <- s */
	bool one_way;	      /* all messages are the initiator's */
	enum noise_token messages[NOISE_MESSAGES_MAX][NOISE_TOKENS_MAX];
};

/* hash writes bytes; block_bytes is HMAC's. */
struct noise_hash {
	size_t bytes;
	size_t block_bytes;
	void (*hash)(uint8_t *out, const struct hash_part *parts, size_t count);
};

struct noise_protocol {
	const char *name; /* whole, as it is hashed */
	const struct noise_pattern *pattern;
	const struct noise_hash *hash;
};

/* BLAKE2b, 64 bytes. */
extern const struct noise_hash noise_blake2b;

/* HMAC (RFC 2104) of at most NOISE_HMAC_PARTS_MAX parts; writes hash->bytes.
 * The key is no longer than a block. */
void noise_hmac(const struct noise_hash *hash, uint8_t *out, const uint8_t *key,
    size_t key_len, const struct hash_part *parts, size_t count);
/* HKDF (RFC 5869) with nothing as info: count outputs of hash->bytes each, at
 * most NOISE_HKDF_OUTPUTS_MAX.  key is the salt, as long as a block at most. */
void noise_hkdf(const struct noise_hash *hash,
    uint8_t outs[][NOISE_HASH_BYTES_MAX], size_t count, const uint8_t *key,
    size_t key_len, const uint8_t *material, size_t len);

/* One party's side of a handshake under way.  Plain bytes: a copy is a second
 * attempt at what follows.  Wipe it when done. */
struct noise {
	const struct noise_protocol *protocol;
	struct rng rng;
	bool initiator;
	bool psk_mode;
	bool has_key;
	size_t message; /* the next one */
	uint64_t nonce;
	uint8_t h[NOISE_HASH_BYTES_MAX];
	uint8_t ck[NOISE_HASH_BYTES_MAX];
	uint8_t k[NOISE_KEY_BYTES];
	uint8_t s[DH_BYTES];
	uint8_t e[DH_BYTES];
	uint8_t rs[DH_BYTES];
	uint8_t re[DH_BYTES];
	uint8_t e1[KEM_SEED_BYTES];
	uint8_t re1[KEM_PUBLIC_BYTES];
	uint8_t psk[NOISE_PSKS_MAX][NOISE_KEY_BYTES];
	size_t psk_count;
	size_t psk_next;
};

/* What a party brings.  Borrowed during noise_init only; keys that the pattern
 * does not need may be NULL. */
struct noise_party {
	bool initiator;
	const void *prologue;
	size_t prologue_len;
	const uint8_t *static_secret;
	const uint8_t *static_public; /* of it; NULL: made anew of the secret */
	const uint8_t *peer_static;
	const uint8_t *psk[NOISE_PSKS_MAX]; /* in the order of use */
	size_t psk_count;
	/* Draws, in the order of the tokens: e 32 bytes, e1 d || z, ekem1 m. */
	struct rng rng;
};

void noise_init(struct noise *noise, const struct noise_protocol *protocol,
    const struct noise_party *party);
/* Writes the next message, which must be ours.  ERR_CRYPTO: a key of the peer
 * adds nothing or is out of range; ERR_SIZE: no room in w, or a payload
 * over NOISE_PAYLOAD_BYTES_MAX.  After a failure the state is wiped and good
 * for nothing. */
MUST_CHECK int noise_write(struct noise *noise, struct writer *w,
    const void *payload, size_t payload_len);
/* Reads the next message, which must be the peer's; all that is left in r is
 * its payload, which goes to payload (payload_cap bytes).  ERR_CRYPTO: not
 * authentic; ERR_SIZE: a length is wrong.  After a failure the state is wiped. */
MUST_CHECK int noise_read(struct noise *noise, struct reader *r, void *payload,
    size_t payload_cap, size_t *payload_len);
/* All messages are written and read. */
bool noise_is_done(const struct noise *noise);
/* The two keys, the initiator's to send with first, and the handshake hash
 * (hash->bytes); wipes the state. */
void noise_split(struct noise *noise, uint8_t k1[NOISE_KEY_BYTES],
    uint8_t k2[NOISE_KEY_BYTES], uint8_t *h);
void noise_wipe(struct noise *noise);

#endif
