#include "sim/plan.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "limits.h"
#include "sim/dice.h"
#include "sim/timepiece.h"

/* A rekey comes every max(120 s, 120 slots): a long run sees several. */
enum { LONG_PERMILLE = 24, LONG_SECONDS_MIN = 300, LONG_SECONDS_MAX = 1500 };

enum {
	INCIDENTS_OF_KIND_MAX = PLAN_INCIDENTS_MAX / INCIDENT_COUNT,
	/* A boot takes less. */
	FOLLOWER_SLOTS = 64,
	STEP_MAX = 40,
	WINDOW_MS_MAX = 4000,
	BOTH_PERMILLE = 200,
	BROKEN_CLOCK_PERMILLE = 150,
	LOSSY_PERMILLE = 80,
	LOST_PERMILLE_MIN = 400,
	LOST_PERMILLE_MAX = 600,
	BACKUP_PERMILLE = 80,
	LIAR_PERMILLE = 160,
	CLONE_SLOTS_MAX = 160,
	CLONE_AHEAD_NS_MAX = 1000000,
	STOP_MS_MIN = 5,
	STALLED_S_MAX = 30,
	STALLED_SLOTS_MAX = 400,
	SUSPENDED_S_MAX = 3 * 3600,
	SUSPENDED_SLOTS_MAX = 1500,
	CUT_OFF_S_MAX = 3600,
	CUT_OFF_SLOTS_MAX = 600,
	CHANGES_PERMILLE = 150,
	TERMS_ACTS_MIN = 4,
	TWO_ROADS_PERMILLE = 300,
	THREE_ROADS_PERMILLE = 80,
	SINGLE_PERMILLE = 150,
	ROAMS_PERMILLE = 200,
	MOVER_PERMILLE = 250,
	/* Of one post, on average. */
	ACTS_MIN = 8,
	ACTS_MAX = 96,
	POINTS_PERMILLE = 500,
	POINTS_ACTS_MIN = 4,
};

/* An hour, or ten years, either way. */
#define JUMP_MS_MIN ((uint64_t)3600 * 1000)
#define JUMP_MS_MAX ((uint64_t)10 * 365 * 24 * 3600 * 1000)

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
	[INCIDENT_POWER_LOST] = { "power lost",
	    2500 * (uint64_t)CLOCK_NS_PER_MS, 4000, 20 },
	[INCIDENT_SYNC_FAILS] = { "sync fails", 0, 5000, 10 },
	[INCIDENT_READ_FAILS] = { "read fails", 0, 7000, 10 },
	[INCIDENT_DISK_FULL] = { "disk full", 8 * (uint64_t)CLOCK_NS_PER_S,
	    5000, 60 },
	[INCIDENT_SUSPENDED] = { "suspended", 0, 6000, 60 },
	[INCIDENT_STALLED] = { "stalled", 0, 4000, 20 },
	[INCIDENT_WALL_JUMPS] = { "wall clock jumps", 0, 3000, 20 },
	/* Of few seeds, once: see draw_liar. */
	[INCIDENT_RESTORED] = { "restored", 2500 * (uint64_t)CLOCK_NS_PER_MS, 0,
	    0 },
	[INCIDENT_LIES] = { "lies", 2500 * (uint64_t)CLOCK_NS_PER_MS, 0, 0 },
	[INCIDENT_CLONED] = { "resumed twice", 0, 30000, 60 },
	[INCIDENT_PATH_CLOSED] = { "path closed", 0, 2500, 10 },
	[INCIDENT_MOVED] = { "moved", 0, 2500, 10 },
	[INCIDENT_CUT_OFF] = { "cut off", 0, 6000, 20 },
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
	static const struct {
		const char *name;
		unsigned permille;
	} named[] = { { "trickle", 260 }, { "talk", 200 }, { "desk", 100 },
		{ "bulk", 90 } };
	uint64_t drawn = dice_between(dice, 0, 999);
	uint64_t least_us = SLOT_US_MIN;
	struct cadence cadence;
	int rc;

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		if (drawn >= named[i].permille) {
			drawn -= named[i].permille;
			continue;
		}
		rc = cadence_parse(&cadence, named[i].name);
		assert(rc == OK);
		return cadence;
	}
	if (dice_chance(dice, 300))
		least_us = PLAN_SLOW_US;
	cadence.frame_bytes =
	    (uint16_t)dice_between(dice, FRAME_BYTES_MIN, FRAME_BYTES_MAX);
	cadence.slot_us = (uint32_t)dice_spread(dice, least_us, SLOT_US_MAX);
	return cadence;
}

