#include "sim/network.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

enum {
	/* So long a silence, and two slots: a post has restarted. */
	SILENCE_MS = 500,
};

static void on_phase(void *ctx, uint64_t unused);

void
network_init(struct network *network, struct world *world,
    const struct plan *plan, bool calm, network_arrive *arrive, void *ctx)
{
	*network = (struct network){
		.world = world,
		.plan = plan,
		.arrive = arrive,
		.ctx = ctx,
		.calm = calm,
		.silent = calm,
	};
	dice_init(&network->dice, plan->seed, DICE_NETWORK, 0);
	dice_init(&network->ploy_dice, plan->seed, DICE_PLOY, 0);
	for (unsigned post = 0; post < PLAN_POSTS; post++)
		recording_init(&network->recording[post],
		    plan->cadence.frame_bytes);
	if (calm)
		return;
	on_phase(network, 0);
	for (int i = 0; i < PLOY_COUNT; i++)
		ploy_init(&network->ploy[i], network, plan->ploy[i]);
}

void
network_free(struct network *network)
{
	while (network->newest != NULL) {
		struct flight *flight = network->newest;

		network->newest = flight->older;
		free(flight);
	}
	network->unused = NULL;
	for (unsigned post = 0; post < PLAN_POSTS; post++)
		recording_free(&network->recording[post]);
}

struct origin
network_origin(unsigned post)
{
	return (struct origin){ .bytes = { (uint8_t)(post + 1) }, .len = 1 };
}

/* A phase of the weather ends, the next begins. */
static void
on_phase(void *ctx, uint64_t unused)
{
	struct network *network = ctx;
	uint64_t slot_ns = cadence_slot_ns(network->plan->cadence);
	uint64_t lasts_ns;

	(void)unused;
	if (network->calm)
		return;
	memset(network->cut, 0, sizeof(network->cut));
	for (int i = 0; i < TROUBLE_COUNT; i++)
		trouble_draw((enum trouble)i, &network->trouble[i], network);
	lasts_ns = dice_spread(&network->dice, TROUBLE_PHASE_SLOTS_MIN,
		       TROUBLE_PHASE_SLOTS_MAX) *
	    slot_ns;
	world_at(network->world, network->world->now_ns + lasts_ns, on_phase,
	    network, 0);
}

static void
record(struct network *network, unsigned from, const uint8_t *bytes, size_t len)
{
	struct recording *recording = &network->recording[from];
	uint64_t silence_ns = SILENCE_MS * (uint64_t)CLOCK_NS_PER_MS +
	    2 * cadence_slot_ns(network->plan->cadence);
	size_t place = 0;

	assert(len == recording->frame_bytes);
	if (recording->count == RECORDING_FRAMES_MAX)
		place = dice_between(&network->dice, 0, recording->count - 1);
	if (!recording_add(recording, bytes, network->world->now_ns, silence_ns,
		place))
		return;
	for (int i = 0; i < PLOY_COUNT; i++)
		ploy_on_life((enum ploy)i, &network->ploy[i], network, from);
}

static unsigned
find_post(const struct origin *origin)
{
	for (unsigned post = 0; post < PLAN_POSTS; post++) {
		struct origin there = network_origin(post);

		if (origin->len == there.len &&
		    memcmp(origin->bytes, there.bytes, there.len) == 0)
			return post;
	}
	return PLAN_POSTS;
}

void
network_send(struct network *network, unsigned from, const struct origin *to,
    const uint8_t *bytes, size_t len)
{
	unsigned post = find_post(to);
	struct flight *flight;

	network->sent++;
	if (!network->calm)
		record(network, from, bytes, len);
	if (post == PLAN_POSTS)
		network->astray++;
	if (post == PLAN_POSTS && (network->calm || !network->relays))
		return;
	flight = network_new_flight(network, 1 - from, bytes, len);
	if (post == PLAN_POSTS)
		flight->from.bytes[0] = ORIGIN_STRANGER;
	for (int i = 0; i < TROUBLE_COUNT && !network->calm; i++) {
		if (trouble_apply((enum trouble)i, &network->trouble[i],
			flight))
			network->struck[i]++;
	}
	for (int i = 0; i < PLOY_COUNT && !network->calm; i++) {
		if (ploy_apply((enum ploy)i, &network->ploy[i], flight))
			network->ployed[i]++;
	}
	if (!network->silent &&
	    dice_chance(&network->dice,
		network->plan->lost_permille[flight->to]))
		flight->lost = true;
	network_launch(network, flight);
}

void
network_calm(struct network *network)
{
	network->calm = true;
	memset(network->cut, 0, sizeof(network->cut));
}

static struct flight *
flight_new(struct network *network)
{
	struct flight *flight = calloc(1, sizeof(*flight));

	if (flight == NULL)
		fatal("network: no memory");
	flight->older = network->newest;
	network->newest = flight;
	return flight;
}

struct flight *
network_new_flight(struct network *network, unsigned to, const uint8_t *bytes,
    size_t len)
{
	struct flight *flight = network->unused;

	assert(to < PLAN_POSTS && len <= FLIGHT_BYTES_MAX);
	if (flight != NULL)
		network->unused = flight->next;
	else
		flight = flight_new(network);
	flight->network = network;
	flight->len = len;
	flight->to = to;
	flight->from = network_origin(1 - to);
	flight->delay_ns = 0;
	flight->lost = false;
	flight->held = false;
	memcpy(flight->bytes, bytes, len);
	return flight;
}

static void
flight_end(struct flight *flight)
{
	flight->next = flight->network->unused;
	flight->network->unused = flight;
}

static void
on_arrival(void *ctx, uint64_t unused)
{
	struct flight *flight = ctx;
	struct network *network = flight->network;
	uint64_t again_ns = 0;

	(void)unused;
	if (!flight->held || !network->calm)
		again_ns = network->arrive(network->ctx, flight->to,
		    flight->bytes, flight->len, &flight->from);
	if (again_ns > 0)
		world_at(network->world, again_ns, on_arrival, flight, 0);
	else
		flight_end(flight);
}

void
network_launch(struct network *network, struct flight *flight)
{
	uint64_t delay_ns = network->plan->delay_ns + flight->delay_ns;

	if (flight->lost || network->cut[flight->to]) {
		flight_end(flight);
		return;
	}
	if (network->plan->jitter_ns > 0)
		delay_ns +=
		    dice_between(&network->dice, 0, network->plan->jitter_ns);
	world_at(network->world, network->world->now_ns + delay_ns, on_arrival,
	    flight, 0);
}

const uint8_t *
network_recall(struct network *network, unsigned from)
{
	const struct recording *recording = &network->recording[from];
	size_t oldest = 0;

	if (recording->count == 0)
		return NULL;
	if (dice_chance(&network->dice, 500) &&
	    recording->count > RECALL_RECENT_MAX)
		oldest = recording->count - RECALL_RECENT_MAX;
	return recording_frame(recording,
	    dice_between(&network->dice, oldest, recording->count - 1));
}
