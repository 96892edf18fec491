#include "core/ceremony.h"

#include <assert.h>
#include <string.h>

#include "base/wipe.h"

static const char first_line[] = "quietline ceremony\n";

enum ceremony_layout {
	FIRST_LINE_BYTES = sizeof(first_line) - 1,
	HEAD_BYTES = FIRST_LINE_BYTES + 1 + 1 + CEREMONY_COMMITMENT_BYTES,
	TAIL_BYTES = HASH_BYTES,
	/* Name left out: that is of any length. */
	OFFER_BODY_BYTES_MIN = 2 + 4 + 1 + 1,
	ROOT_BYTES = KDF_BYTES,
	/* Of the store's form, in its first byte. */
	STORED_VERSION = 1,
};

_Static_assert(CEREMONY_OFFER_BYTES_MAX ==
	HEAD_BYTES + OFFER_BODY_BYTES_MIN + CARD_NAME_BYTES_MAX + TAIL_BYTES,
    "offer");
_Static_assert(CEREMONY_REPLY_BYTES ==
	HEAD_BYTES + CARD_BYTES + CEREMONY_CONTRIBUTION_BYTES + TAIL_BYTES,
    "reply");
_Static_assert(CEREMONY_REVEAL_BYTES ==
	HEAD_BYTES + HASH_BYTES + CARD_BYTES + CEREMONY_CONTRIBUTION_BYTES +
	    TAIL_BYTES,
    "reveal");
_Static_assert(CEREMONY_OFFER_BYTES_MAX <= CEREMONY_FILE_BYTES_MAX &&
	CEREMONY_REPLY_BYTES <= CEREMONY_FILE_BYTES_MAX,
    "any file");

/* A file that is whole and of this version; body lends its bytes. */
struct opened {
	enum ceremony_kind kind;
	uint8_t commitment[CEREMONY_COMMITMENT_BYTES];
	struct reader body;
};

/* What a reply or a reveal brings. */
struct shown {
	uint8_t card[CARD_BYTES];
	uint8_t contribution[CEREMONY_CONTRIBUTION_BYTES];
	struct card fields;
};

const char *
ceremony_fault_text(enum ceremony_fault fault)
{
	static const char *const texts[CEREMONY_FAULT_COUNT] = {
		[CEREMONY_OK] = "nothing is wrong",
		[CEREMONY_FOREIGN] =
		    "this is not a file of a quietline ceremony",
		[CEREMONY_DAMAGED] =
		    "the file was changed or cut on its way; get it again",
		[CEREMONY_OTHER_VERSION] =
		    "the file was made by another version of quietline",
		[CEREMONY_CROSSED] =
		    "both sides made an offer; agree whose counts: the other "
		    "side closes its own line (quietline line close), and "
		    "accepts",
		[CEREMONY_OWN] =
		    "the file was made here; it is for the other side",
		[CEREMONY_USED] =
		    "the file was used already; each is good for one time",
		[CEREMONY_UNEXPECTED] =
		    "this is not the file that comes next in the ceremony",
		[CEREMONY_OTHER_POST] =
		    "the file belongs to another ceremony or another post",
		[CEREMONY_BAD_CARD] =
		    "the other side's card breaks the rules of cards",
		[CEREMONY_BAD_TERMS] =
		    "name, cadence or accepted types are not as offered",
		[CEREMONY_NO_ENDPOINT] =
		    "neither side says where it can be reached; one must give "
		    "an endpoint, or both a ticket of a relay",
		[CEREMONY_BAD_COMMITMENT] =
		    "the other side reveals another card than it committed to",
		[CEREMONY_UNKNOWN_WORD] =
		    "one of the words is not a check word; ask to hear it "
		    "again",
		[CEREMONY_OWN_WORDS] =
		    "these are this side's own words; type those heard from "
		    "the other side",
		[CEREMONY_WRONG_WORDS] =
		    "these are not the other side's words; if they were heard "
		    "right, somebody changed the files",
	};

	assert(fault < CEREMONY_FAULT_COUNT);
	return texts[fault];
}

