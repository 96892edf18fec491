/* core/: frames, sessions, the handshake, whole lines, the ceremony. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "../unit/pair.h"
#include "base/wipe.h"
#include "cases.h"
#include "core/ceremony.h"
#include "core/frame.h"
#include "core/handshake.h"
#include "core/session.h"
#include "secret.h"

enum {
	BYTES = 1200,
	PLAIN_BYTES = BYTES - FRAME_NONCE_BYTES - FRAME_TAG_BYTES
};

static void
draw(void *bytes, size_t len)
{
	rng_fill(secret_rng(), bytes, len);
}

static bool
frames(void)
{
	struct frame_nonces nonces;
	uint8_t key[FRAME_KEY_BYTES], plain[PLAIN_BYTES], again[PLAIN_BYTES];
	uint8_t nonce[FRAME_NONCE_BYTES], frame[BYTES];
	bool ok;

	frame_nonces_init(&nonces, secret_rng());
	ok = is_secret(nonces.key, sizeof(nonces.key));
	draw(key, sizeof(key));
	draw(plain, sizeof(plain));
	frame_nonce_draw(&nonces, 5, 6, 0, nonce);
	frame_seal(frame, sizeof(frame), nonce, key, plain);
	ok = ok && frame_unseal(again, frame, sizeof(frame), key) == OK &&
	    is_secret(again, sizeof(again));
	frame[600] ^= 1;
	return ok && frame_unseal(again, frame, sizeof(frame), key) != OK;
}

/* Which of three keys opens a frame, and that none does. */
static bool
sessions(void)
{
	struct session session = { .prev_until_ns = 0 };
	struct session_keys keys[3];
	uint8_t nonce[FRAME_NONCE_BYTES] = { 1 }, frame[BYTES];
	uint8_t plain[PLAIN_BYTES] = { 0 };
	enum session_slot slot;
	bool ok = true;

	draw(keys, sizeof(keys));
	session_replace(&session, &keys[0], 1);
	session_expect(&session, &keys[1], 1);
	session_confirm(&session, 2);
	session_expect(&session, &keys[2], 1);
	for (size_t i = 0; i < 3; i++) {
		nonce[0]++;
		frame_seal(frame, sizeof(frame), nonce, keys[i].recv, plain);
		ok = ok &&
		    session_unseal(&session, plain, frame, sizeof(frame),
			&slot) == OK;
	}
	frame_seal(frame, sizeof(frame), nonce, keys[0].send, plain);
	ok = ok &&
	    session_unseal(&session, plain, frame, sizeof(frame), &slot) != OK;
	session_expire(&session, 3);
	ok = ok && is_secret(&session, sizeof(session));
	session_wipe(&session);
	return ok && !session_is_live(&session);
}

/* -- the handshake ------------------------------------------------------------ */

struct parties {
	uint8_t transcript[HANDSHAKE_TRANSCRIPT_BYTES];
	uint8_t root[KDF_BYTES];
	struct handshake_roots roots;
	uint8_t statics[2][DH_BYTES];
	uint8_t publics[2][DH_BYTES];
	struct handshake_terms terms[2];
};

static void
meet(struct parties *parties, enum handshake_kind kind)
{
	rng_fill(secret_rng(), parties->root, sizeof(parties->root));
	/* T is the hash of two cards, which are shown. */
	memset(parties->transcript, 3, sizeof(parties->transcript));
	handshake_roots_derive(&parties->roots, parties->root);
	for (int i = 0; i < 2; i++)
		dh_keygen(parties->statics[i], parties->publics[i],
		    secret_rng());
	for (int i = 0; i < 2; i++)
		parties->terms[i] = (struct handshake_terms){
			.kind = kind,
			.id = 3,
			.transcript = parties->transcript,
			.static_secret = parties->statics[i],
			.peer_static = parties->publics[!i],
			.secret = parties->roots.psk,
			.continuity = parties->roots.continuity,
		};
}

