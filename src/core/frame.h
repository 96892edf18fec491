/* Owns the layout of a frame: sealing, opening, and the records inside. */
#ifndef CORE_FRAME_H
#define CORE_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/rng.h"
#include "limits.h"

/*
 * doc/protocol.md, "Frame".
 *
 *     0     24     nonce, random
 *     24    S-40   XChaCha20-Poly1305 of the plaintext, no associated data
 *     S-16  16     tag
 *
 * Boot and session frames have one shape; only the key differs.
 */
enum frame_layout {
	FRAME_KEY_BYTES = 32,
	FRAME_PLAIN_BYTES_MAX =
	    FRAME_BYTES_MAX - FRAME_NONCE_BYTES - FRAME_TAG_BYTES,
};

/* What a session frame carries behind its counter. */
enum frame_record_type {
	FRAME_PAD = 0, /* zeros to the end */
	FRAME_ACK = 1,
	FRAME_CHUNK = 2,
	FRAME_HANDSHAKE = 3,
	FRAME_CTRL = 4,
};

struct frame_record {
	uint8_t type;
	const uint8_t *body;
	size_t len;
};

/* Draws nonces that never repeat, whatever happens to the machine. */
struct frame_nonces {
	uint8_t key[32];
	struct rng rng;
};

/* The key is drawn from rng, which is kept. */
void frame_nonces_init(struct frame_nonces *nonces, struct rng rng);
void frame_nonces_wipe(struct frame_nonces *nonces);

/* 24 bytes of the BLAKE2b of the key drawn at start, 32 fresh random bytes,
 * now_ns, ctr and path: two machines resumed from one image differ in
 * the clock, or in the kernel's generator. */
void frame_nonce_draw(const struct frame_nonces *nonces, uint64_t now_ns,
    uint64_t ctr, unsigned path, uint8_t nonce[FRAME_NONCE_BYTES]);

/* Bytes of plaintext in a frame of frame_bytes. */
size_t frame_plain_bytes(size_t frame_bytes);

/* Writes a whole frame of frame_bytes to out; plain has frame_plain_bytes, and may
 * lie in its place there. */
void frame_seal(uint8_t *out, size_t frame_bytes,
    const uint8_t nonce[FRAME_NONCE_BYTES], const uint8_t key[FRAME_KEY_BYTES],
    const uint8_t *plain);

/* ERR_CRYPTO where the key is another; plain is then worthless. */
MUST_CHECK int frame_unseal(uint8_t *plain, const uint8_t *frame,
    size_t frame_bytes, const uint8_t key[FRAME_KEY_BYTES]);

/* The next record behind the last; OK, ERR_NOT_FOUND at the end (padding), or
 * ERR_FORMAT.  The body is lent from the reader's bytes. */
MUST_CHECK int frame_next_record(struct reader *r, struct frame_record *record);

/* Begins a record; the body follows by buf_put_*, then frame_record_end. */
struct writer frame_record_begin(const struct writer *w);
/* Sets type and length of what was written to body since, and moves w behind
 * it.  Where it did not fit nothing is changed and false comes back. */
bool frame_record_end(struct writer *w, const struct writer *body,
    enum frame_record_type type);

#endif
