#include "crypto/willing.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "base/buf.h"
#include "base/wipe.h"
#include "crypto/proof.h"

enum {
	PART = WILLING_PART_BYTES,
	BOUND_BYTES =
	    WILLING_LINE_BYTES + WILLING_ID_BYTES + HASH_BYTES + 4 + 1,
	PLACE_BYTES = 3, /* side, step, number */
	NONCES = 5,
};

_Static_assert(PART == crypto_core_ristretto255_BYTES, "an element");
_Static_assert(PART == crypto_core_ristretto255_SCALARBYTES, "a scalar");
_Static_assert((int)PART == (int)PROOF_SECRET_BYTES, "what Hs gives");

/* The parts of each step, in order. */
enum step_1 { A_G2, A_G3, A_C1, A_S1, A_C2, A_S2, STEP_1_PARTS };
enum step_2 {
	B_G2,
	B_G3,
	B_P,
	B_Q,
	B_C3,
	B_S3,
	B_C4,
	B_S4,
	B_C5,
	B_S5,
	B_T5,
	STEP_2_PARTS,
};
enum step_3 { A_P, A_Q, A_R, A_C6, A_S6, A_T6, A_C7, A_S7, STEP_3_PARTS };
enum step_4 { B_R, B_C8, B_S8, STEP_4_PARTS };

static const struct {
	uint8_t elements; /* the rest are scalars */
	uint8_t parts;
} shapes[WILLING_STEPS] = {
	{ 2, STEP_1_PARTS },
	{ 4, STEP_2_PARTS },
	{ 3, STEP_3_PARTS },
	{ 1, STEP_4_PARTS },
};

_Static_assert(STEP_2_PARTS *PART == WILLING_STEP_BYTES_MAX, "the longest");

/* The eight proofs. */
enum proof_number {
	LOG_A2 = 1,
	LOG_A3,
	LOG_B2,
	LOG_B3,
	INPUT_B,
	INPUT_A,
	EQUAL_A,
	EQUAL_B
};

/* What is drawn: at a side's first step two exponents, at each step a mask and a
 * nonce for each secret that is proved. */
enum draw_number {
	DRAW_SECOND = 1,
	DRAW_THIRD,
	DRAW_MASK,
	DRAW_NONCE /* and four more */
};

/* Which of the nonces hides what. */
enum nonce { NONCE_SECOND, NONCE_THIRD, NONCE_MASK, NONCE_INPUT, NONCE_EQUAL };

/* One step, as every hash of it sees it. */
struct stage {
	uint8_t bound[BOUND_BYTES];
	uint8_t side;		    /* of who makes it: 0 A, 1 B */
	uint8_t step;		    /* from 1 */
	uint8_t before[HASH_BYTES]; /* of the steps before */
	const uint8_t *bytes;	    /* the step itself */
};

/* What one side knows at a step of its own, or at one that it checks. */
struct hand {
	uint8_t x[PART];      /* what it compares */
	uint8_t second[PART]; /* its exponents */
	uint8_t third[PART];
	uint8_t bases[2 * PART];  /* G2 || G3, of both sides' exponents */
	uint8_t difference[PART]; /* D = Qa - Qb */
	uint8_t mask[PART];	  /* r */
	uint8_t nonce[NONCES][PART];
};

/* A multiple of an element; of the generator where that is NULL. */
struct term {
	const uint8_t *scalar;
	const uint8_t *element;
};

size_t
willing_step_bytes(unsigned step)
{
	assert(step >= 1 && step <= WILLING_STEPS);
	return (size_t)shapes[step - 1].parts * PART;
}

int
willing_step_check(unsigned step, const uint8_t *bytes, size_t len)
{
	size_t i;

	if (len != willing_step_bytes(step))
		return ERR_SIZE;
	/* All of it is public: early exits tell nobody anything. */
	for (i = 0; i < shapes[step - 1].parts; i++, bytes += PART) {
		if (i >= shapes[step - 1].elements) {
			if (!proof_is_reduced(bytes))
				return ERR_CRYPTO;
		} else if (sodium_is_zero(bytes, PART) ||
		    !crypto_core_ristretto255_is_valid_point(bytes))
			return ERR_CRYPTO;
	}
	return OK;
}

