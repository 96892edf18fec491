#include "keeper/ringing.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "keeper/diary.h"
#include "keeper/wake.h"

static void
copy_say(char say[ALARM_SAY_BYTES_MAX + 1], struct text text)
{
	const size_t len =
	    text.len < ALARM_SAY_BYTES_MAX ? text.len : ALARM_SAY_BYTES_MAX;

	if (len > 0)
		memcpy(say, text.data, len);
	say[len] = '\0';
}

static const struct ringing *
find(const struct ringing *live, size_t count, uint64_t number)
{
	for (size_t i = 0; i < count; i++) {
		if (live[i].number == number)
			return &live[i];
	}
	return NULL;
}

static void
take_row(struct keeper *keeper, struct query *q, struct ringing *ringing)
{
	int64_t since_ms;

	ringing->number = (uint64_t)query_int(q);
	ringing->what = (enum alarm_what)query_int(q);
	ringing->once = query_int(q) == ALARM_RINGS_ONCE;
	ringing->line = (uint32_t)query_int(q);
	since_ms = query_int(q);
	ringing->times = (uint64_t)query_int(q);
	ringing->step = (uint64_t)query_int(q);
	/* The wall clock may have been set back. */
	ringing->age_ms =
	    keeper->now.wall_ms > since_ms ? keeper->now.wall_ms - since_ms : 0;
	ringing->read_ns = keeper->now.now_ns;
	ringing->next_ns = keeper->now.now_ns;
}

/* What was known already keeps its turn. */
static int
renew(struct keeper *keeper)
{
	struct alarms *alarms = &keeper->alarms;
	struct query q = store_query(&keeper->store, STMT_ALARM_LIVE);
	struct ringing live[ALARM_LIVE_MAX];
	const struct ringing *known;
	size_t count = 0;
	int64_t all;
	int rc;

	query_bind_int(&q, ALARM_LIVE_MAX);
	while (count < ALARM_LIVE_MAX && query_next(&q)) {
		take_row(keeper, &q, &live[count]);
		known =
		    find(alarms->live, alarms->live_count, live[count].number);
		if (known != NULL)
			live[count] = *known;
		count++;
	}
	if ((rc = query_end(&q)) != OK)
		return rc;
	q = store_query(&keeper->store, STMT_ALARM_COUNT);
	if ((rc = query_one(&q, &all)) != OK)
		return rc;
	memcpy(alarms->live, live, count * sizeof(live[0]));
	alarms->live_count = count;
	alarms->count = (uint64_t)all;
	alarms->stale = false;
	return OK;
}

void
ringing_renew(struct keeper *keeper)
{
	keeper->alarms.stale = true;
}

/* Nothing rings any more: what sounds is stopped. */
static void
hush(struct keeper *keeper)
{
	struct alarms *alarms = &keeper->alarms;

	if (!alarms->rings || alarms->live_count > 0)
		return;
	alarms->rings = false;
	if (keeper->ops.quiet != NULL)
		keeper->ops.quiet(keeper->ctx);
}

uint64_t
ringing_count(struct keeper *keeper)
{
	if (keeper->alarms.stale && renew(keeper) != OK)
		log_warnx("alarms: not read");
	return keeper->alarms.count;
}

struct text
ringing_unheard(const struct keeper *keeper)
{
	const struct bell *bell = &keeper->alarms.bell;

	if (!bell->there)
		return text_of("the bell does not run; the post's log says "
			       "why");
	if (bell->say[0] != '\0')
		return text_of(bell->say);
	return text_of(bell->unheard);
}

void
ringing_on_bell(struct keeper *keeper, const struct alarm_bell *bell)
{
	struct bell *kept = &keeper->alarms.bell;

	kept->there = true;
	kept->means = bell->means;
	kept->names = bell->names;
	kept->unheard[0] = '\0';
	copy_say(kept->say, bell->say);
	ringing_renew(keeper);
}

void
ringing_on_lost(struct keeper *keeper)
{
	struct alarms *alarms = &keeper->alarms;

	alarms->bell = (struct bell){ .there = false };
	alarms->rings = false;
	alarms->calm_ns = 0;
	/* What it was ringing may not have been heard. */
	for (size_t i = 0; i < alarms->live_count; i++)
		alarms->live[i].next_ns = keeper->now.now_ns;
}