static uint64_t
draw_slots(struct dice *dice, struct cadence cadence)
{
	uint64_t slots = dice_spread(dice, PLAN_SLOTS_MIN, PLAN_SLOTS_MAX);
	uint64_t slots_long;

	if (cadence.slot_us >= PLAN_SLOW_US)
		return dice_spread(dice, PLAN_SLOTS_SLOW_MIN,
		    PLAN_SLOTS_SLOW_MAX);
	if (!dice_chance(dice, LONG_PERMILLE))
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

/* No longer than a run can bear: the peer sends on. */
static uint64_t
draw_stop(const struct plan *plan, struct dice *dice, uint64_t most_s,
    uint64_t most_slots)
{
	uint64_t most_ns = most_s * CLOCK_NS_PER_S;

	if (most_ns > most_slots * cadence_slot_ns(plan->cadence))
		most_ns = most_slots * cadence_slot_ns(plan->cadence);
	return dice_spread(dice, STOP_MS_MIN * CLOCK_NS_PER_MS, most_ns);
}

/* Between two things that are to be on disk together lie few calls. */
static void
draw_step(struct incident *incident, const struct plan *plan, struct dice *dice)
{
	switch (incident->kind) {
	case INCIDENT_KEEPER_LOST:
	case INCIDENT_POST_LOST:
	case INCIDENT_POWER_LOST:
		if (dice_chance(dice, 300))
			return;
		incident->step = dice_spread(dice, 1, STEP_MAX);
		incident->window_ns = dice_spread(dice, CLOCK_NS_PER_MS,
		    (uint64_t)WINDOW_MS_MAX * CLOCK_NS_PER_MS);
		break;
	case INCIDENT_SYNC_FAILS:
	case INCIDENT_READ_FAILS:
		incident->step = dice_spread(dice, 1, STEP_MAX);
		break;
	case INCIDENT_SUSPENDED:
		incident->lasts_ns =
		    draw_stop(plan, dice, SUSPENDED_S_MAX, SUSPENDED_SLOTS_MAX);
		break;
	case INCIDENT_STALLED:
		incident->lasts_ns =
		    draw_stop(plan, dice, STALLED_S_MAX, STALLED_SLOTS_MAX);
		break;
	case INCIDENT_CUT_OFF:
	case INCIDENT_PATH_CLOSED:
		incident->lasts_ns =
		    draw_stop(plan, dice, CUT_OFF_S_MAX, CUT_OFF_SLOTS_MAX);
		break;
	case INCIDENT_CLONED:
		incident->lasts_ns = dice_spread(dice, 2, CLONE_SLOTS_MAX) *
		    cadence_slot_ns(plan->cadence);
		incident->ahead_ns = dice_spread(dice, 1, CLONE_AHEAD_NS_MAX);
		break;
	case INCIDENT_WALL_JUMPS:
		incident->jump_ms =
		    (int64_t)dice_spread(dice, JUMP_MS_MIN, JUMP_MS_MAX);
		if (dice_chance(dice, 500))
			incident->jump_ms = -incident->jump_ms;
		break;
	case INCIDENT_DESK_LOST:
	case INCIDENT_DISK_FULL:
	case INCIDENT_LIES:
	case INCIDENT_RESTORED:
	case INCIDENT_MOVED:
	case INCIDENT_COUNT:
		break;
	}
}

/* Whose path or address it is; false: there is none of the kind. */
static bool
draw_road(struct incident *incident, const struct plan *plan, struct dice *dice)
{
	if (incident->kind != INCIDENT_PATH_CLOSED &&
	    incident->kind != INCIDENT_MOVED)
		return true;
	incident->road = (unsigned)dice_between(dice, 0, plan->roads - 1);
	if (incident->kind == INCIDENT_PATH_CLOSED)
		return plan->roads > 1;
	incident->post = plan->road[incident->road].mover;
	return incident->post != PLAN_NOBODY;
}

static bool
takes_all(enum incident_kind kind)
{
	return kind == INCIDENT_POST_LOST || kind == INCIDENT_POWER_LOST;
}

static void
add_incident(struct plan *plan, struct dice *dice, enum incident_kind kind,
    uint64_t at_ns)
{
	struct incident incident = {
		.kind = kind,
		.post = (unsigned)dice_between(dice, 0, PLAN_POSTS - 1),
		.at_ns = at_ns,
	};

	draw_step(&incident, plan, dice);
	if (!draw_road(&incident, plan, dice))
		return;
	for (int count = 0; count < 2; count++) {
		if (plan->incidents == PLAN_INCIDENTS_MAX ||
		    at_ns >= plan->quiet_ns)
			return;
		plan->incident[plan->incidents++] = incident;
		/* Both posts, of one building or on one bad day. */
		if (!takes_all(kind) || !dice_chance(dice, BOTH_PERMILLE))
			return;
		incident.post = 1 - incident.post;
	}
}

/* Misfortunes come in rows: while a post that was lost boots again, another room
 * is lost, most of all in the moments of the handshake. */
static void
add_follower(struct plan *plan, struct dice *dice, enum incident_kind kind,
    uint64_t back_ns)
{
	uint64_t most_ns = FOLLOWER_SLOTS * cadence_slot_ns(plan->cadence) +
	    2 * plan_delay_ns(plan);

	add_incident(plan, dice,
	    dice_chance(dice, 600) ? INCIDENT_KEEPER_LOST : kind,
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

	if (incident_table[kind].slots == 0)
		return;
	if (every_ns < least_ns)
		every_ns = least_ns;
	if (2 * span_ns / every_ns < most)
		most = 2 * span_ns / every_ns;
	count = dice_between(dice, 0, most);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t at_ns =
		    dice_between(dice, plan->start_ns, plan->quiet_ns - 1);

		add_incident(plan, dice, kind, at_ns);
		while (takes_all(kind) && dice_chance(dice, 400))
			add_follower(plan, dice, kind,
			    at_ns + incident_duration_ns(kind));
	}
}

/* In some seeds one of the posts is not what it seems, for a stretch or from
 * somewhere to the end. */
static void
draw_liar(struct plan *plan)
{
	struct incident incident = { .kind = INCIDENT_LIES };
	uint64_t span_ns = plan->quiet_ns - plan->start_ns;
	struct dice dice;

	dice_init(&dice, plan->seed, DICE_LIAR, 0);
	/* Who boots under terms that it has not agreed to is not talked to. */
	if (!dice_chance(&dice, LIAR_PERMILLE) || plan->changes ||
	    plan->incidents == PLAN_INCIDENTS_MAX)
		return;
	incident.post = (unsigned)dice_between(&dice, 0, PLAN_POSTS - 1);
	incident.at_ns = plan->start_ns + dice_between(&dice, 0, span_ns / 2);
	incident.lasts_ns = plan->quiet_ns - incident.at_ns;
	if (dice_chance(&dice, 700))
		incident.lasts_ns = dice_spread(&dice,
		    cadence_slot_ns(plan->cadence), incident.lasts_ns);
	incident.lasting = dice_chance(&dice, 500);
	plan->incident[plan->incidents++] = incident;
}

/* In a few seeds, a backup of a post is put back, some time after it was made. */
static void
draw_backup(struct plan *plan)
{
	struct incident incident = { .kind = INCIDENT_RESTORED };
	uint64_t span_ns = plan->quiet_ns - plan->start_ns;
	struct dice dice;

	dice_init(&dice, plan->seed, DICE_BACKUP, 0);
	for (size_t i = 0; i < plan->incidents; i++) {
		/* One excuse a seed is enough. */
		if (incident_table[plan->incident[i].kind].slots == 0)
			return;
	}
	if (!dice_chance(&dice, BACKUP_PERMILLE) || plan->changes ||
	    plan->incidents == PLAN_INCIDENTS_MAX)
		return;
	incident.post = (unsigned)dice_between(&dice, 0, PLAN_POSTS - 1);
	incident.at_ns = plan->start_ns + dice_between(&dice, 0, span_ns - 1);
	incident.window_ns = dice_spread(&dice, CLOCK_NS_PER_MS,
	    plan->quiet_ns - incident.at_ns + CLOCK_NS_PER_MS);
	plan->incident[plan->incidents++] = incident;
}

/* When the people of a post do something; what, they draw themselves. */
static void
draw_acts(struct plan *plan, unsigned post)
{
	uint64_t span_ns = plan->quiet_ns - plan->start_ns, every_ns, at_ns;
	size_t count = 0;
	struct dice dice;

	dice_init(&dice, plan->seed, DICE_WORKLOAD, post);
	every_ns = span_ns / dice_spread(&dice, ACTS_MIN, ACTS_MAX);
	at_ns = plan->start_ns + dice_between(&dice, 0, every_ns);
	while (count < PLAN_ACTS_MAX && at_ns < plan->quiet_ns) {
		plan->act[post][count] = (struct act){
			.post = post,
			.number =
			    PICK_ACT + post * PICK_ACT_STRIDE + (unsigned)count,
			.at_ns = at_ns,
		};
		count++;
		at_ns += dice_between(&dice, 0, 2 * every_ns);
	}
	plan->acts[post] = count;
}

/* They try cadences that cost a run about as much. */
static void
draw_changes(struct plan *plan)
{
	struct dice dice;

	dice_init(&dice, plan->seed, DICE_TERMS, 0);
	plan->changes = dice_chance(&dice, CHANGES_PERMILLE);
	for (size_t i = 0; i < PLAN_CADENCES; i++) {
		uint64_t slot_us = dice_between(&dice,
		    plan->cadence.slot_us / 2, 2 * plan->cadence.slot_us);

		if (slot_us < SLOT_US_MIN)
			slot_us = SLOT_US_MIN;
		if (slot_us > SLOT_US_MAX)
			slot_us = SLOT_US_MAX;
		plan->other[i] = plan->cadence;
		plan->other[i].slot_us = (uint32_t)slot_us;
		/* Of the same size, some. */
		if (dice_chance(&dice, 700))
			plan->other[i].frame_bytes =
			    (uint16_t)dice_between(&dice, FRAME_BYTES_MIN,
				FRAME_BYTES_MAX);
	}
}

/* When they speak of the cadence; some all at once, and both sides then. */
static void
draw_terms_acts(struct plan *plan)
{
	uint64_t span_ns = plan->quiet_ns - plan->start_ns;
	struct dice dice;
	uint64_t count;

	if (!plan->changes)
		return;
	dice_init(&dice, plan->seed, DICE_TERMS, 1);
	count = dice_spread(&dice, TERMS_ACTS_MIN, PLAN_TERMS_ACTS_MAX);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t at_ns =
		    plan->start_ns + dice_between(&dice, 0, span_ns - 1);
		uint64_t apart_ns = dice_spread(&dice, CLOCK_NS_PER_MS,
		    FOLLOWER_SLOTS * cadence_slot_ns(plan->cadence));

		for (unsigned post = 0; post < PLAN_POSTS; post++) {
			plan->act[post][plan->acts[post]++] = (struct act){
				.post = post,
				.number = PICK_ACT + post * PICK_ACT_STRIDE +
				    PICK_TERMS_ACT + (unsigned)i,
				.at_ns = at_ns,
			};
			at_ns += apart_ns;
		}
	}
}