/* -- hashes ------------------------------------------------------------------- */

static void
bind_round(uint8_t bound[BOUND_BYTES], const struct willing_round *round)
{
	struct writer w;

	buf_write(&w, bound, BOUND_BYTES);
	buf_put_bytes(&w, round->line, sizeof(round->line));
	buf_put_bytes(&w, round->id, sizeof(round->id));
	buf_put_bytes(&w, round->question, sizeof(round->question));
	buf_put_u32(&w, round->day);
	buf_put_bool(&w, round->asked_by_b);
	assert(buf_is_sound(&w) && w.len == BOUND_BYTES);
}

static void
stage_init(struct stage *stage, const struct willing_round *round,
    const struct willing_talk *talk, unsigned step)
{
	struct hash_part parts[WILLING_STEPS];
	size_t i;

	assert(step >= 1 && step <= WILLING_STEPS && step <= talk->count + 1);
	bind_round(stage->bound, round);
	stage->side = (uint8_t)(round->asked_by_b ^ (step % 2 == 0));
	stage->step = (uint8_t)step;
	stage->bytes = talk->step[step - 1];
	for (i = 0; i + 1 < step; i++)
		parts[i] = (struct hash_part){ talk->step[i],
			willing_step_bytes((unsigned)i + 1) };
	hash_parts(stage->before, parts, step - 1);
}

/* c = Hs(label, round, place, steps before, elements of the step, bases,
 * commitments). */
static void
challenge(uint8_t c[PART], const struct stage *stage, enum proof_number n,
    const uint8_t *bases, size_t bases_len, const uint8_t *commitments,
    size_t commitments_len)
{
	static const char label[] = "quietline/v1 willing proof";
	const uint8_t place[PLACE_BYTES] = { stage->side, stage->step,
		(uint8_t)n };
	const struct hash_part parts[] = {
		{ label, sizeof(label) - 1 },
		{ stage->bound, sizeof(stage->bound) },
		{ place, sizeof(place) },
		{ stage->before, sizeof(stage->before) },
		{ stage->bytes,
		    (size_t)shapes[stage->step - 1].elements * PART },
		{ bases, bases_len },
		{ commitments, commitments_len },
	};

	proof_hash(c, parts, 7);
}

/* What this side compares: one number for every yes, a random one for no.  Both
 * are made, and one is taken without a branch. */
static void
make_input(uint8_t x[PART], const struct willing_round *round,
    const struct willing_secret *secret)
{
	static const char yes_label[] = "quietline/v1 willing yes";
	static const char no_label[] = "quietline/v1 willing no";
	uint8_t bound[BOUND_BYTES];
	uint8_t no[PART];
	const struct hash_part yes_parts[] = {
		{ yes_label, sizeof(yes_label) - 1 },
		{ bound, sizeof(bound) },
	};
	const struct hash_part no_parts[] = {
		{ no_label, sizeof(no_label) - 1 },
		{ bound, sizeof(bound) },
		{ secret->seed, sizeof(secret->seed) },
	};
	uint8_t mask = (uint8_t)((secret->yes & 1) - 1);
	size_t i;

	bind_round(bound, round);
	proof_hash(x, yes_parts, 2);
	proof_hash(no, no_parts, 3);
	for (i = 0; i < PART; i++)
		x[i] = (uint8_t)(x[i] ^ (mask & (x[i] ^ no[i])));
	wipe(no, sizeof(no));
}

/* The step's secret scalar of that number.  It follows from everything that the
 * step follows from, so that no two different steps share one. */
static void
draw(uint8_t scalar[PART], const struct stage *stage, unsigned n,
    const uint8_t x[PART], const struct willing_secret *secret)
{
	static const char label[] = "quietline/v1 willing draw";
	const uint8_t place[PLACE_BYTES] = { stage->side, stage->step,
		(uint8_t)n };
	const struct hash_part parts[] = {
		{ label, sizeof(label) - 1 },
		{ stage->bound, sizeof(stage->bound) },
		{ place, sizeof(place) },
		{ stage->before, sizeof(stage->before) },
		{ secret->seed, sizeof(secret->seed) },
		{ x, PART },
	};

	proof_hash(scalar, parts, 6);
}

