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

static void
road_init(struct network *network)
{
	const struct plan *plan = network->plan;

	dice_init(&network->dice, plan->seed, DICE_NETWORK, network->road);
	dice_init(&network->ploy_dice, plan->seed, DICE_PLOY,
	    2 * network->road);
	for (unsigned post = 0; post < PLAN_POSTS; post++)
		recording_init(&network->recording[post],
		    plan_frame_bytes_max(plan));
	if (network->calm)
		return;
	on_phase(network, 0);
	for (int i = 0; i < PLOY_COUNT; i++)
		ploy_init(&network->ploy[i], network,
		    plan->road[network->road].ploy[i]);
}

void
network_init(struct network roads[PLAN_ROADS_MAX], struct world *world,
    const struct plan *plan, bool calm, network_arrive *arrive, void *ctx)
{
	for (unsigned i = 0; i < plan->roads; i++)
		roads[i] = (struct network){
			.world = world,
			.plan = plan,
			.roads = roads,
			.road = i,
			.arrive = arrive,
			.ctx = ctx,
			.calm = calm,
			.silent = calm,
		};
	for (unsigned i = 0; i < plan->roads; i++)
		road_init(&roads[i]);
}

static void
road_free(struct network *network)
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

void
network_free(struct network roads[PLAN_ROADS_MAX])
{
	for (unsigned i = 0; i < PLAN_ROADS_MAX; i++)
		road_free(&roads[i]);
}

struct origin
network_origin(const struct network *network, unsigned post)
{
	if (post == network->plan->single)
		network = &network->roads[0];
	return (struct origin){
		.bytes = { (uint8_t)(post + 1), (uint8_t)network->road,
		    (uint8_t)(network->moves[post] >> 8),
		    (uint8_t)network->moves[post] },
		.len = 4,
	};
}

void
network_move(struct network *network, unsigned post)
{
	assert(post != network->plan->single);
	network->moves[post]++;
}

void
network_cut_off(struct network roads[PLAN_ROADS_MAX], unsigned post,
    uint64_t until_ns)
{
	for (unsigned i = 0; i < roads->plan->roads; i++)
		roads[i].cut_off_until_ns[post] = until_ns;
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

	if (recording->count == RECORDING_FRAMES_MAX)
		place = dice_between(&network->dice, 0, recording->count - 1);
	if (!recording_add(recording, bytes, len, network->world->now_ns,
		silence_ns, place))
		return;
	for (int i = 0; i < PLOY_COUNT; i++)
		ploy_on_life((enum ploy)i, &network->ploy[i], network, from);
}

static bool
origins_are_equal(const struct origin *a, const struct origin *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* Whether the peer is there now, on whatever road. */
static bool
is_at(const struct network *network, const struct origin *at, unsigned peer)
{
	for (unsigned i = 0; i < network->plan->roads; i++) {
		struct origin there = network_origin(&network->roads[i], peer);

		if (origins_are_equal(at, &there))
			return true;
	}
	return false;
}

static bool
is_cut_off(const struct network *network)
{
	for (unsigned post = 0; post < PLAN_POSTS; post++) {
		if (!network->calm &&
		    network->world->now_ns < network->cut_off_until_ns[post])
			return true;
	}
	return false;
}

/* A road leads from the sender's end of it, or else from the peer's to the one
 * path that the sender has. */
static struct network *
road_of(struct network *network, const struct origin *to, unsigned peer)
{
	unsigned road = to->bytes[1];

	if (to->bytes[0] == peer + 1 && road > network->road)
		return &network->roads[road];
	return network;
}

void
network_send(struct network *network, unsigned from, const struct origin *to,
    const uint8_t *bytes, size_t len)
{
	struct origin source = network_origin(network, from);
	bool arrives = is_at(network, to, 1 - from);
	struct flight *flight;

	network = road_of(network, to, 1 - from);
	network->sent++;
	if (!network->calm)
		record(network, from, bytes, len);
	if (!arrives)
		network->astray++;
	if (!arrives &&
	    (network->calm || !network->relays ||
		to->bytes[0] != ORIGIN_STRANGER))
		return;
	flight = network_new_flight(network, 1 - from, bytes, len);
	flight->from = source;
	if (arrives)
		flight->at = *to;
	else
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
		network->plan->road[network->road].lost_permille[flight->to]))
		flight->lost = true;
	network_launch(network, flight);
}

void
network_calm(struct network roads[PLAN_ROADS_MAX])
{
	for (unsigned i = 0; i < roads->plan->roads; i++) {
		roads[i].calm = true;
		memset(roads[i].cut, 0, sizeof(roads[i].cut));
	}
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
	flight->at = network_origin(network, to);
	flight->from = network_origin(network, 1 - to);
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
	if ((!flight->held || !network->calm) && !network->cut[flight->to])
		again_ns = network->arrive(network->ctx, flight);
	if (again_ns > 0)
		world_at(network->world, again_ns, on_arrival, flight, 0);
	else
		flight_end(flight);
}

void
network_launch(struct network *network, struct flight *flight)
{
	const struct plan_road *road = &network->plan->road[network->road];
	uint64_t delay_ns = road->delay_ns + flight->delay_ns;

	if (flight->lost || network->cut[flight->to] || is_cut_off(network)) {
		flight_end(flight);
		return;
	}
	if (road->jitter_ns > 0)
		delay_ns += dice_between(&network->dice, 0, road->jitter_ns);
	world_at(network->world, network->world->now_ns + delay_ns, on_arrival,
	    flight, 0);
}

const struct recorded *
network_recall(struct network *network, unsigned from)
{
	const struct network *road = network;
	const struct recording *recording;
	size_t oldest = 0;

	if (network->plan->roads > 1)
		road = &network->roads[dice_between(&network->dice, 0,
		    network->plan->roads - 1)];
	recording = &road->recording[from];
	if (recording->count == 0)
		return NULL;
	if (dice_chance(&network->dice, 500) &&
	    recording->count > RECALL_RECENT_MAX)
		oldest = recording->count - RECALL_RECENT_MAX;
	return recording_frame(recording,
	    dice_between(&network->dice, oldest, recording->count - 1));
}
