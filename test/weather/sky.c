#include "sky.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

const char sky_usage[] =
    "  loss P [ab|ba]      lose P percent\n"
    "  dup P [ab|ba]       send P percent twice\n"
    "  corrupt P [ab|ba]   flip a bit of P percent\n"
    "  truncate P [ab|ba]  cut the end off P percent\n"
    "  reflect P [ab|ba]   send P percent back to their sender as well\n"
    "  replay P [ab|ba]    for P percent, send an older datagram as well\n"
    "  delay MS [ab|ba]    hold back by MS\n"
    "  jitter MS [ab|ba]   and by up to MS more: reorders\n"
    "  cut [ab|ba]         nothing passes\n"
    "  heal [ab|ba]        it passes again\n"
    "  fair                no fault at all, no junk\n"
    "  junk RATE [BYTES] [ab|ba] [stranger]\n"
    "                      RATE random datagrams a second, of BYTES or of any\n"
    "                      size, from the peer's address or from a stranger's\n"
    "  playback RATE [ab|ba] [stranger]\n"
    "                      RATE of all that was ever heard a second, from the\n"
    "                      first on, over and over\n";

enum words_max { WORDS_MAX = 6 };

void
sky_init(struct sky *sky, uint64_t seed)
{
	memset(sky, 0, sizeof(*sky));
	sky->rng = rng_from_seed(&sky->dice, seed);
}

void
sky_judge(struct sky *sky, enum sky_way way, size_t len, struct sky_fate *fate)
{
	const struct sky_conditions *now = &sky->way[way];
	bool lost, twice;

	assert(len > 0);
	lost = rng_below(sky->rng, SKY_CERTAIN) < now->loss;
	twice = rng_below(sky->rng, SKY_CERTAIN) < now->dup;
	fate->reflect = rng_below(sky->rng, SKY_CERTAIN) < now->reflect;
	fate->replay = rng_below(sky->rng, SKY_CERTAIN) < now->replay;
	fate->replay_pick = (uint32_t)rng_u64(sky->rng);
	for (unsigned i = 0; i < SKY_COPIES_MAX; i++) {
		uint64_t spread = rng_below(sky->rng, SKY_CERTAIN);

		fate->copy[i].delay_ns =
		    (now->delay_us + now->jitter_us * spread / SKY_CERTAIN) *
		    CLOCK_NS_PER_US;
		fate->copy[i].corrupt =
		    rng_below(sky->rng, SKY_CERTAIN) < now->corrupt;
		fate->copy[i].bit = rng_u64(sky->rng) % (len * 8);
		fate->copy[i].truncate =
		    rng_below(sky->rng, SKY_CERTAIN) < now->truncate;
		fate->copy[i].len = (size_t)rng_below(sky->rng, len);
	}
	fate->copies = lost ? 0 : twice ? 2 : 1;
	if (now->cut) {
		fate->copies = 0;
		fate->replay = false;
	}
}

size_t
sky_junk_bytes(struct sky *sky, enum sky_way way)
{
	uint32_t bytes = sky->junk[way].bytes;

	if (bytes > 0)
		return bytes;
	return 1 + (size_t)rng_below(sky->rng, SKY_JUNK_BYTES_MAX);
}

/* Reads a decimal with up to three places, times scale: 0 or an ERR_*. */
static int
read_number(uint32_t *value, const char *word, uint32_t scale, uint32_t most)
{
	uint64_t sum = 0, unit = scale;
	bool fraction = false;

	if (*word < '0' || *word > '9')
		return ERR_FORMAT;
	for (; *word != '\0'; word++) {
		if (*word == '.' && !fraction) {
			fraction = true;
			continue;
		}
		if (*word == '%' && word[1] == '\0')
			break;
		if (*word < '0' || *word > '9')
			return ERR_FORMAT;
		if (fraction) {
			unit /= 10;
			sum += (uint64_t)(*word - '0') * unit;
		} else {
			sum = sum * 10 + (uint64_t)(*word - '0') * scale;
		}
		if (sum > most)
			return ERR_LIMIT;
	}
	*value = (uint32_t)sum;
	return OK;
}

/* Which ways a command is for: a bit each, both unless named. */
static unsigned
read_ways(char *const *words, size_t from, size_t count, bool *known)
{
	unsigned ways = 0;

	*known = true;
	for (size_t i = from; i < count; i++) {
		if (strcmp(words[i], "ab") == 0)
			ways |= 1U << SKY_A_TO_B;
		else if (strcmp(words[i], "ba") == 0)
			ways |= 1U << SKY_B_TO_A;
		else if (strcmp(words[i], "both") == 0)
			ways |= 3U;
		else
			*known = false;
	}
	return ways == 0 ? 3U : ways;
}

/* Is the last word "stranger"?  Then it is taken away. */
static bool
take_stranger(char *const *words, size_t from, size_t *count)
{
	if (*count <= from || strcmp(words[*count - 1], "stranger") != 0)
		return false;
	--*count;
	return true;
}