static bool
shake(enum handshake_kind kind)
{
	static struct handshake handshake;
	static struct parties parties;
	uint8_t message1[HANDSHAKE_1_BYTES], message2[HANDSHAKE_2_BYTES];
	struct handshake_keys a, b;
	uint8_t hint[HINT_BYTES];
	bool ok;

	meet(&parties, kind);
	ok = handshake_open(&handshake, &parties.terms[0], secret_rng(),
		 message1) == OK;
	/* Both messages are what goes over the wire. */
	open_up(message1, sizeof(message1));
	ok = ok &&
	    handshake_answer(&parties.terms[1], secret_rng(), message1,
		message2, &b) == OK;
	open_up(message2, sizeof(message2));
	message2[40] ^= 1;
	ok = ok && handshake_finish(&handshake, message2, &a) == ERR_CRYPTO;
	message2[40] ^= 1;
	ok = ok && handshake_finish(&handshake, message2, &a) == OK;
	ok = ok && wipe_equal(&a, &b, sizeof(a)) && is_secret(&a, sizeof(a)) &&
	    is_secret(b.exporter, sizeof(b.exporter));
	handshake_hint(hint, a.continuity);
	message1[40] ^= 1;
	return ok &&
	    handshake_answer(&parties.terms[1], secret_rng(), message1,
		message2, &b) == ERR_CRYPTO;
}

static bool
boot_handshake(void)
{
	return shake(HANDSHAKE_BOOT);
}

static bool
rekey_handshake(void)
{
	return shake(HANDSHAKE_REKEY);
}

/* -- two lines ---------------------------------------------------------------- */

/* Keys and texts come in by these; what a line makes of them is watched. */
struct line *__real_line_init(void *memory, const struct line_config *config,
    struct rng rng, line_tell *tell, void *ctx, uint64_t now_ns);
struct line *__wrap_line_init(void *memory, const struct line_config *config,
    struct rng rng, line_tell *tell, void *ctx, uint64_t now_ns);
int __real_line_on_order(struct line *line, const struct line_order *order,
    uint64_t now_ns);
int __wrap_line_on_order(struct line *line, const struct line_order *order,
    uint64_t now_ns);

static unsigned
    texts_secret; /* pieces that came out as secret as they went in */
static struct rng inner_rng[2];

/* 32 bytes go into nonces, and are secret; ids, which every boot frame names,
 * and choices among them are shorter, and are not. */
static void
fill_for_line(void *ctx, void *dst, size_t len)
{
	struct rng *rng = ctx;

	rng_fill(*rng, dst, len);
	if (len >= FRAME_KEY_BYTES)
		secret(dst, len);
}

/* The receiving keeper reads what was written to it. */
static void
tell_reader(void *ctx, const struct line_event *event)
{
	const struct piece *piece = &event->piece;

	if (event->kind == LINE_EVENT_DATA) {
		texts_secret += is_secret(piece->data, piece->len);
		open_up(piece->data, piece->len);
	}
	pair_tell(ctx, event);
}

struct line *
__wrap_line_init(void *memory, const struct line_config *config, struct rng rng,
    line_tell *tell, void *ctx, uint64_t now_ns)
{
	const int index = config->role == ROLE_A ? 0 : 1;
	struct line_config ours = *config;

	assert(tell == pair_tell);
	secret(ours.boot_send, sizeof(ours.boot_send));
	secret(ours.boot_recv, sizeof(ours.boot_recv));
	inner_rng[index] = rng;
	rng = (struct rng){ fill_for_line, &inner_rng[index] };
	return __real_line_init(memory, &ours, rng, tell_reader, ctx, now_ns);
}

int
__wrap_line_on_order(struct line *line, const struct line_order *order,
    uint64_t now_ns)
{
	static uint8_t text[PAIR_PIECE_BYTES];
	struct line_order ours = *order;

	if (order->kind == LINE_ORDER_KEYS ||
	    order->kind == LINE_ORDER_MESSAGE_2)
		secret(&ours.keys, sizeof(ours.keys));
	if (order->kind == LINE_ORDER_PIECE) {
		/* In front of a record stands the number of the one before. */
		const size_t head = order->piece.offset < 8
		    ? 8 - (size_t)order->piece.offset
		    : 0;

		memcpy(text, order->piece.data, order->piece.len);
		if (head < order->piece.len)
			secret(text + head, order->piece.len - head);
		ours.piece.data = text;
	}
	return __real_line_on_order(line, &ours, now_ns);
}

static bool
is_up_and_even(const struct pair *pair)
{
	return pair_is_up(pair) && pair_is_even(pair);
}

