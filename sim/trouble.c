#include "sim/trouble.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "sim/network.h"

enum {
	CORRUPT_BITS_MAX = 8,
	LOSS_BURST_MAX = 40,
	COPIES_MAX = 3,
};

static uint64_t
draw_delay_ns(struct network *network)
{
	uint64_t slot_ns = cadence_slot_ns(network->plan->cadence);
	uint64_t most_ns = slot_ns * TROUBLE_DELAY_SLOTS_MAX;

	if (most_ns > (uint64_t)TROUBLE_DELAY_MS_MAX * CLOCK_NS_PER_MS)
		most_ns = (uint64_t)TROUBLE_DELAY_MS_MAX * CLOCK_NS_PER_MS;
	return dice_spread(&network->dice, CLOCK_NS_PER_US, most_ns);
}

static void
cuts_draw(struct trouble_state *state, struct network *network)
{
	uint64_t which = dice_between(&network->dice, 0, 2);

	(void)state;
	for (unsigned post = 0; post < PLAN_POSTS; post++)
		network->cut[post] = which == 2 || which == post;
}

static bool
cuts_apply(struct trouble_state *state, struct flight *flight)
{
	(void)state;
	return flight->network->cut[flight->to];
}

static void
loses_draw(struct trouble_state *state, struct network *network)
{
	state->permille = (unsigned)dice_spread(&network->dice, 1, 500);
	state->ns = dice_chance(&network->dice, 300); /* in bursts? */
	state->left = 0;
}

static bool
loses_apply(struct trouble_state *state, struct flight *flight)
{
	struct dice *dice = &flight->network->dice;

	if (state->left > 0)
		state->left--;
	else if (!dice_chance(dice, state->permille))
		return false;
	else if (state->ns != 0)
		state->left = (unsigned)dice_between(dice, 1, LOSS_BURST_MAX);
	flight->lost = true;
	return true;
}

static void
rate_draw(struct trouble_state *state, struct network *network)
{
	state->permille = (unsigned)dice_spread(&network->dice, 1, 300);
	state->ns = draw_delay_ns(network);
}

