#include "sim/run.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "limits.h"
#include "sim/rite.h"

enum {
	/* Between two looks whether all has settled; later ones are rarer. */
	LOOK_SLOTS = 16,
	LOOK_SHARE = 10,
};

static void
look_on_frame(void *ctx, const struct post *post, unsigned path,
    const uint8_t *frame, size_t len, bool leaves)
{
	struct run *run = ctx;
	uint64_t first, last;

	if (run->result->changes == 0)
		schedule_append(&run->schedule[post->index][path],
		    run->world.now_ns, path, len);
	memcpy(&first, frame, sizeof(first));
	memcpy(&last, frame + len - sizeof(last), sizeof(last));
	run->result->digest =
	    (run->result->digest ^ first) * 0x9e3779b97f4a7c15 + last;
	run->result->frames += leaves;
	check_on_frame(run, post, path, frame, len, leaves);
}

static void
look_on_order(void *ctx, const struct post *post,
    const struct line_order *order)
{
	check_on_order(ctx, post, order);
}

static void
look_on_event(void *ctx, const struct post *post,
    const struct line_event *event)
{
	check_on_event(ctx, post, event);
}

static void narrate(const struct run *run, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* What happens, for who looks on. */
static void
narrate(const struct run *run, const char *format, ...)
{
	va_list args;

	if (!run->options->verbose)
		return;
	/* The ceremony is before the start. */
	fprintf(stderr, "%12.6f ",
	    (double)(int64_t)(run->world.now_ns - run->plan.start_ns) /
		CLOCK_NS_PER_S);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputc('\n', stderr);
}

static void
look_on_news(void *ctx, const struct post *post, const struct event_view *news)
{
	narrate(ctx, "post %u: %.*s: %.*s", post->index, (int)news->kind.len,
	    news->kind.data, (int)news->say.len, news->say.data);
	check_on_news(ctx, news);
}

static void
look_on_opened(void *ctx, struct post *post)
{
	check_on_opened(ctx, post);
}

static void
look_on_taken(void *ctx, const struct post *post, const uint8_t *bytes,
    size_t len)
{
	check_on_taken(ctx, post, bytes, len);
}

static void
look_on_cloned(void *ctx, const struct post *post, const uint8_t *frame,
    size_t len)
{
	check_on_cloned(ctx, post, frame, len);
}

static void
look_on_restored(void *ctx, const struct post *post)
{
	check_on_restored(ctx, post);
}

static void
look_on_ended(void *ctx, const struct post *post)
{
	check_on_ended(ctx, post);
}

static void
look_on_changes(void *ctx, const struct post *post, struct cadence cadence)
{
	struct run *run = ctx;

	narrate(run, "post %u: %u bytes every %u us from now on", post->index,
	    cadence.frame_bytes, cadence.slot_us);
	if (run->result->changes++ == 0)
		run->result->compare_ns = run->world.now_ns;
}

static uint64_t
on_arrival(void *ctx, const struct flight *flight)
{
	struct run *run = ctx;

	return post_on_flight(&run->post[flight->to], flight);
}

static void
on_incident(void *ctx, uint64_t number)
{
	struct run *run = ctx;
	const struct incident *incident = &run->plan.incident[number];

	narrate(run, "post %u: %s", incident->post,
	    incident_name(incident->kind));
	run->result->incidents[incident->kind]++;
	post_suffer(&run->post[incident->post], incident);
}

void
run_fail(struct run *run, enum check check, const char *format, ...)
{
	struct run_result *result = run->result;
	va_list args;

	world_stop(&run->world);
	if (result->failed)
		return;
	result->failed = true;
	result->check = check;
	result->fail_ns = run->world.now_ns - run->plan.start_ns;
	va_start(args, format);
	(void)vsnprintf(result->say, sizeof(result->say), format, args);
	va_end(args);
}

static void
step_until(struct run *run, uint64_t until_ns)
{
	while (world_step(&run->world, until_ns))
		;
}

static void
begin(struct run *run)
{
	const struct plan *plan = &run->plan;

	for (unsigned i = 0; i < PLAN_POSTS; i++) {
		post_init(&run->post[i], i, plan, &run->world, run->roads,
		    &run->watch);
		post_open(&run->post[i]);
	}
	rite_hold(run->post, plan);
	for (unsigned i = 0; i < PLAN_POSTS; i++)
		post_close(&run->post[i]);
	step_until(run, plan->start_ns);
	network_init(run->roads, &run->world, plan, run->options->silent,
	    on_arrival, run);
	for (unsigned i = 0; i < PLAN_POSTS; i++)
		post_start(&run->post[i]);
	for (size_t i = 0; i < plan->incidents; i++)
		world_at(&run->world, plan->incident[i].at_ns, on_incident, run,
		    i);
	if (!run->options->silent)
		workload_start(run);
}

/* What one payload of a precedence takes. */
static uint64_t
payload_ns(const struct plan *plan, uint8_t precedence)
{
	static const uint64_t on_their_way[] = { CHUNKS_ROUTINE_MAX,
		CHUNKS_PRIORITY_MAX, CHUNKS_IMMEDIATE_MAX, CHUNKS_FLASH_MAX };
	uint64_t slot_ns = plan_slot_ns_max(plan);
	uint64_t round_ns = 2 * plan_delay_ns(plan) +
	    (uint64_t)FLUSH_MS * CLOCK_NS_PER_MS + RUN_ROUND_SLOTS * slot_ns;
	uint64_t share_ns;

	assert(precedence < sizeof(on_their_way) / sizeof(on_their_way[0]));
	share_ns = round_ns / on_their_way[precedence];
	return share_ns > slot_ns ? share_ns : slot_ns;
}

/* What is said of points goes as notes, of which few are on their way at once. */
static uint64_t
points_ns(struct run *run, unsigned post, uint64_t frame_bytes)
{
	struct agenda_seen seen;
	uint64_t bytes;
	size_t count = 0;

	if (run->agenda.count == 0)
		return 0;
	agenda_read(&seen, &run->agenda, &run->post[post]);
	bytes = agenda_bytes_left(&run->agenda, &seen, &count);
	agenda_seen_free(&seen);
	return (count + bytes / frame_bytes) *
	    payload_ns(&run->plan, PRECEDENCE_FLASH);
}

/* What the payloads still to go take, of both sides. */
static uint64_t
payloads_ns(struct run *run)
{
	uint64_t bytes = plan_frame_bytes_min(&run->plan) - RUN_OVERHEAD_BYTES;
	uint64_t total_ns = 0;

	for (unsigned i = 0; i < PLAN_POSTS; i++) {
		struct review review;

		review_read(&review, &run->ledger, &run->post[i],
		    REVIEW_PLACES);
		for (size_t k = 0; k < review.count; k++) {
			const struct seen *seen = &review.seen[k];

			/* One more for what is cut at a record's ends, and one
			 * for its receipt. */
			if (seen->from_us && seen->delivered_ms == 0)
				total_ns += (2 + seen->bytes_left / bytes) *
				    payload_ns(&run->plan, seen->precedence);
		}
		review_free(&review);
		total_ns += points_ns(run, i, bytes);
	}
	return total_ns;
}

/* Goes on until nothing is left to deliver, or for too long. */
static void
settle(struct run *run)
{
	uint64_t slot_ns = plan_slot_ns_max(&run->plan);
	/* What people had begun to say before, they say to the end. */
	uint64_t begin_ns = workload_finish(run);
	uint64_t bound_ns = RUN_SETTLE_SLOTS * slot_ns +
	    RUN_SETTLE_MS * (uint64_t)CLOCK_NS_PER_MS +
	    RUN_TIMES_EACH * payloads_ns(run);
	uint64_t look_ns = LOOK_SLOTS * slot_ns;
	const char *why;

	if (plan_is_lossy(&run->plan))
		bound_ns *= RUN_TIMES_LOSSY;
	if ((run->checks.excuses & EXCUSE_CLONE) != 0)
		bound_ns += cadence_longer_ns(run->plan.cadence, KEY_AGE_S,
		    KEY_AGE_SLOTS);
	if (check_is_excused(run, CHECK_SETTLES)) {
		step_until(run, begin_ns + RUN_SETTLE_SLOTS * slot_ns);
		return;
	}
	run->result->settle_slots_bound = bound_ns / slot_ns;
	narrate(run, "calm: %s; %.3f s to settle",
	    check_find_unsettled(run) != NULL ? "not all is delivered"
					      : "all is delivered",
	    (double)bound_ns / CLOCK_NS_PER_S);
	/* A post that was restored may be noticed only now. */
	while (!run->world.stopped && !check_is_excused(run, CHECK_SETTLES) &&
	    (why = check_find_unsettled(run)) != NULL) {
		if (run->world.now_ns - begin_ns >= bound_ns) {
			run_fail(run, CHECK_SETTLES, "%s", why);
			break;
		}
		step_until(run, run->world.now_ns + look_ns);
		if (look_ns < (run->world.now_ns - begin_ns) / LOOK_SHARE)
			look_ns = (run->world.now_ns - begin_ns) / LOOK_SHARE;
	}
	run->result->settle_slots = (run->world.now_ns - begin_ns) / slot_ns;
}

/* When the troubles have ended and every room is back. */
static uint64_t
calm_ns(const struct plan *plan)
{
	/* A keeper that failed comes back without an incident of its own. */
	uint64_t calm_ns = plan->quiet_ns + CLOCK_NS_PER_MS +
	    incident_duration_ns(INCIDENT_KEEPER_LOST);

	for (size_t i = 0; i < plan->incidents; i++) {
		uint64_t back_ns = plan->incident[i].at_ns + CLOCK_NS_PER_MS +
		    plan->incident[i].window_ns + plan->incident[i].lasts_ns +
		    incident_duration_ns(plan->incident[i].kind);

		if (back_ns > calm_ns)
			calm_ns = back_ns;
	}
	return calm_ns;
}

static void
look_back(struct run *run)
{
	if (run->result->failed)
		return;
	for (unsigned i = 0; i < PLAN_POSTS; i++) {
		post_reopen(&run->post[i]);
		review_read(&run->checks.review[i], &run->ledger, &run->post[i],
		    REVIEW_BYTES);
	}
	check_at_end(run);
}

static void
finish(struct run *run)
{
	struct run_result *result = run->result;

	result->end_ns = run->world.now_ns;
	if (result->changes == 0)
		result->compare_ns = result->end_ns;
	for (unsigned i = 0; i < PLAN_POSTS; i++) {
		for (unsigned k = 0; k < PLAN_ROADS_MAX; k++) {
			schedule_sum(&run->schedule[i][k],
			    result->schedule[i][k]);
			result->slots[i][k] = run->schedule[i][k].slots;
		}
		for (int lie = 0; lie < LIE_COUNT; lie++)
			result->lies[lie] += run->post[i].liar.told[lie];
		post_free(&run->post[i]);
	}
	for (unsigned road = 0; road < run->plan.roads; road++) {
		for (int i = 0; i < TROUBLE_COUNT; i++)
			result->struck[i] += run->roads[road].struck[i];
		for (int i = 0; i < PLOY_COUNT; i++)
			result->ployed[i] += run->roads[road].ployed[i];
	}
	check_free(run);
	ledger_free(&run->ledger);
	agenda_free(&run->agenda);
	workload_free(run);
	network_free(run->roads);
	world_free(&run->world);
}

static void
narrate_roads(const struct run *run)
{
	for (unsigned i = 0; i < run->plan.roads; i++) {
		const struct plan_road *road = &run->plan.road[i];

		narrate(run, "road %u: %.3f ms%s%s%s%s", i,
		    (double)road->delay_ns / CLOCK_NS_PER_MS,
		    road->learner == PLAN_NO_LEARNER ? "" : ", one is learned",
		    road->mover == PLAN_NOBODY ? "" : ", one moves",
		    road->roams[0] ? ", post 0 follows" : "",
		    road->roams[1] ? ", post 1 follows" : "");
	}
	if (run->plan.single != PLAN_NOBODY)
		narrate(run, "post %u has one path only", run->plan.single);
}

void
run_execute(struct run_result *result, const struct run_options *options)
{
	struct run *run = calloc(1, sizeof(*run));

	if (run == NULL)
		fatal("run: no memory");
	*result = (struct run_result){ 0 };
	run->options = options;
	run->result = result;
	run->watch = (struct post_watch){
		.ctx = run,
		.frame = look_on_frame,
		.order = look_on_order,
		.event = look_on_event,
		.news = look_on_news,
		.opened = look_on_opened,
		.changes = look_on_changes,
		.restored = look_on_restored,
		.ended = look_on_ended,
		.taken = look_on_taken,
		.cloned = look_on_cloned,
	};
	plan_draw(&run->plan, options->seed, options->pick);
	result->cadence = run->plan.cadence;
	result->start_ns = run->plan.start_ns;
	world_init(&run->world, run->plan.start_ns - PLAN_RITE_NS);
	ledger_init(&run->ledger);
	check_init(run);
	narrate(run, "%u bytes every %u us", run->plan.cadence.frame_bytes,
	    run->plan.cadence.slot_us);
	narrate_roads(run);
	for (unsigned i = 0; i < PLAN_POSTS; i++) {
		for (unsigned k = 0; k < PLAN_ROADS_MAX; k++)
			schedule_init(&run->schedule[i][k]);
	}

	begin(run);
	if (options->silent) {
		step_until(run, options->until_ns);
	} else {
		step_until(run, run->plan.quiet_ns);
		for (unsigned i = 0; i < PLAN_POSTS; i++)
			post_calm(&run->post[i]);
		network_calm(run->roads);
		workload_end(run);
		step_until(run, calm_ns(&run->plan));
		settle(run);
	}
	/* Taken here: looking back takes no time, and sends nothing. */
	look_back(run);
	finish(run);
	free(run);
}