/* -- the group ---------------------------------------------------------------- */

/* out += term; both are what the library made, and so are elements. */
static void
add_term(uint8_t out[PART], const uint8_t term[PART])
{
	int rc = crypto_core_ristretto255_add(out, out, term);

	assert(rc == 0);
}

/* The sum of the terms.  ERR_CRYPTO where one of them, or all together, are the
 * identity: what we draw never makes it so, but once in 2^252. */
static int
combine(uint8_t out[PART], const struct term *terms, size_t count)
{
	uint8_t term[PART];
	size_t i;
	int rc = OK;

	memset(out, 0, PART); /* the identity */
	for (i = 0; i < count && rc == OK; i++) {
		if ((terms[i].element == NULL
			    ? crypto_scalarmult_ristretto255_base(term,
				  terms[i].scalar)
			    : crypto_scalarmult_ristretto255(term,
				  terms[i].scalar, terms[i].element)) != 0)
			rc = ERR_CRYPTO;
		else
			add_term(out, term);
	}
	if (rc == OK && sodium_is_zero(out, PART))
		rc = ERR_CRYPTO;
	wipe(term, sizeof(term));
	return rc;
}

static void
combine_own(uint8_t out[PART], const struct term *terms, size_t count)
{
	int rc = combine(out, terms, count);

	assert(rc == OK);
}

/* s = k + c x. */
static void
respond(uint8_t s[PART], const uint8_t k[PART], const uint8_t c[PART],
    const uint8_t x[PART])
{
	uint8_t product[PART];

	crypto_core_ristretto255_scalar_mul(product, c, x);
	crypto_core_ristretto255_scalar_add(s, k, product);
	wipe(product, sizeof(product));
}

static uint8_t *
part(uint8_t *bytes, unsigned i)
{
	return bytes + (size_t)i * PART;
}

static const uint8_t *
peek(const uint8_t *bytes, unsigned i)
{
	return bytes + (size_t)i * PART;
}

static int
same(const uint8_t *a, const uint8_t *b)
{
	return wipe_equal(a, b, PART) ? OK : ERR_CRYPTO;
}

/* -- proofs ------------------------------------------------------------------- */

/* We know x of X = xG: K = kG, s = k + c x.  A proof is c || s. */
static void
prove_log(uint8_t *proof, const struct stage *stage, enum proof_number n,
    const uint8_t *k, const uint8_t *x)
{
	const struct term terms[] = { { k, NULL } };
	uint8_t commitment[PART];

	combine_own(commitment, terms, 1);
	challenge(proof, stage, n, NULL, 0, commitment, PART);
	respond(part(proof, 1), k, proof, x);
}

/* K = sG - cX, and c is its hash again; so with all three. */
static int
check_log(const uint8_t *proof, const struct stage *stage, enum proof_number n,
    const uint8_t *element)
{
	uint8_t minus[PART], commitment[PART], c[PART];
	const struct term terms[] = { { peek(proof, 1), NULL },
		{ minus, element } };

	crypto_core_ristretto255_scalar_negate(minus, proof);
	if (combine(commitment, terms, 2) != OK)
		return ERR_CRYPTO;
	challenge(c, stage, n, NULL, 0, commitment, PART);
	return same(c, proof);
}

/* We know r and x of P = rG3 and Q = rG + xG2: K = kG3, L = kG + lG2, s = k + c
 * r, t = l + c x.  A proof is c || s || t. */
static void
prove_input(uint8_t *proof, const struct stage *stage, enum proof_number n,
    const struct hand *hand)
{
	const uint8_t *k = hand->nonce[NONCE_MASK];
	const uint8_t *l = hand->nonce[NONCE_INPUT];
	const struct term first[] = { { k, peek(hand->bases, 1) } };
	const struct term second[] = { { k, NULL }, { l, hand->bases } };
	uint8_t commitments[2 * PART];

	combine_own(commitments, first, 1);
	combine_own(part(commitments, 1), second, 2);
	challenge(proof, stage, n, hand->bases, sizeof(hand->bases),
	    commitments, sizeof(commitments));
	respond(part(proof, 1), k, proof, hand->mask);
	respond(part(proof, 2), l, proof, hand->x);
}

