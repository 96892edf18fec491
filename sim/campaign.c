#include "sim/campaign.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "commit.h"
#include "sim/job.h"

static volatile sig_atomic_t interrupted;

void
campaign_interrupt(int number)
{
	interrupted = number;
}

static double
hours_done(const struct campaign *campaign)
{
	return (double)campaign->line_ns / CLOCK_NS_PER_S / 3600;
}

static void
show_progress(const struct campaign *campaign)
{
	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r%" PRIu64 " seeds, %.1f hours, %" PRIu64 " failed ",
	    campaign->ended, hours_done(campaign), campaign->failed);
}

static void
add_result(struct campaign *campaign, const struct run_result *result)
{
	campaign->ended++;
	campaign->line_ns += result->end_ns - result->start_ns;
	campaign->frames += result->frames;
	campaign->messages += result->messages;
	campaign->changes += result->changes;
	for (int i = 0; i < TROUBLE_COUNT; i++)
		campaign->struck[i] += result->struck[i];
	for (int i = 0; i < PLOY_COUNT; i++)
		campaign->ployed[i] += result->ployed[i];
	for (int i = 0; i < LIE_COUNT; i++)
		campaign->lies[i] += result->lies[i];
	for (int i = 0; i < INCIDENT_COUNT; i++)
		campaign->incidents[i] += result->incidents[i];
}

static void
take_result(struct campaign *campaign, uint64_t seed,
    const struct run_result *result)
{
	double share = result->settle_slots_bound == 0
	    ? 0
	    : (double)result->settle_slots / (double)result->settle_slots_bound;

	add_result(campaign, result);
	if (share > campaign->settle_worst) {
		campaign->settle_worst = share;
		campaign->settle_worst_seed = seed;
	}
	if (result->failed) {
		campaign->failed++;
		campaign->failures[result->check]++;
		printf("%sseed %" PRIu64 ": check %s: %s, at %.6f s\n",
		    campaign->tap ? "# " : "", seed, check_name(result->check),
		    result->say, (double)result->fail_ns / CLOCK_NS_PER_S);
		(void)fflush(stdout);
	}
	show_progress(campaign);
}

/* Waits for any job to say something, and takes it. */
static void
wait_for_job(struct campaign *campaign, struct job *job)
{
	struct pollfd ready[JOBS_MAX];
	struct run_result result;

	for (unsigned i = 0; i < campaign->jobs; i++)
		ready[i] = (struct pollfd){
			.fd = job[i].pid != 0 ? job[i].pipe : -1,
			.events = POLLIN,
		};
	if (poll(ready, campaign->jobs, -1) < 0)
		return;
	for (unsigned i = 0; i < campaign->jobs; i++) {
		if (ready[i].revents == 0)
			continue;
		job_end(&job[i], &result);
		take_result(campaign, job[i].seed, &result);
	}
}

static bool
may_start(const struct campaign *campaign)
{
	return campaign->started < campaign->seeds &&
	    (campaign->hours <= 0 || hours_done(campaign) < campaign->hours);
}

static void
run_jobs(struct campaign *campaign)
{
	struct job job[JOBS_MAX] = { 0 };

	while (!interrupted) {
		for (unsigned i = 0; i < campaign->jobs; i++) {
			uint64_t seed = campaign->seed + campaign->started;
			struct trial_options options = {
				.pick = campaign->pick,
				.verbose = campaign->verbose,
				.again = seed % CAMPAIGN_AGAIN_EVERY == 0,
			};

			if (job[i].pid != 0 || !may_start(campaign))
				continue;
			job_start(&job[i], seed, &options);
			campaign->started++;
		}
		if (campaign->ended == campaign->started)
			return;
		wait_for_job(campaign, job);
	}
	for (unsigned i = 0; i < campaign->jobs; i++)
		job_kill(&job[i]);
}

static void
print_summary(const struct campaign *campaign)
{
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	printf("%s%" PRIu64 " seeds from %" PRIu64 ", %.2f hours of line time, "
	       "%" PRIu64 " frames, %" PRIu64 " messages, commit %s: %" PRIu64
	       " passed, %" PRIu64 " failed\n",
	    campaign->tap ? "# " : "", campaign->ended, campaign->seed,
	    hours_done(campaign), campaign->frames, campaign->messages,
	    SIM_COMMIT, campaign->ended - campaign->failed, campaign->failed);
	if (interrupted)
		printf("%sinterrupted: %" PRIu64 " seeds under way are not "
		       "counted\n",
		    campaign->tap ? "# " : "",
		    campaign->started - campaign->ended);
}

static void
print_counts(const struct campaign *campaign)
{
	printf("# slowest to heal: seed %" PRIu64 ", %.0f %% of its bound\n",
	    campaign->settle_worst_seed, 100 * campaign->settle_worst);
	for (int i = 0; i < TROUBLE_COUNT; i++)
		printf("# trouble %s: %" PRIu64 " datagrams\n",
		    trouble_name((enum trouble)i), campaign->struck[i]);
	for (int i = 0; i < PLOY_COUNT; i++)
		printf("# ploy %s: %" PRIu64 " datagrams\n",
		    ploy_name((enum ploy)i), campaign->ployed[i]);
	for (int i = 0; i < LIE_COUNT; i++)
		printf("# lie %s: %" PRIu64 " frames\n", lie_name((enum lie)i),
		    campaign->lies[i]);
	for (int i = 0; i < INCIDENT_COUNT; i++)
		printf("# incident %s: %" PRIu64 " times\n",
		    incident_name((enum incident_kind)i),
		    campaign->incidents[i]);
	printf("# cadence changed: %" PRIu64 " times\n", campaign->changes);
}

static bool
is_whole(const uint64_t *counts, int rows)
{
	for (int i = 0; i < rows; i++) {
		if (counts[i] == 0)
			return false;
	}
	return true;
}

/* A table whose rows never come up proves nothing. */
static bool
has_reached_all(const struct campaign *campaign)
{
	return is_whole(campaign->struck, TROUBLE_COUNT) &&
	    is_whole(campaign->ployed, PLOY_COUNT) &&
	    is_whole(campaign->lies, LIE_COUNT) &&
	    is_whole(campaign->incidents, INCIDENT_COUNT) &&
	    campaign->changes > 0;
}

static bool
print_tap(const struct campaign *campaign)
{
	bool reached = has_reached_all(campaign);
	bool few = campaign->ended < CAMPAIGN_REACH_SEEDS_MIN;

	printf("1..%d\n", CHECK_COUNT + 1);
	for (int i = 0; i < CHECK_COUNT; i++)
		printf("%s %d - %s: %s\n",
		    campaign->failures[i] == 0 ? "ok" : "not ok", i + 1,
		    check_name((enum check)i), check_claim((enum check)i));
	if (few)
		printf("ok %d - reach # SKIP too few seeds\n", CHECK_COUNT + 1);
	else
		printf("%s %d - reach: every row of every table came up\n",
		    reached ? "ok" : "not ok", CHECK_COUNT + 1);
	return reached || few;
}

bool
campaign_run(struct campaign *campaign)
{
	bool ok;

	run_jobs(campaign);
	print_summary(campaign);
	if (campaign->verbose || campaign->tap)
		print_counts(campaign);
	ok = campaign->failed == 0 && !interrupted;
	if (campaign->tap)
		ok = print_tap(campaign) && ok;
	return ok;
}