/* -- turns ------------------------------------------------------------------ */

static uint64_t
due_ns(const struct keeper *keeper, const struct ringing *ringing)
{
	const struct alarms *alarms = &keeper->alarms;
	uint64_t at_ns = ringing->next_ns;

	if (at_ns < alarms->calm_ns)
		at_ns = alarms->calm_ns;
	if (wake_is_silenced(keeper, ringing->what) &&
	    at_ns < wake_silence_ends_ns(keeper))
		at_ns = wake_silence_ends_ns(keeper);
	return at_ns;
}

uint64_t
ringing_next_ns(const struct keeper *keeper)
{
	const struct alarms *alarms = &keeper->alarms;
	uint64_t next_ns = UINT64_MAX, at_ns;

	if (alarms->stale)
		return keeper->now.now_ns;
	if (!alarms->bell.there)
		return UINT64_MAX;
	for (size_t i = 0; i < alarms->live_count; i++) {
		at_ns = due_ns(keeper, &alarms->live[i]);
		if (at_ns < next_ns)
			next_ns = at_ns;
	}
	return next_ns;
}

/* One ring, and who has a part in it. */
struct ring {
	struct keeper *keeper;
	bool due[ALARM_LIVE_MAX];
	uint64_t step[ALARM_LIVE_MAX];
};

/* Who is to be woken by now. */
static uint64_t
step_of(struct keeper *keeper, const struct ringing *ringing)
{
	const uint64_t passed_s = (uint64_t)ringing->age_ms / 1000 +
	    (keeper->now.now_ns - ringing->read_ns) / CLOCK_NS_PER_S;
	const uint64_t wanted = passed_s / keeper->alarms.wake.step_s;
	char title[POST_NAME_BYTES];
	uint64_t step = ringing->step;

	/* Where the list ends, the last one is woken on. */
	while (step < wanted && wake_title(keeper, step + 1, title))
		step++;
	return step;
}

static int
note_step(struct keeper *keeper, const struct ringing *ringing, uint64_t step)
{
	char title[POST_NAME_BYTES];
	struct diary_entry entry = { post_find_line(keeper, ringing->line),
		"alarm", NULL, "escalated" };

	if (step == ringing->step || !wake_title(keeper, step, title))
		return OK;
	return diary_add(keeper, entry,
	    "Nobody has acknowledged alarm %" PRIu64 " yet: next to wake is "
	    "%.200s.",
	    ringing->number, title);
}

static int
put_turn(struct ring *ring, size_t i)
{
	struct keeper *keeper = ring->keeper;
	const struct ringing *ringing = &keeper->alarms.live[i];
	struct query q = store_query(&keeper->store, STMT_ALARM_RANG);
	const int64_t wall_ms =
	    keeper->now.wall_ms > 0 ? keeper->now.wall_ms : 1;
	/* All else stays until a person has seen it, though it rings no more. */
	const bool ends = ringing->once && ringing->what == ALARM_TEST;
	int rc;

	query_bind_int(&q, (int64_t)ringing->times + 1);
	query_bind_int(&q, wall_ms);
	query_bind_int(&q, (int64_t)ring->step[i]);
	query_bind_int(&q, ends ? ALARM_RANG : ALARM_LIVE);
	query_bind_int(&q, ends ? wall_ms : 0);
	query_bind_int(&q, (int64_t)ringing->number);
	if ((rc = query_run(&q)) != OK)
		return rc;
	return note_step(keeper, ringing, ring->step[i]);
}

static int
put_ring(void *ctx)
{
	struct ring *ring = ctx;
	int rc;

	for (size_t i = 0; i < ring->keeper->alarms.live_count; i++) {
		if (ring->due[i] && (rc = put_turn(ring, i)) != OK)
			return rc;
	}
	return OK;
}

/* Of the first that is due. */
static void
tell_bell(struct keeper *keeper, const struct ring *ring)
{
	struct alarms *alarms = &keeper->alarms;
	const struct post_line *line;
	struct alarm_ring told = { .count = alarms->count };
	char title[POST_NAME_BYTES];
	size_t i = 0;

	while (!ring->due[i])
		i++;
	assert(i < alarms->live_count);
	told.number = alarms->live[i].number;
	told.what = (uint8_t)alarms->live[i].what;
	told.times = alarms->live[i].times + 1;
	told.step = ring->step[i];
	line = post_find_line(keeper, alarms->live[i].line);
	if (alarms->bell.names && line != NULL)
		told.line = text_of(line->name);
	if (alarms->bell.names && wake_title(keeper, told.step, title))
		told.title = text_of(title);
	if (keeper->ops.ring != NULL)
		keeper->ops.ring(keeper->ctx, &told);
}

