#include "core/handshake.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/wipe.h"

/* KKpsk0+hfs.  The hfs draft contradicts itself about e1 in KK; this order is
 * ours, and fixed. */
static const struct noise_pattern pattern = {
	.initiator_known = true,
	.responder_known = true,
	.messages = {
		{ NOISE_PSK, NOISE_E, NOISE_ES, NOISE_E1, NOISE_SS },
		{ NOISE_E, NOISE_EE, NOISE_EKEM1, NOISE_SE },
	},
};

static const struct noise_protocol protocol = {
	.name = "Noise_KKpsk0+hfs_25519+MLKEM768_ChaChaPoly_BLAKE2b",
	.pattern = &pattern,
	.hash = &noise_blake2b,
};

/* e(32), e1 sealed, empty payload sealed. */
_Static_assert(HANDSHAKE_1_BYTES ==
	DH_BYTES + KEM_PUBLIC_BYTES + NOISE_TAG_BYTES + NOISE_TAG_BYTES,
    "message 1");
/* e(32), ekem1 sealed, empty payload sealed. */
_Static_assert(HANDSHAKE_2_BYTES ==
	DH_BYTES + KEM_CIPHER_BYTES + NOISE_TAG_BYTES + NOISE_TAG_BYTES,
    "message 2");

static const char prologue_label[] = "quietline/v1";
static const char master_label[] = "quietline/v1 master";

enum handshake_layout {
	PROLOGUE_BYTES =
	    sizeof(prologue_label) - 1 + HANDSHAKE_TRANSCRIPT_BYTES + 1 + 8,
};

static void
make_psk(uint8_t psk[KDF_BYTES], const struct handshake_terms *terms)
{
	uint8_t id[8];
	struct writer w;

	switch (terms->kind) {
	case HANDSHAKE_BOOT:
		kdf(psk, terms->secret, KDF_BYTES, KDF_BOOT, terms->continuity,
		    KDF_BYTES);
		return;
	case HANDSHAKE_REKEY:
		kdf(psk, terms->secret, KDF_BYTES, KDF_REKEY, NULL, 0);
		return;
	case HANDSHAKE_POUCH:
		buf_write(&w, id, sizeof(id));
		buf_put_u64(&w, terms->id);
		kdf(psk, terms->secret, KDF_BYTES, KDF_POUCH, id, sizeof(id));
		return;
	case HANDSHAKE_KIND_COUNT:
		break;
	}
	assert(false);
}

static void
start(struct noise *noise, const struct handshake_terms *terms, bool initiator,
    struct rng rng)
{
	uint8_t prologue[PROLOGUE_BYTES];
	uint8_t psk[KDF_BYTES];
	struct writer w;

	buf_write(&w, prologue, sizeof(prologue));
	buf_put_bytes(&w, prologue_label, sizeof(prologue_label) - 1);
	buf_put_bytes(&w, terms->transcript, HANDSHAKE_TRANSCRIPT_BYTES);
	buf_put_u8(&w, (uint8_t)terms->kind);
	buf_put_u64(&w, terms->id);
	assert(buf_is_sound(&w) && buf_room(&w) == 0);

	make_psk(psk, terms);
	noise_init(noise, &protocol,
	    &(struct noise_party){
		.initiator = initiator,
		.prologue = prologue,
		.prologue_len = sizeof(prologue),
		.static_secret = terms->static_secret,
		.static_public = terms->static_public,
		.peer_static = terms->peer_static,
		.psk = { psk },
		.psk_count = 1,
		.rng = rng,
	    });
	wipe(psk, sizeof(psk));
}

/* Split, then M, then its leaves.  Keys come from Split and h together: h binds
 * both statics, the ceremony and every byte. */
static void
end(struct noise *noise, enum handshake_kind kind, struct handshake_keys *keys)
{
	uint8_t split[2 * NOISE_KEY_BYTES];
	uint8_t master[HASH_WIDE_BYTES];
	const struct hash_part parts[] = {
		{ master_label, sizeof(master_label) - 1 },
		{ keys->h, sizeof(keys->h) },
	};

	memset(keys, 0, sizeof(*keys));
	noise_split(noise, split, split + NOISE_KEY_BYTES, keys->h);
	hash_keyed(master, sizeof(master), split, sizeof(split), parts, 2);
	kdf(keys->a_to_b, master, sizeof(master), KDF_A_TO_B, NULL, 0);
	kdf(keys->b_to_a, master, sizeof(master), KDF_B_TO_A, NULL, 0);
	kdf(keys->exporter, master, sizeof(master), KDF_EXPORT, NULL, 0);
	if (kind != HANDSHAKE_POUCH)
		kdf(keys->continuity, master, sizeof(master), KDF_CONTINUITY,
		    NULL, 0);
	wipe(split, sizeof(split));
	wipe(master, sizeof(master));
}

