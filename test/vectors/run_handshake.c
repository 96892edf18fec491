/*
 * Runs any file of the format of data/quietline/handshake.json: whole
 * handshakes of doc/protocol.md, and derivations.
 *
 *   run_handshake FILE          failures, then "N passed, N failed"
 *   run_handshake --tap FILE    TAP
 *
 * Exits with 0 when all passed, 1 when a case failed, 2 when the file is not of
 * that format.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/handshake.h"
#include "crypto/crypto.h"
#include "load.h"
#include "script.h"
#include "tap.h"

static bool
check(struct load *load, const json_t *test, const char *field,
    const uint8_t *made, size_t len)
{
	if (memcmp(load_exact(load, test, field, len), made, len) == 0)
		return true;
	printf("# case %zu: %s differs\n", load->at, field);
	return false;
}

static bool
run_kdf(struct load *load, const json_t *test)
{
	const char *label = load_string(load, test, "label");
	struct bytes key = load_bytes(load, test, "key");
	struct bytes ctx = load_bytes(load, test, "ctx");
	uint8_t out[KDF_BYTES];
	enum kdf_label i;

	if (key.len != 32 && key.len != 64)
		load_fail(load, "of a wrong length", "key");
	for (i = 0; i < KDF_LABEL_COUNT; i++)
		if (strcmp(kdf_label_text(i), label) == 0)
			break;
	if (i == KDF_LABEL_COUNT) {
		printf("# case %zu: label \"%s\" is not known\n", load->at,
		    label);
		return false;
	}
	kdf(out, key.data, key.len, i, ctx.data, ctx.len);
	return check(load, test, "out", out, sizeof(out));
}

static enum handshake_kind
get_kind(struct load *load, const json_t *test)
{
	const char *kind = load_string(load, test, "kind");

	if (strcmp(kind, "boot") == 0)
		return HANDSHAKE_BOOT;
	if (strcmp(kind, "rekey") == 0)
		return HANDSHAKE_REKEY;
	if (strcmp(kind, "pouch") == 0)
		return HANDSHAKE_POUCH;
	load_fail(load, "neither boot, rekey nor pouch", "kind");
}

/* A number, or digits where it would not be exact. */
static uint64_t
get_id(struct load *load, const json_t *test)
{
	const json_t *id = json_object_get(test, "id");
	const char *text = json_string_value(id);
	char *end;
	uint64_t value;

	if (json_is_integer(id) && json_integer_value(id) >= 0)
		return (uint64_t)json_integer_value(id);
	if (text == NULL || text[0] < '0' || text[0] > '9')
		load_fail(load, "neither a number nor digits", "id");
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno != 0 || *end != '\0')
		load_fail(load, "neither a number nor digits", "id");
	return value;
}

/* The inner values, each from those before it in the file: psk, prologue, KEM
 * secret, M and its leaves. */
static bool
check_schedule(struct load *load, const json_t *test,
    const struct handshake_terms *terms)
{
	static const char prologue_label[] = "quietline/v1";
	static const char master_label[] = "quietline/v1 master";
	const uint8_t *h = load_exact(load, test, "h", 64);
	const uint8_t *m = load_exact(load, test, "M", 64);
	uint8_t buf[128], out[KDF_BYTES], master[HASH_WIDE_BYTES];
	uint8_t public_key[KEM_PUBLIC_BYTES], cipher[KEM_CIPHER_BYTES];
	const struct hash_part parts[] = {
		{ master_label, sizeof(master_label) - 1 }, { h, 64 }
	};
	struct writer w;
	bool ok = true;

	buf_write(&w, buf, sizeof(buf));
	buf_put_bytes(&w, prologue_label, sizeof(prologue_label) - 1);
	buf_put_bytes(&w, terms->transcript, 64);
	buf_put_u8(&w, (uint8_t)terms->kind);
	buf_put_u64(&w, terms->id);
	ok &= check(load, test, "prologue", buf, w.len);

	if (terms->kind == HANDSHAKE_BOOT)
		kdf(out, terms->secret, 32, KDF_BOOT, terms->continuity, 32);
	else if (terms->kind == HANDSHAKE_REKEY)
		kdf(out, terms->secret, 32, KDF_REKEY, NULL, 0);
	else
		kdf(out, terms->secret, 32, KDF_POUCH, buf + w.len - 8, 8);
	ok &= check(load, test, "psk", out, sizeof(out));

	kem_expand(public_key, NULL,
	    load_exact(load, test, "kem_seed_dz", KEM_SEED_BYTES));
	if (kem_encaps(cipher, out, public_key,
		load_exact(load, test, "kem_encaps_m", KEM_ENCAPS_BYTES)) != OK)
		return false;
	ok &= check(load, test, "kem_shared", out, sizeof(out));

	memcpy(buf, load_exact(load, test, "split_k1", 32), 32);
	memcpy(buf + 32, load_exact(load, test, "split_k2", 32), 32);
	hash_keyed(master, sizeof(master), buf, 64, parts, 2);
	ok &= check(load, test, "M", master, sizeof(master));
	kdf(out, m, 64, KDF_A_TO_B, NULL, 0);
	ok &= check(load, test, "key_a_to_b", out, sizeof(out));
	kdf(out, m, 64, KDF_B_TO_A, NULL, 0);
	ok &= check(load, test, "key_b_to_a", out, sizeof(out));
	return ok;
}

