#include "sim/job.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/wait.h>

#include "base/log.h"

static void
be_the_job(const struct job *job, int pipe, const struct trial_options *options)
{
	struct run_result result;

	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	(void)alarm(JOB_S_MAX);
	trial_run(&result, job->seed, options);
	if (write(pipe, &result, sizeof(result)) != (ssize_t)sizeof(result))
		_exit(1);
	exit(0);
}

void
job_start(struct job *job, uint64_t seed, const struct trial_options *options)
{
	int ends[2];

	job->seed = seed;
	if (pipe2(ends, O_CLOEXEC) != 0)
		fatal("sim: no pipe");
	(void)fflush(NULL);
	if ((job->pid = fork()) < 0)
		fatal("sim: no process");
	if (job->pid == 0) {
		(void)close(ends[0]);
		be_the_job(job, ends[1], options);
	}
	(void)close(ends[1]);
	job->pipe = ends[0];
}

void
job_end(struct job *job, struct run_result *result)
{
	ssize_t len = read(job->pipe, result, sizeof(*result));
	int status = 0;

	(void)close(job->pipe);
	(void)waitpid(job->pid, &status, 0);
	job->pid = 0;
	if (len == (ssize_t)sizeof(*result) && status == 0)
		return;
	*result = (struct run_result){ .failed = true, .check = CHECK_ALIVE };
	(void)snprintf(result->say, sizeof(result->say),
	    WIFSIGNALED(status) ? "ended by signal %d" : "ended with %d",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

void
job_kill(struct job *job)
{
	struct run_result result;

	if (job->pid == 0)
		return;
	(void)kill(job->pid, SIGTERM);
	job_end(job, &result);
}