static void
begin_file(struct writer *w, enum ceremony_kind kind, const uint8_t *commitment)
{
	assert(w->len == 0);
	buf_put_bytes(w, first_line, FIRST_LINE_BYTES);
	buf_put_u8(w, CEREMONY_VERSION);
	buf_put_u8(w, (uint8_t)kind);
	buf_put_bytes(w, commitment, CEREMONY_COMMITMENT_BYTES);
}

/* The tail; whoever calls has given room for the longest file. */
static void
end_file(struct writer *w)
{
	uint8_t tail[TAIL_BYTES];
	const struct hash_part whole = { w->data, w->len };

	hash_parts(tail, &whole, 1);
	buf_put_bytes(w, tail, sizeof(tail));
	assert(buf_is_sound(w));
}

static bool
is_length_of(enum ceremony_kind kind, size_t len)
{
	switch (kind) {
	case CEREMONY_OFFER:
		return len >= HEAD_BYTES + OFFER_BODY_BYTES_MIN + TAIL_BYTES;
	case CEREMONY_REPLY:
		return len == CEREMONY_REPLY_BYTES;
	case CEREMONY_REVEAL:
		return len == CEREMONY_REVEAL_BYTES;
	}
	return false;
}

static enum ceremony_fault
open_file(struct opened *opened, const uint8_t *file, size_t len)
{
	uint8_t tail[TAIL_BYTES];
	struct reader r;
	uint8_t version;

	if (len < FIRST_LINE_BYTES ||
	    memcmp(file, first_line, FIRST_LINE_BYTES) != 0)
		return CEREMONY_FOREIGN;
	if (len < FIRST_LINE_BYTES + 1 + TAIL_BYTES)
		return CEREMONY_DAMAGED;
	/* The tail comes before the version, so that a damaged version byte is
	 * not taken for another version. */
	hash_parts(tail, &(struct hash_part){ file, len - TAIL_BYTES }, 1);
	if (!wipe_equal(tail, file + len - TAIL_BYTES, TAIL_BYTES))
		return CEREMONY_DAMAGED;

	buf_read(&r, file, len - TAIL_BYTES);
	(void)buf_get_slice(&r, FIRST_LINE_BYTES);
	version = buf_get_u8(&r);
	if (version != CEREMONY_VERSION)
		return CEREMONY_OTHER_VERSION;
	opened->kind = (enum ceremony_kind)buf_get_u8(&r);
	buf_get_bytes(&r, opened->commitment, sizeof(opened->commitment));
	if (!buf_is_readable(&r) || !is_length_of(opened->kind, len))
		return CEREMONY_DAMAGED;
	opened->body = r;
	return CEREMONY_OK;
}

/* The offer's body: terms and name within their bounds. */
static enum ceremony_fault
read_offer(struct ceremony_summary *summary, struct reader *body)
{
	size_t name_len;
	uint8_t accept;

	summary->frame_bytes = buf_get_u16(body);
	summary->slot_us = buf_get_u32(body);
	accept = buf_get_u8(body);
	if (card_check_terms(summary->frame_bytes, summary->slot_us, accept) !=
	    OK)
		return CEREMONY_BAD_TERMS;
	summary->accept = (enum accept)accept;
	name_len = buf_get_u8(body);
	buf_get_bytes(body, summary->name, name_len);
	if (buf_is_spent(body) != OK)
		return CEREMONY_DAMAGED;
	if (card_check_name(summary->name, name_len) != OK)
		return CEREMONY_BAD_TERMS;
	return CEREMONY_OK;
}