/* When they speak of points: in half of the seeds. */
static void
draw_points_acts(struct plan *plan, unsigned post)
{
	uint64_t span_ns = plan->quiet_ns - plan->start_ns, count;
	struct dice dice;

	dice_init(&dice, plan->seed, DICE_POINTS, 0);
	if (!dice_chance(&dice, POINTS_PERMILLE))
		return;
	dice_init(&dice, plan->seed, DICE_POINTS, 1 + post);
	count = dice_spread(&dice, POINTS_ACTS_MIN, PLAN_POINTS_ACTS_MAX);
	for (uint64_t i = 0; i < count; i++)
		plan->act[post][plan->acts[post]++] = (struct act){
			.post = post,
			.number = PICK_ACT + post * PICK_ACT_STRIDE +
			    PICK_POINTS_ACT + (unsigned)i,
			.at_ns = plan->start_ns +
			    dice_between(&dice, 0, span_ns - 1),
		};
}

/* Leaves out what is not picked, or comes too late. */
static void
pick_incidents(struct plan *plan)
{
	size_t kept = 0;

	for (size_t i = 0; i < plan->incidents; i++) {
		struct incident incident = plan->incident[i];

		incident.number = PICK_INCIDENT + (unsigned)i;
		if (incident.at_ns < plan->quiet_ns &&
		    pick_has(plan->pick, incident.number))
			plan->incident[kept++] = incident;
	}
	plan->incidents = kept;
}

