#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/ceremony.h"
#include "crypto/crypto.h"

enum { COMMITMENT_AT = 21, BODY_AT = 53, REVEAL_CARD_AT = 53 + 32 };

struct file {
	uint8_t bytes[CEREMONY_FILE_BYTES_MAX];
	size_t len;
};

/* Two posts, their files as they were written. */
struct posts {
	struct rng_seeded seeded;
	struct rng rng;
	struct ceremony a, b;
	struct file offer, reply, reveal;
	bool relayed; /* both sides */
};

static const struct ceremony_self self_a = {
	.name = "north",
	.endpoint = "north.example:7411",
	.frame_bytes = 1200,
	.slot_us = 100000,
	.accept = ACCEPT_ANY,
};
static const struct ceremony_self self_b = { .name = "south", .endpoint = "" };

static void
begin(struct posts *posts, uint64_t seed)
{
	memset(posts, 0, sizeof(*posts));
	posts->rng = rng_from_seed(&posts->seeded, seed);
}

static void
offer_as(struct posts *posts, const struct ceremony_self *self)
{
	struct writer w;

	buf_write(&w, posts->offer.bytes, sizeof(posts->offer.bytes));
	assert_int_equal(ceremony_offer(&posts->a, self, posts->rng, &w), OK);
	posts->offer.len = w.len;
}

static enum ceremony_fault
accept_as(struct posts *posts, const struct ceremony_self *self)
{
	enum ceremony_fault fault;
	struct writer w;

	buf_write(&w, posts->reply.bytes, sizeof(posts->reply.bytes));
	fault = ceremony_accept(&posts->b, posts->offer.bytes, posts->offer.len,
	    self, posts->rng, &w);
	posts->reply.len = w.len;
	return fault;
}

static enum ceremony_fault
finish_a(struct posts *posts, const struct file *file)
{
	enum ceremony_fault fault;
	struct writer w;

	buf_write(&w, posts->reveal.bytes, sizeof(posts->reveal.bytes));
	fault = ceremony_finish(&posts->a, file->bytes, file->len,
	    posts->relayed, &w);
	if (fault == CEREMONY_OK)
		posts->reveal.len = w.len;
	else
		assert_int_equal(w.len, 0);
	return fault;
}

static enum ceremony_fault
finish_b(struct posts *posts, const struct file *file)
{
	return ceremony_finish(&posts->b, file->bytes, file->len,
	    posts->relayed, NULL);
}

/* As far as a step. */
static void
to_offered(struct posts *posts, uint64_t seed)
{
	begin(posts, seed);
	offer_as(posts, &self_a);
}

static void
to_replied(struct posts *posts, uint64_t seed)
{
	to_offered(posts, seed);
	assert_int_equal(accept_as(posts, &self_b), CEREMONY_OK);
}

static void
to_revealed(struct posts *posts, uint64_t seed)
{
	to_replied(posts, seed);
	assert_int_equal(finish_a(posts, &posts->reply), CEREMONY_OK);
}

static void
to_finished(struct posts *posts, uint64_t seed)
{
	to_revealed(posts, seed);
	assert_int_equal(finish_b(posts, &posts->reveal), CEREMONY_OK);
}

/* Makes the tail right again, as an attacker would. */
static void
reseal(struct file *file)
{
	const struct hash_part whole = { file->bytes, file->len - HASH_BYTES };

	hash_parts(file->bytes + file->len - HASH_BYTES, &whole, 1);
}

static void
assert_untouched(const struct ceremony *ceremony, const struct ceremony *before)
{
	assert_memory_equal(ceremony, before, sizeof(*before));
}

static void
refuse_a(struct posts *posts, const struct file *file,
    enum ceremony_fault expected)
{
	const struct ceremony before = posts->a;

	assert_int_equal(finish_a(posts, file), expected);
	assert_untouched(&posts->a, &before);
}

static void
refuse_b(struct posts *posts, const struct file *file,
    enum ceremony_fault expected)
{
	const struct ceremony before = posts->b;

	assert_int_equal(finish_b(posts, file), expected);
	assert_untouched(&posts->b, &before);
}

