/*
 * quietline-sim: the whole of a line, two posts and the network between them,
 * in one process, in simulated time, from one seed.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/wait.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/crypto.h"
#include "sim/folder.h"
#include "sim/trial.h"

enum {
	JOBS_MAX = 64,
	SEEDS_MAX = 10000000,
	/* One seed in so many is run twice. */
	AGAIN_EVERY = 8,
	/* From so many on, every trouble and incident must have come up. */
	REACH_SEEDS_MIN = 24,
	/* A run that takes longer hangs. */
	TRIAL_S_MAX = 1800,
};

struct sim {
	uint64_t seed;
	uint64_t seeds;
	double hours;
	unsigned jobs;
	bool tap;
	bool verbose;
	char root[FOLDER_PATH_BYTES];

	uint64_t started;
	uint64_t ended;
	uint64_t line_ns;
	uint64_t frames;
	uint64_t messages;
	double settle_worst; /* share of its bound that healing took */
	uint64_t settle_worst_seed;
	uint64_t struck[TROUBLE_COUNT];
	uint64_t incidents[INCIDENT_COUNT];
	uint64_t failures[CHECK_COUNT];
	uint64_t failed;
};

/* One seed under way in a process of its own, so that a crash is a result. */
struct job {
	pid_t pid; /* 0: free */
	int pipe;
	uint64_t seed;
	char root[FOLDER_PATH_BYTES];
};

/* So that an interrupted run leaves no folder behind. */
static volatile sig_atomic_t interrupted;

static void
on_signal(int number)
{
	interrupted = number;
}

static void
usage(FILE *out)
{
	fputs(
	    "usage: quietline-sim [--seed N] [--seeds COUNT] [--hours H] [--jobs J]\n"
	    "                     [--tap] [--verbose]\n"
	    "\n"
	    "Runs two posts and a bad network in simulated time, and checks that nothing\n"
	    "is lost, doubled, out of order or visible.  Everything follows from the seed.\n"
	    "\n"
	    "  --seed N       the (first) seed; 1\n"
	    "  --seeds COUNT  so many seeds from there; 1, with --tap 96\n"
	    "  --hours H      of line time with troubles for each; else as the seed says\n"
	    "  --jobs J       seeds at once; as many as there are processors\n"
	    "  --tap          one TAP line for each check\n"
	    "  --verbose      what happens, as it happens\n"
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

	if (end == text || *end != '\0' || !(hours > 0) || hours > 1e6) {
		fprintf(stderr, "quietline-sim: %s is not a number of hours\n",
		    text);
		exit(2);
	}
	return hours;
}

static void
read_options(struct sim *sim, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "seeds", required_argument, NULL, 'n' },
		{ "hours", required_argument, NULL, 'h' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "tap", no_argument, NULL, 't' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, '?' },
		{ NULL, 0, NULL, 0 },
	};
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	int option;

	sim->seed = 1;
	sim->jobs =
	    processors > 0 && processors < JOBS_MAX ? (unsigned)processors : 1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 's':
			sim->seed = number_of(optarg, 0, UINT64_MAX);
			break;
		case 'n':
			sim->seeds = number_of(optarg, 1, SEEDS_MAX);
			break;
		case 'h':
			sim->hours = hours_of(optarg);
			break;
		case 'j':
			sim->jobs = (unsigned)number_of(optarg, 1, JOBS_MAX);
			break;
		case 't':
			sim->tap = true;
			break;
		case 'v':
			sim->verbose = true;
			break;
		default:
			usage(optopt == 0 && option == '?' ? stdout : stderr);
			exit(optopt == 0 && option == '?' ? 0 : 2);
		}
	}
	if (optind < argc) {
		usage(stderr);
		exit(2);
	}
	/* Of a minute or two on two processors. */
	if (sim->seeds == 0)
		sim->seeds = sim->tap ? 96 : 1;
}

static void
job_start(struct job *job, struct sim *sim)
{
	struct trial_options options = {
		.hours = sim->hours,
		.verbose = sim->verbose,
		.root = job->root,
	};
	struct run_result result;
	int ends[2];

	job->seed = sim->seed + sim->started++;
	options.again = job->seed % AGAIN_EVERY == 0;
	folder_path(job->root, sim->root, "seed", job->seed);
	folder_make(job->root);
	if (pipe2(ends, O_CLOEXEC) != 0)
		fatal("sim: no pipe");
	(void)fflush(NULL);
	if ((job->pid = fork()) < 0)
		fatal("sim: no process");
	if (job->pid == 0) {
		(void)close(ends[0]);
		(void)signal(SIGINT, SIG_DFL);
		(void)signal(SIGTERM, SIG_DFL);
		(void)alarm(TRIAL_S_MAX);
		trial_run(&result, job->seed, &options);
		if (write(ends[1], &result, sizeof(result)) !=
		    (ssize_t)sizeof(result))
			_exit(1);
		exit(0);
	}
	(void)close(ends[1]);
	job->pipe = ends[0];
}

