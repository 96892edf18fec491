/* Runs transcripts of Noise that others made through the engine, both sides. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "crypto/crypto.h"
#include "crypto/noise.h"
#include "load.h"
#include "script.h"
#include "suite.h"
#include "tap.h"

enum {
	MESSAGES_MAX = 8,
	MESSAGE_BYTES_MAX = 4096,
};

struct message {
	struct bytes payload;
	struct bytes ciphertext;
};

/* One transcript, whatever file it is from; absent fields have no data. */
struct transcript {
	const char *name;
	struct bytes prologue;
	struct bytes statics[2]; /* private; initiator, responder */
	struct bytes ephemerals[2];
	struct bytes kem_seed;
	struct bytes kem_encaps;
	struct bytes psk[NOISE_PSKS_MAX];
	size_t psk_count;
	struct bytes h;
	struct bytes keys[2];
	struct message messages[MESSAGES_MAX];
	size_t message_count;
	/* Transport messages count keys from the first on, whatever the number
	 * of handshake messages. */
	bool keys_from_first;
};

struct party {
	struct noise noise;
	struct script script;
	uint8_t keys[2][NOISE_KEY_BYTES];
	uint8_t h[NOISE_HASH_BYTES_MAX];
};

static bool
is_equal(struct bytes expected, const void *data, size_t len)
{
	return expected.len == len &&
	    (len == 0 || memcmp(expected.data, data, len) == 0);
}

static void
start(struct party *party, const struct transcript *t,
    const struct suite *suite, bool initiator)
{
	const size_t me = initiator ? 0 : 1;
	const bool peer_known = initiator ? suite->pattern.responder_known
					  : suite->pattern.initiator_known;
	uint8_t peer_static[DH_BYTES];
	struct noise_party given = {
		.initiator = initiator,
		.prologue = t->prologue.data,
		.prologue_len = t->prologue.len,
		.static_secret = t->statics[me].data,
		.psk_count = t->psk_count,
	};
	size_t i;

	script_init(&party->script);
	if (t->ephemerals[me].data != NULL)
		script_append(&party->script, t->ephemerals[me].data, DH_BYTES);
	if (suite->hybrid && initiator)
		script_append(&party->script, t->kem_seed.data, KEM_SEED_BYTES);
	if (suite->hybrid && !initiator)
		script_append(&party->script, t->kem_encaps.data,
		    KEM_ENCAPS_BYTES);
	given.rng = script_rng(&party->script);
	if (peer_known) {
		dh_public(peer_static, t->statics[1 - me].data);
		given.peer_static = peer_static;
	}
	for (i = 0; i < t->psk_count; i++)
		given.psk[i] = t->psk[i].data;
	noise_init(&party->noise, &suite->protocol, &given);
}

/* One handshake message; the sender's bytes are the vector's, and the receiver
 * has the payload back. */
static bool
handshake(struct party *from, struct party *to, const struct message *message)
{
	uint8_t sent[MESSAGE_BYTES_MAX];
	uint8_t got[MESSAGE_BYTES_MAX];
	struct writer w;
	struct reader r;
	size_t got_len;

	buf_write(&w, sent, sizeof(sent));
	if (noise_write(&from->noise, &w, message->payload.data,
		message->payload.len) != OK)
		return false;
	if (message->ciphertext.data != NULL &&
	    !is_equal(message->ciphertext, sent, w.len))
		return false;
	buf_read(&r, sent, w.len);
	return noise_read(&to->noise, &r, got, sizeof(got), &got_len) == OK &&
	    is_equal(message->payload, got, got_len);
}

/* One transport message under a key that counts its own. */
static bool
transport(const uint8_t *key, uint64_t *counter, const struct message *message)
{
	uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES] = { 0 };
	uint8_t sealed[MESSAGE_BYTES_MAX];
	unsigned long long sealed_len;

	assert(message->payload.len + 16 <= sizeof(sealed));
	nonce[4] = (uint8_t)(*counter)++;
	crypto_aead_chacha20poly1305_ietf_encrypt(sealed, &sealed_len,
	    message->payload.data, message->payload.len, NULL, 0, NULL, nonce,
	    key);
	return is_equal(message->ciphertext, sealed, (size_t)sealed_len);
}