static void
both_sides_end_with_the_same(void **state)
{
	static const uint8_t zeros[CEREMONY_CONTRIBUTION_BYTES];
	const char *words_a[CEREMONY_WORDS_EACH], *words_b[CEREMONY_WORDS_EACH];
	struct posts posts;
	struct card card;

	(void)state;
	to_finished(&posts, 1);
	assert_int_equal(posts.a.state, CEREMONY_FINISHED);
	assert_int_equal(posts.b.state, CEREMONY_FINISHED);
	assert_memory_equal(&posts.a.roots, &posts.b.roots,
	    sizeof(posts.a.roots));
	assert_memory_equal(posts.a.transcript, posts.b.transcript,
	    sizeof(posts.a.transcript));
	assert_memory_equal(posts.a.check, posts.b.check,
	    sizeof(posts.a.check));
	assert_memory_equal(posts.a.peer_card, posts.b.card, CARD_BYTES);
	assert_memory_equal(posts.b.peer_card, posts.a.card, CARD_BYTES);
	assert_memory_equal(posts.a.contribution, zeros, sizeof(zeros));
	assert_memory_equal(posts.b.contribution, zeros, sizeof(zeros));
	assert_int_equal(card_decode(&card, posts.b.card), OK);
	assert_int_equal(card.frame_bytes, 1200);
	assert_int_equal(card.slot_us, 100000);
	assert_int_equal(card.accept, ACCEPT_ANY);

	ceremony_words(&posts.a, words_a);
	ceremony_words(&posts.b, words_b);
	assert_int_equal(ceremony_confirm(&posts.a, words_b), CEREMONY_OK);
	assert_int_equal(ceremony_confirm(&posts.b, words_a), CEREMONY_OK);
	assert_int_equal(posts.a.state, CEREMONY_CONFIRMED);
	assert_int_equal(posts.b.state, CEREMONY_CONFIRMED);
}

static void
no_two_ceremonies_share_a_key(void **state)
{
	struct posts one, two;

	(void)state;
	to_finished(&one, 1);
	to_finished(&two, 2);
	assert_memory_not_equal(one.a.roots.psk, two.a.roots.psk, KDF_BYTES);
	assert_memory_not_equal(one.a.check, two.a.check, CEREMONY_WORDS);
	assert_memory_not_equal(one.a.transcript, two.a.transcript, 64);
}

static void
peek_tells_what_is_offered(void **state)
{
	struct ceremony_summary summary;
	struct posts posts;

	(void)state;
	to_revealed(&posts, 1);
	assert_int_equal(ceremony_peek(&summary, posts.offer.bytes,
			     posts.offer.len),
	    CEREMONY_OK);
	assert_int_equal(summary.kind, CEREMONY_OFFER);
	assert_string_equal(summary.name, "north");
	assert_int_equal(summary.frame_bytes, 1200);
	assert_int_equal(summary.slot_us, 100000);
	assert_int_equal(summary.accept, ACCEPT_ANY);
	assert_memory_equal(summary.commitment, posts.a.commitment, 32);
	assert_int_equal(ceremony_peek(&summary, posts.reply.bytes,
			     posts.reply.len),
	    CEREMONY_OK);
	assert_int_equal(summary.kind, CEREMONY_REPLY);
	assert_memory_equal(summary.commitment, posts.a.commitment, 32);
	assert_int_equal(ceremony_peek(&summary, posts.reveal.bytes,
			     posts.reveal.len),
	    CEREMONY_OK);
	assert_int_equal(summary.kind, CEREMONY_REVEAL);
}

static void
offer_hides_card_and_contribution(void **state)
{
	struct posts posts;

	(void)state;
	to_offered(&posts, 1);
	assert_null(memmem(posts.offer.bytes, posts.offer.len,
	    posts.a.contribution, 16));
	assert_null(
	    memmem(posts.offer.bytes, posts.offer.len, posts.a.card + 9, 16));
}

