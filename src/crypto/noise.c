#include "crypto/noise.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "base/wipe.h"

static void
hash_blake2b(uint8_t *out, const struct hash_part *parts, size_t count)
{
	hash_wide(out, parts, count);
}

const struct noise_hash noise_blake2b = {
	.bytes = HASH_WIDE_BYTES,
	.block_bytes = 128,
	.hash = hash_blake2b,
};

void
noise_hmac(const struct noise_hash *hash, uint8_t *out, const uint8_t *key,
    size_t key_len, const struct hash_part *parts, size_t count)
{
	uint8_t pad[NOISE_BLOCK_BYTES_MAX] = { 0 };
	uint8_t inner[NOISE_HASH_BYTES_MAX];
	struct hash_part inside[1 + NOISE_HMAC_PARTS_MAX];
	const struct hash_part outside[] = { { pad, hash->block_bytes },
		{ inner, hash->bytes } };
	size_t i;

	assert(key_len <= hash->block_bytes);
	assert(count <= NOISE_HMAC_PARTS_MAX);
	if (key_len > 0)
		memcpy(pad, key, key_len);
	inside[0] = (struct hash_part){ pad, hash->block_bytes };
	for (i = 0; i < count; i++)
		inside[1 + i] = parts[i];

	for (i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36;
	hash->hash(inner, inside, 1 + count);
	for (i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	hash->hash(out, outside, 2);
	wipe(pad, sizeof(pad));
	wipe(inner, sizeof(inner));
}

void
noise_hkdf(const struct noise_hash *hash, uint8_t outs[][NOISE_HASH_BYTES_MAX],
    size_t count, const uint8_t *key, size_t key_len, const uint8_t *material,
    size_t len)
{
	const struct hash_part input = { material, len };
	uint8_t temp[NOISE_HASH_BYTES_MAX];
	uint8_t i;

	assert(count >= 1 && count <= NOISE_HKDF_OUTPUTS_MAX);
	noise_hmac(hash, temp, key, key_len, &input, 1);
	for (i = 0; i < count; i++) {
		const uint8_t number = (uint8_t)(i + 1);
		const struct hash_part parts[] = {
			{ i == 0 ? NULL : outs[i - 1],
			    i == 0 ? 0 : hash->bytes },
			{ &number, 1 },
		};

		noise_hmac(hash, outs[i], temp, hash->bytes, parts, 2);
	}
	wipe(temp, sizeof(temp));
}

/* The same from the chaining key. */
static void
hkdf(const struct noise *noise, uint8_t outs[][NOISE_HASH_BYTES_MAX],
    size_t count, const uint8_t *material, size_t len)
{
	const struct noise_hash *hash = noise->protocol->hash;

	noise_hkdf(hash, outs, count, noise->ck, hash->bytes, material, len);
}

static void
mix_hash(struct noise *noise, const void *data, size_t len)
{
	const struct noise_hash *hash = noise->protocol->hash;
	uint8_t h[NOISE_HASH_BYTES_MAX];
	const struct hash_part parts[] = { { noise->h, hash->bytes },
		{ data, len } };

	hash->hash(h, parts, 2);
	memcpy(noise->h, h, hash->bytes);
}

static void
take_key(struct noise *noise, const uint8_t *k)
{
	memcpy(noise->k, k, sizeof(noise->k));
	noise->has_key = true;
	noise->nonce = 0;
}

static void
mix_key(struct noise *noise, const uint8_t *material, size_t len)
{
	uint8_t outs[2][NOISE_HASH_BYTES_MAX];

	hkdf(noise, outs, 2, material, len);
	memcpy(noise->ck, outs[0], noise->protocol->hash->bytes);
	take_key(noise, outs[1]);
	wipe(outs, sizeof(outs));
}

static void
mix_key_and_hash(struct noise *noise, const uint8_t *material, size_t len)
{
	uint8_t outs[3][NOISE_HASH_BYTES_MAX];

	hkdf(noise, outs, 3, material, len);
	memcpy(noise->ck, outs[0], noise->protocol->hash->bytes);
	mix_hash(noise, outs[1], noise->protocol->hash->bytes);
	take_key(noise, outs[2]);
	wipe(outs, sizeof(outs));
}

/* Four zero bytes, then the counter, little endian; one step on. */
static void
next_nonce(struct noise *noise,
    uint8_t bytes[crypto_aead_chacha20poly1305_ietf_NPUBBYTES])
{
	struct writer w;

	buf_write(&w, bytes, crypto_aead_chacha20poly1305_ietf_NPUBBYTES);
	buf_put_zeros(&w, 4);
	buf_put_u64(&w, noise->nonce++);
	assert(buf_is_sound(&w));
}

static int
encrypt_and_hash(struct noise *noise, struct writer *w, const void *data,
    size_t len)
{
	uint8_t sealed[NOISE_PAYLOAD_BYTES_MAX + NOISE_TAG_BYTES];
	uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];

	if (len > NOISE_PAYLOAD_BYTES_MAX)
		return ERR_SIZE;
	if (!noise->has_key) {
		buf_put_bytes(w, data, len);
		mix_hash(noise, data, len);
		return OK;
	}
	next_nonce(noise, nonce);
	crypto_aead_chacha20poly1305_ietf_encrypt(sealed, NULL, data, len,
	    noise->h, noise->protocol->hash->bytes, NULL, nonce, noise->k);
	buf_put_bytes(w, sealed, len + NOISE_TAG_BYTES);
	mix_hash(noise, sealed, len + NOISE_TAG_BYTES);
	return OK;
}

/* Bytes that len bytes take on the wire at this point. */
static size_t
sealed_bytes(const struct noise *noise, size_t len)
{
	return noise->has_key ? len + NOISE_TAG_BYTES : len;
}

/* Takes len bytes, tag and all, and writes what they hold to out. */
static int
decrypt_and_hash(struct noise *noise, struct reader *r, size_t len,
    uint8_t *out)
{
	uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];
	const uint8_t *sealed;

	sealed = buf_get_slice(r, len);
	if (sealed == NULL)
		return ERR_SIZE;
	if (!noise->has_key) {
		if (len > 0)
			memcpy(out, sealed, len);
		mix_hash(noise, sealed, len);
		return OK;
	}
	if (len < NOISE_TAG_BYTES)
		return ERR_SIZE;
	next_nonce(noise, nonce);
	if (crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed,
		len, noise->h, noise->protocol->hash->bytes, nonce,
		noise->k) != 0)
		return ERR_CRYPTO;
	mix_hash(noise, sealed, len);
	return OK;
}