static bool
end(struct party *parties, const struct transcript *t,
    const struct suite *suite)
{
	const size_t h_len = suite->protocol.hash->bytes;
	size_t i;

	for (i = 0; i < 2; i++) {
		struct party *party = &parties[i];

		if (!noise_is_done(&party->noise) ||
		    !script_is_spent(&party->script))
			return false;
		noise_split(&party->noise, party->keys[0], party->keys[1],
		    party->h);
		if (!sodium_is_zero((const uint8_t *)&party->noise,
			sizeof(party->noise)))
			return false;
		if (t->h.data != NULL && !is_equal(t->h, party->h, h_len))
			return false;
		if (t->keys[0].data != NULL &&
		    (!is_equal(t->keys[0], party->keys[0], 32) ||
			!is_equal(t->keys[1], party->keys[1], 32)))
			return false;
	}
	return memcmp(parties[0].keys, parties[1].keys,
		   sizeof(parties[0].keys)) == 0;
}

static bool
run(const struct transcript *t)
{
	struct suite suite;
	struct party parties[2];
	uint64_t counters[2] = { 0, 0 };
	size_t i, handshakes;

	if (!suite_parse(&suite, t->name))
		return false;
	start(&parties[0], t, &suite, true);
	start(&parties[1], t, &suite, false);
	for (i = 0; !noise_is_done(&parties[0].noise); i++) {
		const size_t from = suite.pattern.one_way ? 0 : i % 2;

		if (i >= t->message_count ||
		    !handshake(&parties[from], &parties[1 - from],
			&t->messages[i]))
			return false;
	}
	handshakes = i;
	/* What the responder of a one-way pattern would draw, it does not. */
	if (suite.pattern.one_way)
		script_init(&parties[1].script);
	if (!end(parties, t, &suite))
		return false;
	for (; i < t->message_count; i++) {
		size_t key = t->keys_from_first ? (i - handshakes) % 2 : i % 2;

		if (suite.pattern.one_way && !t->keys_from_first)
			key = 0;
		if (!transport(parties[0].keys[key], &counters[key],
			&t->messages[i]))
			return false;
	}
	return true;
}

static struct bytes
optional(struct load *load, const json_t *object, const char *field)
{
	return load_has(object, field) ? load_bytes(load, object, field)
				       : (struct bytes){ NULL, 0 };
}

/* cacophony, snow and noise-c: the same fields but for the name's. */
static void
run_json(struct tap *tap, const char *path, const char *file)
{
	struct load load;
	json_t *vector, *message, *psk;
	size_t i, j;

	load_json(&load, path);
	json_array_foreach(load_array(&load, load.root, "vectors"), i, vector)
	{
		struct transcript t = { 0 };

		load.at = i;
		t.name = load_string(&load, vector,
		    load_has(vector, "name") ? "name" : "protocol_name");
		t.prologue = load_bytes(&load, vector, "init_prologue");
		t.statics[0] = optional(&load, vector, "init_static");
		t.statics[1] = optional(&load, vector, "resp_static");
		t.ephemerals[0] = optional(&load, vector, "init_ephemeral");
		t.ephemerals[1] = optional(&load, vector, "resp_ephemeral");
		t.h = optional(&load, vector, "handshake_hash");
		if (load_has(vector, "init_psks"))
			json_array_foreach(load_array(&load, vector,
					       "init_psks"),
			    j, psk) t.psk[t.psk_count++] = load_hex(&load,
			    json_string_value(psk), "init_psks");
		json_array_foreach(load_array(&load, vector, "messages"), j,
		    message)
		{
			assert(j < MESSAGES_MAX);
			t.messages[j].payload =
			    load_bytes(&load, message, "payload");
			t.messages[j].ciphertext =
			    load_bytes(&load, message, "ciphertext");
			t.message_count++;
		}
		tap_case(tap, run(&t), "%s %zu %s", file, i, t.name);
	}
	load_free(&load);
}

