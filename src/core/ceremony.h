/* Owns the ceremony: two cards, three files, ten words, one line. */
#ifndef CORE_CEREMONY_H
#define CORE_CEREMONY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/rng.h"
#include "core/card.h"
#include "core/handshake.h"
#include "core/words.h"

/*
 * A offers, B replies, A reveals; both then compare words.
 *
 *   offer   A -> B   what A commits to, and the terms that B takes over
 *   reply   B -> A   B's card and contribution
 *   reveal  A -> B   A's card and contribution
 *
 * A file, numbers little endian:
 *
 *   0    19  "quietline ceremony\n"
 *   19   1   version, 1
 *   20   1   kind: 1 offer, 2 reply, 3 reveal
 *   21   32  commitment: BLAKE2b-256(card A || contribution A); names the
 *            ceremony in all three files
 *   53       body
 *            offer   frame bytes(2) slot microseconds(4) accept(1)
 *                    name length(1) A's name
 *            reply   card B(704) contribution B(32)
 *            reveal  BLAKE2b-256 of the whole reply file answered(32)
 *                    card A(704) contribution A(32)
 *   ...  32  BLAKE2b-256 of all before it: tells damage from disagreement
 *
 * First line, version byte and tail are the same in every version to come.
 */
enum ceremony_sizes {
	CEREMONY_VERSION = 1,
	CEREMONY_COMMITMENT_BYTES = 32,
	CEREMONY_CONTRIBUTION_BYTES = 32,
	CEREMONY_OFFER_BYTES_MAX = 53 + 8 + CARD_NAME_BYTES_MAX + 32,
	CEREMONY_REPLY_BYTES = 53 + CARD_BYTES + 32 + 32,
	CEREMONY_REVEAL_BYTES = 53 + 32 + CARD_BYTES + 32 + 32,
	CEREMONY_FILE_BYTES_MAX = CEREMONY_REVEAL_BYTES,
	CEREMONY_WORDS = 10,	 /* 80 bits */
	CEREMONY_WORDS_EACH = 5, /* A shows the first five, B the last */
	/* What ceremony_encode writes. */
	CEREMONY_STORED_BYTES = 1 + 1 + 1 + 32 + 32 + 32 + 704 + 704 + 32 + 32 +
	    CARD_NAME_BYTES_MAX + 1 + 64 + 5 * 32 + 10,
};

enum ceremony_kind {
	CEREMONY_OFFER = 1,
	CEREMONY_REPLY = 2,
	CEREMONY_REVEAL = 3,
};

enum ceremony_state {
	CEREMONY_NONE,
	CEREMONY_OFFERED,   /* A: waits for the reply */
	CEREMONY_REPLIED,   /* B: waits for the reveal */
	CEREMONY_FINISHED,  /* both: waits for the words from the other side */
	CEREMONY_CONFIRMED, /* the line may come up */
	CEREMONY_STATE_COUNT,
};

/* Why a file or words were refused; nothing has changed then. */
enum ceremony_fault {
	CEREMONY_OK,
	CEREMONY_FOREIGN, /* not a ceremony file */
	CEREMONY_DAMAGED, /* changed or cut on the way */
	CEREMONY_OTHER_VERSION,
	CEREMONY_CROSSED,     /* an offer, where an offer was made */
	CEREMONY_OWN,	      /* made by this side */
	CEREMONY_USED,	      /* this ceremony is past that step */
	CEREMONY_UNEXPECTED,  /* not the file that comes next */
	CEREMONY_OTHER_POST,  /* of another ceremony */
	CEREMONY_BAD_CARD,    /* a card that breaks its rules */
	CEREMONY_BAD_TERMS,   /* name, cadence or accept are not as offered */
	CEREMONY_NO_ENDPOINT, /* neither side says where it can be reached */
	CEREMONY_BAD_COMMITMENT, /* the reveal is not what was committed to */
	CEREMONY_UNKNOWN_WORD,	 /* a word that is not in the list */
	CEREMONY_OWN_WORDS,	 /* the words of one's own screen */
	CEREMONY_WRONG_WORDS,	 /* not the other side's words */
	CEREMONY_FAULT_COUNT,
};