enum ceremony_fault
ceremony_peek(struct ceremony_summary *summary, const uint8_t *file, size_t len)
{
	struct opened opened;
	enum ceremony_fault fault;

	memset(summary, 0, sizeof(*summary));
	fault = open_file(&opened, file, len);
	if (fault != CEREMONY_OK)
		return fault;
	summary->kind = opened.kind;
	memcpy(summary->commitment, opened.commitment,
	    sizeof(summary->commitment));
	if (opened.kind == CEREMONY_OFFER)
		fault = read_offer(summary, &opened.body);
	if (fault != CEREMONY_OK)
		memset(summary, 0, sizeof(*summary));
	return fault;
}

static void
commit(uint8_t commitment[CEREMONY_COMMITMENT_BYTES],
    const uint8_t card[CARD_BYTES],
    const uint8_t contribution[CEREMONY_CONTRIBUTION_BYTES])
{
	const struct hash_part parts[] = {
		{ card, CARD_BYTES },
		{ contribution, CEREMONY_CONTRIBUTION_BYTES },
	};

	hash_parts(commitment, parts, 2);
}

/* Draws this side's keys and contribution, and makes its card. */
static void
make_card(struct ceremony *ceremony, const struct card *terms, struct rng rng)
{
	struct card card = *terms;

	card.role = ceremony->role;
	dh_keygen(ceremony->dh_secret, card.dh_public, rng);
	proof_keygen(ceremony->signing_secret, card.signing_public, rng);
	rng_fill(rng, card.nonce, sizeof(card.nonce));
	rng_fill(rng, ceremony->contribution, sizeof(ceremony->contribution));
	card_encode(ceremony->card, &card, ceremony->signing_secret, rng);
}

/* Name and endpoint, checked, to where a card has them. */
static int
set_texts(struct card *card, const struct ceremony_self *self)
{
	const size_t name_len = strlen(self->name);
	const size_t endpoint_len = strlen(self->endpoint);
	int rc;

	if ((rc = card_check_name(self->name, name_len)) != OK)
		return rc;
	if ((rc = card_check_endpoint(self->endpoint, endpoint_len)) != OK)
		return rc;
	memcpy(card->name, self->name, name_len + 1);
	memcpy(card->endpoint, self->endpoint, endpoint_len + 1);
	return OK;
}

int
ceremony_offer(struct ceremony *ceremony, const struct ceremony_self *self,
    struct rng rng, struct writer *offer)
{
	struct card card = { 0 };
	int rc;

	assert(buf_room(offer) >= CEREMONY_OFFER_BYTES_MAX);
	rc = card_check_terms(self->frame_bytes, self->slot_us,
	    (uint32_t)self->accept);
	if (rc != OK)
		return rc;
	if ((rc = set_texts(&card, self)) != OK)
		return rc;
	card.frame_bytes = self->frame_bytes;
	card.slot_us = self->slot_us;
	card.accept = self->accept;

	memset(ceremony, 0, sizeof(*ceremony));
	ceremony->role = ROLE_A;
	make_card(ceremony, &card, rng);
	commit(ceremony->commitment, ceremony->card, ceremony->contribution);
	ceremony->state = CEREMONY_OFFERED;

	begin_file(offer, CEREMONY_OFFER, ceremony->commitment);
	buf_put_u16(offer, self->frame_bytes);
	buf_put_u32(offer, self->slot_us);
	buf_put_u8(offer, (uint8_t)self->accept);
	buf_put_u8(offer, (uint8_t)strlen(self->name));
	buf_put_bytes(offer, self->name, strlen(self->name));
	end_file(offer);
	return OK;
}

