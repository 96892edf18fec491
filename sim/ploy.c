#include "sim/ploy.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "sim/network.h"

enum {
	EVERY_MAX = 16,
	/* Frames of a start in which a handshake takes place. */
	START_FRAMES = 64,
	SPLICED_PERMILLE = 500,
	/* How much later the frame comes that was overtaken. */
	OVERTAKEN_US_MAX = 5000,
};

static struct dice *
dice_of(struct network *network)
{
	return &network->ploy_dice;
}

static bool
is_its(const struct ploy_state *state, const struct flight *flight)
{
	return state->side == PLAN_POSTS || state->side == 1 - flight->to;
}

static void
send(struct network *network, const uint8_t *frame, size_t len, unsigned to,
    bool elsewhere)
{
	struct flight *flight = network_new_flight(network, to, frame, len);

	if (elsewhere)
		flight->from.bytes[0] = ORIGIN_STRANGER;
	network_launch(network, flight);
}

/* The next frames of a stretch of the past, of whoever sent them. */
static bool
send_past(struct ploy_state *state, struct network *network, unsigned from)
{
	const struct recording *recording = &network->recording[from];
	unsigned to = state->target == PLAN_POSTS ? 1 - from : state->target;
	unsigned i = 0;

	for (; i < state->rate && state->next < state->last; i++) {
		const struct recorded *old =
		    recording_frame(recording, state->next++);

		if (old == NULL)
			break;
		send(network, old->bytes, old->len, to, state->elsewhere);
	}
	return i > 0;
}

static void
hold_until(struct flight *flight, uint64_t until_ns)
{
	uint64_t now_ns = flight->network->world->now_ns;

	if (until_ns > now_ns)
		flight->delay_ns += until_ns - now_ns;
	flight->held = true;
}

/* --- past boots --- */

/* A life of the side's, from its first frame, or the peer's frames of then. */
static void
past_boots_begin(struct ploy_state *state, struct network *network)
{
	const struct recording *of = &network->recording[state->side];
	size_t life;

	state->last = state->next = 0;
	if (of->lives < 2)
		return;
	life = dice_between(dice_of(network), 0, of->lives - 2);
	state->next = of->life[life];
	/* What the peer said then may be told to the post that boots. */
	if (state->manner % 2 == 1) {
		state->next =
		    recording_find(&network->recording[1 - state->side],
			recording_frame(of, of->life[life])->at_ns);
		state->side = 1 - state->side;
	}
	state->last = state->next +
	    dice_spread(dice_of(network), 2, 4 * (uint64_t)START_FRAMES);
}

static bool
past_boots_apply(struct ploy_state *state, struct flight *flight)
{
	if (state->next >= state->last)
		return false;
	return send_past(state, flight->network, state->side);
}

/* --- reruns --- */

static void
reruns_begin(struct ploy_state *state, struct network *network)
{
	size_t count;

	if (state->side == PLAN_POSTS)
		state->side = (unsigned)dice_between(dice_of(network), 0, 1);
	count = network->recording[state->side].count;
	state->next = dice_between(dice_of(network), 0, count);
	state->last = count;
}

static bool
reruns_apply(struct ploy_state *state, struct flight *flight)
{
	return send_past(state, flight->network, state->side);
}

/* --- holds --- */

static bool
holds_apply(struct ploy_state *state, struct flight *flight)
{
	struct network *network = flight->network;
	uint64_t left_ns = state->end_ns - network->world->now_ns;

	if (!is_its(state, flight))
		return false;
	switch (state->manner) {
	case 0: /* As they came. */
		hold_until(flight, state->end_ns);
		break;
	case 1: /* The last first. */
		hold_until(flight, state->end_ns + left_ns);
		break;
	default: /* Shuffled. */
		hold_until(flight,
		    state->end_ns + dice_between(dice_of(network), 0, left_ns));
		break;
	}
	return true;
}

static bool
holds_some_apply(struct ploy_state *state, struct flight *flight)
{
	if (!is_its(state, flight) || state->count++ % state->every != 0)
		return false;
	return holds_apply(state, flight);
}

