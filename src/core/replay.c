#include "core/replay.h"

#include <assert.h>
#include <string.h>

enum { WORD_BITS = 64, WORDS = REPLAY_WINDOW / WORD_BITS + 1 };

_Static_assert(REPLAY_WINDOW % WORD_BITS == 0, "the window is whole words");

static uint64_t
word_of(uint64_t ctr)
{
	return ctr / WORD_BITS % WORDS;
}

static uint64_t
bit_of(uint64_t ctr)
{
	return UINT64_C(1) << ctr % WORD_BITS;
}

static bool
is_within(const struct replay *replay, uint64_t ctr)
{
	return ctr != 0 && ctr <= replay->largest &&
	    replay->largest - ctr < REPLAY_WINDOW;
}

void
replay_init(struct replay *replay)
{
	memset(replay, 0, sizeof(*replay));
}

bool
replay_has(const struct replay *replay, uint64_t ctr)
{
	return is_within(replay, ctr) &&
	    (replay->bits[word_of(ctr)] & bit_of(ctr));
}

bool
replay_is_fresh(const struct replay *replay, uint64_t ctr)
{
	if (ctr > replay->largest)
		return true;
	return is_within(replay, ctr) && !replay_has(replay, ctr);
}

/* Ones from the top of a word down. */
static unsigned
leading_ones(uint64_t word)
{
	return word == UINT64_MAX ? WORD_BITS
				  : (unsigned)__builtin_clzll(~word);
}

uint64_t
replay_run(const struct replay *replay, uint64_t ctr, uint64_t stop, bool has)
{
	const uint64_t from = ctr, flip = has ? 0 : UINT64_MAX;
	unsigned in_word, ones;

	assert(ctr <= replay->largest);
	assert(replay->largest - stop <= REPLAY_WINDOW);
	while (ctr > stop) {
		/* ctr's bit on top; below the word's end come zeros. */
		in_word = ctr % WORD_BITS + 1;
		ones = leading_ones((replay->bits[word_of(ctr)] ^ flip)
		    << (WORD_BITS - in_word));
		if (ones >= ctr - stop)
			return from - stop;
		ctr -= ones;
		if (ones < in_word)
			break;
	}
	return from - ctr;
}

void
replay_mark(struct replay *replay, uint64_t ctr)
{
	uint64_t words, i;

	assert(replay_is_fresh(replay, ctr));
	if (ctr > replay->largest) {
		words = ctr / WORD_BITS - replay->largest / WORD_BITS;
		if (words > WORDS)
			words = WORDS;
		for (i = 1; i <= words; i++)
			replay
			    ->bits[(replay->largest / WORD_BITS + i) % WORDS] =
			    0;
		replay->largest = ctr;
	}
	replay->bits[word_of(ctr)] |= bit_of(ctr);
}