enum ceremony_fault
ceremony_accept(struct ceremony *ceremony, const uint8_t *file, size_t len,
    const struct ceremony_self *self, struct rng rng, struct writer *reply)
{
	struct ceremony_summary summary;
	struct card card = { 0 };
	enum ceremony_fault fault;

	assert(buf_room(reply) >= CEREMONY_REPLY_BYTES);
	fault = ceremony_peek(&summary, file, len);
	if (fault != CEREMONY_OK)
		return fault;
	if (summary.kind != CEREMONY_OFFER)
		return CEREMONY_UNEXPECTED;
	if (set_texts(&card, self) != OK)
		return CEREMONY_BAD_CARD;
	card.frame_bytes = summary.frame_bytes;
	card.slot_us = summary.slot_us;
	card.accept = summary.accept;

	memset(ceremony, 0, sizeof(*ceremony));
	ceremony->role = ROLE_B;
	memcpy(ceremony->commitment, summary.commitment,
	    sizeof(ceremony->commitment));
	memcpy(ceremony->offered_name, summary.name,
	    sizeof(ceremony->offered_name));
	make_card(ceremony, &card, rng);
	ceremony->state = CEREMONY_REPLIED;

	begin_file(reply, CEREMONY_REPLY, ceremony->commitment);
	buf_put_bytes(reply, ceremony->card, sizeof(ceremony->card));
	buf_put_bytes(reply, ceremony->contribution,
	    sizeof(ceremony->contribution));
	end_file(reply);
	hash_parts(ceremony->reply_hash,
	    &(struct hash_part){ reply->data, reply->len }, 1);
	return CEREMONY_OK;
}

/* Is this the file that the ceremony waits for?  If not, what is it? */
static enum ceremony_fault
judge_file(const struct ceremony *ceremony, const struct opened *opened)
{
	const bool is_a = ceremony->role == ROLE_A;
	const bool made_by_a = opened->kind != CEREMONY_REPLY;
	const enum ceremony_state waiting =
	    is_a ? CEREMONY_OFFERED : CEREMONY_REPLIED;

	if (memcmp(opened->commitment, ceremony->commitment,
		sizeof(opened->commitment)) != 0) {
		if (opened->kind == CEREMONY_OFFER && is_a &&
		    ceremony->state == CEREMONY_OFFERED)
			return CEREMONY_CROSSED;
		return CEREMONY_OTHER_POST;
	}
	if (made_by_a == is_a)
		return CEREMONY_OWN;
	/* Of the peer's two files, B has taken the offer at the start. */
	if (opened->kind == CEREMONY_OFFER || ceremony->state != waiting)
		return CEREMONY_USED;
	return CEREMONY_OK;
}

/* The peer's card says what was agreed, and is not ours come back. */
static enum ceremony_fault
judge_card(const struct ceremony *ceremony, const struct card *peer,
    bool relayed)
{
	struct card own;
	int rc;

	rc = card_decode(&own, ceremony->card);
	assert(rc == OK);
	if (peer->role == own.role)
		return CEREMONY_BAD_CARD;
	if (memcmp(peer->dh_public, own.dh_public, sizeof(own.dh_public)) ==
		0 ||
	    memcmp(peer->signing_public, own.signing_public,
		sizeof(own.signing_public)) == 0)
		return CEREMONY_BAD_CARD;
	if (peer->frame_bytes != own.frame_bytes ||
	    peer->slot_us != own.slot_us || peer->accept != own.accept)
		return CEREMONY_BAD_TERMS;
	if (ceremony->role == ROLE_B &&
	    strcmp(peer->name, ceremony->offered_name) != 0)
		return CEREMONY_BAD_TERMS;
	if (peer->endpoint[0] == '\0' && own.endpoint[0] == '\0' && !relayed)
		return CEREMONY_NO_ENDPOINT;
	return CEREMONY_OK;
}

/* Reads a reply or a reveal as far as the peer's card. */
static enum ceremony_fault
read_shown(struct shown *shown, const struct ceremony *ceremony,
    struct opened *opened, bool relayed)
{
	uint8_t reply_hash[HASH_BYTES];
	uint8_t commitment[CEREMONY_COMMITMENT_BYTES];
	int rc;