/* --- what does not arrive --- */

static bool
sieves_apply(struct ploy_state *state, struct flight *flight)
{
	bool nth;

	if (!is_its(state, flight))
		return false;
	nth = state->count++ % state->every == 0;
	flight->lost |= state->manner == 0 ? nth : !nth;
	return flight->lost;
}

static bool
deafens_apply(struct ploy_state *state, struct flight *flight)
{
	if (!is_its(state, flight))
		return false;
	flight->lost = true;
	return true;
}

static void
starves_begin(struct ploy_state *state, struct network *network)
{
	state->next = dice_between(dice_of(network), 0, START_FRAMES);
	state->last =
	    state->next + dice_between(dice_of(network), 1, START_FRAMES / 2);
}

static bool
starves_apply(struct ploy_state *state, struct flight *flight)
{
	if (!is_its(state, flight))
		return false;
	state->count++;
	if (state->count <= state->next || state->count > state->last)
		return false;
	flight->lost = true;
	return true;
}

/* --- what is changed --- */

static bool
splices_apply(struct ploy_state *state, struct flight *flight)
{
	struct network *network = flight->network;
	struct dice *dice = dice_of(network);
	const struct recording *recording = &network->recording[1 - flight->to];
	const struct recorded *other;
	size_t half, len, bit;

	if (!is_its(state, flight) || flight->len < FRAME_NONCE_BYTES ||
	    !dice_chance(dice, SPLICED_PERMILLE))
		return false;
	other = recording_frame(recording,
	    dice_between(dice, 0, recording->count - 1));
	assert(other != NULL);
	len = flight->len < other->len ? flight->len : other->len;
	half = len / 2;
	switch (dice_between(dice, 0, 3)) {
	case 0: /* The nonce of the one, the rest of the other. */
		memcpy(flight->bytes, other->bytes, FRAME_NONCE_BYTES);
		break;
	case 1:
		memcpy(flight->bytes, other->bytes, half);
		break;
	case 2:
		memcpy(flight->bytes + half, other->bytes + half, len - half);
		break;
	default:
		bit = dice_between(dice, 0, flight->len * 8 - 1);
		flight->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		break;
	}
	return true;
}

static bool
mirrors_apply(struct ploy_state *state, struct flight *flight)
{
	if (!is_its(state, flight))
		return false;
	send(flight->network, flight->bytes, flight->len, 1 - flight->to,
	    state->elsewhere);
	/* Beside the frame, or in its place. */
	flight->lost |= state->manner == 0;
	return true;
}

static bool
overtakes_apply(struct ploy_state *state, struct flight *flight)
{
	struct network *network = flight->network;

	if (!is_its(state, flight))
		return false;
	send(network, flight->bytes, flight->len, flight->to, true);
	flight->delay_ns += network->plan->road[network->road].jitter_ns +
	    dice_spread(dice_of(network), 1, OVERTAKEN_US_MAX) *
		CLOCK_NS_PER_US;
	/* Whoever answers to there is heard, or is not. */
	network->relays = state->manner == 0;
	return true;
}

static bool
switches_apply(struct ploy_state *state, struct flight *flight)
{
	struct network *network = flight->network;
	const struct recording *recording = &network->recording[1 - flight->to];
	const struct recorded *old;

	if (!is_its(state, flight) || state->count++ % state->every != 0)
		return false;
	if (state->next >= recording->count)
		state->next =
		    dice_between(dice_of(network), 0, recording->count - 1);
	old = recording_frame(recording, state->next++);
	memcpy(flight->bytes, old->bytes, old->len);
	flight->len = old->len;
	return true;
}