/* What the job says, or that it ended without saying anything. */
static void
job_end(struct job *job, struct run_result *result)
{
	ssize_t len = read(job->pipe, result, sizeof(*result));
	int status = 0;

	(void)close(job->pipe);
	(void)waitpid(job->pid, &status, 0);
	folder_remove(job->root);
	job->pid = 0;
	if (len == (ssize_t)sizeof(*result) && status == 0)
		return;
	*result = (struct run_result){ .failed = true, .check = CHECK_ALIVE };
	(void)snprintf(result->say, sizeof(result->say),
	    WIFSIGNALED(status) ? "ended by signal %d" : "ended with %d",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

static void
take_result(struct sim *sim, uint64_t seed, const struct run_result *result)
{
	double share = result->settle_slots_bound == 0
	    ? 0
	    : (double)result->settle_slots / (double)result->settle_slots_bound;

	sim->ended++;
	sim->line_ns += result->end_ns - result->start_ns;
	sim->frames += result->frames;
	sim->messages += result->messages;
	for (int i = 0; i < TROUBLE_COUNT; i++)
		sim->struck[i] += result->struck[i];
	for (int i = 0; i < INCIDENT_COUNT; i++)
		sim->incidents[i] += result->incidents[i];
	if (share > sim->settle_worst) {
		sim->settle_worst = share;
		sim->settle_worst_seed = seed;
	}
	if (result->failed) {
		sim->failed++;
		sim->failures[result->check]++;
		printf("%sseed %" PRIu64 ": check %s: %s, at %.6f s\n",
		    sim->tap ? "# " : "", seed, check_name(result->check),
		    result->say, (double)result->fail_ns / CLOCK_NS_PER_S);
		(void)fflush(stdout);
	}
	if (isatty(STDERR_FILENO))
		fprintf(stderr,
		    "\r%" PRIu64 " of %" PRIu64 " seeds, %" PRIu64 " failed ",
		    sim->ended, sim->seeds, sim->failed);
}

/* Waits for any job to say something, and takes it. */
static void
wait_for_job(struct sim *sim, struct job *job)
{
	struct pollfd ready[JOBS_MAX];
	struct run_result result;

	for (unsigned i = 0; i < sim->jobs; i++)
		ready[i] = (struct pollfd){
			.fd = job[i].pid != 0 ? job[i].pipe : -1,
			.events = POLLIN,
		};
	if (poll(ready, sim->jobs, -1) < 0)
		return;
	for (unsigned i = 0; i < sim->jobs; i++) {
		if (ready[i].revents == 0)
			continue;
		job_end(&job[i], &result);
		take_result(sim, job[i].seed, &result);
	}
}

static void
run_jobs(struct sim *sim)
{
	struct job job[JOBS_MAX] = { 0 };

	while (sim->ended < sim->seeds && !interrupted) {
		for (unsigned i = 0; i < sim->jobs; i++) {
			if (job[i].pid == 0 && sim->started < sim->seeds)
				job_start(&job[i], sim);
		}
		wait_for_job(sim, job);
	}
	for (unsigned i = 0; i < sim->jobs; i++) {
		struct run_result result;

		if (job[i].pid == 0)
			continue;
		(void)kill(job[i].pid, SIGTERM);
		job_end(&job[i], &result);
	}
}

static void
print_summary(const struct sim *sim)
{
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	printf("%s%" PRIu64 " seeds, %.2f hours of line time, %" PRIu64
	       " frames, %" PRIu64 " messages: %" PRIu64 " passed, %" PRIu64
	       " failed\n",
	    sim->tap ? "# " : "", sim->ended,
	    (double)sim->line_ns / CLOCK_NS_PER_S / 3600, sim->frames,
	    sim->messages, sim->ended - sim->failed, sim->failed);
	if (!sim->verbose && !sim->tap)
		return;
	printf("# slowest to heal: seed %" PRIu64 ", %.0f %% of its bound\n",
	    sim->settle_worst_seed, 100 * sim->settle_worst);
	for (int i = 0; i < TROUBLE_COUNT; i++)
		printf("# %s: %" PRIu64 " datagrams\n",
		    trouble_name((enum trouble)i), sim->struck[i]);
	for (int i = 0; i < INCIDENT_COUNT; i++)
		printf("# %s: %" PRIu64 " times\n",
		    incident_name((enum incident_kind)i), sim->incidents[i]);
}

/* A table whose rows never come up proves nothing. */
static bool
has_reached_all(const struct sim *sim)
{
	for (int i = 0; i < TROUBLE_COUNT; i++) {
		if (sim->struck[i] == 0)
			return false;
	}
	for (int i = 0; i < INCIDENT_COUNT; i++) {
		if (sim->incidents[i] == 0)
			return false;
	}
	return true;
}

static bool
print_tap(const struct sim *sim)
{
	bool reached = has_reached_all(sim);

	printf("1..%d\n", CHECK_COUNT + 1);
	for (int i = 0; i < CHECK_COUNT; i++)
		printf("%s %d - %s: %s\n",
		    sim->failures[i] == 0 ? "ok" : "not ok", i + 1,
		    check_name((enum check)i), check_claim((enum check)i));
	if (sim->seeds < REACH_SEEDS_MIN)
		printf("ok %d - reach # SKIP too few seeds\n", CHECK_COUNT + 1);
	else
		printf("%s %d - reach: every trouble and incident came up\n",
		    reached ? "ok" : "not ok", CHECK_COUNT + 1);
	return reached || sim->seeds < REACH_SEEDS_MIN;
}

int
main(int argc, char *argv[])
{
	struct sigaction action = { .sa_handler = on_signal };
	struct sim sim = { 0 };
	bool ok;

	read_options(&sim, argc, argv);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	/* Posts that live through bad days say so; only --verbose shows it. */
	if (!sim.verbose)
		log_open(STDERR_FILENO, "sim", LOG_LEVEL_ERROR);
	crypto_init();
	folder_new_root(sim.root);
	run_jobs(&sim);
	folder_remove(sim.root);
	print_summary(&sim);
	ok = sim.failed == 0 && sim.ended == sim.seeds;
	if (sim.tap)
		ok = print_tap(&sim) && ok;
	return ok ? 0 : 1;
}
