/*
 * quietline-sim: the whole of a line, two posts and the network between them,
 * in one process, in simulated time, from one seed.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/crypto.h"
#include "sim/campaign.h"
#include "sim/job.h"
#include "sim/pick.h"
#include "sim/shrink.h"

enum { TAP_SEEDS = 700 };

struct sim {
	struct campaign campaign;
	struct pick pick;
	bool shrinks;
};

static void
usage(FILE *out)
{
	fputs(
	    "usage: quietline-sim [--seed N] [--seeds COUNT] [--hours H] [--jobs J]\n"
	    "                     [--only LIST] [--slots S] [--tap] [--verbose]\n"
	    "       quietline-sim --shrink N [--only LIST] [--slots S]\n"
	    "\n"
	    "Runs two posts and a bad network in simulated time, and checks that nothing\n"
	    "is lost, doubled, out of order or visible.  Everything follows from the seed.\n"
	    "\n"
	    "  --seed N        the (first) seed; 1\n"
	    "  --seeds COUNT   so many seeds from there; 1, with --tap 700\n"
	    "  --hours H       as many seeds as it takes for so much line time\n"
	    "  --only LIST     nothing of the seed but these (numbers, or none)\n"
	    "  --shrink N      makes the failing seed small, and prints what is left\n"
	    "  --slots S       with troubles, so many slots; else as the seed says\n"
	    "  --jobs J        seeds at once; as many as there are processors\n"
	    "  --tap           one TAP line for each check\n"
	    "  --verbose       what happens, as it happens\n"
	    "\n"
	    "Example: quietline-sim --seed 7 --verbose\n",
	    out);
}

static uint64_t
number_of(const char *text, uint64_t least, uint64_t most)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || *text == '-' ||
	    value < least || value > most) {
		fprintf(stderr,
		    "quietline-sim: %s is not a number from "
		    "%" PRIu64 " to %" PRIu64 "\n",
		    text, least, most);
		exit(2);
	}
	return value;
}

static double
hours_of(const char *text)
{
	char *end;
	double hours = strtod(text, &end);

	if (end == text || *end != '\0' || !(hours > 0) || hours > 1e9) {
		fprintf(stderr, "quietline-sim: %s is not a number of hours\n",
		    text);
		exit(2);
	}
	return hours;
}

static void
read_option(struct sim *sim, int option)
{
	struct campaign *campaign = &sim->campaign;

	switch (option) {
	case 's':
		campaign->seed = number_of(optarg, 0, UINT64_MAX);
		break;
	case 'n':
		campaign->seeds = number_of(optarg, 1, CAMPAIGN_SEEDS_MAX);
		break;
	case 'h':
		campaign->hours = hours_of(optarg);
		break;
	case 'o':
		if (pick_parse(&sim->pick, optarg))
			break;
		fprintf(stderr, "quietline-sim: %s is not a list of numbers\n",
		    optarg);
		exit(2);
	case 'k':
		sim->shrinks = true;
		campaign->seed = number_of(optarg, 0, UINT64_MAX);
		break;
	case 'l':
		sim->pick.slots = number_of(optarg, 1, UINT32_MAX);
		break;
	case 'j':
		campaign->jobs = (unsigned)number_of(optarg, 1, JOBS_MAX);
		break;
	case 't':
		campaign->tap = true;
		break;
	case 'v':
		campaign->verbose = true;
		break;
	default:
		usage(optopt == 0 && option == '?' ? stdout : stderr);
		exit(optopt == 0 && option == '?' ? 0 : 2);
	}
}

static void
read_options(struct sim *sim, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "seeds", required_argument, NULL, 'n' },
		{ "hours", required_argument, NULL, 'h' },
		{ "only", required_argument, NULL, 'o' },
		{ "slots", required_argument, NULL, 'l' },
		{ "shrink", required_argument, NULL, 'k' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "tap", no_argument, NULL, 't' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, '?' },
		{ NULL, 0, NULL, 0 },
	};
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct campaign *campaign = &sim->campaign;
	int option;

	campaign->seed = 1;
	campaign->pick = &sim->pick;
	campaign->jobs =
	    processors > 0 && processors < JOBS_MAX ? (unsigned)processors : 1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		read_option(sim, option);
	if (optind < argc) {
		usage(stderr);
		exit(2);
	}
	if (campaign->seeds == 0 && campaign->hours > 0)
		campaign->seeds = CAMPAIGN_SEEDS_MAX;
	else if (campaign->seeds == 0)
		campaign->seeds = campaign->tap ? TAP_SEEDS : 1;
}

static void
on_signal(int number)
{
	campaign_interrupt(number);
	shrink_interrupt(number);
}

int
main(int argc, char *argv[])
{
	struct sigaction action = { .sa_handler = on_signal };
	static struct sim sim;
	bool ok;

	read_options(&sim, argc, argv);
	/* So that an interrupted run says what was done. */
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	/* Posts that live through bad days say so; only --verbose shows it. */
	if (!sim.campaign.verbose)
		log_open(STDERR_FILENO, "sim", LOG_LEVEL_FATAL);
	crypto_init();
	if (sim.shrinks)
		ok = shrink_run(sim.campaign.seed, &sim.pick);
	else
		ok = campaign_run(&sim.campaign);
	return ok ? 0 : 1;
}
