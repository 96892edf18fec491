#include "sim/plan.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "limits.h"
#include "sim/dice.h"

/* A rekey comes every max(120 s, 120 slots): a long run sees several. */
enum { LONG_SECONDS_MIN = 300, LONG_SECONDS_MAX = 1500 };

enum {
	INCIDENTS_OF_KIND_MAX = PLAN_INCIDENTS_MAX / INCIDENT_COUNT,
	/* A boot takes less. */
	FOLLOWER_SLOTS = 64,
};

static const struct {
	const char *name;
	uint64_t duration_ns;
	/* One in so many slots, on average; and at least so many seconds. */
	unsigned slots;
	unsigned seconds;
} incident_table[INCIDENT_COUNT] = {
	[INCIDENT_DESK_LOST] = { "desk lost", 0, 3000, 5 },
	[INCIDENT_KEEPER_LOST] = { "keeper lost", 400 * CLOCK_NS_PER_MS, 1500,
	    5 },
	[INCIDENT_POST_LOST] = { "post lost", 2500 * (uint64_t)CLOCK_NS_PER_MS,
	    2500, 20 },
};

uint64_t
incident_duration_ns(enum incident_kind kind)
{
	return incident_table[kind].duration_ns;
}

const char *
incident_name(enum incident_kind kind)
{
	return incident_table[kind].name;
}

static struct cadence
draw_cadence(struct dice *dice)
{
	static const char *const named[] = { "trickle", "talk", "desk",
		"bulk" };
	struct cadence cadence;
	int rc;

	if (dice_chance(dice, 600)) {
		rc = cadence_parse(&cadence, named[dice_between(dice, 0, 3)]);
		assert(rc == OK);
		return cadence;
	}
	cadence.frame_bytes =
	    (uint16_t)dice_between(dice, FRAME_BYTES_MIN, FRAME_BYTES_MAX);
	cadence.slot_us = (uint32_t)dice_spread(dice, SLOT_US_MIN, SLOT_US_MAX);
	return cadence;
}

static uint64_t
draw_slots(struct dice *dice, struct cadence cadence)
{
	uint64_t slots = dice_spread(dice, PLAN_SLOTS_MIN, PLAN_SLOTS_MAX);
	uint64_t slots_long;

	if (dice_chance(dice, 700))
		return slots;
	slots_long = dice_between(dice, LONG_SECONDS_MIN, LONG_SECONDS_MAX) *
	    CLOCK_NS_PER_S / cadence_slot_ns(cadence);
	if (slots_long > PLAN_SLOTS_LONG_MAX)
		slots_long = PLAN_SLOTS_LONG_MAX;
	return slots_long > slots ? slots_long : slots;
}

static int
compare_incidents(const void *a, const void *b)
{
	const struct incident *left = a, *right = b;

	if (left->at_ns != right->at_ns)
		return left->at_ns < right->at_ns ? -1 : 1;
	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	return left->post < right->post ? -1 : left->post > right->post;
}

static void
add_incident(struct plan *plan, struct dice *dice, enum incident_kind kind,
    uint64_t at_ns)
{
	if (plan->incidents == PLAN_INCIDENTS_MAX || at_ns >= plan->quiet_ns)
		return;
	plan->incident[plan->incidents++] = (struct incident){
		.kind = kind,
		.post = (unsigned)dice_between(dice, 0, PLAN_POSTS - 1),
		.at_ns = at_ns,
	};
}

/* Misfortunes come in rows: while a post that was lost boots again, another room
 * is lost, most of all in the moments of the handshake. */
static void
add_follower(struct plan *plan, struct dice *dice, uint64_t back_ns)
{
	uint64_t most_ns = FOLLOWER_SLOTS * cadence_slot_ns(plan->cadence) +
	    2 * (plan->delay_ns + plan->jitter_ns);

	add_incident(plan, dice,
	    dice_chance(dice, 600) ? INCIDENT_KEEPER_LOST : INCIDENT_POST_LOST,
	    back_ns + dice_spread(dice, 10 * CLOCK_NS_PER_US, most_ns));
}

static void
draw_incidents(struct plan *plan, struct dice *dice, enum incident_kind kind)
{
	uint64_t span_ns = plan->quiet_ns - plan->start_ns;
	uint64_t every_ns =
	    incident_table[kind].slots * cadence_slot_ns(plan->cadence);
	uint64_t least_ns =
	    (uint64_t)CLOCK_NS_PER_S * incident_table[kind].seconds;
	uint64_t most = INCIDENTS_OF_KIND_MAX, count;

	if (every_ns < least_ns)
		every_ns = least_ns;
	if (2 * span_ns / every_ns < most)
		most = 2 * span_ns / every_ns;
	count = dice_between(dice, 0, most);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t at_ns =
		    dice_between(dice, plan->start_ns, plan->quiet_ns - 1);

		add_incident(plan, dice, kind, at_ns);
		while (kind == INCIDENT_POST_LOST && dice_chance(dice, 400))
			add_follower(plan, dice,
			    at_ns + incident_duration_ns(kind));
	}
}

void
plan_draw(struct plan *plan, uint64_t seed, double hours)
{
	struct dice dice;
	uint64_t slots, slot_ns, delay_ns;

	*plan = (struct plan){ .seed = seed };
	dice_init(&dice, seed, DICE_PLAN, 0);
	plan->cadence = draw_cadence(&dice);
	slot_ns = cadence_slot_ns(plan->cadence);
	slots = draw_slots(&dice, plan->cadence);
	plan->learner = PLAN_NO_LEARNER;
	if (dice_chance(&dice, 300))
		plan->learner = (unsigned)dice_between(&dice, 0, 1);
	/* Machines have been up for minutes or for years. */
	plan->start_ns = dice_spread(&dice, 2 * PLAN_RITE_NS,
	    (uint64_t)CLOCK_NS_PER_S << 27);
	delay_ns =
	    dice_spread(&dice, 50 * CLOCK_NS_PER_US, 300 * CLOCK_NS_PER_MS);
	plan->delay_ns = delay_ns;
	plan->jitter_ns = dice_between(&dice, 0, delay_ns / 4);
	plan->quiet_ns = plan->start_ns + slots * slot_ns;
	if (hours > 0)
		plan->quiet_ns =
		    plan->start_ns + (uint64_t)(hours * 3600 * CLOCK_NS_PER_S);
	for (int kind = 0; kind < INCIDENT_COUNT; kind++)
		draw_incidents(plan, &dice, (enum incident_kind)kind);
	qsort(plan->incident, plan->incidents, sizeof(plan->incident[0]),
	    compare_incidents);
}

uint64_t
plan_slots(const struct plan *plan)
{
	return (plan->quiet_ns - plan->start_ns) /
	    cadence_slot_ns(plan->cadence);
}
