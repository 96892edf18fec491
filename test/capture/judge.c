#include "judge.h"

#include <assert.h>
#include <string.h>

#include "base/log.h"

void
judge_init(struct judge *judge, size_t frame_bytes)
{
	assert(frame_bytes >= JUDGE_PREFIX_BYTES &&
	    frame_bytes <= JUDGE_FRAME_BYTES_MAX);
	memset(judge, 0, sizeof(*judge));
	judge->frame_bytes = frame_bytes;
}

/* True where it was there already. */
static bool
remember(struct judge *judge, uint64_t prefix)
{
	const size_t places = sizeof(judge->prefix) / sizeof(judge->prefix[0]);
	size_t at = (size_t)(prefix * 0x9e3779b97f4a7c15 % places);

	/* Free places are zeros. */
	prefix |= prefix == 0;
	while (judge->prefix[at] != 0) {
		if (judge->prefix[at] == prefix)
			return true;
		at = (at + 1) % places;
	}
	judge->prefix[at] = prefix;
	return false;
}

void
judge_take(struct judge *judge, const uint8_t *bytes, size_t len)
{
	uint64_t prefix;

	if (judge->frames == JUDGE_FRAMES_MAX)
		fatalx("judge: more than %d frames", JUDGE_FRAMES_MAX);
	if (len != judge->frame_bytes) {
		judge->odd_sizes++;
		return;
	}
	judge->frames++;
	memcpy(&prefix, bytes, sizeof(prefix));
	judge->repeats += remember(judge, prefix);
	for (size_t i = 0; i < len; i++)
		judge->seen[i][bytes[i]]++;
}

double
judge_spread(const struct judge *judge, size_t position)
{
	const double expected = (double)judge->frames / 256;
	double sum = 0;

	assert(position < judge->frame_bytes && judge->frames > 0);
	for (int value = 0; value < 256; value++) {
		double off = (double)judge->seen[position][value] - expected;

		sum += off * off / expected;
	}
	return sum;
}

struct verdict
judge_decide(const struct judge *judge)
{
	struct verdict verdict = {
		.enough = judge->frames >= JUDGE_FRAMES_MIN,
		.one_size = judge->odd_sizes == 0,
		.no_repeats = judge->repeats == 0,
	};

	if (judge->frames == 0)
		return verdict;
	for (size_t i = 0; i < judge->frame_bytes; i++) {
		double spread = judge_spread(judge, i);

		if (i == 0 || spread < verdict.spread_least) {
			verdict.spread_least = spread;
			verdict.least_at = i;
		}
		if (i == 0 || spread > verdict.spread_most) {
			verdict.spread_most = spread;
			verdict.most_at = i;
		}
	}
	verdict.uniform = verdict.spread_least >= JUDGE_SPREAD_LEAST &&
	    verdict.spread_most <= JUDGE_SPREAD_MOST;
	return verdict;
}

bool
verdict_is_clean(const struct verdict *verdict)
{
	return verdict->enough && verdict->one_size && verdict->uniform &&
	    verdict->no_repeats;
}