static bool
corrupts_apply(struct trouble_state *state, struct flight *flight)
{
	struct dice *dice = &flight->network->dice;
	uint64_t bits;

	if (!dice_chance(dice, state->permille))
		return false;
	switch (dice_between(dice, 0, 5)) {
	case 0:
		flight->len = dice_between(dice, 0, flight->len - 1);
		break;
	case 1: /* Grows by a byte that is still there from before. */
		flight->bytes[flight->len++] = 0;
		break;
	default:
		bits = dice_between(dice, 1, CORRUPT_BITS_MAX);
		for (uint64_t i = 0; i < bits; i++) {
			uint64_t bit =
			    dice_between(dice, 0, flight->len * 8 - 1);

			flight->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		break;
	}
	return true;
}

static bool
duplicates_apply(struct trouble_state *state, struct flight *flight)
{
	struct network *network = flight->network;
	struct flight *copy;
	uint64_t copies;

	if (!dice_chance(&network->dice, state->permille))
		return false;
	copies = dice_between(&network->dice, 1, COPIES_MAX);
	for (uint64_t i = 0; i < copies; i++) {
		copy = network_new_flight(network, flight->to, flight->bytes,
		    flight->len);
		copy->delay_ns = dice_between(&network->dice, 0, state->ns);
		network_launch(network, copy);
	}
	return true;
}

static void
delays_draw(struct trouble_state *state, struct network *network)
{
	state->permille = dice_chance(&network->dice, 500)
	    ? 1000
	    : (unsigned)dice_spread(&network->dice, 1, 300);
	state->ns = draw_delay_ns(network);
}

static bool
delays_apply(struct trouble_state *state, struct flight *flight)
{
	if (!dice_chance(&flight->network->dice, state->permille))
		return false;
	flight->delay_ns += state->ns;
	return true;
}

static bool
reorders_apply(struct trouble_state *state, struct flight *flight)
{
	struct dice *dice = &flight->network->dice;

	if (!dice_chance(dice, state->permille))
		return false;
	flight->delay_ns += dice_between(dice, 0, state->ns);
	return true;
}

/* The network knows no session, so that old frames come from wherever suits the
 * attacker: from the post they were stolen from, or from elsewhere. */
static void
launch_old(struct network *network, unsigned from, unsigned to)
{
	const struct recorded *old = network_recall(network, from);
	struct flight *flight;

	if (old == NULL)
		return;
	flight = network_new_flight(network, to, old->bytes, old->len);
	if (dice_chance(&network->dice, 300))
		flight->from.bytes[0] = ORIGIN_STRANGER;
	network_launch(network, flight);
}

static bool
replays_apply(struct trouble_state *state, struct flight *flight)
{
	struct network *network = flight->network;

	if (!dice_chance(&network->dice, state->permille))
		return false;
	launch_old(network, 1 - flight->to, flight->to);
	return true;
}

static bool
reflects_apply(struct trouble_state *state, struct flight *flight)
{
	struct network *network = flight->network;
	unsigned sender = 1 - flight->to;

	if (!dice_chance(&network->dice, state->permille))
		return false;
	launch_old(network, sender, sender);
	return true;
}

static bool
injects_apply(struct trouble_state *state, struct flight *flight)
{
	struct network *network = flight->network;
	uint8_t junk[FLIGHT_BYTES_MAX];
	struct flight *extra;
	size_t len = network->plan->cadence.frame_bytes;

	if (!dice_chance(&network->dice, state->permille))
		return false;
	if (dice_chance(&network->dice, 200))
		len = dice_between(&network->dice, 0, sizeof(junk));
	rng_fill(dice_rng(&network->dice), junk, len);
	extra = network_new_flight(network,
	    (unsigned)dice_between(&network->dice, 0, 1), junk, len);
	if (dice_chance(&network->dice, 500))
		extra->from.bytes[0] = ORIGIN_STRANGER;
	network_launch(network, extra);
	return true;
}

/* It comes by another of the post's paths than the one it was sent to. */
static bool
strays_apply(struct trouble_state *state, struct flight *flight)
{
	struct network *network = flight->network;
	unsigned roads = network->plan->roads;

	if (roads == 1 || !dice_chance(&network->dice, state->permille))
		return false;
	flight->at = network_origin(&network->roads[dice_between(&network->dice,
					0, roads - 1)],
	    flight->to);
	return true;
}

static const struct {
	const char *name;
	unsigned phases_permille; /* in how many phases it is there */
	void (*draw)(struct trouble_state *state, struct network *network);
	bool (*apply)(struct trouble_state *state, struct flight *flight);
} trouble_table[TROUBLE_COUNT] = {
	[TROUBLE_CUTS] = { "cuts", 120, cuts_draw, cuts_apply },
	[TROUBLE_LOSES] = { "loses", 400, loses_draw, loses_apply },
	[TROUBLE_CORRUPTS] = { "corrupts", 200, rate_draw, corrupts_apply },
	[TROUBLE_DUPLICATES] = { "duplicates", 250, rate_draw,
	    duplicates_apply },
	[TROUBLE_DELAYS] = { "delays", 250, delays_draw, delays_apply },
	[TROUBLE_REORDERS] = { "reorders", 250, rate_draw, reorders_apply },
	[TROUBLE_REPLAYS] = { "replays", 250, rate_draw, replays_apply },
	[TROUBLE_REFLECTS] = { "reflects", 200, rate_draw, reflects_apply },
	[TROUBLE_INJECTS] = { "injects", 150, rate_draw, injects_apply },
	[TROUBLE_STRAYS] = { "strays", 200, rate_draw, strays_apply },
};

const char *
trouble_name(enum trouble trouble)
{
	assert(trouble < TROUBLE_COUNT);
	return trouble_table[trouble].name;
}

void
trouble_draw(enum trouble trouble, struct trouble_state *state,
    struct network *network)
{
	assert(trouble < TROUBLE_COUNT);
	*state = (struct trouble_state){
		.active = dice_chance(&network->dice,
			      trouble_table[trouble].phases_permille) &&
		    pick_has(network->plan->pick,
			PICK_TROUBLE + network->road * PICK_ROAD_STRIDE +
			    trouble),
	};
	if (state->active)
		trouble_table[trouble].draw(state, network);
}

bool
trouble_apply(enum trouble trouble, struct trouble_state *state,
    struct flight *flight)
{
	assert(trouble < TROUBLE_COUNT);
	return state->active && trouble_table[trouble].apply(state, flight);
}