/* The last word comes when the troubles end, however short the run was made. */
static void
pick_acts(struct plan *plan, unsigned post)
{
	struct act *act = plan->act[post];
	struct act last = {
		.post = post,
		.number = PICK_ACT + (post + 1) * PICK_ACT_STRIDE - 1,
		.at_ns = plan->quiet_ns - 1,
	};
	size_t kept = 0;

	for (size_t i = 0; i < plan->acts[post]; i++) {
		if (act[i].at_ns < plan->quiet_ns &&
		    pick_has(plan->pick, act[i].number))
			act[kept++] = act[i];
	}
	if (pick_has(plan->pick, last.number))
		act[kept++] = last;
	plan->acts[post] = kept;
}

/* Two machines agree neither on when time began nor on how fast it goes. */
static void
draw_clocks(struct plan *plan)
{
	struct dice dice;

	dice_init(&dice, plan->seed, DICE_CLOCKS, 0);
	for (unsigned post = 0; post < PLAN_POSTS; post++) {
		int64_t most = TIMEPIECE_PPM_USUAL;

		if (dice_chance(&dice, BROKEN_CLOCK_PERMILLE))
			most = TIMEPIECE_PPM_MAX;
		plan->ppm[post] =
		    (int64_t)dice_between(&dice, 0, (uint64_t)(2 * most)) -
		    most;
		if (!pick_has(plan->pick, PICK_BURDEN + post))
			plan->ppm[post] = 0;
		plan->boot_ns[post] = dice_spread(&dice, PLAN_RITE_NS,
		    (uint64_t)CLOCK_NS_PER_S << 27);
	}
}