static void
run_flynn(struct tap *tap, const char *path)
{
	struct load load;
	json_t *vector;
	size_t i, j;

	load_text(&load, path);
	json_array_foreach(load.root, i, vector)
	{
		struct transcript t = { .keys_from_first = true };

		load.at = i;
		t.name = load_string(&load, vector, "handshake");
		t.prologue = optional(&load, vector, "prologue");
		t.statics[0] = optional(&load, vector, "init_static");
		t.statics[1] = optional(&load, vector, "resp_static");
		t.ephemerals[0] =
		    load_bytes(&load, vector, "gen_init_ephemeral");
		t.ephemerals[1] =
		    load_bytes(&load, vector, "gen_resp_ephemeral");
		t.psk[0] = optional(&load, vector, "preshared_key");
		t.psk_count = t.psk[0].data != NULL;
		for (j = 0; j < MESSAGES_MAX; j++) {
			char payload[32], ciphertext[32];

			snprintf(payload, sizeof(payload), "msg_%zu_payload",
			    j);
			snprintf(ciphertext, sizeof(ciphertext),
			    "msg_%zu_ciphertext", j);
			if (!load_has(vector, payload))
				break;
			t.messages[j].payload =
			    load_bytes(&load, vector, payload);
			t.messages[j].ciphertext =
			    load_bytes(&load, vector, ciphertext);
			t.message_count++;
		}
		tap_case(tap, run(&t), "flynn %zu %s", i, t.name);
	}
	load_free(&load);
}

static void
run_hybrid(struct tap *tap, const char *path)
{
	static const char *const names[] = { "msg_a", "msg_b", "msg_c" };
	struct load load;
	json_t *vector;
	size_t i, j;

	load_json(&load, path);
	json_array_foreach(load_array(&load, load.root, "vectors"), i, vector)
	{
		struct transcript t = { .message_count = 3 };

		load.at = i;
		t.name = load_string(&load, vector, "protocol_name");
		t.prologue = load_bytes(&load, vector, "init_prologue");
		t.statics[0] = load_bytes(&load, vector, "init_static");
		t.statics[1] = load_bytes(&load, vector, "resp_static");
		t.ephemerals[0] = load_bytes(&load, vector, "init_ephemeral");
		t.ephemerals[1] = load_bytes(&load, vector, "resp_ephemeral");
		t.kem_seed = load_bytes(&load, vector, "init_kem_seed_d_z");
		t.kem_encaps = load_bytes(&load, vector, "resp_encaps_m");
		t.h = load_bytes(&load, vector, "handshake_hash");
		t.keys[0] = load_bytes(&load, vector, "cs1_k");
		t.keys[1] = load_bytes(&load, vector, "cs2_k");
		for (j = 0; j < t.message_count; j++)
			t.messages[j].ciphertext =
			    load_bytes(&load, vector, names[j]);
		tap_case(tap, run(&t), "xxhfs-mlkem768 %zu %s", i, t.name);
	}
	load_free(&load);
}

int
main(int argc, char *argv[])
{
	struct tap tap = { 0 };
	const char *data;
	char path[4096];

	if (argc > 2) {
		fprintf(stderr, "usage: test_noise [DATA]\n");
		return 2;
	}
	data = argc == 2 ? argv[1] : LOAD_DATA;
	crypto_init();
	snprintf(path, sizeof(path), "%s/noise/cacophony.json", data);
	run_json(&tap, path, "cacophony");
	snprintf(path, sizeof(path), "%s/noise/snow.json", data);
	run_json(&tap, path, "snow");
	snprintf(path, sizeof(path), "%s/noise/noise-c-basic.json", data);
	run_json(&tap, path, "noise-c");
	snprintf(path, sizeof(path), "%s/noise/flynn.txt", data);
	run_flynn(&tap, path);
	snprintf(path, sizeof(path), "%s/noise/xxhfs-mlkem768.json", data);
	run_hybrid(&tap, path);
	return tap_end(&tap);
}