/* Each bit of a file changed on its way: damaged, or no file of ours. */
static void
refuse_damage(const struct file *file)
{
	struct ceremony_summary summary;
	struct file bad = *file;
	enum ceremony_fault fault;
	size_t i;

	for (i = 0; i < 8 * bad.len; i++) {
		bad.bytes[i / 8] ^= (uint8_t)(1u << i % 8);
		fault = ceremony_peek(&summary, bad.bytes, bad.len);
		assert_int_equal(fault,
		    i / 8 < 19 ? CEREMONY_FOREIGN : CEREMONY_DAMAGED);
		bad.bytes[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	for (i = 0; i < bad.len; i++) {
		fault = ceremony_peek(&summary, bad.bytes, i);
		assert_int_equal(fault,
		    i < 19 ? CEREMONY_FOREIGN : CEREMONY_DAMAGED);
	}
}

static void
damaged_files_are_refused(void **state)
{
	struct posts posts;
	uint8_t longer[CEREMONY_FILE_BYTES_MAX + 1] = { 0 };
	struct ceremony_summary summary;

	(void)state;
	to_revealed(&posts, 1);
	refuse_damage(&posts.offer);
	refuse_damage(&posts.reply);
	refuse_damage(&posts.reveal);
	memcpy(longer, posts.reveal.bytes, posts.reveal.len);
	assert_int_equal(ceremony_peek(&summary, longer, posts.reveal.len + 1),
	    CEREMONY_DAMAGED);
}

static void
damage_changes_nothing(void **state)
{
	struct posts posts;
	struct file bad;

	(void)state;
	to_replied(&posts, 1);
	bad = posts.reply;
	bad.bytes[200] ^= 1;
	refuse_a(&posts, &bad, CEREMONY_DAMAGED);
	bad.bytes[3] ^= 1;
	refuse_a(&posts, &bad, CEREMONY_FOREIGN);
	to_revealed(&posts, 1);
	bad = posts.reveal;
	bad.bytes[800] ^= 1;
	refuse_b(&posts, &bad, CEREMONY_DAMAGED);
	bad.len = 0;
	refuse_b(&posts, &bad, CEREMONY_FOREIGN);
}

static void
other_versions_are_refused(void **state)
{
	struct posts posts;
	struct file bad;

	(void)state;
	to_revealed(&posts, 1);
	bad = posts.offer;
	bad.bytes[19] = 2;
	reseal(&bad);
	posts.offer = bad;
	assert_int_equal(accept_as(&posts, &self_b), CEREMONY_OTHER_VERSION);
	bad = posts.reveal;
	bad.bytes[19] = 0;
	reseal(&bad);
	refuse_b(&posts, &bad, CEREMONY_OTHER_VERSION);
}

static void
unknown_kinds_are_refused(void **state)
{
	struct posts posts;
	unsigned int kind;

	(void)state;
	to_replied(&posts, 1);
	for (kind = 0; kind < 256; kind += kind == 3 ? 252 : 1) {
		struct file bad = posts.reply;

		bad.bytes[20] = (uint8_t)kind;
		reseal(&bad);
		if (kind == CEREMONY_REPLY)
			continue;
		/* Of no kind, or of a length that is not the kind's; an
		 * offer's body does not fill the file. */
		refuse_a(&posts, &bad,
		    kind == CEREMONY_OFFER ? CEREMONY_OWN : CEREMONY_DAMAGED);
	}
}

static void
only_an_offer_is_accepted(void **state)
{
	struct posts posts;
	struct ceremony before;

	(void)state;
	to_revealed(&posts, 1);
	posts.offer = posts.reply;
	before = posts.b;
	assert_int_equal(accept_as(&posts, &self_b), CEREMONY_UNEXPECTED);
	assert_untouched(&posts.b, &before);
	posts.offer = posts.reveal;
	assert_int_equal(accept_as(&posts, &self_b), CEREMONY_UNEXPECTED);
	assert_untouched(&posts.b, &before);
}

static void
offers_out_of_bounds_are_refused(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} changes[] = {
		{ BODY_AT + 1, 0 },   /* frame bytes below */
		{ BODY_AT + 1, 5 },   /* and above */
		{ BODY_AT + 5, 1 },   /* slot */
		{ BODY_AT + 6, 3 },   /* accept */
		{ BODY_AT + 8, ' ' }, /* name */
		{ BODY_AT + 9, 0xff },
	};
	struct posts posts;
	struct ceremony before;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		to_offered(&posts, 1);
		before = posts.b;
		posts.offer.bytes[changes[i].at] = changes[i].value;
		reseal(&posts.offer);
		assert_int_equal(accept_as(&posts, &self_b),
		    CEREMONY_BAD_TERMS);
		assert_untouched(&posts.b, &before);
	}
	/* A name that is longer or shorter than it says. */
	to_offered(&posts, 1);
	posts.offer.bytes[BODY_AT + 7]++;
	reseal(&posts.offer);
	assert_int_equal(accept_as(&posts, &self_b), CEREMONY_DAMAGED);
	posts.offer.bytes[BODY_AT + 7] -= 2;
	reseal(&posts.offer);
	assert_int_equal(accept_as(&posts, &self_b), CEREMONY_DAMAGED);
}