static bool
check_keys(struct load *load, const json_t *test, enum handshake_kind kind,
    const struct handshake_keys *keys)
{
	bool ok = true;

	ok &= check(load, test, "h", keys->h, sizeof(keys->h));
	ok &= check(load, test, "key_a_to_b", keys->a_to_b, KDF_BYTES);
	ok &= check(load, test, "key_b_to_a", keys->b_to_a, KDF_BYTES);
	ok &= check(load, test, "exporter_X", keys->exporter, KDF_BYTES);
	if (kind != HANDSHAKE_POUCH)
		ok &= check(load, test, "continuity", keys->continuity,
		    KDF_BYTES);
	return ok;
}

/* The real thing, both sides, with what the file says was drawn. */
static bool
run_handshake(struct load *load, const json_t *test)
{
	const uint8_t *a_static = load_exact(load, test, "a_static", DH_BYTES);
	const uint8_t *b_static = load_exact(load, test, "b_static", DH_BYTES);
	uint8_t a_public[DH_BYTES], b_public[DH_BYTES];
	uint8_t message1[HANDSHAKE_1_BYTES], message2[HANDSHAKE_2_BYTES];
	struct handshake_terms a = { .kind = get_kind(load, test) };
	struct handshake_terms b;
	struct handshake handshake;
	struct handshake_keys a_keys, b_keys;
	struct script a_draws, b_draws;
	bool ok = true;

	a.id = get_id(load, test);
	a.transcript = load_exact(load, test, "T", HANDSHAKE_TRANSCRIPT_BYTES);
	if (a.kind == HANDSHAKE_BOOT) {
		a.secret = load_exact(load, test, "P", KDF_BYTES);
		a.continuity = load_exact(load, test, "C_used", KDF_BYTES);
	} else {
		a.secret = load_exact(load, test, "X_n", KDF_BYTES);
	}
	b = a;
	dh_public(a_public, a_static);
	dh_public(b_public, b_static);
	a.static_secret = a_static;
	a.peer_static = b_public;
	b.static_secret = b_static;
	b.peer_static = a_public;
	script_init(&a_draws);
	script_append(&a_draws, load_exact(load, test, "a_ephemeral", 32), 32);
	script_append(&a_draws,
	    load_exact(load, test, "kem_seed_dz", KEM_SEED_BYTES),
	    KEM_SEED_BYTES);
	script_init(&b_draws);
	script_append(&b_draws, load_exact(load, test, "b_ephemeral", 32), 32);
	script_append(&b_draws, load_exact(load, test, "kem_encaps_m", 32), 32);

	if (handshake_open(&handshake, &a, script_rng(&a_draws), message1) !=
		OK ||
	    handshake_answer(&b, script_rng(&b_draws), message1, message2,
		&b_keys) != OK ||
	    handshake_finish(&handshake, message2, &a_keys) != OK) {
		printf("# case %zu: the handshake fails\n", load->at);
		return false;
	}
	ok &= script_is_spent(&a_draws) && script_is_spent(&b_draws);
	ok &= check(load, test, "message1", message1, sizeof(message1));
	ok &= check(load, test, "message2", message2, sizeof(message2));
	ok &= check_keys(load, test, a.kind, &a_keys);
	ok &= check_keys(load, test, b.kind, &b_keys);
	ok &= check_schedule(load, test, &a);
	return ok;
}

int
main(int argc, char *argv[])
{
	const bool is_tap = argc == 3 && strcmp(argv[1], "--tap") == 0;
	struct tap tap = { .summary = !is_tap };
	struct load load;
	json_t *test;
	size_t i;

	if (argc != 2 && !is_tap) {
		fprintf(stderr, "usage: run_handshake [--tap] FILE\n");
		return 2;
	}
	crypto_init();
	load_json(&load, argv[argc - 1]);
	/* A file may have either list alone. */
	if (!load_has(load.root, "kdf") || load_has(load.root, "cases"))
		(void)load_array(&load, load.root, "cases");
	if (load_has(load.root, "kdf"))
		(void)load_array(&load, load.root, "kdf");
	json_array_foreach(json_object_get(load.root, "kdf"), i, test)
	{
		load.at = i;
		tap_case(&tap, run_kdf(&load, test), "kdf %zu \"%s\"", i,
		    load_string(&load, test, "label"));
	}
	json_array_foreach(json_object_get(load.root, "cases"), i, test)
	{
		load.at = i;
		tap_case(&tap, run_handshake(&load, test),
		    "handshake %zu %s %" PRIu64, i,
		    load_string(&load, test, "kind"), get_id(&load, test));
	}
	load_free(&load);
	return tap_end(&tap);
}
