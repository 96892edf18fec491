#include "figure.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char *
goal_text(enum figure_goal goal)
{
	switch (goal) {
	case FIGURE_NONE:
		return "-";
	case FIGURE_RATIO_AT_MOST:
		return "ratio <=";
	case FIGURE_RATIO_AT_LEAST:
		return "ratio >=";
	case FIGURE_VALUE_AT_MOST:
		return "value <=";
	case FIGURE_VALUE_AT_LEAST:
		return "value >=";
	}
	assert(!"a goal has a text");
}

void
figure_print(const struct figure *figure)
{
	printf("figure\t%s\t%.6g\t%s\t%s\t%.6g\t%s", figure->name,
	    figure->value, figure->unit, figure->reference,
	    figure->reference_value, goal_text(figure->goal));
	if (figure->goal != FIGURE_NONE)
		printf(" %.6g", figure->bound);
	printf("\n");
	(void)fflush(stdout);
}

void
figure_progress(const char *what)
{
	fprintf(stderr, "  %s\n", what);
}

_Noreturn void
figure_fail(const char *why)
{
	fprintf(stderr, "bench: %s\n", why);
	exit(1);
}

double
figure_cpu_ns(void)
{
	struct timespec used;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == -1)
		abort();
	return (double)used.tv_sec * 1e9 + (double)used.tv_nsec;
}

static int
compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

double
figure_quantile(double *values, size_t n, double share)
{
	size_t at;

	assert(n > 0 && share >= 0 && share <= 1);
	qsort(values, n, sizeof(*values), compare);
	at = (size_t)(share * (double)n);
	return values[at < n ? at : n - 1];
}