/* The first letter is the initiator's key, the second the responder's. */
static int
mix_dh(struct noise *noise, enum noise_token token)
{
	const bool initiator_static = token == NOISE_SE || token == NOISE_SS;
	const bool responder_static = token == NOISE_ES || token == NOISE_SS;
	const bool own_static =
	    noise->initiator ? initiator_static : responder_static;
	const bool peer_static =
	    noise->initiator ? responder_static : initiator_static;
	uint8_t shared[DH_BYTES];
	int rc;

	rc = dh_shared(shared, own_static ? noise->s : noise->e,
	    peer_static ? noise->rs : noise->re);
	if (rc == OK)
		mix_key(noise, shared, sizeof(shared));
	wipe(shared, sizeof(shared));
	return rc;
}

static void
mix_psk(struct noise *noise)
{
	assert(noise->psk_next < noise->psk_count);
	mix_key_and_hash(noise, noise->psk[noise->psk_next++], NOISE_KEY_BYTES);
}

/* Where a psk is in use, ephemerals are mixed into the key as well: a psk alone
 * would give the same key each time. */
static void
mix_ephemeral(struct noise *noise, const uint8_t *public_key)
{
	mix_hash(noise, public_key, DH_BYTES);
	if (noise->psk_mode)
		mix_key(noise, public_key, DH_BYTES);
}

static void
write_e(struct noise *noise, struct writer *w)
{
	uint8_t public_key[DH_BYTES];

	dh_keygen(noise->e, public_key, noise->rng);
	buf_put_bytes(w, public_key, sizeof(public_key));
	mix_ephemeral(noise, public_key);
}

static int
write_s(struct noise *noise, struct writer *w)
{
	uint8_t public_key[DH_BYTES];

	dh_public(public_key, noise->s);
	return encrypt_and_hash(noise, w, public_key, sizeof(public_key));
}

static int
write_e1(struct noise *noise, struct writer *w)
{
	uint8_t public_key[KEM_PUBLIC_BYTES];

	rng_fill(noise->rng, noise->e1, sizeof(noise->e1));
	kem_expand(public_key, NULL, noise->e1);
	return encrypt_and_hash(noise, w, public_key, sizeof(public_key));
}