	if (opened->kind == CEREMONY_REVEAL)
		buf_get_bytes(&opened->body, reply_hash, sizeof(reply_hash));
	buf_get_bytes(&opened->body, shown->card, sizeof(shown->card));
	buf_get_bytes(&opened->body, shown->contribution,
	    sizeof(shown->contribution));
	/* The length was looked at when the file was opened. */
	rc = buf_is_spent(&opened->body);
	assert(rc == OK);

	if (opened->kind == CEREMONY_REVEAL) {
		/* A went on with a reply that is not ours. */
		if (!wipe_equal(reply_hash, ceremony->reply_hash,
			sizeof(reply_hash)))
			return CEREMONY_OTHER_POST;
		commit(commitment, shown->card, shown->contribution);
		if (!wipe_equal(commitment, ceremony->commitment,
			sizeof(commitment)))
			return CEREMONY_BAD_COMMITMENT;
	}
	if (card_decode(&shown->fields, shown->card) != OK)
		return CEREMONY_BAD_CARD;
	return judge_card(ceremony, &shown->fields, relayed);
}

/* T = BLAKE2b-512("quietline/v1 ceremony" || card A || card B) */
static void
make_transcript(uint8_t transcript[HANDSHAKE_TRANSCRIPT_BYTES],
    const uint8_t *card_a, const uint8_t *card_b)
{
	static const char label[] = "quietline/v1 ceremony";
	const struct hash_part parts[] = {
		{ label, sizeof(label) - 1 },
		{ card_a, CARD_BYTES },
		{ card_b, CARD_BYTES },
	};

	hash_wide(transcript, parts, 3);
}

/* R = KDF(BLAKE2b-512("quietline/v1 root" || contribution A || contribution B
 * || X25519(a, b)), "root", T) */
static void
make_root(uint8_t root[ROOT_BYTES], const uint8_t *contribution_a,
    const uint8_t *contribution_b, const uint8_t *shared,
    const uint8_t *transcript)
{
	static const char label[] = "quietline/v1 root";
	const struct hash_part parts[] = {
		{ label, sizeof(label) - 1 },
		{ contribution_a, CEREMONY_CONTRIBUTION_BYTES },
		{ contribution_b, CEREMONY_CONTRIBUTION_BYTES },
		{ shared, DH_BYTES },
	};
	uint8_t wide[HASH_WIDE_BYTES];

	hash_wide(wide, parts, 4);
	kdf(root, wide, sizeof(wide), KDF_ROOT, transcript,
	    HANDSHAKE_TRANSCRIPT_BYTES);
	wipe(wide, sizeof(wide));
}

/* Both cards are here and in order: T, R, its leaves, the words. */
static enum ceremony_fault
settle(struct ceremony *ceremony, const struct shown *shown)
{
	const bool is_a = ceremony->role == ROLE_A;
	uint8_t shared[DH_BYTES];
	uint8_t root[ROOT_BYTES];
	uint8_t check[KDF_BYTES];

	if (dh_shared(shared, ceremony->dh_secret, shown->fields.dh_public) !=
	    OK)
		return CEREMONY_BAD_CARD;

	memcpy(ceremony->peer_card, shown->card, sizeof(ceremony->peer_card));
	make_transcript(ceremony->transcript,
	    is_a ? ceremony->card : shown->card,
	    is_a ? shown->card : ceremony->card);
	make_root(root, is_a ? ceremony->contribution : shown->contribution,
	    is_a ? shown->contribution : ceremony->contribution, shared,
	    ceremony->transcript);
	handshake_roots_derive(&ceremony->roots, root);
	kdf(check, root, sizeof(root), KDF_CHECK, NULL, 0);
	memcpy(ceremony->check, check, sizeof(ceremony->check));
	ceremony->state = CEREMONY_FINISHED;
	wipe(shared, sizeof(shared));
	wipe(root, sizeof(root));
	wipe(check, sizeof(check));
	return CEREMONY_OK;
}

