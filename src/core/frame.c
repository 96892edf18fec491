#include "core/frame.h"

#include <assert.h>
#include <string.h>

#include "base/wipe.h"
#include "crypto/aead.h"
#include "crypto/hash.h"

_Static_assert((int)FRAME_NONCE_BYTES == (int)AEAD_NONCE_BYTES,
    "a frame's nonce is the cipher's");
_Static_assert((int)FRAME_TAG_BYTES == (int)AEAD_TAG_BYTES,
    "a frame's tag is the cipher's");
_Static_assert((int)FRAME_KEY_BYTES == (int)AEAD_KEY_BYTES,
    "a frame's key is the cipher's");

/* What a nonce is the hash of: key, fresh bytes, clock, counter, path.  The key
 * goes in front and not where BLAKE2b takes one, which would be a block of its
 * own: one block is half the time, and no weaker with a key of one length. */
enum {
	FRESH_BYTES = 32,
	DRAWN_BYTES = FRAME_KEY_BYTES + FRESH_BYTES + 8 + 8 + 1,
};

void
frame_nonces_init(struct frame_nonces *nonces, struct rng rng)
{
	nonces->rng = rng;
	rng_fill(rng, nonces->key, sizeof(nonces->key));
}

void
frame_nonces_wipe(struct frame_nonces *nonces)
{
	wipe(nonces, sizeof(*nonces));
}

void
frame_nonce_draw(const struct frame_nonces *nonces, uint64_t now_ns,
    uint64_t ctr, unsigned path, uint8_t nonce[FRAME_NONCE_BYTES])
{
	uint8_t bytes[DRAWN_BYTES], hash[HASH_BYTES];
	struct writer w;

	memcpy(bytes, nonces->key, sizeof(nonces->key));
	rng_fill(nonces->rng, bytes + sizeof(nonces->key), FRESH_BYTES);
	buf_write(&w, bytes + FRAME_KEY_BYTES + FRESH_BYTES,
	    sizeof(bytes) - FRAME_KEY_BYTES - FRESH_BYTES);
	buf_put_u64(&w, now_ns);
	buf_put_u64(&w, ctr);
	buf_put_u8(&w, (uint8_t)path);
	assert(buf_is_sound(&w) && buf_room(&w) == 0);
	hash_parts(hash, &(struct hash_part){ bytes, sizeof(bytes) }, 1);
	memcpy(nonce, hash, FRAME_NONCE_BYTES);
	wipe(bytes, sizeof(bytes));
}

size_t
frame_plain_bytes(size_t frame_bytes)
{
	assert(frame_bytes >= FRAME_BYTES_MIN);
	assert(frame_bytes <= FRAME_BYTES_MAX);
	return frame_bytes - FRAME_NONCE_BYTES - FRAME_TAG_BYTES;
}

void
frame_seal(uint8_t *out, size_t frame_bytes,
    const uint8_t nonce[FRAME_NONCE_BYTES], const uint8_t key[FRAME_KEY_BYTES],
    const uint8_t *plain)
{
	memcpy(out, nonce, FRAME_NONCE_BYTES);
	aead_seal(out + FRAME_NONCE_BYTES, plain,
	    frame_plain_bytes(frame_bytes), NULL, 0, nonce, key);
}

int
frame_unseal(uint8_t *plain, const uint8_t *frame, size_t frame_bytes,
    const uint8_t key[FRAME_KEY_BYTES])
{
	return aead_unseal(plain, frame + FRAME_NONCE_BYTES,
	    frame_plain_bytes(frame_bytes) + FRAME_TAG_BYTES, NULL, 0, frame,
	    key);
}

int
frame_next_record(struct reader *r, struct frame_record *record)
{
	if (buf_left(r) == 0)
		return ERR_NOT_FOUND;
	record->type = buf_get_u8(r);
	if (record->type == FRAME_PAD)
		return ERR_NOT_FOUND;
	record->body = buf_get_blob16(r, &record->len);
	return buf_is_readable(r) ? OK : ERR_FORMAT;
}

struct writer
frame_record_begin(const struct writer *w)
{
	struct writer body = *w;

	buf_put_zeros(&body, FRAME_RECORD_HEAD_BYTES);
	return body;
}

bool
frame_record_end(struct writer *w, const struct writer *body,
    enum frame_record_type type)
{
	size_t len = body->len - w->len;
	struct writer begun = *w;

	if (!buf_is_sound(body)) {
		/* A shorter record may still follow: what was begun must not
		 * stand behind it. */
		buf_put_zeros(&begun, len);
		return false;
	}
	assert(len >= FRAME_RECORD_HEAD_BYTES);
	buf_put_u8(w, (uint8_t)type);
	buf_put_u16(w, (uint16_t)(len - FRAME_RECORD_HEAD_BYTES));
	w->len = body->len;
	return true;
}