/* input is P || Q. */
static int
check_input(const uint8_t *proof, const struct stage *stage,
    enum proof_number n, const struct hand *hand, const uint8_t *input)
{
	uint8_t minus[PART], commitments[2 * PART], c[PART];
	const struct term first[] = {
		{ peek(proof, 1), peek(hand->bases, 1) },
		{ minus, input },
	};
	const struct term second[] = {
		{ peek(proof, 1), NULL },
		{ peek(proof, 2), hand->bases },
		{ minus, peek(input, 1) },
	};

	crypto_core_ristretto255_scalar_negate(minus, proof);
	if (combine(commitments, first, 2) != OK ||
	    combine(part(commitments, 1), second, 3) != OK)
		return ERR_CRYPTO;
	challenge(c, stage, n, hand->bases, sizeof(hand->bases), commitments,
	    sizeof(commitments));
	return same(c, proof);
}

/* We know x of X = xG and R = xD: K = kG, L = kD, s = k + c x.  A proof is
 * c || s. */
static void
prove_equal(uint8_t *proof, const struct stage *stage, enum proof_number n,
    const struct hand *hand)
{
	const uint8_t *k = hand->nonce[NONCE_EQUAL];
	const struct term first[] = { { k, NULL } };
	const struct term second[] = { { k, hand->difference } };
	uint8_t commitments[2 * PART];

	combine_own(commitments, first, 1);
	combine_own(part(commitments, 1), second, 1);
	challenge(proof, stage, n, hand->difference, PART, commitments,
	    sizeof(commitments));
	respond(part(proof, 1), k, proof, hand->third);
}

static int
check_equal(const uint8_t *proof, const struct stage *stage,
    enum proof_number n, const struct hand *hand, const uint8_t *element,
    const uint8_t *result)
{
	uint8_t minus[PART], commitments[2 * PART], c[PART];
	const struct term first[] = {
		{ peek(proof, 1), NULL },
		{ minus, element },
	};
	const struct term second[] = {
		{ peek(proof, 1), hand->difference },
		{ minus, result },
	};

	crypto_core_ristretto255_scalar_negate(minus, proof);
	if (combine(commitments, first, 2) != OK ||
	    combine(part(commitments, 1), second, 2) != OK)
		return ERR_CRYPTO;
	challenge(c, stage, n, hand->difference, PART, commitments,
	    sizeof(commitments));
	return same(c, proof);
}

/* -- what a side knows -------------------------------------------------------- */

/* At that step, made by this side (asks or not) or by the other.  The steps up
 * to it are there, but for its own. */
static void
hand_init(struct hand *hand, const struct willing_round *round,
    const struct willing_talk *talk, const struct willing_secret *secret,
    unsigned step, bool asks)
{
	const uint8_t *theirs = talk->step[asks ? 1 : 0];
	const struct term g2[] = { { hand->second, peek(theirs, A_G2) } };
	const struct term g3[] = { { hand->third, peek(theirs, A_G3) } };
	struct stage stage;
	unsigned i;

	_Static_assert((int)A_G2 == (int)B_G2 && (int)A_G3 == (int)B_G3,
	    "both first steps begin alike");
	*hand = (struct hand){ 0 };
	make_input(hand->x, round, secret);
	stage_init(&stage, round, talk, asks ? 1 : 2);
	draw(hand->second, &stage, DRAW_SECOND, hand->x, secret);
	draw(hand->third, &stage, DRAW_THIRD, hand->x, secret);
	stage_init(&stage, round, talk, step);
	draw(hand->mask, &stage, DRAW_MASK, hand->x, secret);
	for (i = 0; i < NONCES; i++)
		draw(hand->nonce[i], &stage, DRAW_NONCE + i, hand->x, secret);
	if (step == 1)
		return;
	combine_own(hand->bases, g2, 1);
	combine_own(part(hand->bases, 1), g3, 1);
}

