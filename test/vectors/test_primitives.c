/* Runs cases of the primitives under Noise, frames and cards: X25519, both
 * AEADs, HMAC and HKDF as Noise has them, BLAKE2, ristretto255. */
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "crypto/aead.h"
#include "crypto/crypto.h"
#include "crypto/dh.h"
#include "crypto/hash.h"
#include "crypto/noise.h"
#include "load.h"
#include "suite.h"
#include "tap.h"

enum { PATH_BYTES = 4096, AEAD_BYTES_MAX = 4096 };

/* One case of Wycheproof: what the code says, and what it should. */
typedef bool wycheproof_run(struct load *load, const json_t *group,
    const json_t *test, bool *skip);

static bool
is_equal(struct bytes expected, const uint8_t *data, size_t len)
{
	return expected.len == len &&
	    (len == 0 || memcmp(expected.data, data, len) == 0);
}

static bool
is_valid(struct load *load, const json_t *test)
{
	return strcmp(load_string(load, test, "result"), "invalid") != 0;
}

static void
wycheproof(struct tap *tap, const char *data, const char *name,
    wycheproof_run *run)
{
	struct load load;
	json_t *group, *test;
	char path[PATH_BYTES];
	size_t i, j;

	snprintf(path, sizeof(path), "%s/wycheproof/%s_test.json", data, name);
	load_json(&load, path);
	json_array_foreach(load_array(&load, load.root, "testGroups"), i, group)
	    json_array_foreach(load_array(&load, group, "tests"), j, test)
	{
		bool skip = false, ok;

		load.at = j;
		ok = run(&load, group, test, &skip);
		if (!skip)
			tap_case(tap, ok, "wycheproof %s %lld", name,
			    json_integer_value(json_object_get(test, "tcId")));
	}
	load_free(&load);
}

/* Zero results are refused, all others computed. */
static bool
run_x25519(struct load *load, const json_t *group, const json_t *test,
    bool *skip)
{
	const uint8_t *public_key = load_exact(load, test, "public", 32);
	const uint8_t *secret = load_exact(load, test, "private", 32);
	struct bytes expected = load_bytes(load, test, "shared");
	uint8_t shared[DH_BYTES];
	int rc;

	(void)group;
	(void)skip;
	rc = dh_shared(shared, secret, public_key);
	if (sodium_is_zero(expected.data, expected.len))
		return rc == ERR_CRYPTO && sodium_is_zero(shared, DH_BYTES);
	return rc == OK && is_equal(expected, shared, sizeof(shared));
}

static bool
run_chacha20(struct load *load, const json_t *group, const json_t *test,
    bool *skip)
{
	struct bytes key = load_bytes(load, test, "key");
	struct bytes iv = load_bytes(load, test, "iv");
	struct bytes aad = load_bytes(load, test, "aad");
	struct bytes msg = load_bytes(load, test, "msg");
	struct bytes ct = load_bytes(load, test, "ct");
	struct bytes tag = load_bytes(load, test, "tag");
	uint8_t plain[AEAD_BYTES_MAX], sealed[AEAD_BYTES_MAX];
	uint8_t made_tag[16];
	bool opens, seals;

	(void)group;
	(void)skip;
	if (iv.len != crypto_aead_chacha20poly1305_ietf_NPUBBYTES)
		return !is_valid(load, test);
	opens = crypto_aead_chacha20poly1305_ietf_decrypt_detached(plain, NULL,
		    ct.data, ct.len, tag.data, aad.data, aad.len, iv.data,
		    key.data) == 0 &&
	    is_equal(msg, plain, ct.len);
	crypto_aead_chacha20poly1305_ietf_encrypt_detached(sealed, made_tag,
	    NULL, msg.data, msg.len, aad.data, aad.len, NULL, iv.data,
	    key.data);
	seals = is_equal(ct, sealed, msg.len) &&
	    is_equal(tag, made_tag, sizeof(made_tag));
	return opens == is_valid(load, test) && seals == is_valid(load, test);
}