static void
self_out_of_bounds_is_refused(void **state)
{
	struct ceremony_self self;
	struct posts posts;
	struct writer w;

	(void)state;
	begin(&posts, 1);
	buf_write(&w, posts.offer.bytes, sizeof(posts.offer.bytes));
	self = self_a;
	self.name = "";
	assert_int_equal(ceremony_offer(&posts.a, &self, posts.rng, &w),
	    ERR_SIZE);
	self = self_a;
	self.endpoint = "nowhere";
	assert_int_equal(ceremony_offer(&posts.a, &self, posts.rng, &w),
	    ERR_FORMAT);
	self = self_a;
	self.slot_us = 0;
	assert_int_equal(ceremony_offer(&posts.a, &self, posts.rng, &w),
	    ERR_LIMIT);
	assert_int_equal(w.len, 0);
	to_offered(&posts, 1);
	self = self_b;
	self.name = "a\nb";
	assert_int_equal(accept_as(&posts, &self), CEREMONY_BAD_CARD);
	self = self_b;
	self.endpoint = ":1";
	assert_int_equal(accept_as(&posts, &self), CEREMONY_BAD_CARD);
}

static void
files_of_another_ceremony_are_refused(void **state)
{
	struct posts posts, others;

	(void)state;
	to_replied(&posts, 1);
	to_revealed(&others, 2);
	refuse_a(&posts, &others.reply, CEREMONY_OTHER_POST);
	refuse_b(&posts, &others.reveal, CEREMONY_OTHER_POST);
	refuse_b(&posts, &others.offer, CEREMONY_OTHER_POST);
	refuse_b(&posts, &others.reply, CEREMONY_OTHER_POST);
}

static void
crossed_offers_are_refused(void **state)
{
	struct posts posts, others;

	(void)state;
	to_offered(&posts, 1);
	to_offered(&others, 2);
	refuse_a(&posts, &others.offer, CEREMONY_CROSSED);
	refuse_a(&others, &posts.offer, CEREMONY_CROSSED);
}

static void
own_files_are_refused(void **state)
{
	struct posts posts;

	(void)state;
	to_revealed(&posts, 1);
	refuse_b(&posts, &posts.reply, CEREMONY_OWN);
	refuse_a(&posts, &posts.reveal, CEREMONY_OWN);
	refuse_a(&posts, &posts.offer, CEREMONY_OWN);
}

static void
used_files_are_refused(void **state)
{
	struct posts posts;

	(void)state;
	to_finished(&posts, 1);
	refuse_a(&posts, &posts.reply, CEREMONY_USED);
	refuse_b(&posts, &posts.reveal, CEREMONY_USED);
	refuse_b(&posts, &posts.offer, CEREMONY_USED);
}

/* B answered twice; A went on with the other answer. */
static void
reveal_for_another_reply_is_refused(void **state)
{
	struct posts posts;
	struct ceremony first;

	(void)state;
	to_replied(&posts, 1);
	first = posts.b;
	assert_int_equal(accept_as(&posts, &self_b), CEREMONY_OK);
	assert_int_equal(finish_a(&posts, &posts.reply), CEREMONY_OK);
	posts.b = first;
	refuse_b(&posts, &posts.reveal, CEREMONY_OTHER_POST);
}