/* a - b; ERR_CRYPTO where they are one. */
static int
subtract(uint8_t difference[PART], const uint8_t *a, const uint8_t *b)
{
	int rc;

	rc = crypto_core_ristretto255_sub(difference, a, b);
	assert(rc == 0);
	return sodium_is_zero(difference, PART) ? ERR_CRYPTO : OK;
}

static int
hand_take_difference(struct hand *hand, const struct willing_talk *talk)
{
	return subtract(hand->difference, peek(talk->step[2], A_Q),
	    peek(talk->step[1], B_Q));
}

/* -- the four steps made ------------------------------------------------------ */

typedef void step_make(uint8_t *bytes, const struct stage *stage,
    struct hand *hand, const struct willing_talk *talk);

static void
make_exponents(uint8_t *bytes, const struct hand *hand)
{
	const struct term g2[] = { { hand->second, NULL } };
	const struct term g3[] = { { hand->third, NULL } };

	combine_own(part(bytes, A_G2), g2, 1);
	combine_own(part(bytes, A_G3), g3, 1);
}

/* P || Q. */
static void
make_hidden(uint8_t *input, const struct hand *hand)
{
	const struct term p[] = { { hand->mask, peek(hand->bases, 1) } };
	const struct term q[] = { { hand->mask, NULL },
		{ hand->x, hand->bases } };

	combine_own(input, p, 1);
	combine_own(part(input, 1), q, 2);
}

static void
make_result(uint8_t *result, struct hand *hand, const struct willing_talk *talk)
{
	const struct term terms[] = { { hand->third, hand->difference } };
	int rc;

	rc = hand_take_difference(hand, talk);
	assert(rc == OK);
	combine_own(result, terms, 1);
}

static void
make_1(uint8_t *bytes, const struct stage *stage, struct hand *hand,
    const struct willing_talk *talk)
{
	(void)talk;
	make_exponents(bytes, hand);
	prove_log(part(bytes, A_C1), stage, LOG_A2, hand->nonce[NONCE_SECOND],
	    hand->second);
	prove_log(part(bytes, A_C2), stage, LOG_A3, hand->nonce[NONCE_THIRD],
	    hand->third);
}

static void
make_2(uint8_t *bytes, const struct stage *stage, struct hand *hand,
    const struct willing_talk *talk)
{
	(void)talk;
	make_exponents(bytes, hand);
	make_hidden(part(bytes, B_P), hand);
	prove_log(part(bytes, B_C3), stage, LOG_B2, hand->nonce[NONCE_SECOND],
	    hand->second);
	prove_log(part(bytes, B_C4), stage, LOG_B3, hand->nonce[NONCE_THIRD],
	    hand->third);
	prove_input(part(bytes, B_C5), stage, INPUT_B, hand);
}

static void
make_3(uint8_t *bytes, const struct stage *stage, struct hand *hand,
    const struct willing_talk *talk)
{
	make_hidden(part(bytes, A_P), hand);
	make_result(part(bytes, A_R), hand, talk);
	prove_input(part(bytes, A_C6), stage, INPUT_A, hand);
	prove_equal(part(bytes, A_C7), stage, EQUAL_A, hand);
}

static void
make_4(uint8_t *bytes, const struct stage *stage, struct hand *hand,
    const struct willing_talk *talk)
{
	make_result(part(bytes, B_R), hand, talk);
	prove_equal(part(bytes, B_C8), stage, EQUAL_B, hand);
}

void
willing_make(struct willing_talk *talk, const struct willing_round *round,
    const struct willing_secret *secret)
{
	static step_make *const makes[WILLING_STEPS] = { make_1, make_2, make_3,
		make_4 };
	unsigned step = talk->count + 1;
	struct stage stage;
	struct hand hand;

	assert(step <= WILLING_STEPS);
	stage_init(&stage, round, talk, step);
	hand_init(&hand, round, talk, secret, step, step % 2 == 1);
	/* The proofs hash the step's elements out of talk, where they are put
	 * first. */
	makes[step - 1](talk->step[step - 1], &stage, &hand, talk);
	talk->count = step;
	wipe(&hand, sizeof(hand));
}

/* -- the four steps taken ----------------------------------------------------- */

typedef int step_take(const uint8_t *bytes, const struct stage *stage,
    struct hand *hand, const struct willing_talk *talk);