static void
write_reveal(struct writer *w, const struct ceremony *ceremony,
    const uint8_t *reply, size_t reply_len)
{
	uint8_t reply_hash[HASH_BYTES];

	hash_parts(reply_hash, &(struct hash_part){ reply, reply_len }, 1);
	begin_file(w, CEREMONY_REVEAL, ceremony->commitment);
	buf_put_bytes(w, reply_hash, sizeof(reply_hash));
	buf_put_bytes(w, ceremony->card, sizeof(ceremony->card));
	buf_put_bytes(w, ceremony->contribution,
	    sizeof(ceremony->contribution));
	end_file(w);
}

enum ceremony_fault
ceremony_finish(struct ceremony *ceremony, const uint8_t *file, size_t len,
    bool relayed, struct writer *reveal)
{
	struct opened opened;
	struct shown shown;
	enum ceremony_fault fault;

	fault = open_file(&opened, file, len);
	if (fault != CEREMONY_OK)
		return fault;
	fault = judge_file(ceremony, &opened);
	if (fault != CEREMONY_OK)
		return fault;
	fault = read_shown(&shown, ceremony, &opened, relayed);
	if (fault != CEREMONY_OK)
		goto out;
	fault = settle(ceremony, &shown);
	if (fault != CEREMONY_OK)
		goto out;
	if (ceremony->role == ROLE_A) {
		assert(buf_room(reveal) >= CEREMONY_REVEAL_BYTES);
		write_reveal(reveal, ceremony, file, len);
	}
	wipe(ceremony->contribution, sizeof(ceremony->contribution));
out:
	wipe(&shown, sizeof(shown));
	return fault;
}

/* A shows the first five and hears the last, B the other way round. */
static const uint8_t *
half(const struct ceremony *ceremony, bool own)
{
	const bool first = (ceremony->role == ROLE_A) == own;

	return ceremony->check + (first ? 0 : CEREMONY_WORDS_EACH);
}

void
ceremony_words(const struct ceremony *ceremony,
    const char *words[CEREMONY_WORDS_EACH])
{
	const uint8_t *own = half(ceremony, true);
	size_t i;

	assert(ceremony->state == CEREMONY_FINISHED ||
	    ceremony->state == CEREMONY_CONFIRMED);
	for (i = 0; i < CEREMONY_WORDS_EACH; i++)
		words[i] = words_text(own[i]);
}

enum ceremony_fault
ceremony_confirm(struct ceremony *ceremony,
    const char *const words[CEREMONY_WORDS_EACH])
{
	uint8_t heard[CEREMONY_WORDS_EACH];
	size_t i;

	if (ceremony->state == CEREMONY_CONFIRMED)
		return CEREMONY_USED;
	if (ceremony->state != CEREMONY_FINISHED)
		return CEREMONY_UNEXPECTED;
	for (i = 0; i < CEREMONY_WORDS_EACH; i++)
		if (words_value(&heard[i], words[i]) != OK)
			return CEREMONY_UNKNOWN_WORD;
	if (!wipe_equal(heard, half(ceremony, false), sizeof(heard))) {
		if (wipe_equal(heard, half(ceremony, true), sizeof(heard)))
			return CEREMONY_OWN_WORDS;
		return CEREMONY_WRONG_WORDS;
	}
	ceremony->state = CEREMONY_CONFIRMED;
	return CEREMONY_OK;
}