static bool
lines(void)
{
	struct pair *pair = pair_new(3, (struct cadence){ 256, SLOT_US_MAX });
	bool ok;

	texts_secret = 0;
	pair->loss_percent = 10;
	pair->replay_percent = 10;
	for (int i = 0; i < 6; i++)
		pair_add(pair, i & 1, (enum record_class)(i % CLASS_COUNT),
		    (uint32_t)(20 + 190 * i));
	ok = pair_until(pair, is_up_and_even, 600) < 600;
	/* A rekey, a restart, a boot over it. */
	pair_run(pair, 160);
	ok = ok && pair->side[0].lives == 1 && pair->side[0].confirmed > 1;
	pair_restart(pair, 1);
	pair_add(pair, 0, CLASS_FLASH, 300);
	ok = ok && pair_until(pair, is_up_and_even, 600) < 600;
	pair_free(pair);
	return ok && texts_secret > 0;
}

/* -- the ceremony ------------------------------------------------------------- */

static bool
ceremonies(void)
{
	static const struct ceremony_self north = { .name = "north",
		.endpoint = "north.example:4400",
		.frame_bytes = 1200,
		.slot_us = 100000,
		.accept = ACCEPT_ANY };
	static const struct ceremony_self south = { .name = "south",
		.endpoint = "" };
	static struct ceremony a, b;
	static uint8_t offer[CEREMONY_FILE_BYTES_MAX];
	static uint8_t reply[CEREMONY_FILE_BYTES_MAX];
	static uint8_t reveal[CEREMONY_FILE_BYTES_MAX];
	static uint8_t stored[CEREMONY_STORED_BYTES];
	const char *words[CEREMONY_WORDS_EACH];
	struct writer w;
	size_t offer_len;
	bool ok;

	buf_write(&w, offer, sizeof(offer));
	ok = ceremony_offer(&a, &north, secret_rng(), &w) == OK;
	/* The offer is made to be shown: the commitment gives nothing away. */
	offer_len = w.len;
	open_up(offer, w.len);
	open_up(a.commitment, sizeof(a.commitment));
	ok = ok && is_secret(a.contribution, sizeof(a.contribution));
	buf_write(&w, reply, sizeof(reply));
	ok = ok &&
	    ceremony_accept(&b, offer, offer_len, &south, secret_rng(), &w) ==
		CEREMONY_OK;
	buf_write(&w, reveal, sizeof(reveal));
	ok = ok &&
	    ceremony_finish(&a, reply, CEREMONY_REPLY_BYTES, false, &w) ==
		CEREMONY_OK;
	ok = ok &&
	    ceremony_finish(&b, reveal, CEREMONY_REVEAL_BYTES, false, &w) ==
		CEREMONY_OK;
	ok = ok && is_secret(&a.roots, sizeof(a.roots)) &&
	    wipe_equal(&a.roots, &b.roots, sizeof(a.roots));
	/* The words are read aloud. */
	open_up(a.check, sizeof(a.check));
	open_up(b.check, sizeof(b.check));
	ceremony_words(&a, words);
	ok = ok && ceremony_confirm(&b, words) == CEREMONY_OK;
	buf_write(&w, stored, sizeof(stored));
	ceremony_encode(&w, &b);
	ok = ok && ceremony_decode(&a, stored, sizeof(stored)) == OK &&
	    is_secret(&a.roots, sizeof(a.roots));
	ceremony_wipe(&a);
	ceremony_wipe(&b);
	return ok;
}

const struct constant_case cases_core[] = {
	{ "frame_nonce_draw, frame_seal, frame_unseal", frames, false },
	{ "session_replace, _expect, _confirm, _expire, _unseal of each key",
	    sessions, false },
	{ "handshake_roots_derive, _open, _answer, _finish, _hint: boot",
	    boot_handshake, false },
	{ "handshake_open, _answer, _finish: rekey", rekey_handshake, false },
	{ "line_prepare, line_on_datagram, line_on_order: two lines, boot, "
	  "texts, loss, replays, rekey, restart",
	    lines, false },
	{ "ceremony_offer, _accept, _finish, _encode, _decode, card_encode",
	    ceremonies, false },
};
const size_t cases_core_count = sizeof(cases_core) / sizeof(*cases_core);