static const struct {
	const char *name;
	unsigned permille; /* of seeds */
	bool
	    with_each_life; /* begins with a life of a post, else at any time */
	void (*begin)(struct ploy_state *state, struct network *network);
	bool (*apply)(struct ploy_state *state, struct flight *flight);
} ploy_table[PLOY_COUNT] = {
	[PLOY_PAST_BOOTS] = { "past boots", 350, true, past_boots_begin,
	    past_boots_apply },
	[PLOY_RERUNS] = { "reruns", 200, false, reruns_begin, reruns_apply },
	[PLOY_HOLDS] = { "holds", 200, false, NULL, holds_apply },
	[PLOY_HOLDS_SOME] = { "holds some", 200, false, NULL,
	    holds_some_apply },
	[PLOY_SIEVES] = { "sieves", 200, false, NULL, sieves_apply },
	[PLOY_DEAFENS] = { "deafens", 200, false, NULL, deafens_apply },
	[PLOY_STARVES] = { "starves", 250, true, starves_begin, starves_apply },
	[PLOY_SPLICES] = { "splices", 150, false, NULL, splices_apply },
	[PLOY_MIRRORS] = { "mirrors", 150, false, NULL, mirrors_apply },
	[PLOY_OVERTAKES] = { "overtakes", 200, false, NULL, overtakes_apply },
	[PLOY_SWITCHES] = { "switches", 150, false, NULL, switches_apply },
};

const char *
ploy_name(enum ploy ploy)
{
	assert(ploy < PLOY_COUNT);
	return ploy_table[ploy].name;
}

static uint64_t
draw_slots_ns(struct network *network, uint64_t least, uint64_t most)
{
	return dice_spread(dice_of(network), least, most) *
	    cadence_slot_ns(network->plan->cadence);
}

static void
wait_gap(struct ploy_state *state, struct network *network)
{
	state->active = false;
	state->end_ns = network->world->now_ns +
	    draw_slots_ns(network, 1, PLOY_GAP_SLOTS_MAX);
}

bool
ploy_draw(enum ploy ploy, struct dice *dice)
{
	assert(ploy < PLOY_COUNT);
	return dice_chance(dice, ploy_table[ploy].permille);
}

void
ploy_init(struct ploy_state *state, struct network *network, bool has)
{
	*state = (struct ploy_state){ .has = has };
	wait_gap(state, network);
}

static void
begin(enum ploy ploy, struct ploy_state *state, struct network *network,
    unsigned side)
{
	struct dice *dice = dice_of(network);

	state->active = true;
	state->end_ns = network->world->now_ns +
	    draw_slots_ns(network, PLOY_EPISODE_SLOTS_MIN,
		PLOY_EPISODE_SLOTS_MAX);
	state->side = side;
	state->target = (unsigned)dice_between(dice, 0, PLAN_POSTS);
	state->rate = (unsigned)dice_between(dice, 1, PLOY_RATE_MAX);
	state->every = (unsigned)dice_between(dice, 2, EVERY_MAX);
	state->count = 0;
	state->next = 0;
	state->elsewhere = dice_chance(dice, 400);
	state->manner = (unsigned)dice_between(dice, 0, 2);
	if (ploy_table[ploy].begin != NULL)
		ploy_table[ploy].begin(state, network);
}

void
ploy_on_life(enum ploy ploy, struct ploy_state *state, struct network *network,
    unsigned post)
{
	assert(ploy < PLOY_COUNT);
	if (!state->has || !ploy_table[ploy].with_each_life)
		return;
	/* Aimed at the one who begins; when starving, at either. */
	if (ploy == PLOY_STARVES && dice_chance(dice_of(network), 500))
		post = 1 - post;
	begin(ploy, state, network, post);
}

bool
ploy_apply(enum ploy ploy, struct ploy_state *state, struct flight *flight)
{
	struct network *network = flight->network;

	assert(ploy < PLOY_COUNT);
	if (!state->has)
		return false;
	if (network->world->now_ns >= state->end_ns && state->active)
		wait_gap(state, network);
	else if (network->world->now_ns >= state->end_ns &&
	    !ploy_table[ploy].with_each_life)
		begin(ploy, state, network,
		    (unsigned)dice_between(dice_of(network), 0, PLAN_POSTS));
	return state->active && ploy_table[ploy].apply(state, flight);
}