/* Whatever the disk says, people are woken. */
static void
give_turn(struct keeper *keeper, struct ring *ring)
{
	struct alarms *alarms = &keeper->alarms;
	struct ringing *ringing;
	int rc;

	rc = store_transact(&keeper->store, STORE_RECORD, put_ring, ring);
	if (rc != OK)
		log_warnx("alarms: a ring was not kept (%s)", err_str(rc));
	tell_bell(keeper, ring);
	for (size_t i = 0; i < alarms->live_count; i++) {
		ringing = &alarms->live[i];
		if (!ring->due[i])
			continue;
		ringing->times++;
		/* What rings once is not stopped: it was its only ring. */
		alarms->rings = alarms->rings || !ringing->once;
		ringing->step = ring->step[i];
		ringing->next_ns = keeper->now.now_ns +
		    (uint64_t)alarms->wake.repeat_s * CLOCK_NS_PER_S;
		/* It rings no more, and is read no more. */
		alarms->stale = alarms->stale || (ringing->once && rc == OK);
	}
	alarms->calm_ns =
	    keeper->now.now_ns + (uint64_t)ALARM_CALM_MS * CLOCK_NS_PER_MS;
	diary_tell(keeper);
}

static void
end_silence(struct keeper *keeper)
{
	struct wake *wake = &keeper->alarms.wake;

	if (wake->silenced_until_ms != 0 &&
	    wake->silenced_until_ms <= keeper->now.wall_ms)
		wake->silenced_until_ms = 0;
}

void
ringing_on_time(struct keeper *keeper)
{
	struct alarms *alarms = &keeper->alarms;
	struct ring ring = { .keeper = keeper };
	bool any = false;

	end_silence(keeper);
	if (alarms->stale) {
		if (renew(keeper) != OK) {
			log_warnx("alarms: not read");
			alarms->stale = false;
		}
		hush(keeper);
	}
	if (!alarms->bell.there)
		return;
	for (size_t i = 0; i < alarms->live_count; i++) {
		if (due_ns(keeper, &alarms->live[i]) > keeper->now.now_ns)
			continue;
		any = ring.due[i] = true;
		ring.step[i] = step_of(keeper, &alarms->live[i]);
	}
	if (any)
		give_turn(keeper, &ring);
}

/* -- how it went ------------------------------------------------------------ */

struct outcome {
	struct keeper *keeper;
	const struct alarm_rang *rang;
	bool is_new;
};

static int
put_outcome(void *ctx)
{
	const struct outcome *outcome = ctx;
	const struct alarm_rang *rang = outcome->rang;
	struct keeper *keeper = outcome->keeper;
	struct query q = store_query(&keeper->store, STMT_ALARM_HEARD);
	int rc;

	query_bind_int(&q, rang->means);
	query_bind_text(&q, rang->say.data, rang->say.len);
	query_bind_int(&q, (int64_t)rang->number);
	if ((rc = query_run(&q)) != OK || !outcome->is_new)
		return rc;
	return diary_add(keeper,
	    (struct diary_entry){ NULL, "alarm", NULL, "unheard" },
	    "An alarm rang and nobody can have heard it: %.*s.",
	    (int)rang->say.len, rang->say.data != NULL ? rang->say.data : "");
}

void
ringing_on_rang(struct keeper *keeper, const struct alarm_rang *rang)
{
	struct bell *bell = &keeper->alarms.bell;
	struct outcome outcome = { .keeper = keeper, .rang = rang };
	int rc;

	if (rang->number > INT64_MAX)
		return;
	outcome.is_new = rang->means == 0 && bell->unheard[0] == '\0';
	bell->unheard[0] = '\0';
	if (rang->means == 0)
		copy_say(bell->unheard, rang->say);
	rc =
	    store_transact(&keeper->store, STORE_RECORD, put_outcome, &outcome);
	if (rc != OK)
		log_warnx("alarms: how one rang was not kept (%s)",
		    err_str(rc));
	diary_tell(keeper);
}