static int
obey_junk(struct sky *sky, char **words, size_t count)
{
	struct sky_junk junk = { 0 };
	unsigned ways;
	size_t next = 2;
	bool known;
	int rc;

	if (count < 2)
		return ERR_FORMAT;
	rc = read_number(&junk.rate, words[1], 1, SKY_JUNK_RATE_MAX);
	if (rc != OK)
		return rc;
	if (next < count && words[next][0] >= '0' && words[next][0] <= '9') {
		rc = read_number(&junk.bytes, words[next], 1,
		    SKY_JUNK_BYTES_MAX);
		if (rc != OK)
			return rc;
		next++;
	}
	junk.stranger = take_stranger(words, next, &count);
	ways = read_ways(words, next, count, &known);
	if (!known)
		return ERR_FORMAT;
	for (unsigned way = 0; way < SKY_WAYS; way++)
		if (ways & (1U << way))
			sky->junk[way] = junk;
	return OK;
}

static int
obey_playback(struct sky *sky, char **words, size_t count)
{
	struct sky_playback playback = { 0 };
	unsigned ways;
	bool known;
	int rc;

	if (count < 2)
		return ERR_FORMAT;
	rc = read_number(&playback.rate, words[1], 1, SKY_JUNK_RATE_MAX);
	if (rc != OK)
		return rc;
	playback.stranger = take_stranger(words, 2, &count);
	ways = read_ways(words, 2, count, &known);
	if (!known)
		return ERR_FORMAT;
	for (unsigned way = 0; way < SKY_WAYS; way++)
		if (ways & (1U << way))
			sky->playback[way] = playback;
	return OK;
}

/* Commands that set one number of the conditions. */
static const struct {
	const char *word;
	size_t offset;
	uint32_t scale;
	uint32_t most;
} dials[] = {
#define DIAL(field) offsetof(struct sky_conditions, field)
	{ "loss", DIAL(loss), SKY_CERTAIN / 100, SKY_CERTAIN },
	{ "dup", DIAL(dup), SKY_CERTAIN / 100, SKY_CERTAIN },
	{ "corrupt", DIAL(corrupt), SKY_CERTAIN / 100, SKY_CERTAIN },
	{ "truncate", DIAL(truncate), SKY_CERTAIN / 100, SKY_CERTAIN },
	{ "reflect", DIAL(reflect), SKY_CERTAIN / 100, SKY_CERTAIN },
	{ "replay", DIAL(replay), SKY_CERTAIN / 100, SKY_CERTAIN },
	{ "delay", DIAL(delay_us), 1000, SKY_DELAY_MS_MAX * 1000 },
	{ "jitter", DIAL(jitter_us), 1000, SKY_DELAY_MS_MAX * 1000 },
#undef DIAL
};

static int
obey_dial(struct sky *sky, char **words, size_t count)
{
	for (size_t i = 0; i < sizeof(dials) / sizeof(dials[0]); i++) {
		uint32_t value;
		unsigned ways;
		bool known;
		int rc;

		if (strcmp(words[0], dials[i].word) != 0)
			continue;
		if (count < 2)
			return ERR_FORMAT;
		rc = read_number(&value, words[1], dials[i].scale,
		    dials[i].most);
		if (rc != OK)
			return rc;
		ways = read_ways(words, 2, count, &known);
		if (!known)
			return ERR_FORMAT;
		for (unsigned way = 0; way < SKY_WAYS; way++)
			if (ways & (1U << way))
				memcpy((char *)&sky->way[way] + dials[i].offset,
				    &value, sizeof(value));
		return OK;
	}
	return ERR_FORMAT;
}

int
sky_obey(struct sky *sky, const char *command)
{
	char line[SKY_COMMAND_BYTES_MAX];
	char *words[WORDS_MAX], *rest;
	size_t count = 0;
	unsigned ways;
	bool known;

	if (strlen(command) >= sizeof(line))
		return ERR_FORMAT;
	strcpy(line, command);
	for (char *word = strtok_r(line, " \t\n", &rest); word != NULL;
	     word = strtok_r(NULL, " \t\n", &rest)) {
		if (count == WORDS_MAX)
			return ERR_FORMAT;
		words[count++] = word;
	}
	if (count == 0)
		return ERR_FORMAT;

	if (strcmp(words[0], "junk") == 0)
		return obey_junk(sky, words, count);
	if (strcmp(words[0], "playback") == 0)
		return obey_playback(sky, words, count);
	if (strcmp(words[0], "fair") == 0 && count == 1) {
		memset(sky->way, 0, sizeof(sky->way));
		memset(sky->junk, 0, sizeof(sky->junk));
		memset(sky->playback, 0, sizeof(sky->playback));
		return OK;
	}
	if (strcmp(words[0], "cut") == 0 || strcmp(words[0], "heal") == 0) {
		ways = read_ways(words, 1, count, &known);
		if (!known)
			return ERR_FORMAT;
		for (unsigned way = 0; way < SKY_WAYS; way++)
			if (ways & (1U << way))
				sky->way[way].cut = words[0][0] == 'c';
		return OK;
	}
	return obey_dial(sky, words, count);
}