/* Whoever sees the offer only cannot reveal, nor A change its mind. */
static void
reveal_of_another_card_is_refused(void **state)
{
	struct posts posts, others;
	struct file bad;

	(void)state;
	to_revealed(&posts, 1);
	to_revealed(&others, 2);
	bad = posts.reveal;
	memcpy(bad.bytes + REVEAL_CARD_AT, others.reveal.bytes + REVEAL_CARD_AT,
	    CARD_BYTES + 32);
	reseal(&bad);
	refuse_b(&posts, &bad, CEREMONY_BAD_COMMITMENT);
	bad = posts.reveal;
	bad.bytes[REVEAL_CARD_AT + CARD_BYTES] ^= 1;
	reseal(&bad);
	refuse_b(&posts, &bad, CEREMONY_BAD_COMMITMENT);
}

static void
replies_with_a_bad_card_are_refused(void **state)
{
	static const size_t at[] = { 0, 1, 9, 41, 73, 137, 160, 703 };
	struct posts posts;
	size_t i;

	(void)state;
	to_replied(&posts, 1);
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		struct file bad = posts.reply;

		bad.bytes[BODY_AT + at[i]] ^= 1;
		reseal(&bad);
		refuse_a(&posts, &bad, CEREMONY_BAD_CARD);
	}
}

/* A's own card come back, with its proof. */
static void
reflected_card_is_refused(void **state)
{
	struct posts posts;
	struct file bad;

	(void)state;
	to_replied(&posts, 1);
	bad = posts.reply;
	memcpy(bad.bytes + BODY_AT, posts.a.card, CARD_BYTES);
	reseal(&bad);
	refuse_a(&posts, &bad, CEREMONY_BAD_CARD);
}

/* In the middle: the offer's terms changed on the way. */
static void
other_terms_are_refused(void **state)
{
	struct posts posts;

	(void)state;
	to_offered(&posts, 1);
	posts.offer.bytes[BODY_AT] ^= 1;
	reseal(&posts.offer);
	assert_int_equal(accept_as(&posts, &self_b), CEREMONY_OK);
	refuse_a(&posts, &posts.reply, CEREMONY_BAD_TERMS);
	to_offered(&posts, 1);
	posts.offer.bytes[BODY_AT + 2] ^= 1;
	reseal(&posts.offer);
	assert_int_equal(accept_as(&posts, &self_b), CEREMONY_OK);
	refuse_a(&posts, &posts.reply, CEREMONY_BAD_TERMS);
	to_offered(&posts, 1);
	posts.offer.bytes[BODY_AT + 6] = ACCEPT_TEXT;
	reseal(&posts.offer);
	assert_int_equal(accept_as(&posts, &self_b), CEREMONY_OK);
	refuse_a(&posts, &posts.reply, CEREMONY_BAD_TERMS);
}

static void
another_name_than_offered_is_refused(void **state)
{
	struct posts posts;

	(void)state;
	to_offered(&posts, 1);
	posts.offer.bytes[BODY_AT + 8] = 'N';
	reseal(&posts.offer);
	assert_int_equal(accept_as(&posts, &self_b), CEREMONY_OK);
	assert_int_equal(finish_a(&posts, &posts.reply), CEREMONY_OK);
	refuse_b(&posts, &posts.reveal, CEREMONY_BAD_TERMS);
}

static void
one_side_must_say_where_it_is(void **state)
{
	struct ceremony_self nowhere = self_a;
	struct ceremony_self somewhere = self_b;
	struct posts posts;

	(void)state;
	nowhere.endpoint = "";
	begin(&posts, 1);
	offer_as(&posts, &nowhere);
	assert_int_equal(accept_as(&posts, &self_b), CEREMONY_OK);
	refuse_a(&posts, &posts.reply, CEREMONY_NO_ENDPOINT);
	somewhere.endpoint = "192.0.2.1:7411";
	assert_int_equal(accept_as(&posts, &somewhere), CEREMONY_OK);
	assert_int_equal(finish_a(&posts, &posts.reply), CEREMONY_OK);
	assert_int_equal(finish_b(&posts, &posts.reveal), CEREMONY_OK);
}