/* Some roads are bad one way, and stay so. */
static void
draw_loss(struct plan *plan, unsigned road)
{
	struct dice dice;
	unsigned post;

	dice_init(&dice, plan->seed, DICE_CLOCKS, 1 + road);
	if (!dice_chance(&dice, LOSSY_PERMILLE) ||
	    !pick_has(plan->pick, PICK_LOSS + road))
		return;
	post = (unsigned)dice_between(&dice, 0, PLAN_POSTS - 1);
	plan->road[road].lost_permille[post] =
	    (unsigned)dice_between(&dice, LOST_PERMILLE_MIN, LOST_PERMILLE_MAX);
}

static unsigned
draw_post(struct dice *dice, unsigned permille)
{
	if (!dice_chance(dice, permille))
		return PLAN_NOBODY;
	return (unsigned)dice_between(dice, 0, PLAN_POSTS - 1);
}

/* The road itself, as whoever lays it knows it. */
static void
draw_lie_of(struct plan_road *road, struct dice *dice)
{
	uint64_t delay_ns;

	delay_ns =
	    dice_spread(dice, 50 * CLOCK_NS_PER_US, 300 * CLOCK_NS_PER_MS);
	road->delay_ns = delay_ns;
	road->jitter_ns = dice_between(dice, 0, delay_ns / 4);
}

/* Who moves is followed: by a peer who roams, or who was never told where it
 * is, and roams too. */