void
ceremony_encode(struct writer *w, const struct ceremony *ceremony)
{
	const struct handshake_roots *roots = &ceremony->roots;

	assert(buf_room(w) >= CEREMONY_STORED_BYTES);
	buf_put_u8(w, STORED_VERSION);
	buf_put_u8(w, (uint8_t)ceremony->state);
	buf_put_u8(w, (uint8_t)ceremony->role);
	buf_put_bytes(w, ceremony->commitment, sizeof(ceremony->commitment));
	buf_put_bytes(w, ceremony->dh_secret, sizeof(ceremony->dh_secret));
	buf_put_bytes(w, ceremony->signing_secret,
	    sizeof(ceremony->signing_secret));
	buf_put_bytes(w, ceremony->card, sizeof(ceremony->card));
	buf_put_bytes(w, ceremony->peer_card, sizeof(ceremony->peer_card));
	buf_put_bytes(w, ceremony->contribution,
	    sizeof(ceremony->contribution));
	buf_put_bytes(w, ceremony->reply_hash, sizeof(ceremony->reply_hash));
	buf_put_bytes(w, ceremony->offered_name,
	    sizeof(ceremony->offered_name));
	buf_put_bytes(w, ceremony->transcript, sizeof(ceremony->transcript));
	buf_put_bytes(w, roots->psk, sizeof(roots->psk));
	buf_put_bytes(w, roots->boot_a_to_b, sizeof(roots->boot_a_to_b));
	buf_put_bytes(w, roots->boot_b_to_a, sizeof(roots->boot_b_to_a));
	buf_put_bytes(w, roots->continuity, sizeof(roots->continuity));
	buf_put_bytes(w, roots->line_id, sizeof(roots->line_id));
	buf_put_bytes(w, ceremony->check, sizeof(ceremony->check));
	assert(buf_is_sound(w));
}

int
ceremony_decode(struct ceremony *ceremony, const uint8_t *bytes, size_t len)
{
	struct handshake_roots *roots = &ceremony->roots;
	struct reader r;
	uint8_t version, state, role;
	int rc;

	memset(ceremony, 0, sizeof(*ceremony));
	buf_read(&r, bytes, len);
	version = buf_get_u8(&r);
	state = buf_get_u8(&r);
	role = buf_get_u8(&r);
	buf_get_bytes(&r, ceremony->commitment, sizeof(ceremony->commitment));
	buf_get_bytes(&r, ceremony->dh_secret, sizeof(ceremony->dh_secret));
	buf_get_bytes(&r, ceremony->signing_secret,
	    sizeof(ceremony->signing_secret));
	buf_get_bytes(&r, ceremony->card, sizeof(ceremony->card));
	buf_get_bytes(&r, ceremony->peer_card, sizeof(ceremony->peer_card));
	buf_get_bytes(&r, ceremony->contribution,
	    sizeof(ceremony->contribution));
	buf_get_bytes(&r, ceremony->reply_hash, sizeof(ceremony->reply_hash));
	buf_get_bytes(&r, ceremony->offered_name,
	    sizeof(ceremony->offered_name));
	buf_get_bytes(&r, ceremony->transcript, sizeof(ceremony->transcript));
	buf_get_bytes(&r, roots->psk, sizeof(roots->psk));
	buf_get_bytes(&r, roots->boot_a_to_b, sizeof(roots->boot_a_to_b));
	buf_get_bytes(&r, roots->boot_b_to_a, sizeof(roots->boot_b_to_a));
	buf_get_bytes(&r, roots->continuity, sizeof(roots->continuity));
	buf_get_bytes(&r, roots->line_id, sizeof(roots->line_id));
	buf_get_bytes(&r, ceremony->check, sizeof(ceremony->check));

	rc = version == STORED_VERSION ? buf_is_spent(&r) : ERR_VERSION;
	if (rc == OK &&
	    (state >= CEREMONY_STATE_COUNT || role > ROLE_B ||
		ceremony->offered_name[CARD_NAME_BYTES_MAX] != '\0'))
		rc = ERR_FORMAT;
	if (rc != OK) {
		ceremony_wipe(ceremony);
		return rc;
	}
	ceremony->state = (enum ceremony_state)state;
	ceremony->role = (enum line_role)role;
	return OK;
}

void
ceremony_wipe(struct ceremony *ceremony)
{
	wipe(ceremony, sizeof(*ceremony));
}