/* What this side puts on its card.  Borrowed during the call. */
struct ceremony_self {
	const char *name;
	const char *endpoint; /* "" for none */
	/* A's only; B takes over what was offered. */
	uint16_t frame_bytes;
	uint32_t slot_us;
	enum accept accept;
};

/* What a file says before anything is done with it. */
struct ceremony_summary {
	enum ceremony_kind kind;
	uint8_t commitment[CEREMONY_COMMITMENT_BYTES];
	/* The offer's only: */
	char name[CARD_NAME_BYTES_MAX + 1];
	uint16_t frame_bytes;
	uint32_t slot_us;
	enum accept accept;
};

/* One side of one ceremony; kept in the store between the steps, as bytes. */
struct ceremony {
	enum ceremony_state state;
	enum line_role role;
	uint8_t commitment[CEREMONY_COMMITMENT_BYTES];
	uint8_t dh_secret[DH_BYTES];
	uint8_t signing_secret[PROOF_SECRET_BYTES];
	uint8_t card[CARD_BYTES];			   /* ours */
	uint8_t peer_card[CARD_BYTES];			   /* from finish on */
	uint8_t contribution[CEREMONY_CONTRIBUTION_BYTES]; /* until finish */
	uint8_t reply_hash[HASH_BYTES];		    /* of the reply file */
	char offered_name[CARD_NAME_BYTES_MAX + 1]; /* B: A's, from the offer */
	/* From finish on: */
	uint8_t transcript[HANDSHAKE_TRANSCRIPT_BYTES]; /* T */
	struct handshake_roots roots;
	uint8_t check[CEREMONY_WORDS]; /* a word a byte */
};

/* The fault in plain words: what is wrong, and what to do. */
const char *ceremony_fault_text(enum ceremony_fault fault);

/* Reads a file as far as it goes without knowing a ceremony: FOREIGN, DAMAGED
 * or OTHER_VERSION, or OK.  By the commitment a post finds the ceremony that a
 * file belongs to, and sees one that it has had already. */
MUST_CHECK enum ceremony_fault ceremony_peek(struct ceremony_summary *summary,
    const uint8_t *file, size_t len);

/* A: makes keys and card, and writes the offer.  ERR_SIZE, ERR_FORMAT or
 * ERR_LIMIT: self breaks the card's rules (see card_check_*). */
MUST_CHECK int ceremony_offer(struct ceremony *ceremony,
    const struct ceremony_self *self, struct rng rng, struct writer *offer);

/* B: takes the offer, makes keys and card with the offered terms, and writes
 * the reply.  CEREMONY_BAD_CARD also where self's name or endpoint does not pass
 * card_check_*.  ceremony need not be initialised and is untouched on a fault.
 * Whether a post has seen this offer already (USED), made it (OWN) or has one
 * of its own open with that peer (CROSSED), it knows by the commitment. */
MUST_CHECK enum ceremony_fault ceremony_accept(struct ceremony *ceremony,
    const uint8_t *file, size_t len, const struct ceremony_self *self,
    struct rng rng, struct writer *reply);

/* A with the reply: writes the reveal.  B with the reveal: writes nothing.
 * Both then have their words, and the leaves; contributions and R are wiped.
 * relayed: this side goes by a relay, so that no card need name an endpoint. */
MUST_CHECK enum ceremony_fault ceremony_finish(struct ceremony *ceremony,
    const uint8_t *file, size_t len, bool relayed, struct writer *reveal);

/* The five words to read to the other side, from CEREMONY_FINISHED on. */
void ceremony_words(const struct ceremony *ceremony,
    const char *words[CEREMONY_WORDS_EACH]);

/* The five words heard from the other side.  A wrong word changes nothing. */
MUST_CHECK enum ceremony_fault ceremony_confirm(struct ceremony *ceremony,
    const char *const words[CEREMONY_WORDS_EACH]);

/* The state as bytes for the store and back; they hold every key of the line.
 * ERR_VERSION, ERR_FORMAT: not written by ceremony_encode of this version. */
void ceremony_encode(struct writer *w, const struct ceremony *ceremony);
MUST_CHECK int ceremony_decode(struct ceremony *ceremony, const uint8_t *bytes,
    size_t len);

void ceremony_wipe(struct ceremony *ceremony);

#endif