static void
neither_need_say_where_it_is_beside_a_relay(void **state)
{
	struct ceremony_self nowhere = self_a;
	struct posts posts;

	(void)state;
	nowhere.endpoint = "";
	begin(&posts, 1);
	offer_as(&posts, &nowhere);
	assert_int_equal(accept_as(&posts, &self_b), CEREMONY_OK);
	posts.relayed = true;
	assert_int_equal(finish_a(&posts, &posts.reply), CEREMONY_OK);
	/* Each side knows its own way only. */
	posts.relayed = false;
	refuse_b(&posts, &posts.reveal, CEREMONY_NO_ENDPOINT);
	posts.relayed = true;
	assert_int_equal(finish_b(&posts, &posts.reveal), CEREMONY_OK);
}

/* A reads B's words of another ceremony: the one in the middle is heard. */
static void
wrong_words_change_nothing(void **state)
{
	const char *words[CEREMONY_WORDS_EACH], *own[CEREMONY_WORDS_EACH];
	struct posts posts;
	struct ceremony before;
	size_t i;

	(void)state;
	to_finished(&posts, 1);
	before = posts.a;
	ceremony_words(&posts.b, words);
	for (i = 0; i < CEREMONY_WORDS_EACH; i++) {
		const char *right = words[i];
		uint8_t value;

		assert_int_equal(words_value(&value, right), OK);
		words[i] = words_text((uint8_t)(value + 1));
		assert_int_equal(ceremony_confirm(&posts.a, words),
		    CEREMONY_WRONG_WORDS);
		words[i] = "nonsense";
		assert_int_equal(ceremony_confirm(&posts.a, words),
		    CEREMONY_UNKNOWN_WORD);
		words[i] = "";
		assert_int_equal(ceremony_confirm(&posts.a, words),
		    CEREMONY_UNKNOWN_WORD);
		assert_untouched(&posts.a, &before);
		words[i] = right;
	}
	ceremony_words(&posts.a, own);
	assert_int_equal(ceremony_confirm(&posts.a, own), CEREMONY_OWN_WORDS);
	assert_untouched(&posts.a, &before);
	assert_int_equal(ceremony_confirm(&posts.b, words), CEREMONY_OWN_WORDS);
	assert_int_equal(ceremony_confirm(&posts.a, words), CEREMONY_OK);
}

static void
words_come_after_the_files(void **state)
{
	static const char *const words[CEREMONY_WORDS_EACH] = { "harbor",
		"harbor", "harbor", "harbor", "harbor" };
	const char *right[CEREMONY_WORDS_EACH];
	struct posts posts;

	(void)state;
	to_replied(&posts, 1);
	assert_int_equal(ceremony_confirm(&posts.a, words),
	    CEREMONY_UNEXPECTED);
	assert_int_equal(ceremony_confirm(&posts.b, words),
	    CEREMONY_UNEXPECTED);
	to_finished(&posts, 1);
	ceremony_words(&posts.b, right);
	assert_int_equal(ceremony_confirm(&posts.a, right), CEREMONY_OK);
	assert_int_equal(ceremony_confirm(&posts.a, right), CEREMONY_USED);
}

/* Through the store between any two steps. */
static void
store_and_back(struct ceremony *ceremony)
{
	uint8_t bytes[CEREMONY_STORED_BYTES];
	const struct ceremony before = *ceremony;
	struct writer w;

	buf_write(&w, bytes, sizeof(bytes));
	ceremony_encode(&w, ceremony);
	assert_int_equal(w.len, sizeof(bytes));
	ceremony_wipe(ceremony);
	assert_int_equal(ceremony_decode(ceremony, bytes, w.len), OK);
	assert_untouched(ceremony, &before);
}