static void
draw_moves(struct plan *plan, unsigned number)
{
	struct plan_road *road = &plan->road[number];
	struct dice dice;

	dice_init(&dice, plan->seed, DICE_ROADS, 1 + number);
	for (unsigned post = 0; post < PLAN_POSTS; post++)
		road->roams[post] = dice_chance(&dice, ROAMS_PERMILLE);
	road->mover = draw_post(&dice, MOVER_PERMILLE);
	/* One who is to be learned knows where the other is, which stays. */
	if (road->learner != PLAN_NO_LEARNER && road->mover == road->learner)
		road->mover = PLAN_NOBODY;
	/* What several roads lead to stays where it is. */
	if (plan->single != PLAN_NOBODY)
		road->mover = PLAN_NOBODY;
	if (road->mover != PLAN_NOBODY)
		road->roams[1 - road->mover] = true;
}

static void
draw_roads(struct plan *plan, const struct pick *pick)
{
	struct dice dice;
	uint64_t drawn;

	dice_init(&dice, plan->seed, DICE_ROADS, 0);
	drawn = dice_between(&dice, 0, 999);
	plan->roads = 1;
	if (drawn >= 1000 - THREE_ROADS_PERMILLE)
		plan->roads = 3;
	else if (drawn >= 1000 - THREE_ROADS_PERMILLE - TWO_ROADS_PERMILLE)
		plan->roads = 2;
	while (plan->roads > 1 && !pick_has(pick, PICK_ROAD + plan->roads - 1))
		plan->roads--;
	for (unsigned i = 1; i < PLAN_ROADS_MAX; i++) {
		draw_lie_of(&plan->road[i], &dice);
		plan->road[i].learner = draw_post(&dice, 300);
	}
	plan->single = draw_post(&dice, SINGLE_PERMILLE);
	plan->reversed = draw_post(&dice, 500);
	if (plan->roads == 1)
		plan->single = plan->reversed = PLAN_NOBODY;
	/* One address, so one who knows it or does not. */
	for (unsigned i = 1; i < PLAN_ROADS_MAX; i++) {
		if (plan->single != PLAN_NOBODY)
			plan->road[i].learner = plan->single;
	}
	for (unsigned i = 0; i < PLAN_ROADS_MAX; i++) {
		draw_moves(plan, i);
		draw_loss(plan, i);
	}
}

static void
draw_ploys(struct plan *plan, unsigned road)
{
	struct dice dice;

	dice_init(&dice, plan->seed, DICE_PLOY, 1 + 2 * road);
	for (unsigned i = 0; i < PLOY_COUNT; i++)
		plan->road[road].ploy[i] = ploy_draw((enum ploy)i, &dice) &&
		    pick_has(plan->pick,
			PICK_PLOY + road * PICK_ROAD_STRIDE + i);
}

void
plan_draw(struct plan *plan, uint64_t seed, const struct pick *pick)
{
	struct dice dice;
	uint64_t slots, slot_ns;

	*plan = (struct plan){ .seed = seed, .pick = pick };
	dice_init(&dice, seed, DICE_PLAN, 0);
	plan->cadence = draw_cadence(&dice);
	slot_ns = cadence_slot_ns(plan->cadence);
	slots = draw_slots(&dice, plan->cadence);
	if (pick->slots > slots)
		slots = pick->slots;
	plan->road[0].learner = draw_post(&dice, 300);
	/* Machines have been up for minutes or for years. */
	plan->start_ns = dice_spread(&dice, 2 * PLAN_RITE_NS,
	    (uint64_t)CLOCK_NS_PER_S << 27);
	draw_clocks(plan);
	draw_lie_of(&plan->road[0], &dice);
	draw_roads(plan, pick);
	draw_changes(plan);
	plan->quiet_ns = plan->start_ns + slots * slot_ns;
	for (int kind = 0; kind < INCIDENT_COUNT; kind++)
		draw_incidents(plan, &dice, (enum incident_kind)kind);
	draw_liar(plan);
	draw_backup(plan);
	qsort(plan->incident, plan->incidents, sizeof(plan->incident[0]),
	    compare_incidents);
	for (unsigned post = 0; post < PLAN_POSTS; post++)
		draw_acts(plan, post);
	draw_terms_acts(plan);
	for (unsigned post = 0; post < PLAN_POSTS; post++)
		draw_points_acts(plan, post);
	for (unsigned i = 0; i < plan->roads; i++)
		draw_ploys(plan, i);

	if (pick->slots > 0)
		plan->quiet_ns = plan->start_ns + pick->slots * slot_ns;
	pick_incidents(plan);
	for (unsigned post = 0; post < PLAN_POSTS; post++)
		pick_acts(plan, post);
}