/* Through aead.h: also in place. */
static bool
run_xchacha20(struct load *load, const json_t *group, const json_t *test,
    bool *skip)
{
	struct bytes key = load_bytes(load, test, "key");
	struct bytes iv = load_bytes(load, test, "iv");
	struct bytes aad = load_bytes(load, test, "aad");
	struct bytes msg = load_bytes(load, test, "msg");
	struct bytes ct = load_bytes(load, test, "ct");
	struct bytes tag = load_bytes(load, test, "tag");
	uint8_t plain[AEAD_BYTES_MAX], sealed[AEAD_BYTES_MAX];
	bool opens, seals;

	(void)group;
	(void)skip;
	if (iv.len != AEAD_NONCE_BYTES)
		return !is_valid(load, test);
	memcpy(sealed, ct.data, ct.len);
	memcpy(sealed + ct.len, tag.data, tag.len);
	opens = aead_unseal(plain, sealed, ct.len + tag.len, aad.data, aad.len,
		    iv.data, key.data) == OK &&
	    is_equal(msg, plain, ct.len);
	memcpy(plain, msg.data, msg.len);
	aead_seal(plain, plain, msg.len, aad.data, aad.len, iv.data, key.data);
	seals = is_equal(ct, plain, msg.len) &&
	    is_equal(tag, plain + msg.len, AEAD_TAG_BYTES);
	return opens == is_valid(load, test) && seals == is_valid(load, test);
}

static bool
hmac_case(struct load *load, const json_t *test, const struct noise_hash *hash,
    bool *skip)
{
	struct bytes key = load_bytes(load, test, "key");
	struct bytes msg = load_bytes(load, test, "msg");
	struct bytes tag = load_bytes(load, test, "tag");
	const struct hash_part parts[] = {
		{ msg.data, msg.len / 2 },
		{ msg.data + msg.len / 2, msg.len - msg.len / 2 },
	};
	uint8_t out[NOISE_HASH_BYTES_MAX];

	/* Noise's keys are hashes: never longer than a block. */
	*skip = key.len > hash->block_bytes;
	if (*skip)
		return true;
	noise_hmac(hash, out, key.data, key.len, parts, 2);
	return (memcmp(out, tag.data, tag.len) == 0) == is_valid(load, test);
}

static bool
run_hmac_sha256(struct load *load, const json_t *group, const json_t *test,
    bool *skip)
{
	(void)group;
	return hmac_case(load, test, suite_find_hash("SHA256"), skip);
}

static bool
run_hmac_sha512(struct load *load, const json_t *group, const json_t *test,
    bool *skip)
{
	(void)group;
	return hmac_case(load, test, suite_find_hash("SHA512"), skip);
}

static bool
hkdf_case(struct load *load, const json_t *test, const struct noise_hash *hash,
    bool *skip)
{
	struct bytes ikm = load_bytes(load, test, "ikm");
	struct bytes salt = load_bytes(load, test, "salt");
	struct bytes info = load_bytes(load, test, "info");
	struct bytes okm = load_bytes(load, test, "okm");
	uint8_t outs[NOISE_HKDF_OUTPUTS_MAX][NOISE_HASH_BYTES_MAX];
	uint8_t whole[NOISE_HKDF_OUTPUTS_MAX * NOISE_HASH_BYTES_MAX];
	size_t i;

	/* Noise has no info, and takes three hashes' length at most. */
	*skip = info.len > 0 || salt.len > hash->block_bytes ||
	    okm.len > NOISE_HKDF_OUTPUTS_MAX * hash->bytes ||
	    !is_valid(load, test);
	if (*skip)
		return true;
	noise_hkdf(hash, outs, NOISE_HKDF_OUTPUTS_MAX, salt.data, salt.len,
	    ikm.data, ikm.len);
	for (i = 0; i < NOISE_HKDF_OUTPUTS_MAX; i++)
		memcpy(whole + i * hash->bytes, outs[i], hash->bytes);
	return memcmp(whole, okm.data, okm.len) == 0;
}

static bool
run_hkdf_sha256(struct load *load, const json_t *group, const json_t *test,
    bool *skip)
{
	(void)group;
	return hkdf_case(load, test, suite_find_hash("SHA256"), skip);
}

static bool
run_hkdf_sha512(struct load *load, const json_t *group, const json_t *test,
    bool *skip)
{
	(void)group;
	return hkdf_case(load, test, suite_find_hash("SHA512"), skip);
}

