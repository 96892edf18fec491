#include "rhythm.h"

#include <assert.h>
#include <string.h>

void
rhythm_init(struct rhythm *rhythm, uint64_t slot_ns)
{
	assert(slot_ns >= RHYTHM_PARTS);
	memset(rhythm, 0, sizeof(*rhythm));
	rhythm->slot_ns = slot_ns;
}

void
rhythm_take(struct rhythm *rhythm, uint64_t at_ns)
{
	const uint64_t slot = at_ns / rhythm->slot_ns;
	const uint64_t within_ns = at_ns % rhythm->slot_ns;
	const uint64_t part = within_ns * RHYTHM_PARTS / rhythm->slot_ns;
	const unsigned coarse =
	    (unsigned)part / (RHYTHM_PARTS / RHYTHM_PAIR_PARTS);
	uint64_t begun;

	if (rhythm->frames == 0)
		rhythm->first = slot;
	else
		rhythm->pair[rhythm->before][coarse]++;
	rhythm->frames++;
	rhythm->last = slot;
	rhythm->before = coarse;
	rhythm->part[part]++;
	begun = slot - rhythm->first + 1;
	if (rhythm->frames > begun &&
	    rhythm->frames - begun > rhythm->most_ahead)
		rhythm->most_ahead = rhythm->frames - begun;
}

static double
spread_of(const uint32_t *seen, unsigned count, uint64_t total)
{
	const double expected = (double)total / count;
	double sum = 0;

	for (unsigned i = 0; i < count; i++) {
		double off = (double)seen[i] - expected;

		sum += off * off / expected;
	}
	return sum;
}

struct pace
rhythm_decide(const struct rhythm *rhythm)
{
	struct pace pace = {
		.enough = rhythm->frames >= RHYTHM_FRAMES_MIN,
		.none_more = rhythm->most_ahead <= RHYTHM_AHEAD_MOST,
	};

	if (rhythm->frames < 2)
		return pace;
	pace.slots = rhythm->last - rhythm->first + 1;
	if (pace.slots > rhythm->frames)
		pace.fewer = pace.slots - rhythm->frames;
	pace.spread = spread_of(rhythm->part, RHYTHM_PARTS, rhythm->frames);
	pace.pair_spread = spread_of(&rhythm->pair[0][0],
	    RHYTHM_PAIR_PARTS * RHYTHM_PAIR_PARTS, rhythm->frames - 1);
	pace.uniform = pace.spread <= RHYTHM_SPREAD_MOST;
	pace.apart = pace.pair_spread <= RHYTHM_SPREAD_MOST;
	return pace;
}