bool
plan_is_lossy(const struct plan *plan)
{
	for (unsigned i = 0; i < plan->roads; i++) {
		if (plan->road[i].lost_permille[0] +
			plan->road[i].lost_permille[1] >
		    0)
			return true;
	}
	return false;
}

unsigned
plan_paths(const struct plan *plan, unsigned post)
{
	return post == plan->single ? 1 : plan->roads;
}

unsigned
plan_road_of(const struct plan *plan, unsigned post, unsigned path)
{
	assert(path < plan_paths(plan, post));
	return post == plan->reversed && post != plan->single
	    ? plan->roads - 1 - path
	    : path;
}

size_t
plan_frame_bytes_max(const struct plan *plan)
{
	size_t most = plan->cadence.frame_bytes;

	for (size_t i = 0; i < PLAN_CADENCES && plan->changes; i++) {
		if (plan->other[i].frame_bytes > most)
			most = plan->other[i].frame_bytes;
	}
	return most;
}

size_t
plan_frame_bytes_min(const struct plan *plan)
{
	size_t least = plan->cadence.frame_bytes;

	for (size_t i = 0; i < PLAN_CADENCES && plan->changes; i++) {
		if (plan->other[i].frame_bytes < least)
			least = plan->other[i].frame_bytes;
	}
	return least;
}

uint64_t
plan_slot_ns_max(const struct plan *plan)
{
	uint64_t most_ns = cadence_slot_ns(plan->cadence);

	for (size_t i = 0; i < PLAN_CADENCES && plan->changes; i++) {
		if (cadence_slot_ns(plan->other[i]) > most_ns)
			most_ns = cadence_slot_ns(plan->other[i]);
	}
	return most_ns;
}

uint64_t
plan_delay_ns(const struct plan *plan)
{
	uint64_t most_ns = 0;

	for (unsigned i = 0; i < plan->roads; i++) {
		uint64_t ns = plan->road[i].delay_ns + plan->road[i].jitter_ns;

		if (ns > most_ns)
			most_ns = ns;
	}
	return most_ns;
}

uint64_t
plan_slots(const struct plan *plan)
{
	return (plan->quiet_ns - plan->start_ns) /
	    cadence_slot_ns(plan->cadence);
}

static const char *
describe_burden(const struct plan *plan, unsigned number)
{
	if (number == PICK_BURDEN)
		return "post 0 has a clock that drifts";
	if (number == PICK_BURDEN + 1)
		return "post 1 has a clock that drifts";
	if (number >= PICK_ROAD + 1 && number < PICK_ROAD + plan->roads)
		return "there is one road more";
	if (number < PICK_LOSS || number >= PICK_LOSS + plan->roads)
		return NULL;
	if (plan->road[number - PICK_LOSS].lost_permille[0] +
		plan->road[number - PICK_LOSS].lost_permille[1] ==
	    0)
		return NULL;
	return "much is lost one way, for ever";
}

const char *
plan_describe(const struct plan *plan, unsigned number)
{
	static char words[64];
	const char *what = "trouble", *name = NULL;
	unsigned road = number % PICK_PLOY / PICK_ROAD_STRIDE;
	unsigned row = number % PICK_ROAD_STRIDE;

	if (number >= PICK_BURDEN) {
		what = "burden";
		name = describe_burden(plan, number);
		road = 0;
	} else if (road >= plan->roads) {
		return NULL;
	} else if (number < PICK_PLOY && row < TROUBLE_COUNT) {
		name = trouble_name((enum trouble)row);
	} else if (number >= PICK_PLOY && row < PLOY_COUNT &&
	    plan->road[road].ploy[row]) {
		what = "ploy";
		name = ploy_name((enum ploy)row);
	}
	if (name == NULL || !pick_has(plan->pick, number))
		return NULL;
	(void)snprintf(words, sizeof(words), "%s %s, road %u", what, name,
	    road);
	return words;
}