/* BLAKE2b plain and keyed; BLAKE2s plain, since the Noise vectors use it. */
static void
run_blake2(struct tap *tap, const char *data)
{
	struct load load;
	json_t *test;
	char path[PATH_BYTES];
	size_t i;

	snprintf(path, sizeof(path), "%s/hash/blake2-kat.json", data);
	load_json(&load, path);
	json_array_foreach(load.root, i, test)
	{
		struct bytes in, key, out;
		const char *name;
		uint8_t hash[HASH_WIDE_BYTES];
		struct hash_part parts[2];

		load.at = i;
		name = load_string(&load, test, "hash");
		in = load_bytes(&load, test, "in");
		key = load_bytes(&load, test, "key");
		out = load_bytes(&load, test, "out");
		parts[0] = (struct hash_part){ in.data, in.len / 3 };
		parts[1] = (struct hash_part){ in.data + in.len / 3,
			in.len - in.len / 3 };
		if (strcmp(name, "blake2s") == 0) {
			if (key.len > 0)
				continue;
			suite_find_hash("BLAKE2s")->hash(hash, parts, 2);
		} else if (key.len > 0) {
			hash_keyed(hash, sizeof(hash), key.data, key.len, parts,
			    2);
		} else {
			hash_wide(hash, parts, 2);
		}
		tap_case(tap, memcmp(hash, out.data, out.len) == 0,
		    "%s%s of %zu bytes", name, key.len > 0 ? " keyed" : "",
		    in.len);
	}
	load_free(&load);
}

/* What proof.h rests on: multiples of the generator, and refusing every
 * encoding that is not the one of an element. */
static void
run_ristretto(struct tap *tap, const char *data)
{
	struct load load;
	json_t *test;
	char path[PATH_BYTES];
	size_t i;

	snprintf(path, sizeof(path), "%s/ristretto255/rfc9496.json", data);
	load_json(&load, path);
	json_array_foreach(load_array(&load, load.root, "generator_multiples"),
	    i, test)
	{
		struct bytes expected = load_hex(&load, json_string_value(test),
		    "generator_multiples");
		uint8_t scalar[32] = { (uint8_t)i };
		uint8_t point[32];
		int rc;

		/* The identity is no result: it is refused, and left zero. */
		rc = crypto_scalarmult_ristretto255_base(point, scalar);
		tap_case(tap,
		    (rc == 0) == (i > 0) &&
			is_equal(expected, point, sizeof(point)),
		    "ristretto255 multiple %zu", i);
	}
	json_array_foreach(load_array(&load, load.root, "invalid_encodings"), i,
	    test)
	{
		const uint8_t *point = load_exact(&load, test, "encoding", 32);

		tap_case(tap, !crypto_core_ristretto255_is_valid_point(point),
		    "ristretto255 encoding %zu is refused", i);
	}
	json_array_foreach(load_array(&load, load.root, "element_derivation"),
	    i, test)
	{
		const uint8_t *uniform = load_exact(&load, test, "uniform", 64);
		struct bytes expected = load_bytes(&load, test, "element");
		uint8_t point[32];

		crypto_core_ristretto255_from_hash(point, uniform);
		tap_case(tap, is_equal(expected, point, sizeof(point)),
		    "ristretto255 derivation %zu", i);
	}
	load_free(&load);
}

int
main(int argc, char *argv[])
{
	struct tap tap = { 0 };
	const char *data;

	if (argc > 2) {
		fprintf(stderr, "usage: test_primitives [DATA]\n");
		return 2;
	}
	data = argc == 2 ? argv[1] : LOAD_DATA;
	crypto_init();
	wycheproof(&tap, data, "x25519", run_x25519);
	wycheproof(&tap, data, "chacha20_poly1305", run_chacha20);
	wycheproof(&tap, data, "xchacha20_poly1305", run_xchacha20);
	wycheproof(&tap, data, "hmac_sha256", run_hmac_sha256);
	wycheproof(&tap, data, "hmac_sha512", run_hmac_sha512);
	wycheproof(&tap, data, "hkdf_sha256", run_hkdf_sha256);
	wycheproof(&tap, data, "hkdf_sha512", run_hkdf_sha512);
	run_blake2(&tap, data);
	run_ristretto(&tap, data);
	return tap_end(&tap);
}
