/* Owns the comparison of two hidden answers: whether both are yes. */
#ifndef CRYPTO_WILLING_H
#define CRYPTO_WILLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/hash.h"
#include "limits.h"

/*
 * The socialist millionaires' protocol (Boudot, Schoenmakers, Traore 2001) over
 * ristretto255, four steps: 1 and 3 by who asks, 2 and 4 by who answers.  Each
 * side puts in one number: the same for every yes, a random one for no.  Both
 * learn whether the two are equal, who answers after step 3 and who asks after
 * step 4, and nothing else.  doc/protocol.md has every byte.
 */
enum willing_sizes {
	WILLING_LINE_BYTES = 32,
	WILLING_ID_BYTES = 16,
	WILLING_SEED_BYTES = 32,
	WILLING_PART_BYTES = 32,      /* an element or a scalar */
	WILLING_STEP_BYTES_MAX = 352, /* step 2 */
};

/* What everything in a round is bound to; the same at both ends. */
struct willing_round {
	uint8_t line[WILLING_LINE_BYTES];
	uint8_t id[WILLING_ID_BYTES];
	uint8_t question[HASH_BYTES]; /* BLAKE2b-256 of its text */
	uint32_t day;		      /* days since 1970, UTC */
	bool asked_by_b;	      /* by the side that answered the offer */
};

/* What one side has put into it.  Everything it draws follows from the seed,
 * its answer and the steps before: whoever makes a step again makes the same. */
struct willing_secret {
	uint8_t seed[WILLING_SEED_BYTES];
	uint8_t yes; /* 1 or 0 */
};

/* The steps so far, in order. */
struct willing_talk {
	unsigned count;
	uint8_t step[WILLING_STEPS][WILLING_STEP_BYTES_MAX];
};

/* Length of a step, from 1. */
size_t willing_step_bytes(unsigned step);

/* Whether these bytes may be that step at all: the length, elements in their
 * one encoding and not the identity, scalars reduced.  ERR_SIZE, ERR_CRYPTO. */
MUST_CHECK int willing_step_check(unsigned step, const uint8_t *bytes,
    size_t len);

/* Appends the next step, which must be this side's own.  What stands in talk
 * was made here or taken by willing_take(). */
void willing_make(struct willing_talk *talk, const struct willing_round *round,
    const struct willing_secret *secret);

/* Appends the peer's next step once its form and every proof in it hold;
 * ERR_SIZE or ERR_CRYPTO, and nothing changed, if not.  secret is this side's;
 * it may be NULL for step 1, which is taken before anybody has answered. */
MUST_CHECK int willing_take(struct willing_talk *talk,
    const struct willing_round *round, const struct willing_secret *secret,
    const uint8_t *bytes, size_t len);

/* Both said yes.  Known to who answers once step 3 is there, to who asks once
 * step 4 is (asks says which of them this is). */
bool willing_both(const struct willing_talk *talk,
    const struct willing_round *round, const struct willing_secret *secret,
    bool asks);

/* The round is over, or was refused. */
void willing_secret_wipe(struct willing_secret *secret);

#endif