static int
take_1(const uint8_t *bytes, const struct stage *stage, struct hand *hand,
    const struct willing_talk *talk)
{
	(void)hand;
	(void)talk;
	if (check_log(peek(bytes, A_C1), stage, LOG_A2, peek(bytes, A_G2)) !=
	    OK)
		return ERR_CRYPTO;
	return check_log(peek(bytes, A_C2), stage, LOG_A3, peek(bytes, A_G3));
}

static int
take_2(const uint8_t *bytes, const struct stage *stage, struct hand *hand,
    const struct willing_talk *talk)
{
	(void)talk;
	if (check_log(peek(bytes, B_C3), stage, LOG_B2, peek(bytes, B_G2)) !=
		OK ||
	    check_log(peek(bytes, B_C4), stage, LOG_B3, peek(bytes, B_G3)) !=
		OK)
		return ERR_CRYPTO;
	return check_input(peek(bytes, B_C5), stage, INPUT_B, hand,
	    peek(bytes, B_P));
}

static int
take_3(const uint8_t *bytes, const struct stage *stage, struct hand *hand,
    const struct willing_talk *talk)
{
	uint8_t difference[PART];

	/* With Pa = Pb or Qa = Qb the result would say nothing. */
	if (subtract(difference, peek(bytes, A_P), peek(talk->step[1], B_P)) !=
		OK ||
	    hand_take_difference(hand, talk) != OK ||
	    check_input(peek(bytes, A_C6), stage, INPUT_A, hand,
		peek(bytes, A_P)) != OK)
		return ERR_CRYPTO;
	return check_equal(peek(bytes, A_C7), stage, EQUAL_A, hand,
	    peek(talk->step[0], A_G3), peek(bytes, A_R));
}

static int
take_4(const uint8_t *bytes, const struct stage *stage, struct hand *hand,
    const struct willing_talk *talk)
{
	int rc;

	rc = hand_take_difference(hand, talk);
	assert(rc == OK); /* as when this side made step 3 */
	return check_equal(peek(bytes, B_C8), stage, EQUAL_B, hand,
	    peek(talk->step[1], B_G3), peek(bytes, B_R));
}

int
willing_take(struct willing_talk *talk, const struct willing_round *round,
    const struct willing_secret *secret, const uint8_t *bytes, size_t len)
{
	static step_take *const takes[WILLING_STEPS] = { take_1, take_2, take_3,
		take_4 };
	unsigned step = talk->count + 1;
	struct willing_talk with = *talk;
	struct stage stage;
	struct hand hand = { 0 };
	int rc;

	assert(step <= WILLING_STEPS && (step == 1 || secret != NULL));
	if ((rc = willing_step_check(step, bytes, len)) != OK)
		return rc;
	memcpy(with.step[step - 1], bytes, len);
	stage_init(&stage, round, &with, step);
	if (step > 1)
		hand_init(&hand, round, &with, secret, step, step % 2 == 0);
	rc = takes[step - 1](with.step[step - 1], &stage, &hand, &with);
	if (rc == OK) {
		with.count = step;
		*talk = with;
	}
	wipe(&hand, sizeof(hand));
	return rc;
}

bool
willing_both(const struct willing_talk *talk, const struct willing_round *round,
    const struct willing_secret *secret, bool asks)
{
	const uint8_t *theirs =
	    asks ? peek(talk->step[3], B_R) : peek(talk->step[2], A_R);
	uint8_t expected[PART], result[PART];
	struct hand hand;
	const struct term terms[] = { { hand.third, theirs } };
	bool both;
	int rc;

	assert(talk->count >= (asks ? 4u : 3u));
	rc = subtract(expected, peek(talk->step[2], A_P),
	    peek(talk->step[1], B_P));
	assert(rc == OK);
	hand_init(&hand, round, talk, secret, 3, asks);
	combine_own(result, terms, 1);
	both = wipe_equal(result, expected, PART);
	wipe(&hand, sizeof(hand));
	wipe(result, sizeof(result));
	return both;
}

void
willing_secret_wipe(struct willing_secret *secret)
{
	wipe(secret, sizeof(*secret));
}