static int
write_ekem1(struct noise *noise, struct writer *w)
{
	uint8_t m[KEM_ENCAPS_BYTES];
	uint8_t cipher[KEM_CIPHER_BYTES];
	uint8_t shared[KEM_SHARED_BYTES];
	int rc;

	rng_fill(noise->rng, m, sizeof(m));
	rc = kem_encaps(cipher, shared, noise->re1, m);
	if (rc != OK)
		goto out;
	rc = encrypt_and_hash(noise, w, cipher, sizeof(cipher));
	if (rc != OK)
		goto out;
	mix_key(noise, shared, sizeof(shared));
out:
	wipe(m, sizeof(m));
	wipe(shared, sizeof(shared));
	return rc;
}

static int
read_e(struct noise *noise, struct reader *r)
{
	buf_get_bytes(r, noise->re, sizeof(noise->re));
	if (!buf_is_readable(r))
		return ERR_SIZE;
	mix_ephemeral(noise, noise->re);
	return OK;
}

static int
read_s(struct noise *noise, struct reader *r)
{
	return decrypt_and_hash(noise, r, sealed_bytes(noise, DH_BYTES),
	    noise->rs);
}

static int
read_e1(struct noise *noise, struct reader *r)
{
	return decrypt_and_hash(noise, r, sealed_bytes(noise, KEM_PUBLIC_BYTES),
	    noise->re1);
}

static int
read_ekem1(struct noise *noise, struct reader *r)
{
	uint8_t cipher[KEM_CIPHER_BYTES];
	uint8_t shared[KEM_SHARED_BYTES];
	int rc;

	rc = decrypt_and_hash(noise, r, sealed_bytes(noise, sizeof(cipher)),
	    cipher);
	if (rc != OK)
		return rc;
	kem_decaps(shared, cipher, noise->e1);
	mix_key(noise, shared, sizeof(shared));
	wipe(shared, sizeof(shared));
	return OK;
}

static int
write_token(struct noise *noise, enum noise_token token, struct writer *w)
{
	switch (token) {
	case NOISE_E:
		write_e(noise, w);
		return OK;
	case NOISE_S:
		return write_s(noise, w);
	case NOISE_EE:
	case NOISE_ES:
	case NOISE_SE:
	case NOISE_SS:
		return mix_dh(noise, token);
	case NOISE_PSK:
		mix_psk(noise);
		return OK;
	case NOISE_E1:
		return write_e1(noise, w);
	case NOISE_EKEM1:
		return write_ekem1(noise, w);
	case NOISE_END:
		break;
	}
	assert(false);
	return ERR_STATE;
}

static int
read_token(struct noise *noise, enum noise_token token, struct reader *r)
{
	switch (token) {
	case NOISE_E:
		return read_e(noise, r);
	case NOISE_S:
		return read_s(noise, r);
	case NOISE_EE:
	case NOISE_ES:
	case NOISE_SE:
	case NOISE_SS:
		return mix_dh(noise, token);
	case NOISE_PSK:
		mix_psk(noise);
		return OK;
	case NOISE_E1:
		return read_e1(noise, r);
	case NOISE_EKEM1:
		return read_ekem1(noise, r);
	case NOISE_END:
		break;
	}
	assert(false);
	return ERR_STATE;
}

static bool
has_psk(const struct noise_pattern *pattern)
{
	size_t i, j;

	for (i = 0; i < NOISE_MESSAGES_MAX; i++)
		for (j = 0; j < NOISE_TOKENS_MAX; j++)
			if (pattern->messages[i][j] == NOISE_PSK)
				return true;
	return false;
}

/* h = name, hashed where it is longer than a hash; ck = h. */
static void
start_from_name(struct noise *noise)
{
	const struct noise_protocol *protocol = noise->protocol;
	const struct hash_part name = { protocol->name,
		strlen(protocol->name) };

	if (name.len <= protocol->hash->bytes)
		memcpy(noise->h, name.data, name.len);
	else
		protocol->hash->hash(noise->h, &name, 1);
	memcpy(noise->ck, noise->h, protocol->hash->bytes);
}

/* A pre-message: the static key of one party, known to both. */
static void
mix_known_static(struct noise *noise, const struct noise_party *party,
    bool of_initiator)
{
	uint8_t public_key[DH_BYTES];

	if (noise->initiator != of_initiator)
		memcpy(public_key, noise->rs, sizeof(public_key));
	else if (party->static_public != NULL)
		memcpy(public_key, party->static_public, sizeof(public_key));
	else
		dh_public(public_key, noise->s);
	mix_hash(noise, public_key, sizeof(public_key));
}