static void
ceremony_goes_on_after_a_restart(void **state)
{
	struct posts posts;

	(void)state;
	to_offered(&posts, 1);
	store_and_back(&posts.a);
	assert_int_equal(accept_as(&posts, &self_b), CEREMONY_OK);
	store_and_back(&posts.b);
	assert_int_equal(finish_a(&posts, &posts.reply), CEREMONY_OK);
	store_and_back(&posts.a);
	assert_int_equal(finish_b(&posts, &posts.reveal), CEREMONY_OK);
	store_and_back(&posts.b);
	assert_memory_equal(&posts.a.roots, &posts.b.roots,
	    sizeof(posts.a.roots));
}

static void
stored_bytes_that_are_not_ours_are_refused(void **state)
{
	uint8_t bytes[CEREMONY_STORED_BYTES + 1] = { 0 };
	const struct ceremony zeros = { 0 };
	struct ceremony ceremony;
	struct posts posts;
	struct writer w;

	(void)state;
	to_replied(&posts, 1);
	buf_write(&w, bytes, sizeof(bytes));
	ceremony_encode(&w, &posts.b);
	assert_int_equal(ceremony_decode(&ceremony, bytes, w.len - 1),
	    ERR_FORMAT);
	assert_memory_equal(&ceremony, &zeros, sizeof(zeros));
	assert_int_equal(ceremony_decode(&ceremony, bytes, w.len + 1),
	    ERR_FORMAT);
	assert_int_equal(ceremony_decode(&ceremony, bytes, 0), ERR_VERSION);
	bytes[0]++;
	assert_int_equal(ceremony_decode(&ceremony, bytes, w.len), ERR_VERSION);
	bytes[0]--;
	bytes[1] = CEREMONY_STATE_COUNT;
	assert_int_equal(ceremony_decode(&ceremony, bytes, w.len), ERR_FORMAT);
	bytes[1] = CEREMONY_REPLIED;
	bytes[2] = 2;
	assert_int_equal(ceremony_decode(&ceremony, bytes, w.len), ERR_FORMAT);
	bytes[2] = ROLE_B;
	assert_int_equal(ceremony_decode(&ceremony, bytes, w.len), OK);
}

static void
each_fault_has_its_words(void **state)
{
	enum ceremony_fault i, j;

	(void)state;
	for (i = 0; i < CEREMONY_FAULT_COUNT; i++) {
		assert_non_null(ceremony_fault_text(i));
		for (j = 0; j < i; j++)
			assert_string_not_equal(ceremony_fault_text(i),
			    ceremony_fault_text(j));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sides_end_with_the_same),
		cmocka_unit_test(no_two_ceremonies_share_a_key),
		cmocka_unit_test(peek_tells_what_is_offered),
		cmocka_unit_test(offer_hides_card_and_contribution),
		cmocka_unit_test(damaged_files_are_refused),
		cmocka_unit_test(damage_changes_nothing),
		cmocka_unit_test(other_versions_are_refused),
		cmocka_unit_test(unknown_kinds_are_refused),
		cmocka_unit_test(only_an_offer_is_accepted),
		cmocka_unit_test(offers_out_of_bounds_are_refused),
		cmocka_unit_test(self_out_of_bounds_is_refused),
		cmocka_unit_test(files_of_another_ceremony_are_refused),
		cmocka_unit_test(crossed_offers_are_refused),
		cmocka_unit_test(own_files_are_refused),
		cmocka_unit_test(used_files_are_refused),
		cmocka_unit_test(reveal_for_another_reply_is_refused),
		cmocka_unit_test(reveal_of_another_card_is_refused),
		cmocka_unit_test(replies_with_a_bad_card_are_refused),
		cmocka_unit_test(reflected_card_is_refused),
		cmocka_unit_test(other_terms_are_refused),
		cmocka_unit_test(another_name_than_offered_is_refused),
		cmocka_unit_test(one_side_must_say_where_it_is),
		cmocka_unit_test(neither_need_say_where_it_is_beside_a_relay),
		cmocka_unit_test(wrong_words_change_nothing),
		cmocka_unit_test(words_come_after_the_files),
		cmocka_unit_test(ceremony_goes_on_after_a_restart),
		cmocka_unit_test(stored_bytes_that_are_not_ours_are_refused),
		cmocka_unit_test(each_fault_has_its_words),
	};

	crypto_init();
	return cmocka_run_group_tests_name("ceremony", tests, NULL, NULL);
}