/* Nothing is said in either message, so a payload is a fault. */
static int
read_empty(struct noise *noise, const uint8_t *message, size_t len)
{
	struct reader r;
	uint8_t payload[1];
	size_t payload_len;
	int rc;

	buf_read(&r, message, len);
	rc = noise_read(noise, &r, payload, 0, &payload_len);
	/* Message lengths are fixed: a wrong one cannot come from outside. */
	assert(rc != ERR_SIZE);
	return rc;
}

static int
write_empty(struct noise *noise, uint8_t *message, size_t len)
{
	struct writer w;
	int rc;

	buf_write(&w, message, len);
	rc = noise_write(noise, &w, NULL, 0);
	assert(rc != ERR_SIZE);
	assert(rc != OK || buf_room(&w) == 0);
	return rc;
}

int
handshake_open(struct handshake *handshake, const struct handshake_terms *terms,
    struct rng rng, uint8_t message1[HANDSHAKE_1_BYTES])
{
	int rc;

	handshake->kind = terms->kind;
	start(&handshake->noise, terms, true, rng);
	rc = write_empty(&handshake->noise, message1, HANDSHAKE_1_BYTES);
	if (rc != OK) {
		wipe(message1, HANDSHAKE_1_BYTES);
		handshake_wipe(handshake);
	}
	return rc;
}

int
handshake_answer(const struct handshake_terms *terms, struct rng rng,
    const uint8_t message1[HANDSHAKE_1_BYTES],
    uint8_t message2[HANDSHAKE_2_BYTES], struct handshake_keys *keys)
{
	struct noise noise;
	int rc;

	start(&noise, terms, false, rng);
	rc = read_empty(&noise, message1, HANDSHAKE_1_BYTES);
	if (rc != OK)
		goto out;
	rc = write_empty(&noise, message2, HANDSHAKE_2_BYTES);
	if (rc != OK)
		goto out;
	end(&noise, terms->kind, keys);
out:
	noise_wipe(&noise);
	if (rc != OK) {
		wipe(message2, HANDSHAKE_2_BYTES);
		handshake_keys_wipe(keys);
	}
	return rc;
}

int
handshake_finish(struct handshake *handshake,
    const uint8_t message2[HANDSHAKE_2_BYTES], struct handshake_keys *keys)
{
	struct noise noise;
	int rc;

	/* On a copy: a message 2 that is not the answer ends nothing. */
	noise = handshake->noise;
	rc = read_empty(&noise, message2, HANDSHAKE_2_BYTES);
	if (rc != OK) {
		handshake_keys_wipe(keys);
		goto out;
	}
	end(&noise, handshake->kind, keys);
	handshake_wipe(handshake);
out:
	noise_wipe(&noise);
	return rc;
}

void
handshake_wipe(struct handshake *handshake)
{
	wipe(handshake, sizeof(*handshake));
}

void
handshake_keys_wipe(struct handshake_keys *keys)
{
	wipe(keys, sizeof(*keys));
}

void
handshake_roots_derive(struct handshake_roots *roots,
    const uint8_t root[KDF_BYTES])
{
	kdf(roots->psk, root, KDF_BYTES, KDF_PSK, NULL, 0);
	kdf(roots->boot_a_to_b, root, KDF_BYTES, KDF_BOOT_A_TO_B, NULL, 0);
	kdf(roots->boot_b_to_a, root, KDF_BYTES, KDF_BOOT_B_TO_A, NULL, 0);
	kdf(roots->continuity, root, KDF_BYTES, KDF_CONTINUITY_0, NULL, 0);
	kdf(roots->line_id, root, KDF_BYTES, KDF_LINE_ID, NULL, 0);
}

void
handshake_roots_wipe(struct handshake_roots *roots)
{
	wipe(roots, sizeof(*roots));
}

void
handshake_hint(uint8_t hint[HINT_BYTES], const uint8_t continuity[KDF_BYTES])
{
	uint8_t whole[KDF_BYTES];

	kdf(whole, continuity, KDF_BYTES, KDF_HINT, NULL, 0);
	memcpy(hint, whole, HINT_BYTES);
	wipe(whole, sizeof(whole));
}