void
noise_init(struct noise *noise, const struct noise_protocol *protocol,
    const struct noise_party *party)
{
	const struct noise_pattern *pattern = protocol->pattern;
	size_t i;

	assert(protocol->hash->bytes <= NOISE_HASH_BYTES_MAX);
	assert(protocol->hash->bytes >= NOISE_KEY_BYTES);
	assert(protocol->hash->block_bytes <= NOISE_BLOCK_BYTES_MAX);
	assert(party->psk_count <= NOISE_PSKS_MAX);

	memset(noise, 0, sizeof(*noise));
	noise->protocol = protocol;
	noise->rng = party->rng;
	noise->initiator = party->initiator;
	noise->psk_mode = has_psk(pattern);
	if (party->static_secret != NULL)
		memcpy(noise->s, party->static_secret, sizeof(noise->s));
	if (party->peer_static != NULL)
		memcpy(noise->rs, party->peer_static, sizeof(noise->rs));
	noise->psk_count = party->psk_count;
	for (i = 0; i < party->psk_count; i++)
		memcpy(noise->psk[i], party->psk[i], sizeof(noise->psk[i]));

	start_from_name(noise);
	mix_hash(noise, party->prologue, party->prologue_len);
	if (pattern->initiator_known)
		mix_known_static(noise, party, true);
	if (pattern->responder_known)
		mix_known_static(noise, party, false);
}

static bool
is_ours(const struct noise *noise)
{
	const bool initiators =
	    noise->protocol->pattern->one_way || noise->message % 2 == 0;

	return initiators == noise->initiator;
}

int
noise_write(struct noise *noise, struct writer *w, const void *payload,
    size_t payload_len)
{
	const enum noise_token *token;
	int rc = OK;

	assert(!noise_is_done(noise) && is_ours(noise));
	token = noise->protocol->pattern->messages[noise->message];
	for (; *token != NOISE_END; token++)
		if ((rc = write_token(noise, *token, w)) != OK)
			goto out;
	if ((rc = encrypt_and_hash(noise, w, payload, payload_len)) != OK)
		goto out;
	if (!buf_is_sound(w)) {
		rc = ERR_SIZE;
		goto out;
	}
	noise->message++;
out:
	if (rc != OK)
		noise_wipe(noise);
	return rc;
}

int
noise_read(struct noise *noise, struct reader *r, void *payload,
    size_t payload_cap, size_t *payload_len)
{
	const enum noise_token *token;
	size_t tag_len;
	int rc = OK;

	assert(!noise_is_done(noise) && !is_ours(noise));
	*payload_len = 0;
	token = noise->protocol->pattern->messages[noise->message];
	for (; *token != NOISE_END; token++)
		if ((rc = read_token(noise, *token, r)) != OK)
			goto out;
	tag_len = sealed_bytes(noise, 0);
	if (buf_left(r) < tag_len || buf_left(r) - tag_len > payload_cap) {
		rc = ERR_SIZE;
		goto out;
	}
	*payload_len = buf_left(r) - tag_len;
	rc = decrypt_and_hash(noise, r, buf_left(r), payload);
	if (rc != OK)
		goto out;
	noise->message++;
out:
	if (rc != OK) {
		*payload_len = 0;
		noise_wipe(noise);
	}
	return rc;
}

bool
noise_is_done(const struct noise *noise)
{
	/* A state that was wiped has no protocol, and does nothing more. */
	assert(noise->protocol != NULL);
	return noise->message == NOISE_MESSAGES_MAX ||
	    noise->protocol->pattern->messages[noise->message][0] == NOISE_END;
}

void
noise_split(struct noise *noise, uint8_t k1[NOISE_KEY_BYTES],
    uint8_t k2[NOISE_KEY_BYTES], uint8_t *h)
{
	uint8_t outs[2][NOISE_HASH_BYTES_MAX];

	assert(noise_is_done(noise));
	hkdf(noise, outs, 2, NULL, 0);
	memcpy(k1, outs[0], NOISE_KEY_BYTES);
	memcpy(k2, outs[1], NOISE_KEY_BYTES);
	memcpy(h, noise->h, noise->protocol->hash->bytes);
	wipe(outs, sizeof(outs));
	noise_wipe(noise);
}

void
noise_wipe(struct noise *noise)
{
	wipe(noise, sizeof(*noise));
}
